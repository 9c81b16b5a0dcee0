/** The churn signals that records show, without a look at the use (skills.md A7). */
import { isTagged } from '../facts/note-tags.ts';
import type { Horizon } from '../facts/standing.ts';
import type { AccountView, Workspace } from '../facts/view.ts';
import type { NoteRecord, SurveyRecord } from '../records/record.ts';
import { formatDay } from '../time/calendar.ts';
import { type CompetitorSignal, worstLevel } from './competitors.ts';
import type { Escalation } from './escalation.ts';
import { percent2 } from './number.ts';
import type { FollowedRole, People } from './people.ts';
import { latestOfEach } from './relationship.ts';
import { type AddSignal, type ChurnSignal, signalList } from './signal-list.ts';

export interface RecordSignalInputs {
  view: AccountView;
  workspace: Workspace;
  people: People;
  competitors: readonly CompetitorSignal[];
  escalation: Escalation;
  pastDue: boolean;
}

/** In the order in which signals are listed, with those of use between the two. */
export interface RecordSignals {
  beforeUse: readonly ChurnSignal[];
  afterUse: readonly ChurnSignal[];
  /** The same where use falls or is gone: only then do missing tickets say something. */
  afterFallingUse: readonly ChurnSignal[];
}

export function recordSignals(inputs: RecordSignalInputs): RecordSignals {
  const before = signalList();
  commercialSignals(inputs, before.add);
  competitorSignal(inputs, before.add);
  peopleSignals(inputs, before.add);
  surveySignals(inputs, before.add);
  const after = signalList();
  supportSignals(inputs, false, after.add);
  const afterFalling = signalList();
  supportSignals(inputs, true, afterFalling.add);
  return { beforeUse: before.found, afterUse: after.found, afterFallingUse: afterFalling.found };
}

const TICKET_AGES = [0, 30, 60, 120];

/** What may change `recordSignals` of the same people, competitors and escalation though no record does. */
export function recordSignalsHorizon(view: AccountView, { clock, measures }: Workspace, horizon: Horizon): void {
  const { signalDays, relationship } = measures.health;
  for (const { paidAt } of view.invoices) horizon.at(paidAt);
  for (const note of view.notes) {
    if (isTagged(note, 'cancellation_request') || isTagged(note, 'downgrade_inquiry'))
      horizon.after(clock.dayOf(note.at), signalDays);
  }
  for (const survey of view.surveys) horizon.after(clock.dayOf(survey.answeredAt), relationship.surveyDays);
  for (const ticket of view.tickets) {
    const opened = clock.dayOf(ticket.openedAt);
    for (const days of TICKET_AGES) horizon.after(opened, days);
  }
}

const FAILED_PAYMENT = new Set(['failed', 'payment_failed', 'uncollectible']);

function commercialSignals({ view, workspace, pastDue }: RecordSignalInputs, add: AddSignal): void {
  const { clock } = workspace;
  const failed = view.invoices.filter(
    ({ status, paidAt }) =>
      status !== undefined && FAILED_PAYMENT.has(status.toLowerCase()) && (paidAt === undefined || paidAt > view.today),
  );
  if (failed.length > 0) {
    const ids = failed.map((invoice) => invoice.invoiceId);
    add('critical', 'failed_payment', `payment of ${ids.join(', ')} failed`, clock.dayOf(failed[0]!.issuedAt), ids);
  } else if (pastDue) add('critical', 'failed_payment', 'a subscription is past due');
  for (const kind of ['cancellation', 'downgrade'] as const) {
    const id = kind === 'cancellation' ? 'cancellation_request' : 'downgrade_request';
    const ticket = view.tickets.find(
      (each) => each.kind === kind && (each.resolvedAt === undefined || each.resolvedAt > view.instant),
    );
    if (ticket !== undefined) {
      const day = clock.dayOf(ticket.openedAt);
      add('critical', id, `${kind} asked for on ${formatDay(day)}`, day, [ticket.ticketId]);
      continue;
    }
    const note = latestTagged(view, workspace, kind === 'cancellation' ? 'cancellation_request' : 'downgrade_inquiry');
    if (note !== undefined) {
      const day = clock.dayOf(note.at);
      add('critical', id, `${kind} asked for on ${formatDay(day)}`, day, [note.noteId]);
    }
  }
}

/** The latest note with this tag that has not aged out. */
function latestTagged(view: AccountView, workspace: Workspace, tag: string): NoteRecord | undefined {
  const since = view.today - workspace.measures.health.signalDays;
  let latest: NoteRecord | undefined;
  for (const note of view.notes) {
    if (!isTagged(note, tag) || workspace.clock.dayOf(note.at) < since) continue;
    if (latest === undefined || note.at > latest.at) latest = note;
  }
  return latest;
}

function competitorSignal({ competitors }: RecordSignalInputs, add: AddSignal): void {
  const level = worstLevel(competitors);
  if (level === 'none') return;
  const first = competitors.find((signal) => signal.level === level)!;
  const evidence = competitors.filter((signal) => signal.level === level).map((signal) => signal.sourceId);
  const id =
    level === 'evaluation'
      ? 'competitor_evaluation'
      : level === 'mention'
        ? 'competitor_mention'
        : 'competitor_comparison';
  const severity = level === 'evaluation' ? 'critical' : level === 'mention' ? 'high' : 'medium';
  add(severity, id, `${first.competitor} named on ${formatDay(first.day)}`, first.day, evidence);
}

