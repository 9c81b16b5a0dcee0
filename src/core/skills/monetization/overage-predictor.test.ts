/** monetization/overage_predictor (skills.md B), with its worked examples. */
import { describe, expect, it } from 'vitest';
import { at, catalogue, day, type TestAccount, type TestEvent } from '../../../../test/build-account.ts';
import { runOn } from '../../../../test/skill-context.ts';
import type { Meter, Plan } from '../../catalogue/catalogue.ts';
import type { PastIntervention } from '../skill.ts';
import { type AlertState, alertFor, forecastOverage } from './overage-alerts.ts';
import { overagePredictor } from './overage-predictor.ts';

const rule = { alertsPerPeriod: 3, urgentDays: 3 };
const alert = (share: number, extra: Partial<AlertState> = {}) =>
  alertFor({ share, daysToLimit: undefined, toldLevel: 0, alertsSent: 0, ...extra }, rule);

describe('the forecast', () => {
  const base = { used: 8200, limit: 10_000, pace: 300, daysLeft: 10, price: 0.5, currency: 'USD' };

  it('is 11,200 by the end of the period, 1,200 above the limit, 600.00 at .50 each', () => {
    expect(forecastOverage(base)).toEqual({ projectedEnd: 11_200, projectedOverage: 1200, costMinor: 60_000 });
  });

  it('costs nothing within the limit, and an unknown amount without a price or a pace', () => {
    expect(forecastOverage({ ...base, pace: 100 })).toEqual({ projectedEnd: 9200, projectedOverage: 0, costMinor: 0 });
    expect(forecastOverage({ ...base, price: undefined }).costMinor).toBeUndefined();
    expect(forecastOverage({ ...base, pace: undefined }).projectedEnd).toBeUndefined();
    expect(forecastOverage({ ...base, pace: -50 }).projectedEnd).toBe(8200);
    expect(forecastOverage({ ...base, currency: 'JPY' }).costMinor).toBe(600);
  });
});

describe('an alert', () => {
  it('is that of the highest level reached, whatever was passed on the way', () => {
    const of = [0.4999, 0.5, 0.7, 0.8, 0.9, 1].map((share) => alert(share));
    expect(of.map(({ level, due, counted }) => [level, due, counted])).toEqual([
      [0, null, false],
      [50, 50, false],
      [70, 70, true],
      [80, 80, true],
      [90, 90, true],
      [100, 100, false],
    ]);
  });

  it('is given once', () => {
    expect(alert(0.85, { toldLevel: 80 }).due).toBeNull();
    expect(alert(0.91, { toldLevel: 80 }).due).toBe(90);
    expect(alert(1.4, { toldLevel: 100 }).due).toBeNull();
  });

  it('goes one e-mail level ahead with three days or fewer to the limit, and not beyond 90', () => {
    expect(alert(0.65, { daysToLimit: 3 })).toMatchObject({ level: 70, due: 70 });
    expect(alert(0.3, { daysToLimit: 1 }).due).toBe(70);
    expect(alert(0.72, { daysToLimit: 2 }).due).toBe(80);
    expect(alert(0.72, { daysToLimit: 4 }).due).toBe(70);
    expect(alert(0.93, { daysToLimit: 1 }).due).toBe(90);
    expect(alert(0.82, { daysToLimit: 2, toldLevel: 90 }).due).toBeNull(); // told early, and now there
  });

  it('hands over to the CSM once three alerts are out, as in the second example: 960 of 1,000 with two days left', () => {
    const second = alert(0.96, { daysToLimit: 2, toldLevel: 90, alertsSent: 3 });
    expect(second).toEqual({ level: 90, due: null, counted: false, handOver: true });
    expect(alert(0.91, { toldLevel: 80, alertsSent: 3 }).handOver).toBe(true);
    expect(alert(0.91, { toldLevel: 90, alertsSent: 3 }).handOver).toBe(false); // nothing new, nothing urgent
    expect(alert(1, { toldLevel: 90, alertsSent: 3 })).toMatchObject({ due: 100, counted: false, handOver: false });
  });
});

const calls: Meter = { id: 'calls', event: 'api_call', amountProperty: 'units', unit: 'call', resets: 'month' };
const plan = (id: string, limit: number | null, extra: Partial<Plan> = {}): Plan => ({
  id,
  product: 'main',
  flatMinor: 120_000,
  interval: 'year',
  currency: 'USD',
  minSeats: 1,
  limits: { calls: limit },
  features: [],
  overage: {},
  ...extra,
});

