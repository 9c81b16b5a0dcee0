/** People and what passes between them and us: contacts, meetings, notes, surveys, goals, tickets, incidents. */
import { type Day, formatDay, isBusinessDay, parseDay, weekday } from '../core/time/calendar.ts';
import type { Row } from './contracts.ts';
import { accountId, contactId } from './ids.ts';
import { at, SAMPLE_LAST_DAY } from './period.ts';
import { randomFor } from './random.ts';
import type { Goal, Moment, Person, Story } from './story.ts';

export interface Relations {
  contacts: Row[];
  notes: Row[];
  surveys: Row[];
  goals: Row[];
  tickets: Row[];
  incidents: Row[];
}

/** Everything of one account that is neither use nor money, in the file form. */
export function relationsOf(story: Story, seed: number, holidays: ReadonlySet<Day>): Relations {
  const born = parseDay(story.born)!;
  const relations: Relations = { contacts: [], notes: [], surveys: [], goals: [], tickets: [], incidents: [] };
  if (!story.lacks?.includes('contacts')) {
    story.people.forEach((person, i) => void relations.contacts.push(...versionsOf(story, person, i, born)));
  }
  (story.goals ?? []).forEach((goal, i) => void relations.goals.push(...progressOf(story, goal, i, born)));
  careFor(story, born, seed, holidays, relations);
  everydayTickets(story, born, seed, holidays, relations);
  for (const moment of story.moments ?? []) recordMoment(story, moment, born, relations);
  return relations;
}

/** Contact versions: one when the person appears, one at every two-way contact, and at leave and departure. */
function versionsOf(story: Story, person: Person, index: number, born: Day): Row[] {
  const from = person.from ?? 0;
  const last = Math.min(person.touchUntil ?? Number.POSITIVE_INFINITY, (person.left ?? Number.POSITIVE_INFINITY) - 1);
  const changes = new Map<number, Row>([[from, {}]]);
  const end = Math.min(last, SAMPLE_LAST_DAY - born);
  if (person.touch > 0) for (let day = from; day <= end; day += person.touch) changes.set(day, {});
  if (person.leave) changes.set(person.leave[0], changes.get(person.leave[0]) ?? {});
  if (person.left !== undefined) changes.set(person.left, {});
  const [first, ...others] = person.name
    .toLowerCase()
    .replaceAll(/[^a-z ]/g, '')
    .split(' ');
  const rows: Row[] = [];
  let lastContact: number | undefined;
  for (const day of [...changes.keys()].sort((a, b) => a - b)) {
    if (born + day > SAMPLE_LAST_DAY) break;
    if (person.touch > 0 && day <= last && (day - from) % person.touch === 0) lastContact = day;
    rows.push({
      contactId: contactId(story, index),
      accountId: accountId(story),
      name: person.name,
      email: `${first}.${others.join('')}@${domainOf(story)}`,
      title: person.title,
      roles: [...person.roles],
      createdAt: at(born + from, 8),
      ...(lastContact !== undefined && { lastContactAt: at(born + lastContact, 15) }),
      ...(person.leave &&
        day >= person.leave[0] && {
          onLeaveFrom: formatDay(born + person.leave[0]),
          onLeaveUntil: formatDay(born + person.leave[1]),
        }),
      ...(person.left !== undefined && day >= person.left && { leftAt: formatDay(born + person.left) }),
      effectiveAt: day === from ? at(born + day, 8) : at(born + day, 15),
    });
  }
  return rows;
}

export function domainOf(story: Story): string {
  return `${story.id.replaceAll('_', '-')}.example`;
}

const GOAL_REVIEW_DAYS = 21;

/** Goal versions: how far the measure had come at each review, and the day it was reached. */
function progressOf(story: Story, goal: Goal, index: number, born: Day): Row[] {
  const rows: Row[] = [];
  const stops = goal.stops ?? 1;
  const days = new Set<number>();
  const end = SAMPLE_LAST_DAY - born;
  for (let day = goal.from; day <= Math.min(end, goal.reach + GOAL_REVIEW_DAYS); day += GOAL_REVIEW_DAYS) days.add(day);
  if (goal.reach <= end) days.add(goal.reach);
  for (const day of [...days].sort((a, b) => a - b)) {
    const share = Math.min(1, (day - goal.from) / Math.max(1, goal.reach - goal.from)) * stops;
    const achieved = share >= 1;
    rows.push({
      goalId: `g_${story.id}_${index + 1}`,
      accountId: accountId(story),
      title: goal.title,
      createdAt: at(born + goal.from, 10),
      tags: [...goal.tags],
      metric: goal.metric,
      unit: goal.unit,
      baseline: goal.baseline,
      target: goal.target,
      current: Math.round((goal.baseline + share * (goal.target - goal.baseline)) * 10) / 10,
      targetDate: formatDay(born + goal.due),
      ...(goal.worth !== undefined && { valueAmount: goal.worth }),
      status: achieved ? 'achieved' : 'open',
      ...(achieved && { achievedAt: formatDay(born + goal.reach) }),
      effectiveAt: at(born + day, day === goal.from ? 10 : 16),
    });
  }
  return rows;
}

