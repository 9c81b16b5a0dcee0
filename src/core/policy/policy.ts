/** The policy as data, after parsing and checking (spec: journey.md sections 2-4). */
import type { ContactRole, OwnerRole, Stage } from '../records/record.ts';
import type { Measures } from './measures.ts';

export const PRIORITIES = ['critical', 'high', 'medium', 'low'] as const;
export type RulePriority = (typeof PRIORITIES)[number];

/** In order of precedence: when several rules fire, the first of these among their exits is the exit state. */
export const EXIT_STATES = [
  'at_risk_intervention',
  'activation_focus',
  'champion_building',
  'expansion_ready',
  'renewal_prep',
  'adoption_nurture',
  'monitor',
] as const;
export type ExitState = (typeof EXIT_STATES)[number];

export interface StagePolicy {
  id: Stage;
  domain: string;
  /** Guardrail `stage.min_days`: days to spend here before going forward. */
  minimumDays: number;
  /** Benchmark pace: days in which an account usually passes this stage. */
  benchmarkDays: number;
  /** Numeric expression, 0-1: how much of this stage is done. */
  progress: string;
}

export interface EdgePolicy {
  id: string;
  from: Stage;
  to: Stage;
  when: string;
  /** A phrase for `nextMilestone.name`. */
  milestone: string;
}

export interface RulePolicy {
  id: string;
  stages: Stage[] | 'any';
  when: string;
  trigger: string[];
  priority: RulePriority;
  exit?: Exclude<ExitState, 'monitor'>;
  action?: string;
  cooldownDays: number;
  /** Template: `{fact_name}` is replaced by the fact's value. */
  reason: string;
}

export const GUARDRAIL_IDS = [
  'stage.no_skip',
  'stage.min_days',
  'stage.consistent_signals',
  'cap.weekly',
  'data.health_days',
  'data.readiness_signals',
  'money.after_activation',
  'money.escalation_cooldown',
  'money.customer_timeline',
  'money.unhealthy',
  'conversation.incident',
  'conversation.one_motion',
  'handoff.cs',
  'handoff.sales',
  'handoff.no_incident',
  'capacity.quiet',
] as const;
export type GuardrailId = (typeof GUARDRAIL_IDS)[number];

export interface GuardrailPolicy {
  consistentTicks: number;
  weeklyCap: number;
  weeklyCapDays: number;
  escalationCooldownDays: number;
  usageBaselineDays: number;
  handoffSignals: number;
}

export const HANDOFF_KINDS = ['plg_to_cs', 'cs_to_sales', 'cs_to_finance'] as const;
export type HandoffKind = (typeof HANDOFF_KINDS)[number];

export interface HandoffPolicy {
  kind: HandoffKind;
  /** Role of the receiver. */
  to: string;
  acceptWithinWorkingHours: number;
  requiredRoles: ContactRole[];
}

export interface SkillPolicy {
  /** Stages in which a proposal of this skill needs no approval. */
  autoApprove: Stage[] | 'always' | 'never';
  /** What the workspace sets, defaults filled in; absent where it leaves the skill as it is. */
  parameters?: Record<string, unknown>;
}

/** A skill that a workspace declares itself: a person works through a checklist, or another system does it. */
export interface CustomSkillPolicy {
  /** `custom/name` */
  name: string;
  kind: 'manual' | 'webhook';
  purpose: string;
  ownerRole: OwnerRole;
  dueBusinessDays: number;
  channel: 'in_app' | 'email' | 'call' | 'meeting' | 'task' | 'alert';
  conversation: 'none' | 'conversion' | 'expansion';
  /** manual: what the person does, in order. */
  checklist: string[];
  /** webhook: where it is delivered to. */
  url?: string;
}

export interface Policy {
  name: string;
  /** Hour of the daily run, 0-23, in the workspace's time zone. */
  runHour: number;
  stages: StagePolicy[];
  edges: EdgePolicy[];
  rules: RulePolicy[];
  guardrails: GuardrailPolicy;
  handoffs: HandoffPolicy[];
  /** A proposal nobody acts on for so long expires. */
  interventions: { expireAfterDays: number };
  skills: Record<string, SkillPolicy>;
  customSkills: CustomSkillPolicy[];
  measures: Measures;
  /** sha256 of the document's meaning (not its comments or layout), hex. */
  hash: string;
}

/** Kleene's three values; `undefined` is unknown. */
export type Truth = boolean | undefined;
