/** Fact names to their place in a `FactVector`. */
import { FACTS } from './facts.ts';

export type FactName = (typeof FACTS)[number]['name'];

const byName = Object.fromEntries(FACTS.map((fact, i) => [fact.name, i])) as Record<FactName, number>;

/** Fact name -> index, in the order of `FACTS`. */
export function factNames(): Readonly<Record<FactName, number>> {
  return byName;
}
