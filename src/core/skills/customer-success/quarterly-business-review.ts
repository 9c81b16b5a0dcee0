/** customer_success/quarterly_business_review (skills.md B): the value review of the last complete quarter. */
import { z } from 'zod';
import { countText, moneyText } from '../../document/figures.ts';
import type { AccountMeasures } from '../../facts/measure-account.ts';
import { kindGap } from '../../facts/view.ts';
import { majorUnits } from '../../records/money.ts';
import { DIMENSIONS, type Dimension } from '../../scores/health.ts';
import { percent2, publish } from '../../scores/number.ts';
import { addBusinessDays, type Day, formatDay, isBusinessDay, parseDay } from '../../time/calendar.ts';
import { defineSkill, type SkillContext, type SkillOutput } from '../skill.ts';
import type { ActionDraft } from '../skill-result.ts';
import { reviewSections } from './quarterly-business-review-document.ts';
import {
  lastCompleteQuarter,
  npsOf,
  type Quarter,
  quarterBefore,
  quarterFees,
  type ReviewedGoal,
  recordedValue,
  reviewedGoals,
  type SupportReview,
  supportReview,
  type UsageRow,
  urgentIncidents,
  usageRows,
} from './review-quarter.ts';
import { type ReviewRecommendation, recommendationsOf } from './review-recommendations.ts';

export interface Challenge {
  kind: 'missed_goal' | 'urgent_ticket' | 'incident' | 'dimension_down';
  text: string;
  /** Only for ourselves: a health dimension is no subject for the customer's copy. */
  internal: boolean;
  evidence: string[];
}

export interface DimensionChange {
  dimension: Dimension;
  /** At the quarter's end and at its beginning; null: unknown. */
  score: number | null;
  prior: number | null;
  change: number | null;
}

export interface BusinessReview {
  quarter: string;
  from: string;
  to: string;
  goals: ReviewedGoal[];
  usage: UsageRow[];
  support: SupportReview | null;
  nps: { mean: number; answers: number } | null;
  dimensions: DimensionChange[];
  /** Recorded value and fees of the quarter in major units. */
  recordedValue: number | null;
  fees: number | null;
  currency: string | null;
  roiMultiple: number | null;
  wins: { goalId: string; title: string; progressPct: number | null }[];
  challenges: Challenge[];
  recommendations: ReviewRecommendation[];
  expansionSuggestion: string | null;
  meetingDate: string;
  preReadDate: string;
  summaryDate: string;
  /** Titles of the slides the pre-read is made of. */
  slides: string[];
}

const parameters = z.strictObject({
  leadBusinessDays: z
    .number()
    .int()
    .min(1)
    .max(60)
    .default(10)
    .describe('business days from the invite to the meeting'),
  preReadBusinessDays: z.number().int().min(0).max(10).default(2).describe('business days the pre-read goes out ahead'),
  summaryBusinessDays: z.number().int().min(0).max(10).default(1).describe('business days until the summary'),
  partialFrom: z.number().min(0).max(100).default(50).describe('% of the way from which a goal is partly met'),
  wins: z.number().int().min(1).max(10).default(3).describe('goals named as wins'),
  dimensionDrop: z.number().min(1).max(100).default(5).describe('points of a dimension down that are a challenge'),
  themeTickets: z
    .number()
    .int()
    .min(2)
    .max(50)
    .default(3)
    .describe('tickets on one theme that call for its root cause'),
  lowSeatShare: z.number().min(0).max(1).default(0.6).describe('share of seats in use below which seats are a subject'),
  recommendations: z.number().int().min(3).max(5).default(5).describe('most recommendations'),
  recommendationsAtLeast: z
    .number()
    .int()
    .min(0)
    .max(5)
    .default(3)
    .describe('goals fill the recommendations up to so many'),
});
export type ReviewParameters = z.infer<typeof parameters>;

