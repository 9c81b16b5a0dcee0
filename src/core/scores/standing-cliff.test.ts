import { describe, expect, it } from 'vitest';
import { buildAccount, day, feature } from '../../../test/build-account.ts';
import { priceBook, use } from '../../../test/fixtures/plan-accounts.ts';
import { standingCliff } from './standing-cliff.ts';
import { usageTrend } from './trend.ts';

const read = (today: string, events: ReturnType<typeof use>, holidays: string[] = []) => {
  const catalogue = priceBook({
    features: [feature('dashboards'), feature('reports'), feature('alerts')],
    holidays: new Set(holidays.map(day)),
  });
  const { view, workspace } = buildAccount({ today, created: '2025-06-02', events, catalogue });
  return standingCliff(view, workspace, usageTrend(view, workspace));
};

describe('a fall that stands (skills.md A7: signals close on a resolving fact)', () => {
  const fell = [...use('2025-06-02', '2026-03-30', 4), ...use('2025-06-02', '2026-02-15', 8, 4)];

  it('is dated to its first day and counts the users before and now', () => {
    expect(read('2026-03-31', fell)).toMatchObject({ since: day('2026-02-16'), usersBefore: 12, usersNow: 4 });
  });

  it('is over once use is back near its base', () => {
    expect(read('2026-03-31', [...fell, ...use('2026-03-16', '2026-03-30', 8, 4)])).toBeUndefined();
  });

  it('is the new level after 90 days', () => {
    const longAgo = [...use('2025-06-02', '2026-03-30', 4), ...use('2025-06-02', '2025-11-28', 8, 4)];
    expect(read('2026-03-31', longAgo)).toBeUndefined();
  });

  it('is not seen in steady use, nor in a week of holidays', () => {
    expect(read('2026-03-31', use('2025-06-02', '2026-03-30', 12))).toBeUndefined();
    const paused = [...use('2025-06-02', '2026-03-20', 12)];
    expect(read('2026-03-28', paused, ['2026-03-23', '2026-03-24', '2026-03-25'])).toBeUndefined();
    expect(read('2026-03-28', paused)).toBeDefined();
  });
});
