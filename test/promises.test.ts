/** What docs/guarantees.md promises of evaluation, on the sample portfolio and through the real command. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSample } from '../src/cli/write-sample.ts';
import { readWorkspaceConfig } from '../src/config.ts';
import { replayDecision } from '../src/pipeline/evaluate-account.ts';
import { openSqliteStore } from '../src/store/sqlite/open-store.ts';

const BIN = join(import.meta.dirname, '../bin/stagecraft');
const scratch = mkdtempSync(join(tmpdir(), 'stagecraft-promises-'));
const imported = join(scratch, 'imported');

function run(workspace: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(BIN, [...args, '--workspace', workspace, '--quiet'], {
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

function copyOf(name: string): string {
  const workspace = join(scratch, name);
  cpSync(imported, workspace, { recursive: true });
  return workspace;
}

beforeAll(async () => {
  mkdirSync(imported);
  const paths = await writeSample(join(scratch, 'records'));
  copyFileSync(join(scratch, 'records/catalog.yaml'), join(imported, 'catalog.yaml'));
  run(imported, 'import', ...paths, '--allow-rejects');
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('the same records, policy and instant give the same bytes [G5]', () => {
  const once = run(copyOf('once'), 'evaluate', '--json', '--as-of', '2026-03-31');
  const workspace = copyOf('twice');
  expect(run(workspace, 'evaluate', '--json', '--as-of', '2026-03-31')).toBe(once);
  expect(run(workspace, 'evaluate', '--json', '--as-of', '2026-03-31')).toBe(once);
});

test('days that passed without an evaluation are caught up to the same decisions [G6]', () => {
  const daily = copyOf('daily');
  for (const day of ['20', '21', '22', '23', '24']) run(daily, 'evaluate', '--ndjson', '--as-of', `2026-06-${day}`);
  const interrupted = copyOf('interrupted');
  run(interrupted, 'evaluate', '--ndjson', '--as-of', '2026-06-20');
  expect(run(interrupted, 'evaluate', '--json', '--as-of', '2026-06-24')).toBe(
    run(daily, 'evaluate', '--json', '--as-of', '2026-06-24'),
  );
});

test('every recorded decision can be made again from its record, byte for byte [G15]', async () => {
  const workspace = copyOf('replayed');
  run(workspace, 'evaluate', '--as-of', '2026-06-30');
  const { policy, databasePath } = readWorkspaceConfig(workspace);
  const store = await openSqliteStore(databasePath, { readOnly: true });
  const ids = (await store.listStatuses()).map(({ accountId }) => accountId);
  const rows = await store.readDecisions(ids);
  await store.close();
  expect(rows.length).toBeGreaterThan(50);
  for (const { inputs, body } of rows) expect(replayDecision(inputs, policy)).toBe(body);
});
