/**
 * Days and instants.
 *
 * A `Day` is a calendar date written as the number of days since 1970-01-01 in the proleptic Gregorian calendar: adding
 * one is the next calendar date, whatever the clocks did. An `Instant` is a moment, in milliseconds since the epoch.
 * Only a `ZoneClock` turns one into the other.
 */

export type Day = number;
export type Instant = number;

const MS_PER_DAY = 86_400_000;

/** `2026-03-31` → Day; undefined when the text is no calendar date. */
export function parseDay(text: string): Day | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const ms = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(ms) || formatDay(ms / MS_PER_DAY) !== text) return undefined;
  return ms / MS_PER_DAY;
}

const formatted = new Map<Day, string>();
const FORMAT_CACHE_LIMIT = 20_000; // about 55 years of days; beyond it the cache starts anew

/** Day → `YYYY-MM-DD`. */
export function formatDay(day: Day): string {
  let text = formatted.get(day);
  if (text === undefined) {
    text = new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
    if (formatted.size >= FORMAT_CACHE_LIMIT) formatted.clear();
    formatted.set(day, text);
  }
  return text;
}

/** Instant → `YYYY-MM-DDTHH:MM:SSZ` (milliseconds shown only when there are any). */
export function formatInstant(instant: Instant): string {
  const day = Math.floor(instant / MS_PER_DAY);
  const seconds = (instant - day * MS_PER_DAY) / 1000;
  // Every decision carries a run hour: whole seconds of a four-digit year need no `Date`.
  if (!Number.isInteger(seconds) || day < 0 || day > LAST_FOUR_DIGIT_DAY) {
    return new Date(instant).toISOString().replace('.000Z', 'Z');
  }
  const minutes = Math.floor(seconds / 60);
  return `${formatDay(day)}T${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}:${twoDigits(seconds % 60)}Z`;
}

const LAST_FOUR_DIGIT_DAY: Day = 2_932_896; // 9999-12-31

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** 0 = Sunday … 6 = Saturday. */
export function weekday(day: Day): number {
  return (((day + 4) % 7) + 7) % 7;
}

/*
 * Months by arithmetic instead of `Date`, because a replay asks for them every day. Years are counted from March, so that
 * the leap day is the last of its year; an era is the 400 years after which the calendar repeats.
 */
const MONTHS_TO_MARCH_OF_YEAR_0 = 1970 * 12 - 2;
const DAYS_TO_MARCH_OF_YEAR_0 = 719_468;
const DAYS_PER_ERA = 146_097;

/** The month a day lies in, as months since 1970-01. */
export function monthOf(day: Day): number {
  const shifted = day + DAYS_TO_MARCH_OF_YEAR_0;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const leapDays = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthOfYear = Math.floor((5 * dayOfYear + 2) / 153);
  return (era * 400 + yearOfEra) * 12 + monthOfYear - MONTHS_TO_MARCH_OF_YEAR_0;
}

/** The first day of a month given as months since 1970-01. */
export function firstDayOfMonth(month: number): Day {
  const shifted = month + MONTHS_TO_MARCH_OF_YEAR_0;
  const year = Math.floor(shifted / 12);
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const dayOfYear = Math.floor((153 * (shifted - year * 12) + 2) / 5);
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - DAYS_TO_MARCH_OF_YEAR_0;
}

/** Same day of the month `months` later, or the month's last day where it is shorter. */
export function addMonths(day: Day, months: number): Day {
  const month = monthOf(day);
  const first = firstDayOfMonth(month + months);
  const length = firstDayOfMonth(month + months + 1) - first;
  return first + Math.min(day - firstDayOfMonth(month), length - 1);
}

export function isBusinessDay(day: Day, holidays: ReadonlySet<Day>): boolean {
  const of = weekday(day);
  return of !== 0 && of !== 6 && !holidays.has(day);
}

const LONGEST_HOLIDAY_RUN_DAYS = 366; // a calendar that is closed for a year has no next business day

/** The `count`-th business day after `day`; `0` is `day` itself or the next business day (skills.md A1). */
export function addBusinessDays(day: Day, count: number, holidays: ReadonlySet<Day>): Day {
  let at = day;
  let closedDays = 0;
  if (count === 0) {
    while (!isBusinessDay(at, holidays) && closedDays++ < LONGEST_HOLIDAY_RUN_DAYS) at++;
    return at;
  }
  for (let left = count; left > 0 && closedDays < LONGEST_HOLIDAY_RUN_DAYS; ) {
    at++;
    if (isBusinessDay(at, holidays)) {
      left--;
      closedDays = 0;
    } else closedDays++;
  }
  return at;
}

/** Turns instants into the workspace's calendar days and back. */
export interface ZoneClock {
  readonly timeZone: string;
  dayOf(instant: Instant): Day;
  /** The instant at which the wall clock shows `hour` o'clock on `day`; in a DST gap, the moment after the gap. */
  instantOf(day: Day, hour?: number): Instant;
}

const UTC_CLOCK: ZoneClock = {
  timeZone: 'UTC',
  dayOf: (instant) => Math.floor(instant / MS_PER_DAY),
  instantOf: (day, hour = 0) => day * MS_PER_DAY + hour * 3_600_000,
};

/** Not by way of text: the day after 9999-12-31 has no ISO date of ten characters, and it ends the last day there is. */
function plainDate(day: Day): Temporal.PlainDate {
  return new Temporal.PlainDate(1970, 1, 1).add({ days: day });
}

/** A clock for an IANA time zone. Throws RangeError for a name the runtime does not know. */
export function zoneClock(timeZone: string): ZoneClock {
  if (timeZone === 'UTC') return UTC_CLOCK;
  Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone);
  const midnights = new Map<Day, Instant>();
  const midnightOf = (day: Day): Instant => {
    let instant = midnights.get(day);
    if (instant === undefined) {
      instant = plainDate(day).toZonedDateTime({ timeZone }).epochMilliseconds;
      midnights.set(day, instant);
    }
    return instant;
  };
  return {
    timeZone,
    dayOf(instant) {
      let day = Math.floor(instant / MS_PER_DAY);
      while (instant < midnightOf(day)) day--;
      while (instant >= midnightOf(day + 1)) day++;
      return day;
    },
    instantOf(day, hour = 0) {
      if (hour === 0) return midnightOf(day);
      const plainTime = Temporal.PlainTime.from({ hour: Math.floor(hour), minute: Math.round((hour % 1) * 60) });
      return plainDate(day).toZonedDateTime({ timeZone, plainTime }).epochMilliseconds;
    },
  };
}
