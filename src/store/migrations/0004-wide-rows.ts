import { type RelaidTable, relaidByArrival } from './by-arrival.ts';
import type { Migration } from './migration.ts';

const TABLES: RelaidTable[] = [
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

/** Rows of many kilobytes lie in the order in which they come. */
export const wideRows: Migration = {
  version: 4,
  up: (db, dialect) => TABLES.flatMap((table) => relaidByArrival(db, dialect, table)),
};
