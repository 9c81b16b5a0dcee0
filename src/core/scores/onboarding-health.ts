/** Calc of customer_success/onboarding_health: how the first 90 days go (skills.md B). Pure arithmetic on dated steps. */
import { type Known, known, unknown } from '../facts/view.ts';
import type { Measures } from '../policy/measures.ts';
import type { Day } from '../time/calendar.ts';
import { mean, type PartScore, part, publish, ratio4, weightedMean } from './number.ts';

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

/** A step is due once its due day is complete (dueOn <= D), done early or not; done after its due day it is late. */
export function onboardingHealth(input: OnboardingInput, m: Measures['onboarding']): OnboardingHealth {
  const factor = m.enterpriseSegments.includes(input.segment?.toLowerCase() ?? '') ? m.enterpriseFactor : 1;
  const steps = (input.steps.value ?? []).map((step) => ({ ...step, dueOn: input.start + step.dueDays * factor }));
  const scored = weightedMean<OnboardingPart>(
    {
      milestones: milestonePart(input, steps, m),
      engagement: engagementPart(input, m),
      technical: part(
        shareOf(input.technical.value?.done, input.technical.value?.applicable),
        m.technical,
        input.technical.reason ?? 'no setup step applies',
      ),
      users: part(
        shareOf(input.users.value?.activated, input.users.value?.invited),
        m.users,
        input.users.reason ?? 'nobody was invited',
      ),
    },
    m.coverageAtLeast,
  );
  const { score, coverage } = scored;
  const reason = `${publish(100 * coverage)} % of the onboarding score known (${scored.reason})`;
  return {
    score: score === undefined ? unknown(reason) : known(score),
    status: score === undefined ? unknown(reason) : known(statusOf(publish(score), m)),
    coverage,
    components: scored.parts,
    phase: phaseOf(input, steps, factor, m),
    day: input.today - input.start,
    overdue: overdueSteps(steps, input.today),
  };
}

function statusOf(score: number, m: Measures['onboarding']): OnboardingStatus {
  if (score >= m.healthy) return 'healthy';
  if (score >= m.watch) return 'watch';
  return score >= m.atRisk ? 'at_risk' : 'critical';
}

function milestonePart(input: OnboardingInput, steps: readonly DueStep[], m: Measures['onboarding']) {
  const due = steps.filter((step) => step.dueOn < input.today);
  if (due.length === 0) {
    const none = steps.length === 0 ? 'nothing in the catalogue has dueDays' : 'no milestone due yet';
    return part(undefined, m.milestones, input.steps.reason ?? none);
  }
  const onTime = due.filter((step) => step.doneOn !== undefined && step.doneOn <= step.dueOn).length;
  const late = due.filter((step) => step.doneOn !== undefined && step.doneOn > step.dueOn).length;
  return part((100 * (onTime + m.lateCredit * late)) / due.length, m.milestones);
}

function engagementPart({ attendance, replies }: OnboardingInput, m: Measures['onboarding']) {
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
