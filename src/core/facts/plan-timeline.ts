/** How a contract changed over time, as spans of days on which nothing about it changed. */

import { subscriptionsInForce } from '../records/as-of.ts';
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
  const known = versions.filter((version) => version.receivedAt <= at);
  const starts = [...new Set([from, ...changeDays(known, to, clock)])].filter((day) => day >= from && day <= to);
  starts.sort((a, b) => a - b);
  return starts.map((day, i) => {
    const closing = Math.min(clock.instantOf(day + 1) - 1, at);
    // What was learned later still counts for the day it was effective on: `known` holds it back only as of `at`.
    const asKnown = known.map((version) => ({ ...version, receivedAt: Math.min(version.receivedAt, closing) }));
    const contract = contractOf(subscriptionsInForce(asKnown, closing, clock), day, clock, options);
    return { from: day, to: (starts[i + 1] ?? to + 1) - 1, contract };
  });
}

/**
 * The sorted instants at which `planTimeline` of these versions may become another one as time goes on; undefined where it
 * depends on the day it is asked on: a trial of which no version says `trialing` is known by its end alone.
 */
export function timelinePoints(versions: readonly Version<SubscriptionRecord>[]): Instant[] | undefined {
  const first = new Map<string, Version<SubscriptionRecord>>();
  const points = new Set<Instant>();
  for (const version of versions) {
    const { id, effectiveAt, receivedAt, data } = version;
    if (!first.has(id)) first.set(id, version);
    const toldBy = first.get(id)!;
    const told = toldBy.data.status === 'trialing' && toldBy.receivedAt <= receivedAt;
    if (!told && (data.trialEndsAt !== undefined || data.extensions !== undefined)) return undefined;
    points.add(effectiveAt).add(receivedAt).add(data.startedAt);
  }
  return [...points].sort((a, b) => a - b);
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
