import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDay, zoneClock } from './calendar.ts';
import { addWorkingHours, type WorkingHours } from './working-hours.ts';

const WEEKDAYS = new Set([1, 2, 3, 4, 5]);

function due(from: string, hours: number, extra: Partial<WorkingHours> = {}): string {
  const base: WorkingHours = { start: 9, end: 17, days: WEEKDAYS, holidays: new Set(), clock: zoneClock('UTC') };
  return new Date(addWorkingHours(Date.parse(from), hours, { ...base, ...extra })).toISOString();
}

describe('working hours', () => {
  it('end on the same day where there is time left, and go on the next morning where there is not', () => {
    expect(due('2026-03-31T09:00:00Z', 8)).toBe('2026-03-31T17:00:00.000Z');
    expect(due('2026-03-31T15:00:00Z', 8)).toBe('2026-04-01T15:00:00.000Z');
  });

  it('begin on Monday morning for what comes in on Friday evening or at the weekend', () => {
    expect(due('2026-04-03T18:00:00Z', 8)).toBe('2026-04-06T17:00:00.000Z');
    expect(due('2026-04-04T12:00:00Z', 2)).toBe('2026-04-06T11:00:00.000Z');
  });

  it('pass over holidays', () => {
    expect(due('2026-04-02T16:00:00Z', 2, { holidays: new Set([parseDay('2026-04-03')!]) })).toBe(
      '2026-04-06T10:00:00.000Z',
    );
  });

  it('are those of the receiver’s time zone, also over a change of the clocks', () => {
    // Friday 16:00 in Berlin (+01:00); on Sunday 2026-03-29 the clocks go forward: Monday 9:00 is 07:00 UTC
    expect(due('2026-03-27T15:00:00Z', 2, { clock: zoneClock('Europe/Berlin') })).toBe('2026-03-30T08:00:00.000Z');
    // 20:00 UTC on Monday is Tuesday 9:00 in Auckland (+13:00)
    expect(due('2026-01-12T20:00:00Z', 8, { clock: zoneClock('Pacific/Auckland') })).toBe('2026-01-13T04:00:00.000Z');
  });

  it('say so where nobody ever works', () => {
    expect(() => due('2026-03-31T09:00:00Z', 1, { days: new Set() })).toThrow(RangeError);
  });

  it('add up: a hours and then b hours are a + b hours', () => {
    const instant = fc.integer({ min: Date.parse('2025-01-01'), max: Date.parse('2027-01-01') });
    const hours = fc.integer({ min: 1, max: 60 });
    const berlin: WorkingHours = {
      start: 8,
      end: 18,
      days: WEEKDAYS,
      holidays: new Set(),
      clock: zoneClock('Europe/Berlin'),
    };
    fc.assert(
      fc.property(instant, hours, hours, (from, a, b) => {
        const twice = addWorkingHours(addWorkingHours(from, a, berlin), b, berlin);
        expect(twice).toBe(addWorkingHours(from, a + b, berlin));
      }),
    );
  });
});
