/** Revenue from subscriptions, with hand-computed numbers; amounts in the records are minor units. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountRecords, at, clock, day } from '../../../test/build-account.ts';
import { contractOf } from '../facts/contract.ts';
import { planTimeline } from '../facts/plan-timeline.ts';
import type { SubscriptionRecord, Version } from '../records/record.ts';
import { addMonths, type Day } from '../time/calendar.ts';
import { arrSteps, type Exchange, minorInBook } from './arr.ts';
import { assumptionsOf } from './assumptions.ts';
import { type Movement, periodOf, yearTo } from './movements.ts';
import { type AccountRevenue, quarterOf, type ReportRequest, revenueReport } from './report.ts';
import { retention } from './retention.ts';
import type { Standing } from './standing.ts';

const USD: Exchange = { currency: 'USD', rates: {} };
const rates = { healthy: 0.9, neutral: 0.8, at_risk: 0.55, critical: 0.25 };
const today = day('2026-07-01');

type Subscription = Partial<Omit<SubscriptionRecord, 'startedAt'>> & {
  startedAt: string;
  effectiveAt?: string;
  receivedAt?: string;
};

/** A yearly contract of 1,200.00 USD unless it says otherwise. */
function versionsOf(rows: readonly Subscription[]): Version<SubscriptionRecord>[] {
  return rows
    .map(({ startedAt, effectiveAt, receivedAt, ...row }, i) => {
      const id = row.subscriptionId ?? `s${i}`;
      const effective = at(effectiveAt ?? startedAt);
      return {
        id,
        effectiveAt: effective,
        receivedAt: receivedAt === undefined ? effective : at(receivedAt),
        data: {
          accountId: 'acc',
          plan: 'pro',
          status: 'active' as const,
          amountMinor: 120_000,
          currency: 'USD',
          interval: 'year' as const,
          ...row,
          subscriptionId: id,
          startedAt: at(startedAt),
        },
      };
    })
    .sort((a, b) => a.effectiveAt - b.effectiveAt);
}

const quiet: Standing = {
  accountId: 'acc',
  books: new Map(),
  paused: new Map(),
  unknown: undefined,
  band: undefined,
  bandReason: 'not asked',
  signed: [],
  expansion: undefined,
};

function account(accountId: string, rows: readonly Subscription[], exchange = USD, segment = 'smb'): AccountRevenue {
  const now = clock.instantOf(today, 6);
  const spans = planTimeline(versionsOf(rows), day('2024-01-01'), today, now, clock, { currency: 'USD' });
  return { accountId, segment, steps: arrSteps(spans, exchange), standing: { ...quiet, accountId } };
}

function report(accounts: AccountRevenue[], extra: Partial<ReportRequest> = {}) {
  return revenueReport({
    accounts,
    period: periodOf(day('2026-01-01'), day('2026-06-30')),
    today,
    forecastTo: addMonths(today, 12),
    segment: null,
    cohort: null,
    exchange: USD,
    rates,
    renewals: [],
    testAccounts: 0,
    ...extra,
  });
}

/** `month kind amount` of every movement, in minor units. */
function movements(accounts: AccountRevenue[], extra: Partial<ReportRequest> = {}): string[] {
  return report(accounts, extra).books.flatMap((book) =>
    book.movements.map(({ month, kind, fromMinor, toMinor }) => `${month} ${kind} ${toMinor - fromMinor}`),
  );
}

describe('NRR and GRR', () => {
  it('are 99 % and 84 % for 60 to 75, 30 to 24, 10 to 0 (the worked example of A9)', () => {
    expect(
      retention([
        [60, 75],
        [30, 24],
        [10, 0],
      ]),
    ).toEqual({
      accounts: 3,
      startMinor: 100,
      endMinor: 99,
      keptMinor: 84,
      nrr: 0.99,
      grr: 0.84,
    });
  });

  it('do not apply where nothing was there at the start', () => {
    expect(retention([[0, 50]])).toMatchObject({ accounts: 0, nrr: null, grr: null });
  });

  it('count an account that left and came back as gone', () => {
    expect(
      retention([
        [100, 0, 100],
        [100, 100, 100],
      ]),
    ).toMatchObject({ nrr: 0.5, grr: 0.5 });
  });

  it('are those of the accounts of a segment and of a cohort', () => {
    const accounts = [
      account('a', [{ startedAt: '2025-02-10' }], USD, 'smb'),
      account('b', [{ startedAt: '2025-11-10', endedAt: day('2026-03-05') }], USD, 'enterprise'),
    ];
    const [book] = report(accounts).books;
    expect(book!.retention.nrr).toBe(0.5);
    expect(book!.segments.map(({ group, nrr }) => [group, nrr])).toEqual([
      ['enterprise', 0],
      ['smb', 1],
    ]);
    expect(book!.cohorts.map(({ group, grr }) => [group, grr])).toEqual([
      ['2025-Q1', 1],
      ['2025-Q4', 0],
    ]);
    for (const [cohort, wanted] of [
      ['2025', 0.5],
      ['2025-Q4', 0],
      ['2025-02', 1],
    ] as const)
      expect(report(accounts, { cohort }).books[0]!.retention.nrr, cohort).toBe(wanted);
  });
});

