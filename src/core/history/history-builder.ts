/** Collects visible ledger cells, in order of day and user, into an `AccountHistory`. */
import type { Day } from '../time/calendar.ts';
import { addAmounts } from './amount.ts';
import type { CellExtras } from './columns.ts';
import type { EventMeaning, EventMeanings } from './event-meanings.ts';
import type { AccountHistory, DayCounts, FeatureHistory, UserHistory } from './history.ts';
import { addRange, sumUp, zeros } from './steps.ts';

const USER_WINDOW_DAYS = 30;
/** No day, and no user's index. What was added last stands in a field: asked at index -1, a list is as slow as a dictionary. */
const NONE_YET = -(2 ** 30);

/** `add` wants days that never fall. */
class Tally implements DayCounts {
  readonly days: Day[] = [];
  readonly counts: number[] = [];
  private lastDay: Day = NONE_YET;

  add(day: Day, count: number): void {
    if (day === this.lastDay) this.counts[this.counts.length - 1]! += count;
    else {
      this.lastDay = day;
      this.days.push(day);
      this.counts.push(count);
    }
  }
}

class UserState implements UserHistory {
  readonly userId: string;
  /** First day on which the user is no longer with the account. */
  readonly end: Day;
  /** Place among the users; -1 until the first visible event. */
  index = -1;
  readonly activeDays: Day[] = [];
  readonly seenDays: Day[] = [];
  lastActive: Day = NONE_YET;
  lastSeen: Day = NONE_YET;
  readonly sessions = new Tally();

  constructor(userId: string, end: Day) {
    this.userId = userId;
    this.end = end;
  }
}

class FeatureState implements FeatureHistory {
  readonly featureId: string;
  /** Where one event alone is its use, that event's own tally. */
  readonly use: Tally;
  readonly useDay: Day[] = [];
  readonly useUser: number[] = [];
  readonly useCount: number[] = [];
  private lastDay: Day = NONE_YET;
  private lastUser = NONE_YET;

  constructor(featureId: string, use: Tally) {
    this.featureId = featureId;
    this.use = use;
  }

  /** A day's uses come user by user. */
  addUser(day: Day, user: number, count: number): void {
    if (user === this.lastUser && day === this.lastDay) this.useCount[this.useCount.length - 1]! += count;
    else {
      this.lastDay = day;
      this.lastUser = user;
      this.useDay.push(day);
      this.useUser.push(user);
      this.useCount.push(count);
    }
  }
}

class EventState {
  readonly name: string;
  readonly meaning: EventMeaning;
  readonly tally = new Tally();
  readonly isSession: boolean;
  /** It says more than that it happened. */
  readonly measured: boolean;
  /** Of its features and meters; filled at the first visible cell. */
  features: readonly FeatureState[] = [];
  meters: readonly { amountProperty: string | null; amounts: number[] }[] = [];

  constructor(name: string, meaning: EventMeaning) {
    this.name = name;
    this.meaning = meaning;
    this.isSession = meaning.isSession;
    this.measured = meaning.meters.length > 0 || meaning.isGatedAttempt || meaning.isWorkflow;
  }
}