/** `used` in the period from 2026-03-11, of it `pace` a day in the last 14 days; the period ends on 2026-04-09. */
function account(used: number, pace: number, limit: number | null, extra: Partial<Plan> = {}): TestAccount {
  const event = (on: string | number, units: number): TestEvent => ({
    day: on,
    user: 'u1',
    event: 'api_call',
    properties: { units },
  });
  const events = [event('2026-03-12', used - 14 * pace)];
  for (let on = day('2026-03-17'); on <= day('2026-03-30'); on++) events.push(event(on, pace));
  return {
    today: '2026-03-31',
    created: '2025-12-10',
    events,
    catalogue: catalogue({
      meters: [calls],
      plans: [plan('pro', limit, { overage: { calls: 0.5 }, ...extra }), plan('scale', 20_000, { flatMinor: 240_000 })],
    }),
    records: {
      accounts: [{ name: 'Acme', createdAt: at('2025-12-10'), owners: { csm: 'Dana' } }],
      subscriptions: [
        { subscriptionId: 's', plan: 'pro', status: 'active', startedAt: at('2025-12-10'), amountMinor: 1, seats: 5 },
      ],
    },
  };
}

const told = (levels: [number, boolean][], date: string, extra: Partial<PastIntervention> = {}): PastIntervention => ({
  id: date,
  skill: 'monetization/overage_predictor',
  ruleId: 'expansion.near_limit',
  state: 'delivered',
  madeOn: day(date),
  doneAt: at(date),
  dismissedFor: undefined,
  result: { alerts: levels.map(([level, counted]) => ({ dimensionId: 'calls', level, counted })) },
  ...extra,
});

