/** Turns what SQLite reports into a `StoreError` that says what was wrong, with which file, and what to do. */
import { StoreError } from '../../pipeline/ports.ts';

/** https://www.sqlite.org/rescode.html; the low byte of `errcode` is the primary result code. */
const PERM = 3;
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

interface SqliteFailure extends Error {
  errcode: number;
}

function isSqliteFailure(error: unknown): error is SqliteFailure {
  return error instanceof Error && typeof (error as Partial<SqliteFailure>).errcode === 'number';
}

function primaryCode(error: unknown): number | undefined {
  return isSqliteFailure(error) ? error.errcode & 0xff : undefined;
}

/** Another connection holds the lock that was asked for. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error);
  return code === BUSY || code === LOCKED;
}

export function isCorrupt(error: unknown): error is Error {
  const code = primaryCode(error);
  return code === CORRUPT || code === NOTADB;
}

export function lockedError(path: string, waitedMs: number, cause?: unknown): StoreError {
  const seconds = Math.round(waitedMs / 100) / 10;
  return new StoreError(
    'locked',
    `${path} is locked by another process and was not released within ${seconds} s. Wait until the other command is done and run this one again.`,
    { cause },
  );
}

export function notADatabaseError(path: string, cause?: unknown): StoreError {
  return new StoreError(
    'corrupt',
    `${path} is not a Stagecraft database. If another program made it, name another workspace; if it was one of ours, restore it from a backup.`,
    { cause },
  );
}

export function readOnlyError(path: string, cause?: unknown): StoreError {
  return new StoreError(
    'read_only',
    `${path} cannot be written. Give this user the right to write the file and its folder, or move the workspace to where that is so.`,
    { cause },
  );
}

/** A `StoreError` for an error of SQLite about the database at `path`; any other error comes back as it is. */
export function toStoreError(error: unknown, path: string): unknown {
  if (!isSqliteFailure(error)) return error;
  const cause = { cause: error };
  switch (primaryCode(error)) {
    case BUSY:
    case LOCKED:
      return new StoreError('locked', `${path} is locked by another process. Run this again when it is done.`, cause);
    case READONLY:
      return readOnlyError(path, error);
    case NOTADB:
      return notADatabaseError(path, error);
    case CORRUPT:
      return new StoreError(
        'corrupt',
        `${path} is damaged (${error.message}). Restore it from a backup, or import the records into a new workspace.`,
        cause,
      );
    case FULL:
      return new StoreError(
        'disk_full',
        `No space left to write ${path}. What was acknowledged before is safe; free some space and run this again.`,
        cause,
      );
    case PERM:
    case CANTOPEN:
      return new StoreError(
        'unreachable',
        `${path} cannot be opened (${error.message}). Check that it is a file, and that this user may read it and write its folder.`,
        cause,
      );
    case IOERR:
      return new StoreError(
        'unreachable',
        `Reading or writing ${path} failed (${error.message}). Check the disk, then run this again.`,
        cause,
      );
    default:
      return error;
  }
}
