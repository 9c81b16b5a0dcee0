/** The math of an expansion: price assumption, volume, two scenarios, every assumption stated (expansion seed, step 3). */
import type { Plan } from '../catalogue/catalogue.ts';
import { yearlyMinor } from '../facts/contract.ts';
import { minorDigits } from '../records/money.ts';
import type { LimitUse } from '../scores/limits.ts';
import { licensedSeats, type Proposal, perPeriod, projectedVolume, termsPerYear, yearlyCost } from './proposal.ts';
import { grouped, money, type PlanSubject, planWords, plural, words } from './subject.ts';

export interface Scenario {
  name: '100 % adoption' | '50 % adoption';
  /** Seats in scope; null where the price does not depend on seats. */
  seats: number | null;
  annualMinor: number;
  text: string;
}

export interface Priced {
  scenarios: Scenario[];
  priceAssumption: string;
  volume: string;
  assumptions: string[];
  reason: string | null;
}

/** A volume that nothing on record gives. */
export const NOT_KNOWN = 'not known';

function unpriced(reason: string, volume = NOT_KNOWN): Priced {
  return { scenarios: [], priceAssumption: reason, volume, assumptions: [], reason };
}

export function price(subject: PlanSubject, proposal: Proposal): Priced {
  const { plan } = proposal;
  if (proposal.missing !== undefined) return unpriced(proposal.missing);
  if (proposal.type === 'seats') return priceSeats(subject, proposal);
  if (plan === undefined) return unpriced('the price book has no such plan');
  if (plan.perSeatMinor === undefined && plan.flatMinor === undefined)
    return unpriced(`the price book gives no price for ${planWords(plan.id)}`);
  const { contract } = subject.m;
  if (contract.currency !== undefined && contract.currency !== plan.currency)
    return unpriced(
      `${planWords(plan.id)} is priced in ${plan.currency}, the contract in ${contract.currency}, and no rate is given`,
    );
  if (plan.id === contract.planId && proposal.meterId !== undefined)
    return priceOverage(subject, plan, proposal.meterId);
  return proposal.type === 'cross_sell' ? pricePlan(subject, plan) : priceTier(subject, plan);
}

const PERIODS = { day: 365, week: 52, month: 12, year: 1 } as const;

/** No plan holds the volume: what lies above the limit costs the overage price. */
function priceOverage(subject: PlanSubject, plan: Plan, meterId: string): Priced {
  const use = subject.m.limits.meters.find((each) => each.meterId === meterId)!;
  const resets = subject.workspace.catalogue.meters.find((each) => each.id === meterId)?.resets ?? null;
  const above = Math.max(0, projectedVolume(use) - use.limit!);
  if (above === 0) return unpricedVolume(use, words(meterId));
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
    priceAssumption: `overage price of ${planWords(plan.id)}, ${rate} ${plan.currency} each: no plan in the price book holds the volume`,
    volume: `${grouped(above)} ${words(meterId)}${perPeriod(subject, meterId)} above the limit of ${grouped(use.limit!)}`,
    assumptions: ['the present pace holds for a year'],
    reason: null,
  };
}

function unpricedVolume(use: LimitUse, name: string): Priced {
  return unpriced(`the limit of ${grouped(use.limit!)} ${name} still holds the use projected`, 'none above the limit');
}

function priceSeats(subject: PlanSubject, { plan, addedSeats }: Proposal): Priced {
  const { m } = subject;
  const seats = licensedSeats(subject);
  const active = m.seats.active.value;
  const { headroom } = subject.workspace.measures.readiness;
  const volume =
    seats === undefined || active === undefined
      ? NOT_KNOWN
      : `${grouped(active)} active x ${headroom} = ${grouped(seats + (addedSeats ?? 0))} seats needed, ${grouped(seats)} paid for already, ${grouped(addedSeats ?? 0)} to add`;
  const none = (reason: string) => unpriced(reason, volume);
  if (m.seats.licensed === 'unlimited') return none('seats are unlimited, so there is none to add');
  if (addedSeats === undefined) return none(m.value.fullMinor.reason ?? 'the need for seats is not known');
  if (addedSeats === 0) return none('the seats already paid for cover the need');
  const perSeat =
    contractSeatMinor(subject) ??
    (plan?.perSeatMinor === undefined ? undefined : plan.perSeatMinor * termsPerYear(plan));
  if (m.value.fullMinor.value === undefined && perSeat === undefined)
    return none(
      `the price per seat of ${plan === undefined ? 'the plan in force' : planWords(plan.id)} is missing from the price book`,
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
        text: halfText(addedSeats, each, money(full, currency), money(half, currency)),
      },
    ],
    priceAssumption: `per seat, ${each} a year in ${from}`,
    volume,
    assumptions: [
      `every active user keeps working, and one more joins for every ${Math.round(1 / (headroom - 1))}`,
      'no discount for volume',
    ],
    reason: null,
  };
}

