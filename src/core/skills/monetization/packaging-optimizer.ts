/**
 * monetization/packaging_optimizer (skills.md B): does the account's tier fit what it uses, and what may it renew on? It
 * looks at one account; bundles, which would be hypotheses from 30 accounts or more, are not proposed.
 */
import { z } from 'zod';
import type { Plan } from '../../catalogue/catalogue.ts';
import { moneyText, words } from '../../document/figures.ts';
import { yearlyMinor } from '../../facts/contract.ts';
import { known, unknown } from '../../facts/view.ts';
import { daysIn } from '../../history/history.ts';
import { projectedUse } from '../../plan/meters.ts';
import { yearlyCost } from '../../plan/proposal.ts';
import { majorUnits } from '../../records/money.ts';
import type { SubscriptionRecord } from '../../records/record.ts';
import { featureIndex, isEntitled } from '../../scores/adoption.ts';
import { percent2 } from '../../scores/number.ts';
import { addBusinessDays } from '../../time/calendar.ts';
import { defineSkill, type SkillContext, type SkillOutput } from '../skill.ts';
import type { ActionDraft } from '../skill-result.ts';
import { peakUse, periodAnchor } from './meter-days.ts';
import { comparePackages, type Fit, type Need, type Packages } from './packages.ts';
import { packagingSections } from './packaging-document.ts';

export interface Packaging {
  fit: Fit | null;
  /** Money in major units of `currency`. */
  options: {
    id: string;
    planId: string;
    seats: number | null;
    annualCost: number;
    annualDelta: number;
    currency: string;
    feasible: boolean;
    lacks: string[];
  }[];
  recommendedOption: string | null;
  /** 100 x used / entitled features; null where there are none. */
  featureUtilisationPct: number | null;
  /** Expansion gates for which the growth package is not shown. */
  growthHiddenBy: string[];
}

const parameters = z.strictObject({
  useDays: z.number().int().min(30).max(365).default(60).describe('days of use that must be known, and hold the peak'),
  featureDays: z.number().int().min(7).max(365).default(30).describe('days in which a used feature must be kept'),
  overservedFactor: z
    .number()
    .min(1)
    .max(10)
    .default(1.15)
    .describe('times the cheapest feasible cost that are too much'),
  offListPct: z.number().min(0).max(100).default(1).describe('distance from the book price that needs approval, %'),
});
type Parameters = z.infer<typeof parameters>;
type Context = SkillContext<Parameters>;
type Gap = { fact: string; reason: string };

export const packagingOptimizer = defineSkill<Parameters, Packaging>({
  name: 'monetization/packaging_optimizer',
  domain: 'monetization',
  purpose: 'Compares the plan with what is used and lists renewal options',
  customerFacing: false,
  conversation: 'expansion',
  serviceMessage: false,
  celebration: false,
  inputs: {
    required: ['plans with prices in the catalogue', 'subscriptions with seats', '60 days of events'],
    optional: [],
  },
  sections: ['Fit', 'Options', 'Assumptions'],
  parameters,
  outcome: {
    measure: 'seat_utilisation',
    unit: 'share',
    better: 'higher',
    horizonDays: 90, // the renewal it prepares is signed by then
    noise: 0.05,
    read: ({ seats: { utilisation } }) =>
      utilisation.value === undefined ? unknown(utilisation.reason) : known(utilisation.value),
  },
  run: runPackaging,
});

/** What of the contract is looked at: the subscriptions of the leading plan's product. Others stay as they are. */
interface Present {
  plan: Plan;
  subscriptions: SubscriptionRecord[];
  seats: number | 'unlimited';
  annualMinor: number;
  currency: string;
}

function runPackaging(context: Context): SkillOutput<Packaging | null> {
  const { measured, parameters: p, workspace } = context;
  const utilisation = featureUtilisation(context);
  const dataGaps: Gap[] = [];
  const present = presentOf(context, dataGaps);
  const need = needOf(context, dataGaps);
  const growthHiddenBy = measured.gates.filter(({ met }) => met !== true).map(({ id }) => id);
  const none: Packaging = {
    fit: null,
    options: [],
    recommendedOption: null,
    featureUtilisationPct: utilisation,
    growthHiddenBy,
  };
  if (present === undefined || need === undefined)
    return { status: 'insufficient_data', reasons: [], dataGaps, result: none, actions: [], sections: [] };
  const packages = comparePackages({
    current: {
      planId: present.plan.id,
      seats: present.seats,
      annualMinor: present.annualMinor,
      limits: measured.contract.limits,
    },
    candidates: candidatesOf(present, context),
    need,
    growth: growthHiddenBy.length === 0 ? growthOf(need, context) : undefined,
    headroom: workspace.measures.readiness.headroom,
    overservedFactor: p.overservedFactor,
  });
  const offList = offListOf(present, p.offListPct);
  const { currency } = present;
  return {
    status: dataGaps.length > 0 ? 'partial' : 'ok',
    reasons: packages.recommendedOption === null ? ['no_feasible_package'] : [],
    dataGaps,
    result: {
      ...none,
      fit: packages.fit,
      options: packages.options.map(({ annualMinor, deltaMinor, ...option }) => ({
        ...option,
        annualCost: majorUnits(annualMinor, currency),
        annualDelta: majorUnits(deltaMinor, currency),
        currency,
      })),
      recommendedOption: packages.recommendedOption,
    },
    actions: actionsOf(packages, present, offList, context),
    sections: packagingSections(packages, {
      currency,
      featureUtilisationPct: utilisation,
      users: need.users,
      useDays: p.useDays,
      headroom: workspace.measures.readiness.headroom,
      growthHiddenBy,
      offList,
      unpriced: unpricedOf(present.plan, workspace.catalogue.plans),
    }),
  };
}