const MEETING_TEXTS = [
  'Walked through the open questions and agreed the next two steps.',
  'Reviewed use by team; two groups want their own dashboards.',
  'Looked at the numbers of the last weeks and at the list of open requests.',
  'Short call: what works, what does not, who needs training.',
  'Review of goals and dates with the team leads.',
];
const MISSED_TEXT = 'Nobody joined; sent a new invitation.';

/** Meetings and NPS answers in their rhythm. */
function careFor(story: Story, born: Day, seed: number, holidays: ReadonlySet<Day>, relations: Relations): void {
  const { care } = story;
  if (!care) return;
  const random = randomFor(seed, story.id, 'care');
  const end = Math.min((care.to ?? Number.POSITIVE_INFINITY) + born, SAMPLE_LAST_DAY + 1);
  if (care.meetingsEvery > 0) {
    let number = 0;
    for (let day = born + (care.from ?? 10); day < end; day += care.meetingsEvery, number++) {
      const on = workdayFrom(day, holidays);
      if (on >= end) break;
      const missed = care.missed?.includes(number) ?? false;
      const withSponsor = !missed && number % (care.sponsorEvery ?? 2) === 0;
      const tags = [missed ? 'meeting_missed' : 'meeting_held', ...(withSponsor ? ['sponsor_attended'] : [])];
      const text = missed ? MISSED_TEXT : random.pick(MEETING_TEXTS);
      addNote(story, on, { text, tags, author: 'csm', how: 'meeting', by: 0 }, relations);
    }
  }
  const every = care.npsEvery ?? 90;
  let asked = 0;
  for (let day = born + (care.npsFrom ?? 30); day < end && care.nps.length > 0; day += every, asked++) {
    const score = care.nps[Math.min(asked, care.nps.length - 1)]!;
    const present = story.people.flatMap((person, i) => (isPresent(person, day - born) ? [i] : []));
    if (present.length === 0) continue;
    addSurvey(
      story,
      workdayFrom(day, holidays),
      { type: 'nps', score, by: present[asked % present.length]! },
      relations,
    );
  }
}

function isPresent(person: Person, day: number): boolean {
  return day >= (person.from ?? 0) && (person.left === undefined || day < person.left);
}

function workdayFrom(day: Day, holidays: ReadonlySet<Day>): Day {
  let on = day;
  while (!isBusinessDay(on, holidays) && on < day + 7) on++;
  return on;
}

type NoteParts = Omit<Extract<Moment, { kind: 'note' }>, 'kind' | 'day'>;

function addNote(story: Story, day: Day, given: NoteParts, relations: Relations): void {
  if (day > SAMPLE_LAST_DAY) return;
  const born = parseDay(story.born)!;
  const tags = given.tags?.map((tag) => tag.replace(/@(\d+)$/, (_, offset) => formatDay(born + Number(offset))));
  const author = given.author ?? 'customer';
  const by = given.by ?? (author === 'customer' && story.people.length > 0 ? 0 : undefined);
  relations.notes.push({
    noteId: `n_${story.id}_${relations.notes.length + 1}`,
    accountId: accountId(story),
    at: at(day, 13 + (weekday(day) % 3), 20),
    text: given.text,
    ...(by !== undefined && !story.lacks?.includes('contacts') && { contactId: contactId(story, by) }),
    author,
    kind: given.how ?? 'email',
    ...(tags && tags.length > 0 && { tags }),
  });
}

type SurveyParts = Omit<Extract<Moment, { kind: 'survey' }>, 'kind' | 'day'>;

