/** Calc of customer_success/risk_mitigation_playbook: what threatens the account, how badly, what to do (skills.md B). */
import { type Known, known, unknown } from '../facts/view.ts';
import type { Measures } from '../policy/measures.ts';
import { addBusinessDays, type Day } from '../time/calendar.ts';
import { clamp, mean, publish, ratio4 } from './number.ts';
import type { RoleState } from './people.ts';

export type RiskSeverity = 'none' | 'low' | 'medium' | 'high' | 'critical';
const SEVERITIES: readonly RiskSeverity[] = ['none', 'low', 'medium', 'high', 'critical'];

/** In the order that settles a tie for the primary risk. */
export const RISK_FACTORS = ['competitive', 'relationship', 'financial', 'usage', 'sentiment'] as const;
export type RiskFactor = (typeof RISK_FACTORS)[number];

/** Everything may be undefined: unknown. */
export interface RiskInput {
  today: Day;
  /** Usage trend T in percent; -100 for an account gone dormant. */
  trendPercent: number | undefined;
  sentiment: 'detractor' | 'passive' | 'promoter' | undefined;
  champion: RoleState | undefined;
  sponsor: RoleState | undefined;
  competition: 'none' | 'comparison' | 'mention' | 'evaluation' | undefined;
  /** Largest recent cut of the contract, share 0-1 (0: none). */
  cutShare: number | undefined;
  /** Days the longest overdue invoice is overdue (0: none). */
  overdueDays: number | undefined;
  downgradeQuery: boolean | undefined;
  /** Published 0-100. */
  healthScore: number | undefined;
  /** Dimensions 0-100. */
  engagement: number | undefined;
  outcomes: number | undefined;
  worstSignal: 'critical' | 'high' | 'medium' | undefined;
  daysToRenewal: number | undefined;
  arrMinor: number | undefined;
}

export interface RiskPlaybook {
  severity: Known<RiskSeverity>;
  /** Unrounded 0-100. */
  riskScore: Known<number>;
  /** Share of the five factors that are known. */
  riskCoverage: number;
  factors: Record<RiskFactor, number | undefined>;
  /** Undefined where no factor is above 0. */
  primaryRisk: RiskFactor | undefined;
  playbookId: string | undefined;
  /** Lowest and highest score the unknowns allow, 6-18. */
  churnScoreRange: { from: number; to: number };
  /** Band of the worse end. */
  churnBand: 'low' | 'medium' | 'high';
  /** Last day of each step. */
  stepEnds: Day[];
  /** Half of the playbook's time. */
  checkpoint: Day | undefined;
  /** When the first step is due; undefined at severity none or unknown. */
  firstStepDue: Day | undefined;
  arrAtRiskMinor: number | undefined;
}

interface Playbook {
  id: string;
  /** Days after today on which each step ends. */
  ends: readonly number[];
}

/** Steps without a source end on thirds of the playbook's time. */
const PLAYBOOKS: Record<RiskFactor, Playbook> = {
  usage: { id: 'usage_decline', ends: [3, 7, 14, 30] },
  relationship: { id: 'champion_loss', ends: [1, 5, 14] },
  competitive: { id: 'competitive_threat', ends: [3, 10, 21] },
  sentiment: { id: 'sentiment_recovery', ends: [7, 14, 21] },
  financial: { id: 'financial_risk', ends: [10, 20, 30] },
};

const FIRST_STEP_BUSINESS_DAYS: Record<Exclude<RiskSeverity, 'none'>, number> = {
  critical: 2,
  high: 5,
  medium: 10,
  low: 20,
};

export function riskPlaybook(input: RiskInput, m: Measures['risk'], holidays: ReadonlySet<Day>): RiskPlaybook {
  const factors = factorsOf(input, m);
  const values = Object.values(factors).filter((value) => value !== undefined);
  const severity = riskSeverity(input, m);
  const primaryRisk = primaryOf(factors);
  const playbook = primaryRisk === undefined ? undefined : PLAYBOOKS[primaryRisk];
  const days = playbook?.ends.at(-1);
  const churn = churnScore(input);
  const due =
    severity.value === undefined || severity.value === 'none' ? undefined : FIRST_STEP_BUSINESS_DAYS[severity.value];
  return {
    severity,
    riskScore:
      values.length === 0
        ? unknown('no risk factor known')
        : known(m.maximumWeight * Math.max(...values) + m.meanWeight * mean(values)!),
    riskCoverage: ratio4(values.length / RISK_FACTORS.length),
    factors,
    primaryRisk,
    playbookId: playbook?.id,
    churnScoreRange: churn,
    churnBand: churn.to >= 14 ? 'high' : churn.to >= 10 ? 'medium' : 'low',
    stepEnds: (playbook?.ends ?? []).map((end) => input.today + end),
    checkpoint: days === undefined ? undefined : input.today + publish(days / 2),
    firstStepDue: due === undefined ? undefined : addBusinessDays(input.today, due, holidays),
    arrAtRiskMinor: input.arrMinor,
  };
}

