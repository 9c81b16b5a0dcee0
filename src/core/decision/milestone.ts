/** The next milestone: the nearest unmet transition or expansion gate, when it can happen, and what is missing. */
import { factNames } from '../facts/fact-index.ts';
import type { CompiledPolicy } from '../policy/compiled-policy.ts';
import { describeChange, smallestChange } from '../policy/smallest-change.ts';
import { formatDay } from '../time/calendar.ts';
import type { NextMilestone } from './decision.ts';
import type { DecisionInputs } from './inputs.ts';
import { whole } from './whole-texts.ts';

const index = factNames();

export function nextMilestone(inputs: DecisionInputs, policy: CompiledPolicy): NextMilestone | null {
  if (inputs.status !== 'active') return null;
  if (inputs.stage === 'expansion') {
    const unmet = inputs.conversation.gates.filter((gate) => gate.met !== true);
    if (unmet.length > 0)
      return { name: 'Clear to expand', targetDate: null, requirements: unmet.map((gate) => gate.detail) };
  }
  const standing = inputs.edges.find((edge) => edge.condition === true) ?? inputs.edges[0];
  if (standing === undefined) return null;
  const edge = policy.edges.find((each) => each.id === standing.edgeId)!;
  const requirements: string[] = [];
  if (standing.condition !== true) {
    for (const change of smallestChange(edge.expression, inputs.facts) ?? []) requirements.push(describeChange(change));
  }
  const left = standing.requiredDays - (standing.condition === true ? standing.consistentDays : 0);
  if (left > 0) requirements.push(`true on ${moreDays(left)} in a row`);
  const daysLeft = standing.minimumDays - standing.daysInStage;
  if (daysLeft > 0) requirements.push(`${moreDays(daysLeft)} in ${inputs.stage}`);
  return {
    name: edge.milestone,
    targetDate: targetDate(inputs, policy, left, daysLeft, standing.condition === true),
    requirements: requirements.map(whole),
  };
}

function moreDays(days: number): string {
  return `${days} more ${days === 1 ? 'day' : 'days'}`;
}

/** The earliest day on which the edge can be taken; for a renewal, when its window opens. */
function targetDate(
  inputs: DecisionInputs,
  policy: CompiledPolicy,
  left: number,
  daysLeft: number,
  holds: boolean,
): string | null {
  const holding = inputs.edges.find((edge) => edge.condition === true)?.earliest;
  let earliest = holding ?? inputs.today + Math.max(left, daysLeft, 1);
  if (inputs.stage === 'expansion' && !holds) {
    if (inputs.renewalDate === null) return null;
    const opens = inputs.renewalDate - policy.measures.renewal.approachingDays;
    earliest = Math.max(earliest, opens + left - 1);
  }
  if (inputs.stage === 'trial' && !holds && inputs.facts.values[index.paid_subscription_in_force] === undefined)
    return null;
  return formatDay(earliest);
}
