import { describe, expect, it } from 'vitest';
import { at, buildAccount, day } from '../../../test/build-account.ts';
import { addHistory, NO_HISTORY, ownHistory } from './own-history.ts';

const subscription = (id: string, startedAt: string, extra: object) => ({
  subscriptionId: id,
  plan: 'pro',
  seats: 5,
  amountMinor: 100_000,
  currency: 'USD',
  interval: 'year' as const,
  startedAt: at(startedAt),
  ...extra,
});

function historyOf(...subscriptions: object[]) {
  const { source, view } = buildAccount({
    today: '2026-03-31',
    created: '2024-01-01',
    records: { subscriptions: subscriptions as never },
  });
  return ownHistory(source.contractsAt(view.instant), day('2026-03-31'));
}
const trial = (id: string, from: string, to: string) =>
  subscription(id, from, { status: 'trialing', trialEndsAt: day(to) });

describe('the history of trials', () => {
  it('counts a trial that ended, converted where a paid contract followed at once', () => {
    expect(historyOf(trial('t', '2025-05-01', '2025-05-15')).trials).toEqual({ ended: 1, converted: 0 });
    expect(
      historyOf(trial('t', '2025-05-01', '2025-05-15'), subscription('p', '2025-05-15', { status: 'active' })).trials,
    ).toEqual({ ended: 1, converted: 1 });
  });

  it('does not count one that goes on', () => {
    expect(historyOf(trial('t', '2026-03-20', '2026-04-15')).trials).toEqual({ ended: 0, converted: 0 });
  });
});

describe('the history of renewals', () => {
  it('counts a term that was lost, and one that was renewed in full', () => {
    const lost = subscription('a', '2025-01-01', {
      status: 'active',
      renewalDate: day('2026-01-01'),
      endedAt: day('2026-01-01'),
    });
    expect(historyOf(lost).renewals).toEqual({ due: 1, signed: 0 });
    const renewed = subscription('a', '2025-01-01', {
      status: 'active',
      renewalDate: day('2026-01-01'),
      autoRenew: true,
    });
    expect(historyOf(renewed).renewals).toEqual({ due: 1, signed: 1 });
  });

  it('adds up over accounts', () => {
    const one = { trials: { ended: 2, converted: 1 }, renewals: { due: 3, signed: 2 } };
    expect(addHistory(addHistory(NO_HISTORY, one), one)).toEqual({
      trials: { ended: 4, converted: 2 },
      renewals: { due: 6, signed: 4 },
    });
  });
});