describe('a run', () => {
  it('is the first example: 8,200 of 10,000 at 300 a day cost 600 by the end of the period, level 80', () => {
    const { status, result, actions, markdown } = runOn(overagePredictor, account(8200, 300, 10_000));
    expect(status).toBe('ok');
    expect(result).toMatchObject({ alertLevel: 80, alertsSent: 0 });
    expect(result!.alerts).toEqual([{ dimensionId: 'calls', level: 80, counted: true }]);
    expect(result!.dimensions[0]).toMatchObject({
      usedPct: 82,
      daysLeft: 10,
      periodEnd: '2026-04-09',
      projectedEnd: 11_200,
      projectedOverage: 1200,
      projectedOverageCost: 600,
      currency: 'USD',
      daysToLimit: 6,
      limitDate: '2026-04-05',
    });
    expect(actions.map(({ ownerRole, dueDate, channel, heldBy }) => [ownerRole, dueDate, channel, heldBy])).toEqual([
      ['growth', '2026-03-31', 'email', []],
      ['growth', '2026-03-31', 'in_app', []],
      ['csm', '2026-04-01', 'task', []],
    ]);
    expect(actions[2]).toMatchObject({
      title: 'Go through the projected overage of 600 USD with the customer',
      owner: 'Dana',
    });
    expect(markdown).toContain('| calls | 300 | 2026-04-09 | 11,200 | 1,200 | 600 USD | 2026-04-05 |');
    expect(markdown).toContain('calls stays within its limit at 180 a day for 10 days, against 300 now.');
  });

  it('is the second example: with three alerts sent the CSM takes over on the same day, without a customer alert', () => {
    const past = [told([[70, true]], '2026-03-12'), told([[80, true]], '2026-03-16'), told([[90, true]], '2026-03-25')];
    const { result, actions } = runOn(overagePredictor, account(960, 20, 1000), { past });
    expect(result).toMatchObject({ alertLevel: 90, alertsSent: 3, alerts: [] });
    expect(result!.dimensions[0]!.daysToLimit).toBe(2);
    expect(
      actions.map(({ ownerRole, dueDate, channel, customerFacing }) => [ownerRole, dueDate, channel, customerFacing]),
    ).toEqual([['csm', '2026-03-31', 'task', false]]);
    expect(actions[0]!.title).toContain('3 alerts are out');
  });

  it('counts the alerts of this period only, that reached the customer or are on their way since before today', () => {
    const sent = (past: PastIntervention[]) => runOn(overagePredictor, account(960, 20, 1000), { past }).result!;
    expect(sent([told([[90, true]], '2026-03-09')])).toMatchObject({ alertsSent: 0, alerts: [{ level: 90 }] });
    expect(sent([told([[90, true]], '2026-03-20', { state: 'dismissed', doneAt: undefined })]).alerts).toHaveLength(1);
    expect(sent([told([[90, true]], '2026-03-20', { state: 'proposed', doneAt: undefined })]).alerts).toEqual([]);
    expect(sent([told([[90, true]], '2026-03-31', { state: 'proposed', doneAt: undefined })]).alerts).toHaveLength(1);
    expect(sent([told([[50, false]], '2026-03-20')])).toMatchObject({ alertsSent: 0, alerts: [{ level: 90 }] });
    expect(sent([told([[90, true]], '2026-03-20', { skill: 'other' })]).alerts).toHaveLength(1);
  });

  it('tells only us at 50, growth by e-mail at 70, and brings in the CSM at 90', () => {
    const channels = (used: number) =>
      runOn(overagePredictor, account(used, 1, 1000)).actions.map(
        ({ ownerRole, channel }) => `${ownerRole} ${channel}`,
      );
    expect(channels(499)).toEqual([]);
    expect(channels(550)).toEqual(['growth alert']);
    expect(channels(750)).toEqual(['growth email']);
    expect(channels(930)).toEqual(['growth email', 'growth in_app', 'csm task']);
    expect(channels(1000)).toEqual(['growth in_app', 'csm task']);
  });

  it('says nothing of an upgrade while an offer would be held, and names the plan once it is not', () => {
    const near = account(8200, 300, 10_000);
    const held = runOn(overagePredictor, near);
    expect(held.result!.upgradeHeldBy).toContain('money.unhealthy');
    expect(held.markdown).toContain('Upgrade: not spoken of now, held by money.after_activation, money.unhealthy.');
    expect(held.actions[0]!.title).not.toContain('scale');
    const reached = {
      ...near,
      catalogue: {
        ...near.catalogue!,
        milestones: [{ id: 'first_value', event: 'api_call', count: 1, significance: 'major' as const }],
      },
    };
    const free = runOn(overagePredictor, reached, { stage: 'trial' }); // no expansion gates in a trial
    expect(free.result!.upgradeHeldBy).toEqual([]);
    expect(free.actions[0]!.title).toBe(
      'Write that 8,200 of 10,000 calls are used; at this pace the limit is reached on 2026-04-05; the plan scale includes 20,000',
    );
    expect(free.markdown).toContain('Upgrade: Scale holds calls up to 20,000.');
  });

  it('is partial without an overage price, and asks no CSM about a cost it does not know', () => {
    const { status, dataGaps, result, actions } = runOn(overagePredictor, account(8200, 300, 10_000, { overage: {} }));
    expect([status, result!.dimensions[0]!.projectedOverageCost]).toEqual(['partial', null]);
    expect(dataGaps).toEqual([{ fact: 'overage price of calls', reason: 'no plan of pro in catalog.yaml gives one' }]);
    expect(actions.some(({ ownerRole }) => ownerRole === 'csm')).toBe(false);
  });

  it('does not ask the CSM about a cost of 500', () => {
    const cost = (pace: number) => runOn(overagePredictor, account(8200, pace, 10_000)).actions.length;
    expect([cost(280), cost(281)]).toEqual([2, 3]); // 500.00 and 505.00
  });

  it('has nothing to say of an unlimited dimension', () => {
    const { status, reasons, result, actions } = runOn(overagePredictor, account(8200, 300, null));
    expect([status, reasons, actions]).toEqual(['ok', ['no_limit_applies'], []]);
    expect(result).toMatchObject({ alertLevel: null, dimensions: [{ status: 'not_applicable', usedPct: null }] });
  });

  it('names the record that is missing', () => {
    const near = account(8200, 300, 10_000);
    const gap = (extra: Partial<TestAccount>) => runOn(overagePredictor, { ...near, ...extra }).dataGaps;
    expect(gap({ records: {} })).toEqual([{ fact: 'limits', reason: 'no subscription in force' }]);
    const late = runOn(overagePredictor, { ...near, coveredFrom: '2026-03-20' });
    expect([late.status, late.dataGaps]).toEqual([
      'insufficient_data',
      [{ fact: 'daily use of calls', reason: 'the period began before the data does' }],
    ]);
  });

  it('gives the last alert of the period to the fullest limit', () => {
    const near = account(8200, 1, 10_000);
    near.catalogue = { ...near.catalogue!, meters: [calls, { ...calls, id: 'more' }] };
    near.records!.subscriptions![0]!.limits = { calls: 10_000, more: 9000 };
    const past = [told([[70, true]], '2026-03-12'), told([[70, true]], '2026-03-13')];
    const { result, actions } = runOn(overagePredictor, near, { past });
    expect(result!.alerts).toEqual([{ dimensionId: 'more', level: 90, counted: true }]);
    expect(actions.filter(({ channel }) => channel === 'email')).toHaveLength(1);
    expect(actions.some(({ title }) => title.startsWith('Speak to the customer yourself: 8,200 of 10,000 calls'))).toBe(
      true,
    );
  });

  it('reads a limit that never resets over the next 30 days', () => {
    const gauge = account(820, 10, 1000);
    gauge.catalogue = { ...gauge.catalogue!, meters: [{ ...calls, resets: null }] };
    const { result } = runOn(overagePredictor, gauge);
    expect(result!.dimensions[0]).toMatchObject({ periodEnd: null, daysLeft: null, level: 80 });
    expect(result!.dimensions[0]!.projectedEnd).toBeGreaterThan(820);
  });

  it('shows names as they are, whatever is in them', () => {
    const id = '# <b>x</b> | [a](b)';
    const near = account(8200, 300, 10_000);
    near.catalogue = { ...near.catalogue!, meters: [{ ...calls, id, unit: '<i>|' }] };
    near.records!.subscriptions![0]!.limits = { [id]: 10_000 };
    const { markdown } = runOn(overagePredictor, near);
    expect(markdown).toContain('\\# \\<b\\>x\\</b\\> \\| \\[a\\](b)');
    expect(markdown).not.toContain('<b>');
  });
});
