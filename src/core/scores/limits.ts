/** Metered limits: how much is used, at what pace, and when the limit is reached (skills.md A6). */
import type { Meter } from '../catalogue/catalogue.ts';
import { type AccountView, type Known, known, unknown, type Workspace } from '../facts/view.ts';
import { meterSum } from '../history/windows.ts';
import type { Truth } from '../policy/policy.ts';
import { addMonths, type Day, weekday } from '../time/calendar.ts';
import { ratio4 } from './number.ts';

export interface LimitUse {
  meterId: string;
  unit: string;
  status: 'limited' | 'notApplicable' | 'notEntitled' | 'unknown';
  reason?: string;
  used: number | undefined;
  limit: number | undefined;
  /** used / limit, four decimals */
  share: number | undefined;
  /** mean daily use, or the daily slope of a gauge */
  pace: number | undefined;
  periodStart: Day | undefined;
  /** last day of the period */
  periodEnd: Day | undefined;
  daysLeft: number | undefined;
  /** 0 once reached; null when the pace never reaches it */
  daysToLimit: number | null | undefined;
  approaching: Truth;
}

export interface Limits {
  meters: LimitUse[];
  /** Largest share among the limits that apply. */
  highestShare: Known<number>;
  approaching: Truth;
  approachingReason?: string;
  daysToLimit: Known<number>;
}

/**
 * `limits`: meter id -> limit in force (null = unlimited). `anchor`: first day of the subscription in force; monthly and
 * yearly periods start on its day of the month (our choice), calendar periods without one.
 */
export function limitUse(
  view: AccountView,
  workspace: Workspace,
  limits: Readonly<Record<string, number | null>> | undefined,
  anchor: Day | undefined,
): Limits {
  const meters: LimitUse[] = [];
  for (const meterId in limits) {
    meters.push(measure(view, workspace, meterId, meterNamed(workspace, meterId), limits[meterId]!, anchor));
  }
  return summarise(meters, limits === undefined);
}

function meterNamed({ catalogue }: Workspace, meterId: string): Meter | undefined {
  for (const meter of catalogue.meters) if (meter.id === meterId) return meter;
  return undefined;
}

const applies = ({ status }: LimitUse): boolean => status === 'limited' || status === 'unknown';

function summarise(meters: LimitUse[], noContract: boolean): Limits {
  if (!meters.some(applies)) {
    const reason = noContract ? 'no subscription with limits' : 'no limit applies';
    return {
      meters,
      highestShare: unknown(reason),
      approaching: undefined,
      approachingReason: reason,
      daysToLimit: unknown(reason),
    };
  }
  let highest: number | undefined;
  let soonest: number | undefined;
  let approaching: Truth = false;
  let gap: string | undefined;
  for (const use of meters) {
    if (!applies(use)) continue;
    if (use.share !== undefined) highest = Math.max(highest ?? 0, use.share);
    if (typeof use.daysToLimit === 'number') soonest = Math.min(soonest ?? Number.POSITIVE_INFINITY, use.daysToLimit);
    if (use.approaching === true) approaching = true;
    else if (use.approaching === undefined) {
      gap ??= use.reason ?? 'not known';
      if (approaching === false) approaching = undefined;
    }
  }
  const found: Limits = {
    meters,
    highestShare: highest === undefined ? unknown(gap ?? 'not known') : known(highest),
    approaching,
    daysToLimit: soonest === undefined ? unknown(gap ?? 'no limit is reached at this pace') : known(soonest),
  };
  if (approaching === undefined) found.approachingReason = gap ?? 'not known';
  return found;
}

function measure(
  view: AccountView,
  workspace: Workspace,
  meterId: string,
  meter: Meter | undefined,
  limit: number | null,
  anchor: Day | undefined,
): LimitUse {
  const unit = meter?.unit ?? '';
  if (limit === null) return notMeasured(meterId, unit, undefined, 'notApplicable', false);
  if (limit === 0) return notMeasured(meterId, unit, 0, 'notEntitled', false);
  const silent = (reason: string): LimitUse => ({
    ...notMeasured(meterId, unit, limit, 'unknown', undefined),
    reason,
  });
  if (meter === undefined) return silent(`no meter '${meterId}' in the catalogue`);
  if (view.usageGap !== undefined) return silent(view.usageGap);
  const period = meter.resets === null ? undefined : periodAround(view.lastDay, meter.resets, anchor);
  // A period that began before the account's data did holds use that was never seen.
  if (period !== undefined && period.start < view.dataFrom && view.dataFrom > view.firstDay)
    return silent('the period began before the data does');
  return measureLimited(view, workspace, meter, limit, period);
}

