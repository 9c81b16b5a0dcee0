/**
 * Evaluates accounts up to an instant and records what was decided: ticks, journey state, interventions and decision of
 * an account in one transaction (journey.md sections 1, 4). Two evaluations at once are safe: the one that comes second
 * for an account finds the journey moved on, reads anew, and decides only where there is something left to decide.
 */
import { rememberDays } from '../core/decision/remembered.ts';
import type { Workspace } from '../core/facts/view.ts';
import type { CompiledPolicy } from '../core/policy/compiled-policy.ts';
import { type Day, formatInstant, type Instant, type ZoneClock } from '../core/time/calendar.ts';
import { type EvaluatedAccount, type EvaluationContext, evaluateAccount, lastTickDue } from './evaluate-account.ts';
import {
  decisionRow,
  type EvaluatedBatch,
  type EvaluationBatch,
  type EvaluationJob,
  type EvaluationThreads,
  type Evaluator,
  ownEvaluator,
} from './evaluate-batch.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import type { AccountBundle, AccountStatus, DecisionRow, Store } from './ports.ts';

/** Accounts recorded in one transaction, and accounts looked at for them: where few are due, they share one too. */
const GROUP_DUE = 128;
const GROUP_ACCOUNTS = 8_192;
/** Decisions that still stand and are told of are read so many at once. */
const READ_DECISIONS = 1_024;
/** Accounts read and decided at once: few, so that what is left of them is young when it is collected. */
const BATCH_ACCOUNTS = 32;
/** An account that other writers keep changing is given up after so many tries. */
const TRIES = 5;

export interface EvaluateRequest {
  store: Store;
  loaded: LoadedWorkspace;
  policy: CompiledPolicy;
  asOf: Instant;
  /** Only these accounts, in this order; default all. */
  accountIds?: readonly string[];
  /** Accounts already evaluated later than `asOf` are decided as of then and not recorded, instead of refused. */
  allowLookBack?: boolean;
  /** Such accounts keep what was recorded: another evaluation, begun after this one, came first. See `latestEvaluation`. */
  keepLater?: boolean;
  /** Called for each account in the order of the result, with the recorded row. */
  onDecision?: (row: DecisionRow) => void;
  /** Started when enough accounts are due. */
  threads?: EvaluationThreads;
  onProgress?: (done: number, total: number) => void;
}

export interface EvaluateSummary {
  accounts: number;
  /** Decided now; the others' decisions of today still stand. */
  decided: number;
  unchanged: number;
  ticks: number;
  /** Decided as of an earlier instant than what is recorded, and not recorded. */
  lookedBack: number;
  /** Records name these accounts, but no account record has arrived. */
  orphans: string[];
  /** Asked for by id and not known at all. */
  unknown: string[];
  /** Created after `asOf`. */
  notYet: string[];
}

/**
 * Evaluates and records. An account that was evaluated as of a later moment than `asOf` is refused before anything is
 * written (EvaluationError `clock_set_back`), unless the request says what to do with it.
 */
export async function evaluateAccounts(request: EvaluateRequest): Promise<EvaluateSummary> {
  const { store, loaded, asOf, accountIds } = request;
  const statuses = await store.listStatuses(accountIds === undefined ? {} : { ids: accountIds });
  const { known, unknown } = askedFor(accountIds, statuses);
  const wanted = known.filter((status) => status.hasAccount);
  const summary: EvaluateSummary = {
    accounts: wanted.length,
    decided: 0,
    unchanged: 0,
    ticks: 0,
    lookedBack: 0,
    orphans: statuses.filter((status) => !status.hasAccount).map((status) => status.accountId),
    unknown,
    notYet: [],
  };
  const context: EvaluationContext = {
    workspace: loaded.workspace,
    policy: request.policy,
    asOf,
    today: loaded.workspace.clock.dayOf(asOf),
  };
  if (request.allowLookBack !== true && request.keepLater !== true) {
    refuseLater(wanted, context);
  }
  const job: EvaluationJob = { loaded, policy: request.policy, asOf };
  const own = ownEvaluator(store, job);
  const now: Now = {
    asOf,
    today: context.today,
    lastTick: lastTickDue(request.policy, context.workspace, asOf, context.today),
    contextKey: loaded.contextKey,
  };
  const groups = groupsOf(wanted, now);
  const due = groups.reduce((count, group) => count + group.due.length, 0);
  const threads = request.threads && due >= request.threads.fromAccounts ? request.threads.start(job, own) : undefined;
  try {
    await evaluateGroups({ request, job, context, now, own, summary }, groups, threads ?? own);
  } finally {
    await threads?.close();
  }
  return summary;
}

