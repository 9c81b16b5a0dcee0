import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeLedgerMonth } from '../src/core/history/codec.ts';
import { formatDay, zoneClock } from '../src/core/time/calendar.ts';
import type { Reject } from '../src/pipeline/import-records.ts';
import { contentOf, importInto, MEASURED, sourceOf, withStore } from './import-harness.ts';

const account = (accountId: string) => ({ accountId, name: accountId.toUpperCase(), createdAt: '2026-01-01' });
const event = (messageId: string, timestamp: string, more: object = {}) => ({
  messageId,
  accountId: 'a1',
  userId: 'u1',
  event: 'report_created',
  timestamp,
  ...more,
});

// [G4]
test('the summary counts accepted, duplicates and rejected by file', async () => {
  await withStore(async (store) => {
    const events = [
      event('m1', '2026-01-05'),
      event('m1', '2026-01-05'),
      event('m2', 'soon'),
      event('m3', '2026-01-06'),
    ];
    const rejects: Reject[] = [];
    const summary = await importInto(store, [sourceOf('accounts', [account('a1')]), sourceOf('events', events)], {
      onReject: (reject) => rejects.push(reject),
    });
    expect(summary).toEqual({
      dryRun: false,
      files: [
        { file: 'accounts.ndjson', kind: 'accounts', accepted: 1, duplicates: 0, rejected: 0 },
        { file: 'events.ndjson', kind: 'events', accepted: 2, duplicates: 1, rejected: 1 },
      ],
      accepted: 3,
      duplicates: 1,
      rejected: 1,
      orphanAccounts: { count: 0, examples: [] },
    });
    expect(rejects).toMatchObject([{ file: 'events.ndjson', line: 3, field: 'timestamp', code: 'bad_time', more: [] }]);
  });
});

// [G3]
test('importing the same records twice changes nothing', async () => {
  await withStore(async (store) => {
    const sources = [
      sourceOf('accounts', [account('a1')]),
      sourceOf('events', [event('m1', '2026-01-05'), event('m2', '2026-02-05')]),
      sourceOf('notes', [{ noteId: 'n1', accountId: 'a1', at: '2026-01-07', tags: 'referral', x: 1, b: 2 }]),
    ];
    await importInto(store, sources);
    const before = [await contentOf(store), await store.listStatuses()];
    const again = await importInto(store, sources);
    expect(again).toMatchObject({ accepted: 0, duplicates: 4 });
    expect([await contentOf(store), await store.listStatuses()]).toEqual(before);
  });
});

test('records of an account that is not known are kept, reported, and joined when it arrives', async () => {
  await withStore(async (store) => {
    const first = await importInto(store, [sourceOf('events', [event('m1', '2026-01-05')])]);
    expect(first.orphanAccounts).toEqual({ count: 1, examples: ['a1'] });
    expect(await store.listStatuses()).toMatchObject([{ accountId: 'a1', hasAccount: false }]);
    const second = await importInto(store, [sourceOf('accounts', [account('a1')])]);
    expect(second.orphanAccounts.count).toBe(0);
    expect(await store.listStatuses()).toMatchObject([{ accountId: 'a1', hasAccount: true }]);
    expect((await contentOf(store)).ledger).toHaveLength(1);
  });
});

test('an event known earlier than first told moves in the ledger, and is not counted twice', async () => {
  await withStore(async (store) => {
    const late = event('m1', '2026-01-05', { receivedAt: '2026-02-10' });
    const told = event('m1', '2026-01-05', { receivedAt: '2026-01-20' });
    await importInto(store, [sourceOf('events', [late, event('m2', '2026-01-05')])]);
    const summary = await importInto(store, [sourceOf('events', [told, late])]);
    expect(summary).toMatchObject({ accepted: 0, duplicates: 2 });
    const [bundle] = await store.readBundles(['a1'], 0);
    const { cells } = decodeLedgerMonth(bundle!.ledger[0]!.month, bundle!.ledger[0]!.cells);
    const lateDays = cells.map((cell) => cell.lateMs / 86_400_000);
    expect(lateDays.sort((a, b) => a - b)).toEqual([0, 14]);
    expect((await store.readEvents('a1', 0, 1e14)).map((row) => formatDay(row.receivedAt / 86_400_000))).toEqual([
      '2026-01-20',
      '2026-01-05',
    ]);
  });
});

test('a message id that comes again with another timestamp stays where it was first', async () => {
  await withStore(async (store) => {
    await importInto(store, [sourceOf('events', [event('m1', '2026-03-05', { receivedAt: '2026-03-20' })])]);
    await importInto(store, [sourceOf('events', [event('m1', '2026-01-05', { receivedAt: '2026-03-10' })])]);
    const [bundle] = await store.readBundles(['a1'], 0);
    const cells = bundle!.ledger.flatMap((row) => decodeLedgerMonth(row.month, row.cells).cells);
    expect(cells.map((cell) => [formatDay(cell.day), cell.count, cell.lateMs / 86_400_000])).toEqual([
      ['2026-03-05', 1, 4],
    ]);
  });
});

test('an empty file makes its kind an imported one, a file of rejects does not', async () => {
  await withStore(async (store) => {
    await importInto(store, [sourceOf('tickets', []), sourceOf('notes', [{ noteId: 'n1' }])]);
    expect(await store.importedKinds()).toEqual(['tickets']);
  });
});

