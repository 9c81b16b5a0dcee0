/** Evaluation end to end on a real store: catch-up, late records, racing evaluators, what is decided again and what is not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCatalogue } from '../src/core/catalogue/load-catalogue.ts';
import type { Decision } from '../src/core/decision/decision.ts';
import { measuredProperties } from '../src/core/history/cells.ts';
import type { TickRecord } from '../src/core/journey/state.ts';
import { parseRecord } from '../src/core/records/parse-record.ts';
import { RECORD_KINDS, type RecordKind } from '../src/core/records/record.ts';
import { type Day, formatDay, type Instant, type ZoneClock, zoneClock } from '../src/core/time/calendar.ts';
import { replayDecision } from '../src/pipeline/evaluate-account.ts';
import { type EvaluateRequest, evaluateAccounts } from '../src/pipeline/evaluate-accounts.ts';
import { loadWorkspace } from '../src/pipeline/load-workspace.ts';
import type { Store } from '../src/pipeline/ports.ts';
import { buildPortfolio } from '../src/sample/portfolio.ts';
import { openSqliteStore } from '../src/store/sqlite/open-store.ts';
import { at, clock, day, defaultPolicy } from './build-account.ts';
import { importInto, sourceOf, temporaryFolder, withStore } from './import-harness.ts';

const policy = defaultPolicy();
const loadedCatalogue = loadCatalogue(
  readFileSync(new URL('../examples/sample/catalog.yaml', import.meta.url), 'utf8'),
  {
    file: 'catalog.yaml',
  },
);
if (!loadedCatalogue.ok) throw new Error('the sample catalogue has errors');
const { catalogue } = loadedCatalogue;
const measured = measuredProperties(catalogue);
const context = { clock, currency: 'USD' };

type Rows = { kind: RecordKind; row: Record<string, unknown>; accountId: string; receivedAt: Instant }[];

function rowsOf(records: Partial<Record<RecordKind, readonly Record<string, unknown>[]>>): Rows {
  return RECORD_KINDS.flatMap((kind) =>
    (records[kind] ?? []).map((row) => {
      const parsed = parseRecord(kind, row, context);
      if (!parsed.ok) throw new Error(JSON.stringify([row, parsed]));
      return { kind, row, accountId: String(row.accountId), receivedAt: parsed.receivedAt };
    }),
  );
}

async function importRows(store: Store, rows: Rows, kinds: readonly RecordKind[] = RECORD_KINDS): Promise<void> {
  const sources = kinds.map((kind) =>
    sourceOf(
      kind,
      rows.filter((each) => each.kind === kind).map((each) => each.row),
    ),
  );
  const summary = await importInto(store, sources, { context, measured });
  expect(summary.rejected).toBe(0);
}

function load(store: Store, asOf: Instant, zone: ZoneClock = clock) {
  return loadWorkspace({ store, catalogue, policy, clock: zone, currency: 'USD', asOf, keepProfiles: true });
}

async function evaluate(store: Store, asOf: Instant, more: Partial<EvaluateRequest> = {}) {
  const bodies = new Map<string, string>();
  const summary = await evaluateAccounts({
    store,
    loaded: await load(store, asOf),
    policy,
    asOf,
    onDecision: (row) => bodies.set(row.accountId, row.body),
    ...more,
  });
  return { summary, bodies, decisionOf: (id: string) => JSON.parse(bodies.get(id)!) as Decision };
}

/** The run hour of a day. */
const run = (on: Day | string): Instant => clock.instantOf(typeof on === 'string' ? day(on) : on, policy.runHour);

async function ticksOf(store: Store, id: string): Promise<TickRecord[]> {
  return (await store.readTicks(id, -1e6, 1e6)).flatMap((each) => JSON.parse(each.ticks) as TickRecord[]);
}

/** Everything an evaluation leaves behind, in a form that can be compared. */
async function leftBehind(store: Store) {
  const ids = (await store.listStatuses()).map(({ accountId }) => accountId);
  const bundles = await store.readBundles(ids, 0);
  return {
    ticks: await Promise.all(ids.map((id) => ticksOf(store, id))),
    journeys: bundles.map(({ journey }) => journey),
    interventions: await store.readInterventions(),
  };
}

