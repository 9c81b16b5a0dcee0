/** The product events of one account: who worked when, and with what. */
import { type Day, isBusinessDay, parseDay } from '../core/time/calendar.ts';
import { chanceOf, type User, usersOf, worksSteadily } from './habits.ts';
import { accountId } from './ids.ts';
import { at, SAMPLE_LAST_DAY } from './period.ts';
import { type Random, randomFor } from './random.ts';
import type { Mix, Moment, Story, Use } from './story.ts';

/** An event in the file form of contract.md. */
interface RawEvent {
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

const LOGIN_SHARE = 0.3; // of working days; the others resume an open session
const FIRST_VALUE_EVENT = 'report_shared';

interface UseContext {
  seed: number;
  holidays: ReadonlySet<Day>;
}

interface Draft {
  day: Day;
  /** Seconds of the day. */
  second: number;
  user: string | undefined;
  event: string;
  properties?: Record<string, string | number>;
}

/** What one account's events are drawn from, and the events so far. */
interface Diary {
  story: Story;
  born: Day;
  users: readonly User[];
  holidays: ReadonlySet<Day>;
  random: Random;
  drafts: Draft[];
}

/** Everything the account's people did in the product, in the order of time. */
export function eventsOf(story: Story, context: UseContext): RawEvent[] {
  const random = randomFor(context.seed, story.id, 'use');
  const born = parseDay(story.born)!;
  const diary: Diary = { story, born, users: usersOf(story, random), holidays: context.holidays, random, drafts: [] };
  for (const use of story.use) addWork(diary, use);
  addSetup(diary);
  for (const moment of story.moments ?? []) addMoment(diary, moment);
  return writeEvents(diary, context.seed);
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

function addWork(diary: Diary, use: Use): void {
  const { born, users, random, holidays } = diary;
  const to = lastOf(use.to, born);
  for (let day = use.from; day < to; day++) {
    const present = users.filter((user) => user.works(day)).slice(0, Math.round(along(use.users, day, use.from, to)));
    present.forEach((user, i) => {
      const works = use.steady
        ? worksSteadily(born + day, i, use.rate)
        : random.chance(chanceOf(born + day, user, use.rate, holidays));
      if (works) addWorkday(diary, use, day, user);
    });
  }
}

function addWorkday({ story, born, random, drafts }: Diary, use: Use, day: number, user: User): void {
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

function addSetup({ story, born, users, random, drafts }: Diary): void {
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

const API_REST_SHARE = 0.4; // scheduled calls go on when the office is closed

function addMoment(diary: Diary, moment: Moment): void {
  const { born, random, holidays } = diary;
  if (moment.kind === 'event') {
    for (let i = 0; i < (moment.times ?? 1); i++) addOnce(diary, moment.day, moment.event, moment.properties);
  } else if (moment.kind === 'api') {
    const to = lastOf(moment.to, born);
    for (let day = moment.from; day < to; day++) {
      const share = isBusinessDay(born + day, holidays) ? 1 : API_REST_SHARE;
      const calls = Math.round(along(moment.perDay, day, moment.from, to) * share * (0.92 + 0.16 * random.next()));
      const second = 8 * 3600 + random.between(0, 9 * 3600);
      diary.drafts.push({ day: born + day, second, user: undefined, event: 'api_call', properties: { calls } });
    }
  } else if (moment.kind === 'feature') {
    const to = lastOf(moment.to, born);
    const perDay = moment.perWeek / 5;
    for (let day = moment.from; day < to; day++) {
      if (!isBusinessDay(born + day, holidays)) continue;
      const times = Math.floor(perDay) + (random.chance(perDay % 1) ? 1 : 0);
      for (let i = 0; i < times; i++) addOnce(diary, day, moment.event);
    }
  }
}

/** One event by one of the first few users present. */
function addOnce({ born, users, random, drafts }: Diary, day: number, event: string, properties?: Draft['properties']) {
  const present = users.filter((user) => user.works(day)).slice(0, 4);
  const user = present.length > 0 ? random.pick(present).userId : undefined;
  const second = 8 * 3600 + random.between(0, 9 * 3600);
  drafts.push({ day: born + day, second, user, event, ...(properties && { properties }) });
}

/** Late events are learned this much after they happened. */
const LATE_DAYS = 30;

function writeEvents({ story, drafts }: Diary, seed: number): RawEvent[] {
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