function factorsOf(input: RiskInput, m: Measures['risk']): RiskPlaybook['factors'] {
  const { trendPercent, sentiment, competition } = input;
  return {
    competitive: competition && (competition === 'evaluation' ? 100 : competition === 'mention' ? 50 : 0),
    relationship: relationshipFactor(input),
    financial: financialFactor(input, m),
    usage: trendPercent === undefined ? undefined : clamp(-2 * trendPercent, 0, 100),
    sentiment: sentiment && { detractor: 100, passive: 40, promoter: 0 }[sentiment],
  };
}

function relationshipFactor({ champion, sponsor }: RiskInput): number | undefined {
  if (champion === undefined || sponsor === undefined) return undefined;
  const missing = [champion, sponsor].filter((state) => state === 'none').length;
  return missing === 2 ? 100 : missing === 1 ? 60 : 0;
}

/** A known trouble counts whatever else is unknown; that there is none needs all three known. */
function financialFactor(
  { cutShare, overdueDays, downgradeQuery }: RiskInput,
  m: Measures['risk'],
): number | undefined {
  if ((cutShare ?? 0) > m.cutShare || (overdueDays ?? 0) > m.overdueDays) return 100;
  if ((cutShare ?? 0) > 0 || (overdueDays ?? 0) > 0 || downgradeQuery === true) return 60;
  return cutShare === undefined || overdueDays === undefined || downgradeQuery === undefined ? undefined : 0;
}

/** What severity stands on. */
export type SeverityInput = Pick<RiskInput, 'healthScore' | 'worstSignal' | 'daysToRenewal'>;

/** The worse of the health score's severity and the worst open signal; medium and high rise a step near the renewal. */
export function riskSeverity(input: SeverityInput, m: Measures['risk']): Known<RiskSeverity> {
  const { healthScore, worstSignal, daysToRenewal } = input;
  if (healthScore === undefined && worstSignal === undefined) return unknown('health unknown and no open signal');
  const ofHealth = healthScore === undefined ? 'none' : healthSeverity(healthScore, m);
  let rank = Math.max(SEVERITIES.indexOf(ofHealth), SEVERITIES.indexOf(worstSignal ?? 'none'));
  const isRaised = SEVERITIES[rank] === 'medium' || SEVERITIES[rank] === 'high';
  if (isRaised && daysToRenewal !== undefined && daysToRenewal < m.renewalSoonDays) rank++;
  return known(SEVERITIES[rank]!);
}

function healthSeverity(score: number, m: Measures['risk']): RiskSeverity {
  if (score < m.critical) return 'critical';
  if (score <= m.high) return 'high';
  if (score <= m.medium) return 'medium';
  return score <= m.low ? 'low' : 'none';
}

function primaryOf(factors: RiskPlaybook['factors']): RiskFactor | undefined {
  let primary: RiskFactor | undefined;
  for (const factor of RISK_FACTORS) {
    const value = factors[factor] ?? 0;
    if (value > (primary === undefined ? 0 : factors[primary]!)) primary = factor;
  }
  return primary;
}

/** Six factors of 1-3 points each; an unknown one may be any of the three. */
function churnScore(input: RiskInput): { from: number; to: number } {
  const { trendPercent, engagement, outcomes, sponsor, daysToRenewal, competition } = input;
  const factors = [
    trendPercent === undefined ? undefined : trendPercent >= -10 ? 1 : trendPercent >= -20 ? 2 : 3,
    dimensionPoints(engagement),
    sponsor === undefined ? undefined : { active: 1, identified: 2, none: 3 }[sponsor],
    dimensionPoints(outcomes),
    daysToRenewal === undefined ? undefined : daysToRenewal > 182 ? 1 : daysToRenewal >= 91 ? 2 : 3,
    competition === undefined ? undefined : competition === 'none' ? 1 : competition === 'evaluation' ? 3 : 2,
  ];
  const sum = (whenUnknown: number) => factors.reduce<number>((total, points) => total + (points ?? whenUnknown), 0);
  return { from: sum(1), to: sum(3) };
}

function dimensionPoints(score: number | undefined): number | undefined {
  return score === undefined ? undefined : score >= 60 ? 1 : score >= 40 ? 2 : 3;
}
