import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MIGRATIONS } from '../migrations/all.ts';
import type { Migration } from '../migrations/migration.ts';
import { selectMeta, upsertMeta } from '../queries/workspace.ts';
import { SqliteConnection } from './connection.ts';
import { migrate, readSchemaVersion, requireCurrentSchema } from './migrate.ts';
import { openSqliteStore } from './open-store.ts';

/** A later release's: a new column with a default. */
const next: Migration = {
  version: MIGRATIONS.length + 1,
  up: ({ schema }, dialect) => [
    schema.alterTable('meta').addColumn('note', dialect.text, (column) => column.notNull().defaultTo(sql.lit('none'))),
  ],
};
const failing: Migration = {
  version: MIGRATIONS.length + 2,
  up: ({ schema }) => [schema.dropTable('meta'), schema.dropTable('there_is_no_such_table')],
};

let folder: string;
let path: string;
const connections: SqliteConnection[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stagecraft-migrate-'));
  path = join(folder, 'stagecraft.db');
});
afterEach(() => {
  for (const connection of connections.splice(0)) connection.close();
  rmSync(folder, { recursive: true });
});

function connect(): SqliteConnection {
  const connection = new SqliteConnection(path, { readOnly: false, timeoutMs: 0 });
  connections.push(connection);
  return connection;
}

