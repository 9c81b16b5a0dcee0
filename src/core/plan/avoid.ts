/** The four times at which nothing is proposed (expansion seed, step 5), each checked and shown. */
import { upgradeEligibleFrom } from '../scores/escalation.ts';
import { type Day, formatDay } from '../time/calendar.ts';
import {
  businessDayOnOrAfter,
  contactOf,
  type Evidence,
  noteDay,
  type PlanSubject,
  personName,
  records,
} from './subject.ts';

export interface AvoidCheck {
  id: 'escalation' | 'incident' | 'contentious_renewal' | 'distracted_champion';
  /** true: in force now; null: unknown. */
  inForce: boolean | null;
  text: string;
  /** First day without it, where it is in force or begins later. */
  clearFrom: string | null;
  evidence: Evidence[];
}

export interface SpannedCheck extends AvoidCheck {
  /** Days on which it holds, both ends included. */
  spans: { from: Day; to: Day }[];
}

export function avoidChecks(subject: PlanSubject): SpannedCheck[] {
  return [escalationCheck(subject), incidentCheck(subject), renewalCheck(subject), championCheck(subject)];
}

function escalationCheck({ m, workspace }: PlanSubject): SpannedCheck {
  const { escalation, ticketGap } = m;
  const base = { id: 'escalation' as const, clearFrom: null, evidence: [], spans: [] };
  if (ticketGap !== undefined) return { ...base, inForce: null, text: `support escalation: unknown, ${ticketGap}` };
  if (escalation.openTickets.length > 0)
    return {
      ...base,
      inForce: true,
      text: `support escalation: ${escalation.openTickets.join(', ')} open`,
      evidence: records('tickets', escalation.openTickets),
    };
  if (escalation.closedOn === undefined) return { ...base, inForce: false, text: 'support escalation: none' };
  const clear = upgradeEligibleFrom(escalation.closedOn, workspace.guardrails.escalationCooldownDays);
  const evidence = records('tickets', escalation.closedTicket === undefined ? [] : [escalation.closedTicket]);
  const text = `support escalation: none open, last closed ${formatDay(escalation.closedOn)}`;
  return {
    ...base,
    inForce: m.view.today < clear,
    text,
    clearFrom: formatDay(clear),
    evidence,
    spans: [{ from: escalation.closedOn, to: clear - 1 }],
  };
}

function incidentCheck({ m }: PlanSubject): SpannedCheck {
  const base = { id: 'incident' as const, clearFrom: null, spans: [] };
  const open = m.escalation.openIncidents;
  if (m.incidentGap !== undefined && m.view.incidents.length === 0)
    return { ...base, inForce: null, text: `incident: unknown, ${m.incidentGap}`, evidence: [] };
  return {
    ...base,
    inForce: open.length > 0,
    text: open.length > 0 ? `incident: ${open.join(', ')} open` : 'incident: none open',
    evidence: records('incidents', open),
  };
}

function renewalCheck(subject: PlanSubject): SpannedCheck {
  const { m, knobs } = subject;
  const base = { id: 'contentious_renewal' as const, clearFrom: null, evidence: [], spans: [] };
  if (m.noteGap !== undefined) return { ...base, inForce: null, text: `contentious renewal: unknown, ${m.noteGap}` };
  const note = recent(subject, 'contentious_renewal');
  const { renewalDate } = m.contract;
  if (note === undefined) {
    return {
      ...base,
      inForce: false,
      text: `contentious renewal: none${renewalDate === undefined ? '' : `, renewal ${formatDay(renewalDate)}`}`,
    };
  }
  const day = noteDay(subject, note);
  const clear = renewalDate !== undefined && renewalDate > subject.today ? renewalDate : day + knobs.noteDays + 1;
  return {
    ...base,
    inForce: true,
    text: `contentious renewal: noted on ${formatDay(day)}, over on ${formatDay(clear)}`,
    clearFrom: formatDay(clear),
    evidence: records('notes', [note.noteId]),
    spans: [{ from: day, to: clear - 1 }],
  };
}

function recent(subject: PlanSubject, tag: string) {
  const since = subject.today - subject.knobs.noteDays;
  return subject.m.view.notes
    .filter((note) => note.tags?.includes(tag) === true && noteDay(subject, note) >= since)
    .sort((a, b) => b.at - a.at)[0];
}

function championCheck(subject: PlanSubject): SpannedCheck {
  const { m, knobs, today } = subject;
  const base = { id: 'distracted_champion' as const, clearFrom: null, evidence: [], spans: [] };
  if (m.people.reason !== undefined)
    return { ...base, inForce: null, text: `distracted champion: unknown, ${m.people.reason}` };
  const champions = m.people.persons.filter((person) => person.roles.includes('champion') && !person.departed);
  const leaves = champions.flatMap((person) => {
    const contact = contactOf(subject, person.contactId);
    const from = contact?.onLeaveFrom;
    if (from === undefined || (contact!.onLeaveUntil ?? Number.POSITIVE_INFINITY) < today) return [];
    return [{ contact: contact!, from, to: contact!.onLeaveUntil ?? today + knobs.noteDays }];
  });
  const note = recent(subject, 'reorganisation');
  const spans = leaves.map(({ from, to }) => ({ from, to }));
  if (note !== undefined)
    spans.push({ from: noteDay(subject, note), to: noteDay(subject, note) + REORGANISATION_DAYS });
  const says = [
    ...leaves.map(({ contact, from, to }) => `${personName(contact)} on leave ${formatDay(from)} to ${formatDay(to)}`),
    ...(note === undefined ? [] : [`reorganisation noted on ${formatDay(noteDay(subject, note))}`]),
  ];
  const last = spans.length === 0 ? undefined : Math.max(...spans.map((span) => span.to)) + 1;
  const evidence = [
    ...records(
      'contacts',
      leaves.map(({ contact }) => contact.contactId),
    ),
    ...records('notes', note === undefined ? [] : [note.noteId]),
  ];
  const who = personName(contactOf(subject, champions[0]?.contactId));
  const text =
    says.length === 0
      ? `distracted champion: no leave or reorganisation recorded${who === undefined ? '' : ` for ${who}`}`
      : `distracted champion: ${says.join('; ')}`;
  return {
    ...base,
    inForce: spans.some((span) => span.from <= today && today <= span.to),
    text,
    clearFrom: last === undefined ? null : formatDay(last),
    evidence,
    spans,
  };
}

/** A reorganisation takes its toll for about a month after we heard of it (our choice). */
const REORGANISATION_DAYS = 30;
const MOST_MOVES = 20; // each move passes one span

/** The first business day from `day` on that lies in no span to be avoided and respects the stated date. */
export function clearDay(subject: PlanSubject, day: Day, checks: readonly SpannedCheck[]): Day {
  let on = businessDayOnOrAfter(subject, day);
  for (let moves = 0; moves < MOST_MOVES; moves++) {
    const hit = checks.flatMap((check) => check.spans).find((span) => span.from <= on && on <= span.to);
    if (hit === undefined) return on;
    on = businessDayOnOrAfter(subject, hit.to + 1);
  }
  return on;
}
