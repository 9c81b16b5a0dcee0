/** Generated accounts as a store would hand them to an evaluation, and the workspace they stand in. */
import { hash } from 'node:crypto';
import { profileOf } from '../src/core/facts/profile.ts';
import type { Workspace } from '../src/core/facts/view.ts';
import { buildWorkspaceContext } from '../src/core/facts/workspace.ts';
import { encodeLedgerMonth } from '../src/core/history/codec.ts';
import type { CompiledPolicy } from '../src/core/policy/compiled-policy.ts';
import { type EntityKind, RECORD_KINDS } from '../src/core/records/record.ts';
import { type Day, monthOf } from '../src/core/time/calendar.ts';
import { runInstant, sourceOf } from '../src/pipeline/evaluate-account.ts';
import type { AccountBundle, EntityRow } from '../src/pipeline/ports.ts';
import type { GeneratedAccount } from './generated-accounts.ts';
import { benchCatalogue } from './generated-workspace.ts';
import { clock } from './real-data.ts';

/** What would be written of an account is what would be read. */
export interface GeneratedBundle extends AccountBundle {
  entities: EntityRow[];
}

export function bundleOf({ accountId, records, cells }: GeneratedAccount): GeneratedBundle {
  const entities: EntityRow[] = [];
  for (const kind of RECORD_KINDS) {
    if (kind === 'events') continue;
    for (const { id, effectiveAt, receivedAt, data } of records[kind as EntityKind]) {
      const body = JSON.stringify(data);
      entities.push({ accountId, kind, id, effectiveAt, receivedAt, hash: hash('sha256', body), body });
    }
  }
  entities.sort((a, b) => a.effectiveAt - b.effectiveAt || a.receivedAt - b.receivedAt);
  const months = Map.groupBy(cells, (cell) => monthOf(cell.day));
  const status = { accountId, hasAccount: true, revision: 1, journeyRevision: 0 };
  return {
    status: {
      ...status,
      tickedThrough: null,
      decidedRevision: null,
      decidedContext: null,
      decidedAt: null,
      nextChangeAt: null,
      lateSince: null,
    },
    entities,
    ledger: [...months].map(([month, ofMonth]) => ({
      accountId,
      month,
      cells: encodeLedgerMonth({ month, cells: ofMonth }),
    })),
    journey: null,
    interventions: [],
    past: [],
    outcomes: [],
    handoffs: [],
  };
}

/** The workspace of these accounts, all kinds imported, covered from `firstDay` to `lastDay`. */
export function workspaceOf(
  bundles: readonly AccountBundle[],
  policy: CompiledPolicy,
  firstDay: Day,
  lastDay: Day,
): Workspace {
  const catalogue = benchCatalogue();
  const planLimits = new Map(catalogue.plans.map((plan) => [plan.id, plan.limits]));
  const workspace: Workspace = {
    clock,
    catalogue,
    measures: policy.measures,
    guardrails: policy.guardrails,
    kinds: new Set(RECORD_KINDS),
    contractOptions: { currency: 'USD', planLimits: (plan) => planLimits.get(plan) },
    coverage: { eventsFrom: firstDay, eventsThrough: lastDay, recordsFrom: firstDay, recordsThrough: lastDay },
    relevantFeatures: () => new Set(),
    peerMedian: () => undefined,
    peerAttach: () => undefined,
  };
  const asOf = runInstant(policy, workspace, lastDay);
  const profiles = bundles.map((bundle) => profileOf(sourceOf(bundle, workspace, lastDay).profileInput(asOf)));
  return { ...workspace, ...buildWorkspaceContext(profiles, catalogue, policy.measures) };
}
