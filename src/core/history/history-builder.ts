/** Collects visible ledger cells, in order of day and user, into an `AccountHistory`. */
import type { Day } from '../time/calendar.ts';
import { addAmounts } from './amount.ts';
import type { CellExtras } from './columns.ts';
import type { EventMeaning, EventMeanings } from './event-meanings.ts';
import type { AccountHistory, DayCounts, FeatureHistory, UserHistory } from './history.ts';
import { IntPool } from './int-pool.ts';

const USER_WINDOW_DAYS = 30;

/** Sorted days with a count for each; `add` wants days that never fall. */
class Tally {
  /** day, count, day, count... */
  readonly entries: number[] = [];

  add(day: Day, count: number): void {
    const last = this.entries.length - 2;
    if (last >= 0 && this.entries[last] === day) this.entries[last + 1]! += count;
    else this.entries.push(day, count);
  }

  finish(pool: IntPool): DayCounts {
    return { days: pool.copy(this.entries, 0, 2), counts: pool.copy(this.entries, 1, 2) };
  }
}

class UserState {
  readonly userId: string;
  /** First day on which the user is no longer with the account. */
  readonly end: Day;
  /** -1 until the first visible event. */
  index = -1;
  readonly active: Day[] = [];
  readonly seen: Day[] = [];
  readonly sessions = new Tally();
  readonly features = new Map<number, Tally>();

  constructor(userId: string, end: Day) {
    this.userId = userId;
    this.end = end;
  }
}

class FeatureState {
  readonly featureId: string;
  readonly index: number;
  readonly use = new Tally();
  readonly useDay: Day[] = [];
  readonly useUser: number[] = [];

  constructor(featureId: string, index: number) {
    this.featureId = featureId;
    this.index = index;
  }

  addUser(day: Day, user: number): void {
    const last = this.useDay.length - 1;
    if (last >= 0 && this.useDay[last] === day && this.useUser[last] === user) return;
    this.useDay.push(day);
    this.useUser.push(user);
  }
}

class EventState {
  readonly name: string;
  readonly meaning: EventMeaning;
  readonly tally = new Tally();
  /** It says more than that it happened. */
  readonly measured: boolean;
  /** Of its features; filled at the first visible cell. */
  features: readonly FeatureState[] = [];

  constructor(name: string, meaning: EventMeaning) {
    this.name = name;
    this.meaning = meaning;
    this.measured = meaning.meters.length > 0 || meaning.isGatedAttempt || meaning.isWorkflow;
  }
}

export class HistoryBuilder {
  private readonly start: Day;
  private readonly length: number;
  private readonly eventsPerUserDay: number;
  private readonly volume: Float64Array;
  private readonly users = new Map<string, UserState>();
  private readonly seenUsers: UserState[] = [];
  private readonly features = new Map<string, FeatureState>();
  private readonly events = new Map<string, EventState>();
  private readonly seenEvents: EventState[] = [];
  private readonly meters = new Map<string, Float64Array>();
  private readonly gated = new Map<string, Tally>();
  private readonly crossProduct: { day: Day; products: string[] }[] = [];
  private firstEventDay: Day | undefined;
  private hasUserIds = false;
  // value events of the user and day being read
  private blockDay: Day = Number.NaN;
  private blockUser: UserState | null = null;
  private blockEvents = 0;

  constructor(start: Day, end: Day, eventsPerUserDay: number) {
    this.start = start;
    this.length = Math.max(0, end - start + 1);
    this.eventsPerUserDay = eventsPerUserDay;
    this.volume = new Float64Array(this.length);
  }

  /** `end`: first day on which the user is no longer with the account. */
  user(userId: string, end: Day): UserState {
    let user = this.users.get(userId);
    if (user === undefined) {
      user = new UserState(userId, end);
      this.users.set(userId, user);
    }
    return user;
  }

  event(name: string, meanings: EventMeanings): EventState {
    let event = this.events.get(name);
    if (event === undefined) {
      event = new EventState(name, meanings.of(name));
      this.events.set(name, event);
    }
    return event;
  }

  /** A visible cell. `user` null: the event named none. Days never fall, and a day's cells come user by user. */
  add(day: Day, user: UserState | null, event: EventState, count: number): void {
    if (event.tally.entries.length === 0) this.introduce(event);
    event.tally.add(day, count);
    this.firstEventDay ??= day;
    const present = user !== null && day < user.end;
    if (user !== null) {
      this.hasUserIds = true;
      if (present) this.addPresence(day, user, event, count);
    }
    if (event.features.length === 0) return;
    if (day !== this.blockDay || user !== this.blockUser) this.closeBlock(day, user);
    this.blockEvents += count;
    if (present && user.active[user.active.length - 1] !== day) user.active.push(day);
    for (const feature of event.features) {
      feature.use.add(day, count);
      if (user === null) feature.addUser(day, -1);
      else if (present) {
        feature.addUser(day, user.index);
        tallyOf(user.features, feature.index).add(day, count);
      }
    }
  }

  /** What a cell says beyond its count; call after `add`. */
  addMeasures(day: Day, event: EventState, count: number, extras: CellExtras | undefined): void {
    const { meters, isGatedAttempt, isWorkflow } = event.meaning;
    for (const { id, amountProperty } of meters) {
      const sum = extras?.sums.find(([name]) => name === amountProperty)?.[1] ?? count;
      let amounts = this.meters.get(id);
      if (amounts === undefined) {
        amounts = new Float64Array(this.length);
        this.meters.set(id, amounts);
      }
      amounts[day - this.start] = addAmounts(amounts[day - this.start]!, sum);
    }
    if (isGatedAttempt) {
      let named = 0;
      for (const [label, labelled] of extras?.labels ?? []) {
        tallyOf(this.gated, label).add(day, labelled);
        named += labelled;
      }
      if (named < count) tallyOf(this.gated, '').add(day, count - named);
    } else if (isWorkflow) {
      for (const [label] of extras?.labels ?? []) if (label.includes(',')) this.addCrossProduct(day, label.split(','));
    }
  }

