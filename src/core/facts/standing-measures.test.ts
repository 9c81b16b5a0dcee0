import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildAccount, catalogue, clock, day, feature, type TestAccount } from '../../../test/build-account.ts';
import type { ContactRole } from '../records/record.ts';
import type { Day } from '../time/calendar.ts';
import { measureAccount } from './measure-account.ts';

const FIRST = day('2025-01-01');
const DAYS = 230;
const HOUR = 3_600_000;

const cat = catalogue({
  features: [
    feature('reports', { tags: ['reporting'], minutes: 3, neighbours: ['flow'] }),
    feature('charts', { tags: ['analytics'], advanced: true }),
    feature('api', { core: false, tags: ['api'], plans: ['growth'] }),
    feature('flow', { core: false, product: 'flows', plans: ['flows'], tags: ['automation'] }),
  ],
  setup: [{ id: 'connect', event: 'connected', required: true, minutes: 5, dueDays: 3, dependsOn: [] }],
  milestones: [{ id: 'first_value', event: 'reports', count: 3, significance: 'major', dueDays: 14 }],
  plans: [{ id: 'growth', product: 'main', features: [], limits: { calls: 40 }, interval: 'year', perSeatMinor: 100 }],
  products: [
    { id: 'main', name: 'Main' },
    { id: 'flows', name: 'Flows' },
  ],
  meters: [{ id: 'calls', event: 'api', unit: 'call', resets: 'month' }],
  signals: { workflow: ['flow'], invite: ['invited'], gated_attempt: ['blocked'] },
  competitors: ['Rivalo'],
} as never);

const instant = fc.integer({ min: 0, max: DAYS * 24 - 1 }).map((hours) => clock.instantOf(FIRST) + hours * HOUR);
const date = fc.integer({ min: -20, max: DAYS + 90 }).map((days) => FIRST + days);
const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined });
const person = fc.constantFrom('ana', 'ben', 'cem', 'dia');
/** Some rows are learned late, or take effect long after their date. */
const late = maybe(instant);

/** Rows of one kind, each with an id of its own or a second version of an earlier one; absent fields are left out. */
function rows<T extends object>(idName: string, fields: { [K in keyof T]: fc.Arbitrary<T[K]> }, main: string) {
  const row = fc.record({ ...fields, id: fc.integer({ min: 0, max: 6 }), late });
  // few rows, so that a date of one is not hidden by those of others, or many
  const list = fc.oneof(fc.array(row, { maxLength: 2 }), fc.array(row, { maxLength: 9 }));
  return list.map((found) =>
    found.map(({ id, late: receivedAt, ...each }) => {
      const known = Object.fromEntries(Object.entries(each).filter(([, value]) => value !== undefined));
      const at = known[main] as number;
      return {
        ...known,
        [idName]: idName === 'contactId' ? ['ana', 'ben', 'cem', 'dia'][id % 4] : `${idName}${id}`,
        ...(receivedAt !== undefined && { receivedAt: Math.max(at, receivedAt) }),
      };
    }),
  );
}

const TAGS = [
  'meeting_held',
  'meeting_missed',
  'sponsor_attended',
  'feature_request:api',
  'new_use_case:finance',
  'referral',
  'budget_timing:2025-09',
  'expansion_timeline:2025-05-01',
  'blocker:budget:high',
  'blocker:budget:resolved',
  'downgrade_inquiry',
  'cancellation_request',
  'competitor:Rivalo',
];

