/**
 * Everything a decision is computed from, as plain JSON: recorded beside the decision, so that `decide` gives the same
 * bytes again from the record alone.
 */
import type { FactVector } from '../facts/fact.ts';
import type { ConversationFacts } from '../guardrails/guardrails.ts';
import type { HandoffFacts } from '../guardrails/handoffs.ts';
import type { AccountStatus, EdgeProgress } from '../journey/state.ts';
import type { RulePriority } from '../policy/policy.ts';
import type { Stage } from '../records/record.ts';
import type { Confidence, Dimension, HealthBand } from '../scores/health.ts';
import type { Part } from '../scores/number.ts';
import type { OrganicSignal } from '../scores/organic.ts';
import type { ChurnSignal } from '../scores/signals.ts';
import type { Day, Instant } from '../time/calendar.ts';

export type InterventionState =
  | 'proposed'
  | 'approved'
  | 'dispatched'
  | 'delivered'
  | 'completed'
  | 'held'
  | 'dismissed'
  | 'expired'
  | 'failed';

/** One triggered skill for one account (journey.md section 5). */
export interface Intervention {
  id: string;
  ruleId: string;
  skill: string;
  stage: Stage;
  priority: RulePriority;
  state: InterventionState;
  customerFacing: boolean;
  /** Takes a place under the weekly cap once made. */
  capped: boolean;
  /** Day on which the rule first asked for it. */
  day: Day;
  /** Day on which it was let through; null while it is held, or when it was never let through. */
  madeOn: Day | null;
  updatedDay: Day;
  reason: string;
  /** Guardrails that hold it now, or held it when it expired. */
  heldBy: string[];
  /** Day on which it reached the customer or was completed; its place under the cap moves there. */
  doneOn?: Day;
  /** Nobody is to act on it before this day. */
  snoozedUntil?: Day;
}

export interface HealthInputs {
  coverage: number;
  confidence: Confidence;
  scoreBand: HealthBand | null;
  dimensions: Record<Dimension, { score: number | null; weight: number; reason?: string; parts: Record<string, Part> }>;
  signals: ChurnSignal[];
  /** Change of the score since D-30 on the dimensions known on both days; null: unknown. */
  change30: number | null;
  /** The same since D-7. */
  change7: number | null;
}

export interface Blocker {
  type: string;
  description: string;
  impact: string;
  since: Day;
  sourceId: string;
}

export interface ExpansionInputs {
  signals: OrganicSignal[];
  blockers: Blocker[];
  valueFullMinor: number | null;
  valueHalfMinor: number | null;
  valueReason: string | null;
  currency: string | null;
}

/** What was assumed where the workspace has no catalogue or source. */
export type Assumption = string;

export interface DecisionInputs {
  accountId: string;
  asOf: Instant;
  today: Day;
  status: AccountStatus;
  stage: Stage;
  stageEnteredOn: Day;
  /** Edge taken on today's tick. */
  moved: string | null;
  edges: EdgeProgress[];
  facts: FactVector;
  daysOfData: number;
  renewalDate: Day | null;
  currency: string | null;
  health: HealthInputs;
  expansion: ExpansionInputs;
  conversation: ConversationFacts;
  handoff: HandoffFacts;
  /** Open interventions, and closed ones that still count for a cooldown or the cap. */
  interventions: Intervention[];
  assumptions: Assumption[];
  policyHash: string;
  catalogueHash: string;
}