/** Half a seat cannot be taken: an odd number is halved as money. */
function halfText(seats: number, each: string, full: string, half: string): string {
  return seats % 2 === 0 ? `${plural(seats / 2, 'seat')} x ${each} = ${half}` : `half of ${full} = ${half}`;
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
  const perSeat = (plan.perSeatMinor ?? 0) * termsPerYear(plan);
  const flat = (plan.flatMinor ?? 0) * termsPerYear(plan);
  return scenariosOf({ plan, seats, perSeat, flat, basis: 'price-book price', subject, assumptions: [] });
}

/** The tier in place of the one in force: the difference, at book prices where both are in the book. */
function priceTier(subject: PlanSubject, plan: Plan): Priced {
  const { m, workspace } = subject;
  const seats = licensedSeats(subject);
  const current = workspace.catalogue.plans.find((each) => each.id === m.contract.planId);
  const none = (reason: string) => unpriced(reason);
  // A plan without a seat price beside one that has it is bought on top of it.
  if (current !== undefined && plan.perSeatMinor === undefined && current.perSeatMinor !== undefined)
    return pricePlan(subject, plan);
  const isPriced = current?.perSeatMinor !== undefined || current?.flatMinor !== undefined;
  if (current !== undefined && isPriced) {
    if (current.currency !== plan.currency)
      return none(`${planWords(plan.id)} and ${planWords(current.id)} are priced in different currencies`);
    const perSeat = (plan.perSeatMinor ?? 0) * termsPerYear(plan) - (current.perSeatMinor ?? 0) * termsPerYear(current);
    const flat = (plan.flatMinor ?? 0) * termsPerYear(plan) - (current.flatMinor ?? 0) * termsPerYear(current);
    const assumptions = discountNote(subject, current, seats);
    return scenariosOf({
      plan,
      seats,
      perSeat,
      flat,
      basis: `${planWords(plan.id)} less ${planWords(current.id)} in the price book`,
      subject,
      assumptions,
    });
  }
  const paid = contractSeatMinor(subject);
  if (paid === undefined)
    return none(
      `the price of ${m.contract.planId === undefined ? 'the plan in force' : planWords(m.contract.planId)} is missing from price book and contract`,
    );
  const perSeat = Math.round((plan.perSeatMinor ?? 0) * termsPerYear(plan) - paid);
  const flat = (plan.flatMinor ?? 0) * termsPerYear(plan);
  return scenariosOf({
    plan,
    seats,
    perSeat,
    flat,
    basis: `${planWords(plan.id)} in the price book less the contract's price`,
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
  const volume = seats === undefined ? NOT_KNOWN : `${plural(seats, 'licensed seat')} in scope`;
  const none = (reason: string) => unpriced(reason, volume);
  if (perSeat !== 0 && seats === undefined)
    return none(`${planWords(plan.id)} is priced per seat, and the number of seats is not known`);
  const parts = [
    ...(perSeat === 0 ? [] : [`${money(perSeat, currency)} a seat`]),
    ...(flat === 0 ? [] : [`${money(flat, currency)} flat`]),
  ];
  if (parts.length === 0) return none(`${planWords(plan.id)} costs no more than the plan in force`);
  const full = perSeat * (seats ?? 0) + flat;
  if (full <= 0)
    return none(`${planWords(plan.id)} costs no more than the plan in force (${money(full, currency)} a year)`);
  const halfSeats = perSeat === 0 ? undefined : Math.ceil(seats! / 2);
  const half = perSeat === 0 ? flat : perSeat * halfSeats! + flat;
  const line = (count: number | undefined, total: number) => {
    const terms = [
      ...(count === undefined ? [] : [`${plural(count, 'seat')} x ${money(perSeat, currency)}`]),
      ...(flat === 0 ? [] : [`${money(flat, currency)} flat`]),
    ];
    return `${terms.join(' + ')} = ${money(total, currency)}`;
  };
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
