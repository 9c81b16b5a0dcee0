/**
 * customer_success/onboarding_health (skills.md B): the first 90 days scored, what is overdue, and what the handoff needs.
 * The score is that of `../../scores/onboarding-health.ts`, which the policy's facts stand on.
 *
 * Choices where the spec is silent. Silent is an account without a product event and without two-way contact. An
 * enterprise has twice the time until the executive is asked, as for every date. An open escalation or severe incident is
 * a blocker beside those that notes name. Where the score is unknown, what is known (day, phase, overdue steps) is still
 * told and acted on.
 */
import { z } from 'zod';
import { countText, words } from '../../document/figures.ts';
import { known, unknown } from '../../facts/view.ts';
import { upperBound } from '../../history/history.ts';
import { percent2, publish } from '../../scores/number.ts';
import {
  type OnboardingHealth,
  type OnboardingPart,
  type OnboardingStatus,
  onboardingHealth as scoreOnboarding,
} from '../../scores/onboarding-health.ts';
import { onboardingInput } from '../../scores/onboarding-input.ts';
import { isTwoWay } from '../../scores/people.ts';
import { addBusinessDays, type Day, formatDay } from '../../time/calendar.ts';
import { defineSkill, type SkillContext, type SkillOutput } from '../skill.ts';
import type { ActionDraft } from '../skill-result.ts';
import { onboardingSections } from './onboarding-document.ts';
import { type HandoffItem, handoffChecklist } from './onboarding-handoff.ts';

export interface OnboardingBlocker {
  type: string;
  impact: string;
  /** What somebody wrote, or what the records say. */
  description: string;
  since: string | null;
  sourceId: string;
}

export interface OnboardingReport {
  /** Published 0-100; null: less than the policy's share of the weight is known. */
  score: number | null;
  status: OnboardingStatus | null;
  /** 1-4, held back to the earliest phase with an unfinished step. */
  phase: number;
  /** Days since sign-up, which is day 0. */
  day: number;
  /** Share of the weight that is known. */
  coverage: number;
  components: Record<OnboardingPart, { points: number | null; weight: number; reason: string | null }>;
  overdue: { id: string; days: number }[];
  blockers: OnboardingBlocker[];
  handoffChecklist: HandoffItem[];
  /** Complete days without a product event or two-way contact; null: unknown. */
  silentDays: number | null;
}

const days = z.number().int().min(0).max(365);
const points = z.number().min(0).max(100);
const parameters = z.strictObject({
  overdueDays: days.default(3).describe('days overdue beyond which the CSM calls'),
  silentDays: days.min(1).default(5).describe('silent days after which the CS manager is alerted'),
  executiveDay: days.default(30).describe('day from which a low score asks for an executive'),
  executiveBelow: points.default(60).describe('score below which an executive is asked for'),
  adoptionAtLeast: points.default(60).describe('adoption score the handoff asks for'),
});
export type OnboardingParameters = z.infer<typeof parameters>;
type Context = SkillContext<OnboardingParameters>;

export const onboardingHealth = defineSkill<OnboardingParameters, OnboardingReport>({
  name: 'customer_success/onboarding_health',
  domain: 'customer_success',
  purpose: 'Scores the first 90 days and names what is overdue',
  customerFacing: true,
  conversation: 'none',
  serviceMessage: false,
  celebration: false,
  inputs: {
    required: ['catalogue setup steps and milestones with dueDays', 'events'],
    optional: ['notes of meetings and messages', 'contacts', 'goals', 'surveys'],
  },
  sections: ['Progress', 'Score', 'Overdue', 'Blockers', 'Handoff'],
  parameters,
  outcome: {
    measure: 'onboarding_score',
    unit: 'points 0-100',
    better: 'higher',
    // a call, and the time to do one step and answer one message after it
    horizonDays: 14,
    noise: 5, // a health score moves when it moves by more (A7)
    read: ({ onboarding: { score } }) =>
      score.value === undefined ? unknown(score.reason) : known(publish(score.value)),
  },
  run: runOnboarding,
});

const PARTS: readonly OnboardingPart[] = ['milestones', 'engagement', 'technical', 'users'];

function runOnboarding(context: Context): SkillOutput<OnboardingReport> {
  const { measured, workspace } = context;
  const { view, activation, createdOn } = measured;
  const input = onboardingInput(view, workspace, createdOn, activation);
  const health = scoreOnboarding(input, workspace.measures.onboarding);
  const result = resultOf(health, context);
  const dataGaps = PARTS.flatMap((name) => {
    const reason = result.components[name].reason;
    return reason === null ? [] : [{ fact: `onboarding ${name}`, reason }];
  });
  const isPast = health.day > lastPhaseEnd(context);
  return {
    status: result.score === null ? 'insufficient_data' : dataGaps.length === 0 ? 'ok' : 'partial',
    reasons: isPast ? ['after_the_first_90_days'] : [],
    dataGaps,
    result,
    actions: actionsOf(result, context),
    sections: onboardingSections(result, context),
  };
}

