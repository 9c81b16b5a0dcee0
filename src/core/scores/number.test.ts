import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lin, median, part, percent2, publish, ratio4, weightedMean } from './number.ts';

describe('publishing numbers (A1)', () => {
  it('rounds a half up and a binary fraction of a half with it', () => {
    expect(publish(72.5)).toBe(73);
    expect(publish(72.4999999999)).toBe(73);
    expect(publish(72.49)).toBe(72);
  });

  it('compares .4 x 1.5 as .6', () => {
    expect(0.4 * 1.5).not.toBe(0.6);
    expect(ratio4(0.4 * 1.5)).toBe(0.6);
    expect(percent2(-33.33333)).toBe(-33.33);
  });
});

describe('lin (A1)', () => {
  const curve = [
    [0, 0],
    [3, 20],
    [10, 50],
  ] as const;

  it('is straight between knots and flat outside them', () => {
    expect(lin(1.5, curve)).toBe(10);
    expect(lin(6.5, curve)).toBe(35);
    expect(lin(-1, curve)).toBe(0);
    expect(lin(11, curve)).toBe(50);
  });

  it('meets every knot', () => {
    for (const [x, y] of curve) expect(lin(x, curve)).toBe(y);
  });
});

describe('median', () => {
  it('takes the middle, or the mean of the two middle ones, whatever the order', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeUndefined();
  });
});

describe('mean* (A1)', () => {
  it('renormalises over the known parts', () => {
    const result = weightedMean({ a: part(100, 0.5), b: part(40, 0.25), c: part(undefined, 0.25, 'no c') }, 0.5);
    expect(result.score).toBe(80);
    expect(result.coverage).toBe(0.75);
  });

  it('is known at exactly the known share and unknown under it, with the reasons of what is missing', () => {
    expect(weightedMean({ a: part(10, 0.5), b: part(undefined, 0.5, 'no b') }, 0.5).score).toBe(10);
    const under = weightedMean(
      { a: part(10, 0.4), b: part(undefined, 0.3, 'no b'), c: part(undefined, 0.3, 'no c') },
      0.5,
    );
    expect(under.score).toBeUndefined();
    expect(under.reason).toBe('no b; no c');
  });

  it('is unknown without parts, also when no share is asked for', () => {
    expect(weightedMean({}, 0).score).toBeUndefined();
  });

  it('lies between the smallest and the largest known part', () => {
    const anyPart = fc.record({
      value: fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined }),
      weight: fc.double({ min: 0.01, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(anyPart, { minLength: 1, maxLength: 6 }), (parts) => {
        const { score } = weightedMean(Object.fromEntries(parts.map((each, i) => [`p${i}`, each])), 0.5);
        if (score === undefined) return;
        const values = parts.flatMap((each) => each.value ?? []);
        expect(score).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9);
        expect(score).toBeLessThanOrEqual(Math.max(...values) + 1e-9);
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});
