/** Fact vectors written by name, for the tests of this folder. */
import type { FactValue, FactVector } from '../../src/core/facts/fact.ts';
import type { FactName } from '../../src/core/facts/fact-index.ts';
import { FACT_NAMES, factIndex } from '../../src/core/policy/fact-lookup.ts';

/** Every fact not named is unknown, with the reason `not given` or the one in `reasons`. */
export function factsOf(
  given: Partial<Record<FactName, FactValue>>,
  reasons: Partial<Record<FactName, string>> = {},
): FactVector {
  const vector: FactVector = { values: FACT_NAMES.map(() => undefined), reasons: FACT_NAMES.map(() => 'not given') };
  for (const [name, reason] of Object.entries(reasons)) vector.reasons[factIndex(name)!] = reason;
  for (const [name, value] of Object.entries(given)) {
    vector.values[factIndex(name)!] = value;
    vector.reasons[factIndex(name)!] = undefined;
  }
  return vector;
}
