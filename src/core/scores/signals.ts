/** Churn signals: facts that cap the health band whatever the score (skills.md A7). */
import type { AccountView, Workspace } from '../facts/view.ts';
import type { NoteRecord } from '../records/record.ts';
import { type Day, formatDay } from '../time/calendar.ts';
import { type Adoption, featureIndex } from './adoption.ts';
import { type CompetitorSignal, worstLevel } from './competitors.ts';
import type { Escalation } from './escalation.ts';
import { percent2 } from './number.ts';
import type { FollowedRole, People } from './people.ts';
import type { StandingCliff } from './standing-cliff.ts';
import type { Cliff, Trend } from './trend.ts';

export type SignalSeverity = 'critical' | 'high' | 'medium';

export interface ChurnSignal {
  id: string;
  severity: SignalSeverity;
  /** Since when, where the records tell. */
  since: Day | undefined;
  /** One clause with the figures. */
  detail: string;
  /** Ids of the records it rests on; empty where it rests on usage. */
  evidence: string[];
}

export interface SignalInputs {
  view: AccountView;
  workspace: Workspace;
  people: People;
  adoption: Adoption;
  trend: Trend;
  cliff: Cliff;
  /** A fall of the past weeks that still stands. */
  standingCliff?: StandingCliff | undefined;
  competitors: readonly CompetitorSignal[];
  escalation: Escalation;
  pastDue: boolean;
}

const SEVERITY_ORDER: readonly SignalSeverity[] = ['critical', 'high', 'medium'];

/** All open signals, critical first. */
export function churnSignals(inputs: SignalInputs): ChurnSignal[] {
  const found: ChurnSignal[] = [];
  const add = (severity: SignalSeverity, id: string, detail: string, since?: Day, evidence: string[] = []): void => {
    found.push({ id, severity, since, detail, evidence });
  };
  commercialSignals(inputs, add);
  competitorSignal(inputs, add);
  peopleSignals(inputs, add);
  surveySignals(inputs, add);
  usageSignals(inputs, add);
  supportSignals(inputs, add);
  return found.sort((a, b) => SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity));
}

type Add = (severity: SignalSeverity, id: string, detail: string, since?: Day, evidence?: string[]) => void;

const FAILED_PAYMENT = new Set(['failed', 'payment_failed', 'uncollectible']);

function commercialSignals({ view, workspace, pastDue }: SignalInputs, add: Add): void {
  const { clock } = workspace;
  const failed = view.invoices.filter(
    (invoice) =>
      FAILED_PAYMENT.has(invoice.status?.toLowerCase() ?? '') &&
      (invoice.paidAt === undefined || invoice.paidAt > view.today),
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
    if (!note.tags?.includes(tag) || workspace.clock.dayOf(note.at) < since) continue;
    if (latest === undefined || note.at > latest.at) latest = note;
  }
  return latest;
}

function competitorSignal({ competitors }: SignalInputs, add: Add): void {
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

function peopleSignals({ view, people }: SignalInputs, add: Add): void {
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

function surveySignals({ view, workspace }: SignalInputs, add: Add): void {
  const m = workspace.measures.health;
  const { clock } = workspace;
  const latest = new Map<string, (typeof view.surveys)[number]>();
  for (const survey of view.surveys) {
    if (survey.kind !== 'nps' || clock.dayOf(survey.answeredAt) < view.today - m.relationship.surveyDays) continue;
    const respondent = survey.contactId ?? `survey ${survey.surveyId}`; // who gave it cannot be told
    const before = latest.get(respondent);
    if (before === undefined || survey.answeredAt >= before.answeredAt) latest.set(respondent, survey);
  }
  for (const survey of latest.values()) {
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

function usageSignals(inputs: SignalInputs, add: Add): void {
  const { view, workspace, adoption, trend, cliff, standingCliff } = inputs;
  if (view.usageGap !== undefined) return;
  const m = workspace.measures;
  if (standingCliff !== undefined) add('critical', 'usage_cliff', standingDetail(standingCliff), standingCliff.since);
  else if (cliff.cliff) add('critical', 'usage_cliff', fallDetail(cliff));
  else if (cliff.dip) add('medium', 'usage_dip', fallDetail(cliff));
  const percent = trend.percent.value;
  if (percent !== undefined && percent < m.trend.declining) {
    add('medium', 'usage_declining', `usage ${percent} % against the ${trend.windowDays} days before`);
  }
  const lastUse = lastUseDay(view);
  if (lastUse !== undefined && view.lastDay - lastUse >= m.trend.silentDays) {
    add('high', 'silent', `no use since ${formatDay(lastUse)}`, lastUse);
  }
  if (workspace.catalogue.featuresDefaulted) return;
  const index = featureIndex(view);
  for (const use of adoption.relevant) {
    if (!use.feature.core || use.days > 0 || use.firstUse === undefined) continue;
    if (view.daysOfData <= m.health.coreUnusedDays) continue;
    const days = index.get(use.feature.id)!.use.days;
    let last: Day | undefined;
    for (const day of days) if (day <= view.lastDay) last = day;
    add(
      'high',
      'core_feature_unused',
      `${use.feature.id} unused since ${last === undefined ? 'long' : formatDay(last)}`,
      last,
    );
  }
}

function fallDetail(cliff: Cliff): string {
  return `weekly use ${cliff.recentWeekly} against a base of ${cliff.baseWeekly} (${cliff.dropPercent} %)`;
}

function standingDetail({
  since,
  usersBefore,
  usersNow,
  recentWeekly,
  baseWeekly,
  dropPercent,
}: StandingCliff): string {
  // The 30 days of the users may still hold days before the fall: as many as ever says nothing.
  const users = usersNow < usersBefore ? ` from ${usersBefore} active users to ${usersNow}` : '';
  return `use fell on ${formatDay(since)}${users} and has not come back: weekly use ${recentWeekly} against a base of ${baseWeekly} (${dropPercent} %)`;
}

/** Last day up to D with use; undefined when there never was any. */
export function lastUseDay(view: AccountView): Day | undefined {
  const { history } = view;
  const index = Math.min(view.lastDay - history.start, history.length - 1);
  for (let i = index; i >= 0; i--) {
    if (history.volume[i]! > 0) return history.start + i;
    if (history.cumulativeActiveDays[i]! === 0) return undefined;
  }
  return undefined;
}

function supportSignals({ view, workspace, trend, escalation, people }: SignalInputs, add: Add): void {
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
    if (recent === 0 && quarter >= 3 * m.ticketSilencePerMonth && fallsSilent(trend)) {
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

function fallsSilent(trend: Trend): boolean {
  return trend.kind.value === 'dormant' || (trend.percent.value !== undefined && trend.percent.value < 0);
}

const REVIEWS_MISSED = 2;

function sponsorAbsence(view: AccountView, workspace: Workspace, people: People, add: Add): void {
  const sponsor = people.persons.find((person) => person.roles.includes('executive_sponsor') && !person.departed);
  if (sponsor === undefined) return;
  const reviews = view.notes
    .filter((note) => note.kind === 'meeting' && note.tags?.includes('meeting_held'))
    .sort((a, b) => b.at - a.at)
    .slice(0, REVIEWS_MISSED);
  if (reviews.length < REVIEWS_MISSED) return;
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