describe('ARR movements', () => {
  it('add up overlapping subscriptions of one account: 1,200 and 600 from March make an expansion of 600', () => {
    const rows = [{ startedAt: '2025-05-01' }, { startedAt: '2026-03-10', amountMinor: 60_000 }];
    expect(movements([account('a', rows)])).toEqual(['2026-03 expansion 60000']);
    const replaced = [{ startedAt: '2025-05-01', endedAt: day('2026-03-10') }, rows[1]!];
    expect(movements([account('a', replaced)])).toEqual(['2026-03 contraction -60000']);
  });

  it('count a change in the middle of a month in full in that month, and its undoing in the same month not at all', () => {
    const change = (amountMinor: number, effectiveAt: string): Subscription => ({
      subscriptionId: 's',
      startedAt: '2025-05-01',
      amountMinor,
      effectiveAt,
    });
    const raised = [change(120_000, '2025-05-01'), change(180_000, '2026-02-15')];
    expect(movements([account('a', raised)])).toEqual(['2026-02 expansion 60000']);
    expect(movements([account('a', [...raised, change(120_000, '2026-02-27')])])).toEqual([]);
  });

  it('make 100 a month and 1,200 a year the same ARR', () => {
    const yearly = account('a', [{ startedAt: '2026-02-01' }]);
    const monthly = account('b', [{ startedAt: '2026-02-01', interval: 'month', amountMinor: 10_000 }]);
    expect(movements([yearly, monthly])).toEqual(['2026-02 new 120000', '2026-02 new 120000']);
    const switched = [
      { subscriptionId: 's', startedAt: '2025-05-01', interval: 'month' as const, amountMinor: 10_000 },
      { subscriptionId: 's', startedAt: '2025-05-01', effectiveAt: '2026-04-01', amountMinor: 108_000 },
    ];
    expect(movements([account('c', switched)])).toEqual(['2026-04 contraction -12000']);
  });

  it('tell new, churn and reactivation apart, and churn on the day the contract ends', () => {
    const rows = [
      { startedAt: '2026-01-15', endedAt: day('2026-03-31') },
      { startedAt: '2026-05-20', amountMinor: 90_000 },
    ];
    expect(movements([account('a', rows)])).toEqual([
      '2026-01 new 120000',
      '2026-03 churn -120000',
      '2026-05 reactivation 90000',
    ]);
  });

  it('do not depend on the period for what is new: a customer of an earlier year returns', () => {
    const rows = [{ startedAt: '2024-02-01', endedAt: day('2025-02-01') }, { startedAt: '2026-02-01' }];
    expect(movements([account('a', rows)])).toEqual(['2026-02 reactivation 120000']);
  });

  it('see no gap where one contract follows another within a month', () => {
    const rows = [
      { startedAt: '2025-03-10', endedAt: day('2026-03-10') },
      { startedAt: '2026-03-20', amountMinor: 132_000 },
    ];
    expect(movements([account('a', rows)])).toEqual(['2026-03 expansion 12000']);
  });

  it('leave a credit note out and take a discount as a contraction', () => {
    const invoices = accountRecords({
      today: '2026-07-01',
      records: {
        invoices: [{ invoiceId: 'i', issuedAt: at('2026-03-01'), dueAt: day('2026-03-01'), amountMinor: -50_000 }],
      },
    }).invoices;
    expect(invoices[0]!.data.amountMinor).toBe(-50_000); // stands beside the contract, not in it
    const rows = [
      { subscriptionId: 's', startedAt: '2025-05-01' },
      { subscriptionId: 's', startedAt: '2025-05-01', effectiveAt: '2026-03-01', amountMinor: 100_000 },
    ];
    expect(movements([account('a', rows)])).toEqual(['2026-03 contraction -20000']);
  });

  it('keep the ARR of a paused contract and lose it when it is canceled', () => {
    const rows = [
      { subscriptionId: 's', startedAt: '2025-05-01' },
      { subscriptionId: 's', startedAt: '2025-05-01', effectiveAt: '2026-02-10', status: 'paused' as const },
      { subscriptionId: 's', startedAt: '2025-05-01', effectiveAt: '2026-05-10', status: 'canceled' as const },
    ];
    expect(movements([account('a', rows.slice(0, 2))])).toEqual([]);
    expect(movements([account('a', rows)])).toEqual(['2026-05 churn -120000']);
  });

  it('take a trial as nothing until it is paid for', () => {
    const rows = [
      { subscriptionId: 's', startedAt: '2026-01-05', status: 'trialing' as const, trialEndsAt: day('2026-02-05') },
      { subscriptionId: 's', startedAt: '2026-01-05', effectiveAt: '2026-02-05' },
    ];
    expect(movements([account('a', rows)])).toEqual(['2026-02 new 120000']);
  });

  it('wait for the start of a contract that was signed before it', () => {
    const rows = [{ startedAt: '2026-06-20', effectiveAt: '2026-02-01' }];
    expect(movements([account('a', rows)])).toEqual(['2026-06 new 120000']);
    expect(movements([account('a', [{ startedAt: '2026-08-01', effectiveAt: '2026-02-01' }])])).toEqual([]);
  });

  it('are cut to a period that begins and ends in the middle of a month', () => {
    const period = periodOf(day('2026-02-10'), day('2026-03-20'));
    expect(period.months.map(({ month, from, to }) => [month, to - from + 1])).toEqual([
      ['2026-02', 19],
      ['2026-03', 20],
    ]);
    const rows = [{ startedAt: '2026-02-09' }, { startedAt: '2026-03-20', amountMinor: 10_000 }];
    expect(movements([account('a', rows)], { period })).toEqual(['2026-03 expansion 10000']);
    expect(yearTo(day('2026-06-30')).from).toBe(day('2025-07-01'));
  });
});

