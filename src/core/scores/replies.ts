/** Does the customer answer? Read from notes that record messages (skills.md A2 `replyRate90`, B onboarding_health). */
import type { Horizon } from '../facts/standing.ts';
import { type AccountView, type Known, kindGap, known, unknown, type Workspace } from '../facts/view.ts';
import type { NoteRecord } from '../records/record.ts';
import { addBusinessDays, type Day, type Instant } from '../time/calendar.ts';
import { isTwoWay } from './people.ts';

/**
 * Share 0-1 of our messages that the customer answered within `businessDays`. Our message is an email or chat note by
 * csm or sales; an answer is a later two-way note of the same contact, or of anybody where the message names nobody. A
 * message whose time has not run out counts only once it is answered. Only messages from `from` to D count, and only
 * those to `contactId` where one is given.
 */
export function replyShare(
  view: AccountView,
  workspace: Workspace,
  from: Day,
  businessDays: number,
  contactId?: string,
): Known<number> {
  const gap = kindGap('notes', view, workspace);
  if (gap !== undefined) return unknown(gap);
  let answered = 0;
  let judged = 0;
  for (const message of messagesOf(view.notes, workspace, businessDays)) {
    if (message.day < from || message.day > view.lastDay) continue;
    if (contactId !== undefined && message.contactId !== contactId) continue;
    const inTime = message.answeredOn <= view.lastDay && message.answeredOn <= message.until;
    if (!inTime && message.until > view.lastDay) continue;
    judged++;
    if (inTime) answered++;
  }
  return judged === 0 ? unknown('no message to the customer recorded') : known(answered / judged);
}

/** What may change `replyShare` from a fixed day on though no note does: D reaches a message, its answer, or the end of its time. */
export function repliesHorizon(view: AccountView, workspace: Workspace, businessDays: number, horizon: Horizon): void {
  for (const { day, until, answeredOn } of messagesOf(view.notes, workspace, businessDays)) {
    horizon.after(day);
    horizon.after(until);
    horizon.after(answeredOn);
  }
}

/** One of our messages. */
interface Message {
  day: Day;
  contactId: string | undefined;
  /** Last day on which an answer is in time. */
  until: Day;
  /** Day of the first answer; infinite: none. */
  answeredOn: Day;
}

/** Our messages among the notes with their first answer. */
function messagesOf(
  notes: readonly NoteRecord[],
  { clock, catalogue: { holidays } }: Workspace,
  businessDays: number,
): Message[] {
  const messages: Message[] = [];
  for (const note of notes) {
    if (!isOurMessage(note)) continue;
    const day = clock.dayOf(note.at);
    const answeredAt = firstAnswer(notes, note);
    messages.push({
      day,
      contactId: note.contactId,
      until: addBusinessDays(day, businessDays, holidays),
      answeredOn: answeredAt === undefined ? Number.POSITIVE_INFINITY : clock.dayOf(answeredAt),
    });
  }
  return messages;
}

function firstAnswer(notes: readonly NoteRecord[], { at, contactId }: NoteRecord): Instant | undefined {
  let first: Instant | undefined;
  for (const note of notes) {
    if (note.at <= at || (first !== undefined && note.at >= first)) continue;
    if ((contactId === undefined || note.contactId === contactId) && isTwoWay(note)) first = note.at;
  }
  return first;
}

function isOurMessage(note: NoteRecord): boolean {
  return (note.author === 'csm' || note.author === 'sales') && (note.kind === 'email' || note.kind === 'chat');
}
