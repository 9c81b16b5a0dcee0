/** Reads the revenue of a workspace over a period, as known at an instant; records nothing. */

import type { AccountSource } from '../core/facts/account-source.ts';
import { measureAccount } from '../core/facts/measure-account.ts';
import { type ContractSpan, planTimeline } from '../core/facts/plan-timeline.ts';
import type { Workspace } from '../core/facts/view.ts';
import type { ClearedPlan } from '../core/plan/plan.ts';
import type { CompiledPolicy } from '../core/policy/compiled-policy.ts';
import { arrSteps, type Exchange } from '../core/revenue/arr.ts';
import type { Period } from '../core/revenue/movements.ts';
import { type PastRenewal, termEnds } from '../core/revenue/renewals.ts';
import { type AccountRevenue, type RevenueReport, revenueReport } from '../core/revenue/report.ts';
import { type OpenPlan, standingOf } from '../core/revenue/standing.ts';
import { addMonths, type Day, formatDay, type Instant } from '../core/time/calendar.ts';
import { recordsOf, runInstant, sourceOf } from './evaluate-account.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import type { AccountBundle, Store } from './ports.ts';

/** Accounts read at once: bounds memory. */
const BATCH_ACCOUNTS = 256;
const FORECAST_MONTHS = 12;

export interface RevenueRequest {
  store: Store;
  loaded: LoadedWorkspace;
  policy: CompiledPolicy;
  asOf: Instant;
  period: Period;
  exchange: Exchange;
  /** Only accounts of this segment, compared without regard to case; null: all. */
  segment: string | null;
  cohort: string | null;
  onProgress?: (done: number, total: number) => void;
}

export type RevenueResult = { known: true; report: RevenueReport } | { known: false; reason: string };

/** Unknown as a whole where no subscription file was ever imported. Test accounts do not count. */
export async function readRevenue(request: RevenueRequest): Promise<RevenueResult> {
  const { store, loaded, policy, asOf, segment } = request;
  const { workspace } = loaded;
  if (!workspace.kinds.has('subscriptions')) return { known: false, reason: 'no subscriptions imported' };
  const today = workspace.clock.dayOf(asOf);
  const forecastTo = addMonths(today, FORECAST_MONTHS);
  const statuses = (await store.listStatuses()).filter((status) => status.hasAccount);
  const accounts: AccountRevenue[] = [];
  const renewals: PastRenewal[] = [];
  let testAccounts = 0;
  for (let from = 0; from < statuses.length; from += BATCH_ACCOUNTS) {
    const ids = statuses.slice(from, from + BATCH_ACCOUNTS).map((status) => status.accountId);
    const plans = await openPlans(store, ids, today, asOf);
    for (const bundle of await store.readBundles(ids, today)) {
      const plan = plans.get(bundle.status.accountId);
      const read = accountRevenue(bundle, workspace, request, forecastTo, plan);
      if (read === undefined) continue;
      if (!read.isTest) renewals.push(...read.renewals);
      if (!isWanted(read.account, segment)) continue;
      if (read.isTest) testAccounts++;
      else accounts.push(read.account);
    }
    request.onProgress?.(Math.min(from + BATCH_ACCOUNTS, statuses.length), statuses.length);
  }
  const { period, cohort, exchange } = request;
  const { rates } = policy.measures.renewal;
  const about = { period, today, forecastTo, segment, cohort, exchange, rates, renewals, testAccounts };
  return { known: true, report: revenueReport({ accounts, ...about }) };
}

/** The latest kept plan of each account, while one of its criteria is still to be met. */
async function openPlans(
  store: Store,
  ids: readonly string[],
  today: Day,
  asOf: Instant,
): Promise<Map<string, OpenPlan>> {
  const open = new Map<string, OpenPlan>();
  for (const row of await store.readPlans(ids)) {
    if (row.asOf > asOf) continue;
    const { opportunity, successCriteria } = JSON.parse(row.body) as ClearedPlan;
    const runs = successCriteria.some(({ targetDate }) => targetDate >= formatDay(today));
    const { scenarios, currency, unpricedReason } = opportunity;
    if (!runs) open.delete(row.accountId);
    else {
      const [full, half] = [scenarios[0]?.annualMinor, scenarios.at(-1)?.annualMinor];
      open.set(row.accountId, { fullMinor: full, halfMinor: half, currency, unpricedReason });
    }
  }
  return open;
}

function isWanted(account: AccountRevenue, segment: string | null): boolean {
  return segment === null || account.segment?.toLowerCase() === segment.toLowerCase();
}

interface ReadAccount {
  account: AccountRevenue;
  renewals: PastRenewal[];
  isTest: boolean;
}

function accountRevenue(
  bundle: AccountBundle,
  workspace: Workspace,
  { asOf, exchange, policy }: RevenueRequest,
  forecastTo: Day,
  plan: OpenPlan | undefined,
): ReadAccount | undefined {
  const { clock, contractOptions } = workspace;
  const today = clock.dayOf(asOf);
  const source = sourceOf(bundle, workspace, today);
  if (source.firstDay > today) return undefined;
  const contracts = source.contractsAt(asOf);
  const renewals = pastRenewals(source, contracts, { today, workspace, policy });
  const measured = measureAccount(source, asOf, today, workspace);
  const { accountId } = bundle.status;
  // Signed today, whatever its date: a contract that starts later counts if we have heard of it.
  const { subscriptions } = recordsOf(
    accountId,
    bundle.entities.filter((row) => row.kind === 'subscriptions' && row.receivedAt <= asOf),
  );
  const end = clock.instantOf(forecastTo + 1) - 1;
  const [atEnd] = planTimeline(subscriptions, forecastTo, forecastTo, end, clock, contractOptions);
  const { account } = measured.view;
  return {
    account: {
      accountId,
      segment: account.segment ?? null,
      steps: arrSteps(contracts, exchange),
      standing: standingOf(measured, atEnd!.contract, forecastTo, exchange, plan),
    },
    renewals,
    isTest: account.isTest === true,
  };
}

/** Bounds the work for an account with a long story; the latest say most about what will come. */
const MOST_RENEWALS_AN_ACCOUNT = 12;

/** With the health band of the day before, as it was known then; unknown before there are data of use. */
function pastRenewals(
  source: AccountSource,
  contracts: readonly ContractSpan[],
  { today, workspace, policy }: { today: Day; workspace: Workspace; policy: CompiledPolicy },
): PastRenewal[] {
  const eventsFrom = workspace.coverage.eventsFrom ?? today;
  return termEnds(contracts, today)
    .slice(-MOST_RENEWALS_AN_ACCOUNT)
    .map((end) => {
      const day = end.day - 1;
      if (day < Math.max(source.firstDay, eventsFrom)) return { ...end, band: undefined };
      const measured = measureAccount(source, runInstant(policy, workspace, day), day, workspace);
      return { ...end, band: measured.health.band.value };
    });
}
