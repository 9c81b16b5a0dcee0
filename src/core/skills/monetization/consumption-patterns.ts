/** Trend, weekly pattern, forecast and outliers of one meter's daily use (skills.md B consumption_analyzer). */
import { type Known, known, unknown } from '../../facts/view.ts';
import type { Measures } from '../../policy/measures.ts';
import { mean, median, percent2, ratio4 } from '../../scores/number.ts';
import type { TrendKind } from '../../scores/trend.ts';
import { type Day, formatDay, weekday } from '../../time/calendar.ts';
import { type DailyUse, knownDays } from './meter-days.ts';

export const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface MeterTrend {
  kind: Known<TrendKind>;
  /** %, two decimals; unknown while dormant. */
  percent: Known<number>;
}

/** A5 on a meter's amounts: T = 100 (recent - prior) / prior over adjacent windows; both must be known to the day. */
export function meterTrend(days: DailyUse, m: Measures['trend']): MeterTrend {
  const both = (reason: string): MeterTrend => ({ kind: unknown(reason), percent: unknown(reason) });
  const first = days.findIndex((amount) => amount !== undefined);
  const covered = first < 0 ? 0 : days.length - first;
  const windowDays = Math.min(m.windowDays, 7 * Math.floor(covered / 14));
  if (windowDays === 0) return both(`${covered} of 14 days of data`);
  const recent = total(days.slice(-windowDays));
  const prior = total(days.slice(-2 * windowDays, -windowDays));
  if (recent === undefined || prior === undefined)
    return both(`${knownDays(days.slice(-2 * windowDays))} of ${2 * windowDays} days known`);
  if (recent === 0) return { kind: known('dormant'), percent: unknown('no use in the recent window') };
  if (prior < m.priorAtLeast) return both(`${prior} of ${m.priorAtLeast} units in the window before`);
  const percent = percent2((100 * (recent - prior)) / prior);
  return {
    kind: known(percent > m.growing ? 'growing' : percent < m.declining ? 'declining' : 'stable'),
    percent: known(percent),
  };
}

function total(days: DailyUse): number | undefined {
  let sum = 0;
  for (const amount of days) {
    if (amount === undefined) return undefined;
    sum += amount;
  }
  return sum;
}

/** Known amounts by weekday, 0 = Sunday. */
function byWeekday(days: DailyUse, lastDay: Day): number[][] {
  const groups: number[][] = Array.from({ length: 7 }, () => []);
  for (const [i, amount] of days.entries()) {
    if (amount !== undefined) groups[weekday(lastDay - days.length + 1 + i)]!.push(amount);
  }
  return groups;
}

export interface UseForecast {
  sum: number;
  low: number;
  high: number;
}

export interface ForecastRule {
  windowDays: number;
  knownDays: number;
  horizonDays: number;
}

const Z_95 = 1.96;

/**
 * The next days' use as the sum of their weekdays' means in the window, with a 95 % range of 1.96 x residual deviation x
 * sqrt(days). Choices where the entry is silent: the deviation loses one degree of freedom for each weekday's mean; use is
 * never below zero.
 */
export function forecastUse(days: DailyUse, lastDay: Day, rule: ForecastRule): Known<UseForecast> {
  const window = days.slice(-rule.windowDays);
  const count = knownDays(window);
  if (count < rule.knownDays)
    return unknown(`${count} of ${rule.windowDays} days known, ${rule.knownDays} needed for a forecast`);
  const groups = byWeekday(window, lastDay);
  const means = groups.map(mean);
  let sum = 0;
  for (let day = lastDay + 1; day <= lastDay + rule.horizonDays; day++) {
    const expected = means[weekday(day)];
    if (expected === undefined) return unknown(`no known ${WEEKDAYS[weekday(day)]} in ${rule.windowDays} days`);
    sum += expected;
  }
  const squares = groups.flatMap((amounts, i) => amounts.map((amount) => (amount - means[i]!) ** 2));
  const freedom = count - means.filter((each) => each !== undefined).length;
  const deviation = Math.sqrt(squares.reduce((all, square) => all + square, 0) / freedom);
  const half = Z_95 * deviation * Math.sqrt(rule.horizonDays);
  return known({ sum: percent2(sum), low: percent2(Math.max(0, sum - half)), high: percent2(sum + half) });
}

