/** customer_success/success_plan_generator (skills.md B): a dated plan from the recorded goals and the computed gaps. */
import { z } from 'zod';
import { countText } from '../../document/figures.ts';
import { kindGap, known, unknown } from '../../facts/view.ts';
import type { GoalRecord } from '../../records/record.ts';
import { publish } from '../../scores/number.ts';
import { goalProgress, goalState } from '../../scores/outcomes.ts';
import { addBusinessDays, type Day, formatDay } from '../../time/calendar.ts';
import { defineSkill, type SkillContext, type SkillOutput } from '../skill.ts';
import { type ActionDraft, ownerOf } from '../skill-result.ts';
import { successPlanSections } from './success-plan-document.ts';
import { computedGaps, type PlanItem } from './success-plan-gaps.ts';
import { planRisks } from './success-plan-risks.ts';
import { signedPlan, slippedOf } from './success-plan-slips.ts';

export type PlanType = 'recovery' | 'renewal' | 'onboarding' | 'expansion';

export interface Objective {
  id: string;
  title: string;
  /** `computed`: not the customer's own goal but a gap that the records show. */
  source: 'recorded' | 'computed';
  dueDate: string | null;
  metric: string | null;
  baseline: number | null;
  current: number | null;
  target: number | null;
  unit: string | null;
  progressPct: number | null;
  /** 1-3: the phase it falls into. */
  phase: number;
  /** Ids of the records it comes from. */
  evidence: string[];
}

export interface PlanPhase {
  phase: number;
  from: string;
  to: string;
  objectiveIds: string[];
}

export interface PlanRisk {
  id: string;
  text: string;
  evidence: string[];
}

export interface RaciEntry {
  role: string;
  name: string | null;
}

export interface SuccessPlan {
  planType: PlanType;
  startDate: string;
  endDate: string;
  days: number;
  bufferDays: number;
  objectives: Objective[];
  /** Ids and dates of the objectives in their order: lists of plain values are kept with the intervention. */
  objectiveIds: string[];
  objectiveDates: (string | null)[];
  phases: PlanPhase[];
  risks: PlanRisk[];
  raci: Record<'accountable' | 'responsible' | 'informed' | 'consulted', RaciEntry>;
  planStatus: 'draft';
  /** End of an earlier plan that was signed and still runs. */
  signedPlanUntil: string | null;
  /** Commercial goals left out while the expansion gates are not met. */
  withheldGoalIds: string[];
  /** Objectives more than the policy's days past their date. */
  slipped: { id: string; title: string; dueDate: string; daysLate: number }[];
}

const parameters = z.strictObject({
  recoveryDays: z.number().int().min(7).max(365).default(60).describe('length of a recovery plan, in days'),
  onboardingDays: z.number().int().min(7).max(365).default(90).describe('length of an onboarding plan, in days'),
  expansionDays: z.number().int().min(7).max(365).default(90).describe('length of any other plan, in days'),
  renewalDays: z
    .number()
    .int()
    .min(1)
    .max(365)
    .default(90)
    .describe('days before the renewal from which the plan runs to it'),
  usableShare: z
    .number()
    .min(0.8)
    .max(0.9)
    .default(0.85)
    .describe('share of the days that is planned; the rest is buffer'),
  objectives: z.number().int().min(1).max(10).default(5).describe('most objectives in a plan'),
  fillTo: z.number().int().min(0).max(10).default(3).describe('computed gaps fill the objectives up to so many'),
  slipDays: z
    .number()
    .int()
    .min(0)
    .max(90)
    .default(7)
    .describe('days past its date from which an objective has slipped'),
  lowSeatShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.6)
    .describe('share of seats in use below which the rollout is a gap'),
  commercialTags: z
    .array(z.string())
    .default(['commercial', 'expansion', 'upsell', 'cross_sell'])
    .describe('tags of goals that are commercial: in a plan only while the expansion gates are met'),
});
export type PlanParameters = z.infer<typeof parameters>;

export const PHASES = 3;

/** Recovery before renewal before onboarding; whatever is left is a plan to expand what works. */
export function planTypeOf(
  band: string | undefined,
  daysToRenewal: number | undefined,
  stage: string | undefined,
  p: Pick<PlanParameters, 'recoveryDays' | 'renewalDays' | 'onboardingDays' | 'expansionDays'>,
): { planType: PlanType; days: number } {
  if (band === 'at_risk' || band === 'critical') return { planType: 'recovery', days: p.recoveryDays };
  // a renewal that has passed or is today leaves nothing to plan up to
  if (daysToRenewal !== undefined && daysToRenewal > 0 && daysToRenewal <= p.renewalDays) {
    return { planType: 'renewal', days: daysToRenewal };
  }
  if (stage === 'onboarding') return { planType: 'onboarding', days: p.onboardingDays };
  return { planType: 'expansion', days: p.expansionDays };
}

