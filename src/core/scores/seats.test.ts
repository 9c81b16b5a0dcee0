import { describe, expect, it } from 'vitest';
import { buildAccount, catalogue, day, feature, type TestEvent } from '../../../test/build-account.ts';
import { known } from '../facts/view.ts';
import { limitUse, periodAround } from './limits.ts';
import { seatUse } from './seats.ts';

const today = '2026-03-31';
const lastDay = day(today) - 1;
const f = catalogue({ features: [feature('f')] });

function users(count: number, everyDays: number, days: number): TestEvent[] {
  const events: TestEvent[] = [];
  for (let back = 0; back < days; back += everyDays)
    for (let user = 0; user < count; user++) events.push({ day: lastDay - back, user: `u${user}`, event: 'f' });
  return events;
}

describe('seats (A6)', () => {
  it('reads 30 of 40 seats as 75 % and sustains .60 over 30 readings', () => {
    const { view, workspace } = buildAccount({ today, catalogue: f, events: users(30, 5, 100) });
    const seats = seatUse(view, workspace, [{ from: 0, contract: { seats: 40 } }], known(30), known(30));
    expect(seats).toMatchObject({ utilisation: { value: 0.75 }, sustained30: true, sustained60: true, lowest30: 0.75 });
  });

  it('is settled by one low reading even where other days are unknown', () => {
    const { view, workspace } = buildAccount({ today, created: '2026-03-15', catalogue: f, events: users(10, 5, 14) });
    expect(seatUse(view, workspace, [{ from: 0, contract: { seats: 45 } }], known(10), known(10)).sustained30).toBe(
      false,
    );
    const busy = buildAccount({ today, created: '2026-03-15', catalogue: f, events: users(40, 1, 16) });
    const seats = seatUse(busy.view, busy.workspace, [{ from: 0, contract: { seats: 45 } }], known(40), known(40));
    expect([seats.sustained30, seats.sustainedReason]).toEqual([undefined, '16 of 30 daily readings known']);
  });

  it('is unknown for zero seats and measures unlimited seats against provisioned users', () => {
    const { view, workspace } = buildAccount({ today, catalogue: f, events: users(3, 1, 90) });
    expect(seatUse(view, workspace, [{ from: 0, contract: { seats: 0 } }], known(3), known(3)).utilisation.reason).toBe(
      '0 licensed seats',
    );
    expect(seatUse(view, workspace, [{ from: 0, contract: { seats: 'unlimited' } }], known(3), known(4))).toMatchObject(
      {
        utilisation: { value: 0.75 },
        sustained30: true,
      },
    );
  });
});

describe('limits (A6)', () => {
  const metered = catalogue({
    features: [feature('f')],
    meters: [{ id: 'api_calls', event: 'api_call', amountProperty: 'calls', unit: 'call', resets: 'month' }],
  });

  it('reaches 10,000 in 6 days at 300 a day with 8,200 used and 10 days left', () => {
    const events: TestEvent[] = [];
    for (let back = 0; back < 14; back++)
      events.push({ day: lastDay - back, user: 'u', event: 'api_call', properties: { calls: 300 } });
    events.push({ day: lastDay - 18, user: 'u', event: 'api_call', properties: { calls: 8200 - 14 * 300 } });
    const { view, workspace } = buildAccount({ today, catalogue: metered, events });
    const limits = limitUse(view, workspace, { api_calls: 10_000 }, day('2025-05-10'));
    expect(limits.meters[0]).toMatchObject({
      used: 8200,
      share: 0.82,
      pace: 300,
      daysLeft: 10,
      daysToLimit: 6,
      approaching: true,
    });
  });

  it('knows unlimited, not entitled and no longer growing', () => {
    const { view, workspace } = buildAccount({ today, catalogue: metered, events: users(1, 1, 60) });
    const of = (limit: number | null) => limitUse(view, workspace, { api_calls: limit }, undefined).meters[0]!;
    expect([of(null).status, of(0).status, of(100).daysToLimit, of(100).approaching]).toEqual([
      'notApplicable',
      'notEntitled',
      null,
      false,
    ]);
    expect(limitUse(view, workspace, undefined, undefined).approaching).toBeUndefined();
  });

  it('anchors monthly periods on the day the subscription began and keeps short months whole', () => {
    expect(periodAround(day('2026-03-30'), 'month', day('2025-05-10'))).toEqual({
      start: day('2026-03-10'),
      end: day('2026-04-09'),
    });
    expect(periodAround(day('2026-02-28'), 'month', day('2025-01-31'))).toEqual({
      start: day('2026-02-28'),
      end: day('2026-03-30'),
    });
    expect(periodAround(day('2026-03-30'), 'month', undefined)).toEqual({
      start: day('2026-03-01'),
      end: day('2026-03-31'),
    });
    expect(periodAround(day('2026-03-29'), 'week', undefined)).toEqual({
      start: day('2026-03-23'),
      end: day('2026-03-29'),
    });
    expect(periodAround(day('2026-03-29'), 'year', day('2024-02-29'))).toEqual({
      start: day('2026-02-28'),
      end: day('2027-02-27'),
    });
  });
});
