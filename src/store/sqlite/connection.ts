/** One connection to the database file: runs compiled queries as prepared statements, which it keeps. */

import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { compileQuery, Placeholder, type Query } from '../queries/query.ts';
import { SQLITE_QUERIES, toParameter } from './dialect.ts';
import { isBusy, lockedError } from './errors.ts';

/** Pauses between attempts to take the write lock; the last one repeats. Short, so that a gap between two sessions of a busy writer is found. */
const LOCK_PAUSES_MS = [1, 2, 5, 10];
const WRITER_CACHE_KIB = 8 * 1024; // more is no faster: behind it is the cache of the operating system
const READER_CACHE_KIB = 2 * 1024; // readers go through the file once, in the order of its keys

interface Prepared {
  statement: StatementSync;
  bind(args: Record<string, unknown>): SQLInputValue[];
  toRow(values: readonly unknown[]): unknown;
}

export class SqliteConnection {
  readonly path: string;
  readonly database: DatabaseSync;
  readonly #cacheKib: number;
  readonly #prepared = new Map<unknown, Prepared>();

  constructor(path: string, options: { readOnly: boolean; timeoutMs: number }) {
    this.path = path;
    this.#cacheKib = options.readOnly ? READER_CACHE_KIB : WRITER_CACHE_KIB;
    this.database = new DatabaseSync(path, {
      readOnly: options.readOnly,
      timeout: options.timeoutMs,
      enableForeignKeyConstraints: false,
    });
  }

  /** Reads the file, so another process's lock may be in the way: see `whenFree`. */
  setCacheSize(): void {
    this.database.exec(`pragma cache_size = -${this.#cacheKib}`);
  }

  /** Runs a statement and returns how many rows it changed. */
  run<Args extends object>(query: Query<Args, unknown>, args: Args): number {
    const { statement, bind } = this.#prepare(query);
    return statement.run(...bind(args as Record<string, unknown>)).changes as number;
  }

  get<Args extends object, Row>(query: Query<Args, Row>, args: Args): Row | undefined {
    const { statement, bind, toRow } = this.#prepare(query);
    const values = statement.get(...bind(args as Record<string, unknown>)) as unknown as unknown[] | undefined;
    return values && (toRow(values) as Row);
  }

  all<Args extends object, Row>(query: Query<Args, Row>, args: Args): Row[] {
    return this.tuples(query, args).map(this.#prepare(query).toRow) as Row[];
  }

  /** Rows as arrays, in the order in which the query names its columns: for many rows, of which the caller makes something. */
  tuples<Args extends object, Row>(query: Query<Args, Row>, args: Args): unknown[][] {
    const { statement, bind } = this.#prepare(query);
    return statement.all(...bind(args as Record<string, unknown>)) as unknown as unknown[][];
  }

  pragma(name: string): unknown {
    return Object.values(this.database.prepare(`pragma ${name}`).get() ?? {})[0];
  }

  /** Starts a write transaction. Throws StoreError `locked` when the lock is not free within `timeoutMs`. */
  beginWrite(timeoutMs: number): Promise<void> {
    return this.whenFree(timeoutMs, () => this.database.exec('begin immediate'));
  }

  /**
   * Tries `work` until no other process holds the lock that it needs, without blocking this process meanwhile.
   * Throws StoreError `locked` after `timeoutMs`.
   */
  async whenFree<Answer>(timeoutMs: number, work: () => Answer): Promise<Answer> {
    for (let attempt = 0, waitedMs = 0; ; attempt++) {
      try {
        return work();
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (waitedMs >= timeoutMs) throw lockedError(this.path, waitedMs, error);
        const pauseMs = LOCK_PAUSES_MS[Math.min(attempt, LOCK_PAUSES_MS.length - 1)]!;
        await sleep(pauseMs);
        waitedMs += pauseMs;
      }
    }
  }

  /** Ends a transaction without a trace; SQLite may have done so itself after a full disk. */
  rollback(): void {
    if (this.database.isTransaction) this.database.exec('rollback');
  }

  close(): void {
    if (this.database.isOpen) this.database.close();
  }

  #prepare<Args, Row>(query: Query<Args, Row>): Prepared {
    let prepared = this.#prepared.get(query);
    if (prepared === undefined) {
      const { sql, parameters } = compileQuery(query, SQLITE_QUERIES);
      const statement = this.database.prepare(sql);
      // Rows as arrays, made into objects here: the objects that SQLite makes have no shape and are slow to read.
      statement.setReturnArrays(true);
      prepared = {
        statement,
        bind: (args) => parameters.map((p) => toParameter(p instanceof Placeholder ? args[p.name] : p)),
        toRow: rowMaker(statement.columns().map((column) => column.name)),
      };
      this.#prepared.set(query, prepared);
    }
    return prepared;
  }
}

function rowMaker(names: readonly string[]): (values: readonly unknown[]) => unknown {
  return (values) => {
    const row: Record<string, unknown> = {};
    for (let i = 0; i < names.length; i++) row[names[i]!] = values[i];
    return row;
  };
}
