/** The account a plan is for: its measures, its own calendar, its people and its words, read in one way by every section. */
import { wholePercentText } from '../document/figures.ts';
import { roundedFigures } from '../document/plain-words.ts';
import type { AccountMeasures } from '../facts/measure-account.ts';
import type { ContractSpan } from '../facts/plan-timeline.ts';
import type { Workspace } from '../facts/view.ts';
import { userActiveDaysIn } from '../history/windows.ts';
import type { Measures } from '../policy/measures.ts';
import { minorDigits } from '../records/money.ts';
import type { ContactRecord, NoteRecord, OwnerRole, RecordKind } from '../records/record.ts';
import type { Exchange } from '../revenue/arr.ts';
import { publish } from '../scores/number.ts';
import { ROLE_TITLES } from '../skills/skill-result.ts';
import { addBusinessDays, type Day, formatDay, isBusinessDay, type ZoneClock, zoneClock } from '../time/calendar.ts';

/** Where a figure comes from: ids of records, or the events of a window. */
export type Evidence =
  | { kind: Exclude<RecordKind, 'events'>; ids: string[] }
  | { kind: 'events'; from: string; to: string; userIds?: string[] };

/** ARR of the whole portfolio in one currency, twelve months ago and today, of the accounts that paid then (A9). */
export interface PortfolioArr {
  currency: string;
  startMinor: number;
  endMinor: number;
  /** Subscriptions of the accounts that paid then; shown with a plan, not kept with it: they are the whole portfolio's. */
  subscriptionIds?: readonly string[];
}

export interface PlanInput {
  measures: AccountMeasures;
  workspace: Workspace;
  /** The contract day by day, from the account's first day. */
  spans: readonly ContractSpan[];
  policyHash: string;
  /** By currency; empty where the portfolio was not read. */
  portfolio: readonly PortfolioArr[];
  exchange: Exchange;
  /** Rule whose at-risk exit was in force at the decision of the same day; undefined: none, or not decided. */
  atRiskRule?: string | undefined;
}

export interface PlanSubject extends PlanInput {
  m: AccountMeasures;
  knobs: Measures['plan'];
  /** Calendar day at the account: dates that people there will read. */
  today: Day;
  clock: ZoneClock;
  name: string;
}

export function subjectOf(input: PlanInput): PlanSubject {
  const { view } = input.measures;
  const clock = clockOf(view.account.timeZone, input.workspace.clock);
  return {
    ...input,
    m: input.measures,
    knobs: input.workspace.measures.plan,
    clock,
    today: clock.dayOf(view.instant),
    name: oneLine(view.account.name, LONGEST_NAME),
  };
}

/** A time zone that the runtime does not know is as good as none: the workspace's holds. */
function clockOf(timeZone: string | undefined, fallback: ZoneClock): ZoneClock {
  if (timeZone === undefined) return fallback;
  try {
    return zoneClock(timeZone);
  } catch {
    return fallback;
  }
}

const LONGEST_NAME = 80;
/** Long enough for a sentence or two; the record holds the rest. */
const LONGEST_QUOTE = 160;

/** Text from outside as one line of at most so many characters. */
export function oneLine(text: string, longest: number): string {
  const line = text
    .toWellFormed()
    .replaceAll(/[\s\u0085\u2028\u2029]+/gu, ' ')
    .replaceAll('"', "'")
    .trim();
  const characters = [...line];
  return characters.length <= longest
    ? line
    : `${characters
        .slice(0, longest - 1)
        .join('')
        .trimEnd()}…`;
}

export function quote(text: string): string {
  return `"${oneLine(text, LONGEST_QUOTE)}"`;
}

export function contactOf(subject: PlanSubject, contactId: string | undefined): ContactRecord | undefined {
  return contactId === undefined
    ? undefined
    : subject.m.view.contacts.find((contact) => contact.contactId === contactId);
}

export function personName(contact: ContactRecord | undefined): string | undefined {
  if (contact === undefined) return undefined;
  return oneLine(contact.name ?? contact.contactId, LONGEST_NAME);
}

