/** A checked document to a policy that can run. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../documents/canonical-json.ts';
import { STAGES, type Stage } from '../records/record.ts';
import type { SkillDefinition } from '../skills/registry.ts';
import { compileCondition, compileNumber, type NumberOf } from './compile.ts';
import type { CompiledPolicy, CompiledStage } from './compiled-policy.ts';
import { type Expression, factsReadBy, printExpression } from './expression.ts';
import type { ParsedExpressions } from './meaning-checks.ts';
import type { CustomSkillPolicy, GuardrailPolicy, Policy, RulePolicy, SkillPolicy } from './policy.ts';
import type { PolicyDocument } from './policy-document.ts';

/** `expressions` are those of `document`, in its order. */
export function buildPolicy(
  document: PolicyDocument,
  expressions: ParsedExpressions,
  skills: readonly SkillDefinition[],
): CompiledPolicy {
  const stages = document.stages
    .map((stage, i) => compiledStage(stage, expressions.stages[i]!))
    .sort((a, b) => STAGES.indexOf(a.id) - STAGES.indexOf(b.id));
  const edges = document.edges.map((edge, i) => ({ ...edge, ...compiled(expressions.edges[i]!) }));
  const rules = document.rules.map((rule, i) => ({ ...asRule(rule), ...compiled(expressions.rules[i]!) }));
  const byStage = <T>(pick: (stage: Stage) => T): Record<Stage, T> =>
    Object.fromEntries(STAGES.map((stage) => [stage, pick(stage)])) as Record<Stage, T>;
  const guardrails = asGuardrails(document.guardrails);
  const customSkills = (document.customSkills ?? []).map(({ url, ...skill }) =>
    url === undefined ? skill : { ...skill, url },
  );
  const all = [...skills, ...customSkills.map(definitionOf)];
  const skillPolicies = resolveSkills(document.skills, all);
  const factsRead = new Set([...stages, ...edges, ...rules].flatMap((part) => part.factsRead));
  return {
    name: document.name,
    runHour: document.runHour,
    stages,
    edges,
    rules,
    guardrails,
    handoffs: document.handoffs,
    interventions: document.interventions,
    skills: skillPolicies,
    customSkills,
    skillByName: new Map(all.map((skill) => [skill.name, skill])),
    measures: document.measures,
    hash: contentHash(document, expressions, skillPolicies),
    rulesByStage: byStage((stage) =>
      rules.flatMap((rule, i) => (rule.stages === 'any' || rule.stages.includes(stage) ? [i] : [])),
    ),
    edgesFrom: byStage((stage) => edges.filter(({ from }) => from === stage)),
    stageById: byStage((stage) => stages.find(({ id }) => id === stage)!),
    factsRead: [...factsRead].sort((a, b) => a - b),
  };
}

function compiled(expression: Expression) {
  return { expression, condition: compileCondition(expression), factsRead: factsReadBy(expression) };
}

function compiledStage(stage: PolicyDocument['stages'][number], expression: Expression): CompiledStage {
  return {
    ...stage,
    progressExpression: expression,
    progressOf: clamped(compileNumber(expression)),
    factsRead: factsReadBy(expression),
  };
}

function clamped(number: NumberOf): NumberOf {
  return (facts) => {
    const value = number(facts);
    return value === undefined ? undefined : Math.min(1, Math.max(0, value));
  };
}

function asRule({ exit, action, ...rule }: PolicyDocument['rules'][number]): RulePolicy {
  return { ...rule, ...(exit === undefined ? {} : { exit }), ...(action === undefined ? {} : { action }) };
}

function asGuardrails(guardrails: PolicyDocument['guardrails']): GuardrailPolicy {
  return {
    consistentTicks: guardrails['stage.consistent_signals'].ticks,
    weeklyCap: guardrails['cap.weekly'].interventions,
    weeklyCapDays: guardrails['cap.weekly'].days,
    escalationCooldownDays: guardrails['money.escalation_cooldown'].days,
    usageBaselineDays: guardrails['handoff.cs'].usageBaselineDays,
    handoffSignals: guardrails['handoff.sales'].organicSignals,
  };
}

/** Every skill has its entry: what it is given, else what `default` gives, else never. */
function resolveSkills(
  given: PolicyDocument['skills'],
  skills: readonly SkillDefinition[],
): Record<string, SkillPolicy> {
  const fallback = given.default?.autoApprove ?? 'never';
  return Object.fromEntries(
    skills.map((skill) => {
      const { autoApprove = fallback, parameters } = given[skill.name] ?? {};
      // Parameters that say what holds anyway change nothing, the policy's hash included.
      const isSame =
        parameters === undefined || canonicalJson(parameters) === canonicalJson(skill.parameters.parse({}));
      return [skill.name, isSame ? { autoApprove } : { autoApprove, parameters }];
    }),
  );
}

/** What the engine must know of a workspace's own skill. */
function definitionOf({ name, purpose, channel, conversation }: CustomSkillPolicy): SkillDefinition {
  return {
    name,
    domain: 'custom',
    purpose,
    customerFacing: channel !== 'task' && channel !== 'alert',
    conversation,
    serviceMessage: false,
    celebration: false,
    parameters: NO_PARAMETERS,
  };
}

const NO_PARAMETERS = z.strictObject({});

/** sha256 of the meaning: neither comments, layout and key order count, nor how an expression is spaced or bracketed. */
function contentHash(document: PolicyDocument, expressions: ParsedExpressions, skills: Policy['skills']): string {
  const meaning = {
    ...document,
    stages: document.stages
      .map((stage, i) => ({ ...stage, progress: printExpression(expressions.stages[i]!) }))
      .sort((a, b) => STAGES.indexOf(a.id) - STAGES.indexOf(b.id)),
    edges: document.edges.map((edge, i) => ({ ...edge, when: printExpression(expressions.edges[i]!) })),
    rules: document.rules.map((rule, i) => ({ ...rule, when: printExpression(expressions.rules[i]!) })),
    skills,
  };
  return createHash('sha256').update(canonicalJson(meaning)).digest('hex');
}
