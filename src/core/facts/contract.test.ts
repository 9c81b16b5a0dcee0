import { describe, expect, it } from 'vitest';
import { at, clock, day } from '../../../test/build-account.ts';
import type { SubscriptionRecord, Version } from '../records/record.ts';
import { type ContractOptions, contractOf } from './contract.ts';
import { planTimeline, spanOn } from './plan-timeline.ts';

const today = '2026-03-31';

function subscription(extra: Partial<SubscriptionRecord> = {}): SubscriptionRecord {
  return {
    subscriptionId: 's1',
    accountId: 'acc',
    plan: 'pro',
    status: 'active',
    seats: 10,
    amountMinor: 120_000,
    currency: 'USD',
    interval: 'year',
    startedAt: at('2025-06-01'),
    ...extra,
  };
}

const contractOn = (on: string, subscriptions: SubscriptionRecord[], options?: ContractOptions) =>
  contractOf(subscriptions, day(on), clock, options);

describe('contract in force (contract.md section 1)', () => {
  it('adds up seats and yearly amounts, a month counting twelve times', () => {
    const monthly = subscription({
      subscriptionId: 's2',
      plan: 'addon',
      interval: 'month',
      amountMinor: 1_000,
      seats: 5,
    });
    const contract = contractOn(today, [subscription(), monthly]);
    expect(contract).toMatchObject({ seats: 15, arrMinor: 132_000, currency: 'USD', planId: 'pro', interval: 'year' });
  });

  it('knows no ARR across currencies and lists it by currency', () => {
    const euros = subscription({ subscriptionId: 's2', currency: 'EUR', amountMinor: 50_000 });
    const contract = contractOn(today, [subscription(), euros]);
    expect(contract.arrMinor).toBeUndefined();
    expect(contract.arrReason).toBe('subscriptions in several currencies');
    expect(contract.arrByCurrency).toEqual([
      { currency: 'USD', minor: 120_000 },
      { currency: 'EUR', minor: 50_000 },
    ]);
  });

  it('does not read a missing amount as nothing or missing seats as none', () => {
    const { amountMinor: _, seats: __, ...silent } = subscription();
    expect(contractOn(today, [silent])).toMatchObject({
      arrMinor: undefined,
      arrReason: 'subscription s1 names no amount',
      seats: undefined,
      seatsReason: 'subscription s1 names no seats',
    });
  });

  it('is unlimited as soon as one subscription is', () => {
    const contract = contractOn(today, [subscription(), subscription({ subscriptionId: 's2', seats: null })]);
    expect(contract.seats).toBe('unlimited');
  });

  it('keeps a trial in force until its end plus the extensions granted so far', () => {
    const trial = subscription({
      status: 'trialing',
      startedAt: at('2026-03-01'),
      trialEndsAt: day('2026-03-15'),
      extensions: [{ days: 14, grantedAt: day('2026-03-14') }],
    });
    expect(contractOn('2026-03-10', [trial]).trialEndsOn).toBe(day('2026-03-15'));
    expect(contractOn('2026-03-20', [trial])).toMatchObject({ trialInForce: true, trialEndsOn: day('2026-03-29') });
    expect(contractOn('2026-03-29', [trial])).toMatchObject({ trialInForce: false, churned: true });
    expect(contractOn('2026-03-20', [trial]).arrMinor).toBeUndefined();
  });

  it('ends on endedAt, and what is past due stays in force', () => {
    const ending = subscription({ status: 'canceled', endedAt: day('2026-03-31') });
    expect(contractOn('2026-03-30', [ending])).toMatchObject({ paidInForce: true, churned: false });
    expect(contractOn('2026-03-31', [ending])).toMatchObject({ paidInForce: false, churned: true, everPaid: true });
    expect(contractOn(today, [subscription({ status: 'past_due' })])).toMatchObject({
      paidInForce: true,
      pastDue: true,
    });
  });

  it('is paused only when everything in force is, and never churned without a subscription', () => {
    const paused = subscription({ status: 'paused' });
    expect(contractOn(today, [paused])).toMatchObject({ paused: true, churned: false });
    expect(contractOn(today, [paused, subscription({ subscriptionId: 's2' })]).paused).toBe(false);
    expect(contractOn(today, [])).toMatchObject({ everSubscribed: false, churned: false, paused: false });
  });

  it('takes the earliest renewal and rolls it on by whole terms where it renews itself', () => {
    const yearly = subscription({ renewalDate: day('2024-02-29'), autoRenew: true });
    expect(contractOn('2026-02-28', [yearly]).renewalDate).toBe(day('2027-02-28'));
    expect(contractOn('2027-03-01', [yearly]).renewalDate).toBe(day('2028-02-29'));
    const monthly = subscription({
      subscriptionId: 's2',
      interval: 'month',
      renewalDate: day('2026-01-31'),
      autoRenew: true,
    });
    expect(contractOn('2026-02-28', [yearly, monthly]).renewalDate).toBe(day('2026-03-31'));
  });

  it('leaves a passed renewal date in the past without autoRenew, and knows none for month to month', () => {
    expect(contractOn(today, [subscription({ renewalDate: day('2026-03-01') })]).renewalDate).toBe(day('2026-03-01'));
    expect(contractOn(today, [subscription({ interval: 'month' })])).toMatchObject({
      renewalDate: undefined,
      renewalReason: 'month to month',
      monthToMonth: true,
    });
    expect(contractOn(today, [subscription()])).toMatchObject({
      monthToMonth: false,
      renewalReason: 'no renewal date given',
    });
  });

  it('sums limits per meter, takes those of the plan where a subscription names none, and null is unlimited', () => {
    const own = subscription({ limits: { api: 100, storage: 5 } });
    const other = subscription({ subscriptionId: 's2', plan: 'addon' });
    const planLimits = () => ({ api: 50, storage: null });
    expect(contractOn(today, [own, other], { planLimits }).limits).toEqual({ api: 150, storage: null });
  });
});

