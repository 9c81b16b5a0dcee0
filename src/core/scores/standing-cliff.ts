/**
 * A fall of usage that happened and was not repaired. A5 sees a cliff on the days on which it happens; as a signal it stays
 * open until a fact resolves it (skills.md A7): use back at `plan.recoveredShare` of the base before the fall, a growing
 * trend (A5), or the passing of `plan.standingFallDays`, after which the lower level is the account's level.
 */
import type { AccountView, Workspace } from '../facts/view.ts';
import { derivedOf } from '../history/derived.ts';
import { activeUsersIn, volumeIn } from '../history/windows.ts';
import type { Day } from '../time/calendar.ts';
import { percent2 } from './number.ts';
import { holidaysIn, type Trend, usualWeek } from './trend.ts';

export interface StandingCliff {
  /** First day of the fall. */
  since: Day;
  /** Median weekly volume of the four weeks before the fall. */
  baseWeekly: number;
  /** Volume of W(7). */
  recentWeekly: number;
  /** % of W(7) against the base, two decimals. */
  dropPercent: number;
  /** Distinct users of the 30 days before the fall, and of W(30). */
  usersBefore: number;
  usersNow: number;
}

const WEEK = 7;
const BASE_WEEKS = 4;
const USERS_DAYS = 30;

/** The latest fall of A5's depth, on A5's number of consecutive days, that still stands; undefined: none. */
export function standingCliff(view: AccountView, workspace: Workspace, trend: Trend): StandingCliff | undefined {
  const { plan, trend: m } = workspace.measures;
  if (view.usageGap !== undefined || trend.kind.value === 'growing') return undefined;
  if (!view.history.hasUserIds && view.history.firstEventDay !== undefined) return undefined;
  const earliest = Math.max(view.dataFrom + WEEK * (BASE_WEEKS + 1) - 1, view.lastDay - plan.standingFallDays);
  const recent = weekVolume(view, view.lastDay);
  const highest = highestWeek(view, earliest - WEEK);
  if (recent >= plan.recoveredShare * highest) return undefined; // nothing can stand: most accounts end here
  const deep = (1 + m.cliff.drop / 100) * highest;
  let run = 0;
  for (let end = view.lastDay; end >= earliest; end--) {
    const volume = weekVolume(view, end);
    const base = volume > deep ? undefined : baseOn(view, workspace, end);
    const falls = base !== undefined && percent2((100 * (volume - base)) / base) <= m.cliff.drop;
    run = falls ? run + 1 : 0;
    if (run < m.cliff.consecutiveDays) continue;
    if (recent >= plan.recoveredShare * base!) return undefined;
    return describe(view, firstLowDay(view, end, base!), base!, recent);
  }
  return undefined;
}

function weekVolume({ history }: AccountView, end: Day): number {
  return volumeIn(history, end - WEEK + 1, end);
}

/** What W(7) ending on `end` is to be compared with; undefined where a fall cannot be judged or holidays explain it. */
function baseOn(view: AccountView, workspace: Workspace, end: Day): number | undefined {
  const base = usualWeek(view, workspace, end);
  if (base === undefined) return undefined;
  const closed = holidaysIn(workspace.catalogue, end - WEEK + 1, end);
  return closed >= workspace.measures.trend.cliff.holidays ? undefined : base;
}

/** The largest volume of seven days that end from `from` on and before D. */
function highestWeek({ history, lastDay }: AccountView, from: Day): number {
  const derived = derivedOf(history);
  const { start } = history;
  return derived.largestWeek.of(derived.weekVolumes(), from - start, lastDay - 1 - start) ?? 0;
}

const LOW_DAY_SHARE = 0.7; // of what such a weekday held before: between the level before a fall by half and the one after
const QUIET_DAY_SHARE = 0.5; // of an average day: weekdays that held less before tell nothing of a fall
const LOOK_BACK_DAYS = 21;

/**
 * The first of the low days that lead up to `end`, each compared with its weekday in the four weeks before them; days that
 * were nearly empty before as well (weekends) tell nothing.
 */
function firstLowDay(view: AccountView, end: Day, base: number): Day {
  const before = end - LOOK_BACK_DAYS;
  let since = end;
  for (let day = end; day > before; day--) {
    let usual = 0;
    for (let week = 1; week <= BASE_WEEKS; week++) {
      const same = day - WEEK * (Math.ceil((day - before) / WEEK) + week - 1);
      usual += volumeIn(view.history, same, same) / BASE_WEEKS;
    }
    if (usual < (QUIET_DAY_SHARE * base) / WEEK) continue;
    if (volumeIn(view.history, day, day) > LOW_DAY_SHARE * usual) break;
    since = day;
  }
  return since;
}

function describe(view: AccountView, since: Day, baseWeekly: number, recentWeekly: number): StandingCliff {
  return {
    since,
    baseWeekly,
    recentWeekly,
    dropPercent: percent2((100 * (recentWeekly - baseWeekly)) / baseWeekly),
    usersBefore: activeUsersIn(view.history, since - USERS_DAYS, since - 1),
    usersNow: activeUsersIn(view.history, view.lastDay - USERS_DAYS + 1, view.lastDay),
  };
}
