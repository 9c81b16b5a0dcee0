/** The shape of a policy file. What the shape cannot say (facts, skills, edges, sums) is checked after it. */
import { z } from 'zod';
import { CONTACT_ROLES, OWNER_ROLES, STAGES } from '../records/record.ts';
import { measuresSchema } from './measures.ts';
import { EXIT_STATES, HANDOFF_KINDS, PRIORITIES } from './policy.ts';

/** `adoption.plateau`, `any.usage_cliff` */
const id = z
  .string()
  .regex(/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/, 'lower case words joined by dots, like "adoption.plateau"')
  .max(100);
const sentence = z.string().min(1, 'must not be empty').max(500);
const expression = z.string().min(1, 'must not be empty');
const wholeDays = z.number().int().min(0).max(3650);
const count = z.number().int().min(0).max(1000);
/** A guardrail without numbers of its own. It stands in the file so that a reader sees it; it cannot be switched off. */
const always = z.literal('always', {
  error: 'must be "always": this guardrail has no numbers here and cannot be switched off',
});

const stage = z.strictObject({
  id: z.enum(STAGES),
  domain: sentence,
  minimumDays: wholeDays,
  benchmarkDays: wholeDays.min(1),
  progress: expression,
});

const edge = z.strictObject({ id, from: z.enum(STAGES), to: z.enum(STAGES), when: expression, milestone: sentence });

const rule = z.strictObject({
  id,
  stages: z.union([z.literal('any'), z.array(z.enum(STAGES)).min(1)], {
    error: `must be "any" or a list of stages: ${STAGES.join(', ')}`,
  }),
  when: expression,
  trigger: z.array(z.string()).min(1, 'must name at least one skill').max(10),
  priority: z.enum(PRIORITIES),
  exit: z.enum(EXIT_STATES).exclude(['monitor']).optional(),
  action: sentence.optional(),
  cooldownDays: wholeDays.default(7),
  reason: sentence,
});

const guardrails = z.strictObject({
  'stage.no_skip': always,
  'stage.min_days': always,
  'stage.consistent_signals': z.strictObject({ ticks: count.min(1) }),
  'cap.weekly': z.strictObject({ interventions: count, days: wholeDays.min(1) }),
  'data.health_days': always,
  'data.readiness_signals': always,
  'money.after_activation': always,
  'money.escalation_cooldown': z.strictObject({ days: wholeDays }),
  'money.customer_timeline': always,
  'money.unhealthy': always,
  'conversation.incident': always,
  'handoff.cs': z.strictObject({ usageBaselineDays: wholeDays }),
  'handoff.sales': z.strictObject({ organicSignals: count }),
  'handoff.no_incident': always,
  'capacity.quiet': always,
});

const handoff = z.strictObject({
  kind: z.enum(HANDOFF_KINDS),
  to: z.enum(OWNER_ROLES),
  acceptWithinWorkingHours: z.number().min(1).max(1000),
  requiredRoles: z.array(z.enum(CONTACT_ROLES)),
});

const skill = z.strictObject({
  autoApprove: z.union([z.enum(['always', 'never']), z.array(z.enum(STAGES))], {
    error: `must be "always", "never" or a list of stages: ${STAGES.join(', ')}`,
  }),
});

export const policyDocumentSchema = z.strictObject({
  name: z.string().min(1, 'must not be empty').max(100),
  runHour: z.number().int().min(0).max(23),
  stages: z.array(stage).min(1, 'must not be empty'),
  edges: z.array(edge).min(1, 'must not be empty').max(20),
  rules: z.array(rule).max(500),
  guardrails,
  handoffs: z.array(handoff).min(1, 'must not be empty').max(3),
  interventions: z.strictObject({ expireAfterDays: wholeDays.min(1) }).default({ expireAfterDays: 30 }),
  skills: z.record(z.string(), skill),
  measures: measuresSchema,
});

export type PolicyDocument = z.infer<typeof policyDocumentSchema>;
