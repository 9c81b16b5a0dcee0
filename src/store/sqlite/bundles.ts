/** Reads everything the evaluation of many accounts needs: one ordered query per table, not one per account. */
import {
  type AccountBundle,
  type AccountStatus,
  type EntityRow,
  type InterventionRow,
  PAST_DAYS,
} from '../../pipeline/ports.ts';
import { type InterventionColumns, selectInterventionsOf, selectJourneysOf } from '../queries/evaluations.ts';
import { selectOpenHandoffsOf, selectOpenOutcomesOf, selectPastOf } from '../queries/interventions.ts';
import { selectEntitiesOf, selectLedgerOf } from '../queries/records.ts';
import { type StatusColumns, selectStatusesOf } from '../queries/statuses.ts';
import type { SqliteConnection } from './connection.ts';

export function toStatus(row: StatusColumns): AccountStatus {
  return { ...row, hasAccount: row.hasAccount === 1 };
}

export function toIntervention(row: InterventionColumns): InterventionRow {
  return { ...row, customerFacing: row.customerFacing === 1, capped: row.capped === 1 };
}

/** The smallest page the reader takes at once is all of them. */
const NO_LIMIT = -1;

/** Bundles in the byte order of account ids; an id that is not known has none. */
export function readBundles(
  connection: SqliteConnection,
  ids: readonly string[],
  interventionsSince: number,
): AccountBundle[] {
  const bundles = new Map<string, AccountBundle>();
  for (const row of connection.all(selectStatusesOf, { ids, after: '', limit: NO_LIMIT })) {
    bundles.set(row.accountId, {
      status: toStatus(row),
      entities: [],
      ledger: [],
      journey: null,
      interventions: [],
      past: [],
      outcomes: [],
      handoffs: [],
    });
  }
  readEntities(connection, ids, bundles);
  for (const row of connection.all(selectLedgerOf, { ids })) bundles.get(row.accountId)?.ledger.push(row);
  for (const row of connection.all(selectJourneysOf, { ids })) {
    const bundle = bundles.get(row.accountId);
    if (bundle) bundle.journey = row;
  }
  for (const row of connection.all(selectInterventionsOf, { ids, since: interventionsSince })) {
    bundles.get(row.accountId)?.interventions.push(toIntervention(row));
  }
  for (const bundle of bundles.values()) bundle.interventions.sort(byDay);
  for (const { accountId, ...row } of connection.all(selectPastOf, { ids, since: interventionsSince - PAST_DAYS }))
    bundles.get(accountId)?.past.push(row);
  for (const row of connection.all(selectOpenOutcomesOf, { ids }))
    bundles.get(row.accountId)?.outcomes.push({ ...row, settled: false });
  for (const row of connection.all(selectOpenHandoffsOf, { ids })) bundles.get(row.accountId)?.handoffs.push(row);
  return [...bundles.values()];
}

function readEntities(connection: SqliteConnection, ids: readonly string[], bundles: Map<string, AccountBundle>): void {
  const rows = connection.all(selectEntitiesOf, { ids }) as (EntityRow & { arrival: number })[];
  // Sorted here: in the database the sort would carry every body along.
  rows.sort((a, b) => a.effectiveAt - b.effectiveAt || a.receivedAt - b.receivedAt || a.arrival - b.arrival);
  for (const { accountId, kind, id, effectiveAt, receivedAt, hash, body } of rows) {
    bundles.get(accountId)?.entities.push({ accountId, kind, id, effectiveAt, receivedAt, hash, body });
  }
}

function byDay(a: InterventionRow, b: InterventionRow): number {
  return a.day - b.day || (a.interventionId < b.interventionId ? -1 : 1);
}