export const quarterlyBusinessReview = defineSkill<ReviewParameters, BusinessReview>({
  name: 'customer_success/quarterly_business_review',
  domain: 'customer_success',
  purpose: 'Prepares the value review of the last complete quarter',
  customerFacing: true,
  conversation: 'none',
  serviceMessage: false,
  celebration: false,
  inputs: {
    required: ['an account older than the last complete quarter'],
    optional: ['goals', 'events', 'tickets', 'surveys', 'subscriptions'],
  },
  sections: ['Summary', 'Value', 'Adoption', 'Health', 'Challenges', 'Recommendations', 'Next steps'],
  parameters,
  outcome: {
    measure: 'health_score',
    unit: 'points 0-100',
    better: 'higher',
    horizonDays: 90, // until the next review
    noise: 5,
    read: ({ health }) => health.score,
  },
  run: runReview,
});

function runReview(context: SkillContext<ReviewParameters>): SkillOutput<BusinessReview | null> {
  const { measured } = context;
  const { today, account, firstDay } = measured.view;
  const quarter = lastCompleteQuarter(today, account.fiscalYearStartMonth);
  const then = context.measuredOn(quarter.to + 1);
  if (then === undefined || firstDay > quarter.to) {
    const reason = `the account began on ${formatDay(firstDay)}, after ${quarter.label} ended on ${formatDay(quarter.to)} (accounts)`;
    return {
      status: 'insufficient_data',
      reasons: ['no_complete_quarter'],
      dataGaps: [{ fact: 'last complete quarter', reason }],
      result: null,
      actions: [],
      sections: [],
    };
  }
  const before = context.measuredOn(quarter.from);
  const dataGaps: SkillOutput<unknown>['dataGaps'] = [];
  const result = resultOf(context, quarter, then, before, dataGaps);
  return {
    status: dataGaps.length > 0 ? 'partial' : 'ok',
    reasons: result.recommendations.length < context.parameters.recommendationsAtLeast ? ['few_recommendations'] : [],
    dataGaps,
    result,
    actions: actionsOf(context, result),
    sections: reviewSections(result),
  };
}

function resultOf(
  context: SkillContext<ReviewParameters>,
  quarter: Quarter,
  then: AccountMeasures,
  before: AccountMeasures | undefined,
  dataGaps: SkillOutput<unknown>['dataGaps'],
): BusinessReview {
  const { measured, workspace, parameters: p } = context;
  const { view } = then;
  const goals = reviewedGoals(view, quarter, p.partialFrom);
  const usage = usageRows(view, quarter, quarterBefore(quarter, view.account.fiscalYearStartMonth));
  const support = supportReview(measured.view, workspace, quarter, p.themeTickets);
  const nps = npsOf(measured.view, workspace, quarter) ?? null;
  dataGaps.push(...gapsOf(context, goals, usage, nps !== null));
  const dimensions = DIMENSIONS.map((name) => dimensionChange(name, then, before));
  return {
    quarter: quarter.label,
    from: formatDay(quarter.from),
    to: formatDay(quarter.to),
    goals,
    usage,
    support,
    nps,
    dimensions,
    ...valueAndFees(context, quarter, then, before, goals, dataGaps),
    wins: [...goals.filter(({ outcome }) => outcome === 'met'), ...goals.filter(({ outcome }) => outcome === 'partial')]
      .slice(0, p.wins)
      .map(({ goalId, title, progressPct }) => ({ goalId, title, progressPct })),
    challenges: challengesOf(context, quarter, goals, support, dimensions),
    recommendations: recommendationsOf(context, goals, support),
    ...datesOf(context),
    expansionSuggestion: suggestionOf(measured),
    slides: slidesOf(goals.length > 0, measured),
  };
}

