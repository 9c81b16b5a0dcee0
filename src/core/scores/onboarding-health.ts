/** Calc of customer_success/onboarding_health: how the first 90 days go (skills.md B). Pure arithmetic on dated steps. */
import { type Known, known, unknown } from '../facts/view.ts';
import type { Measures } from '../policy/measures.ts';
import type { Day } from '../time/calendar.ts';
import { mean, type Part, type PartScore, part, publish, ratio4, weightedMean } from './number.ts';

export type OnboardingStatus = 'healthy' | 'watch' | 'at_risk' | 'critical';

/** A milestone or setup step that has a due time. */
export interface DatedStep {
  id: string;
  /** Days after the start, before the enterprise factor. */
  dueDays: number;
  doneOn: Day | undefined;
}

export interface OnboardingInput {
  start: Day;
  today: Day;
  segment: string | undefined;
  /** Unknown where use is not covered. */
  steps: Known<readonly DatedStep[]>;
  /** Share 0-100 of meetings that were held. */
  attendance: Known<number>;
  /** Share 0-100 of messages answered in time. */
  replies: Known<number>;
  technical: Known<{ done: number; applicable: number }>;
  users: Known<{ activated: number; invited: number }>;
}

export type OnboardingPart = 'milestones' | 'engagement' | 'technical' | 'users';

export interface OnboardingHealth {
  /** Unrounded 0-100; the status stands on the published score. */
  score: Known<number>;
  status: Known<OnboardingStatus>;
  coverage: number;
  components: PartScore<OnboardingPart>['parts'];
  /** 1-4, held back to the earliest phase with an unfinished step. */
  phase: number;
  day: number;
  /** Undone steps past their due day, longest first. */
  overdue: { id: string; days: number }[];
}

interface DueStep extends DatedStep {
  dueOn: Day;
}

/** The score alone. A step is due once its due day is complete (dueOn <= D), done early or not; done after that day it is late. */
export function onboardingScore(
  input: OnboardingInput,
  m: Measures['onboarding'],
): Pick<OnboardingHealth, 'score' | 'status' | 'coverage' | 'components'> {
  const { technical, users } = input;
  const { score, reason, coverage, parts } = weightedMean<OnboardingPart>(
    {
      milestones: milestonePart(input, m),
      engagement: engagementPart(input, m),
      technical: part(
        shareOf(technical.value?.done, technical.value?.applicable),
        m.technical,
        technical.reason ?? 'no setup step applies',
      ),
      users: part(shareOf(users.value?.activated, users.value?.invited), m.users, users.reason ?? 'nobody was invited'),
    },
    m.coverageAtLeast,
  );
  if (score !== undefined)
    return { score: known(score), status: known(statusOf(publish(score), m)), coverage, components: parts };
  const none = unknown(`${publish(100 * coverage)} % of the onboarding score known (${reason})`);
  return { score: none, status: none, coverage, components: parts };
}

export function onboardingHealth(input: OnboardingInput, m: Measures['onboarding']): OnboardingHealth {
  const factor = factorOf(input, m);
  const steps = (input.steps.value ?? []).map((step) => ({ ...step, dueOn: dueDay(step, input, factor) }));
  return {
    ...onboardingScore(input, m),
    phase: phaseOf(input, steps, factor, m),
    day: input.today - input.start,
    overdue: overdueSteps(steps, input.today),
  };
}

/** By which an account of this segment takes longer. */
function factorOf({ segment }: OnboardingInput, m: Measures['onboarding']): number {
  return m.enterpriseSegments.includes(segment?.toLowerCase() ?? '') ? m.enterpriseFactor : 1;
}

function dueDay({ dueDays }: DatedStep, { start }: OnboardingInput, factor: number): Day {
  return start + dueDays * factor;
}

function statusOf(score: number, m: Measures['onboarding']): OnboardingStatus {
  if (score >= m.healthy) return 'healthy';
  if (score >= m.watch) return 'watch';
  return score >= m.atRisk ? 'at_risk' : 'critical';
}

function milestonePart(input: OnboardingInput, m: Measures['onboarding']): Part {
  const steps = input.steps.value ?? [];
  const factor = factorOf(input, m);
  let due = 0;
  let onTime = 0;
  let late = 0;
  for (const step of steps) {
    const { doneOn } = step;
    const dueOn = dueDay(step, input, factor);
    if (dueOn >= input.today) continue;
    due++;
    if (doneOn === undefined) continue;
    if (doneOn <= dueOn) onTime++;
    else late++;
  }
  if (due === 0) {
    const none = steps.length === 0 ? 'nothing in the catalogue has dueDays' : 'no milestone due yet';
    return part(undefined, m.milestones, input.steps.reason ?? none);
  }
  return part((100 * (onTime + m.lateCredit * late)) / due, m.milestones);
}

function engagementPart({ attendance, replies }: OnboardingInput, m: Measures['onboarding']): Part {
  const value = mean([attendance.value, replies.value].filter((each) => each !== undefined));
  return part(value, m.engagement, attendance.reason ?? replies.reason);
}

function shareOf(done: number | undefined, all: number | undefined): number | undefined {
  return done === undefined || all === undefined || all === 0 ? undefined : 100 * ratio4(done / all);
}

function phaseOf(
  { today, start }: OnboardingInput,
  steps: readonly DueStep[],
  factor: number,
  m: Measures['onboarding'],
): number {
  const ends = m.phaseEnds.map((days) => days * factor);
  const phaseAt = (day: number) => {
    const index = ends.findIndex((end) => day <= end);
    return index < 0 ? ends.length : index + 1;
  };
  const unfinished = steps.filter((step) => step.doneOn === undefined).map((step) => phaseAt(step.dueOn - start));
  return Math.min(phaseAt(today - start), ...unfinished);
}

function overdueSteps(steps: readonly DueStep[], today: Day): { id: string; days: number }[] {
  return steps
    .filter((step) => step.doneOn === undefined && step.dueOn < today)
    .map((step) => ({ id: step.id, days: today - step.dueOn }))
    .sort((a, b) => b.days - a.days);
}
