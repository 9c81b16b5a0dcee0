/**
 * A handoff as a record (journey.md section 5): offered when its checklist is complete, accepted or declined by the
 * receiver, closed when what it was for is over. It is a fold: each evaluation brings what applies now, each person's
 * answer moves it on, and nothing is forgotten.
 *
 * `blocked -> ready -> accepted | declined -> closed`; what is ready becomes blocked again when an incident opens, and what
 * was declined goes back to the sender, who may offer it again.
 */
import { hash } from 'node:crypto';
import type { Handoff } from '../guardrails/handoffs.ts';
import type { Day, Instant } from '../time/calendar.ts';
import { addWorkingHours, type WorkingHours } from '../time/working-hours.ts';

export type HandoffState = 'blocked' | 'ready' | 'accepted' | 'declined' | 'closed';

/** One answer or change, oldest first in `HandoffRecord.steps`. */
export interface HandoffStep {
  at: Instant;
  state: HandoffState;
  /** `engine`, or whoever answered. */
  by: string;
  reason: string;
}

export interface HandoffRecord extends Omit<Handoff, 'state'> {
  id: string;
  accountId: string;
  state: HandoffState;
  /** Day on which it first applied. */
  day: Day;
  /** Moment at which it was last offered; null while it is not. */
  readyAt: Instant | null;
  /** Half of the receiver's time has passed: a reminder is due. */
  remindAt: Instant | null;
  /** The receiver's answer is due. */
  dueAt: Instant | null;
  steps: HandoffStep[];
}

export interface HandoffMoment {
  accountId: string;
  at: Instant;
  today: Day;
  /** Working hours of whoever receives it; `owner` null: nobody holds the role, and the workspace's hours count. */
  hoursOf(owner: string | null): WorkingHours;
}

const ENGINE = 'engine';

/**
 * The same account, kind and moment give the same id, so that a rerun never makes a second one. Not the day: one that is
 * closed and applies again on the same day is another, and takes the first one's steps from nobody.
 */
function handoffId(accountId: string, kind: string, at: Instant): string {
  return `hnd_${hash('sha256', `${accountId}\n${kind}\n${at}`).slice(0, 20)}`;
}

/**
 * What becomes of the open records when the handoffs that apply are `offered`. Returns those that are new or changed. One
 * that applies no longer is closed, whatever its state; one that was declined waits for its sender.
 */
export function followHandoffs(
  records: readonly HandoffRecord[],
  offered: readonly Handoff[],
  moment: HandoffMoment,
): HandoffRecord[] {
  const changed: HandoffRecord[] = [];
  for (const record of records) {
    if (record.state === 'closed' || offered.some(({ kind }) => kind === record.kind)) continue;
    const reason = record.state === 'accepted' ? 'what it was for is done' : 'it applies no longer';
    changed.push(stepped({ ...record, remindAt: null, dueAt: null }, 'closed', ENGINE, reason, moment.at));
  }
  for (const handoff of offered) {
    const open = records.find(({ kind, state }) => kind === handoff.kind && state !== 'closed');
    const next = open === undefined ? begin(handoff, moment) : follow(open, handoff, moment);
    if (next !== undefined) changed.push(next);
  }
  return changed;
}

function begin(handoff: Handoff, moment: HandoffMoment): HandoffRecord {
  const { accountId, today, at } = moment;
  const record: HandoffRecord = {
    ...handoff,
    id: handoffId(accountId, handoff.kind, at),
    accountId,
    day: today,
    ...NOT_OFFERED,
    steps: [{ at, state: handoff.state, by: ENGINE, reason: blockedReason(handoff) }],
  };
  return handoff.state === 'ready' ? { ...record, ...offerTimes(handoff, moment) } : record;
}

const NOT_OFFERED = { readyAt: null, remindAt: null, dueAt: null };

function offerTimes({ owner, acceptWithinWorkingHours }: Handoff, { at, hoursOf }: HandoffMoment) {
  const hours = hoursOf(owner);
  return {
    readyAt: at,
    remindAt: addWorkingHours(at, acceptWithinWorkingHours / 2, hours),
    dueAt: addWorkingHours(at, acceptWithinWorkingHours, hours),
  };
}

