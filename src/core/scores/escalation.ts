/** Escalations and incidents as of the instant: what holds conversations and handoffs (journey.md section 4). */
import type { AccountView, Workspace } from '../facts/view.ts';
import type { Day } from '../time/calendar.ts';

export interface Escalation {
  /** Escalated tickets that are open, ids. */
  openTickets: string[];
  /** Open P1 and P2 incidents, ids. */
  openIncidents: string[];
  /** Day on which the latest escalated ticket closed; undefined: none closed. */
  closedOn: Day | undefined;
  closedTicket: string | undefined;
}

export function escalation(view: AccountView, workspace: Workspace): Escalation {
  const openTickets: string[] = [];
  let closedOn: Day | undefined;
  let closedTicket: string | undefined;
  for (const ticket of view.tickets) {
    if (ticket.escalatedAt === undefined || ticket.escalatedAt > view.instant) continue;
    if (ticket.resolvedAt === undefined || ticket.resolvedAt > view.instant) openTickets.push(ticket.ticketId);
    else {
      const day = workspace.clock.dayOf(ticket.resolvedAt);
      if (closedOn === undefined || day > closedOn) {
        closedOn = day;
        closedTicket = ticket.ticketId;
      }
    }
  }
  const openIncidents = view.incidents
    .filter((each) => each.severity === 'P1' || each.severity === 'P2')
    .filter((each) => each.resolvedAt === undefined || each.resolvedAt > view.instant)
    .map((each) => each.incidentId);
  return { openTickets, openIncidents, closedOn, closedTicket };
}

/** First day on which an upgrade may be spoken of again: cooldown days after the closing day, which is not counted. */
export function upgradeEligibleFrom(closedOn: Day, cooldownDays: number): Day {
  return closedOn + cooldownDays + 1;
}
