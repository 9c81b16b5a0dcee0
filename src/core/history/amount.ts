/**
 * Amounts that events measure (a meter's units), summed so that the order of arrival never shows: floating-point addition
 * is not associative, whole millionths are.
 */

const STEPS_PER_UNIT = 1_000_000;
/** Below it, millionths survive an addition of doubles; from it on, amounts are whole units. */
const EXACT_FRACTIONS_BELOW = 2 ** 32;

/**
 * The amount as the ledger keeps it: to a millionth of a unit below 2^32, to a whole unit above. Sums of amounts are exact
 * in any order up to 2^32, and up to 2^53 where all of them are whole.
 */
export function keptAmount(amount: number): number {
  if (Math.abs(amount) >= EXACT_FRACTIONS_BELOW) return Math.round(amount);
  return Math.round(amount * STEPS_PER_UNIT) / STEPS_PER_UNIT + 0; // + 0 turns -0 into 0
}

export function addAmounts(a: number, b: number): number {
  return keptAmount(a + b);
}

/** Millionths beyond the whole units of a kept, non-negative amount. */
export function millionthsOf(amount: number): number {
  return Math.round((amount - Math.floor(amount)) * STEPS_PER_UNIT);
}

/** The amount of so many units and millionths: the same double `keptAmount` gives. */
export function amountOf(units: number, millionths: number): number {
  return millionths === 0 ? units : (units * STEPS_PER_UNIT + millionths) / STEPS_PER_UNIT;
}
