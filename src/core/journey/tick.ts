/**
 * The daily tick: one account, one day. Journey state is a fold over ticks; `tick` advances it, `redecide` looks at the
 * present facts on a day that has its tick and advances nothing (journey.md section 1).
 */
import { type Choice, choose } from '../decision/choose.ts';
import type { DecisionInputs, Intervention } from '../decision/inputs.ts';
import type { Contract } from '../facts/contract.ts';
import { decisionInputs } from '../facts/decision-inputs.ts';
import type { FactVector } from '../facts/fact.ts';
import { factNames } from '../facts/fact-index.ts';
import { factsOf, type JourneyFacts } from '../facts/fact-vector.ts';
import type { AccountMeasures } from '../facts/measure-account.ts';
import type { CompiledPolicy } from '../policy/compiled-policy.ts';
import type { Stage } from '../records/record.ts';
import type { Dimension } from '../scores/health.ts';
import type { Day } from '../time/calendar.ts';
import { readingChange } from './readings.ts';
import { edgeProgress, edgeToTake, firstStage, statusOf } from './stages.ts';
import type { EdgeProgress, HealthReading, JourneyState, TickRecord } from './state.ts';

const index = factNames();

/** Readings kept for trends: the longest look-back is D-30. */
const READINGS_KEPT = 31;

export interface Evaluation {
  inputs: DecisionInputs;
  choice: Choice;
  state: JourneyState;
}

export interface TickOptions {
  /** A day before the account's first live evaluation: interventions made are `expired` at once. */
  replay: boolean;
}

/** The state before an account's first tick. */
function initialState(measured: AccountMeasures, subscriptionsImported: boolean): JourneyState {
  const { view, contract } = measured;
  const stage = firstStage(view.account, contract, subscriptionsImported);
  const given = view.account.stage !== undefined ? view.account.stageEnteredAt : undefined;
  return {
    day: view.today - 1,
    stage,
    stageEnteredOn: given !== undefined && given <= view.today ? given : view.firstDay,
    status: 'active',
    runs: {},
    renewalAnchor: stage === 'renewal' ? (contract.renewalDate ?? null) : null,
    goodBandOn: null,
    readings: [],
    liveSince: null,
  };
}

/**
 * Advances `before` (null: the account's first tick) by the tick of `measured.view.today`. `interventions` are those open
 * or still counting; none of them is changed.
 */
export function tick(
  before: JourneyState | null,
  measured: AccountMeasures,
  interventions: Intervention[],
  policy: CompiledPolicy,
  options: TickOptions,
): Evaluation {
  const { view, contract } = measured;
  const start = before ?? initialState(measured, measured.subscriptionsImported);
  const status = statusOf(contract);
  const back = start.status === 'churned' && status !== 'churned' ? stageOfReturn(start.stage, contract) : undefined;
  let state: JourneyState = { ...start, day: view.today, status };
  if (back !== undefined) {
    state = { ...state, stage: back, stageEnteredOn: view.today, runs: {}, renewalAnchor: null };
  } else if (state.stage === 'renewal' && state.renewalAnchor === null) {
    // The date was not known when the stage was entered: signed means later than the first one known.
    state = { ...state, renewalAnchor: contract.renewalDate ?? null };
  }
  let facts = factsOf(measured, journeyFacts(state, measured));
  let edges = edgeProgress(policy, state, facts, view.today, true);
  const taken = status === 'active' && back === undefined ? edgeToTake(edges) : undefined;
  if (taken !== undefined) {
    const renewalAnchor = taken.to === 'renewal' ? (contract.renewalDate ?? null) : null;
    state = { ...state, stage: taken.to, stageEnteredOn: view.today, runs: {}, renewalAnchor };
    facts = factsOf(measured, journeyFacts(state, measured));
    edges = edgeProgress(policy, state, facts, view.today, false);
  } else {
    state = { ...state, runs: runsOf(edges) };
  }
  if (!options.replay && state.liveSince === null) state = { ...state, liveSince: view.today };
  const reading = readingFrom(view.today, facts);
  const inputs = decisionInputs(
    measured,
    state,
    edges,
    facts,
    interventions,
    policy,
    change(state, reading, view.today, policy),
    taken?.edgeId ?? null,
  );
  const choice = choose(inputs, policy, options);
  return { inputs, choice, state: remember(state, facts, reading) };
}

/** A churned account that buys again enters onboarding; one that tries again is a trial once more (our choice). */
function stageOfReturn(left: Stage, contract: Contract): Stage | undefined {
  if (contract.paidInForce) return 'onboarding';
  return left === 'trial' ? undefined : 'trial'; // a trial that was extended after its end goes on
}

