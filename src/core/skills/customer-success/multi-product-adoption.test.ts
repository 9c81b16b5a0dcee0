/** customer_success/multi_product_adoption (skills.md B), with its worked examples; the calculation's own are beside it. */
import { describe, expect, it } from 'vitest';
import { at, catalogue, day, feature, type TestAccount, type TestEvent } from '../../../../test/build-account.ts';
import { type ContextExtra, runOn, skillContext } from '../../../../test/skill-context.ts';
import type { Plan } from '../../catalogue/catalogue.ts';
import { productPrice } from '../../facts/product-use.ts';
import type { Gate } from '../../scores/readiness.ts';
import type { PastIntervention } from '../skill.ts';
import { multiProductAdoption } from './multi-product-adoption.ts';

const today = '2026-03-31';
const lastDay = day(today) - 1;

const plan = (id: string, product: string, extra: Partial<Plan> = {}): Plan => ({
  id,
  product,
  perSeatMinor: 120_000,
  interval: 'year',
  currency: 'USD',
  minSeats: 1,
  limits: {},
  features: [],
  overage: {},
  ...extra,
});
const cat = catalogue({
  features: [
    feature('fa', { product: 'a' }),
    feature('fb', { product: 'b' }),
    feature('fc', { product: 'c' }),
    feature('fd', { product: 'd', tags: ['ops'], neighbours: ['fa'] }),
  ],
  products: [
    { id: 'a', name: 'Analytics' },
    { id: 'b', name: 'Boards' },
    { id: 'c', name: 'Chat' },
    { id: 'd', name: 'Desk' },
  ],
  plans: [plan('desk', 'd'), plan('desk_big', 'd', { perSeatMinor: 200_000 })],
  signals: { workflow: ['flow'] },
});
const events: TestEvent[] = [];
for (let d = lastDay - 27; d <= lastDay; d++) {
  events.push({ day: d, user: 'u1', event: 'fa' });
  if (d > lastDay - 21) events.push({ day: d, user: 'u1', event: 'fb' }); // 3 of 4 weeks
}
events.push({ day: lastDay - 5, user: 'u1', event: 'flow', properties: { products: ['a', 'partner'] } });

const owned = (product: string, extra: object = {}) => ({
  subscriptionId: `s_${product}`,
  plan: `plan_${product}`,
  product,
  status: 'active' as const,
  seats: product === 'a' ? 10 : 7,
  amountMinor: product === 'a' ? 900_000 : 100_000,
  interval: 'year' as const,
  currency: 'USD',
  startedAt: at('2026-01-05'),
  renewalDate: day('2027-01-05'),
  ...extra,
});
const account: TestAccount = {
  today,
  created: '2026-01-05',
  catalogue: cat,
  events,
  records: {
    subscriptions: ['a', 'b', 'c'].map((product) => owned(product)),
    goals: [
      { goalId: 'g1', title: 'Fewer tickets', createdAt: at('2026-02-01'), tags: ['ops'] },
      { goalId: 'g2', title: 'More sales', createdAt: at('2026-02-01'), tags: ['sales'] },
    ],
    notes: [
      {
        noteId: 'n',
        at: at('2026-03-10'),
        text: 'Do you have a desk?',
        author: 'customer',
        tags: ['feature_request:d'],
      },
    ],
  },
};

/** A run with the expansion gates as given; none given: all met. */
function run(gates: Gate[] = [], from: TestAccount = account, extra: ContextExtra<never> = {}) {
  const { measured } = skillContext(multiProductAdoption, from);
  const fixed = { ...measured, gates, conversation: { ...measured.conversation, gates, milestoneReached: true } };
  return runOn(multiProductAdoption, from, { measured: fixed, ...extra });
}
const healthGate: Gate = { id: 'health_score', met: false, detail: 'health 64, needs 70' };

