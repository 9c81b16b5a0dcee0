/** monetization/consumption_analyzer (skills.md B), with its worked examples. */
import { describe, expect, it } from 'vitest';
import { at, catalogue, day, defaultPolicy, type TestAccount, type TestEvent } from '../../../../test/build-account.ts';
import { runOn } from '../../../../test/skill-context.ts';
import type { Meter } from '../../catalogue/catalogue.ts';
import { consumptionAnalyzer } from './consumption-analyzer.ts';
import { findAnomalies, forecastUse, meterTrend, peakWeekday, recommendUse } from './consumption-patterns.ts';

const LAST = day('2026-03-30'); // a Monday
const flat = (days: number, amount = 100): number[] => Array.from({ length: days }, () => amount);
const rule = { windowDays: 28, knownDays: 21, horizonDays: 30 };
const anomalyRule = { deviations: 3, offPct: 20, flatOffPct: 50, securityFactor: 3, sameWeekdays: 4 };
const { trend } = defaultPolicy().measures;

describe('the calculations', () => {
  it('forecast 3,000 (3,000-3,000) without a trend from 56 days of 100, healthy at .6667', () => {
    expect(meterTrend(flat(56), trend).percent.value).toBe(0);
    expect(forecastUse(flat(56), LAST, rule).value).toEqual({ sum: 3000, low: 3000, high: 3000 });
    expect(recommendUse({ share: 0.6667, highest: undefined, projected: undefined }, 0.6, 0.8)).toBe('healthy');
  });

  it('leave the forecast unknown with 15 of 28 days', () => {
    const days = [...Array<undefined>(13), ...flat(15)];
    expect(forecastUse(days, LAST, rule)).toEqual({
      value: undefined,
      reason: '15 of 28 days known, 21 needed for a forecast',
    });
    expect(meterTrend(days, trend).percent.value).toBe(0);
  });

  it('do not take a missing day for zero', () => {
    const days: (number | undefined)[] = flat(56);
    for (const back of [3, 10, 20]) days[56 - back] = undefined;
    expect(forecastUse(days, LAST, rule).value).toEqual({ sum: 3000, low: 3000, high: 3000 });
    expect(findAnomalies(days, LAST, anomalyRule)).toEqual([]);
    expect(meterTrend(days, trend).percent).toEqual({ value: undefined, reason: '53 of 56 days known' });
    const noSundays = flat(28).map((amount, i) => (i % 7 === 5 ? undefined : amount));
    const reason = 'no known sunday in 28 days'; // 24 days are known, none of them a Sunday
    expect(forecastUse(noSundays, LAST, rule)).toEqual({ value: undefined, reason });
  });

  it('spread the forecast by the residual deviation, and never below zero', () => {
    // Each weekday alternates 0 and 200: mean 100, 28 residuals of 100, 21 degrees of freedom.
    const days = flat(28).map((_, i) => (Math.floor(i / 7) % 2 === 0 ? 0 : 200));
    const half = 1.96 * Math.sqrt((28 * 100 ** 2) / 21) * Math.sqrt(30);
    const { sum, low, high } = forecastUse(days, LAST, rule).value!;
    expect([sum, low, high]).toEqual([
      3000,
      Math.round((3000 - half) * 100) / 100,
      Math.round((3000 + half) * 100) / 100,
    ]);
    const rare = flat(28).map((_, i) => (i === 0 ? 1000 : 0));
    expect(forecastUse(rare, LAST, rule).value!.low).toBe(0);
  });

  it('tell growing, dormant and too little use apart', () => {
    expect(meterTrend([...flat(28, 10), ...flat(28, 12)], trend)).toEqual({
      kind: { value: 'growing' },
      percent: { value: 20 },
    });
    expect(meterTrend([...flat(28), ...flat(28, 0)], trend).kind.value).toBe('dormant');
    expect(meterTrend([...flat(28, 0.5), ...flat(28)], trend).kind.reason).toBe('14 of 20 units in the window before');
    expect(meterTrend(flat(13), trend).kind.reason).toBe('13 of 14 days of data');
  });

  it('find a peak weekday from 1.3 times the mean', () => {
    const monday = (amount: number) => flat(28).map((each, i) => (i % 7 === 6 ? amount : each));
    expect(peakWeekday(monday(137), LAST, 1.3)).toBe('monday'); // 137 / 105.29 = 1.3012
    expect(peakWeekday(monday(136), LAST, 1.3)).toBeUndefined();
    expect(peakWeekday(flat(28, 0), LAST, 1.3)).toBeUndefined();
  });

  it('find spikes and drops against the weekday: 20 % off where it scatters, 50 % where it never varies', () => {
    const last = (amount: number, base = flat(56)) => findAnomalies([...base.slice(0, 55), amount], LAST, anomalyRule);
    expect(last(149)).toEqual([]);
    expect(last(150)).toEqual([
      { date: '2026-03-30', used: 150, expected: 100, offPct: 50, direction: 'spike', security: false },
    ]);
    expect(last(301)[0]).toMatchObject({ offPct: 201, security: true });
    expect(last(300)[0]).toMatchObject({ security: false });
    expect(last(40)[0]).toMatchObject({ direction: 'drop', security: false });
    const scattered = flat(56).map((_, i) => (Math.floor(i / 7) % 2 === 0 ? 99 : 101));
    expect(last(119, scattered)).toEqual([]); // 19 %, however far in deviations
    expect(last(121, scattered)).toHaveLength(1);
    expect(findAnomalies([...flat(20), 900], LAST, anomalyRule)).toEqual([]); // three Mondays judge nothing
  });

  it('see a spike on a weekday that is never used', () => {
    const weekdays = flat(56).map((amount, i) => (i % 7 === 5 || i % 7 === 4 ? 0 : amount));
    const with301 = weekdays.map((amount, i) => (i === 54 ? 301 : amount));
    expect(findAnomalies(with301, LAST, anomalyRule)).toMatchObject([
      { date: '2026-03-29', expected: 0, offPct: null, security: true },
    ]);
    expect(
      findAnomalies(
        weekdays.map((amount, i) => (i === 54 ? 50 : amount)),
        LAST,
        anomalyRule,
      ),
    ).toEqual([]);
  });

  it('recommend by the share of the limit', () => {
    const of = (share: number, highest?: number, projected?: number) =>
      recommendUse({ share, highest, projected }, 0.6, 0.8);
    expect([of(0.8), of(0.79), of(0.6)]).toEqual(['overage_predictor', 'healthy', 'healthy']);
    expect(of(0.3, 0.59, 0.5)).toBe('right_size');
    expect([of(0.3, 0.6, 0.5), of(0.3, undefined, 0.5), of(0.3, 0.59, 0.6)]).toEqual(Array(3).fill('monitor'));
  });
});

