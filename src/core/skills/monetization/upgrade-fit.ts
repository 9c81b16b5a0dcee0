/** Which plan holds what an account needs, and what it costs more (skills.md B, monetization/upgrade_trigger). */
import type { Catalogue, Plan } from '../../catalogue/catalogue.ts';
import { projectedUse } from '../../plan/meters.ts';
import { yearlyCost } from '../../plan/proposal.ts';
import type { Limits } from '../../scores/limits.ts';

export interface MeterNeed {
  meterId: string;
  /** By the end of the period; null: the plan in force sets no limit, and none may be set. */
  projected: number | null;
  /** Headroom x projected, rounded up. */
  need: number | null;
}

export interface UpgradeNeeds {
  meters: readonly MeterNeed[];
  /** Feature ids attempted or asked for. */
  features: readonly string[];
  /** Seats in force and seats the active team needs; undefined: unknown or unlimited. */
  licensed: number | undefined;
  seats: number | undefined;
}

/** 1.2 x 12,500 is 15,000, whatever the binary fraction of 1.2. */
export function withHeadroom(volume: number, headroom: number): number {
  return Math.ceil(Number((volume * headroom).toFixed(9)));
}

/** What the meters must hold. Meters of unknown use are left out; `limits` says why they are unknown. */
export function meterNeeds(limits: Limits, headroom: number): MeterNeed[] {
  return limits.meters.flatMap((use): MeterNeed[] => {
    if (use.status === 'notApplicable') return [{ meterId: use.meterId, projected: null, need: null }];
    const projected = use.status === 'limited' ? projectedUse(use) : undefined;
    if (projected === undefined) return [];
    return [{ meterId: use.meterId, projected: Math.ceil(projected), need: withHeadroom(projected, headroom) }];
  });
}

export interface FitInput {
  catalogue: Pick<Catalogue, 'plans' | 'features'>;
  currentPlanId: string;
  /** A trial pays nothing yet, and may stay on the plan it tries. */
  isTrial: boolean;
  /** Paid for in a year; undefined: unknown. */
  arrMinor: number | undefined;
  currency: string | undefined;
  needs: UpgradeNeeds;
}

export type Fit =
  | { kind: 'fits' }
  | { kind: 'none'; reason: string }
  | {
      kind: 'plan';
      plan: Plan;
      /** Seats the price is for. */
      seats: number | undefined;
      /** A year, in the plan's currency; undefined: `reason` says why. */
      annualDeltaMinor: number | undefined;
      reason?: string;
    };

/** Does the plan hold every need of volume? A meter that it does not list is not entitled. */
export function holds(plan: Plan, { meters }: UpgradeNeeds): boolean {
  return meters.every(({ meterId, need }) => {
    if (need === 0) return true;
    const limit = plan.limits[meterId];
    return limit === null || (need !== null && limit !== undefined && limit >= need);
  });
}

function includes(plan: Plan, featureId: string, { features }: FitInput['catalogue']): boolean {
  const feature = features.find(({ id }) => id === featureId);
  return plan.features.includes(featureId) || feature?.plans.includes(plan.id) === true;
}

/**
 * The cheapest plan of the same product that holds the needs and has the features: of a paid account one that costs more
 * than the plan in force, or that plan with more seats; of a trial any. The difference is at book prices where the plan in
 * force is in the price book, else against what the contract pays.
 */
export function fitOf(input: FitInput): Fit {
  const { catalogue, currentPlanId, isTrial, needs } = input;
  const current = catalogue.plans.find(({ id }) => id === currentPlanId);
  const suits = (plan: Plan) => holds(plan, needs) && needs.features.every((id) => includes(plan, id, catalogue));
  const moreSeats = needs.licensed !== undefined && needs.seats !== undefined && needs.seats > needs.licensed;
  if (!isTrial && current !== undefined && suits(current)) {
    if (!moreSeats || current.perSeatMinor === undefined) return { kind: 'fits' };
    return priced(current, current, input);
  }
  const before = isTrial ? 0 : currentCost(current, input);
  const currency = isTrial ? undefined : (current?.currency ?? input.currency);
  const options = catalogue.plans
    .filter((plan) => current === undefined || plan.product === current.product)
    .filter((plan) => currency === undefined || plan.currency === currency)
    .filter((plan) => (isTrial || plan.id !== currentPlanId) && suits(plan) && isPriced(plan))
    .map((plan) => ({ plan, exact: costOf(plan, needs.seats), cost: costOf(plan, needs.seats ?? 1)! }))
    .filter(({ exact }) => isTrial || before === undefined || exact === undefined || exact > before)
    .sort((a, b) => a.cost - b.cost || (a.plan.id < b.plan.id ? -1 : 1));
  const [best] = options;
  if (best === undefined) return { kind: 'none', reason: 'the price book has no priced plan that holds the need' };
  return priced(best.plan, current, input);
}

function isPriced(plan: Plan): boolean {
  return plan.perSeatMinor !== undefined || plan.flatMinor !== undefined;
}

/** Undefined where the price is per seat and the seats are not known. */
function costOf(plan: Plan, seats: number | undefined): number | undefined {
  if (!isPriced(plan)) return undefined;
  if (plan.perSeatMinor === undefined) return yearlyCost(plan, 0);
  return seats === undefined ? undefined : yearlyCost(plan, Math.max(seats, plan.minSeats));
}

function currentCost(current: Plan | undefined, { needs, arrMinor }: FitInput): number | undefined {
  if (current !== undefined && isPriced(current)) return costOf(current, needs.licensed);
  return arrMinor;
}

function priced(plan: Plan, current: Plan | undefined, input: FitInput): Fit {
  const { needs, isTrial } = input;
  const seats =
    plan.perSeatMinor === undefined || needs.seats === undefined ? undefined : Math.max(needs.seats, plan.minSeats);
  const cost = costOf(plan, needs.seats);
  const before = isTrial ? 0 : currentCost(current, input);
  const base = { kind: 'plan' as const, plan, seats };
  if (cost === undefined) return { ...base, annualDeltaMinor: undefined, reason: 'the number of seats is not known' };
  if (before === undefined)
    return { ...base, annualDeltaMinor: undefined, reason: 'the price of the plan in force is not known' };
  return { ...base, annualDeltaMinor: cost - before };
}
