/**
 * The guardrails on what may be proposed: one list, evaluated at one choke point that every path goes through
 * (journey.md section 4). Stage guardrails are applied by the stage machine (`../journey/stages.ts`), handoff guardrails by
 * `./handoffs.ts`; all of them speak through `Hold`.
 */
import type { GuardrailId, GuardrailPolicy } from '../policy/policy.ts';
import type { Gate } from '../scores/readiness.ts';
import type { SkillDefinition } from '../skills/registry.ts';
import { type Day, formatDay } from '../time/calendar.ts';

export interface Hold {
  guardrail: GuardrailId;
  /** With the numbers. */
  reason: string;
  /** The date from which it no longer holds, or the fact that must change. */
  until: string;
}

/** Facts as of the instant at which something is about to be proposed. */
export interface ConversationFacts {
  milestoneReached: boolean;
  openEscalations: string[];
  openIncidents: string[];
  escalationClosedOn: Day | undefined;
  /** Date before which the customer does not want to talk of expansion. */
  timelineFrom: Day | undefined;
  quietUntil: Day | undefined;
  gates: Gate[];
}

export interface HoldInput {
  skill: SkillDefinition;
  stage: string;
  today: Day;
  facts: ConversationFacts;
  guardrails: GuardrailPolicy;
  /** Id of the rule whose at-risk exit is in force. */
  atRiskRule: string | undefined;
  /** Capped interventions of the account and stage made within the cap's window, oldest first. */
  capDays: readonly Day[];
  /** Another commercial conversation with the customer that is not over. */
  openMotion: { id: string; skill: string } | undefined;
}

type Check = (input: HoldInput) => Hold | undefined;

/** A trial's offer is a conversion: it has its own conditions and no expansion gates (journey.md section 4). */
export function conversationOf(skill: SkillDefinition, stage: string): SkillDefinition['conversation'] {
  return skill.conversation === 'expansion' && stage === 'trial' ? 'conversion' : skill.conversation;
}

const weeklyCap: Check = ({ skill, stage, today, guardrails, capDays }) => {
  if (!isCapped(skill) || capDays.length < guardrails.weeklyCap) return undefined;
  const frees = capDays[capDays.length - guardrails.weeklyCap]! + guardrails.weeklyCapDays;
  const reason = `${capDays.length} of ${guardrails.weeklyCap} customer-facing interventions in ${stage} within ${guardrails.weeklyCapDays} days to ${formatDay(today)}`;
  return { guardrail: 'cap.weekly', reason, until: formatDay(frees) };
};

/** Selling, to a customer or to a trial; an extension of a trial is neither. */
function isCommercial(skill: SkillDefinition): boolean {
  return skill.conversation === 'expansion';
}

const afterActivation: Check = ({ skill, facts }) => {
  if (!isCommercial(skill) || facts.milestoneReached) return undefined;
  const reason = 'the activation milestone is not reached';
  return { guardrail: 'money.after_activation', reason, until: 'activation_milestone_reached' };
};

const escalationCooldown: Check = ({ skill, today, facts, guardrails }) => {
  if (!isCommercial(skill)) return undefined;
  const guardrail = 'money.escalation_cooldown';
  if (facts.openEscalations.length > 0) {
    return { guardrail, reason: `escalation ${facts.openEscalations.join(', ')} is open`, until: 'support_escalation' };
  }
  if (facts.escalationClosedOn === undefined) return undefined;
  const eligible = facts.escalationClosedOn + guardrails.escalationCooldownDays + 1;
  if (today >= eligible) return undefined;
  const days = today - facts.escalationClosedOn;
  const reason = `an escalation closed ${days} days ago, on ${formatDay(facts.escalationClosedOn)}; needs more than ${guardrails.escalationCooldownDays}`;
  return { guardrail, reason, until: formatDay(eligible) };
};

const customerTimeline: Check = ({ skill, today, facts }) => {
  if (!isCommercial(skill) || facts.timelineFrom === undefined || today >= facts.timelineFrom) return undefined;
  const until = formatDay(facts.timelineFrom);
  return { guardrail: 'money.customer_timeline', reason: `the customer asked to wait until ${until}`, until };
};

/** An at-risk exit holds every offer; the gates are asked of expansion only, a trial's offer has its own conditions. */
const unhealthy: Check = ({ skill, stage, facts, atRiskRule }) => {
  const guardrail = 'money.unhealthy';
  if (isCommercial(skill) && atRiskRule !== undefined) {
    return { guardrail, reason: `the at-risk exit of ${atRiskRule} is in force`, until: atRiskRule };
  }
  if (conversationOf(skill, stage) !== 'expansion') return undefined;
  const unmet = facts.gates.filter((gate) => gate.met !== true);
  if (unmet.length === 0) return undefined;
  const reason = `${unmet.length} of ${facts.gates.length} expansion gates not met: ${unmet.map((gate) => gate.detail).join('; ')}`;
  return { guardrail, reason, until: unmet.map((gate) => gate.id).join(', ') };
};

const incident: Check = ({ skill, facts }) => {
  if (!skill.celebration && !isCommercial(skill)) return undefined;
  const open = [...facts.openEscalations, ...facts.openIncidents];
  if (open.length === 0) return undefined;
  return { guardrail: 'conversation.incident', reason: `${open.join(', ')} is open`, until: 'open_incident' };
};

/** Offers do not overlap: the one that was let through first is finished first. */
const oneMotion: Check = ({ skill, openMotion }) => {
  if (!isMotion(skill) || openMotion === undefined) return undefined;
  const { id, skill: other } = openMotion;
  return { guardrail: 'conversation.one_motion', reason: `${other} is under way (${id})`, until: id };
};

/** Does this skill talk with the customer about buying? */
export function isMotion({ customerFacing, conversation }: SkillDefinition): boolean {
  return customerFacing && conversation !== 'none';
}

const quiet: Check = ({ skill, today, facts }) => {
  if (!skill.customerFacing || facts.quietUntil === undefined || today >= facts.quietUntil) return undefined;
  const until = formatDay(facts.quietUntil);
  return { guardrail: 'capacity.quiet', reason: `a person set a quiet period until ${until}`, until };
};

const CHECKS: readonly Check[] = [
  afterActivation,
  escalationCooldown,
  customerTimeline,
  unhealthy,
  incident,
  quiet,
  oneMotion,
  weeklyCap, // last: what is held for another reason takes no place under the cap
];

/** Does this skill take a place under the weekly cap? */
export function isCapped(skill: SkillDefinition): boolean {
  return skill.customerFacing && !skill.serviceMessage;
}

/** Everything that holds this skill back now; empty = it may be proposed. */
export function holdsOn(input: HoldInput): Hold[] {
  const holds: Hold[] = [];
  for (const check of CHECKS) {
    const hold = check(input);
    if (hold !== undefined) holds.push(hold);
  }
  return holds;
}
