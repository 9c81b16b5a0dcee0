/**
 * Why a decision is what it is: for every rule, edge and guardrail of the account's stage what it says, which facts
 * decided, and the smallest change that would make it fire (journey.md section 6).
 */

import type { FactValue } from '../facts/fact.ts';
import { FACTS } from '../facts/facts.ts';
import { conversationOf, type Hold, holdsOn } from '../guardrails/guardrails.ts';
import { handoffOf } from '../guardrails/handoffs.ts';
import type { CompiledEdge, CompiledPolicy, CompiledRule } from '../policy/compiled-policy.ts';
import { type ConditionTrace, explainCondition } from '../policy/explain-condition.ts';
import { GUARDRAIL_IDS, type GuardrailId, type Truth } from '../policy/policy.ts';
import { type FactChange, smallestChange } from '../policy/smallest-change.ts';
import { formatInstant } from '../time/calendar.ts';
import { type Choice, skillNamed } from './choose.ts';
import type { Decision } from './decision.ts';
import type { DecisionInputs } from './inputs.ts';

export interface RuleExplanation {
  id: string;
  kind: 'rule' | 'edge';
  /** False: the rule belongs to another stage, or the account is not active. */
  applies: boolean;
  why: string | null;
  condition: ConditionTrace;
  truth: Truth | null;
  /** Smallest set of fact changes that would make it fire; empty when it fires, null when nothing can. */
  wouldFire: FactChange[] | null;
  skills: {
    skill: string;
    outcome: 'triggered' | 'open' | 'held' | 'not_triggered';
    holds: Hold[];
    interventionId: string | null;
  }[];
}

export interface GuardrailExplanation {
  id: GuardrailId;
  /** True: it lets through what it looks at; false: it holds; null: unknown. */
  passes: boolean | null;
  detail: string;
  /** What it holds now: rules, edges or handoffs. */
  holds: string[];
}

export interface Explanation {
  accountId: string;
  decisionId: string;
  asOf: string;
  policyHash: string;
  stage: string;
  exitState: string;
  rules: RuleExplanation[];
  guardrails: GuardrailExplanation[];
  facts: { name: string; value: FactValue | null; reason?: string; unit: string; how: string }[];
}

export function explain(
  inputs: DecisionInputs,
  choice: Choice,
  decision: Decision,
  policy: CompiledPolicy,
): Explanation {
  return {
    accountId: inputs.accountId,
    decisionId: decision.decisionId,
    asOf: formatInstant(inputs.asOf),
    policyHash: inputs.policyHash,
    stage: inputs.stage,
    exitState: choice.exit,
    rules: [
      ...policy.rules.map((rule) => explainRule(rule, inputs, choice, policy)),
      ...policy.edges.map((edge) => explainEdge(edge, inputs)),
    ],
    guardrails: GUARDRAIL_IDS.map((id) => explainGuardrail(id, inputs, decision, policy)),
    facts: FACTS.map((fact, i) => {
      const value = inputs.facts.values[i];
      const reason = inputs.facts.reasons[i];
      return {
        name: fact.name,
        value: value ?? null,
        ...(value === undefined && reason !== undefined && { reason }),
        unit: fact.unit,
        how: fact.how,
      };
    }),
  };
}

function explainRule(
  rule: CompiledRule,
  inputs: DecisionInputs,
  choice: Choice,
  policy: CompiledPolicy,
): RuleExplanation {
  const ofStage = rule.stages === 'any' || rule.stages.includes(inputs.stage);
  const applies = ofStage && inputs.status === 'active';
  const truth = rule.condition(inputs.facts);
  return {
    id: rule.id,
    kind: 'rule',
    applies,
    why: applies
      ? null
      : ofStage
        ? `the account is ${inputs.status}`
        : `the account is in ${inputs.stage}; the rule is for ${(rule.stages as string[]).join(', ')}`,
    condition: explainCondition(rule.expression, inputs.facts),
    truth: truth ?? null,
    wouldFire: truth === true ? [] : (smallestChange(rule.expression, inputs.facts) ?? null),
    skills: rule.trigger.map((name) => {
      const trigger = choice.triggers.find((each) => each.rule.id === rule.id && each.skill.name === name);
      if (trigger === undefined) {
        return {
          skill: name,
          outcome: 'not_triggered' as const,
          holds: wouldHold(name, inputs, policy),
          interventionId: null,
        };
      }
      const { intervention, holds } = trigger;
      const outcome =
        holds.length > 0
          ? 'held'
          : intervention.updatedDay === inputs.today && intervention.madeOn === inputs.today
            ? 'triggered'
            : 'open';
      return { skill: name, outcome: outcome as 'held' | 'triggered' | 'open', holds, interventionId: intervention.id };
    }),
  };
}

/**
 * What would hold this skill if its rule fired now. The cap and conversations under way are left out: they depend on what
 * fires first.
 */
export function wouldHold(name: string, inputs: DecisionInputs, policy: CompiledPolicy): Hold[] {
  return holdsOn({
    skill: skillNamed(policy, name),
    stage: inputs.stage,
    today: inputs.today,
    facts: inputs.conversation,
    guardrails: policy.guardrails,
    atRiskRule: undefined,
    capDays: [],
    openMotion: undefined,
  });
}

function explainEdge(edge: CompiledEdge, inputs: DecisionInputs): RuleExplanation {
  const standing = inputs.edges.find((each) => each.edgeId === edge.id);
  const truth = edge.condition(inputs.facts);
  const run =
    standing === undefined
      ? `the account is in ${inputs.stage}; the edge leaves ${edge.from}`
      : `true on ${standing.consistentDays} of ${standing.requiredDays} consecutive days; ${stageDays(standing.daysInStage, standing.minimumDays, inputs.stage)}`;
  return {
    id: edge.id,
    kind: 'edge',
    applies: standing !== undefined && inputs.status === 'active',
    why: run,
    condition: explainCondition(edge.expression, inputs.facts),
    truth: truth ?? null,
    wouldFire: truth === true ? [] : (smallestChange(edge.expression, inputs.facts) ?? null),
    skills: [],
  };
}

