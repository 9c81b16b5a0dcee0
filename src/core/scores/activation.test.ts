import { describe, expect, it } from 'vitest';
import {
  at,
  buildAccount,
  catalogue,
  day,
  feature,
  type TestAccount,
  type TestEvent,
} from '../../../test/build-account.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { contractOf } from '../facts/contract.ts';
import { activation } from './activation.ts';
import { firstDays } from './first-days.ts';
import { limitUse } from './limits.ts';
import { limitHalfUsed, trialSignals } from './trial-signals.ts';

const today = '2026-03-31';
const step = (id: string, required = true) => ({ id, event: id, required, dependsOn: [] });
const firstValue = { id: 'first_value', event: 'shared', count: 2, significance: 'major' as const };
const cat = (extra: Partial<Catalogue> = {}) =>
  catalogue({
    features: [feature('report'), feature('tip', { core: false, minutes: 5 })],
    setup: [step('connect'), step('invite')],
    milestones: [firstValue],
    ...extra,
  });

function read(events: TestEvent[], extra: Partial<TestAccount> = {}) {
  const { view, workspace } = buildAccount({ today, created: '2026-03-01', catalogue: cat(), events, ...extra });
  return activation(
    view,
    workspace,
    contractOf(view.subscriptions, view.today, workspace.clock),
    firstDays(view, workspace),
  );
}
const event = (name: string, on: string, user = 'u1', count = 1): TestEvent => ({ day: on, event: name, user, count });
const started = [
  event('login', '2026-03-02'),
  event('connect', '2026-03-03'),
  event('invite', '2026-03-04'),
  event('report', '2026-03-05'),
];

describe('activation score (A3)', () => {
  it('is 50 with login, setup and a core action, each with its day', () => {
    const result = read(started);
    expect(result.score.value).toBe(50);
    expect(result.parts.setupDone).toMatchObject({ state: 'achieved', day: day('2026-03-04') });
    expect(result.parts.firstCoreAction.day).toBe(day('2026-03-05'));
    expect(result.parts.firstValue.state).toBe('open');
  });

  it('is 30 of 80, 38, when no setup is tracked', () => {
    const result = read([started[0]!, started[3]!], { catalogue: cat({ setup: [] }) });
    expect(result.raw).toBe(37.5);
    expect(result.score.value).toBe(38);
    expect(result.parts.setupDone.state).toBe('untracked');
  });

  it('is unknown when less than 60 points are tracked', () => {
    const result = read(started, { catalogue: cat({ setup: [], milestones: [] }) });
    expect(result.trackedWeight).toBe(50);
    expect(result.score.reason).toBe(
      '50 of the 60 points of activation needed are tracked; not tracked: setupDone, firstValue',
    );
  });

  it('asks no second user of an account with one seat', () => {
    const seat = {
      subscriptionId: 's',
      plan: 'solo',
      status: 'active' as const,
      seats: 1,
      startedAt: at('2026-03-01'),
    };
    const result = read(started, { records: { subscriptions: [seat] } });
    expect(result.parts.secondActiveUser.state).toBe('notApplicable');
    expect(result.raw).toBe(62.5);
  });

  it('counts the second user on the day of their first value event, and does not track users without ids', () => {
    const second = [...started, event('report', '2026-03-09', 'u2')];
    expect(read(second).parts.secondActiveUser).toMatchObject({ state: 'achieved', day: day('2026-03-09') });
    const anonymous = started.map((each) => ({ ...each, user: null }));
    expect(read(anonymous).parts.secondActiveUser.state).toBe('untracked');
  });

  it('does not see what happens today', () => {
    expect(read([event('login', today)]).parts.firstLogin.state).toBe('open');
  });

  it('keeps what has happened and knows nothing else while the feed is silent', () => {
    const { view, workspace } = buildAccount({
      today,
      created: '2026-03-01',
      catalogue: cat(),
      events: [...started, event('shared', '2026-03-06', 'u1', 2)],
    });
    const silent = { ...view, usageGap: 'the event feed has been silent for 4 days' };
    const result = activation(
      silent,
      workspace,
      contractOf([], view.today, workspace.clock),
      firstDays(silent, workspace),
    );
    expect(result.milestone).toMatchObject({ reached: true, day: day('2026-03-06') });
    expect(result.score.reason).toBe('the event feed has been silent for 4 days');
    expect(result.quickWin.reached).toBeUndefined();
  });
});

