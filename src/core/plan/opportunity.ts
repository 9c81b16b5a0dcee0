/** What the expansion is and what it is worth, with the math shown (expansion seed, step 3; skills.md A8). */
import type { Plan } from '../catalogue/catalogue.ts';
import { yearlyMinor } from '../facts/contract.ts';
import { entitledProducts } from '../facts/product-facts.ts';
import { minorDigits } from '../records/money.ts';
import type { LimitUse } from '../scores/limits.ts';
import type { OrganicKind } from '../scores/organic.ts';
import { projectedUse } from './meters.ts';
import { type NrrImpact, nrrImpact } from './nrr.ts';
import type { SignalRow } from './signals.ts';
import {
  activeUsersEvidence,
  type Evidence,
  grouped,
  money,
  type PlanSubject,
  plural,
  subscriptionEvidence,
  usageEvidence,
  words,
} from './subject.ts';

export type ExpansionType = 'upgrade' | 'upsell' | 'cross_sell' | 'seats' | 'contract';

export const TYPE_NAMES: Record<ExpansionType, string> = {
  upgrade: 'Upgrade',
  upsell: 'Upsell',
  cross_sell: 'Cross-sell',
  seats: 'Seats',
  contract: 'Contract expansion',
};

export interface Scenario {
  name: '100 % adoption' | '50 % adoption';
  /** Seats in scope; null where the price does not depend on seats. */
  seats: number | null;
  annualMinor: number;
  text: string;
}

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
  /** Why there is no plan to price. */
  missing: string | undefined;
}

export interface Opportunity {
  currentArrMinor: number | null;
  currency: string | null;
  arrReason: string | null;
  type: ExpansionType;
  what: string;
  anchor: OrganicKind;
  anchorReason: string;
  planId: string | null;
  priceAssumption: string;
  volume: string;
  /** Empty where no price is known. */
  scenarios: Scenario[];
  unpricedReason: string | null;
  assumptions: string[];
  notCounted: string[];
  confidence: 'High' | 'Medium' | 'Low';
  confidenceReason: string;
  nrr: NrrImpact;
  evidence: Evidence[];
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
  const ranked = [...rows].sort((a, b) => rankOf(a) - rankOf(b)).map((row) => proposalFrom(subject, row));
  return ranked.find((each) => each.type !== 'seats' || each.addedSeats !== 0) ?? ranked[0]!;
}

function proposalFrom(subject: PlanSubject, anchor: SignalRow): Proposal {
  const base = {
    anchor,
    featureId: anchor.featureId ?? undefined,
    meterId: undefined,
    addedSeats: undefined,
    missing: undefined,
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
    case 'executive_engagement':
    case 'advocacy':
      return {
        ...base,
        type: 'contract',
        what: 'a longer term and a broader scope',
        plan: undefined,
        missing: 'a longer term adds no yearly value by itself, and no broader scope has been named to price',
      };
  }
}

type Base = Pick<Proposal, 'anchor' | 'featureId' | 'meterId' | 'addedSeats' | 'missing'>;

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
  const isOther = product !== undefined && contract.inForce.length > 0 && !owned.has(product);
  const asked = id === undefined ? 'the gated feature' : words(id);
  return {
    ...base,
    type: isOther ? 'cross_sell' : 'upsell',
    what: plan === undefined ? asked : `${asked}, in ${words(plan.id)}`,
    plan,
    missing: plan === undefined ? `the price book has no plan with ${asked}` : undefined,
  };
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
    what: added === undefined ? 'seats' : `${plural(added, 'seat')} above today's`,
    plan,
    addedSeats: added,
    missing: undefined,
  };
}

/** A8 without a price: ceil(headroom x active) - seats, where both are known. */
function seatNeed({ m, workspace }: PlanSubject): number | undefined {
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
  const needed = `${grouped(need)} ${words(meterId)}${perPeriod(subject, meterId)}`;
  const isOverage = plan === undefined && current?.overage[meterId] !== undefined;
  return {
    ...base,
    type: 'upgrade',
    what: plan === undefined ? needed : `${needed}, in ${words(plan.id)}`,
    plan: isOverage ? current : plan,
    missing: plan === undefined && !isOverage ? `the price book has no plan that holds ${needed}` : undefined,
  };
}

