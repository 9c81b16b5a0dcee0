/** Time as people at work count it: so many hours of a day, on working days, where they live. */
import { type Day, type Instant, weekday, type ZoneClock, zoneClock } from './calendar.ts';

export interface WorkingHours {
  /** Hours of the day, 0-24; `start` is before `end`. */
  start: number;
  end: number;
  /** Days of the week, 0 = Sunday. */
  days: ReadonlySet<number>;
  holidays: ReadonlySet<Day>;
  clock: ZoneClock;
}

/** What a workspace says of its people's hours, as plain data. */
export interface OwnerHours {
  start: number;
  end: number;
  days: readonly WeekdayName[];
  /** By name, as accounts name their owners; what is left out is as above, in the workspace's time zone. */
  people: Readonly<Record<string, { timeZone?: string; start?: number; end?: number; days?: readonly WeekdayName[] }>>;
}

export const WEEKDAY_NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type WeekdayName = (typeof WEEKDAY_NAMES)[number];

export const USUAL_HOURS: OwnerHours = { start: 9, end: 17, days: ['mon', 'tue', 'wed', 'thu', 'fri'], people: {} };

/** The hours of an owner; null, or somebody the workspace says nothing of: the workspace's own. */
export function hoursOfOwner(
  hours: OwnerHours,
  owner: string | null,
  clock: ZoneClock,
  holidays: ReadonlySet<Day>,
): WorkingHours {
  const person = owner !== null && Object.hasOwn(hours.people, owner) ? hours.people[owner]! : {};
  const { timeZone, start = hours.start, end = hours.end, days = hours.days } = person;
  return {
    start,
    end,
    days: new Set(days.map((day) => WEEKDAY_NAMES.indexOf(day))),
    holidays,
    clock: timeZone === undefined ? clock : zoneClock(timeZone),
  };
}

const MS_PER_HOUR = 3_600_000;
/** A calendar without a working day for so long has none. */
const LONGEST_PAUSE_DAYS = 366;

/**
 * The instant by which `hours` of working time have passed since `from`. Time outside the hours does not count: what comes
 * in on Friday evening begins on Monday morning. On a day when the clocks change, elapsed time counts. Throws RangeError
 * where no working day follows for a year.
 */
export function addWorkingHours(
  from: Instant,
  hours: number,
  { start, end, days, holidays, clock }: WorkingHours,
): Instant {
  let leftMs = hours * MS_PER_HOUR;
  let pauseDays = 0;
  for (let day = clock.dayOf(from); ; day++) {
    if (!days.has(weekday(day)) || holidays.has(day)) {
      if (++pauseDays > LONGEST_PAUSE_DAYS) throw new RangeError('the working hours name no working day');
      continue;
    }
    pauseDays = 0;
    const opens = Math.max(from, clock.instantOf(day, start));
    // end may be 24: the beginning of the next day
    const closes = end === 24 ? clock.instantOf(day + 1) : clock.instantOf(day, end);
    if (closes <= opens) continue;
    if (leftMs <= closes - opens) return opens + leftMs;
    leftMs -= closes - opens;
  }
}