/** The statuses in the order asked for, and the ids that have none. */
function askedFor(
  accountIds: readonly string[] | undefined,
  statuses: readonly AccountStatus[],
): { known: readonly AccountStatus[]; unknown: string[] } {
  if (accountIds === undefined) return { known: statuses, unknown: [] };
  const byId = new Map(statuses.map((status) => [status.accountId, status]));
  return {
    known: accountIds.flatMap((id) => byId.get(id) ?? []),
    unknown: accountIds.filter((id) => !byId.has(id)),
  };
}

/**
 * Starts the request's threads ahead of an evaluation of all accounts, where enough of them have a day to tick: the threads
 * load their code while this process loads the workspace.
 */
export async function prepareThreads(request: {
  store: Store;
  policy: CompiledPolicy;
  clock: ZoneClock;
  asOf: Instant;
  threads: EvaluationThreads | undefined;
}): Promise<void> {
  const { store, policy, clock, asOf, threads } = request;
  if (threads === undefined) return;
  const lastDay = lastTickDue(policy, { clock }, asOf, clock.dayOf(asOf));
  if ((await store.countUnticked(lastDay)) >= threads.fromAccounts) threads.prepare();
}

/** As of when accounts are evaluated: says which of them are due. */
interface Now {
  asOf: Instant;
  today: Day;
  /** The last day whose run hour has come. */
  lastTick: Day;
  contextKey: string;
}

/** Neighbours in the order asked for, and those of them that something is to be decided of. */
interface Group {
  statuses: AccountStatus[];
  due: AccountStatus[];
  /** Those that were evaluated as of a later moment. */
  later: number;
}

function groupsOf(statuses: readonly AccountStatus[], now: Now): Group[] {
  const groups: Group[] = [];
  let group: Group | undefined;
  for (const status of statuses) {
    if (group === undefined || isFull(group)) {
      group = { statuses: [], due: [], later: 0 };
      groups.push(group);
    }
    group.statuses.push(status);
    if (isEarlier(status, now)) group.later++;
    else if (!standsStill(status, now)) group.due.push(status);
  }
  return groups;
}

function isFull({ statuses, due, later }: Group): boolean {
  return due.length + later >= GROUP_DUE || statuses.length >= GROUP_ACCOUNTS;
}

