/**
 * Series by day that follow from a history alone, made once and kept with it: reading one is a look into an array where a
 * walk over every user's days would be needed on every day of a replay. Indexed by `day - start`, as the history is.
 */
import { type Day, isBusinessDay } from '../time/calendar.ts';
import { Extreme } from './extreme.ts';
import { type AccountHistory, KeptInHistory } from './history.ts';
import { addRange, sumUp, zeros } from './steps.ts';
import { volumeIn } from './windows.ts';

const WEEK_DAYS = 7;

/** Users with a value event in the seven days that end on a day, and those of them who had one in the seven before too. */
export interface WeekUsers {
  active: readonly number[];
  returned: readonly number[];
}

/** Of the business days before a day (length + 1 entries): how many, and the active users of each added up. */
export interface BusinessDays {
  holidays: ReadonlySet<Day>;
  days: readonly number[];
  users: readonly number[];
}

export class Derived {
  /** Followed from day to day: the fewest active users of two windows, the largest volume of a week. */
  readonly fewestShort = new Extreme('lowest');
  readonly fewestLong = new Extreme('lowest');
  readonly largestWeek = new Extreme('highest');
  readonly #history: AccountHistory;
  #weekUsers: WeekUsers | undefined;
  #weekVolumes: readonly number[] | undefined;
  #businessDays: BusinessDays | undefined;

  constructor(history: AccountHistory) {
    this.#history = history;
  }

  weekUsers(): WeekUsers {
    this.#weekUsers ??= findWeekUsers(this.#history);
    return this.#weekUsers;
  }

  /** Volume of the seven days that end on each day. */
  weekVolumes(): readonly number[] {
    if (this.#weekVolumes === undefined) {
      const { start, length } = this.#history;
      const volumes = zeros(length);
      for (let i = 0; i < length; i++) volumes[i] = volumeIn(this.#history, start + i - WEEK_DAYS + 1, start + i);
      this.#weekVolumes = volumes;
    }
    return this.#weekVolumes;
  }

  businessDays(holidays: ReadonlySet<Day>): BusinessDays {
    if (this.#businessDays?.holidays !== holidays) this.#businessDays = findBusinessDays(this.#history, holidays);
    return this.#businessDays;
  }
}

const kept = new KeptInHistory<Derived>();

export function derivedOf(history: AccountHistory): Derived {
  let derived = kept.get(history);
  if (derived === undefined) {
    derived = new Derived(history);
    kept.set(history, derived);
  }
  return derived;
}

function findBusinessDays({ start, length, activeUsers }: AccountHistory, holidays: ReadonlySet<Day>): BusinessDays {
  const days = zeros(length + 1);
  const users = zeros(length + 1);
  for (let i = 0; i < length; i++) {
    const isOpen = isBusinessDay(start + i, holidays);
    days[i + 1] = days[i]! + (isOpen ? 1 : 0);
    users[i + 1] = users[i]! + (isOpen ? activeUsers[i]! : 0);
  }
  return { holidays, days, users };
}

/** Each user's weeks as stretches of days on which they end; a week and the one before it where a stretch meets itself 7 days on. */
function findWeekUsers({ start, length, users }: AccountHistory): WeekUsers {
  const active = zeros(length);
  const returned = zeros(length);
  for (const { activeDays } of users) {
    const stretches = stretchesOf(activeDays, start);
    for (let i = 0; i < stretches.length; i += 2) addRange(active, stretches[i]!, stretches[i + 1]!);
    let later = 0;
    for (let i = 0; i < stretches.length; i += 2) {
      const from = stretches[i]! + WEEK_DAYS;
      const end = stretches[i + 1]! + WEEK_DAYS;
      while (later < stretches.length && stretches[later + 1]! <= from) later += 2;
      for (let j = later; j < stretches.length && stretches[j]! < end; j += 2)
        addRange(returned, Math.max(from, stretches[j]!), Math.min(end, stretches[j + 1]!));
    }
  }
  sumUp(active);
  sumUp(returned);
  return { active, returned };
}

/** from, end, from, end...: indexes of the days within seven days from an active one. */
function stretchesOf(activeDays: readonly Day[], start: Day): number[] {
  const stretches: number[] = [];
  for (const day of activeDays) {
    const from = day - start;
    const last = stretches.length - 1;
    if (last >= 0 && from <= stretches[last]!) stretches[last] = from + WEEK_DAYS;
    else stretches.push(from, from + WEEK_DAYS);
  }
  return stretches;
}
