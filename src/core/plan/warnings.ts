/** What a CSM would mention beside the signals that count: dated, from records, and no more than it is. */
import { type Day, formatDay } from '../time/calendar.ts';
import {
  contactOf,
  type Evidence,
  noteDay,
  type PlanSubject,
  personName,
  plural,
  quoteOf,
  records,
  speakerOf,
} from './subject.ts';

export interface Warning {
  id: string;
  date: string | null;
  text: string;
  evidence: Evidence[];
}

/** Oldest first. */
export function warnings(subject: PlanSubject): Warning[] {
  const found = [...newSeniors(subject), ...spendNotes(subject)];
  return found.sort((a, b) =>
    (a.date ?? '9999') < (b.date ?? '9999') ? -1 : (a.date ?? '9999') > (b.date ?? '9999') ? 1 : 0,
  );
}

/** One missed review is below the engine's signal of two, and still worth a call. */
export function sponsorMissed(subject: PlanSubject): Warning[] {
  const { m } = subject;
  if (m.signals.some((signal) => signal.id === 'sponsor_absent')) return [];
  const sponsor = m.people.persons.find((each) => each.roles.includes('executive_sponsor') && !each.departed);
  const review = m.view.notes
    .filter(
      (note) => note.kind === 'meeting' && note.tags?.some((tag) => tag === 'meeting_held' || tag === 'meeting_missed'),
    )
    .sort((a, b) => b.at - a.at)[0];
  if (sponsor === undefined || review === undefined) return [];
  if (review.tags?.includes('sponsor_attended') || review.contactId === sponsor.contactId) return [];
  const day = formatDay(noteDay(subject, review));
  const name = personName(contactOf(subject, sponsor.contactId));
  return [
    {
      id: 'sponsor_absent_once',
      date: day,
      text: `sponsor ${name} was absent from the last review on ${day}`,
      evidence: [...records('notes', [review.noteId]), ...records('contacts', [sponsor.contactId])],
    },
  ];
}

const SENIOR = /\b(?:director|head|chief|president|vp|c[efimot]o|owner|partner)\b/i;

function newSeniors(subject: PlanSubject): Warning[] {
  const { m, knobs } = subject;
  const since = subject.today - knobs.noteDays;
  const known = m.view.firstDay + knobs.noteDays;
  return m.view.contacts.flatMap((contact) => {
    const day: Day | undefined = contact.createdAt === undefined ? undefined : subject.clock.dayOf(contact.createdAt);
    if (day === undefined || day < since || day < known) return [];
    if (
      !SENIOR.test(contact.title ?? '') &&
      !contact.roles?.some((role) => role === 'decision_maker' || role === 'economic_buyer')
    )
      return [];
    if (m.people.persons.some((each) => each.contactId === contact.contactId && each.departed)) return [];
    return [
      {
        id: 'new_senior_contact',
        date: formatDay(day),
        text: `new in the account: ${speakerOf(subject, { contactId: contact.contactId })} (${formatDay(day)})`,
        evidence: records('contacts', [contact.contactId]),
      },
    ];
  });
}

const SPEND = /\b(?:spend|spending|budget cut|cost review|cut costs|savings?|vendor review|consolidat\w+)\b/i;
const SPEND_TAGS = ['price_objection', 'reorganisation', 'contentious_renewal'];

function spendNotes(subject: PlanSubject): Warning[] {
  const since = subject.today - subject.knobs.noteDays;
  return subject.m.view.notes.flatMap((note) => {
    const day = noteDay(subject, note);
    const tagged = note.tags?.some((tag) => SPEND_TAGS.includes(tag)) === true;
    if (day < since || note.author === 'system') return [];
    if (!tagged && !(SPEND.test(note.text) && /review|cut|reduc|consolidat|question/i.test(note.text))) return [];
    return [
      {
        id: 'spend_review',
        date: formatDay(day),
        text: quoteOf(subject, note),
        evidence: records('notes', [note.noteId]),
      },
    ];
  });
}

const TIE_DAYS = 21;

/** Did the fall come with somebody's leave? */
export function leaveTie(subject: PlanSubject): string {
  const { m } = subject;
  const fall = m.standingCliff;
  if (fall === undefined) return '';
  for (const person of m.people.persons) {
    const contact = contactOf(subject, person.contactId);
    const from = contact?.onLeaveFrom;
    if (from === undefined || person.roles.length === 0) continue;
    const isAway = (contact!.onLeaveUntil ?? fall.since) >= fall.since;
    if (Math.abs(fall.since - from) > TIE_DAYS && !(from <= fall.since && isAway)) continue;
    const role = person.roles.includes('champion') ? 'champion' : person.roles[0]!.replaceAll('_', ' ');
    const gap = fall.since - from;
    const when = gap === 0 ? 'the same day' : plural(Math.abs(gap), 'day');
    return `, ${when} ${gap === 0 ? 'as' : gap > 0 ? 'after' : 'before'} ${role} ${personName(contact)} went on leave (${formatDay(from)})`;
  }
  return '';
}
