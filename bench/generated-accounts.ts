/** Accounts with believable use and records, the same on every run: account i of a size always has the same content. */
import type { LedgerCell } from '../src/core/history/ledger.ts';
import type { AccountRecords, EntityByKind, EntityKind, Priority, Version } from '../src/core/records/record.ts';
import type { Day } from '../src/core/time/calendar.ts';

const MS_PER_DAY = 86_400_000;

/** How large the accounts are and over how many days they are looked at. */
export interface AccountSize {
  startDay: Day;
  days: number;
  users: { from: number; to: number };
  /** Share of the business days on which a user shows up. */
  presence: number;
  /** Features used on such a day, at most. */
  featuresADay: number;
  /** Tickets, notes and the like: multiplies their number. */
  records: number;
}

export interface GeneratedAccount {
  accountId: string;
  records: AccountRecords;
  cells: LedgerCell[];
}

/** Numbers below a bound, from a seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  share(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  between(from: number, to: number): number {
    return from + Math.floor(this.share() * (to - from + 1));
  }

  one<T>(items: readonly T[]): T {
    return items[this.between(0, items.length - 1)]!;
  }
}

/** How much an account uses the product over its time, from 0 (first day) to 1 (last). */
const STORIES: readonly ((at: number) => number)[] = [
  () => 1,
  (at) => 0.5 + 0.8 * at,
  (at) => 1.2 - 0.8 * at,
  (at) => (at < 0.7 ? 1 : 0.15),
  (at) => 0.8 + 0.3 * Math.sin(at * 12),
];

// what the features of the catalogue are used through, the most common first
const USES = [
  'dashboard_viewed',
  'dashboard_viewed',
  'dashboard_viewed',
  'report_created',
  'report_exported',
  'report_shared',
  'comment_added',
  'filter_saved',
  'alert_set',
  'api_call',
  'workflow_completed',
  'feature_blocked',
];
const FIRST_WEEK = ['source_connected', 'team_invited', 'permissions_set', 'pricing_viewed'];

export function generateAccount(index: number, size: AccountSize): GeneratedAccount {
  const random = new Random(index * 7919 + 17);
  const accountId = `acc-${index.toString().padStart(5, '0')}`;
  const users = random.between(size.users.from, size.users.to);
  return {
    accountId,
    cells: useOf(accountId, users, random, size),
    records: recordsOf(accountId, users, random, size),
  };
}

function useOf(accountId: string, users: number, random: Random, size: AccountSize): LedgerCell[] {
  const story = random.one(STORIES);
  const cells: LedgerCell[] = [];
  for (let i = 0; i < size.days; i++) {
    const day = size.startDay + i;
    const weekday = ((day % 7) + 7) % 7; // day 0 was a Thursday
    const weekend = weekday === 2 || weekday === 3;
    const presence = size.presence * story(i / size.days) * (weekend ? 0.1 : 1);
    for (let user = 0; user < users; user++) {
      if (random.share() >= presence) continue;
      const userId = `${accountId}-u${user}`;
      const used = new Set(['login']);
      for (let n = random.between(1, size.featuresADay); n > 0; n--) used.add(random.one(USES));
      if (i < 7 && user < 2) used.add(random.one(FIRST_WEEK));
      for (const event of used) cells.push(cellOf(day, userId, event, random));
    }
  }
  return cells;
}

function cellOf(day: Day, userId: string, event: string, random: Random): LedgerCell {
  const cell: LedgerCell = { day, userId, event, lateMs: 0, count: random.between(1, 4) };
  if (event === 'api_call') cell.sums = { calls: cell.count * random.between(1, 20) };
  if (event === 'feature_blocked') cell.labels = { alerts: cell.count };
  if (event === 'workflow_completed') cell.labels = { 'flows,main': cell.count };
  return cell;
}

type Writer = <K extends EntityKind>(kind: K, id: string, at: number, data: Omit<EntityByKind[K], 'accountId'>) => void;

function recordsOf(accountId: string, users: number, random: Random, size: AccountSize): AccountRecords {
  const records = { accountId } as AccountRecords;
  for (const kind of KINDS) records[kind] = [];
  const write: Writer = (kind, id, effectiveAt, data) => {
    const version = { id, effectiveAt, receivedAt: effectiveAt, data: { accountId, ...data } };
    (records[kind] as unknown as Version<unknown>[]).push(version);
  };
  const start = size.startDay * MS_PER_DAY + 3 * 3_600_000; // before the first run hour
  const owners = { csm: `csm-${random.between(1, 9)}`, ae: `ae-${random.between(1, 5)}` };
  const segment = random.one(['smb', 'mid', 'enterprise']);
  write('accounts', accountId, start, { name: `Account ${accountId}`, createdAt: start, segment, owners } as never);
  people(accountId, users, random, start, write);
  contracts(accountId, users, random, start, size, write);
  support(accountId, random, start, size, write);
  talk(accountId, users, random, start, size, write);
  for (const kind of KINDS) (records[kind] as Version<unknown>[]).sort((a, b) => a.effectiveAt - b.effectiveAt);
  return records;
}

const KINDS: readonly EntityKind[] = [
  'accounts',
  'contacts',
  'subscriptions',
  'tickets',
  'incidents',
  'surveys',
  'goals',
  'notes',
  'invoices',
];

const ROLES = [
  ['champion'],
  ['executive_sponsor'],
  ['decision_maker', 'economic_buyer'],
  ['primary_contact'],
  ['user'],
] as const;

