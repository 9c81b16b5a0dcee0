/** The plan as the document of the expansion seed: its headings, bullet labels, tables and columns, in its order. */
import { documentOf, heading, inert, labelled, table } from '../document/markdown.ts';
import type { TrackedCriterion } from './criteria.ts';
import { type PlanGate, unmet } from './gate.ts';
import type { NrrImpact, NrrReading } from './nrr.ts';
import type { Opportunity } from './opportunity.ts';
import type { ClearedPlan, ExpansionPlan, HealthCheck } from './plan.ts';
import { NOT_KNOWN } from './pricing.ts';
import { TYPE_NAMES } from './proposal.ts';
import type { Recovery } from './recovery.ts';
import { grouped, money } from './subject.ts';

/** Ours and theirs alike: nothing in the plan's texts is markup. What is so only at the start of a line stays as it is. */
export function shown(text: string): string {
  return inert(text)
    .replaceAll(' \\= ', ' = ')
    .replace(/^(\d+)\\(?=[.)])/, '$1');
}

export function bulletOf(label: string, text: string): string {
  return labelled(label, shown(text));
}

export function tableOf(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return table(
    columns,
    rows.map((cells) => cells.map(shown)),
  );
}

/** As the seed writes it: the words in brackets say when the section is there. */
export const RECOVERY_HEADING = 'Unhealthy-Path Response (only if Clear to expand = No)';

export function renderPlan(plan: ExpansionPlan): string {
  const blocks = [heading(1, `Expansion Plan: ${shown(plan.name)}`), heading(2, 'Health Check'), healthBlock(plan)];
  if (plan.clearToExpand) blocks.push(...clearedBlocks(plan));
  else blocks.push(heading(2, RECOVERY_HEADING), recoveryBlock(plan.recovery, plan.earlierCriteria));
  return documentOf(blocks);
}

function healthBlock(plan: ExpansionPlan): string {
  const { healthCheck } = plan;
  const score =
    healthCheck.healthScore === null ? gateOf(healthCheck, 'health_score').detail : String(healthCheck.healthScore);
  const open = unmet(healthCheck.gates).map(
    (gate) => `${gate.name.toLowerCase()}${gate.met === null ? ' (unknown)' : ''}`,
  );
  const lines = [
    bulletOf('Seat utilisation', healthCheck.seatUtilisation.text),
    bulletOf('Health score', score),
    bulletOf('Status', statusText(healthCheck)),
    bulletOf('Clear to expand', plan.clearToExpand ? 'Yes' : 'No'),
    ...(open.length === 0 ? [] : [bulletOf('Not met', open.join(', '))]),
    ...healthCheck.gates.map((gate) => bulletOf(`${gate.name} gate`, gateText(gate))),
  ];
  return lines.join('\n');
}

function gateText({ met, detail, settledBy }: PlanGate): string {
  if (met === null)
    return `${detail.startsWith('unknown') ? '' : 'unknown: '}${detail}${settledBy === undefined ? '' : `; settled by ${settledBy}`}`;
  return `${met ? 'met' : 'not met'}: ${detail}`;
}

function gateOf({ gates }: HealthCheck, id: PlanGate['id']): PlanGate {
  return gates.find((gate) => gate.id === id)!;
}

function statusText({ status, band }: HealthCheck): string {
  return status === 'Unhealthy' ? `Unhealthy (${band!.replaceAll('_', ' ')})` : status;
}

function recoveryBlock(recovery: Recovery, earlier: readonly TrackedCriterion[]): string {
  const numbered = recovery.targets.map((target, i) =>
    recovery.targets.length === 1 ? target.text : `(${i + 1}) ${target.text}`,
  );
  const lines = [
    bulletOf('Recovery targets', numbered.join('. ')),
    bulletOf('Sequence', recovery.sequence),
    bulletOf('Right-sizing consideration', recovery.rightSizing.text),
    bulletOf('AE / sales communication', recovery.aeCommunication),
    bulletOf('Upstream feedback', recovery.upstreamFeedback.text),
    ...(recovery.warnings.length === 0
      ? []
      : [bulletOf('Also seen', recovery.warnings.map((each) => each.text).join('; '))]),
    ...earlierBullets(earlier),
  ];
  return lines.join('\n');
}

