/** The expansion plan of one account as of an instant, from its stored records. */
import { measureAccount } from '../core/facts/measure-account.ts';
import { type ExpansionPlan, expansionPlan } from '../core/plan/plan.ts';
import type { PortfolioArr } from '../core/plan/subject.ts';
import type { CompiledPolicy } from '../core/policy/compiled-policy.ts';
import type { Instant } from '../core/time/calendar.ts';
import { sourceOf } from './evaluate-account.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import type { AccountBundle, Store } from './ports.ts';

export interface PlanRequest {
  store: Store;
  loaded: LoadedWorkspace;
  policy: CompiledPolicy;
  accountId: string;
  asOf: Instant;
}

export interface PlanContext {
  loaded: LoadedWorkspace;
  policy: CompiledPolicy;
  asOf: Instant;
  portfolio: readonly PortfolioArr[];
  atRiskRule?: string | undefined;
}

/** Undefined: no account record, or none yet at that instant. */
export async function planAccount(request: PlanRequest): Promise<ExpansionPlan | undefined> {
  const { store, loaded, policy, accountId, asOf } = request;
  const today = loaded.workspace.clock.dayOf(asOf);
  const [bundle] = await store.readBundles([accountId], today);
  if (bundle === undefined || !bundle.status.hasAccount) return undefined;
  return planOf(bundle, { loaded, policy, asOf, portfolio: [] });
}

export function planOf(bundle: AccountBundle, context: PlanContext): ExpansionPlan | undefined {
  const { loaded, policy, asOf, portfolio } = context;
  const { workspace } = loaded;
  const today = workspace.clock.dayOf(asOf);
  const source = sourceOf(bundle, workspace, today);
  if (source.firstDay > today) return undefined;
  const measures = measureAccount(source, asOf, today, workspace);
  return expansionPlan({
    measures,
    workspace,
    spans: source.contractsAt(asOf),
    policyHash: policy.hash,
    portfolio,
    atRiskRule: context.atRiskRule,
  });
}
