/**
 * customer_success/time_to_impact (skills.md B): how soon value came, and when the next step can be expected. The
 * calculation is that of `../../scores/time-to-impact.ts`; when what was reached stands in `impact-milestones.ts`.
 *
 * Choices where the spec is silent. An undone milestone past its target is late by the days since then, and counts for
 * the CS manager's alert as a delta does. The day of a target is the last day in time.
 */
import { z } from 'zod';
import { moneyText, sentence, words } from '../../document/figures.ts';
import { inert, labelled, quoted, table } from '../../document/markdown.ts';
import { type Known, known, unknown } from '../../facts/view.ts';
import { majorUnits } from '../../records/money.ts';
import { ratio4 } from '../../scores/number.ts';
import {
  type TimeToImpact as Impact,
  type ImpactMilestone,
  type ImpactReading,
  timeToImpact as impactOf,
} from '../../scores/time-to-impact.ts';
import { addBusinessDays, type Day, formatDay } from '../../time/calendar.ts';
import { defineSkill, type SkillContext, type SkillOutput, type SkillSection } from '../skill.ts';
import type { ActionDraft } from '../skill-result.ts';
import { type ImpactEvidence, impactEvidence } from './impact-milestones.ts';

type MilestoneId = 'first_login' | 'first_workflow' | 'first_win' | 'active_adoption' | 'roi_positive' | 'strategic';

export interface ImpactMilestoneReport {
  id: MilestoneId;
  targetDays: number;
  targetDate: string;
  targetFrom: 'peers' | 'policy';
  actualDays: number | null;
  reachedOn: string | null;
  /** actual - target in days; null while it is undone. */
  deltaDays: number | null;
  late: boolean;
}

export interface TimeToImpactReport {
  day: number;
  timeToFirstValueDays: number | null;
  timeToRoiDays: number | null;
  /** Tracked ones, in order. */
  milestones: ImpactMilestoneReport[];
  slipRatio: number | null;
  /** `day` counts from sign-up; `date` is that day. */
  forecast: { id: MilestoneId; day: number; date: string; confidence: 'high' | 'medium' | 'low' } | null;
  atRisk: boolean | null;
  /** In major units; null: not tracked. */
  valueRecorded: number | null;
  paid: number | null;
  currency: string | null;
}

const parameters = z.strictObject({
  alertDelta: z
    .number()
    .int()
    .min(0)
    .max(365)
    .default(14)
    .describe('days behind target beyond which the CS manager is told'),
});
type Parameters = z.infer<typeof parameters>;
type Context = SkillContext<Parameters>;

export const timeToImpact = defineSkill<Parameters, TimeToImpactReport>({
  name: 'customer_success/time_to_impact',
  domain: 'customer_success',
  purpose: 'Measures how fast value arrives and forecasts the next milestone',
  customerFacing: true,
  conversation: 'none',
  serviceMessage: false,
  celebration: false,
  inputs: {
    required: ['account createdAt', 'catalogue milestones, logins or workflow signal', 'events'],
    optional: ['goals with valueAmount', 'invoices', 'peers of the same segment and plan'],
  },
  sections: ['Timeline', 'Deltas', 'Blockers', 'Forecast'],
  parameters,
  outcome: {
    // the first win lies behind once it was slow; what can still move is the rest of the activation
    measure: 'activation_score',
    unit: 'points 0-100',
    better: 'higher',
    // the target of active adoption
    horizonDays: 21,
    noise: 0,
    read: ({ activation: { score } }) => (score.value === undefined ? unknown(score.reason) : known(score.value)),
  },
  run: runImpact,
});

const IDS: Record<ImpactMilestone, MilestoneId> = {
  firstLogin: 'first_login',
  firstWorkflow: 'first_workflow',
  firstWin: 'first_win',
  activeAdoption: 'active_adoption',
  roiPositive: 'roi_positive',
  strategic: 'strategic',
};

