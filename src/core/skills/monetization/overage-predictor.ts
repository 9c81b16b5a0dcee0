/** monetization/overage_predictor (skills.md B): who is warned before a limit is reached, and what going beyond it costs. */
import { z } from 'zod';
import { moneyText, words } from '../../document/figures.ts';
import { known, unknown } from '../../facts/view.ts';
import { holdsOn } from '../../guardrails/guardrails.ts';
import { yearlyCost } from '../../plan/proposal.ts';
import { majorUnits } from '../../records/money.ts';
import type { LimitUse } from '../../scores/limits.ts';
import { percent2, ratio4 } from '../../scores/number.ts';
import { addBusinessDays, formatDay } from '../../time/calendar.ts';
import { defineSkill, type PastIntervention, type SkillContext, type SkillOutput } from '../skill.ts';
import type { ActionDraft } from '../skill-result.ts';
import { unitsText } from './meter-days.ts';
import { type Alert, type AlertLevel, alertFor, forecastOverage } from './overage-alerts.ts';
import { type OverageDimension, overageSections, type UpgradePlan } from './overage-document.ts';

export interface Overage {
  dimensions: OverageDimension[];
  /** Highest level in force: 0 below the first, null where no limit can be read. */
  alertLevel: AlertLevel | 0 | null;
  /** Customer alerts already sent in the present period. */
  alertsSent: number;
  /** What this run tells; kept as the log of later runs. */
  alerts: { dimensionId: string; level: AlertLevel; counted: boolean }[];
  /** Guardrails for which no upgrade is spoken of. */
  upgradeHeldBy: string[];
}

const parameters = z.strictObject({
  alertsPerPeriod: z.number().int().min(1).max(10).default(3).describe('customer alerts in one period of a limit'),
  urgentDays: z
    .number()
    .int()
    .min(0)
    .max(30)
    .default(3)
    .describe('days to the limit from which the next e-mail goes now'),
  costAbove: z.number().min(0).default(500).describe('projected overage cost above which the CSM acts, major units'),
  gaugePeriodDays: z
    .number()
    .int()
    .min(1)
    .max(365)
    .default(30)
    .describe('period of a limit that never resets, in days'),
});
type Parameters = z.infer<typeof parameters>;
type Context = SkillContext<Parameters>;

const NAME = 'monetization/overage_predictor';

export const overagePredictor = defineSkill<Parameters, Overage>({
  name: NAME,
  domain: 'monetization',
  purpose: 'Warns before a limit is reached and prices the overage',
  customerFacing: true,
  conversation: 'none',
  serviceMessage: true,
  celebration: false,
  inputs: {
    required: ['subscriptions with limits', 'events of meters in the catalogue'],
    optional: ['overage prices in the catalogue', 'earlier alerts'],
  },
  sections: ['Status', 'Forecast', 'Options'],
  parameters,
  outcome: {
    measure: 'highest_limit_used',
    unit: 'share',
    better: 'lower',
    horizonDays: 14, // the days ahead within which a limit counts as approaching (A6)
    noise: 0.05,
    read: ({ limits: { highestShare } }) =>
      highestShare.value === undefined ? unknown(highestShare.reason) : known(highestShare.value),
  },
  run: runOverage,
});

interface Reading {
  use: LimitUse;
  dimension: OverageDimension;
  alert: Alert | undefined;
  costMinor: number | undefined;
  gaps: { fact: string; reason: string }[];
}

