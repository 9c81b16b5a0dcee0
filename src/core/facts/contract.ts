/**
 * What an account has bought, read from its subscriptions on one day (spec: contract.md section 1 "Subscriptions",
 * skills.md A6). Money is in minor units a year, days are calendar days.
 *
 * Choices where the spec is silent: `trialEndsAt` and `endedAt` are the first day no longer in force; a paused
 * subscription stays in force and keeps its seats and ARR; a trial adds seats and limits but no ARR; a canceled
 * subscription that still runs does not roll its renewal on.
 */

import type { SubscriptionRecord } from '../records/record.ts';
import { trialEnd } from '../records/trial-end.ts';
import { addMonths, type Day, type ZoneClock } from '../time/calendar.ts';

export interface ContractOptions {
  /** Currency of amounts that name none. */
  currency?: string;
  /** The limits of a plan, for subscriptions that carry none of their own. */
  planLimits?: (plan: string) => Record<string, number | null> | undefined;
}

export interface Money {
  currency: string | undefined;
  minor: number;
}

export interface Contract {
  everSubscribed: boolean;
  everPaid: boolean;
  /** All that is in force, trials and paused ones included, earliest start first. */
  inForce: SubscriptionRecord[];
  paid: SubscriptionRecord[];
  paidInForce: boolean;
  trialInForce: boolean;
  /** Latest end of a trial in force, extensions included: the first day without it. */
  trialEndsOn: Day | undefined;
  /** There was a subscription, and none is in force. */
  churned: boolean;
  /** Everything in force is paused. */
  paused: boolean;
  pastDue: boolean;
  /** Seats of all in force together; `unlimited` when one is; undefined when one does not say or none is in force. */
  seats: number | 'unlimited' | undefined;
  seatsReason: string | undefined;
  /** Yearly amount of the paid ones; undefined when an amount is missing, currencies differ or nothing is paid for. */
  arrMinor: number | undefined;
  currency: string | undefined;
  arrReason: string | undefined;
  /** The same by currency, as far as amounts are given. */
  arrByCurrency: Money[];
  /** Plan with the largest ARR (a trial's plan only while nothing is paid for). */
  planId: string | undefined;
  planIds: string[];
  /** Interval of the subscription with the largest ARR. */
  interval: 'month' | 'year' | undefined;
  /** Earliest renewal among the paid ones: the first day of the next term. */
  renewalDate: Day | undefined;
  renewalReason: string | undefined;
  /** Everything paid for runs from month to month without a renewal date. */
  monthToMonth: boolean;
  /** Per meter, summed over all in force; null = unlimited. */
  limits: Record<string, number | null>;
}

/** The contract of `today`. `subscriptions` are those in force by version (see `subscriptionsInForce`). */
export function contractOf(
  subscriptions: readonly SubscriptionRecord[],
  today: Day,
  clock: ZoneClock,
  options: ContractOptions = {},
): Contract {
  const inForce: SubscriptionRecord[] = [];
  let everSubscribed = false;
  let everPaid = false;
  for (const each of subscriptions) {
    if (clock.dayOf(each.startedAt) > today) continue;
    everSubscribed = true;
    if (each.status !== 'trialing') everPaid = true;
    if (isInForce(each, today)) inForce.push(each);
  }
  if (inForce.length > 1) inForce.sort(byStart);
  const paid = inForce.filter((each) => each.status !== 'trialing');
  const trials = inForce.filter((each) => each.status === 'trialing');
  const leading = leadingOf(paid.length > 0 ? paid : trials);
  const { seats, seatsReason } = seatsOf(inForce);
  const { arrMinor, currency, arrByCurrency, arrReason } = arrOf(paid, options.currency);
  const { renewalDate, renewalReason } = renewalOf(paid, today);
  return {
    everSubscribed,
    everPaid,
    inForce,
    paid,
    paidInForce: paid.length > 0,
    trialInForce: trials.length > 0,
    trialEndsOn: latestEnd(trials, today),
    churned: everSubscribed && inForce.length === 0,
    paused: inForce.length > 0 && inForce.every((each) => each.status === 'paused'),
    pastDue: inForce.some((each) => each.status === 'past_due'),
    seats,
    seatsReason,
    arrMinor,
    currency,
    arrReason,
    arrByCurrency,
    planId: leading?.plan,
    planIds: plansOf(inForce),
    interval: leading?.interval,
    renewalDate,
    renewalReason,
    monthToMonth: paid.length > 0 && paid.every(isMonthToMonth),
    limits: limitsOf(inForce, options),
  };
}

function leadingOf(subscriptions: readonly SubscriptionRecord[]): SubscriptionRecord | undefined {
  let leading = subscriptions[0];
  for (const each of subscriptions) if (byArr(each, leading!) < 0) leading = each;
  return leading;
}

function plansOf(subscriptions: readonly SubscriptionRecord[]): string[] {
  const plans: string[] = [];
  for (const { plan } of subscriptions) if (!plans.includes(plan)) plans.push(plan);
  return plans;
}

function latestEnd(trials: readonly SubscriptionRecord[], today: Day): Day | undefined {
  let latest: Day | undefined;
  for (const each of trials) {
    const end = trialEnd(each, today);
    if (end !== undefined && (latest === undefined || end > latest)) latest = end;
  }
  return latest;
}

