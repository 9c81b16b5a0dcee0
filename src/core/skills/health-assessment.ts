/**
 * Calc and result of customer_success/health_assessment (skills.md B): what ails an account, dimension by dimension, and
 * which play answers it. Built on the health of A7 and on the journey's readings; no score is computed here.
 */
import type { AccountMeasures } from '../facts/measure-account.ts';
import { dimensionIn, readingChange, readingOf } from '../journey/readings.ts';
import type { HealthReading } from '../journey/state.ts';
import type { Measures } from '../policy/measures.ts';
import type { Stage } from '../records/record.ts';
import { type Confidence, DIMENSIONS, type Dimension, type Health, type HealthBand } from '../scores/health.ts';
import { publish } from '../scores/number.ts';
import type { ChurnSignal } from '../scores/signals.ts';
import { addBusinessDays, type Day, formatDay } from '../time/calendar.ts';
import { keySignals, plainDetail } from './health-evidence.ts';
import { type Intervention, interventionOf, type Play, playTitle } from './health-plays.ts';
import { isCommercialSignal, isCompetitorSignal, subjectOf } from './health-signals.ts';
import { type ActionDraft, actionOf, type SkillResult } from './skill-result.ts';

export const HEALTH_ASSESSMENT = 'customer_success/health_assessment';

export type HealthTrend = 'improving' | 'stable' | 'declining';

const PLAY_OF: Record<Dimension, Play> = {
  adoption: 'engagement_rescue',
  engagement: 'engagement_rescue',
  relationship: 'relationship_repair',
  outcomes: 'value_acceleration',
  commercial: 'commercial_save',
};

export interface Diagnosis {
  /** Lowest of the known dimensions; on a tie the one of greater weight. */
  weakest: Dimension | undefined;
  /** Empty unless the band is at risk or critical. */
  plays: { play: Play; dimension: Dimension }[];
  /** Undefined where no date can be given. */
  nextAssessment: Day | undefined;
  callDue: Day | undefined;
  executiveDue: Day | undefined;
}

/**
 * Which play answers this health. Where a commercial signal puts the commercial save first, the weakest dimension has its
 * own play beside it only if it is below the neutral band; a critical signal that these plays do not answer adds the one
 * that does (our choices). An unknown score is assessed again on the day that completes the days of data it needs, if days
 * are what is missing.
 */
export function diagnose(
  health: Pick<Health, 'band' | 'dimensions'>,
  signals: readonly ChurnSignal[],
  today: Day,
  daysOfData: number,
  measures: Measures,
  holidays: ReadonlySet<Day>,
): Diagnosis {
  const { assessment, health: m } = measures;
  const band = health.band.value;
  const weakest = weakestOf(health.dimensions, m.weights);
  const missingDays = m.minimumDays - daysOfData;
  const none = { weakest, plays: [], callDue: undefined, executiveDue: undefined };
  if (band === undefined) return { ...none, nextAssessment: missingDays > 0 ? today + missingDays : undefined };
  const nextAssessment = today + assessment.nextDays[band];
  if (band === 'healthy' || band === 'neutral') return { ...none, nextAssessment };
  const plays = playsFor(health.dimensions, weakest, signals, m.bands.neutral);
  const { callDays, executiveDays } = assessment;
  const waits: number[] = [band === 'critical' ? callDays.critical : callDays.at_risk];
  if (signals.some((signal) => signal.severity === 'critical')) waits.push(callDays.critical_signal);
  return {
    weakest,
    plays,
    nextAssessment,
    callDue: addBusinessDays(today, Math.min(...waits), holidays),
    executiveDue: signals.some(isCompetitorSignal) ? addBusinessDays(today, executiveDays, holidays) : undefined,
  };
}

function playsFor(
  dimensions: Health['dimensions'],
  weakest: Dimension | undefined,
  signals: readonly ChurnSignal[],
  neutral: number,
): Diagnosis['plays'] {
  const plays: Diagnosis['plays'] = [];
  const add = (dimension: Dimension) => {
    const play = PLAY_OF[dimension];
    if (plays.every((each) => each.play !== play)) plays.push({ play, dimension });
  };
  if (signals.some(isCommercialSignal)) add('commercial');
  if (weakest !== undefined && (plays.length === 0 || publish(dimensions[weakest].score!) < neutral)) add(weakest);
  for (const signal of signals) {
    if (signal.severity === 'critical') add(subjectOf(signal));
  }
  return plays;
}

