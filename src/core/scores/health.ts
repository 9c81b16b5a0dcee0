/** Health: five dimensions, coverage, confidence, bands and their caps (skills.md A7). */
import { type AccountView, type Known, known, unknown, type Workspace } from '../facts/view.ts';
import { activeDaysIn } from '../history/windows.ts';
import type { Measures } from '../policy/measures.ts';
import type { Adoption } from './adoption.ts';
import { lin, type PartScore, part, publish, ratio4, weightedMean } from './number.ts';
import type { ChurnSignal } from './signals.ts';
import type { Trend } from './trend.ts';

export const DIMENSIONS = ['adoption', 'engagement', 'relationship', 'outcomes', 'commercial'] as const;
export type Dimension = (typeof DIMENSIONS)[number];
export type HealthBand = 'healthy' | 'neutral' | 'at_risk' | 'critical';
export type Confidence = 'high' | 'medium' | 'low';

export interface Health {
  /** Published 0-100. */
  score: Known<number>;
  raw: number | undefined;
  /** Band of the score alone. */
  scoreBand: Known<HealthBand>;
  /** Band after the caps of open signals. */
  band: Known<HealthBand>;
  /** Known share of the dimensions' weight, four decimals. */
  coverage: number;
  confidence: Confidence;
  dimensions: Record<Dimension, PartScore>;
}

const WORSE_FIRST: readonly HealthBand[] = ['critical', 'at_risk', 'neutral', 'healthy'];

export function bandOf(score: number, bands: Measures['health']['bands']): HealthBand {
  if (score >= bands.healthy) return 'healthy';
  if (score >= bands.neutral) return 'neutral';
  return score >= bands.at_risk ? 'at_risk' : 'critical';
}

/** The worse of a band and the cap that open signals set: critical signals at at_risk, high ones at neutral. */
export function cappedBand(band: HealthBand, signals: readonly ChurnSignal[]): HealthBand {
  let index = WORSE_FIRST.indexOf(band);
  for (const signal of signals) {
    if (signal.severity === 'critical') index = Math.min(index, WORSE_FIRST.indexOf('at_risk'));
    else if (signal.severity === 'high') index = Math.min(index, WORSE_FIRST.indexOf('neutral'));
  }
  return WORSE_FIRST[index]!;
}

export interface HealthInputs {
  adoption: Adoption;
  trend: Trend;
  /** points 0-100, or unknown */
  meetings: PartScore;
  support: PartScore;
  relationship: PartScore;
  outcomes: PartScore;
  commercial: PartScore;
  signals: readonly ChurnSignal[];
}

/** Regularity: active days in W(90), scaled up when fewer days are known. */
export function regularity(view: AccountView, measures: Measures): Known<number> {
  if (view.usageGap !== undefined) return unknown(view.usageGap);
  const m = measures.health.engagement;
  const days = Math.min(m.regularityDays, view.daysOfData);
  if (days === 0) return unknown('no day of data');
  const active = activeDaysIn(view.history, view.lastDay - days + 1, view.lastDay);
  return known(lin((active * m.regularityDays) / days, m.regularityCurve));
}

export function engagement(view: AccountView, workspace: Workspace, inputs: HealthInputs): PartScore {
  const m = workspace.measures.health;
  const regular = regularity(view, workspace.measures);
  const { trend, meetings, support } = inputs;
  const trendPoints =
    trend.kind.value === 'dormant'
      ? 0
      : trend.percent.value === undefined
        ? undefined
        : lin(trend.percent.value, m.engagement.trendCurve);
  return weightedMean(
    {
      regularity: part(regular.value, m.engagement.regularity, regular.reason),
      trend: part(trendPoints, m.engagement.trend, trend.percent.reason),
      meetings: part(meetings.score, m.engagement.meetings, meetings.reason),
      support: part(support.score, m.engagement.support, support.reason),
    },
    m.knownShare,
  );
}

function adoptionDimension({ raw, score, breadth, depth, frequency, stickiness }: Adoption): PartScore {
  const parts = {
    breadth: part(breadth.value, 0.25, breadth.reason),
    depth: part(depth.value, 0.25, depth.reason),
    frequency: part(frequency.value, 0.25, frequency.reason),
    stickiness: part(stickiness.value, 0.25, stickiness.reason),
  };
  const coverage = raw === undefined ? 0 : 1;
  return score.reason === undefined
    ? { score: raw, coverage, parts }
    : { score: raw, reason: score.reason, coverage, parts };
}

export function health(view: AccountView, workspace: Workspace, inputs: HealthInputs): Health {
  const m = workspace.measures.health;
  const { adoption } = inputs;
  const dimensions: Health['dimensions'] = {
    adoption: adoptionDimension(adoption),
    engagement: engagement(view, workspace, inputs),
    relationship: inputs.relationship,
    outcomes: inputs.outcomes,
    commercial: inputs.commercial,
  };
  let knownWeight = 0;
  let sum = 0;
  let weights = 0;
  for (const name of DIMENSIONS) {
    weights += m.weights[name];
    const { score } = dimensions[name];
    if (score === undefined) continue;
    knownWeight += m.weights[name];
    sum += m.weights[name] * score;
  }
  const coverage = ratio4(knownWeight / weights);
  const gap = healthGap(view, adoption, m.minimumDays);
  if (gap !== undefined) {
    return {
      score: unknown(gap),
      raw: undefined,
      scoreBand: unknown(gap),
      band: unknown(gap),
      coverage,
      confidence: 'low',
      dimensions,
    };
  }
  const raw = sum / knownWeight;
  const score = publish(raw);
  const scoreBand = bandOf(score, m.bands);
  return {
    score: known(score),
    raw,
    scoreBand: known(scoreBand),
    band: known(cappedBand(scoreBand, inputs.signals)),
    coverage,
    confidence: confidenceOf(coverage, view.daysOfData, m.confidence),
    dimensions,
  };
}

function healthGap(view: AccountView, adoption: Adoption, minimumDays: number): string | undefined {
  if (view.usageGap !== undefined) return view.usageGap;
  if (view.daysOfData < minimumDays) return `${view.daysOfData} of ${minimumDays} days of data`;
  return adoption.score.reason === undefined ? undefined : `adoption unknown: ${adoption.score.reason}`;
}

function confidenceOf(coverage: number, days: number, m: Measures['health']['confidence']): Confidence {
  if (coverage >= m.highCoverage && days >= m.highDays) return 'high';
  if (coverage >= m.mediumCoverage && days >= m.mediumDays) return 'medium';
  return 'low';
}
