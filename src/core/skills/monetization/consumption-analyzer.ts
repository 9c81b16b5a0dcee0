/** monetization/consumption_analyzer (skills.md B): what metered use looks like, and where it is heading. */
import { z } from 'zod';
import type { Meter } from '../../catalogue/catalogue.ts';
import { words } from '../../document/figures.ts';
import { known, unknown } from '../../facts/view.ts';
import { projectedUse } from '../../plan/meters.ts';
import type { LimitUse } from '../../scores/limits.ts';
import { publish, ratio4 } from '../../scores/number.ts';
import { addBusinessDays, formatDay } from '../../time/calendar.ts';
import { defineSkill, type SkillContext, type SkillOutput } from '../skill.ts';
import type { ActionDraft } from '../skill-result.ts';
import { consumptionSections } from './consumption-document.ts';
import {
  type Dimension,
  findAnomalies,
  forecastUse,
  meterTrend,
  peakWeekday,
  type Recommendation,
  recommendUse,
} from './consumption-patterns.ts';
import { type DailyUse, dailyUse, highestShare, periodAnchor, unitsText, usedBy } from './meter-days.ts';

export interface Consumption {
  dimensions: Dimension[];
  /** The most urgent of the dimensions. */
  recommendation: Recommendation | null;
}

const days = (most: number) => z.number().int().min(1).max(most);
const parameters = z.strictObject({
  forecastDays: days(92).default(30).describe('days ahead that are forecast'),
  forecastWindowDays: z.number().int().min(14).max(365).default(28).describe('days whose weekdays are averaged'),
  forecastKnownDays: z.number().int().min(14).max(365).default(21).describe('known days of the window it needs'),
  anomalyWindowDays: z.number().int().min(28).max(365).default(56).describe('days searched for outliers'),
  anomalySameWeekdays: z.number().int().min(2).max(52).default(4).describe('known days of a weekday it is judged by'),
  anomalyDeviations: z.number().min(1).max(10).default(3).describe('standard deviations an outlier lies off'),
  anomalyOffPct: z.number().min(0).max(1000).default(20).describe('least distance of an outlier, %'),
  anomalyFlatOffPct: z.number().min(0).max(1000).default(50).describe('the same where the weekday never varies, %'),
  securityFactor: z.number().min(1).max(100).default(3).describe('times the median from which misuse is ruled out'),
  spikeDays: days(56).default(7).describe('days for which a spike still asks for a task'),
  peakFactor: z.number().min(1).max(7).default(1.3).describe('times the mean that make a peak weekday'),
  healthyFrom: z.number().min(0).max(1).default(0.6).describe('least healthy share of a limit'),
  rightSizeDays: z
    .number()
    .int()
    .min(7)
    .max(365)
    .default(60)
    .describe('days below it before a smaller limit is worth a talk'),
});
type Parameters = z.infer<typeof parameters>;

const URGENCY: readonly Recommendation[] = ['overage_predictor', 'right_size', 'healthy', 'monitor'];

export const consumptionAnalyzer = defineSkill<Parameters, Consumption>({
  name: 'monetization/consumption_analyzer',
  domain: 'monetization',
  purpose: 'Describes metered use: trend, pattern, forecast, anomalies',
  customerFacing: false,
  conversation: 'none',
  serviceMessage: false,
  celebration: false,
  inputs: { required: ['events of meters in the catalogue', 'subscriptions with limits'], optional: [] },
  sections: ['Usage', 'Patterns', 'Forecast', 'Anomalies'],
  parameters,
  outcome: {
    measure: 'usage_trend_pct',
    unit: '%',
    better: 'higher',
    horizonDays: 30, // the days it forecasts
    noise: 10, // within it a trend is stable (A5)
    read: ({ trend }) =>
      trend.percent.value === undefined ? unknown(trend.percent.reason) : known(trend.percent.value),
  },
  run: runConsumption,
});

