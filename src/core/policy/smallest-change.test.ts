import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { factsOf } from '../../../test/policy/fact-vectors.ts';
import { partlyKnownFacts, simpleCondition } from '../../../test/policy/random-expressions.ts';
import type { FactVector } from '../facts/fact.ts';
import { compileCondition } from './compile.ts';
import { FACT_LIST, factIndex } from './fact-lookup.ts';
import { parseExpression } from './parse-expression.ts';
import { describeChange, type FactChange, smallestChange } from './smallest-change.ts';

const SEED = 20_260_331;

function parsed(source: string) {
  const result = parseExpression(source, 'bool');
  if (!result.ok) throw new Error(result.problems[0]!.message);
  return result.expression;
}

const change = (source: string, facts: FactVector) => smallestChange(parsed(source), facts);

function applied(changes: readonly FactChange[], facts: FactVector): FactVector {
  const values = [...facts.values];
  for (const { fact, to } of changes) values[factIndex(fact)!] = to;
  return { values, reasons: facts.reasons };
}

describe('the smallest change', () => {
  test('of a false comparison says what the fact is and what it needs to be', () => {
    const facts = factsOf({ days_remaining: 2, activation_score: 62 });
    expect(change('days_remaining < 3 && activation_score < 50', facts)).toEqual([
      { fact: 'activation_score', is: 62, needs: '< 50', to: 49 },
    ]);
  });

  test('of a true condition is nothing', () => {
    expect(change('day > 1', factsOf({ day: 2 }))).toEqual([]);
  });

  test('of an unknown fact carries the reason', () => {
    const facts = factsOf({}, { health_score: '4 of 7 days of data' });
    expect(change('health_score >= 70', facts)).toEqual([
      { fact: 'health_score', is: null, reason: '4 of 7 days of data', needs: '>= 70', to: 70 },
    ]);
  });

  test('unites what && needs and takes the smallest of what || offers', () => {
    const facts = factsOf({ day: 1, usage_cliff: false, champion_departed: false });
    expect(change('usage_cliff && champion_departed', facts)?.map(({ fact }) => fact)).toEqual([
      'usage_cliff',
      'champion_departed',
    ]);
    expect(change('(usage_cliff && champion_departed) || day > 1', facts)?.map(({ fact }) => fact)).toEqual(['day']);
    expect(change('usage_cliff || champion_departed', facts)?.map(({ fact }) => fact)).toEqual(['usage_cliff']);
  });

  test('turns comparisons round under !', () => {
    expect(change('!(day > 1)', factsOf({ day: 5 }))).toEqual([{ fact: 'day', is: 5, needs: '<= 1', to: 1 }]);
    expect(change('!(health_band in ["at_risk", "critical"])', factsOf({ health_band: 'critical' }))).toEqual([
      { fact: 'health_band', is: 'critical', needs: 'none of "at_risk", "critical"', to: 'healthy' },
    ]);
    expect(change('usage_cliff == false', factsOf({ usage_cliff: true }))).toEqual([
      { fact: 'usage_cliff', is: true, needs: 'false', to: false },
    ]);
  });

  test('keeps what already holds of the same fact', () => {
    expect(change('day < 10 && day > 5', factsOf({ day: 3 }))).toEqual([
      { fact: 'day', is: 3, needs: '< 10 and > 5', to: 6 },
    ]);
    expect(change('day < 5 && day > 10', factsOf({ day: 3 }))).toBeUndefined();
    expect(
      change('(day < 5 || usage_cliff) && day > 10', factsOf({ day: 3, usage_cliff: false }))?.map(({ fact }) => fact),
    ).toEqual(['usage_cliff', 'day']);
  });

  test('describes a comparison of several facts as it is written', () => {
    expect(change('time_to_value > benchmark', factsOf({ time_to_value: 9, benchmark: 14 }))).toEqual([
      { fact: 'time_to_value', is: 9, needs: '> benchmark (14)' },
    ]);
    expect(change('time_to_value > benchmark', factsOf({ time_to_value: 9 }, { benchmark: 'no target' }))).toEqual([
      { fact: 'time_to_value', is: 9, needs: '> benchmark (unknown)' },
      { fact: 'benchmark', is: null, needs: 'known', reason: 'no target' },
    ]);
    expect(change('day + days_in_stage > 10', factsOf({ day: 3, days_in_stage: 2 }))).toEqual([
      { fact: 'day + days_in_stage', is: 5, needs: '> 10' },
    ]);
  });

  test('a known fact cannot become unknown, an unknown one can become known', () => {
    expect(change('!known(day)', factsOf({ day: 1 }))).toBeUndefined();
    expect(change('known(day)', factsOf({}))).toEqual([{ fact: 'day', is: null, needs: 'known', reason: 'not given' }]);
    expect(change('known(day) && day > 5', factsOf({}))).toEqual([
      { fact: 'day', is: null, needs: '> 5', reason: 'not given', to: 6 },
    ]);
  });

  test('reads as a sentence', () => {
    expect(change('activation_score < 50', factsOf({ activation_score: 62 }))!.map(describeChange)).toEqual([
      'activation_score < 50 (is 62)',
    ]);
    expect(change('usage_cliff', factsOf({}, { usage_cliff: '20 of 36 days of data' }))!.map(describeChange)).toEqual([
      'usage_cliff must be yes (is unknown: 20 of 36 days of data)',
    ]);
  });

  test('makes the condition true when it is applied, and is absent only if no facts could', () => {
    fc.assert(
      fc.property(simpleCondition, partlyKnownFacts, (source, { complete, partial }) => {
        const expression = parsed(source);
        const changes = smallestChange(expression, partial);
        if (changes === undefined) expect(compileCondition(expression)(complete)).toBe(false);
        else expect(compileCondition(expression)(applied(changes, partial))).toBe(true);
      }),
      { numRuns: 3000, seed: SEED },
    );
  });

  test('needs no fact that already suits: undoing any one change makes the condition not true', () => {
    fc.assert(
      fc.property(simpleCondition, partlyKnownFacts, (source, { partial }) => {
        const expression = parsed(source);
        const changes = smallestChange(expression, partial) ?? [];
        for (const left of changes) {
          const rest = changes.filter((each) => each !== left);
          expect(compileCondition(expression)(applied(rest, partial))).not.toBe(true);
        }
      }),
      { numRuns: 1000, seed: SEED },
    );
  });

  test('names facts of the catalogue only', () => {
    expect(FACT_LIST.map(({ name }) => name)).toContain(change('day > 1', factsOf({ day: 0 }))![0]!.fact);
  });
});
