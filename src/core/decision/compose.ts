/** Puts the decision together from its inputs and the choice made (journey.md section 6). */
import { hash } from 'node:crypto';
import { type FactName, factNames } from '../facts/fact-index.ts';
import { type Handoff, handoffOf } from '../guardrails/handoffs.ts';
import type { CompiledPolicy } from '../policy/compiled-policy.ts';
import { majorUnits } from '../records/money.ts';
import type { Stage } from '../records/record.ts';
import { DIMENSIONS, type Dimension } from '../scores/health.ts';
import { type Part, publish } from '../scores/number.ts';
import { type Day, formatDay, formatInstant } from '../time/calendar.ts';
import type { Choice } from './choose.ts';
import type { BlockedTrigger, Decision } from './decision.ts';
import type { DecisionInputs, Intervention } from './inputs.ts';
import { nextMilestone } from './milestone.ts';
import { stageHealth, velocity } from './pace.ts';
import { reasoning } from './reasoning.ts';

const index = factNames();

export function factOf(inputs: DecisionInputs, name: FactName): boolean | number | string | undefined {
  return inputs.facts.values[index[name]];
}

function numberOf(inputs: DecisionInputs, name: FactName): number | null {
  const value = factOf(inputs, name);
  return typeof value === 'number' ? value : null;
}

function textOf(inputs: DecisionInputs, name: FactName): string | null {
  const value = factOf(inputs, name);
  return typeof value === 'string' ? value : null;
}

function dateOf(day: Day | undefined | null): string | null {
  return day === undefined || day === null ? null : formatDay(day);
}

/** From the JSON of the inputs as it is recorded: the id depends on every byte of it. */
export function decisionIdOf(inputsText: string): string {
  return `dec_${hash('sha256', inputsText).slice(0, 24)}`;
}

export function composeDecision(
  inputs: DecisionInputs,
  decisionId: string,
  choice: Choice,
  policy: CompiledPolicy,
): Decision {
  const handoffs = handoffsOf(inputs, choice, policy);
  const blocked = blockedOf(inputs, choice, policy, handoffs);
  const pending = inputs.edges.find((edge) => edge.condition === true);
  return {
    accountId: inputs.accountId,
    decisionId,
    asOf: formatInstant(inputs.asOf),
    policyHash: inputs.policyHash,
    status: inputs.status,
    journey: {
      currentStage: inputs.stage,
      stageEntryDate: formatDay(inputs.stageEnteredOn),
      daysInStage: inputs.today - inputs.stageEnteredOn,
      stageHealth: stageHealth(inputs, choice, policy),
      progressionVelocity: velocity(inputs, policy),
      pendingTransition:
        pending === undefined
          ? null
          : {
              to: pending.to,
              consistentDays: pending.consistentDays,
              requiredDays: pending.requiredDays,
              earliestDate: dateOf(pending.earliest),
            },
    },
    health: healthOf(inputs),
    expansion: expansionOf(inputs),
    recommendation: {
      primaryFocus: choice.exit,
      reasoning: reasoning(inputs, choice, blocked),
      nextMilestone: nextMilestone(inputs, policy),
      skillsToTrigger: choice.triggers
        .filter((trigger) => trigger.intervention.state !== 'held')
        .map((trigger) => ({
          skill: trigger.skill.name,
          priority: trigger.rule.priority,
          context: trigger.rule.action === undefined ? trigger.reason : `${trigger.rule.action}: ${trigger.reason}`,
          ruleId: trigger.rule.id,
          interventionId: trigger.intervention.id,
          state: trigger.intervention.state,
        })),
    },
    exitState: choice.exit,
    interventions: openInterventions(inputs, choice).map((each) => ({
      id: each.id,
      ruleId: each.ruleId,
      skill: each.skill,
      priority: each.priority,
      state: each.state,
      date: formatDay(each.madeOn ?? each.day),
      customerFacing: each.customerFacing,
    })),
    blocked,
    handoffs,
    dataGaps: dataGaps(inputs, policy),
    assumptions: inputs.assumptions,
  };
}

function healthOf(inputs: DecisionInputs): Decision['health'] {
  const { health } = inputs;
  const dimensions = {} as Decision['health']['dimensions'];
  for (const name of DIMENSIONS) {
    const { score, weight, reason, parts } = health.dimensions[name];
    const shown = name === 'outcomes' ? shownGoals(parts) : shownParts(parts);
    const points = score === null ? null : publish(score);
    dimensions[name] =
      reason === undefined ? { score: points, weight, parts: shown } : { score: points, weight, reason, parts: shown };
  }
  return {
    overallScore: numberOf(inputs, 'health_score'),
    adoptionScore: numberOf(inputs, 'adoption_score'),
    engagementTrend: (textOf(inputs, 'usage_trend') ?? 'unknown') as Decision['health']['engagementTrend'],
    riskFactors: health.signals.map((signal) => signal.id),
    band: textOf(inputs, 'health_band'),
    scoreBand: health.scoreBand,
    change30: health.change30,
    dimensions,
    signals: health.signals.map((signal) => ({
      id: signal.id,
      severity: signal.severity,
      since: dateOf(signal.since),
      detail: signal.detail,
      evidence: signal.evidence,
    })),
    dataQuality: { coverage: health.coverage, confidence: health.confidence, daysOfData: inputs.daysOfData },
  };
}