// --- a part of the sample portfolio, with records that came late
const { records } = buildPortfolio();
const LAST = day('2026-03-31');
const CHOSEN = new Set(
  records.accounts.map((row) => String(row.accountId)).filter((_, i) => i % 4 === 0), // 15 accounts of every kind
);
const sample: Rows = rowsOf(records).filter((each) => CHOSEN.has(each.accountId));
const chosen = [...CHOSEN];
const late: Rows = rowsOf({
  events: chosen.flatMap((accountId, i) =>
    Array.from({ length: 30 }, (_, n) => ({
      messageId: `late_${accountId}_${n}`,
      accountId,
      userId: `late_${n % 4}`,
      event: catalogue.features[0]!.events[0]!,
      timestamp: `${formatDay(LAST - 40 + (i % 5))}T10:00:00Z`,
      receivedAt: `${formatDay(LAST - 25 + (n % 9))}T04:00:00Z`,
    })),
  ),
  tickets: chosen.map((accountId, i) => ({
    ticketId: `late_${accountId}`,
    accountId,
    openedAt: `${formatDay(LAST - 30)}T10:00:00Z`,
    escalatedAt: `${formatDay(LAST - 29)}T10:00:00Z`,
    resolvedAt: `${formatDay(LAST - 12 + (i % 6))}T10:00:00Z`,
    receivedAt: `${formatDay(LAST - 20)}T10:00:00Z`,
  })),
  // before everything else that was known of the account
  notes: chosen.slice(0, 4).map((accountId) => ({
    noteId: `first_${accountId}`,
    accountId,
    at: '2025-02-26T10:00:00Z',
    receivedAt: `${formatDay(LAST - 15)}T10:00:00Z`,
    text: 'met at a fair',
  })),
});
const everything = [...sample, ...late];
const receivedIn = (from: Instant, to: Instant): Rows =>
  everything.filter((each) => each.receivedAt > from && each.receivedAt <= to);

describe('downtime never changes a result', () => {
  // [G2] [G6]
  it('evaluating every day, now and then, or once at the end leaves the same bytes, late records included', async () => {
    const first = LAST - 35;
    const through = async (stops: readonly Day[]) =>
      withStore(async (store) => {
        let known = Number.NEGATIVE_INFINITY;
        let bodies = new Map<string, string>();
        for (const stop of [first, ...stops, LAST]) {
          await importRows(store, receivedIn(known, run(stop)));
          known = run(stop);
          ({ bodies } = await evaluate(store, run(stop)));
        }
        return { bodies: [...bodies], ...(await leftBehind(store)) };
      });
    const daily = await through(Array.from({ length: LAST - first - 1 }, (_, i) => first + 1 + i));
    const atOnce = await through([]);
    const nowAndThen = await through([first + 1, first + 11, first + 12, first + 30]);
    expect(atOnce.bodies.length).toBeGreaterThan(9);
    expect(atOnce.ticks).toEqual(daily.ticks);
    expect(atOnce.journeys).toEqual(daily.journeys);
    expect(atOnce.interventions).toEqual(daily.interventions);
    expect(atOnce.bodies).toEqual(daily.bodies);
    expect(nowAndThen).toEqual(daily);
    expect(daily.interventions.filter((each) => each.state !== 'expired').length).toBeGreaterThan(10);
  });

  it('a question asked before the run hour, or after it, leaves the days to come as they are', async () => {
    const first = LAST - 10;
    const through = async (questions: readonly Instant[]) =>
      withStore(async (store) => {
        await importRows(store, receivedIn(Number.NEGATIVE_INFINITY, run(LAST)));
        await evaluate(store, run(first));
        for (const question of questions) await evaluate(store, question);
        await evaluate(store, run(LAST));
        return (await leftBehind(store)).ticks;
      });
    const asked = [first + 1, first + 2, first + 5].flatMap((on) => [clock.instantOf(on, 3), clock.instantOf(on, 15)]);
    expect(await through(asked)).toEqual(await through([]));
  });

  // [G15]
  it('every recorded decision is made again byte for byte from what was recorded with it', async () => {
    await withStore(async (store) => {
      await importRows(store, receivedIn(Number.NEGATIVE_INFINITY, run(LAST)));
      for (const on of [LAST - 20, LAST - 19, LAST - 1]) await evaluate(store, run(on));
      await evaluate(store, clock.instantOf(LAST, 17));
      let checked = 0;
      for (const { accountId } of await store.listStatuses()) {
        for (const { decisionId } of await store.listDecisions(accountId)) {
          const row = (await store.readDecision(accountId, decisionId))!;
          expect(replayDecision(row.inputs, policy)).toBe(row.body);
          checked++;
        }
      }
      expect(checked).toBeGreaterThan(40);
    });
  });
});