const records = fc.record({
  contacts: rows(
    'contactId',
    {
      createdAt: instant,
      roles: fc.subarray<ContactRole>(['champion', 'executive_sponsor', 'decision_maker', 'primary_contact']),
      lastContactAt: maybe(instant),
      leftAt: fc.option(date, { nil: undefined, freq: 3 }),
      onLeaveFrom: maybe(date),
      onLeaveUntil: maybe(date),
    },
    'createdAt',
  ),
  subscriptions: rows(
    'subscriptionId',
    {
      startedAt: instant,
      status: fc.constantFrom('active', 'past_due', 'paused'),
      plan: fc.constantFrom('growth', 'team'),
      seats: maybe(fc.constantFrom(2, 3, 5, null)),
      interval: fc.constant('year'),
      amountMinor: maybe(fc.constantFrom(1000, 9000)),
      renewalDate: maybe(date),
    },
    'startedAt',
  ),
  tickets: rows(
    'ticketId',
    {
      openedAt: instant,
      resolvedAt: maybe(instant),
      escalatedAt: maybe(instant),
      csat: maybe(fc.integer({ min: 1, max: 5 })),
      kind: maybe(fc.constantFrom('question', 'downgrade', 'cancellation')),
      subject: maybe(fc.constantFrom('Rivalo again', 'slow')),
      priority: fc.constantFrom('P2', 'P3'),
    },
    'openedAt',
  ),
  incidents: rows(
    'incidentId',
    { startedAt: instant, resolvedAt: maybe(instant), severity: fc.constantFrom('P1', 'P3') },
    'startedAt',
  ),
  surveys: rows(
    'surveyId',
    {
      answeredAt: instant,
      kind: fc.constantFrom('nps', 'csat'),
      score: fc.integer({ min: 1, max: 10 }),
      contactId: maybe(person),
      comment: maybe(fc.constantFrom('Rivalo is cheaper', 'all well')),
    },
    'answeredAt',
  ),
  goals: rows(
    'goalId',
    {
      createdAt: instant,
      targetDate: maybe(date),
      achievedAt: maybe(date),
      baseline: fc.constant(0),
      target: fc.constant(10),
      current: maybe(fc.integer({ min: -1, max: 10 })),
      tags: fc.subarray(['reporting', 'automation']),
    },
    'createdAt',
  ),
  notes: rows(
    'noteId',
    {
      at: instant,
      text: fc.constantFrom('all well', 'a pilot with Rivalo', 'why not Rivalo?'),
      author: fc.constantFrom('customer', 'csm', 'sales'),
      kind: fc.constantFrom('call', 'meeting', 'email'),
      contactId: maybe(person),
      tags: fc.subarray(TAGS, { maxLength: 3 }),
    },
    'at',
  ),
  invoices: rows(
    'invoiceId',
    {
      issuedAt: instant,
      dueAt: date,
      paidAt: maybe(date),
      amountMinor: fc.constant(500),
      status: maybe(fc.constantFrom('failed', 'void', 'open')),
    },
    'issuedAt',
  ),
});

const USES = ['reports', 'charts', 'api', 'flow', 'login', 'login', 'connected', 'invited', 'blocked'];

const events = fc.array(
  fc.record({
    day: fc.integer({ min: 0, max: DAYS }).map((days) => FIRST + days),
    // one user who uses more than the others, and so grows
    user: fc.option(fc.oneof(person, fc.constant('ana')), { nil: null, freq: 9 }),
    event: fc.constantFrom(...USES),
    count: fc.integer({ min: 1, max: 9 }),
    daysLate: fc.integer({ min: 0, max: 40 }),
  }),
  { minLength: 20, maxLength: 300, size: 'large' },
);

/** Mostly the next day; sometimes the same day, some days or weeks on, or back. */
const steps = fc.array(fc.constantFrom(1, 1, 1, 1, 1, 1, 0, 3, 8, 35, -1, -25), { minLength: 60, maxLength: 90 });

/** Everything measured but the records and the use it was measured from. */
function measured(built: ReturnType<typeof buildAccount>, at: number, today: Day): unknown {
  const { view: _, measures: __, ...rest } = measureAccount(built.source, at, today, built.workspace);
  return JSON.parse(JSON.stringify(rest));
}

const oneInFive = fc.integer({ min: 0, max: 4 }).map((drawn) => drawn === 4);

const account = fc
  .record({ records, events, withDefaults: oneInFive, withLateEvents: oneInFive })
  .map(({ records: kinds, events: uses, withDefaults, withLateEvents }) => ({
    today: '2025-08-30',
    catalogue: withDefaults ? { ...cat, featuresDefaulted: true } : cat,
    records: kinds,
    events: uses.map(({ daysLate, ...each }) =>
      withLateEvents ? { ...each, receivedAt: clock.instantOf(each.day + 1 + daysLate) } : each,
    ),
  }));

/** All in `.ci/run`; `npm test` looks at the first of the same accounts. */
const RUNS = process.env.CI ? 150 : 50;

describe('measures that are kept from day to day', () => {
  it('equal those made anew, in whichever order days are looked at and however late records came', () => {
    fc.assert(
      fc.property(account, steps, fc.integer({ min: 0, max: 130 }), (drawn, walk, from) => {
        const given = drawn as unknown as TestAccount;
        const lasting = buildAccount(given);
        let today = FIRST + from;
        for (const [i, step] of walk.entries()) {
          today = Math.min(Math.max(FIRST + 1, today + step), FIRST + DAYS);
          const at = clock.instantOf(today, i % 7 === 0 ? 19 : 6);
          expect(measured(lasting, at, today), `day ${today}`).toEqual(measured(buildAccount(given), at, today));
        }
      }),
      { seed: 5, numRuns: RUNS },
    );
  }, 60_000);
});
