/** The plan as the document of the expansion seed: its headings, bullet labels, tables and columns, in its order. */
import { documentOf, heading, inert, labelled } from '../document/markdown.ts';
import { type PlanGate, unmet } from './gate.ts';
import type { ExpansionPlan, HealthCheck } from './plan.ts';
import type { Recovery } from './recovery.ts';

/** Ours and theirs alike: nothing in the plan's texts is markup. An equals sign between figures stays as it is. */
export function shown(text: string): string {
  return inert(text).replaceAll(' \\= ', ' = ');
}

export function bulletOf(label: string, text: string): string {
  return labelled(label, shown(text));
}

export function renderPlan(plan: ExpansionPlan): string {
  const blocks = [heading(1, `Expansion Plan: ${shown(plan.name)}`), heading(2, 'Health Check'), healthBlock(plan)];
  if (!plan.clearToExpand) blocks.push(heading(2, RECOVERY_HEADING), recoveryBlock(plan.recovery));
  return documentOf(blocks);
}

/** As the seed writes it: the words in brackets say when the section is there. */
export const RECOVERY_HEADING = 'Unhealthy-Path Response (only if Clear to expand = No)';

function healthBlock(plan: ExpansionPlan): string {
  const { healthCheck } = plan;
  const open = unmet(healthCheck.gates);
  const lines = [
    bulletOf('Seat utilisation', healthCheck.seatUtilisation.text),
    bulletOf(
      'Health score',
      healthCheck.healthScore === null
        ? `unknown (${gateOf(healthCheck, 'health_score').detail})`
        : String(healthCheck.healthScore),
    ),
    bulletOf('Status', statusText(healthCheck)),
    bulletOf('Clear to expand', plan.clearToExpand ? 'Yes' : 'No'),
    ...(open.length === 0
      ? []
      : [
          bulletOf(
            'Not met',
            open.map((gate) => `${gate.name.toLowerCase()}${gate.met === null ? ' (unknown)' : ''}`).join(', '),
          ),
        ]),
    ...healthCheck.gates.map((gate) =>
      bulletOf(`${gate.name} gate`, `${GATE_WORDS[String(gate.met)]}: ${gate.detail}`),
    ),
  ];
  return lines.join('\n');
}

const GATE_WORDS: Record<string, string> = { true: 'met', false: 'not met', null: 'unknown' };

function gateOf({ gates }: HealthCheck, id: PlanGate['id']): PlanGate {
  return gates.find((gate) => gate.id === id)!;
}

function statusText({ status, band }: HealthCheck): string {
  return status === 'Unhealthy' ? `Unhealthy (${band!.replaceAll('_', ' ')})` : status;
}

function recoveryBlock(recovery: Recovery): string {
  const lines = [
    bulletOf('Recovery targets', recovery.targets.map((target, i) => `(${i + 1}) ${target.text}`).join('. ')),
    bulletOf('Sequence', recovery.sequence),
    bulletOf('Right-sizing consideration', recovery.rightSizing.text),
    bulletOf('AE / sales communication', recovery.aeCommunication),
    bulletOf('Upstream feedback', recovery.upstreamFeedback.text),
    ...(recovery.warnings.length === 0
      ? []
      : [bulletOf('Also seen', recovery.warnings.map((each) => each.text).join('; '))]),
  ];
  return lines.join('\n');
}