// --- a small workspace
const account = (accountId: string, createdAt = '2026-01-05', more: object = {}) => ({
  accountId,
  name: accountId,
  createdAt,
  ...more,
});
const subscription = (accountId: string, more: object = {}) => ({
  subscriptionId: `s_${accountId}`,
  accountId,
  plan: 'team',
  status: 'active',
  seats: 5,
  startedAt: '2026-01-05',
  ...more,
});
const logins = (accountId: string, from: string, days: number) =>
  Array.from({ length: days }, (_, i) => ({
    messageId: `${accountId}_${i}`,
    accountId,
    userId: `u_${accountId}`,
    event: 'login',
    timestamp: `${formatDay(day(from) + i)}T09:00:00Z`,
  }));

const small = rowsOf({
  accounts: [account('a1'), account('a2'), account('a3', '2026-02-20T15:00:00Z')],
  subscriptions: [subscription('a1'), subscription('a2')],
  events: [...logins('a1', '2026-01-05', 90), ...logins('a2', '2026-01-05', 90)],
});
const escalation = rowsOf({
  tickets: [
    {
      ticketId: 't1',
      accountId: 'a1',
      openedAt: '2026-02-10T08:00:00Z',
      escalatedAt: '2026-02-10T09:00:00Z',
      receivedAt: '2026-02-10T10:00:00Z',
    },
  ],
});

async function withSmall<T>(work: (store: Store) => Promise<T>): Promise<T> {
  return withStore(async (store) => {
    await importRows(store, small);
    return work(store);
  });
}

