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

/** The period before the present one; undefined for gauges, and where the data do not reach back so far. */
export function meterBefore({ m, workspace, clock }: PlanSubject, use: LimitUse): PastPeriod | undefined {
  const meter = workspace.catalogue.meters.find((each) => each.id === use.meterId);
  if (meter === undefined || meter.resets === null || use.periodStart === undefined) return undefined;
  const first = m.contract.inForce[0];
  const period = periodAround(
    use.periodStart - 1,
    meter.resets,
    first === undefined ? undefined : clock.dayOf(first.startedAt),
  );
  if (period.start < m.view.dataFrom) return undefined;
  return { used: meterSum(m.view.history, use.meterId, period.start, period.end), from: period.start, to: period.end };
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
