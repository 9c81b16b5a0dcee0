import { describe, expect, it } from 'vitest';
import { buildAccount, catalogue, day, feature, type TestEvent } from '../../../test/build-account.ts';
import { known } from '../facts/view.ts';
import { plateau, relativeSlope, usageCliff, usageTrend } from './trend.ts';

const today = '2026-03-31';
const lastDay = day(today) - 1;
const oneFeature = catalogue({ features: [feature('report')] });

/** Volume `perWeek[i]` in the week ending i weeks before D, spread over its first days and `users` users. */
function weekly(perWeek: number[], users = 4): TestEvent[] {
  return perWeek.flatMap((volume, back) =>
    Array.from({ length: volume }, (_, i) => ({
      day: lastDay - 7 * back - (i % 7),
      user: `u${i % users}`,
      event: 'report',
    })),
  );
}

describe('usage trend (A5)', () => {
  it('compares adjacent windows of 28 days: 4,480 against 4,000 is +12 %, growing', () => {
    const events = Array.from({ length: 56 }, (_, i): TestEvent[] => {
      const each = i < 28 ? 160 : 4000 / 28;
      const total = i < 28 ? each : Math.floor(((i - 27) * 4000) / 28) - Math.floor(((i - 28) * 4000) / 28);
      return Array.from({ length: 4 }, (_, user) => ({
        day: lastDay - i,
        user: `u${user}`,
        event: 'report',
        count: Math.floor(total / 4) + (user < total % 4 ? 1 : 0),
      }));
    }).flat();
    const { view, workspace } = buildAccount({ today, catalogue: oneFeature, events });
    const trend = usageTrend(view, workspace);
    expect([trend.recent, trend.prior, trend.percent.value, trend.kind.value]).toEqual([4480, 4000, 12, 'growing']);
  });

  it('is dormant without any recent use and unknown with fewer than 20 events before', () => {
    const quiet = buildAccount({ today, catalogue: oneFeature, events: weekly([0, 0, 0, 0, 30]) });
    expect(usageTrend(quiet.view, quiet.workspace).kind.value).toBe('dormant');
    const thin = buildAccount({ today, catalogue: oneFeature, events: weekly([5, 0, 0, 0, 19]) });
    expect(usageTrend(thin.view, thin.workspace).kind).toEqual({
      value: undefined,
      reason: '19 of 20 events in the window before',
    });
  });

  it('uses whole weeks of what data there is, and none under 14 days', () => {
    const young = buildAccount({ today, created: '2026-03-17', catalogue: oneFeature, events: weekly([22, 20]) });
    expect(young.view.daysOfData).toBe(14);
    expect(usageTrend(young.view, young.workspace)).toMatchObject({
      windowDays: 7,
      recent: 22,
      prior: 20,
      percent: { value: 10 },
      kind: { value: 'stable' },
    });
    const newer = buildAccount({ today, created: '2026-03-18', catalogue: oneFeature, events: weekly([22]) });
    expect(usageTrend(newer.view, newer.workspace).kind.reason).toBe('13 of 14 days of data');
  });
});

describe('plateau (A5)', () => {
  it('takes the slope of eight weeks against their mean: .0357 / 100.375 = .0004', () => {
    expect(relativeSlope([100, 102, 99, 101, 100, 98, 102, 101])).toBe(0.0004);
  });

  it('needs flat weeks, nothing new and middling adoption; unknown adoption leaves it unknown', () => {
    const flat = buildAccount({ today, catalogue: oneFeature, events: weekly([101, 102, 98, 100, 101, 99, 102, 100]) });
    const of = (fresh: boolean, adoption: number | undefined) =>
      plateau(
        flat.view,
        flat.workspace,
        fresh,
        adoption === undefined ? { value: undefined, reason: 'why' } : known(adoption),
      ).detected;
    expect([
      of(false, 40),
      of(false, 85),
      of(false, 86),
      of(true, 60),
      of(false, undefined),
      of(true, undefined),
    ]).toEqual([true, true, false, false, undefined, false]);
    const rising = buildAccount({ today, catalogue: oneFeature, events: weekly([120, 110, 105, 100, 95, 90, 85, 80]) });
    expect(plateau(rising.view, rising.workspace, false, known(60)).detected).toBe(false);
  });
});

describe('cliff (A5)', () => {
  it('is a fall from 400 to 160 a week, -60 %, seen on two consecutive days', () => {
    const low = Array.from(
      { length: 8 },
      (_, i): TestEvent => ({ day: lastDay - i, user: `u${i % 4}`, event: 'report', count: i < 7 ? 20 : 20 }),
    );
    const base: TestEvent[] = Array.from({ length: 40 }, (_, i) => i + 8).flatMap((back) =>
      Array.from({ length: 4 }, (_, user) => ({
        day: lastDay - back,
        user: `u${user}`,
        event: 'report',
        count: [14, 14, 15, 14][user]!,
      })),
    );
    const { view, workspace } = buildAccount({ today, catalogue: oneFeature, events: [...low, ...base] });
    const cliff = usageCliff(view, workspace);
    expect(cliff.cliff).toBe(true);
    expect(cliff.recentWeekly).toBe(140);
    expect(cliff.dropPercent).toBeLessThanOrEqual(-60);
  });

  it('is not yet a cliff on the first day of a fall', () => {
    // A Monday of 343 events left the window on D: the fall shows on D alone.
    const events: TestEvent[] = [];
    for (let back = 0; back < 42; back++) {
      const volume = back === 7 ? 200 : back < 7 ? 10 : 40;
      for (let user = 0; user < 4; user++)
        events.push({
          day: lastDay - back,
          user: `u${user}`,
          event: 'report',
          count: volume / 4 > 50 ? 50 : Math.round(volume / 4),
        });
    }
    const { view, workspace } = buildAccount({ today, catalogue: oneFeature, events });
    const cliff = usageCliff(view, workspace);
    expect(cliff.dropPercent).toBeLessThanOrEqual(-50);
    expect(cliff.cliff).toBe(false);
  });

  it('does not judge a base of fewer than 20 events or fewer than three users', () => {
    const small = buildAccount({ today, catalogue: oneFeature, events: weekly([2, 19, 19, 19, 19, 19]) });
    expect(usageCliff(small.view, small.workspace).cliff).toBeUndefined();
    const pair = buildAccount({ today, catalogue: oneFeature, events: weekly([10, 100, 100, 100, 100, 100], 2) });
    expect(usageCliff(pair.view, pair.workspace).cliff).toBeUndefined();
  });

  it('is suppressed by three holidays in the week', () => {
    const events = weekly([10, 100, 100, 100, 100, 100]);
    const holidays = new Set([lastDay, lastDay - 1, lastDay - 2]);
    const { view, workspace } = buildAccount({
      today,
      catalogue: catalogue({ features: [feature('report')], holidays }),
      events,
    });
    expect(usageCliff(view, workspace)).toMatchObject({ cliff: false, dip: false, reason: '3 holidays in the week' });
  });
});
