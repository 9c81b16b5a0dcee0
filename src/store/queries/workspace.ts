/** What belongs to the workspace as a whole, profiles of all accounts, and counts. */
import { sql } from 'kysely';
import type { RecordKind } from '../../core/records/record.ts';
import { type NoArgs, query } from './query.ts';

export const selectSchemaVersion = query<NoArgs>()(({ db }) => db.selectFrom('schema_version').select('version'));

export const updateSchemaVersion = query<{ version: number }>()(({ db, arg }) =>
  db.updateTable('schema_version').set({ version: arg('version') }),
);

export const selectCounter = query<{ name: string }>()(({ db, arg }) =>
  db.selectFrom('counters').select('value').where('name', '=', arg('name')),
);

export const upsertCounter = query<{ name: string; value: number }>()(({ db, arg }) =>
  db
    .insertInto('counters')
    .values({ name: arg('name'), value: arg('value') })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: (eb) => eb.ref('excluded.value') })),
);

export const selectMeta = query<{ key: string }>()(({ db, arg }) =>
  db.selectFrom('meta').select('value').where('key', '=', arg('key')),
);

export const upsertMeta = query<{ key: string; value: string }>()(({ db, arg }) =>
  db
    .insertInto('meta')
    .values({ key: arg('key'), value: arg('value') })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: (eb) => eb.ref('excluded.value') })),
);

export const selectCoverage = query<NoArgs>()(({ db }) =>
  db
    .selectFrom('coverage')
    .select(['day', 'events_known_at as eventsKnownAt', 'records_known_at as recordsKnownAt'])
    .orderBy('day'),
);

export const upsertCoverage = query<{ day: number; eventsKnownAt: number | null; recordsKnownAt: number }>()(
  ({ db, arg }) =>
    db
      .insertInto('coverage')
      .values({ day: arg('day'), events_known_at: arg('eventsKnownAt'), records_known_at: arg('recordsKnownAt') })
      .onConflict((conflict) =>
        conflict.column('day').doUpdateSet({
          events_known_at: sql`case when coverage.events_known_at is null
              or excluded.events_known_at < coverage.events_known_at
            then excluded.events_known_at else coverage.events_known_at end`,
          records_known_at: sql`case when excluded.records_known_at < coverage.records_known_at
            then excluded.records_known_at else coverage.records_known_at end`,
        }),
      ),
);

export const insertKind = query<{ kind: RecordKind }>()(({ db, arg }) =>
  db
    .insertInto('record_kinds')
    .values({ kind: arg('kind') })
    .onConflict((conflict) => conflict.column('kind').doNothing()),
);

export const selectKinds = query<NoArgs>()(({ db }) => db.selectFrom('record_kinds').select('kind').orderBy('kind'));

export const insertEventName = query<{ name: string }>()(({ db, arg }) =>
  db
    .insertInto('event_names')
    .values({ name: arg('name') })
    .onConflict((conflict) => conflict.column('name').doNothing()),
);

export const selectEventNames = query<NoArgs>()(({ db }) =>
  db.selectFrom('event_names').select('name').orderBy('name'),
);

export const insertDocument = query<{ hash: string; kind: 'policy' | 'catalogue'; text: string }>()(({ db, arg }) =>
  db
    .insertInto('documents')
    .values({ hash: arg('hash'), kind: arg('kind'), text: arg('text') })
    .onConflict((conflict) => conflict.column('hash').doNothing()),
);

export const selectDocument = query<{ hash: string }>()(({ db, arg }) =>
  db.selectFrom('documents').select(['kind', 'text']).where('hash', '=', arg('hash')),
);

export interface AuditColumns {
  accountId: string;
  arrival: number;
  at: number;
  actor: string;
  action: string;
  before: string;
  after: string;
  reason: string;
}

export const insertAudit = query<AuditColumns>()(({ db, arg }) =>
  db.insertInto('audit').values({
    account_id: arg('accountId'),
    arrival: arg('arrival'),
    at: arg('at'),
    actor: arg('actor'),
    action: arg('action'),
    before: arg('before'),
    after: arg('after'),
    reason: arg('reason'),
  }),
);

const AUDIT_COLUMNS = ['account_id as accountId', 'at', 'actor', 'action', 'before', 'after', 'reason'] as const;

export const selectAudit = query<NoArgs>()(({ db }) => db.selectFrom('audit').select(AUDIT_COLUMNS).orderBy('arrival'));

export const selectAccountAudit = query<{ accountId: string }>()(({ db, arg }) =>
  db.selectFrom('audit').select(AUDIT_COLUMNS).where('account_id', '=', arg('accountId')).orderBy('arrival'),
);

export const upsertProfile = query<{ accountId: string; revision: number; catalogueHash: string; data: string }>()(
  ({ db, arg }) =>
    db
      .insertInto('profiles')
      .values({
        account_id: arg('accountId'),
        revision: arg('revision'),
        catalogue_hash: arg('catalogueHash'),
        data: arg('data'),
      })
      .onConflict((conflict) =>
        conflict.column('account_id').doUpdateSet({
          revision: (eb) => eb.ref('excluded.revision'),
          catalogue_hash: (eb) => eb.ref('excluded.catalogue_hash'),
          data: (eb) => eb.ref('excluded.data'),
        }),
      ),
);

/** A row of `selectProfiles`, as an array. */
export type ProfileTuple = [
  accountId: string,
  revision: number,
  lateSince: number | null,
  profileRevision: number | null,
  catalogueHash: string | null,
  data: string | null,
];

export const selectProfiles = query<{ after: string; limit: number }>()(({ db, arg }) =>
  db
    .selectFrom('account_status as status')
    .leftJoin('profiles as profile', 'profile.account_id', 'status.account_id')
    .select([
      'status.account_id as accountId',
      'status.revision',
      'status.late_since as lateSince',
      'profile.revision as profileRevision',
      'profile.catalogue_hash as catalogueHash',
      'profile.data',
    ])
    .where('status.has_account', '=', 1)
    .where('status.account_id', '>', arg('after'))
    .orderBy('status.account_id')
    .limit(arg('limit')),
);

const countOf = (table: 'events' | 'entities' | 'decisions') =>
  query<NoArgs>()(({ db }) => db.selectFrom(table).select(({ fn }) => fn.countAll<number>().as('count')));

export const countEvents = countOf('events');
export const countEntities = countOf('entities');
export const countDecisions = countOf('decisions');