/** Decides from the present facts on a day that has its tick, or before the run hour: nothing advances. */
export function redecide(
  state: JourneyState,
  measured: AccountMeasures,
  interventions: Intervention[],
  policy: CompiledPolicy,
): { inputs: DecisionInputs; choice: Choice } {
  const present = { ...state, status: statusOf(measured.contract) };
  const facts = factsOf(measured, journeyFacts(present, measured));
  const edges = edgeProgress(policy, present, facts, measured.view.today, false);
  const inputs = decisionInputs(
    measured,
    present,
    edges,
    facts,
    interventions,
    policy,
    change(present, readingFrom(present.day, facts), measured.view.today, policy),
    null,
  );
  return { inputs, choice: choose(inputs, policy, { replay: false }) };
}

export function tickRecord(evaluation: Evaluation): TickRecord {
  const { inputs, choice, state } = evaluation;
  const { values } = inputs.facts;
  const number = (i: number): number | null => (values[i] as number | undefined) ?? null;
  return {
    day: state.day,
    stage: state.stage,
    entered: state.stageEnteredOn,
    status: state.status,
    health: number(index.health_score),
    band: (values[index.health_band] as string | undefined) ?? null,
    readiness: number(index.expansion_readiness),
    adoption: number(index.adoption_score),
    exit: choice.exit,
    fired: choice.fired.map((rule) => rule.id),
    moved: inputs.moved,
  };
}

function runsOf(edges: readonly EdgeProgress[]): Record<string, number> {
  const runs: Record<string, number> = {};
  for (const edge of edges) if (edge.consistentDays > 0) runs[edge.edgeId] = edge.consistentDays;
  return runs;
}

function journeyFacts(state: JourneyState, measured: AccountMeasures): JourneyFacts {
  const { view, contract } = measured;
  const m = measured.measures.health;
  const band = measured.health.band.value;
  const bad = band === 'at_risk' || band === 'critical';
  return {
    daysInStage: view.today - state.stageEnteredOn,
    renewalSigned:
      state.renewalAnchor === null || contract.renewalDate === undefined
        ? undefined
        : contract.renewalDate > state.renewalAnchor,
    inRenewal: state.stage === 'renewal',
    healthDropped:
      band === undefined ? undefined : bad && state.goodBandOn !== null && view.today - state.goodBandOn <= m.dropDays,
  };
}

/** Score changes since D-30 and D-7 over the dimensions known on both days. */
function change(
  state: JourneyState,
  now: HealthReading,
  today: Day,
  policy: CompiledPolicy,
): { since30: number | null; since7: number | null } {
  const m = policy.measures.health;
  return {
    since30: changeSince(state.readings, now, today - m.trendDays, m.weights),
    since7: changeSince(state.readings, now, today - m.alertDays, m.weights),
  };
}

function changeSince(
  readings: readonly HealthReading[],
  now: HealthReading,
  day: Day,
  weights: Readonly<Record<Dimension, number>>,
): number | null {
  const then = readingOn(readings, day);
  return then === undefined || now[1] === null ? null : readingChange(then, now, weights);
}

/** Readings are of consecutive days, as a rule. */
function readingOn(readings: readonly HealthReading[], day: Day): HealthReading | undefined {
  const last = readings[readings.length - 1];
  if (last === undefined) return undefined;
  const expected = readings[readings.length - 1 - (last[0] - day)];
  return expected?.[0] === day ? expected : readings.find((reading) => reading[0] === day);
}

function readingFrom(day: Day, { values }: FactVector): HealthReading {
  return [
    day,
    (values[index.health_score] as number | undefined) ?? null,
    (values[index.health_adoption] as number | undefined) ?? null,
    (values[index.health_engagement] as number | undefined) ?? null,
    (values[index.health_relationship] as number | undefined) ?? null,
    (values[index.health_outcomes] as number | undefined) ?? null,
    (values[index.health_commercial] as number | undefined) ?? null,
  ];
}

/** Adds today's reading and the day of the last good band. */
function remember(state: JourneyState, facts: FactVector, reading: HealthReading): JourneyState {
  const band = facts.values[index.health_band];
  const readings = withReading(state.readings, reading);
  return { ...state, goodBandOn: band === 'healthy' || band === 'neutral' ? state.day : state.goodBandOn, readings };
}

/** The oldest gives way: every account does this every day, so the list is copied once. */
function withReading(readings: readonly HealthReading[], reading: HealthReading): HealthReading[] {
  if (readings.length < READINGS_KEPT) return readings.concat([reading]);
  const kept = readings.slice();
  const last = kept.length - 1;
  for (let i = 0; i < last; i++) kept[i] = kept[i + 1]!;
  kept[last] = reading;
  return kept;
}
