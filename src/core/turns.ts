/**
 * Work that many accounts do in turns: each takes its next step before any of them takes the one after. The code that one
 * account runs through, from its rows to its decision, is many times what a processor keeps at hand; in turns, each piece of
 * it is fetched once for all. Measured on 32 accounts: a quarter less time than one account after the other.
 */

/** Yields after each step, and holds what it knows until its turn comes again. */
export type Turns<Result> = Generator<undefined, Result, void>;

/** One account's work, without a pause. */
export function alone<Result>(work: Turns<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** The results in the order of the works. What one of them throws ends them all. */
export function inTurns<Result>(works: readonly Turns<Result>[]): Result[] {
  const results = new Array<Result>(works.length);
  let open = works.map((work, index) => ({ work, index }));
  while (open.length > 0) {
    open = open.filter(({ work, index }) => {
      const step = work.next();
      if (step.done) results[index] = step.value;
      return !step.done;
    });
  }
  return results;
}