const isPriced = (plan: Plan) => plan.perSeatMinor !== undefined || plan.flatMinor !== undefined;

function unpricedOf({ product }: Plan, plans: readonly Plan[]): string[] {
  return plans.filter((plan) => plan.product === product && !isPriced(plan)).map(({ id }) => id);
}

/** Notes every required fact that is missing, not only the first. */
function presentOf({ measured, workspace }: Context, gaps: Gap[]): Present | undefined {
  const { contract } = measured;
  const { plans } = workspace.catalogue;
  if (measured.subscriptionGap !== undefined) {
    gaps.push({ fact: 'subscription', reason: measured.subscriptionGap });
    return undefined;
  }
  if (!contract.paidInForce) {
    gaps.push({ fact: 'subscription', reason: 'no paid subscription in force' });
    return undefined;
  }
  const plan = plans.find((each) => each.id === contract.planId);
  if (plan === undefined || !isPriced(plan))
    gaps.push({
      fact: 'price book',
      reason: `no price of plan ${contract.planId ?? 'in force'} in catalog.yaml (plans: perSeat or flat)`,
    });
  const product = plan?.product;
  const productOf = (each: SubscriptionRecord) =>
    each.product ?? plans.find(({ id }) => id === each.plan)?.product ?? product;
  const subscriptions = contract.paid.filter((each) => productOf(each) === product);
  const silent = subscriptions.find(({ seats }) => seats === undefined);
  if (silent !== undefined)
    gaps.push({ fact: 'seats', reason: `subscription ${silent.subscriptionId} names no seats` });
  const amounts = subscriptions.map(yearlyMinor);
  if (amounts.includes(undefined)) gaps.push({ fact: 'arr', reason: 'a subscription names no amount or interval' });
  const currencies = new Set(subscriptions.map((each) => each.currency ?? workspace.contractOptions.currency));
  const [currency] = currencies;
  if (currencies.size > 1 || (plan !== undefined && currency !== undefined && plan.currency !== currency))
    gaps.push({ fact: 'price book', reason: 'contract and price book are in different currencies' });
  if (gaps.length > 0 || plan === undefined) return undefined;
  return {
    plan,
    subscriptions,
    seats: subscriptions.some(({ seats }) => seats === null)
      ? 'unlimited'
      : subscriptions.reduce((sum, { seats }) => sum + seats!, 0),
    annualMinor: amounts.reduce<number>((sum, minor) => sum + minor!, 0),
    currency: plan.currency,
  };
}

/** Peak users and, of each meter that the contract limits, the peak of a period. */
function needOf({ measured, workspace, parameters: p }: Context, gaps: Gap[]): Need | undefined {
  const { view } = measured;
  const short = view.daysOfData < p.useDays ? `${view.daysOfData} of ${p.useDays} days of data` : undefined;
  const gap = view.usageGap ?? short ?? (view.history.hasUserIds ? undefined : 'events carry no userId');
  if (gap !== undefined) {
    gaps.push({ fact: 'use', reason: gap });
    return undefined;
  }
  const meters: Record<string, number> = {};
  const unknownMeters: string[] = [];
  const anchor = periodAnchor(measured, workspace);
  for (const use of measured.limits.meters) {
    const meter = workspace.catalogue.meters.find(({ id }) => id === use.meterId);
    const peak = meter === undefined ? unknown(use.reason ?? 'no such meter') : peakUse(view, meter, anchor, p.useDays);
    if (peak.value !== undefined) meters[use.meterId] = peak.value;
    else {
      unknownMeters.push(use.meterId);
      gaps.push({ fact: `use of ${use.meterId}`, reason: peak.reason });
    }
  }
  return { users: peakUsers(view, p.useDays), meters, unknownMeters };
}

/** Most users of 30 days on any of the last days: nobody who worked lately is left without a seat (as the plan sizes). */
function peakUsers({ history, lastDay }: Context['measured']['view'], days: number): number {
  let users = 0;
  for (let day = Math.max(lastDay - days + 1, history.start); day <= lastDay; day++)
    users = Math.max(users, history.activeUsers30[day - history.start] ?? 0);
  return users;
}

