/** For tests: every answer of a history, recomputed from raw events alone with sets and filters; shares no code with the ledger. */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Day, Instant, ZoneClock } from '../time/calendar.ts';
import type { LedgerEvent } from './ledger.ts';

interface NaiveInput {
  events: readonly (LedgerEvent & { messageId: string })[];
  catalogue: Catalogue;
  clock: ZoneClock;
  knownAt: Instant;
  start: Day;
  end: Day;
  userEnds: ReadonlyMap<string, Day>;
  internalUsers: ReadonlySet<string>;
}

interface NaiveEvent extends LedgerEvent {
  day: Day;
}

export class NaiveHistory {
  readonly events: NaiveEvent[];
  private readonly input: NaiveInput;

  constructor(input: NaiveInput) {
    this.input = input;
    // a record sent twice counts once, as known at its earliest receipt
    const earliest = new Map<string, LedgerEvent>();
    for (const event of input.events) {
      const before = earliest.get(event.messageId);
      if (before === undefined || event.receivedAt < before.receivedAt) earliest.set(event.messageId, event);
    }
    this.events = [...earliest.values()]
      .map((event) => ({ ...event, day: this.dayOf(event.timestamp) }))
      .filter((event) => {
        const dayEnds = input.clock.instantOf(event.day + 1);
        const visible = dayEnds <= input.knownAt && (event.receivedAt < dayEnds || event.receivedAt <= input.knownAt);
        const internal = event.userId !== null && input.internalUsers.has(event.userId);
        return visible && !internal && event.day >= input.start && event.day <= input.end;
      });
  }

  private dayOf(instant: Instant): Day {
    const date = Temporal.Instant.fromEpochMilliseconds(instant)
      .toZonedDateTimeISO(this.input.clock.timeZone)
      .toPlainDate();
    return Temporal.PlainDate.from('1970-01-01').until(date, { largestUnit: 'days' }).days;
  }

  featuresOf(event: string): string[] {
    const { catalogue } = this.input;
    if (catalogue.logins.includes(event)) return [];
    if (!catalogue.featuresDefaulted)
      return catalogue.features.filter((each) => each.events.includes(event)).map((each) => each.id);
    return event === 'login' || event === 'page' || event.startsWith('session') ? [] : [event];
  }

  value(from: Day, to: Day): NaiveEvent[] {
    return this.events.filter((each) => each.day >= from && each.day <= to && this.featuresOf(each.event).length > 0);
  }

  volume(from: Day, to: Day): number {
    const perUserDay = new Map<string, number>();
    for (const each of this.value(from, to)) {
      const key = JSON.stringify([each.day, each.userId]);
      perUserDay.set(key, (perUserDay.get(key) ?? 0) + 1);
    }
    return [...perUserDay.values()].reduce((sum, count) => sum + Math.min(50, count), 0);
  }

  activeDays(from: Day, to: Day): number {
    return new Set(this.value(from, to).map((each) => each.day)).size;
  }

  private isPresent(user: string | null, day: Day): user is string {
    return user !== null && day < (this.input.userEnds.get(user) ?? Number.POSITIVE_INFINITY);
  }

  /** Users with a value event in the window, present that day and still present on `asOf`. */
  activeUsers(from: Day, to: Day, asOf = Number.NEGATIVE_INFINITY): Set<string> {
    const users = new Set<string>();
    for (const each of this.value(from, to)) {
      if (this.isPresent(each.userId, each.day) && this.isPresent(each.userId, asOf)) users.add(each.userId);
    }
    return users;
  }

  usersSeen(day: Day): number {
    const users = new Set<string>();
    for (const each of this.events) {
      if (each.day <= day && this.isPresent(each.userId, each.day) && this.isPresent(each.userId, day))
        users.add(each.userId);
    }
    return users.size;
  }

  /** [day, events] of all events that `chosen` accepts. */
  daily(chosen: (event: NaiveEvent) => boolean): [Day, number][] {
    const days = new Map<Day, number>();
    for (const each of this.events) if (chosen(each)) days.set(each.day, (days.get(each.day) ?? 0) + 1);
    return [...days].sort((a, b) => a[0] - b[0]);
  }

  /** The same, of what the user did while present. */
  dailyOfUser(user: string, chosen: (event: NaiveEvent) => boolean): [Day, number][] {
    return this.daily((each) => each.userId === user && this.isPresent(user, each.day) && chosen(each));
  }

  presentUsers(): string[] {
    const users = new Set<string>();
    for (const each of this.events) if (this.isPresent(each.userId, each.day)) users.add(each.userId);
    return [...users].sort();
  }

  meter(id: string, from: Day, to: Day): number {
    const meter = this.input.catalogue.meters.find((each) => each.id === id)!;
    let sum = 0;
    for (const each of this.events) {
      if (each.event !== meter.event || each.day < from || each.day > to) continue;
      const amount = meter.amountProperty === null ? 1 : each.properties?.[meter.amountProperty];
      sum += typeof amount === 'number' ? amount : 1;
    }
    return sum;
  }
}
