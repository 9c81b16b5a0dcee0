/** Two parts of the engagement dimension that come from records: support load and meetings (skills.md A7). */
import { isTagged } from '../facts/note-tags.ts';
import type { Horizon } from '../facts/standing.ts';
import { type AccountView, kindGap, type Workspace } from '../facts/view.ts';
import type { IncidentRecord, TicketRecord } from '../records/record.ts';
import type { Instant } from '../time/calendar.ts';
import { type PartScore, part, weightedMean } from './number.ts';

const RECENT_DAYS = 30; // W(30) of A7

/**
 * 100, less a deduction for every open escalation or P1/P2 incident, every ticket open for long and a surge of tickets;
 * not below 0. Like every measure it reads the state at the end of D. A P1/P2 ticket that is not escalated is no severe
 * one (journey.md section 4). Unknown without tickets; incidents that were never imported deduct nothing.
 */
export function supportScore(view: AccountView, workspace: Workspace): PartScore<'support'> {
  const gap = kindGap('tickets', view, workspace);
  const value = gap === undefined ? supportPoints(view, workspace) : undefined;
  return weightedMean({ support: part(value, 1, gap) }, workspace.measures.health.knownShare);
}

function supportPoints(view: AccountView, { clock, measures }: Workspace): number {
  const m = measures.health.engagement;
  const end = clock.instantOf(view.today);
  let severe = 0;
  for (const incident of view.incidents) {
    const isSevere = incident.severity === 'P1' || incident.severity === 'P2';
    if (isSevere && incident.startedAt < end && isOpen(incident, end)) severe++;
  }
  let old = 0;
  let recent = 0;
  let prior = 0;
  for (const ticket of view.tickets) {
    const age = view.lastDay - clock.dayOf(ticket.openedAt);
    if (age < 0) continue;
    if (age < RECENT_DAYS) recent++;
    else if (age < 2 * RECENT_DAYS) prior++;
    if (!isOpen(ticket, end)) continue;
    if (ticket.escalatedAt !== undefined && ticket.escalatedAt < end) severe++;
    if (age > m.supportOldDays) old++;
  }
  const surge = recent >= m.supportSurgeTickets && recent > m.supportSurgeRatio * prior;
  return Math.max(0, 100 - m.supportSevere * severe - m.supportOld * old - (surge ? m.supportSurge : 0));
}

function isOpen({ resolvedAt }: TicketRecord | IncidentRecord, end: Instant): boolean {
  return resolvedAt === undefined || resolvedAt >= end;
}

/** Meetings held of those scheduled in the window ending on D, x 100; unknown where none was scheduled. */
export function meetingScore(view: AccountView, workspace: Workspace): PartScore<'meetings'> {
  const { held, missed, gap } = meetings(view, workspace, workspace.measures.health.engagement.meetingDays);
  const value = held + missed > 0 ? (100 * held) / (held + missed) : undefined;
  return weightedMean({ meetings: part(value, 1, gap) }, workspace.measures.health.knownShare);
}

/** What may change `supportScore` though no record does. */
export function supportHorizon(view: AccountView, { clock, measures }: Workspace, horizon: Horizon): void {
  for (const { openedAt, resolvedAt, escalatedAt } of view.tickets) {
    const opened = clock.dayOf(openedAt);
    for (const days of [0, RECENT_DAYS, 2 * RECENT_DAYS, measures.health.engagement.supportOldDays + 1])
      horizon.after(opened, days);
    if (resolvedAt !== undefined) horizon.after(clock.dayOf(resolvedAt));
    if (escalatedAt !== undefined) horizon.after(clock.dayOf(escalatedAt));
  }
  for (const { startedAt, resolvedAt } of view.incidents) {
    horizon.after(clock.dayOf(startedAt));
    if (resolvedAt !== undefined) horizon.after(clock.dayOf(resolvedAt));
  }
}

/** What may change `meetings` of the last so many days though no note does. */
export function meetingsHorizon(view: AccountView, { clock }: Workspace, days: number, horizon: Horizon): void {
  for (const note of view.notes) {
    if (!isTagged(note, 'meeting_held') && !isTagged(note, 'meeting_missed')) continue;
    const day = clock.dayOf(note.at);
    horizon.after(day);
    horizon.after(day, days);
  }
}

/** Notes tagged `meeting_held` and `meeting_missed` within so many days up to D; a note with both tags was held. */
export function meetings(
  view: AccountView,
  workspace: Workspace,
  days: number,
): { held: number; missed: number; gap: string | undefined } {
  const gap = kindGap('notes', view, workspace);
  let held = 0;
  let missed = 0;
  if (gap === undefined) {
    for (const note of view.notes) {
      const isHeld = isTagged(note, 'meeting_held');
      if (!isHeld && !isTagged(note, 'meeting_missed')) continue;
      const age = view.lastDay - workspace.clock.dayOf(note.at);
      if (age < 0 || age >= days) continue;
      if (isHeld) held++;
      else missed++;
    }
  }
  return { held, missed, gap: gap ?? (held + missed === 0 ? `no meeting recorded in ${days} days` : undefined) };
}
