/** The revenue of many accounts over a period, in one book per currency. Minor units throughout. */
import type { Measures } from '../policy/measures.ts';
import { type Day, formatDay, monthOf } from '../time/calendar.ts';
import { type ArrStep, type Exchange, firstArrDay, stepOn } from './arr.ts';
import { MOVEMENT_KINDS, type Movement, type MovementKind, movementsOf, type Period } from './movements.ts';
import { type ArrAtRisk, arrAtRisk, type Forecast, forecastOf, type Pipeline, pipelineOf } from './outlook.ts';
import { type PastRenewal, type RenewalRates, renewalRates } from './renewals.ts';
import { type Retention, retention } from './retention.ts';
import type { Standing } from './standing.ts';

export interface AccountRevenue {
  accountId: string;
  segment: string | null;
  steps: ArrStep[];
  standing: Standing;
}

export interface MonthRow {
  month: string;
  from: Day;
  to: Day;
  openingMinor: number;
  /** Signed: contraction and churn are negative. */
  movements: Record<MovementKind, number>;
  accounts: Record<MovementKind, number>;
  closingMinor: number;
}

export interface GroupRow extends Retention {
  group: string;
  openingMinor: number;
  closingMinor: number;
}

export interface Book {
  currency: string;
  openingMinor: number;
  closingMinor: number;
  months: MonthRow[];
  totals: Record<MovementKind, number>;
  retention: Retention;
  segments: GroupRow[];
  /** By the quarter of the account's first ARR in this book. */
  cohorts: GroupRow[];
  movements: Movement[];
  atRisk: ArrAtRisk;
  pipeline: Pipeline;
  forecast: Forecast;
}

export interface RevenueReport {
  period: Period;
  today: Day;
  /** Last day of the forecast. */
  forecastTo: Day;
  segment: string | null;
  cohort: string | null;
  exchange: Exchange;
  rates: RenewalRates;
  accounts: number;
  testAccounts: number;
  books: Book[];
  /** Left out because their ARR is not known on a day looked at. */
  excluded: { accountId: string; day: Day; reason: string }[];
  /** Clear to expand, but without a known value. */
  unpriced: { accountId: string; reason: string }[];
  /** Accounts that are billed in several currencies without a rate between them. */
  severalCurrencies: string[];
}

export interface ReportRequest {
  accounts: readonly AccountRevenue[];
  period: Period;
  today: Day;
  forecastTo: Day;
  segment: string | null;
  /** A year, quarter or month such as `2025`, `2025-Q1`, `2025-03`: accounts whose first ARR lies in it. */
  cohort: string | null;
  exchange: Exchange;
  /** The policy's; a band with a history of its own goes by that. */
  rates: Measures['renewal']['rates'];
  /** What became of the terms that ended so far, of the whole workspace. */
  renewals: readonly PastRenewal[];
  testAccounts: number;
}

export function revenueReport(request: ReportRequest): RevenueReport {
  const { period, today, cohort } = request;
  const excluded: RevenueReport['excluded'] = [];
  const known: AccountRevenue[] = [];
  for (const account of request.accounts) {
    if (cohort !== null && !isInCohort(firstDayOf(account), cohort)) continue;
    const gap = unknownOn(account, [...period.days, today]);
    if (gap === undefined) known.push(account);
    else excluded.push({ accountId: account.accountId, ...gap });
  }
  const rates = renewalRates(request.renewals, request.rates);
  const currencies = new Set([request.exchange.currency]);
  for (const { steps } of known) for (const step of steps) for (const book of step.books.keys()) currencies.add(book);
  const books = [...currencies]
    .map((currency) => bookReport(currency, known, request, rates))
    .filter((book) => book.currency === request.exchange.currency || hasMoney(book));
  return {
    period,
    today,
    forecastTo: request.forecastTo,
    segment: request.segment,
    cohort,
    exchange: request.exchange,
    rates,
    accounts: known.length,
    testAccounts: request.testAccounts,
    books: books.length > 1 ? books.filter(hasMoney) : books,
    excluded,
    unpriced: known.flatMap(({ accountId, standing }) =>
      standing.expansion?.reason === undefined ? [] : [{ accountId, reason: standing.expansion.reason }],
    ),
    severalCurrencies: known
      .filter(({ steps }) => new Set(steps.flatMap((step) => [...step.books.keys()])).size > 1)
      .map(({ accountId }) => accountId),
  };
}

