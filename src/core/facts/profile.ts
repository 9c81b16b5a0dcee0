/**
 * What other accounts may need to know of one: when it bought what, when it reached what, when it used what. Small, plain
 * JSON, and enough for every question a `WorkspaceContext` answers.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { AccountHistory } from '../history/history.ts';
import { volumeIn } from '../history/windows.ts';
import type { Measures } from '../policy/measures.ts';
import type { AccountRecord } from '../records/record.ts';
import { milestonesOf } from '../scores/first-days.ts';
import type { Day } from '../time/calendar.ts';
import type { Contract } from './contract.ts';

/** Both ends included. */
export type DayInterval = [from: Day, to: Day];

export interface AccountProfile {
  segment: string | null;
  isTest: boolean;
  /** Day 0 of the account: milestones are counted from it. */
  startDay: Day;
  /** What was in force from each day on, where it changed; planId null: nothing, or nothing with a known plan. */
  plans: [fromDay: Day, planId: string | null, isTrial: boolean][];
  /** Day each milestone was first reached. */
  milestoneDays: Record<string, Day>;
  /** First day on which each product was adopted (used in `multiProduct.adoptedWeeks` of `ofWeeks` weeks). */
  adoptedProducts: Record<string, Day>;
  /** Days whose `use.relevantDays` window holds an active day. */
  activeIntervals: DayInterval[];
  /** The same for each feature's use; only where the catalogue's features are defaulted. */
  featureIntervals?: Record<string, DayInterval[]>;
}

export interface ProfileInput {
  account: Pick<AccountRecord, 'segment' | 'isTest'>;
  startDay: Day;
  /** The last complete day: nothing after it is read, save the plan of the day that follows. */
  lastDay: Day;
  /** `planTimeline` of the account's whole life. */
  contracts: readonly { from: Day; contract: Pick<Contract, 'planId' | 'paidInForce' | 'trialInForce'> }[];
  /** From the account's first day to `lastDay` or beyond. */
  history: AccountHistory;
  catalogue: Catalogue;
  measures: Measures;
}

const WEEK_DAYS = 7;

export function profileOf(input: ProfileInput): AccountProfile {
  const { account, startDay, lastDay, history, catalogue, measures } = input;
  const windowDays = measures.use.relevantDays;
  const milestones = milestonesOf(history, catalogue).flatMap(({ id, day }): [string, Day][] =>
    day === undefined || day > lastDay ? [] : [[id, day]],
  );
  const profile: AccountProfile = {
    segment: account.segment ?? null,
    isTest: account.isTest === true,
    startDay,
    plans: plansOf(input),
    milestoneDays: Object.fromEntries(milestones),
    adoptedProducts: catalogue.featuresDefaulted ? {} : adoptedProducts(input),
    activeIntervals: intervals(activeDays(history, lastDay), windowDays, lastDay),
  };
  if (catalogue.featuresDefaulted) {
    profile.featureIntervals = Object.fromEntries(
      history.features
        .map((feature) => [feature.featureId, intervals(feature.use.days, windowDays, lastDay)] as const)
        .filter(([, list]) => list.length > 0),
    );
  }
  return profile;
}

function plansOf({ contracts, lastDay }: ProfileInput): AccountProfile['plans'] {
  const plans: AccountProfile['plans'] = [];
  for (const { from, contract } of contracts) {
    if (from > lastDay + 1) break;
    const planId = contract.planId ?? null;
    const isTrial = contract.trialInForce && !contract.paidInForce;
    const before = plans.at(-1);
    if (before === undefined || before[1] !== planId || before[2] !== isTrial) plans.push([from, planId, isTrial]);
  }
  return plans;
}

function activeDays(history: AccountHistory, lastDay: Day): Day[] {
  const days: Day[] = [];
  for (let day = history.start; day <= lastDay; day++) if (volumeIn(history, day, day) > 0) days.push(day);
  return days;
}

/** Union of [day, day + windowDays - 1] over sorted days up to `lastDay`. */
function intervals(days: ArrayLike<Day>, windowDays: number, lastDay: Day): DayInterval[] {
  const union: DayInterval[] = [];
  for (let i = 0; i < days.length && days[i]! <= lastDay; i++) {
    const day = days[i]!;
    const last = union.at(-1);
    if (last !== undefined && day <= last[1] + 1) last[1] = day + windowDays - 1;
    else union.push([day, day + windowDays - 1]);
  }
  return union;
}

function adoptedProducts({ history, catalogue, measures, lastDay }: ProfileInput): Record<string, Day> {
  const productOf = new Map(catalogue.features.map((feature) => [feature.id, feature.product]));
  const used = new Map<string, Uint8Array>(); // by day: was the product used
  for (const { featureId, use } of history.features) {
    const product = productOf.get(featureId);
    if (product === undefined) continue;
    let days = used.get(product);
    if (days === undefined) {
      days = new Uint8Array(history.length);
      used.set(product, days);
    }
    for (const day of use.days) if (day <= lastDay) days[day - history.start] = 1;
  }
  const adopted: [string, Day][] = [];
  for (const [product, days] of used) {
    const index = firstAdoption(days, measures.multiProduct.adoptedWeeks, measures.multiProduct.ofWeeks);
    if (index !== undefined && history.start + index <= lastDay) adopted.push([product, history.start + index]);
  }
  return Object.fromEntries(adopted.sort());
}

/** First day on which `atLeast` of the last `weeks` seven-day weeks, the latest ending that day, hold a day of use. */
function firstAdoption(used: Uint8Array, atLeast: number, weeks: number): number | undefined {
  const usedBefore = new Uint32Array(used.length + 1);
  for (let i = 0; i < used.length; i++) usedBefore[i + 1] = usedBefore[i]! + used[i]!;
  for (let day = 0; day < used.length; day++) {
    let weeksUsed = 0;
    for (let week = 0; week < weeks; week++) {
      const end = day + 1 - week * WEEK_DAYS;
      if (end > 0 && usedBefore[end]! > usedBefore[Math.max(0, end - WEEK_DAYS)]!) weeksUsed++;
    }
    if (weeksUsed >= atLeast) return day;
  }
  return undefined;
}
