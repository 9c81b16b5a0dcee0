/** What interventions carried and what came of them, handoffs, and the log of who was or was not contacted. */
import type { ArtefactRow, ContactLogRow, HandoffRow, OutcomeRow } from '../../pipeline/ports.ts';
import { type NoArgs, query } from './query.ts';

/** One that was held again and released later carries what its skill says then; the same day changes nothing. */
export const insertArtefact = query<ArtefactRow>()(({ db, arg }) =>
  db
    .insertInto('artefacts')
    .values({
      account_id: arg('accountId'),
      intervention_id: arg('interventionId'),
      made_on: arg('madeOn'),
      memo: arg('memo'),
      body: arg('body'),
    })
    .onConflict((conflict) =>
      conflict
        .columns(['account_id', 'intervention_id'])
        .doUpdateSet({
          made_on: (eb) => eb.ref('excluded.made_on'),
          memo: (eb) => eb.ref('excluded.memo'),
          body: (eb) => eb.ref('excluded.body'),
        })
        .where((eb) => eb('artefacts.made_on', '<', eb.ref('excluded.made_on'))),
    ),
);

export const selectArtefact = query<{ accountId: string; interventionId: string }>()(({ db, arg }) =>
  db
    .selectFrom('artefacts')
    .select(['account_id as accountId', 'intervention_id as interventionId', 'made_on as madeOn', 'memo', 'body'])
    .where('account_id', '=', arg('accountId'))
    .where('intervention_id', '=', arg('interventionId')),
);

export const selectPastOf = query<{ ids: readonly string[]; since: number }>()(({ db, arg, among }) =>
  db
    .selectFrom('artefacts')
    .innerJoin('interventions', (join) =>
      join
        .onRef('interventions.account_id', '=', 'artefacts.account_id')
        .onRef('interventions.intervention_id', '=', 'artefacts.intervention_id'),
    )
    .select([
      'artefacts.account_id as accountId',
      'artefacts.intervention_id as interventionId',
      'rule_id as ruleId',
      'skill',
      'state',
      'detail',
      'memo',
    ])
    .where(among('artefacts.account_id', 'ids'))
    .where('made_on', '>=', arg('since'))
    .orderBy('artefacts.account_id')
    .orderBy('made_on')
    .orderBy('artefacts.intervention_id'),
);

export const upsertOutcome = query<Omit<OutcomeRow, 'settled'> & { settled: number }>()(({ db, arg }) =>
  db
    .insertInto('outcomes')
    .values({
      account_id: arg('accountId'),
      intervention_id: arg('interventionId'),
      due_on: arg('dueOn'),
      settled: arg('settled'),
      body: arg('body'),
    })
    .onConflict((conflict) =>
      conflict
        .columns(['account_id', 'intervention_id'])
        .doUpdateSet({ settled: (eb) => eb.ref('excluded.settled'), body: (eb) => eb.ref('excluded.body') })
        .where('outcomes.settled', '=', 0),
    ),
);

export const selectOpenOutcomesOf = query<{ ids: readonly string[] }>()(({ db, among }) =>
  db
    .selectFrom('outcomes')
    .select(['account_id as accountId', 'intervention_id as interventionId', 'due_on as dueOn', 'settled', 'body'])
    .where(among('account_id', 'ids'))
    .where('settled', '=', 0)
    .orderBy('account_id')
    .orderBy('intervention_id'),
);

export const selectOutcomesOf = query<{ ids: readonly string[] }>()(({ db, among }) =>
  db
    .selectFrom('outcomes')
    .select(['account_id as accountId', 'intervention_id as interventionId', 'due_on as dueOn', 'settled', 'body'])
    .where(among('account_id', 'ids')),
);

export const upsertHandoff = query<HandoffRow>()(({ db, arg }) =>
  db
    .insertInto('handoffs')
    .values({
      account_id: arg('accountId'),
      handoff_id: arg('handoffId'),
      state: arg('state'),
      body: arg('body'),
      packet: arg('packet'),
    })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'handoff_id']).doUpdateSet({
        state: (eb) => eb.ref('excluded.state'),
        body: (eb) => eb.ref('excluded.body'),
        packet: (eb) => eb.ref('excluded.packet'),
      }),
    ),
);

export const selectOpenHandoffsOf = query<{ ids: readonly string[] }>()(({ db, among }) =>
  db
    .selectFrom('handoffs')
    .select(['account_id as accountId', 'handoff_id as handoffId', 'state', 'body', 'packet'])
    .where(among('account_id', 'ids'))
    .where('state', '!=', 'closed')
    .orderBy('account_id')
    .orderBy('handoff_id'),
);

export const selectHandoffs = query<NoArgs>()(({ db }) =>
  db
    .selectFrom('handoffs')
    .select(['account_id as accountId', 'handoff_id as handoffId', 'state', 'body', 'packet'])
    .orderBy('account_id')
    .orderBy('handoff_id'),
);

export const selectAccountHandoffs = query<{ accountId: string }>()(({ db, arg }) =>
  db
    .selectFrom('handoffs')
    .select(['account_id as accountId', 'handoff_id as handoffId', 'state', 'body', 'packet'])
    .where('account_id', '=', arg('accountId'))
    .orderBy('handoff_id'),
);

export const insertContact = query<
  Omit<ContactLogRow, 'customerFacing'> & { customerFacing: number; arrival: number }
>()(({ db, arg }) =>
  db.insertInto('contact_log').values({
    account_id: arg('accountId'),
    arrival: arg('arrival'),
    at: arg('at'),
    intervention_id: arg('interventionId'),
    rule_id: arg('ruleId'),
    skill: arg('skill'),
    customer_facing: arg('customerFacing'),
    state: arg('state'),
    detail: arg('detail'),
  }),
);

export const selectContactLog = query<{ accountId: string }>()(({ db, arg }) =>
  db
    .selectFrom('contact_log')
    .select([
      'account_id as accountId',
      'at',
      'intervention_id as interventionId',
      'rule_id as ruleId',
      'skill',
      'customer_facing as customerFacing',
      'state',
      'detail',
    ])
    .where('account_id', '=', arg('accountId'))
    .orderBy('arrival'),
);

export const selectAccountOfIntervention = query<{ id: string }>()(({ db, arg }) =>
  db.selectFrom('interventions').select('account_id as accountId').where('intervention_id', '=', arg('id')),
);

export const selectAccountOfHandoff = query<{ id: string }>()(({ db, arg }) =>
  db.selectFrom('handoffs').select('account_id as accountId').where('handoff_id', '=', arg('id')),
);
