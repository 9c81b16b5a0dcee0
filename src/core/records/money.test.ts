import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toMinorUnits } from './money.ts';

test.each([
  ['171.0', 'USD', 17_100],
  ['0.1', 'USD', 10],
  ['19.99', 'EUR', 1_999],
  ['1.005', 'USD', 101],
  ['-1.005', 'USD', -101],
  ['19.990000000000002', 'USD', 1_999],
  ['0.29', 'USD', 29],
  ['1234', 'JPY', 1_234],
  ['0.5', 'JPY', 1],
  ['0.04', 'JPY', 0],
  ['-0.001', 'USD', 0],
  ['1.2345', 'BHD', 1_235],
  ['1e3', 'USD', 100_000],
  ['1.5e-2', 'USD', 2],
  ['.5', 'USD', 50],
  ['5.', 'USD', 500],
  ['+7', 'USD', 700],
])('%s %s is %d minor units', (text, currency, expected) => {
  expect(toMinorUnits(text, currency)).toBe(expected);
});

test.each(['', '.', '-', '$5', '1,234.50', '12 000', 'NaN', '0x10', '1e', 'e5'])('%j is no amount', (text) => {
  expect(toMinorUnits(text, 'USD')).toBeUndefined();
});

test.each(['1e21', '999999999999999', '1e999'])('%s is beyond any contract', (text) => {
  expect(toMinorUnits(text, 'USD')).toBe(Infinity);
});

test('every whole number of cents survives being written as a decimal', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), (cents) => {
      expect(toMinorUnits((cents / 100).toFixed(2), 'USD')).toBe(cents === 0 ? 0 : cents);
      expect(toMinorUnits(String(cents / 100), 'USD')).toBe(cents === 0 ? 0 : cents);
    }),
  );
});
