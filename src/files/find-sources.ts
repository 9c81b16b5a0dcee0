/** From the paths a person names to the record files in them. */
import { readdirSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { RECORD_KINDS, type RecordKind } from '../core/records/record.ts';
import type { RecordSource } from '../pipeline/record-source.ts';
import { readCsv } from './csv-rows.ts';
import { readNdjson } from './ndjson-rows.ts';

const RECORD_FILE = /^(.*?)\.(ndjson|jsonl|csv)(\.gz)?$/i;

export interface FoundSources {
  sources: RecordSource[];
  /** Data files inside a named folder whose name says no kind: not read. */
  skipped: string[];
  /** Paths a person named that cannot be read as records, each a sentence with its remedy. */
  problems: string[];
}

/** The kind a name begins with: `events`, `events-2024`, `events.part1`, `events_7`. */
function kindOf(name: string): RecordKind | undefined {
  const lower = name.toLowerCase();
  return RECORD_KINDS.find((kind) => lower.startsWith(kind) && !/^[a-z0-9]/.test(lower.slice(kind.length)));
}

/** The kind of a record file: from its own name, else from its folder's. */
function kindOfFile(path: string): RecordKind | undefined {
  const stem = RECORD_FILE.exec(basename(path))?.[1];
  return stem === undefined ? undefined : (kindOf(stem) ?? kindOf(basename(dirname(resolve(path)))));
}

/** Accounts first and events last or not: order never matters to the result; this one reads well in the summary. */
export function findSources(paths: readonly string[]): FoundSources {
  const found: FoundSources = { sources: [], skipped: [], problems: [] };
  const seen = new Set<string>();
  const add = (path: string, size: number) => {
    const kind = kindOfFile(path);
    if (kind === undefined || seen.has(resolve(path))) return;
    seen.add(resolve(path));
    found.sources.push(sourceOf(path, kind, size));
  };
  for (const path of paths) {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) found.problems.push(`${path} does not exist; check the path`);
    else if (stats.isDirectory()) addFolder(path, add, found);
    else if (kindOfFile(path) === undefined) found.problems.push(nameProblem(path));
    else add(path, stats.size);
  }
  found.sources.sort((a, b) => RECORD_KINDS.indexOf(a.kind) - RECORD_KINDS.indexOf(b.kind));
  return found;
}

function sourceOf(path: string, kind: RecordKind, bytes: number): RecordSource {
  const isCsv = RECORD_FILE.exec(basename(path))?.[2]?.toLowerCase() === 'csv';
  return { name: path, kind, bytes, chunks: () => (isCsv ? readCsv(path, kind) : readNdjson(path)) };
}

function nameProblem(path: string): string {
  const names = `${RECORD_KINDS.join(', ')} with .ndjson, .jsonl or .csv (and .gz)`;
  return `${path}: the name says no record kind; rename it to one of ${names}`;
}

function addFolder(folder: string, add: (path: string, size: number) => void, found: FoundSources): void {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch (error) {
    found.problems.push(`${folder} cannot be read: ${(error as Error).message}`);
    return;
  }
  let hasRecords = false;
  for (const name of names) {
    const path = join(folder, name);
    const stats: Stats | undefined = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined || name.startsWith('.')) continue;
    // one level of folders, and only those named after a kind: `events/part-1.ndjson`
    if (stats.isDirectory() && kindOf(name) !== undefined) {
      addFolder(path, add, found);
      hasRecords = true; // or a problem of its own has been listed
    } else if (stats.isFile() && kindOfFile(path) !== undefined) {
      add(path, stats.size);
      hasRecords = true;
    } else if (stats.isFile() && RECORD_FILE.test(name)) found.skipped.push(path);
  }
  if (!hasRecords) {
    found.problems.push(`${folder} has no record files; they are named after their kind, such as accounts.ndjson`);
  }
}
