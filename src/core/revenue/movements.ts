/** What changed an account's ARR between the days looked at. */
import { addMonths, type Day, firstDayOfMonth, formatDay, monthOf } from '../time/calendar.ts';

export const MOVEMENT_KINDS = ['new', 'expansion', 'contraction', 'churn', 'reactivation'] as const;
export type MovementKind = (typeof MOVEMENT_KINDS)[number];

/** A calendar month of a period, cut to the period. */
export interface PeriodMonth {
  /** `2026-03` */
  month: string;
  from: Day;
  to: Day;
}

export interface Period {
  from: Day;
  to: Day;
  months: PeriodMonth[];
  /** The day before `from`, then the last day of every month: ARR is read at their close. */
  days: Day[];
}

export const MOST_MONTHS = 1_200; // a century; a wrong year must not make a table without end

/** `from` and `to` included; `to` must not be before `from`. */
export function periodOf(from: Day, to: Day): Period {
  const months: PeriodMonth[] = [];
  for (let first = from; first <= to && months.length < MOST_MONTHS; ) {
    const next = firstDayOfMonth(monthOf(first) + 1);
    months.push({ month: formatDay(first).slice(0, 7), from: first, to: Math.min(to, next - 1) });
    first = next;
  }
  return { from, to, months, days: [from - 1, ...months.map((month) => month.to)] };
}

/** The twelve months that end on `to`. */
export function yearTo(to: Day): Period {
  return periodOf(addMonths(to + 1, -12), to);
}

export interface Movement {
  accountId: string;
  month: string;
  kind: MovementKind;
  fromMinor: number;
  toMinor: number;
}

/** `arr` holds the ARR at the close of each of `period.days`; `firstDay` is the first day on which there ever was any. */
export function movementsOf(
  accountId: string,
  arr: readonly number[],
  firstDay: Day | undefined,
  period: Period,
): Movement[] {
  const movements: Movement[] = [];
  for (const [i, { month }] of period.months.entries()) {
    const fromMinor = arr[i]!;
    const toMinor = arr[i + 1]!;
    if (fromMinor === toMinor) continue;
    const isFirst = firstDay !== undefined && firstDay > period.days[i]!;
    movements.push({ accountId, month, kind: kindOf(fromMinor, toMinor, isFirst), fromMinor, toMinor });
  }
  return movements;
}

function kindOf(from: number, to: number, isFirst: boolean): MovementKind {
  if (from === 0) return isFirst ? 'new' : 'reactivation';
  if (to === 0) return 'churn';
  return to > from ? 'expansion' : 'contraction';
}