describe('milestone', () => {
  it('is reached on the day its count is', () => {
    expect(read([event('shared', '2026-03-06'), event('shared', '2026-03-08')]).milestone).toMatchObject({
      reached: true,
      day: day('2026-03-08'),
    });
    expect(read([event('shared', '2026-03-06')]).milestone.reached).toBe(false);
  });

  it('is by default the third active day on which two or more features were used', () => {
    const defaults = cat({ milestones: [], milestonesDefaulted: true });
    const both = (on: string) => [event('report', on), event('tip', on)];
    const two = [...both('2026-03-05'), event('report', '2026-03-06'), ...both('2026-03-07')];
    expect(read(two, { catalogue: defaults }).milestone.reached).toBe(false);
    const result = read([...two, ...both('2026-03-20')], { catalogue: defaults });
    expect(result.milestone.day).toBe(day('2026-03-20'));
  });

  it('is unknown where the catalogue has milestones but no first_value', () => {
    const result = read(started, { catalogue: cat({ milestones: [{ ...firstValue, id: 'other' }] }) });
    expect(result.milestone).toMatchObject({
      reached: undefined,
      reason: 'the catalogue has no first_value milestone',
    });
  });
});

describe('aha', () => {
  const signals = { output: ['exported'], invite: ['invited'], integration: ['connected'] };
  const aha = (events: TestEvent[]) => read(events, { catalogue: cat({ signals }) }).aha.day;

  it('is three core uses or five outputs within 7 days', () => {
    expect(aha([event('report', '2026-03-02'), event('report', '2026-03-05'), event('report', '2026-03-08')])).toBe(
      day('2026-03-08'),
    );
    expect(
      aha([event('report', '2026-03-02'), event('report', '2026-03-05'), event('report', '2026-03-09')]),
    ).toBeUndefined();
    expect(aha([event('exported', '2026-03-02', 'u1', 5)])).toBe(day('2026-03-02'));
    expect(aha([event('exported', '2026-03-02', 'u1', 4)])).toBeUndefined();
  });

  it('is two invites within 14 days, or one integration', () => {
    expect(aha([event('invited', '2026-03-02'), event('invited', '2026-03-15')])).toBe(day('2026-03-15'));
    expect(aha([event('invited', '2026-03-02'), event('invited', '2026-03-16')])).toBeUndefined();
    expect(aha([event('connected', '2026-03-04')])).toBe(day('2026-03-04'));
  });
});

describe('activation complete', () => {
  it('needs 80 points and the aha moment', () => {
    const eighty = [...started, event('shared', '2026-03-06', 'u1', 2)];
    expect(read(eighty).score.value).toBe(80);
    expect(read(eighty).complete.value).toBe(false);
    expect(read([...eighty, event('report', '2026-03-06', 'u1', 2)]).complete.value).toBe(true);
  });

  it('is unknown while the score is, unless there was no aha moment', () => {
    const thin = cat({ setup: [], milestones: [] });
    expect(read([event('report', '2026-03-05', 'u1', 3)], { catalogue: thin }).complete.value).toBeUndefined();
    expect(read([event('report', '2026-03-05')], { catalogue: thin }).complete.value).toBe(false);
  });
});

describe('setup and quick win', () => {
  it('counts the required steps only', () => {
    const setup = [step('connect'), step('invite'), step('theme', false)];
    const result = read([event('connect', '2026-03-03'), event('theme', '2026-03-03')], { catalogue: cat({ setup }) });
    expect(result.setup.completion.value).toBe(50);
    expect(read([], { catalogue: cat({ setup: [step('theme', false)] }) }).setup.completion.reason).toBe(
      'the catalogue has no required setup step',
    );
  });

  it('is a feature of five minutes or less used once, unknown where there is none', () => {
    expect(read([event('tip', '2026-03-03')]).quickWin).toEqual({ reached: true, day: day('2026-03-03') });
    expect(read([event('report', '2026-03-03')]).quickWin.reached).toBe(false);
    expect(read([], { catalogue: cat({ features: [feature('report')] }) }).quickWin.reached).toBeUndefined();
  });
});

describe('trial signals (A10)', () => {
  const signals = { pricing_view: ['pricing'], billing_view: ['billing'], invite: ['invited'] };
  const meters = [{ id: 'api', event: 'call', amountProperty: null, unit: 'call', resets: 'month' as const }];
  const read = (events: TestEvent[], named: Catalogue['signals'] = signals) => {
    const { view, workspace } = buildAccount({
      today,
      created: '2026-03-01',
      catalogue: cat({ signals: named, meters }),
      events,
    });
    return trialSignals(view, workspace, limitHalfUsed(limitUse(view, workspace, { api: 10 }, undefined), workspace));
  };

  it('convert at two of pricing view, billing view, invite and a limit at half', () => {
    expect(read([event('pricing', '2026-03-10')])).toMatchObject({ count: { value: 1 }, converting: false });
    expect(read([event('pricing', '2026-03-10'), event('call', '2026-03-11', 'u1', 5)])).toMatchObject({
      count: { value: 2 },
      converting: true,
    });
    expect(read([event('pricing', '2026-03-10'), event('call', '2026-03-11', 'u1', 4)]).converting).toBe(false);
  });

  it('leave unknown what has no source', () => {
    const result = read([event('pricing', '2026-03-10')], { pricing_view: ['pricing'] });
    expect(result).toMatchObject({
      converting: undefined,
      reason: 'the catalogue names no event for billing_view, invite',
    });
  });
});
