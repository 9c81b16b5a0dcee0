import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  knownFacts,
  partlyKnownFacts,
  randomCondition,
  randomConditionWithoutChoice,
} from '../../../test/policy/random-expressions.ts';
import { SKILLS } from '../skills/skills.ts';
import { compileCondition, compileNumber } from './compile.ts';
import { asksWhatIsKnown, printExpression } from './expression.ts';
import { loadPolicy } from './load-policy.ts';
import { parseExpression } from './parse-expression.ts';
import { reference, referenceContext } from './reference.ts';

const SEED = 20_260_331;

function parsed(source: string) {
  const result = parseExpression(source, 'bool');
  if (!result.ok) throw new Error(`${source}: ${result.problems[0]!.message}`);
  return result.expression;
}

const loaded = loadPolicy(readFileSync(new URL('../../../policies/default.yaml', import.meta.url), 'utf8'), {
  file: 'default.yaml',
  skills: SKILLS,
});
if (!loaded.ok) throw new Error('the default policy has problems');
const { policy } = loaded;

describe('compiled conditions and the reference interpreter', () => {
  // [G9]
  test('agree on every rule and edge of the default policy, for thousands of known fact vectors', () => {
    const conditions = [...policy.rules, ...policy.edges].map(({ when, condition }) => ({
      when,
      condition,
      library: reference(when, true),
    }));
    fc.assert(
      fc.property(knownFacts, (facts) => {
        const context = referenceContext(facts);
        for (const { when, condition, library } of conditions)
          expect([when, condition(facts)]).toEqual([when, library(context)]);
      }),
      { numRuns: 2000, seed: SEED },
    );
  });

  test('agree on the progress of every stage', () => {
    const numbers = policy.stages.map(({ progress, progressExpression }) => ({
      compiled: compileNumber(progressExpression),
      library: reference(progress, true),
    }));
    fc.assert(
      fc.property(knownFacts, (facts) => {
        const context = referenceContext(facts);
        for (const { compiled, library } of numbers) expect(compiled(facts)).toBe(library(context));
      }),
      { numRuns: 500, seed: SEED },
    );
  });

  test('agree on random expressions of known facts', () => {
    fc.assert(
      fc.property(randomCondition, fc.array(knownFacts, { minLength: 5, maxLength: 5 }), (source, vectors) => {
        const compiled = compileCondition(parsed(source));
        const library = reference(source);
        for (const facts of vectors) expect(compiled(facts)).toBe(library(referenceContext(facts)));
      }),
      { numRuns: 1000, seed: SEED },
    );
  });

  test('agree where facts are unknown: what the library reports as an error is unknown', () => {
    fc.assert(
      fc.property(randomConditionWithoutChoice, partlyKnownFacts, (source, { partial }) => {
        expect(compileCondition(parsed(source))(partial)).toBe(reference(source)(referenceContext(partial)));
      }),
      { numRuns: 1000, seed: SEED },
    );
  });
});

// [G8]
describe('three-valued logic', () => {
  test('an answer given while facts are unknown is the answer for every completion of them', () => {
    fc.assert(
      fc.property(randomCondition, partlyKnownFacts, (source, { complete, partial }) => {
        const compiled = compileCondition(parsed(source));
        const early = compiled(partial);
        if (early !== undefined) expect(compiled(complete)).toBe(early);
      }),
      { numRuns: 3000, seed: SEED },
    );
  });

  test('the default rules keep their answers for every completion, but where a condition asks what is known', () => {
    const conditions = [...policy.rules, ...policy.edges].filter(({ expression }) => !asksWhatIsKnown(expression));
    expect(conditions).toHaveLength(policy.rules.length + policy.edges.length - 1);
    fc.assert(
      fc.property(partlyKnownFacts, ({ complete, partial }) => {
        for (const { id, condition } of conditions) {
          const early = condition(partial);
          if (early !== undefined) expect([id, condition(complete)]).toEqual([id, early]);
        }
      }),
      { numRuns: 1000, seed: SEED },
    );
  });
});

test('an expression printed and parsed again is the same expression', () => {
  fc.assert(
    fc.property(randomCondition, (source) => {
      const expression = parsed(source);
      const printed = printExpression(expression);
      expect(printExpression(parsed(printed))).toBe(printed);
      expect(parsed(printed)).toEqual(expression);
    }),
    { numRuns: 1000, seed: SEED },
  );
});