/** Ends of the three phases over the planned share of the days; the rest, up to the end, is buffer. */
export function planDates(
  today: Day,
  days: number,
  usableShare: number,
): { end: Day; bufferDays: number; phaseEnds: Day[] } {
  const usable = publish(usableShare * days);
  const phaseEnds = Array.from({ length: PHASES }, (_, i) => today + publish((usable * (i + 1)) / PHASES));
  return { end: today + days, bufferDays: days - usable, phaseEnds };
}

export const successPlanGenerator = defineSkill<PlanParameters, SuccessPlan>({
  name: 'customer_success/success_plan_generator',
  domain: 'customer_success',
  purpose: 'Drafts a dated plan from the recorded goals and the computed gaps',
  customerFacing: true,
  conversation: 'none',
  serviceMessage: false,
  celebration: false,
  inputs: { required: ['goals'], optional: ['events', 'contacts', 'subscriptions'] },
  sections: ['Summary', 'Objectives', 'Phases', 'RACI', 'Risks', 'Cadence'],
  parameters,
  outcome: {
    measure: 'health_outcomes',
    unit: 'points 0-100',
    better: 'higher',
    horizonDays: 90, // the length of a plan
    noise: 5,
    read: ({ health: { dimensions } }) => {
      const { score, reason } = dimensions.outcomes;
      return score === undefined ? unknown(reason ?? 'not known') : known(publish(score));
    },
  },
  run: runSuccessPlan,
});

function runSuccessPlan(context: SkillContext<PlanParameters>): SkillOutput<SuccessPlan | null> {
  const { measured, workspace } = context;
  const { view } = measured;
  const goals = plannedGoals(context);
  const dataGaps = gapsOf(context);
  const objectives = objectivesOf(context, goals.kept);
  if (objectives.length === 0) {
    const reason = kindGap('goals', view, workspace) ?? 'no open goal recorded';
    return {
      status: 'insufficient_data',
      reasons: ['no_goal_no_gap'],
      dataGaps: [{ fact: 'goals', reason: `${reason} (goals)` }, ...dataGaps.filter(({ fact }) => fact !== 'goals')],
      result: null,
      actions: [askForGoals(context)],
      sections: [],
    };
  }
  const result = resultOf(context, objectives, goals.withheld);
  return {
    status: dataGaps.length > 0 ? 'partial' : 'ok',
    reasons: [
      ...(result.signedPlanUntil === null ? [] : ['signed_plan_in_force']),
      ...(goals.withheld.length === 0 ? [] : ['commercial_goals_withheld']),
    ],
    dataGaps,
    result,
    actions: actionsOf(context, result, dataGaps),
    sections: successPlanSections(result),
  };
}

/** Open goals by due date, those without one last; commercial ones only while the expansion gates are met. */
function plannedGoals({ measured, parameters: p }: SkillContext<PlanParameters>) {
  const { view, gates } = measured;
  const gatesMet = gates.every((gate) => gate.met === true);
  const isCommercial = (goal: GoalRecord) => goal.tags?.some((tag) => p.commercialTags.includes(tag)) ?? false;
  const open = view.goals
    .filter((goal) => goalState(goal, view.today) === 'open')
    .toSorted((a, b) => (a.targetDate ?? Infinity) - (b.targetDate ?? Infinity) || (a.goalId < b.goalId ? -1 : 1));
  return {
    kept: open.filter((goal) => gatesMet || !isCommercial(goal)),
    withheld: gatesMet ? [] : open.filter(isCommercial).map((goal) => goal.goalId),
  };
}

function objectivesOf(context: SkillContext<PlanParameters>, goals: readonly GoalRecord[]): PlanItem[] {
  const { parameters: p } = context;
  const recorded = goals.slice(0, p.objectives).map(recordedObjective);
  const wanted = Math.min(p.objectives, p.fillTo) - recorded.length;
  return wanted <= 0 ? recorded : [...recorded, ...computedGaps(context).slice(0, wanted)];
}

function recordedObjective(goal: GoalRecord): PlanItem {
  const progress = goalProgress(goal);
  return {
    id: goal.goalId,
    title: goal.title,
    source: 'recorded',
    due: goal.targetDate,
    dueDate: goal.targetDate === undefined ? null : formatDay(goal.targetDate),
    metric: goal.metric ?? null,
    baseline: goal.baseline ?? null,
    current: goal.current ?? null,
    target: goal.target ?? null,
    unit: goal.unit ?? null,
    progressPct: progress === undefined ? null : publish(progress * 100),
    evidence: [goal.goalId],
  };
}