test('coverage is of the days on which records happened, undated contacts aside', async () => {
  await withStore(async (store) => {
    await importInto(store, [
      sourceOf('contacts', [{ contactId: 'c1', accountId: 'a1' }]),
      sourceOf('tickets', [{ ticketId: 't1', accountId: 'a1', openedAt: '2026-01-03' }]),
      sourceOf('events', [event('m1', '2026-01-05T10:00:00Z', { receivedAt: '2026-01-08' })]),
    ]);
    const coverage = (await store.readCoverage()).map(({ day, ...known }) => ({ day: formatDay(day), ...known }));
    expect(coverage).toEqual([
      { day: '2026-01-03', eventsKnownAt: null, recordsKnownAt: Date.parse('2026-01-03') },
      { day: '2026-01-05', eventsKnownAt: Date.parse('2026-01-08'), recordsKnownAt: Date.parse('2026-01-08') },
    ]);
  });
});

test('a dry run counts and names orphans without writing, also where there is no store', async () => {
  const sources = [
    sourceOf('accounts', [account('a1')]),
    sourceOf('events', [event('m1', '2026-01-05'), event('m2', '2026-01-05', { accountId: 'b' })]),
  ];
  const dry = await importInto(undefined, sources, { dryRun: true });
  expect(dry).toMatchObject({ accepted: 3, duplicates: null, orphanAccounts: { count: 1, examples: ['b'] } });
  await withStore(async (store) => {
    const before = await contentOf(store);
    await importInto(store, sources, { dryRun: true });
    expect(await contentOf(store)).toEqual(before);
    await importInto(store, [sourceOf('accounts', [account('b')])]);
    expect((await importInto(store, sources, { dryRun: true })).orphanAccounts.count).toBe(0);
  });
});

test('another zone means other days, and the first import fixes which one', async () => {
  await withStore(async (store) => {
    const context = { clock: zoneClock('Pacific/Auckland'), currency: 'USD' };
    await importInto(store, [sourceOf('events', [event('m1', '2026-01-05T20:00:00Z')])], { context });
    expect((await store.readCoverage()).map(({ day }) => formatDay(day))).toEqual(['2026-01-06']);
    expect(await store.getMeta('timeZone')).toBe('Pacific/Auckland');
  });
});

test('a catalogue that measures something else has the ledger counted anew', async () => {
  const calls = [event('m1', '2026-01-05', { event: 'api_call', properties: { amount: 5, bytes: 70 } })];
  const measured = { ...MEASURED, sums: new Map([['api_call', ['bytes']]]), hash: 'other' };
  const fresh = await withStore(async (store) => {
    await importInto(store, [sourceOf('events', calls)], { measured });
    return contentOf(store);
  });
  await withStore(async (store) => {
    await importInto(store, [sourceOf('events', calls)]);
    expect(await contentOf(store)).not.toEqual(fresh);
    await importInto(store, [], { measured });
    expect(await contentOf(store)).toEqual(fresh);
  });
});

const ACCOUNT_IDS = ['a1', 'a2', '__proto__', 'ü'];
const day = fc.integer({ min: 1, max: 70 }).map((n) => new Date(Date.UTC(2026, 0, n, n % 24)).toISOString());

/** Each record once, with every receipt it was told with. */
const told = fc.uniqueArray(
  fc.record({
    messageId: fc.integer({ min: 0, max: 30 }).map((n) => `m${n}`),
    accountId: fc.constantFrom(...ACCOUNT_IDS),
    userId: fc.constantFrom('u1', 'u2', null),
    event: fc.constantFrom('login', 'api_call', 'feature_blocked', 'report_created'),
    timestamp: day,
    properties: fc.record({
      amount: fc.double({ min: -10, max: 1e6, noNaN: true }),
      feature: fc.constantFrom('x', '__proto_', 'y'),
    }),
    receipts: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 3 }),
  }),
  { selector: ({ accountId, messageId }) => `${accountId} ${messageId}`, minLength: 1, maxLength: 40 },
);

// [G2]
test('whatever the order, the repeats and the split into files, a store holds the same', async () => {
  const scenario = told.chain((records) => {
    const events = records.flatMap(({ receipts, ...record }) =>
      receipts.map((days) => ({
        ...record,
        receivedAt: new Date(Date.parse(record.timestamp) + days * 86_400_000).toISOString(),
      })),
    );
    const entities = [
      ...ACCOUNT_IDS.slice(0, 2).map((accountId) => ({ kind: 'accounts' as const, raw: account(accountId) })),
      ...records.map(({ accountId, messageId, timestamp }) => ({
        kind: 'notes' as const,
        raw: { noteId: messageId, accountId, at: timestamp, text: 'note' },
      })),
    ];
    const items = [...events.map((raw) => ({ kind: 'events' as const, raw })), ...entities];
    const shuffled = fc.shuffledSubarray([...items, ...items], { minLength: 2 * items.length });
    return fc.record({ items: fc.constant(items), shuffled, parts: fc.integer({ min: 1, max: 6 }) });
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ items, shuffled, parts }) => {
      const filesOf = (list: typeof items) => list.map(({ kind, raw }) => ({ kind, raw }));
      const inOrder = await withStore(async (store) => {
        for (const kind of ['accounts', 'notes', 'events'] as const) {
          await importInto(store, [
            sourceOf(
              kind,
              items.filter((item) => item.kind === kind).map((item) => item.raw),
            ),
          ]);
        }
        return contentOf(store);
      });
      const mixed = await withStore(async (store) => {
        const size = Math.ceil(shuffled.length / parts);
        for (let at = 0; at < shuffled.length; at += size) {
          const part = filesOf(shuffled.slice(at, at + size));
          const sources = [...Map.groupBy(part, (item) => item.kind)].map(([kind, list]) =>
            sourceOf(
              kind,
              list.map((item) => item.raw),
            ),
          );
          await importInto(store, sources);
        }
        return contentOf(store);
      });
      expect(mixed).toEqual(inOrder);
    }),
    { numRuns: 25 },
  );
});