function neededVolume({ workspace }: PlanSubject, use: LimitUse): number {
  return Math.ceil(Number((workspace.measures.readiness.headroom * (projectedUse(use) ?? use.used!)).toFixed(9)));
}

const PERIODS = { day: 365, week: 52, month: 12, year: 1 } as const;

function perPeriod({ workspace }: PlanSubject, meterId: string): string {
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

function yearlyCost(plan: Plan, seats: number): number {
  const perYear = plan.interval === 'month' ? 12 : 1;
  return ((plan.perSeatMinor ?? 0) * seats + (plan.flatMinor ?? 0)) * perYear;
}

interface Priced {
  scenarios: Scenario[];
  priceAssumption: string;
  volume: string;
  assumptions: string[];
  reason: string | null;
}

export function opportunityOf(subject: PlanSubject, rows: readonly SignalRow[], proposal: Proposal): Opportunity {
  const { contract } = subject.m;
  const priced = price(subject, proposal);
  const { confidence, reason } = confidenceOf(subject, rows, proposal);
  const [full] = priced.scenarios;
  const half = priced.scenarios.at(-1);
  const needsTeam = proposal.type === 'seats' || proposal.addedSeats !== undefined;
  return {
    currentArrMinor: contract.arrMinor ?? null,
    currency: contract.currency ?? proposal.plan?.currency ?? null,
    arrReason: contract.arrMinor === undefined ? arrText(subject) : null,
    type: proposal.type,
    what: proposal.what,
    anchor: proposal.anchor.kind,
    anchorReason: anchorReason(proposal),
    planId: proposal.plan?.id ?? null,
    priceAssumption: priced.priceAssumption,
    volume: priced.volume,
    scenarios: priced.scenarios,
    unpricedReason: priced.reason,
    assumptions: priced.assumptions,
    notCounted: notCounted(subject, proposal),
    confidence,
    confidenceReason: reason,
    nrr: nrrImpact(subject, half?.annualMinor, full?.annualMinor),
    evidence: [
      subscriptionEvidence(subject),
      ...(needsTeam ? [activeUsersEvidence(subject)] : []),
      ...(proposal.meterId === undefined ? [] : [usageEvidence(subject, 30)]),
    ],
  };
}

function arrText({ m }: PlanSubject): string {
  const { contract } = m;
  if (contract.arrByCurrency.length > 1) {
    return `${contract.arrByCurrency.map((each) => money(each.minor, each.currency)).join(' + ')}, not added up: no rate between the currencies is given`;
  }
  return `unknown: ${contract.arrReason}`;
}

function anchorReason({ anchor }: Proposal): string {
  if (anchor.askedIn !== null && (anchor.kind === 'higher_tier_request' || anchor.kind === 'new_use_case'))
    return 'the customer asked for it, which comes before anything we would propose';
  return `anchored on "${anchor.signal.toLowerCase()}", the signal nearest to what the customer needs`;
}

/** From signal strength: two strong ones with the anchor among them, one strong, none. */
function confidenceOf(
  subject: PlanSubject,
  rows: readonly SignalRow[],
  { anchor }: Proposal,
): { confidence: Opportunity['confidence']; reason: string } {
  const strong = rows.filter((row) => row.strength === 'Strong').length;
  const counted = `${strong} of ${plural(rows.length, 'signal')} strong, the anchor ${anchor.strength.toLowerCase()}`;
  const sixty = subject.m.seats.sustained60 === true ? ', use above 60 % for 60 days' : '';
  if (strong >= 2 && anchor.strength === 'Strong' && subject.m.health.confidence === 'high')
    return { confidence: 'High', reason: counted + sixty };
  return { confidence: strong >= 1 ? 'Medium' : 'Low', reason: counted + sixty };
}

function price(subject: PlanSubject, proposal: Proposal): Priced {
  const { plan } = proposal;
  const unpriced = (reason: string, volume = 'not known'): Priced => ({
    scenarios: [],
    priceAssumption: reason,
    volume,
    assumptions: [],
    reason,
  });
  if (proposal.missing !== undefined) return unpriced(proposal.missing);
  if (proposal.type === 'seats') return priceSeats(subject, proposal);
  if (plan === undefined) return unpriced('the price book has no such plan');
  if (plan.perSeatMinor === undefined && plan.flatMinor === undefined)
    return unpriced(`the price book gives no price for ${words(plan.id)}`);
  const { contract } = subject.m;
  if (contract.currency !== undefined && contract.currency !== plan.currency)
    return unpriced(
      `${words(plan.id)} is priced in ${plan.currency}, the contract in ${contract.currency}, and no rate is given`,
    );
  if (plan.id === contract.planId && proposal.meterId !== undefined) return priceOverage(subject, plan, proposal.meterId);
  return proposal.type === 'cross_sell' ? pricePlan(subject, plan) : priceTier(subject, plan);
}

/** No plan holds the volume: what lies above the limit costs the overage price. */
function priceOverage(subject: PlanSubject, plan: Plan, meterId: string): Priced {
  const use = subject.m.limits.meters.find((each) => each.meterId === meterId)!;
  const resets = subject.workspace.catalogue.meters.find((each) => each.id === meterId)?.resets ?? null;
  const above = Math.max(0, neededVolume(subject, use) - use.limit!);
  const rate = plan.overage[meterId]!;
  const periods = resets === null ? 1 : PERIODS[resets];
  const minor = (units: number) => Math.round(units * rate * periods * 10 ** minorDigits(plan.currency));
  const line = (units: number) =>
    `${grouped(units)} ${words(meterId)} x ${rate} ${plan.currency} x ${periods} = ${money(minor(units), plan.currency)}`;
  const half = Math.ceil(above / 2);
  return {
    scenarios: [
      { name: '100 % adoption', seats: null, annualMinor: minor(above), text: line(above) },
      { name: '50 % adoption', seats: null, annualMinor: minor(half), text: line(half) },
    ],
    priceAssumption: `overage price of ${words(plan.id)}, ${rate} ${plan.currency} each: no plan in the price book holds the volume`,
    volume: `${grouped(above)} ${words(meterId)}${perPeriod(subject, meterId)} above the limit of ${grouped(use.limit!)}`,
    assumptions: ['the present pace holds for a year', `headroom of ${subject.workspace.measures.readiness.headroom} over the projected use`],
    reason: null,
  };
}

function priceSeats(subject: PlanSubject, { plan, addedSeats }: Proposal): Priced {
  const { m } = subject;
  const seats = licensedSeats(subject);
  const active = m.seats.active.value;
  const { headroom } = subject.workspace.measures.readiness;
  const volume =
    seats === undefined || active === undefined
      ? 'not known'
      : `${grouped(active)} active x ${headroom} = ${grouped(seats + (addedSeats ?? 0))} seats needed, ${grouped(seats)} paid for already, ${grouped(addedSeats ?? 0)} to add`;
  const none = (reason: string): Priced => ({
    scenarios: [],
    priceAssumption: reason,
    volume,
    assumptions: [],
    reason,
  });
  if (m.seats.licensed === 'unlimited') return none('seats are unlimited, so there is none to add');
  if (addedSeats === undefined) return none(m.value.fullMinor.reason ?? 'the need for seats is not known');
  if (addedSeats === 0) return none('the seats already paid for cover the need');
  const perSeat =
    contractSeatMinor(subject) ??
    (plan?.perSeatMinor === undefined ? undefined : plan.perSeatMinor * (plan.interval === 'month' ? 12 : 1));
  if (m.value.fullMinor.value === undefined && perSeat === undefined)
    return none(
      `the price per seat of ${plan === undefined ? 'the plan in force' : words(plan.id)} is missing from the price book`,
    );
  const currency = m.value.currency ?? m.contract.currency;
  const full = m.value.fullMinor.value ?? Math.round(perSeat! * addedSeats);
  const half = m.value.halfMinor.value ?? Math.round((perSeat! * addedSeats) / 2);
  const each = money(Math.round(full / addedSeats), currency);
  const from = m.value.fullMinor.value === undefined ? 'the contract' : 'the price book';
  return {
    scenarios: [
      {
        name: '100 % adoption',
        seats: addedSeats,
        annualMinor: full,
        text: `${plural(addedSeats, 'seat')} x ${each} = ${money(full, currency)}`,
      },
      {
        name: '50 % adoption',
        seats: addedSeats / 2,
        annualMinor: half,
        text: `${addedSeats / 2} seats x ${each} = ${money(half, currency)}`,
      },
    ],
    priceAssumption: `per seat, ${each} a year in ${from}`,
    volume,
    assumptions: [
      `every active user keeps working, and one in ${Math.round(1 / (headroom - 1))} more joins`,
      'no discount for volume',
    ],
    reason: null,
  };
}

function contractSeatMinor({ m }: PlanSubject): number | undefined {
  const seated = m.contract.paid.filter((each) => typeof each.seats === 'number' && each.seats > 0);
  const amounts = seated.map(yearlyMinor);
  if (seated.length === 0 || amounts.some((each) => each === undefined)) return undefined;
  return amounts.reduce<number>((sum, each) => sum + each!, 0) / seated.reduce((sum, each) => sum + each.seats!, 0);
}

/** Another plan beside the one in force: its whole price. */
function pricePlan(subject: PlanSubject, plan: Plan): Priced {
  const seats = licensedSeats(subject);
  const perSeat = (plan.perSeatMinor ?? 0) * (plan.interval === 'month' ? 12 : 1);
  const flat = (plan.flatMinor ?? 0) * (plan.interval === 'month' ? 12 : 1);
  return scenariosOf({ plan, seats, perSeat, flat, basis: 'price-book price', subject, assumptions: [] });
}

/** The tier in place of the one in force: the difference, at book prices where both are in the book. */
function priceTier(subject: PlanSubject, plan: Plan): Priced {
  const { m, workspace } = subject;
  const seats = licensedSeats(subject);
  const current = workspace.catalogue.plans.find((each) => each.id === m.contract.planId);
  const perYear = (each: Plan) => (each.interval === 'month' ? 12 : 1);
  const none = (reason: string): Priced => ({
    scenarios: [],
    priceAssumption: reason,
    volume: 'not known',
    assumptions: [],
    reason,
  });
  // A plan without a seat price beside one that has it is bought on top of it.
  if (current !== undefined && plan.perSeatMinor === undefined && current.perSeatMinor !== undefined)
    return pricePlan(subject, plan);
  const isPriced = current?.perSeatMinor !== undefined || current?.flatMinor !== undefined;
  if (current !== undefined && isPriced) {
    if (current.currency !== plan.currency)
      return none(`${words(plan.id)} and ${words(current.id)} are priced in different currencies`);
    const perSeat = (plan.perSeatMinor ?? 0) * perYear(plan) - (current.perSeatMinor ?? 0) * perYear(current);
    const flat = (plan.flatMinor ?? 0) * perYear(plan) - (current.flatMinor ?? 0) * perYear(current);
    const assumptions = discountNote(subject, current, seats);
    return scenariosOf({
      plan,
      seats,
      perSeat,
      flat,
      basis: `${words(plan.id)} less ${words(current.id)} in the price book`,
      subject,
      assumptions,
    });
  }
  const paid = contractSeatMinor(subject);
  if (paid === undefined)
    return none(
      `the price of ${m.contract.planId === undefined ? 'the plan in force' : words(m.contract.planId)} is missing from price book and contract`,
    );
  const perSeat = Math.round((plan.perSeatMinor ?? 0) * perYear(plan) - paid);
  const flat = (plan.flatMinor ?? 0) * perYear(plan);
  return scenariosOf({
    plan,
    seats,
    perSeat,
    flat,
    basis: `${words(plan.id)} in the price book less the contract's price`,
    subject,
    assumptions: [],
  });
}

/** Where the contract pays something else than the book. */
function discountNote(subject: PlanSubject, current: Plan, seats: number | undefined): string[] {
  const { contract } = subject.m;
  if (contract.arrMinor === undefined || seats === undefined || contract.paid.length !== 1) return [];
  const book = yearlyCost(current, seats);
  if (book === contract.arrMinor || book === 0) return [];
  return [
    `book prices hold for the difference; today's contract pays ${money(contract.arrMinor, contract.currency)} where the book says ${money(book, current.currency)}`,
  ];
}

interface Pricing {
  subject: PlanSubject;
  plan: Plan;
  seats: number | undefined;
  perSeat: number;
  flat: number;
  basis: string;
  assumptions: string[];
}

function scenariosOf({ subject, plan, seats, perSeat, flat, basis, assumptions }: Pricing): Priced {
  const { currency } = plan;
  const volume = seats === undefined ? 'not known' : `${plural(seats, 'licensed seat')} in scope`;
  const none = (reason: string): Priced => ({
    scenarios: [],
    priceAssumption: reason,
    volume,
    assumptions: [],
    reason,
  });
  if (perSeat !== 0 && seats === undefined)
    return none(`${words(plan.id)} is priced per seat, and the number of seats is not known`);
  const parts = [
    ...(perSeat === 0 ? [] : [`${money(perSeat, currency)} a seat`]),
    ...(flat === 0 ? [] : [`${money(flat, currency)} flat`]),
  ];
  if (parts.length === 0) return none(`${words(plan.id)} costs no more than the plan in force`);
  const full = perSeat * (seats ?? 0) + flat;
  if (full <= 0)
    return none(`${words(plan.id)} costs no more than the plan in force (${money(full, currency)} a year)`);
  const halfSeats = perSeat === 0 ? undefined : Math.ceil(seats! / 2);
  const half = perSeat === 0 ? flat : perSeat * halfSeats! + flat;
  const line = (count: number | undefined, total: number) =>
    [
      ...(count === undefined ? [] : [`${plural(count, 'seat')} x ${money(perSeat, currency)}`]),
      ...(flat === 0 ? [] : [`${money(flat, currency)} flat`]),
    ].join(' + ') + ` = ${money(total, currency)}`;
  const stated = [
    ...assumptions,
    ...(perSeat === 0
      ? [
          'the flat price is due in full at any adoption, so both scenarios cost the same; at 50 % each user costs twice as much',
        ]
      : ['at 50 % half of the licensed seats move, which needs mixed plans in one contract']),
    ...(m12(subject) ?? []),
  ];
  return {
    scenarios: [
      {
        name: '100 % adoption',
        seats: perSeat === 0 ? null : seats!,
        annualMinor: full,
        text: line(perSeat === 0 ? undefined : seats, full),
      },
      { name: '50 % adoption', seats: halfSeats ?? null, annualMinor: half, text: line(halfSeats, half) },
    ],
    priceAssumption: `${basis}: ${parts.join(' + ')} a year`,
    volume: perSeat === 0 ? 'one account, whatever its seats' : volume,
    assumptions: stated,
    reason: null,
  };
}

/** Monthly contracts pay the yearly price in twelve parts: a surcharge, if any, is not in the price book. */
function m12({ m }: PlanSubject): string[] | undefined {
  return m.contract.interval === 'month' ? ['the contract is monthly; yearly book prices hold'] : undefined;
}

/** What stays out of the figure, so that nobody sells it twice. */
function notCounted(subject: PlanSubject, proposal: Proposal): string[] {
  const { m } = subject;
  const seats = licensedSeats(subject);
  const active = m.seats.active.value;
  if (seats === undefined || active === undefined || active >= seats) return [];
  const free = seats - active;
  const later = proposal.type === 'seats' ? undefined : seatNeed(subject);
  const more =
    later !== undefined && later > 0
      ? `; ${plural(later, 'seat')} above them would be needed at ${grouped(seats + later)}, and are not in this proposal`
      : '';
  return [
    `${plural(free, 'seat')} of ${grouped(seats)} ${free === 1 ? 'is' : 'are'} free and already paid for: colleagues get them without a purchase${more}`,
  ];
}