const calls: Meter = { id: 'calls', event: 'api_call', amountProperty: 'units', unit: 'call', resets: 'month' };

function use(from: string, to: string, units: number | ((on: number) => number)): TestEvent[] {
  const events: TestEvent[] = [];
  for (let on = day(from); on <= day(to); on++) {
    const amount = typeof units === 'number' ? units : units(on);
    events.push({ day: on, user: 'u1', event: 'api_call', properties: { units: amount } });
  }
  return events;
}

function account(
  extra: Partial<TestAccount> = {},
  limits: Record<string, number | null> = { calls: 3000 },
): TestAccount {
  return {
    today: '2026-03-31',
    created: '2025-12-11',
    catalogue: catalogue({ meters: [calls] }),
    events: use('2025-12-11', '2026-03-30', 100),
    records: {
      subscriptions: [
        { subscriptionId: 's', plan: 'pro', status: 'active', startedAt: at('2025-12-11'), limits, seats: 5 },
      ],
    },
    ...extra,
  };
}

describe('a run', () => {
  it('is the first example: 2,000 of 3,000 since the 11th, no trend, 3,000 ahead, healthy', () => {
    const { status, result, actions, markdown } = runOn(consumptionAnalyzer, account());
    expect(status).toBe('ok');
    expect(result!.dimensions).toEqual([
      {
        id: 'calls',
        unit: 'call',
        status: 'limited',
        used: 2000,
        limit: 3000,
        utilisation: 0.6667,
        trend: 'stable',
        trendPct: 0,
        forecast30: 3000,
        low: 3000,
        high: 3000,
        peakWeekday: null,
        anomalies: [],
        recommendation: 'healthy',
      },
    ]);
    expect([result!.recommendation, actions]).toEqual(['healthy', []]);
    expect(markdown).toContain('| calls | 2,000 | call | 3,000 | 66.7 % |');
    expect(markdown).toContain('| calls | 3,000 | 3,000 | 3,000 |');
  });

  it('is the second example: 15 days of data make it partial, the utilisation stays', () => {
    const young = account({ created: '2026-03-16', events: use('2026-03-16', '2026-03-30', 100) });
    young.records!.subscriptions![0]!.startedAt = at('2026-03-16');
    const { status, dataGaps, confidence, result } = runOn(consumptionAnalyzer, young);
    expect([status, confidence]).toEqual(['partial', 'medium']);
    expect(dataGaps).toEqual([{ fact: 'forecast of calls', reason: '15 of 28 days known, 21 needed for a forecast' }]);
    expect(result!.dimensions[0]).toMatchObject({ used: 1500, utilisation: 0.5, forecast30: null, low: null });
  });

  it('asks the CSM to look into a spike the next business day, with a word on misuse', () => {
    const spiky = account({ events: use('2025-12-11', '2026-03-30', (on) => (on === day('2026-03-28') ? 900 : 100)) });
    const { actions, markdown, result } = runOn(consumptionAnalyzer, spiky);
    expect(actions).toMatchObject([
      { ownerRole: 'csm', dueDate: '2026-04-01', channel: 'task', customerFacing: false, heldBy: [] },
    ]);
    expect(actions[0]!.title).toBe('Look into the spike of calls on 2026-03-28: 900 instead of 100; rule out misuse');
    expect(markdown).toContain('| 2026-03-28 | calls | 900 | 100 | spike, +800 % | rule out misuse |');
    expect(result!.dimensions[0]!.anomalies).toHaveLength(1);
    const old = account({ events: use('2025-12-11', '2026-03-30', (on) => (on === day('2026-03-20') ? 900 : 100)) });
    expect(runOn(consumptionAnalyzer, old).actions).toEqual([]);
  });

  it('has limits reviewed that stayed below 60 % for 60 days', () => {
    const large = runOn(consumptionAnalyzer, account({}, { calls: 10_000 }));
    expect(large.result!.recommendation).toBe('right_size');
    expect(large.actions).toMatchObject([{ ownerRole: 'csm', dueDate: '2026-04-07', evidence: ['s'] }]);
    // 31 x 100 of 5,000 was 62 % at the end of a period within the 60 days.
    expect(runOn(consumptionAnalyzer, account({}, { calls: 5000 })).result!.recommendation).toBe('monitor');
  });

  it('leaves warnings to the overage predictor', () => {
    const { result, actions, markdown } = runOn(consumptionAnalyzer, account({}, { calls: 2100 }));
    expect([result!.recommendation, actions]).toEqual(['overage_predictor', []]);
    expect(markdown).toContain('Calls at 95.2 %: the overage predictor says when the limit is reached.');
  });

  it('reads unlimited, excluded and unnamed meters, and names those it cannot read', () => {
    const meters = [calls, { ...calls, id: 'bytes' }, { ...calls, id: 'free' }];
    const several = account({ catalogue: catalogue({ meters }) }, { calls: null, bytes: 0, gone: 5 });
    const { status, result, dataGaps } = runOn(consumptionAnalyzer, several);
    expect(result!.dimensions.map((each) => [each.id, each.status, each.used, each.utilisation])).toEqual([
      ['calls', 'unlimited', 2000, null],
      ['bytes', 'not_entitled', 2000, null],
      ['gone', 'unknown', null, null],
      ['free', 'unlisted', 2000, null],
    ]);
    expect([status, dataGaps]).toEqual([
      'partial',
      [{ fact: 'use of gone', reason: "no meter 'gone' in the catalogue" }],
    ]);
  });

  it('says what is missing without events, subscriptions or limits', () => {
    const gap = (extra: Partial<TestAccount>, limits?: Record<string, number>) => {
      const { status, dataGaps } = runOn(consumptionAnalyzer, account(extra, limits));
      return [status, dataGaps[0]];
    };
    expect(gap({ records: { subscriptions: [] } })).toEqual([
      'insufficient_data',
      { fact: 'limits', reason: 'no subscription in force' },
    ]);
    expect(gap({}, {})).toEqual([
      'insufficient_data',
      { fact: 'limits', reason: 'no subscription and no plan in catalog.yaml names a limit' },
    ]);
    expect(gap({ kinds: ['events', 'accounts'], records: {} })[1]).toEqual({
      fact: 'limits',
      reason: 'no subscriptions imported',
    });
  });

  it('shows names of meters as they are, whatever is in them', () => {
    const id = '# <b>x</b> | [a](b)';
    const hostile = account({ catalogue: catalogue({ meters: [{ ...calls, id, unit: '<i>|' }] }) }, { [id]: 3000 });
    const { markdown } = runOn(consumptionAnalyzer, hostile);
    expect(markdown).toContain('| \\# \\<b\\>x\\</b\\> \\| \\[a\\](b) | 2,000 | \\<i\\>\\| | 3,000 |');
    expect(markdown).not.toContain('<b>');
  });
});
