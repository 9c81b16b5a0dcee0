/**
 * Times as files write them: ISO 8601 with an offset, without one (the workspace's zone), or a plain date (the start of
 * that day in the workspace's zone). Written by hand because an import reads one for every event.
 */
import type { Day, Instant, ZoneClock } from '../time/calendar.ts';

const MS_PER_DAY = 86_400_000;
const MS_PER_HOUR = 3_600_000;
const MS_PER_MINUTE = 60_000;
const MAX_OFFSET_HOURS = 15; // no zone was ever further from UTC than 15:13:42

/** Main dates lie in 1970..2199: what is outside is a placeholder or a typing error, not something that happened. */
export const FIRST_DAY: Day = 0;
export const LAST_MAIN_DAY: Day = Date.UTC(2200, 0, 1) / MS_PER_DAY - 1;
/** Dates that say "until" may name the last day there is, 9999-12-31, for "forever". */
export const LAST_DAY: Day = Date.UTC(10000, 0, 1) / MS_PER_DAY - 1;

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Two decimal digits at `at`, or NaN. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** The day named by the first ten characters (`YYYY-MM-DD`), or NaN. */
function leadingDay(text: string): Day {
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return Number.NaN;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const date = twoDigits(text, 8);
  if (!(year >= 0 && month >= 1 && month <= 12 && date >= 1)) return Number.NaN;
  if (date > DAYS_IN_MONTH[month - 1]! && !(month === 2 && date === 29 && isLeap(year))) return Number.NaN;
  // Days from civil date with the year starting in March, so that the leap day is the last one of its year.
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + date - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Milliseconds east of UTC of `Z`, `±HH`, `±HHMM` or `±HH:MM` at the end of `text`; NaN when it is none of them. */
function offsetAt(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === 90 || first === 122) return text.length === at + 1 ? 0 : Number.NaN;
  if (first !== 43 && first !== 45) return Number.NaN;
  const hours = twoDigits(text, at + 1);
  let minutes = 0;
  if (text.length > at + 3) {
    const minutesAt = text.charCodeAt(at + 3) === 58 ? at + 4 : at + 3;
    if (text.length !== minutesAt + 2) return Number.NaN;
    minutes = twoDigits(text, minutesAt);
  }
  if (!(hours <= MAX_OFFSET_HOURS && minutes <= 59)) return Number.NaN;
  return (first === 45 ? -1 : 1) * (hours * MS_PER_HOUR + minutes * MS_PER_MINUTE);
}

/** A wall-clock time of the workspace's zone; in a gap of the clock the moment after it, in a repeated hour the first. */
function localInstant(day: Day, timeOfDayMs: number, clock: ZoneClock): Instant {
  const midnight = clock.instantOf(day);
  if (day < LAST_MAIN_DAY && clock.instantOf(day + 1) - midnight === MS_PER_DAY) return midnight + timeOfDayMs;
  return new Temporal.PlainDate(1970, 1, 1)
    .add({ days: day })
    .toPlainDateTime(Temporal.PlainTime.from({ hour: 0 }).add({ milliseconds: timeOfDayMs }))
    .toZonedDateTime(clock.timeZone).epochMilliseconds;
}

/** Fraction of a second at `at` (just after the dot) as [milliseconds, index after it]; digits beyond are cut off. */
function fractionAt(text: string, at: number): [number, number] {
  let value = 0;
  let index = at;
  for (let unit = 100; index < text.length; index++, unit = Math.floor(unit / 10)) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) break;
    value += digit * unit;
  }
  return [index === at ? Number.NaN : value, index];
}

/** The instant a text means, or NaN when it is no time. */
export function parseInstant(text: string, clock: ZoneClock): Instant {
  const day = leadingDay(text);
  if (text.length === 10 || Number.isNaN(day)) return Number.isNaN(day) ? day : clock.instantOf(day);
  const separator = text.charCodeAt(10);
  if (separator !== 84 && separator !== 116 && separator !== 32) return Number.NaN;
  const hours = twoDigits(text, 11);
  const minutes = twoDigits(text, 14);
  if (!(text.charCodeAt(13) === 58 && hours <= 23 && minutes <= 59)) return Number.NaN;
  let ms = hours * MS_PER_HOUR + minutes * MS_PER_MINUTE;
  let at = 16;
  if (text.charCodeAt(16) === 58) {
    const seconds = twoDigits(text, 17);
    if (!(seconds <= 60)) return Number.NaN;
    ms += Math.min(seconds, 59) * 1000; // a leap second reads as the second before it
    at = 19;
    const dot = text.charCodeAt(19);
    if (dot === 46 || dot === 44) {
      const [fraction, after] = fractionAt(text, 20);
      if (Number.isNaN(fraction)) return fraction;
      ms += fraction;
      at = after;
    }
  }
  if (at === text.length) return localInstant(day, ms, clock);
  return day * MS_PER_DAY + ms - offsetAt(text, at);
}

/** The workspace day a date or an instant means, or NaN. Beyond 2199 zones are not looked up: the UTC date stands in. */
export function parseDayOf(text: string, clock: ZoneClock): Day {
  if (text.length === 10) return leadingDay(text);
  const instant = parseInstant(text, clock);
  if (Number.isNaN(instant)) return instant;
  const utcDay = Math.floor(instant / MS_PER_DAY);
  return utcDay < FIRST_DAY || utcDay > LAST_MAIN_DAY ? utcDay : clock.dayOf(instant);
}

/** Is the instant's workspace day within [FIRST_DAY, lastDay]? NaN, no instant at all, is not. */
export function isInRange(instant: Instant, lastDay: Day, clock: ZoneClock): boolean {
  const utcDay = Math.floor(instant / MS_PER_DAY);
  if (utcDay > FIRST_DAY && utcDay < lastDay) return true;
  if (Number.isNaN(instant) || utcDay < FIRST_DAY - 1 || utcDay > lastDay + 1) return false;
  if (lastDay === LAST_DAY && utcDay >= LAST_DAY) return utcDay === LAST_DAY;
  const day = clock.dayOf(instant);
  return day >= FIRST_DAY && day <= lastDay;
}
