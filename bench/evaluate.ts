/**
 * Evaluation from the embedded store: accounts that were ticked up to yesterday, one tick due, decisions recorded. Each
 * size is evaluated in a process of its own, so that its memory is its own; a second evaluation of the same day follows,
 * with one account in a hundred touched.
 */
import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { closeSync, copyFileSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Day, parseDay } from '../src/core/time/calendar.ts';
import {
  type EvaluatedAccount,
  evaluateAccount,
  interventionRow,
  runInstant,
} from '../src/pipeline/evaluate-account.ts';
import { evaluateAccounts, prepareThreads } from '../src/pipeline/evaluate-accounts.ts';
import { loadWorkspace } from '../src/pipeline/load-workspace.ts';
import type { EvaluationWrite, FollowUpWrite, Store, WriteSession } from '../src/pipeline/ports.ts';
import { openSqliteStore } from '../src/store/sqlite/open-store.ts';
import { evaluationThreads } from '../src/threads/evaluation-threads.ts';
import { type AccountSize, generateAccount } from './generated-accounts.ts';
import { bundleOf, type GeneratedBundle, workspaceOf } from './generated-bundles.ts';
import { benchCatalogue } from './generated-workspace.ts';
import { builtInPolicy, clock, loadBuiltIn } from './real-data.ts';
import { RUNTIME_ENV, RUNTIME_FLAGS } from './runtime-flags.ts';
import { secondsSince } from './seconds.ts';

const TODAY: Day = parseDay('2026-03-31')!;
const DAYS = 90;
/** Small accounts, as most of 50,000 are. */
const QUARTER: AccountSize = {
  startDay: TODAY - DAYS,
  days: DAYS,
  users: { from: 1, to: 5 },
  presence: 0.45,
  featuresADay: 2,
  records: 0.5,
};
/** Different accounts; the others are copies of them under ids of their own. */
const ORIGINALS = 500;
const ACCOUNTS_PER_TRANSACTION = 1_000;
const TOUCHED_EVERY = 100;

export interface EvaluateBench {
  accounts: number;
  firstSeconds: number;
  /** The second evaluation of the day. */
  secondSeconds: number;
  peakRssMiB: number;
  /** The first evaluation of a tenth of the accounts. */
  tenthSeconds: number;
}

type Run = Pick<EvaluateBench, 'firstSeconds' | 'secondSeconds' | 'peakRssMiB'>;

/** Fills the stores that every run gets a copy of. */
export function prepareEvaluate(folder: string, accounts: number): void {
  for (const each of [accounts / 10, accounts]) step('fill', filledStore(folder, each), each);
}

export function benchEvaluate(folder: string, accounts: number): EvaluateBench {
  const tenth = runOnCopy(folder, accounts / 10);
  return { accounts, ...runOnCopy(folder, accounts), tenthSeconds: tenth.firstSeconds };
}

function filledStore(folder: string, accounts: number): string {
  return join(folder, `evaluate-${accounts}.db`);
}

function runOnCopy(folder: string, accounts: number): Run {
  const path = join(folder, 'evaluated.db');
  copyToDisk(filledStore(folder, accounts), path);
  const run = JSON.parse(step('run', path, accounts)) as Run;
  rmSync(path);
  return run;
}

function step(name: string, database: string, accounts: number): string {
  const args = ['--step', name, '--database', database, '--accounts', String(accounts)];
  const command = [...RUNTIME_FLAGS, fileURLToPath(import.meta.url), ...args];
  return execFileSync(process.execPath, command, { env: RUNTIME_ENV }).toString();
}

/** On disk before a run begins, so that the copy's writing is not the run's. */
function copyToDisk(from: string, to: string): void {
  copyFileSync(from, to);
  const file = openSync(to, 'r+');
  fsyncSync(file);
  closeSync(file);
}

/** One account, evaluated up to yesterday. */
interface Original {
  bundle: GeneratedBundle;
  yesterday: EvaluatedAccount;
}

async function fill(path: string, accounts: number): Promise<void> {
  const policy = builtInPolicy();
  const bundles = Array.from({ length: Math.min(ORIGINALS, accounts) }, (_, i) =>
    bundleOf(generateAccount(i, QUARTER)),
  );
  const workspace = workspaceOf(bundles, policy, TODAY - DAYS, TODAY);
  const asOf = runInstant(policy, workspace, TODAY - 1);
  const originals = bundles.map((bundle): Original => {
    const yesterday = evaluateAccount(bundle, { workspace, policy, asOf, today: TODAY - 1 });
    if (yesterday === undefined) throw new Error('an account that does not exist yet');
    return { bundle, yesterday };
  });
  const store = await openSqliteStore(path, { create: true });
  await store.write(noteWorkspace);
  for (let from = 0; from < accounts; from += ACCOUNTS_PER_TRANSACTION) {
    await store.write(async (session) => {
      for (let i = from; i < Math.min(from + ACCOUNTS_PER_TRANSACTION, accounts); i++) {
        await writeCopy(session, `acc-${i.toString().padStart(6, '0')}`, originals[i % originals.length]!);
      }
    });
  }
  const catalogue = benchCatalogue();
  await loadWorkspace({ store, catalogue, policy, clock, currency: 'USD', asOf, keepProfiles: true });
  await store.close();
}

