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
  seatsReason?: string;
  /** Yearly amount of the paid ones; undefined when an amount is missing, currencies differ or nothing is paid for. */
  arrMinor: number | undefined;
  currency: string | undefined;
  arrReason?: string;
  /** The same by currency, as far as amounts are given. */
  arrByCurrency: Money[];
  /** Plan with the largest ARR (a trial's plan only while nothing is paid for). */
  planId: string | undefined;
  planIds: string[];
  /** Interval of the subscription with the largest ARR. */
  interval: 'month' | 'year' | undefined;
  /** Earliest renewal among the paid ones: the first day of the next term. */
  renewalDate: Day | undefined;
  renewalReason?: string;
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
  const started = subscriptions.filter((each) => clock.dayOf(each.startedAt) <= today);
  const running = started.filter((each) => isInForce(each, today)).sort(byStart);
  const paid = running.filter((each) => each.status !== 'trialing');
  const trials = running.filter((each) => each.status === 'trialing');
  const leading = [...(paid.length > 0 ? paid : trials)].sort(byArr)[0];
  return {
    everSubscribed: started.length > 0,
    everPaid: started.some((each) => each.status !== 'trialing'),
    inForce: running,
    paid,
    paidInForce: paid.length > 0,
    trialInForce: trials.length > 0,
    trialEndsOn: latest(trials.map((each) => trialEnd(each, today))),
    churned: started.length > 0 && running.length === 0,
    paused: running.length > 0 && running.every((each) => each.status === 'paused'),
    pastDue: running.some((each) => each.status === 'past_due'),
    ...seatsOf(running),
    ...arrOf(paid, options.currency),
    planId: leading?.plan,
    planIds: [...new Set(running.map((each) => each.plan))],
    interval: leading?.interval,
    ...renewalOf(paid, today),
    monthToMonth: paid.length > 0 && paid.every(isMonthToMonth),
    limits: limitsOf(running, options),
  };
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

function latest(days: readonly (Day | undefined)[]): Day | undefined {
  const known = days.filter((day) => day !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}

function seatsOf(running: readonly SubscriptionRecord[]): Pick<Contract, 'seats' | 'seatsReason'> {
  if (running.length === 0) return { seats: undefined, seatsReason: 'no subscription in force' };
  if (running.some((each) => each.seats === null)) return { seats: 'unlimited' };
  const silent = running.find((each) => each.seats === undefined);
  if (silent) return { seats: undefined, seatsReason: `subscription ${silent.subscriptionId} names no seats` };
  return { seats: running.reduce((sum, each) => sum + (each.seats ?? 0), 0) };
}

function arrOf(
  paid: readonly SubscriptionRecord[],
  currency: string | undefined,
): Pick<Contract, 'arrMinor' | 'currency' | 'arrByCurrency' | 'arrReason'> {
  const sums = new Map<string | undefined, number>();
  let silent: SubscriptionRecord | undefined;
  for (const each of paid) {
    const yearly = yearlyMinor(each);
    if (yearly === undefined) silent ??= each;
    else sums.set(each.currency ?? currency, (sums.get(each.currency ?? currency) ?? 0) + yearly);
  }
  const arrByCurrency = [...sums].map(([name, minor]) => ({ currency: name, minor }));
  const unknown = (arrReason: string) => ({ arrMinor: undefined, currency: undefined, arrByCurrency, arrReason });
  if (paid.length === 0) return unknown('no paid subscription in force');
  if (silent) return unknown(`subscription ${silent.subscriptionId} names no ${missingPrice(silent)}`);
  if (arrByCurrency.length > 1) return unknown('subscriptions in several currencies');
  return { arrMinor: arrByCurrency[0]!.minor, currency: arrByCurrency[0]!.currency, arrByCurrency };
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
  if (earliest !== undefined) return { renewalDate: earliest };
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
  const sums = new Map<string, number | null>();
  for (const each of running) {
    for (const [meter, limit] of Object.entries(each.limits ?? options.planLimits?.(each.plan) ?? {})) {
      const sum = sums.get(meter);
      sums.set(meter, sum === null || limit === null ? null : (sum ?? 0) + limit);
    }
  }
  return Object.fromEntries(sums);
}
