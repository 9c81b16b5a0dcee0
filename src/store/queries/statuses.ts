/** What is known of an account without reading its records. */
import { type ExpressionBuilder, sql } from 'kysely';
import type { StoreTables } from '../schema.ts';
import { type NoArgs, query } from './query.ts';

/** A status as selected, as an array: flags are 0 or 1. */
export type StatusTuple = [
  accountId: string,
  hasAccount: number,
  revision: number,
  tickedThrough: number | null,
  journeyRevision: number,
  decidedRevision: number | null,
  decidedContext: string | null,
  decidedAt: number | null,
  nextChangeAt: number | null,
  lateSince: number | null,
];

function statusColumns(eb: ExpressionBuilder<StoreTables, 'account_status'>) {
  return [
    eb.ref('account_id').as('accountId'),
    eb.ref('has_account').as('hasAccount'),
    eb.ref('revision').as('revision'),
    eb.ref('ticked_through').as('tickedThrough'),
    eb.ref('journey_revision').as('journeyRevision'),
    eb.ref('decided_revision').as('decidedRevision'),
    eb.ref('decided_context').as('decidedContext'),
    eb.ref('decided_at').as('decidedAt'),
    eb.ref('next_change_at').as('nextChangeAt'),
    eb.ref('late_since').as('lateSince'),
  ] as const;
}

/** Statuses after an account id, in the byte order of ids. */
export const selectStatuses = query<{ after: string; limit: number }>()(({ db, arg }) =>
  db
    .selectFrom('account_status')
    .select(statusColumns)
    .where('account_id', '>', arg('after'))
    .orderBy('account_id')
    .limit(arg('limit')),
);

export const selectStatusesOf = query<{ ids: readonly string[]; after: string; limit: number }>()(
  ({ db, arg, among }) =>
    db
      .selectFrom('account_status')
      .select(statusColumns)
      .where(among('account_id', 'ids'))
      .where('account_id', '>', arg('after'))
      .orderBy('account_id')
      .limit(arg('limit')),
);

/**
 * A record is late when the day it speaks of has been ticked already. `unseen_since` remembers the earliest day even when
 * it has not: an evaluation under way may tick it without having seen the record (see `markEvaluated`).
 */
export const touchAccount = query<{ accountId: string; earliestDay: number; hasAccount: number }>()(({ db, arg }) =>
  db
    .insertInto('account_status')
    .values({
      account_id: arg('accountId'),
      has_account: arg('hasAccount'),
      revision: 1,
      journey_revision: 0,
      unseen_since: arg('earliestDay'),
    })
    .onConflict((conflict) =>
      conflict.column('account_id').doUpdateSet({
        revision: sql`account_status.revision + 1`,
        has_account: sql`case when excluded.has_account = 1 then 1 else account_status.has_account end`,
        unseen_since: sql`case when excluded.unseen_since >= account_status.unseen_since
          then account_status.unseen_since else excluded.unseen_since end`,
        late_since: sql`case when excluded.unseen_since < account_status.ticked_through
            and (account_status.late_since is null or excluded.unseen_since < account_status.late_since)
          then excluded.unseen_since else account_status.late_since end`,
      }),
    ),
);

export interface EvaluationMark {
  accountId: string;
  expectedJourneyRevision: number;
  tickedThrough: number;
  decidedRevision: number;
  decidedContext: string;
  decidedAt: number | null;
  decisionId: string | null;
  nextChangeAt: number | null;
}

/**
 * Records that an evaluation was made, unless another one was recorded since it read: then no row comes back. Records that
 * arrived while it was at work (the revision has moved on) stay marked as late where it ticked their day.
 */
export const markEvaluated = query<EvaluationMark>()(({ db, arg }) =>
  db
    .updateTable('account_status')
    .set({
      ticked_through: arg('tickedThrough'),
      journey_revision: sql`journey_revision + 1`,
      decided_revision: arg('decidedRevision'),
      decided_context: arg('decidedContext'),
      decided_at: sql`coalesce(${arg('decidedAt')}, decided_at)`,
      decision_id: sql`coalesce(${arg('decisionId')}, decision_id)`,
      next_change_at: arg('nextChangeAt'),
      late_since: sql`case when revision = ${arg('decidedRevision')} then null
        when unseen_since < ${arg('tickedThrough')} then unseen_since else late_since end`,
      unseen_since: sql`case when revision = ${arg('decidedRevision')} then null else unseen_since end`,
    })
    .where('account_id', '=', arg('accountId'))
    .where('journey_revision', '=', arg('expectedJourneyRevision'))
    .returning('account_id as accountId'),
);

/** Accounts with days up to `day` that no tick has been made of. */
export const countUnticked = query<{ day: number }>()(({ db, arg }) =>
  db
    .selectFrom('account_status')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('has_account', '=', 1)
    .where((eb) => eb.or([eb('ticked_through', 'is', null), eb('ticked_through', '<', arg('day'))])),
);

export const countAccounts = query<NoArgs>()(({ db }) =>
  db
    .selectFrom('account_status')
    .select(({ fn }) => [fn.countAll<number>().as('all'), fn.sum<number | null>('has_account').as('withAccount')]),
);
