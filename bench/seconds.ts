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

/** Of an even number the upper one of the two in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
