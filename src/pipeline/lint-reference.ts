/** What an edited plan is held against: the plan of today, the plans kept, and the account's own records. */
import type { LintReference } from '../core/plan/lint.ts';
import { renderPlan } from '../core/plan/markdown.ts';
import { oneLine } from '../core/plan/subject.ts';
import { recordsOf } from './evaluate-account.ts';
import { type PlanContext, planOf } from './plan-account.ts';
import type { AccountBundle } from './ports.ts';

const BATCH_ACCOUNTS = 256;
const LONGEST_NAME = 80; // as plans show names

export type LintReferenceResult = { found: true; reference: LintReference } | { found: false; names: string[] };

/** The account by id, or the only one that bears the name. */
export async function lintReference(
  context: PlanContext,
  account: string | { name: string },
): Promise<LintReferenceResult> {
  const names: string[] = [];
  const hits: AccountBundle[] = [];
  const { store, loaded, asOf } = context;
  const ids = typeof account === 'string' ? [account] : (await store.listStatuses()).map((status) => status.accountId);
  for (let from = 0; from < ids.length; from += BATCH_ACCOUNTS) {
    const batch = ids.slice(from, from + BATCH_ACCOUNTS);
    for (const bundle of await store.readBundles(batch, loaded.workspace.clock.dayOf(asOf))) {
      const name = nameOf(bundle);
      if (name !== undefined) names.push(name);
      if (typeof account === 'string' || (name !== undefined && name === account.name)) hits.push(bundle);
    }
  }
  const [bundle] = hits;
  if (bundle === undefined || hits.length > 1) return { found: false, names };
  return { found: true, reference: await referenceOf(context, bundle) };
}

function nameOf(bundle: AccountBundle): string | undefined {
  const { accounts } = recordsOf(
    bundle.status.accountId,
    bundle.entities.filter((row) => row.kind === 'accounts'),
  );
  const name = accounts.at(-1)?.data.name;
  return name === undefined ? undefined : oneLine(name, LONGEST_NAME);
}

async function referenceOf(context: PlanContext, bundle: AccountBundle): Promise<LintReference> {
  const { accountId } = bundle.status;
  const plan = planOf(bundle, context, { earlier: [], portfolio: [] });
  const kept = await context.store.readPlans([accountId]);
  const texts = [
    ...(plan === undefined ? [] : [renderPlan(plan), JSON.stringify(plan)]),
    ...kept.flatMap((row) => [row.body, renderPlan({ earlierCriteria: [], ...JSON.parse(row.body) })]),
    ...bundle.entities.map((row) => row.body),
  ];
  return { texts, holidays: context.loaded.workspace.catalogue.holidays };
}
