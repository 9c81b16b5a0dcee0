/** Escalated tickets and P1/P2 incidents: those that are open, and those that closed lately. */
import type { AccountMeasures } from '../../facts/measure-account.ts';
import type { Priority } from '../../records/record.ts';
import type { Day, Instant } from '../../time/calendar.ts';
import type { SkillContext } from '../skill.ts';

export interface Issue {
  id: string;
  kind: 'ticket' | 'incident';
  priority: Priority | undefined;
  openedAt: Instant;
  subject: string | undefined;
}

/** What holds conversations and handoffs (journey.md section 4): a P1/P2 ticket that is not escalated does not. */
export function openIssues({ view, escalation }: AccountMeasures): Issue[] {
  const tickets = view.tickets
    .filter(({ ticketId }) => escalation.openTickets.includes(ticketId))
    .map(({ ticketId, priority, openedAt, subject }) => ({
      id: ticketId,
      kind: 'ticket' as const,
      priority,
      openedAt,
      subject,
    }));
  const incidents = view.incidents
    .filter(({ incidentId }) => escalation.openIncidents.includes(incidentId))
    .map(({ incidentId, severity, startedAt }) => ({
      id: incidentId,
      kind: 'incident' as const,
      priority: severity,
      openedAt: startedAt,
      subject: undefined,
    }));
  return [...tickets, ...incidents];
}

export interface ClosedIssue {
  id: string;
  kind: Issue['kind'];
  priority: Priority | undefined;
  closedOn: Day;
  /** The customer already said how it went. */
  hasCsat: boolean;
}

/** Closed within so many days to today, the latest first. */
export function closedIssues(
  { measured: { view }, workspace: { clock } }: Pick<SkillContext, 'measured' | 'workspace'>,
  days: number,
): ClosedIssue[] {
  const closedDay = (at: Instant | undefined): Day | undefined =>
    at === undefined || at > view.instant ? undefined : clock.dayOf(at);
  const closed: ClosedIssue[] = [];
  const add = (issue: Omit<ClosedIssue, 'closedOn'>, closedOn: Day | undefined) => {
    if (closedOn !== undefined && view.today - closedOn <= days) closed.push({ ...issue, closedOn });
  };
  for (const { ticketId, priority, escalatedAt, resolvedAt, csat } of view.tickets) {
    if (escalatedAt === undefined || escalatedAt > view.instant) continue;
    add({ id: ticketId, kind: 'ticket', priority, hasCsat: csat !== undefined }, closedDay(resolvedAt));
  }
  for (const { incidentId, severity, resolvedAt } of view.incidents) {
    if (severity !== 'P1' && severity !== 'P2') continue;
    add({ id: incidentId, kind: 'incident', priority: severity, hasCsat: false }, closedDay(resolvedAt));
  }
  return closed.sort((a, b) => b.closedOn - a.closedOn || (a.id < b.id ? -1 : 1));
}
