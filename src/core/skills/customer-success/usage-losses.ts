/** Weekly volumes by user and by feature, for finding who or what a fall of use comes from. */
import type { AccountView, Workspace } from '../../facts/view.ts';
import { countIn, type DayCounts, upperBound } from '../../history/history.ts';

const WEEK = 7;

export interface EntityWeeks {
  id: string;
  /** Oldest first, the last one ends on D. */
  weeks: number[];
}

/** Value events of each identified user, at most so many a day as volume counts (A1); an event of two features counts twice. */
export function userWeeks(view: AccountView, { measures }: Workspace, count: number): EntityWeeks[] {
  const from = view.lastDay - WEEK * count + 1;
  return view.history.users.map(({ userId }, user) => {
    const days = new Float64Array(WEEK * count);
    for (const { useDay, useUser, useCount } of view.history.features) {
      for (let i = upperBound(useDay, from - 1); i < useDay.length && useDay[i]! <= view.lastDay; i++) {
        if (useUser[i] === user) days[useDay[i]! - from]! += useCount[i]!;
      }
    }
    const weeks = Array.from({ length: count }, () => 0);
    for (let i = 0; i < days.length; i++) {
      weeks[Math.floor(i / WEEK)]! += Math.min(days[i]!, measures.use.eventsPerUserDay);
    }
    return { id: userId, weeks };
  });
}

/** Value events of each feature. */
export function featureWeeks(view: AccountView, count: number): EntityWeeks[] {
  return view.history.features.map(({ featureId, use }) => ({
    id: featureId,
    weeks: weeksOf(use, view.lastDay, count),
  }));
}

function weeksOf(use: DayCounts, lastDay: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const end = lastDay - WEEK * (count - 1 - i);
    return countIn(use, end - WEEK + 1, end);
  });
}
