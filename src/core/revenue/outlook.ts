/** ARR at risk, expansion pipeline and the forecast of NRR, of one book. */
import { ratio4 } from '../scores/number.ts';
import type { RenewalRates } from './renewals.ts';
import type { Expansion, Standing } from './standing.ts';

export const ARR_BANDS = ['healthy', 'neutral', 'at_risk', 'critical', 'unknown'] as const;

export interface BandArr {
  band: (typeof ARR_BANDS)[number];
  accounts: number;
  arrMinor: number;
}

export interface ArrAtRisk {
  arrMinor: number;
  pausedMinor: number;
  bands: BandArr[];
  /** At risk and critical together. */
  atRiskMinor: number;
  atRiskAccounts: number;
}

/** ARR in force today by health band. */
export function arrAtRisk(standings: readonly Standing[], book: string): ArrAtRisk {
  const bands = ARR_BANDS.map((band): BandArr => {
    const of = standings.filter((each) => (each.band ?? 'unknown') === band && arrOf(each, book) > 0);
    return { band, accounts: of.length, arrMinor: sum(of.map((each) => arrOf(each, book))) };
  });
  const risky = bands.filter(({ band }) => band === 'at_risk' || band === 'critical');
  return {
    arrMinor: sum(bands.map((each) => each.arrMinor)),
    pausedMinor: sum(standings.map((each) => each.paused.get(book) ?? 0)),
    bands,
    atRiskMinor: sum(risky.map((each) => each.arrMinor)),
    atRiskAccounts: sum(risky.map((each) => each.accounts)),
  };
}

export interface Pipeline {
  /** Accounts with an open plan, or clear to expand, whose value is in this book. */
  accounts: { accountId: string; from: Expansion['from']; fullMinor: number; halfMinor: number }[];
  fullMinor: number;
  halfMinor: number;
}

/** What open plans stand to bring, and the estimate of accounts that are clear to expand without one, the largest first. */
export function pipelineOf(standings: readonly Standing[], book: string): Pipeline {
  const accounts = standings
    .flatMap(({ accountId, expansion }) =>
      expansion?.book === book && expansion.fullMinor !== undefined && expansion.halfMinor !== undefined
        ? [{ accountId, from: expansion.from, fullMinor: expansion.fullMinor, halfMinor: expansion.halfMinor }]
        : [],
    )
    .sort((a, b) => b.fullMinor - a.fullMinor || (a.accountId < b.accountId ? -1 : 1));
  return {
    accounts,
    fullMinor: sum(accounts.map((each) => each.fullMinor)),
    halfMinor: sum(accounts.map((each) => each.halfMinor)),
  };
}

export interface Forecast {
  accounts: number;
  startMinor: number;
  /** If every term renews: what is signed, ends included. */
  signedMinor: number;
  /** Terms renew at the band's rate. The two differ only by accounts of unknown band, taken as critical and as healthy. */
  expectedLowMinor: number;
  expectedHighMinor: number;
  /** ARR of accounts whose band is not known. */
  unknownBandMinor: number;
  /** Ratios, four decimals; null: no ARR today. */
  nrrSigned: number | null;
  nrr: Range;
  /** With the pipeline at 50 % and at 100 % take-up, signed within the forecast. */
  nrrWithHalfPipeline: Range;
  nrrWithFullPipeline: Range;
}

/** Low and high of a ratio; equal where no band is unknown. */
export interface Range {
  low: number | null;
  high: number | null;
}

/**
 * NRR over the twelve months ahead for the accounts with ARR today: each subscription that is signed to be there at the
 * end counts in full, or, where its term ends before, at the renewal rate of the account's band. No new business.
 */
export function forecastOf(
  standings: readonly Standing[],
  book: string,
  rates: RenewalRates,
  pipeline: Pipeline,
): Forecast {
  const total = { accounts: 0, startMinor: 0, signedMinor: 0, low: 0, high: 0, unknownBandMinor: 0 };
  for (const standing of standings) {
    const start = arrOf(standing, book);
    if (start <= 0) continue;
    total.accounts++;
    total.startMinor += start;
    if (standing.band === undefined) total.unknownBandMinor += start;
    for (const { book: of, minor, mustRenew } of standing.signed) {
      if (of !== book) continue;
      total.signedMinor += minor;
      total.low += mustRenew ? minor * rates[standing.band ?? 'critical'].rate : minor;
      total.high += mustRenew ? minor * rates[standing.band ?? 'healthy'].rate : minor;
    }
  }
  const { startMinor } = total;
  const share = (minor: number): number | null => (startMinor === 0 ? null : ratio4(minor / startMinor));
  const range = (added: number): Range => ({ low: share(total.low + added), high: share(total.high + added) });
  return {
    accounts: total.accounts,
    startMinor,
    signedMinor: total.signedMinor,
    expectedLowMinor: Math.round(total.low),
    expectedHighMinor: Math.round(total.high),
    unknownBandMinor: total.unknownBandMinor,
    nrrSigned: share(total.signedMinor),
    nrr: range(0),
    nrrWithHalfPipeline: range(pipeline.halfMinor),
    nrrWithFullPipeline: range(pipeline.fullMinor),
  };
}

function arrOf(standing: Standing, book: string): number {
  return standing.unknown === undefined ? (standing.books.get(book) ?? 0) : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