function resultOf(health: OnboardingHealth, context: Context): OnboardingReport {
  const { score, status, components } = health;
  const component = (name: OnboardingPart) => {
    const each = components[name]!;
    return {
      points: each.value === undefined ? null : percent2(each.value),
      weight: each.weight,
      reason: each.value === undefined ? (each.reason ?? 'not known') : null,
    };
  };
  return {
    score: score.value === undefined ? null : publish(score.value),
    status: status.value ?? null,
    phase: health.phase,
    day: health.day,
    coverage: health.coverage,
    components: {
      milestones: component('milestones'),
      engagement: component('engagement'),
      technical: component('technical'),
      users: component('users'),
    },
    overdue: health.overdue,
    blockers: blockersOf(context),
    handoffChecklist: handoffChecklist(context),
    silentDays: silentDays(context) ?? null,
  };
}

function blockersOf({ measured: { blockers, escalation, view }, workspace: { clock } }: Context): OnboardingBlocker[] {
  const started = new Map([
    ...view.tickets.map((each): [string, number] => [each.ticketId, each.escalatedAt ?? each.openedAt]),
    ...view.incidents.map((each): [string, number] => [each.incidentId, each.startedAt]),
  ]);
  const open = (type: string, sourceId: string): OnboardingBlocker => {
    const at = started.get(sourceId);
    const since = at === undefined ? null : formatDay(clock.dayOf(at));
    return { type, impact: 'high', description: `${type} ${sourceId} is open`, since, sourceId };
  };
  return [
    ...escalation.openIncidents.map((id) => open('incident', id)),
    ...escalation.openTickets.map((id) => open('escalation', id)),
    ...blockers.map((each) => ({ ...each, since: formatDay(each.since) })),
  ];
}

/** Complete days up to D; unknown where use is. */
function silentDays({ measured: { view, people, createdOn }, workspace: { clock } }: Context): number | undefined {
  if (view.usageGap !== undefined) return undefined;
  let last: Day = createdOn;
  for (const { days: seen } of view.history.events.values()) {
    const count = upperBound(seen, view.lastDay);
    if (count > 0) last = Math.max(last, seen[count - 1]!);
  }
  for (const { lastContactOn } of people.persons) last = Math.max(last, lastContactOn ?? last);
  for (const note of view.notes) {
    if (note.at <= view.instant && isTwoWay(note)) last = Math.max(last, clock.dayOf(note.at));
  }
  return Math.max(0, view.lastDay - last);
}

function factorOf({ measured: { view }, workspace: { measures } }: Context): number {
  const { enterpriseSegments, enterpriseFactor } = measures.onboarding;
  return enterpriseSegments.includes(view.account.segment?.toLowerCase() ?? '') ? enterpriseFactor : 1;
}

function lastPhaseEnd(context: Context): number {
  return (context.workspace.measures.onboarding.phaseEnds.at(-1) ?? Number.POSITIVE_INFINITY) * factorOf(context);
}

function actionsOf(result: OnboardingReport, context: Context): ActionDraft[] {
  const { measured, workspace, parameters: p } = context;
  const due = (count: number) => addBusinessDays(measured.view.today, count, workspace.catalogue.holidays);
  const actions: ActionDraft[] = [];
  const [worst, ...others] = result.overdue.filter((each) => each.days > p.overdueDays);
  if (worst !== undefined) {
    const rest = others.length === 0 ? '' : `, and ${countText(others.length, 'further step')}`;
    actions.push({
      key: `call:${worst.id}`,
      title: `Call about ${words(worst.id)}, ${countText(worst.days, 'day')} overdue${rest}`,
      role: 'csm',
      due: due(1),
      channel: 'call',
      evidence: result.blockers.map(({ sourceId }) => sourceId),
    });
  }
  if (result.silentDays !== null && result.silentDays >= p.silentDays) {
    actions.push({
      key: 'alert:silent',
      title: `No product event and no contact for ${countText(result.silentDays, 'day')} of the onboarding`,
      role: 'csManager',
      due: due(1),
      channel: 'alert',
      evidence: [],
    });
  }
  const isLate = result.day >= p.executiveDay * factorOf(context);
  if (isLate && result.score !== null && result.score < p.executiveBelow) {
    actions.push({
      key: 'meeting:executive',
      title: `Meet the customer's sponsor: onboarding is at ${result.score} on day ${result.day}`,
      role: 'exec',
      due: due(2),
      channel: 'meeting',
      evidence: [],
    });
  }
  return actions;
}