describe('evaluating again', () => {
  // [G5]
  it('as of the same moment decides nothing and gives the same bytes', async () => {
    await withSmall(async (store) => {
      const first = await evaluate(store, run('2026-02-10'));
      const again = await evaluate(store, run('2026-02-10'));
      expect(first.summary).toMatchObject({ accounts: 3, decided: 2, unchanged: 0, ticks: 74, notYet: ['a3'] });
      expect(again.summary).toMatchObject({ decided: 0, unchanged: 2, ticks: 0 });
      expect([...again.bodies]).toEqual([...first.bodies]);
    });
  });

  it('on a day that has its tick decides touched accounts from the present facts, and no other, without advancing', async () => {
    await withSmall(async (store) => {
      await evaluate(store, run('2026-02-10'));
      const before = await leftBehind(store);
      await importRows(store, escalation, ['tickets']);
      // a new kind came in: what was unknown of tickets is now known for everybody
      await evaluate(store, at('2026-02-10T11:00:00Z'));
      const note = rowsOf({
        notes: [{ noteId: 'n1', accountId: 'a1', at: '2026-02-10T11:30:00Z', text: 'spoke with Ana' }],
      });
      await importRows(store, note, ['notes']);
      const { summary, decisionOf } = await evaluate(store, at('2026-02-10T12:00:00Z'));
      expect(summary).toMatchObject({ decided: 1, unchanged: 1, ticks: 0 });
      expect(decisionOf('a1').recommendation.skillsToTrigger.map((each) => each.ruleId)).toContain(
        'any.support_escalation',
      );
      const after = await leftBehind(store);
      expect(after.ticks).toEqual(before.ticks);
      expect(after.journeys).toEqual(before.journeys);
    });
  });

  it('tells of more decisions than are read at once, standing ones and new ones, in the order of the accounts', async () => {
    const ids = Array.from({ length: 1_100 }, (_, i) => `a${String(i).padStart(4, '0')}`);
    const accounts = ids.map((accountId) => ({ accountId, name: accountId, createdAt: '2026-02-09' }));
    const touched = ids.filter((_, i) => i % 100 === 0);
    const notes = touched.map((accountId) => ({ noteId: 'n', accountId, at: '2026-02-10T11:30:00Z', text: 'spoke' }));
    await withStore(async (store) => {
      await importRows(store, rowsOf({ accounts }));
      const first = await evaluate(store, run('2026-02-10'));
      await importRows(store, rowsOf({ notes }), ['notes']);
      const { summary, bodies } = await evaluate(store, at('2026-02-10T12:00:00Z'));
      expect(summary).toMatchObject({ decided: touched.length, unchanged: ids.length - touched.length });
      expect([...bodies.keys()]).toEqual(ids);
      const changed = ids.filter((id) => bodies.get(id) !== first.bodies.get(id));
      expect(changed).toEqual(touched); // the moment at least
    });
  });

  it('after the run hour ticks a day that was only looked at before it', async () => {
    await withSmall(async (store) => {
      await evaluate(store, at('2026-02-10T03:00:00Z'));
      const { summary } = await evaluate(store, at('2026-02-10T07:00:00Z'));
      expect(summary).toMatchObject({ decided: 2, ticks: 2 });
      expect((await ticksOf(store, 'a1')).at(-1)!.day).toBe(day('2026-02-10'));
    });
  });

  it('decides again once a known date takes effect, an unchanged account too', async () => {
    await withSmall(async (store) => {
      await importRows(
        store,
        rowsOf({
          tickets: [
            {
              ticketId: 't',
              accountId: 'a1',
              openedAt: '2026-02-01',
              escalatedAt: '2026-02-01',
              resolvedAt: '2026-02-10T14:00:00Z',
            },
          ],
        }),
      );
      const open = await evaluate(store, at('2026-02-10T12:00:00Z'));
      const still = await evaluate(store, at('2026-02-10T13:00:00Z'));
      const closed = await evaluate(store, at('2026-02-10T15:00:00Z'));
      expect([open, still, closed].map(({ summary }) => summary.decided)).toEqual([2, 0, 1]);
      const rules = (of: typeof open) => of.decisionOf('a1').recommendation.skillsToTrigger.map((each) => each.ruleId);
      expect([
        rules(open).includes('any.support_escalation'),
        rules(closed).includes('any.support_escalation'),
      ]).toEqual([true, false]);
    });
  });
});

describe('a late record', () => {
  it('that is in the store already changes the decision from the moment it was received', async () => {
    await withSmall(async (store) => {
      const event = { messageId: 'm', accountId: 'a1', userId: 'u2', event: catalogue.features[0]!.events[0]! };
      const times = { timestamp: '2026-02-09T20:00:00Z', receivedAt: '2026-02-10T13:00:00Z' };
      await importRows(store, rowsOf({ events: [{ ...event, ...times }] }), ['events']);
      const decided: number[] = [];
      for (const hour of [12, 12.5, 14]) {
        decided.push((await evaluate(store, clock.instantOf(day('2026-02-10'), 0) + hour * 3_600_000)).summary.decided);
      }
      expect(decided).toEqual([2, 0, 1]);
    });
  });

  it('changes later ticks only, also when those days are caught up', async () => {
    await withSmall(async (store) => {
      await importRows(store, []);
      await evaluate(store, run('2026-02-10'));
      const recorded = await ticksOf(store, 'a1');
      const churned = rowsOf({
        subscriptions: [
          subscription('a1', {
            status: 'canceled',
            endedAt: '2026-01-20',
            effectiveAt: '2026-01-20',
            receivedAt: '2026-02-13T12:00:00Z',
          }),
        ],
      });
      await importRows(store, churned, ['subscriptions']);
      const { decisionOf } = await evaluate(store, run('2026-02-16'));
      const all = await ticksOf(store, 'a1');
      expect(all.slice(0, recorded.length)).toEqual(recorded);
      expect(all.slice(recorded.length).map((each) => [formatDay(each.day), each.status])).toEqual([
        ['2026-02-11', 'active'],
        ['2026-02-12', 'active'],
        ['2026-02-13', 'active'],
        ['2026-02-14', 'churned'],
        ['2026-02-15', 'churned'],
        ['2026-02-16', 'churned'],
      ]);
      expect(decisionOf('a1').status).toBe('churned');
    });
  });
});

