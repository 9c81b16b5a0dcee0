/** customer_success/adoption_score (skills.md B), with its worked examples. */
import { describe, expect, it } from 'vitest';
import {
  at,
  buildAccount,
  catalogue,
  day,
  defaultPolicy,
  feature,
  type TestAccount,
  type TestEvent,
} from '../../../../test/build-account.ts';
import { runOn } from '../../../../test/skill-context.ts';
import { measureAccount } from '../../facts/measure-account.ts';
import { known, unknown } from '../../facts/view.ts';
import { isBusinessDay } from '../../time/calendar.ts';
import { adoptionScore, dropsSince, forecastOf, gainOfOneMore, tiersOf } from './adoption-score.ts';

const today = '2026-03-31';
const lastDay = day(today) - 1;
const curve = defaultPolicy().measures.adoption.breadth;

/** A4: R=10, 6 used; half of the advanced ones; 60 workflows, MAU 30; 6 of 15 power points; DAU 12; k .75. */
function workedExample(extra: Partial<TestAccount> = {}): TestAccount {
  const features = Array.from({ length: 10 }, (_, i) =>
    feature(`f${i}`, { advanced: [0, 1, 8, 9].includes(i), tags: [0, 1, 6, 7, 8].includes(i) ? ['api'] : [] }),
  );
  const events: TestEvent[] = [];
  let businessDays = 0;
  for (let d = lastDay - 34; d <= lastDay; d++) {
    if (!isBusinessDay(d, new Set())) continue;
    // 24 users a week, six of whom are replaced from week to week; 12 of them each business day
    const week = Math.floor((lastDay - d) / 7);
    for (let i = 0; i < 12; i++) {
      events.push({ day: d, user: `u${(6 * week + ((businessDays * 12 + i) % 24)) % 30}`, event: `f${i % 6}` });
    }
    businessDays++;
  }
  for (let i = 0; i < 60; i++) events.push({ day: lastDay - 3, user: 'u0', event: 'workflow' });
  return {
    today,
    created: '2026-01-01',
    catalogue: catalogue({ features, signals: { workflow: ['workflow'] } }),
    events,
    records: {
      subscriptions: [
        {
          subscriptionId: 's',
          plan: 'pro',
          status: 'active',
          seats: 40,
          startedAt: at('2026-01-01'),
          renewalDate: day('2027-01-01'),
        },
      ],
    },
    ...extra,
  };
}

const contacts = Array.from({ length: 5 }, (_, i) => ({ contactId: `c${i}`, createdAt: at('2026-03-11') }));
const unused: TestAccount = {
  today,
  created: '2026-03-11',
  catalogue: catalogue({ features: [feature('f')] }),
  records: { contacts },
};

/** The same account with events that ended three days before the last day. */
function staleEvents() {
  const { source, workspace, policy } = buildAccount(unused);
  workspace.coverage.eventsThrough = lastDay - 3;
  const on = day(today);
  return { measured: measureAccount(source, workspace.clock.instantOf(on, policy.runHour), on, workspace) };
}

describe('the calculation', () => {
  it('gains 2.5 points from the seventh of ten features, none once all are used, unknown without any', () => {
    expect(gainOfOneMore(6, 10, curve)).toBe(2.5);
    expect(gainOfOneMore(10, 10, curve)).toBe(0);
    expect(gainOfOneMore(0, 0, curve)).toBeUndefined();
  });

  it('puts users of 12 days among the power users, of 4 among the regular, of 1 among the casual, the rest inactive', () => {
    const p = { powerDays: 12, regularDays: 4 };
    expect(tiersOf([20, 12, 11, 4, 3, 1, 0], 9, p)).toEqual({ power: 2, regular: 2, casual: 2, inactive: 3 });
  });

  it('carries the change of the past days on, within 0 and 100', () => {
    expect([forecastOf(68.08, 60.4), forecastOf(90, 60), forecastOf(10, 40)]).toEqual([76, 100, 0]);
  });

  it('lists parts that fell by more than ten points, not by ten, nor unknown ones', () => {
    const parts = (breadth: number, depth: number) => ({
      breadth: known(breadth),
      depth: known(depth),
      frequency: unknown('no users'),
      stickiness: known(50),
    });
    expect(dropsSince(parts(59, 50), parts(70, 60), 10)).toEqual([{ part: 'breadth', from: 70, to: 59 }]);
    expect(dropsSince(parts(59, 50), undefined, 10)).toEqual([]);
  });
});

