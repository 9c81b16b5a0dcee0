/** Journeys, recorded ticks, interventions and decisions. */
import type { ExpressionBuilder } from 'kysely';
import type { InterventionState } from '../../core/decision/inputs.ts';
import type { StoreTables } from '../schema.ts';
import { type NoArgs, query } from './query.ts';

export const upsertJourney = query<{ accountId: string; state: string }>()(({ db, arg }) =>
  db
    .insertInto('journeys')
    .values({ account_id: arg('accountId'), state: arg('state') })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet({ state: (eb) => eb.ref('excluded.state') })),
);

export const selectJourneysOf = query<{ ids: readonly string[] }>()(({ db, among }) =>
  db
    .selectFrom('journeys')
    .select(['account_id as accountId', 'state'])
    .where(among('account_id', 'ids'))
    .orderBy('account_id'),
);

export const upsertTickRun = query<{ accountId: string; firstDay: number; ticks: string }>()(({ db, arg }) =>
  db
    .insertInto('tick_runs')
    .values({ account_id: arg('accountId'), first_day: arg('firstDay'), ticks: arg('ticks') })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'first_day']).doUpdateSet({ ticks: (eb) => eb.ref('excluded.ticks') }),
    ),
);

/** Runs that begin within the days given, both included. */
export const selectTickRuns = query<{ accountId: string; fromDay: number; toDay: number }>()(({ db, arg }) =>
  db
    .selectFrom('tick_runs')
    .select(['account_id as accountId', 'first_day as firstDay', 'ticks'])
    .where('account_id', '=', arg('accountId'))
    .where('first_day', '>=', arg('fromDay'))
    .where('first_day', '<=', arg('toDay'))
    .orderBy('first_day'),
);

/** Nothing more happens to an intervention in one of these. */
const CLOSED_STATES: InterventionState[] = ['completed', 'dismissed', 'expired', 'failed'];
/** Set by a person or by the dispatcher: an evaluation knows less than they do. */
const SETTLED_STATES: InterventionState[] = ['dismissed', 'completed', 'dispatched', 'delivered', 'failed'];

/** An intervention as written: flags are 0 or 1. */
export interface InterventionColumns {
  accountId: string;
  interventionId: string;
  ruleId: string;
  skill: string;
  stage: string;
  priority: string;
  state: InterventionState;
  customerFacing: number;
  capped: number;
  day: number;
  updatedDay: number;
  detail: string;
}

/** An intervention as selected, as an array. */
export type InterventionTuple = [
  accountId: string,
  interventionId: string,
  ruleId: string,
  skill: string,
  stage: string,
  priority: string,
  state: InterventionState,
  customerFacing: number,
  capped: number,
  day: number,
  updatedDay: number,
  detail: string,
];

function interventionColumns(eb: ExpressionBuilder<StoreTables, 'interventions'>) {
  return [
    eb.ref('account_id').as('accountId'),
    eb.ref('intervention_id').as('interventionId'),
    eb.ref('rule_id').as('ruleId'),
    eb.ref('skill').as('skill'),
    eb.ref('stage').as('stage'),
    eb.ref('priority').as('priority'),
    eb.ref('state').as('state'),
    eb.ref('customer_facing').as('customerFacing'),
    eb.ref('capped').as('capped'),
    eb.ref('day').as('day'),
    eb.ref('updated_day').as('updatedDay'),
    eb.ref('detail').as('detail'),
  ] as const;
}

/** An approval is a person's word too: an evaluation may hold or expire what was approved, not ask for approval anew. */
export const upsertIntervention = query<InterventionColumns>()(({ db, arg }) =>
  db
    .insertInto('interventions')
    .values({
      account_id: arg('accountId'),
      intervention_id: arg('interventionId'),
      rule_id: arg('ruleId'),
      skill: arg('skill'),
      stage: arg('stage'),
      priority: arg('priority'),
      state: arg('state'),
      customer_facing: arg('customerFacing'),
      capped: arg('capped'),
      day: arg('day'),
      updated_day: arg('updatedDay'),
      detail: arg('detail'),
    })
    .onConflict((conflict) =>
      conflict
        .columns(['account_id', 'intervention_id'])
        .doUpdateSet({
          state: (eb) => eb.ref('excluded.state'),
          updated_day: (eb) => eb.ref('excluded.updated_day'),
          detail: (eb) => eb.ref('excluded.detail'),
        })
        .where('interventions.state', 'not in', SETTLED_STATES)
        .where((eb) => eb.or([eb('interventions.state', '!=', 'approved'), eb('excluded.state', '!=', 'proposed')])),
    ),
);

