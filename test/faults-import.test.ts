/** `stagecraft import` as a process that is killed, starved, locked out and run twice at once. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readWorkspaceConfig } from '../src/config.ts';
import { measuredProperties } from '../src/core/history/cells.ts';
import { findSources } from '../src/files/find-sources.ts';
import { importRecords } from '../src/pipeline/import-records.ts';
import { randomFor } from '../src/sample/random.ts';
import { openSqliteStore } from '../src/store/sqlite/open-store.ts';
import { endCommands, type Outcome, stagecraft } from './fixtures/command.ts';
import {
  allowWriting,
  canForbidWriting,
  canMount,
  lockDatabase,
  onSmallDisk,
  withoutWriting,
} from './fixtures/obstacles.ts';
import { type RecordFiles, recordFiles, writeRecords } from './fixtures/record-folder.ts';
import { recount, storedLedger } from './fixtures/recounted-ledger.ts';
import { contentOf, differences, type StoreContent } from './fixtures/store-content.ts';

const ROUNDS = Number(process.env.STAGECRAFT_FAULT_ROUNDS ?? 5);
const ROUND_MS = 20_000; // ten times what one takes, for a busy machine
const ACKNOWLEDGED = { seed: 1, prefix: 'old', accounts: 30, events: 6_000, lastDay: '2026-03-31', days: 120 };
const INTERRUPTED = { seed: 2, prefix: 'new', accounts: 60, events: 24_000, lastDay: '2026-06-30', days: 200 };
/** Of `old`: arrives with the second folder, so that it also changes accounts that are there. */
const LATE = { ...ACKNOWLEDGED, events: 7_000 };

/** Duplicates take a number too, so the numbers of an import that was done twice have gaps; their order is the same. */
const ARRIVALS = ['entities.arrival', 'counters.value'];

let root: string;
let first: string;
let second: string;

/** A workspace that holds `first`, its database closed. */
let base: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'stagecraft-import-'));
  first = join(root, 'first');
  second = join(root, 'second');
  writeRecords(first, recordFiles(ACKNOWLEDGED));
  writeRecords(second, mixed(recordFiles(INTERRUPTED), recordFiles(LATE)));
  base = join(root, 'base');
  expect(await importing(base, first)).toMatchObject({ status: 3 });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
afterEach(endCommands);

function mixed(one: RecordFiles, other: RecordFiles): RecordFiles {
  return Object.fromEntries(Object.entries(one).map(([name, rows]) => [name, [...rows, ...(other[name] ?? [])]]));
}

const databaseOf = (workspace: string) => join(workspace, 'stagecraft.db');
const importing = (workspace: string, folder: string, options: Parameters<typeof stagecraft>[1] = {}) =>
  stagecraft(['--workspace', workspace, 'import', folder], { database: databaseOf(workspace), ...options });

let made = 0;
/** A workspace of its own: empty and not there yet, or a copy of another one. */
function workspaceOf(original?: string): string {
  const workspace = join(root, `workspace-${made++}`);
  if (original !== undefined) cpSync(original, workspace, { recursive: true });
  return workspace;
}

/** The last line of the summary: accepted, duplicates, rejected. */
function totals({ stdout }: Outcome): [accepted: number, duplicates: number, rejected: number] {
  const line = stdout.trim().split('\n').at(-1)!;
  const numbers = line
    .split(/\s{2,}/)
    .slice(1)
    .map((text) => Number(text.replaceAll(',', '')));
  return numbers as [number, number, number];
}

/** Rows in the order in which they came, without the number that says so. */
function inOrderOfArrival(workspace: string): string[] {
  const content = contentOf(databaseOf(workspace)).entities!.map((row) => JSON.parse(row) as unknown[]);
  const arrival = (row: unknown[]) => row[6] as number;
  return content.sort((a, b) => arrival(a) - arrival(b)).map((row) => JSON.stringify(row.toSpliced(6, 1)));
}

/** Whatever was written must fit together: a batch is there with its ledger, coverage and statuses, or not at all. */
async function expectWhole(workspace: string): Promise<void> {
  const { clock, catalogue } = readWorkspaceConfig(workspace);
  const store = await openSqliteStore(databaseOf(workspace));
  try {
    expect(await store.checkIntegrity()).toEqual([]);
    const ids = (await store.listStatuses()).map((status) => status.accountId);
    const found = await recount(store, ids, clock, measuredProperties(catalogue));
    expect(await storedLedger(store, ids)).toEqual(found.ledger);
    expect(await store.readCoverage()).toEqual(found.coverage);
    const counted = await store.countRows();
    const content = contentOf(databaseOf(workspace));
    expect([content.events!.length, content.entities!.length]).toEqual([counted.events, counted.entities]);
    const accountsOf = (rows: string[]) => rows.map((row) => (JSON.parse(row) as string[])[0]!);
    expect([...new Set([...accountsOf(content.events!), ...accountsOf(content.entities!)])].sort()).toEqual(ids.sort());
  } finally {
    await store.close();
  }
}

