/**
 * Records in: parses rows, writes them in batches, counts. Each batch is one transaction, so a crash leaves whole batches
 * and importing the same files again goes on where it stopped. The order of files and rows does not matter.
 */
import type { MeasuredProperties } from '../core/history/ledger.ts';
import type { RecordContext } from '../core/records/fields.ts';
import { parseRecord } from '../core/records/parse-record.ts';
import type { FieldProblem } from '../core/records/problem.ts';
import type { EventRecord } from '../core/records/record.ts';
import { findOrphans, type Orphans, orphansWithout } from './find-orphans.ts';
import { type EntityRow, type Store, TIME_ZONE_META } from './ports.ts';
import { rebuildLedgerIfChanged } from './rebuild-ledger.ts';
import type { RecordSource, RowProblem, SourceRow } from './record-source.ts';
import { entityRow, writeEntities } from './write-entities.ts';
import { writeEvents } from './write-events.ts';

/** Large enough that a ledger month is packed seldom and the disk is waited for seldom; bounds the memory of an import. */
const EVENTS_PER_BATCH = 50_000;
const ENTITIES_PER_BATCH = 5_000;
const CHARS_PER_BATCH = 24_000_000; // where records are long, fewer of them are held at once

/** One rejected line. `more`: further problems of the same line. */
export interface Reject {
  file: string;
  line: number;
  field: string;
  code: FieldProblem['code'] | RowProblem['code'];
  message: string;
  more: FieldProblem[];
  text: string;
}

export interface FileSummary {
  file: string;
  kind: string;
  accepted: number;
  /** null: a dry run cannot know. */
  duplicates: number | null;
  rejected: number;
}

export interface ImportSummary {
  dryRun: boolean;
  files: FileSummary[];
  accepted: number;
  duplicates: number | null;
  rejected: number;
  /** Accounts that records name but no account record describes: kept, and joined when the account arrives. */
  orphanAccounts: Orphans;
}

export interface ImportProgress {
  file: string;
  bytesRead: number;
  bytesTotal: number;
  rows: number;
}

export interface ImportOptions {
  /** undefined: there is none yet, which only a dry run bears. */
  store: Store | undefined;
  sources: readonly RecordSource[];
  context: RecordContext;
  measured: MeasuredProperties;
  dryRun?: boolean;
  onProgress?: (progress: ImportProgress) => void;
  onReject?: (reject: Reject) => void;
}

/** Imports every source. Throws StoreError when the store fails; batches written until then stay. */
export async function importRecords(options: ImportOptions): Promise<ImportSummary> {
  const { store, sources, dryRun = false } = options;
  if (store !== undefined && !dryRun) await prepareStore(store, options);
  const bytesTotal = sources.reduce((sum, source) => sum + source.bytes, 0);
  const totals = { bytesBefore: 0, rows: 0 };
  const named = new Set<string>();
  const described = new Set<string>();
  const files: FileSummary[] = [];
  for (const source of sources) {
    const file = new FileImport(source, options, dryRun ? { named, described } : undefined);
    for await (const chunk of source.chunks()) {
      await file.take(chunk.rows);
      totals.rows += chunk.rows.length;
      const bytesRead = totals.bytesBefore + Math.min(chunk.bytesRead, source.bytes);
      options.onProgress?.({ file: source.name, bytesRead, bytesTotal, rows: totals.rows });
    }
    files.push(await file.end());
    totals.bytesBefore += source.bytes;
  }
  const orphanAccounts = dryRun ? await orphansWithout(store, named, described) : await findOrphans(store!);
  return { dryRun, files, ...sumOf(files, dryRun), orphanAccounts };
}

/** From its first record on a store's days are days of one zone, and its ledger measures one set of properties. */
async function prepareStore(store: Store, { context, measured }: ImportOptions): Promise<void> {
  const { timeZone } = context.clock;
  if ((await store.getMeta(TIME_ZONE_META)) === undefined) {
    await store.write((session) => session.setMeta(TIME_ZONE_META, timeZone));
  }
  await rebuildLedgerIfChanged(store, context.clock, measured);
}

