/** Usage trend, plateau, cliff and silence (skills.md A5). */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { type AccountView, type Known, known, unknown, type Workspace } from '../facts/view.ts';
import { KeptInHistory } from '../history/history.ts';
import { hasActiveUsers, volumeIn, weeklyVolumes } from '../history/windows.ts';
import type { Truth } from '../policy/policy.ts';
import type { Day } from '../time/calendar.ts';
import { percent2, ratio4 } from './number.ts';

export type TrendKind = 'growing' | 'stable' | 'declining' | 'dormant';

export interface Trend {
  kind: Known<TrendKind>;
  /** %, two decimals; unknown while dormant. */
  percent: Known<number>;
  windowDays: number;
  recent: number;
  prior: number;
}

/** T = 100 (recent - prior) / prior over adjacent windows of min(28, 7 floor(days / 14)) days. */
export function usageTrend(view: AccountView, workspace: Workspace): Trend {
  const m = workspace.measures.trend;
  if (view.usageGap !== undefined) return unknownTrend(view.usageGap, 0, 0, 0);
  const windowDays = Math.min(m.windowDays, 7 * Math.floor(view.daysOfData / 14));
  if (windowDays === 0) return unknownTrend(`${view.daysOfData} of 14 days of data`, 0, 0, 0);
  const last = view.lastDay;
  const recent = volumeIn(view.history, last - windowDays + 1, last);
  const prior = volumeIn(view.history, last - 2 * windowDays + 1, last - windowDays);
  if (recent === 0)
    return { kind: known('dormant'), percent: unknown('no use in the recent window'), windowDays, recent, prior };
  if (prior < m.priorAtLeast)
    return unknownTrend(`${prior} of ${m.priorAtLeast} events in the window before`, windowDays, recent, prior);
  const percent = percent2((100 * (recent - prior)) / prior);
  const kind: TrendKind = percent > m.growing ? 'growing' : percent < m.declining ? 'declining' : 'stable';
  return { kind: known(kind), percent: known(percent), windowDays, recent, prior };
}

function unknownTrend(reason: string, windowDays: number, recent: number, prior: number): Trend {
  const none = unknown(reason);
  return { kind: none, percent: none, windowDays, recent, prior };
}

export interface Plateau {
  detected: Truth;
  reason?: string;
  /** |slope| / mean, four decimals; undefined without eight weeks or without use. */
  slopeShare: number | undefined;
}

/** Relative OLS slope of weekly volumes: |slope| / mean, four decimals; undefined when the mean is zero. */
export function relativeSlope(weeks: readonly number[]): number | undefined {
  const n = weeks.length;
  const meanX = (n - 1) / 2;
  const mean = weeks.reduce((sum, y) => sum + y, 0) / n;
  if (mean <= 0) return undefined;
  let covariance = 0;
  let variance = 0;
  for (let x = 0; x < n; x++) {
    covariance += (x - meanX) * (weeks[x]! - mean);
    variance += (x - meanX) ** 2;
  }
  return ratio4(Math.abs(covariance / variance) / mean);
}

/**
 * Eight complete weeks of flat volume, no new relevant feature in W(28), adoption in the middle range.
 * `newFeature`: a relevant feature was first used within the window. `adoption`: published score.
 */
export function plateau(
  view: AccountView,
  workspace: Workspace,
  newFeature: boolean,
  adoption: Known<number>,
): Plateau {
  const m = workspace.measures.trend.plateau;
  if (view.usageGap !== undefined) return { detected: undefined, reason: view.usageGap, slopeShare: undefined };
  if (view.daysOfData < m.weeks * 7) {
    return { detected: undefined, reason: `${view.daysOfData} of ${m.weeks * 7} days of data`, slopeShare: undefined };
  }
  const slopeShare = relativeSlope(weeklyVolumes(view.history, view.lastDay, m.weeks));
  if (slopeShare === undefined || slopeShare > m.slope || newFeature) return { detected: false, slopeShare };
  if (adoption.value === undefined) return { detected: undefined, reason: adoption.reason, slopeShare };
  return { detected: adoption.value >= m.adoptionFrom && adoption.value <= m.adoptionTo, slopeShare };
}

export interface Cliff {
  cliff: Truth;
  dip: Truth;
  reason?: string;
  /** % against the base on D, two decimals. */
  dropPercent: number | undefined;
  /** Median weekly volume of the four weeks before. */
  baseWeekly: number | undefined;
  recentWeekly: number | undefined;
}

const BASE_WEEKS = 4;

