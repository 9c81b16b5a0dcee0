/** `stagecraft evaluate` as a process that is killed, doubled, locked out and given a wrong clock. */
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readWorkspaceConfig } from '../src/config.ts';
import { parseDay } from '../src/core/time/calendar.ts';
import { evaluateAccounts, latestEvaluation } from '../src/pipeline/evaluate-accounts.ts';
import { loadWorkspace } from '../src/pipeline/load-workspace.ts';
import { buildPortfolio } from '../src/sample/portfolio.ts';
import { randomFor } from '../src/sample/random.ts';
import { openSqliteStore } from '../src/store/sqlite/open-store.ts';
import { endCommands, type Outcome, stagecraft } from './fixtures/command.ts';
import { allowWriting, canForbidWriting, lockDatabase, withoutWriting } from './fixtures/obstacles.ts';
import { type RecordFiles, recordFiles, writeRecords } from './fixtures/record-folder.ts';
import { contentOf, differences, type StoreContent } from './fixtures/store-content.ts';

const ROUNDS = Number(process.env.STAGECRAFT_FAULT_ROUNDS ?? 5);
const ROUND_MS = 20_000; // ten times what one takes, for a busy machine
const MS_PER_DAY = 86_400_000;

/** 60 accounts of the sample after 200 days, and 240 young ones, so that an evaluation writes more than once. */
const YOUNG = { seed: 3, prefix: 'aaa', accounts: 240, events: 2_400, lastDay: '2025-12-22', days: 20 };
const AS_OF = ['2025-12-15', '2025-12-16', '2025-12-19', '2025-12-21'] as const;
/** Arrives after the second evaluation and speaks of days that have been ticked. */
const LATE = { ...YOUNG, events: 2_900 };

interface State {
  workspace: string;
  content: StoreContent;
}

let root: string;
let late: string;
/** One evaluation after the other, undisturbed. */
const steps: { asOf: string; before: State; after: State; outcome: Outcome }[] = [];

const databaseOf = (workspace: string) => join(workspace, 'stagecraft.db');
const run = (workspace: string, args: readonly string[], options: Parameters<typeof stagecraft>[1] = {}) =>
  stagecraft(['--workspace', workspace, ...args], { database: databaseOf(workspace), ...options });
