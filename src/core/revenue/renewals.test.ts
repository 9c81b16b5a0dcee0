/** What became of terms that ended, and the renewal rates that follow; hand-computed. */
import { describe, expect, it } from 'vitest';
import { at, clock, day } from '../../../test/build-account.ts';
import { planTimeline } from '../facts/plan-timeline.ts';
import type { SubscriptionRecord } from '../records/record.ts';
import type { HealthBand } from '../scores/health.ts';
import { formatDay } from '../time/calendar.ts';
import { OWN_RENEWALS_AT_LEAST, type PastRenewal, renewalRates, termEnds } from './renewals.ts';

type Row = Partial<Omit<SubscriptionRecord, 'startedAt'>> & { startedAt: string; effectiveAt?: string };

const TODAY = day('2026-07-01');

/** A yearly contract of 1,200.00 USD from 2025-03-01, its next term from 2026-03-01. */
function ends(...rows: Partial<Row>[]): string[] {
  const versions = rows.map(({ startedAt = '2025-03-01', effectiveAt = startedAt, ...row }) => {
    const id = row.subscriptionId ?? 's';
    const data = {
      accountId: 'acc',
      plan: 'pro',
      status: 'active' as const,
      amountMinor: 120_000,
      currency: 'USD',
      interval: 'year' as const,
      renewalDate: day('2026-03-01'),
      ...row,
      subscriptionId: id,
      startedAt: at(startedAt),
    };
    return { id, effectiveAt: at(effectiveAt), receivedAt: at(effectiveAt), data };
  });
  const spans = planTimeline(versions, day('2025-01-01'), TODAY, clock.instantOf(TODAY, 6), clock, { currency: 'USD' });
  return termEnds(spans, TODAY).map((end) => `${formatDay(end.day)} ${end.kept}`);
}

const renewed = { effectiveAt: '2026-03-01', renewalDate: day('2027-03-01') };

describe('a term that ended', () => {
  it('is renewed by itself, by a later version, or early', () => {
    expect(ends({ autoRenew: true })).toEqual(['2026-03-01 1']);
    expect(ends({}, renewed)).toEqual(['2026-03-01 1']);
    expect(ends({}, { ...renewed, effectiveAt: '2026-02-10' })).toEqual(['2026-02-10 1']);
  });

  it('keeps the part that is paid afterwards: 900 of 1,200 is 75 %, and growth is 100 %', () => {
    expect(ends({}, { ...renewed, amountMinor: 90_000 })).toEqual(['2026-03-01 0.75']);
    expect(ends({}, { ...renewed, amountMinor: 150_000 })).toEqual(['2026-03-01 1']);
  });

  it('is lost where the contract ended, at its term or before', () => {
    expect(ends({ endedAt: day('2026-03-01') })).toEqual(['2026-03-01 0']);
    expect(ends({ endedAt: day('2025-11-15') })).toEqual(['2025-11-15 0']);
  });

  it('is kept in part where a smaller contract follows within 30 days: 600 of 1,200', () => {
    const next = { subscriptionId: 't', startedAt: '2026-03-20', amountMinor: 60_000, renewalDate: day('2027-03-20') };
    expect(ends({ endedAt: day('2026-03-01') }, next)).toEqual(['2026-03-01 0.5']);
    expect(ends({ endedAt: day('2026-03-01') }, { ...next, startedAt: '2026-04-20' })).toEqual(['2026-03-01 0']);
  });

  it('is none where a contract was exchanged within its term, or nothing but the price changed', () => {
    const larger = {
      subscriptionId: 't',
      startedAt: '2025-10-01',
      amountMinor: 200_000,
      renewalDate: day('2026-10-01'),
    };
    expect(ends({ endedAt: day('2025-10-01') }, larger)).toEqual([]);
    expect(ends({}, { effectiveAt: '2025-10-01', amountMinor: 130_000 })).toEqual([]);
  });

  it('is not decided while it is overdue or too recent, and has no meaning month to month', () => {
    expect(ends({})).toEqual([]); // in force beyond its renewal date, without a new term
    expect(ends({ renewalDate: day('2026-06-20'), endedAt: day('2026-06-20') })).toEqual([]);
    expect(ends({ interval: 'month', autoRenew: true, renewalDate: day('2025-04-01') })).toEqual([]);
    expect(ends({ amountMinor: 0, endedAt: day('2026-03-01') })).toEqual([]);
  });
});

describe('renewal rates', () => {
  const policy = { healthy: 0.9, neutral: 0.8, at_risk: 0.55, critical: 0.25 };
  const past = (band: HealthBand | undefined, count: number, kept: (i: number) => number): PastRenewal[] =>
    Array.from({ length: count }, (_, i) => ({ subscriptionId: `s${i}`, day: TODAY, kept: kept(i), band }));

  it('are those of own history from 30 renewals in a band on, else those of the policy', () => {
    const rates = renewalRates(
      [
        ...past('healthy', 30, (i) => (i < 27 ? 1 : 0.5)), // (27 + 3 x .5) / 30
        ...past('at_risk', 29, () => 0),
        ...past(undefined, 40, () => 0),
      ],
      policy,
    );
    expect(OWN_RENEWALS_AT_LEAST).toBe(30);
    expect(rates).toEqual({
      healthy: { rate: 0.95, from: 'own', renewals: 30 },
      neutral: { rate: 0.8, from: 'policy', renewals: 0 },
      at_risk: { rate: 0.55, from: 'policy', renewals: 29 },
      critical: { rate: 0.25, from: 'policy', renewals: 0 },
    });
  });
});