interface UsualWeeks {
  measures: Workspace['measures']['trend']['cliff'];
  /** By day of the history; NaN: not asked for yet, -1: too little use. */
  byDay: number[];
}
const usualWeeks = new KeptInHistory<UsualWeeks>();

/**
 * Median volume of the four weeks before W(7) ending on `day`; undefined where they hold too little use to judge a fall.
 * What lies before a day does not change while the history stays: a replay asks for the same days again and again.
 */
export function usualWeek(view: AccountView, workspace: Workspace, day: Day): number | undefined {
  const { history } = view;
  const { cliff } = workspace.measures.trend;
  let kept = usualWeeks.get(history);
  if (kept?.measures !== cliff) {
    kept = { measures: cliff, byDay: new Array<number>(history.length).fill(Number.NaN) };
    usualWeeks.set(history, kept);
  }
  const known = kept.byDay[day - history.start];
  if (known !== undefined && !Number.isNaN(known)) return known < 0 ? undefined : known;
  const usual = findUsualWeek(history, day, cliff);
  kept.byDay[day - history.start] = usual ?? -1;
  return usual;
}

function findUsualWeek(
  history: AccountView['history'],
  day: Day,
  { baseAtLeast, usersAtLeast }: UsualWeeks['measures'],
): number | undefined {
  const base = medianOfFour(
    volumeIn(history, day - 13, day - 7),
    volumeIn(history, day - 20, day - 14),
    volumeIn(history, day - 27, day - 21),
    volumeIn(history, day - 34, day - 28),
  );
  if (base < baseAtLeast) return undefined;
  return hasActiveUsers(history, usersAtLeast, day - 7 * (BASE_WEEKS + 1) + 1, day - 7) ? base : undefined;
}

/** The mean of those that are neither the least nor the most, without a list to sort. */
function medianOfFour(a: number, b: number, c: number, d: number): number {
  return (Math.max(Math.min(a, b), Math.min(c, d)) + Math.min(Math.max(a, b), Math.max(c, d))) / 2;
}

/** The fall of W(7) ending on `day` against the median of the four weeks before it; undefined where it cannot be judged. */
function fallOn(
  view: AccountView,
  workspace: Workspace,
  day: number,
): { drop: number; base: number; recent: number } | undefined {
  const base = usualWeek(view, workspace, day);
  if (base === undefined) return undefined;
  const recent = volumeIn(view.history, day - 6, day);
  return { drop: percent2((100 * (recent - base)) / base), base, recent };
}

/** Cliff: a fall of `drop` % or more on the last `consecutiveDays` days; dip: of `dip` % or more. Holidays suppress both. */
export function usageCliff(view: AccountView, workspace: Workspace): Cliff {
  const m = workspace.measures.trend.cliff;
  if (view.usageGap !== undefined) return unknownCliff(view.usageGap);
  const needed = 7 * (BASE_WEEKS + 1) + m.consecutiveDays - 1;
  if (view.daysOfData < needed) return unknownCliff(`${view.daysOfData} of ${needed} days of data`);
  if (!view.history.hasUserIds && view.history.firstEventDay !== undefined)
    return unknownCliff('events carry no userId');
  const latest = fallOn(view, workspace, view.lastDay);
  if (latest === undefined) return unknownCliff('the four weeks before hold too little use to judge a fall');
  const { drop: dropPercent, base: baseWeekly, recent: recentWeekly } = latest;
  const holidays = holidaysIn(workspace.catalogue, view.lastDay - 6, view.lastDay);
  if (holidays >= m.holidays) {
    const reason = `${holidays} holidays in the week`;
    return { cliff: false, dip: false, reason, dropPercent, baseWeekly, recentWeekly };
  }
  let shallowest = dropPercent;
  for (let back = 1; back < m.consecutiveDays && shallowest <= m.dip; back++) {
    shallowest = Math.max(shallowest, fallOn(view, workspace, view.lastDay - back)?.drop ?? 0);
  }
  const cliff = shallowest <= m.drop;
  return { cliff, dip: !cliff && shallowest <= m.dip, dropPercent, baseWeekly, recentWeekly };
}

function unknownCliff(reason: string): Cliff {
  return {
    cliff: undefined,
    dip: undefined,
    reason,
    dropPercent: undefined,
    baseWeekly: undefined,
    recentWeekly: undefined,
  };
}

/** Holidays of the catalogue from one day to another, both included. */
export function holidaysIn({ holidays }: Catalogue, from: Day, to: Day): number {
  let count = 0;
  if (holidays.size > 0) for (let day = from; day <= to; day++) if (holidays.has(day)) count++;
  return count;
}
