/** Reads everything the evaluation of many accounts needs: one ordered query per table, not one per account. */
import type { SoonForgotten } from '../../core/decision/remembered.ts';
import {
  type AccountBundle,
  type AccountStatus,
  type InterventionRow,
  PAST_DAYS,
  type ProfileState,
} from '../../pipeline/ports.ts';
import { type InterventionTuple, selectInterventionsOf, selectJourneysOf } from '../queries/evaluations.ts';
import { selectOpenHandoffsOf, selectOpenOutcomesOf, selectPastOf } from '../queries/interventions.ts';
import { type EntityTuple, type LedgerTuple, selectEntitiesOf, selectLedgerOf } from '../queries/records.ts';
import { type StatusTuple, selectStatusesOf } from '../queries/statuses.ts';
import type { ProfileTuple } from '../queries/workspace.ts';
import type { SqliteConnection } from './connection.ts';

export function toStatuses(rows: readonly unknown[]): AccountStatus[] {
  let context: string | null = null; // most rows name the one before: one text for all of them
  return (rows as readonly StatusTuple[]).map((row) => {
    if (row[6] !== context) context = row[6];
    return {
      accountId: row[0],
      hasAccount: row[1] === 1,
      revision: row[2],
      tickedThrough: row[3],
      journeyRevision: row[4],
      decidedRevision: row[5],
      decidedContext: context,
      decidedAt: row[7],
      nextChangeAt: row[8],
      lateSince: row[9],
    };
  });
}

export function toIntervention(row: InterventionTuple): InterventionRow {
  return {
    accountId: row[0],
    interventionId: row[1],
    ruleId: row[2],
    skill: row[3],
    stage: row[4],
    priority: row[5],
    state: row[6],
    customerFacing: row[7] === 1,
    capped: row[8] === 1,
    day: row[9],
    updatedDay: row[10],
    detail: row[11],
  };
}

export function toProfileState([
  accountId,
  revision,
  lateSince,
  made,
  catalogueHash,
  data,
]: ProfileTuple): ProfileState {
  const profile = made === null ? null : { revision: made, catalogueHash: catalogueHash!, data: data! };
  return { accountId, revision, lateSince, profile };
}

/** The smallest page the reader takes at once is all of them. */
const NO_LIMIT = -1;
/** Every closed intervention is remembered for as long as another. */
const NONE_SOONER: SoonForgotten = { daysSooner: 0, exceptSkills: [] };

/** Bundles in the byte order of account ids; an id that is not known has none. */
export function readBundles(
  connection: SqliteConnection,
  ids: readonly string[],
  interventionsSince: number,
  { daysSooner, exceptSkills }: SoonForgotten = NONE_SOONER,
): AccountBundle[] {
  const bundles = new Bundles();
  const statuses = toStatuses(connection.tuples(selectStatusesOf, { ids, after: '', limit: NO_LIMIT }));
  for (const status of statuses) bundles.begin(status);
  readEntities(connection, ids, bundles);
  for (const [accountId, month, cells] of connection.tuples(selectLedgerOf, { ids }) as LedgerTuple[]) {
    const bundle = bundles.of(accountId);
    bundle?.ledger.push({ accountId: bundle.status.accountId, month, cells });
  }
  for (const row of connection.all(selectJourneysOf, { ids })) {
    const bundle = bundles.of(row.accountId);
    if (bundle) bundle.journey = row;
  }
  const expiredSince = interventionsSince + daysSooner;
  const interventions = { ids, since: interventionsSince, expiredSince, exceptSkills };
  for (const row of connection.tuples(selectInterventionsOf, interventions) as InterventionTuple[]) {
    bundles.of(row[0])?.interventions.push(toIntervention(row));
  }
  for (const bundle of bundles.all) bundle.interventions.sort(byDay);
  for (const { accountId, ...row } of connection.all(selectPastOf, { ids, since: interventionsSince - PAST_DAYS }))
    bundles.of(accountId)?.past.push(row);
  for (const row of connection.all(selectOpenOutcomesOf, { ids }))
    bundles.of(row.accountId)?.outcomes.push({ ...row, settled: false });
  for (const row of connection.all(selectOpenHandoffsOf, { ids })) bundles.of(row.accountId)?.handoffs.push(row);
  return bundles.all;
}

/** Bundles as they fill. Rows come account by account, so the one asked for is mostly the one before. */
class Bundles {
  readonly all: AccountBundle[] = [];
  readonly #byId = new Map<string, AccountBundle>();
  #last: AccountBundle | undefined;

  begin(status: AccountStatus): void {
    const empty = { journey: null, interventions: [], past: [], outcomes: [], handoffs: [] };
    const bundle: AccountBundle = { status, entities: [], ledger: [], ...empty };
    this.all.push(bundle);
    this.#byId.set(status.accountId, bundle);
  }

  of(accountId: string): AccountBundle | undefined {
    if (this.#last?.status.accountId !== accountId) this.#last = this.#byId.get(accountId);
    return this.#last;
  }
}

function readEntities(connection: SqliteConnection, ids: readonly string[], bundles: Bundles): void {
  const rows = connection.tuples(selectEntitiesOf, { ids }) as EntityTuple[];
  for (let from = 0, to = 0; from < rows.length; from = to) {
    const accountId = rows[from]![0];
    while (to < rows.length && rows[to]![0] === accountId) to++;
    const entities = bundles.of(accountId)?.entities;
    // Sorted here: in the database the sort would carry every body along.
    for (const row of rows.slice(from, to).sort(byKnowledge)) {
      entities?.push({
        accountId,
        kind: row[1],
        id: row[2],
        effectiveAt: row[3],
        receivedAt: row[4],
        body: row[6],
      });
    }
  }
}

/** By effectiveAt, then receivedAt, then arrival. */
function byKnowledge(a: EntityTuple, b: EntityTuple): number {
  return a[3] - b[3] || a[4] - b[4] || a[5] - b[5];
}

function byDay(a: InterventionRow, b: InterventionRow): number {
  return a.day - b.day || (a.interventionId < b.interventionId ? -1 : 1);
}