describe('several currencies', () => {
  const rows = [
    { startedAt: '2025-05-01' },
    { startedAt: '2025-06-01', currency: 'EUR', amountMinor: 100_000 },
    { startedAt: '2025-06-01', currency: 'JPY', amountMinor: 30_000 },
  ];

  it('are reported apart without rates', () => {
    const result = report([account('a', rows)]);
    expect(result.books.map(({ currency, closingMinor }) => [currency, closingMinor])).toEqual([
      ['USD', 120_000],
      ['EUR', 100_000],
      ['JPY', 30_000],
    ]);
    expect(result.severalCurrencies).toEqual(['a']);
    expect(assumptionsOf(result).join(' ')).toContain('reported apart');
  });

  it('are converted only with the rates given, minor units of either size', () => {
    const exchange: Exchange = { currency: 'USD', rates: { EUR: 1.08, JPY: 0.0068 } };
    // 1,000.00 EUR = 1,080.00 USD; 30,000 JPY = 204.00 USD
    const result = report([account('a', rows, exchange)], { exchange });
    expect(result.books.map(({ currency, closingMinor }) => [currency, closingMinor])).toEqual([
      ['USD', 120_000 + 108_000 + 20_400],
    ]);
    expect(assumptionsOf(result).join(' ')).toContain('1 EUR = 1.08 USD, 1 JPY = 0.0068 USD');
    const partly: Exchange = { currency: 'USD', rates: { EUR: 1.08 } };
    expect(report([account('a', rows, partly)], { exchange: partly }).books.map((book) => book.currency)).toEqual([
      'USD',
      'JPY',
    ]);
  });

  it('round half up in decimals, not in binary fractions', () => {
    expect(minorInBook(10_000, 'EUR', { currency: 'USD', rates: { EUR: 1.00005 } })).toBe(10_001);
    expect(minorInBook(1, 'EUR', { currency: 'USD', rates: { EUR: 0.4 } })).toBe(0);
  });
});

describe('ARR that is not known', () => {
  it('leaves the account out with its reason, and is never counted as nothing', () => {
    const silent = account('a', [{ startedAt: '2025-05-01', amountMinor: 0 }]);
    const { amountMinor: _, ...noAmount } = versionsOf([{ startedAt: '2026-02-03' }])[0]!.data;
    const spans = planTimeline(
      [{ id: 's', effectiveAt: noAmount.startedAt, receivedAt: noAmount.startedAt, data: noAmount }],
      day('2024-01-01'),
      today,
      at('2026-07-01'),
      clock,
    );
    const unknown: AccountRevenue = { ...silent, accountId: 'b', steps: arrSteps(spans, USD) };
    const result = report([silent, unknown]);
    expect(result.excluded).toEqual([
      { accountId: 'b', day: day('2026-02-28'), reason: 'subscription s0 names no amount' },
    ]);
    expect([result.accounts, result.books[0]!.closingMinor]).toEqual([1, 0]);
  });
});

