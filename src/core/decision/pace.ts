/** Stage health and progression velocity against the policy's benchmark pace (journey.md section 2). */

import { factNames } from '../facts/fact-index.ts';
import type { CompiledPolicy } from '../policy/compiled-policy.ts';
import type { Choice } from './choose.ts';
import type { StageHealth, Velocity } from './decision.ts';
import type { DecisionInputs } from './inputs.ts';

const index = factNames();

/** Progress of the stage over the share of its benchmark days that has passed; undefined while progress is unknown. */
function paceOf(inputs: DecisionInputs, policy: CompiledPolicy): number | undefined {
  const stage = policy.stageById[inputs.stage];
  const progress = stage.progressOf(inputs.facts);
  if (progress === undefined) return undefined;
  const days = inputs.today - inputs.stageEnteredOn;
  if (days === 0) return 1;
  return progress / (days / stage.benchmarkDays);
}

export function velocity(inputs: DecisionInputs, policy: CompiledPolicy): Velocity {
  const { margin, youngDays } = policy.measures.pace;
  const age = inputs.facts.values[index.day];
  if (typeof age !== 'number' || age < youngDays || inputs.status !== 'active') return 'unknown';
  const pace = paceOf(inputs, policy);
  if (pace === undefined) {
    const stage = policy.stageById[inputs.stage];
    return inputs.today - inputs.stageEnteredOn > stage.benchmarkDays * (1 + margin) ? 'slow' : 'unknown';
  }
  if (pace >= 1 + margin) return 'fast';
  return pace <= 1 - margin ? 'slow' : 'normal';
}

export function stageHealth(inputs: DecisionInputs, choice: Choice, policy: CompiledPolicy): StageHealth {
  const band = inputs.facts.values[index.health_band];
  if (band === 'at_risk' || band === 'critical' || choice.exit === 'at_risk_intervention') return 'at_risk';
  const prevented = inputs.edges.some(
    (edge) =>
      edge.condition === true && edge.consistentDays >= edge.requiredDays && edge.daysInStage < edge.minimumDays,
  );
  if (prevented || inputs.expansion.blockers.some((blocker) => blocker.impact === 'high')) return 'blocked';
  if (inputs.daysOfData === 0) return 'unknown';
  const pace = paceOf(inputs, policy);
  if (pace !== undefined && pace >= 1 + policy.measures.pace.margin) return 'accelerating';
  return pace === undefined && band === undefined ? 'unknown' : 'healthy';
}
