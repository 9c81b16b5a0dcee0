/** Does the customer answer? Read from notes that record messages (skills.md A2 `replyRate90`, B onboarding_health). */
import { type AccountView, type Known, kindGap, known, unknown, type Workspace } from '../facts/view.ts';
import type { NoteRecord } from '../records/record.ts';
import { addBusinessDays, type Day } from '../time/calendar.ts';
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
  const { clock, catalogue } = workspace;
  let answers: NoteRecord[] | undefined; // only where there is a message to answer
  let answered = 0;
  let judged = 0;
  for (const note of view.notes) {
    if (!isOurMessage(note)) continue;
    const day = clock.dayOf(note.at);
    if (day < from || day > view.lastDay) continue;
    if (contactId !== undefined && note.contactId !== contactId) continue;
    const until = addBusinessDays(day, businessDays, catalogue.holidays);
    answers ??= answersFrom(view, workspace, from);
    const answer = answers.find((each) => each.at > note.at && isFrom(each, note.contactId));
    const inTime = answer !== undefined && clock.dayOf(answer.at) <= until;
    if (!inTime && until > view.lastDay) continue;
    judged++;
    if (inTime) answered++;
  }
  return judged === 0 ? unknown('no message to the customer recorded') : known(answered / judged);
}

function answersFrom(view: AccountView, { clock }: Workspace, from: Day): NoteRecord[] {
  const begin = clock.instantOf(from);
  const end = clock.instantOf(view.today);
  return view.notes.filter((note) => note.at >= begin && note.at < end && isTwoWay(note)).sort((a, b) => a.at - b.at);
}

function isOurMessage(note: NoteRecord): boolean {
  return (note.author === 'csm' || note.author === 'sales') && (note.kind === 'email' || note.kind === 'chat');
}

function isFrom(answer: NoteRecord, contactId: string | undefined): boolean {
  return contactId === undefined || answer.contactId === contactId;
}
