/** Packages for a renewal, priced by the book, and how the present one fits (skills.md B packaging_optimizer). */
import type { Plan } from '../../catalogue/catalogue.ts';
import { yearlyCost } from '../../plan/proposal.ts';
import { ratio4 } from '../../scores/number.ts';

export interface PackageCandidate {
  plan: Plan;
  /** Features in use that the plan does not have. */
  missingFeatures: string[];
}

export interface Need {
  /** Users; seats follow from it. */
  users: number;
  /** Amount a period, by meter. */
  meters: Readonly<Record<string, number>>;
  /** Meters whose use is not known: only a limit as large as today's is known to hold it. */
  unknownMeters: readonly string[];
}

export interface PackageInput {
  current: {
    planId: string;
    seats: number | 'unlimited';
    annualMinor: number;
    /** By meter as the contract has them; null: unlimited. */
    limits: Readonly<Record<string, number | null>>;
  };
  /** The priced plans of the product, the present one among them. */
  candidates: readonly PackageCandidate[];
  /** Peak use. */
  need: Need;
  /** Projected use; undefined: growth is not shown. */
  growth: Need | undefined;
  /** Share of headroom on top of a need: 1.2. */
  headroom: number;
  /** Times the cheapest feasible package from which the present one is too much: 1.15. */
  overservedFactor: number;
}

export type Fit = 'overserved' | 'underserved' | 'fit';

export interface PackageOption {
  /** `like_for_like`, `right_size` (the cheapest feasible one), `growth`, or `right_size_on_<plan>`. */
  id: string;
  planId: string;
  /** null: unlimited */
  seats: number | null;
  annualMinor: number;
  /** Against what is paid now. */
  deltaMinor: number;
  feasible: boolean;
  /** Why it is not feasible. */
  lacks: string[];
}

export interface Packages {
  fit: Fit;
  options: PackageOption[];
  /** Id of the cheapest feasible option; null: none is feasible. */
  recommendedOption: string | null;
}

/** max(minimum, ceil(headroom x users)) */
export function seatsFor(plan: Plan, users: number, headroom: number): number {
  return Math.max(plan.minSeats, Math.ceil(ratio4(headroom * users)));
}

/**
 * Every plan at the size that peak use needs, the present package as it is and, where asked for, the plan for projected
 * use. A package is feasible that has the features in use, the seats, and limits that hold headroom x use. Growth is shown
 * beside, never recommended: it costs at least as much.
 */
export function comparePackages(input: PackageInput): Packages {
  const { current, candidates, need, growth } = input;
  const present = candidates.find(({ plan }) => plan.id === current.planId);
  const likeForLike = likeForLikeOption(input, present?.missingFeatures ?? []);
  const sized = candidates.map((candidate) => sizedOption(candidate, need, input)).sort(byFeasibleCost);
  const [first, ...rest] = sized;
  const alternatives = [
    ...(first === undefined ? [] : [{ ...first, id: 'right_size' }]),
    ...rest.map((option) => ({ ...option, id: `right_size_on_${option.planId}` })),
  ];
  const feasible = [likeForLike, ...alternatives].filter((option) => option.feasible);
  const [cheapest] = feasible.sort((a, b) => a.annualMinor - b.annualMinor); // stable: a tie keeps what is there
  const grown =
    growth === undefined
      ? undefined
      : candidates.map((each) => sizedOption(each, growth, input)).sort(byFeasibleCost)[0];
  return {
    fit: fitOf(likeForLike, cheapest, input.overservedFactor),
    options: [likeForLike, ...alternatives, ...(grown === undefined ? [] : [{ ...grown, id: 'growth' }])],
    recommendedOption: cheapest?.id ?? null,
  };
}

function fitOf(present: PackageOption, cheapest: PackageOption | undefined, factor: number): Fit {
  if (!present.feasible) return 'underserved';
  if (cheapest === undefined || present.annualMinor <= cheapest.annualMinor) return 'fit';
  const isFree = cheapest.annualMinor === 0;
  return isFree || ratio4(present.annualMinor / cheapest.annualMinor) > factor ? 'overserved' : 'fit';
}

function likeForLikeOption({ current, need, headroom }: PackageInput, missingFeatures: string[]): PackageOption {
  const seats = current.seats === 'unlimited' ? null : current.seats;
  const wanted = Math.ceil(ratio4(headroom * need.users));
  const lacks = [
    ...missingFeatures,
    ...(seats !== null && seats < wanted ? [`${wanted} seats`] : []),
    ...shortMeters(current.limits, need, headroom, false),
  ];
  return {
    id: 'like_for_like',
    planId: current.planId,
    seats,
    annualMinor: current.annualMinor,
    deltaMinor: 0,
    feasible: lacks.length === 0,
    lacks,
  };
}

/** The present plan keeps the limits that were agreed; another one must name a limit for each meter to be known to hold it. */
function sizedOption({ plan, missingFeatures }: PackageCandidate, need: Need, input: PackageInput): PackageOption {
  const { current, headroom } = input;
  const isPresent = plan.id === current.planId;
  const seats = seatsFor(plan, need.users, headroom);
  const annualMinor = yearlyCost(plan, seats);
  const lacks = [
    ...missingFeatures,
    ...shortMeters(isPresent ? current.limits : plan.limits, need, headroom, !isPresent),
    ...(isPresent ? [] : smallerLimits(plan.limits, current.limits, need.unknownMeters)),
  ];
  return {
    id: plan.id,
    planId: plan.id,
    seats,
    annualMinor,
    deltaMinor: annualMinor - current.annualMinor,
    feasible: lacks.length === 0,
    lacks,
  };
}

function shortMeters(
  limits: Readonly<Record<string, number | null>>,
  { meters }: Need,
  headroom: number,
  mustBeNamed: boolean,
): string[] {
  return Object.entries(meters).flatMap(([meterId, used]) => {
    const limit = limits[meterId];
    const wanted = Math.ceil(ratio4(headroom * used));
    if (limit === null || wanted === 0) return [];
    if (limit === undefined) return mustBeNamed ? [`a limit for ${meterId}`] : [];
    return limit >= wanted ? [] : [`${wanted} ${meterId}`];
  });
}

function smallerLimits(
  limits: PackageInput['current']['limits'],
  todays: PackageInput['current']['limits'],
  meterIds: readonly string[],
): string[] {
  return meterIds.flatMap((meterId) => {
    const limit = limits[meterId];
    const today = todays[meterId];
    const isKept = limit === null || (limit !== undefined && typeof today === 'number' && limit >= today);
    return isKept ? [] : [`today's limit for ${meterId}`];
  });
}

function byFeasibleCost(a: PackageOption, b: PackageOption): number {
  return Number(b.feasible) - Number(a.feasible) || a.annualMinor - b.annualMinor || (a.planId < b.planId ? -1 : 1);
}
