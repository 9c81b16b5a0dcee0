/** The document of customer_success/onboarding_health: Progress, Score, Overdue, Blockers, Handoff. */
import { countText, percentText, words } from '../../document/figures.ts';
import { inert, labelled, quoted, table } from '../../document/markdown.ts';
import { publish } from '../../scores/number.ts';
import type { OnboardingPart } from '../../scores/onboarding-health.ts';
import { formatDay } from '../../time/calendar.ts';
import type { SkillContext, SkillSection } from '../skill.ts';
import type { HandoffItem, HandoffItemId } from './onboarding-handoff.ts';
import type { OnboardingReport } from './onboarding-health.ts';

export function onboardingSections(result: OnboardingReport, context: SkillContext<unknown>): SkillSection[] {
  return [
    { title: 'Progress', body: progressOf(result, context) },
    { title: 'Score', body: scoreOf(result) },
    { title: 'Overdue', body: overdueOf(result) },
    { title: 'Blockers', body: blockersOf(result) },
    { title: 'Handoff', body: handoffOf(result) },
  ];
}

function progressOf(
  { day, phase, silentDays }: OnboardingReport,
  { measured, workspace }: SkillContext<unknown>,
): string {
  const { phaseEnds } = workspace.measures.onboarding;
  const silent = silentDays === null ? 'unknown' : countText(silentDays, 'day');
  return [
    labelled('Day', `${day}, since sign-up on ${formatDay(measured.createdOn)}`),
    labelled('Phase', `${phase} of ${phaseEnds.length}; a phase lasts until its last step is done`),
    labelled('Silent for', silent),
  ].join('\n');
}

const LABELS: Record<OnboardingPart, string> = {
  milestones: 'Milestones and steps due',
  engagement: 'Meetings and replies',
  technical: 'Technical setup',
  users: 'Invited users activated',
};

function scoreOf({ score, status, coverage, components }: OnboardingReport): string {
  const rows = (Object.keys(LABELS) as OnboardingPart[]).map((name) => {
    const { points, weight, reason } = components[name];
    return [
      LABELS[name],
      points === null ? `unknown: ${inert(reason ?? '')}` : String(publish(points)),
      percentText(weight),
    ];
  });
  const line =
    score === null || status === null
      ? `The score is unknown: ${percentText(coverage)} of its weight is known.`
      : `${score} of 100, ${words(status)}, on ${percentText(coverage)} of the weight.`;
  return `${line}\n\n${table(['Part', 'Points', 'Weight'], rows, [1, 2])}`;
}

function overdueOf({ overdue }: OnboardingReport): string {
  if (overdue.length === 0) return 'Nothing is overdue.';
  return table(
    ['Step', 'Days overdue'],
    overdue.map(({ id, days }) => [inert(words(id)), String(days)]),
    [1],
  );
}

function blockersOf({ blockers }: OnboardingReport): string {
  if (blockers.length === 0) return 'No blocker is recorded.';
  return table(
    ['Blocker', 'Impact', 'Since', 'What was recorded'],
    blockers.map(({ type, impact, since, description }) => [
      inert(words(type)),
      inert(impact),
      since ?? 'unknown',
      quoted(description),
    ]),
  );
}

const NEEDED: Record<HandoffItemId, string> = {
  first_value: 'First value',
  adoption: 'Adoption',
  champion: 'Champion',
  sponsor: 'Sponsor',
  success_criteria: 'Success criteria',
  health: 'Health',
  qbr_date: 'Business review date',
};

function handoffOf({ handoffChecklist }: OnboardingReport): string {
  const missing = handoffChecklist.filter(({ done }) => done !== true).length;
  const state = ({ done }: HandoffItem) => (done === null ? 'unknown' : done ? 'yes' : 'no');
  const rows = handoffChecklist.map((each) => [NEEDED[each.id], state(each), inert(each.detail)]);
  const line =
    missing === 0
      ? 'Everything the handoff asks for is there.'
      : `${missing} of the ${rows.length} things the handoff asks for ${missing === 1 ? 'is' : 'are'} missing or unknown.`;
  return `${line}\n\n${table(['Needed', 'There', 'Detail'], rows)}`;
}