/**
 * Open ones, and closed ones that changed since a day: expired ones since one of their own, but for some skills. What turns
 * most rows away comes first.
 */
export const selectInterventionsOf = query<{
  ids: readonly string[];
  since: number;
  expiredSince: number;
  exceptSkills: readonly string[];
}>()(({ db, arg, among }) =>
  db
    .selectFrom('interventions')
    .select(interventionColumns)
    .where(among('account_id', 'ids'))
    .where((eb) =>
      eb.or([
        eb('updated_day', '>=', arg('expiredSince')),
        eb('state', '!=', 'expired'),
        among('skill', 'exceptSkills'),
      ]),
    )
    .where((eb) => eb.or([eb('updated_day', '>=', arg('since')), eb('state', 'not in', CLOSED_STATES)]))
    .orderBy('account_id'),
);

export const selectInterventions = query<NoArgs>()(({ db }) =>
  db
    .selectFrom('interventions')
    .select(interventionColumns)
    .orderBy('account_id')
    .orderBy('day')
    .orderBy('intervention_id'),
);

export const selectAccountInterventions = query<{ accountId: string }>()(({ db, arg }) =>
  db
    .selectFrom('interventions')
    .select(interventionColumns)
    .where('account_id', '=', arg('accountId'))
    .orderBy('day')
    .orderBy('intervention_id'),
);

export interface DecisionValues {
  accountId: string;
  decisionId: string;
  arrival: number;
  asOf: number;
  policyHash: string;
  catalogueHash: string;
  body: string;
  inputs: string;
}

/** A decision is never rewritten: its id is made of its inputs. */
export const insertDecision = query<DecisionValues>()(({ db, arg }) =>
  db
    .insertInto('decisions')
    .values({
      account_id: arg('accountId'),
      decision_id: arg('decisionId'),
      arrival: arg('arrival'),
      as_of: arg('asOf'),
      policy_hash: arg('policyHash'),
      catalogue_hash: arg('catalogueHash'),
      body: arg('body'),
      inputs: arg('inputs'),
    })
    .onConflict((conflict) => conflict.columns(['account_id', 'decision_id']).doNothing()),
);

function decisionColumns(eb: ExpressionBuilder<StoreTables, 'decisions'>) {
  return [
    eb.ref('decisions.account_id').as('accountId'),
    eb.ref('decisions.decision_id').as('decisionId'),
    eb.ref('as_of').as('asOf'),
    eb.ref('policy_hash').as('policyHash'),
    eb.ref('catalogue_hash').as('catalogueHash'),
    eb.ref('body').as('body'),
    eb.ref('inputs').as('inputs'),
  ] as const;
}

export const selectDecision = query<{ accountId: string; decisionId: string }>()(({ db, arg }) =>
  db
    .selectFrom('decisions')
    .select(decisionColumns)
    .where('account_id', '=', arg('accountId'))
    .where('decision_id', '=', arg('decisionId')),
);

/** The decision that each account's status points to. */
export const selectLatestDecisions = query<{ ids: readonly string[] }>()(({ db, among }) =>
  db
    .selectFrom('account_status')
    .innerJoin('decisions', (join) =>
      join
        .onRef('decisions.account_id', '=', 'account_status.account_id')
        .onRef('decisions.decision_id', '=', 'account_status.decision_id'),
    )
    .select((eb) => decisionColumns(eb as unknown as ExpressionBuilder<StoreTables, 'decisions'>))
    .where(among('account_status.account_id', 'ids'))
    .orderBy('account_status.account_id'),
);

export const selectDecisionList = query<{ accountId: string }>()(({ db, arg }) =>
  db
    .selectFrom('decisions')
    .select(['decision_id as decisionId', 'as_of as asOf', 'policy_hash as policyHash'])
    .where('account_id', '=', arg('accountId'))
    .orderBy('as_of')
    .orderBy('arrival'),
);
