/** One account, from its stored rows to its decision: replays or catches up the ticks that are due, then decides. Pure. */
import { type Choice, choose } from '../core/decision/choose.ts';
import { composeDecision, decisionIdOf } from '../core/decision/compose.ts';
import type { Decision } from '../core/decision/decision.ts';
import type { DecisionInputs, Intervention } from '../core/decision/inputs.ts';
import { stillCounts } from '../core/decision/remembered.ts';
import { makeDecisionWhole, makeInputsWhole } from '../core/decision/whole-texts.ts';
import { AccountSource } from '../core/facts/account-source.ts';
import { type AccountMeasures, measureAccount, measureInTurns } from '../core/facts/measure-account.ts';
import type { Workspace } from '../core/facts/view.ts';
import { decodeLedgerColumns } from '../core/history/codec.ts';
import type { JourneyState, TickRecord } from '../core/journey/state.ts';
import { type Evaluation, redecide, tick, tickRecord } from '../core/journey/tick.ts';
import type { CompiledPolicy } from '../core/policy/compiled-policy.ts';
import { type AccountRecords, RECORD_KINDS } from '../core/records/record.ts';
import type { Day, Instant } from '../core/time/calendar.ts';
import { alone, type Turns } from '../core/turns.ts';
import { FollowUp } from './follow-up.ts';
import type { AccountBundle, EntityVersion, FollowUpWrite, InterventionRow } from './ports.ts';
import type { InterventionDetail } from './skill-context.ts';

export interface EvaluatedAccount {
  accountId: string;
  decision: Decision;
  /** JSON of `decision`, as recorded. */
  decisionText: string;
  inputs: DecisionInputs;
  inputsText: string;
  choice: Choice;
  state: JourneyState;
  /** Ticks made by this evaluation, oldest first. */
  ticks: TickRecord[];
  /** Interventions that are new or changed. */
  changed: Intervention[];
  nextChangeAt: Instant | null;
  /** What the live decisions leave beside the journey. */
  followUp: FollowUpWrite | undefined;
  /** The decision's measures, and where they came from. */
  measured: AccountMeasures;
  source: AccountSource;
}

export interface EvaluationContext {
  workspace: Workspace;
  policy: CompiledPolicy;
  asOf: Instant;
  today: Day;
}

/** The day's run hour. */
export function runInstant(policy: CompiledPolicy, workspace: Pick<Workspace, 'clock'>, day: Day): Instant {
  return workspace.clock.instantOf(day, policy.runHour);
}

/** The last day whose run hour has come. */
export function lastTickDue(
  policy: CompiledPolicy,
  workspace: Pick<Workspace, 'clock'>,
  asOf: Instant,
  today: Day,
): Day {
  return asOf >= runInstant(policy, workspace, today) ? today : today - 1;
}

/** Rows to typed records; the store gives them in the order (effectiveAt, receivedAt, arrival). */
export function recordsOf(accountId: string, rows: readonly EntityVersion[]): AccountRecords {
  const records = { accountId } as AccountRecords;
  for (const kind of RECORD_KINDS) if (kind !== 'events') records[kind] = [];
  for (const row of rows) {
    const versions = records[row.kind] as { id: string; effectiveAt: Instant; receivedAt: Instant; data: unknown }[];
    versions.push({ id: row.id, effectiveAt: row.effectiveAt, receivedAt: row.receivedAt, data: JSON.parse(row.body) });
  }
  return records;
}

export function sourceOf(bundle: AccountBundle, workspace: Workspace, throughDay: Day): AccountSource {
  return alone(sourceInTurns(bundle, workspace, throughDay));
}

function* sourceInTurns(bundle: AccountBundle, workspace: Workspace, throughDay: Day): Turns<AccountSource> {
  const records = recordsOf(bundle.status.accountId, bundle.entities);
  yield;
  const months = bundle.ledger.map((row) => decodeLedgerColumns(row.month, row.cells));
  yield;
  return new AccountSource({ records, months, workspace, throughDay });
}

