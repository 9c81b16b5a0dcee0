import { describe, expect, it } from 'vitest';
import type { Feature } from '../catalogue/catalogue.ts';
import { catalogueWith, historyOf } from '../history/history.fixture.ts';
import type { Measures } from '../policy/measures.ts';
import { type ProfileInput, profileOf } from './profile.ts';

const START = 20_000;
const DAY_MS = 86_400_000;
const measures = { use: { relevantDays: 90 }, multiProduct: { adoptedWeeks: 3, ofWeeks: 4 } } as Measures;
const feature = (id: string, product: string): Feature => ({
  id,
  events: [id],
  core: true,
  advanced: false,
  product,
  plans: [],
  tags: [],
  prerequisites: [],
  neighbours: [],
});
const catalogue = catalogueWith({
  features: [feature('report', 'main'), feature('call', 'phone')],
  milestones: [{ id: 'first_value', event: 'report', count: 3, significance: 'major' }],
});

function profile(uses: [offset: number, event: string][], change: Partial<ProfileInput> = {}) {
  const events = uses.map(([offset, event]) => {
    const timestamp = (START + offset) * DAY_MS;
    return { timestamp, receivedAt: timestamp, userId: 'ana', event };
  });
  const used = change.catalogue ?? catalogue;
  return profileOf({
    account: { segment: 'smb' },
    startDay: START,
    lastDay: START + 299,
    contracts: [],
    history: historyOf(events, { start: START, end: START + 300, catalogue: used }),
    catalogue: used,
    measures,
    ...change,
  });
}

describe("an account's profile", () => {
  it('keeps the days on which the last 90 days held an active day, as a union of intervals', () => {
    expect(
      profile([
        [0, 'report'],
        [80, 'report'],
        [170, 'call'],
        [260, 'login'],
      ]).activeIntervals,
    ).toEqual([[START, START + 80 + 89 + 90]]);
    expect(
      profile([
        [0, 'report'],
        [91, 'report'],
      ]).activeIntervals,
    ).toEqual([
      [START, START + 89],
      [START + 91, START + 180],
    ]);
  });

  it('keeps the day each milestone was reached, and a product adopted on the day use showed in three of four weeks', () => {
    const { milestoneDays, adoptedProducts } = profile([
      [1, 'report'],
      [10, 'report'],
      [16, 'report'],
      [40, 'call'],
      [41, 'call'],
    ]);
    expect(milestoneDays).toEqual({ first_value: START + 16 });
    // weeks ending on day 16: 10-16 and -4-2 hold use, 3-9 does not; on day 17: 11-17, 4-10 and -3-3 do
    expect(adoptedProducts).toEqual({ main: START + 17 });
  });

  it('reads nothing after the last day but the plan of the next one', () => {
    const early = profile(
      [
        [1, 'report'],
        [2, 'report'],
        [10, 'report'],
      ],
      {
        lastDay: START + 9,
        contracts: [
          { from: START, contract: { planId: 'pro', paidInForce: false, trialInForce: true } },
          { from: START + 5, contract: { planId: 'pro', paidInForce: true, trialInForce: true } },
          { from: START + 8, contract: { planId: 'pro', paidInForce: true, trialInForce: false } },
          { from: START + 10, contract: { planId: undefined, paidInForce: false, trialInForce: false } },
          { from: START + 11, contract: { planId: 'team', paidInForce: true, trialInForce: false } },
        ],
      },
    );
    expect(early.milestoneDays).toEqual({});
    expect(early.activeIntervals).toEqual([[START + 1, START + 91]]);
    expect(early.plans).toEqual([
      [START, 'pro', true],
      [START + 5, 'pro', false],
      [START + 10, null, false],
    ]);
  });

  it('keeps feature intervals with the default catalogue alone, and survives JSON, whatever the event is called', () => {
    expect(profile([[0, 'report']])).not.toHaveProperty('featureIntervals');
    const defaulted = profile(
      [
        [0, '__proto__'],
        [3, 'report'],
        [3, 'login'],
      ],
      { catalogue: catalogueWith() },
    );
    expect(Object.entries(defaulted.featureIntervals!)).toEqual([
      ['__proto__', [[START, START + 89]]],
      ['report', [[START + 3, START + 92]]],
    ]);
    expect(JSON.stringify(JSON.parse(JSON.stringify(defaulted)))).toBe(JSON.stringify(defaulted));
  });
});
