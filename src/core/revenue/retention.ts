/** NRR and GRR of a cohort (skills.md A9). */
import { ratio4 } from '../scores/number.ts';

export interface Retention {
  /** Accounts that had ARR at the start. */
  accounts: number;
  startMinor: number;
  /** Their ARR at the end. */
  endMinor: number;
  /** The part of it that was there at the start: sum of min(end, start). */
  keptMinor: number;
  /** Ratio, four decimals: 0.99 is 99 %. Null: nothing was there at the start. */
  nrr: number | null;
  grr: number | null;
}

/**
 * NRR = sum of end / sum of start, GRR = sum of min(end, start) / sum of start, over the accounts with ARR at the start.
 * Each series is one account's ARR on the days looked at, first to last. Returns are excluded: who had fallen to nothing
 * counts as nothing at the end.
 */
export function retention(series: readonly (readonly number[])[]): Retention {
  const sum = { accounts: 0, startMinor: 0, endMinor: 0, keptMinor: 0 };
  for (const arr of series) {
    const start = arr[0] ?? 0;
    if (start <= 0) continue;
    const end = arr.includes(0) ? 0 : arr.at(-1)!;
    sum.accounts++;
    sum.startMinor += start;
    sum.endMinor += end;
    sum.keptMinor += Math.min(start, end);
  }
  const share = (minor: number): number | null => (sum.startMinor === 0 ? null : ratio4(minor / sum.startMinor));
  return { ...sum, nrr: share(sum.endMinor), grr: share(sum.keptMinor) };
}