function follow(record: HandoffRecord, handoff: Handoff, moment: HandoffMoment): HandoffRecord | undefined {
  // The receiver has it, or has said why not: the checklist they judged stays as they saw it.
  if (record.state === 'accepted' || record.state === 'declined') return undefined;
  const { checklist, blockedBy, owner, to, acceptWithinWorkingHours } = handoff;
  const now = { ...record, checklist, blockedBy, to, acceptWithinWorkingHours };
  if (handoff.state === record.state) {
    const isSame =
      JSON.stringify([checklist, blockedBy, owner]) ===
      JSON.stringify([record.checklist, record.blockedBy, record.owner]);
    return isSame ? undefined : { ...now, owner };
  }
  const times = handoff.state === 'ready' ? offerTimes(handoff, moment) : NOT_OFFERED;
  return stepped({ ...now, owner, ...times }, handoff.state, ENGINE, blockedReason(handoff), moment.at);
}

function blockedReason({ blockedBy }: Handoff): string {
  return blockedBy.map(({ guardrail, reason }) => `${guardrail}: ${reason}`).join('; ');
}

export type HandoffAnswer =
  | { kind: 'accept'; by: string }
  | { kind: 'decline'; by: string; reason: string }
  /** The sender offers again what was declined. */
  | { kind: 'offer'; by: string; reason: string };

export type HandoffResult =
  | { ok: true; record: HandoffRecord }
  | { ok: false; code: 'wrong_state' | 'blocked' | 'reason_missing'; message: string };

const ANSWERS_TO: Record<HandoffAnswer['kind'], HandoffState> = {
  accept: 'ready',
  decline: 'ready',
  offer: 'declined',
};

/**
 * What a person's answer makes of `record`, which must have been followed up to this moment: an incident that opened since
 * the offer has then blocked it again, and nobody can accept it. `offered` is what applies now.
 */
export function answerHandoff(
  record: HandoffRecord,
  answer: HandoffAnswer,
  offered: Handoff | undefined,
  moment: HandoffMoment,
): HandoffResult {
  const needed = ANSWERS_TO[answer.kind];
  if (record.state === 'blocked' && answer.kind !== 'offer')
    return { ok: false, code: 'blocked', message: `it is blocked: ${blockedReason({ ...record, state: 'blocked' })}` };
  if (record.state !== needed)
    return { ok: false, code: 'wrong_state', message: `it is ${record.state}, and this needs one that is ${needed}` };
  if (answer.kind === 'accept')
    return {
      ok: true,
      record: stepped({ ...record, remindAt: null, dueAt: null }, 'accepted', answer.by, '', moment.at),
    };
  if (answer.reason.trim() === '') return { ok: false, code: 'reason_missing', message: 'say why, for the other side' };
  if (answer.kind === 'decline')
    return {
      ok: true,
      record: stepped({ ...record, ...NOT_OFFERED }, 'declined', answer.by, answer.reason, moment.at),
    };
  if (offered === undefined || offered.state === 'blocked')
    return {
      ok: false,
      code: 'blocked',
      message: `it cannot be offered: ${offered === undefined ? 'it applies no longer' : blockedReason(offered)}`,
    };
  const { checklist, blockedBy, owner } = offered;
  const again = { ...record, checklist, blockedBy, owner, ...offerTimes(offered, moment) };
  return { ok: true, record: stepped(again, 'ready', answer.by, answer.reason, moment.at) };
}

function stepped(record: HandoffRecord, state: HandoffState, by: string, reason: string, at: Instant): HandoffRecord {
  return { ...record, state, steps: [...record.steps, { at, state, by, reason }] };
}

export type HandoffReminder = 'none' | 'due_soon' | 'overdue';

/** Whether the receiver is to be reminded at `now`. */
export function reminderOf({ state, remindAt, dueAt }: HandoffRecord, now: Instant): HandoffReminder {
  if (state !== 'ready' || remindAt === null || dueAt === null) return 'none';
  if (now > dueAt) return 'overdue';
  return now >= remindAt ? 'due_soon' : 'none';
}
