/**
 * customer_success/health_assessment (skills.md B) as a skill: the assessment of `../health-assessment.ts`, money in major
 * units, framed as every skill's result is.
 */
import { z } from 'zod';
import { readingOf } from '../../journey/readings.ts';
import type { HealthReading } from '../../journey/state.ts';
import { majorUnits } from '../../records/money.ts';
import type { Day } from '../../time/calendar.ts';
import {
  assessHealth,
  assessmentDrafts,
  diagnose,
  HEALTH_ASSESSMENT,
  type HealthAssessment,
} from '../health-assessment.ts';
import { assessmentSections } from '../health-document.ts';
import { defineSkill, type SkillContext, type SkillOutput } from '../skill.ts';

/** Its numbers are `measures.health` and `measures.assessment` of the policy. */
const parameters = z.strictObject({});
type Parameters = z.infer<typeof parameters>;

export type HealthAssessmentResult = Omit<HealthAssessment, 'arrMinor'> & {
  /** Major units a year. */
  arr: number | null;
};

export const healthAssessment = defineSkill<Parameters, HealthAssessmentResult>({
  name: HEALTH_ASSESSMENT,
  domain: 'customer_success',
  purpose: 'Diagnoses a weak health score, dimension by dimension',
  customerFacing: true,
  conversation: 'none',
  serviceMessage: false,
  celebration: false,
  inputs: {
    required: ['events of 7 days'],
    optional: ['contacts', 'surveys', 'goals', 'notes', 'tickets', 'incidents', 'subscriptions', 'invoices'],
  },
  sections: ['Summary', 'Dimensions', 'Signals', 'Interventions', 'Next'],
  parameters,
  outcome: {
    measure: 'health_score',
    unit: 'points 0-100',
    better: 'higher',
    horizonDays: 30, // the next assessment of an account at risk
    noise: 5, // A7: a change within 5 points is no trend
    read: ({ health }) => health.score,
  },
  run: runHealthAssessment,
});

function runHealthAssessment(context: SkillContext<Parameters>): SkillOutput<HealthAssessmentResult> {
  const { measured, workspace, stage } = context;
  const { holidays } = workspace.catalogue;
  const { view, health, measures, signals } = measured;
  const { trendDays, alertDays } = measures.health;
  const readings = [...readingAt(view.today - trendDays, context), ...readingAt(view.today - alertDays, context)];
  const assessment = assessHealth({ measured, readings, stage: stage ?? null, holidays });
  const diagnosis = diagnose(health, signals, view.today, view.daysOfData, measures, holidays);
  const { arrMinor, ...result } = assessment.result;
  const gap = health.score.reason;
  return {
    status: assessment.status,
    reasons: gap === undefined ? [] : ['score_unknown'],
    dataGaps: [...(gap === undefined ? [] : [{ fact: 'health_score', reason: gap }]), ...assessment.dataGaps],
    confidence: assessment.confidence,
    result: { ...result, arr: arrMinor === null ? null : majorUnits(arrMinor, result.currency) },
    actions: assessmentDrafts(measured, diagnosis),
    sections: assessmentSections(assessment),
  };
}

/** The journey's reading where that day was ticked, else what its tick would have read; none before the account existed. */
function readingAt(day: Day, { readings, measuredOn }: SkillContext<Parameters>): HealthReading[] {
  const kept = readings.find((reading) => reading[0] === day);
  if (kept !== undefined) return [kept];
  const measured = measuredOn(day);
  return measured === undefined ? [] : [readingOf(day, measured.health)];
}