function stageDays(days: number, minimum: number, stage: string): string {
  return minimum === 0
    ? `${days} days in ${stage}, which asks for no minimum`
    : `${days} of ${minimum} days in ${stage}`;
}

function explainGuardrail(
  id: GuardrailId,
  inputs: DecisionInputs,
  decision: Decision,
  policy: CompiledPolicy,
): GuardrailExplanation {
  const held = decision.blocked.filter((each) => each.guardrail === id);
  const holds = held.map((each) => (each.skill === null ? each.rule : `${each.rule} -> ${each.skill}`));
  const { passes, detail } = standing(id, inputs, policy);
  return { id, passes: holds.length > 0 ? false : passes, detail: held[0]?.reason ?? detail, holds };
}

/** What a guardrail would say to whatever it looks at, held or not. */
function standing(
  id: GuardrailId,
  inputs: DecisionInputs,
  policy: CompiledPolicy,
): { passes: boolean | null; detail: string } {
  const { conversation, today, stage } = inputs;
  switch (id) {
    case 'stage.no_skip':
      return {
        passes: true,
        detail: `from ${stage} only to ${policy.edgesFrom[stage].map((edge) => edge.to).join(' or ')}`,
      };
    case 'stage.min_days': {
      const { minimumDays } = policy.stageById[stage];
      const days = today - inputs.stageEnteredOn;
      return { passes: days >= minimumDays, detail: stageDays(days, minimumDays, stage) };
    }
    case 'stage.consistent_signals': {
      const edge = inputs.edges.find((each) => each.condition === true);
      const run =
        edge === undefined
          ? 'no transition condition holds'
          : `${edge.edgeId} true on ${edge.consistentDays} of ${edge.requiredDays} days`;
      return { passes: edge === undefined || edge.consistentDays >= edge.requiredDays, detail: run };
    }
    case 'data.health_days': {
      const needed = policy.measures.health.minimumDays;
      return { passes: inputs.daysOfData >= needed, detail: `${inputs.daysOfData} of ${needed} days of data` };
    }
    case 'data.readiness_signals': {
      const i = FACTS.findIndex((fact) => fact.name === 'expansion_readiness');
      const reason = inputs.facts.reasons[i];
      return { passes: reason === undefined, detail: reason ?? 'usage, engagement and sentiment are known' };
    }
    case 'cap.weekly': {
      const since = today - policy.guardrails.weeklyCapDays;
      const used = inputs.interventions.filter(
        (each) =>
          each.capped &&
          each.stage === stage &&
          each.state !== 'dismissed' &&
          each.madeOn !== null &&
          each.madeOn > since,
      ).length;
      return {
        passes: used < policy.guardrails.weeklyCap,
        detail: `${used} of ${policy.guardrails.weeklyCap} in ${policy.guardrails.weeklyCapDays} days`,
      };
    }
    case 'handoff.cs':
    case 'handoff.sales': {
      const kind = id === 'handoff.cs' ? 'plg_to_cs' : 'cs_to_sales';
      const handoff = policy.handoffs.find((each) => each.kind === kind);
      const blocked =
        handoff === undefined
          ? []
          : handoffOf(handoff, inputs.handoff, policy.guardrails).blockedBy.filter((each) => each.guardrail === id);
      return { passes: blocked.length === 0, detail: blocked[0]?.reason ?? 'the checklist is complete' };
    }
    case 'handoff.no_incident':
    case 'conversation.incident': {
      const open = [...conversation.openEscalations, ...conversation.openIncidents];
      return {
        passes: open.length === 0,
        detail:
          open.length === 0
            ? withGap('no escalation or P1/P2 incident is open', 'open_incident', inputs)
            : `${open.join(', ')} is open`,
      };
    }
    default:
      return conversationStanding(id, inputs, policy);
  }
}

/** The guardrails on conversations, asked on behalf of an expansion conversation. */
function conversationStanding(
  id: GuardrailId,
  inputs: DecisionInputs,
  policy: CompiledPolicy,
): { passes: boolean | null; detail: string } {
  const skill = skillNamed(policy, 'monetization/upgrade_trigger');
  const holds = wouldHold(skill.name, inputs, policy);
  const hold = holds.find((each) => each.guardrail === id);
  if (hold !== undefined) return { passes: false, detail: hold.reason };
  if (id === 'money.unhealthy' && conversationOf(skill, inputs.stage) !== 'expansion') {
    return { passes: true, detail: 'a trial offer has its own conditions' };
  }
  const detail = PASSING[id] ?? 'nothing to hold';
  const isEscalation = id === 'money.escalation_cooldown';
  return { passes: true, detail: isEscalation ? withGap(detail, 'support_escalation', inputs) : detail };
}

/** What was found, and why it could not be looked for where a source is missing. */
function withGap(detail: string, fact: string, { facts }: DecisionInputs): string {
  const reason = facts.reasons[FACTS.findIndex((each) => each.name === fact)];
  return reason === undefined ? detail : `${detail} as far as is known: ${reason}`;
}

const PASSING: Partial<Record<GuardrailId, string>> = {
  'money.after_activation': 'the activation milestone is reached',
  'money.escalation_cooldown': 'no escalation open or closed within the cooldown',
  'money.customer_timeline': 'no stated date lies ahead',
  'money.unhealthy': 'all expansion gates are met',
  'capacity.quiet': 'no quiet period',
};