function addSurvey(story: Story, day: Day, given: SurveyParts, relations: Relations): void {
  if (day > SAMPLE_LAST_DAY) return;
  relations.surveys.push({
    surveyId: `v_${story.id}_${relations.surveys.length + 1}`,
    accountId: accountId(story),
    answeredAt: at(day, 11, 5),
    kind: given.type,
    score: given.score,
    ...(!story.lacks?.includes('contacts') && { contactId: contactId(story, given.by) }),
    ...(given.comment !== undefined && { comment: given.comment }),
  });
}

const EVERYDAY_SUBJECTS = [
  ['Question about a filter', 'filters'],
  ['Cannot find an old report', 'reports'],
  ['Add a colleague to a dashboard', 'permissions'],
  ['Export opens with the wrong separator', 'exports'],
  ['Refresh was late this morning', 'data refresh'],
  ['Change the invoice address', 'billing'],
] as const;
const FIRST_TICKET_DAY = 20;
const DAYS_BETWEEN_TICKETS = { smb: 110, mid: 75, enterprise: 50 };

/** Small tickets as every customer in use has them, soon solved. */
function everydayTickets(
  story: Story,
  born: Day,
  seed: number,
  holidays: ReadonlySet<Day>,
  relations: Relations,
): void {
  const random = randomFor(seed, story.id, 'tickets');
  const lastUse = Math.max(0, ...story.use.map((use) => use.to ?? Number.POSITIVE_INFINITY));
  const end = Math.min(lastUse + born, SAMPLE_LAST_DAY - 7);
  const gap = DAYS_BETWEEN_TICKETS[story.segment];
  let day = born + FIRST_TICKET_DAY + random.between(0, gap);
  for (; day < end && !story.isTest; day += random.between(Math.round(gap * 0.6), Math.round(gap * 1.6))) {
    const [subject, theme] = random.pick(EVERYDAY_SUBJECTS);
    const rating = random.between(4, 5);
    const rates = (story.care?.nps.length ?? 0) > 0; // who answers no survey rates no ticket either
    const extras = { theme, solvedIn: random.between(0, 4), type: 'question', ...(rates && { csat: rating }) } as const;
    const on = workdayFrom(day, holidays) - born;
    addTicket(
      story,
      { kind: 'ticket', day: on, priority: random.pick(['P3', 'P4']), subject, ...extras },
      born,
      relations,
    );
  }
}

const HOURS_PER_DAY = 24;

function recordMoment(story: Story, moment: Moment, born: Day, relations: Relations): void {
  if (moment.kind === 'note') addNote(story, born + moment.day, moment, relations);
  else if (moment.kind === 'survey') addSurvey(story, born + moment.day, moment, relations);
  else if (moment.kind === 'ticket') addTicket(story, moment, born, relations);
  else if (moment.kind === 'incident') {
    const day = born + moment.day;
    if (day > SAMPLE_LAST_DAY) return;
    const start = 4; // o'clock, before the daily run, so that the run sees it open
    const resolved = day + Math.floor((start + moment.hours) / HOURS_PER_DAY);
    relations.incidents.push({
      incidentId: `x_${story.id}_${relations.incidents.length + 1}`,
      accountId: accountId(story),
      startedAt: at(day, start, 10),
      severity: moment.severity,
      ...(resolved <= SAMPLE_LAST_DAY && { resolvedAt: at(resolved, (start + moment.hours) % HOURS_PER_DAY, 10) }),
    });
  }
}

function addTicket(story: Story, moment: Extract<Moment, { kind: 'ticket' }>, born: Day, relations: Relations): void {
  const day = born + moment.day;
  if (day > SAMPLE_LAST_DAY) return;
  const later = (days: number | undefined, hour: number) =>
    days !== undefined && day + days <= SAMPLE_LAST_DAY ? at(day + days, hour) : undefined;
  const resolvedAt = later(moment.solvedIn, 17);
  const escalatedAt = later(moment.escalatedIn, 14);
  relations.tickets.push({
    ticketId: `t_${story.id}_${relations.tickets.length + 1}`,
    accountId: accountId(story),
    openedAt: at(day, 10, 15),
    priority: moment.priority,
    subject: moment.subject,
    theme: moment.theme ?? 'other',
    kind: moment.type ?? 'question',
    ...(resolvedAt !== undefined && { resolvedAt }),
    ...(escalatedAt !== undefined && { escalatedAt }),
    ...(resolvedAt !== undefined && moment.csat !== undefined && { csat: moment.csat }),
  });
}
