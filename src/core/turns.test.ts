import { describe, expect, test } from 'vitest';
import { alone, inTurns, type Turns } from './turns.ts';

/** Notes each step it takes, and gives its name. */
function* walk(name: string, steps: number, log: string[]): Turns<string> {
  for (let i = 1; i <= steps; i++) {
    log.push(`${name}${i}`);
    if (i < steps) yield;
  }
  return name;
}

describe('works in turns', () => {
  test('take each step together, and give their results in the order of the works', () => {
    const log: string[] = [];
    const results = inTurns([walk('a', 3, log), walk('b', 1, log), walk('c', 2, log)]);
    expect(results).toEqual(['a', 'b', 'c']);
    expect(log).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
  });

  test('may be none, and may give nothing', () => {
    expect(inTurns([])).toEqual([]);
    const nothing = function* (): Turns<undefined> {
      yield;
      return undefined;
    };
    expect(inTurns([nothing()])).toEqual([undefined]);
  });

  test('end with what one of them throws', () => {
    const log: string[] = [];
    const fails = function* (): Turns<string> {
      yield;
      throw new Error('no such month');
    };
    expect(() => inTurns([walk('a', 3, log), fails(), walk('c', 3, log)])).toThrow('no such month');
    expect(log).toEqual(['a1', 'c1', 'a2']);
  });

  test('run alone without a pause', () => {
    const log: string[] = [];
    expect(alone(walk('a', 2, log))).toBe('a');
    expect(log).toEqual(['a1', 'a2']);
  });
});
