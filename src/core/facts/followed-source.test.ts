import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildAccount, clock, day } from '../../../test/build-account.ts';
import { formatDay } from '../time/calendar.ts';
import { spanOn } from './plan-timeline.ts';

const FIRST = day('2026-01-01');
const DAYS = 60;
const instant = fc.integer({ min: 0, max: DAYS * 24 }).map((hours) => clock.instantOf(FIRST, hours));
const date = fc.integer({ min: 0, max: DAYS }).map((days) => FIRST + days);
const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined });

/** A subscription as an export holds it: often its last state alone. */
const subscription = fc.record({
  subscriptionId: fc.constantFrom('a', 'b'),
  startedAt: instant,
  effectiveAt: instant,
  status: fc.constantFrom('trialing' as const, 'active' as const, 'active' as const, 'canceled' as const),
  endedAt: maybe(date),
  trialEndsAt: maybe(date),
  extensions: maybe(fc.array(fc.record({ days: fc.integer({ min: 1, max: 9 }), grantedAt: date }), { maxLength: 2 })),
});

function sourceOf(rows: readonly (typeof subscription extends fc.Arbitrary<infer T> ? T : never)[]) {
  const subscriptions = rows.map((row) => ({
    ...Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)),
    plan: 'team',
    seats: 5,
    amountMinor: 10_000,
    currency: 'USD',
    interval: 'month' as const,
  }));
  return buildAccount({
    today: formatDay(FIRST + DAYS),
    created: formatDay(FIRST),
    records: { subscriptions: subscriptions as never },
  }).source;
}

describe('an account that is followed from day to day', () => {
  it('has on each day the contract and the subscriptions that one looked at for the first time has', () => {
    fc.assert(
      fc.property(fc.array(subscription, { minLength: 1, maxLength: 3 }), (rows) => {
        const followed = sourceOf(rows);
        for (let today = FIRST; today <= FIRST + DAYS; today++) {
          const at = clock.instantOf(today, 6);
          const fresh = sourceOf(rows);
          const contract = (source: typeof fresh) => spanOn(source.contractsAt(at), today)?.contract;
          expect(contract(followed), formatDay(today)).toEqual(contract(fresh));
          expect(followed.viewAt(at, today).subscriptions).toEqual(fresh.viewAt(at, today).subscriptions);
        }
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});
