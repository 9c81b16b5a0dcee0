/** Where an account's revenue stands today: what is in force, what threatens it, what may come. */
import { type Contract, renewalAfter, yearlyMinor } from '../facts/contract.ts';
import type { AccountMeasures } from '../facts/measure-account.ts';
import type { HealthBand } from '../scores/health.ts';
import type { Day } from '../time/calendar.ts';
import { bookOf, type Exchange, inBooks, minorInBook } from './arr.ts';

/** A subscription as it will stand at the forecast's end, as far as it is signed today. */
export interface SignedArr {
  book: string;
  minor: number;
  /** Its term ends before then, so it must renew to be there. */
  mustRenew: boolean;
}

export interface Standing {
  accountId: string;
  /** ARR today by book. */
  books: ReadonlyMap<string, number>;
  /** Part of it that is paused. */
  paused: ReadonlyMap<string, number>;
  unknown: string | undefined;
  band: HealthBand | undefined;
  bandReason: string | undefined;
  signed: SignedArr[];
  /** Set where an expansion plan is open, or all expansion gates are met. */
  expansion: Expansion | undefined;
}

export interface Expansion {
  /** The open plan's scenarios, or the estimate for an account that is clear to expand and has no plan yet. */
  from: 'plan' | 'estimate';
  /** Undefined where the value is not known. */
  book: string | undefined;
  fullMinor: number | undefined;
  halfMinor: number | undefined;
  reason: string | undefined;
}

/** What an open expansion plan stands to bring, a year; undefined where a price is missing. */
export interface OpenPlan {
  fullMinor: number | undefined;
  halfMinor: number | undefined;
  currency: string | null;
  unpricedReason: string | null;
}

/** `atEnd` is the contract on the forecast's last day as it is signed today, the renewals of terms taken for granted. */
export function standingOf(
  m: AccountMeasures,
  atEnd: Contract,
  endDay: Day,
  exchange: Exchange,
  openPlan?: OpenPlan,
): Standing {
  const { contract, health, gates, view } = m;
  const paused = contract.paid.filter((each) => each.status === 'paused');
  return {
    accountId: view.accountId,
    books: inBooks(contract.arrByCurrency, exchange),
    paused: inBooks(
      paused.map((each) => ({ currency: each.currency, minor: yearlyMinor(each) ?? 0 })),
      exchange,
    ),
    unknown: contract.paid.some((each) => yearlyMinor(each) === undefined) ? contract.arrReason : undefined,
    band: health.band.value,
    bandReason: health.band.reason,
    signed: signedArr(atEnd, view.today, endDay, exchange),
    expansion:
      openPlan !== undefined
        ? plannedOf(openPlan, exchange)
        : gates.every((gate) => gate.met === true)
          ? estimatedOf(m, exchange)
          : undefined,
  };
}

/** A month-to-month contract and one without a renewal date must renew too: nothing holds them (our choice). */
function signedArr(atEnd: Contract, today: Day, endDay: Day, exchange: Exchange): SignedArr[] {
  return atEnd.paid.map((each) => {
    const currency = each.currency ?? exchange.currency;
    const renewal = renewalAfter(each, today);
    return {
      book: bookOf(currency, exchange),
      minor: minorInBook(yearlyMinor(each) ?? 0, currency, exchange),
      mustRenew: renewal === undefined || renewal <= endDay,
    };
  });
}

function plannedOf({ fullMinor, halfMinor, currency, unpricedReason }: OpenPlan, exchange: Exchange): Expansion {
  return expansionOf('plan', fullMinor, halfMinor, currency ?? exchange.currency, unpricedReason, exchange);
}

function estimatedOf({ value }: AccountMeasures, exchange: Exchange): Expansion {
  const { fullMinor, halfMinor, currency } = value;
  const reason = fullMinor.reason ?? null;
  return expansionOf('estimate', fullMinor.value, halfMinor.value, currency ?? exchange.currency, reason, exchange);
}

function expansionOf(
  from: Expansion['from'],
  full: number | undefined,
  half: number | undefined,
  currency: string,
  reason: string | null,
  exchange: Exchange,
): Expansion {
  if (full === undefined || half === undefined) {
    return { from, book: undefined, fullMinor: undefined, halfMinor: undefined, reason: reason ?? 'not known' };
  }
  return {
    from,
    book: bookOf(currency, exchange),
    fullMinor: minorInBook(full, currency, exchange),
    halfMinor: minorInBook(half, currency, exchange),
    reason: undefined,
  };
}