/** The weekday with the highest mean, where that is at least `factor` times the mean of all days; undefined: none stands out. */
export function peakWeekday(days: DailyUse, lastDay: Day, factor: number): Weekday | undefined {
  const all = mean(days.filter((amount) => amount !== undefined));
  if (all === undefined || all <= 0) return undefined;
  let peak: { day: number; value: number } | undefined;
  for (const [day, amounts] of byWeekday(days, lastDay).entries()) {
    const value = mean(amounts);
    if (value !== undefined && (peak === undefined || value > peak.value)) peak = { day, value };
  }
  return peak !== undefined && ratio4(peak.value / all) >= factor ? WEEKDAYS[peak.day] : undefined;
}

export interface Anomaly {
  date: string;
  used: number;
  /** The weekday's median. */
  expected: number;
  /** %, two decimals; null where nothing is expected on that weekday. */
  offPct: number | null;
  direction: 'spike' | 'drop';
  /** So much that misuse is to be ruled out. */
  security: boolean;
}

export interface AnomalyRule {
  deviations: number;
  offPct: number;
  /** Where the weekday's values do not scatter at all. */
  flatOffPct: number;
  securityFactor: number;
  /** Known days of a weekday below which it is not judged. */
  sameWeekdays: number;
}

/** Standard deviations in one median absolute deviation of a normal distribution. */
const MAD_TO_SD = 1.4826;

/**
 * Days that stand out from their weekday, oldest first: |x - median| > 3 x 1.4826 x MAD and at least 20 % off; without any
 * scatter at least 50 % off. A weekday without use has no percentage: there only a day above `securityFactor` times the
 * median of all days stands out (our choice).
 */
export function findAnomalies(days: DailyUse, lastDay: Day, rule: AnomalyRule): Anomaly[] {
  const groups = byWeekday(days, lastDay);
  const medians = groups.map(median);
  const overall = median(days.filter((amount) => amount !== undefined)) ?? 0;
  const scatter = groups.map((amounts, i) => median(amounts.map((amount) => Math.abs(amount - medians[i]!))));
  return days.flatMap((used, i): Anomaly[] => {
    const day = lastDay - days.length + 1 + i;
    const of = weekday(day);
    const expected = medians[of];
    if (used === undefined || expected === undefined || groups[of]!.length < rule.sameWeekdays) return [];
    const base = { date: formatDay(day), used, expected, direction: used > expected ? 'spike' : 'drop' } as const;
    if (expected === 0) {
      const isSpike = overall > 0 && used > rule.securityFactor * overall;
      return isSpike ? [{ ...base, offPct: null, security: true }] : [];
    }
    const offPct = percent2((100 * (used - expected)) / expected);
    const needed = scatter[of] === 0 ? rule.flatOffPct : rule.offPct;
    const standsOut = Math.abs(used - expected) > rule.deviations * MAD_TO_SD * scatter[of]!;
    if (!standsOut || Math.abs(offPct) < needed) return [];
    return [{ ...base, offPct, security: used > rule.securityFactor * expected }];
  });
}

export type Recommendation = 'overage_predictor' | 'right_size' | 'healthy' | 'monitor';

export interface Dimension {
  id: string;
  unit: string;
  /** `unlimited`: the contract sets no number; `unlisted`: the contract does not name the meter. */
  status: 'limited' | 'unlimited' | 'not_entitled' | 'unlisted' | 'unknown';
  /** In the present period; the level of a gauge. */
  used: number | null;
  limit: number | null;
  /** used / limit, four decimals */
  utilisation: number | null;
  trend: 'growing' | 'stable' | 'declining' | 'dormant' | null;
  trendPct: number | null;
  forecast30: number | null;
  low: number | null;
  high: number | null;
  /** null: none stands out, or too few days are known. */
  peakWeekday: Weekday | null;
  anomalies: Anomaly[];
  recommendation: Recommendation | null;
}

export interface Utilisation {
  /** used / limit now. */
  share: number | undefined;
  /** Highest reading of the right-size window; undefined: not known for all of it. */
  highest: number | undefined;
  /** Share at the end of the period at the present pace. */
  projected: number | undefined;
}

/**
 * From `overageFrom` (A6 approaching, 80 %): overage_predictor; from `healthyFrom`: healthy [K]. Below it on every day of
 * the window, and not on the way above it in this period: right_size; else it is too early to say: monitor (our choice).
 */
export function recommendUse(
  { share, highest, projected }: Utilisation,
  healthyFrom: number,
  overageFrom: number,
): Recommendation | null {
  if (share === undefined) return null;
  if (share >= overageFrom) return 'overage_predictor';
  if (share >= healthyFrom) return 'healthy';
  return highest !== undefined && highest < healthyFrom && (projected ?? share) < healthyFrom
    ? 'right_size'
    : 'monitor';
}
