/** The expansion plan of one account as of an instant, from its stored records; a plan that is given is kept. */
import { hash } from 'node:crypto';
import type { Decision } from '../core/decision/decision.ts';
import { measureAccount } from '../core/facts/measure-account.ts';
import type { KeptPlan } from '../core/plan/criteria.ts';
import { type ClearedPlan, type ExpansionPlan, expansionPlan } from '../core/plan/plan.ts';
import type { PortfolioArr } from '../core/plan/subject.ts';
import type { CompiledPolicy } from '../core/policy/compiled-policy.ts';
import type { Exchange } from '../core/revenue/arr.ts';
import type { Instant } from '../core/time/calendar.ts';
import { sourceOf } from './evaluate-account.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import { lookAtAccount } from './look-at-account.ts';
import { readPortfolioArr } from './portfolio-arr.ts';
import type { AccountBundle, PlanRow, Store } from './ports.ts';

export interface PlanContext {
  store: Store;
  loaded: LoadedWorkspace;
  policy: CompiledPolicy;
  exchange: Exchange;
  asOf: Instant;
}

export type PlanResult =
  | { found: true; plan: ExpansionPlan; planId: string | null; portfolio: readonly PortfolioArr[] }
  | { found: false; why: 'no_account_record' | 'not_yet' };

/** Reads the whole portfolio's contracts for the NRR of a plan that is clear; a refusal needs none of it. */
export async function planAccount(context: PlanContext, accountId: string): Promise<PlanResult> {
  const { store, loaded, asOf, exchange } = context;
  const [bundle] = await store.readBundles([accountId], loaded.workspace.clock.dayOf(asOf));
  if (bundle === undefined || !bundle.status.hasAccount) return { found: false, why: 'no_account_record' };
  const kept = await store.readPlans([accountId]);
  const earlier = earlierPlans(kept, context);
  const first = planOf(bundle, context, { earlier, portfolio: [] });
  if (first === undefined) return { found: false, why: 'not_yet' };
  if (!first.clearToExpand) return { found: true, plan: first, planId: null, portfolio: [] };
  const atRiskRule = await atRiskRuleOf(context, accountId);
  const portfolio = atRiskRule === undefined ? await readPortfolioArr(store, loaded, asOf, exchange) : [];
  const plan = planOf(bundle, context, { earlier, portfolio, atRiskRule })!;
  const planId = plan.clearToExpand ? await keepPlan(context, plan, kept) : null;
  return { found: true, plan, planId, portfolio };
}

export interface PlanExtras {
  earlier: readonly KeptPlan[];
  portfolio: readonly PortfolioArr[];
  atRiskRule?: string | undefined;
}

/** Undefined: the account did not exist yet. */
export function planOf(bundle: AccountBundle, context: PlanContext, extras: PlanExtras): ExpansionPlan | undefined {
  const { loaded, policy, asOf, exchange } = context;
  const { workspace } = loaded;
  const today = workspace.clock.dayOf(asOf);
  const source = sourceOf(bundle, workspace, today);
  if (source.firstDay > today) return undefined;
  const measures = measureAccount(source, asOf, today, workspace);
  const spans = source.contractsAt(asOf);
  const { earlier, portfolio, atRiskRule } = extras;
  return expansionPlan(
    { measures, workspace, spans, policyHash: policy.hash, portfolio, exchange, atRiskRule },
    earlier,
  );
}

/** The rule whose at-risk exit is in force, from the decision of this very instant: recorded, or computed. */
export async function atRiskRuleOf(context: PlanContext, accountId: string): Promise<string | undefined> {
  const { store, loaded, policy, asOf } = context;
  const recorded = await store.readDecision(accountId);
  let decision: Decision | undefined;
  if (recorded?.asOf === asOf && recorded.policyHash === policy.hash) decision = JSON.parse(recorded.body) as Decision;
  else {
    const result = await lookAtAccount(store, loaded, policy, accountId, asOf);
    if (result.found) decision = result.look.decision;
  }
  if (decision?.exitState !== 'at_risk_intervention') return undefined;
  const exits = new Set(policy.rules.filter((rule) => rule.exit === 'at_risk_intervention').map((rule) => rule.id));
  return decision.recommendation.skillsToTrigger.find((each) => exits.has(each.ruleId))?.ruleId ?? 'an at-risk rule';
}

const MOST_PLANS_TRACKED = 2; // what came before those is history

/** Plans kept before the day of this one, as known then, latest first. */
function earlierPlans(rows: readonly PlanRow[], { loaded, asOf }: PlanContext): KeptPlan[] {
  const { clock } = loaded.workspace;
  const today = clock.dayOf(asOf);
  const before = rows.filter((row) => row.asOf <= asOf && clock.dayOf(row.asOf) < today);
  return before.slice(-MOST_PLANS_TRACKED).reverse().map(keptPlan);
}

function keptPlan(row: PlanRow): KeptPlan {
  const { today, opportunity, successCriteria } = JSON.parse(row.body) as ClearedPlan;
  return { planId: row.planId, today, what: opportunity.what, criteria: successCriteria };
}

/**
 * Keeps the plan, unless one for the same thing is running: planning again every week must not hide the criteria that were
 * set first. Returns the id under which the plan stands.
 */
async function keepPlan(context: PlanContext, plan: ClearedPlan, rows: readonly PlanRow[]): Promise<string> {
  const { earlierCriteria: _, ...content } = plan;
  const body = JSON.stringify(content);
  const known = rows.filter((row) => row.asOf <= context.asOf).map(keptPlan);
  const running = known.find(
    (kept) => kept.what === plan.opportunity.what && kept.criteria.some((each) => each.targetDate >= plan.today),
  );
  if (running !== undefined) return running.planId;
  const planId = hash('sha256', body).slice(0, PLAN_ID_LENGTH);
  const row = { accountId: plan.accountId, planId, asOf: context.asOf, body };
  await context.store.write((session) => session.keepPlan(row));
  return planId;
}

const PLAN_ID_LENGTH = 16;
