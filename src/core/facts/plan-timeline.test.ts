import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clock, day } from '../../../test/build-account.ts';
import type { SubscriptionRecord, Version } from '../records/record.ts';
import { planTimeline, timelineStretch } from './plan-timeline.ts';

const FIRST = day('2026-01-01');
const LAST = FIRST + 60;
const HOUR = 3_600_000;
const instant = fc.integer({ min: 0, max: 50 * 24 }).map((hours) => clock.instantOf(FIRST) + hours * HOUR);
const date = fc.integer({ min: 0, max: 70 }).map((days) => FIRST + days);
const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined });

const version = fc.record({
  id: fc.constantFrom('a', 'b'),
  effectiveAt: instant,
  lateHours: fc.option(fc.integer({ min: 0, max: 300 }), { nil: 0 }),
  status: fc.constantFrom('trialing', 'active', 'canceled', 'paused'),
  startedAt: instant,
  endedAt: maybe(date),
  trialEndsAt: maybe(date),
  renewalDate: maybe(date),
  plan: fc.constantFrom('team', 'growth'),
});

type Row = typeof version extends fc.Arbitrary<infer T> ? T : never;

function versionOf({ id, effectiveAt, lateHours, ...data }: Row) {
  const known = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
  const record = { subscriptionId: id, accountId: 'acc', interval: 'month', autoRenew: true, ...known };
  return { id, effectiveAt, receivedAt: effectiveAt + lateHours * HOUR, data: record as unknown as SubscriptionRecord };
}

const timelineAt = (versions: Version<SubscriptionRecord>[], at: number) =>
  planTimeline(versions, FIRST, LAST, at, clock, { currency: 'USD' });

describe('the stretch of time in which a timeline stays', () => {
  it('leaves nothing out: from its beginning to its end the contract of every day stays', () => {
    fc.assert(
      fc.property(fc.array(version, { minLength: 1, maxLength: 5 }), instant, (rows, at) => {
        const versions = rows.map(versionOf);
        versions.sort((a, b) => a.effectiveAt - b.effectiveAt || a.receivedAt - b.receivedAt);
        const stretch = timelineStretch(versions, at);
        fc.pre(stretch !== undefined);
        const from = Math.max(stretch.from, clock.instantOf(FIRST) - HOUR);
        const last = Math.min(stretch.until - 1, clock.instantOf(LAST + 1));
        expect(timelineAt(versions, at)).toEqual(timelineAt(versions, from));
        expect(timelineAt(versions, at)).toEqual(timelineAt(versions, last));
      }),
      { seed: 3, numRuns: 400 },
    );
  });

  it('is not known for a trial that only its end tells of', () => {
    const told = { subscriptionId: 's', accountId: 'acc', startedAt: 0, trialEndsAt: FIRST + 14, plan: 'team' };
    const of = (status: SubscriptionRecord['status'], effectiveAt: number): Version<SubscriptionRecord> => ({
      id: 's',
      effectiveAt,
      receivedAt: effectiveAt,
      data: { ...told, status },
    });
    expect(timelineStretch([of('active', 5)], 7)).toBeUndefined();
    expect(timelineStretch([of('trialing', 5), of('active', 9)], 7)).toMatchObject({ from: 5, until: 9 });
    expect(timelineStretch([of('trialing', 5), of('active', 9)], 4)).toMatchObject({ from: 0, until: 5 });
  });
});
