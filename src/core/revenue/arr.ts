/** ARR of one account over time, in books of one currency each. Minor units a year. */
import { type Money, yearlyMinor } from '../facts/contract.ts';
import type { ContractSpan } from '../facts/plan-timeline.ts';
import { minorDigits } from '../records/money.ts';
import type { Day } from '../time/calendar.ts';

/** Rates of the workspace: one unit of the currency is worth so many of the workspace's. */
export interface Exchange {
  /** The workspace's currency. */
  currency: string;
  rates: Readonly<Record<string, number>>;
}

/** ARR from a day on, until the next step. */
export interface ArrStep {
  from: Day;
  /** By book; a book without ARR is absent. */
  books: ReadonlyMap<string, number>;
  /** Why the ARR is not known; then `books` holds only what is. */
  unknown: string | undefined;
}

/** The book a currency is counted in. */
export function bookOf(currency: string, { currency: own, rates }: Exchange): string {
  return currency !== own && Object.hasOwn(rates, currency) ? own : currency;
}

const ROUNDING_SLACK = 1e-6; // binary fractions such as 10000 x 1.005 = 10049.999999999998

/** Minor units of `currency` as minor units of its book, rounded half up. */
export function minorInBook(minor: number, currency: string, exchange: Exchange): number {
  const book = bookOf(currency, exchange);
  if (book === currency) return minor;
  const scale = 10 ** (minorDigits(book) - minorDigits(currency));
  return Math.floor(minor * exchange.rates[currency]! * scale + 0.5 + ROUNDING_SLACK);
}

export function inBooks(money: readonly Money[], exchange: Exchange): Map<string, number> {
  const books = new Map<string, number>();
  for (const { currency: named, minor } of money) {
    if (minor === 0) continue;
    const currency = named ?? exchange.currency;
    const book = bookOf(currency, exchange);
    books.set(book, (books.get(book) ?? 0) + minorInBook(minor, currency, exchange));
  }
  return books;
}

/** The account's ARR from its first day on, a step for every span of its contract. */
export function arrSteps(spans: readonly ContractSpan[], exchange: Exchange): ArrStep[] {
  return spans.map(({ from, contract }) => ({
    from,
    books: inBooks(contract.arrByCurrency, exchange),
    unknown: contract.paid.some((each) => yearlyMinor(each) === undefined) ? contract.arrReason : undefined,
  }));
}

/** The step in force at the close of `day`; undefined before the first one, when there is no ARR. */
export function stepOn(steps: readonly ArrStep[], day: Day): ArrStep | undefined {
  let found: ArrStep | undefined;
  for (const step of steps) {
    if (step.from > day) break;
    found = step;
  }
  return found;
}

/** First day with ARR in a book. */
export function firstArrDay(steps: readonly ArrStep[], book: string): Day | undefined {
  return steps.find((step) => (step.books.get(book) ?? 0) > 0)?.from;
}
