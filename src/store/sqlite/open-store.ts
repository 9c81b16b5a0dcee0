/** Opens the database file of a workspace. */
import { accessSync, closeSync, constants, openSync, readSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Store, StoreError } from '../../pipeline/ports.ts';
import { MIGRATIONS } from '../migrations/all.ts';
import { SqliteConnection } from './connection.ts';
import { isBusy, lockedError, notADatabaseError, readOnlyError, toStoreError } from './errors.ts';
import { migrate, readSchemaVersion, requireCurrentSchema } from './migrate.ts';
import { SqliteStore } from './store.ts';

const BUSY_TIMEOUT_MS = 10_000;
const PAGE_BYTES = 8192;
/** The log is folded into the file when it has grown to this many pages. */
const CHECKPOINT_PAGES = 8000; // 64 MB: a page that several sessions write is folded in once

interface SqliteStoreOptions {
  /** Refuses every write. The folder must be writable all the same: SQLite keeps its locks in a file beside the database. */
  readOnly?: boolean;
  /** Makes the file when there is none; its folder must exist. */
  create?: boolean;
  /** How long to wait for another process's lock. */
  busyTimeoutMs?: number;
  /** Upper bound of the file's size, in pages of 8 KiB; a write beyond it fails as on a full disk. */
  maxPages?: number;
}

/**
 * Opens the database at `path` and brings its schema up to date.
 *
 * Throws StoreError: `not_found` (no database there and `create` not asked for), `unreachable` (a folder, no right to
 * read), `corrupt` (not a database of ours, damaged), `read_only`, `locked`, `newer_schema`, `disk_full`.
 */
export async function openSqliteStore(path: string, options: SqliteStoreOptions = {}): Promise<Store> {
  const { readOnly = false, create = false, busyTimeoutMs = BUSY_TIMEOUT_MS } = options;
  checkFile(path, readOnly, create);
  const opened: SqliteConnection[] = [];
  const connect = (forReading: boolean) => {
    // A writer asks for its lock with a pause of its own (`beginWrite`); a reader has to wait only for a recovery.
    const connection = new SqliteConnection(path, {
      readOnly: forReading,
      timeoutMs: forReading ? busyTimeoutMs : 0,
    });
    opened.push(connection);
    return connection;
  };
  try {
    let writer: SqliteConnection | undefined;
    if (!readOnly) {
      writer = connect(false);
      await prepareWriter(writer, busyTimeoutMs, options.maxPages);
    }
    const reader = connect(true);
    reader.setCacheSize();
    if (readOnly) await bringUpToDate(reader, path, () => connect(false), busyTimeoutMs);
    return new SqliteStore(reader, writer, busyTimeoutMs);
  } catch (error) {
    for (const connection of opened) connection.close();
    throw isBusy(error) ? lockedError(path, busyTimeoutMs, error) : toStoreError(error, path);
  }
}

/** A database of an earlier release is migrated also for a command that only reads, where this user may write it. */
async function bringUpToDate(
  reader: SqliteConnection,
  path: string,
  connectForWriting: () => SqliteConnection,
  timeoutMs: number,
): Promise<void> {
  const isBehind = readSchemaVersion(reader) < MIGRATIONS.length;
  if (isBehind && isWritable(path)) {
    const writer = connectForWriting();
    await prepareWriter(writer, timeoutMs, undefined);
    writer.close();
  }
  requireCurrentSchema(reader);
}

function isWritable(path: string): boolean {
  try {
    for (const place of [path, dirname(path)]) accessSync(place, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function prepareWriter(writer: SqliteConnection, timeoutMs: number, maxPages: number | undefined): Promise<void> {
  const { database } = writer;
  await writer.whenFree(timeoutMs, () => writer.setCacheSize());
  // Read before anything is changed: the file may belong to another program.
  const isNew = (await writer.whenFree(timeoutMs, () => readSchemaVersion(writer))) === 0;
  if (isNew) await writer.whenFree(timeoutMs, () => database.exec(`pragma page_size = ${PAGE_BYTES}`));
  await writer.whenFree(timeoutMs, () => database.exec('pragma journal_mode = wal'));
  await writer.whenFree(timeoutMs, () =>
    database.exec(`pragma synchronous = full; pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}`),
  );
  if (maxPages !== undefined) database.exec(`pragma max_page_count = ${maxPages}`);
  await migrate(writer, timeoutMs);
}

function checkFile(path: string, readOnly: boolean, create: boolean): void {
  const found: Stats | undefined = statSync(path, { throwIfNoEntry: false });
  if (found && !found.isFile()) {
    throw new StoreError('unreachable', `${path} is a folder or a device, not a database file. Name a file.`);
  }
  // A file without a byte is what is left when making the database was cut short.
  if ((!found || found.size === 0) && !create) {
    throw new StoreError(
      'not_found',
      `There is no database at ${path}. Run \`stagecraft init\` or \`stagecraft import\`.`,
    );
  }
  const folder = dirname(path);
  if (!found && !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new StoreError('not_found', `There is no folder ${folder} to make the database in. Make it first.`);
  }
  if (found && found.size > 0 && !startsAsDatabase(path)) throw notADatabaseError(path);
  if (readOnly) return;
  for (const place of found ? [path, folder] : [folder]) {
    try {
      accessSync(place, constants.W_OK);
    } catch (error) {
      throw readOnlyError(place, error);
    }
  }
}

const FILE_HEADER = Buffer.from('SQLite format 3\0'); // https://www.sqlite.org/fileformat.html

/** SQLite takes a file of a byte for an empty database and would write over it. */
function startsAsDatabase(path: string): boolean {
  const start = Buffer.alloc(FILE_HEADER.length);
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    readSync(file, start, 0, start.length, 0);
  } catch (error) {
    throw new StoreError(
      'unreachable',
      `${path} cannot be read (${(error as Error).message}). Give this user the right to read it.`,
      { cause: error },
    );
  } finally {
    if (file !== undefined) closeSync(file);
  }
  return start.equals(FILE_HEADER);
}
