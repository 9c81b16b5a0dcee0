import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogueWith } from '../history/history.fixture.ts';
import type { Measures } from '../policy/measures.ts';
import { type Day, firstDayOfMonth } from '../time/calendar.ts';
import type { AccountProfile } from './profile.ts';
import { buildWorkspaceContext } from './workspace.ts';

const measures = { use: { relevantShare: 0.1 }, peers: { accountsAtLeast: 10 } } as Measures;
const MARCH = firstDayOfMonth(674);
const TODAY = MARCH + 14;

function account(change: Partial<AccountProfile> = {}): AccountProfile {
  return {
    segment: 'smb',
    isTest: false,
    startDay: MARCH - 100,
    plans: [[MARCH - 100, 'pro', false]],
    milestoneDays: { first_value: MARCH - 80 },
    adoptedProducts: {},
    activeIntervals: [],
    ...change,
  };
}
const accounts = (count: number, change: (i: number) => Partial<AccountProfile> = () => ({})) =>
  Array.from({ length: count }, (_, i) => account(change(i)));
const contextOf = (profiles: AccountProfile[]) => buildWorkspaceContext(profiles, catalogueWith(), measures);
const median = (profiles: AccountProfile[], day: Day = TODAY) =>
  contextOf(profiles).peerMedian(day, 'smb', 'pro', 'first_value');
const attach = (profiles: AccountProfile[]) => contextOf(profiles).peerAttach(TODAY, 'smb', 'pro', 'phone');

describe('peers of an account', () => {
  it('answer with the median days from start to milestone, from ten that reached it on', () => {
    expect(median(accounts(10, (i) => ({ milestoneDays: { first_value: MARCH - 100 + i } })))).toBe(4.5);
    expect(median(accounts(9))).toBeUndefined();
    expect(median([...accounts(9), account({ milestoneDays: {} })])).toBeUndefined();
    expect(median([...accounts(10), ...accounts(5, () => ({ milestoneDays: {} }))])).toBe(20);
  });

  it('are neither trials nor tests nor of another segment or plan', () => {
    const others: Partial<AccountProfile>[] = [
      { isTest: true },
      { plans: [[MARCH - 100, 'pro', true]] },
      { plans: [[MARCH - 100, 'team', false]] },
      {
        plans: [
          [MARCH - 100, 'pro', false],
          [MARCH - 1, null, false],
        ],
      },
      { plans: [] },
      { segment: 'enterprise' },
      { segment: null },
    ];
    for (const other of others) expect(median([...accounts(9), account(other)])).toBeUndefined();
    expect(contextOf(accounts(10)).peerMedian(TODAY, undefined, 'pro', 'first_value')).toBeUndefined();
    expect(contextOf(accounts(10)).peerMedian(TODAY, 'smb', undefined, 'first_value')).toBeUndefined();
    expect(contextOf(accounts(10)).peerMedian(TODAY, 'smb', 'pro', 'never_heard_of')).toBeUndefined();
  });

  it('are compared as of the first of the month: what happens within the month changes nothing until the next', () => {
    const upgradesInMarch = account({
      plans: [
        [MARCH - 100, 'team', false],
        [MARCH + 1, 'pro', false],
      ],
    });
    expect(median([...accounts(9), upgradesInMarch], MARCH + 30)).toBeUndefined();
    expect(median([...accounts(9), upgradesInMarch], MARCH + 31)).toBe(20);
    const reachesInMarch = account({ milestoneDays: { first_value: MARCH } });
    expect(median([...accounts(9), reachesInMarch], MARCH + 30)).toBeUndefined();
    expect(median([...accounts(9), reachesInMarch], MARCH + 31)).toBe(20);
  });

  it('count use from before the start as reached on the first day', () => {
    expect(median(accounts(10, () => ({ milestoneDays: { first_value: MARCH - 200 } })))).toBe(0);
  });

  it('tell which share of them adopted a product, and nothing when they are fewer than ten', () => {
    const adopter = { adoptedProducts: { phone: MARCH - 1 } };
    expect(attach(accounts(12, (i) => (i < 3 ? adopter : {})))).toBe(0.25);
    expect(attach(accounts(12, () => ({ adoptedProducts: { phone: MARCH } })))).toBe(0);
    expect(attach(accounts(9, () => adopter))).toBeUndefined();
  });
});

const intervals = fc
  .uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 4 })
  .map((cuts) => cuts.sort((a, b) => a - b))
  .map((cuts) => Array.from({ length: cuts.length >> 1 }, (_, i): [Day, Day] => [cuts[2 * i]!, cuts[2 * i + 1]!]));

describe('the relevant features of a workspace without catalogue', () => {
  it('are those that a tenth of the accounts active then had used, on any day', () => {
    const profile = fc
      .record({ all: intervals, a: intervals, b: intervals, isTest: fc.boolean() })
      .map(({ all, a, b, isTest }) =>
        account({ isTest, activeIntervals: all, featureIntervals: { a: within(a, all), b: within(b, all) } }),
      );
    fc.assert(
      fc.property(fc.array(profile, { maxLength: 25 }), (profiles) => {
        const context = contextOf(profiles);
        for (let day = -1; day <= 61; day++) {
          const holds = (list: [Day, Day][]) => list.some(([from, to]) => from <= day && day <= to);
          const active = profiles.filter((each) => !each.isTest && holds(each.activeIntervals));
          const expected = ['a', 'b'].filter((id) => {
            const using = active.filter((each) => holds(each.featureIntervals![id]!)).length;
            return using > 0 && using * 10 >= active.length;
          });
          expect([...context.relevantFeatures(day)]).toEqual(expected);
        }
      }),
      { seed: 8, numRuns: 100 },
    );
  });

  it('are none where the catalogue names features, and the same object while they do not change', () => {
    const used = account({ activeIntervals: [[0, 90]], featureIntervals: { a: [[0, 90]] } });
    const catalogue = catalogueWith({ features: [] });
    expect(buildWorkspaceContext([used], catalogue, measures).relevantFeatures(5).size).toBe(0);
    const context = contextOf([used]);
    expect(context.relevantFeatures(6)).toBe(context.relevantFeatures(5));
    expect(context.relevantFeatures(6)).toEqual(new Set(['a']));
  });
});

function within(part: [Day, Day][], all: [Day, Day][]): [Day, Day][] {
  return part.flatMap(([from, to]) =>
    all.flatMap(([start, end]): [Day, Day][] => {
      const overlap: [Day, Day] = [Math.max(from, start), Math.min(to, end)];
      return overlap[0] <= overlap[1] ? [overlap] : [];
    }),
  );
}

describe('the fingerprint of a workspace', () => {
  const used = (to: Day) =>
    account({ activeIntervals: [[TODAY - 200, to]], featureIntervals: { a: [[TODAY - 200, to]] } });

  it('changes with an answer a decision of today may have used, and with nothing else', () => {
    const of = (profiles: AccountProfile[]) => contextOf(profiles).fingerprint(TODAY);
    const base = [...accounts(10), used(TODAY + 20)];
    expect(of(base)).toBe(of([...base].reverse()));
    expect(of([...accounts(10), used(TODAY + 21)])).toBe(of(base));
    expect(of([...accounts(10), used(TODAY - 2)])).not.toBe(of(base));
    expect(of([...accounts(9), account({ adoptedProducts: { phone: MARCH - 1 } }), used(TODAY + 20)])).not.toBe(
      of(base),
    );
    expect(of([...accounts(10, () => ({ milestoneDays: { first_value: MARCH - 70 } })), used(TODAY + 20)])).not.toBe(
      of(base),
    );
  });
});