function sumOf(files: readonly FileSummary[], dryRun: boolean) {
  const sum = { accepted: 0, duplicates: 0, rejected: 0 };
  for (const file of files) {
    sum.accepted += file.accepted;
    sum.duplicates += file.duplicates ?? 0;
    sum.rejected += file.rejected;
  }
  return { ...sum, duplicates: dryRun ? null : sum.duplicates };
}

/** The account ids a dry run has met. */
interface SeenAccounts {
  named: Set<string>;
  described: Set<string>;
}

class FileImport {
  readonly #source: RecordSource;
  readonly #options: ImportOptions;
  readonly #seen: SeenAccounts | undefined;
  #events: EventRecord[] = [];
  #entities: EntityRow[] = [];
  #chars = 0;
  #accepted = 0;
  #duplicates = 0;
  #rejected = 0;

  constructor(source: RecordSource, options: ImportOptions, seen: SeenAccounts | undefined) {
    this.#source = source;
    this.#options = options;
    this.#seen = seen;
  }

  async take(rows: readonly SourceRow[]): Promise<void> {
    for (const row of rows) {
      this.#read(row);
      this.#chars += row.text.length;
    }
    const isFull = this.#events.length >= EVENTS_PER_BATCH || this.#entities.length >= ENTITIES_PER_BATCH;
    if (isFull || this.#chars >= CHARS_PER_BATCH) await this.#flush();
  }

  /** Writes what is left. A file that gave nothing but rejects does not make its kind an imported one. */
  async end(): Promise<FileSummary> {
    await this.#flush();
    const { kind, name } = this.#source;
    const isUseful = this.#rejected === 0 || this.#accepted + this.#duplicates > 0;
    if (isUseful && this.#seen === undefined) await this.#options.store!.write((session) => session.noteKind(kind));
    const duplicates = this.#seen === undefined ? this.#duplicates : null;
    return { file: name, kind, accepted: this.#accepted, duplicates, rejected: this.#rejected };
  }

  #read(row: SourceRow): void {
    const { kind } = this.#source;
    if (row.problem !== undefined) {
      this.#reject(row, [{ field: '', code: row.problem.code, message: row.problem.message }]);
      return;
    }
    if (kind === 'events') {
      const parsed = parseRecord(kind, row.raw, this.#options.context);
      if (parsed.ok) this.#events.push(parsed.record);
      else this.#reject(row, parsed.errors);
      return;
    }
    const parsed = parseRecord(kind, row.raw, this.#options.context);
    if (parsed.ok) this.#entities.push(entityRow(kind, parsed));
    else this.#reject(row, parsed.errors);
  }

  #reject(row: SourceRow, problems: readonly { field: string; code: Reject['code']; message: string }[]): void {
    const [first, ...more] = problems;
    this.#rejected++;
    this.#options.onReject?.({
      file: this.#source.name,
      line: row.line,
      ...first!,
      more: more as FieldProblem[],
      text: row.text,
    });
  }

  async #flush(): Promise<void> {
    const events = this.#events;
    const entities = this.#entities;
    if (events.length === 0 && entities.length === 0) return;
    this.#events = [];
    this.#entities = [];
    this.#chars = 0;
    if (this.#seen !== undefined) {
      this.#countOnly(this.#seen, events, entities);
      return;
    }
    const { store, context, measured } = this.#options;
    const { kind } = this.#source;
    const added = await store!.write(async (session) => {
      await session.noteKind(kind);
      const newEvents =
        events.length === 0 ? 0 : await writeEvents(session, events, { clock: context.clock, measured });
      return newEvents + (await writeEntities(session, entities, context.clock));
    });
    this.#accepted += added;
    this.#duplicates += events.length + entities.length - added;
  }

  #countOnly(seen: SeenAccounts, events: readonly EventRecord[], entities: readonly EntityRow[]): void {
    for (const event of events) seen.named.add(event.accountId);
    for (const row of entities) (row.kind === 'accounts' ? seen.described : seen.named).add(row.accountId);
    this.#accepted += events.length + entities.length;
  }
}