/** Of `content`, the rows that must be among those of `later`. */
function missingRows(content: StoreContent, later: StoreContent, table: string): string[] {
  const there = new Set(later[table]);
  return content[table]!.filter((row) => !there.has(row));
}

// [G1] [G3]
describe('an import killed at any moment', () => {
  it(
    `keeps what was acknowledged, and done again ends as if nothing had happened (${ROUNDS} rounds)`,
    async () => {
      const random = randomFor(20_260_401, 'import');
      const starts = [base, undefined];
      const undisturbed = await Promise.all(
        starts.map(async (start) => {
          const workspace = workspaceOf(start);
          const outcome = await importing(workspace, second);
          expect(outcome.status).toBe(3);
          const content = contentOf(databaseOf(workspace), { without: ARRIVALS });
          return { workspace, outcome, content, order: inOrderOfArrival(workspace) };
        }),
      );
      let cut = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const start = starts[round % 3 === 1 ? 1 : 0];
        const expected = undisturbed[start === undefined ? 1 : 0]!;
        const workspace = workspaceOf(start);
        const database = databaseOf(workspace);
        const killAfterMs = random.next() * expected.outcome.workMs;
        const killed = await importing(workspace, second, { killAfterMs });
        if (killed.status === null) cut++;
        else expected.outcome.workMs = killed.workMs; // it came to its end: the whole is timed anew
        if (start === undefined && !existsSync(database)) continue;

        await expectWhole(workspace);
        if (start !== undefined) {
          const now = contentOf(database, { without: ARRIVALS });
          const before = contentOf(databaseOf(start), { without: ARRIVALS });
          expect(missingRows(before, now, 'entities')).toEqual([]);
          expect(missingRows(before, now, 'events')).toEqual([]);
        }
        const again = await importing(workspace, second);
        expect(again.status, again.stderr).toBe(3);
        const [accepted, duplicates, rejected] = totals(again);
        const all = totals(expected.outcome);
        expect([accepted + duplicates, rejected]).toEqual([all[0] + all[1], all[2]]);
        // Even the revisions are equal: what was written were whole batches, and the same ones are missing.
        expect(differences(contentOf(database, { without: ARRIVALS }), expected.content)).toEqual([]);
        expect(inOrderOfArrival(workspace)).toEqual(expected.order);
        expect(readFileSync(join(workspace, 'rejects.ndjson'))).toEqual(
          readFileSync(join(expected.workspace, 'rejects.ndjson')),
        );
        rmSync(workspace, { recursive: true });
      }
      expect(cut).toBeGreaterThan(ROUNDS / 2);
    },
    ROUNDS * ROUND_MS,
  );
});

/** Revisions count how often an account was touched: with the batches of two imports between each other, more often. */
const COUNTS = [...ARRIVALS, 'account_status.revision'];

describe('two imports at once', () => {
  it('of the same new workspace and overlapping files both end, and the records are there once', async () => {
    const one = workspaceOf();
    for (const folder of [first, second]) expect(await importing(one, folder)).toMatchObject({ status: 3 });
    const expected = contentOf(databaseOf(one), { without: COUNTS });
    const workspace = workspaceOf();
    const run = (...folders: string[]) => stagecraft(['--workspace', workspace, 'import', ...folders]);
    const outcomes = await Promise.all([run(second, first), run(second)]);
    for (const { status, stderr } of outcomes) expect(status, stderr).toBe(3);
    await expectWhole(workspace);
    expect(differences(contentOf(databaseOf(workspace), { without: COUNTS }), expected)).toEqual([]);
    const accepted = outcomes.reduce((sum, outcome) => sum + totals(outcome)[0], 0);
    expect(accepted).toBe(expected.events!.length + expected.entities!.length);
  });
});

