/** The rules alone: compiled closures against the expression library's interpreter and json-rules-engine, same facts, same answers. */
import { readFileSync } from 'node:fs';
import { Engine, type NestedCondition, type TopLevelCondition } from 'json-rules-engine';
import type { FactValue, FactVector } from '../src/core/facts/fact.ts';
import type { CompiledRule } from '../src/core/policy/compiled-policy.ts';
import type { Comparison, Expression } from '../src/core/policy/expression.ts';
import { FACT_LIST } from '../src/core/policy/fact-lookup.ts';
import { loadPolicy } from '../src/core/policy/load-policy.ts';
import { reference, referenceContext } from '../src/core/policy/reference.ts';
import { SKILLS } from '../src/core/skills/skills.ts';
import { secondsSince } from './seconds.ts';

const VECTORS = 256;
/** Time for each contender. */
const CONTENDER_MS = 1_500;

/** Seconds for all rules of the policy on one account's facts, once. */
export interface RulesBench {
  rules: number;
  compiled: number;
  library: number;
  jsonRulesEngine: number;
}

/** Measures on the default policy. Throws if any contender answers any rule differently on any vector. */
export async function benchRules(): Promise<RulesBench> {
  const rules = defaultRules();
  const vectors = Array.from({ length: VECTORS }, (_, i) => randomFacts(i + 1));
  const contexts = vectors.map(referenceContext);
  const plainFacts = vectors.map(({ values }) =>
    Object.fromEntries(FACT_LIST.map(({ name }, i) => [name, values[i]!])),
  );
  const interpreted = rules.map(({ when }) => reference(when, true));
  const engine = engineFor(rules);

  const byCompiled = (i: number): boolean[] => rules.map(({ condition }) => condition(vectors[i]!) === true);
  const byLibrary = (i: number): boolean[] => interpreted.map((evaluate) => evaluate(contexts[i]!) === true);
  const byEngine = async (i: number): Promise<boolean[]> => {
    const { events } = await engine.run(plainFacts[i]!);
    const fired = new Set(events.map(({ type }) => type));
    return rules.map(({ id }) => fired.has(id));
  };
  for (let i = 0; i < VECTORS; i++) assertSame(rules, byCompiled(i), byLibrary(i), await byEngine(i));

  const conditions = rules.map(({ condition }) => condition);
  const compiled = secondsPerDecision(conditions, vectors);
  const library = secondsPerDecision(interpreted, contexts);
  const jsonRulesEngine = await secondsPerAsyncDecision(async (i) => (await engine.run(plainFacts[i]!)).events.length);
  if (sink === 0) throw new Error('no rule fired on any facts');
  return { rules: rules.length, compiled, library, jsonRulesEngine };
}

function defaultRules(): CompiledRule[] {
  const text = readFileSync(new URL('../policies/default.yaml', import.meta.url), 'utf8');
  const loaded = loadPolicy(text, { file: 'default.yaml', skills: SKILLS });
  if (!loaded.ok) throw new Error('the default policy has problems');
  return loaded.policy.rules;
}

/** Every fact known, from a fixed sequence (Park-Miller), so that each run measures the same. */
function randomFacts(seed: number): FactVector {
  let state = seed * 7919;
  const next = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  const values = FACT_LIST.map(({ type, values: words }): FactValue => {
    if (type === 'bool') return next(4) === 0;
    if (type === 'string') return words![next(words!.length)]!;
    return type === 'int' ? next(101) : next(10_001) / 100;
  });
  return { values, reasons: values.map(() => undefined) };
}

/** What the measured code counts is added up here, so that the compiler cannot drop it. */
let sink = 0;

function secondsPerDecision<T>(conditions: readonly ((input: T) => unknown)[], inputs: readonly T[]): number {
  const begun = performance.now();
  let decisions = 0;
  while (performance.now() - begun < CONTENDER_MS) {
    for (const input of inputs) {
      for (const condition of conditions) if (condition(input) === true) sink++;
    }
    decisions += inputs.length;
  }
  return secondsSince(begun) / decisions;
}

async function secondsPerAsyncDecision(decide: (i: number) => Promise<number>): Promise<number> {
  const begun = performance.now();
  let decisions = 0;
  while (performance.now() - begun < CONTENDER_MS) {
    sink += await decide(decisions++ % VECTORS);
  }
  return secondsSince(begun) / decisions;
}

function assertSame(rules: readonly CompiledRule[], ...answers: boolean[][]): void {
  for (const [r, { id }] of rules.entries()) {
    if (answers.some((answer) => answer[r] !== answers[0]![r])) throw new Error(`the contenders disagree on ${id}`);
  }
}

function engineFor(rules: readonly CompiledRule[]): Engine {
  const engine = new Engine();
  for (const { id, expression } of rules) {
    const condition = asEngineCondition(expression);
    const conditions = (
      'all' in condition || 'any' in condition || 'not' in condition ? condition : { all: [condition] }
    ) as TopLevelCondition;
    engine.addRule({ name: id, conditions, event: { type: id } });
  }
  return engine;
}

const OPERATORS: Record<Comparison, string> = {
  '==': 'equal',
  '!=': 'notEqual',
  '<': 'lessThan',
  '<=': 'lessThanInclusive',
  '>': 'greaterThan',
  '>=': 'greaterThanInclusive',
};

/** The same condition in the engine's own language; it knows facts, literals and comparisons, which is all the rules use. */
function asEngineCondition(expression: Expression): NestedCondition {
  switch (expression.kind) {
    case 'and':
      return { all: expression.operands.map(asEngineCondition) };
    case 'or':
      return { any: expression.operands.map(asEngineCondition) };
    case 'not':
      return { not: asEngineCondition(expression.operand) };
    case 'fact':
      return { fact: expression.name, operator: 'equal', value: true };
    case 'in':
      if (expression.operand.kind !== 'fact') break;
      return { fact: expression.operand.name, operator: 'in', value: expression.items.map(({ value }) => value) };
    case 'compare': {
      const { left, right, operator } = expression;
      if (left.kind !== 'fact') break;
      if (right.kind === 'literal') return { fact: left.name, operator: OPERATORS[operator], value: right.value };
      if (right.kind === 'fact') return { fact: left.name, operator: OPERATORS[operator], value: { fact: right.name } };
    }
  }
  throw new Error(`json-rules-engine has no form for ${expression.kind}`);
}
