/** Where a contract stands: value, recognition by day, what is left, and what its renewal is worth (skills.md B). */
import { ratio4 } from '../../scores/number.ts';
import { addMonths, type Day } from '../../time/calendar.ts';

/** A recurring subscription over its present term. Minor units. */
export interface Recurring {
  /** Amount of one interval. */
  amountMinor: number;
  interval: 'month' | 'year';
  /** First day of the term. */
  from: Day;
  /** First day of the next one. */
  to: Day;
  /** false: month to month, or no renewal date; `from` and `to` are then those of the running interval. */
  isTerm: boolean;
}

/** A service sold once: recognised in full when it is delivered. */
export interface Service {
  amountMinor: number;
  deliveredOn: Day | undefined;
}

export interface PositionInput {
  recurring: readonly Recurring[];
  /** undefined: what was sold is not known. */
  services: readonly Service[] | undefined;
  /** Invoiced for the present term; undefined: not known. */
  invoicedMinor: number | undefined;
  /** D, the last complete day. */
  lastDay: Day;
  /** Share that is expected to renew; undefined: not known. */
  renewalRate: number | undefined;
}

/** Minor units; undefined: not known. */
export interface Position {
  tcvMinor: number | undefined;
  acvMinor: number;
  recognisedMinor: number | undefined;
  deferredMinor: number | undefined;
  rpoMinor: number | undefined;
  weightedRenewalMinor: number | undefined;
}

/** Months of a term; where they are not whole, days of a year of 365 (our choice). */
export function termMonths({ from, to }: Pick<Recurring, 'from' | 'to'>): { months: number; isWhole: boolean } {
  const months = Math.round((to - from) / 30.436875);
  if (months > 0 && addMonths(from, months) === to) return { months, isWhole: true };
  return { months: ((to - from) * 12) / 365, isWhole: false };
}

/** What the whole term brings. */
function termValue(each: Recurring): number {
  return (each.amountMinor * termMonths(each).months) / (each.interval === 'year' ? 12 : 1);
}

/** ACV = recurring x 12 / months of the term, which is the interval's amount a year. */
function yearValue({ amountMinor, interval }: Recurring): number {
  return interval === 'year' ? amountMinor : amountMinor * 12;
}

/** In equal parts by day, through D inclusive. */
function recognisedValue(each: Recurring, lastDay: Day): number {
  const { from, to } = each;
  const days = Math.min(Math.max(0, lastDay - from + 1), to - from);
  return to <= from ? 0 : (termValue(each) * days) / (to - from);
}

/**
 * TCV = sum of the components; deferred = max(0, invoiced - recognised); RPO = TCV - recognised; weighted renewal = ACV x
 * rate. A component without a term makes TCV, RPO and the renewal unknown; services that are not known, all but the ACV.
 */
export function contractPosition({
  recurring,
  services,
  invoicedMinor,
  lastDay,
  renewalRate,
}: PositionInput): Position {
  const sum = <T>(list: readonly T[], of: (each: T) => number) => list.reduce((total, each) => total + of(each), 0);
  const acvMinor = Math.round(sum(recurring, yearValue));
  const hasTerms = recurring.every(({ isTerm }) => isTerm);
  const weightedRenewalMinor = hasTerms && renewalRate !== undefined ? Math.round(acvMinor * renewalRate) : undefined;
  if (services === undefined) {
    const none = { tcvMinor: undefined, recognisedMinor: undefined, deferredMinor: undefined, rpoMinor: undefined };
    return { ...none, acvMinor, weightedRenewalMinor };
  }
  const delivered = services.filter(({ deliveredOn }) => deliveredOn !== undefined && deliveredOn <= lastDay);
  const amountOf = ({ amountMinor }: Service) => amountMinor;
  const recognisedMinor = Math.round(
    sum(recurring, (each) => recognisedValue(each, lastDay)) + sum(delivered, amountOf),
  );
  const tcvMinor = hasTerms ? Math.round(sum(recurring, termValue) + sum(services, amountOf)) : undefined;
  return {
    tcvMinor,
    acvMinor,
    recognisedMinor,
    deferredMinor: invoicedMinor === undefined ? undefined : Math.max(0, invoicedMinor - recognisedMinor),
    rpoMinor: tcvMinor === undefined ? undefined : tcvMinor - recognisedMinor,
    weightedRenewalMinor,
  };
}

/** Own history once enough renewals came due, else the policy's rate for the band; undefined: neither is known. */
export function renewalRate<Band extends string>(
  renewals: { due: number; signed: number },
  historyAtLeast: number,
  rates: Readonly<Record<Band, number>>,
  band: Band | undefined,
): { rate: number; source: 'own_history' | 'health_band' } | undefined {
  if (renewals.due >= historyAtLeast) return { rate: ratio4(renewals.signed / renewals.due), source: 'own_history' };
  return band === undefined ? undefined : { rate: rates[band], source: 'health_band' };
}
