/** What a fact is: a named, typed, documented measure of one account on one day, known or unknown with a reason. */

export type FactType = 'bool' | 'int' | 'double' | 'string';
export type FactValue = boolean | number | string;

export interface FactDefinition {
  /** snake_case, as conditions in the policy write it */
  name: string;
  type: FactType;
  /** e.g. `days`, `points 0-100`, `share 0-1`; empty for bool and string */
  unit: string;
  /** For strings: every value it can have. */
  values?: readonly string[];
  /** How it is computed, in a sentence. */
  how: string;
  /** Where the definition stands: `S1`, `A5`, `journey 4`... */
  source: string;
}

/**
 * The facts of one account for one tick, by index into `FACTS`. `values[i] === undefined` means unknown, and then
 * `reasons[i]` says why; a known value has no reason.
 */
export interface FactVector {
  values: (FactValue | undefined)[];
  reasons: (string | undefined)[];
}
