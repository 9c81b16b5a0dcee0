import { describe, expect, it } from 'vitest';
import { at, buildAccount, catalogue, day, feature, type TestEvent } from '../../../test/build-account.ts';
import type { AccountView, Workspace } from '../facts/view.ts';
import { isBusinessDay } from '../time/calendar.ts';
import { adoption as adoptionOf, featuresUsed, provisionedUsers, relevantFeatures } from './adoption.ts';

const today = '2026-03-31';
const lastDay = day(today) - 1;
const NONE = new Set<string>();

function adoption(view: AccountView, workspace: Workspace, plans: ReadonlySet<string>) {
  const used = featuresUsed(view, workspace, relevantFeatures(view, workspace, plans), plans);
  return adoptionOf(view, workspace, used, provisionedUsers(view, workspace));
}

describe('adoption (A4)', () => {
  /** R=10, 6 used; half of the advanced ones; 60 workflows by 30 users; 6 of 15 power points; DAU 12 of MAU 30. */
  function example() {
    const features = Array.from({ length: 10 }, (_, i) =>
      // f0..f3 are advanced (f0, f1 used); f0, f1, f6, f7, f8 are worth 3 power points each (f0, f1 used: 6 of 15)
      feature(`f${i}`, {
        advanced: i === 0 || i === 1 || i === 8 || i === 9,
        tags: [0, 1, 6, 7, 8].includes(i) ? ['api'] : [],
      }),
    );
    const used = ['f0', 'f1', 'f2', 'f3', 'f4', 'f5'];
    const events: TestEvent[] = [];
    let businessDays = 0;
    for (let d = lastDay - 29; d <= lastDay; d++) {
      if (!isBusinessDay(d, new Set())) continue;
      // 12 users each business day, in turn, so that all 30 are seen
      for (let i = 0; i < 12; i++)
        events.push({ day: d, user: `u${(businessDays * 12 + i) % 30}`, event: used[i % 6]! });
      businessDays++;
    }
    for (let i = 0; i < 60; i++) events.push({ day: lastDay - 3, user: 'u0', event: 'workflow' });
    return buildAccount({
      today,
      created: '2026-01-01',
      catalogue: catalogue({ features, signals: { workflow: ['workflow'] } }),
      events,
    });
  }

  it('computes breadth 70, depth 47.33 and frequency 70 of the worked example', () => {
    const { view, workspace } = example();
    const result = adoption(view, workspace, NONE);
    expect(result.relevant.filter((use) => use.used)).toHaveLength(6);
    expect(result.monthlyActiveUsers.value).toBe(30);
    expect(result.breadth.value).toBeCloseTo(70, 9);
    expect(result.depth.value).toBeCloseTo(47.3333, 3);
    expect(result.frequency.value).toBeCloseTo(70, 9);
    expect(result.usageDepth.value).toBe(51);
  });

  it('puts stickiness .75 at 85 points', () => {
    // Four of four week pairs: 4 users before, 3 of them back.
    const events: TestEvent[] = [];
    for (let week = 0; week < 5; week++)
      for (let user = 0; user < 4; user++)
        events.push({ day: lastDay - 7 * week, user: `w${(user + week) % 5}`, event: 'f' });
    const { view, workspace } = buildAccount({
      today,
      created: '2026-01-01',
      catalogue: catalogue({ features: [feature('f')] }),
      events,
    });
    expect(adoption(view, workspace, NONE).stickiness.value).toBeCloseTo(85, 9);
  });

  it('is a known zero for provisioned users without an event inside coverage', () => {
    const contacts = Array.from({ length: 5 }, (_, i) => ({ contactId: `c${i}`, createdAt: at('2026-03-01') }));
    const { view, workspace } = buildAccount({
      today,
      created: '2026-03-11',
      catalogue: catalogue({ features: [feature('f')] }),
      records: { contacts },
    });
    expect(view.daysOfData).toBe(20);
    expect(adoption(view, workspace, NONE).score).toEqual({ value: 0 });
  });

  it('is unknown without provisioned users, under 7 days of data, and while the feed is silent', () => {
    const f = catalogue({ features: [feature('f')] });
    const nobody = buildAccount({ today, catalogue: f, kinds: ['accounts', 'events'] });
    expect(adoption(nobody.view, nobody.workspace, NONE).score.reason).toContain('no provisioned users');
    const young = buildAccount({
      today,
      created: '2026-03-25',
      catalogue: f,
      events: [{ day: lastDay, user: 'u', event: 'f' }],
    });
    expect(adoption(young.view, young.workspace, NONE).score.reason).toBe('6 of 7 days of data');
  });

  it('counts a feature as used from its second day on, and only entitled features as relevant', () => {
    const features = [
      feature('core'),
      feature('enterprise', { plans: ['enterprise'] }),
      feature('extra', { core: false, tags: ['speed'] }),
    ];
    const goals = [{ goalId: 'g', title: 'Be faster', createdAt: at('2026-01-01'), tags: ['speed'] }];
    const events: TestEvent[] = [
      { day: lastDay, user: 'u', event: 'core' },
      { day: lastDay, user: 'u', event: 'extra' },
      { day: lastDay - 1, user: 'u', event: 'extra' },
    ];
    const { view, workspace } = buildAccount({ today, catalogue: catalogue({ features }), events, records: { goals } });
    const result = adoption(view, workspace, new Set(['pro']));
    expect(result.relevant.map((use) => [use.feature.id, use.used])).toEqual([
      ['core', false],
      ['extra', true],
    ]);
  });
});
