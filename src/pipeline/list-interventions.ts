/** Interventions with what came of them, for reading. */

import type { InterventionState } from '../core/decision/inputs.ts';
import type { OutcomeRecord } from '../core/interventions/outcome.ts';
import { type Day, formatDay, formatInstant } from '../core/time/calendar.ts';
import type { InterventionRow, Store } from './ports.ts';
import type { InterventionDetail } from './skill-context.ts';

export interface ListedIntervention {
  id: string;
  accountId: string;
  skill: string;
  ruleId: string;
  stage: string;
  priority: string;
  state: InterventionState;
  customerFacing: boolean;
  /** Day on which the rule first asked for it. */
  date: string;
  reason: string;
  heldBy: string[];
  snoozedUntil: string | null;
  settled: { at: string; by: string; reason: string } | null;
  outcome: OutcomeRecord | null;
}

/** Those of one account or of all, in the order of account and day. */
export async function listInterventions(
  store: Store,
  accountId?: string,
  state?: InterventionState,
): Promise<ListedIntervention[]> {
  const rows = (await store.readInterventions(accountId)).filter((row) => state === undefined || row.state === state);
  const ids = [...new Set(rows.filter((row) => row.state === 'completed').map((row) => row.accountId))];
  const outcomes = new Map(
    (ids.length === 0 ? [] : await store.readOutcomes(ids)).map((row) => [row.interventionId, row.body]),
  );
  return rows.map((row) => listed(row, outcomes.get(row.interventionId)));
}

function listed(row: InterventionRow, outcome: string | undefined): ListedIntervention {
  const { reason, heldBy, snoozedUntil, settled } = JSON.parse(row.detail) as InterventionDetail;
  const date = (day: Day | undefined) => (day === undefined ? null : formatDay(day));
  return {
    id: row.interventionId,
    accountId: row.accountId,
    skill: row.skill,
    ruleId: row.ruleId,
    stage: row.stage,
    priority: row.priority,
    state: row.state,
    customerFacing: row.customerFacing,
    date: formatDay(row.day),
    reason,
    heldBy,
    snoozedUntil: date(snoozedUntil),
    settled: settled === undefined ? null : { ...settled, at: formatInstant(settled.at) },
    outcome: outcome === undefined ? null : (JSON.parse(outcome) as OutcomeRecord),
  };
}
