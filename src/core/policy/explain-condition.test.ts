import { expect, test } from 'vitest';
import { factsOf } from '../../../test/policy/fact-vectors.ts';
import type { FactVector } from '../facts/fact.ts';
import { explainCondition } from './explain-condition.ts';
import { parseExpression } from './parse-expression.ts';

function trace(source: string, facts: FactVector) {
  const parsed = parseExpression(source, 'bool');
  if (!parsed.ok) throw new Error(parsed.problems[0]!.message);
  return explainCondition(parsed.expression, facts);
}

const ENDING = 'days_remaining < 3 && activation_score < 50';

test('a false condition names its first false conjunct', () => {
  const explained = trace(ENDING, factsOf({ days_remaining: 2, activation_score: 62 }));
  expect(explained).toMatchObject({ source: ENDING, truth: false, deciding: ['activation_score < 50'] });
  expect(trace(ENDING, factsOf({ days_remaining: 9, activation_score: 62 })).deciding).toEqual(['days_remaining < 3']);
});

test('a true condition names all conjuncts', () => {
  expect(trace(ENDING, factsOf({ days_remaining: 2, activation_score: 40 }))).toMatchObject({
    truth: true,
    deciding: ['days_remaining < 3', 'activation_score < 50'],
  });
});

test('an unknown condition names the unknown conjuncts, with the reason of each fact', () => {
  const facts = factsOf({ days_remaining: 2 }, { activation_score: '30 of 60 points tracked' });
  const explained = trace(ENDING, facts);
  expect(explained).toMatchObject({ truth: undefined, deciding: ['activation_score < 50'] });
  expect(explained.facts).toEqual([
    { name: 'days_remaining', value: 2 },
    { name: 'activation_score', value: null, reason: '30 of 60 points tracked' },
  ]);
});

test('one false conjunct decides even where another is unknown', () => {
  expect(trace(ENDING, factsOf({ days_remaining: 9 }))).toMatchObject({
    truth: false,
    deciding: ['days_remaining < 3'],
  });
});

test('or is decided by its first true operand, or by all when false', () => {
  const source = 'usage_cliff || champion_departed';
  expect(trace(source, factsOf({ usage_cliff: false, champion_departed: true })).deciding).toEqual([
    'champion_departed',
  ]);
  expect(trace(source, factsOf({ usage_cliff: false, champion_departed: false })).deciding).toEqual([
    'usage_cliff',
    'champion_departed',
  ]);
});

test('the deciding atoms are found through brackets, not and choices', () => {
  const facts = factsOf({ renewal_signed: true, expansion_readiness: 75 });
  const source = 'renewal_signed && !(known(expansion_readiness) && expansion_readiness > 70)';
  expect(trace(source, facts)).toMatchObject({
    truth: false,
    deciding: ['known(expansion_readiness)', 'expansion_readiness > 70'],
  });
  expect(trace('usage_cliff ? day > 1 : day > 9', factsOf({ usage_cliff: false, day: 5 })).deciding).toEqual([
    'usage_cliff',
    'day > 9',
  ]);
  expect(trace('usage_cliff ? day > 1 : day > 9', factsOf({ day: 5 })).deciding).toEqual(['usage_cliff']);
});

test('every part carries its own truth and facts', () => {
  const { parts } = trace(ENDING, factsOf({ days_remaining: 2, activation_score: 62 }));
  expect(parts.map(({ source, truth, facts }) => [source, truth, facts])).toEqual([
    ['days_remaining < 3', true, [{ name: 'days_remaining', value: 2 }]],
    ['activation_score < 50', false, [{ name: 'activation_score', value: 62 }]],
  ]);
});
