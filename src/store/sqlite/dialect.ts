/** How SQLite writes what databases write differently. */
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely';
import type { SchemaDialect } from '../migrations/migration.ts';
import type { QueryDialect } from '../queries/query.ts';
import type { StoreTables } from '../schema.ts';

const db = new Kysely<StoreTables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (kysely) => new SqliteIntrospector(kysely),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

/** A list is passed as one JSON array (see `toParameter`), so that one statement serves lists of any length. */
export const SQLITE_QUERIES: QueryDialect = {
  db,
  among: (column, list) => sql`${sql.ref(column)} in (select value from json_each(${list}))`,
};

export const SQLITE_SCHEMA: SchemaDialect = {
  text: sql`text`,
  integer: sql`integer`,
  bytes: sql`blob`,
  clustered: sql`strict, without rowid`,
  byArrival: sql`strict`,
};

type SqliteValue = string | number | null | Uint8Array;

export function toParameter(value: unknown): SqliteValue {
  return Array.isArray(value) ? JSON.stringify(value) : (value as SqliteValue);
}
