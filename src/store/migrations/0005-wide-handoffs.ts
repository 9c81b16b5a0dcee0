import { type RelaidTable, relaidByArrival } from './by-arrival.ts';
import type { Migration } from './migration.ts';

const HANDOFFS: RelaidTable = {
  name: 'handoffs',
  key: ['account_id', 'handoff_id'],
  columns: [
    ['account_id', 'text'],
    ['handoff_id', 'text'],
    ['state', 'text'],
    ['body', 'text'],
    ['packet', 'text', 'null'],
  ],
  order: ['account_id', 'handoff_id'],
};

/** With their packets, handoffs are wide rows too: finding an account's read six others'. */
export const wideHandoffs: Migration = {
  version: 5,
  up: (db, dialect) => [
    ...relaidByArrival(db, dialect, HANDOFFS),
    db.schema.createIndex('handoffs_by_id').on('handoffs').column('handoff_id'),
  ],
};
