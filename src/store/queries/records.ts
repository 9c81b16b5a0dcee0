/** Raw events, entity versions and the ledger. */
import type { EntityKind } from '../../core/records/record.ts';
import { query } from './query.ts';

export interface EventValues {
  accountId: string;
  messageId: string;
  userId: string | null;
  event: string;
  at: number;
  receivedAt: number;
  properties: string | null;
}

export const insertEvent = query<EventValues>()(({ db, arg }) =>
  db
    .insertInto('events')
    .values({
      account_id: arg('accountId'),
      message_id: arg('messageId'),
      user_id: arg('userId'),
      event: arg('event'),
      at: arg('at'),
      received_at: arg('receivedAt'),
      properties: arg('properties'),
    })
    .onConflict((conflict) => conflict.columns(['account_id', 'message_id']).doNothing()),
);

export const lowerEventReceipt = query<{ accountId: string; messageId: string; receivedAt: number }>()(({ db, arg }) =>
  db
    .updateTable('events')
    .set({ received_at: arg('receivedAt') })
    .where('account_id', '=', arg('accountId'))
    .where('message_id', '=', arg('messageId'))
    .where('received_at', '>', arg('receivedAt')),
);

export const selectEvents = query<{ accountId: string; from: number; to: number }>()(({ db, arg }) =>
  db
    .selectFrom('events')
    .select([
      'message_id as messageId',
      'user_id as userId',
      'event',
      'at as timestamp',
      'received_at as receivedAt',
      'properties',
    ])
    .where('account_id', '=', arg('accountId'))
    .where('at', '>=', arg('from'))
    .where('at', '<', arg('to'))
    .orderBy('at')
    .orderBy('message_id'),
);

export interface EntityValues {
  accountId: string;
  kind: EntityKind;
  id: string;
  effectiveAt: number;
  hash: string;
  receivedAt: number;
  arrival: number;
  body: string;
}

export const insertEntity = query<EntityValues>()(({ db, arg }) =>
  db
    .insertInto('entities')
    .values({
      account_id: arg('accountId'),
      kind: arg('kind'),
      id: arg('id'),
      effective_at: arg('effectiveAt'),
      hash: arg('hash'),
      received_at: arg('receivedAt'),
      arrival: arg('arrival'),
      body: arg('body'),
    })
    .onConflict((conflict) => conflict.columns(['account_id', 'kind', 'id', 'effective_at', 'hash']).doNothing()),
);

/** The earliest receipt of the same content counts, so that the order of arrival does not matter. */
export const lowerEntityReceipt = query<Omit<EntityValues, 'arrival' | 'body'>>()(({ db, arg }) =>
  db
    .updateTable('entities')
    .set({ received_at: arg('receivedAt') })
    .where('account_id', '=', arg('accountId'))
    .where('kind', '=', arg('kind'))
    .where('id', '=', arg('id'))
    .where('effective_at', '=', arg('effectiveAt'))
    .where('hash', '=', arg('hash'))
    .where('received_at', '>', arg('receivedAt')),
);

/** A row of `selectEntitiesOf`, as an array. */
export type EntityTuple = [
  accountId: string,
  kind: EntityKind,
  id: string,
  effectiveAt: number,
  receivedAt: number,
  arrival: number,
  body: string,
];

export const selectEntitiesOf = query<{ ids: readonly string[] }>()(({ db, among }) =>
  db
    .selectFrom('entities')
    .select([
      'account_id as accountId',
      'kind',
      'id',
      'effective_at as effectiveAt',
      'received_at as receivedAt',
      'arrival',
      'body',
    ])
    .where(among('account_id', 'ids'))
    .orderBy('account_id'),
);

export const upsertLedgerMonth = query<{ accountId: string; month: number; cells: Uint8Array }>()(({ db, arg }) =>
  db
    .insertInto('ledger')
    .values({ account_id: arg('accountId'), month: arg('month'), cells: arg('cells') })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'month']).doUpdateSet({ cells: (eb) => eb.ref('excluded.cells') }),
    ),
);

export const selectLedgerMonth = query<{ accountId: string; month: number }>()(({ db, arg }) =>
  db.selectFrom('ledger').select('cells').where('account_id', '=', arg('accountId')).where('month', '=', arg('month')),
);

/** A row of `selectLedgerOf`, as an array. */
export type LedgerTuple = [accountId: string, month: number, cells: Uint8Array];

export const selectLedgerOf = query<{ ids: readonly string[] }>()(({ db, among }) =>
  db
    .selectFrom('ledger')
    .select(['account_id as accountId', 'month', 'cells'])
    .where(among('account_id', 'ids'))
    .orderBy('account_id')
    .orderBy('month'),
);
