import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountRecords, at, clock, day } from '../../../test/build-account.ts';
import { inForce, kindInForce, stretchAround, subscriptionsInForce } from './as-of.ts';
import type { AccountRecords, SubscriptionRecord, Version } from './record.ts';

const version = <T>(id: string, effectiveAt: number, data: T, receivedAt = effectiveAt): Version<T> => ({
  id,
  effectiveAt,
  receivedAt,
  data,
});

describe('versions in force', () => {
  it('takes the last version of each id that took effect and was known', () => {
    const versions = [version('a', 1, 'a1'), version('b', 2, 'b1'), version('a', 3, 'a2'), version('a', 5, 'a3')];
    expect(inForce(versions, 4)).toEqual(['a2', 'b1']);
    expect(inForce(versions, 0)).toEqual([]);
  });

  it('does not read a version before it was received', () => {
    const versions = [version('a', 1, 'first'), version('a', 2, 'late', 10)];
    expect(inForce(versions, 9)).toEqual(['first']);
    expect(inForce(versions, 10)).toEqual(['late']);
  });

  it('lets a late version of an earlier date not undo a later one', () => {
    expect(inForce([version('a', 1, 'old, learned late', 10), version('a', 2, 'new')], 10)).toEqual(['new']);
  });

  it('finds the same among few versions and among many, in the order of the first that counts', () => {
    const instant = fc.integer({ min: 0, max: 30 });
    const anyVersion = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      effectiveAt: instant,
      late: fc.constantFrom(0, 0, 7),
    });
    fc.assert(
      fc.property(fc.array(anyVersion, { maxLength: 40, size: 'max' }), instant, (drawn, when) => {
        const versions = drawn
          .map(({ id, effectiveAt, late }, i) => version(id, effectiveAt, `${id}${i}`, effectiveAt + late))
          .sort((a, b) => a.effectiveAt - b.effectiveAt || a.receivedAt - b.receivedAt);
        const counting = versions.filter(({ effectiveAt, receivedAt }) => Math.max(effectiveAt, receivedAt) <= when);
        const ids = [...new Set(counting.map(({ id }) => id))];
        expect(inForce(versions, when)).toEqual(ids.map((id) => counting.findLast((each) => each.id === id)!.data));
      }),
      { seed: 12, numRuns: 300 },
    );
  });
});

describe('records in force', () => {
  it('holds back a record whose main date lies ahead of its version', () => {
    const records = accountRecords({ today: '2026-01-01' });
    const ticket = { ticketId: 't', accountId: 'acc', openedAt: at('2026-02-01') };
    records.tickets = [version('t', at('2026-01-01'), ticket)];
    expect(kindInForce('tickets', records, at('2026-01-31'), clock)).toEqual([]);
    expect(kindInForce('tickets', records, at('2026-02-01'), clock)).toEqual([ticket]);
  });

  it('ends a cancellation without endedAt on the day it first took effect', () => {
    const records = accountRecords({ today: '2026-01-01' });
    const base = { subscriptionId: 's', accountId: 'acc', plan: 'pro', startedAt: at('2026-01-01') };
    records.subscriptions = [
      version('s', at('2026-01-01'), { ...base, status: 'active' as const }),
      version('s', at('2026-03-01'), { ...base, status: 'canceled' as const }),
      version('s', at('2026-03-05'), { ...base, status: 'canceled' as const, seats: 3 }),
    ];
    expect(kindInForce('subscriptions', records, at('2026-04-01'), clock)[0]?.endedAt).toBe(day('2026-03-01'));
  });

  it('dates the departure of a contact by the version with two hard bounces and keeps the roles held before', () => {
    const records = accountRecords({ today: '2026-01-01' });
    const base = { contactId: 'c', accountId: 'acc' };
    records.contacts = [
      version('c', at('2026-01-01'), { ...base, roles: ['champion' as const], properties: { hardBounces: 1 } }),
      version('c', at('2026-02-10'), { ...base, properties: { hardBounces: 2 } }),
    ];
    expect(kindInForce('contacts', records, at('2026-02-09'), clock)[0]?.leftAt).toBeUndefined();
    expect(kindInForce('contacts', records, at('2026-02-11'), clock)[0]).toMatchObject({
      leftAt: day('2026-02-10'),
      roles: ['champion'],
    });
  });
});

describe('the stretch around an instant', () => {
  it('leaves the records in force unchanged from its beginning to its end', () => {
    const instant = fc.integer({ min: 0, max: 50 });
    const anyTicket = fc.record({
      id: fc.constantFrom('a', 'b'),
      effectiveAt: instant,
      late: instant,
      openedAt: instant,
    });
    fc.assert(
      fc.property(fc.array(anyTicket, { maxLength: 6 }), instant, (tickets, when) => {
        const records: AccountRecords = accountRecords({ today: '2026-01-01' });
        records.tickets = tickets
          .map(({ id, effectiveAt, late, openedAt }) =>
            version(id, effectiveAt, { ticketId: id, accountId: 'acc', openedAt }, effectiveAt + late),
          )
          .sort((a, b) => a.effectiveAt - b.effectiveAt || a.receivedAt - b.receivedAt);
        const { from, until } = stretchAround('tickets', records, when, clock);
        const found = kindInForce('tickets', records, when, clock);
        expect(kindInForce('tickets', records, Math.max(from, -1), clock)).toEqual(found);
        expect(kindInForce('tickets', records, Math.min(until, 200) - 1, clock)).toEqual(found);
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  it('ends at the moments at which a ticket is escalated and resolved', () => {
    const records = accountRecords({
      today: '2026-01-10',
      records: { tickets: [{ ticketId: 't', openedAt: 10, resolvedAt: 30, escalatedAt: 20 }] },
    });
    records.accounts = [];
    const stretches = [9, 10, 19, 20, 29, 30].map((when) => stretchAround('tickets', records, when, clock));
    const ends = stretches.map(({ from, until }) => [from, until]);
    expect(ends).toEqual([
      [Number.NEGATIVE_INFINITY, 10],
      [10, 20],
      [10, 20],
      [20, 30],
      [20, 30],
      [30, Number.POSITIVE_INFINITY],
    ]);
  });
});

describe('a subscription exported in its last state', () => {
  const statusOn = (date: string, ...states: Partial<SubscriptionRecord>[]): string | undefined => {
    const versions = states.map((state, i) =>
      version('s', at(`2026-01-0${1 + 6 * i}`), {
        subscriptionId: 's',
        accountId: 'acc',
        plan: 'pro',
        status: 'active' as const,
        startedAt: at('2026-01-01'),
        trialEndsAt: day('2026-01-15'),
        ...state,
      }),
    );
    return subscriptionsInForce(versions, at(date), clock)[0]?.status;
  };

  it('was a trial until the trial it names ended, and is paid for after it', () => {
    expect([statusOn('2026-01-05', {}), statusOn('2026-01-14', {}), statusOn('2026-01-15', {})]).toEqual([
      'trialing',
      'trialing',
      'active',
    ]);
  });

  it('was bought early where a version before it says so', () => {
    expect(statusOn('2026-01-05', { status: 'trialing' }, {})).toBe('trialing');
    expect(statusOn('2026-01-08', { status: 'trialing' }, {})).toBe('active');
  });

  it('was never more than a trial where it ended with it', () => {
    expect(statusOn('2026-02-01', { status: 'canceled', endedAt: day('2026-01-15') })).toBe('trialing');
    expect(statusOn('2026-02-01', { status: 'canceled', endedAt: day('2026-01-16') })).toBe('canceled');
  });
});