function isInForce(subscription: SubscriptionRecord, today: Day): boolean {
  if (subscription.endedAt !== undefined) {
    if (subscription.endedAt <= today) return false;
  } else if (subscription.status === 'canceled') {
    return false; // when it ended is not known; `subscriptionsInForce` fills it in where the versions tell
  }
  return subscription.status !== 'trialing' || today < (trialEnd(subscription, today) ?? Number.POSITIVE_INFINITY);
}

/** Yearly amount in minor units; undefined when amount or interval is not given. */
export function yearlyMinor(subscription: SubscriptionRecord): number | undefined {
  if (subscription.amountMinor === undefined || subscription.interval === undefined) return undefined;
  return subscription.interval === 'year' ? subscription.amountMinor : subscription.amountMinor * 12;
}

function byStart(a: SubscriptionRecord, b: SubscriptionRecord): number {
  return a.startedAt - b.startedAt || compareIds(a, b);
}

function byArr(a: SubscriptionRecord, b: SubscriptionRecord): number {
  return (yearlyMinor(b) ?? -1) - (yearlyMinor(a) ?? -1) || b.startedAt - a.startedAt || compareIds(a, b);
}

function compareIds(a: SubscriptionRecord, b: SubscriptionRecord): number {
  return a.subscriptionId < b.subscriptionId ? -1 : a.subscriptionId > b.subscriptionId ? 1 : 0;
}

function seatsOf(running: readonly SubscriptionRecord[]): Pick<Contract, 'seats' | 'seatsReason'> {
  if (running.length === 0) return { seats: undefined, seatsReason: 'no subscription in force' };
  if (running.some((each) => each.seats === null)) return { seats: 'unlimited', seatsReason: undefined };
  let seats = 0;
  for (const each of running) {
    if (each.seats == null) {
      return { seats: undefined, seatsReason: `subscription ${each.subscriptionId} names no seats` };
    }
    seats += each.seats;
  }
  return { seats, seatsReason: undefined };
}

function arrOf(
  paid: readonly SubscriptionRecord[],
  currency: string | undefined,
): Pick<Contract, 'arrMinor' | 'currency' | 'arrByCurrency' | 'arrReason'> {
  const arrByCurrency: Money[] = [];
  let silent: SubscriptionRecord | undefined;
  for (const each of paid) {
    const yearly = yearlyMinor(each);
    if (yearly === undefined) {
      silent ??= each;
      continue;
    }
    const name = each.currency ?? currency;
    const sum = arrByCurrency.find((money) => money.currency === name);
    if (sum === undefined) arrByCurrency.push({ currency: name, minor: yearly });
    else sum.minor += yearly;
  }
  const unknown = (arrReason: string) => ({ arrMinor: undefined, currency: undefined, arrByCurrency, arrReason });
  if (paid.length === 0) return unknown('no paid subscription in force');
  if (silent) return unknown(`subscription ${silent.subscriptionId} names no ${missingPrice(silent)}`);
  if (arrByCurrency.length > 1) return unknown('subscriptions in several currencies');
  const [{ minor: arrMinor, currency: only }] = arrByCurrency as [Money];
  return { arrMinor, currency: only, arrByCurrency, arrReason: undefined };
}

function missingPrice(subscription: SubscriptionRecord): string {
  return subscription.amountMinor === undefined ? 'amount' : 'interval';
}

function isMonthToMonth(subscription: SubscriptionRecord): boolean {
  return subscription.interval === 'month' && subscription.renewalDate === undefined;
}

function renewalOf(paid: readonly SubscriptionRecord[], today: Day): Pick<Contract, 'renewalDate' | 'renewalReason'> {
  let earliest: Day | undefined;
  for (const each of paid) {
    const renewal = renewalAfter(each, today);
    if (renewal !== undefined && (earliest === undefined || renewal < earliest)) earliest = renewal;
  }
  if (earliest !== undefined) return { renewalDate: earliest, renewalReason: undefined };
  const renewalReason =
    paid.length === 0
      ? 'no paid subscription in force'
      : paid.every(isMonthToMonth)
        ? 'month to month'
        : 'no renewal date given';
  return { renewalDate: undefined, renewalReason };
}

/** The renewal date, moved on by whole terms while it has been reached and the subscription renews itself. */
export function renewalAfter(subscription: SubscriptionRecord, today: Day): Day | undefined {
  const first = subscription.renewalDate;
  if (first === undefined || first > today) return first;
  if (subscription.autoRenew !== true || subscription.status === 'canceled') return first;
  if (subscription.interval === undefined) return first;
  const term = subscription.interval === 'year' ? 12 : 1;
  // Whole terms are added to the first date, so that the 31st stays the 31st where the month has one.
  let terms = Math.max(1, Math.floor((today - first) / (term * 31)));
  while (addMonths(first, terms * term) <= today) terms++;
  return addMonths(first, terms * term);
}

function limitsOf(running: readonly SubscriptionRecord[], options: ContractOptions): Record<string, number | null> {
  const limitsIn = (each: SubscriptionRecord) => each.limits ?? options.planLimits?.(each.plan) ?? {};
  if (running.length === 1) return { ...limitsIn(running[0]!) };
  const sums = new Map<string, number | null>();
  for (const each of running) {
    for (const [meter, limit] of Object.entries(limitsIn(each))) {
      const sum = sums.get(meter);
      sums.set(meter, sum === null || limit === null ? null : (sum ?? 0) + limit);
    }
  }
  return Object.fromEntries(sums);
}