export function interventionOf(row: InterventionRow): Intervention {
  const { madeOn, reason, heldBy, doneOn, snoozedUntil } = JSON.parse(row.detail) as InterventionDetail;
  return {
    id: row.interventionId,
    ruleId: row.ruleId,
    skill: row.skill,
    stage: row.stage as Intervention['stage'],
    priority: row.priority as Intervention['priority'],
    state: row.state,
    customerFacing: row.customerFacing,
    capped: row.capped,
    day: row.day,
    madeOn,
    updatedDay: row.updatedDay,
    reason,
    heldBy,
    ...(doneOn !== undefined && { doneOn }),
    ...(snoozedUntil !== undefined && { snoozedUntil }),
  };
}

export function interventionRow(
  accountId: string,
  each: Intervention,
  settled?: InterventionDetail['settled'],
): InterventionRow {
  const { madeOn, reason, heldBy, doneOn, snoozedUntil } = each;
  const detail: InterventionDetail = {
    madeOn,
    reason,
    heldBy,
    ...(doneOn !== undefined && { doneOn }),
    ...(snoozedUntil !== undefined && { snoozedUntil }),
    ...(settled !== undefined && { settled }),
  };
  return {
    accountId,
    interventionId: each.id,
    ruleId: each.ruleId,
    skill: each.skill,
    stage: each.stage,
    priority: each.priority,
    state: each.state,
    customerFacing: each.customerFacing,
    capped: each.capped,
    day: each.day,
    updatedDay: each.updatedDay,
    detail: JSON.stringify(detail),
  };
}

/** Interventions while an account is evaluated: those that count, and those that changed. */
export class Shelf {
  readonly changed = new Map<string, Intervention>();
  #list: Intervention[];
  readonly #policy: CompiledPolicy;

  constructor(list: readonly Intervention[], policy: CompiledPolicy) {
    this.#list = list.toSorted(byDay);
    this.#policy = policy;
  }

