import { type Kysely, sql } from 'kysely';
import type { Migration, SchemaDialect } from './migration.ts';

type Column = [name: string, type: 'text' | 'integer'];

interface WideTable {
  name: string;
  key: string[];
  columns: Column[];
  /** Order in which the rows came. */
  order: string[];
}

const TABLES: WideTable[] = [
  {
    name: 'tick_runs',
    key: ['account_id', 'first_day'],
    columns: [
      ['account_id', 'text'],
      ['first_day', 'integer'],
      ['ticks', 'text'],
    ],
    order: ['first_day', 'account_id'],
  },
  {
    name: 'decisions',
    key: ['account_id', 'decision_id'],
    columns: [
      ['account_id', 'text'],
      ['decision_id', 'text'],
      ['arrival', 'integer'],
      ['as_of', 'integer'],
      ['policy_hash', 'text'],
      ['catalogue_hash', 'text'],
      ['body', 'text'],
      ['inputs', 'text'],
    ],
    order: ['arrival'],
  },
  {
    name: 'artefacts',
    key: ['account_id', 'intervention_id'],
    columns: [
      ['account_id', 'text'],
      ['intervention_id', 'text'],
      ['made_on', 'integer'],
      ['memo', 'text'],
      ['body', 'text'],
    ],
    order: ['made_on', 'account_id'],
  },
];

/**
 * Rows of many kilobytes lie in the order in which they come, beside an index of their keys: among rows sorted by key, to
 * find a place means to read whole rows.
 */
export const wideRows: Migration = {
  version: 4,
  up: (db, dialect) => TABLES.flatMap((table) => relaid(db, dialect, table)),
};

function relaid(db: Kysely<unknown>, dialect: SchemaDialect, { name, key, columns, order }: WideTable) {
  const before = `${name}_before`;
  const names = columns.map(([column]) => sql.ref(column));
  let create = db.schema.createTable(name);
  for (const [column, type] of columns) {
    create = create.addColumn(column, dialect[type], (definition) => definition.notNull());
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
