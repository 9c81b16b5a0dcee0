import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventRecord } from '../src/core/records/record.ts';
import type { Store } from '../src/pipeline/ports.ts';
import { openSqliteStore } from '../src/store/sqlite/open-store.ts';

const CHILD = join(import.meta.dirname, 'fixtures', 'store-child.ts');
const ROUNDS = Number(process.env.STAGECRAFT_FAULT_ROUNDS ?? 5);
const NOBODY = 65534;

let folder: string;
let path: string;
const children: ChildProcess[] = [];
const stores: Store[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stagecraft-faults-'));
  path = join(folder, 'stagecraft.db');
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const store of stores.splice(0)) await store.close();
  rmSync(folder, { recursive: true });
});

async function open(options?: Parameters<typeof openSqliteStore>[1]): Promise<Store> {
  const store = await openSqliteStore(path, options);
  stores.push(store);
  return store;
}

async function create(): Promise<void> {
  await (await openSqliteStore(path, { create: true })).close();
}

function start(mode: string, count = 0, uid?: number) {
  const child = spawn(process.execPath, [CHILD, mode, path, String(count)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  children.push(child);
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return { child, ended, line: async () => (await lines.next()).value as string | undefined };
}

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const events = (count: number): EventRecord[] =>
  Array.from({ length: count }, (_, i) => ({
    messageId: `m${i}`,
    accountId: `account-${i % 10}`,
    userId: null,
    event: 'x'.repeat(500),
    timestamp: i,
    receivedAt: i,
  }));

// [G1]
describe('a process killed at any moment', () => {
  it(`loses nothing that it acknowledged and leaves nothing half-written (${ROUNDS} rounds)`, async () => {
    const random = seeded(20_260_101);
    let kept = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const { child, ended, line } = start('commit');
      const killAfter = 1 + Math.floor(random() * 60);
      let acknowledged = -1;
      for (let seen = 0; seen < killAfter; seen++) acknowledged = Number(await line());
      child.kill('SIGKILL');
      // What it said before it died counts too.
      for (let said = await line(); said !== undefined; said = await line()) acknowledged = Number(said);
      await ended;

      const store = await openSqliteStore(path);
      const { events: count, entities, decisions } = await store.countRows();
      expect(count).toBeGreaterThanOrEqual(acknowledged + 1);
      expect(count).toBeLessThanOrEqual(acknowledged + 2); // one may have been committed and not yet said
      expect(count).toBeGreaterThan(kept);
      expect([entities, decisions]).toEqual([count, count]);
      const [bundle] = await store.readBundles(['acme'], 0);
      expect(bundle?.journey?.state).toBe(String(count - 1));
      expect(bundle?.status).toMatchObject({ revision: count, journeyRevision: count });
      expect((await store.readDecision('acme'))?.decisionId).toBe(`d${count - 1}`);
      expect(await store.checkIntegrity()).toEqual([]);
      await store.close();
      kept = count;
    }
  });
});

describe('two processes', () => {
  it('write at once, and both get their turn', async () => {
    await create();
    const store = await open();
    const writers = [start('touch', 150), start('touch', 150)];
    for (const writer of writers) expect(await writer.line()).toBe('ready');
    for (let i = 0; i < 50; i++) {
      await store.write((session) => session.touchAccounts([{ accountId: 'acme', earliestDay: 1, hasAccount: true }]));
    }
    for (const writer of writers) expect((await writer.ended)[0]).toBe(0);
    expect((await store.listStatuses())[0]?.revision).toBe(350);
  });

  it('open the same new database at once', async () => {
    const both = await Promise.all([open({ create: true }), open({ create: true })]);
    for (const store of both) expect(await store.schemaVersion()).toBeGreaterThanOrEqual(1);
  });

  it('wait for a lock only so long, say who holds it up, and go on when it is free', async () => {
    await create();
    const store = await open({ busyTimeoutMs: 50 });
    const holder = start('hold');
    expect(await holder.line()).toBe('held');
    const write = () => store.write((session) => session.setMeta('key', 'value'));
    await expect(write()).rejects.toMatchObject({ code: 'locked', message: expect.stringContaining(path) });
    expect(await store.getMeta('key')).toBeUndefined(); // reading goes on meanwhile
    holder.child.stdin!.end();
    await holder.ended;
    await write();
    expect(await store.getMeta('key')).toBe('value');
  });
});

describe('a full disk', () => {
  it('stops the session with nothing of it written, and a later try completes without duplicates', async () => {
    await create();
    const small = await openSqliteStore(path, { maxPages: 60 });
    const all = events(2_000);
    await small.write((session) => session.insertEvents(all.slice(0, 200)));
    await expect(small.write((session) => session.insertEvents(all))).rejects.toMatchObject({
      code: 'disk_full',
      message: expect.stringContaining(path),
    });
    expect((await small.countRows()).events).toBe(200);
    await small.write((session) => session.setMeta('still', 'writes'));
    await small.close();

    const store = await open();
    const { inserted, earlier } = await store.write((session) => session.insertEvents(all));
    expect([inserted.length, earlier]).toEqual([1_800, []]);
    expect(await store.checkIntegrity()).toEqual([]);
  });
});

// [G17]
describe('opening', () => {
  const failure = (code: string, ...words: string[]) => ({
    code,
    message: expect.stringMatching(words.join('[^]*')),
  });

  it('a path with no database says how to make one, and makes nothing', async () => {
    await expect(open()).rejects.toMatchObject(failure('not_found', 'no database at', 'stagecraft init'));
    await expect(open({ readOnly: true })).rejects.toMatchObject({ code: 'not_found' });
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('a path in a folder that does not exist names the folder', async () => {
    path = join(folder, 'nowhere', 'stagecraft.db');
    await expect(open({ create: true })).rejects.toMatchObject(failure('not_found', 'no folder', 'nowhere'));
  });

  it('a folder says that it is one', async () => {
    mkdirSync(path);
    await expect(open({ create: true })).rejects.toMatchObject(failure('unreachable', 'is a folder'));
  });

  it('a file without a byte is what an interrupted beginning left: no database, but one can be made there', async () => {
    writeFileSync(path, '');
    await expect(open()).rejects.toMatchObject({ code: 'not_found' });
    expect(await (await open({ create: true })).checkIntegrity()).toEqual([]);
  });

  it.each([
    ['text', 'accountId,name\nacme,Acme Inc\n'.repeat(500)],
    ['a few bytes', 'x'],
    ['a header and noise', `SQLite format 3\0${'\x7f'.repeat(9_000)}`],
  ])('a file that is no database is refused and left as it was: %s', async (_, content) => {
    writeFileSync(path, content);
    await expect(open({ create: true })).rejects.toMatchObject(failure('corrupt', 'not a Stagecraft database'));
    expect(readFileSync(path, 'latin1')).toBe(content);
  });

  it('a database of another program is refused and left as it was', async () => {
    const foreign = new DatabaseSync(path);
    foreign.exec('create table notes (text)');
    foreign.close();
    const before = readFileSync(path);
    await expect(open({ create: true })).rejects.toMatchObject(failure('corrupt', 'not a Stagecraft database'));
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('a database that was cut off says that it is damaged', async () => {
    const store = await openSqliteStore(path, { create: true });
    await store.write((session) => session.insertEvents(events(1_000)));
    await store.close();
    truncateSync(path, Math.floor(statSync(path).size / 2));
    await expect(open()).rejects.toMatchObject(failure('corrupt', 'damaged', 'backup'));
    await expect(open({ readOnly: true })).rejects.toMatchObject({ code: 'corrupt' });
  });

  it('a database with a damaged page opens, and the check and the read that meets it say so', async () => {
    const store = await openSqliteStore(path, { create: true });
    await store.write((session) => session.insertEvents(events(1_000)));
    await store.close();
    const bytes = readFileSync(path);
    bytes.fill(0xa5, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 3 * 8192);
    writeFileSync(path, bytes);
    const damaged = await open();
    expect(await damaged.checkIntegrity()).not.toEqual([]);
    const reading = Promise.all(Array.from({ length: 10 }, (_, i) => damaged.readEvents(`account-${i}`, 0, 1_000)));
    await expect(reading).rejects.toMatchObject(failure('corrupt', 'damaged'));
  });

  it('a database of a later release names both versions and is left alone', async () => {
    await create();
    const later = new DatabaseSync(path);
    later.exec('update schema_version set version = 99');
    later.close();
    await expect(open()).rejects.toMatchObject(failure('newer_schema', 'version 99', 'newer release'));
    await expect(open({ readOnly: true })).rejects.toMatchObject({ code: 'newer_schema' });
  });

  it('for reading only reads, and refuses to write', async () => {
    const store = await open({ create: true });
    await store.write((session) => session.setMeta('key', 'value'));
    const reader = await open({ readOnly: true });
    expect(await reader.getMeta('key')).toBe('value');
    await expect(reader.write((session) => session.setMeta('key', 'other'))).rejects.toMatchObject({
      code: 'read_only',
    });
    expect(await store.getMeta('key')).toBe('value');
  });

  it('a file this user may not write says so', async () => {
    await create();
    chmodSync(path, 0o444);
    chmodSync(folder, 0o755);
    // Nothing is read-only to root: there the question is asked as another user.
    const { line } = start('open', 0, process.getuid?.() === 0 ? NOBODY : undefined);
    expect(await line()).toMatch(/^read_only: .*stagecraft\.db cannot be written/);
  });
});