export class HistoryBuilder {
  private readonly start: Day;
  private readonly length: number;
  private readonly eventsPerUserDay: number;
  private readonly volume: number[];
  private readonly users = new Map<string, UserState>();
  private readonly seenUsers: UserState[] = [];
  private readonly features = new Map<string, FeatureState>();
  private readonly events = new Map<string, EventState>();
  private readonly seenEvents = new Map<string, DayCounts>();
  private readonly meters = new Map<string, number[]>();
  private readonly gated = new Map<string, Tally>();
  private readonly crossProduct: { day: Day; products: string[] }[] = [];
  private readonly productLists: { label: string; products: string[]; lastDay: Day }[] = [];
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
    this.volume = zeros(this.length);
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
    if (event.tally.days.length === 0) this.introduce(day, event);
    event.tally.add(day, count);
    const present = user !== null && day < user.end;
    if (user !== null) {
      this.hasUserIds = true;
      if (present) this.addPresence(day, user, event, count);
    }
    const { features } = event;
    if (features.length === 0) return;
    if (day !== this.blockDay || user !== this.blockUser) this.closeBlock(day, user);
    this.blockEvents += count;
    if (present && user.lastActive !== day) {
      user.lastActive = day;
      user.activeDays.push(day);
    }
    for (let i = 0; i < features.length; i++) {
      const feature = features[i]!;
      if (feature.use !== event.tally) feature.use.add(day, count);
      if (user === null) feature.addUser(day, -1, count);
      else if (present) feature.addUser(day, user.index, count);
    }
  }

  /** What a cell says beyond its count; call after `add`. */
  addMeasures(day: Day, event: EventState, count: number, extras: CellExtras | undefined): void {
    for (const { amountProperty, amounts } of event.meters) {
      const index = day - this.start;
      amounts[index] = addAmounts(amounts[index]!, amountIn(extras, amountProperty) ?? count);
    }
    if (event.meaning.isGatedAttempt) {
      let named = 0;
      for (const [label, labelled] of extras?.labels ?? []) {
        this.addGated(label, day, labelled);
        named += labelled;
      }
      if (named < count) this.addGated('', day, count - named);
    } else if (event.meaning.isWorkflow && extras !== undefined) {
      for (const [label] of extras.labels) if (label.includes(',')) this.addCrossProduct(day, label);
    }
  }

  finish(): AccountHistory {
    this.closeBlock(Number.NaN, null);
    const { start, length, volume } = this;
    const cumulativeVolume = zeros(length + 1);
    const cumulativeActiveDays = zeros(length + 1);
    for (let i = 0; i < length; i++) {
      cumulativeVolume[i + 1] = cumulativeVolume[i]! + volume[i]!;
      cumulativeActiveDays[i + 1] = cumulativeActiveDays[i]! + (volume[i]! > 0 ? 1 : 0);
    }
    const { activeUsers, activeUsers30, usersSeen } = this.userCounts();
    return {
      start,
      length,
      volume,
      cumulativeVolume,
      cumulativeActiveDays,
      activeUsers,
      activeUsers30,
      usersSeen,
      hasUserIds: this.hasUserIds,
      users: this.seenUsers,
      features: [...this.features.values()],
      events: this.seenEvents,
      meters: this.meters,
      gatedAttempts: this.gated,
      crossProductDays: this.crossProduct,
      firstEventDay: this.firstEventDay,
      kept: new Map(),
    };
  }

  private introduce(day: Day, event: EventState): void {
    this.firstEventDay ??= day;
    this.seenEvents.set(event.name, event.tally);
    event.features = event.meaning.features.map((id) => {
      let feature = this.features.get(id);
      if (feature === undefined) {
        feature = new FeatureState(id, event.meaning.isOnlyUse ? event.tally : new Tally());
        this.features.set(id, feature);
      }
      return feature;
    });
    event.meters = event.meaning.meters.map(({ id, amountProperty }) => {
      let amounts = this.meters.get(id);
      if (amounts === undefined) {
        amounts = zeros(this.length);
        this.meters.set(id, amounts);
      }
      return { amountProperty, amounts };
    });
  }

  private addPresence(day: Day, user: UserState, event: EventState, count: number): void {
    if (user.index < 0) user.index = this.seenUsers.push(user) - 1;
    if (user.lastSeen !== day) {
      user.lastSeen = day;
      user.seenDays.push(day);
    }
    if (event.isSession) user.sessions.add(day, count);
  }

  private closeBlock(nextDay: Day, nextUser: UserState | null): void {
    if (this.blockEvents > 0) {
      this.volume[this.blockDay - this.start]! += Math.min(this.blockEvents, this.eventsPerUserDay);
    }
    this.blockDay = nextDay;
    this.blockUser = nextUser;
    this.blockEvents = 0;
  }

  private addGated(label: string, day: Day, count: number): void {
    let tally = this.gated.get(label);
    if (tally === undefined) {
      tally = new Tally();
      this.gated.set(label, tally);
    }
    tally.add(day, count);
  }

  /** `label`: the products, with commas between them. */
  private addCrossProduct(day: Day, label: string): void {
    let list = this.productLists.find((each) => each.label === label);
    if (list === undefined) {
      list = { label, products: label.split(','), lastDay: Number.NaN };
      this.productLists.push(list);
    }
    if (list.lastDay === day) return;
    list.lastDay = day;
    this.crossProduct.push({ day, products: list.products });
  }

  private userCounts(): Pick<AccountHistory, 'activeUsers' | 'activeUsers30' | 'usersSeen'> {
    const { start, length } = this;
    const activeUsers = zeros(length);
    const activeUsers30 = zeros(length);
    const usersSeen = zeros(length);
    for (const user of this.seenUsers) {
      const end = Math.min(user.end - start, length);
      addRange(usersSeen, user.seenDays[0]! - start, end);
      let counted = 0; // first index for which the user is not counted yet
      for (const day of user.activeDays) {
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

/** The sum of a measured property; undefined where the cell has none. */
function amountIn(extras: CellExtras | undefined, property: string | null): number | undefined {
  if (extras === undefined) return undefined;
  for (const [name, amount] of extras.sums) if (name === property) return amount;
  return undefined;
}