describe('replayed days', () => {
  it('leave expired interventions that keep their cooldown; from the first live evaluation on they are proposed', async () => {
    await withSmall(async (store) => {
      await importRows(store, escalation);
      const { decisionOf } = await evaluate(store, run('2026-02-14'));
      const [made] = (await store.readInterventions('a1')).filter((each) => each.ruleId === 'any.support_escalation');
      expect([made!.state, formatDay(made!.day)]).toEqual(['expired', '2026-02-11']);
      const pointed = decisionOf('a1').recommendation.skillsToTrigger.find(
        (each) => each.ruleId === 'any.support_escalation',
      );
      expect(pointed).toMatchObject({ interventionId: made!.interventionId, state: 'expired' });
      await evaluate(store, run('2026-02-20'));
      const all = (await store.readInterventions('a1')).filter((each) => each.ruleId === 'any.support_escalation');
      expect(all.map((each) => [formatDay(each.day), each.state])).toEqual([
        ['2026-02-11', 'expired'],
        ['2026-02-18', 'approved'],
      ]);
    });
  });

  it('a closed intervention counts for its cooldown however long nothing was evaluated', async () => {
    await withSmall(async (store) => {
      const due = rowsOf({
        subscriptions: [
          subscription('a2', { subscriptionId: 's2', renewalDate: '2026-06-01', interval: 'year', amount: 100 }),
        ],
      });
      await importRows(store, due);
      await evaluate(store, run('2026-02-04')); // replayed: expired on the first day that was due, 2026-02-01
      const first = (await store.readInterventions('a2')).filter((each) => each.ruleId === 'any.renewal_due_early');
      await evaluate(store, run('2026-09-01'));
      const days = (await store.readInterventions('a2'))
        .filter((each) => each.ruleId === 'any.renewal_due_early' && each.skill === first[0]!.skill)
        .map((each) => each.day);
      expect(days.length).toBeGreaterThan(2);
      for (let i = 1; i < days.length; i++) expect(days[i]! - days[i - 1]!).toBeGreaterThanOrEqual(30);
    });
  });
});

describe('two evaluators at once', () => {
  // [G10]
  it('on two connections make every tick, decision and intervention once', async () => {
    const folder = temporaryFolder();
    const path = join(folder.path, 'stagecraft.db');
    const one = await openSqliteStore(path, { create: true });
    const two = await openSqliteStore(path);
    try {
      await importRows(one, receivedIn(Number.NEGATIVE_INFINITY, run(LAST)));
      await evaluate(one, run(LAST - 9));
      const asOf = run(LAST);
      const results = await Promise.all([evaluate(one, asOf), evaluate(two, asOf)]);
      const raced = { ...(await leftBehind(one)), bodies: [...results[0].bodies] };
      expect([...results[1].bodies]).toEqual(raced.bodies);
      const undisturbed = await withStore(async (store) => {
        await importRows(store, receivedIn(Number.NEGATIVE_INFINITY, run(LAST)));
        await evaluate(store, run(LAST - 9));
        const { bodies } = await evaluate(store, asOf);
        return { ...(await leftBehind(store)), bodies: [...bodies] };
      });
      expect(raced).toEqual(undisturbed);
      const ids = raced.interventions.map((each) => each.interventionId);
      expect(new Set(ids).size).toBe(ids.length);
    } finally {
      await one.close();
      await two.close();
      folder.remove();
    }
  });
});