function weakestOf(dimensions: Health['dimensions'], weights: Record<Dimension, number>): Dimension | undefined {
  let weakest: Dimension | undefined;
  for (const name of DIMENSIONS) {
    const score = dimensions[name].score;
    if (score === undefined) continue;
    const lowest = weakest === undefined ? Number.POSITIVE_INFINITY : dimensions[weakest].score!;
    if (score < lowest || (score === lowest && weights[name] > weights[weakest!])) weakest = name;
  }
  return weakest;
}

/** A fall or rise of more than `points` is a trend; undefined where there is nothing to compare with. */
export function trendOf(change: number | null, points: number): HealthTrend | undefined {
  if (change === null) return undefined;
  if (Math.abs(change) <= points) return 'stable';
  return change > 0 ? 'improving' : 'declining';
}

export interface AssessedDimension {
  dimension: Dimension;
  /** Share of the whole score. */
  weight: number;
  score: number | null;
  reason?: string;
  trend: HealthTrend | 'unknown';
  /** Points since D-30. */
  change30: number | null;
  keySignals: string[];
  parts: Record<string, { score: number | null; weight: number; reason?: string }>;
}

export interface HealthAssessment {
  name: string;
  segment: string | null;
  stage: Stage | null;
  score: number | null;
  scoreBand: HealthBand | null;
  band: HealthBand | null;
  reason: string | null;
  trend: HealthTrend | 'unknown';
  change30: number | null;
  change7: number | null;
  coverage: number;
  confidence: Confidence;
  daysOfData: number;
  weakestDimension: Dimension | null;
  dimensions: AssessedDimension[];
  signals: { id: string; severity: string; since: string | null; detail: string; evidence: string[] }[];
  interventions: Intervention[];
  nextAssessmentDate: string | null;
  /** Minor units a year. */
  arrMinor: number | null;
  arrReason: string | null;
  /** False: known to have no paid contract in force (a trial, or churned); null: subscriptions are not known. */
  paying: boolean | null;
  currency: string | null;
  renewalDate: string | null;
  renewalReason: string | null;
  daysToRenewal: number | null;
}

export type AssessmentResult = Omit<SkillResult<HealthAssessment>, 'markdown'>;

export interface AssessmentInput {
  measured: AccountMeasures;
  /** The journey's readings of the days to compare with; what is missing leaves the trend unknown. */
  readings: readonly HealthReading[];
  stage: Stage | null;
  holidays: ReadonlySet<Day>;
}

/** The assessment of one account, without its Markdown. */
export function assessHealth(input: AssessmentInput): AssessmentResult {
  const { measured: m, holidays, stage } = input;
  const { view, health, measures, signals, contract } = m;
  const { today, account } = view;
  const diagnosis = diagnose(health, signals, today, view.daysOfData, measures, holidays);
  const dimensions = assessedDimensions(input);
  const change30 = changeSince(input, today - measures.health.trendDays);
  const gaps = dataGapsOf(m);
  const isPartial = health.score.value !== undefined && health.coverage < 1;
  const result: HealthAssessment = {
    name: account.name,
    segment: account.segment ?? null,
    stage,
    score: health.score.value ?? null,
    scoreBand: health.scoreBand.value ?? null,
    band: health.band.value ?? null,
    reason: health.score.reason ?? null,
    trend: trendOf(change30, measures.health.trendPoints) ?? 'unknown',
    change30,
    change7: changeSince(input, today - measures.health.alertDays),
    coverage: health.coverage,
    confidence: health.confidence,
    daysOfData: view.daysOfData,
    weakestDimension: diagnosis.weakest ?? null,
    dimensions,
    signals: signals.map((signal) => ({
      id: signal.id,
      severity: signal.severity,
      since: signal.since === undefined ? null : formatDay(signal.since),
      detail: plainDetail(m, signal),
      evidence: signal.evidence,
    })),
    interventions: diagnosis.plays.map((_, i) => interventionOf(i, diagnosis, m, holidays)),
    nextAssessmentDate: diagnosis.nextAssessment === undefined ? null : formatDay(diagnosis.nextAssessment),
    arrMinor: contract.arrMinor ?? null,
    arrReason: m.subscriptionGap ?? contract.arrReason ?? null,
    paying: m.subscriptionGap === undefined ? contract.paidInForce : null,
    currency: contract.currency ?? null,
    renewalDate: contract.renewalDate === undefined ? null : formatDay(contract.renewalDate),
    renewalReason: m.subscriptionGap ?? contract.renewalReason ?? null,
    daysToRenewal: contract.renewalDate === undefined ? null : contract.renewalDate - today,
  };
  return {
    skill: HEALTH_ASSESSMENT,
    accountId: view.accountId,
    today: formatDay(today),
    status: health.score.value === undefined ? 'insufficient_data' : isPartial ? 'partial' : 'ok',
    reasons: health.score.reason === undefined ? [] : [health.score.reason],
    dataGaps: gaps,
    confidence: isPartial && health.confidence === 'high' ? 'medium' : health.confidence,
    result,
    actions: assessmentDrafts(m, diagnosis).map((draft) => actionOf(HEALTH_ASSESSMENT, account, today, draft)),
  };
}

