import { describe, expect, test } from 'vitest';
import { factsOf } from '../../../test/policy/fact-vectors.ts';
import type { FactVector } from '../facts/fact.ts';
import { compileCondition, compileNumber } from './compile.ts';
import { parseExpression } from './parse-expression.ts';

function truth(source: string, facts: FactVector) {
  const parsed = parseExpression(source, 'bool');
  if (!parsed.ok) throw new Error(parsed.problems[0]!.message);
  return compileCondition(parsed.expression)(facts);
}

function number(source: string, facts: FactVector) {
  const parsed = parseExpression(source, 'number');
  if (!parsed.ok) throw new Error(parsed.problems[0]!.message);
  return compileNumber(parsed.expression)(facts);
}

describe("Kleene's logic", () => {
  const unknown = 'usage_cliff';
  const facts = factsOf({ day: 5, champion_departed: true, champion_identified: false });
  test.each([
    [`${unknown} && champion_identified`, false],
    [`champion_identified && ${unknown}`, false],
    [`${unknown} && champion_departed`, undefined],
    [`champion_departed && ${unknown}`, undefined],
    [`${unknown} || champion_departed`, true],
    [`champion_departed || ${unknown}`, true],
    [`${unknown} || champion_identified`, undefined],
    [`!${unknown}`, undefined],
    ['!champion_identified', true],
    ['health_score < 50', undefined],
    ['health_score != 50', undefined],
    ['50 > health_score', undefined],
    ['health_band in ["healthy"]', undefined],
    ['health_score > day', undefined],
    ['day > health_score', undefined],
    [`${unknown} ? champion_departed : day > 1`, true],
    [`${unknown} ? champion_departed : champion_identified`, undefined],
    ['champion_identified ? usage_cliff : champion_departed', true],
    [`known(${unknown})`, false],
    ['known(day) && !known(health_score)', true],
  ])('%s is %s', (source, expected) => {
    expect(truth(source, facts)).toBe(expected);
  });
});

describe('numbers', () => {
  test.each([
    ['seat_utilisation == 1', { seat_utilisation: 1 }, true],
    ['arr == 12', { arr: 12.5 }, false],
    ['day == 3.0', { day: 3 }, true],
    ['day in [1.0, 2.0]', { day: 2 }, true],
    ['seat_utilisation in [0, 1]', { seat_utilisation: 0.5 }, false],
    ['3 <= day', { day: 3 }, true],
    ['day / 2 == 3', { day: 7 }, true],
    ['-day / 2 == -3', { day: 7 }, true],
    ['day / days_in_stage > 1', { day: 7, days_in_stage: 0 }, undefined],
    ['arr / seat_utilisation > 1.0', { arr: 7, seat_utilisation: 0 }, undefined],
    ['day > 1 || day / days_in_stage > 1', { day: 7, days_in_stage: 0 }, true],
  ] as const)('%s with %o is %s', (source, given, expected) => {
    expect(truth(source, factsOf(given))).toBe(expected);
  });

  test('whole numbers turn into shares through double()', () => {
    expect(number('double(setup_completion) / 100.0', factsOf({ setup_completion: 40 }))).toBe(0.4);
    expect(number('setup_completion / 100', factsOf({ setup_completion: 40 }))).toBe(0);
    expect(number('double(setup_completion) / 100.0', factsOf({}))).toBeUndefined();
  });
});
