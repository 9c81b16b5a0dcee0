/** Calc of customer_success/time_to_impact: how soon value came, and when the next step can be expected (skills.md B). */
import { type Known, known, unknown } from '../facts/view.ts';
import type { Measures } from '../policy/measures.ts';
import type { Day } from '../time/calendar.ts';
import { mean, publish, ratio4 } from './number.ts';

export const IMPACT_MILESTONES = [
  'firstLogin',
  'firstWorkflow',
  'firstWin',
  'activeAdoption',
  'roiPositive',
  'strategic',
] as const;
export type ImpactMilestone = (typeof IMPACT_MILESTONES)[number];

export interface ImpactInput {
  /** Day 0. */
  start: Day;
  today: Day;
  segment: string | undefined;
  /** Tracked milestones, and when each was reached (undefined: not yet); an untracked one is left out. */
  reachedOn: Partial<Record<ImpactMilestone, Day | undefined>>;
  /** Days the median peer took; replaces the target. */
  peerMedianDays: Partial<Record<ImpactMilestone, number | undefined>>;
}

export interface ImpactReading {
  id: ImpactMilestone;
  /** Days after the start. */
  targetDays: number;
  /** Where the target comes from. */
  targetFrom: 'peers' | 'policy';
  actualDays: number | undefined;
  /** actual - target, four decimals; undefined while undone. */
  deltaDays: number | undefined;
  /** Reached after its target, or undone past it. */
  late: boolean;
}

export interface TimeToImpact {
  day: number;
  timeToFirstValueDays: Known<number>;
  timeToRoiDays: Known<number>;
  /** Tracked ones, in order. */
  milestones: ImpactReading[];
  /** Mean of actual / target, four decimals. */
  slipRatio: Known<number>;
  /** The first undone milestone, as a day after the start. */
  forecast: Known<{ id: ImpactMilestone; day: number; confidence: 'high' | 'medium' | 'low' }>;
  /** A milestone is late; unknown where none is tracked. */
  atRisk: Known<boolean>;
}

export function timeToImpact(input: ImpactInput, m: Measures['impact']): TimeToImpact {
  const day = input.today - input.start;
  const milestones = IMPACT_MILESTONES.filter((id) => id in input.reachedOn).map((id) => readMilestone(id, input, m));
  const slips = milestones.flatMap(({ actualDays, targetDays }) =>
    actualDays === undefined || targetDays === 0 ? [] : [actualDays / targetDays],
  );
  const slip = mean(slips);
  return {
    day,
    timeToFirstValueDays: actualOf('firstWin', milestones),
    timeToRoiDays: actualOf('roiPositive', milestones),
    milestones,
    slipRatio: slip === undefined ? unknown('no milestone reached yet') : known(ratio4(slip)),
    forecast: forecastOf(milestones, slip, slips.length, day),
    atRisk: milestones.length === 0 ? unknown('no milestone tracked') : known(milestones.some((each) => each.late)),
  };
}

/** Target of a milestone in days after the start: the peers' median where known, else the policy's times the segment's factor. */
export function impactTarget(
  id: ImpactMilestone,
  { segment, peerMedianDays }: Pick<ImpactInput, 'segment' | 'peerMedianDays'>,
  m: Measures['impact'],
): { days: number; from: 'peers' | 'policy' } {
  const median = peerMedianDays[id];
  if (median !== undefined) return { days: median, from: 'peers' };
  const factor = m.segmentFactors[segment?.toLowerCase() ?? ''] ?? 1;
  return { days: ratio4((m.targets[id] ?? 0) * factor), from: 'policy' };
}

function readMilestone(id: ImpactMilestone, input: ImpactInput, m: Measures['impact']): ImpactReading {
  const { days: targetDays, from: targetFrom } = impactTarget(id, input, m);
  const reachedOn = input.reachedOn[id];
  // Use from before the start counts as reached on day 0.
  const actualDays = reachedOn === undefined ? undefined : Math.max(0, reachedOn - input.start);
  const deltaDays = actualDays === undefined ? undefined : ratio4(actualDays - targetDays);
  const late = deltaDays === undefined ? input.today - input.start > targetDays : deltaDays > 0;
  return { id, targetDays, targetFrom, actualDays, deltaDays, late };
}

function actualOf(id: ImpactMilestone, milestones: readonly ImpactReading[]): Known<number> {
  const reading = milestones.find((each) => each.id === id);
  if (reading === undefined) return unknown(`${id} is not tracked`);
  return reading.actualDays === undefined ? unknown(`${id} is not reached yet`) : known(reading.actualDays);
}

const HIGH_CONFIDENCE_MILESTONES = 4;
const MEDIUM_CONFIDENCE_MILESTONES = 2;

function forecastOf(
  milestones: readonly ImpactReading[],
  slip: number | undefined,
  reached: number,
  day: number,
): TimeToImpact['forecast'] {
  const next = milestones.find((each) => each.actualDays === undefined);
  if (next === undefined)
    return unknown(milestones.length === 0 ? 'no milestone tracked' : 'every milestone is reached');
  if (slip === undefined) return unknown('no milestone reached yet');
  const confidence =
    reached >= HIGH_CONFIDENCE_MILESTONES ? 'high' : reached >= MEDIUM_CONFIDENCE_MILESTONES ? 'medium' : 'low';
  return known({ id: next.id, day: Math.max(day + 1, publish(next.targetDays * slip)), confidence });
}

/** An amount in minor units on a day. */
export interface DatedAmount {
  day: Day;
  minor: number;
}

/**
 * First day on which the value recorded so far is at least what was paid so far; undefined while it is not. Only days
 * after some value was recorded qualify: nothing paid and nothing gained is no return.
 */
export function roiPositiveOn(values: readonly DatedAmount[], payments: readonly DatedAmount[]): Day | undefined {
  const days = [...new Set([...values, ...payments].map((each) => each.day))].sort((a, b) => a - b);
  const sumTo = (amounts: readonly DatedAmount[], day: Day) =>
    amounts.reduce((sum, each) => (each.day <= day ? sum + each.minor : sum), 0);
  return days.find((day) => sumTo(values, day) > 0 && sumTo(values, day) >= sumTo(payments, day));
}
