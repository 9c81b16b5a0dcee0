/** The plans of a segment, ranked. Nothing is kept: a plan is kept when it is asked for by itself. */
import type { ExpansionPlan } from '../core/plan/plan.ts';
import { type SegmentPlan, segmentPlan } from '../core/plan/segment.ts';
import { formatDay } from '../core/time/calendar.ts';
import { atRiskRuleOf, type PlanContext, planOf } from './plan-account.ts';

/** Accounts read at once: bounds memory. */
const BATCH_ACCOUNTS = 256;

export type SegmentResult = { found: true; plan: SegmentPlan } | { found: false; segments: string[] };

/** Segments are compared without regard to case; test accounts do not count. */
export async function planSegment(
  context: PlanContext,
  segment: string,
  onProgress?: (done: number, total: number) => void,
): Promise<SegmentResult> {
  const { store, loaded, asOf, exchange, policy } = context;
  const { clock } = loaded.workspace;
  const statuses = (await store.listStatuses()).filter((status) => status.hasAccount);
  const wanted = segment.toLowerCase();
  const plans: ExpansionPlan[] = [];
  const segments = new Set<string>();
  for (let from = 0; from < statuses.length; from += BATCH_ACCOUNTS) {
    const ids = statuses.slice(from, from + BATCH_ACCOUNTS).map((status) => status.accountId);
    for (const bundle of await store.readBundles(ids, clock.dayOf(asOf))) {
      const account = lastAccount(bundle.entities);
      if (account?.segment !== undefined) segments.add(account.segment);
      if (account?.segment?.toLowerCase() !== wanted || account.isTest === true) continue;
      const extras = { earlier: [], portfolio: [] };
      const first = planOf(bundle, context, extras);
      if (first === undefined) continue;
      const atRiskRule = first.clearToExpand ? await atRiskRuleOf(context, bundle.status.accountId) : undefined;
      plans.push(atRiskRule === undefined ? first : planOf(bundle, context, { ...extras, atRiskRule })!);
    }
    onProgress?.(Math.min(from + BATCH_ACCOUNTS, statuses.length), statuses.length);
  }
  if (plans.length === 0) return { found: false, segments: [...segments].sort() };
  const today = formatDay(clock.dayOf(asOf));
  const weights = policy.measures.plan.confidence;
  return { found: true, plan: segmentPlan(segment, today, plans, { weights, exchange }) };
}

function lastAccount(
  rows: readonly { kind: string; body: string }[],
): { segment?: string; isTest?: boolean } | undefined {
  const last = rows.findLast((row) => row.kind === 'accounts');
  return last === undefined ? undefined : (JSON.parse(last.body) as { segment?: string; isTest?: boolean });
}
