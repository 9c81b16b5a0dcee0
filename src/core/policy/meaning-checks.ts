/** What a policy must mean beside having the right shape: known facts and skills, one journey without gaps or skips. */
import { nearestName } from '../documents/near-name.ts';
import type { DocumentPath } from '../documents/yaml-document.ts';
import { STAGES, type Stage } from '../records/record.ts';
import type { SkillDefinition } from '../skills/registry.ts';
import { ALLOWED_EDGES } from './allowed-edges.ts';
import type { Expression } from './expression.ts';
import { FACT_NAMES, factIndex } from './fact-lookup.ts';
import { parseExpression } from './parse-expression.ts';
import { HANDOFF_KINDS } from './policy.ts';
import type { PolicySource } from './policy-source.ts';
import type { ReadablePolicy } from './readable-policy.ts';
import { placeholdersOf } from './render-reason.ts';

/** The parsed expressions, in the order of the document; complete only if no problem was reported. */
export interface ParsedExpressions {
  stages: Expression[];
  edges: Expression[];
  rules: Expression[];
}

/** Reports everything that is wrong with the meaning of `policy` to `source`. */
export function checkMeaning(
  policy: ReadablePolicy,
  skills: readonly SkillDefinition[],
  source: PolicySource,
): ParsedExpressions {
  const custom = policy.customSkills.flatMap(({ id }) => (id === undefined ? [] : [id]));
  const names = [...skills.map(({ name }) => name), ...custom];
  checkStages(policy, source);
  checkEdges(policy, source);
  checkRules(policy, names, source);
  checkHandoffs(policy, source);
  checkDuplicates(policy.customSkills, 'customSkills', 'a skill', source, 'name');
  for (const name of policy.skillNames) {
    if (name !== 'default') checkSkill(name, names, ['skills', name], source, 'key');
  }
  return checkExpressions(policy, source);
}

function checkExpressions(policy: ReadablePolicy, source: PolicySource): ParsedExpressions {
  const parse = (text: string | undefined, expected: 'bool' | 'number', path: DocumentPath): Expression[] => {
    if (text === undefined) return [];
    const parsed = parseExpression(text, expected);
    if (parsed.ok) return [parsed.expression];
    for (const problem of parsed.problems) {
      source.reportInside(path, text, problem.offset, problem.code, problem.message, problem.suggestion);
    }
    return [];
  };
  return {
    stages: policy.stages.flatMap((stage, i) => parse(stage.progress, 'number', ['stages', i, 'progress'])),
    edges: policy.edges.flatMap((edge, i) => parse(edge.when, 'bool', ['edges', i, 'when'])),
    rules: policy.rules.flatMap((rule, i) => parse(rule.when, 'bool', ['rules', i, 'when'])),
  };
}

function checkStages({ stages }: ReadablePolicy, source: PolicySource): void {
  checkDuplicates(stages, 'stages', 'a stage', source);
  // With a misspelt stage in the list, the one it stands for is not missing.
  if (stages.length === 0 || stages.some(({ id }) => STAGES.every((stage) => stage !== id))) return;
  for (const stage of STAGES) {
    if (stages.some(({ id }) => id === stage)) continue;
    source.report(['stages'], 'missing_stage', `the stage "${stage}" is missing; a policy has all six`);
  }
}

function checkEdges({ edges }: ReadablePolicy, source: PolicySource): void {
  checkDuplicates(edges, 'edges', 'an edge', source);
  const pairs = new Set<string>();
  for (const [i, { from, to }] of edges.entries()) {
    if (from === undefined || to === undefined) continue;
    const pair = `${from} -> ${to}`;
    if (!ALLOWED_EDGES.some(([a, b]) => a === from && b === to)) {
      const allowed = ALLOWED_EDGES.filter(([a]) => a === from).map(([, b]) => b);
      const message = `${pair} skips: from ${from} an account can only go to ${allowed.join(' or ')}`;
      source.report(['edges', i, 'to'], 'skipping_edge', message);
    } else if (pairs.has(pair)) {
      source.report(['edges', i], 'duplicate_id', `there is already an edge ${pair}; join both conditions with ||`);
    }
    pairs.add(pair);
  }
  if (edges.length === 0 || edges.some(({ from, to }) => from === undefined || to === undefined)) return;
  // The stages after the first unreachable one follow from it.
  const [first] = unreachable(edges);
  if (first !== undefined) {
    source.report(['edges'], 'unreachable_stage', `no way leads to the stage "${first}"; add the edge that enters it`);
  }
}