  /** Those that count on a day, in an order of their own: a catch-up sees what a daily evaluation reads from the store. */
  on(today: Day): Intervention[] {
    if (this.#list.some((each) => !stillCounts(each, today, this.#policy)))
      this.#list = this.#list.filter((each) => stillCounts(each, today, this.#policy));
    return this.#list;
  }

  apply(changes: readonly Intervention[]): void {
    if (changes.length === 0) return;
    const byId = new Map(this.#list.map((each) => [each.id, each]));
    for (const each of changes) {
      byId.set(each.id, each);
      this.changed.set(each.id, each);
    }
    this.#list = [...byId.values()].sort(byDay);
  }
}

function byDay(a: Intervention, b: Intervention): number {
  return a.day - b.day || (a.id < b.id ? -1 : 1);
}

/**
 * Evaluates an account as of an instant: ticks every day that is due and not recorded, in order, each from what was known
 * at its run hour, and decides. The same bundle and context give the same bytes. Undefined: the account does not exist yet.
 */
export function evaluateAccount(bundle: AccountBundle, context: EvaluationContext): EvaluatedAccount | undefined {
  return alone(evaluateInTurns(bundle, context));
}

/** The same, step by step. */
export function* evaluateInTurns(
  bundle: AccountBundle,
  context: EvaluationContext,
): Turns<EvaluatedAccount | undefined> {
  const { asOf, today, policy } = context;
  const source = yield* sourceInTurns(bundle, context.workspace, today);
  if (!source.hasBegun(asOf)) return undefined;
  const run = beginRun(bundle, source, context);
  yield* tickDueDays(run);
  const { evaluation, measured } = run.decided ?? (yield* decideNow(run));
  yield;
  const recorded = yield* record(evaluation, policy);
  yield;
  return {
    accountId: bundle.status.accountId,
    ...recorded,
    state: run.state!,
    ticks: run.ticks,
    changed: [...run.shelf.changed.values()],
    nextChangeAt: source.nextChange(asOf) ?? null,
    followUp: run.followUp.finish(recorded.decision, evaluation, measured),
    measured,
    source,
  };
}

interface Decided {
  evaluation: Evaluation;
  measured: AccountMeasures;
}

/** An evaluation as far as it has come. */
interface Run {
  context: EvaluationContext;
  source: AccountSource;
  firstTick: Day;
  shelf: Shelf;
  followUp: FollowUp;
  /** Somebody could act on what was decided before. */
  wasLive: boolean;
  state: JourneyState | null;
  ticks: TickRecord[];
  /** By the tick of the instant asked for. */
  decided: Decided | undefined;
}

function beginRun(bundle: AccountBundle, source: AccountSource, context: EvaluationContext): Run {
  const { workspace, policy } = context;
  const kept = bundle.journey === null ? null : (JSON.parse(bundle.journey.state) as JourneyState);
  return {
    context,
    source,
    firstTick: source.firstTick((day) => runInstant(policy, workspace, day)),
    shelf: new Shelf(bundle.interventions.map(interventionOf), policy),
    followUp: new FollowUp(bundle, source, context),
    wasLive: kept !== null && kept.liveSince !== null,
    state: kept?.provisional ? null : kept,
    ticks: [],
    decided: undefined,
  };
}

/** Days to catch up on are one step: from day to day most measures stand, so it is the account's data that is at hand. */
function* tickDueDays(run: Run): Turns<void> {
  const { source, shelf, wasLive } = run;
  const { workspace, policy, asOf, today } = run.context;
  const last = lastTickDue(policy, workspace, asOf, today);
  for (let day = run.state === null ? run.firstTick : run.state.day + 1; day <= last; day++) {
    const at = runInstant(policy, workspace, day);
    const measured =
      day < last ? measureAccount(source, at, day, workspace) : yield* measureInTurns(source, at, day, workspace);
    const replay = day < today && !wasLive;
    const evaluation = tick(run.state, measured, shelf.on(day), policy, { replay });
    run.state = evaluation.state;
    shelf.apply(evaluation.choice.changed);
    run.ticks.push(tickRecord(evaluation));
    if (day === last) yield;
    if (!replay) run.followUp.decided(evaluation, measured, at, !wasLive);
    if (at === asOf) run.decided = { evaluation, measured };
  }
}

/** Decides from the present facts without a tick: on a day that has its tick, or before the first one. */
function* decideNow(run: Run): Turns<Decided> {
  const { source, shelf, ticks, firstTick, wasLive } = run;
  const { workspace, policy, asOf, today } = run.context;
  const measured = yield* measureInTurns(source, asOf, today, workspace);
  const now = presentEvaluation(run.state, measured, shelf.on(today), policy);
  run.state = run.state === null ? { ...now.state, day: Math.min(firstTick - 1, today), provisional: true } : now.state;
  shelf.apply(now.choice.changed);
  run.followUp.decided(now, measured, asOf, !wasLive && !ticks.some(({ day }) => day === today));
  return { evaluation: now, measured };
}

function presentEvaluation(
  state: JourneyState | null,
  measured: AccountMeasures,
  interventions: Intervention[],
  policy: CompiledPolicy,
): Evaluation {
  if (state === null) return tick(null, measured, interventions, policy, { replay: false });
  const liveSince = state.liveSince ?? measured.view.today;
  return { ...redecide(state, measured, interventions, policy), state: { ...state, liveSince } };
}

type Recorded = Pick<EvaluatedAccount, 'inputs' | 'inputsText' | 'choice' | 'decision' | 'decisionText'>;

function* record({ inputs, choice }: Evaluation, policy: CompiledPolicy): Turns<Recorded> {
  makeInputsWhole(inputs);
  const inputsText = JSON.stringify(inputs);
  yield;
  const decision = composeDecision(inputs, decisionIdOf(inputsText), choice, policy);
  makeDecisionWhole(decision);
  yield;
  return { inputs, inputsText, choice, decision, decisionText: JSON.stringify(decision) };
}

/** The decision that was recorded, made again from what was recorded with it: the same bytes under the same policy. */
export function replayDecision(inputsText: string, policy: CompiledPolicy): string {
  const inputs = restoreInputs(inputsText);
  const choice = choose(inputs, policy, { replay: false });
  return JSON.stringify(composeDecision(inputs, decisionIdOf(inputsText), choice, policy));
}

/** Inputs as they were recorded. JSON writes unknown facts as null; in memory they are undefined. */
export function restoreInputs(inputsText: string): DecisionInputs {
  const inputs = JSON.parse(inputsText) as DecisionInputs;
  const values = inputs.facts.values.map((value) => value ?? undefined);
  const reasons = inputs.facts.reasons.map((reason) => reason ?? undefined);
  return { ...inputs, facts: { values, reasons } };
}
