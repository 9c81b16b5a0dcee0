/**
 * The life of an intervention after it was made (journey.md section 5): what a person or the dispatcher may do with it, and
 * what it is then. Proposals become `approved`; what was approved is `completed` when somebody did it. The guardrails are
 * asked again at each step towards the customer, so that an approval given on Monday is no licence for Friday.
 */

import type { Choice } from '../decision/choose.ts';
import { capDaysOf, openMotionOf, skillNamed } from '../decision/choose.ts';
import type { DecisionInputs, Intervention, InterventionState } from '../decision/inputs.ts';
import { type Hold, holdsOn, isMotion } from '../guardrails/guardrails.ts';
import type { CompiledPolicy } from '../policy/compiled-policy.ts';
import { type Day, formatDay } from '../time/calendar.ts';

export type LifeAction =
  | { kind: 'approve' }
  | { kind: 'complete' }
  | { kind: 'dismiss'; reason: string }
  | { kind: 'snooze'; until: Day };

/** The account as it stands when somebody acts: decided from the present facts. */
export interface LifeSituation {
  inputs: DecisionInputs;
  choice: Choice;
  policy: CompiledPolicy;
}

export interface LifeRefusal {
  code: 'wrong_state' | 'held' | 'account_not_active' | 'bad_date' | 'reason_missing' | 'skill_removed';
  message: string;
  /** With `held`: what holds it. */
  holds: Hold[];
}

/** `after` differs from the intervention also where the action is refused because a guardrail holds it now. */
export type LifeResult =
  | { ok: true; after: Intervention }
  | { ok: false; refusal: LifeRefusal; after: Intervention | undefined };

const ACTS_ON: Record<LifeAction['kind'], readonly InterventionState[]> = {
  approve: ['proposed'],
  complete: ['approved', 'dispatched', 'delivered'],
  dismiss: ['proposed', 'approved', 'held'],
  snooze: ['proposed', 'approved'],
};

/** Longest time something may be put off; a policy's own expiry comes after it. */
export const LONGEST_SNOOZE_DAYS = 180;

/** What becomes of `intervention` when somebody acts on it now; nothing that is given is changed. */
export function act(intervention: Intervention, action: LifeAction, situation: LifeSituation): LifeResult {
  const { inputs } = situation;
  const { state } = intervention;
  if (!ACTS_ON[action.kind].includes(state)) {
    const isWanted = action.kind === 'approve' || action.kind === 'complete';
    if (state === 'held' && isWanted) return stillHeld(intervention, situation);
    return refused('wrong_state', wrongState(action.kind, intervention));
  }
  switch (action.kind) {
    case 'dismiss':
      if (action.reason.trim() === '') return refused('reason_missing', 'a dismissal needs a reason');
      return { ok: true, after: settled(intervention, 'dismissed', inputs.today) };
    case 'snooze': {
      const latest = inputs.today + LONGEST_SNOOZE_DAYS;
      if (action.until <= inputs.today || action.until > latest) {
        const span = `after ${formatDay(inputs.today)} and no later than ${formatDay(latest)}`;
        return refused('bad_date', `it can be put off to a day ${span}, not to ${formatDay(action.until)}`);
      }
      return { ok: true, after: { ...intervention, snoozedUntil: action.until, updatedDay: inputs.today } };
    }
    default:
      return towardsCustomer(intervention, action.kind, situation);
  }
}

function towardsCustomer(
  intervention: Intervention,
  kind: 'approve' | 'complete',
  situation: LifeSituation,
): LifeResult {
  const { today, status } = situation.inputs;
  const { skill } = intervention;
  if (status !== 'active') return refused('account_not_active', `the account is ${status}`);
  if (!situation.policy.skillByName.has(skill))
    return refused(
      'skill_removed',
      `the policy no longer has the skill ${skill}; dismiss it, or declare the skill again`,
    );
  // What reached the customer already is only reported as done.
  const holds = intervention.state === 'delivered' ? [] : holdsNow(intervention, situation);
  if (holds.length > 0) {
    const heldBy = holds.map((hold) => hold.guardrail);
    const after: Intervention = { ...intervention, state: 'held', madeOn: null, updatedDay: today, heldBy };
    return { ok: false, refusal: { code: 'held', message: heldMessage(holds), holds }, after };
  }
  const { snoozedUntil: _, ...awake } = intervention;
  if (kind === 'approve') return { ok: true, after: { ...awake, state: 'approved', updatedDay: today } };
  const doneOn = intervention.doneOn ?? today;
  return { ok: true, after: { ...settled(awake, 'completed', today), doneOn } };
}

/** The guardrails that hold it at this moment; its own place under the cap does not stand in its way. */
export function holdsNow(intervention: Intervention, { inputs, choice, policy }: LifeSituation): Hold[] {
  const skill = skillNamed(policy, intervention.skill);
  const atRisk = choice.exit === 'at_risk_intervention';
  const { interventions, today } = inputs;
  const merged = latestOf(interventions, choice.changed);
  return holdsOn({
    skill,
    stage: intervention.stage,
    today,
    facts: inputs.conversation,
    guardrails: policy.guardrails,
    atRiskRule: atRisk ? choice.fired.find((rule) => rule.exit === choice.exit)?.id : undefined,
    capDays: capDaysOf(merged, intervention.stage, today, policy.guardrails.weeklyCapDays, intervention.id),
    openMotion: isMotion(skill) ? openMotionOf(merged, skill, intervention, policy) : undefined,
  });
}

function latestOf(before: readonly Intervention[], changed: readonly Intervention[]): Intervention[] {
  const byId = new Map(before.map((each) => [each.id, each]));
  for (const each of changed) byId.set(each.id, each);
  return [...byId.values()];
}

function settled(intervention: Intervention, state: InterventionState, today: Day): Intervention {
  const { snoozedUntil: _, ...awake } = intervention;
  return { ...awake, state, updatedDay: today, heldBy: [] };
}

function refused(code: LifeRefusal['code'], message: string): LifeResult {
  return { ok: false, refusal: { code, message, holds: [] }, after: undefined };
}

/** It was held before anybody acted: whoever acts reads what holds it, as if it were held by that. */
function stillHeld({ id, heldBy }: Intervention, { choice }: LifeSituation): LifeResult {
  const holds = choice.triggers.find((trigger) => trigger.intervention.id === id)?.holds ?? [];
  const message = holds.length > 0 ? heldMessage(holds) : `it is held by ${heldBy.join(', ')}`;
  return { ok: false, refusal: { code: 'held', message, holds }, after: undefined };
}

function heldMessage(holds: readonly Hold[]): string {
  return holds.map(({ guardrail, reason, until }) => `${guardrail}: ${reason}; until ${until}`).join('. ');
}

const PAST: Record<LifeAction['kind'], string> = {
  approve: 'approved',
  complete: 'completed',
  dismiss: 'dismissed',
  snooze: 'put off',
};

function wrongState(kind: LifeAction['kind'], { state }: Intervention): string {
  const needs = ACTS_ON[kind].join(', ');
  const first = kind === 'complete' && state === 'proposed' ? '; approve it first' : '';
  return `it is ${state}, and can only be ${PAST[kind]} while ${needs}${first}`;
}
