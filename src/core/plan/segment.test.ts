import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { cleared, fallen, oversold, planFor, ready } from '../../../test/fixtures/plan-accounts.ts';
import type { ExpansionPlan } from './plan.ts';
import { renderSegment, segmentPlan } from './segment.ts';

const exchange = { currency: 'USD', rates: { EUR: 1.1 } };
const options = { weights: { high: 0.75, medium: 0.5, low: 0.25 }, exchange };
const clear = cleared(planFor(ready()));
const as = (accountId: string, change: (plan: typeof clear) => typeof clear): ExpansionPlan => ({
  ...change(clear),
  accountId,
  name: accountId,
});
const worth =
  (amounts: number[], currency = 'USD', confidence: 'High' | 'Medium' | 'Low' = 'Medium') =>
  (plan: typeof clear) => ({
    ...plan,
    opportunity: {
      ...plan.opportunity,
      currency,
      confidence,
      scenarios: amounts.map((annualMinor) => ({ ...plan.opportunity.scenarios[0]!, annualMinor })),
    },
  });

describe('the plan of a segment', () => {
  const plans = [
    { ...planFor(oversold()).plan, accountId: 'held-1' },
    as('small', worth([1_000_000, 500_000])),
    as('sure', worth([1_000_000, 500_000], 'USD', 'High')),
    as('euro', worth([2_000_000, 1_000_000], 'EUR')),
    as('yen', worth([900_000_000], 'JPY')),
    as('unpriced', worth([])),
    { ...planFor(fallen()).plan, accountId: 'held-4' },
  ];
  const plan = segmentPlan('mid', '2026-03-31', plans, options);

  it('ranks by expected value x confidence; currencies without a rate apart, unpriced accounts last', () => {
    expect(plan.ranked.map((row) => [row.rank, row.accountId, row.expectedMinor, row.book])).toEqual([
      [1, 'euro', 825_000, 'USD'], // (20,000 + 10,000) / 2 x .5 x 1.1
      [2, 'sure', 562_500, 'USD'],
      [3, 'small', 375_000, 'USD'],
      [4, 'yen', 450_000_000, 'JPY'],
      [5, 'unpriced', null, null],
    ]);
    expect(plan.unpriced).toBe(1);
  });

  it('lists accounts on hold by how little is missing, with their first blocker', () => {
    expect(plan.onHold.map((row) => [row.accountId, row.blockers])).toEqual([
      ['held-1', 1],
      ['held-4', 4],
    ]);
    expect(plan.onHold[0]!.firstBlocker).toContain('Seat utilisation: 27 % today');
  });

  it('totals by type and currency', () => {
    expect(plan.totals.map(({ book, accounts, expectedMinor }) => [book, accounts, expectedMinor])).toEqual([
      ['JPY', 1, 450_000_000],
      ['USD', 3, 825_000 + 562_500 + 375_000],
    ]);
  });

  it('prints three tables that a Markdown reader understands', () => {
    const tokens = marked.lexer(renderSegment(plan));
    const rows = tokens.flatMap((token) => (token.type === 'table' ? [token.rows.length] : []));
    expect(rows).toEqual([5, 2, 2]);
  });

  it('says so when nobody is clear', () => {
    expect(renderSegment(segmentPlan('mid', '2026-03-31', plans.slice(0, 1), options))).toContain(
      'No account is clear to expand.',
    );
  });
});
