/** A metered limit beyond the present period: what was used before it, and what will be used in a full one. */
import { meterSum } from '../history/windows.ts';
import { type LimitUse, periodAround } from '../scores/limits.ts';
import type { Day } from '../time/calendar.ts';
import type { PlanSubject } from './subject.ts';

export interface PastPeriod {
  used: number;
  from: Day;
  to: Day;
}

/** The limit that is nearest to be full, of those that are approaching. */
export function fullestMeter({ m }: PlanSubject): string | null {
  const fullest = m.limits.meters
    .filter((use) => use.approaching === true)
    .sort((a, b) => (b.share ?? 0) - (a.share ?? 0))[0];
  return fullest?.meterId ?? null;
}

/**
 * The periods before the present one, latest first, back to the one that holds `day`; undefined for gauges, and where the
 * data do not reach back so far.
 */
export function meterPeriodsBefore(
  { m, workspace, clock }: PlanSubject,
  use: LimitUse,
  day: Day,
): PastPeriod[] | undefined {
  const meter = workspace.catalogue.meters.find((each) => each.id === use.meterId);
  if (meter === undefined || meter.resets === null || use.periodStart === undefined) return undefined;
  const first = m.contract.inForce[0];
  const anchor = first === undefined ? undefined : clock.dayOf(first.startedAt);
  const periods: PastPeriod[] = [];
  for (let start = use.periodStart; periods.length === 0 || start > day; ) {
    const period = periodAround(start - 1, meter.resets, anchor);
    if (period.start < m.view.dataFrom) return undefined;
    const used = meterSum(m.view.history, use.meterId, period.start, period.end);
    periods.push({ used, from: period.start, to: period.end });
    start = period.start;
  }
  return periods;
}

/** Use by the end of the present period at the present pace; of a gauge, its level in 30 days. */
export function projectedUse(use: LimitUse): number | undefined {
  if (use.used === undefined) return undefined;
  if (use.pace === undefined) return use.used;
  return use.used + Math.max(0, use.pace) * (use.daysLeft ?? 30);
}

/** The day on which the limit is reached at the present pace; undefined where the period ends before it. */
export function limitDay({ m }: PlanSubject, use: LimitUse): Day | undefined {
  const { daysToLimit, daysLeft } = use;
  if (typeof daysToLimit !== 'number' || daysToLimit === 0) return undefined;
  return daysLeft !== undefined && daysToLimit > daysLeft ? undefined : m.view.lastDay + daysToLimit;
}
