import type { Migration } from './migration.ts';

type ColumnType = 'text' | 'integer' | 'bytes';
interface Table {
  name: string;
  key: string[];
  /** `?` after the type: may be null. */
  columns: Record<string, ColumnType | `${ColumnType}?`>;
}

const TABLES: Table[] = [
  { name: 'schema_version', key: ['version'], columns: { version: 'integer' } },
  { name: 'counters', key: ['name'], columns: { name: 'text', value: 'integer' } },
  { name: 'meta', key: ['key'], columns: { key: 'text', value: 'text' } },
  {
    name: 'coverage',
    key: ['day'],
    columns: { day: 'integer', events_known_at: 'integer?', records_known_at: 'integer' },
  },
  { name: 'record_kinds', key: ['kind'], columns: { kind: 'text' } },
  { name: 'event_names', key: ['name'], columns: { name: 'text' } },
  { name: 'documents', key: ['hash'], columns: { hash: 'text', kind: 'text', text: 'text' } },
  {
    name: 'account_status',
    key: ['account_id'],
    columns: {
      account_id: 'text',
      has_account: 'integer',
      revision: 'integer',
      ticked_through: 'integer?',
      journey_revision: 'integer',
      decided_revision: 'integer?',
      decided_context: 'text?',
      decided_at: 'integer?',
      decision_id: 'text?',
      next_change_at: 'integer?',
      late_since: 'integer?',
      unseen_since: 'integer?',
    },
  },
  {
    name: 'events',
    key: ['account_id', 'message_id'],
    columns: {
      account_id: 'text',
      message_id: 'text',
      user_id: 'text?',
      event: 'text',
      at: 'integer',
      received_at: 'integer',
      properties: 'text?',
    },
  },
  {
    name: 'entities',
    key: ['account_id', 'kind', 'id', 'effective_at', 'hash'],
    columns: {
      account_id: 'text',
      kind: 'text',
      id: 'text',
      effective_at: 'integer',
      hash: 'text',
      received_at: 'integer',
      arrival: 'integer',
      body: 'text',
    },
  },
  {
    name: 'ledger',
    key: ['account_id', 'month'],
    columns: { account_id: 'text', month: 'integer', cells: 'bytes' },
  },
  {
    name: 'profiles',
    key: ['account_id'],
    columns: { account_id: 'text', revision: 'integer', catalogue_hash: 'text', data: 'text' },
  },
  { name: 'journeys', key: ['account_id'], columns: { account_id: 'text', state: 'text' } },
  {
    name: 'tick_runs',
    key: ['account_id', 'first_day'],
    columns: { account_id: 'text', first_day: 'integer', ticks: 'text' },
  },
  {
    name: 'interventions',
    key: ['account_id', 'intervention_id'],
    columns: {
      account_id: 'text',
      intervention_id: 'text',
      rule_id: 'text',
      skill: 'text',
      stage: 'text',
      priority: 'text',
      state: 'text',
      customer_facing: 'integer',
      capped: 'integer',
      day: 'integer',
      updated_day: 'integer',
      detail: 'text',
    },
  },
  {
    name: 'decisions',
    key: ['account_id', 'decision_id'],
    columns: {
      account_id: 'text',
      decision_id: 'text',
      arrival: 'integer',
      as_of: 'integer',
      policy_hash: 'text',
      catalogue_hash: 'text',
      body: 'text',
      inputs: 'text',
    },
  },
  {
    name: 'audit',
    key: ['account_id', 'arrival'],
    columns: {
      account_id: 'text',
      arrival: 'integer',
      at: 'integer',
      actor: 'text',
      action: 'text',
      before: 'text',
      after: 'text',
      reason: 'text',
    },
  },
];

export const initial: Migration = {
  version: 1,
  up({ schema }, dialect) {
    return TABLES.map((table) => {
      let create = schema.createTable(table.name);
      for (const [name, type] of Object.entries(table.columns)) {
        const nullable = type.endsWith('?');
        const column = dialect[(nullable ? type.slice(0, -1) : type) as ColumnType];
        create = create.addColumn(name, column, (definition) => (nullable ? definition : definition.notNull()));
      }
      return create.addPrimaryKeyConstraint(`${table.name}_key`, table.key as never[]).modifyEnd(dialect.clustered);
    });
  },
};
