import { type Kysely, sql } from 'kysely';
import type { SchemaDialect } from './migration.ts';

export interface RelaidTable {
  name: string;
  key: string[];
  columns: [name: string, type: 'text' | 'integer', nullable?: 'null'][];
  /** Order in which the rows came, as far as it is known. */
  order: string[];
}

/**
 * Lays the rows of a table in the order in which they come, beside an index of their keys. Among rows of some kilobytes
 * that are sorted by key, to find a place means to read whole rows. Other indexes are lost and must be made anew.
 */
export function relaidByArrival(
  db: Kysely<unknown>,
  dialect: SchemaDialect,
  { name, key, columns, order }: RelaidTable,
) {
  const before = `${name}_before`;
  const names = columns.map(([column]) => sql.ref(column));
  let create = db.schema.createTable(name);
  for (const [column, type, nullable] of columns) {
    create = create.addColumn(column, dialect[type], (definition) =>
      nullable === undefined ? definition.notNull() : definition,
    );
  }
  const copied = sql`select ${sql.join(names)} from ${sql.table(before)} order by ${sql.join(order.map((column) => sql.ref(column)))}`;
  const copy = sql`insert into ${sql.table(name)} (${sql.join(names)}) ${copied}`;
  return [
    db.schema.alterTable(name).renameTo(before),
    create.addPrimaryKeyConstraint(`${name}_rows`, key as never[]).modifyEnd(dialect.byArrival),
    { compile: () => copy.compile(db) },
    db.schema.dropTable(before),
  ];
}