function hasMoney(book: Book): boolean {
  return book.openingMinor > 0 || book.closingMinor > 0 || book.movements.length > 0 || book.atRisk.arrMinor > 0;
}

function unknownOn({ steps }: AccountRevenue, days: readonly Day[]): { day: Day; reason: string } | undefined {
  for (const day of days) {
    const reason = stepOn(steps, day)?.unknown;
    if (reason !== undefined) return { day, reason };
  }
  return undefined;
}

/** First day with ARR in any book. */
function firstDayOf({ steps }: AccountRevenue): Day | undefined {
  return steps.find((step) => [...step.books.values()].some((minor) => minor > 0))?.from;
}

function isInCohort(first: Day | undefined, cohort: string): boolean {
  if (first === undefined) return false;
  return formatDay(first).startsWith(cohort) || quarterOf(first) === cohort;
}

/** `2025-Q1` */
export function quarterOf(day: Day): string {
  const month = monthOf(day);
  return `${1970 + Math.floor(month / 12)}-Q${Math.floor((((month % 12) + 12) % 12) / 3) + 1}`;
}

interface Series {
  accountId: string;
  segment: string | null;
  first: Day | undefined;
  arr: number[];
}

function bookReport(
  currency: string,
  accounts: readonly AccountRevenue[],
  { period }: ReportRequest,
  rates: RenewalRates,
): Book {
  const series = accounts.map(
    ({ accountId, segment, steps }): Series => ({
      accountId,
      segment,
      first: firstArrDay(steps, currency),
      arr: period.days.map((day) => stepOn(steps, day)?.books.get(currency) ?? 0),
    }),
  );
  const movements = series.flatMap(({ accountId, arr, first }) => movementsOf(accountId, arr, first, period));
  const months = monthRows(series, movements, period);
  const standings = accounts.map(({ standing }) => standing);
  const pipeline = pipelineOf(standings, currency);
  return {
    currency,
    openingMinor: sumAt(series, 0),
    closingMinor: sumAt(series, period.days.length - 1),
    months,
    totals: totalsOf(movements),
    retention: retention(series.map(({ arr }) => arr)),
    segments: groups(series, ({ segment }) => segment ?? 'no segment'),
    cohorts: groups(series, ({ first }) => (first === undefined ? undefined : quarterOf(first))),
    movements,
    atRisk: arrAtRisk(standings, currency),
    pipeline,
    forecast: forecastOf(standings, currency, rates, pipeline),
  };
}

function sumAt(series: readonly Series[], index: number): number {
  return series.reduce((sum, { arr }) => sum + arr[index]!, 0);
}

function perKind(figure: (kind: MovementKind) => number): Record<MovementKind, number> {
  return Object.fromEntries(MOVEMENT_KINDS.map((kind) => [kind, figure(kind)])) as Record<MovementKind, number>;
}

function totalsOf(movements: readonly Movement[]): Record<MovementKind, number> {
  const totals = perKind(() => 0);
  for (const { kind, fromMinor, toMinor } of movements) totals[kind] += toMinor - fromMinor;
  return totals;
}

function monthRows(series: readonly Series[], movements: readonly Movement[], period: Period): MonthRow[] {
  const byMonth = Map.groupBy(movements, ({ month }) => month);
  return period.months.map(({ month, from, to }, i) => {
    const of = byMonth.get(month) ?? [];
    return {
      month,
      from,
      to,
      openingMinor: sumAt(series, i),
      movements: totalsOf(of),
      accounts: perKind((kind) => of.filter((movement) => movement.kind === kind).length),
      closingMinor: sumAt(series, i + 1),
    };
  });
}

/** Groups in the order of their names; accounts without ARR on any day looked at have no part. */
function groups(series: readonly Series[], groupOf: (each: Series) => string | undefined): GroupRow[] {
  const byGroup = Map.groupBy(series, groupOf);
  return [...byGroup]
    .flatMap(([group, of]) => (group === undefined || of.every(isEmpty) ? [] : [{ group, of }]))
    .sort((a, b) => (a.group < b.group ? -1 : 1))
    .map(({ group, of }) => ({
      group,
      openingMinor: sumAt(of, 0),
      closingMinor: sumAt(of, of[0]!.arr.length - 1),
      ...retention(of.map(({ arr }) => arr)),
    }));
}

function isEmpty({ arr }: Series): boolean {
  return arr.every((minor) => minor === 0);
}
