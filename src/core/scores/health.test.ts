import { describe, expect, it } from 'vitest';
import { buildAccount, catalogue, day, feature, type TestEvent } from '../../../test/build-account.ts';
import { known, unknown } from '../facts/view.ts';
import type { Adoption } from './adoption.ts';
import { bandOf, cappedBand, engagement, type Health, type HealthInputs, health } from './health.ts';
import type { PartScore } from './number.ts';
import { expansionGates, expansionValue, readiness } from './readiness.ts';
import type { ChurnSignal } from './signals.ts';
import type { Trend } from './trend.ts';

const today = '2026-03-31';
const lastDay = day(today) - 1;

const score = (value: number | undefined, reason = 'no source'): PartScore =>
  value === undefined ? { score: undefined, reason, coverage: 0, parts: {} } : { score: value, coverage: 1, parts: {} };

const trend = (percent: number): Trend => ({
  kind: known('growing'),
  percent: known(percent),
  windowDays: 28,
  recent: 0,
  prior: 0,
});

const adoption = (raw: number | undefined): Adoption =>
  ({
    raw,
    score: raw === undefined ? unknown('no provisioned users') : known(Math.round(raw)),
    breadth: known(70),
    depth: known(47.33),
    frequency: known(70),
    stickiness: known(85),
    coreUsed: known(3),
  }) as unknown as Adoption;

/** 43 of 90 days active, the account of the worked example. */
function example(outcomes: number | undefined = 73) {
  const events: TestEvent[] = Array.from({ length: 43 }, (_, i) => ({ day: lastDay - i * 2, user: 'u', event: 'f' }));
  const { view, workspace } = buildAccount({ today, catalogue: catalogue({ features: [feature('f')] }), events });
  const inputs: HealthInputs = {
    adoption: adoption(68.0833),
    trend: trend(12),
    meetings: score(75),
    support: score(90),
    relationship: score(79),
    outcomes: score(outcomes),
    commercial: score(77),
    signals: [],
  };
  return { view, workspace, inputs };
}

const signal = (severity: ChurnSignal['severity']): ChurnSignal => ({
  id: 'x',
  severity,
  since: undefined,
  detail: 'x',
  evidence: [],
});

describe('health (A7)', () => {
  it('computes engagement 86.33 from 43 active days, T 12, meetings 3 of 4 and one old ticket', () => {
    const { view, workspace, inputs } = example();
    expect(engagement(view, workspace, inputs).score).toBeCloseTo(86.33, 2);
  });

  it('weighs the five dimensions to 76.46, published 76, neutral', () => {
    const { view, workspace, inputs } = example();
    const result = health(view, workspace, inputs);
    expect(result.raw).toBeCloseTo(76.46, 2);
    expect([result.score.value, result.band.value, result.coverage, result.confidence]).toEqual([
      76,
      'neutral',
      1,
      'high',
    ]);
  });

  it('reweighs the known dimensions to 77 at coverage .85 when outcomes are unknown', () => {
    const { view, workspace, inputs } = example(undefined);
    const result = health(view, workspace, { ...inputs, outcomes: score(undefined) });
    expect([result.score.value, result.coverage, result.confidence]).toEqual([77, 0.85, 'medium']);
  });

  it('is unknown without adoption, with its reason', () => {
    const { view, workspace, inputs } = example();
    const result = health(view, workspace, { ...inputs, adoption: adoption(undefined) });
    expect(result.score).toEqual({ value: undefined, reason: 'adoption unknown: no provisioned users' });
  });

  it('bands at 80, 60 and 40, capped by critical and high signals, never raised by them', () => {
    const bands = { healthy: 80, neutral: 60, at_risk: 40 };
    expect([80, 79, 60, 59, 40, 39].map((value) => bandOf(value, bands))).toEqual([
      'healthy',
      'neutral',
      'neutral',
      'at_risk',
      'at_risk',
      'critical',
    ]);
    expect(cappedBand('healthy', [signal('high')])).toBe('neutral');
    expect(cappedBand('healthy', [signal('high'), signal('critical')])).toBe('at_risk');
    expect(cappedBand('critical', [signal('critical')])).toBe('critical');
    expect(cappedBand('healthy', [signal('medium')])).toBe('healthy');
  });

  it('treats a dormant account as zero trend, not as unknown', () => {
    const { view, workspace, inputs } = example();
    const dormant: Trend = { kind: known('dormant'), percent: unknown('no use'), windowDays: 28, recent: 0, prior: 50 };
    expect(engagement(view, workspace, { ...inputs, trend: dormant }).parts.trend).toMatchObject({ value: 0 });
  });
});

