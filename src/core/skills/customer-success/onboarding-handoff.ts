/**
 * What must stand before onboarding hands an account over [H]: first value, adoption, champion, sponsor, success criteria,
 * health, date of the first business review.
 *
 * Choices where the spec is silent: criteria are recorded goals with a target (a number or a date); health is a band of
 * healthy or neutral; the review's date is the account's property `qbrDate` or the latest note tagged `qbr:<date>`.
 */
import { latestTagValue } from '../../facts/note-tags.ts';
import { kindGap } from '../../facts/view.ts';
import type { Truth } from '../../policy/policy.ts';
import { isIdentified } from '../../scores/people.ts';
import { formatDay, parseDay } from '../../time/calendar.ts';
import type { SkillContext } from '../skill.ts';

export type HandoffItemId =
  | 'first_value'
  | 'adoption'
  | 'champion'
  | 'sponsor'
  | 'success_criteria'
  | 'health'
  | 'qbr_date';

export interface HandoffItem {
  id: HandoffItemId;
  /** Null: unknown. */
  done: boolean | null;
  detail: string;
  /** Ids of records it rests on. */
  evidence: string[];
}

type Context = SkillContext<{ adoptionAtLeast: number }>;

export function handoffChecklist(context: Context): HandoffItem[] {
  const { adoption, health } = context.measured;
  const { adoptionAtLeast } = context.parameters;
  const { score } = adoption;
  const band = health.band.value;
  return [
    firstValue(context),
    item(
      'adoption',
      score.value === undefined ? undefined : score.value >= adoptionAtLeast,
      score.value === undefined ? score.reason : `adoption score ${score.value}, asked for ${adoptionAtLeast}`,
    ),
    person(context, 'champion', 'champion'),
    person(context, 'sponsor', 'executive_sponsor'),
    successCriteria(context),
    item(
      'health',
      band === undefined ? undefined : band === 'healthy' || band === 'neutral',
      health.score.value === undefined ? health.score.reason : `health ${health.score.value}, ${band}`,
    ),
    reviewDate(context),
  ];
}

function item(id: HandoffItemId, done: Truth, detail: string, evidence: string[] = []): HandoffItem {
  return { id, done: done ?? null, detail, evidence };
}

function firstValue({ measured: { activation } }: Context): HandoffItem {
  const { reached, day, reason } = activation.milestone;
  const detail =
    reached === undefined ? (reason ?? 'not known') : reached ? `reached on ${formatDay(day!)}` : 'not reached yet';
  return item('first_value', reached, detail);
}

function person(
  { measured: { people } }: Context,
  id: 'champion' | 'sponsor',
  role: 'champion' | 'executive_sponsor',
): HandoffItem {
  const reading = people.roles[role];
  const found = people.persons.find(({ contactId }) => contactId === reading.contactId);
  const name = found?.name ?? reading.contactId;
  const isKnown = isIdentified(reading);
  if (isKnown === undefined) return item(id, undefined, reading.reason ?? 'not known');
  if (isKnown) return item(id, true, `${name}, ${reading.state}`, [reading.contactId!]);
  return item(id, false, name === undefined ? 'nobody recorded' : `${name}, no contact lately`);
}

function successCriteria({ measured: { view }, workspace }: Context): HandoffItem {
  const goals = view.goals.filter(
    (goal) => goal.status !== 'dropped' && (goal.target !== undefined || goal.targetDate !== undefined),
  );
  const ids = goals.map(({ goalId }) => goalId);
  if (goals.length > 0) return item('success_criteria', true, `${goals.length} with a target`, ids);
  const gap = kindGap('goals', view, workspace);
  return item('success_criteria', gap === undefined ? false : undefined, gap ?? 'no goal with a target recorded');
}

function reviewDate({ measured: { view }, workspace }: Context): HandoffItem {
  const noted = latestTagValue(view.notes, 'qbr');
  const recorded = view.account.properties?.qbrDate ?? noted?.value;
  const day = typeof recorded === 'string' ? parseDay(recorded.slice(0, 10)) : undefined;
  if (day !== undefined) {
    const evidence = view.account.properties?.qbrDate === undefined && noted !== undefined ? [noted.note.noteId] : [];
    return item('qbr_date', true, formatDay(day), evidence);
  }
  const gap = kindGap('notes', view, workspace);
  return item('qbr_date', gap === undefined ? false : undefined, gap ?? 'no date recorded');
}