function resultOf(
  context: SkillContext<PlanParameters>,
  drafts: readonly PlanItem[],
  withheldGoalIds: string[],
): SuccessPlan {
  const { measured, stage, parameters: p } = context;
  const { today } = measured.view;
  const { renewalDate } = measured.contract;
  const daysToRenewal = renewalDate === undefined ? undefined : renewalDate - today;
  const { planType, days } = planTypeOf(measured.health.band.value, daysToRenewal, stage, p);
  const { end, bufferDays, phaseEnds } = planDates(today, days, p.usableShare);
  const objectives = drafts.map(({ due, ...objective }): Objective => {
    // due before a phase ends; what is due later, or not dated, is the last phase's
    const at = due === undefined ? -1 : phaseEnds.findIndex((phaseEnd) => due <= phaseEnd);
    return { ...objective, phase: at < 0 ? PHASES : at + 1 };
  });
  return {
    planType,
    startDate: formatDay(today),
    endDate: formatDay(end),
    days,
    bufferDays,
    objectives,
    objectiveIds: objectives.map((each) => each.id),
    objectiveDates: objectives.map((each) => each.dueDate),
    phases: phaseEnds.map((phaseEnd, i) => ({
      phase: i + 1,
      from: formatDay(i === 0 ? today : phaseEnds[i - 1]! + 1),
      to: formatDay(phaseEnd),
      objectiveIds: objectives.filter((each) => each.phase === i + 1).map((each) => each.id),
    })),
    risks: planRisks(context, drafts, end),
    raci: raciOf(context),
    planStatus: 'draft',
    signedPlanUntil: signedPlan(context)?.endDate ?? null,
    withheldGoalIds,
    slipped: slippedOf(context, drafts),
  };
}

function raciOf({ measured }: SkillContext<PlanParameters>): SuccessPlan['raci'] {
  const { view } = measured;
  const holder = (role: 'admin' | 'executive_sponsor'): RaciEntry => {
    const found = view.contacts.find(
      (each) => each.roles?.includes(role) && (each.leftAt === undefined || each.leftAt > view.today),
    );
    return { role, name: found === undefined ? null : (found.name ?? found.contactId) };
  };
  const ours = (role: 'csm' | 'support'): RaciEntry => ({ role, name: ownerOf(role, view.account).name });
  return {
    accountable: ours('csm'),
    responsible: holder('admin'),
    informed: holder('executive_sponsor'),
    consulted: ours('support'),
  };
}

function gapsOf({ measured, workspace }: SkillContext<PlanParameters>): SkillOutput<unknown>['dataGaps'] {
  const { view, health, contract, people, seats, subscriptionGap } = measured;
  const gaps: SkillOutput<unknown>['dataGaps'] = [];
  const add = (fact: string, reason: string | undefined) => {
    if (reason !== undefined) gaps.push({ fact, reason });
  };
  const goalGap = kindGap('goals', view, workspace);
  add('goals', goalGap === undefined ? undefined : `${goalGap} (goals)`);
  add('health_band', health.band.reason === undefined ? undefined : `${health.band.reason} (events)`);
  const unrenewed = contract.paidInForce && contract.renewalDate === undefined && !contract.monthToMonth;
  add(
    'renewal_date',
    subscriptionGap === undefined
      ? unrenewed
        ? `${contract.renewalReason} (subscriptions)`
        : undefined
      : `${subscriptionGap} (subscriptions)`,
  );
  add('roles', people.reason === undefined ? undefined : `${people.reason} (contacts)`);
  add('seat_utilisation', subscriptionGap === undefined ? undefined : seats.utilisation.reason);
  return gaps;
}

function askForGoals({ measured, workspace }: SkillContext<PlanParameters>): ActionDraft {
  const { view } = measured;
  return {
    key: 'ask:goals',
    title: `Ask ${view.account.name} for its goals, each with a figure and a date, and record them`,
    role: 'csm',
    due: addBusinessDays(view.today, 3, workspace.catalogue.holidays),
    channel: 'task',
    evidence: [],
  };
}

function actionsOf(
  context: SkillContext<PlanParameters>,
  plan: SuccessPlan,
  gaps: SkillOutput<unknown>['dataGaps'],
): ActionDraft[] {
  const { measured, workspace } = context;
  const { today, account } = measured.view;
  const { holidays } = workspace.catalogue;
  const recorded = plan.objectives.filter((each) => each.source === 'recorded');
  const evidence = plan.objectives.flatMap((each) => each.evidence);
  const actions: ActionDraft[] = [
    {
      key: 'sign_off',
      title: `Agree the plan to ${plan.endDate} with ${account.name}: ${countText(plan.objectives.length, 'objective')}, ${recorded.length === 0 ? 'none yet a goal of its own' : `${recorded.length} from its own goals`}`,
      role: 'csm',
      due: addBusinessDays(today, 5, holidays),
      channel: 'meeting',
      evidence,
    },
    {
      key: 'review',
      title: `Review the plan: phase 1 ends on ${plan.phases[0]!.to}`,
      role: 'csm',
      due: addBusinessDays(today, 20, holidays),
      channel: 'task',
      evidence,
    },
  ];
  if (plan.slipped.length > 0) {
    const late = plan.slipped.map(({ title, daysLate }) => `${title} (${daysLate} days)`).join(', ');
    actions.push({
      key: 'slipped',
      title: `Past their date by more than ${context.parameters.slipDays} days: ${late}`,
      role: 'csManager',
      due: addBusinessDays(today, 0, holidays),
      channel: 'alert',
      evidence: plan.slipped.map(({ id }) => id),
    });
  }
  if (recorded.length === 0 || gaps.some(({ fact }) => fact === 'goals')) actions.push(askForGoals(context));
  return actions;
}
