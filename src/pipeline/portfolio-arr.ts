/** ARR of the portfolio twelve months ago and today, of the accounts that had some then (skills.md A9). */
import { planTimeline } from '../core/facts/plan-timeline.ts';
import type { PortfolioArr } from '../core/plan/subject.ts';
import { arrSteps, type Exchange, stepOn } from '../core/revenue/arr.ts';
import { yearTo } from '../core/revenue/movements.ts';
import { retention } from '../core/revenue/retention.ts';
import type { Instant } from '../core/time/calendar.ts';
import { recordsOf } from './evaluate-account.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import type { AccountBundle, Store } from './ports.ts';

const BATCH_ACCOUNTS = 256;

/** One sum a book; accounts whose ARR is not known on a day looked at, and test accounts, are left out. */
export class PortfolioSum {
  readonly #workspace: LoadedWorkspace['workspace'];
  readonly #asOf: Instant;
  readonly #exchange: Exchange;
  readonly #series = new Map<string, number[][]>();
  /** By book: what each account of the cohort pays, or paid, for. */
  readonly #subscriptionIds = new Map<string, Set<string>>();

  constructor(loaded: LoadedWorkspace, asOf: Instant, exchange: Exchange) {
    this.#workspace = loaded.workspace;
    this.#asOf = asOf;
    this.#exchange = exchange;
  }

  add(bundle: AccountBundle): void {
    const { clock, contractOptions } = this.#workspace;
    const rows = bundle.entities.filter((row) => row.kind === 'subscriptions' || row.kind === 'accounts');
    const { subscriptions, accounts } = recordsOf(bundle.status.accountId, rows);
    if (accounts.at(-1)?.data.isTest === true || subscriptions.length === 0) return;
    const { days } = yearTo(clock.dayOf(this.#asOf));
    const spans = planTimeline(subscriptions, days[0]!, days.at(-1)!, this.#asOf, clock, contractOptions);
    const steps = arrSteps(spans, this.#exchange);
    if (days.some((day) => stepOn(steps, day)?.unknown !== undefined)) return;
    const books = new Set(steps.flatMap((step) => [...step.books.keys()]));
    for (const book of books) {
      const series = this.#series.get(book) ?? [];
      const arr = days.map((day) => stepOn(steps, day)?.books.get(book) ?? 0);
      series.push(arr);
      this.#series.set(book, series);
      if (arr[0]! <= 0) continue;
      const ids = this.#subscriptionIds.get(book) ?? new Set();
      for (const { contract } of spans) for (const { subscriptionId } of contract.paid) ids.add(subscriptionId);
      this.#subscriptionIds.set(book, ids);
    }
  }

  result(): PortfolioArr[] {
    return [...this.#series]
      .map(([currency, series]) => ({ currency, ...retention(series) }))
      .map(({ currency, startMinor, endMinor }) => {
        const subscriptionIds = [...(this.#subscriptionIds.get(currency) ?? [])].sort();
        return { currency, startMinor, endMinor, subscriptionIds };
      })
      .sort((a, b) => (a.currency < b.currency ? -1 : 1));
  }
}

export async function readPortfolioArr(
  store: Store,
  loaded: LoadedWorkspace,
  asOf: Instant,
  exchange: Exchange,
): Promise<PortfolioArr[]> {
  const sum = new PortfolioSum(loaded, asOf, exchange);
  const ids = (await store.listStatuses()).filter((status) => status.hasAccount).map((status) => status.accountId);
  for (let from = 0; from < ids.length; from += BATCH_ACCOUNTS) {
    const bundles = await store.readBundles(ids.slice(from, from + BATCH_ACCOUNTS), loaded.workspace.clock.dayOf(asOf));
    for (const bundle of bundles) sum.add(bundle);
  }
  return sum.result();
}
