/** Expansion plans that were kept. */
import type { PlanRow } from '../../pipeline/ports.ts';
import { query } from './query.ts';

/** A plan is never rewritten: its id is made of its content. */
export const insertPlan = query<PlanRow>()(({ db, arg }) =>
  db
    .insertInto('plans')
    .values({ account_id: arg('accountId'), plan_id: arg('planId'), as_of: arg('asOf'), body: arg('body') })
    .onConflict((conflict) => conflict.columns(['account_id', 'plan_id']).doNothing()),
);

export const selectPlansOf = query<{ ids: readonly string[] }>()(({ db, among }) =>
  db
    .selectFrom('plans')
    .select(['account_id as accountId', 'plan_id as planId', 'as_of as asOf', 'body'])
    .where(among('account_id', 'ids'))
    .orderBy('account_id')
    .orderBy('as_of')
    .orderBy('plan_id'),
);
