import type { Migration } from './migration.ts';

/** Expansion plans as they were given, so that their criteria can be looked at again. */
export const plans: Migration = {
  version: 2,
  up({ schema }, dialect) {
    return [
      schema
        .createTable('plans')
        .addColumn('account_id', dialect.text, (column) => column.notNull())
        .addColumn('plan_id', dialect.text, (column) => column.notNull())
        .addColumn('as_of', dialect.integer, (column) => column.notNull())
        .addColumn('body', dialect.text, (column) => column.notNull())
        .addPrimaryKeyConstraint('plans_key', ['account_id', 'plan_id'] as never[])
        .modifyEnd(dialect.clustered),
    ];
  },
};
