/** The span of the sample: 400 days of data, seen on the morning after the last of them. */
import { type Day, formatDay, parseDay } from '../core/time/calendar.ts';

export const SAMPLE_DAYS = 400;
/** Last day with records. */
export const SAMPLE_LAST_DAY: Day = parseDay('2026-06-30')!;
export const SAMPLE_FIRST_DAY: Day = SAMPLE_LAST_DAY - SAMPLE_DAYS + 1;
/** The day on which the portfolio is looked at. */
export const SAMPLE_RUN_DAY: Day = SAMPLE_LAST_DAY + 1;

/** An instant on a day of the sample, in UTC, in the file form. */
export function at(day: Day, hour: number, minute = 0, second = 0): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${formatDay(day)}T${two(hour)}:${two(minute)}:${two(second)}Z`;
}
