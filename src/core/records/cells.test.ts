import { expect, test } from 'vitest';
import { zoneClock } from '../time/calendar.ts';
import { columnsFrom, headerProblem, rawFromCells } from './cells.ts';
import { fileFields, parseRecord } from './parse-record.ts';
import type { RecordKind } from './record.ts';

const context = { clock: zoneClock('UTC'), currency: 'USD' };

function row(kind: RecordKind, cells: Record<string, string>) {
  const columns = columnsFrom(Object.keys(cells), kind, fileFields(kind).known);
  return rawFromCells(columns, Object.values(cells));
}

test('an empty cell is an absent field', () => {
  expect(row('accounts', { accountId: 'a', name: 'A', segment: '', country: '  ' })).toEqual({
    accountId: 'a',
    name: 'A',
  });
});

test('dotted columns become objects, also beside a column of the object itself', () => {
  expect(row('accounts', { 'owners.csm': 'kim', owners: '{"ae":"lee"}' }).owners).toEqual({ ae: 'lee', csm: 'kim' });
  expect(row('accounts', { owners: '{"ae":"lee"}', 'owners.csm': 'kim' }).owners).toEqual({ ae: 'lee', csm: 'kim' });
  expect(row('subscriptions', { 'limits.api_calls': '100', 'limits.rows': 'unlimited' }).limits).toEqual({
    api_calls: '100',
    rows: 'unlimited',
  });
});

test('cells of unknown columns are numbers and flags only where JSON would write them so', () => {
  const raw = row('events', {
    amount: '8',
    zip: '01234',
    ratio: '0.5',
    phone: '+49',
    big: '1e3',
    beta: 'true',
    'properties.count': '3',
  });
  expect(raw).toEqual({
    amount: 8,
    zip: '01234',
    ratio: 0.5,
    phone: '+49',
    big: '1e3',
    beta: true,
    properties: { count: 3 },
  });
});

test('known columns stay text, so that an id keeps its leading zeros', () => {
  expect(row('accounts', { ACCOUNTID: '007', name: '12' })).toEqual({ accountId: '007', name: '12' });
});

test('a row of cells gives the record that JSON gives', () => {
  const cells = row('subscriptions', {
    subscriptionId: 's1',
    accountId: 'a1',
    plan: 'pro',
    status: 'active',
    seats: 'unlimited',
    amount: '99.90',
    interval: 'monthly',
    startedAt: '2026-01-05',
    autoRenew: 'yes',
    'limits.api': '10',
    extensions: '7',
    billing: 'annual',
  });
  const json = {
    subscriptionId: 's1',
    accountId: 'a1',
    plan: 'pro',
    status: 'active',
    seats: null,
    amount: 99.9,
    interval: 'month',
    startedAt: '2026-01-05T00:00:00Z',
    autoRenew: true,
    limits: { api: 10 },
    extensions: 7,
    billing: 'annual',
  };
  expect(parseRecord('subscriptions', cells, context)).toEqual(parseRecord('subscriptions', json, context));
});

test('a header without a required column, with a column twice or with a prototype key is no header', () => {
  const problem = (...header: string[]) => {
    const { known, required } = fileFields('events');
    return headerProblem(columnsFrom(header, 'events', known), required);
  };
  const good = ['messageId', 'accountId', 'event', 'timestamp'];
  expect(problem(...good)).toBeUndefined();
  expect(problem('messageId', 'accountId', 'event')).toContain('no column timestamp');
  expect(problem(...good, 'Event')).toContain('event is there twice');
  expect(problem(...good, '__proto__')).toContain('__proto__ is not accepted');
});
