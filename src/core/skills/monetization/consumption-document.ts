/** The sections of monetization/consumption_analyzer. */
import { percentText, sentence, words } from '../../document/figures.ts';
import { inert, table } from '../../document/markdown.ts';
import type { SkillSection } from '../skill.ts';
import type { Dimension, Recommendation } from './consumption-patterns.ts';
import { unitsText } from './meter-days.ts';

/** Days that the sentences name. */
export interface ConsumptionWindows {
  forecastDays: number;
  anomalyDays: number;
  rightSizeDays: number;
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
      each.utilisation === null ? 'none' : percentText(each.utilisation),
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
        dimensions.map((each) => [name(each), ...[each.forecast30, each.low, each.high].map(unitsText)]),
        [1, 2, 3],
      ),
    },
    { title: 'Anomalies', body: anomalyTable(dimensions, windows, name) },
  ];
}

function recommendationText(
  dimensions: readonly Dimension[],
  recommendation: Recommendation | null,
  { rightSizeDays }: ConsumptionWindows,
): string {
  if (recommendation === null) return 'No limit can be judged.';
  const names = dimensions
    .filter((each) => each.recommendation === recommendation)
    .map(({ id, utilisation }) => `${inert(words(id))} at ${percentText(utilisation ?? 0)}`)
    .join(', ');
  const ends: Record<Recommendation, string> = {
    overage_predictor: 'the overage predictor says when the limit is reached.',
    right_size: `below the healthy range on each of ${rightSizeDays} days, so a smaller limit is worth a review.`,
    healthy: 'within the healthy range.',
    monitor: `below the healthy range, for less than ${rightSizeDays} known days or about to rise.`,
  };
  return `${sentence(names)}: ${ends[recommendation]}`;
}

function patternTable(dimensions: readonly Dimension[], name: (of: Dimension) => string): string {
  return table(
    ['Meter', 'Trend', 'Change', 'Peak weekday'],
    dimensions.map((each) => [
      name(each),
      each.trend ?? 'unknown',
      each.trendPct === null ? 'unknown' : `${each.trendPct} %`,
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
      `${direction}${offPct === null ? '' : `, ${offPct} %`}`,
      security ? 'rule out misuse' : 'no',
    ]),
  );
  if (rows.length === 0) return `No known day of the last ${anomalyDays} stands out.`;
  return table(['Day', 'Meter', 'Used', 'Usual', 'Kind', 'Security'], rows.sort(byDay), [2, 3]);
}

function byDay(a: readonly string[], b: readonly string[]): number {
  return a[0]! < b[0]! ? -1 : a[0]! > b[0]! ? 1 : 0;
}
