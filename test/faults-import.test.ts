/** `stagecraft import` as a process that is killed, starved, locked out and run twice at once. */
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readWorkspaceConfig } from '../src/config.ts';
import { measuredProperties } from '../src/core/history/cells.ts';
import { randomFor } from '../src/sample/random.ts';
import { openSqliteStore } from '../src/store/sqlite/open-store.ts';
import { endCommands, type Outcome, stagecraft } from './fixtures/command.ts';
import { type RecordFiles, recordFiles, writeRecords } from './fixtures/record-folder.ts';
import { recount, storedLedger } from './fixtures/recounted-ledger.ts';
import { contentOf, differences, type StoreContent } from './fixtures/store-content.ts';

const ROUNDS = Number(process.env.STAGECRAFT_FAULT_ROUNDS ?? 5);
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
  const numbers = line.split(/\s{2,}/).slice(1).map((text) => Number(text.replaceAll(',', '')));
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

describe('an import killed at any moment', () => {
  it(`keeps what was acknowledged, and done again ends as if nothing had happened (${ROUNDS} rounds)`, async () => {
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
  });
});
