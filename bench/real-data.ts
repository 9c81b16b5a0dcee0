/** A folder of third-party records, imported as `stagecraft import` would, to be measured as of any instant. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultPolicyText } from '../src/config.ts';
import { defaultCatalogue } from '../src/core/catalogue/default-catalogue.ts';
import { type AccountMeasures, measureAccount } from '../src/core/facts/measure-account.ts';
import { measuredProperties } from '../src/core/history/cells.ts';
import { loadPolicy } from '../src/core/policy/load-policy.ts';
import { SKILLS } from '../src/core/skills/skills.ts';
import { type Instant, zoneClock } from '../src/core/time/calendar.ts';
import { findSources } from '../src/files/find-sources.ts';
import { sourceOf } from '../src/pipeline/evaluate-account.ts';
import { importRecords } from '../src/pipeline/import-records.ts';
import { loadWorkspace } from '../src/pipeline/load-workspace.ts';
import type { Store } from '../src/pipeline/ports.ts';
import { openSqliteStore } from '../src/store/sqlite/open-store.ts';

const DATA = fileURLToPath(new URL('../../shared/data/', import.meta.url));

export const clock = zoneClock('UTC');

/** Undefined where the data is not there: it is not part of the project. */
export function dataFolder(name: string): string | undefined {
  const folder = join(DATA, name);
  return existsSync(folder) ? folder : undefined;
}

export function readNdjson<Row>(file: string): Row[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Row);
}

/** The built-in policy. Throws where it has problems. */
export function builtInPolicy() {
  return loadBuiltIn().policy;
}

/** The same with its whole text. Throws likewise. */
export function loadBuiltIn() {
  const loaded = loadPolicy(defaultPolicyText(), { file: 'default', skills: SKILLS });
  if (!loaded.ok) throw new Error('the default policy has problems');
  return loaded;
}

/** Runs `work` on a scratch store that holds the folder's records; the store is gone afterwards. */
export async function withImported<Answer>(folder: string, work: (store: Store) => Promise<Answer>): Promise<Answer> {
  const scratch = mkdtempSync(join(tmpdir(), 'stagecraft-signal-'));
  const store = await openSqliteStore(join(scratch, 'stagecraft.db'), { create: true });
  try {
    const measured = measuredProperties(defaultCatalogue([]));
    await importRecords({
      store,
      sources: findSources([folder]).sources,
      context: { clock, currency: 'USD' },
      measured,
    });
    return await work(store);
  } finally {
    await store.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Every measure of the accounts named that existed at `instant`, from what was known then. */
export async function measureAsOf(
  store: Store,
  instant: Instant,
  accountIds: readonly string[],
): Promise<Map<string, AccountMeasures>> {
  const policy = builtInPolicy();
  const catalogue = defaultCatalogue([]);
  const request = { store, catalogue, policy, clock, currency: 'USD', asOf: instant, keepProfiles: false };
  const { workspace } = await loadWorkspace(request);
  const today = clock.dayOf(instant);
  const measured = new Map<string, AccountMeasures>();
  for (const bundle of await store.readBundles(accountIds, today)) {
    const source = sourceOf(bundle, workspace, today);
    if (source.firstDay > today) continue;
    measured.set(bundle.status.accountId, measureAccount(source, instant, today, workspace));
  }
  return measured;
}