/** An account starts in trial, or in onboarding if it buys at once. Edges that skip lead nowhere. */
function unreachable(edges: ReadablePolicy['edges']): Stage[] {
  const reached = new Set<Stage>(['trial', 'onboarding']);
  for (const stage of reached) {
    for (const [from, to] of ALLOWED_EDGES) {
      if (from === stage && edges.some((edge) => edge.from === from && edge.to === to)) reached.add(to);
    }
  }
  return STAGES.filter((stage) => !reached.has(stage));
}

function checkRules({ rules, edges }: ReadablePolicy, skillNames: readonly string[], source: PolicySource): void {
  checkDuplicates(rules, 'rules', 'a rule', source);
  for (const [i, rule] of rules.entries()) {
    for (const [j, skill] of rule.trigger.entries()) {
      if (skill !== undefined) checkSkill(skill, skillNames, ['rules', i, 'trigger', j], source);
    }
    if (rule.reason !== undefined) checkPlaceholders(rule.reason, ['rules', i, 'reason'], source);
    const edge = edges.find(({ id }) => id === rule.id);
    if (
      edge?.from !== undefined &&
      rule.stages !== undefined &&
      rule.stages !== 'any' &&
      !rule.stages.includes(edge.from)
    ) {
      const message = `the edge "${rule.id}" leaves ${edge.from}, but the rule of the same name is not for that stage`;
      source.report(['rules', i, 'id'], 'duplicate_id', message);
    }
    if (!rule.leadsSomewhere && edge === undefined && rule.id !== undefined) {
      source.report(['rules', i], 'missing_key', `the rule "${rule.id}" has neither "exit" nor "action"`);
    }
  }
}

function checkHandoffs({ handoffs }: ReadablePolicy, source: PolicySource): void {
  checkDuplicates(handoffs, 'handoffs', 'a handoff', source, 'kind');
  if (handoffs.length === 0 || handoffs.some(({ id }) => HANDOFF_KINDS.every((kind) => kind !== id))) return;
  for (const kind of HANDOFF_KINDS) {
    if (handoffs.some(({ id }) => id === kind)) continue;
    source.report(['handoffs'], 'missing_key', `the handoff "${kind}" is missing`);
  }
}

function checkSkill(
  name: string,
  names: readonly string[],
  path: DocumentPath,
  source: PolicySource,
  at: 'key' | 'value' = 'value',
): void {
  if (names.includes(name)) return;
  // The seed itself writes `overage_predictor + upgrade_trigger`, without the domain.
  const suggestion = names.find((known) => known.endsWith(`/${name}`)) ?? nearestName(name, names);
  if (at === 'key') source.reportKey(path, 'unknown_skill', `unknown skill "${name}"`, suggestion);
  else source.report(path, 'unknown_skill', `unknown skill "${name}"`, suggestion);
}

function checkPlaceholders(template: string, path: DocumentPath, source: PolicySource): void {
  for (const { name, offset } of placeholdersOf(template)) {
    if (factIndex(name) !== undefined) continue;
    const suggestion = nearestName(name, FACT_NAMES);
    source.reportInside(path, template, offset, 'unknown_placeholder', `{${name}} is no fact`, suggestion);
  }
}

function checkDuplicates(
  items: readonly { id: string | undefined }[],
  list: string,
  noun: string,
  source: PolicySource,
  key = 'id',
): void {
  const seen = new Set<string>();
  for (const [i, { id }] of items.entries()) {
    if (id === undefined) continue;
    if (seen.has(id)) source.report([list, i, key], 'duplicate_id', `there is already ${noun} "${id}"`);
    seen.add(id);
  }
}