function assessedDimensions({ measured, readings }: AssessmentInput): AssessedDimension[] {
  const { health, measures, view } = measured;
  const weights = measures.health.weights;
  const total = DIMENSIONS.reduce((sum, name) => sum + weights[name], 0);
  const now = readingOf(view.today, health);
  const then = readings.find((reading) => reading[0] === view.today - measures.health.trendDays);
  return DIMENSIONS.map((name) => {
    const { reason, parts } = health.dimensions[name];
    const score = dimensionIn(now, name);
    const before = then === undefined ? null : dimensionIn(then, name);
    const change30 = score === null || before === null ? null : score - before;
    const shown: AssessedDimension['parts'] = {};
    for (const [part, each] of Object.entries(parts)) {
      if (each === undefined) continue;
      shown[part] = {
        score: each.value === undefined ? null : publish(each.value),
        weight: each.weight,
        ...(each.reason !== undefined && { reason: each.reason }),
      };
    }
    return {
      dimension: name,
      weight: weights[name] / total,
      score,
      ...(score === null && { reason: reason ?? 'not known' }),
      trend: trendOf(change30, measures.health.trendPoints) ?? 'unknown',
      change30,
      keySignals: keySignals(measured, name),
      parts: shown,
    };
  });
}

/** Points since `day` over the dimensions known on both days; null where score or reading is unknown. */
function changeSince({ measured, readings }: AssessmentInput, day: Day): number | null {
  const { health, measures, view } = measured;
  const then = readings.find((reading) => reading[0] === day);
  if (then === undefined || health.score.value === undefined) return null;
  return readingChange(then, readingOf(view.today, health), measures.health.weights);
}

/** Unknown dimensions, and unknown parts of the known ones. */
function dataGapsOf({ health }: AccountMeasures): AssessmentResult['dataGaps'] {
  const gaps: AssessmentResult['dataGaps'] = [];
  for (const name of DIMENSIONS) {
    const { score, reason, parts } = health.dimensions[name];
    if (score === undefined) {
      gaps.push({ fact: name, reason: reason ?? 'not known' });
      continue;
    }
    for (const [part, each] of Object.entries(parts)) {
      if (each !== undefined && each.value === undefined)
        gaps.push({ fact: `${name}.${part}`, reason: each.reason ?? 'not known' });
    }
  }
  return gaps;
}

/** What the assessment asks of people, before anything holds it. */
export function assessmentDrafts(m: AccountMeasures, diagnosis: Diagnosis): ActionDraft[] {
  const { signals } = m;
  const [first] = diagnosis.plays;
  if (first === undefined || diagnosis.callDue === undefined) return [];
  const severe = signals.filter((signal) => signal.severity !== 'medium');
  const [worst] = severe;
  const low = `${first.dimension} at ${publish(m.health.dimensions[first.dimension].score!)}`;
  const why = worst === undefined ? low : plainDetail(m, worst);
  const drafts: ActionDraft[] = [
    {
      key: `call:${first.play}`,
      title: `${playTitle(first.play)} call: ${why}`,
      role: 'csm',
      due: diagnosis.callDue,
      channel: 'call',
      evidence: severe.flatMap((signal) => signal.evidence),
    },
  ];
  const competitor = signals.find(isCompetitorSignal);
  if (competitor !== undefined && diagnosis.executiveDue !== undefined) {
    drafts.push({
      key: 'executive:competitor',
      title: `Executive contact: ${competitor.detail}`,
      role: 'exec',
      due: diagnosis.executiveDue,
      channel: 'meeting',
      evidence: competitor.evidence,
    });
  }
  return drafts;
}
