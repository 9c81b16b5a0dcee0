/** Wires the parts together: the one file that knows them all. */
import { mkdirSync } from 'node:fs';
import type { OpenOptions, OpenWorkspace } from './cli/command.ts';
import { ConfigError, readWorkspaceConfig, SETTINGS_FILE, type WorkspaceConfig } from './config.ts';
import { type Store, TIME_ZONE_META } from './pipeline/ports.ts';
import { openSqliteStore } from './store/sqlite/open-store.ts';
import { evaluationThreads } from './threads/evaluation-threads.ts';

/**
 * Opens a workspace folder: its documents, checked, and its database. With `create` folder and database are made where
 * there are none. Throws `ConfigError` and `StoreError`; nothing is left open then.
 */
export async function openWorkspace(folder: string, options: OpenOptions = {}): Promise<OpenWorkspace> {
  const config = readWorkspaceConfig(folder, { mayBeMissing: options.create === true });
  if (options.create === true) makeFolder(config.folder);
  const store = await openSqliteStore(config.databasePath, {
    ...(options.create === undefined ? {} : { create: options.create }),
    ...(options.readOnly === undefined ? {} : { readOnly: options.readOnly }),
  });
  try {
    await checkTimeZone(store, config);
    const { databasePath, policyDocument } = config;
    return { config, store, threads: evaluationThreads({ databasePath, policyDocument }) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError('bad_workspace', `the folder ${folder} cannot be made (${code ?? String(error)})`);
  }
}

/** Recorded days are days of one time zone: under another one the same events would fall on other days. */
async function checkTimeZone(store: Store, { clock }: WorkspaceConfig): Promise<void> {
  const kept = await store.getMeta(TIME_ZONE_META);
  if (kept === undefined || kept === clock.timeZone) return;
  throw new ConfigError(
    'time_zone_changed',
    `this workspace's records were imported with the time zone ${kept}, and ${SETTINGS_FILE} now says ${clock.timeZone}; ` +
      `write \`timeZone: ${kept}\` in ${SETTINGS_FILE}, or import the records into a new workspace`,
  );
}
