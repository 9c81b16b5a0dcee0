/** Stores to import into, records to import, and what a store holds in a form that can be compared. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordKind } from '../src/core/records/record.ts';
import { zoneClock } from '../src/core/time/calendar.ts';
import { type ImportOptions, type ImportSummary, importRecords } from '../src/pipeline/import-records.ts';
import type { Store } from '../src/pipeline/ports.ts';
import type { RecordSource } from '../src/pipeline/record-source.ts';
import { openSqliteStore } from '../src/store/sqlite/open-store.ts';

export const MEASURED = {
  sums: new Map([['api_call', ['amount']]]),
  labels: new Map([['feature_blocked', 'feature']]),
  hash: 'measured',
};
const ROWS_PER_CHUNK = 1_000;

export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'stagecraft-import-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Records in memory as a file would give them. */
export function sourceOf(kind: RecordKind, records: readonly unknown[], name = `${kind}.ndjson`): RecordSource {
  return {
    name,
    kind,
    bytes: records.length,
    async *chunks() {
      for (let at = 0; at < records.length; at += ROWS_PER_CHUNK) {
        const rows = records.slice(at, at + ROWS_PER_CHUNK).map((raw, i) => ({ line: at + i + 1, text: '', raw }));
        yield { rows, bytesRead: at + rows.length };
      }
    },
  };
}

export function importInto(
  store: Store | undefined,
  sources: readonly RecordSource[],
  options: Partial<ImportOptions> = {},
): Promise<ImportSummary> {
  const context = { clock: zoneClock('UTC'), currency: 'USD' };
  return importRecords({ store, sources, context, measured: MEASURED, ...options });
}

/** Everything records leave in a store, but not how often or in which order they came. */
export async function contentOf(store: Store) {
  const statuses = await store.listStatuses();
  const ids = statuses.map(({ accountId }) => accountId);
  const bundles = await store.readBundles(ids, 0);
  const events = await Promise.all(ids.map((id) => store.readEvents(id, -1e15, 1e15)));
  const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  return {
    accounts: statuses.map(({ accountId, hasAccount }) => ({ accountId, hasAccount })),
    entities: bundles
      .flatMap((bundle) => bundle.entities)
      .map((row) => ({ ...row, arrival: 0 }))
      .sort(byText),
    ledger: bundles.flatMap((bundle) =>
      bundle.ledger.map(({ accountId, month, cells }) => `${accountId} ${month} ${Buffer.from(cells).toString('hex')}`),
    ),
    events: events.flat(),
    coverage: (await store.readCoverage()).sort((a, b) => a.day - b.day),
    kinds: (await store.importedKinds()).sort(),
    names: (await store.eventNames()).sort(),
  };
}

/** Runs `work` on a store of its own, which is then deleted. */
export async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const folder = temporaryFolder();
  const store = await openSqliteStore(join(folder.path, 'stagecraft.db'), { create: true });
  try {
    return await work(store);
  } finally {
    await store.close();
    folder.remove();
  }
}
