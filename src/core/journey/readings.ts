/** Health readings of two days compared: "trend versus D-30 on common dimensions" (skills.md A7). */
import { DIMENSIONS, type Dimension, type Health } from '../scores/health.ts';
import { publish } from '../scores/number.ts';
import type { Day } from '../time/calendar.ts';
import type { HealthReading } from './state.ts';

/** The reading a tick of `day` leaves: published score and dimensions, null where unknown. */
export function readingOf(day: Day, { score, dimensions }: Pick<Health, 'score' | 'dimensions'>): HealthReading {
  return [
    day,
    score.value ?? null,
    ...DIMENSIONS.map((name) => {
      const value = dimensions[name].score;
      return value === undefined ? null : publish(value);
    }),
  ];
}

/** Points of one dimension in a reading. */
export function dimensionIn(reading: HealthReading, dimension: Dimension): number | null {
  return reading[2 + DIMENSIONS.indexOf(dimension)] ?? null;
}

/** Weighted mean of now minus then over the dimensions known on both days, in whole points; null: none in common. */
export function readingChange(
  then: HealthReading,
  now: HealthReading,
  weights: Readonly<Record<Dimension, number>>,
): number | null {
  let total = 0;
  let sum = 0;
  for (let i = 0; i < DIMENSIONS.length; i++) {
    const before = then[2 + i] ?? null;
    const after = now[2 + i] ?? null;
    if (before === null || after === null) continue;
    const weight = weights[DIMENSIONS[i]!];
    total += weight;
    sum += weight * (after - before);
  }
  return total === 0 ? null : Math.round(sum / total) + 0; // + 0 turns -0 into 0
}