describe('plan timeline', () => {
  const version = (data: SubscriptionRecord, effective: string, received = effective): Version<SubscriptionRecord> => ({
    id: data.subscriptionId,
    effectiveAt: at(effective),
    receivedAt: at(received),
    data,
  });
  const versions = [
    version(subscription({ startedAt: at('2026-01-10'), seats: 5 }), '2026-01-10'),
    version(subscription({ startedAt: at('2026-01-10'), seats: 8 }), '2026-02-01', '2026-02-20'),
  ];

  it('covers every day once and changes where the contract does', () => {
    const spans = planTimeline(versions, day('2026-01-01'), day('2026-03-31'), at('2026-03-31'), clock);
    expect(spans.map(({ from, to, contract }) => [from, to, contract.seats])).toEqual([
      [day('2026-01-01'), day('2026-01-09'), undefined],
      [day('2026-01-10'), day('2026-01-31'), 5],
      [day('2026-02-01'), day('2026-03-31'), 8],
    ]);
    expect(spanOn(spans, day('2026-02-10'))?.contract.seats).toBe(8);
  });

  it('does not know a change that had not been received', () => {
    const spans = planTimeline(versions, day('2026-01-10'), day('2026-02-19'), at('2026-02-19'), clock);
    expect(spanOn(spans, day('2026-02-19'))?.contract.seats).toBe(5);
  });

  it('shows the end of a trial and the renewal of a term', () => {
    const trial = subscription({ status: 'trialing', startedAt: at('2026-01-01'), trialEndsAt: day('2026-01-15') });
    const yearly = subscription({
      subscriptionId: 's2',
      startedAt: at('2026-01-20'),
      renewalDate: day('2026-02-01'),
      autoRenew: true,
    });
    const spans = planTimeline(
      [version(trial, '2026-01-01'), version(yearly, '2026-01-20')],
      day('2026-01-01'),
      day('2026-02-28'),
      at('2026-02-28'),
      clock,
    );
    const on = (text: string) => spanOn(spans, day(text))?.contract;
    expect(on('2026-01-14')?.trialInForce).toBe(true);
    expect(on('2026-01-15')?.churned).toBe(true);
    expect(on('2026-01-31')?.renewalDate).toBe(day('2026-02-01'));
    expect(on('2026-02-01')?.renewalDate).toBe(day('2027-02-01'));
  });
});
