/** A few accounts at once, from their stored rows to the rows to write. Reads and computes; records nothing. */
import { soonForgotten } from '../core/decision/remembered.ts';
import type { TickRecord } from '../core/journey/state.ts';
import type { CompiledPolicy } from '../core/policy/compiled-policy.ts';
import type { Day, Instant } from '../core/time/calendar.ts';
import { inTurns } from '../core/turns.ts';
import {
  type EvaluatedAccount,
  type EvaluationContext,
  evaluateAccount,
  evaluateInTurns,
  interventionRow,
} from './evaluate-account.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import type { AccountBundle, AccountStatus, DecisionRow, EvaluationWrite, Store } from './ports.ts';

/** Plain data, as is `EvaluatedBatch`: both may travel between threads. */
export interface EvaluationBatch {
  accounts: { accountId: string; journeyRevision: number }[];
  /** Oldest day on which a closed intervention that still counts changed last. */
  interventionsSince: Day;
}

export interface EvaluatedBatch {
  writes: EvaluationWrite[];
  /** Ticks made, by write. */
  ticks: number[];
  /** Accounts that do not exist yet at the instant asked for. */
  notYet: string[];
  /** Accounts that another process took further since their revision was seen. */
  moved: string[];
}

/** Something that evaluates batches: this process, or several threads. */
export interface Evaluator {
  /** How many groups of batches it wants to be given at once, so that nobody waits. */
  readonly groupsAtOnce: number;
  /** Rejects with what reading or computing throws. */
  evaluate(batch: EvaluationBatch): Promise<EvaluatedBatch>;
}

/** What all batches of an evaluation share. */
export interface EvaluationJob {
  loaded: LoadedWorkspace;
  policy: CompiledPolicy;
  asOf: Instant;
}

/** Several threads, for evaluations of many accounts. */
export interface EvaluationThreads {
  /** From so many accounts on they are worth their start. */
  readonly fromAccounts: number;
  /** They load their code meanwhile, for a `start` to come. Without one they end with the process. */
  prepare(): void;
  /** `own` evaluates in this process; the threads give it a share. Batches give the same rows wherever they are evaluated. */
  start(job: EvaluationJob, own: Evaluator): Evaluator & { close(): Promise<void> };
}

/** Evaluates in this process, one batch after the other. */
export function ownEvaluator(store: Store, job: EvaluationJob): Evaluator {
  const { workspace } = job.loaded;
  const context: EvaluationContext = {
    workspace,
    policy: job.policy,
    asOf: job.asOf,
    today: workspace.clock.dayOf(job.asOf),
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    groupsAtOnce: 1,
    evaluate(batch) {
      const result = last.then(() => evaluateBatch(store, job, context, batch));
      last = result.catch(() => undefined);
      return result;
    },
  };
}

async function evaluateBatch(
  store: Store,
  job: EvaluationJob,
  context: EvaluationContext,
  { accounts, interventionsSince }: EvaluationBatch,
): Promise<EvaluatedBatch> {
  const seen = new Map(accounts.map((each) => [each.accountId, each.journeyRevision]));
  const batch: EvaluatedBatch = { writes: [], ticks: [], notYet: [], moved: [] };
  const unmoved: AccountBundle[] = [];
  for (const bundle of await store.readBundles([...seen.keys()], interventionsSince, soonForgotten(job.policy))) {
    const { accountId, journeyRevision } = bundle.status;
    if (seen.get(accountId) === journeyRevision) unmoved.push(bundle);
    else batch.moved.push(accountId);
  }
  const results = evaluateBundles(unmoved, context);
  for (const [i, { status }] of unmoved.entries()) {
    const result = results[i];
    if (result === undefined) batch.notYet.push(status.accountId);
    else {
      batch.writes.push(writeOf(status, result, job));
      batch.ticks.push(result.ticks.length);
    }
  }
  return batch;
}

/** With more days to catch up on, the days take longer than fetching the code, and their histories take memory at once. */
const FEW_DAYS = 7;

function evaluateBundles(
  bundles: readonly AccountBundle[],
  context: EvaluationContext,
): (EvaluatedAccount | undefined)[] {
  const hasFewDays = ({ status: { tickedThrough } }: AccountBundle) =>
    tickedThrough !== null && context.today - tickedThrough <= FEW_DAYS;
  const together = inTurns(bundles.filter(hasFewDays).map((bundle) => evaluateInTurns(bundle, context)));
  return bundles.map((bundle) => (hasFewDays(bundle) ? together.shift() : evaluateAccount(bundle, context)));
}

function writeOf(status: AccountStatus, result: EvaluatedAccount, job: EvaluationJob): EvaluationWrite {
  const { accountId, state } = result;
  return {
    accountId,
    expectedJourneyRevision: status.journeyRevision,
    journey: { accountId, state: JSON.stringify(state) },
    tickedThrough: state.day,
    tickRuns: tickRuns(accountId, result.ticks),
    interventions: result.changed.map((each) => interventionRow(accountId, each)),
    decision: decisionRow(result, job),
    decidedRevision: status.revision,
    decidedContext: job.loaded.contextKey,
    nextChangeAt: result.nextChangeAt,
    ...(result.followUp !== undefined && { followUp: result.followUp }),
  };
}

export function decisionRow(result: EvaluatedAccount, { policy, loaded, asOf }: EvaluationJob): DecisionRow {
  return {
    accountId: result.accountId,
    decisionId: result.decision.decisionId,
    asOf,
    policyHash: policy.hash,
    catalogueHash: loaded.workspace.catalogue.hash,
    body: result.decisionText,
    inputs: result.inputsText,
  };
}

const RUN_TICKS = 366; // ticks kept in one row

/** Consecutive ticks packed into rows, each under the day of its first tick. */
function tickRuns(accountId: string, ticks: readonly TickRecord[]): EvaluationWrite['tickRuns'] {
  const runs: EvaluationWrite['tickRuns'] = [];
  for (let from = 0; from < ticks.length; from += RUN_TICKS) {
    const run = ticks.slice(from, from + RUN_TICKS);
    runs.push({ accountId, firstDay: run[0]!.day, ticks: JSON.stringify(run) });
  }
  return runs;
}
