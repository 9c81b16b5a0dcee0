/** The commercial dimension: how the customer pays and how long the contract runs (skills.md A7). */
import type { Contract } from '../facts/contract.ts';
import { isTagged } from '../facts/note-tags.ts';
import type { Horizon } from '../facts/standing.ts';
import { type AccountView, kindGap, type Workspace } from '../facts/view.ts';
import type { InvoiceRecord, NoteRecord } from '../records/record.ts';
import type { Day } from '../time/calendar.ts';
import { type Part, type PartScore, part, weightedMean } from './number.ts';

export interface Commercial extends PartScore<'payment' | 'term'> {
  /** The downgrade request or price complaint that capped the score. */
  cappedBy?: string;
}

/**
 * Choices where the spec is silent. Payment judges the worst invoice issued within the payment window, and whatever is
 * still owed from before it; drafts, voided invoices and credits do not count; no invoice at all is unknown. A complaint
 * caps while its downgrade ticket is open, or for as long as a note counts as a signal.
 */
export function commercial(
  view: AccountView,
  workspace: Workspace,
  contract: Contract,
  renewalSigned: boolean,
): Commercial {
  const m = workspace.measures.health;
  if (contract.trialInForce && !contract.paidInForce) {
    return { score: undefined, reason: 'in trial', coverage: 0, parts: {} };
  }
  const parts = {
    payment: paymentPart(view, workspace),
    term: termPart(view, workspace, contract, renewalSigned),
  };
  const result = weightedMean(parts, m.knownShare);
  const complaint = complaintOf(view, workspace);
  if (complaint === undefined || result.score === undefined) return result;
  return { ...result, score: Math.min(result.score, m.commercial.complaintCap), cappedBy: complaint };
}

/** States of invoices that ask for no money. */
export const NOT_OWED = new Set(['void', 'voided', 'draft', 'canceled', 'cancelled', 'refunded', 'credited']);

/** What may change `commercial` of the same contract though no record does. */
export function commercialHorizon(
  view: AccountView,
  { clock, measures }: Workspace,
  contract: Contract,
  horizon: Horizon,
): void {
  const { paymentDays, longOverdueDays, termSteps } = measures.health.commercial;
  for (const { issuedAt, dueAt, paidAt } of view.invoices) {
    horizon.after(clock.dayOf(issuedAt), paymentDays);
    horizon.after(dueAt);
    horizon.after(dueAt, longOverdueDays);
    horizon.at(paidAt);
  }
  for (const [daysLeft] of termSteps) horizon.after(contract.renewalDate, -daysLeft);
  for (const note of view.notes) if (isComplaint(note)) horizon.after(clock.dayOf(note.at), measures.health.signalDays);
}

/** Days an invoice is overdue on `today`; 0 when it is paid or not yet due. */
export function overdueDays(invoice: InvoiceRecord, today: Day): number {
  if (invoice.dueAt >= today || isPaid(invoice, today) || !isOwed(invoice)) return 0;
  return today - invoice.dueAt;
}

function isOwed(invoice: InvoiceRecord): boolean {
  return invoice.amountMinor > 0 && !NOT_OWED.has(invoice.status?.toLowerCase() ?? '');
}

/** By date or, where there is none, by status. */
function isPaid(invoice: InvoiceRecord, today: Day): boolean {
  return invoice.paidAt === undefined ? invoice.status?.toLowerCase() === 'paid' : invoice.paidAt <= today;
}

function paymentPart(view: AccountView, workspace: Workspace): Part {
  const m = workspace.measures.health.commercial;
  const gap = kindGap('invoices', view, workspace);
  if (gap !== undefined) return part(undefined, m.payment, gap);
  const { today } = view;
  const since = today - m.paymentDays;
  let isAny = false;
  let isLate = false;
  let longest = 0;
  for (const invoice of view.invoices) {
    if (!isOwed(invoice)) continue;
    const overdue = overdueDays(invoice, today);
    if (overdue === 0 && workspace.clock.dayOf(invoice.issuedAt) < since) continue;
    isAny = true;
    longest = Math.max(longest, overdue);
    const { paidAt, dueAt } = invoice;
    if (paidAt !== undefined && paidAt <= today && paidAt > dueAt) isLate = true;
  }
  if (!isAny) return part(undefined, m.payment, `no invoice in ${m.paymentDays} days`);
  if (longest > m.longOverdueDays) return part(m.longOverdue, m.payment);
  if (longest > 0) return part(m.overdue, m.payment);
  return part(isLate ? m.late : m.clean, m.payment);
}

function termPart(view: AccountView, workspace: Workspace, contract: Contract, renewalSigned: boolean): Part {
  const m = workspace.measures.health.commercial;
  const gap = kindGap('subscriptions', view, workspace);
  if (gap !== undefined) return part(undefined, m.term, gap);
  if (contract.monthToMonth) return part(m.monthToMonth, m.term);
  if (contract.renewalDate === undefined) return part(undefined, m.term, contract.renewalReason);
  if (renewalSigned) return part(m.termSteps[0]?.[1] ?? m.termShort, m.term);
  const left = contract.renewalDate - view.today;
  const step = m.termSteps.find(([daysLeft]) => left >= daysLeft);
  return part(step?.[1] ?? m.termShort, m.term);
}

function isComplaint(note: NoteRecord): boolean {
  return isTagged(note, 'price_objection') || isTagged(note, 'downgrade_inquiry');
}

/** Id of the open downgrade ticket or recent note that caps the score. */
function complaintOf(view: AccountView, { clock, measures }: Workspace): string | undefined {
  for (const { kind, resolvedAt, ticketId } of view.tickets)
    if (kind === 'downgrade' && (resolvedAt === undefined || resolvedAt > view.instant)) return ticketId;
  const since = view.today - measures.health.signalDays;
  for (const note of view.notes) if (isComplaint(note) && clock.dayOf(note.at) >= since) return note.noteId;
  return undefined;
}
