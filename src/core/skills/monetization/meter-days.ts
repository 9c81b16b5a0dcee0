/** A meter's use by day and by period, as the monetization skills read it. A day outside the coverage is missing, not zero. */
import type { Meter } from '../../catalogue/catalogue.ts';
import type { AccountMeasures } from '../../facts/measure-account.ts';
import { type AccountView, type Known, known, unknown, type Workspace } from '../../facts/view.ts';
import { meterSum } from '../../history/windows.ts';
import { periodAround } from '../../scores/limits.ts';
import { ratio4 } from '../../scores/number.ts';
import { type Day, formatDay } from '../../time/calendar.ts';

/** Amounts of consecutive days, the last of them D; undefined: the day is not covered. */
export type DailyUse = readonly (number | undefined)[];

export function dailyUse({ history, lastDay, dataFrom, coverage }: AccountView, meterId: string, days: number) {
  const through = coverage.eventsThrough ?? Number.NEGATIVE_INFINITY;
  return Array.from({ length: days }, (_, i): number | undefined => {
    const day = lastDay - days + 1 + i;
    return day < dataFrom || day > through ? undefined : meterSum(history, meterId, day, day);
  });
}

export function knownDays(days: DailyUse): number {
  return days.reduce<number>((count, amount) => (amount === undefined ? count : count + 1), 0);
}

/** Day on which monthly and yearly periods begin anew: that of the oldest subscription in force (as A6 reads limits). */
export function periodAnchor({ contract }: AccountMeasures, { clock }: Workspace): Day | undefined {
  const first = contract.inForce[0];
  return first === undefined ? undefined : clock.dayOf(first.startedAt);
}

/** First day counted on `day`: of the period, or of the data for a gauge. */
function countedFrom(view: AccountView, meter: Meter, anchor: Day | undefined, day: Day): Known<Day> {
  if (meter.resets === null) return known(view.dataFrom);
  const { start } = periodAround(day, meter.resets, anchor);
  return start < view.dataFrom && view.dataFrom > view.firstDay
    ? unknown(`the period began on ${formatDay(start)}, the data on ${formatDay(view.dataFrom)}`)
    : known(start);
}

/** Use of the period up to `day`, or the level of a gauge. */
export function usedBy(view: AccountView, meter: Meter, anchor: Day | undefined, day: Day): Known<number> {
  if (view.usageGap !== undefined) return unknown(view.usageGap);
  const from = countedFrom(view, meter, anchor, day);
  return from.value === undefined ? from : known(meterSum(view.history, meter.id, from.value, day));
}

/** Highest use / limit read on any of the last `days` days; unknown unless all of them can be read. */
export function highestShare(
  view: AccountView,
  meter: Meter,
  limit: number,
  anchor: Day | undefined,
  days: number,
): Known<number> {
  if (view.daysOfData < days) return unknown(`${view.daysOfData} of ${days} days of data`);
  let highest = 0;
  for (let day = view.lastDay - days + 1; day <= view.lastDay; day++) {
    const used = usedBy(view, meter, anchor, day);
    if (used.value === undefined) return used;
    highest = Math.max(highest, used.value / limit);
  }
  return known(ratio4(highest));
}

/**
 * Highest use in any one period that touches the last `days` days, the present one up to D; of a gauge, its highest level.
 * Earlier periods that began before the data are left out; the present one must be known.
 */
export function peakUse(view: AccountView, meter: Meter, anchor: Day | undefined, days: number): Known<number> {
  const present = usedBy(view, meter, anchor, view.lastDay);
  if (present.value === undefined) return present;
  let highest = present.value;
  const before = (day: Day) => (meter.resets === null ? day : periodAround(day, meter.resets, anchor).start) - 1;
  for (let day = before(view.lastDay); day > view.lastDay - days && day >= view.firstDay; day = before(day)) {
    highest = Math.max(highest, usedBy(view, meter, anchor, day).value ?? 0);
  }
  return known(highest);
}

const units = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });

const rough = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const ROUGH_FROM = 100; // from here on fractions of a unit say nothing

/** An amount that was computed, not counted: whole from 100 on, else to one decimal; `unknown` where it is not known. */
export function roughText(amount: number | null | undefined): string {
  if (amount === null || amount === undefined) return 'unknown';
  return rough.format(Math.abs(amount) >= ROUGH_FROM ? Math.round(amount) : amount);
}

/** `1,234.5`: an amount of a meter, to two decimals; `unknown` where it is not known. */
export function unitsText(amount: number | null | undefined): string {
  return amount === null || amount === undefined ? 'unknown' : units.format(amount);
}
