/** Who works in the product, and on which days. */
import { type Day, isBusinessDay, weekday } from '../core/time/calendar.ts';
import { contactId } from './ids.ts';
import type { Random } from './random.ts';
import type { Story } from './story.ts';

const WEEKEND_SHARE = 0.05; // of the rate of a business day
const HOLIDAY_SHARE = 0.08;
const YEAR_END_SHARE = 0.8; // 22 December to 2 January

export interface User {
  userId: string;
  /** How much more or less than the average this one works. */
  diligence: number;
  /** Shifts the weekdays on which this one usually works. */
  shift: number;
  works(day: number): boolean;
}

/** The named users first, then as many others as the busiest span of the story needs. */
export function usersOf(story: Story, random: Random): User[] {
  const named: User[] = story.people.flatMap((person, i) => {
    const uses = person.uses ?? (person.roles.includes('champion') || person.roles.includes('technical_owner'));
    const [leaveFrom, leaveUntil] = person.leave ?? [0, 0];
    const works = (day: number) =>
      day >= (person.from ?? 0) &&
      (person.left === undefined || day < person.left) &&
      !(day >= leaveFrom && day < leaveUntil);
    return uses ? [{ userId: contactId(story, i), diligence: 1.15, shift: i, works }] : [];
  });
  const most = Math.max(
    1,
    ...story.use.map((use) => (typeof use.users === 'number' ? use.users : Math.max(...use.users))),
  );
  const others = Array.from({ length: most }, (_, i) => ({
    userId: `u_${story.id}_${String(i + 1).padStart(2, '0')}`,
    diligence: 0.8 + 0.4 * random.next(),
    shift: i + 2,
    works: () => true,
  }));
  return [...named, ...others];
}

const HABIT = 0.97; // chance of working on one of one's usual days

/**
 * Chance that the user works on this day. Most of the rate lies on usual weekdays: people have habits, and a team drawn by
 * lot each day would swing more from month to month than teams do.
 */
export function chanceOf(day: Day, user: User, rate: number, holidays: ReadonlySet<Day>): number {
  const share = shareOfDay(day, holidays);
  const wanted = Math.min(HABIT, rate * user.diligence);
  const of = weekday(day);
  if (of === 0 || of === 6 || holidays.has(day)) return wanted * share;
  const usualDays = Math.floor(wanted * 5);
  const isUsual = (of + user.shift) % 5 < usualDays;
  return share * (isUsual ? HABIT : (5 * wanted - HABIT * usualDays) / (5 - usualDays));
}

/** How much of a normal business day this day is. */
function shareOfDay(day: Day, holidays: ReadonlySet<Day>): number {
  if (isBusinessDay(day, holidays)) {
    const monthAndDay = new Date(day * 86_400_000).toISOString().slice(5, 10);
    return monthAndDay >= '12-22' || monthAndDay <= '01-02' ? YEAR_END_SHARE : 1;
  }
  return holidays.has(day) ? HOLIDAY_SHARE : WEEKEND_SHARE;
}

/** On the same weekdays every week: `rate` of the five, shifted from user to user. */
export function worksSteadily(day: Day, user: number, rate: number): boolean {
  const of = weekday(day);
  return of >= 1 && of <= 5 && (of + user) % 5 < Math.round(rate * 5);
}
