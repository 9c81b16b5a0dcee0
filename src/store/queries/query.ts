/**
 * A query written once for every database. Kysely builds it with placeholders in the place of values; a database profile
 * compiles it once to SQL text and runs it with the values of each call.
 */
import { type Compilable, type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { StoreTables } from '../schema.ts';

/** Stands in a compiled query's parameters where a value goes. */
export class Placeholder {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** The few things that databases write differently. */
export interface QueryDialect {
  readonly db: Kysely<StoreTables>;
  /** `column` is one of the values of a list argument. */
  among(column: string, list: RawBuilder<unknown>): RawBuilder<SqlBool>;
}

export interface QueryTools<Args> {
  readonly db: Kysely<StoreTables>;
  /** The value of an argument. */
  arg<Name extends keyof Args & string>(name: Name): RawBuilder<Args[Name]>;
  /** True where `column` is one of the values of a list argument. */
  among<Name extends keyof Args & string>(column: string, name: Name): RawBuilder<SqlBool>;
}

/** `Args` are the values one call needs, `Row` is what each row of the answer holds. */
export interface Query<Args, Row> {
  readonly build: (tools: QueryTools<Args>) => Compilable<Row>;
}

export type NoArgs = Record<never, never>;

export function query<Args>(): <Row>(build: (tools: QueryTools<Args>) => Compilable<Row>) => Query<Args, Row> {
  return (build) => ({ build });
}

export interface CompiledQuery {
  sql: string;
  /** One entry per parameter of the SQL text, in order: where its value comes from. */
  parameters: readonly unknown[];
}

export function compileQuery<Args, Row>(source: Query<Args, Row>, dialect: QueryDialect): CompiledQuery {
  const tools: QueryTools<Args> = {
    db: dialect.db,
    arg: (name) => sql.val(new Placeholder(name)) as unknown as RawBuilder<never>,
    among: (column, name) => dialect.among(column, sql.val(new Placeholder(name))),
  };
  const { sql: text, parameters } = source.build(tools).compile();
  return { sql: text, parameters };
}
