/**
 * The plans of a segment of 1,000 accounts from the embedded store, as `stagecraft plan --segment` makes them, against
 * loading the same bundles without planning. A third of the accounts is given what a clear gate needs, so that whole plans
 * are written and not only refusals. Filling and evaluating the store is not measured.
 */
import { hash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { renderSegment } from '../src/core/plan/segment.ts';
import { RECORD_KINDS } from '../src/core/records/record.ts';
import { type Day, parseDay } from '../src/core/time/calendar.ts';
import { evaluateAccounts } from '../src/pipeline/evaluate-accounts.ts';
import { loadWorkspace } from '../src/pipeline/load-workspace.ts';
import { planSegment } from '../src/pipeline/plan-segment.ts';
import type { EntityRow, Store } from '../src/pipeline/ports.ts';
import { openSqliteStore } from '../src/store/sqlite/open-store.ts';
import { type AccountSize, generateAccount } from './generated-accounts.ts';
import { bundleOf } from './generated-bundles.ts';
import { benchCatalogue } from './generated-workspace.ts';
import { builtInPolicy, clock } from './real-data.ts';
import { secondsSince } from './seconds.ts';

const TODAY: Day = parseDay('2026-03-31')!;
const DAYS = 180;
const SIZE: AccountSize = {
  startDay: TODAY - DAYS,
  days: DAYS,
  users: { from: 4, to: 20 },
  presence: 0.6,
  featuresADay: 2,
  records: 1,
};
const SEGMENT = 'mid';
const CLEARABLE_EVERY = 3;
const ACCOUNTS_PER_TRANSACTION = 250;
const MS_PER_DAY = 86_400_000;

export interface PlanBench {
  accounts: number;
  seconds: number;
  /** Reading the same bundles and nothing else. */
  loadSeconds: number;
}

export async function benchPlan(folder: string, accounts: number): Promise<PlanBench> {
  const path = join(folder, 'planned.db');
  const store = await openSqliteStore(path, { create: true });
  await fill(store, accounts);
  const bench = { accounts, loadSeconds: await load(store), seconds: await plan(store, accounts) };
  await store.close();
  rmSync(path);
  return bench;
}

/** Records and ledger, then the decisions of today, as a workspace has them in which the plans are asked for. */
async function fill(store: Store, accounts: number): Promise<void> {
  await store.write(async (session) => {
    for (const kind of RECORD_KINDS) await session.noteKind(kind);
    const days = Array.from({ length: DAYS }, (_, i) => TODAY - DAYS + i);
    await session.noteCoverage(
      days.map((day) => ({ day, eventsKnownAt: clock.instantOf(day, 9), recordsKnownAt: clock.instantOf(day, 9) })),
    );
  });
  for (let from = 0; from < accounts; from += ACCOUNTS_PER_TRANSACTION) {
    await store.write(async (session) => {
      for (let i = from; i < Math.min(from + ACCOUNTS_PER_TRANSACTION, accounts); i++) {
        const { status, entities, ledger } = bundleOf(generateAccount(i, SIZE));
        const { accountId } = status;
        await session.insertEntities(entities.flatMap((row) => [changed(row, i)]));
        if (i % CLEARABLE_EVERY === 0) await session.insertEntities(healthy(accountId));
        await session.writeLedger(ledger);
        await session.touchAccounts([{ accountId, earliestDay: TODAY - DAYS, hasAccount: true }]);
      }
    });
  }
  const { loaded, policy, asOf } = await open(store);
  await evaluateAccounts({ store, loaded, policy, asOf });
}

/** Every account is of the segment; those that shall be clear have content customers and no one who left. */
function changed(row: EntityRow, index: number): EntityRow {
  const data = JSON.parse(row.body) as Record<string, unknown>;
  if (row.kind === 'accounts') data.segment = SEGMENT;
  if (index % CLEARABLE_EVERY === 0) {
    if (row.kind === 'surveys') data.score = 9;
    if (row.kind === 'contacts') delete data.leftAt;
    if (row.kind === 'tickets') {
      data.subject = 'Question on reports';
      delete data.escalatedAt;
    }
    if (row.kind === 'subscriptions') data.seats = Math.min(data.seats as number, 8);
    if (row.kind === 'notes') data.tags = [];
    if (row.kind === 'goals') Object.assign(data, { status: 'achieved', achievedAt: TODAY - 60 });
  }
  const body = JSON.stringify(data);
  return { ...row, hash: hash('sha256', body), body };
}

/** Reviews with the sponsor, and a request. */
function healthy(accountId: string): EntityRow[] {
  const note = (noteId: string, daysAgo: number, extra: object): EntityRow => {
    const at = (TODAY - daysAgo) * MS_PER_DAY + 12 * 3_600_000;
    const body = JSON.stringify({ accountId, noteId, at, kind: 'meeting', ...extra });
    const id = `${accountId}-${noteId}`;
    return { accountId, kind: 'notes', id, effectiveAt: at, receivedAt: at, hash: hash('sha256', body), body };
  };
  const review = { author: 'csm', contactId: `${accountId}-u1`, tags: ['meeting_held', 'sponsor_attended'] };
  const asked = { author: 'customer', contactId: `${accountId}-u0`, tags: ['feature_request:workflows'] };
  return [
    note('review-1', 80, { ...review, text: 'Quarterly review. Reports take 30 % less time.' }),
    note('review-2', 12, { ...review, text: 'Quarterly review. The 30 % saving holds.' }),
    note('request', 6, { ...asked, text: 'Can we have the workflows too?' }),
  ];
}

async function open(store: Store) {
  const policy = builtInPolicy();
  const catalogue = benchCatalogue();
  const asOf = clock.instantOf(TODAY, policy.runHour);
  const loaded = await loadWorkspace({ store, catalogue, policy, clock, currency: 'USD', asOf, keepProfiles: true });
  return { loaded, policy, asOf };
}

const BATCH_ACCOUNTS = 256; // as planning reads them

/** Seconds. */
async function load(store: Store): Promise<number> {
  const begun = performance.now();
  const ids = (await store.listStatuses()).map((status) => status.accountId);
  for (let from = 0; from < ids.length; from += BATCH_ACCOUNTS)
    await store.readBundles(ids.slice(from, from + BATCH_ACCOUNTS), TODAY);
  return secondsSince(begun);
}

/** Seconds, as the command does it: the workspace is loaded anew, and the document written. */
async function plan(store: Store, accounts: number): Promise<number> {
  const begun = performance.now();
  const { loaded, policy, asOf } = await open(store);
  const exchange = { currency: 'USD', rates: {} };
  const result = await planSegment({ store, loaded, policy, exchange, asOf }, SEGMENT);
  if (!result.found || result.plan.accounts !== accounts) throw new Error('not every account was planned');
  if (result.plan.ranked.length === 0) throw new Error('only refusals, no plan');
  renderSegment(result.plan);
  return secondsSince(begun);
}