describe('a run', () => {
  it('gives the worked example: 100, 50 and 0 are 50 overall; Desk fits at 75 for 12,000 or 6,000 a year', () => {
    const { status, reasons, result, dataGaps, actions, markdown } = run();
    expect(result!.products.map(({ productId, level, score }) => [productId, level, score])).toEqual([
      ['a', 'integrated', 100],
      ['b', 'adopted', 50],
      ['c', 'entitled', 0],
    ]);
    expect(result).toMatchObject({
      overallScore: 50,
      integrationScore: 0,
      crossSell: [
        { productId: 'd', name: 'Desk', fit: 75, annualValue100: 12_000, annualValue50: 6_000, currency: 'USD' },
      ],
      offeredProductId: 'd',
      foldedIntoRenewal: null,
      holds: [],
    });
    // peers are unknown
    expect([status, reasons]).toEqual(['partial', []]);
    expect(dataGaps).toEqual([
      { fact: 'peer_attach', reason: 'fewer than 10 peers (accounts of the segment and plan), for d' },
    ]);
    expect(
      actions.map(({ title, ownerRole, dueDate, channel, heldBy }) => [title, ownerRole, dueDate, channel, heldBy]),
    ).toEqual([
      ['Activate 1 owned product: Chat (never used)', 'growth', '2026-03-31', 'task', []],
      ['Validate with Acme the use case for Desk (fit 75)', 'csm', '2026-04-07', 'meeting', []],
    ]);
    for (const line of [
      '3 owned products, 50 overall.',
      '| Boards | adopted | 50 | 3 of 4 |',
      '0 % of the pairs among 2 adopted products share a workflow of the last 30 days.',
      '| Desk | 75 | 12,000 USD | 6,000 USD |',
    ]) {
      expect(markdown).toContain(line);
    }
  });

  it('offers nothing at a health of 64, and keeps the activation', () => {
    const { status, reasons, result, actions, markdown } = run([healthGate]);
    expect([status, reasons, result!.crossSell]).toEqual(['partial', ['health_below_70'], []]);
    expect(result!.fits).toEqual([{ productId: 'd', name: 'Desk', fit: 75 }]);
    expect(actions.map(({ ownerRole, channel }) => [ownerRole, channel])).toEqual([['growth', 'task']]);
    expect(markdown).toContain('- health 64, needs 70.');
  });

  it('names every gate that holds, unknown ones as unknown', () => {
    const gates: Gate[] = [
      healthGate,
      { id: 'sponsor', met: undefined, detail: 'sponsor unknown: no contacts imported' },
      { id: 'organic_signals', met: false, detail: '1 organic signals, needs 2' },
      { id: 'holds', met: true, detail: 'nothing holds the conversation' },
    ];
    expect(run(gates).reasons).toEqual(['health_below_70', 'sponsor_unknown', 'organic_signals_not_met']);
  });

  it('holds until the primary product is adopted', () => {
    const lead = account.records!.subscriptions!.map((each) =>
      each.product === 'c' ? owned('c', { amountMinor: 9e6 }) : each,
    );
    const { reasons, result } = run([], { ...account, records: { ...account.records, subscriptions: lead } });
    expect([reasons, result!.crossSell]).toEqual([['primary_product_not_adopted'], []]);
    expect(result!.holds).toEqual(['c at 0, needs 50']);
  });

  it('folds the offer into a renewal within 90 days', () => {
    const near = (renewalDate: string) => ({
      ...account,
      records: {
        ...account.records,
        subscriptions: account.records!.subscriptions!.map((each) => ({ ...each, renewalDate: day(renewalDate) })),
      },
    });
    const { result, actions } = run([], near('2026-06-29'));
    expect(result!.foldedIntoRenewal).toBe('2026-06-29');
    expect(actions[1]).toMatchObject({
      title: 'Put Desk (fit 75) into the renewal of 2026-06-29, with no offer of its own',
      channel: 'task',
      dueDate: '2026-04-07',
    });
    expect(run([], near('2026-06-30')).result!.foldedIntoRenewal).toBeNull();
  });

  it('offers one product at a time: none while an earlier offer is open', () => {
    const past = (state: PastIntervention['state']): PastIntervention[] => [
      {
        id: 'i',
        skill: 'customer_success/multi_product_adoption',
        ruleId: 'expansion.multi_product',
        state,
        madeOn: day('2026-03-20'),
        doneAt: undefined,
        dismissedFor: undefined,
        result: { offeredProductId: 'e' },
      },
    ];
    const held = run([], account, { past: past('delivered') });
    expect([held.reasons, held.result!.holds]).toEqual([
      ['cross_sell_in_progress'],
      ['one at a time: e was taken up on 2026-03-20 and is not closed'],
    ]);
    expect(run([], account, { past: past('completed') }).result!.crossSell).toHaveLength(1);
  });

  it('holds the meeting during an escalation, not the activation', () => {
    const tickets = [{ ticketId: 'T', openedAt: at('2026-03-29'), escalatedAt: at('2026-03-29') }];
    const { actions } = run([], { ...account, records: { ...account.records, tickets } });
    expect(actions.map(({ heldBy }) => heldBy)).toEqual([[], ['money.escalation_cooldown', 'conversation.incident']]);
  });

  it('has nothing to sell where every product is owned', () => {
    const all = [...account.records!.subscriptions!, owned('d')];
    const { status, reasons, result } = run([healthGate], {
      ...account,
      records: { ...account.records, subscriptions: all },
    });
    expect([status, reasons, result!.fits]).toEqual(['ok', ['every_product_owned'], []]);
  });

  it('says an unpriced product has no price, and keeps its fit', () => {
    const unpriced = { ...cat, plans: [] };
    const { result, dataGaps } = run([], { ...account, catalogue: unpriced });
    expect(result!.crossSell[0]).toMatchObject({ fit: 75, annualValue100: null, annualValue50: null, currency: null });
    expect(dataGaps).toContainEqual({ fact: 'price_book', reason: 'no plan of d in catalog.yaml' });
  });

  it('needs subscriptions, products and events', () => {
    const missing = (from: Partial<TestAccount>) => {
      const { status, result, dataGaps } = runOn(multiProductAdoption, { ...account, ...from });
      return [status, result, dataGaps[0]!.reason];
    };
    expect(missing({ kinds: ['accounts', 'events'], records: {} })).toEqual([
      'insufficient_data',
      null,
      'no subscriptions imported (subscriptions)',
    ]);
    expect(missing({ catalogue: { ...cat, products: [] } })[2]).toBe('no products in catalog.yaml');
    expect(missing({ records: {} })[2]).toBe('no subscription in force (subscriptions)');
  });

  it('leaves what people wrote inert', () => {
    const named = { ...cat, products: cat.products.map((each) => ({ ...each, name: '# <b>x</b> | [a](b)' })) };
    expect(run([], { ...account, catalogue: named }).markdown).not.toMatch(/<b>|\[a\]\(b\)/);
  });
});

describe('the price', () => {
  const price = (plans: Plan[], seats: number | 'unlimited' | undefined) =>
    productPrice('d', catalogue({ plans }), seats).value?.annualMinor;

  it('is of the cheapest plan, for all seats, a year, and never for fewer than the plan asks for', () => {
    expect(price(cat.plans, 10)).toBe(1_200_000);
    expect(price([plan('m', 'd', { interval: 'month', perSeatMinor: 1_000, flatMinor: 500 })], 10)).toBe(126_000);
    expect(price([plan('min', 'd', { minSeats: 20 })], 10)).toBe(2_400_000);
  });

  it('is unknown for a price per seat without a number of seats', () => {
    expect(price(cat.plans, 'unlimited')).toBeUndefined();
    expect(price(cat.plans, undefined)).toBeUndefined();
    const { perSeatMinor: _, ...flat } = plan('flat', 'd', { flatMinor: 500_000 });
    expect(price([flat], undefined)).toBe(500_000);
  });
});