function runConsumption(context: SkillContext<Parameters>): SkillOutput<Consumption | null> {
  const { measured, parameters: p } = context;
  const { view } = measured;
  if (view.usageGap !== undefined) return nothing({ fact: 'daily use', reason: view.usageGap });
  const read = metersOf(context).map(([use, meter]) => readDimension(use, meter, context));
  const dimensions = read.map(({ dimension }) => dimension);
  const dataGaps = read.flatMap(({ gaps }) => gaps);
  const limitGap = limitGapOf(context);
  if (limitGap !== undefined) dataGaps.unshift({ fact: 'limits', reason: limitGap });
  if (dimensions.length === 0) return { ...nothing(...dataGaps) };
  const isUseless = limitGap !== undefined || dimensions.every(({ used, limit }) => used === null && limit !== 0);
  const status = isUseless ? 'insufficient_data' : dataGaps.length > 0 ? 'partial' : 'ok';
  const recommendation = URGENCY.find((each) => dimensions.some((of) => of.recommendation === each)) ?? null;
  return {
    status,
    reasons: [],
    dataGaps,
    result: { dimensions, recommendation },
    actions: actionsOf(dimensions, context),
    sections: consumptionSections(dimensions, recommendation, {
      forecastDays: p.forecastDays,
      anomalyDays: p.anomalyWindowDays,
      rightSizeDays: p.rightSizeDays,
      healthyPct: [p.healthyFrom, context.workspace.measures.limits.approachingShare].map((each) =>
        publish(100 * each),
      ),
    }),
  };
}

function nothing(...dataGaps: { fact: string; reason: string }[]): SkillOutput<null> {
  return { status: 'insufficient_data', reasons: [], dataGaps, result: null, actions: [], sections: [] };
}

/** Why there is no limit to compare with. */
function limitGapOf({ measured, workspace }: SkillContext<unknown>): string | undefined {
  if (measured.subscriptionGap !== undefined) return measured.subscriptionGap;
  if (measured.contract.inForce.length === 0) return 'no subscription in force';
  if (measured.limits.meters.length > 0) return undefined;
  return workspace.catalogue.meters.length === 0
    ? 'no meters in catalog.yaml'
    : 'no subscription and no plan in catalog.yaml names a limit';
}

/** The meters that limits name, then those that are used without one. */
function metersOf({ measured, workspace }: SkillContext<unknown>): [LimitUse | undefined, Meter | undefined][] {
  const { meters } = workspace.catalogue;
  const limited = measured.limits.meters.map((use): [LimitUse, Meter | undefined] => [
    use,
    meters.find(({ id }) => id === use.meterId),
  ]);
  const named = new Set(measured.limits.meters.map(({ meterId }) => meterId));
  const others = meters.filter(({ id }) => !named.has(id) && measured.view.history.meters.has(id));
  return [...limited, ...others.map((meter): [undefined, Meter] => [undefined, meter])];
}

const STATUS = {
  limited: 'limited',
  notApplicable: 'unlimited',
  notEntitled: 'not_entitled',
  unknown: 'unknown',
} as const;

