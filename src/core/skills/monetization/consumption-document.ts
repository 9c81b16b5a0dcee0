/** The sections of monetization/consumption_analyzer. */
import { sentence, words } from '../../document/figures.ts';
import { inert, table } from '../../document/markdown.ts';
import { publish } from '../../scores/number.ts';
import type { SkillSection } from '../skill.ts';
import type { Dimension, Recommendation } from './consumption-patterns.ts';
import { roughText, unitsText } from './meter-days.ts';

/** Days that the sentences name. */
export interface ConsumptionWindows {
  forecastDays: number;
  anomalyDays: number;
  rightSizeDays: number;
  /** Bounds of the healthy range. */
  healthyPct: readonly number[];
}

const LIMIT_WORDS: Record<Dimension['status'], string> = {
  limited: '',
  unlimited: 'unlimited',
  not_entitled: '0, not included',
  unlisted: 'none named',
  unknown: 'unknown',
};

export function consumptionSections(
  dimensions: readonly Dimension[],
  recommendation: Recommendation | null,
  windows: ConsumptionWindows,
): SkillSection[] {
  const name = ({ id }: Dimension) => inert(words(id));
  const usage = table(
    ['Meter', 'Used', 'Unit', 'Limit', 'Utilisation'],
    dimensions.map((each) => [
      name(each),
      unitsText(each.used),
      inert(each.unit),
      each.limit === null || each.limit === 0 ? LIMIT_WORDS[each.status] : unitsText(each.limit),
      each.utilisation === null ? '-' : shareText(each.utilisation),
    ]),
    [1, 3, 4],
  );
  return [
    { title: 'Usage', body: `${usage}\n\n${recommendationText(dimensions, recommendation, windows)}` },
    { title: 'Patterns', body: patternTable(dimensions, name) },
    {
      title: 'Forecast',
      body: table(
        ['Meter', `Next ${windows.forecastDays} days`, 'Low', 'High'],
        dimensions.map((each) => [name(each), ...[each.forecast30, each.low, each.high].map(roughText)]),
        [1, 2, 3],
      ),
    },
    { title: 'Anomalies', body: anomalyTable(dimensions, windows, name) },
  ];
}

function recommendationText(
  dimensions: readonly Dimension[],
  recommendation: Recommendation | null,
  { rightSizeDays, healthyPct }: ConsumptionWindows,
): string {
  if (recommendation === null) return 'No limit can be judged.';
  const names = dimensions
    .filter((each) => each.recommendation === recommendation)
    .map(({ id, utilisation }) => `${inert(words(id))} at ${shareText(utilisation ?? 0)}`)
    .join(', ');
  const range = `the healthy range of ${healthyPct.join(' to ')} %`;
  const ends: Record<Recommendation, string> = {
    overage_predictor: 'the overage predictor says when the limit is reached.',
    right_size: `below ${range} on each of ${rightSizeDays} days, so a smaller limit is worth a review.`,
    healthy: `within ${range}.`,
    monitor: `below ${range}; a smaller limit is worth a review after ${rightSizeDays} such days without a rise.`,
  };
  return `${sentence(names)}: ${ends[recommendation]}`;
}

function patternTable(dimensions: readonly Dimension[], name: (of: Dimension) => string): string {
  return table(
    ['Meter', 'Trend', 'Change', 'Peak weekday'],
    dimensions.map((each) => [
      name(each),
      each.trend ?? 'unknown',
      each.trendPct === null ? 'unknown' : changeText(each.trendPct),
      each.peakWeekday === null ? 'none' : sentence(each.peakWeekday),
    ]),
    [2],
  );
}

function anomalyTable(
  dimensions: readonly Dimension[],
  { anomalyDays }: ConsumptionWindows,
  name: (of: Dimension) => string,
): string {
  const rows = dimensions.flatMap((each) =>
    each.anomalies.map(({ date, used, expected, offPct, direction, security }) => [
      date,
      name(each),
      unitsText(used),
      unitsText(expected),
      `${direction}${offPct === null ? '' : `, ${changeText(offPct)}`}`,
      security ? 'rule out misuse' : 'no',
    ]),
  );
  if (rows.length === 0) return `No known day of the last ${anomalyDays} stands out.`;
  return table(['Day', 'Meter', 'Used', 'Usual', 'Kind', 'Security'], rows.sort(byDay), [2, 3]);
}

/** `5.8 %` */
function shareText(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}

/** `+12 %`, `-100 %` */
function changeText(pct: number): string {
  const whole = Math.sign(pct) * publish(Math.abs(pct));
  return `${whole > 0 ? '+' : ''}${whole} %`;
}

function byDay(a: readonly string[], b: readonly string[]): number {
  return a[0]! < b[0]! ? -1 : a[0]! > b[0]! ? 1 : 0;
}