describe('a full disk', () => {
  /** So many rejected lines that they too need room. */
  const manyRejects = () => {
    const folder = join(root, 'rejects');
    const lines = Array.from({ length: 60 }, (_, i) => `{"broken": "${'x'.repeat(400)}${i}"`);
    writeRecords(folder, { 'goals.ndjson': lines, ...recordFiles({ ...INTERRUPTED, events: 12_000 }) });
    return folder;
  };

  it('in the middle of an import keeps whole batches, and with space again the rest follows', async () => {
    const workspace = workspaceOf(base);
    const { clock, currency, catalogue } = readWorkspaceConfig(workspace);
    const run = async (maxPages?: number) => {
      const store = await openSqliteStore(databaseOf(workspace), maxPages === undefined ? {} : { maxPages });
      const { sources } = findSources([second]);
      const measured = measuredProperties(catalogue);
      try {
        return await importRecords({ store, sources, context: { clock, currency }, measured });
      } finally {
        await store.close();
      }
    };
    const expected = workspaceOf(base);
    await importing(expected, second);
    const message = expect.stringMatching(
      /No space left to write .*stagecraft\.db.* free some space and run this again/,
    );
    await expect(run(250)).rejects.toMatchObject({ code: 'disk_full', message });
    await expectWhole(workspace);
    const { accepted, duplicates } = await run();
    expect(accepted).toBeGreaterThan(0);
    expect(duplicates).toBeGreaterThan(4_000); // something was kept
    const ignored = { without: ARRIVALS };
    const content = contentOf(databaseOf(workspace), ignored);
    expect(differences(content, contentOf(databaseOf(expected), ignored))).toEqual([]);
  });

  it('is what the command reports, also when rejected lines wait to be written', async ({ skip }) => {
    skip(!canMount, 'skipped: a full disk needs root and tmpfs');
    const folder = manyRejects();
    const disk = join(root, 'disk');
    const kept = workspaceOf();
    for (const path of [disk, kept]) mkdirSync(path);
    const full = await stagecraft(['--workspace', disk, 'import', folder], { through: onSmallDisk(disk, 1_500, kept) });
    expect(full.stderr).toMatch(
      /^stagecraft: No space left to write .*stagecraft\.db.* \[disk_full\]\n.*run the same command again/,
    );
    expect([full.status, full.stdout]).toEqual([1, '']);
    await expectWhole(kept);

    const expected = workspaceOf();
    const undisturbed = await importing(expected, folder);
    const again = await importing(kept, folder);
    expect(again.status).toBe(3);
    expect(totals(again)[1]).toBeGreaterThan(totals(undisturbed)[1]); // something was kept
    const ignored = { without: ARRIVALS };
    const content = contentOf(databaseOf(kept), ignored);
    expect(differences(content, contentOf(databaseOf(expected), ignored))).toEqual([]);
    const rejects = (workspace: string) => readFileSync(join(workspace, 'rejects.ndjson'), 'utf8');
    expect(rejects(kept)).toBe(rejects(expected));
  });
});

describe('an import that cannot begin says what to do, exits with 1 and changes nothing', () => {
  const lines = (text: string) => text.trim().split('\n');

  it('when another process holds the database', async () => {
    const workspace = workspaceOf(base);
    const before = contentOf(databaseOf(base));
    const release = lockDatabase(databaseOf(workspace), { fromReaders: false });
    const { status, stdout, stderr } = await stagecraft(['--workspace', workspace, 'import', second]);
    release();
    expect(stderr).toMatch(/^stagecraft: .*stagecraft\.db is locked by another process.*Wait until.* \[locked\]/);
    expect([status, stdout]).toEqual([1, '']);
    expect(differences(contentOf(databaseOf(workspace)), before)).toEqual([]);
  });

  it('when the workspace cannot be written', async ({ skip }) => {
    skip(!canForbidWriting, 'skipped: a folder that cannot be written needs unshare, as root');
    const workspace = workspaceOf(base);
    const through = withoutWriting(workspace);
    const { status, stdout, stderr } = await stagecraft(['--workspace', workspace, 'import', second], { through });
    allowWriting(workspace);
    expect(stderr).toMatch(
      /^stagecraft: .*stagecraft\.db cannot be written\. Give this user the right.* \[read_only\]/,
    );
    expect([status, stdout, lines(stderr).length]).toEqual([1, '', 1]);
    expect(differences(contentOf(databaseOf(workspace)), contentOf(databaseOf(base)))).toEqual([]);
  });

  it.each([
    ['cut off', (path: string) => truncateSync(path, 40_000), /stagecraft\.db is damaged .*Restore it from a backup/],
    [
      'no database',
      (path: string) => writeFileSync(path, 'accountId,name\n'),
      /stagecraft\.db is not a Stagecraft database/,
    ],
  ])('when the database is %s', async (_, damage, message) => {
    const workspace = workspaceOf(base);
    damage(databaseOf(workspace));
    const before = readFileSync(databaseOf(workspace));
    const { status, stdout, stderr } = await stagecraft(['--workspace', workspace, 'import', second]);
    expect(stderr).toMatch(message);
    expect(stderr).toContain('[corrupt]');
    expect([status, stdout]).toEqual([1, '']);
    expect(readFileSync(databaseOf(workspace)).equals(before)).toBe(true);
  });

  it('when the workspace is a file', async () => {
    const workspace = join(root, 'a-file');
    writeFileSync(workspace, 'x');
    const { status, stderr } = await stagecraft(['--workspace', workspace, 'import', second]);
    expect(stderr).toMatch(/^stagecraft: .*a-file is a file; a workspace is a folder/);
    expect(status).toBe(1);
    expect(readFileSync(workspace, 'utf8')).toBe('x');
  });
});
