/** The decision: the journey seed's response format, and what journey.md section 6 adds to it. */
import type { Handoff } from '../guardrails/handoffs.ts';
import type { AccountStatus } from '../journey/state.ts';
import type { ExitState, GuardrailId, RulePriority, Truth } from '../policy/policy.ts';
import type { Stage } from '../records/record.ts';
import type { Dimension } from '../scores/health.ts';
import type { InterventionState } from './inputs.ts';

export type StageHealth = 'healthy' | 'at_risk' | 'blocked' | 'accelerating' | 'unknown';
export type Velocity = 'slow' | 'normal' | 'fast' | 'unknown';

export interface PendingTransition {
  to: Stage;
  consistentDays: number;
  requiredDays: number;
  earliestDate: string | null;
}

export interface NextMilestone {
  name: string;
  targetDate: string | null;
  requirements: string[];
}

export interface SkillToTrigger {
  skill: string;
  priority: RulePriority;
  context: string;
  ruleId: string;
  interventionId: string;
  state: InterventionState;
}

export interface BlockedTrigger {
  /** Rule, or the edge for stage guardrails, or the handoff's kind. */
  rule: string;
  skill: string | null;
  guardrail: GuardrailId;
  reason: string;
  /** A date, or the fact that must change. */
  until: string;
}

export interface Decision {
  accountId: string;
  decisionId: string;
  asOf: string;
  policyHash: string;
  status: AccountStatus;
  journey: {
    currentStage: Stage;
    stageEntryDate: string;
    daysInStage: number;
    stageHealth: StageHealth;
    progressionVelocity: Velocity;
    pendingTransition: PendingTransition | null;
  };
  health: {
    overallScore: number | null;
    adoptionScore: number | null;
    engagementTrend: 'growing' | 'stable' | 'declining' | 'dormant' | 'unknown';
    riskFactors: string[];
    band: string | null;
    scoreBand: string | null;
    /** Points since D-30 on the dimensions known on both days. */
    change30: number | null;
    dimensions: Record<
      Dimension,
      {
        score: number | null;
        weight: number;
        reason?: string;
        parts: Record<string, { score: number | null; weight: number; reason?: string }>;
      }
    >;
    signals: { id: string; severity: string; since: string | null; detail: string; evidence: string[] }[];
    dataQuality: { coverage: number; confidence: string; daysOfData: number };
  };
  expansion: {
    readinessScore: number | null;
    signals: string[];
    signalDetails: { id: string; kind: string; date: string; detail: string; evidence: string[] }[];
    blockers: { type: string; description: string; impact: string; since: string; sourceId: string }[];
    estimatedExpansionValue: number | null;
    estimatedExpansionValueHalf: number | null;
    currency: string | null;
    gates: { id: string; met: Truth | null; detail: string }[];
  };
  recommendation: {
    primaryFocus: ExitState;
    reasoning: string;
    nextMilestone: NextMilestone | null;
    skillsToTrigger: SkillToTrigger[];
  };
  exitState: ExitState;
  interventions: {
    id: string;
    ruleId: string;
    skill: string;
    priority: RulePriority;
    state: InterventionState;
    date: string;
    customerFacing: boolean;
  }[];
  blocked: BlockedTrigger[];
  handoffs: Handoff[];
  dataGaps: { fact: string; reason: string }[];
  assumptions: string[];
}
