/** A contract's components, amendments and invoices of the present term, read from records. Minor units. */
import { renewalAfter, yearlyMinor } from '../../facts/contract.ts';
import type { AccountMeasures } from '../../facts/measure-account.ts';
import type { ContractSpan } from '../../facts/plan-timeline.ts';
import { type Known, kindGap, known, unknown, type Workspace } from '../../facts/view.ts';
import { toMinorUnits } from '../../records/money.ts';
import type { Json, SubscriptionRecord } from '../../records/record.ts';
import { trialEnd } from '../../records/trial-end.ts';
import { arrSteps, stepOn } from '../../revenue/arr.ts';
import { yearTo } from '../../revenue/movements.ts';
import { retention } from '../../revenue/retention.ts';
import { NOT_OWED } from '../../scores/commercial.ts';
import { periodAround } from '../../scores/limits.ts';
import { type Day, formatDay, parseDay } from '../../time/calendar.ts';
import type { Position, Recurring, renewalRate, Service } from './contract-position.ts';

/** The paid subscriptions, each over its own term. Amounts must be known (`contract.arrMinor`). */
export function recurringOf(
  paid: readonly SubscriptionRecord[],
  spans: readonly ContractSpan[],
  today: Day,
  { clock }: Workspace,
): Recurring[] {
  return paid.map((each): Recurring => {
    const interval = each.interval ?? 'year';
    const started = Math.max(clock.dayOf(each.startedAt), trialEnd(each, today) ?? Number.NEGATIVE_INFINITY);
    const renewal = renewalAfter(each, today);
    const amount = { amountMinor: each.amountMinor ?? 0, interval };
    if (renewal !== undefined && renewal > started)
      return { ...amount, from: termStart(each, spans, started, renewal, today), to: renewal, isTerm: true };
    const { start, end } = periodAround(Math.max(today - 1, started), interval, started);
    return { ...amount, from: start, to: end + 1, isTerm: false };
  });
}

/** The latest renewal that was reached; a subscription keeps its id from term to term. */
function termStart(
  { subscriptionId }: SubscriptionRecord,
  spans: readonly ContractSpan[],
  started: Day,
  renewal: Day,
  today: Day,
): Day {
  let start = started;
  for (const { from, contract } of spans) {
    if (from > today) break;
    const then = contract.paid.find((each) => each.subscriptionId === subscriptionId);
    const boundary = then === undefined ? undefined : renewalAfter(then, from);
    if (boundary !== undefined && boundary <= today && boundary < renewal) start = Math.max(start, boundary);
  }
  return start;
}

/**
 * Services sold beside the subscription: its property `services`, a list of `{name, amount, deliveredAt}` with the amount
 * in major units (our choice: no record kind has them). What cannot be read is unknown, not nothing.
 */
export function servicesOf(paid: readonly SubscriptionRecord[], currency: string): Known<Service[]> {
  const services: Service[] = [];
  for (const { subscriptionId, properties } of paid) {
    const listed = properties?.services;
    if (listed === undefined || listed === null) continue;
    const read = Array.isArray(listed) ? listed.map((each) => serviceOf(each, currency)) : [undefined];
    if (read.includes(undefined)) return unknown(`services of subscription ${subscriptionId} cannot be read`);
    services.push(...read.filter((each) => each !== undefined));
  }
  return known(services);
}

function serviceOf(listed: Json, currency: string): Service | undefined {
  if (listed === null || typeof listed !== 'object' || Array.isArray(listed)) return undefined;
  const { amount, deliveredAt } = listed;
  const isAmount = typeof amount === 'number' || typeof amount === 'string';
  const amountMinor = isAmount ? toMinorUnits(String(amount), currency) : undefined;
  const deliveredOn = typeof deliveredAt === 'string' ? parseDay(deliveredAt.slice(0, 10)) : undefined;
  if (amountMinor === undefined || !Number.isFinite(amountMinor)) return undefined;
  if (deliveredAt !== undefined && deliveredAt !== null && deliveredOn === undefined) return undefined;
  return { amountMinor, deliveredOn };
}

