/** Brings a database file to the schema this code knows. */
import type { Kysely } from 'kysely';
import { StoreError } from '../../pipeline/ports.ts';
import { MIGRATIONS } from '../migrations/all.ts';
import type { Migration } from '../migrations/migration.ts';
import { selectSchemaVersion, updateSchemaVersion } from '../queries/workspace.ts';
import type { SqliteConnection } from './connection.ts';
import { SQLITE_QUERIES, SQLITE_SCHEMA } from './dialect.ts';
import { notADatabaseError } from './errors.ts';

/** Marks a file as ours in its header: "Stgc". */
const APPLICATION_ID = 0x53746763;

/** 0: a database without any table. Throws StoreError `corrupt` for another program's database. */
export function readSchemaVersion(connection: SqliteConnection): number {
  if (connection.pragma('application_id') === APPLICATION_ID)
    return connection.get(selectSchemaVersion, {})?.version ?? 0;
  const { tables } = connection.database.prepare('select count(*) as tables from sqlite_schema').get() as {
    tables: number;
  };
  if (tables > 0) throw notADatabaseError(connection.path);
  return 0;
}

function refuseNewer(connection: SqliteConnection, found: number, known: number): void {
  if (found <= known) return;
  throw new StoreError(
    'newer_schema',
    `${connection.path} has schema version ${found}; this release knows versions up to ${known}. Use the newer release that wrote it.`,
  );
}

/** Checks a database that is opened for reading only. */
export function requireCurrentSchema(
  connection: SqliteConnection,
  migrations: readonly Migration[] = MIGRATIONS,
): void {
  const found = readSchemaVersion(connection);
  refuseNewer(connection, found, migrations.length);
  if (found < migrations.length) {
    throw new StoreError(
      'read_only',
      `${connection.path} has schema version ${found} and must be brought to version ${migrations.length}, which writes to it. Run \`stagecraft doctor\` once as a user who may write it.`,
    );
  }
}

/**
 * Runs the migrations that are missing, all in one transaction.
 * Throws StoreError `newer_schema` when the file was written by a later release.
 */
export async function migrate(
  connection: SqliteConnection,
  timeoutMs: number,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const found = await connection.whenFree(timeoutMs, () => readSchemaVersion(connection));
  refuseNewer(connection, found, migrations.length);
  if (found === migrations.length) return;
  await connection.beginWrite(timeoutMs);
  try {
    // Another process may have been first.
    runMissing(connection, readSchemaVersion(connection), migrations);
    connection.database.exec('commit');
  } catch (error) {
    connection.rollback();
    throw error;
  }
}

function runMissing(connection: SqliteConnection, found: number, migrations: readonly Migration[]): void {
  refuseNewer(connection, found, migrations.length);
  for (const migration of migrations.slice(found)) {
    for (const statement of migration.up(SQLITE_QUERIES.db as Kysely<unknown>, SQLITE_SCHEMA)) {
      connection.database.exec(statement.compile().sql);
    }
    if (migration.version === 1) {
      connection.database.exec(`pragma application_id = ${APPLICATION_ID}`);
      connection.database.exec('insert into schema_version (version) values (0)');
    }
    connection.run(updateSchemaVersion, { version: migration.version });
  }
}
