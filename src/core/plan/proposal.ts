/** What to expand (expansion seed, steps 2 and 3): the signal that leads, and the plan that answers it. Prices: `pricing.ts`. */
import type { Plan } from '../catalogue/catalogue.ts';
import { entitledProducts } from '../facts/product-facts.ts';
import type { LimitUse } from '../scores/limits.ts';
import { projectedUse } from './meters.ts';
import type { SignalRow } from './signals.ts';
import { grouped, type PlanSubject, planWords, words } from './subject.ts';

export type ExpansionType = 'upgrade' | 'upsell' | 'cross_sell' | 'seats' | 'contract' | 'advocacy';

export const TYPE_NAMES: Record<ExpansionType, string> = {
  upgrade: 'Upgrade',
  upsell: 'Upsell',
  cross_sell: 'Cross-sell',
  seats: 'Seats',
  contract: 'Contract expansion',
  advocacy: 'Referral program and case study',
};

/** What is proposed: before any price. */
export interface Proposal {
  type: ExpansionType;
  anchor: SignalRow;
  /** The seat pressure or the meter behind an upgrade, where the anchor is one. */
  what: string;
  plan: Plan | undefined;
  featureId: string | undefined;
  meterId: string | undefined;
  /** Seats to add; undefined where none are proposed. */
  addedSeats: number | undefined;
  /** false: what is paid for already covers it. */
  isNeeded: boolean;
  /** Why there is no plan to price. */
  missing: string | undefined;
}

/** What the customer asked for beats what we sell: quoted requests first, then what they do, then goodwill. */
const ANCHOR_RANK: Record<string, number> = {
  'higher_tier_request asked': 0,
  'new_use_case asked': 1,
  higher_tier_request: 2,
  limit_pressure: 3,
  team_growth: 4,
  'limit_pressure seats': 5,
  new_use_case: 6,
  executive_engagement: 7,
  advocacy: 8,
};

function rankOf(row: SignalRow): number {
  if (row.kind === 'limit_pressure' && row.meterId === null) return ANCHOR_RANK['limit_pressure seats']!;
  const isRequest = row.kind === 'higher_tier_request' || row.kind === 'new_use_case';
  return ANCHOR_RANK[isRequest && row.askedIn !== null ? `${row.kind} asked` : row.kind]!;
}

/** The first signal in rank that asks for something: seats that are paid for already are no proposal. */
export function proposalOf(subject: PlanSubject, rows: readonly SignalRow[]): Proposal {
  // Full seats and a full meter are one signal and two needs.
  const candidates = rows.flatMap((row) => (row.meterId === null ? [row] : [row, { ...row, meterId: null }]));
  const ranked = candidates.sort((a, b) => rankOf(a) - rankOf(b)).map((row) => proposalFrom(subject, row));
  return ranked.find((each) => each.isNeeded) ?? ranked[0]!;
}

function proposalFrom(subject: PlanSubject, anchor: SignalRow): Proposal {
  const base = {
    anchor,
    featureId: anchor.featureId ?? undefined,
    meterId: undefined,
    addedSeats: undefined,
    missing: undefined,
    isNeeded: true,
  };
  switch (anchor.kind) {
    case 'higher_tier_request':
      return featureProposal(subject, base);
    case 'new_use_case':
      return useCaseProposal(subject, base);
    case 'limit_pressure':
      return anchor.meterId === null
        ? seatProposal(subject, base)
        : meterProposal(subject, { ...base, meterId: anchor.meterId });
    case 'team_growth':
      return seatProposal(subject, base);
    case 'advocacy':
      return {
        ...base,
        type: 'advocacy',
        what: 'a referral and a case study',
        plan: undefined,
        missing: 'an advocate brings new customers, not ARR of this account',
      };
    case 'executive_engagement':
      return {
        ...base,
        type: 'contract',
        what: 'a longer term and a broader scope',
        plan: undefined,
        missing: 'a longer term adds no yearly value by itself, and no broader scope has been named to price',
      };
  }
}

type Base = Pick<Proposal, 'anchor' | 'featureId' | 'meterId' | 'addedSeats' | 'missing' | 'isNeeded'>;

/** The cheapest plan that names the feature and is not in force; another product makes it a cross-sell. */
function featureProposal(subject: PlanSubject, base: Base): Proposal {
  const { catalogue } = subject.workspace;
  const { contract } = subject.m;
  const id = base.featureId;
  const feature = catalogue.features.find((each) => each.id === id);
  const plans = catalogue.plans.filter(
    (plan) =>
      id !== undefined &&
      !contract.planIds.includes(plan.id) &&
      (plan.features.includes(id) ||
        feature?.plans.includes(plan.id) === true ||
        plan.id === id ||
        plan.product === id),
  );
  const plan = cheapest(subject, plans);
  const owned = entitledProducts(contract, catalogue);
  const product = plan?.product ?? feature?.product;
  const isOther = product !== undefined && owned.size > 0 && !owned.has(product);
  const asked = id === undefined ? 'the gated feature' : words(id);
  return {
    ...base,
    type: isOther ? 'cross_sell' : 'upsell',
    what: plan === undefined ? theFeature(asked) : `${theFeature(asked)} of ${planWords(plan.id)}`,
    plan,
    missing: plan === undefined ? `the price book has no plan with ${asked}` : undefined,
  };
}

