/** The shape of a policy file. What the shape cannot say (facts, skills, edges, sums) is checked after it. */
import { z } from 'zod';
import { CONTACT_ROLES, OWNER_ROLES, STAGES } from '../records/record.ts';
import type { SkillDefinition } from '../skills/registry.ts';
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
  'conversation.one_motion': always,
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

const autoApprove = z.union([z.enum(['always', 'never']), z.array(z.enum(STAGES))], {
  error: `must be "always", "never" or a list of stages: ${STAGES.join(', ')}`,
});
/** Of a skill that nobody knows only the shape is checked; that it is unknown is said once, by the check of the meaning. */
const anySkill = z.strictObject({
  autoApprove: autoApprove.optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
});

const CUSTOM_SKILL_NAME = /^custom\/[a-z][a-z0-9_]*$/;

const customSkill = z
  .strictObject({
    name: z.string().regex(CUSTOM_SKILL_NAME, 'custom/ and lower case words joined by _, like "custom/executive_call"'),
    kind: z.enum(['manual', 'webhook']),
    purpose: sentence,
    ownerRole: z.enum(OWNER_ROLES),
    dueBusinessDays: count,
    channel: z.enum(['in_app', 'email', 'call', 'meeting', 'task', 'alert']).default('task'),
    conversation: z.enum(['none', 'conversion', 'expansion']).default('none'),
    checklist: z.array(sentence).max(30).default([]),
    url: z
      .string()
      .max(2000)
      .refine(isPublicHttps, 'an https address of a named host, without user and password')
      .optional(),
  })
  .refine(({ kind, checklist }) => kind !== 'manual' || checklist.length > 0, {
    error: 'a manual skill needs a checklist',
    path: ['checklist'],
  })
  .refine(({ kind, url }) => (kind === 'webhook') === (url !== undefined), {
    error: 'a webhook skill has a url, a manual one has none',
    path: ['url'],
  });

/** Addresses of this machine or network are refused by their look; what a name resolves to is checked on delivery. */
function isPublicHttps(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  const isNamed =
    /^(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(hostname) && !/\.(local|localhost|internal)$/i.test(hostname);
  return protocol === 'https:' && username === '' && password === '' && isNamed;
}

/** What the schemas of the built-in skills do not cover. */
const HAS_NO_PARAMETERS = /^(default$|custom\/)/;

/** `skills` name the parameters that the workspace may set. */
export function policySchemaFor(skills: readonly SkillDefinition[]): typeof policyDocumentSchema {
  const known = skills.map(({ name, parameters }) => [
    name,
    z.strictObject({ autoApprove: autoApprove.optional(), parameters: parameters.optional() }).optional(),
  ]);
  const named = z
    .object(Object.fromEntries(known))
    .catchall(anySkill)
    .superRefine((given, context) => {
      for (const [name, entry] of Object.entries(given) as [string, z.infer<typeof anySkill> | undefined][]) {
        if (!HAS_NO_PARAMETERS.test(name) || Object.keys(entry?.parameters ?? {}).length === 0) continue;
        context.addIssue({ code: 'custom', path: [name, 'parameters'], message: `"${name}" has no parameters` });
      }
    });
  return policyDocumentSchema.extend({ skills: named }) as unknown as typeof policyDocumentSchema;
}

const policyDocumentSchema = z.strictObject({
  name: z.string().min(1, 'must not be empty').max(100),
  runHour: z.number().int().min(0).max(23),
  stages: z.array(stage).min(1, 'must not be empty'),
  edges: z.array(edge).min(1, 'must not be empty').max(20),
  rules: z.array(rule).max(500),
  guardrails,
  handoffs: z.array(handoff).min(1, 'must not be empty').max(3),
  interventions: z.strictObject({ expireAfterDays: wholeDays.min(1) }).default({ expireAfterDays: 30 }),
  skills: z.record(z.string(), anySkill),
  customSkills: z.array(customSkill).max(100).optional(),
  measures: measuresSchema,
});

export type PolicyDocument = z.infer<typeof policyDocumentSchema>;