describe('migrations', () => {
  it('are numbered from 1 without a gap', () => {
    expect(MIGRATIONS.map((migration) => migration.version)).toEqual(MIGRATIONS.map((_, i) => i + 1));
  });

  it.each(MIGRATIONS.map((_, version) => version))('bring a database of version %i to the newest', async (version) => {
    const earlier = connect();
    await migrate(earlier, 0, MIGRATIONS.slice(0, version));
    if (version > 0) earlier.run(upsertMeta, { key: 'kept', value: 'yes' });
    earlier.close();
    const store = await openSqliteStore(path, { create: true });
    expect(await store.schemaVersion()).toBe(MIGRATIONS.length);
    if (version > 0) expect(await store.getMeta('kept')).toBe('yes');
    await store.write((session) => session.setMeta('new', 'yes'));
    await store.close();
  });

  it('give a database of before interventions room for what comes of them, and its interventions stay', async () => {
    const earlier = connect();
    await migrate(earlier, 0, MIGRATIONS.slice(0, 2));
    const { database } = earlier;
    database.exec(
      `insert into account_status (account_id, has_account, revision, journey_revision) values ('acme', 1, 1, 0)`,
    );
    const columns = database.prepare('select name from pragma_table_info(?)').all('interventions');
    const values = columns.map(({ name }) =>
      name === 'account_id'
        ? `'acme'`
        : name === 'intervention_id'
          ? `'int_1'`
          : name === 'state'
            ? `'proposed'`
            : `'1'`,
    );
    database.exec(`insert into interventions values (${values.join(', ')})`);
    earlier.close();
    const store = await openSqliteStore(path, { create: true });
    expect((await store.readInterventions()).map((row) => [row.interventionId, row.state])).toEqual([
      ['int_1', 'proposed'],
    ]);
    expect(await store.accountOf({ intervention: 'int_1' })).toBe('acme');
    // one of before has no document, no steps and no outcome
    expect(await store.readArtefact('acme', 'int_1')).toBeUndefined();
    expect([
      await store.readContactLog('acme'),
      await store.readOutcomes(['acme']),
      await store.readHandoffs(),
    ]).toEqual([[], [], []]);
    expect((await store.readBundles(['acme'], 0))[0]).toMatchObject({ past: [], outcomes: [], handoffs: [] });
    await store.close();
  });

  it('lay rows of many kilobytes in the order in which they came, and lose none', async () => {
    const earlier = connect();
    await migrate(earlier, 0, MIGRATIONS.slice(0, 3));
    const { database } = earlier;
    const text = (size: number) => 'x'.repeat(size);
    for (const [i, account] of ['b', 'a', 'c'].entries()) {
      database.exec(
        `insert into decisions values ('${account}', 'dec_${i}', ${i}, ${i}, 'p', 'c', '${text(9_000)}', '{}')`,
      );
      database.exec(`insert into tick_runs values ('${account}', ${i}, '${text(20_000)}')`);
      database.exec(`insert into artefacts values ('${account}', 'int_${i}', ${i}, '{}', '${text(3_000)}')`);
    }
    await migrate(earlier, 0);
    const all = (sql: string) =>
      database
        .prepare(sql)
        .all()
        .map((row) => Object.values(row));
    expect(all('select account_id, length(body) from decisions order by rowid')).toEqual([
      ['b', 9_000],
      ['a', 9_000],
      ['c', 9_000],
    ]);
    expect(all('select account_id, first_day, length(ticks) from tick_runs')).toHaveLength(3);
    expect(all('select account_id, made_on, length(body) from artefacts')).toHaveLength(3);
    expect(all(`select name from sqlite_schema where name like '%before'`)).toEqual([]);
    // the key still keeps a second row out
    expect(() => database.exec(`insert into tick_runs values ('a', 1, '')`)).toThrow('UNIQUE');
  });

  it('lay handoffs in the order in which they come, with the way to one by its id', async () => {
    const earlier = connect();
    await migrate(earlier, 0, MIGRATIONS.slice(0, 4));
    const packet = 'x'.repeat(3_000);
    earlier.database.exec(
      `insert into handoffs values ('acme', 'h2', 'open', '{}', '${packet}'), ('acme', 'h1', 'closed', '{}', null)`,
    );
    await migrate(earlier, 0);
    // a sorted table of such rows would have no row numbers
    expect(earlier.database.prepare('select rowid, handoff_id from handoffs order by 1').all()).toEqual([
      { rowid: 1, handoff_id: 'h1' },
      { rowid: 2, handoff_id: 'h2' },
    ]);
    const byId = earlier.database.prepare(`explain query plan select state from handoffs where handoff_id = 'h2'`);
    expect(byId.get()?.detail).toContain('handoffs_by_id');
    earlier.close();
    const store = await openSqliteStore(path);
    expect(await store.readHandoffs()).toEqual([
      { accountId: 'acme', handoffId: 'h1', state: 'closed', body: '{}', packet: null },
      { accountId: 'acme', handoffId: 'h2', state: 'open', body: '{}', packet },
    ]);
    await store.close();
  });

  it('keep what is there when a later one is added', async () => {
    const connection = connect();
    await migrate(connection, 0);
    connection.run(upsertMeta, { key: 'kept', value: 'yes' });
    await migrate(connection, 0, [...MIGRATIONS, next]);
    expect(readSchemaVersion(connection)).toBe(next.version);
    expect(connection.get(selectMeta, { key: 'kept' })).toEqual({ value: 'yes' });
    expect(connection.database.prepare('select note from meta').get()?.note).toBe('none');
  });

  it('do nothing to a database that is up to date', async () => {
    const connection = connect();
    await migrate(connection, 0);
    const before = connection.pragma('data_version');
    const other = connect();
    await migrate(other, 0);
    expect(connection.pragma('data_version')).toBe(before);
  });

  it('leave everything as it was when one of them fails', async () => {
    const connection = connect();
    await migrate(connection, 0);
    connection.run(upsertMeta, { key: 'kept', value: 'yes' });
    await expect(migrate(connection, 0, [...MIGRATIONS, next, failing])).rejects.toThrow('there_is_no_such_table');
    expect(readSchemaVersion(connection)).toBe(MIGRATIONS.length);
    expect(connection.get(selectMeta, { key: 'kept' })).toEqual({ value: 'yes' });
  });

  it('run once when two processes open the file at the same time', async () => {
    await Promise.all([migrate(connect(), 1_000), migrate(connect(), 1_000)]);
    expect(readSchemaVersion(connect())).toBe(MIGRATIONS.length);
  });

  it('refuse a database of a later release, by any way of opening', async () => {
    const connection = connect();
    await migrate(connection, 0, [...MIGRATIONS, next]);
    await expect(migrate(connection, 0)).rejects.toMatchObject({ code: 'newer_schema' });
    expect(() => requireCurrentSchema(connection)).toThrow(`versions up to ${MIGRATIONS.length}`);
  });

  it('are run also for a command that only reads, where its user may write the file', async () => {
    const connection = connect();
    await migrate(connection, 0, MIGRATIONS.slice(0, 1));
    connection.run(upsertMeta, { key: 'kept', value: 'yes' });
    connection.close();
    const store = await openSqliteStore(path, { readOnly: true });
    expect([await store.schemaVersion(), await store.getMeta('kept')]).toEqual([MIGRATIONS.length, 'yes']);
    await expect(store.write(async () => undefined)).rejects.toMatchObject({ code: 'read_only' });
    await store.close();
  });

  it('are not run by a command that only reads: it says what to do', async () => {
    const connection = connect();
    await migrate(connection, 0);
    expect(() => requireCurrentSchema(connection, [...MIGRATIONS, next])).toThrow('stagecraft doctor');
  });
});
