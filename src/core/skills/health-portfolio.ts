/** Health of many accounts: how it is spread, who comes first, what the accounts at risk have in common. */
import type { Measures } from '../policy/measures.ts';
import type { Stage } from '../records/record.ts';
import type { Dimension, HealthBand } from '../scores/health.ts';
import { DIMENSIONS } from '../scores/health.ts';
import type { AssessmentResult, HealthTrend } from './health-assessment.ts';
import { playTitle } from './health-plays.ts';

export const PORTFOLIO_BANDS = ['healthy', 'neutral', 'at_risk', 'critical', 'unknown'] as const;
export type PortfolioBand = (typeof PORTFOLIO_BANDS)[number];

/** Why an account is left out. */
export type LeftOut = 'test' | 'churned' | 'no_account_record' | 'not_yet';

export interface PortfolioRow {
  accountId: string;
  name: string;
  segment: string | null;
  stage: Stage | null;
  score: number | null;
  band: HealthBand | null;
  confidence: string;
  trend: HealthTrend | 'unknown';
  change30: number | null;
  weakestDimension: Dimension | null;
  weakestScore: number | null;
  /** Open signals, critical first. */
  signals: { id: string; severity: string; detail: string }[];
  play: string | null;
  paying: boolean | null;
  arrMinor: number | null;
  currency: string | null;
  renewalDate: string | null;
  daysToRenewal: number | null;
  reason: string | null;
  nextAssessmentDate: string | null;
}

export interface MoneySum {
  currency: string;
  minor: number;
}

export interface BandCount {
  band: PortfolioBand;
  accounts: number;
  /** Share of all accounts, 0-1. */
  share: number;
  arr: MoneySum[];
  /** Accounts with a contract in force whose ARR is not known. */
  arrUnknown: number;
}

export interface PortfolioHealth {
  today: string;
  segment: string | null;
  accounts: number;
  leftOut: { why: LeftOut; accounts: number }[];
  distribution: BandCount[];
  /** Lowest score first, unknown last. */
  rows: PortfolioRow[];
  /** A renewal this near comes before later ones. */
  soonDays: number;
  /** At risk and critical, the most urgent first. */
  prioritised: PortfolioRow[];
  /** Of the accounts at risk or critical: how often each dimension is the weakest, and its mean score among them. */
  weakestDimensions: { dimension: Dimension; accounts: number; meanScore: number | null; known: number }[];
  cohortSize: number;
  /** Signals open on two or more accounts of the cohort, the most frequent first. */
  commonSignals: { id: string; severity: string; accounts: number }[];
}

/** The row of one account; what the lists need and nothing more, because a portfolio may be large. */
export function portfolioRow({ accountId, result }: AssessmentResult): PortfolioRow {
  const weakest = result.dimensions.find((each) => each.dimension === result.weakestDimension);
  const [first] = result.interventions;
  return {
    accountId,
    name: result.name,
    segment: result.segment,
    stage: result.stage,
    score: result.score,
    band: result.band,
    confidence: result.confidence,
    trend: result.trend,
    change30: result.change30,
    weakestDimension: result.weakestDimension,
    weakestScore: weakest?.score ?? null,
    signals: result.signals.map(({ id, severity, detail }) => ({ id, severity, detail })),
    play: first === undefined ? null : playTitle(first.play),
    paying: result.paying,
    arrMinor: result.arrMinor,
    currency: result.currency,
    renewalDate: result.renewalDate,
    daysToRenewal: result.daysToRenewal,
    reason: result.reason,
    nextAssessmentDate: result.nextAssessmentDate,
  };
}

