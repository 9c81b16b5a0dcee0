/** Revenue as JSON: money in major units with its currency, ratios with four decimals. */
import { majorUnits } from '../core/records/money.ts';
import { assumptionsOf } from '../core/revenue/assumptions.ts';
import { MOVEMENT_KINDS, type Movement, type MovementKind } from '../core/revenue/movements.ts';
import type { Book, GroupRow } from '../core/revenue/report.ts';
import { formatDay } from '../core/time/calendar.ts';
import type { RevenueResult } from '../pipeline/revenue.ts';

export function revenueJson(result: RevenueResult) {
  if (!result.known) return { status: 'insufficient_data', reasons: [result.reason] };
  const { report } = result;
  const [only] = report.books;
  const single = report.books.length === 1 ? only : undefined;
  return {
    status: report.excluded.length > 0 ? 'partial' : 'ok',
    from: formatDay(report.period.from),
    to: formatDay(report.period.to),
    segment: report.segment,
    cohort: report.cohort,
    currency: report.exchange.currency,
    rates: report.exchange.rates,
    accounts: report.accounts,
    testAccounts: report.testAccounts,
    // Of the only book; null where currencies are reported apart.
    nrr: single?.retention.nrr ?? null,
    grr: single?.retention.grr ?? null,
    books: report.books.map(bookJson),
    excluded: report.excluded.map(({ day, ...each }) => ({ ...each, date: formatDay(day) })),
    unpriced: report.unpriced,
    severalCurrencies: report.severalCurrencies,
    renewalRates: report.rates,
    assumptions: assumptionsOf(report),
    forecastTo: formatDay(report.forecastTo),
  };
}

function bookJson(book: Book) {
  const money = (minor: number) => majorUnits(minor, book.currency);
  const { atRisk, pipeline, forecast } = book;
  return {
    currency: book.currency,
    openingArr: money(book.openingMinor),
    closingArr: money(book.closingMinor),
    nrr: book.retention.nrr,
    grr: book.retention.grr,
    startArr: money(book.retention.startMinor),
    endArr: money(book.retention.endMinor),
    keptArr: money(book.retention.keptMinor),
    cohortAccounts: book.retention.accounts,
    totals: perKind(book.totals, money),
    months: book.months.map((row) => ({
      month: row.month,
      from: formatDay(row.from),
      to: formatDay(row.to),
      openingArr: money(row.openingMinor),
      ...perKind(row.movements, money),
      closingArr: money(row.closingMinor),
      accounts: row.accounts,
    })),
    segments: book.segments.map((row) => groupJson(row, money)),
    cohorts: book.cohorts.map((row) => groupJson(row, money)),
    movements: book.movements.map((movement) => movementJson(movement, money)),
    arrAtRisk: {
      arr: money(atRisk.arrMinor),
      paused: money(atRisk.pausedMinor),
      atRisk: money(atRisk.atRiskMinor),
      accounts: atRisk.atRiskAccounts,
      bands: atRisk.bands.map(({ band, accounts, arrMinor }) => ({ band, accounts, arr: money(arrMinor) })),
    },
    pipeline: {
      full: money(pipeline.fullMinor),
      half: money(pipeline.halfMinor),
      accounts: pipeline.accounts.map(({ accountId, from, fullMinor, halfMinor }) => ({
        accountId,
        from,
        full: money(fullMinor),
        half: money(halfMinor),
      })),
    },
    forecast: {
      accounts: forecast.accounts,
      startArr: money(forecast.startMinor),
      signedArr: money(forecast.signedMinor),
      expectedArrLow: money(forecast.expectedLowMinor),
      expectedArrHigh: money(forecast.expectedHighMinor),
      unknownBandArr: money(forecast.unknownBandMinor),
      nrrSigned: forecast.nrrSigned,
      nrr: forecast.nrr,
      nrrWithHalfPipeline: forecast.nrrWithHalfPipeline,
      nrrWithFullPipeline: forecast.nrrWithFullPipeline,
    },
  };
}

function perKind(values: Record<MovementKind, number>, money: (minor: number) => number): Record<MovementKind, number> {
  return Object.fromEntries(MOVEMENT_KINDS.map((kind) => [kind, money(values[kind])])) as Record<MovementKind, number>;
}

function movementJson({ accountId, month, kind, fromMinor, toMinor }: Movement, money: (minor: number) => number) {
  return {
    accountId,
    month,
    kind,
    amount: money(toMinor - fromMinor),
    fromArr: money(fromMinor),
    toArr: money(toMinor),
  };
}

function groupJson(row: GroupRow, money: (minor: number) => number) {
  return {
    group: row.group,
    accounts: row.accounts,
    openingArr: money(row.openingMinor),
    closingArr: money(row.closingMinor),
    nrr: row.nrr,
    grr: row.grr,
  };
}