const KEY_ROLES = ['champion', 'executive_sponsor'] as const;
const ROLE_NAME: Record<(typeof KEY_ROLES)[number], string> = { champion: 'champion', executive_sponsor: 'sponsor' };

function peopleSignals({ view, people }: RecordSignalInputs, add: AddSignal): void {
  for (const departure of people.departures ?? []) {
    const on = departure.on === undefined ? '' : ` on ${formatDay(departure.on)}`;
    for (const role of KEY_ROLES) {
      if (!departure.roles.includes(role) || succeeded(people, role)) continue;
      const detail = `${ROLE_NAME[role]} ${departure.name ?? departure.contactId} left${on}`;
      if (departure.leavesNeither) {
        add('critical', 'no_champion_or_sponsor', `${detail}; no champion or sponsor is left`, departure.on, [
          departure.contactId,
        ]);
        break;
      }
      add('high', `${ROLE_NAME[role]}_departed`, detail, departure.on, [departure.contactId]);
    }
  }
  for (const person of people.onLeave) {
    const role = person.roles.includes('champion') ? 'champion' : 'sponsor';
    const from = view.contacts.find((contact) => contact.contactId === person.contactId)?.onLeaveFrom;
    const since = from === undefined ? '' : ` since ${formatDay(from)}`;
    add('high', `${role}_on_leave`, `${role} ${person.name ?? person.contactId} is on leave${since}`, from, [
      person.contactId,
    ]);
  }
}

/** A departure is resolved once somebody else present holds the role and is in touch. */
function succeeded(people: People, role: FollowedRole): boolean {
  const { state } = people.roles[role];
  return state === 'active' || state === 'identified';
}

function surveySignals({ view, workspace }: RecordSignalInputs, add: AddSignal): void {
  const m = workspace.measures.health;
  const { clock } = workspace;
  const since = view.today - m.relationship.surveyDays;
  const recent: SurveyRecord[] = [];
  for (const survey of view.surveys)
    if (survey.kind === 'nps' && clock.dayOf(survey.answeredAt) >= since) recent.push(survey);
  for (const survey of latestOfEach(recent)) {
    if (survey.score > m.detractorScore) continue;
    const contact = view.contacts.find((each) => each.contactId === survey.contactId);
    const senior = contact?.roles?.some((role) => role === 'executive_sponsor' || role === 'decision_maker') ?? false;
    const day = clock.dayOf(survey.answeredAt);
    const who = contact?.name ?? contact?.contactId ?? 'a respondent';
    const detail = `${who} gave NPS ${survey.score} on ${formatDay(day)}`;
    add(senior ? 'critical' : 'high', senior ? 'decision_maker_detractor' : 'detractor', detail, day, [
      survey.surveyId,
    ]);
  }
}

function supportSignals(
  { view, workspace, escalation, people }: RecordSignalInputs,
  useFalls: boolean,
  add: AddSignal,
): void {
  const m = workspace.measures.health;
  const { clock } = workspace;
  if (escalation.openTickets.length > 0) {
    add(
      'high',
      'support_escalation',
      `${escalation.openTickets.join(', ')} escalated and open`,
      undefined,
      escalation.openTickets,
    );
  }
  const { engagement } = m;
  let recent = 0;
  let prior = 0;
  let quarter = 0;
  for (const ticket of view.tickets) {
    const age = view.lastDay - clock.dayOf(ticket.openedAt);
    if (age < 0) continue;
    if (age < 30) recent++;
    else {
      if (age < 60) prior++;
      if (age < 120) quarter++;
    }
  }
  if (workspace.kinds.has('tickets')) {
    if (recent === 0 && quarter >= 3 * m.ticketSilencePerMonth && useFalls) {
      add(
        'high',
        'ticket_silence',
        `no ticket in 30 days after ${percent2(quarter / 3)} a month in the quarter before`,
      );
    }
    if (recent >= engagement.supportSurgeTickets && recent > engagement.supportSurgeRatio * prior) {
      add('medium', 'rising_tickets', `${recent} tickets in 30 days, ${prior} in the 30 before`);
    }
  }
  sponsorAbsence(view, workspace, people, add);
}

const REVIEWS_MISSED = 2;

function sponsorAbsence(view: AccountView, workspace: Workspace, people: People, add: AddSignal): void {
  const sponsor = people.persons.find((person) => person.roles.includes('executive_sponsor') && !person.departed);
  if (sponsor === undefined) return;
  const held = view.notes.filter((note) => note.kind === 'meeting' && isTagged(note, 'meeting_held'));
  if (held.length < REVIEWS_MISSED) return;
  const reviews = held.sort((a, b) => b.at - a.at).slice(0, REVIEWS_MISSED);
  if (reviews.some((note) => note.tags?.includes('sponsor_attended') || note.contactId === sponsor.contactId)) return;
  const days = reviews.map((note) => formatDay(workspace.clock.dayOf(note.at)));
  add(
    'medium',
    'sponsor_absent',
    `sponsor absent on ${days.reverse().join(' and ')}`,
    workspace.clock.dayOf(reviews[0]!.at),
    reviews.map((note) => note.noteId),
  );
}