describe('a workspace far from Greenwich', () => {
  it('ticks its own days at its own hour, also where the clocks change', async () => {
    const zone = zoneClock('America/New_York'); // 2026-03-08 has 23 hours
    await withStore(async (store) => {
      const rows = rowsOf({
        accounts: [account('b1', '2026-03-05T02:00:00Z')], // the evening of the 4th
        subscriptions: [
          subscription('b1', { status: 'trialing', startedAt: '2026-03-05T02:00:00Z', trialEndsAt: '2026-04-01' }),
        ],
        events: logins('b1', '2026-03-05', 20),
      });
      const paid = rowsOf({
        subscriptions: [
          subscription('b1', {
            startedAt: '2026-03-05T02:00:00Z',
            effectiveAt: '2026-03-08T09:30:00Z',
            receivedAt: '2026-03-08T09:30:00Z',
          }),
        ],
      });
      for (const kind of RECORD_KINDS) {
        const of = [...rows, ...paid].filter((each) => each.kind === kind).map((each) => each.row);
        await importInto(store, [sourceOf(kind, of)], { context: { clock: zone, currency: 'USD' }, measured });
      }
      const asOf = zone.instantOf(day('2026-03-11'), policy.runHour);
      expect(new Date(asOf).toISOString()).toBe('2026-03-11T10:00:00.000Z');
      await evaluateAccounts({ store, loaded: await load(store, asOf, zone), policy, asOf });
      const ticks = await ticksOf(store, 'b1');
      expect(ticks.map((each) => formatDay(each.day))[0]).toBe('2026-03-05');
      // 9:30 UTC on the 8th is 5:30 there: known at that day's run hour, 6:00
      expect(ticks.filter((each) => each.moved !== null).map((each) => [formatDay(each.day), each.moved])).toEqual([
        ['2026-03-10', 'trial.converted'],
      ]);
      expect(formatDay(ticks[0]!.entered)).toBe('2026-03-04');
    });
  });
});

