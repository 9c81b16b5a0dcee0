import type { Migration, SchemaDialect } from './migration.ts';

type Column = [name: string, type: 'text' | 'integer', nullable?: 'null'];

const TABLES: { name: string; key: string[]; columns: Column[] }[] = [
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
  },
  {
    name: 'outcomes',
    key: ['account_id', 'intervention_id'],
    columns: [
      ['account_id', 'text'],
      ['intervention_id', 'text'],
      ['due_on', 'integer'],
      ['settled', 'integer'],
      ['body', 'text'],
    ],
  },
  {
    name: 'handoffs',
    key: ['account_id', 'handoff_id'],
    columns: [
      ['account_id', 'text'],
      ['handoff_id', 'text'],
      ['state', 'text'],
      ['body', 'text'],
      ['packet', 'text', 'null'],
    ],
  },
  {
    name: 'contact_log',
    key: ['account_id', 'arrival'],
    columns: [
      ['account_id', 'text'],
      ['arrival', 'integer'],
      ['at', 'integer'],
      ['intervention_id', 'text'],
      ['rule_id', 'text'],
      ['skill', 'text'],
      ['customer_facing', 'integer'],
      ['state', 'text'],
      ['detail', 'text'],
    ],
  },
];

/** What interventions carried, what came of them, handoffs, and who was or was not contacted. */
export const interventions: Migration = {
  version: 3,
  up({ schema }, dialect) {
    const tables = TABLES.map(({ name, key, columns }) => {
      let create = schema.createTable(name);
      for (const [column, type, nullable] of columns) {
        create = create.addColumn(column, dialect[type as keyof SchemaDialect], (definition) =>
          nullable === undefined ? definition.notNull() : definition,
        );
      }
      return create.addPrimaryKeyConstraint(`${name}_key`, key as never[]).modifyEnd(dialect.clustered);
    });
    // People name an intervention or a handoff by its id alone.
    return [
      ...tables,
      schema.createIndex('interventions_by_id').on('interventions').column('intervention_id'),
      schema.createIndex('handoffs_by_id').on('handoffs').column('handoff_id'),
    ];
  },
};