function runImpact(context: Context): SkillOutput<TimeToImpactReport> {
  const evidence = impactEvidence(context);
  const impact = impactOf(evidence.input, context.workspace.measures.impact);
  const result = resultOf(impact, evidence);
  const isEmpty = impact.milestones.length === 0;
  return {
    status: isEmpty ? 'insufficient_data' : evidence.gaps.length === 0 ? 'ok' : 'partial',
    reasons: [],
    dataGaps: evidence.gaps.map(({ milestone, reason }) => ({ fact: IDS[milestone], reason })),
    result,
    actions: actionsOf(impact, context),
    sections: isEmpty ? [] : sectionsOf(impact, result, evidence, context),
  };
}

const orNull = <T>({ value }: Known<T>): T | null => value ?? null;

/** The last day in time. */
function targetDay({ targetDays }: ImpactReading, start: Day): Day {
  return start + Math.floor(targetDays);
}

function resultOf(impact: Impact, { input, valueMinor, paidMinor, currency }: ImpactEvidence): TimeToImpactReport {
  const { start } = input;
  const forecast = impact.forecast.value;
  const major = (minor: number | undefined) => (minor === undefined ? null : majorUnits(minor, currency));
  return {
    day: impact.day,
    timeToFirstValueDays: orNull(impact.timeToFirstValueDays),
    timeToRoiDays: orNull(impact.timeToRoiDays),
    milestones: impact.milestones.map((each) => {
      const reachedOn = input.reachedOn[each.id];
      return {
        id: IDS[each.id],
        targetDays: each.targetDays,
        targetDate: formatDay(targetDay(each, start)),
        targetFrom: each.targetFrom,
        actualDays: each.actualDays ?? null,
        reachedOn: reachedOn === undefined ? null : formatDay(reachedOn),
        deltaDays: each.deltaDays ?? null,
        late: each.late,
      };
    }),
    slipRatio: orNull(impact.slipRatio),
    forecast:
      forecast === undefined
        ? null
        : {
            id: IDS[forecast.id],
            day: forecast.day,
            date: formatDay(start + forecast.day),
            confidence: forecast.confidence,
          },
    atRisk: orNull(impact.atRisk),
    valueRecorded: major(valueMinor),
    paid: major(paidMinor),
    currency: valueMinor === undefined ? null : (currency ?? null),
  };
}

/** Days behind target: what it took too long, or has taken so far. */
function behind({ deltaDays, targetDays }: ImpactReading, day: number): number {
  return deltaDays ?? ratio4(day - targetDays);
}

function actionsOf(impact: Impact, { measured, workspace, parameters: p }: Context): ActionDraft[] {
  const due = (count: number) => addBusinessDays(measured.view.today, count, workspace.catalogue.holidays);
  const late = impact.milestones.filter((each) => each.late);
  const [earliest] = late;
  if (earliest === undefined) return [];
  const evidence = measured.blockers.map(({ sourceId }) => sourceId);
  const firstOpen = late.find((each) => each.actualDays === undefined);
  const also = firstOpen === undefined || firstOpen === earliest ? '' : `; ${lateText(firstOpen, impact.day)}`;
  const actions: ActionDraft[] = [
    {
      key: `call:${IDS[earliest.id]}`,
      title: `Call about ${lateText(earliest, impact.day)}${also}`,
      role: 'csm',
      due: due(1),
      channel: 'call',
      evidence,
    },
  ];
  const win = late.find(({ id }) => id === 'firstWin');
  if (win !== undefined) {
    actions.push({
      key: 'quick_win',
      title: `Pick the next quick win: ${lateText(win, impact.day)}`,
      role: 'growth',
      due: due(0),
      channel: 'task',
      evidence: [],
    });
  }
  const worst = late.toSorted((a, b) => behind(b, impact.day) - behind(a, impact.day))[0]!;
  if (behind(worst, impact.day) > p.alertDelta) {
    actions.push({
      key: `delta:${IDS[worst.id]}`,
      title: `Look at what holds value back: ${lateText(worst, impact.day)}`,
      role: 'csManager',
      due: due(2),
      channel: 'task',
      evidence,
    });
  }
  return actions;
}

