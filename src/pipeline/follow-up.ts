/**
 * What a live decision leaves beside the journey: the artefact of each intervention that was let through, the log of who
 * was and was not contacted, outcomes that fell due, and handoffs. Replayed days leave nothing: they reached nobody. Pure.
 */
import type { Decision } from '../core/decision/decision.ts';
import { wouldHold } from '../core/decision/explain.ts';
import type { Intervention } from '../core/decision/inputs.ts';
import type { AccountSource } from '../core/facts/account-source.ts';
import type { AccountMeasures } from '../core/facts/measure-account.ts';
import type { Workspace } from '../core/facts/view.ts';
import type { Handoff } from '../core/guardrails/handoffs.ts';
import { followHandoffs, type HandoffMoment, type HandoffRecord } from '../core/handoffs/handoff-record.ts';
import { type HandoffPacket, handoffPacket } from '../core/handoffs/packet.ts';
import { type OutcomeRecord, settleOutcome } from '../core/interventions/outcome.ts';
import type { Evaluation } from '../core/journey/tick.ts';
import type { CompiledPolicy } from '../core/policy/compiled-policy.ts';
import { skillsOf } from '../core/skills/find-skill.ts';
import { runSkill } from '../core/skills/run-skill.ts';
import type { PastIntervention } from '../core/skills/skill.ts';
import type { Instant } from '../core/time/calendar.ts';
import { hoursOfOwner, USUAL_HOURS } from '../core/time/working-hours.ts';
import type { AccountBundle, ArtefactRow, ContactLogRow, FollowUpWrite, HandoffRow, OutcomeRow } from './ports.ts';
import { pastOf, skillContextOf } from './skill-context.ts';

/** What a row of the contact log keeps beside its columns. */
export interface ContactDetail {
  /** `engine`, or whoever acted. */
  by: string;
  reason: string;
  heldBy: string[];
}

export interface FollowUpContext {
  workspace: Workspace;
  policy: CompiledPolicy;
}

/** Collects over the live ticks of one evaluation. */
export class FollowUp {
  readonly #bundle: AccountBundle;
  readonly #source: AccountSource;
  readonly #context: FollowUpContext;
  readonly #artefacts: ArtefactRow[] = [];
  readonly #contacts: ContactLogRow[] = [];
  readonly #settled: OutcomeRow[] = [];
  #unsettled: readonly OutcomeRow[];
  #past: PastIntervention[] | undefined;

  constructor(bundle: AccountBundle, source: AccountSource, context: FollowUpContext) {
    this.#bundle = bundle;
    this.#source = source;
    this.#context = context;
    this.#unsettled = bundle.outcomes;
  }

  /**
   * One live decision, made at `at`; days that are caught up come in order, so that an outcome is read on its day. With
   * `begins` it is the account's first: what replayed days left held is now held back for the first time that counts.
   */
  decided(evaluation: Evaluation, measured: AccountMeasures, at: Instant, begins = false): void {
    if (this.#unsettled.length > 0) this.#settleOutcomes(measured, at);
    const { changed, triggers } = evaluation.choice;
    if (begins) {
      const held = triggers.filter((trigger) => trigger.holds.length > 0 && !changed.includes(trigger.intervention));
      for (const { intervention } of held) this.#log(intervention, measured, at);
    }
    for (const each of changed) {
      this.#log(each, measured, at);
      this.#remember(each);
      if (isLetThrough(each, evaluation.inputs.today)) this.#makeArtefact(each, evaluation, measured);
    }
  }

  #log(each: Intervention, { view }: AccountMeasures, at: Instant): void {
    const { reason, heldBy } = each;
    this.#contacts.push(contactRow(view.accountId, each, at, { by: 'engine', reason, heldBy }));
  }