describe('the outlook', () => {
  const standing = (accountId: string, extra: Partial<Standing>): AccountRevenue => ({
    accountId,
    segment: null,
    steps: [],
    standing: { ...quiet, accountId, ...extra },
  });
  const accounts = [
    standing('a', {
      books: new Map([['USD', 100_000]]),
      band: 'healthy',
      signed: [{ book: 'USD', minor: 100_000, mustRenew: true }],
      expansion: { from: 'estimate', book: 'USD', fullMinor: 20_000, halfMinor: 10_000, reason: undefined },
    }),
    standing('b', {
      books: new Map([['USD', 60_000]]),
      paused: new Map([['USD', 60_000]]),
      band: 'at_risk',
      signed: [{ book: 'USD', minor: 60_000, mustRenew: false }],
    }),
    standing('c', { books: new Map([['USD', 40_000]]), band: 'critical', signed: [] }),
    standing('d', {
      expansion: { from: 'estimate', book: undefined, fullMinor: undefined, halfMinor: undefined, reason: 'no price' },
    }),
  ];

  it('sums ARR by health band, and what is at risk', () => {
    const { atRisk } = report(accounts).books[0]!;
    expect(atRisk).toMatchObject({ arrMinor: 200_000, atRiskMinor: 100_000, atRiskAccounts: 2, pausedMinor: 60_000 });
    expect(atRisk.bands.map(({ arrMinor }) => arrMinor)).toEqual([100_000, 0, 60_000, 40_000, 0]);
  });

  it('counts the pipeline of accounts that are clear to expand, and names those without a value', () => {
    const result = report(accounts);
    expect(result.books[0]!.pipeline).toEqual({
      accounts: [{ accountId: 'a', from: 'estimate', fullMinor: 20_000, halfMinor: 10_000 }],
      fullMinor: 20_000,
      halfMinor: 10_000,
    });
    expect(result.unpriced).toEqual([{ accountId: 'd', reason: 'no price' }]);
  });

  it('forecasts .9 x 1,000 + 600 that need not renew + 0 that ends, of 2,000: 75 %, 80 and 85 % with the pipeline', () => {
    const { forecast } = report(accounts).books[0]!;
    expect(forecast).toMatchObject({ startMinor: 200_000, signedMinor: 160_000, nrrSigned: 0.8 });
    expect(forecast.nrr).toEqual({ low: 0.75, high: 0.75 });
    expect(forecast.nrrWithHalfPipeline).toEqual({ low: 0.8, high: 0.8 });
    expect(forecast.nrrWithFullPipeline).toEqual({ low: 0.85, high: 0.85 });
  });

  it('goes by 30 own renewals of a band instead of the policy, and says so', () => {
    const past = (kept: number, i: number) => ({ subscriptionId: `s${i}`, day: today, kept, band: 'healthy' as const });
    const own = Array.from({ length: 30 }, (_, i) => past(i < 15 ? 1 : 0, i)); // 50 %
    const policy = report(accounts, { renewals: own.slice(1) });
    expect(policy.books[0]!.forecast.nrr).toEqual({ low: 0.75, high: 0.75 });
    expect(assumptionsOf(policy).join(' ')).toContain(
      "healthy 90 %, neutral 80 %, at risk 55 %, critical 25 %); the rates are the policy's: own history holds from 30 in a band on, and of own renewals at most 29 are known in a band",
    );
    const history = report(accounts, { renewals: own });
    // .5 x 1,000 + 600 that need not renew + 0 that ends, of 2,000
    expect(history.books[0]!.forecast.nrr).toEqual({ low: 0.55, high: 0.55 });
    expect(assumptionsOf(history).join(' ')).toContain(
      "healthy 50 % of 30 own renewals, neutral 80 %, at risk 55 %, critical 25 %); the other rates are the policy's",
    );
    expect(assumptionsOf(report(accounts)).join(' ')).toContain('no own renewal is known');
  });

  it('gives a range where a band is not known: .25 to .9', () => {
    const unknown = standing('e', {
      books: new Map([['USD', 100_000]]),
      signed: [{ book: 'USD', minor: 100_000, mustRenew: true }],
    });
    const { forecast } = report([unknown]).books[0]!;
    expect([forecast.nrr, forecast.unknownBandMinor]).toEqual([{ low: 0.25, high: 0.9 }, 100_000]);
  });

  it('knows a future-dated contract and a recorded end in the signed ARR', () => {
    const rows = versionsOf([
      { startedAt: '2025-09-01', endedAt: day('2026-09-01') },
      { startedAt: '2026-09-01', effectiveAt: '2026-06-15', amountMinor: 150_000, renewalDate: day('2028-09-01') },
    ]);
    const end = addMonths(today, 12);
    const [span] = planTimeline(rows, end, end, clock.instantOf(end + 1) - 1, clock);
    expect(span!.contract.paid.map(({ amountMinor }) => amountMinor)).toEqual([150_000]);
    expect(
      contractOf(
        rows.map(({ data }) => data),
        today,
        clock,
      ).arrMinor,
    ).toBe(120_000);
  });
});