/** `first win, reached on day 20, target 14` */
function lateText({ id, actualDays, targetDays }: ImpactReading, day: number): string {
  const state = actualDays === undefined ? `open on day ${day}` : `reached on day ${actualDays}`;
  return `${words(IDS[id])}, ${state}, target ${targetDays}`;
}

function sectionsOf(
  impact: Impact,
  result: TimeToImpactReport,
  { valueMinor, paidMinor, currency, input }: ImpactEvidence,
  { measured }: Context,
): SkillSection[] {
  const dayText = (days: number | null) => (days === null ? 'unknown' : `day ${days}`);
  const timeline = [
    table(
      ['Milestone', 'Target', 'From', 'Reached'],
      result.milestones.map(({ id, targetDays, targetDate, targetFrom, actualDays, reachedOn }) => [
        titleOf(id),
        `day ${targetDays} (${targetDate})`,
        targetFrom,
        actualDays === null ? 'not yet' : `day ${actualDays} (${reachedOn})`,
      ]),
    ),
    [
      labelled('Day', `${impact.day}, since sign-up on ${formatDay(input.start)}`),
      labelled('Time to first value', dayText(result.timeToFirstValueDays)),
      labelled('Time to ROI', dayText(result.timeToRoiDays)),
      ...(valueMinor === undefined || paidMinor === undefined
        ? []
        : [
            labelled(
              'Value and fees',
              `${moneyText(valueMinor, currency)} recorded, ${moneyText(paidMinor, currency)} paid`,
            ),
          ]),
    ].join('\n'),
  ];
  const deltas = impact.milestones.map((each) => {
    const days = behind(each, impact.day);
    const state =
      each.actualDays === undefined
        ? each.late
          ? `open, ${dayCount(days)} past the target`
          : `open, ${dayCount(-days)} left`
        : days > 0
          ? `${dayCount(days)} late`
          : days === 0
            ? 'in time, on the last day'
            : `in time, ${dayCount(-days)} early`;
    return labelled(titleOf(IDS[each.id]), state);
  });
  return [
    { title: 'Timeline', body: timeline.join('\n\n') },
    { title: 'Deltas', body: deltas.join('\n') },
    { title: 'Blockers', body: blockersText(impact, measured.blockers) },
    { title: 'Forecast', body: forecastText(impact, result) },
  ];
}

function titleOf(id: MilestoneId): string {
  return id === 'roi_positive' ? 'ROI positive' : sentence(words(id));
}

/** Targets of a segment may be fractions of a day. */
function dayCount(days: number): string {
  return `${days} day${days === 1 ? '' : 's'}`;
}

function blockersText(impact: Impact, blockers: Context['measured']['blockers']): string {
  const lines = blockers.map(
    ({ type, impact: weight, since, description }) =>
      `- ${inert(words(type))} (${inert(weight)}, since ${formatDay(since)}): ${quoted(description)}`,
  );
  for (const each of impact.milestones) {
    if (each.late && each.actualDays === undefined) lines.push(`- ${sentence(lateText(each, impact.day))}`);
  }
  return lines.length === 0 ? 'No blocker is recorded and no open milestone is late.' : lines.join('\n');
}

function forecastText(impact: Impact, { forecast, slipRatio }: TimeToImpactReport): string {
  if (forecast === null) return `No forecast: ${impact.forecast.reason ?? 'not known'}.`;
  const name = titleOf(forecast.id);
  const pace = `milestones have taken ${Number(slipRatio!.toFixed(2))} times their target so far`;
  const by = `day ${forecast.day} (${forecast.date}), confidence ${forecast.confidence}`;
  const target = impact.milestones.find(({ id }) => IDS[id] === forecast.id)?.targetDays;
  const expected = target === undefined ? forecast.day : Math.round(target * slipRatio!);
  return expected < forecast.day
    ? `${name} not before ${by}: ${pace}, which put it on day ${expected}, and that day has passed.`
    : `${name} on ${by}: ${pace}.`;
}
