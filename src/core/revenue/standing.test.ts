/** What an account's contract comes to at the end of the forecast. */
import { describe, expect, it } from 'vitest';
import { at, buildAccount, day, type TestAccount } from '../../../test/build-account.ts';
import { measureAccount } from '../facts/measure-account.ts';
import { planTimeline } from '../facts/plan-timeline.ts';
import { addMonths } from '../time/calendar.ts';
import type { Exchange } from './arr.ts';
import { type OpenPlan, standingOf } from './standing.ts';

const TODAY = '2026-07-01';
const exchange: Exchange = { currency: 'USD', rates: { EUR: 1.1 } };
const end = addMonths(day(TODAY), 12);

type Rows = NonNullable<NonNullable<TestAccount['records']>['subscriptions']>;

/** A yearly contract of 1,000.00 USD since September 2025. */
function contract(extra: Partial<Rows[number]> = {}): Rows[number] {
  return {
    subscriptionId: 's',
    plan: 'pro',
    status: 'active',
    amountMinor: 100_000,
    currency: 'USD',
    interval: 'year',
    startedAt: at('2025-09-01'),
    ...extra,
  };
}

function standing(subscriptions: Rows, plan?: OpenPlan) {
  const { source, workspace, policy } = buildAccount({ today: TODAY, records: { subscriptions } });
  const now = workspace.clock.instantOf(day(TODAY), policy.runHour);
  const measured = measureAccount(source, now, day(TODAY), workspace);
  const versions = subscriptions.map((data) => {
    const since = Math.min(data.startedAt, now); // a contract that starts later was signed by now
    return { id: data.subscriptionId, effectiveAt: since, receivedAt: since, data: { accountId: 'acc', ...data } };
  });
  const last = workspace.clock.instantOf(end + 1) - 1;
  const [atEnd] = planTimeline(versions, end, end, last, workspace.clock, workspace.contractOptions);
  return standingOf(measured, atEnd!.contract, end, exchange, plan);
}

describe('the expansion of a standing', () => {
  it('is what an open plan stands to bring, in the book of its currency', () => {
    const plan = { fullMinor: 50_000, halfMinor: 25_000, currency: 'EUR', unpricedReason: null };
    expect(standing([contract()], plan).expansion).toMatchObject({
      from: 'plan',
      fullMinor: 55_000,
      halfMinor: 27_500,
    });
  });

  it('says which price an open plan misses, and is absent for an account that is neither planned nor clear', () => {
    const plan = { fullMinor: undefined, halfMinor: undefined, currency: null, unpricedReason: 'no price for api' };
    expect(standing([contract()], plan).expansion).toMatchObject({ fullMinor: undefined, reason: 'no price for api' });
    expect(standing([contract()]).expansion).toBeUndefined();
  });
});

describe('a standing', () => {
  it('must renew where its term ends within the forecast, and not where it runs beyond', () => {
    const renew = (extra: Partial<Rows[number]>) => standing([contract(extra)]).signed.map((each) => each.mustRenew);
    expect(renew({ renewalDate: day('2026-09-01'), autoRenew: true })).toEqual([true]);
    expect(renew({ renewalDate: day('2027-07-01') })).toEqual([true]);
    expect(renew({ renewalDate: day('2027-07-02') })).toEqual([false]);
    expect(renew({ interval: 'month', amountMinor: 10_000 })).toEqual([true]);
    expect(renew({})).toEqual([true]);
  });

  it('counts what is signed: not a contract that ends before, but one that starts later', () => {
    const rows = [
      contract({ endedAt: day('2026-09-01') }),
      contract({
        subscriptionId: 't',
        startedAt: at('2026-09-01'),
        amountMinor: 200_000,
        currency: 'EUR',
        renewalDate: day('2028-09-01'),
      }),
    ];
    const { books, signed } = standing(rows);
    expect([...books]).toEqual([['USD', 100_000]]);
    expect(signed).toEqual([{ book: 'USD', minor: 220_000, mustRenew: false }]); // 2,000.00 EUR at 1.1
  });

  it('says which part is paused, and has no expansion while a gate is not met', () => {
    const { books, paused, expansion } = standing([
      contract({ status: 'paused' }),
      contract({ subscriptionId: 't', interval: 'month', amountMinor: 5_000 }),
    ]);
    expect([books.get('USD'), paused.get('USD'), expansion]).toEqual([160_000, 100_000, undefined]);
  });

  it('is unknown where a price is missing', () => {
    const { amountMinor: _, ...silent } = contract();
    expect(standing([silent]).unknown).toBe('subscription s names no amount');
  });
});