/** Movements of the accounts that were there at the start, each up to its first churn. */
function changeOfCohort(all: readonly Movement[]): number {
  let change = 0;
  for (const own of Map.groupBy(all, ({ accountId }) => accountId).values()) {
    for (const { kind, fromMinor, toMinor } of own) {
      if (kind === 'new' || kind === 'reactivation') break;
      change += toMinor - fromMinor;
      if (kind === 'churn') break;
    }
  }
  return change;
}

describe('for any contracts', () => {
  const someDay = fc.integer({ min: day('2024-02-01'), max: day('2026-06-29') });
  const contracts = fc.array(
    fc.record({
      start: someDay,
      length: fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }),
      amountMinor: fc.integer({ min: 0, max: 1_000_000 }),
      interval: fc.constantFrom('month' as const, 'year' as const),
      currency: fc.constantFrom('USD', 'EUR'),
    }),
    { maxLength: 5 },
  );
  const portfolios = fc.array(contracts, { minLength: 1, maxLength: 6 });
  const built = (portfolio: typeof portfolios extends fc.Arbitrary<infer T> ? T : never, exchange: Exchange) =>
    portfolio.map((rows, i) =>
      account(
        `a${i}`,
        rows.map(({ start, length, ...row }) => ({
          ...row,
          startedAt: new Date(start * 86_400_000).toISOString().slice(0, 10),
          ...(length === undefined ? {} : { endedAt: start + length }),
        })),
        exchange,
      ),
    );
  const periods = fc
    .tuple(someDay, fc.integer({ min: 0, max: 500 }))
    .map(([from, length]) => periodOf(from, Math.min(from + length, today - 1)));

  it('the movements of consecutive months sum to the difference in ARR, in every book', () => {
    fc.assert(
      fc.property(portfolios, periods, fc.boolean(), (portfolio, period, converted) => {
        const exchange: Exchange = converted ? { currency: 'USD', rates: { EUR: 1.0837 } } : USD;
        for (const book of report(built(portfolio, exchange), { period, exchange }).books) {
          let at = book.openingMinor;
          for (const row of book.months) {
            expect(row.openingMinor).toBe(at);
            at += Object.values(row.movements).reduce((sum, minor) => sum + minor, 0);
            expect(row.closingMinor).toBe(at);
          }
          expect(book.closingMinor).toBe(at);
          expect(book.segments.reduce((sum, each) => sum + each.closingMinor, 0)).toBe(at);
          expect(book.cohorts.reduce((sum, each) => sum + each.closingMinor, 0)).toBe(at);
        }
      }),
      { numRuns: 150, seed: 7 },
    );
  });

  it('NRR and GRR follow from the movements of those who were there, up to their first churn', () => {
    fc.assert(
      fc.property(portfolios, periods, (portfolio, period) => {
        for (const book of report(built(portfolio, USD), { period }).books) {
          const { retention: r } = book;
          expect(r.keptMinor).toBeLessThanOrEqual(Math.min(r.startMinor, r.endMinor));
          if (r.nrr === null || r.grr === null) continue;
          expect(r.grr).toBeLessThanOrEqual(Math.min(1, r.nrr));
          const end = r.startMinor + changeOfCohort(book.movements);
          expect(end).toBe(r.endMinor);
        }
      }),
      { numRuns: 150, seed: 11 },
    );
  });
});

it('names quarters by their calendar', () => {
  expect(
    ['2025-01-01', '2025-03-31', '2025-12-31', '1969-12-31'].map((text): string => quarterOf(day(text) as Day)),
  ).toEqual(['2025-Q1', '2025-Q1', '2025-Q4', '1969-Q4']);
});
