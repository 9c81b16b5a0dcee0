/** Plans as JSON: the same content as the document, money in major units beside its currency. */
import type { ExpansionPlan } from '../core/plan/plan.ts';
import type { SegmentPlan } from '../core/plan/segment.ts';
import type { PortfolioArr } from '../core/plan/subject.ts';
import { majorUnits } from '../core/records/money.ts';

/** `portfolio`: what the portfolio's NRR was read from; its records stand under `portfolioEvidence`. */
export function planJson(plan: ExpansionPlan, planId: string | null, portfolio: readonly PortfolioArr[]): unknown {
  const currency = plan.clearToExpand ? plan.opportunity.currency : plan.recovery.rightSizing.currency;
  const { clearToExpand, ...content } = plan;
  const portfolioEvidence = portfolio.map(({ currency: book, subscriptionIds = [] }) => ({
    currency: book,
    kind: 'subscriptions',
    ids: subscriptionIds,
  }));
  const shown = plan.clearToExpand ? { portfolioEvidence } : {};
  return inMajorUnits({ planId, clearToExpand, ...content, ...shown }, currency);
}

export function segmentJson(plan: SegmentPlan): unknown {
  return {
    ...plan,
    ranked: plan.ranked.map(({ book, ...row }) => inMajorUnits({ ...row, currency: book }, book)),
    totals: plan.totals.map(({ book, ...row }) => inMajorUnits({ ...row, currency: book }, book)),
  };
}

/** Every `somethingMinor` becomes `something`. */
function inMajorUnits(value: unknown, currency: string | null): unknown {
  if (Array.isArray(value)) return value.map((each) => inMajorUnits(each, currency));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]): [string, unknown] => {
    if (!key.endsWith('Minor')) return [key, inMajorUnits(each, currency)];
    return [key.slice(0, -'Minor'.length), typeof each === 'number' ? majorUnits(each, currency) : null];
  });
  return Object.fromEntries(entries);
}
