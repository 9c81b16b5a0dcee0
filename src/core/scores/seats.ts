/** Seat utilisation and how long it has been sustained (skills.md A6). */
import { type AccountView, type Known, known, unknown, type Workspace } from '../facts/view.ts';
import { derivedOf } from '../history/derived.ts';
import type { Extreme } from '../history/extreme.ts';
import type { Truth } from '../policy/policy.ts';
import type { Day } from '../time/calendar.ts';
import { ratio4 } from './number.ts';

/** The seats from `from` on; `unlimited`, or undefined where not known. */
export interface SeatStep {
  from: Day;
  contract: { seats: number | 'unlimited' | undefined };
}

export interface Seats {
  licensed: number | 'unlimited' | undefined;
  active: Known<number>;
  /** Share, four decimals. */
  utilisation: Known<number>;
  /** Lowest daily utilisation of the last `sustainedDays` and `confirmedDays` days, where all of them are known. */
  lowest30: number | undefined;
  lowest60: number | undefined;
  sustained30: Truth;
  sustained60: Truth;
  sustainedReason?: string;
}

/**
 * util(d) = users active in the 30 days to d / seats on d; with unlimited seats, / provisioned users. `timeline` is sorted
 * by day. Sustained: the lowest of the last N daily readings is at least the threshold; one low reading settles it even
 * where others are unknown.
 */
export function seatUse(
  view: AccountView,
  workspace: Workspace,
  timeline: readonly SeatStep[],
  active: Known<number>,
  provisioned: Known<number>,
): Seats {
  const m = workspace.measures.seats;
  const licensed = seatsOn(timeline, view.lastDay);
  const utilisation = utilisationToday(licensed, active, provisioned);
  const base = { licensed, active, utilisation };
  if (view.usageGap !== undefined || active.value === undefined) {
    const reason = view.usageGap ?? active.reason ?? 'not known';
    return {
      ...base,
      lowest30: undefined,
      lowest60: undefined,
      sustained30: undefined,
      sustained60: undefined,
      sustainedReason: reason,
    };
  }
  const { fewestShort, fewestLong } = derivedOf(view.history);
  const short = lowestReading(view, timeline, m.sustainedDays, provisioned, fewestShort);
  const long = lowestReading(view, timeline, m.confirmedDays, provisioned, fewestLong);
  const judge = (reading: Reading): Truth =>
    reading.lowest !== undefined && reading.lowest < m.sustainedShare ? false : reading.complete ? true : undefined;
  const sustained30 = judge(short);
  return {
    ...base,
    lowest30: short.complete ? short.lowest : undefined,
    lowest60: long.complete ? long.lowest : undefined,
    sustained30,
    sustained60: judge(long),
    ...(sustained30 === undefined && { sustainedReason: `${short.known} of ${m.sustainedDays} daily readings known` }),
  };
}

function utilisationToday(
  licensed: number | 'unlimited' | undefined,
  active: Known<number>,
  provisioned: Known<number>,
): Known<number> {
  if (active.value === undefined) return active;
  if (licensed === undefined) return unknown('licensed seats not known');
  if (licensed === 0) return unknown('0 licensed seats');
  const seats = licensed === 'unlimited' ? provisioned.value : licensed;
  if (seats === undefined) return unknown(provisioned.reason ?? 'not known');
  return known(ratio4(active.value / seats));
}

function seatsOn(timeline: readonly SeatStep[], day: Day): number | 'unlimited' | undefined {
  let seats: number | 'unlimited' | undefined;
  for (const step of timeline) {
    if (step.from > day) break;
    seats = step.contract.seats;
  }
  return seats;
}

interface Reading {
  lowest: number | undefined;
  known: number;
  complete: boolean;
}

/** Over the last so many days; stretches with the same seats have their lowest reading where the fewest users are active. */
function lowestReading(
  view: AccountView,
  timeline: readonly SeatStep[],
  days: number,
  provisioned: Known<number>,
  fewest: Extreme,
): Reading {
  const { start, activeUsers30 } = view.history;
  let lowest: number | undefined;
  let known = 0;
  let to = view.lastDay;
  const first = Math.max(view.lastDay - days + 1, view.dataFrom, start);
  for (let step = timeline.length - 1; step >= 0 && to >= first; step--) {
    const { from, contract } = timeline[step]!;
    if (from > to) continue;
    const { seats } = contract;
    const since = Math.max(from, first);
    if (seats === 'unlimited') {
      for (let day = to; day >= since; day--) {
        const present = seenOn(view, day - start, provisioned);
        if (present === undefined || present === 0) continue;
        known++;
        const reading = activeUsers30[day - start]! / present;
        if (lowest === undefined || reading < lowest) lowest = reading;
      }
    } else if (seats !== undefined && seats !== 0) {
      known += to - since + 1;
      const reading = fewest.of(activeUsers30, since - start, to - start)! / seats;
      if (lowest === undefined || reading < lowest) lowest = reading;
    }
    to = since - 1;
  }
  return { lowest: lowest === undefined ? undefined : ratio4(lowest), known, complete: known === days };
}

/** Provisioned users on an earlier day: today's, less the users first seen in events since. */
function seenOn(view: AccountView, index: number, provisioned: Known<number>): number | undefined {
  if (provisioned.value === undefined) return undefined;
  const today = Math.min(view.lastDay - view.history.start, view.history.length - 1);
  return provisioned.value - (view.history.usersSeen[today]! - view.history.usersSeen[index]!);
}