function clearedBlocks(plan: ClearedPlan): string[] {
  const { framing, timing } = plan.approach;
  const excluded = plan.excludedSignals.map((each) => bulletOf('Excluded', each.text));
  const approach = [
    bulletOf('Framing', framing.text),
    bulletOf(
      'Timing',
      `propose on ${timing.proposeOn}: ${timing.reason}${timing.calendar.length === 0 ? '' : `; ${timing.calendar.join('; ')}`}`,
    ),
    bulletOf('Trigger', timing.trigger.text),
    bulletOf('Avoid conditions', timing.avoid.map((check) => check.text).join('; ')),
  ];
  return [
    heading(2, 'Expansion Signals'),
    tableOf(
      ['Signal', 'Evidence', 'Strength'],
      plan.signals.map((row) => [row.signal, row.evidenceText.join('; '), row.strength]),
    ),
    excluded.join('\n'),
    heading(2, 'Opportunity'),
    opportunityBlock(plan.opportunity),
    heading(2, 'Approach'),
    approach.join('\n'),
    heading(2, 'Risks'),
    tableOf(['Risk', 'Why it applies', 'Gating action'], riskRows(plan)),
    heading(2, 'Execution Plan'),
    tableOf(
      ['Step', 'Action', 'Owner', 'Date'],
      plan.executionPlan.map((step) => [
        String(step.step),
        `${step.phase}, ${step.when}: ${step.action}`,
        step.owner,
        step.date,
      ]),
    ),
    heading(2, 'Success Criteria'),
    tableOf(
      ['Criteria', 'Measurement', 'Target date'],
      plan.successCriteria.map((each) => [each.name, each.measurement, each.targetDate]),
    ),
    earlierBullets(plan.earlierCriteria).join('\n'),
  ];
}

function riskRows({ risks, opportunity }: ClearedPlan): string[][] {
  if (risks.length > 0) return risks.map((each) => [each.risk, each.why, each.gatingAction]);
  return [
    [
      'None',
      `nothing on record makes ${opportunity.what} risky here: no integration work, no new users, no new workflow, no change of terms`,
      'none',
    ],
  ];
}

function opportunityBlock(opportunity: Opportunity): string {
  const { currency, scenarios } = opportunity;
  const arr =
    opportunity.currentArrMinor === null
      ? opportunity.arrReason!
      : money(opportunity.currentArrMinor, currency ?? undefined);
  const lines = [
    bulletOf('Current ARR', arr),
    bulletOf('Expansion type', `${TYPE_NAMES[opportunity.type]}: ${opportunity.what} (${opportunity.anchorReason})`),
    bulletOf('Estimated expansion ARR', estimateText(opportunity)),
    bulletOf('Confidence', `${opportunity.confidence} (${opportunity.confidenceReason})`),
    bulletOf('NRR impact', nrrText(opportunity.nrr, opportunity.unpricedReason)),
    ...(scenarios.length === 0 ? [] : [bulletOf('Pricing assumption', opportunity.priceAssumption)]),
    ...(opportunity.volume === NOT_KNOWN ? [] : [bulletOf('Volume in scope', opportunity.volume)]),
    ...scenarios.map((each) => bulletOf(each.name, `${each.text} a year`)),
    ...(opportunity.assumptions.length === 0 ? [] : [bulletOf('Assumptions', opportunity.assumptions.join('; '))]),
    ...opportunity.notCounted.map((each) => bulletOf('Not counted', each)),
  ];
  return lines.join('\n');
}

/** `3,000 to 6,000 USD a year` */
export function estimateText({ scenarios, currency, unpricedReason }: Opportunity): string {
  if (scenarios.length === 0) return `unknown: ${unpricedReason}`;
  const amounts = scenarios.map((each) => each.annualMinor);
  const [low, high] = [Math.min(...amounts), Math.max(...amounts)];
  if (low === high) return `${money(high, currency ?? undefined)} a year`;
  return `${money(low, undefined)} to ${money(high, currency ?? undefined)} a year`;
}

function nrrText({ account, portfolio, growthPercent, from }: NrrImpact, unpriced: string | null): string {
  const ownGrowth = growthPercent === null ? undefined : `today's ARR grows by ${span(growthPercent)}`;
  const parts = [
    `account ${nrrReading(account, from, unpriced)}`,
    ...(account.before === null && ownGrowth !== undefined ? [ownGrowth] : []),
    `portfolio ${nrrReading(portfolio, from, unpriced)}`,
  ];
  return parts.join('; ');
}

function nrrReading({ before, after, reason }: NrrReading, from: string, unpriced: string | null): string {
  if (before === null) return `unknown (${reason})`;
  if (after === null) return `${share(before)} since ${from}, unchanged (${reason ?? unpriced ?? 'no price is known'})`;
  return `${share(before)} since ${from}, then ${span(after)}`;
}

function span([low, high]: readonly [number, number]): string {
  return low === high ? share(high) : `${share(low)} to ${share(high)}`;
}

/** One decimal is enough to read; the data has two. */
function share(percent: number): string {
  return `${grouped(Math.round(10 * percent) / 10)} %`;
}

/** One bullet a plan. */
function earlierBullets(earlier: readonly TrackedCriterion[]): string[] {
  const plans = [...new Set(earlier.map((each) => each.planId))];
  return plans.map((planId) => {
    const own = earlier.filter((each) => each.planId === planId);
    return bulletOf(`Plan of ${own[0]!.plannedOn}`, `${own[0]!.what}: ${own.map((each) => each.text).join('; ')}`);
  });
}
