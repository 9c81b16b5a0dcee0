/**
 * An account's history: its ledger read through a catalogue, as dense arrays by day and sorted lists of days, so that any
 * measure of any window ending on any day is a short loop. Arrays are indexed by `day - start`.
 *
 * Time: a history holds what was known at one instant (`knownAt`); days after the window a caller asks for are in the
 * arrays too when it was built for a replay, and no caller may look beyond its own `D`.
 */
import type { Day } from '../time/calendar.ts';

export interface UserHistory {
  userId: string;
  /** Sorted days with at least one value event (days from departure on are left out). */
  activeDays: readonly Day[];
  /** Sorted days with any event at all, logins included. */
  seenDays: readonly Day[];
  /** Session or login events. */
  sessions: DayCounts;
}

/** Sorted distinct days with a count for each. */
export interface DayCounts {
  days: readonly Day[];
  counts: readonly number[];
}

export interface FeatureHistory {
  featureId: string;
  /** Sorted days with at least one value event of this feature, with the number of events. */
  use: DayCounts;
  /**
   * Who used it when and how often, sorted by day: parallel arrays. `user` is an index into `users`, -1 for events without
   * a user; days from a user's departure on are left out.
   */
  useDay: readonly Day[];
  useUser: readonly number[];
  useCount: readonly number[];
}

export interface AccountHistory {
  start: Day;
  /** Number of days in the arrays. */
  length: number;
  /** Value events, at most 50 a user-day (A1). Events without a user count as one further user. */
  volume: readonly number[];
  /** volume[i] summed from the start: cumulativeVolume[i] = sum of volume[0..i-1]; length + 1 entries. */
  cumulativeVolume: readonly number[];
  /** Days with volume > 0, summed from the start the same way. */
  cumulativeActiveDays: readonly number[];
  /** Distinct identified users with a value event that day. */
  activeUsers: readonly number[];
  /** Distinct identified users with a value event in the 30 days to that day (departed users left out). */
  activeUsers30: readonly number[];
  /** Distinct users seen in events (any event) up to and including that day, departed users left out. */
  usersSeen: readonly number[];
  /** True when at least one event carries a userId. Without any, everything about users is unknown. */
  hasUserIds: boolean;
  users: UserHistory[];
  /** Features this account ever used. */
  features: FeatureHistory[];
  /** Every event name the account ever sent: sorted days and counts (value events, logins, setup, signals alike). */
  events: Map<string, DayCounts>;
  /** Meter id -> amount by day (index = day - start). */
  meters: Map<string, readonly number[]>;
  /** Gated attempts: feature named by the event ('' where it names none) -> days and counts. */
  gatedAttempts: Map<string, DayCounts>;
  /** Workflow events that name several products: sorted days, and the set of product ids named. */
  crossProductDays: { day: Day; products: string[] }[];
  /** First day of each kind of evidence; undefined: never in this history. */
  firstEventDay: Day | undefined;
  /** See `KeptInHistory`. */
  kept: Map<object, unknown>;
}

/**
 * What is worked out of a history once and kept in it for as long as it lives. A WeakMap would say the same, but what an old
 * map holds outlives every collection of young memory: whole histories would be copied that nobody needs any more.
 */
export class KeptInHistory<Value> {
  get(history: AccountHistory): Value | undefined {
    return history.kept.get(this) as Value | undefined;
  }

  set(history: AccountHistory, value: Value): void {
    history.kept.set(this, value);
  }
}

/** Number of entries of sorted `days` within [from, to]. */
export function daysIn(days: readonly Day[], from: Day, to: Day): number {
  return upperBound(days, to) - upperBound(days, from - 1);
}

/** Index of the first entry greater than `day`. */
export function upperBound(days: ArrayLike<Day>, day: Day): number {
  let low = 0;
  let high = days.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (days[middle]! <= day) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Sum of counts on the days within [from, to]. */
export function countIn(use: DayCounts, from: Day, to: Day): number {
  let sum = 0;
  for (let i = upperBound(use.days, from - 1); i < use.days.length && use.days[i]! <= to; i++) sum += use.counts[i]!;
  return sum;
}