function readDimension(use: LimitUse | undefined, meter: Meter | undefined, context: SkillContext<Parameters>) {
  const { measured, workspace, parameters: p } = context;
  const { view } = measured;
  const id = meter?.id ?? use!.meterId;
  const gaps: { fact: string; reason: string }[] = [];
  const note = <T>(fact: string, read: { value?: T | undefined; reason?: string | undefined }): T | null => {
    if (read.value === undefined) gaps.push({ fact: `${fact} of ${id}`, reason: read.reason ?? 'not known' });
    return read.value ?? null;
  };
  const anchor = periodAnchor(measured, workspace);
  const window = Math.max(p.anomalyWindowDays, p.forecastWindowDays, 2 * workspace.measures.trend.windowDays);
  const daily: DailyUse = meter === undefined ? [] : dailyUse(view, id, window);
  const trend = meterTrend(daily, workspace.measures.trend);
  const isDormant = trend.kind.value === 'dormant';
  const base = {
    id,
    unit: meter?.unit ?? '',
    status: use === undefined ? ('unlisted' as const) : STATUS[use.status],
    limit: use?.limit ?? null,
    utilisation: use?.share ?? null,
  };
  if (meter === undefined) {
    note('use', { reason: use?.reason });
    return { dimension: { ...base, ...UNREAD }, gaps };
  }
  const used = use?.used !== undefined ? known(use.used) : usedBy(view, meter, anchor, view.lastDay);
  const rule = { windowDays: p.forecastWindowDays, knownDays: p.forecastKnownDays, horizonDays: p.forecastDays };
  const forecast = forecastUse(daily, view.lastDay, rule);
  const dimension: Dimension = {
    ...base,
    used: note('use', used),
    trend: note('trend', trend.kind),
    trendPct: isDormant ? null : (trend.percent.value ?? null),
    forecast30: note('forecast', forecast)?.sum ?? null,
    low: forecast.value?.low ?? null,
    high: forecast.value?.high ?? null,
    peakWeekday:
      forecast.value === undefined
        ? null
        : (peakWeekday(daily.slice(-p.forecastWindowDays), view.lastDay, p.peakFactor) ?? null),
    anomalies: findAnomalies(daily.slice(-p.anomalyWindowDays), view.lastDay, {
      deviations: p.anomalyDeviations,
      offPct: p.anomalyOffPct,
      flatOffPct: p.anomalyFlatOffPct,
      securityFactor: p.securityFactor,
      sameWeekdays: p.anomalySameWeekdays,
    }),
    recommendation: use === undefined ? null : recommendationOf(use, meter, context),
  };
  return { dimension, gaps };
}

const UNREAD = {
  used: null,
  trend: null,
  trendPct: null,
  forecast30: null,
  low: null,
  high: null,
  peakWeekday: null,
  anomalies: [],
  recommendation: null,
};

function recommendationOf(
  use: LimitUse,
  meter: Meter,
  { measured, workspace, parameters: p }: SkillContext<Parameters>,
) {
  if (use.status !== 'limited' || use.limit === undefined) return null;
  const highest = highestShare(measured.view, meter, use.limit, periodAnchor(measured, workspace), p.rightSizeDays);
  const projected = use.pace === undefined ? undefined : projectedUse(use);
  return recommendUse(
    {
      share: use.share,
      highest: highest.value,
      projected: projected === undefined ? undefined : ratio4(projected / use.limit),
    },
    p.healthyFrom,
    workspace.measures.limits.approachingShare,
  );
}

/** Tasks for the CSM alone: what the customer is told about limits is overage_predictor's affair. */
function actionsOf(dimensions: readonly Dimension[], context: SkillContext<Parameters>): ActionDraft[] {
  const { view, contract } = context.measured;
  const { holidays } = context.workspace.catalogue;
  const since = formatDay(view.lastDay - context.parameters.spikeDays + 1);
  const actions = dimensions.flatMap(({ id, anomalies }): ActionDraft[] => {
    const spike = anomalies.findLast(({ direction, date }) => direction === 'spike' && date >= since);
    if (spike === undefined) return [];
    const why = spike.security ? 'rule out misuse' : 'find the cause';
    return [
      {
        key: `spike:${id}`,
        title: `Look into the spike of ${words(id)} on ${spike.date}: ${unitsText(spike.used)} instead of ${unitsText(spike.expected)}; ${why}`,
        role: 'csm',
        due: addBusinessDays(view.today, 1, holidays),
        channel: 'task',
        evidence: [],
      },
    ];
  });
  const oversized = dimensions.filter(({ recommendation }) => recommendation === 'right_size');
  if (oversized.length === 0) return actions;
  const shown = oversized.map(({ id, used, limit }) => `${words(id)} ${unitsText(used)} of ${unitsText(limit)}`);
  actions.push({
    key: 'right_size',
    title: `Review the size of the limits below ${Math.round(context.parameters.healthyFrom * 100)} % for ${context.parameters.rightSizeDays} days: ${shown.join(', ')}`,
    role: 'csm',
    due: addBusinessDays(view.today, 5, holidays),
    channel: 'task',
    evidence: contract.inForce.map(({ subscriptionId }) => subscriptionId),
  });
  return actions;
}
