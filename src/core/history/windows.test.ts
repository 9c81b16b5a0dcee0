import { describe, expect, it } from 'vitest';
import type { Day } from '../time/calendar.ts';
import { historyOf } from './history.fixture.ts';
import {
  activeDaysIn,
  activeUsersIn,
  dayOfCount,
  eventCountIn,
  featureDaysIn,
  firstEventDay,
  firstUseDay,
  meterSum,
  userActiveDaysIn,
  volumeIn,
  weeklyVolumes,
} from './windows.ts';

const START = 20_500;
const on = (offset: number, userId: string | null, event: string) => {
  const timestamp = (START + offset) * 86_400_000 + 1;
  return { timestamp, receivedAt: timestamp, userId, event };
};
const history = historyOf(
  [
    on(0, 'ana', 'report'),
    on(0, 'ana', 'share'),
    on(3, 'ben', 'report'),
    on(8, 'ana', 'report'),
    on(8, 'ana', 'login'),
  ],
  { start: START, end: START + 13 },
);
const report = history.features.find((each) => each.featureId === 'report')!;
const D = (offset: number): Day => START + offset;

describe('a window of a history', () => {
  it('counts both of its end days', () => {
    expect(volumeIn(history, D(0), D(3))).toBe(3);
    expect(volumeIn(history, D(1), D(2))).toBe(0);
    expect(activeDaysIn(history, D(0), D(8))).toBe(3);
    expect(activeUsersIn(history, D(0), D(2))).toBe(1);
    expect(activeUsersIn(history, D(0), D(3))).toBe(2);
    expect(userActiveDaysIn(history.users[0]!, D(0), D(8))).toBe(2);
    expect(featureDaysIn(report, D(0), D(8))).toBe(3);
    expect(eventCountIn(history, 'login', D(8), D(8))).toBe(1);
    expect(eventCountIn(history, 'never_sent', D(0), D(8))).toBe(0);
    expect(meterSum(history, 'no_such_meter', D(0), D(8))).toBe(0);
  });

  it('is empty before the history begins, after it ends, and when it ends before it starts', () => {
    expect(volumeIn(history, D(-90), D(-1))).toBe(0);
    expect(volumeIn(history, D(-90), D(0))).toBe(2);
    expect(volumeIn(history, D(8), D(400))).toBe(1);
    expect(volumeIn(history, D(14), D(400))).toBe(0);
    expect(volumeIn(history, D(8), D(3))).toBe(0);
    expect(activeDaysIn(history, D(8), D(3))).toBe(0);
  });

  it('splits into seven-day weeks that end on its last day, oldest first', () => {
    expect(weeklyVolumes(history, D(13), 3)).toEqual([0, 3, 1]);
    expect(weeklyVolumes(history, D(8), 2)).toEqual([2, 2]);
  });

  it('finds first days, and none that lies after the last day asked about', () => {
    expect(firstUseDay(report, D(0))).toBe(D(0));
    expect(firstUseDay(report, D(-1))).toBeUndefined();
    expect(firstEventDay(history, ['login', 'share'], D(13))).toBe(D(0));
    expect(firstEventDay(history, ['share', 'login'], D(13))).toBe(D(0));
    expect(firstEventDay(history, ['login'], D(7))).toBeUndefined();
    expect(firstEventDay(history, [], D(7))).toBeUndefined();
  });

  it('finds the day on which events of several names reached a number', () => {
    expect(dayOfCount(history, ['report', 'share'], 3, D(13))).toBe(D(3));
    expect(dayOfCount(history, ['report', 'share'], 3, D(2))).toBeUndefined();
    expect(dayOfCount(history, ['report'], 4, D(13))).toBeUndefined();
  });
});
