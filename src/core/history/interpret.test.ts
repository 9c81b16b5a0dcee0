import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Catalogue, Feature } from '../catalogue/catalogue.ts';
import { type Day, type Instant, parseDay, zoneClock } from '../time/calendar.ts';
import { cellsOf, measuredProperties } from './cells.ts';
import { decodeLedgerColumns, mergeLedgerMonth } from './codec.ts';
import { catalogueWith, historyOf, monthsOf } from './history.fixture.ts';
import type { AccountHistory, DayCounts, FeatureHistory } from './history.ts';
import { type HistoryInput, interpretHistory, latePoints } from './interpret.ts';
import type { LedgerEvent } from './ledger.ts';
import { NaiveHistory } from './naive-history.fixture.ts';
import { activeDaysIn, activeUsersIn, eventCountIn, meterSum, volumeIn, weeklyVolumes } from './windows.ts';

const HOUR = 3_600_000;
const ZONES = ['UTC', 'America/New_York', 'Pacific/Apia'];
const START = parseDay('2026-02-01')!; // New York changes its clocks on 2026-03-08
const DAYS = 70;

function feature(id: string, events: string[]): Feature {
  return {
    id,
    events,
    core: false,
    advanced: true,
    product: 'main',
    plans: [],
    tags: [],
    prerequisites: [],
    neighbours: [],
  };
}

const CATALOGUES: Catalogue[] = [
  catalogueWith(),
  catalogueWith({
    features: [
      feature('reports', ['report', 'share']),
      feature('sharing', ['share']),
      feature('imports', ['import', 'login']),
    ],
    logins: ['login'],
    meters: [
      { id: 'rows', event: 'import', amountProperty: 'rows', unit: 'row', resets: 'month' },
      { id: 'shares', event: 'share', amountProperty: null, unit: 'share', resets: null },
    ],
    signals: { gated_attempt: ['blocked'], workflow: ['flow'] },
  }),
];

type RawEvent = LedgerEvent & { messageId: string };

interface Account extends Omit<HistoryInput, 'months'> {
  events: RawEvent[];
}

const user = fc.option(fc.constantFrom('ana', 'ben', 'cem', 'dora', 'staff'));
const burst = fc
  .record({
    hour: fc.integer({ min: -48, max: (DAYS + 2) * 24 }),
    userId: user,
    event: fc.constantFrom('login', 'page', 'session_start', 'report', 'share', 'import', 'blocked', 'flow'),
    copies: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 1, max: 4 }) }, fc.integer({ min: 40, max: 70 })),
    lateHours: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 40 * 24 })),
    rows: fc.option(fc.integer({ min: 0, max: 5000 }), { nil: undefined }),
    label: fc.option(fc.constantFrom('sso', 'audit', '__proto__'), { nil: undefined }),
    products: fc.option(fc.subarray(['crm', 'erp', 'hr']), { nil: undefined }),
  })
  .map(({ hour, copies, lateHours, userId, event, rows, label, products }) =>
    Array.from({ length: copies }, (_, i): Omit<RawEvent, 'messageId'> => {
      const timestamp = START * 24 * HOUR + hour * HOUR + i * 1000;
      const properties = {
        ...(rows === undefined ? {} : { rows }),
        ...(label === undefined ? {} : { feature: label }),
        ...(products === undefined ? {} : { products }),
      };
      return { timestamp, receivedAt: timestamp + lateHours * HOUR, userId, event, properties };
    }),
  );

