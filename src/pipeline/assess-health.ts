/** Assesses the health of accounts as of an instant; records nothing. */
import { measureAccount } from '../core/facts/measure-account.ts';
import { readingOf } from '../core/journey/readings.ts';
import { statusOf } from '../core/journey/stages.ts';
import type { HealthReading, JourneyState } from '../core/journey/state.ts';
import type { CompiledPolicy } from '../core/policy/compiled-policy.ts';
import { DIMENSIONS, type Dimension } from '../core/scores/health.ts';
import { type AssessmentResult, assessHealth } from '../core/skills/health-assessment.ts';
import {
  type LeftOut,
  type PortfolioHealth,
  type PortfolioRow,
  portfolioHealth,
  portfolioRow,
} from '../core/skills/health-portfolio.ts';
import { type Day, formatDay, type Instant } from '../core/time/calendar.ts';
import { runInstant, sourceOf } from './evaluate-account.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import type { AccountBundle, Store } from './ports.ts';

export interface AssessmentContext {
  loaded: LoadedWorkspace;
  policy: CompiledPolicy;
  asOf: Instant;
}

/**
 * The assessment of one account; undefined: it did not exist yet. The readings of 30 and 7 days ago are the journey's where
 * it was recorded, else what the tick of that day would have read.
 */
export function assessAccount(bundle: AccountBundle, context: AssessmentContext): AssessmentResult | undefined {
  const assessed = assess(bundle, context);
  return assessed?.assessment;
}

function assess(
  bundle: AccountBundle,
  { loaded: { workspace }, policy, asOf }: AssessmentContext,
): { assessment: AssessmentResult; churned: boolean; isTest: boolean } | undefined {
  const today = workspace.clock.dayOf(asOf);
  const source = sourceOf(bundle, workspace, today);
  if (source.firstDay > today) return undefined;
  const state = journeyAsOf(bundle, today, asOf);
  const readingAt = (day: Day): HealthReading[] => {
    const kept = state?.readings.find((reading) => reading[0] === day);
    if (kept !== undefined) return [kept];
    const instant = runInstant(policy, workspace, day);
    if (source.firstDay > day) return [];
    return [readingOf(day, measureAccount(source, instant, day, workspace).health)];
  };
  const { trendDays, alertDays } = policy.measures.health;
  const readings = [...readingAt(today - trendDays), ...readingAt(today - alertDays)];
  const measured = measureAccount(source, asOf, today, workspace);
  const { holidays } = workspace.catalogue;
  return {
    assessment: assessHealth({ measured, readings, stage: state?.stage ?? null, holidays }),
    churned: statusOf(measured.contract) === 'churned',
    isTest: measured.view.account.isTest === true,
  };
}

/** The recorded journey, unless it is of a later moment than is asked about. */
function journeyAsOf({ journey, status }: AccountBundle, today: Day, asOf: Instant): JourneyState | undefined {
  if (journey === null || (status.decidedAt ?? 0) > asOf) return undefined;
  const state = JSON.parse(journey.state) as JourneyState;
  return state.day <= today ? state : undefined;
}

/** Accounts read at once: bounds memory. */
const BATCH_ACCOUNTS = 256;

export interface PortfolioRequest extends AssessmentContext {
  store: Store;
  /** Only accounts of this segment, compared without regard to case; null: all. */
  segment: string | null;
  onProgress?: (done: number, total: number) => void;
}

/** Health of all accounts, or of a segment. Test accounts and churned ones are counted, and left out. */
export async function assessPortfolio(request: PortfolioRequest): Promise<PortfolioHealth> {
  const { store, loaded, policy, asOf, segment, onProgress } = request;
  const statuses = await store.listStatuses();
  const leftOut = new Map<LeftOut, number>();
  const leave = (why: LeftOut) => leftOut.set(why, (leftOut.get(why) ?? 0) + 1);
  const kept: { row: PortfolioRow; dimensionScores: Record<Dimension, number | null> }[] = [];
  const wanted = statuses.filter((status) => status.hasAccount);
  if (segment === null) for (const _ of statuses.filter((status) => !status.hasAccount)) leave('no_account_record');
  for (let from = 0; from < wanted.length; from += BATCH_ACCOUNTS) {
    const ids = wanted.slice(from, from + BATCH_ACCOUNTS).map((status) => status.accountId);
    for (const bundle of await store.readBundles(ids, loaded.workspace.clock.dayOf(asOf))) {
      const assessed = assess(bundle, request);
      if (assessed === undefined) {
        if (segment === null) leave('not_yet');
        continue;
      }
      const { assessment, churned, isTest } = assessed;
      if (segment !== null && assessment.result.segment?.toLowerCase() !== segment.toLowerCase()) continue;
      if (isTest) leave('test');
      else if (churned) leave('churned');
      else kept.push({ row: portfolioRow(assessment), dimensionScores: scoresOf(assessment) });
    }
    onProgress?.(Math.min(from + BATCH_ACCOUNTS, wanted.length), wanted.length);
  }
  const today = formatDay(loaded.workspace.clock.dayOf(asOf));
  return portfolioHealth(kept, { today, segment, leftOut }, policy.measures);
}

function scoresOf({ result }: AssessmentResult): Record<Dimension, number | null> {
  const scores = Object.fromEntries(DIMENSIONS.map((name) => [name, null])) as Record<Dimension, number | null>;
  for (const each of result.dimensions) scores[each.dimension] = each.score;
  return scores;
}