/** `Dana Ortiz, VP Operations`; a note without a contact names its author's side. */
export function speakerOf(subject: PlanSubject, note: Pick<NoteRecord, 'contactId' | 'author'>): string {
  const contact = contactOf(subject, note.contactId);
  const name = personName(contact);
  if (name === undefined) return note.author === 'customer' ? 'the customer' : (note.author ?? 'the customer');
  return contact!.title === undefined ? name : `${name}, ${oneLine(contact!.title, LONGEST_NAME)}`;
}

/** The same in the middle of a sentence: `Dana Ortiz, VP Operations,`. */
export function speakerWithin(subject: PlanSubject, note: Pick<NoteRecord, 'contactId' | 'author'>): string {
  const who = speakerOf(subject, note);
  return who.includes(', ') ? `${who},` : who;
}

/** `"words" (Dana Ortiz, VP Operations, 2026-03-12)`; what we wrote down is said to be ours. */
export function quoteOf(subject: PlanSubject, note: NoteRecord): string {
  const who = speakerOf(subject, note);
  const on = formatDay(noteDay(subject, note));
  if (isTheirs(note)) return `${quote(note.text)} (${who}, ${on})`;
  const side = note.author === undefined ? 'note' : `${note.author === 'csm' ? 'CSM' : note.author} note`;
  return `${quote(note.text)} (${side}${note.contactId === undefined ? '' : ` on ${who}`}, ${on})`;
}

/** The customer's own words, as far as the record tells. */
export function isTheirs(note: Pick<NoteRecord, 'author'>): boolean {
  return note.author === 'customer';
}

export function noteDay(subject: PlanSubject, note: NoteRecord): Day {
  return subject.clock.dayOf(note.at);
}

export interface PlanOwner {
  role: OwnerRole;
  name: string | null;
  /** `Ruth (CSM)`, or `CSM (no name recorded)`. */
  shown: string;
}

export function ownerOf(subject: PlanSubject, role: OwnerRole): PlanOwner {
  const name = subject.m.view.account.owners?.[role];
  const title = ROLE_TITLES[role];
  if (name === undefined || name.trim() === '') return { role, name: null, shown: `${title} (no name recorded)` };
  const shown = oneLine(name, LONGEST_NAME);
  return { role, name: shown, shown: `${shown} (${title})` };
}

export function businessDay(subject: PlanSubject, from: Day, count: number): Day {
  return addBusinessDays(from, count, subject.workspace.catalogue.holidays);
}

export function businessDayOnOrAfter(subject: PlanSubject, day: Day): Day {
  return addBusinessDays(day, 0, subject.workspace.catalogue.holidays);
}

const LONGEST_WALK_DAYS = 366; // bounds a holiday list that closes the whole year

export function businessDaysBefore(subject: PlanSubject, from: Day, count: number): Day {
  let day = from;
  let left = count;
  for (let walked = 0; left > 0 && walked < LONGEST_WALK_DAYS; walked++) {
    day--;
    if (isBusinessDay(day, subject.workspace.catalogue.holidays)) left--;
  }
  return day;
}

/** A share 0-1 as a whole percentage, as every document writes it. */
export const percent = wholePercentText;

