/** Each bench is run several times: other programs on the machine only slow a run down, so the best says what the code costs. */

export const ROUNDS = 3;

/** Seconds of several runs of the same work. */
export interface Spread {
  best: number;
  worst: number;
}

export function spread(seconds: readonly number[]): Spread {
  return { best: Math.min(...seconds), worst: Math.max(...seconds) };
}

/** Seconds since `begun`, a time of `performance.now()`. */
export function secondsSince(begun: number): number {
  return (performance.now() - begun) / 1000;
}