function people(accountId: string, users: number, random: Random, start: number, write: Writer): void {
  for (let i = 0; i < Math.min(users, 6); i++) {
    const contactId = `${accountId}-u${i}`;
    const roles = [...ROLES[Math.min(i, ROLES.length - 1)]!];
    const at = start + i * MS_PER_DAY;
    const leaves = i === 0 && random.share() < 0.1;
    const leftAt = Math.floor(at / MS_PER_DAY) + random.between(60, 250);
    write('contacts', contactId, at, {
      contactId,
      name: `Person ${i}`,
      roles,
      createdAt: at,
      ...(leaves && { leftAt }),
    });
  }
}

function contracts(
  accountId: string,
  users: number,
  random: Random,
  start: number,
  size: AccountSize,
  write: Writer,
): void {
  const day = Math.floor(start / MS_PER_DAY);
  const subscriptionId = `${accountId}-s`;
  const seats = Math.max(2, Math.round(users * (0.8 + random.share() * 0.8)));
  const plan = random.one(['team', 'growth']);
  const price = plan === 'team' ? 24_000 : 48_000;
  const common = { subscriptionId, plan, seats, startedAt: start, currency: 'USD' };
  const trial = random.share() < 0.5;
  if (trial) write('subscriptions', subscriptionId, start, { ...common, status: 'trialing', trialEndsAt: day + 14 });
  const paidFrom = start + (trial ? 10 * MS_PER_DAY : 0);
  const term = {
    interval: 'year',
    renewalDate: day + random.between(150, 380),
    autoRenew: random.share() < 0.7,
  } as const;
  write('subscriptions', subscriptionId, paidFrom, {
    ...common,
    ...term,
    status: 'active',
    amountMinor: seats * price,
  });
  if (size.days > 200 && random.share() < 0.4) {
    const more = { seats: seats + 3, amountMinor: (seats + 3) * price };
    write('subscriptions', subscriptionId, start + 180 * MS_PER_DAY, { ...common, ...term, ...more, status: 'active' });
  }
  for (let i = 0; i * 182 < size.days; i++) {
    const at = paidFrom + i * 182 * MS_PER_DAY;
    const issued = Math.floor(at / MS_PER_DAY);
    const invoiceId = `${accountId}-i${i}`;
    const paidAt = issued + random.between(5, 45);
    write('invoices', invoiceId, at, {
      invoiceId,
      issuedAt: at,
      dueAt: issued + 30,
      amountMinor: (seats * price) / 2,
      currency: 'USD',
      paidAt,
    });
  }
}

function support(accountId: string, random: Random, start: number, size: AccountSize, write: Writer): void {
  const tickets = Math.round(size.records * random.between(1, 6));
  for (let i = 0; i < tickets; i++) {
    const ticketId = `${accountId}-t${i}`;
    const openedAt = start + Math.floor(random.share() * size.days * MS_PER_DAY);
    const resolvedAt = openedAt + random.between(1, 20) * 6 * 3_600_000;
    const priority: Priority = random.one(['P2', 'P3', 'P3', 'P4']);
    const escalated = priority === 'P2' && random.share() < 0.5 ? { escalatedAt: openedAt + 3_600_000 } : {};
    const subject = random.one([
      'Export is slow',
      'Cannot share a report',
      'Question on seats',
      'We had a pilot with Rivalo',
    ]);
    write('tickets', ticketId, openedAt, {
      ticketId,
      openedAt,
      resolvedAt,
      priority,
      subject,
      kind: 'question',
      csat: random.between(2, 5),
      ...escalated,
    });
  }
  const days = size.days;
  const surveys = Math.max(1, Math.round(size.records * 3));
  for (let i = 0; i < surveys; i++) {
    const surveyId = `${accountId}-n${i}`;
    const answeredAt = start + Math.floor(((i + 0.3 + random.share() * 0.5) * days) / surveys) * MS_PER_DAY;
    write('surveys', surveyId, answeredAt, {
      surveyId,
      answeredAt,
      kind: 'nps',
      score: random.between(5, 10),
      contactId: `${accountId}-u${i % 3}`,
    });
  }
  const goalId = `${accountId}-g`;
  const goal = {
    goalId,
    title: 'Reports without spreadsheets',
    createdAt: start,
    tags: ['reporting'],
    baseline: 0,
    target: 100,
    targetDate: Math.floor(start / MS_PER_DAY) + days,
  };
  write('goals', goalId, start, { ...goal, current: 0 });
  write('goals', goalId, start + Math.floor(days / 2) * MS_PER_DAY, { ...goal, current: random.between(10, 100) });
}

const TALK: readonly (readonly [text: string, tags: string[]])[] = [
  ['Quarterly call, all went well', ['meeting_held']],
  ['Sponsor joined the review', ['meeting_held', 'sponsor_attended']],
  ['Nobody showed up', ['meeting_missed']],
  ['They would like scheduled exports', ['feature_request:alerts']],
  ['Budget is planned for the autumn', ['budget_timing:2026-09-01']],
  ['A second team wants to use it', ['new_use_case:marketing']],
  ['Their data team is short of people', ['blocker:resources:medium']],
  ['Rivalo came up in passing', ['competitor:Rivalo']],
  ['Thanks, this helps a lot', []],
];

function talk(accountId: string, users: number, random: Random, start: number, size: AccountSize, write: Writer): void {
  const notes = Math.round(size.records * random.between(4, 9));
  for (let i = 0; i < notes; i++) {
    const noteId = `${accountId}-m${i}`;
    const at = start + Math.floor(random.share() * size.days * MS_PER_DAY);
    const [text, tags] = random.one(TALK);
    const author = random.one(['customer', 'csm', 'csm', 'sales'] as const);
    const kind = random.one(['call', 'meeting', 'email', 'email'] as const);
    write('notes', noteId, at, {
      noteId,
      at,
      text,
      author,
      kind,
      tags: [...tags],
      contactId: `${accountId}-u${random.between(0, Math.min(users, 4) - 1)}`,
    });
  }
}
