import { describe, expect, test } from 'vitest';
import { printExpression } from './expression.ts';
import { parseExpression } from './parse-expression.ts';

const problemsOf = (source: string, expected: 'bool' | 'number' = 'bool') => {
  const parsed = parseExpression(source, expected);
  return parsed.ok ? [] : parsed.problems;
};

describe('a mistake in an expression is reported where it stands, with the remedy', () => {
  test.each([
    ['days_remaning < 3', 0, 'unknown_fact', 'unknown fact "days_remaning"', 'days_remaining'],
    ['day > 1 && activationScore < 50', 11, 'unknown_fact', 'unknown fact "activationScore"', 'activation_score'],
    [
      'day = 1',
      4,
      'expression_syntax',
      'the expression cannot be read from "= 1" on: write == for "equals"',
      undefined,
    ],
    ['day > 1 AND usage_cliff', 8, 'expression_syntax', 'write && for "and"', undefined],
    ['day > 1 or usage_cliff', 8, 'expression_syntax', 'write || for "or"', undefined],
    ['not usage_cliff', 4, 'expression_syntax', 'write ! for "not"', undefined],
    ['usage_depth > 60%', 16, 'expression_syntax', 'write 50, not 50%', undefined],
    ['day >', 5, 'expression_syntax', 'the expression ends too early', undefined],
    ['day', 0, 'expression_type', 'the expression must be true or false, not day (a whole number)', undefined],
    [
      'day && usage_cliff',
      0,
      'expression_type',
      'each side of && must be true or false, not day (a whole number)',
      undefined,
    ],
    ['!day', 1, 'expression_type', 'what ! negates must be true or false', undefined],
    ['usage_cliff == 1', 0, 'expression_type', 'usage_cliff (true or false) cannot be compared with 1', undefined],
    ['usage_cliff > false', 0, 'expression_type', '> compares numbers', undefined],
    ['health_band < "healthy"', 0, 'expression_type', '< compares numbers', undefined],
    [
      'health_band == "atrisk"',
      15,
      'impossible_value',
      'health_band is never "atrisk"; it is one of healthy, neutral, at_risk, critical',
      'at_risk',
    ],
    ['"helthy" == health_band', 0, 'impossible_value', 'health_band is never "helthy"', 'healthy'],
    ['health_band in ["healthy", "fine"]', 27, 'impossible_value', 'health_band is never "fine"', undefined],
    ['health_band in "healthy"', 15, 'expression_type', 'must be a list of values', undefined],
    ['day in ["x"]', 8, 'expression_type', 'day (a whole number) is never "x"', undefined],
    ['day in [day]', 8, 'expression_type', 'plain values only', undefined],
    ['day / 0 > 1', 6, 'expression_type', 'division by zero', undefined],
    [
      'day + 1.5 > 1.0',
      0,
      'expression_type',
      '+ cannot mix day (a whole number) with 1.5: write double(...)',
      undefined,
    ],
    ['arr * 2 > 1.0', 0, 'expression_type', 'write 2.0', undefined],
    ['day % 2 == 0', 0, 'expression_syntax', 'cannot use the remainder %', undefined],
    ['knwon(day)', 0, 'expression_syntax', 'a policy expression cannot call knwon()', 'known'],
    ['known(1)', 0, 'expression_type', 'known() takes the name of one fact', undefined],
    ['known(dya)', 6, 'unknown_fact', 'unknown fact "dya"', 'day'],
    ['day == null', 7, 'expression_type', 'write known(fact)', undefined],
    ['usage_cliff ? 1 : 2', 0, 'expression_type', 'the expression must be true or false', undefined],
    ['usage_cliff ? day > 1 : 2', 14, 'expression_type', 'both sides of : must be of one type', undefined],
    ['day > 99999999999999999', 6, 'expression_type', '99999999999999999 is too large', undefined],
  ])('%s', (source, offset, code, message, suggestion) => {
    const [first] = problemsOf(source);
    expect(first).toMatchObject({ offset, code });
    expect(first!.message).toContain(message);
    expect(first!.suggestion).toBe(suggestion);
  });

  test('all of them are reported, not the first alone', () => {
    expect(problemsOf('dya > 1 && (usge_cliff || health_band == "bad")').map(({ code }) => code)).toEqual([
      'unknown_fact',
      'unknown_fact',
      'impossible_value',
    ]);
  });

  test('a number is wanted for progress', () => {
    expect(problemsOf('usage_cliff', 'number')[0]!.message).toBe(
      'the expression must be a number, not usage_cliff (true or false)',
    );
    expect(problemsOf('double(day) / 30.0', 'number')).toEqual([]);
  });

  test('an endless or deeply nested expression is refused', () => {
    expect(problemsOf(`day > ${'1 + '.repeat(1000)}1`)[0]!.code).toBe('expression_syntax');
    expect(problemsOf(`${'('.repeat(500)}usage_cliff${')'.repeat(500)}`)[0]!.code).toBe('expression_syntax');
  });
});

test('brackets and spacing that change nothing are gone from the canonical text; those that matter stay', () => {
  const canonical = (source: string) => {
    const parsed = parseExpression(source, 'bool');
    return parsed.ok ? printExpression(parsed.expression) : parsed.problems[0]!.message;
  };
  expect(canonical('(day>1)&&((usage_cliff))')).toBe('day > 1 && usage_cliff');
  expect(canonical('(usage_cliff || day > 1) && !(known(day) && day - (1 - 2) == -3)')).toBe(
    '(usage_cliff || day > 1) && !(known(day) && day - (1 - 2) == -3)',
  );
  expect(canonical("health_band in ['healthy']")).toBe('health_band in ["healthy"]');
  expect(canonical('arr > 10.0')).toBe('arr > 10.0');
});