/** What one call of `evaluateAccounts` shares among its groups of accounts. */
interface Run {
  request: EvaluateRequest;
  job: EvaluationJob;
  context: EvaluationContext;
  now: Now;
  own: Evaluator;
  summary: EvaluateSummary;
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/** Groups may be evaluated several at once and in any order; they are recorded one after the other in theirs. */
async function evaluateGroups(run: Run, groups: readonly Group[], evaluator: Evaluator): Promise<void> {
  const begun: (Promise<EvaluatedBatch> | undefined)[] = [];
  let done = 0;
  for (const [i, { statuses }] of groups.entries()) {
    while (begun.length < Math.min(i + evaluator.groupsAtOnce, groups.length)) {
      const { due } = groups[begun.length]!;
      const evaluated = due.length === 0 ? undefined : evaluateGroup(run, due, evaluator);
      evaluated?.catch(() => undefined); // it is awaited later, unless an earlier group fails
      begun.push(evaluated);
    }
    await finishGroup(run, statuses, begun[i]);
    begun[i] = undefined;
    done += statuses.length;
    run.request.onProgress?.(done, run.summary.accounts);
  }
}

async function evaluateGroup(run: Run, due: readonly AccountStatus[], evaluator: Evaluator): Promise<EvaluatedBatch> {
  const batches = chunks(due, BATCH_ACCOUNTS).map((batch) => evaluator.evaluate(batchOf(batch, run)));
  const evaluated = await Promise.all(batches);
  return {
    writes: evaluated.flatMap((batch) => batch.writes),
    ticks: evaluated.flatMap((batch) => batch.ticks),
    notYet: evaluated.flatMap((batch) => batch.notYet),
    moved: evaluated.flatMap((batch) => batch.moved),
  };
}

function batchOf(due: readonly AccountStatus[], { job, context }: Run): EvaluationBatch {
  // Days to catch up on look back from where they stand: what was closed before then still counts for them.
  const oldest = due.reduce((day, { tickedThrough }) => Math.min(day, tickedThrough ?? day), context.today);
  return {
    accounts: due.map(({ accountId, journeyRevision }) => ({ accountId, journeyRevision })),
    interventionsSince: oldest - rememberDays(job.policy) - 1,
  };
}

/** Records a group whose due accounts are being evaluated, and tells of its decisions. */
async function finishGroup(
  run: Run,
  statuses: readonly AccountStatus[],
  evaluated: Promise<EvaluatedBatch> | undefined,
): Promise<void> {
  const { request, context, now, summary } = run;
  const { store, onDecision } = request;
  const rows = new Map<string, DecisionRow>();
  let pending = statuses;
  for (let attempt = 0; pending.length > 0; attempt++) {
    const later = pending.filter((status) => isEarlier(status, now));
    if (later.length > 0) await settleLater(request, context, later, summary, rows);
    const due = pending.filter((status) => !isEarlier(status, now) && !standsStill(status, now));
    summary.unchanged += pending.length - later.length - due.length;
    if (due.length === 0) break;
    if (attempt === TRIES) throw contendedError(due[0]!);
    const first = attempt === 0 ? evaluated : undefined;
    pending = await record(run, await (first ?? evaluateGroup(run, due, run.own)), rows);
  }
  if (onDecision === undefined) return;
  // What did not exist yet has no decision then, whatever has been decided since.
  const notYet = new Set(summary.notYet);
  for (const part of chunks(statuses, READ_DECISIONS)) {
    const kept = part.map((status) => status.accountId).filter((id) => !rows.has(id) && !notYet.has(id));
    const standing = new Map((await store.readDecisions(kept)).map((row) => [row.accountId, row]));
    for (const { accountId } of part) {
      const row = rows.get(accountId) ?? standing.get(accountId);
      if (row !== undefined) onDecision(row);
    }
  }
}

/** Records what was decided. Returns the accounts that another process took further meanwhile, as they are now. */
async function record(
  { request: { store, onDecision }, summary }: Run,
  { writes, ticks, notYet, moved }: EvaluatedBatch,
  rows: Map<string, DecisionRow>,
): Promise<AccountStatus[]> {
  summary.notYet.push(...notYet);
  const lost = new Set(writes.length === 0 ? [] : await store.write((session) => session.recordEvaluations(writes)));
  for (const [i, write] of writes.entries()) {
    if (lost.has(write.accountId)) continue;
    summary.decided++;
    summary.ticks += ticks[i]!;
    if (write.decision !== null && onDecision !== undefined) rows.set(write.accountId, write.decision);
  }
  for (const accountId of moved) lost.add(accountId);
  return lost.size === 0 ? [] : store.listStatuses({ ids: [...lost] });
}

/** Accounts evaluated as of a later moment: looked back upon, left as they are, or refused. */
async function settleLater(
  request: EvaluateRequest,
  context: EvaluationContext,
  later: readonly AccountStatus[],
  summary: EvaluateSummary,
  rows: Map<string, DecisionRow>,
): Promise<void> {
  if (request.allowLookBack === true) {
    for (const row of await lookBackRows(request, context, later, summary)) rows.set(row.accountId, row);
  } else if (request.keepLater === true) summary.unchanged += later.length;
  else refuseLater(later, context);
}

/** Was the account evaluated as of a later moment than this? */
function isEarlier({ tickedThrough, decidedAt }: AccountStatus, { asOf, today }: Pick<Now, 'asOf' | 'today'>): boolean {
  return (tickedThrough !== null && tickedThrough > today) || (decidedAt !== null && decidedAt > asOf);
}

/** Decisions as of an earlier moment: the recorded one where it was made then, else computed and not recorded. */
async function lookBackRows(
  { store, policy, loaded }: EvaluateRequest,
  context: EvaluationContext,
  statuses: readonly AccountStatus[],
  summary: EvaluateSummary,
): Promise<DecisionRow[]> {
  const rows: DecisionRow[] = [];
  const ids = statuses.map((status) => status.accountId);
  for (const bundle of ids.length === 0 ? [] : await store.readBundles(ids, 0)) {
    const { accountId } = bundle.status;
    const recorded = (await store.listDecisions(accountId)).filter((each) => each.asOf === context.asOf).at(-1);
    const row = recorded && (await store.readDecision(accountId, recorded.decisionId));
    const computed = row === undefined ? lookBack(bundle, context) : undefined;
    if (row !== undefined) rows.push(row);
    else if (computed === undefined) summary.notYet.push(accountId);
    else rows.push(decisionRow(computed, { policy, loaded, asOf: context.asOf }));
    summary.lookedBack++;
  }
  return rows;
}

/** Is the account's recorded decision still what this evaluation would give? */
function standsStill(status: AccountStatus, now: Now): boolean {
  return (
    status.decidedAt !== null &&
    status.decidedRevision === status.revision &&
    status.decidedContext === now.contextKey &&
    status.decidedAt <= now.asOf &&
    (status.tickedThrough ?? Number.NEGATIVE_INFINITY) >= now.lastTick &&
    (status.nextChangeAt === null || status.nextChangeAt > now.asOf)
  );
}

/**
 * The account of these (default all) that was evaluated as of the latest moment. Whoever evaluates as of now reads this
 * first and its clock after that: a moment that is later all the same was never reached by this clock, while one that
 * turns up afterwards belongs to an evaluation that runs beside this one.
 */
export async function latestEvaluation(
  store: Store,
  accountIds?: readonly string[],
): Promise<AccountStatus | undefined> {
  let latest: AccountStatus | undefined;
  for (const status of await store.listStatuses(accountIds === undefined ? {} : { ids: accountIds })) {
    if (status.decidedAt !== null && status.decidedAt > (latest?.decidedAt ?? -Infinity)) latest = status;
  }
  return latest;
}

/** Throws EvaluationError `clock_set_back` when one of the accounts was evaluated as of a later moment than `asOf`. */
export function refuseLater(statuses: readonly AccountStatus[], { asOf, today }: Pick<Now, 'asOf' | 'today'>): void {
  const status = statuses.find((each) => isEarlier(each, { asOf, today }));
  if (status === undefined) return;
  throw new EvaluationError(
    'clock_set_back',
    `account ${status.accountId} was evaluated as of ${formatInstant(status.decidedAt ?? asOf)}, after ${formatInstant(asOf)}: ` +
      'recorded days are never decided again. Check the clock, or look back with `stagecraft show ACCOUNT --as-of DATE`',
  );
}

function contendedError({ accountId }: AccountStatus): EvaluationError {
  return new EvaluationError(
    'contended',
    `account ${accountId} is being changed by other processes without pause. What was decided for others is kept; run this again`,
  );
}

export class EvaluationError extends Error {
  readonly code: 'clock_set_back' | 'contended';
  constructor(code: EvaluationError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Decides as of any instant without recording: from the recorded journey up to then, or from none. */
export function lookBack(
  bundle: AccountBundle,
  context: { workspace: Workspace; policy: CompiledPolicy; asOf: Instant },
): EvaluatedAccount | undefined {
  const today = context.workspace.clock.dayOf(context.asOf);
  const recorded = bundle.status.tickedThrough;
  // A day before the last recorded tick is folded anew from the first day, from what was known then.
  const fresh = recorded !== null && (recorded > today || (bundle.status.decidedAt ?? 0) > context.asOf);
  return evaluateAccount(fresh ? { ...bundle, journey: null, interventions: [] } : bundle, { ...context, today });
}