type ShownParts = Decision['health']['dimensions'][Dimension]['parts'];

/** Of fixed names: written one by one, without lists in between. */
function shownParts(parts: Readonly<Record<string, Part>>): ShownParts {
  const shown: ShownParts = {};
  for (const name in parts) shown[name] = shownPart(parts[name]!);
  return shown;
}

/** Named by the customer's goal ids, of which any word may be one: `__proto__` too. */
function shownGoals(parts: Readonly<Record<string, Part>>): ShownParts {
  return Object.fromEntries(Object.entries(parts).map(([id, each]) => [id, shownPart(each)] as const));
}

function shownPart({ value, weight, reason }: Part): ShownParts[string] {
  const score = value === undefined || value === null ? null : publish(value);
  return reason === undefined ? { score, weight } : { score, weight, reason };
}

function expansionOf(inputs: DecisionInputs): Decision['expansion'] {
  const { expansion } = inputs;
  const money = (minor: number | null): number | null =>
    minor === null ? null : majorUnits(minor, expansion.currency);
  return {
    readinessScore: numberOf(inputs, 'expansion_readiness'),
    signals: expansion.signals.length === 0 ? [] : [...new Set(expansion.signals.map((signal) => signal.id))],
    signalDetails: expansion.signals.map((signal) => ({
      id: signal.id,
      kind: signal.kind,
      date: formatDay(signal.day),
      detail: signal.detail,
      evidence: signal.evidence,
    })),
    blockers: expansion.blockers.map((blocker) => ({ ...blocker, since: formatDay(blocker.since) })),
    estimatedExpansionValue: money(expansion.valueFullMinor),
    estimatedExpansionValueHalf: money(expansion.valueHalfMinor),
    currency: expansion.currency,
    gates: inputs.conversation.gates.map((gate) => ({ id: gate.id, met: gate.met ?? null, detail: gate.detail })),
  };
}

/** Interventions that await somebody or were made today, oldest first. */
function openInterventions({ interventions }: DecisionInputs, { changed }: Choice): Intervention[] {
  const open: Intervention[] = [];
  for (const each of interventions) {
    if (isOpen(each) && (changed.length === 0 || !changed.some(({ id }) => id === each.id))) open.push(each);
  }
  if (changed.length > 0) {
    const latest = new Map(changed.map((each) => [each.id, each]));
    for (const each of latest.values()) if (isOpen(each)) open.push(each);
  }
  return isInOrder(open) ? open : open.sort(byDay);
}

function byDay(a: Intervention, b: Intervention): number {
  return a.day - b.day || (a.id < b.id ? -1 : 1);
}

/** As a rule they are handed over in their order. */
function isInOrder(interventions: readonly Intervention[]): boolean {
  for (let i = 1; i < interventions.length; i++) if (byDay(interventions[i - 1]!, interventions[i]!) > 0) return false;
  return true;
}

function isOpen({ state }: Intervention): boolean {
  return state === 'proposed' || state === 'approved' || state === 'dispatched' || state === 'held';
}

/** PLG to CS while the account leaves trial or onboarding, CS to sales when ready to expand, CS to finance in renewal. */
function handoffsOf(inputs: DecisionInputs, choice: Choice, policy: CompiledPolicy): Handoff[] {
  if (inputs.status !== 'active') return [];
  const { stage } = inputs;
  const atRisk = choice.exit === 'at_risk_intervention'; // at-risk beats growth
  const leavingTrial = stage === 'trial' && inputs.edges.some((edge) => edge.condition === true);
  const applies = {
    plg_to_cs: leavingTrial || stage === 'onboarding' || stage === 'activation',
    cs_to_sales: stage !== 'trial' && !atRisk && choice.fired.some((rule) => rule.exit === 'expansion_ready'),
    cs_to_finance: stage === 'renewal',
  };
  return policy.handoffs
    .filter((each) => applies[each.kind])
    .map((each) => handoffOf(each, inputs.handoff, policy.guardrails));
}

