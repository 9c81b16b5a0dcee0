/** What the facts say of an account with records from before its sign-up, and of a contract that has nothing to renew. */
import { describe, expect, it } from 'vitest';
import { at, buildAccount, catalogue, day, feature, type TestAccount } from '../../../test/build-account.ts';
import type { SubscriptionRecord } from '../records/record.ts';
import { factNames } from './fact-index.ts';
import { factsOf } from './fact-vector.ts';
import { measureAccount } from './measure-account.ts';

const TODAY = '2026-03-31';
const index = factNames();

function read(account: Partial<TestAccount>) {
  const built = buildAccount({ today: TODAY, created: '2025-06-01', ...account });
  const measured = measureAccount(built.source, built.view.instant, day(TODAY), built.workspace);
  const journey = { daysInStage: 1, inRenewal: false, renewalSigned: undefined, healthDropped: false };
  return factsOf(measured, journey);
}

describe('time to value', () => {
  it('counts from sign-up; a row from before it adds days of data alone', () => {
    const { values } = read({
      created: '2026-03-01',
      coveredFrom: '2026-01-01',
      catalogue: catalogue({
        features: [feature('report')],
        milestones: [{ id: 'first_value', event: 'shared', count: 1, significance: 'major' }],
      }),
      events: [
        { day: '2026-01-10', event: 'report', user: 'u1' },
        { day: '2026-03-21', event: 'shared', user: 'u1' },
      ],
    });
    expect(values[index.time_to_value]).toBe(20);
    expect(values[index.days_of_data]).toBe(80);
  });
});

describe('a renewal that approaches', () => {
  const renewing = (more: Partial<SubscriptionRecord>) => {
    const subscription = {
      subscriptionId: 's1',
      plan: 'pro',
      status: 'active' as const,
      seats: 5,
      startedAt: at('2025-07-01'),
      ...more,
    };
    const { values, reasons } = read({ records: { subscriptions: [subscription] } });
    const i = index.contract_renewal_approaching;
    return [values[i], values[index.renewal_90_days_out], reasons[i]];
  };

  it('is known not to, month to month and on trial: there is nothing to renew', () => {
    expect(renewing({ interval: 'month' })).toEqual([false, false, undefined]);
    expect(renewing({ status: 'trialing' })).toEqual([false, false, undefined]);
  });

  it('is unknown where a yearly contract names no date', () => {
    expect(renewing({ interval: 'year' })).toEqual([undefined, undefined, 'no renewal date given']);
  });
});