function theFeature(name: string): string {
  return name.startsWith('the ') ? name : `the ${name}`;
}

/** A product that is known to fit; where none is, a new use needs access: the seats its people take. */
function useCaseProposal(subject: PlanSubject, base: Base): Proposal {
  const { catalogue } = subject.workspace;
  const owned = entitledProducts(subject.m.contract, catalogue);
  const { opportunity, productId } = subject.m.multiProduct;
  const fitting = catalogue.products.find(
    (each) => opportunity.value === true && each.id === productId && !owned.has(each.id),
  );
  const plans = catalogue.plans.filter((each) => each.product === fitting?.id);
  const plan = fitting === undefined ? undefined : cheapest(subject, plans);
  if (plan === undefined && (seatNeed(subject) ?? 0) > 0) return seatProposal(subject, base);
  const missing = 'the price book has no product that is known to fit the new use case';
  return {
    ...base,
    type: 'cross_sell',
    what: fitting === undefined ? 'the new use case' : fitting.name,
    plan,
    missing: plan === undefined ? missing : undefined,
  };
}

/** Only need above the seats that are paid for already counts. */
function seatProposal(subject: PlanSubject, base: Base): Proposal {
  const { value, contract } = subject.m;
  const plan = subject.workspace.catalogue.plans.find((each) => each.id === contract.planId);
  const added = value.seats ?? seatNeed(subject);
  return {
    ...base,
    type: 'seats',
    what: added === undefined ? 'seats' : `${grouped(added)} more ${added === 1 ? 'seat' : 'seats'}`,
    plan,
    addedSeats: added,
    // Seats that nobody presses on are not needed because a meter is full.
    isNeeded: added !== 0 && (base.anchor.kind !== 'limit_pressure' || hasSeatPressure(subject)),
    missing: undefined,
  };
}

/** A8 without a price: ceil(headroom x active) - seats, where both are known. */
function hasSeatPressure({ m }: PlanSubject): boolean {
  return m.organic.signals.some((signal) => signal.id === 'approaching_seat_limit');
}

export function seatNeed({ m, workspace }: PlanSubject): number | undefined {
  const { active, licensed } = m.seats;
  if (active.value === undefined || typeof licensed !== 'number') return undefined;
  return Math.max(0, Math.ceil(Number((workspace.measures.readiness.headroom * active.value).toFixed(9))) - licensed);
}

/** The cheapest plan of the product whose limit holds the projected use with headroom (B upgrade_trigger). */
function meterProposal(subject: PlanSubject, base: Base): Proposal {
  const { m, workspace } = subject;
  const meterId = base.meterId!;
  const use = m.limits.meters.find((each) => each.meterId === meterId)!;
  const need = neededVolume(subject, use);
  const current = workspace.catalogue.plans.find((each) => each.id === m.contract.planId);
  const plans = workspace.catalogue.plans.filter((plan) => {
    const limit = plan.limits[meterId];
    const isOther = plan.id !== current?.id && (current === undefined || plan.product === current.product);
    return isOther && limit !== undefined && (limit === null || limit >= need);
  });
  const plan = cheapest(subject, plans);
  const isOverage = plan === undefined && current?.overage[meterId] !== undefined;
  // With headroom a larger plan is prudent; overage is paid for what is really used.
  const volume = isOverage ? projectedVolume(use) : need;
  const needed = `${grouped(volume)} ${words(meterId)}${perPeriod(subject, meterId)}`;
  return {
    ...base,
    type: 'upgrade',
    what: plan === undefined ? needed : `${needed} on ${planWords(plan.id)}`,
    plan: isOverage ? current : plan,
    isNeeded: volume > use.limit!,
    missing: plan === undefined && !isOverage ? `the price book has no plan that holds ${needed}` : undefined,
  };
}

export function neededVolume({ workspace }: PlanSubject, use: LimitUse): number {
  return Math.ceil(Number((workspace.measures.readiness.headroom * (projectedUse(use) ?? use.used!)).toFixed(9)));
}

export function projectedVolume(use: LimitUse): number {
  return Math.ceil(projectedUse(use) ?? use.used!);
}

export function perPeriod({ workspace }: PlanSubject, meterId: string): string {
  const resets = workspace.catalogue.meters.find((each) => each.id === meterId)?.resets ?? null;
  return resets === null ? '' : ` a ${resets}`;
}

function cheapest(subject: PlanSubject, plans: readonly Plan[]): Plan | undefined {
  const seats = licensedSeats(subject) ?? 1;
  const priced = plans.filter((plan) => plan.perSeatMinor !== undefined || plan.flatMinor !== undefined);
  const cost = (plan: Plan) => yearlyCost(plan, seats);
  return [...(priced.length > 0 ? priced : plans)].sort((a, b) => cost(a) - cost(b) || (a.id < b.id ? -1 : 1))[0];
}

export function licensedSeats({ m }: PlanSubject): number | undefined {
  return typeof m.seats.licensed === 'number' && m.seats.licensed > 0 ? m.seats.licensed : undefined;
}

/** How often a plan's price is due in a year. */
export function termsPerYear({ interval }: Plan): number {
  return interval === 'month' ? 12 : 1;
}

export function yearlyCost(plan: Plan, seats: number): number {
  return ((plan.perSeatMinor ?? 0) * seats + (plan.flatMinor ?? 0)) * termsPerYear(plan);
}
