/** Arithmetic every score shares (spec: skills.md A1). Scores are points 0-100 and stay unrounded until `publish`. */
import type { Curve } from '../policy/measures.ts';

/** Absorbs binary fractions such as .4 x 1.5 = .6000000000000001, so that equal inputs round alike. */
const ROUNDING_SLACK = 1e-9;

/** An unrounded score as the integer that is shown and that gates compare. */
export function publish(score: number): number {
  return Math.floor(score + 0.5 + ROUNDING_SLACK);
}

/** A ratio to four decimals, as ratios are compared. */
export function ratio4(ratio: number): number {
  return publish(ratio * 10_000) / 10_000;
}

/** A percentage to two decimals, as percentages are compared. */
export function percent2(percentage: number): number {
  return publish(percentage * 100) / 100;
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** `lin(x; a→b…)`: the curve's value at x, straight between knots, the end knots' values outside them. */
export function lin(x: number, curve: Curve): number {
  const first = curve[0]!;
  if (x <= first[0]) return first[1];
  for (let i = 1; i < curve.length; i++) {
    const right = curve[i]!;
    if (x > right[0]) continue;
    const left = curve[i - 1]!;
    return left[1] + ((right[1] - left[1]) * (x - left[0])) / (right[0] - left[0]);
  }
  return curve[curve.length - 1]![1];
}

/** Undefined for no values. */
export function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >>> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Undefined for no values. */
export function mean(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** One part of a score: its value in the score's unit, or undefined and why. */
export interface Part {
  value: number | undefined;
  weight: number;
  reason?: string;
}

/** A score with what it is made of. `score` is unrounded; undefined means unknown, and then `reason` says why. */
export interface PartScore<Name extends string = string> {
  score: number | undefined;
  reason?: string;
  /** Share 0-1 of the weight that is known. */
  coverage: number;
  /** Parts that do not apply are absent; parts that are unknown are here with their reason. */
  parts: Partial<Record<Name, Part>>;
}

/** A known or unknown part; the reason is kept only where the value is unknown. */
export function part(value: number | undefined, weight: number, reason?: string): Part {
  return value === undefined ? { value, weight, reason: reason ?? 'not known' } : { value, weight };
}

/**
 * `mean*` of A1: the weighted mean of the known parts, renormalised; unknown when less than `knownShare` of the weight is
 * known, with the unknown parts' reasons joined.
 */
export function weightedMean<Name extends string>(
  parts: Partial<Record<Name, Part>>,
  knownShare: number,
): PartScore<Name> {
  let total = 0;
  let known = 0;
  let sum = 0;
  let reasons: string[] | undefined;
  for (const name in parts) {
    const each: Part | undefined = parts[name];
    if (each === undefined) continue;
    total += each.weight;
    if (each.value === undefined) {
      reasons ??= [];
      if (!reasons.includes(each.reason ?? 'not known')) reasons.push(each.reason ?? 'not known');
      continue;
    }
    known += each.weight;
    sum += each.weight * each.value;
  }
  const coverage = total > 0 ? ratio4(known / total) : 0;
  if (known > 0 && coverage >= knownShare) return { score: sum / known, coverage, parts };
  const reason = reasons === undefined ? 'no part applies' : reasons.join('; ');
  return { score: undefined, reason, coverage, parts };
}