export function grouped(value: number): string {
  const [whole, fraction] = String(Math.abs(value)).split('.');
  const text = whole!.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return `${value < 0 ? '-' : ''}${text}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** Minor units as `95,000 USD`; cents are shown below a hundred units only. */
export function money(minor: number, currency: string | undefined): string {
  const major = minor / 10 ** minorDigits(currency ?? '');
  const shown = Math.abs(major) < 100 ? Math.round(major * 100) / 100 : publish(major);
  return `${grouped(shown)}${currency === undefined ? '' : ` ${currency}`}`;
}

/** Measures write `-5.25 %`, which Markdown would have to escape, the document `−5 %`. */
export function tidy(detail: string): string {
  return roundedFigures(detail)
    .replaceAll(/(?<=\b(?:use|of) )\d{4,}\b/g, (count) => grouped(Number(count)))
    .replaceAll(/(^|[\s(])-(?=\d)/g, '$1−')
    .replaceAll('_', ' ');
}

const ACRONYMS = /\b(?:api|sso|crm|sla|ai|sql|bi|erp|saml|scim)\b/g;

/** A catalogue id as words: `api_calls` is `API calls`. */
export function words(id: string): string {
  return oneLine(id.replaceAll(/[_-]+/g, ' '), LONGEST_NAME).replaceAll(ACRONYMS, (word) => word.toUpperCase());
}

/** `the pro plan` */
export function planWords(id: string): string {
  return `the ${words(id)} plan`;
}

export function subscriptionEvidence(subject: PlanSubject): Evidence {
  return { kind: 'subscriptions', ids: subject.m.contract.inForce.map((each) => each.subscriptionId) };
}

const USERS_DAYS = 30;

/** The users behind an active-user count of the 30 days to D. */
export function activeUsersEvidence({ m }: PlanSubject, days = USERS_DAYS): Evidence {
  const { history, lastDay } = m.view;
  const from = lastDay - days + 1;
  const userIds = history.users.filter((user) => userActiveDaysIn(user, from, lastDay) > 0).map((user) => user.userId);
  return { kind: 'events', from: formatDay(from), to: formatDay(lastDay), userIds: userIds.sort() };
}

export function usageEvidence({ m }: PlanSubject, days: number): Evidence {
  return { kind: 'events', from: formatDay(m.view.lastDay - days + 1), to: formatDay(m.view.lastDay) };
}

/** Everything that the health score is made from: use, and the records of the dimensions. */
export function healthEvidence(subject: PlanSubject): Evidence[] {
  const { view, people } = subject.m;
  const { regularityDays } = subject.workspace.measures.health.engagement;
  const meetings = view.notes.filter(
    (note) => note.tags?.some((tag) => /^meeting_(?:held|missed)$/.test(tag)) === true,
  );
  return [
    usageEvidence(subject, regularityDays),
    ...records(
      'notes',
      meetings.map((each) => each.noteId),
    ),
    ...records(
      'tickets',
      view.tickets.map((each) => each.ticketId),
    ),
    ...records(
      'surveys',
      view.surveys.map((each) => each.surveyId),
    ),
    ...records(
      'contacts',
      people.persons.filter((each) => each.roles.length > 0).map((each) => each.contactId),
    ),
    ...records(
      'goals',
      view.goals.map((each) => each.goalId),
    ),
    ...records(
      'invoices',
      view.invoices.map((each) => each.invoiceId),
    ),
    ...records(
      'subscriptions',
      subject.m.contract.inForce.map((each) => each.subscriptionId),
    ),
  ];
}

export function records(kind: Exclude<RecordKind, 'events'>, ids: readonly string[]): Evidence[] {
  return ids.length === 0 ? [] : [{ kind, ids: [...ids] }];
}

/** Highest number of active users (30 days) on any day of a window, and the first day that had it. */
export function peakUsers({ m }: PlanSubject, from: Day): { users: number; day: Day } | undefined {
  const { history, lastDay, usageGap } = m.view;
  if (usageGap !== undefined || !history.hasUserIds) return undefined;
  let best: { users: number; day: Day } | undefined;
  for (let day = Math.max(from, history.start); day <= lastDay; day++) {
    const users = history.activeUsers30[day - history.start] ?? 0;
    if (best === undefined || users > best.users) best = { users, day };
  }
  return best;
}

/** `renewal on 2026-09-01`; one that has passed without a new term is said to be overdue. */
export function renewalShown({ m, today }: PlanSubject): string | undefined {
  const { renewalDate } = m.contract;
  if (renewalDate === undefined) return undefined;
  return `renewal ${renewalDate < today ? 'that was due on' : 'on'} ${formatDay(renewalDate)}`;
}

/** `a`, `a and b`, `a, b and c` */
export function listed(items: readonly string[]): string {
  if (items.length < 2) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

export function plural(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}
