/** The product events of one account: who worked when, and with what. */
import { type Day, isBusinessDay, parseDay, weekday } from '../core/time/calendar.ts';
import { at, SAMPLE_LAST_DAY } from './period.ts';
import { type Random, randomFor } from './random.ts';
import type { Mix, Moment, Story, Use } from './story.ts';

/** An event in the file form of contract.md. */
export interface RawEvent {
  messageId: string;
  accountId: string;
  userId?: string;
  event: string;
  timestamp: string;
  receivedAt?: string;
  properties?: Record<string, string | number>;
}

/** Event names with their weight in a user's working day. */
const MIXES: Record<Mix, readonly (readonly [event: string, weight: number])[]> = {
  look: [['dashboard_viewed', 1]],
  starter: [
    ['dashboard_viewed', 5],
    ['dataset_refreshed', 2],
    ['comment_added', 0.4],
  ],
  core: [
    ['dashboard_viewed', 4],
    ['dataset_refreshed', 1.4],
    ['report_created', 1.3],
    ['report_shared', 1.1],
    ['report_exported', 0.7],
  ],
  broad: [
    ['dashboard_viewed', 4],
    ['dataset_refreshed', 1.4],
    ['report_created', 1.4],
    ['report_shared', 1.2],
    ['report_exported', 0.8],
    ['comment_added', 1],
    ['filter_saved', 0.7],
    ['template_applied', 0.6],
  ],
  deep: [
    ['dashboard_viewed', 3.5],
    ['dataset_refreshed', 1.3],
    ['report_created', 1.4],
    ['report_shared', 1.2],
    ['report_exported', 0.9],
    ['comment_added', 0.9],
    ['filter_saved', 0.7],
    ['template_applied', 0.7],
    ['alert_acknowledged', 0.9],
    ['export_scheduled', 0.5],
  ],
  exports: [
    ['report_exported', 6],
    ['dashboard_viewed', 2],
    ['dataset_refreshed', 1],
    ['report_created', 1],
    ['report_shared', 1],
  ],
};

const WEEKEND_SHARE = 0.05; // of the rate of a business day
const HOLIDAY_SHARE = 0.08;
const YEAR_END_SHARE = 0.8; // 22 December to 2 January
const LOGIN_SHARE = 0.3; // of working days; the others resume an open session
const FIRST_VALUE_EVENT = 'report_shared';

export interface UseContext {
  seed: number;
  holidays: ReadonlySet<Day>;
}

interface User {
  userId: string;
  /** How much more or less than the average this one works. */
  diligence: number;
  /** Shifts the weekdays on which this one usually works. */
  shift: number;
  works(day: number): boolean;
}

interface Draft {
  day: Day;
  /** Seconds of the day. */
  second: number;
  user: string | undefined;
  event: string;
  properties?: Record<string, string | number>;
}

export function contactId(story: Story, index: number): string {
  return `c_${story.id}_${index + 1}`;
}

export function accountId(story: Story): string {
  return `acc_${story.id}`;
}

/** Everything the account's people did in the product, in the order of time. */
export function eventsOf(story: Story, context: UseContext): RawEvent[] {
  const born = parseDay(story.born)!;
  const random = randomFor(context.seed, story.id, 'use');
  const users = usersOf(story, random);
  const drafts: Draft[] = [];
  for (const use of story.use) workOf(story, use, born, users, context, random, drafts);
  setupOf(story, born, users, random, drafts);
  for (const moment of story.moments ?? []) momentEvents(moment, born, users, context, random, drafts);
  return writeEvents(story, drafts, context.seed);
}