describe('a run', () => {
  it('gives the worked example: 68 from 70, 47.33, 70 and 85; one more feature gains 2.5', () => {
    const { status, result, actions, markdown } = runOn(adoptionScore, workedExample());
    expect(result).toMatchObject({
      adoptionScore: 68,
      breadth: 70,
      depth: 47,
      frequency: 70,
      stickiness: 85,
      usageDepth: 51,
      gainPoints: 2.5,
      windowFrom: '2026-03-01',
      windowTo: '2026-03-30',
      inAverages: true,
    });
    expect(result!.gaps.map(({ part, gainPoints }) => [part, gainPoints])).toEqual([
      ['depth', 8.17],
      ['breadth', 2.5],
      ['frequency', 2.5],
    ]);
    expect(result!.featureMatrix[9]).toEqual({
      featureId: 'f9',
      core: true,
      advanced: true,
      used: false,
      days: 0,
      users: 0,
      firstUse: null,
    });
    const { power, regular, casual, inactive } = result!.userTiers!;
    expect([power + regular + casual, inactive]).toEqual([30, 0]);
    expect(status).toBe('ok');
    expect(actions.map(({ ownerRole, dueDate, channel, heldBy }) => [ownerRole, dueDate, channel, heldBy])).toEqual([
      ['csm', '2026-04-07', 'task', []],
    ]);
    expect(actions[0]!.title).toBe(
      'Close the largest gap, depth at 47: 2 of 4 advanced features not used: f8, f9; features for power users without use: f6, f7, f8',
    );
    for (const line of [
      'Adoption is 68 and usage depth 51, measured from 2026-03-01 to 2026-03-30.',
      'One more of the 4 unused features, taken into use, adds 2.5 points to adoption.',
      '## Forecast',
    ]) {
      expect(markdown).toContain(line);
    }
  });

  it('is a known zero for five users without an event inside coverage', () => {
    const { status, result, dataGaps } = runOn(adoptionScore, unused);
    expect(result).toMatchObject({ adoptionScore: 0, breadth: 0, forecast30: null });
    expect(result!.userTiers).toEqual({ power: 0, regular: 0, casual: 0, inactive: 5 });
    expect(status).toBe('partial');
    expect(dataGaps.map(({ fact }) => fact)).toEqual(['depth', 'forecast']);
  });

  it('has too little data where the events end before the last day', () => {
    const { status, result, dataGaps } = runOn(adoptionScore, unused, staleEvents());
    expect([status, result]).toEqual(['insufficient_data', null]);
    expect(dataGaps).toEqual([{ fact: 'adoption_score', reason: 'events are covered up to 2026-03-27 only' }]);
  });

  it('alerts the CSM on the next business day where a part fell by more than ten points within a week', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const events: TestEvent[] = [];
    for (let d = lastDay - 60; d <= lastDay; d++) {
      for (const event of d <= lastDay - 32 ? names : ['a']) events.push({ day: d, user: 'u', event });
    }
    const { result, actions } = runOn(adoptionScore, {
      today,
      created: '2026-01-01',
      catalogue: catalogue({ features: names.map((name) => feature(name)) }),
      events,
    });
    expect(result!.drops).toEqual([{ part: 'breadth', from: 100, to: 30 }]);
    expect(actions[0]).toMatchObject({
      title: 'Adoption fell within 7 days: breadth from 100 to 30',
      ownerRole: 'csm',
      dueDate: '2026-04-01',
      channel: 'alert',
      customerFacing: false,
    });
  });

  it('refuses a test account', () => {
    const accounts = [{ name: 'Acme', createdAt: at('2026-03-11'), isTest: true }];
    const { status, reasons, result } = runOn(adoptionScore, { ...unused, records: { ...unused.records, accounts } });
    expect([status, reasons, result]).toEqual(['refused', ['test_account'], null]);
  });

  it('keeps a trial outside averages and says so', () => {
    const subscriptions = [
      {
        subscriptionId: 't',
        plan: 'pro',
        status: 'trialing' as const,
        startedAt: at('2026-03-11'),
        trialEndsAt: day('2026-04-30'),
      },
    ];
    const { reasons, result } = runOn(adoptionScore, { ...unused, records: { ...unused.records, subscriptions } });
    expect([reasons, result!.inAverages]).toEqual([['trial_outside_averages'], false]);
  });

  it('names the records that are missing: subscriptions for entitlements, userIds for tiers', () => {
    const { status, result, dataGaps } = runOn(adoptionScore, {
      ...workedExample(),
      kinds: ['accounts', 'events', 'contacts'],
      events: workedExample().events!.map((event) => ({ ...event, user: null })),
      records: {},
    });
    expect(status).toBe('insufficient_data');
    expect(result).toMatchObject({ adoptionScore: null, breadth: 70, userTiers: null });
    expect(dataGaps).toContainEqual({
      fact: 'entitlements',
      reason: 'no subscriptions imported (subscriptions): every catalogue feature counts as entitled',
    });
    expect(dataGaps).toContainEqual({ fact: 'user_tiers', reason: 'events carry no userId' });
  });

  it('leaves what people wrote inert', () => {
    const hostile = feature('# <b>x</b> | [a](b)');
    const { markdown } = runOn(adoptionScore, { ...unused, catalogue: catalogue({ features: [hostile] }) });
    expect(markdown).not.toMatch(/<b>|\[a\]\(b\)|x<\/b> \| /);
    expect(markdown).toContain('\\<b\\>x');
  });

  it('takes tiers and targets from its parameters, and refuses those out of range', () => {
    const { result } = runOn(adoptionScore, workedExample(), { parameters: { target: 50, powerDays: 30 } });
    expect(result!.gaps.map(({ part }) => part)).toEqual(['depth']);
    expect(result!.userTiers!.power).toBe(0);
    expect(adoptionScore.parameters.safeParse({ target: 101 }).success).toBe(false);
    expect(adoptionScore.parameters.safeParse({ targets: 50 }).success).toBe(false);
  });
});
