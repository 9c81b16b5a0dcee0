/**
 * Questions about an account's history in a window of days, both ends included. Nothing after the last day of the window
 * is read. Days before the history begins, and windows whose end lies before their start, are empty: 0 or none. Whether
 * an empty day means "nothing happened" or "not known" is for the caller to say: clip the window to the covered days.
 */
import type { Day } from '../time/calendar.ts';
import {
  type AccountHistory,
  countIn,
  type DayCounts,
  daysIn,
  type FeatureHistory,
  KeptInHistory,
  type UserHistory,
  upperBound,
} from './history.ts';

const WEEK_DAYS = 7;

const userIndexes = new KeptInHistory<ReadonlyMap<string, UserHistory>>();

/** Users by id; kept with the history. */
export function userIndex(history: AccountHistory): ReadonlyMap<string, UserHistory> {
  let index = userIndexes.get(history);
  if (index === undefined) {
    index = new Map(history.users.map((user) => [user.userId, user]));
    userIndexes.set(history, index);
  }
  return index;
}

/** Value events (A1: at most 50 a user-day). */
export function volumeIn(history: AccountHistory, from: Day, to: Day): number {
  return differenceIn(history.cumulativeVolume, history, from, to);
}

/** Days with a value event. */
export function activeDaysIn(history: AccountHistory, from: Day, to: Day): number {
  return differenceIn(history.cumulativeActiveDays, history, from, to);
}

/** Distinct identified users with a value event while they were with the account. */
export function activeUsersIn(history: AccountHistory, from: Day, to: Day): number {
  let users = 0;
  for (const user of history.users) if (isActiveIn(user, from, to)) users++;
  return users;
}

/** Are there at least so many of them? */
export function hasActiveUsers(history: AccountHistory, atLeast: number, from: Day, to: Day): boolean {
  let users = 0;
  for (const user of history.users) {
    if (users >= atLeast) break;
    if (isActiveIn(user, from, to)) users++;
  }
  return users >= atLeast;
}

/** Had the user a value event then? */
export function isActiveIn({ activeDays }: UserHistory, from: Day, to: Day): boolean {
  const last = activeDays.length - 1;
  if (last < 0 || activeDays[last]! < from || activeDays[0]! > to) return false;
  return activeDays[upperBound(activeDays, from - 1)]! <= to;
}

/** Volume of each of so many seven-day weeks, the last of them ending on `lastDay`, oldest first. */
export function weeklyVolumes(history: AccountHistory, lastDay: Day, weeks: number): number[] {
  const volumes: number[] = [];
  for (let to = lastDay - WEEK_DAYS * (weeks - 1); to <= lastDay; to += WEEK_DAYS) {
    volumes.push(volumeIn(history, to - WEEK_DAYS + 1, to));
  }
  return volumes;
}

/** Days with a value event of the feature. */
export function featureDaysIn(feature: FeatureHistory, from: Day, to: Day): number {
  return daysIn(feature.use.days, from, to);
}

/** First day of the feature's use up to `lastDay`. */
export function firstUseDay(feature: FeatureHistory, lastDay: Day): Day | undefined {
  return firstUpTo(feature.use.days, lastDay);
}

/** Days on which the user had a value event. */
export function userActiveDaysIn(user: UserHistory, from: Day, to: Day): number {
  return daysIn(user.activeDays, from, to);
}

/** Events of this name. */
export function eventCountIn(history: AccountHistory, name: string, from: Day, to: Day): number {
  const counts = history.events.get(name);
  return counts === undefined ? 0 : countIn(counts, from, to);
}

/** First day up to `lastDay` with an event of any of these names. */
export function firstEventDay(history: AccountHistory, names: readonly string[], lastDay: Day): Day | undefined {
  let first: Day | undefined;
  for (const name of names) {
    const counts = history.events.get(name);
    const day = counts === undefined ? undefined : firstUpTo(counts.days, first === undefined ? lastDay : first - 1);
    if (day !== undefined) first = day;
  }
  return first;
}

/** Events of each of these names; those that never occurred are left out. */
export function seriesNamed(history: AccountHistory, names: readonly string[] = []): DayCounts[] {
  const found: DayCounts[] = [];
  for (const name of names) {
    const counts = history.events.get(name);
    if (counts !== undefined) found.push(counts);
  }
  return found;
}

const NONE: DayCounts = { days: [], counts: [] };

/** Several series as one: the counts of equal days added up. */
function together(series: readonly DayCounts[]): DayCounts {
  let sum = series[0] ?? NONE;
  for (let i = 1; i < series.length; i++) sum = added(sum, series[i]!);
  return sum;
}

function added(a: DayCounts, b: DayCounts): DayCounts {
  const days: Day[] = [];
  const counts: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.days.length || j < b.days.length) {
    const dayOfA = i < a.days.length ? a.days[i]! : Number.POSITIVE_INFINITY;
    const dayOfB = j < b.days.length ? b.days[j]! : Number.POSITIVE_INFINITY;
    days.push(Math.min(dayOfA, dayOfB));
    counts.push((dayOfA <= dayOfB ? a.counts[i++]! : 0) + (dayOfB <= dayOfA ? b.counts[j++]! : 0));
  }
  return { days, counts };
}

/** Day on which the events of these names, counted together, reached `count` (at least 1), if that was by `lastDay`. */
export function dayOfCount(
  history: AccountHistory,
  names: readonly string[],
  count: number,
  lastDay: Day,
): Day | undefined {
  const { days, counts } = together(seriesNamed(history, names));
  let sum = 0;
  for (let i = 0; i < days.length && days[i]! <= lastDay; i++) {
    sum += counts[i]!;
    if (sum >= count) return days[i];
  }
  return undefined;
}

/** Amount a meter recorded. */
export function meterSum(history: AccountHistory, meterId: string, from: Day, to: Day): number {
  const amounts = history.meters.get(meterId);
  if (amounts === undefined) return 0;
  const last = Math.min(to - history.start, history.length - 1);
  let sum = 0;
  for (let i = Math.max(0, from - history.start); i <= last; i++) sum += amounts[i]!;
  return sum;
}

function differenceIn(cumulative: readonly number[], history: AccountHistory, from: Day, to: Day): number {
  const first = Math.min(Math.max(0, from - history.start), history.length);
  const end = Math.min(to - history.start + 1, history.length);
  return end <= first ? 0 : cumulative[end]! - cumulative[first]!;
}

function firstUpTo(days: readonly Day[], lastDay: Day): Day | undefined {
  return upperBound(days, lastDay) > 0 ? days[0] : undefined;
}