  finish(): AccountHistory {
    this.closeBlock(Number.NaN, null);
    const { start, length, volume } = this;
    const pool = new IntPool(this.poolSize());
    const cumulativeVolume = new Float64Array(length + 1);
    const cumulativeActiveDays = pool.zeros(length + 1);
    for (let i = 0; i < length; i++) {
      cumulativeVolume[i + 1] = cumulativeVolume[i]! + volume[i]!;
      cumulativeActiveDays[i + 1] = cumulativeActiveDays[i]! + (volume[i]! > 0 ? 1 : 0);
    }
    return {
      start,
      length,
      volume,
      cumulativeVolume,
      cumulativeActiveDays,
      ...this.userCounts(pool),
      hasUserIds: this.hasUserIds,
      users: this.seenUsers.map((user) => finishUser(user, pool)),
      features: Array.from(this.features.values(), (feature) => finishFeature(feature, pool)),
      events: new Map(this.seenEvents.map((event) => [event.name, event.tally.finish(pool)])),
      meters: this.meters,
      gatedAttempts: new Map(Array.from(this.gated, ([feature, tally]) => [feature, tally.finish(pool)])),
      crossProductDays: this.crossProduct,
      firstEventDay: this.firstEventDay,
      kept: new Map(),
    };
  }

  /** Numbers in all the integer arrays of the history. */
  private poolSize(): number {
    let size = 4 * this.length + 1;
    for (const user of this.seenUsers) {
      size += user.active.length + user.seen.length + user.sessions.entries.length;
      for (const tally of user.features.values()) size += tally.entries.length;
    }
    for (const feature of this.features.values()) size += feature.use.entries.length + 2 * feature.useDay.length;
    for (const event of this.seenEvents) size += event.tally.entries.length;
    for (const tally of this.gated.values()) size += tally.entries.length;
    return size;
  }

  private introduce(event: EventState): void {
    this.seenEvents.push(event);
    event.features = event.meaning.features.map((id) => {
      let feature = this.features.get(id);
      if (feature === undefined) {
        feature = new FeatureState(id, this.features.size);
        this.features.set(id, feature);
      }
      return feature;
    });
  }

  private addPresence(day: Day, user: UserState, event: EventState, count: number): void {
    if (user.index < 0) user.index = this.seenUsers.push(user) - 1;
    if (user.seen[user.seen.length - 1] !== day) user.seen.push(day);
    if (event.meaning.isSession) user.sessions.add(day, count);
  }

  private closeBlock(nextDay: Day, nextUser: UserState | null): void {
    if (this.blockEvents > 0) {
      this.volume[this.blockDay - this.start]! += Math.min(this.blockEvents, this.eventsPerUserDay);
    }
    this.blockDay = nextDay;
    this.blockUser = nextUser;
    this.blockEvents = 0;
  }

  private addCrossProduct(day: Day, products: string[]): void {
    for (let i = this.crossProduct.length - 1; i >= 0 && this.crossProduct[i]!.day === day; i--) {
      if (this.crossProduct[i]!.products.join() === products.join()) return;
    }
    this.crossProduct.push({ day, products });
  }

  private userCounts(pool: IntPool): Pick<AccountHistory, 'activeUsers' | 'activeUsers30' | 'usersSeen'> {
    const { start, length } = this;
    const activeUsers = pool.zeros(length);
    const activeUsers30 = pool.zeros(length);
    const usersSeen = pool.zeros(length);
    for (const user of this.seenUsers) {
      const end = Math.min(user.end - start, length);
      addRange(usersSeen, user.seen[0]! - start, end);
      let counted = 0; // first index for which the user is not counted yet
      for (const day of user.active) {
        activeUsers[day - start]!++;
        const to = Math.min(day - start + USER_WINDOW_DAYS, end);
        addRange(activeUsers30, Math.max(day - start, counted), to);
        counted = to;
      }
    }
    sumUp(activeUsers30);
    sumUp(usersSeen);
    return { activeUsers, activeUsers30, usersSeen };
  }
}

/** Notes the steps of +1 on [from, to); `sumUp` turns steps into levels. */
function addRange(steps: Int32Array, from: number, to: number): void {
  if (to <= from) return;
  steps[from]!++;
  if (to < steps.length) steps[to]!--;
}

function sumUp(steps: Int32Array): void {
  for (let i = 1; i < steps.length; i++) steps[i]! += steps[i - 1]!;
}

function tallyOf<K>(tallies: Map<K, Tally>, key: K): Tally {
  let tally = tallies.get(key);
  if (tally === undefined) {
    tally = new Tally();
    tallies.set(key, tally);
  }
  return tally;
}

function finishUser(user: UserState, pool: IntPool): UserHistory {
  const sessions = user.sessions.finish(pool);
  const features = new Map<number, DayCounts>();
  for (const [feature, tally] of user.features) features.set(feature, tally.finish(pool));
  return {
    userId: user.userId,
    activeDays: pool.copy(user.active),
    seenDays: pool.copy(user.seen),
    sessionDays: sessions.days,
    sessionCounts: sessions.counts,
    features,
  };
}

function finishFeature(feature: FeatureState, pool: IntPool): FeatureHistory {
  return {
    featureId: feature.featureId,
    use: feature.use.finish(pool),
    useDay: pool.copy(feature.useDay),
    useUser: pool.copy(feature.useUser),
  };
}