function blockedOf(
  inputs: DecisionInputs,
  choice: Choice,
  policy: CompiledPolicy,
  handoffs: readonly Handoff[],
): BlockedTrigger[] {
  const blocked: BlockedTrigger[] = [];
  for (const edge of inputs.edges) {
    if (edge.condition !== true || inputs.status !== 'active') continue;
    const until = dateOf(edge.earliest) ?? edge.edgeId;
    if (edge.consistentDays < edge.requiredDays) {
      const reason = `true on ${edge.consistentDays} of ${edge.requiredDays} consecutive days`;
      blocked.push({ rule: edge.edgeId, skill: null, guardrail: 'stage.consistent_signals', reason, until });
    }
    if (edge.daysInStage < edge.minimumDays) {
      const reason = `${edge.daysInStage} of ${edge.minimumDays} days in ${inputs.stage}`;
      blocked.push({
        rule: edge.edgeId,
        skill: null,
        guardrail: 'stage.min_days',
        reason,
        until: formatDay(inputs.stageEnteredOn + edge.minimumDays),
      });
    }
  }
  for (const trigger of choice.triggers) {
    for (const hold of trigger.holds) blocked.push({ rule: trigger.rule.id, skill: trigger.skill.name, ...hold });
  }
  for (const rule of choice.undecided) {
    const hold = dataHold(inputs, rule.factsRead, policy);
    if (hold !== undefined) for (const skill of rule.trigger) blocked.push({ rule: rule.id, skill, ...hold });
  }
  for (const handoff of handoffs) {
    for (const hold of handoff.blockedBy) blocked.push({ rule: `handoff.${handoff.kind}`, skill: null, ...hold });
  }
  return blocked;
}

const HEALTH_FACTS = new Set([
  index.health_score,
  index.health_band,
  index.health_dropped,
  index.risk_severity,
  index.renewal_risk_detected,
]);
const READINESS_FACTS = new Set([index.expansion_readiness, index.expansion_in_renewal]);

/** A rule that nobody can decide because health or readiness is unknown is held by the data guardrail. */
function dataHold(
  inputs: DecisionInputs,
  factsRead: readonly number[],
  policy: CompiledPolicy,
): Pick<BlockedTrigger, 'guardrail' | 'reason' | 'until'> | undefined {
  const { minimumDays } = policy.measures.health;
  for (const fact of factsRead) {
    if (inputs.facts.values[fact] !== undefined) continue;
    if (HEALTH_FACTS.has(fact) && inputs.daysOfData < minimumDays) {
      const known = inputs.facts.reasons[index.health_score];
      // Days pass by themselves; where the feed has a gap, the score waits for the feed.
      const young = known === undefined || known.endsWith(' days of data');
      const why = young ? `${inputs.daysOfData} of ${minimumDays} days of data` : known;
      const until = young ? formatDay(inputs.today + minimumDays - inputs.daysOfData) : 'health_score';
      return { guardrail: 'data.health_days', reason: `health is unknown: ${why}`, until };
    }
    if (READINESS_FACTS.has(fact)) {
      return {
        guardrail: 'data.readiness_signals',
        reason: `readiness is unknown: ${inputs.facts.reasons[index.expansion_readiness] ?? inputs.facts.reasons[fact] ?? 'not known'}`,
        until: 'expansion_readiness',
      };
    }
  }
  return undefined;
}

/** Unknown facts that the rules and edges of this stage read, and unknown scores. */
function dataGaps(inputs: DecisionInputs, policy: CompiledPolicy): Decision['dataGaps'] {
  const gaps: Decision['dataGaps'] = [];
  for (const fact of factsOfStage(policy, inputs.stage)) {
    const reason = inputs.facts.reasons[fact];
    if (inputs.facts.values[fact] === undefined) gaps.push({ fact: names[fact]!, reason: reason ?? 'not known' });
  }
  return gaps;
}

const stageFacts = new WeakMap<CompiledPolicy, Map<Stage, number[]>>();

/** Facts that rules and edges of a stage read, and the scores, in the order of the catalogue of facts. */
function factsOfStage(policy: CompiledPolicy, stage: Stage): number[] {
  let byStage = stageFacts.get(policy);
  if (byStage === undefined) {
    byStage = new Map();
    stageFacts.set(policy, byStage);
  }
  let facts = byStage.get(stage);
  if (facts === undefined) {
    const wanted = new Set<number>([index.health_score, index.adoption_score, index.expansion_readiness]);
    for (const rule of policy.rulesByStage[stage]) for (const fact of policy.rules[rule]!.factsRead) wanted.add(fact);
    for (const edge of policy.edgesFrom[stage]) for (const fact of edge.factsRead) wanted.add(fact);
    facts = [...wanted].sort((a, b) => a - b);
    byStage.set(stage, facts);
  }
  return facts;
}

const names = Object.keys(index);