function runOverage(context: Context): SkillOutput<Overage | null> {
  const { measured } = context;
  const { meters } = measured.limits;
  const gap =
    measured.subscriptionGap ??
    (measured.contract.inForce.length === 0
      ? 'no subscription in force'
      : meters.length === 0
        ? 'no subscription and no plan in catalog.yaml names a limit'
        : undefined);
  if (gap !== undefined) return insufficient([{ fact: 'limits', reason: gap }]);
  const upgradeHeldBy = upgradeHolds(context);
  const readings = readAll(context);
  const dataGaps = readings.flatMap(({ gaps }) => gaps);
  const applicable = readings.filter(({ use }) => use.status === 'limited' || use.status === 'unknown');
  const known = applicable.filter(({ use }) => use.status === 'limited');
  if (applicable.length > 0 && known.length === 0) return insufficient(dataGaps);
  const alerts = known.flatMap(({ dimension, alert }) =>
    alert?.due == null ? [] : [{ dimensionId: dimension.id, level: alert.due, counted: alert.counted }],
  );
  const dimensions = readings.map(({ dimension }) => dimension);
  return {
    status: dataGaps.length > 0 ? 'partial' : 'ok',
    reasons: applicable.length === 0 ? ['no_limit_applies'] : [],
    dataGaps,
    result: {
      dimensions,
      alertLevel: known.length === 0 ? null : highestLevel(known.map(({ dimension }) => dimension.level)),
      alertsSent: Math.max(0, ...dimensions.map(({ alertsSent }) => alertsSent)),
      alerts,
      upgradeHeldBy,
    },
    actions: actionsOf(known, upgradeHeldBy, context),
    sections: overageSections(dimensions, upgradeHeldBy, context.parameters.gaugePeriodDays),
  };
}

function insufficient(dataGaps: { fact: string; reason: string }[]): SkillOutput<null> {
  return { status: 'insufficient_data', reasons: [], dataGaps, result: null, actions: [], sections: [] };
}

function highestLevel(levels: readonly (AlertLevel | 0 | null)[]): AlertLevel | 0 {
  return levels.reduce<AlertLevel | 0>((highest, level) => (level !== null && level > highest ? level : highest), 0);
}

/** What would hold an offer now; the weekly cap is no reason to hold a word back from a message it does not count. */
function upgradeHolds({ measured, workspace, stage, atRiskRule, capDays }: Context): string[] {
  return holdsOn({
    skill: { ...overagePredictor, conversation: 'expansion', serviceMessage: false },
    stage: stage ?? '',
    today: measured.view.today,
    facts: measured.conversation,
    guardrails: workspace.guardrails,
    atRiskRule,
    capDays,
    openMotion: undefined, // a warning is no offer, and hints at one only where nothing else is against it
  })
    .map(({ guardrail }) => guardrail)
    .filter((guardrail) => guardrail !== 'cap.weekly');
}

/** Limits in the contract's order, the alerts given to the fullest first: one period has only so many of them. */
function readAll(context: Context): Reading[] {
  const { meters } = context.measured.limits;
  const given: Given = { counted: 0 };
  const byShare = meters.toSorted((a, b) => (b.share ?? -1) - (a.share ?? -1));
  const readings = new Map(byShare.map((use) => [use, readLimit(use, given, context)]));
  return meters.map((use) => readings.get(use)!);
}

interface Given {
  /** Customer alerts of this run. */
  counted: number;
}

const STATUS = {
  limited: 'limited',
  notApplicable: 'not_applicable',
  notEntitled: 'not_entitled',
  unknown: 'unknown',
} as const;