/** The team grows once more as it did in the last window, meters go on at their pace (our choice). */
function growthOf(need: Need, { measured, workspace }: Context): Need {
  const { history, lastDay } = measured.view;
  const index = lastDay - history.start;
  const now = history.activeUsers30[index] ?? 0;
  const before = history.activeUsers30[index - workspace.measures.readiness.teamGrowthDays] ?? now;
  const known = measured.limits.meters.filter(({ meterId }) => need.meters[meterId] !== undefined);
  const meters = known.map((use): [string, number] => [
    use.meterId,
    Math.max(need.meters[use.meterId]!, projectedUse(use) ?? 0),
  ]);
  return {
    users: Math.max(need.users, now + Math.max(0, now - before)),
    meters: Object.fromEntries(meters),
    unknownMeters: need.unknownMeters,
  };
}

/** Features count as in use with any use in the window: none of them is taken away. */
function candidatesOf({ plan: present }: Present, { measured, workspace, parameters: p }: Context) {
  const { view, contract } = measured;
  const { plans, features } = workspace.catalogue;
  const productOf = (id: string) => plans.find((plan) => plan.id === id)?.product;
  const kept = contract.planIds.filter((id) => productOf(id) !== present.product);
  const index = featureIndex(view);
  const used = features.filter(({ id }) => {
    const days = index.get(id)?.use.days;
    return days !== undefined && daysIn(days, view.lastDay - p.featureDays + 1, view.lastDay) > 0;
  });
  return plans
    .filter((plan) => plan.product === present.product && plan.currency === present.currency && isPriced(plan))
    .map((plan) => ({
      plan,
      missingFeatures: used
        .filter((feature) => !isEntitled(feature, new Set([plan.id, ...kept])))
        .map((feature) => feature.id),
    }));
}

/** Used as A4 reads it, of the features that the plans in force include. */
function featureUtilisation({ measured, workspace, parameters: p }: Context): number | null {
  const { view, contract } = measured;
  if (view.usageGap !== undefined || contract.planIds.length === 0) return null;
  const plans = new Set(contract.planIds);
  const entitled = workspace.catalogue.features.filter((feature) => isEntitled(feature, plans));
  if (entitled.length === 0) return null;
  const index = featureIndex(view);
  const used = entitled.filter(({ id }) => {
    const days = index.get(id)?.use.days;
    return (
      days !== undefined &&
      daysIn(days, view.lastDay - p.featureDays + 1, view.lastDay) >= workspace.measures.use.usedDays
    );
  });
  return percent2((100 * used.length) / entitled.length);
}

export interface OffList {
  paidMinor: number;
  bookMinor: number;
}

/** What is paid where the book says something else for the same plan and seats. */
function offListOf({ plan, seats, annualMinor }: Present, tolerancePct: number): OffList | undefined {
  if (seats === 'unlimited' && plan.perSeatMinor !== undefined) return undefined;
  const bookMinor = yearlyCost(plan, seats === 'unlimited' ? 0 : seats);
  const isOff = Math.abs(annualMinor - bookMinor) > (tolerancePct / 100) * bookMinor;
  return isOff ? { paidMinor: annualMinor, bookMinor } : undefined;
}

function actionsOf(
  { fit, options, recommendedOption }: Packages,
  { subscriptions, currency }: Present,
  offList: OffList | undefined,
  context: Context,
): ActionDraft[] {
  const { today } = context.measured.view;
  const { holidays } = context.workspace.catalogue;
  const evidence = subscriptions.map(({ subscriptionId }) => subscriptionId);
  const chosen = options.find(({ id }) => id === recommendedOption);
  const text =
    chosen === undefined
      ? 'no package in the price book covers what is used'
      : `${words(chosen.planId)}${chosen.seats === null ? '' : ` with ${chosen.seats} seats`} at ${moneyText(chosen.annualMinor, currency)} a year`;
  const task = (key: string, role: 'csm' | 'ae' | 'finance', days: number, title: string): ActionDraft => ({
    key,
    title,
    role,
    due: addBusinessDays(today, days, holidays),
    channel: 'task',
    evidence,
    subject: 'expansion',
  });
  return [
    task('review', 'csm', 5, `${fit === 'fit' ? 'Confirm the package, a fit' : `Review the package, ${fit}`}: ${text}`),
    ...(chosen === undefined ? [] : [task('quote', 'ae', 10, `Prepare the renewal quote: ${text}`)]),
    ...(offList === undefined
      ? []
      : [
          task(
            'approval',
            'finance',
            10,
            `Approve the price off the list: ${moneyText(offList.paidMinor, currency)} is paid, the book says ${moneyText(offList.bookMinor, currency)}`,
          ),
        ]),
  ];
}