const evaluating = (workspace: string, asOf: string, options?: Parameters<typeof stagecraft>[1]) =>
  run(workspace, ['evaluate', '--ndjson', '--as-of', asOf], options);

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'stagecraft-evaluate-'));
  const workspace = join(root, 'state-0');
  late = join(root, 'late');
  writeRecords(join(root, 'young'), recordFiles(YOUNG));
  writeRecords(late, recordFiles(LATE));
  writeRecords(join(root, 'sample'), sampleFiles());
  await run(workspace, ['init', workspace]);
  cpSync(join(import.meta.dirname, '..', 'examples', 'sample', 'catalog.yaml'), join(workspace, 'catalog.yaml'));
  const imported = await run(workspace, ['import', '--allow-rejects', join(root, 'sample'), join(root, 'young')]);
  expect(imported.status, imported.stderr).toBe(0);
  for (const [i, asOf] of AS_OF.entries()) {
    const from = i === 0 ? workspace : copyOf(steps[i - 1]!.after);
    if (i === 2) expect(await run(from, ['import', '--allow-rejects', late])).toMatchObject({ status: 0 });
    const before = { workspace: from, content: contentOf(databaseOf(from)) };
    const to = copyOf(before);
    const outcome = await evaluating(to, asOf);
    expect(outcome.status, outcome.stderr).toBe(0);
    steps.push({ asOf, before, after: { workspace: to, content: contentOf(databaseOf(to)) }, outcome });
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
afterEach(endCommands);

/** The sample portfolio, without the events that come after all of this. */
function sampleFiles(): RecordFiles {
  const { records } = buildPortfolio();
  const events = records.events.filter((row) => String(row.timestamp) < YOUNG.lastDay);
  return Object.fromEntries(Object.entries({ ...records, events }).map(([kind, rows]) => [`${kind}.ndjson`, rows]));
}

let made = 0;
/** A workspace like that of a state, to do with what a test likes. */
function copyOf({ workspace }: State): string {
  const copy = join(root, `workspace-${made++}`);
  cpSync(workspace, copy, { recursive: true });
  return copy;
}

/** Tables that hold one account's rows; all of them are written at once. */
const OF_ACCOUNTS = [
  'account_status',
  'journeys',
  'tick_runs',
  'interventions',
  'artefacts',
  'contact_log',
  'handoffs',
  'decisions',
];
/** Column of the arrival, which counts all accounts. */
const ARRIVAL: Record<string, number> = { decisions: 2, contact_log: 1 };

/** Everything recorded of each account, as one text. */
function byAccount(content: StoreContent): Map<string, string> {
  const accounts = new Map<string, string>();
  for (const table of OF_ACCOUNTS) {
    for (const row of content[table]!) {
      const values = JSON.parse(row) as unknown[];
      if (ARRIVAL[table] !== undefined) values.splice(ARRIVAL[table], 1);
      const id = values[0] as string;
      accounts.set(id, `${accounts.get(id) ?? ''}${table} ${JSON.stringify(values)}\n`);
    }
  }
  return accounts;
}

/** How many accounts are as they are afterwards; the others must be as they were before. */
function accountsDone(workspace: string, before: State, after: State): number {
  const [old, done] = [byAccount(before.content), byAccount(after.content)];
  const changed = [...byAccount(contentOf(databaseOf(workspace)))].filter(([id, text]) => text !== old.get(id));
  for (const [id, text] of changed) expect(text).toBe(done.get(id));
  return changed.length;
}

async function problemsOf(workspace: string): Promise<string[]> {
  const store = await openSqliteStore(databaseOf(workspace));
  const problems = await store.checkIntegrity();
  await store.close();
  return problems;
}

const unchanged = (workspace: string, state: State) =>
  expect(differences(contentOf(databaseOf(workspace)), state.content)).toEqual([]);

describe('an evaluation killed at any moment', () => {
  it(
    `leaves each account as before or after it, and done again ends as if nothing had happened (${ROUNDS} rounds)`,
    async () => {
      const random = randomFor(20_260_402, 'evaluate');
      let cut = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const { asOf, before, after, outcome } = steps[round % 5 === 1 ? 0 : random.between(1, AS_OF.length - 1)]!;
        const workspace = copyOf(before);
        const killed = await evaluating(workspace, asOf, { killAfterMs: random.next() * outcome.workMs });
        if (killed.status === null) cut++;
        else outcome.workMs = killed.workMs; // it came to its end: the whole is timed anew

        expect(await problemsOf(workspace)).toEqual([]);
        accountsDone(workspace, before, after);

        const again = await evaluating(workspace, asOf);
        expect([again.status, again.stdout === outcome.stdout], again.stderr).toEqual([0, true]);
        unchanged(workspace, after);
        rmSync(workspace, { recursive: true });
      }
      expect(cut).toBeGreaterThan(ROUNDS / 2);
    },
    ROUNDS * ROUND_MS,
  );

  it('between two writes has kept the first, and done again does the rest only', async () => {
    const { asOf, before, after, outcome } = steps[0]!;
    const workspace = copyOf(before);
    const reader = new DatabaseSync(databaseOf(workspace), { readOnly: true });
    const decided = reader.prepare('select 1 from account_status where decided_at is not null limit 1');
    const killed = await evaluating(workspace, asOf, { killWhen: () => decided.get() !== undefined });
    reader.close();
    expect(killed.status).toBeNull();
    const kept = accountsDone(workspace, before, after);
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(accountsDone(after.workspace, before, after));
    const again = await evaluating(workspace, asOf);
    expect(again.stderr).toContain(`${kept} unchanged`);
    expect([again.status, again.stdout === outcome.stdout]).toEqual([0, true]);
    unchanged(workspace, after);
  });

  it('makes decisions, ticks and interventions worth comparing', () => {
    const { content } = steps.at(-1)!.after;
    expect(content.decisions!.length).toBeGreaterThan(600);
    expect(content.interventions!.length).toBeGreaterThan(100);
    expect(content.tick_runs!.length).toBeGreaterThan(600);
    const keys = content.interventions!.map((row) => (JSON.parse(row) as string[]).slice(0, 2).join(' '));
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('two evaluations at once', () => {
  it('as of the same moment give what one gives, and both print it', async () => {
    const { asOf, before, after, outcome } = steps[1]!;
    const workspace = copyOf(before);
    const command = ['--workspace', workspace, 'evaluate', '--ndjson', '--as-of', asOf];
    const outcomes = await Promise.all([stagecraft(command), stagecraft(command)]);
    for (const { status, stdout, stderr } of outcomes) {
      expect(status, stderr).toBe(0);
      expect(stdout === outcome.stdout).toBe(true); // a diff of all decisions would help nobody
    }
    unchanged(workspace, after);
  });

  it('as of now both end well, although the one that began first has the earlier clock', async () => {
    const workspace = copyOf(steps[1]!.after);
    const now = (parseDay(AS_OF[2])! + 0.5) * MS_PER_DAY;
    const command = ['--workspace', workspace, 'evaluate', '--ndjson'];
    const outcomes = await Promise.all([stagecraft(command, { now }), stagecraft(command, { now: now + 1 })]);
    for (const { status, stderr } of outcomes) expect(status, stderr).toBe(0);
    expect(await problemsOf(workspace)).toEqual([]);
  });

  it('keep what a later one recorded meanwhile, and write nothing', async () => {
    const workspace = copyOf(steps[1]!.after);
    const { catalogue, policy, clock, currency } = readWorkspaceConfig(workspace);
    const store = await openSqliteStore(databaseOf(workspace));
    try {
      const begin = async (asOf: number) => {
        const loaded = await loadWorkspace({ store, catalogue, policy, clock, currency, asOf, keepProfiles: true });
        return { store, loaded, policy, asOf };
      };
      const noon = (parseDay(AS_OF[2])! + 0.5) * MS_PER_DAY;
      const first = await begin(noon);
      const second = await evaluateAccounts(await begin(noon + 5_000));
      expect(second.decided).toBeGreaterThan(200);
      const recorded = contentOf(databaseOf(workspace));
      const summary = await evaluateAccounts({ ...first, keepLater: true });
      expect(summary).toMatchObject({ decided: 0, ticks: 0, unchanged: second.decided });
      await expect(evaluateAccounts(first)).rejects.toMatchObject({ code: 'clock_set_back' });
      expect(differences(contentOf(databaseOf(workspace)), recorded)).toEqual([]);
      expect((await latestEvaluation(store))?.decidedAt).toBe(noon + 5_000);
    } finally {
      await store.close();
    }
  });

  it('and an import beside them: all end well, and the next evaluation has seen every record', async () => {
    const more = join(root, 'more');
    writeRecords(more, recordFiles({ ...YOUNG, prefix: 'new', accounts: 40, events: 4_000 }));
    const workspace = copyOf(steps[1]!.after);
    const plain = copyOf(steps[1]!.after);
    const during = AS_OF[2];
    const importing = ['import', '--allow-rejects', more, late];
    const outcomes = await Promise.all([
      stagecraft(['--workspace', workspace, ...importing]),
      stagecraft(['--workspace', workspace, 'evaluate', '--as-of', during]),
      stagecraft(['--workspace', workspace, 'evaluate', '--as-of', during]),
      run(plain, importing),
    ]);
    for (const { status, stderr } of outcomes) expect(status, stderr).toBe(0);
    const records = (path: string) => {
      const { events, entities, ledger, coverage, record_kinds, event_names } = contentOf(databaseOf(path), {
        without: ['entities.arrival'], // decisions take numbers too
      });
      return { events, entities, ledger, coverage, record_kinds, event_names } as StoreContent;
    };
    expect(differences(records(workspace), records(plain))).toEqual([]);
    expect(await evaluating(workspace, during)).toMatchObject({ status: 0 });
    expect(await problemsOf(workspace)).toEqual([]);
    const settled = contentOf(databaseOf(workspace));
    expect((await run(workspace, ['evaluate', '--as-of', during])).stderr).toMatch(/: 0 decided, \d+ unchanged/);
    expect(differences(contentOf(databaseOf(workspace)), settled)).toEqual([]);
  });
});

describe('a clock that was set back', () => {
  const runHour = (day: string) => (parseDay(day)! + 0.25) * MS_PER_DAY;

  it('by a day refuses to evaluate as of now, exits with 1 and changes nothing', async () => {
    const { after } = steps[1]!;
    const workspace = copyOf(after);
    const back = await run(workspace, ['evaluate', '--json'], { now: runHour(AS_OF[1]) - MS_PER_DAY });
    expect(back.stderr).toMatch(
      /^stagecraft: account .* was evaluated as of 2025-12-16T06:00:00Z, after 2025-12-15T06:00:00Z.*Check the clock.* \[clock_set_back\]\n$/,
    );
    expect([back.status, back.stdout]).toEqual([1, '']);
    unchanged(workspace, after);
    // When it is right again, so is everything else.
    const right = await run(workspace, ['evaluate'], { now: runHour(AS_OF[1]) + MS_PER_DAY });
    expect([right.status, right.stderr]).toEqual([0, expect.stringContaining('As of 2025-12-17T06:00:00Z')]);
  });

  it('is not what an explicit earlier --as-of means: that looks back and records nothing', async () => {
    const workspace = copyOf(steps[1]!.after);
    const back = await evaluating(workspace, AS_OF[0]);
    expect(back.status, back.stderr).toBe(0);
    // What was decided since of accounts that did not exist then is not in it.
    expect(back.stdout === steps[0]!.outcome.stdout).toBe(true);
    unchanged(workspace, steps[1]!.after);
  });
});

describe('an evaluation that cannot begin says what to do and changes nothing', () => {
  it('when there is no workspace', async () => {
    const missing = join(root, 'missing');
    const { status, stdout, stderr } = await stagecraft(['--workspace', missing, 'evaluate']);
    expect(stderr).toMatch(
      /^stagecraft: there is no workspace at .*missing; make one with `stagecraft init .*\[workspace_not_found\]\n$/,
    );
    expect([status, stdout]).toEqual([4, '']); // contract.md: 4 is "not found"
  });

  it('when there is no database in it', async () => {
    const workspace = copyOf(steps[1]!.before);
    rmSync(databaseOf(workspace));
    const { status, stderr } = await stagecraft(['--workspace', workspace, 'evaluate']);
    expect(stderr).toMatch(
      /^stagecraft: There is no database at .*stagecraft\.db\. Run `stagecraft init` or `stagecraft import`\. \[not_found\]\n$/,
    );
    expect(status).toBe(4);
  });

  it('when another process holds the database, for writing or altogether', async () => {
    const locked = async (fromReaders: boolean) => {
      const workspace = copyOf(steps[1]!.before);
      const release = lockDatabase(databaseOf(workspace), { fromReaders });
      const outcome = await stagecraft(['--workspace', workspace, 'evaluate', '--as-of', AS_OF[1]]);
      release();
      unchanged(workspace, steps[1]!.before);
      return outcome;
    };
    for (const { status, stdout, stderr } of await Promise.all([locked(false), locked(true)])) {
      expect(stderr).toMatch(/^stagecraft: .*stagecraft\.db is locked by another process.*\[locked\]\n$/);
      expect([status, stdout]).toEqual([1, '']);
    }
  });

  it('when the workspace cannot be written', async ({ skip }) => {
    skip(!canForbidWriting, 'skipped: a folder that cannot be written needs unshare, as root');
    const workspace = copyOf(steps[1]!.before);
    const through = withoutWriting(workspace);
    const { status, stdout, stderr } = await stagecraft(['--workspace', workspace, 'evaluate'], { through });
    allowWriting(workspace);
    expect(stderr).toMatch(
      /^stagecraft: .*stagecraft\.db cannot be written\. Give this user the right.* \[read_only\]\n$/,
    );
    expect([status, stdout]).toEqual([1, '']);
    unchanged(workspace, steps[1]!.before);
  });

  it('when the database is cut off', async () => {
    const workspace = copyOf(steps[1]!.before);
    truncateSync(databaseOf(workspace), 80_000);
    const before = readFileSync(databaseOf(workspace));
    const { status, stdout, stderr } = await stagecraft(['--workspace', workspace, 'evaluate']);
    expect(stderr).toMatch(/^stagecraft: .*stagecraft\.db is damaged .*Restore it from a backup.*\[corrupt\]\n$/);
    expect([status, stdout]).toEqual([1, '']);
    expect(readFileSync(databaseOf(workspace)).equals(before)).toBe(true);
  });

  it('when pages of the database are damaged: nothing of the batch that met them is written', async () => {
    const workspace = copyOf(steps[1]!.before);
    const bytes = readFileSync(databaseOf(workspace));
    for (let at = 20 * 8192; at < bytes.length; at += 16 * 8192) bytes.fill(0xa5, at, at + 8192);
    writeFileSync(databaseOf(workspace), bytes);
    const { status, stderr } = await stagecraft(['--workspace', workspace, 'evaluate', '--as-of', AS_OF[1]]);
    expect(stderr).toMatch(/^stagecraft: .*stagecraft\.db is damaged .*Restore it from a backup.*\[corrupt\]\n$/);
    expect(status).toBe(1);
  });
});