async function noteWorkspace(session: WriteSession): Promise<void> {
  const kinds = [
    'accounts',
    'contacts',
    'events',
    'subscriptions',
    'tickets',
    'incidents',
    'surveys',
    'goals',
    'notes',
    'invoices',
  ] as const;
  for (const kind of kinds) await session.noteKind(kind);
  const days = Array.from({ length: DAYS }, (_, i) => TODAY - DAYS + i);
  await session.noteCoverage(
    days.map((day) => ({ day, eventsKnownAt: clock.instantOf(day, 9), recordsKnownAt: clock.instantOf(day, 9) })),
  );
}

async function writeCopy(session: WriteSession, accountId: string, { bundle, yesterday }: Original): Promise<void> {
  const own = `"accountId":"${bundle.status.accountId}"`;
  const renamed = (text: string): string => text.replaceAll(own, `"accountId":"${accountId}"`);
  await session.insertEntities(
    bundle.entities.map((row) => ({
      ...row,
      accountId,
      id: row.kind === 'accounts' ? accountId : row.id,
      body: renamed(row.body),
    })),
  );
  await session.writeLedger(bundle.ledger.map((row) => ({ ...row, accountId })));
  await session.touchAccounts([{ accountId, earliestDay: TODAY - 1, hasAccount: true }]);
  const write: EvaluationWrite = {
    accountId,
    expectedJourneyRevision: 0,
    journey: { accountId, state: JSON.stringify(yesterday.state) },
    tickedThrough: yesterday.state.day,
    tickRuns: [{ accountId, firstDay: yesterday.ticks[0]!.day, ticks: JSON.stringify(yesterday.ticks) }],
    interventions: yesterday.changed.map((each) => interventionRow(accountId, each)),
    decision: {
      accountId,
      decisionId: yesterday.decision.decisionId,
      asOf: Date.parse(yesterday.decision.asOf),
      policyHash: yesterday.decision.policyHash,
      catalogueHash: yesterday.inputs.catalogueHash,
      body: renamed(yesterday.decisionText),
      inputs: renamed(yesterday.inputsText),
    },
    decidedRevision: 1,
    decidedContext: 'yesterday',
    nextChangeAt: yesterday.nextChangeAt,
    ...(yesterday.followUp !== undefined && { followUp: copiesOf(yesterday.followUp, accountId, renamed) }),
  };
  await session.recordEvaluations([write]);
}

/** What yesterday's evaluation left beside the journey: without it, every handoff would be begun anew today. */
function copiesOf(
  { artefacts, outcomes, handoffs, contacts }: FollowUpWrite,
  accountId: string,
  renamed: (text: string) => string,
): FollowUpWrite {
  return {
    artefacts: artefacts.map((row) => ({ ...row, accountId })),
    outcomes: outcomes.map((row) => ({ ...row, accountId })),
    handoffs: handoffs.map((row) => ({ ...row, accountId, body: renamed(row.body) })),
    contacts: contacts.map((row) => ({ ...row, accountId })),
  };
}

/** Both evaluations in one process, the workspace loaded anew for each; nothing is printed. */
async function run(path: string, accounts: number): Promise<Run> {
  const store = await openSqliteStore(path);
  const first = await evaluateToday(store, path, accounts, accounts);
  const touched = Math.floor(accounts / TOUCHED_EVERY);
  await touch(store, touched);
  const second = await evaluateToday(store, path, touched, 0);
  await store.close();
  return {
    firstSeconds: first,
    secondSeconds: second,
    peakRssMiB: process.resourceUsage().maxRSS / 1024,
  };
}

/** Seconds. */
async function evaluateToday(store: Store, path: string, decided: number, ticks: number): Promise<number> {
  const begun = performance.now();
  const { policy, document: policyDocument } = loadBuiltIn();
  const catalogue = benchCatalogue();
  const asOf = clock.instantOf(TODAY, policy.runHour);
  const threads = evaluationThreads({ databasePath: path, policyDocument });
  await prepareThreads({ store, policy, clock, asOf, threads });
  const loaded = await loadWorkspace({ store, catalogue, policy, clock, currency: 'USD', asOf, keepProfiles: true });
  const summary = await evaluateAccounts({ store, loaded, policy, asOf, ...(threads && { threads }) });
  if (summary.decided !== decided || summary.ticks !== ticks)
    throw new Error(`not what was due: ${JSON.stringify(summary)}`);
  return secondsSince(begun);
}

/** A note that came in this morning. */
async function touch(store: Store, touched: number): Promise<void> {
  const at = clock.instantOf(TODAY, 5);
  await store.write(async (session) => {
    for (let i = 0; i < touched; i++) {
      const accountId = `acc-${(i * TOUCHED_EVERY).toString().padStart(6, '0')}`;
      const body = JSON.stringify({
        accountId,
        noteId: 'new',
        at,
        text: 'Called, no answer',
        author: 'csm',
        kind: 'call',
        tags: [],
      });
      await session.insertEntities([
        { accountId, kind: 'notes', id: 'new', effectiveAt: at, receivedAt: at, hash: hash('sha256', body), body },
      ]);
      await session.touchAccounts([{ accountId, earliestDay: TODAY, hasAccount: false }]);
    }
  });
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { accounts: { type: 'string' }, step: { type: 'string' }, database: { type: 'string' } },
  });
  const accounts = Number(values.accounts);
  if (values.step === 'fill') await fill(values.database!, accounts);
  else process.stdout.write(JSON.stringify(await run(values.database!, accounts)));
}