/** Invoices due since the term began (an invoice belongs to the term it is due in: our choice); credits reduce the sum. */
export function invoicedSince(
  from: Day,
  currency: string,
  { view }: AccountMeasures,
  workspace: Workspace,
): Known<{ minor: number; ids: string[] }> {
  const gap = kindGap('invoices', view, workspace);
  if (gap !== undefined) return unknown(gap);
  const billed = view.invoices.filter(
    ({ dueAt, status }) => dueAt >= from && !NOT_OWED.has(status?.toLowerCase() ?? ''),
  );
  const other = billed.find((each) => (each.currency ?? workspace.contractOptions.currency ?? currency) !== currency);
  if (other !== undefined) return unknown(`invoice ${other.invoiceId} is in another currency than the contract`);
  return known({
    minor: billed.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
    ids: billed.map(({ invoiceId }) => invoiceId),
  });
}

export interface Amendment {
  date: string;
  fromMinor: number;
  toMinor: number;
}

/** Changes of the yearly value after the term began, oldest first; the first sale and a new term's own price are none. */
export function amendmentsSince(from: Day, today: Day, spans: readonly ContractSpan[]): Known<Amendment[]> {
  const amendments: Amendment[] = [];
  for (const [i, { from: day, contract }] of spans.entries()) {
    const before = spans[i - 1]?.contract;
    if (day <= from || day > today || before === undefined || !before.paidInForce || !contract.paidInForce) continue;
    if (before.arrMinor === undefined || contract.arrMinor === undefined)
      return unknown(`${formatDay(day)}: ${before.arrReason ?? contract.arrReason ?? 'the yearly value is not known'}`);
    if (before.arrMinor !== contract.arrMinor)
      amendments.push({ date: formatDay(day), fromMinor: before.arrMinor, toMinor: contract.arrMinor });
  }
  return known(amendments);
}

export interface AccountRetention {
  from: Day;
  to: Day;
  startMinor: number;
  /** 0 where it fell to nothing in between: returns are excluded. */
  endMinor: number;
  /** null: no ARR twelve months ago, so it does not apply. */
  nrr: number | null;
  grr: number | null;
}

/** A9 of the account by itself, over the twelve months to D. */
export function accountRetention(
  spans: readonly ContractSpan[],
  lastDay: Day,
  currency: string,
): Known<AccountRetention> {
  const period = yearTo(lastDay);
  const steps = arrSteps(spans, { currency, rates: {} });
  const readings = period.days.map((day) => stepOn(steps, day));
  const silent = readings.find((step) => step?.unknown !== undefined)?.unknown;
  if (silent !== undefined) return unknown(silent);
  const series = readings.map((step) => step?.books.get(currency) ?? 0);
  const { startMinor, endMinor, nrr, grr } = retention([series]);
  const end = nrr === null ? series.at(-1)! : endMinor;
  return known({ from: period.from, to: period.to, startMinor, endMinor: end, nrr, grr });
}

/** Sum of what raised the yearly value. */
export function expansionOf(amendments: readonly Amendment[]): number {
  return amendments.reduce((sum, { fromMinor, toMinor }) => sum + Math.max(0, toMinor - fromMinor), 0);
}

/** The yearly amount of a subscription that is paid for and free of charge is an unusual term. */
export function isFree(subscription: SubscriptionRecord): boolean {
  return (yearlyMinor(subscription) ?? 1) <= 0;
}

export type UnusualTerm = 'odd_term' | 'long_term' | 'free_of_charge' | 'paused' | 'over_invoiced' | 'renewal_overdue';

/** What result and document are made from; undefined: not known. */
export interface ContractFacts {
  currency: string;
  recurring: readonly Recurring[];
  /** First day of the oldest term that runs. */
  termFrom: Day;
  position: Position;
  invoicedMinor: number | undefined;
  amendments: readonly Amendment[] | undefined;
  rate: ReturnType<typeof renewalRate>;
  retention: AccountRetention | undefined;
  renewalDate: Day | undefined;
  daysToRenewal: number | undefined;
}
