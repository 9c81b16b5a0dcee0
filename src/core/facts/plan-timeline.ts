/** How a contract changed over time, as spans of days on which nothing about it changed. */

import { Stretch, subscriptionsInForce } from '../records/as-of.ts';
import type { SubscriptionRecord, Version } from '../records/record.ts';
import { trialEnd } from '../records/trial-end.ts';
import { addMonths, type Day, type Instant, type ZoneClock } from '../time/calendar.ts';
import { type Contract, type ContractOptions, contractOf } from './contract.ts';

/** The contract on the days `from` to `to`, both included. */
export interface ContractSpan {
  from: Day;
  to: Day;
  contract: Contract;
}

const LONGEST_TERMS = 1_200; // a century of months: a bound for the renewals that are looked at

/**
 * The contract of every day from `from` to `to`, as known at `at`: each day is read as it closed, the last one as of
 * `at` where that comes first. Spans are in order, touch each other and cover all days.
 */
export function planTimeline(
  versions: readonly Version<SubscriptionRecord>[],
  from: Day,
  to: Day,
  at: Instant,
  clock: ZoneClock,
  options: ContractOptions = {},
): ContractSpan[] {
  if (to < from) return [];
  // What was learned by `at` counts for the day it was effective on, however much later that was.
  const known = versions
    .filter((version) => version.receivedAt <= at)
    .map(({ id, effectiveAt, data }) => ({ id, effectiveAt, receivedAt: effectiveAt, data }));
  const starts = [...new Set([from, ...changeDays(known, to, clock)])].filter((day) => day >= from && day <= to);
  starts.sort((a, b) => a - b);
  return starts.map((day, i) => {
    const closing = Math.min(clock.instantOf(day + 1) - 1, at);
    const contract = contractOf(subscriptionsInForce(known, closing, clock), day, clock, options);
    return { from: day, to: (starts[i + 1] ?? to + 1) - 1, contract };
  });
}

/**
 * The time around `at` in which `planTimeline` of these versions stays the same; undefined where it depends on the day it is
 * asked on: a trial of which no version says `trialing` is known by its end alone.
 */
export function timelineStretch(versions: readonly Version<SubscriptionRecord>[], at: Instant): Stretch | undefined {
  const stretch = new Stretch(at);
  for (const version of versions) {
    const { data } = version;
    const isTrial = data.trialEndsAt !== undefined || data.extensions !== undefined;
    if (isTrial && !isToldTrial(version, versions)) return undefined;
    stretch.note(version.effectiveAt);
    stretch.note(version.receivedAt);
    stretch.note(data.startedAt);
  }
  return stretch;
}

/** Did the subscription's first version say `trialing`, and come no later than this one? */
function isToldTrial(
  { id, receivedAt }: Version<SubscriptionRecord>,
  versions: readonly Version<SubscriptionRecord>[],
): boolean {
  const first = versions.find((version) => version.id === id)!;
  return first.data.status === 'trialing' && first.receivedAt <= receivedAt;
}

/** The span that holds `day`. */
export function spanOn(timeline: readonly ContractSpan[], day: Day): ContractSpan | undefined {
  return timeline.find((span) => span.from <= day && day <= span.to);
}

function changeDays(versions: readonly Version<SubscriptionRecord>[], to: Day, clock: ZoneClock): Day[] {
  const days: Day[] = [];
  for (const { effectiveAt, data } of versions) {
    days.push(clock.dayOf(effectiveAt), clock.dayOf(data.startedAt));
    if (data.endedAt !== undefined) days.push(data.endedAt);
    for (const extension of data.extensions ?? [])
      if (extension.grantedAt !== undefined) days.push(extension.grantedAt);
    const end = trialEnd(data, to);
    if (end !== undefined) days.push(end, ...(data.trialEndsAt === undefined ? [] : [data.trialEndsAt]));
    days.push(...renewals(data, to));
  }
  return days;
}

/** The days up to `to` on which a self-renewing term begins anew. */
function renewals(subscription: SubscriptionRecord, to: Day): Day[] {
  const first = subscription.renewalDate;
  if (first === undefined || subscription.autoRenew !== true || subscription.interval === undefined) return [];
  const months = subscription.interval === 'year' ? 12 : 1;
  const days: Day[] = [];
  for (let term = 0; term < LONGEST_TERMS; term++) {
    const day = addMonths(first, term * months);
    if (day > to) break;
    days.push(day);
  }
  return days;
}