describe('time and accounts that cannot be decided', () => {
  it('a moment before what is recorded is refused, and nothing is written', async () => {
    await withSmall(async (store) => {
      await evaluate(store, run('2026-02-10'));
      const before = await leftBehind(store);
      await expect(evaluate(store, run('2026-02-09'))).rejects.toMatchObject({ code: 'clock_set_back' });
      await expect(evaluate(store, run('2026-02-10') - 1)).rejects.toMatchObject({ code: 'clock_set_back' });
      expect(await leftBehind(store)).toEqual(before);
    });
  });

  it('with leave to look back it is answered and not recorded', async () => {
    await withSmall(async (store) => {
      await evaluate(store, run('2026-02-08'));
      const now = await evaluate(store, run('2026-02-10'));
      const before = await leftBehind(store);
      const { summary, decisionOf } = await evaluate(store, run('2026-02-09'), { allowLookBack: true });
      expect(summary).toMatchObject({ lookedBack: 2, decided: 0 });
      expect(decisionOf('a1').asOf).toBe('2026-02-09T06:00:00Z');
      expect(await leftBehind(store)).toEqual(before);
      expect([...(await evaluate(store, run('2026-02-10'))).bodies]).toEqual([...now.bodies]);
    });
  });

  it('an account is not decided before it was created, whatever the hour', async () => {
    await withSmall(async (store) => {
      expect((await evaluate(store, run('2026-02-19'))).summary.notYet).toEqual(['a3']);
      expect((await evaluate(store, run('2026-02-20'))).summary.notYet).toEqual(['a3']);
      const { decisionOf, summary } = await evaluate(store, at('2026-02-20T16:00:00Z'));
      expect(summary.notYet).toEqual([]);
      expect(decisionOf('a3').journey).toMatchObject({
        currentStage: 'trial',
        stageEntryDate: '2026-02-20',
        daysInStage: 0,
      });
      await evaluate(store, run('2026-02-22'));
      expect((await ticksOf(store, 'a3')).map((each) => formatDay(each.day))).toEqual(['2026-02-21', '2026-02-22']);
    });
  });

  it('an account that buys in the hour it signs up begins in onboarding that day', async () => {
    await withStore(async (store) => {
      await importRows(
        store,
        rowsOf({
          accounts: [account('b1', '2026-02-01T15:00:00Z')],
          subscriptions: [subscription('b1', { startedAt: '2026-02-01T15:10:00Z' })],
          events: logins('b1', '2026-02-01', 20),
        }),
      );
      const { decisionOf } = await evaluate(store, run('2026-02-05'));
      expect(decisionOf('b1').journey).toMatchObject({ currentStage: 'onboarding', stageEntryDate: '2026-02-01' });
    });
  });

  it('what was seen before the first run hour does not decide the first stage', async () => {
    await withStore(async (store) => {
      const rows = rowsOf({
        accounts: [account('b1', '2026-02-01T01:00:00Z')],
        subscriptions: [subscription('b1', { startedAt: '2026-02-01T04:00:00Z' })],
        events: logins('b1', '2026-02-01', 20),
      });
      await importRows(store, rows);
      expect((await evaluate(store, at('2026-02-01T03:00:00Z'))).decisionOf('b1').journey.currentStage).toBe('trial');
      const { decisionOf } = await evaluate(store, run('2026-02-02'));
      expect(decisionOf('b1').journey).toMatchObject({ currentStage: 'onboarding', stageEntryDate: '2026-02-01' });
    });
  });

  it('records of an account without an account record are reported; an id nobody knows too', async () => {
    await withSmall(async (store) => {
      await importRows(store, rowsOf({ events: logins('ghost', '2026-02-01', 2) }), ['events']);
      const { summary } = await evaluate(store, run('2026-02-10'));
      expect(summary.orphans).toEqual(['ghost']);
      const named = await evaluate(store, run('2026-02-10'), { accountIds: ['a2', 'ghost', 'nobody'] });
      expect(named.summary).toMatchObject({ accounts: 1, orphans: ['ghost'], unknown: ['nobody'] });
      await importRows(store, rowsOf({ accounts: [account('ghost', '2026-02-01')] }), ['accounts']);
      expect((await evaluate(store, at('2026-02-10T07:00:00Z'))).bodies.has('ghost')).toBe(true);
    });
  });

  it('an imported stage is where the journey begins, on the day it was entered', async () => {
    await withStore(async (store) => {
      await importRows(
        store,
        rowsOf({
          accounts: [account('b1', '2025-06-01', { stage: 'adoption', stageEnteredAt: '2026-01-15' })],
          subscriptions: [subscription('b1', { startedAt: '2025-06-01' })],
          events: logins('b1', '2026-01-01', 60),
        }),
      );
      const { decisionOf } = await evaluate(store, run('2026-02-10'));
      expect(decisionOf('b1').journey).toMatchObject({
        currentStage: 'adoption',
        stageEntryDate: '2026-01-15',
        daysInStage: 26,
      });
      expect((await ticksOf(store, 'b1'))[0]).toMatchObject({ day: day('2026-01-15'), stage: 'adoption' });
    });
  });

  it('a renewal is signed by a date that rolls on by itself, and the account goes back to adoption', async () => {
    await withStore(async (store) => {
      await importRows(
        store,
        rowsOf({
          accounts: [account('b1', '2025-02-15', { stage: 'renewal', stageEnteredAt: '2026-01-15' })],
          subscriptions: [
            subscription('b1', {
              startedAt: '2025-02-15',
              interval: 'year',
              renewalDate: '2026-02-15',
              autoRenew: true,
            }),
          ],
          events: logins('b1', '2026-01-01', 60),
        }),
      );
      await evaluate(store, run('2026-02-20'));
      const moves = (await ticksOf(store, 'b1')).filter((each) => each.moved !== null);
      expect(moves.map((each) => [formatDay(each.day), each.moved])).toEqual([['2026-02-17', 'renewal.signed']]);
    });
  });
});
