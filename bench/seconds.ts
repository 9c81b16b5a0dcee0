/** Seconds since `begun`, a time of `performance.now()`. */
export function secondsSince(begun: number): number {
  return (performance.now() - begun) / 1000;
}

/** Seconds of several runs of the same work: other programs on the machine only slow a run down. */
export interface Spread {
  best: number;
  worst: number;
}

export function spread(seconds: readonly number[]): Spread {
  return { best: Math.min(...seconds), worst: Math.max(...seconds) };
}
