import type { Stage } from '../records/record.ts';
import type { SkillDefinition } from '../skills/registry.ts';
import type { Condition, NumberOf } from './compile.ts';
import type { Expression } from './expression.ts';
import type { EdgePolicy, Policy, RulePolicy, StagePolicy } from './policy.ts';

export interface CompiledRule extends RulePolicy {
  expression: Expression;
  condition: Condition;
  /** Indexes into `FACTS` of what the condition reads. */
  factsRead: readonly number[];
}

export interface CompiledEdge extends EdgePolicy {
  expression: Expression;
  condition: Condition;
  factsRead: readonly number[];
}

export interface CompiledStage extends StagePolicy {
  progressExpression: Expression;
  /** 0-1, clamped; undefined while it is unknown. */
  progressOf: NumberOf;
  factsRead: readonly number[];
}

/** A policy that passed every check, ready to evaluate. */
export interface CompiledPolicy extends Policy {
  /** In the order of the journey. */
  stages: CompiledStage[];
  edges: CompiledEdge[];
  rules: CompiledRule[];
  /** The built-in skills and the workspace's own. */
  skillByName: ReadonlyMap<string, SkillDefinition>;
  /** Indexes into `rules` of those that can fire in a stage, in the order of the file. */
  rulesByStage: Record<Stage, readonly number[]>;
  /** Edges that leave a stage, in the order of the file. */
  edgesFrom: Record<Stage, readonly CompiledEdge[]>;
  stageById: Record<Stage, CompiledStage>;
  /** Indexes into `FACTS` of everything any expression reads, rising. */
  factsRead: readonly number[];
}
