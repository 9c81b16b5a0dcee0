/** What every store promises, whatever database is behind it. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InterventionState } from '../src/core/decision/inputs.ts';
import type { SoonForgotten } from '../src/core/decision/remembered.ts';
import type { EventRecord } from '../src/core/records/record.ts';
import type {
  ArtefactRow,
  ContactLogRow,
  DecisionRow,
  EntityRow,
  EntityVersion,
  EvaluationWrite,
  FollowUpWrite,
  HandoffRow,
  InterventionRow,
  OutcomeRow,
  PlanRow,
  Store,
} from '../src/pipeline/ports.ts';

export interface OpenedStore {
  store: Store;
  /** Another store on the same database, as a second process would have it. */
  reopen(): Promise<Store>;
  /** Closes what `open` and `reopen` opened, and removes the database. */
  destroy(): Promise<void>;
}

const event = (over: Partial<EventRecord> = {}): EventRecord => ({
  messageId: 'm1',
  accountId: 'acme',
  userId: 'u1',
  event: 'report_created',
  timestamp: 1_000,
  receivedAt: 5_000,
  ...over,
});

const entity = (over: Partial<EntityRow> = {}): EntityRow => ({
  accountId: 'acme',
  kind: 'contacts',
  id: 'c1',
  effectiveAt: 1_000,
  receivedAt: 1_000,
  hash: 'h1',
  body: '{"name":"Ann"}',
  ...over,
});

const versionOf = ({ hash: _, ...version }: EntityRow): EntityVersion => version;

const intervention = (over: Partial<InterventionRow> = {}): InterventionRow => ({
  accountId: 'acme',
  interventionId: 'i1',
  ruleId: 'rule',
  skill: 'feature_adoption_nudge',
  stage: 'adoption',
  priority: 'high',
  state: 'proposed',
  customerFacing: true,
  capped: false,
  day: 100,
  updatedDay: 100,
  detail: '{}',
  ...over,
});

const decision = (over: Partial<DecisionRow> = {}): DecisionRow => ({
  accountId: 'acme',
  decisionId: 'd1',
  asOf: 9_000,
  policyHash: 'p',
  catalogueHash: 'c',
  body: '{"stage":"adoption"}',
  inputs: '{"facts":[]}',
  ...over,
});

const evaluation = (over: Partial<EvaluationWrite> = {}): EvaluationWrite => ({
  accountId: 'acme',
  expectedJourneyRevision: 0,
  journey: { accountId: 'acme', state: '{"stage":"trial"}' },
  tickedThrough: 100,
  tickRuns: [{ accountId: 'acme', firstDay: 100, ticks: '[1]' }],
  interventions: [],
  decision: decision(),
  decidedRevision: 1,
  decidedContext: 'ctx',
  nextChangeAt: null,
  ...over,
});

