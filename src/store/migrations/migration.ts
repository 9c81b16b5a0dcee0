/**
 * Migrations are numbered from 1, run in order, and only forward. One that has been released never changes: a later one
 * puts right what it left.
 */
import type { Compilable, Kysely, RawBuilder } from 'kysely';

/** What databases write differently when they make a table. */
export interface SchemaDialect {
  /** Text that compares by its bytes. */
  text: RawBuilder<unknown>;
  /** A whole number of up to 53 bits. */
  integer: RawBuilder<unknown>;
  bytes: RawBuilder<unknown>;
  /** After a table's closing bracket: rows lie in the order of the primary key where the database can do that. */
  clustered: RawBuilder<unknown>;
  /** There too: rows lie in the order in which they come, and an index leads to them by the primary key. */
  byArrival: RawBuilder<unknown>;
}

export interface Migration {
  version: number;
  /** The statements, in order; they run in one transaction together with the new version number. */
  up(db: Kysely<unknown>, dialect: SchemaDialect): Compilable[];
}