  /** The skills of a later day in the same run look back on what became of it. */
  #remember({ id, state, madeOn }: Intervention): void {
    this.#past ??= this.#bundle.past.map(pastOf);
    const at = this.#past.findIndex((each) => each.id === id);
    if (at >= 0) this.#past[at] = { ...this.#past[at]!, state, madeOn: madeOn ?? undefined };
  }

  #makeArtefact(intervention: Intervention, evaluation: Evaluation, measured: AccountMeasures): void {
    const { workspace, policy } = this.#context;
    const ready = skillsOf(policy).get(intervention.skill)!;
    this.#past ??= this.#bundle.past.map(pastOf);
    // Held after it was made, and now let go: what it carried then is kept.
    if (this.#past.some(({ id }) => id === intervention.id)) return;
    const subject = { source: this.#source, workspace, policy, measured, ...evaluation, past: this.#past };
    const result = runSkill(ready.skill, skillContextOf(subject, ready.parameters));
    const memo = memoOf(result.result);
    this.#artefacts.push({
      accountId: measured.view.accountId,
      interventionId: intervention.id,
      madeOn: evaluation.inputs.today,
      memo: JSON.stringify(memo),
      body: JSON.stringify(result),
    });
    const { id, skill, ruleId, state, madeOn } = intervention;
    this.#past.push({
      id,
      skill,
      ruleId,
      state,
      madeOn: madeOn ?? undefined,
      doneAt: undefined,
      dismissedFor: undefined,
      result: memo,
    });
  }

  /** After the last decision; undefined where nothing is to be written. */
  finish(decision: Decision, evaluation: Evaluation, measured: AccountMeasures): FollowUpWrite | undefined {
    const outcomes = this.#settled;
    const handoffs = this.#handoffs(decision.handoffs, evaluation, measured);
    const artefacts = this.#artefacts;
    const contacts = this.#contacts;
    if (artefacts.length + contacts.length + outcomes.length + handoffs.length === 0) return undefined;
    return { artefacts, contacts, outcomes, handoffs };
  }

  /** An outcome is read once the run hour of its day has come, whenever anybody evaluates. */
  #settleOutcomes(measured: AccountMeasures, at: Instant): void {
    const { workspace, policy } = this.#context;
    const isDue = ({ dueOn }: OutcomeRow) => at >= workspace.clock.instantOf(dueOn, policy.runHour);
    for (const row of this.#unsettled.filter(isDue)) this.#settled.push(settledOutcome(row, measured, policy));
    this.#unsettled = this.#unsettled.filter((row) => !isDue(row));
  }

  #handoffs(offered: readonly Handoff[], evaluation: Evaluation, measured: AccountMeasures): HandoffRow[] {
    const { view } = measured;
    const kept = new Map(this.#bundle.handoffs.map((row) => [row.handoffId, row]));
    const moment: HandoffMoment = {
      accountId: view.accountId,
      at: view.instant,
      today: view.today,
      hoursOf: (owner) => hoursOf(this.#context.workspace, owner),
    };
    const records = this.#bundle.handoffs.map((row) => JSON.parse(row.body) as HandoffRecord);
    return followHandoffs(records, offered, moment).map((record) => {
      const before = kept.get(record.id);
      const isOffer = record.state === 'ready' && before?.state !== 'ready';
      const packet = isOffer
        ? JSON.stringify(this.packetOf(offered.find(({ kind }) => kind === record.kind)!, evaluation, measured))
        : (before?.packet ?? null);
      return handoffRow(record, packet);
    });
  }

  packetOf(handoff: Handoff, { inputs, choice }: Evaluation, measured: AccountMeasures): HandoffPacket {
    this.#past ??= this.#bundle.past.map(pastOf);
    return handoffPacket({
      handoff,
      measured,
      workspace: this.#context.workspace,
      stage: inputs.stage,
      past: this.#past,
      holds: wouldHold('monetization/upgrade_trigger', inputs, this.#context.policy),
      reasons: [...new Set(choice.triggers.map(({ reason }) => reason))],
    });
  }
}

/** Let through by this very decision. */
function isLetThrough({ state, madeOn, updatedDay }: Intervention, today: number): boolean {
  return (state === 'proposed' || state === 'approved') && madeOn === today && updatedDay === today;
}

export function contactRow(accountId: string, each: Intervention, at: Instant, detail: ContactDetail): ContactLogRow {
  return {
    accountId,
    at,
    interventionId: each.id,
    ruleId: each.ruleId,
    skill: each.skill,
    customerFacing: each.customerFacing,
    state: each.state,
    detail: JSON.stringify(detail),
  };
}

export function handoffRow(record: HandoffRecord, packet: string | null): HandoffRow {
  return {
    accountId: record.accountId,
    handoffId: record.id,
    state: record.state,
    body: JSON.stringify(record),
    packet,
  };
}

export function hoursOf({ ownerHours, clock, catalogue }: Workspace, owner: string | null) {
  return hoursOfOwner(ownerHours ?? USUAL_HOURS, owner, clock, catalogue.holidays);
}

const LONGEST_LIST = 20; // a memo is small: what was sent, not the whole result

/** The plain fields of a result, and short lists of plain values or of records of them (the alerts sent, for one). */
function memoOf(result: unknown): Record<string, unknown> {
  if (typeof result !== 'object' || result === null) return {};
  const isPlain = (value: unknown) => value === null || typeof value !== 'object';
  const isFlat = (value: unknown) =>
    isPlain(value) || (!Array.isArray(value) && Object.values(value as object).every(isPlain));
  return Object.fromEntries(
    Object.entries(result).filter(
      ([, value]) => isPlain(value) || (Array.isArray(value) && value.length <= LONGEST_LIST && value.every(isFlat)),
    ),
  );
}

function settledOutcome(row: OutcomeRow, measured: AccountMeasures, policy: CompiledPolicy): OutcomeRow {
  const record = JSON.parse(row.body) as OutcomeRecord;
  const ready = skillsOf(policy).get(record.skill);
  const settled: OutcomeRecord =
    ready === undefined
      ? { ...record, toReason: 'the policy no longer has this skill', verdict: 'unknown' }
      : settleOutcome(record, ready.skill.outcome, measured);
  return { ...row, settled: true, body: JSON.stringify(settled) };
}