describe('readiness (A8)', () => {
  const role = (state: 'active' | 'identified' | 'none') => ({ state, contactId: 'c' });
  function ready(overrides: { sentiment?: number | undefined; count?: number } = {}) {
    const { view, workspace, inputs } = example();
    const result: Health = health(view, workspace, inputs);
    const people = {
      persons: [],
      departures: [],
      onLeave: [],
      roles: {
        champion: role('active'),
        executive_sponsor: role('identified'),
        decision_maker: role('none'),
        primary_contact: role('none'),
      },
    };
    const limited = { meters: [{ status: 'limited' }], highestShare: known(0.82) };
    return readiness({
      workspace,
      adoption: inputs.adoption,
      seats: { utilisation: known(0.75) } as never,
      limits: limited as never,
      health: result,
      sentiment: 'sentiment' in overrides ? unknown('no surveys imported') : known(82.5),
      people: people as never,
      organic: { signals: [], count: overrides.count ?? 2, newUseCase: false },
    });
  }

  it('adds 25.71 + 17.95 + 16.5 + 10 to 70.16, published 70, which is not above 70', () => {
    const result = ready();
    expect(40 * result.usage.score!).toBeCloseTo(25.71, 2);
    expect(25 * result.engagement.score!).toBeCloseTo(17.95, 2);
    expect(result.score).toEqual({ value: 70 });
  });

  it('counts at most three signals and is unknown without sentiment', () => {
    expect(ready({ count: 5 }).score.value).toBe(75);
    expect(ready({ sentiment: undefined }).score.reason).toBe('sentiment: no surveys imported');
  });

  it('prices 38 active of 40 seats at 500 as 6 seats: 3,000 and 1,500', () => {
    const { workspace } = example();
    const plan = {
      id: 'pro',
      product: 'main',
      perSeatMinor: 50_000,
      interval: 'year',
      currency: 'USD',
      minSeats: 1,
      limits: {},
      features: [],
      overage: {},
    } as const;
    const value = expansionValue(workspace, { licensed: 40, active: known(38) } as never, plan as never);
    expect([value.seats, value.fullMinor.value, value.halfMinor.value]).toEqual([6, 300_000, 150_000]);
    const paid = expansionValue(workspace, { licensed: 125, active: known(100) } as never, plan as never);
    expect(paid.fullMinor.value).toBe(0);
    expect(
      expansionValue(workspace, { licensed: 40, active: known(38) } as never, undefined).fullMinor.value,
    ).toBeUndefined();
  });

  it('passes no gate on a low-confidence score and leaves unknown gates unknown', () => {
    const { view, workspace, inputs } = example();
    const thin = health(view, workspace, {
      ...inputs,
      relationship: score(undefined),
      outcomes: score(undefined),
      commercial: score(undefined),
    });
    const people = {
      roles: { executive_sponsor: { state: undefined, reason: 'no contacts imported', contactId: undefined } },
    };
    const gates = expansionGates({
      workspace,
      seats: { sustained30: true, utilisation: known(0.75), lowest30: 0.7 } as never,
      health: thin,
      signals: [],
      people: people as never,
      adoption: inputs.adoption,
      organic: { signals: [], count: 2, newUseCase: false },
      holds: [],
    });
    expect(Object.fromEntries(gates.map((gate) => [gate.id, gate.met]))).toEqual({
      seat_utilisation: true,
      health_score: undefined,
      health_band: undefined,
      churn_signals: true,
      relationship: undefined,
      outcomes: undefined,
      sponsor: undefined,
      core_features: true,
      organic_signals: true,
      holds: true,
    });
  });
});