function notMeasured(
  meterId: string,
  unit: string,
  limit: number | undefined,
  status: LimitUse['status'],
  approaching: Truth,
): LimitUse {
  return {
    meterId,
    unit,
    status,
    used: undefined,
    limit,
    share: undefined,
    pace: undefined,
    periodStart: undefined,
    periodEnd: undefined,
    daysLeft: undefined,
    daysToLimit: undefined,
    approaching,
  };
}

function measureLimited(
  view: AccountView,
  workspace: Workspace,
  meter: Meter,
  limit: number,
  period: { start: Day; end: Day } | undefined,
): LimitUse {
  const m = workspace.measures.limits;
  const last = view.lastDay;
  const used = meterSum(view.history, meter.id, period?.start ?? view.dataFrom, last);
  const pace =
    meter.resets === null
      ? gaugeSlope(view, meter.id, m.gaugeDays)
      : meanPace(view, meter.id, m.paceDays, m.paceKnownDays);
  const share = ratio4(used / limit);
  const daysToLimit =
    used >= limit ? 0 : pace === undefined ? undefined : pace <= 0 ? null : Math.ceil(ratio4((limit - used) / pace));
  const near = share >= m.approachingShare;
  const soon = daysToLimit === undefined ? undefined : daysToLimit !== null && daysToLimit <= m.approachingDays;
  const use: LimitUse = {
    meterId: meter.id,
    unit: meter.unit,
    status: 'limited',
    used,
    limit,
    share,
    pace,
    periodStart: period?.start,
    periodEnd: period?.end,
    daysLeft: period === undefined ? undefined : period.end - last,
    daysToLimit,
    approaching: near || soon === true ? true : soon,
  };
  if (pace === undefined) use.reason = `${view.daysOfData} of ${m.paceKnownDays} days of data for the pace`;
  return use;
}

function meanPace(view: AccountView, meterId: string, days: number, knownDays: number): number | undefined {
  const covered = Math.min(days, view.daysOfData);
  if (covered < knownDays) return undefined;
  return meterSum(view.history, meterId, view.lastDay - covered + 1, view.lastDay) / covered;
}

/** OLS slope of a gauge's level over its last days: the level is what has been added up to that day. */
function gaugeSlope(view: AccountView, meterId: string, days: number): number | undefined {
  const covered = Math.min(days, view.daysOfData);
  if (covered < 2) return undefined;
  const first = view.lastDay - covered + 1;
  const meanX = (covered - 1) / 2;
  const levels: number[] = [];
  let level = 0;
  for (let day = first; day <= view.lastDay; day++) {
    level += meterSum(view.history, meterId, day, day);
    levels.push(level);
  }
  const meanY = levels.reduce((sum, y) => sum + y, 0) / covered;
  let covariance = 0;
  let variance = 0;
  for (let x = 0; x < covered; x++) {
    covariance += (x - meanX) * (levels[x]! - meanY);
    variance += (x - meanX) ** 2;
  }
  return covariance / variance;
}

/** The period of a resetting meter that holds `day`. */
export function periodAround(
  day: Day,
  resets: NonNullable<Meter['resets']>,
  anchor: Day | undefined,
): { start: Day; end: Day } {
  if (resets === 'day') return { start: day, end: day };
  if (resets === 'week') {
    const start = day - ((weekday(day) + 6) % 7); // weeks start on Monday (ISO 8601)
    return { start, end: start + 6 };
  }
  const step = resets === 'month' ? 1 : 12;
  const origin = anchor ?? 0; // 1970-01-01: calendar months and years
  // From day to day, and from meter to meter, the answer is mostly the last one.
  const last = step === 1 ? lastMonth : lastYear;
  if (last.origin === origin && last.period.start <= day && day <= last.period.end) return last.period;
  let periods = Math.floor(Math.floor((day - origin) / 30.436875) / step);
  while (addMonths(origin, periods * step) > day) periods--;
  while (addMonths(origin, (periods + 1) * step) <= day) periods++;
  const period = { start: addMonths(origin, periods * step), end: addMonths(origin, (periods + 1) * step) - 1 };
  if (step === 1) lastMonth = { origin, period };
  else lastYear = { origin, period };
  return period;
}

/** `origin`: the day whose day of the month periods start on. */
let lastMonth = { origin: Number.NaN, period: { start: 0, end: -1 } };
let lastYear = lastMonth;