const account: fc.Arbitrary<Account> = fc
  .record({
    bursts: fc.array(burst, { maxLength: 60 }),
    zone: fc.constantFrom(...ZONES),
    catalogue: fc.constantFrom(...CATALOGUES),
    knownHour: fc.integer({ min: 0, max: (DAYS + 60) * 24 }),
    start: fc.integer({ min: 0, max: 15 }),
    end: fc.integer({ min: 16, max: DAYS }),
    departures: fc.array(fc.tuple(fc.constantFrom('ana', 'ben', 'cem'), fc.integer({ min: 0, max: DAYS })), {
      maxLength: 2,
    }),
    internal: fc.boolean(),
    resent: fc.array(fc.tuple(fc.nat(500), fc.integer({ min: -20, max: 400 })), { maxLength: 20 }),
  })
  .map((made) => {
    const events = made.bursts.flat().map((event, i) => ({ ...event, messageId: `m${i}` }));
    const resent = made.resent.flatMap(([index, hours]) => {
      const event = events[index];
      return event === undefined
        ? []
        : [{ ...event, receivedAt: Math.max(event.timestamp, event.receivedAt + hours * HOUR) }];
    });
    return {
      events: [...events, ...resent],
      clock: zoneClock(made.zone),
      catalogue: made.catalogue,
      knownAt: (START * 24 + made.knownHour) * HOUR,
      start: START + made.start,
      end: START + made.end,
      userEnds: new Map(made.departures.map(([who, day]) => [who, START + day])),
      internalUsers: new Set(made.internal ? ['staff'] : []),
    };
  });

/** What the store does: one event a message id, known at its earliest receipt. */
function deduplicated(events: readonly RawEvent[]): RawEvent[] {
  const kept = new Map<string, RawEvent>();
  for (const event of events) {
    const before = kept.get(event.messageId);
    if (before === undefined || event.receivedAt < before.receivedAt) kept.set(event.messageId, event);
  }
  return [...kept.values()];
}

/** Through the ledger, in batches of the given sizes. */
function ledgerHistory(given: Account, batch = Number.POSITIVE_INFINITY): AccountHistory {
  const stored = new Map<number, Uint8Array>();
  const events = deduplicated(given.events);
  for (let from = 0; from < events.length; from += batch) {
    const cells = cellsOf(events.slice(from, from + batch), given.clock, measuredProperties(given.catalogue));
    for (const [month, added] of cells) stored.set(month, mergeLedgerMonth(month, stored.get(month), added));
  }
  return interpretHistory({ ...given, months: [...stored].map(([month, bytes]) => decodeLedgerColumns(month, bytes)) });
}

function pairs(counts: DayCounts | undefined): [Day, number][] {
  return counts === undefined ? [] : Array.from(counts.days, (day, i) => [day, counts.counts[i]!]);
}

function usesOf(user: number, { useDay, useUser, useCount }: FeatureHistory): [Day, number][] {
  return useDay.flatMap((day, i): [Day, number][] => (useUser[i] === user ? [[day, useCount[i]!]] : []));
}

function upTo<T extends { day: Day }>(list: T[], lastDay: Day): T[] {
  return list.filter((each) => each.day <= lastDay);
}

/** Every answer for windows ending on D, in comparable form. */
function answers(history: AccountHistory, lastDay: Day): unknown {
  const until = (counts: DayCounts) => pairs(counts).filter(([day]) => day <= lastDay);
  const nonEmpty = (entries: [string, [Day, number][]][]) => entries.filter(([, list]) => list.length > 0).sort();
  return {
    volumes: [1, 7, 30, 90].map((days) => volumeIn(history, lastDay - days + 1, lastDay)),
    weeks: weeklyVolumes(history, lastDay, 8),
    activeDays: activeDaysIn(history, lastDay - 89, lastDay),
    activeUsers: activeUsersIn(history, lastDay - 29, lastDay),
    users30: history.activeUsers30[lastDay - history.start],
    seen: history.usersSeen[lastDay - history.start],
    events: nonEmpty([...history.events].map(([name, counts]) => [name, until(counts)])),
    gated: nonEmpty([...history.gatedAttempts].map(([name, counts]) => [name, until(counts)])),
    features: nonEmpty(history.features.map((each) => [each.featureId, until(each.use)])),
    meters: [...history.meters.keys()]
      .sort()
      .map((id) => [id, meterSum(history, id, history.start, lastDay)])
      .filter(([, sum]) => sum !== 0),
    cross: upTo(history.crossProductDays, lastDay),
  };
}

