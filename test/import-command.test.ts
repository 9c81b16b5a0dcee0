/** `stagecraft import` from files on, in this process. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { openWorkspace } from '../src/app.ts';
import type { CommandContext } from '../src/cli/command.ts';
import { CommandError } from '../src/cli/exit.ts';
import { type ImportCommandOptions, runImport } from '../src/cli/import.ts';
import { columnsOf } from '../src/cli/text.ts';
import { StoreError } from '../src/pipeline/ports.ts';
import { openSqliteStore } from '../src/store/sqlite/open-store.ts';
import { contentOf, importInto, sourceOf, temporaryFolder, withStore } from './import-harness.ts';

const root = temporaryFolder();
afterAll(() => root.remove());
let made = 0;
let workspace: string;
let records: string;
beforeEach(() => {
  workspace = join(root.path, `workspace-${made}`);
  records = join(root.path, `records-${made++}`);
  mkdirSync(records);
});

function put(name: string, content: string | Buffer): string {
  const path = join(records, name);
  writeFileSync(path, content);
  return path;
}

async function run(paths: string[], options: ImportCommandOptions = {}, { interactive = false, quiet = false } = {}) {
  let out = '';
  let err = '';
  const context: CommandContext = {
    terminal: {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      columns: 80,
      interactive,
      colour: false,
    },
    now: () => Date.parse('2026-03-31'),
    globals: { workspace, quiet },
    open: openWorkspace,
  };
  const exit = await runImport(context, paths, options).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    err += `${error.message}\n${error.remedy ?? ''}`;
    return error.exit;
  });
  return { exit, out, err };
}

const FULL_PAGES = 700; // of 8 KiB: more than one batch of the events below, less than all of them
const GOOD_ACCOUNT = '{"accountId":"a1","name":"A","createdAt":"2026-01-01"}\n';

test('a folder is imported into a new workspace, with a table that fits 80 columns', async () => {
  put('accounts.csv', 'accountId,name,createdAt\na1,A,2026-01-01\n');
  put('events.jsonl.gz', gzipSync('{"messageId":"m1","accountId":"a1","event":"login","timestamp":"2026-01-02"}\n'));
  put('a-rather-long-name-that-says-nothing.ndjson', '');
  const { exit, out, err } = await run([records]);
  expect(exit).toBe(0);
  expect(out.trimEnd().split('\n').at(-1)).toMatch(/^total +2 +0 +0$/);
  for (const line of out.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(80);
  expect(err).toContain('a-rather-long-name-that-says-nothing.ndjson was not read');
  expect(existsSync(join(workspace, 'rejects.ndjson'))).toBe(false);
});

test('rejected lines are shown, kept in the rejects file, and end with 3 unless allowed', async () => {
  put('accounts.ndjson', `${GOOD_ACCOUNT}{"accountId":"a2"}\nno json\n`);
  const { exit, out, err } = await run([records]);
  expect(exit).toBe(3);
  expect(out).toMatch(/accounts\.ndjson +1 +0 +2/);
  expect(err).toContain('accounts.ndjson:2: name is required; fill it in [required]');
  const lines = readFileSync(join(workspace, 'rejects.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    {
      line: 2,
      field: 'name',
      code: 'required',
      raw: '{"accountId":"a2"}',
      more: [{ field: 'createdAt', code: 'required' }],
    },
    { line: 3, field: '', code: 'bad_json', raw: 'no json' },
  ]);
  expect((await run([records], { allowRejects: true, rejects: join(records, 'bad.txt') })).exit).toBe(0);
  expect(readFileSync(join(records, 'bad.txt'), 'utf8').split('\n')).toHaveLength(3);
});

test('the summary comes as JSON too', async () => {
  put('accounts.ndjson', GOOD_ACCOUNT);
  const { out } = await run([records], { json: true });
  expect(JSON.parse(out)).toEqual({
    dryRun: false,
    files: [{ file: join(records, 'accounts.ndjson'), kind: 'accounts', accepted: 1, duplicates: 0, rejected: 0 }],
    accepted: 1,
    duplicates: 0,
    rejected: 0,
    orphanAccounts: { count: 0, examples: [] },
    rejectsFile: null,
  });
});

test('a dry run makes no workspace, and says what it would reject', async () => {
  put('accounts.ndjson', `${GOOD_ACCOUNT}{}\n`);
  const { exit, out, err } = await run([records], { dryRun: true });
  expect(exit).toBe(3);
  expect(out).toMatch(/accounts\.ndjson +1 +- +1/);
  expect(err).toContain('nothing was written');
  expect(existsSync(workspace)).toBe(false);
});

test('paths that are no records end with 2 before anything is made', async () => {
  const { exit, err } = await run([join(records, 'missing.csv'), put('data.csv', '')]);
  expect(exit).toBe(2);
  expect(err).toContain('missing.csv does not exist');
  expect(err).toContain('data.csv: the name says no record kind');
  expect(existsSync(workspace)).toBe(false);
  const accounts = put('accounts.ndjson', GOOD_ACCOUNT);
  expect((await run([accounts], { rejects: accounts })).exit).toBe(2);
  expect(readFileSync(accounts, 'utf8')).toBe(GOOD_ACCOUNT);
});

test('the progress bar is drawn only where a person watches, and taken away', async () => {
  put('accounts.ndjson', GOOD_ACCOUNT);
  expect((await run([records], {}, { interactive: true })).err).toMatch(/\rimporting \[#+\] 100%\r *\r/);
  expect((await run([records], {}, { interactive: true, quiet: true })).err).toBe('');
  expect((await run([records])).err).toBe('');
});

test('rejected lines that cannot be written down stop the import with a remedy', async () => {
  put('accounts.ndjson', '{}\n');
  const { exit, err } = await run([records], { rejects: join(records, 'no-such-folder', 'r.ndjson') });
  expect(exit).toBe(1);
  expect(err).toContain('name another file with --rejects');
});

test('a full disk ends the import with a clear error, and doing it again goes on without duplicates', async () => {
  const events = Array.from({ length: 120_000 }, (_, i) => ({
    messageId: `m${(i * 7_919) % 120_000}`,
    accountId: `a${i % 40}`,
    userId: `u${i % 7}`,
    event: 'report_created',
    timestamp: new Date(Date.UTC(2026, 0, 1) + i * 60_000).toISOString(),
  }));
  const source = sourceOf('events', events);
  const path = join(records, 'stagecraft.db');
  const small = await openSqliteStore(path, { create: true, maxPages: FULL_PAGES });
  const failure = await importInto(small, [source]).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StoreError);
  expect((failure as StoreError).code).toBe('disk_full');
  const { events: kept } = await small.countRows();
  await small.close();
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(events.length);

  const undisturbed = await withStore(async (store) => {
    await importInto(store, [source]);
    return contentOf(store);
  });
  const large = await openSqliteStore(path);
  const summary = await importInto(large, [source]);
  expect(summary).toMatchObject({ accepted: events.length - kept, duplicates: kept, rejected: 0 });
  expect(await contentOf(large)).toEqual(undisturbed);
  await large.close();
});