function usersOf(story: Story, random: Random): User[] {
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

/** The value at `day` on the way from the first to the second number of the span. */
function along(value: number | readonly [number, number], day: number, from: number, to: number): number {
  if (typeof value === 'number') return value;
  const [start, end] = value;
  return start + ((end - start) * (day - from)) / Math.max(1, to - from - 1);
}

function lastOf(to: number | undefined, born: Day): number {
  return Math.min(to ?? Number.POSITIVE_INFINITY, SAMPLE_LAST_DAY - born + 1);
}

function workOf(
  story: Story,
  use: Use,
  born: Day,
  users: readonly User[],
  context: UseContext,
  random: Random,
  drafts: Draft[],
): void {
  const to = lastOf(use.to, born);
  for (let day = use.from; day < to; day++) {
    const present = users.filter((user) => user.works(day)).slice(0, Math.round(along(use.users, day, use.from, to)));
    present.forEach((user, i) => {
      const works = use.steady
        ? worksSteadily(born + day, i, use.rate)
        : random.chance(chanceOf(born + day, user, use.rate, context.holidays));
      if (works) addWorkday(story, use, day, born, user, random, drafts);
    });
  }
}

const HABIT = 0.97; // chance of working on one of one's usual days

/**
 * Chance that the user works on this day. Most of the rate lies on usual weekdays: people have habits, and a team drawn by
 * lot each day would swing more from month to month than teams do.
 */
function chanceOf(day: Day, user: User, rate: number, holidays: ReadonlySet<Day>): number {
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
function worksSteadily(day: Day, user: number, rate: number): boolean {
  const of = weekday(day);
  return of >= 1 && of <= 5 && (of + user) % 5 < Math.round(rate * 5);
}

function addWorkday(story: Story, use: Use, day: number, born: Day, user: User, random: Random, drafts: Draft[]): void {
  const add = (event: string, second: number) => drafts.push({ day: born + day, second, user: user.userId, event });
  let second = 8 * 3600 + random.between(0, 2 * 3600);
  if (random.chance(LOGIN_SHARE)) add('login', second);
  const each = use.each ?? 1.5;
  const count = use.steady ? Math.round(each) : Math.max(1, Math.floor(each * (0.5 + random.next()) + 0.5));
  for (let i = 0; i < count; i++) {
    second = Math.min(second + random.between(60, 9000), 86_399);
    add(pickEvent(MIXES[use.mix], day >= (story.firstValue ?? Number.POSITIVE_INFINITY), random), second);
  }
}

function pickEvent(mix: (typeof MIXES)[Mix], hasFirstValue: boolean, random: Random): string {
  const open = hasFirstValue ? mix : mix.filter(([event]) => event !== FIRST_VALUE_EVENT);
  const total = open.reduce((sum, [, weight]) => sum + weight, 0);
  let left = random.next() * total;
  for (const [event, weight] of open) {
    left -= weight;
    if (left < 0) return event;
  }
  return open[0]![0];
}

const SETUP_EVENTS = {
  connect: 'integration_connected',
  upload: 'dataset_uploaded',
  build: 'dashboard_created',
  invite: 'team_invited',
  permissions: 'permissions_set',
  brand: 'workspace_branded',
} as const;

function setupOf(story: Story, born: Day, users: readonly User[], random: Random, drafts: Draft[]): void {
  const add = (day: number | undefined, event: string, second: number) => {
    if (day !== undefined) drafts.push({ day: born + day, second, user: users[0]!.userId, event });
  };
  let second = 9 * 3600;
  for (const [step, event] of Object.entries(SETUP_EVENTS)) {
    second += random.between(300, 2400);
    add(story.setup?.[step as keyof typeof SETUP_EVENTS], event, second);
  }
  add(story.firstValue, FIRST_VALUE_EVENT, second + 1800);
}

function momentEvents(
  moment: Moment,
  born: Day,
  users: readonly User[],
  context: UseContext,
  random: Random,
  drafts: Draft[],
): void {
  const add = (day: number, event: string, user: string | undefined, properties?: Draft['properties']) => {
    const second = 8 * 3600 + random.between(0, 9 * 3600);
    drafts.push({ day: born + day, second, user, event, ...(properties && { properties }) });
  };
  const someone = (day: number): string | undefined => {
    const present = users.filter((user) => user.works(day)).slice(0, 4);
    return present.length > 0 ? random.pick(present).userId : undefined;
  };
  if (moment.kind === 'event') {
    for (let i = 0; i < (moment.times ?? 1); i++) add(moment.day, moment.event, someone(moment.day), moment.properties);
  } else if (moment.kind === 'api') {
    const to = lastOf(moment.to, born);
    for (let day = moment.from; day < to; day++) {
      const share = isBusinessDay(born + day, context.holidays) ? 1 : 0.4;
      const calls = Math.round(along(moment.perDay, day, moment.from, to) * share * (0.92 + 0.16 * random.next()));
      add(day, 'api_call', undefined, { calls });
    }
  } else if (moment.kind === 'feature' || moment.kind === 'product') {
    const to = lastOf(moment.to, born);
    const name = moment.kind === 'feature' ? moment.event : moment.product;
    for (let day = moment.from; day < to; day++) {
      const open = isBusinessDay(born + day, context.holidays);
      const perDay = moment.perWeek / 5;
      const times = open ? Math.floor(perDay) + (random.chance(perDay % 1) ? 1 : 0) : 0;
      for (let i = 0; i < times; i++) add(day, name, someone(day));
    }
  }
}

/** Late events are learned this much after they happened. */
const LATE_DAYS = 30;

function writeEvents(story: Story, drafts: readonly Draft[], seed: number): RawEvent[] {
  const random = randomFor(seed, story.id, 'late');
  const kept = drafts.filter((draft) => draft.day <= SAMPLE_LAST_DAY);
  kept.sort((a, b) => a.day - b.day || a.second - b.second);
  const withoutUsers = story.lacks?.includes('users');
  return kept.map((draft, i) => {
    const time = [Math.floor(draft.second / 3600), Math.floor((draft.second % 3600) / 60), draft.second % 60] as const;
    const late = random.chance(story.lateShare ?? 0) && draft.day + LATE_DAYS <= SAMPLE_LAST_DAY;
    return {
      messageId: `m_${story.id}_${i + 1}`,
      accountId: accountId(story),
      ...(draft.user !== undefined && !withoutUsers && { userId: draft.user }),
      event: draft.event,
      timestamp: at(draft.day, ...time),
      ...(late && { receivedAt: at(draft.day + LATE_DAYS, ...time) }),
      ...(draft.properties && { properties: draft.properties }),
    };
  });
}