function readLimit(use: LimitUse, given: Given, context: Context): Reading {
  const { measured, parameters: p } = context;
  const { view, contract } = measured;
  const id = use.meterId;
  const price = overagePrice(id, context);
  const blank = { ...BLANK, id, unit: use.unit, status: STATUS[use.status], currency: price?.currency ?? null };
  if (use.status !== 'limited' || use.used === undefined || use.limit === undefined || use.share === undefined) {
    const gaps = use.status === 'unknown' ? [{ fact: `daily use of ${id}`, reason: use.reason ?? 'not known' }] : [];
    return { use, dimension: blank, alert: undefined, costMinor: undefined, gaps };
  }
  // Of a level that never resets, the end is that of as many days as its period counts.
  const daysLeft = use.daysLeft ?? p.gaugePeriodDays;
  const forecast = forecastOverage({
    used: use.used,
    limit: use.limit,
    pace: use.pace,
    daysLeft,
    price: price?.each,
    currency: price?.currency,
  });
  const within = typeof use.daysToLimit === 'number' && use.daysToLimit <= daysLeft ? use.daysToLimit : undefined;
  const told = toldSince(id, use.periodStart ?? view.today - p.gaugePeriodDays, context);
  const alertsSent = told.counted + given.counted;
  const alert = alertFor(
    { share: use.share, daysToLimit: within, toldLevel: told.level, alertsSent },
    { alertsPerPeriod: p.alertsPerPeriod, urgentDays: p.urgentDays },
  );
  if (alert.counted) given.counted++;
  const gaps: Reading['gaps'] = [];
  if (use.pace === undefined) gaps.push({ fact: `pace of ${id}`, reason: use.reason ?? 'not known' });
  else if (price === undefined && (forecast.projectedOverage ?? 0) > 0)
    gaps.push({
      fact: `overage price of ${id}`,
      reason: `no plan of ${contract.planIds.join(', ')} in catalog.yaml gives one`,
    });
  const dimension: OverageDimension = {
    ...blank,
    used: use.used,
    limit: use.limit,
    usedPct: percent2(use.share * 100),
    pace: use.pace === undefined ? null : percent2(use.pace),
    daysLeft: use.daysLeft ?? null,
    periodEnd: use.periodEnd === undefined ? null : formatDay(use.periodEnd),
    projectedEnd: forecast.projectedEnd ?? null,
    projectedOverage: forecast.projectedOverage ?? null,
    projectedOverageCost: forecast.costMinor === undefined ? null : majorUnits(forecast.costMinor, price!.currency),
    daysToLimit: use.daysToLimit ?? null,
    limitDate: within === undefined || within === 0 ? null : formatDay(view.lastDay + within),
    level: alert.level,
    alertsSent: told.counted,
    upgrade: alert.level === 0 ? null : upgradeFor(use, forecast.projectedEnd ?? use.used, context),
  };
  return { use, dimension, alert, costMinor: forecast.costMinor, gaps };
}

const BLANK = {
  used: null,
  limit: null,
  usedPct: null,
  pace: null,
  daysLeft: null,
  periodEnd: null,
  projectedEnd: null,
  projectedOverage: null,
  projectedOverageCost: null,
  daysToLimit: null,
  limitDate: null,
  level: null,
  alertsSent: 0,
  upgrade: null,
};

/** Of the plans in force, the leading one first. */
function overagePrice(meterId: string, { measured, workspace }: Context) {
  const { planId, planIds } = measured.contract;
  for (const id of [planId, ...planIds]) {
    const plan = workspace.catalogue.plans.find((each) => each.id === id);
    const each = plan?.overage[meterId];
    if (plan !== undefined && each !== undefined) return { each, currency: plan.currency };
  }
  return undefined;
}

const TOLD = new Set(['delivered', 'completed']);
const UNDER_WAY = new Set(['proposed', 'approved', 'dispatched']);

/**
 * What earlier runs told since `from`: the highest level of this meter, and all customer alerts of any meter. One that is
 * on its way counts as told, but not one proposed today: asked again on the same day, the skill gives the same answer.
 */
function toldSince(meterId: string, from: number, { past, measured, workspace }: Context) {
  const told = { level: 0, counted: 0 };
  for (const each of past) {
    const day = each.doneAt === undefined ? each.madeOn : workspace.clock.dayOf(each.doneAt);
    if (each.skill !== NAME || day === undefined || day < from) continue;
    if (!TOLD.has(each.state) && !(UNDER_WAY.has(each.state) && day < measured.view.today)) continue;
    for (const { dimensionId, level, counted } of keptAlerts(each)) {
      if (counted) told.counted++;
      if (dimensionId === meterId) told.level = Math.max(told.level, level);
    }
  }
  return told;
}

function keptAlerts({ result }: PastIntervention): Overage['alerts'] {
  return Array.isArray(result?.alerts) ? (result.alerts as Overage['alerts']) : [];
}

