import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDay, parseDay, zoneClock } from '../time/calendar.ts';
import { isInRange, LAST_DAY, LAST_MAIN_DAY, parseDayOf, parseInstant } from './times.ts';

const utc = zoneClock('UTC');
const berlin = zoneClock('Europe/Berlin');
const iso = (instant: number) => new Date(instant).toISOString();

test.each([
  ['2026-03-31T09:00:00Z', '2026-03-31T09:00:00.000Z'],
  ['2026-03-31t09:00:00z', '2026-03-31T09:00:00.000Z'],
  ['2026-03-31T09:00:00.123456Z', '2026-03-31T09:00:00.123Z'],
  ['2026-03-31T09:00Z', '2026-03-31T09:00:00.000Z'],
  ['2026-03-31 09:00:00+02:00', '2026-03-31T07:00:00.000Z'],
  ['2026-03-31T09:00:00-0530', '2026-03-31T14:30:00.000Z'],
  ['2026-03-31T09:00:00+02', '2026-03-31T07:00:00.000Z'],
  ['2026-03-31T23:59:60Z', '2026-03-31T23:59:59.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z'],
])('%s is read as %s', (text, expected) => {
  expect(iso(parseInstant(text, utc))).toBe(expected);
});

test.each([
  '',
  'yesterday',
  '2026-02-30',
  '2023-02-29',
  '2026-13-01',
  '0000-00-00',
  '31/03/2026',
  '2026-3-1',
  '2026-03-31T24:00:00Z',
  '2026-03-31T09:60:00Z',
  '2026-03-31T09:00:00.Z',
  '2026-03-31T09:00:00+25:00',
  '2026-03-31T09:00:00+02:00x',
  '2026-03-31T09:00:00Zulu',
  '2026-03-31T09',
  '20260331',
  '+010000-01-01',
])('%j is no time', (text) => {
  expect(parseInstant(text, utc)).toBeNaN();
});

test('a time without an offset is of the workspace zone, through both clock changes', () => {
  expect(iso(parseInstant('2026-01-15T09:00:00', berlin))).toBe('2026-01-15T08:00:00.000Z');
  expect(iso(parseInstant('2026-07-15 09:00', berlin))).toBe('2026-07-15T07:00:00.000Z');
  expect(iso(parseInstant('2026-03-29T02:30:00', berlin))).toBe('2026-03-29T01:30:00.000Z'); // in the gap: after it
  expect(iso(parseInstant('2026-10-25T02:30:00', berlin))).toBe('2026-10-25T00:30:00.000Z'); // twice: the first
  expect(iso(parseInstant('2026-10-25T04:00:00', berlin))).toBe('2026-10-25T03:00:00.000Z');
});

test('a plain date is the start of that day in the workspace zone', () => {
  expect(iso(parseInstant('2026-07-15', berlin))).toBe('2026-07-14T22:00:00.000Z');
  expect(iso(parseInstant('2026-07-15', zoneClock('Pacific/Tongatapu')))).toBe('2026-07-14T11:00:00.000Z');
});

test('the day of an instant is its date in the workspace zone', () => {
  expect(formatDay(parseDayOf('2026-07-14T22:30:00Z', berlin))).toBe('2026-07-15');
  expect(formatDay(parseDayOf('2026-07-14', berlin))).toBe('2026-07-14');
  expect(formatDay(parseDayOf('9999-12-31T23:59:59Z', berlin))).toBe('9999-12-31');
});

test('ranges are of days in the workspace zone', () => {
  const auckland = zoneClock('Pacific/Auckland');
  const losAngeles = zoneClock('America/Los_Angeles');
  expect(isInRange(parseInstant('1970-01-01', auckland), LAST_MAIN_DAY, auckland)).toBe(true);
  expect(isInRange(0, LAST_MAIN_DAY, losAngeles)).toBe(false);
  expect(isInRange(parseInstant('2199-12-31T23:00:00Z', utc), LAST_MAIN_DAY, utc)).toBe(true);
  expect(isInRange(parseInstant('2200-01-01', utc), LAST_MAIN_DAY, utc)).toBe(false);
  expect(isInRange(parseInstant('9999-12-31', auckland), LAST_DAY, auckland)).toBe(true);
  expect(isInRange(parseInstant('0001-01-01', utc), LAST_DAY, utc)).toBe(false);
});

test('every calendar date is read like the calendar reads it, and every instant like the platform does', () => {
  fc.assert(
    fc.property(fc.integer({ min: -719_162, max: LAST_DAY }), (day) => {
      expect(parseDayOf(formatDay(day), utc)).toBe(parseDay(formatDay(day)));
    }),
  );
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
      expect(parseInstant(date.toISOString(), utc)).toBe(date.getTime());
    }),
  );
});

test('local times agree with the time zone database in a zone with half-hour clock changes', () => {
  const clock = zoneClock('Australia/Lord_Howe');
  const minutes = fc.integer({ min: 0, max: 60 * 24 * 366 * 60 });
  fc.assert(
    fc.property(minutes, (minute) => {
      const local = Temporal.PlainDateTime.from('1975-01-01T00:00').add({ minutes: minute });
      const expected = local.toZonedDateTime('Australia/Lord_Howe').epochMilliseconds;
      expect(parseInstant(local.toString({ smallestUnit: 'second' }), clock)).toBe(expected);
    }),
    { numRuns: 300 },
  );
});