/** What becomes of the assessments of many accounts. `dimensionScores` are those of the cohort's accounts. */
export function portfolioHealth(
  assessments: readonly { row: PortfolioRow; dimensionScores: Readonly<Record<Dimension, number | null>> }[],
  about: { today: string; segment: string | null; leftOut: ReadonlyMap<LeftOut, number> },
  measures: Measures,
): PortfolioHealth {
  const rows = assessments.map(({ row }) => row);
  const cohort = assessments.filter(({ row }) => row.band === 'at_risk' || row.band === 'critical');
  return {
    today: about.today,
    segment: about.segment,
    accounts: rows.length,
    leftOut: [...about.leftOut].map(([why, accounts]) => ({ why, accounts })),
    distribution: PORTFOLIO_BANDS.map((band) => bandCount(band, rows)),
    rows: rows.toSorted(byScore),
    soonDays: measures.renewal.approachingDays,
    prioritised: cohort.map(({ row }) => row).sort((a, b) => byUrgency(a, b, measures.renewal.approachingDays)),
    weakestDimensions: weakestOfCohort(cohort),
    cohortSize: cohort.length,
    commonSignals: commonSignals(cohort.map(({ row }) => row)),
  };
}

function bandCount(band: PortfolioBand, rows: readonly PortfolioRow[]): BandCount {
  const of = rows.filter((row) => (row.band ?? 'unknown') === band);
  const sums = new Map<string, number>();
  for (const { arrMinor, currency } of of) {
    if (arrMinor !== null) sums.set(currency ?? '', (sums.get(currency ?? '') ?? 0) + arrMinor);
  }
  return {
    band,
    accounts: of.length,
    share: rows.length === 0 ? 0 : of.length / rows.length,
    arr: [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([currency, minor]) => ({ currency, minor })),
    arrUnknown: of.filter((row) => row.arrMinor === null && row.paying !== false).length,
  };
}

function byId(a: PortfolioRow, b: PortfolioRow): number {
  return a.accountId < b.accountId ? -1 : 1;
}

function byScore(a: PortfolioRow, b: PortfolioRow): number {
  return (a.score ?? 101) - (b.score ?? 101) || byId(a, b);
}

/**
 * Customers before trials; critical before at risk; then renewals within `soonDays` (and those that have passed), the nearest first; then the
 * larger ARR, unknown ARR last; then the lower score (our choice).
 */
function byUrgency(a: PortfolioRow, b: PortfolioRow, soonDays: number): number {
  const band = (row: PortfolioRow) => (row.band === 'critical' ? 0 : 1);
  const renewal = (row: PortfolioRow) =>
    row.daysToRenewal === null || row.daysToRenewal > soonDays ? soonDays + 1 : Math.max(0, row.daysToRenewal);
  const money = (row: PortfolioRow) => (row.paying === false ? 1 : 0);
  return (
    money(a) - money(b) ||
    band(a) - band(b) ||
    renewal(a) - renewal(b) ||
    (b.arrMinor ?? -1) - (a.arrMinor ?? -1) ||
    byScore(a, b)
  );
}

function weakestOfCohort(
  cohort: readonly { row: PortfolioRow; dimensionScores: Readonly<Record<Dimension, number | null>> }[],
): PortfolioHealth['weakestDimensions'] {
  const counts = DIMENSIONS.map((dimension) => {
    const scores = cohort.flatMap(({ dimensionScores }) => dimensionScores[dimension] ?? []);
    const meanScore = scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length;
    return {
      dimension,
      accounts: cohort.filter(({ row }) => row.weakestDimension === dimension).length,
      meanScore,
      known: scores.length,
    };
  });
  return counts.sort((a, b) => b.accounts - a.accounts || (a.meanScore ?? 101) - (b.meanScore ?? 101));
}

const SHARED_BY = 2;

function commonSignals(cohort: readonly PortfolioRow[]): PortfolioHealth['commonSignals'] {
  const counts = new Map<string, { id: string; severity: string; accounts: number }>();
  for (const { signals } of cohort) {
    for (const id of new Set(signals.map((signal) => signal.id))) {
      const found = counts.get(id);
      if (found !== undefined) found.accounts++;
      else counts.set(id, { id, severity: signals.find((signal) => signal.id === id)!.severity, accounts: 1 });
    }
  }
  return [...counts.values()]
    .filter(({ accounts }) => accounts >= SHARED_BY)
    .sort((a, b) => b.accounts - a.accounts || (a.id < b.id ? -1 : 1));
}