function valueAndFees(
  { spans, workspace }: SkillContext<ReviewParameters>,
  quarter: Quarter,
  then: AccountMeasures,
  before: AccountMeasures | undefined,
  goals: readonly ReviewedGoal[],
  dataGaps: SkillOutput<unknown>['dataGaps'],
): Pick<BusinessReview, 'recordedValue' | 'fees' | 'currency' | 'roiMultiple'> {
  const value = recordedValue(then, before, goals, quarter);
  const fees = quarterFees(spans, quarter);
  if (value.value === undefined) dataGaps.push({ fact: 'recorded value', reason: value.reason });
  const undated = value.value?.undatedIds ?? [];
  if (undated.length > 0) {
    const reason = `${undated.join(', ')}: at the target without achievedAt (goals); the value counts until the goal is closed`;
    dataGaps.push({ fact: 'date of achievement', reason });
  }
  if (fees.value === undefined) dataGaps.push({ fact: 'fees', reason: fees.reason });
  // goals are recorded in the workspace's currency
  const goalCurrency = workspace.contractOptions.currency;
  const feeCurrency = fees.value?.currency;
  const differs = goalCurrency !== undefined && feeCurrency !== undefined && goalCurrency !== feeCurrency;
  if (differs) {
    dataGaps.push({ fact: 'roi', reason: `value in ${goalCurrency}, fees in ${feeCurrency}, and no rate is given` });
  }
  const currency = differs ? goalCurrency : (feeCurrency ?? goalCurrency);
  return {
    recordedValue: value.value === undefined ? null : majorUnits(value.value.valueMinor, goalCurrency ?? currency),
    fees: fees.value === undefined || differs ? null : majorUnits(fees.value.minor, feeCurrency),
    currency: currency ?? null,
    roiMultiple:
      value.value === undefined || fees.value === undefined || differs
        ? null
        : percent2(value.value.valueMinor / fees.value.minor),
  };
}

function gapsOf(
  { measured, workspace }: SkillContext<ReviewParameters>,
  goals: readonly ReviewedGoal[],
  usage: readonly UsageRow[],
  answered: boolean,
): SkillOutput<unknown>['dataGaps'] {
  const gaps: SkillOutput<unknown>['dataGaps'] = [];
  const { view } = measured;
  if (goals.length === 0) {
    gaps.push({
      fact: 'goals',
      reason: `${kindGap('goals', view, workspace) ?? 'none recorded for the quarter'} (goals)`,
    });
  }
  const unjudged = goals.filter(({ outcome }) => outcome === 'unknown').map(({ goalId }) => goalId);
  if (unjudged.length > 0) {
    gaps.push({ fact: 'goal progress', reason: `no baseline, target or current for ${unjudged.join(', ')} (goals)` });
  }
  const silent = usage.filter((row) => row.changePct === null).map(({ measure }) => measure);
  if (silent.length > 0) {
    gaps.push({
      fact: 'usage change',
      reason: `no ${silent.join(', ')} to compare with in the quarter before (events)`,
    });
  }
  const tickets = kindGap('tickets', view, workspace);
  if (tickets !== undefined) gaps.push({ fact: 'support', reason: `${tickets} (tickets)` });
  const surveys = kindGap('surveys', view, workspace);
  if (!answered) gaps.push({ fact: 'nps', reason: `${surveys ?? 'no answer in the quarter'} (surveys)` });
  return gaps;
}

function dimensionChange(
  dimension: Dimension,
  then: AccountMeasures,
  before: AccountMeasures | undefined,
): DimensionChange {
  const published = (measures: AccountMeasures | undefined): number | null => {
    const score = measures?.health.dimensions[dimension].score;
    return score === undefined ? null : publish(score);
  };
  const [score, prior] = [published(then), published(before)];
  return { dimension, score, prior, change: score === null || prior === null ? null : score - prior };
}

