/**
 * A built-in skill (skills.md part B): a pure computation over what is known of one account, which yields a typed result,
 * a short document and dated actions. It sends nothing; what becomes of its actions is the intervention's affair.
 */
import type { z } from 'zod';
import type { InterventionState } from '../decision/inputs.ts';
import type { AccountMeasures } from '../facts/measure-account.ts';
import type { ContractSpan } from '../facts/plan-timeline.ts';
import type { Known, PortfolioHistory, Workspace } from '../facts/view.ts';
import type { AccountStatus, HealthReading } from '../journey/state.ts';
import type { Stage } from '../records/record.ts';
import type { Confidence } from '../scores/health.ts';
import type { Day, Instant } from '../time/calendar.ts';
import type { SkillDefinition } from './registry.ts';
import type { ActionDraft, SkillStatus } from './skill-result.ts';

/** An earlier intervention of the account. */
export interface PastIntervention {
  id: string;
  skill: string;
  ruleId: string;
  state: InterventionState;
  /** Day on which it was let through; undefined: it never was. */
  madeOn: Day | undefined;
  /** Moment at which it reached the customer or was completed; undefined: it did not. */
  doneAt: Instant | undefined;
  /** The words of whoever dismissed it. */
  dismissedFor: string | undefined;
  /** `result` of the artefact it carried; undefined: none was kept. */
  result: Readonly<Record<string, unknown>> | undefined;
}

export interface SkillContext<P = unknown> {
  /** Everything part A computes, as of the instant; `measured.view` holds the records and the history. */
  measured: AccountMeasures;
  workspace: Workspace;
  /** The contract over time, from the account's first day. */
  spans: readonly ContractSpan[];
  /** Undefined before the first tick. */
  stage: Stage | undefined;
  stageEnteredOn: Day | undefined;
  status: AccountStatus;
  /** Scores of earlier ticks (`../journey/readings.ts`). */
  readings: readonly HealthReading[];
  /** Oldest first. */
  past: readonly PastIntervention[];
  portfolio: PortfolioHistory;
  /** Rule whose at-risk exit is in force. */
  atRiskRule: string | undefined;
  /** Days of the capped interventions of this stage within the cap's window, oldest first. */
  capDays: readonly Day[];
  /** The account as it was known at the run hour of an earlier day, measured; undefined: it did not exist. */
  measuredOn(day: Day): AccountMeasures | undefined;
  /** The policy's parameters, defaults filled in. */
  parameters: P;
}

export interface SkillSection {
  title: string;
  /** Markdown; whatever people wrote in it has gone through `inert` or `quoted`. */
  body: string;
}

/** What a skill computes; `runSkill` makes the `SkillResult` of it. */
export interface SkillOutput<R> {
  status: SkillStatus;
  /** Codes in snake_case (`no_eligible_win`). */
  reasons: string[];
  /** Missing facts, each with the record that would supply it. */
  dataGaps: { fact: string; reason: string }[];
  /** Default: high for ok, medium for partial, low else. */
  confidence?: Confidence;
  result: R;
  actions: ActionDraft[];
  /** Of the entry's Doc line, in its order. */
  sections: SkillSection[];
}

/** What the intervention is measured by afterwards. */
export interface SkillOutcome {
  /** A fact's name where there is one. */
  measure: string;
  unit: string;
  better: 'higher' | 'lower';
  /** Days after it was done. */
  horizonDays: number;
  /** A change smaller than this is `unmoved`. */
  noise: number;
  read(measured: AccountMeasures): Known<number>;
}

export interface Skill<P = unknown, R = unknown> extends SkillDefinition {
  /** Facts or record kinds it cannot do without, and those it can. */
  inputs: { required: readonly string[]; optional: readonly string[] };
  /** Titles of its document's sections, in order. */
  sections: readonly string[];
  parameters: z.ZodObject & z.ZodType<P>;
  outcome: SkillOutcome;
  run(context: SkillContext<P>): SkillOutput<R | null>;
}

/** A skill of the registry, whatever its parameters and result. */
export type AnySkill = Omit<Skill, 'parameters' | 'run'> & {
  parameters: z.ZodObject;
  run(context: SkillContext<never>): SkillOutput<unknown>;
};

/** Keeps the types of parameters and result together while a skill is written down. */
export function defineSkill<P, R>(skill: Skill<P, R>): Skill<P, R> {
  return skill;
}