describe('a history read from the ledger', () => {
  // [G2] [G14]
  it('answers as a naive recomputation from the raw events, for any account, order, duplicate, lateness, zone and day', () => {
    fc.assert(
      fc.property(account, fc.nat(DAYS), fc.integer({ min: 1, max: 40 }), (given, dayOffset, batch) => {
        const naive = new NaiveHistory(given);
        const history = ledgerHistory(given, batch);
        const { start, end } = given;
        expect(history.length).toBe(end - start + 1);
        for (let day = start; day <= end; day++) {
          const i = day - start;
          expect(history.volume[i]).toBe(naive.volume(day, day));
          expect(history.activeUsers[i]).toBe(naive.activeUsers(day, day).size);
          expect(history.activeUsers30[i]).toBe(naive.activeUsers(Math.max(start, day - 29), day, day).size);
          expect(history.usersSeen[i]).toBe(naive.usersSeen(day));
        }
        const last = Math.min(end, start + dayOffset);
        for (const days of [1, 7, 30, 90]) {
          const from = last - days + 1;
          expect(volumeIn(history, from, last)).toBe(naive.volume(from, last));
          expect(activeDaysIn(history, from, last)).toBe(naive.activeDays(from, last));
          expect(activeUsersIn(history, from, last)).toBe(naive.activeUsers(from, last).size);
          expect(eventCountIn(history, 'share', from, last)).toBe(
            naive.events.filter((each) => each.event === 'share' && each.day >= from && each.day <= last).length,
          );
          for (const meter of given.catalogue.meters)
            expect(meterSum(history, meter.id, from, last)).toBe(naive.meter(meter.id, from, last));
        }
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  it('lists the days of users, features, sessions, events and gated attempts as the raw events have them', () => {
    fc.assert(
      fc.property(account, (given) => {
        const naive = new NaiveHistory(given);
        const history = ledgerHistory(given);
        expect(history.hasUserIds).toBe(naive.events.some((each) => each.userId !== null));
        expect(history.firstEventDay).toBe(naive.daily(() => true)[0]?.[0]);
        expect(history.users.map((each) => each.userId).sort()).toEqual(naive.presentUsers());
        const isSession = (name: string) =>
          name === 'login' || (given.catalogue.logins.length === 0 && name.startsWith('session'));
        for (const each of history.users) {
          const days = (chosen: Parameters<NaiveHistory['daily']>[0]) => naive.dailyOfUser(each.userId, chosen);
          expect([...each.activeDays]).toEqual(
            days((event) => naive.featuresOf(event.event).length > 0).map(([day]) => day),
          );
          expect([...each.seenDays]).toEqual(days(() => true).map(([day]) => day));
          expect(pairs(each.sessions)).toEqual(days((event) => isSession(event.event)));
          for (const used of history.features) {
            expect(usesOf(history.users.indexOf(each), used)).toEqual(
              days((event) => naive.featuresOf(event.event).includes(used.featureId)),
            );
          }
        }
        expect(history.features.map((each) => each.featureId).sort()).toEqual(
          [...new Set(naive.events.flatMap((each) => naive.featuresOf(each.event)))].sort(),
        );
        for (const used of history.features) {
          const ofFeature = (event: { event: string }) => naive.featuresOf(event.event).includes(used.featureId);
          expect(pairs(used.use)).toEqual(naive.daily(ofFeature));
          const whoWhen = Array.from(
            used.useDay,
            (day, i) => `${day} ${used.useUser[i]! < 0 ? null : history.users[used.useUser[i]!]!.userId}`,
          );
          const expected = naive.events
            .filter(ofFeature)
            .filter(
              (event) =>
                event.userId === null || event.day < (given.userEnds.get(event.userId) ?? Number.POSITIVE_INFINITY),
            )
            .map((event) => `${event.day} ${event.userId}`);
          expect(whoWhen.sort()).toEqual([...new Set(expected)].sort());
        }
        for (const [name, counts] of history.events)
          expect(pairs(counts)).toEqual(naive.daily((event) => event.event === name));
        expect([...history.events.keys()].sort()).toEqual([...new Set(naive.events.map((each) => each.event))].sort());
        const gates = given.catalogue.featuresDefaulted ? [] : naive.events.filter((each) => each.event === 'blocked');
        expect([...history.gatedAttempts.keys()].sort()).toEqual(
          [...new Set(gates.map((each) => (each.properties?.feature as string) ?? ''))].sort(),
        );
        for (const [label, counts] of history.gatedAttempts)
          expect(pairs(counts)).toEqual(
            naive.daily((event) => event.event === 'blocked' && (event.properties?.feature ?? '') === label),
          );
        const flows = given.catalogue.featuresDefaulted
          ? []
          : naive.events.filter(
              (each) => each.event === 'flow' && ((each.properties?.products as string[]) ?? []).length > 1,
            );
        const cross = new Set(
          flows.map((each) => `${each.day} ${(each.properties!.products as string[]).toSorted().join()}`),
        );
        expect(history.crossProductDays.map((each) => `${each.day} ${each.products.join()}`).sort()).toEqual(
          [...cross].sort(),
        );
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  it('is the same whatever the order and the batches of arrival', () => {
    fc.assert(
      fc.property(account, fc.integer({ min: 1, max: 9 }), (given, batch) => {
        expect(ledgerHistory({ ...given, events: given.events.toReversed() }, batch)).toEqual(ledgerHistory(given));
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  it('gives the same answers for a window ending on D whatever happens after D', () => {
    fc.assert(
      fc.property(account, fc.integer({ min: 0, max: DAYS }), (given, offset) => {
        const lastDay = Math.min(given.end, Math.max(given.start, START + offset));
        const until = { ...given, events: given.events.filter((each) => given.clock.dayOf(each.timestamp) <= lastDay) };
        expect(answers(ledgerHistory(given), lastDay)).toEqual(answers(ledgerHistory(until), lastDay));
      }),
      { seed: 6, numRuns: 150 },
    );
  });

  it('only grows as more becomes known, and changes at midnights and late points alone', () => {
    fc.assert(
      fc.property(account, fc.integer({ min: 1, max: 30 * 24 }), (given, hours) => {
        const later = { ...given, knownAt: given.knownAt + hours * HOUR };
        const before = ledgerHistory(given);
        const after = ledgerHistory(later);
        for (let i = 0; i < before.length; i++) expect(after.volume[i]!).toBeGreaterThanOrEqual(before.volume[i]!);
        const eventsIn = (history: AccountHistory, name: string) => eventCountIn(history, name, given.start, given.end);
        for (const name of before.events.keys())
          expect(eventsIn(after, name)).toBeGreaterThanOrEqual(eventsIn(before, name));
        const months = monthsOf(deduplicated(given.events), given);
        const points = latePoints(months, given.clock, given.knownAt, later.knownAt);
        const sameDay = given.clock.dayOf(given.knownAt) === given.clock.dayOf(later.knownAt);
        if (sameDay && points.length === 0) expect(after).toEqual(before);
        expect(points).toEqual(expectedPoints(given, later.knownAt));
      }),
      { seed: 7, numRuns: 150 },
    );
  });
});

function expectedPoints(given: Account, to: Instant): Instant[] {
  const late = deduplicated(given.events).filter(
    (each) => each.receivedAt > given.clock.instantOf(given.clock.dayOf(each.timestamp) + 1),
  );
  return [...new Set(late.map((each) => each.receivedAt))]
    .filter((each) => each > given.knownAt && each <= to)
    .sort((a, b) => a - b);
}

describe('one account by hand', () => {
  const noon = (day: Day) => day * 24 * HOUR + 12 * HOUR;
  const event = (day: Day, userId: string | null, name: string, receivedAt = noon(day)): LedgerEvent => ({
    timestamp: noon(day),
    receivedAt,
    userId,
    event: name,
  });
  const many = (count: number, one: LedgerEvent) => Array.from({ length: count }, () => one);
  const window = { start: START, end: START + 9 };

  it('counts at most 50 value events of a user and day over all features, and events without a user as one user', () => {
    const events = [
      ...many(40, event(START, 'ana', 'report')),
      ...many(40, event(START, 'ana', 'share')),
      ...many(80, event(START, null, 'report')),
      ...many(3, event(START, 'ben', 'login')),
    ];
    const history = historyOf(events, window);
    expect(history.volume[0]).toBe(100);
    expect(history.activeUsers[0]).toBe(1);
    expect(history.usersSeen[0]).toBe(2);
    expect(historyOf(events, { ...window, eventsPerUserDay: 10 }).volume[0]).toBe(20);
  });

  it('knows a day from the midnight that ends it, and a late event from its receipt', () => {
    const events = [event(START, 'ana', 'report'), event(START, 'ana', 'report', noon(START + 5))];
    const seenAt = (knownAt: Instant) => historyOf(events, { ...window, knownAt }).volume[0];
    const midnight = (START + 1) * 24 * HOUR;
    expect(seenAt(midnight - 1)).toBe(0);
    expect(seenAt(midnight)).toBe(1);
    expect(seenAt(noon(START + 5) - 1)).toBe(1);
    expect(seenAt(noon(START + 5))).toBe(2);
  });

  it('made for a replay, answers for any D as the history made on that day, until something late arrives', () => {
    const events = [
      event(START, 'ana', 'report'),
      event(START + 2, 'ben', 'share'),
      event(START + 3, 'ana', 'share'),
      event(START + 1, 'ana', 'report', noon(START + 6)),
    ];
    const late = noon(START + 6);
    for (let day = START; day < START + 9; day++) {
      const knownAt = (day + 1) * 24 * HOUR;
      const ahead = historyOf(events, { ...window, knownAt: knownAt < late ? START * 24 * HOUR : late, ahead: true });
      expect(answers(ahead, day)).toEqual(answers(historyOf(events, { ...window, knownAt }), day));
    }
  });

  it('drops a departed user from the users on the day of departure, and keeps what the account did', () => {
    const events = [event(START, 'ana', 'report'), event(START, 'ben', 'report'), event(START + 4, 'ana', 'report')];
    const history = historyOf(events, { ...window, userEnds: new Map([['ana', START + 3]]) });
    expect([...history.activeUsers30]).toEqual([2, 2, 2, 1, 1, 1, 1, 1, 1, 1]);
    expect([...history.usersSeen]).toEqual([2, 2, 2, 1, 1, 1, 1, 1, 1, 1]);
    expect(history.volume[4]).toBe(1);
    expect(history.activeUsers[4]).toBe(0);
    expect(history.users.find((each) => each.userId === 'ana')!.activeDays).toEqual([START]);
  });

  it('knows nothing of users where no event names one, or where only internal ones do', () => {
    const events = [event(START, null, 'report'), event(START, 'staff', 'report')];
    expect(historyOf(events, window).hasUserIds).toBe(true);
    const history = historyOf(events, { ...window, internalUsers: new Set(['staff']) });
    expect(history.hasUserIds).toBe(false);
    expect(history.volume[0]).toBe(1);
    expect(history.users).toEqual([]);
  });

  it('is empty and whole without any month, and for a window that ends before it starts', () => {
    expect(historyOf([], window).cumulativeVolume).toHaveLength(11);
    expect(historyOf([event(START, 'ana', 'report')], { start: START, end: START - 1 })).toMatchObject({
      length: 0,
      users: [],
      firstEventDay: undefined,
    });
  });
});