export function storeContract(name: string, open: () => Promise<OpenedStore>): void {
  describe(`${name} keeps the store contract`, () => {
    let opened: OpenedStore;
    let store: Store;

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.destroy());

    const touch = (accountId: string, earliestDay = 1, hasAccount = true) =>
      store.write((session) => session.touchAccounts([{ accountId, earliestDay, hasAccount }]));
    const record = (write: EvaluationWrite) => store.write((session) => session.recordEvaluations([write]));
    const status = async (accountId: string) => (await store.listStatuses({ ids: [accountId] }))[0]!;
    const insertEvents = (events: EventRecord[]) => store.write((session) => session.insertEvents(events));
    const insertEntities = (rows: EntityRow[]) => store.write((session) => session.insertEntities(rows));
    const bundle = async (accountId: string, since = 0) => (await store.readBundles([accountId], since))[0]!;

    describe('a write session', () => {
      it('undoes everything when the work throws, and throws the same error', async () => {
        const failure = new Error('stop');
        const writing = store.write(async (session) => {
          await session.insertEvents([event()]);
          await session.insertEntities([entity()]);
          await session.setMeta('key', 'value');
          await session.touchAccounts([{ accountId: 'acme', earliestDay: 1, hasAccount: true }]);
          throw failure;
        });
        await expect(writing).rejects.toBe(failure);
        expect(await store.countRows()).toEqual({
          accounts: 0,
          orphanAccounts: 0,
          events: 0,
          entities: 0,
          decisions: 0,
        });
        expect(await store.getMeta('key')).toBeUndefined();
        await store.write((session) => session.setMeta('key', 'later'));
        expect(await store.getMeta('key')).toBe('later');
      });

      it('undoes everything when a method failed, even when the work went on', async () => {
        const writing = store.write(async (session) => {
          await session.setMeta('key', 'value');
          await session.insertEvents([event({ event: null as unknown as string })]).catch(() => undefined);
        });
        await expect(writing).rejects.toThrow();
        expect(await store.getMeta('key')).toBeUndefined();
      });

      it('shows nothing to readers before it commits, and everything after', async () => {
        const other = await opened.reopen();
        await store.write(async (session) => {
          await session.setMeta('key', 'value');
          expect(await store.getMeta('key')).toBeUndefined();
          expect(await other.getMeta('key')).toBeUndefined();
        });
        expect(await store.getMeta('key')).toBe('value');
        expect(await other.getMeta('key')).toBe('value');
      });

      it('reads what it wrote itself', async () => {
        await store.write(async (session) => {
          await session.insertEvents([event()]);
          await session.writeLedger([{ accountId: 'acme', month: 3, cells: Uint8Array.of(1, 2) }]);
          expect(await session.readEvents('acme', 0, 2_000)).toEqual([event()]);
          const keys = [
            { accountId: 'acme', month: 3 },
            { accountId: 'acme', month: 4 },
          ];
          expect(await session.readLedger(keys)).toEqual([{ accountId: 'acme', month: 3, cells: Uint8Array.of(1, 2) }]);
        });
      });

      it('waits for the one before it', async () => {
        const order: string[] = [];
        const write = (label: string) =>
          store.write(async (session) => {
            order.push(`${label} begins`);
            await session.setMeta('key', label);
            await new Promise((resolve) => setImmediate(resolve));
            order.push(`${label} ends`);
          });
        await Promise.all([write('a'), write('b')]);
        expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
      });

      it('waits for that of another process', async () => {
        const other = await opened.reopen();
        const add = (through: Store) =>
          through.write(async (session) => {
            await new Promise((resolve) => setImmediate(resolve));
            await session.touchAccounts([{ accountId: 'acme', earliestDay: 1, hasAccount: true }]);
          });
        await Promise.all(Array.from({ length: 20 }, (_, i) => add(i % 2 ? store : other)));
        expect((await status('acme')).revision).toBe(20);
      });

      it('cannot be used after its transaction', async () => {
        const session = await store.write(async (open) => open);
        await expect(session.setMeta('key', 'value')).rejects.toThrow();
        expect(await store.getMeta('key')).toBeUndefined();
      });
    });

    describe('events', () => {
      it('are kept once per account and message id, the first content standing', async () => {
        expect(await insertEvents([event(), event({ event: 'other' }), event({ accountId: 'b' })])).toEqual({
          inserted: [0, 2],
          earlier: [],
        });
        expect(await insertEvents([event({ messageId: 'm2' }), event()])).toEqual({ inserted: [0], earlier: [] });
        expect(await store.readEvents('acme', 0, 2_000)).toEqual([event(), event({ messageId: 'm2' })]);
        expect((await store.countRows()).events).toBe(3);
      });

      it('take the earliest receipt of a duplicate and report it', async () => {
        await insertEvents([event({ receivedAt: 5_000 }), event({ messageId: 'm2', receivedAt: 5_000 })]);
        const again = await insertEvents([
          event({ messageId: 'm2', receivedAt: 6_000 }),
          event({ receivedAt: 4_000 }),
          event({ receivedAt: 4_000 }),
        ]);
        expect(again).toEqual({ inserted: [], earlier: [1] });
        expect((await store.readEvents('acme', 0, 2_000)).map((e) => e.receivedAt)).toEqual([4_000, 5_000]);
      });

      it('give the indexes of what is new in the order given, whatever the accounts', async () => {
        const events = ['z', 'a', 'm', 'a', 'z'].map((accountId, i) => event({ accountId, messageId: `m${i}` }));
        expect((await insertEvents(events)).inserted).toEqual([0, 1, 2, 3, 4]);
        expect((await insertEvents([...events, event({ accountId: 'a', messageId: 'new' })])).inserted).toEqual([5]);
      });

      it('are read in [from, to) by timestamp, then message id, one account only', async () => {
        await insertEvents([
          event({ messageId: 'c', timestamp: 30 }),
          event({ messageId: 'b', timestamp: 10 }),
          event({ messageId: 'a', timestamp: 10 }),
          event({ messageId: 'd', timestamp: 40 }),
          event({ messageId: 'e', timestamp: 9 }),
          event({ messageId: 'x', timestamp: 20, accountId: 'other' }),
        ]);
        expect((await store.readEvents('acme', 10, 40)).map((e) => e.messageId)).toEqual(['a', 'b', 'c']);
        expect(await store.readEvents('nobody', 0, 100)).toEqual([]);
      });

      it('come back as they were: no user, properties, years 1 and 9999', async () => {
        const events = [
          event({ messageId: 'a', userId: null, timestamp: Date.parse('0001-01-01T00:00:00Z') }),
          event({ messageId: 'b', properties: { nested: { list: [1, 2.5, null, 'x'] }, flag: true } }),
          event({ messageId: 'c', timestamp: Date.UTC(9999, 11, 31), receivedAt: Date.UTC(9999, 11, 31) }),
        ];
        await insertEvents(events);
        expect(await store.readEvents('acme', -1e15, 1e15)).toEqual(events);
      });
    });

    describe('entities', () => {
      it('are versions: the same content once, other content or another time anew', async () => {
        const rows = [
          entity(),
          entity(),
          entity({ hash: 'h2', body: '{"name":"Bea"}' }),
          entity({ effectiveAt: 2_000 }),
          entity({ kind: 'notes' }),
          entity({ accountId: 'b' }),
        ];
        expect(await insertEntities(rows)).toEqual([0, 2, 3, 4, 5]);
        expect(await insertEntities(rows)).toEqual([]);
        expect((await store.countRows()).entities).toBe(5);
      });

      it('are sorted by effectiveAt, then receivedAt, then arrival', async () => {
        await touch('acme');
        await insertEntities([entity({ id: 'z', effectiveAt: 5, receivedAt: 9, hash: 'a' })]);
        await insertEntities([
          entity({ id: 'y', effectiveAt: 5, receivedAt: 9, hash: 'b' }),
          entity({ id: 'x', effectiveAt: 5, receivedAt: 9, hash: 'c', kind: 'accounts' }),
          entity({ id: 'w', effectiveAt: 5, receivedAt: 8 }),
          entity({ id: 'v', effectiveAt: 4, receivedAt: 99 }),
        ]);
        await touch('b');
        await insertEntities([entity({ accountId: 'b', id: 'u', effectiveAt: 1 })]);
        expect((await bundle('acme')).entities.map((row) => row.id)).toEqual(['v', 'w', 'z', 'y', 'x']);
        const both = await store.readBundles(['b', 'acme'], 0);
        expect(both.map(({ entities }) => entities.map((row) => row.id))).toEqual([['v', 'w', 'z', 'y', 'x'], ['u']]);
      });

      it('take the earliest receipt of the same content', async () => {
        await touch('acme');
        await insertEntities([entity({ receivedAt: 900 })]);
        await insertEntities([entity({ receivedAt: 100 }), entity({ receivedAt: 500 })]);
        expect((await bundle('acme')).entities).toEqual([versionOf(entity({ receivedAt: 100 }))]);
      });
    });

    it('the ledger keeps the last cells written for an account and month, in order of months', async () => {
      await touch('acme');
      const row = (month: number, ...cells: number[]) => ({ accountId: 'acme', month, cells: Uint8Array.from(cells) });
      await store.write((session) => session.writeLedger([row(12, 1), row(-3, 2), row(7)]));
      await store.write((session) => session.writeLedger([row(12, 0, 255)]));
      expect((await bundle('acme')).ledger).toEqual([row(-3, 2), row(7), row(12, 0, 255)]);
    });

    describe('the workspace', () => {
      it('merges coverage: the earliest knowledge of each day stands', async () => {
        await store.write((session) =>
          session.noteCoverage([
            { day: 3, eventsKnownAt: null, recordsKnownAt: 50 },
            { day: 2, eventsKnownAt: 30, recordsKnownAt: 30 },
            { day: -1, eventsKnownAt: null, recordsKnownAt: 5 },
          ]),
        );
        await store.write((session) =>
          session.noteCoverage([
            { day: 3, eventsKnownAt: 70, recordsKnownAt: 70 },
            { day: 2, eventsKnownAt: 20, recordsKnownAt: 40 },
            { day: 2, eventsKnownAt: null, recordsKnownAt: 10 },
          ]),
        );
        expect(await store.readCoverage()).toEqual([
          { day: -1, eventsKnownAt: null, recordsKnownAt: 5 },
          { day: 2, eventsKnownAt: 20, recordsKnownAt: 10 },
          { day: 3, eventsKnownAt: 70, recordsKnownAt: 50 },
        ]);
      });

      it('knows kinds, event names, settings and documents', async () => {
        await store.write(async (session) => {
          await session.noteKind('tickets');
          await session.noteKind('accounts');
          await session.noteKind('tickets');
          await session.noteEventNames(['login', 'b', 'login']);
          await session.setMeta('timeZone', 'UTC');
          await session.setMeta('timeZone', 'Europe/Vienna');
          await session.keepDocument('hash', 'policy', 'rules: []');
          await session.keepDocument('hash', 'policy', 'rules: []');
        });
        expect(await store.importedKinds()).toEqual(['accounts', 'tickets']);
        expect(await store.eventNames()).toEqual(['b', 'login']);
        expect(await store.getMeta('timeZone')).toBe('Europe/Vienna');
        expect(await store.getMeta('nothing')).toBeUndefined();
        expect(await store.readDocument('hash')).toEqual({ kind: 'policy', text: 'rules: []' });
        expect(await store.readDocument('nothing')).toBeUndefined();
      });

      it('keeps the audit in order, for an account or for all', async () => {
        const row = (accountId: string | null, reason: string) => ({
          at: 1,
          actor: 'ann',
          accountId,
          action: 'move',
          before: '{}',
          after: '{"a":1}',
          reason,
        });
        const rows = [row('b', '1'), row(null, '2'), row('a', '3')];
        for (const each of rows) await store.write((session) => session.appendAudit(each));
        expect(await store.readAudit()).toEqual(rows);
        expect(await store.readAudit('a')).toEqual([rows[2]]);
      });

      it('gives the latest profile of each account with an account record, page by page', async () => {
        const row = (accountId: string, revision: number) => ({
          accountId,
          revision,
          catalogueHash: `c${revision}`,
          data: `{"r":${revision}}`,
        });
        const touched = ['c', 'b', 'a', 'orphan'].map((accountId) => ({
          accountId,
          earliestDay: 3,
          hasAccount: accountId !== 'orphan',
        }));
        await store.write((session) => session.touchAccounts(touched));
        await store.write((session) => session.writeProfiles([row('b', 1), row('a', 1), row('orphan', 1)]));
        await store.write((session) => session.writeProfiles([row('b', 2)]));
        const state = (accountId: string, revision: number | null) => ({
          accountId,
          revision: 1,
          lateSince: null,
          profile: revision && { revision, catalogueHash: `c${revision}`, data: `{"r":${revision}}` },
        });
        expect(await store.readProfiles({ after: '', limit: 2 })).toEqual([state('a', 1), state('b', 2)]);
        expect(await store.readProfiles({ after: 'b', limit: 2 })).toEqual([state('c', null)]);
        expect(await store.readProfiles({ after: 'c', limit: 2 })).toEqual([]);
      });

      it('says that it is sound and which schema it has', async () => {
        expect(await store.checkIntegrity()).toEqual([]);
        expect(await store.schemaVersion()).toBeGreaterThanOrEqual(1);
      });
    });

    describe('statuses', () => {
      it('begin with nothing decided', async () => {
        await touch('acme', 5, false);
        expect(await status('acme')).toEqual({
          accountId: 'acme',
          hasAccount: false,
          revision: 1,
          tickedThrough: null,
          journeyRevision: 0,
          decidedRevision: null,
          decidedContext: null,
          decidedAt: null,
          nextChangeAt: null,
          lateSince: null,
        });
        expect(await store.countRows()).toMatchObject({ accounts: 0, orphanAccounts: 1 });
      });

      it('rise with every touch, and an account that arrived stays', async () => {
        await touch('acme', 5, false);
        await touch('acme', 5, true);
        await touch('acme', 5, false);
        expect(await status('acme')).toMatchObject({ revision: 3, hasAccount: true });
        expect(await store.countRows()).toMatchObject({ accounts: 1, orphanAccounts: 0 });
      });

      it('are counted where a day is not ticked yet; orphans have no days', async () => {
        for (const id of ['never', 'behind', 'acme']) await touch(id);
        await touch('orphan', 5, false);
        await record(evaluation({ accountId: 'behind', tickedThrough: 99 }));
        await record(evaluation({ accountId: 'acme', tickedThrough: 100 }));
        const days = [99, 100, 101];
        expect(await Promise.all(days.map((day) => store.countUnticked(day)))).toEqual([1, 2, 3]);
      });

      it('page in the byte order of ids', async () => {
        const ids = ['b', 'a', '\u{1F600}', '\uFF5E', 'B', 'ä', 'aa'];
        for (const id of ids) await touch(id);
        const inOrder = ['B', 'a', 'aa', 'b', 'ä', '\uFF5E', '\u{1F600}'];
        const idsOf = async (options: Parameters<Store['listStatuses']>[0]) =>
          (await store.listStatuses(options)).map((row) => row.accountId);
        expect(await idsOf({})).toEqual(inOrder);
        expect(await idsOf({ limit: 3 })).toEqual(inOrder.slice(0, 3));
        expect(await idsOf({ after: 'aa', limit: 2 })).toEqual(['b', 'ä']);
        expect(await idsOf({ after: '\u{1F600}' })).toEqual([]);
        expect(await idsOf({ ids: ['b', 'nobody', 'B', 'b'] })).toEqual(['B', 'b']);
        expect(await idsOf({ ids: ['b', 'B'], after: 'B', limit: 1 })).toEqual(['b']);
        expect(await idsOf({ ids: [] })).toEqual([]);
        expect(await idsOf({ limit: 0 })).toEqual([]);
      });
    });

    describe('late records', () => {
      beforeEach(async () => {
        await touch('acme', 5);
        await record(evaluation({ tickedThrough: 100, decidedRevision: 1 }));
      });

      it('mark the earliest day that had been ticked', async () => {
        await touch('acme', 100);
        expect((await status('acme')).lateSince).toBeNull();
        await touch('acme', 99);
        expect((await status('acme')).lateSince).toBe(99);
        await touch('acme', 42);
        await touch('acme', 60);
        await touch('acme', 200);
        expect((await status('acme')).lateSince).toBe(42);
      });

      it('are settled by the evaluation that saw them', async () => {
        await touch('acme', 42);
        await record(evaluation({ expectedJourneyRevision: 1, decidedRevision: 2 }));
        expect(await status('acme')).toMatchObject({ lateSince: null, decidedRevision: 2, journeyRevision: 2 });
      });

      it('stay marked when they arrived while the evaluation was at work', async () => {
        await touch('acme', 42); // revision 2, which the evaluation below read
        await touch('acme', 60); // revision 3, which it did not
        await record(evaluation({ expectedJourneyRevision: 1, decidedRevision: 2 }));
        expect((await status('acme')).lateSince).toBe(42);
        await record(evaluation({ expectedJourneyRevision: 2, decidedRevision: 3 }));
        expect((await status('acme')).lateSince).toBeNull();
      });

      it('are found when the evaluation ticked their day without having seen them', async () => {
        await touch('acme', 105); // not ticked yet, so not late yet
        expect((await status('acme')).lateSince).toBeNull();
        await record(evaluation({ expectedJourneyRevision: 1, decidedRevision: 1, tickedThrough: 110 }));
        expect((await status('acme')).lateSince).toBe(105);
      });
    });

    describe('evaluations', () => {
      it('are recorded whole', async () => {
        await touch('acme');
        const write = evaluation({ interventions: [intervention()], nextChangeAt: 77 });
        expect(await record(write)).toEqual([]);
        expect(await bundle('acme')).toEqual({
          status: {
            accountId: 'acme',
            hasAccount: true,
            revision: 1,
            tickedThrough: 100,
            journeyRevision: 1,
            decidedRevision: 1,
            decidedContext: 'ctx',
            decidedAt: 9_000,
            nextChangeAt: 77,
            lateSince: null,
          },
          entities: [],
          ledger: [],
          journey: { accountId: 'acme', state: '{"stage":"trial"}' },
          interventions: [intervention()],
          past: [],
          outcomes: [],
          handoffs: [],
        });
        expect(await store.readTicks('acme', 0, 200)).toEqual(write.tickRuns);
        expect(await store.readDecision('acme')).toEqual(decision());
      });

      it('are refused whole when another one came first, and the others of the batch are written', async () => {
        const other = await opened.reopen();
        for (const id of ['acme', 'b', 'c']) await touch(id);
        const of = (accountId: string, state: string) =>
          evaluation({ accountId, journey: { accountId, state }, decision: decision({ accountId, body: state }) });
        await other.write((session) => session.recordEvaluations([of('b', 'theirs')]));
        const lost = await store.write((session) =>
          session.recordEvaluations([of('acme', 'ours'), of('b', 'ours'), of('c', 'ours'), of('unknown', 'ours')]),
        );
        expect(lost).toEqual(['b', 'unknown']);
        const bundles = await store.readBundles(['acme', 'b', 'c', 'unknown'], 0);
        expect(bundles.map((each) => each.journey?.state)).toEqual(['ours', 'theirs', 'ours']);
        expect((await store.readDecisions(['acme', 'b', 'c'])).map((row) => row.body)).toEqual([
          'ours',
          'theirs',
          'ours',
        ]);
        expect(await store.readTicks('unknown', 0, 200)).toEqual([]);
      });

      // [G10]
      it('exactly one of two at once wins', async () => {
        const other = await opened.reopen();
        await touch('acme');
        const lost = await Promise.all(
          Array.from({ length: 10 }, (_, i) =>
            (i % 2 ? store : other).write((session) => session.recordEvaluations([evaluation()])),
          ),
        );
        expect(lost.filter((ids) => ids.length === 0)).toHaveLength(1);
        expect((await status('acme')).journeyRevision).toBe(1);
      });

      it('without a decision leave the last one standing', async () => {
        await touch('acme');
        await record(evaluation());
        await record(
          evaluation({ expectedJourneyRevision: 1, decision: null, decidedContext: '', tickedThrough: 101 }),
        );
        expect(await status('acme')).toMatchObject({
          tickedThrough: 101,
          decidedAt: 9_000,
          decidedContext: '',
        });
        expect((await store.readDecision('acme'))?.decisionId).toBe('d1');
      });

      it('replace a run of ticks that begins on the same day, and read runs by their first day', async () => {
        await touch('acme');
        const run = (firstDay: number, ticks: string) => ({ accountId: 'acme', firstDay, ticks });
        await record(evaluation({ tickRuns: [run(10, '[1]'), run(5, '[0]'), run(30, '[3]')] }));
        await record(evaluation({ expectedJourneyRevision: 1, tickRuns: [run(10, '[1,2]')] }));
        expect(await store.readTicks('acme', 5, 10)).toEqual([run(5, '[0]'), run(10, '[1,2]')]);
        expect(await store.readTicks('acme', 11, 30)).toEqual([run(30, '[3]')]);
        expect(await store.readTicks('b', 0, 100)).toEqual([]);
      });
    });

    describe('interventions', () => {
      const settle = async (first: InterventionState, then: InterventionState) => {
        await touch('acme');
        await record(evaluation({ interventions: [intervention({ state: first, detail: 'first' })] }));
        const second = intervention({ state: then, updatedDay: 101, detail: 'second', day: 101, ruleId: 'else' });
        await record(evaluation({ expectedJourneyRevision: 1, interventions: [second] }));
        return store.readInterventions('acme');
      };

      it.each([
        ['proposed', 'held'],
        ['held', 'proposed'],
        ['proposed', 'expired'],
        ['approved', 'held'],
        ['expired', 'expired'],
      ] as const)('that are %s become %s in place', async (first, then) => {
        expect(await settle(first, then)).toEqual([intervention({ state: then, updatedDay: 101, detail: 'second' })]);
      });

      it.each([
        ['dismissed', 'proposed'],
        ['completed', 'expired'],
        ['dispatched', 'held'],
        ['delivered', 'proposed'],
        ['failed', 'proposed'],
        ['approved', 'proposed'],
      ] as const)('that a person or the dispatcher made %s are not set to %s', async (first, then) => {
        expect(await settle(first, then)).toEqual([intervention({ state: first, detail: 'first' })]);
      });

      it('come with a bundle when open or changed since the day asked for, oldest first', async () => {
        await touch('acme');
        const rows = [
          intervention({ interventionId: 'e', day: 90, updatedDay: 90, state: 'expired' }),
          intervention({ interventionId: 'd', day: 50, updatedDay: 50, state: 'delivered' }),
          intervention({ interventionId: 'c', day: 20, updatedDay: 80, state: 'completed' }),
          intervention({ interventionId: 'b', day: 10, updatedDay: 10, state: 'held' }),
          intervention({ interventionId: 'a', day: 79, updatedDay: 79, state: 'dismissed' }),
          intervention({ interventionId: 'f', day: 79, updatedDay: 79, state: 'failed' }),
          intervention({ interventionId: 'A', day: 90, updatedDay: 90, state: 'proposed' }),
        ];
        await record(evaluation({ interventions: rows }));
        const idsOf = (found: InterventionRow[]) => found.map((row) => row.interventionId);
        expect(idsOf((await bundle('acme', 80)).interventions)).toEqual(['b', 'c', 'd', 'A', 'e']);
        expect(idsOf(await store.readInterventions('acme'))).toEqual(['b', 'c', 'd', 'a', 'f', 'A', 'e']);
      });

      it('that expired stay behind sooner where asked to, but for the skills named', async () => {
        await touch('acme');
        const rows = (['expired', 'completed', 'proposed'] as const).flatMap((state) =>
          [79, 80, 89, 90].flatMap((updatedDay) =>
            ['brief', 'slow'].map((skill) =>
              intervention({ interventionId: `${state} ${skill} ${updatedDay}`, state, skill, updatedDay }),
            ),
          ),
        );
        await record(evaluation({ interventions: rows }));
        const left = async (forgotten?: SoonForgotten) => {
          const [read] = await store.readBundles(['acme'], 80, forgotten);
          const found = new Set(read!.interventions.map((row) => row.interventionId));
          return rows.map((row) => row.interventionId).filter((id) => !found.has(id));
        };
        const old = ['expired brief 79', 'expired slow 79', 'completed brief 79', 'completed slow 79'];
        expect(await left()).toEqual(old);
        const soon = await left({ daysSooner: 10, exceptSkills: ['slow', 'other'] });
        expect(soon.filter((id) => !old.includes(id))).toEqual(['expired brief 80', 'expired brief 89']);
        expect(soon).toEqual(expect.arrayContaining(old));
      });

      it('of all accounts are read by account', async () => {
        for (const accountId of ['b', 'a']) {
          await touch(accountId);
          await record(evaluation({ accountId, interventions: [intervention({ accountId, capped: true })] }));
        }
        expect((await store.readInterventions()).map((row) => row.accountId)).toEqual(['a', 'b']);
        expect((await store.readInterventions('b'))[0]).toMatchObject({ capped: true, customerFacing: true });
      });
    });

    describe('decisions', () => {
      it('are kept as given, the latest recorded one found by its account', async () => {
        await touch('acme');
        await touch('b');
        const body = '{"a":1,  "ü":"\\u00fc\\n"}';
        await record(evaluation({ decision: decision({ decisionId: 'late', asOf: 20, body }) }));
        await record(
          evaluation({ expectedJourneyRevision: 1, decision: decision({ decisionId: 'early', asOf: 10, body: '1' }) }),
        );
        await record(
          evaluation({ expectedJourneyRevision: 2, decision: decision({ decisionId: 'again', asOf: 20, body: '2' }) }),
        );
        expect((await store.readDecision('acme', 'late'))?.body).toBe(body);
        expect((await store.readDecision('acme'))?.decisionId).toBe('again');
        expect(await store.readDecision('acme', 'nothing')).toBeUndefined();
        expect(await store.readDecision('b')).toBeUndefined();
        expect((await store.listDecisions('acme')).map((row) => row.decisionId)).toEqual(['early', 'late', 'again']);
        expect((await store.readDecisions(['b', 'acme', 'nobody'])).map((row) => row.decisionId)).toEqual(['again']);
        expect((await store.countRows()).decisions).toBe(3);
      });

      it('recorded twice are one', async () => {
        await touch('acme');
        await record(evaluation());
        await record(evaluation({ expectedJourneyRevision: 1 }));
        expect(await store.listDecisions('acme')).toEqual([{ decisionId: 'd1', asOf: 9_000, policyHash: 'p' }]);
        expect((await status('acme')).journeyRevision).toBe(2);
      });
    });

    it('nothing is asked of no accounts', async () => {
      await touch('acme');
      expect(await store.readBundles([], 0)).toEqual([]);
      expect(await store.readDecisions([])).toEqual([]);
      const writing = store.write(async (session) => {
        await session.touchAccounts([]);
        await session.writeLedger([]);
        return [
          await session.insertEvents([]),
          await session.insertEntities([]),
          await session.readLedger([]),
          await session.recordEvaluations([]),
        ];
      });
      expect(await writing).toEqual([{ inserted: [], earlier: [] }, [], [], []]);
    });

    it('bundles hold each account its own rows, in the byte order of ids, each account once', async () => {
      const ids = Array.from({ length: 600 }, (_, i) => `account-${i}`);
      await store.write(async (session) => {
        await session.touchAccounts(ids.map((accountId) => ({ accountId, earliestDay: 1, hasAccount: true })));
        await session.insertEntities(ids.map((accountId) => entity({ accountId, body: accountId })));
        await session.writeLedger(ids.map((accountId, i) => ({ accountId, month: 1, cells: Uint8Array.of(i % 256) })));
      });
      const bundles = await store.readBundles([...ids, 'nobody', 'account-7'], 0);
      expect(bundles.map((each) => each.status.accountId)).toEqual([...ids].sort());
      for (const { status: of, entities, ledger } of bundles) {
        expect(entities.map((row) => row.body)).toEqual([of.accountId]);
        expect(ledger.map((row) => row.cells[0])).toEqual([Number(of.accountId.slice(8)) % 256]);
      }
    });

    it.each([
      ['quotes', `'; drop table events; -- "x" \`y\` \\ %_`],
      ['emoji and scripts', '👩‍👩‍👧‍👦 日本語 עברית ‮abc Z̸͑a'],
      ['spaces and breaks', ' \t\r\n\u2028 '],
      ['something that looks like a list', '["a","b"]'],
      ['a number', '007'],
      ['a long one', 'long '.repeat(100_000)],
    ])('text comes back as it was: %s', async (_, text) => {
      await touch(text);
      const given = event({
        accountId: text,
        messageId: text,
        userId: text,
        event: text,
        properties: { [text]: text },
      });
      await insertEvents([given]);
      await insertEntities([entity({ accountId: text, id: text, body: text })]);
      await store.write(async (session) => {
        await session.setMeta(text, text);
        await session.noteEventNames([text]);
      });
      await record(evaluation({ accountId: text, decision: decision({ accountId: text, body: text }) }));
      expect(await store.readEvents(text, 0, 2_000)).toEqual([given]);
      expect((await bundle(text)).entities).toEqual([versionOf(entity({ accountId: text, id: text, body: text }))]);
      expect((await status(text)).accountId).toBe(text);
      expect(await store.getMeta(text)).toBe(text);
      expect(await store.eventNames()).toEqual([text]);
      expect((await store.readDecision(text))?.body).toBe(text);
    });

    describe('expansion plans', () => {
      const plan = (over: Partial<PlanRow> = {}): PlanRow => ({
        accountId: 'acme',
        planId: 'p1',
        asOf: 9_000,
        body: '{"clearToExpand":true}',
        ...over,
      });
      const keep = (...rows: PlanRow[]) =>
        store.write(async (session) => {
          for (const row of rows) await session.keepPlan(row);
        });

      it('come back oldest first, each account its own', async () => {
        await keep(plan({ planId: 'p2', asOf: 9_500 }), plan(), plan({ accountId: 'zeta' }));
        expect(await store.readPlans(['acme'])).toEqual([plan(), plan({ planId: 'p2', asOf: 9_500 })]);
        const all = await store.readPlans(['zeta', 'acme', 'nobody']);
        expect(all.map((row) => [row.accountId, row.planId])).toEqual([
          ['acme', 'p1'],
          ['acme', 'p2'],
          ['zeta', 'p1'],
        ]);
      });

      it('are kept once: the same id again changes nothing', async () => {
        await keep(plan());
        await keep(plan({ asOf: 10_000, body: '{}' }));
        expect(await store.readPlans(['acme'])).toEqual([plan()]);
      });

      it('go with the session that throws', async () => {
        const writing = store.write(async (session) => {
          await session.keepPlan(plan());
          throw new Error('stop');
        });
        await expect(writing).rejects.toThrow('stop');
        expect(await store.readPlans(['acme'])).toEqual([]);
      });
    });

    describe('what decisions and people leave beside the journey', () => {
      const artefact = (over: Partial<ArtefactRow> = {}): ArtefactRow => ({
        accountId: 'acme',
        interventionId: 'i1',
        madeOn: 100,
        memo: '{"shown":1}',
        body: '{"status":"ok","markdown":"# \u00e9 \\n"}',
        ...over,
      });
      const outcome = (over: Partial<OutcomeRow> = {}): OutcomeRow => ({
        accountId: 'acme',
        interventionId: 'i1',
        dueOn: 107,
        settled: false,
        body: '{"verdict":"pending"}',
        ...over,
      });
      const handoff = (over: Partial<HandoffRow> = {}): HandoffRow => ({
        accountId: 'acme',
        handoffId: 'h1',
        state: 'blocked',
        body: '{"kind":"plg_to_cs"}',
        packet: null,
        ...over,
      });
      const contact = (over: Partial<ContactLogRow> = {}): ContactLogRow => ({
        accountId: 'acme',
        at: 5_000,
        interventionId: 'i1',
        ruleId: 'rule',
        skill: 'plg/quick_win_generator',
        customerFacing: true,
        state: 'proposed',
        detail: '{"by":"engine"}',
        ...over,
      });
      const leave = async (expectedJourneyRevision: number, followUp: Partial<FollowUpWrite>, accountId = 'acme') => {
        const interventions = (followUp.artefacts ?? []).map(({ interventionId }) =>
          intervention({ accountId, interventionId }),
        );
        const write = evaluation({
          accountId,
          expectedJourneyRevision,
          interventions,
          followUp: { artefacts: [], outcomes: [], handoffs: [], contacts: [], ...followUp },
        });
        return record(write);
      };

      it('is read as it was written, each account its own', async () => {
        await touch('acme');
        await touch('zeta');
        await leave(0, {
          artefacts: [artefact()],
          outcomes: [outcome()],
          handoffs: [handoff({ packet: '{"handoff":"plg_to_cs"}' })],
          contacts: [contact(), contact({ at: 4_000, customerFacing: false, state: 'held' })],
        });
        await leave(
          0,
          { contacts: [contact({ accountId: 'zeta' })], handoffs: [handoff({ accountId: 'zeta' })] },
          'zeta',
        );
        expect(await store.readArtefact('acme', 'i1')).toEqual(artefact());
        expect(await store.readArtefact('zeta', 'i1')).toBeUndefined();
        expect(await store.readOutcomes(['acme', 'zeta'])).toEqual([outcome()]);
        expect(await store.readHandoffs('acme')).toEqual([handoff({ packet: '{"handoff":"plg_to_cs"}' })]);
        expect((await store.readHandoffs()).map((row) => row.accountId)).toEqual(['acme', 'zeta']);
        // in the order in which they were written, not of their times
        expect((await store.readContactLog('acme')).map((row) => [row.at, row.state, row.customerFacing])).toEqual([
          [5_000, 'proposed', true],
          [4_000, 'held', false],
        ]);
        expect(await store.accountOf({ intervention: 'i1' })).toBe('acme');
        expect(await store.accountOf({ intervention: 'i2' })).toBeUndefined();
        expect(await store.accountOf({ handoff: 'nothing' })).toBeUndefined();
      });

      it('keeps the document of the day an intervention was last let through, and its first settled outcome', async () => {
        await touch('acme');
        await leave(0, { artefacts: [artefact()], outcomes: [outcome()] });
        await leave(1, {
          artefacts: [artefact({ body: '{}', memo: '{}' })],
          outcomes: [outcome({ settled: true, body: '{"verdict":"moved"}' })],
        });
        expect(await store.readArtefact('acme', 'i1')).toEqual(artefact());
        const settled = outcome({ settled: true, body: '{"verdict":"moved"}' });
        expect(await store.readOutcomes(['acme'])).toEqual([settled]);
        const released = artefact({ body: '{"later":true}', madeOn: artefact().madeOn + 3 });
        await leave(2, { artefacts: [released] });
        expect(await store.readArtefact('acme', 'i1')).toEqual(released);
        await leave(3, { outcomes: [outcome({ body: '{"verdict":"pending"}' })] });
        expect(await store.readOutcomes(['acme'])).toEqual([settled]);
      });

      it('replaces a handoff as it moves on, and appends to the contact log', async () => {
        await touch('acme');
        await leave(0, { handoffs: [handoff()], contacts: [contact()] });
        const ready = handoff({ state: 'ready', body: '{"steps":2}', packet: '{}' });
        await leave(1, { handoffs: [ready], contacts: [contact()] });
        expect(await store.readHandoffs()).toEqual([ready]);
        expect(await store.readContactLog('acme')).toEqual([contact(), contact()]);
      });

      it('comes with a bundle where it is open: outcomes not settled, handoffs not closed, documents of the past', async () => {
        await touch('acme');
        await leave(0, {
          artefacts: [artefact(), artefact({ interventionId: 'i2', madeOn: 90 })],
          outcomes: [outcome(), outcome({ interventionId: 'i2', settled: true })],
          handoffs: [
            handoff(),
            handoff({ handoffId: 'h2', state: 'closed' }),
            handoff({ handoffId: 'h3', state: 'declined' }),
          ],
        });
        const { past, outcomes, handoffs } = await bundle('acme', 100);
        expect(past.map((row) => [row.interventionId, row.memo, row.state])).toEqual([
          ['i2', '{"shown":1}', 'proposed'],
          ['i1', '{"shown":1}', 'proposed'],
        ]);
        expect(outcomes).toEqual([outcome()]);
        expect(handoffs.map((row) => row.handoffId)).toEqual(['h1', 'h3']);
        // documents of more than a quarter before the day asked for stay where they are
        expect((await bundle('acme', 100 + 92 - 5)).past.map((row) => row.interventionId)).toEqual(['i1']);
        expect((await bundle('acme', 100 + 92 + 1)).past).toEqual([]);
      });

      it('is written with the journey or not at all', async () => {
        await touch('acme');
        await leave(0, {});
        const all = {
          artefacts: [artefact()],
          outcomes: [outcome()],
          handoffs: [handoff()],
          contacts: [contact()],
        };
        expect(await leave(0, all)).toEqual(['acme']); // somebody else was first
        const failing = store.write(async (session) => {
          await session.recordEvaluations([
            evaluation({ expectedJourneyRevision: 1, interventions: [intervention()], followUp: all }),
          ]);
          await session.appendAudit({
            at: 1,
            actor: 'Ana',
            accountId: 'acme',
            action: 'x',
            before: '',
            after: '',
            reason: '',
          });
          throw new Error('stop');
        });
        await expect(failing).rejects.toThrow('stop');
        expect(await store.readArtefact('acme', 'i1')).toBeUndefined();
        expect(await store.readOutcomes(['acme'])).toEqual([]);
        expect(await store.readHandoffs()).toEqual([]);
        expect(await store.readContactLog('acme')).toEqual([]);
        expect(await store.readInterventions()).toEqual([]);
        expect(await store.readAudit()).toEqual([]);
      });
    });

    it('another store sees everything after the first is closed', async () => {
      await touch('acme');
      await insertEvents([event()]);
      await store.close();
      const other = await opened.reopen();
      expect(await other.readEvents('acme', 0, 2_000)).toEqual([event()]);
      expect(await other.checkIntegrity()).toEqual([]);
    });
  });
}
