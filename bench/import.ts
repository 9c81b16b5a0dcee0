/**
 * Import of generated events into the embedded store, durable, against the least anyone could do: decompress, split,
 * JSON.parse and insert in file order into the same keyed table with the same pragmas and batches. Each contender runs in
 * a process of its own, so that its memory is its own.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { zoneClock } from '../src/core/time/calendar.ts';
import { findSources } from '../src/files/find-sources.ts';
import { readLines } from '../src/files/lines.ts';
import { importRecords } from '../src/pipeline/import-records.ts';
import { openSqliteStore } from '../src/store/sqlite/open-store.ts';
import { writeGeneratedEvents } from './generated-events.ts';
import { RUNTIME_ENV, RUNTIME_FLAGS } from './runtime-flags.ts';
import { secondsSince } from './seconds.ts';

const ROWS_PER_TRANSACTION = 40_000; // as the import does

export interface ImportBench {
  events: number;
  seconds: number;
  /** Of the importing process. */
  peakRssMiB: number;
  bareSeconds: number;
}

type Contender = Pick<ImportBench, 'seconds' | 'peakRssMiB'>;

/** Writes the file that every run reads. */
export async function prepareImport(folder: string, events: number): Promise<void> {
  await writeGeneratedEvents(eventFile(folder), events);
}

export function benchImport(folder: string, events: number): ImportBench {
  const bare = run('bare', folder);
  return { events, ...run('import', folder), bareSeconds: bare.seconds };
}

function eventFile(folder: string): string {
  return join(folder, 'events.ndjson.gz');
}

function run(contender: string, folder: string): Contender {
  const database = join(folder, `${contender}.db`);
  const args = [...RUNTIME_FLAGS, fileURLToPath(import.meta.url), contender, eventFile(folder), database];
  const output = execFileSync(process.execPath, args, { env: RUNTIME_ENV });
  rmSync(database);
  return JSON.parse(output.toString());
}

async function importAll(file: string, database: string): Promise<void> {
  const store = await openSqliteStore(database, { create: true });
  const measured = { sums: new Map([['api_call', ['amount']]]), labels: new Map<string, string>(), hash: 'bench' };
  const context = { clock: zoneClock('UTC'), currency: 'USD' };
  await importRecords({ store, sources: findSources([file]).sources, context, measured });
  await store.close();
}

async function insertBare(file: string, path: string): Promise<void> {
  // a store of ours makes the table and the file's settings
  await (await openSqliteStore(path, { create: true })).close();
  const database = new DatabaseSync(path);
  database.exec('pragma synchronous = full; pragma wal_autocheckpoint = 4000; pragma cache_size = -65536');
  const insert = database.prepare('insert or ignore into events values (?, ?, ?, ?, ?, ?, ?)');
  let rows = 0;
  database.exec('begin immediate');
  for await (const { lines } of readLines(file)) {
    for (const { text } of lines) {
      const event = JSON.parse(text);
      const at = Date.parse(event.timestamp);
      insert.run(event.accountId, event.messageId, event.userId, event.event, at, at, JSON.stringify(event.properties));
      if (++rows % ROWS_PER_TRANSACTION === 0) database.exec('commit; begin immediate');
    }
  }
  database.exec('commit');
  database.close();
}

const [contender, file, database] = process.argv.slice(2);
if (import.meta.main && file !== undefined && database !== undefined) {
  const begun = performance.now();
  await (contender === 'import' ? importAll(file, database) : insertBare(file, database));
  process.stdout.write(
    JSON.stringify({ seconds: secondsSince(begun), peakRssMiB: process.resourceUsage().maxRSS / 1024 }),
  );
}