/** The cheapest other plan of the product that holds the projected use with headroom (as upgrade_trigger picks it). */
function upgradeFor({ meterId }: LimitUse, projected: number, { measured, workspace }: Context): UpgradePlan | null {
  const { plans } = workspace.catalogue;
  const current = plans.find((plan) => plan.id === measured.contract.planId);
  if (current === undefined) return null;
  const need = Math.ceil(ratio4(workspace.measures.readiness.headroom * projected));
  const seats = typeof measured.seats.licensed === 'number' ? measured.seats.licensed : 1;
  const priced = plans.filter((plan) => plan.perSeatMinor !== undefined || plan.flatMinor !== undefined);
  const [plan] = priced
    .filter(({ id, product, limits }) => {
      const limit = limits[meterId];
      return (
        id !== current.id && product === current.product && limit !== undefined && (limit === null || limit >= need)
      );
    })
    .sort((a, b) => yearlyCost(a, seats) - yearlyCost(b, seats) || (a.id < b.id ? -1 : 1));
  return plan === undefined ? null : { planId: plan.id, limit: plan.limits[meterId] ?? null };
}

function actionsOf(readings: readonly Reading[], held: readonly string[], context: Context): ActionDraft[] {
  const { view, contract } = context.measured;
  const { holidays } = context.workspace.catalogue;
  const evidence = contract.inForce.map(({ subscriptionId }) => subscriptionId);
  const now = addBusinessDays(view.today, 0, holidays);
  const draft = (action: Omit<ActionDraft, 'due' | 'evidence'>): ActionDraft => ({ ...action, due: now, evidence });
  const actions = readings.flatMap(({ dimension, alert }) => {
    if (alert === undefined) return [];
    const said = `${unitsText(dimension.used)} of ${unitsText(dimension.limit)} ${words(dimension.id)} are used`;
    const when = dimension.limitDate === null ? '' : `; at this pace the limit is reached on ${dimension.limitDate}`;
    const csm = (title: string) => draft({ key: `csm:${dimension.id}`, title, role: 'csm', channel: 'task' });
    if (alert.handOver)
      return [
        csm(`Speak to the customer yourself: ${said}${when}; ${context.parameters.alertsPerPeriod} alerts are out`),
      ];
    if (alert.due === null) return [];
    const offer = dimension.upgrade === null || held.length > 0 ? '' : `; ${upgradeWords(dimension.upgrade)}`;
    const growth = (channel: 'alert' | 'email' | 'in_app', title: string) =>
      draft({ key: `${alert.due}:${channel}:${dimension.id}`, title, role: 'growth', channel, subject: 'service' });
    if (alert.due === 50) return [growth('alert', `Note that ${said}${when}`)];
    if (alert.due === 100)
      return [
        growth('in_app', `Show the banner: ${said}${offer}`),
        csm(`Agree on what happens now: ${said}, the limit is reached`),
      ];
    return [
      growth('email', `Write that ${said}${when}${offer}`),
      ...(alert.due >= 80 ? [growth('in_app', `Show that ${said}${when}${offer}`)] : []),
      ...(alert.due >= 90 ? [csm(`Follow up the warning of ${alert.due} %: ${said}${when}`)] : []),
    ];
  });
  const costly = costAction(readings, context);
  return costly === undefined ? actions : [...actions, { ...costly, evidence }];
}

function upgradeWords({ planId, limit }: UpgradePlan): string {
  return `the plan ${words(planId)} ${limit === null ? 'has no limit' : `includes ${unitsText(limit)}`}`;
}

/** Costs of all limits together, by currency. */
function costAction(readings: readonly Reading[], context: Context): Omit<ActionDraft, 'evidence'> | undefined {
  const sums = new Map<string, number>();
  for (const { dimension, costMinor } of readings) {
    if (costMinor === undefined || dimension.currency === null) continue;
    sums.set(dimension.currency, (sums.get(dimension.currency) ?? 0) + costMinor);
  }
  const high = [...sums].filter(([currency, minor]) => majorUnits(minor, currency) > context.parameters.costAbove);
  if (high.length === 0) return undefined;
  const shown = high.map(([currency, minor]) => moneyText(minor, currency)).join(' and ');
  return {
    key: 'cost',
    title: `Go through the projected overage of ${shown} with the customer`,
    role: 'csm',
    due: addBusinessDays(context.measured.view.today, 1, context.workspace.catalogue.holidays),
    channel: 'task',
  };
}