function challengesOf(
  { measured, workspace, parameters: p }: SkillContext<ReviewParameters>,
  quarter: Quarter,
  goals: readonly ReviewedGoal[],
  support: SupportReview | null,
  dimensions: readonly DimensionChange[],
): Challenge[] {
  const challenges: Challenge[] = goals
    .filter(({ outcome }) => outcome === 'missed')
    .map(({ goalId, title, progressPct, dueDate }) => ({
      kind: 'missed_goal',
      text: `"${title}" reached ${publish(progressPct ?? 0)} % of the way${dueDate === null ? '' : `, due on ${dueDate}`}`,
      internal: false,
      evidence: [goalId],
    }));
  const add = (kind: Challenge['kind'], text: string, evidence: string[], internal = false) => {
    if (evidence.length > 0 || internal) challenges.push({ kind, text, internal, evidence });
  };
  const urgent = support?.urgent ?? [];
  add('urgent_ticket', `${countText(urgent.length, 'urgent ticket')} (P1 or P2): ${urgent.join(', ')}`, urgent);
  const incidents = urgentIncidents(measured.view, workspace, quarter);
  add('incident', `${countText(incidents.length, 'incident')} (P1 or P2): ${incidents.join(', ')}`, incidents);
  for (const { dimension, score, prior, change } of dimensions) {
    if (change !== null && change <= -p.dimensionDrop)
      add('dimension_down', `${dimension} from ${prior} to ${score}`, [], true);
  }
  return challenges;
}

/** One suggestion, only while every gate is met: the room the active team needs, else what the customer itself showed. */
function suggestionOf({ gates, value, seats, organic }: AccountMeasures): string | null {
  if (gates.length === 0 || gates.some((gate) => gate.met !== true)) return null;
  if (value.seats !== undefined && value.seats > 0 && typeof seats.licensed === 'number') {
    const price =
      value.fullMinor.value === undefined ? '' : `, ${moneyText(value.fullMinor.value, value.currency)} a year`;
    return `${seats.active.value} of ${seats.licensed} seats are in use; ${value.seats} more would leave room to grow${price}`;
  }
  const [signal] = organic.signals;
  return signal === undefined ? null : `If it helps: ${signal.detail}`;
}

/** Eight to ten slides: the title, the seven sections, goals one by one where there are any, and the next step up. */
function slidesOf(hasGoals: boolean, { gates }: AccountMeasures): string[] {
  const mayGrow = gates.length > 0 && gates.every((gate) => gate.met === true);
  return [
    'Title',
    'Summary',
    'Value',
    ...(hasGoals ? ['Goals one by one'] : []),
    'Adoption',
    'Health',
    'Challenges',
    'Recommendations',
    ...(mayGrow ? ['Room to grow'] : []),
    'Next steps',
  ];
}

function datesOf({ measured, workspace, parameters: p }: SkillContext<ReviewParameters>) {
  const { holidays } = workspace.catalogue;
  const meeting = addBusinessDays(measured.view.today, p.leadBusinessDays, holidays);
  return {
    meetingDate: formatDay(meeting),
    preReadDate: formatDay(businessDaysBefore(meeting, p.preReadBusinessDays, holidays)),
    summaryDate: formatDay(addBusinessDays(meeting, p.summaryBusinessDays, holidays)),
  };
}

/** The `count`-th business day before `day`. */
export function businessDaysBefore(day: Day, count: number, holidays: ReadonlySet<Day>): Day {
  let at = day;
  for (let left = count, looked = 0; left > 0 && looked < 366; looked++) if (isBusinessDay(--at, holidays)) left--;
  return at;
}

function actionsOf({ measured, workspace }: SkillContext<ReviewParameters>, review: BusinessReview): ActionDraft[] {
  const { today, account } = measured.view;
  const { holidays } = workspace.catalogue;
  const dayOf = (text: string) => parseDay(text)!; // formatted by `datesOf`
  const evidence = review.goals.map(({ goalId }) => goalId);
  const action = (key: string, title: string, due: Day): ActionDraft => ({
    key: `${key}:${review.quarter}`,
    title,
    role: 'csm',
    due,
    channel: 'email',
    evidence,
  });
  return [
    action(
      'invite',
      `Invite ${account.name} to the review of ${review.quarter} on ${review.meetingDate}`,
      addBusinessDays(today, 0, holidays),
    ),
    action(
      'pre_read',
      `Send the pre-read of ${review.quarter}, ${review.slides.length} slides`,
      dayOf(review.preReadDate),
    ),
    action(
      'summary',
      `Send the summary of the review with ${review.recommendations.length} agreed next steps`,
      dayOf(review.summaryDate),
    ),
  ];
}
