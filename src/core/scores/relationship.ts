/** The relationship dimension: survey answers, sponsor, champion (skills.md A7). */
import type { Horizon } from '../facts/standing.ts';
import { type AccountView, kindGap, type Workspace } from '../facts/view.ts';
import type { Measures } from '../policy/measures.ts';
import type { SurveyRecord } from '../records/record.ts';
import { clamp, mean, type Part, type PartScore, part, weightedMean } from './number.ts';
import type { People, RoleReading } from './people.ts';

type RelationshipMeasures = Measures['health']['relationship'];

/** One respondent's latest answer. */
export interface SurveyAnswer {
  surveyId: string;
  contactId: string | undefined;
  /** As given: NPS 0-10, CSAT 1-5. */
  score: number;
}

/** Part `survey` is the NPS part of A8 as well. */
export function relationship(
  view: AccountView,
  workspace: Workspace,
  people: People,
): PartScore<'survey' | 'sponsor' | 'champion'> {
  const m = workspace.measures.health.relationship;
  return weightedMean(
    {
      survey: surveyPart(view, workspace),
      sponsor: rolePart(people.roles.executive_sponsor, m.sponsor, m),
      champion: rolePart(people.roles.champion, m.champion, m),
    },
    workspace.measures.health.knownShare,
  );
}

/** What may change `relationship` of the same people though no record does: an answer that grows too old. */
export function relationshipHorizon(view: AccountView, { clock, measures }: Workspace, horizon: Horizon): void {
  const { surveyDays } = measures.health.relationship;
  const answered = (at: number): void => {
    const day = clock.dayOf(at);
    horizon.after(day);
    horizon.after(day, surveyDays);
  };
  for (const survey of view.surveys) answered(survey.answeredAt);
  for (const { csat, resolvedAt } of view.tickets)
    if (csat !== undefined && resolvedAt !== undefined) answered(resolvedAt);
}

/** Points of one NPS answer: 9-10 promoter, 7-8 passive, 0-6 detractor. */
export function npsPoints(score: number, m: RelationshipMeasures): number {
  if (score >= 9) return m.promoter;
  return score >= 7 ? m.passive : m.detractor;
}

/**
 * The latest answer of each respondent within the survey window ending on D; an answer that names no contact counts for
 * itself (our choice: who gave it cannot be told).
 */
export function latestAnswers(view: AccountView, workspace: Workspace, kind: 'nps' | 'csat'): SurveyAnswer[] {
  const recent: SurveyRecord[] = [];
  for (const survey of view.surveys)
    if (survey.kind === kind && isRecent(survey.answeredAt, view, workspace)) recent.push(survey);
  return latestOfEach(recent).map(({ surveyId, contactId, score }) => ({ surveyId, contactId, score }));
}

/** The latest answer of each respondent, in the order of their first ones; one that names no contact stands for itself. */
export function latestOfEach(answers: readonly SurveyRecord[]): readonly SurveyRecord[] {
  if (answers.length < 2) return answers;
  const latest = new Map<string, SurveyRecord>();
  for (const answer of answers) {
    const respondent = answer.contactId === undefined ? `survey ${answer.surveyId}` : `contact ${answer.contactId}`;
    const before = latest.get(respondent);
    if (before === undefined || answer.answeredAt >= before.answeredAt) latest.set(respondent, answer);
  }
  return [...latest.values()];
}

function isRecent(answeredAt: number, view: AccountView, { clock, measures }: Workspace): boolean {
  const age = view.lastDay - clock.dayOf(answeredAt);
  return age >= 0 && age < measures.health.relationship.surveyDays;
}

function surveyPart(view: AccountView, workspace: Workspace): Part {
  const m = workspace.measures.health.relationship;
  const gap = kindGap('surveys', view, workspace);
  const nps = gap === undefined ? latestAnswers(view, workspace, 'nps') : [];
  if (nps.length > 0) return part(mean(nps.map((answer) => npsPoints(answer.score, m))), m.survey);
  const csat = mean(satisfaction(view, workspace, gap === undefined).map((score) => 25 * (clamp(score, 1, 5) - 1)));
  return part(csat, m.survey, gap ?? `no survey answer in ${m.surveyDays} days`);
}

/** CSAT answers of surveys and, because they ask the same question, of resolved tickets (our choice). */
function satisfaction(view: AccountView, workspace: Workspace, surveysCovered: boolean): number[] {
  const scores = surveysCovered ? latestAnswers(view, workspace, 'csat').map((answer) => answer.score) : [];
  for (const ticket of view.tickets) {
    if (ticket.csat === undefined || ticket.resolvedAt === undefined) continue;
    if (isRecent(ticket.resolvedAt, view, workspace)) scores.push(ticket.csat);
  }
  return scores;
}

function rolePart(reading: RoleReading, weight: number, m: RelationshipMeasures): Part {
  return part(reading.state === undefined ? undefined : m[reading.state], weight, reading.reason);
}
