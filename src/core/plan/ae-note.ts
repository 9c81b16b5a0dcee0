/** The note to the AE (expansion seed, step 1): why expansion waits, what unblocks it, when. */
import { type Day, formatDay } from '../time/calendar.ts';
import type { PlanGate } from './gate.ts';
import type { RecoveryTarget } from './recovery-steps.ts';
import {
  contactOf,
  noteDay,
  oneLine,
  ownerOf,
  type PlanSubject,
  personName,
  quote,
  renewalShown,
  words,
} from './subject.ts';

/** Until when an account without a paid contract in force waits, and what the note to the AE calls it. */
export function contractTexts({ m }: PlanSubject): { until: string; once: string } {
  if (m.contract.paused)
    return { until: 'the paused subscription runs again', once: 'once the subscription runs again' };
  if (m.contract.trialInForce) return { until: 'the trial is paid for', once: 'once the trial is paid for' };
  if (m.contract.churned)
    return { until: 'a paid contract is in force again', once: 'once a new contract is in force' };
  return { until: 'a paid contract is in force', once: 'once a contract is in force' };
}

/** A note to paste: why, what unblocks it, when; protecting the relationship, not blocking revenue. */
export function aeNote(
  subject: PlanSubject,
  open: readonly PlanGate[],
  targets: readonly RecoveryTarget[],
  reassess: Day | undefined,
): string {
  const ae = ownerOf(subject, 'ae');
  const due = renewalShown(subject);
  const renewal = due === undefined ? '' : ` and its ${due}`;
  const when = reassess === undefined ? contractTexts(subject).once : `on ${formatDay(reassess)}`;
  const kept = keptRequest(subject);
  const unblocks = targets.map((target) => target.brief);
  return [
    `to ${ae.shown}: please hold expansion at ${subject.name} for now.`,
    `${open.length === 1 ? 'One gate is' : `${open.length} gates are`} not met (${open.map((gate) => gate.name.toLowerCase()).join(', ')}); ${stake(open, renewal)}.`,
    `It unblocks with: ${unblocks.join('; ')}.`,
    ...(kept === undefined ? [] : [kept]),
    `We reassess ${when}; if the numbers hold, we plan the expansion together then.`,
  ].join(' ');
}

/** What an offer today would do: the truth differs between an account in trouble and one that is only not there yet. */
function stake(open: readonly PlanGate[], renewal: string): string {
  if (open.every((gate) => gate.id === 'holds')) return `${open[0]!.detail}, and an offer before would cost goodwill`;
  const inTrouble = open.some((gate) => gate.met === false && TROUBLE.has(gate.id));
  if (inTrouble) return `an offer today would put the relationship${renewal} at risk`;
  return 'an offer today would have nothing to stand on, and would cost goodwill';
}

const TROUBLE = new Set(['seat_utilisation', 'health_score', 'health_band', 'churn_signals', 'relationship', 'goals']);

/** What the customer asked for is not lost while it waits. */
function keptRequest(subject: PlanSubject): string | undefined {
  const asked = subject.m.organic.signals.find(
    (signal) => signal.kind === 'higher_tier_request' && signal.evidence.length > 0,
  );
  const note = subject.m.view.notes.find((each) => each.noteId === asked?.evidence[0]);
  if (asked === undefined || note === undefined) return undefined;
  const by = personName(contactOf(subject, note.contactId)) ?? 'the customer';
  return `Their request for ${words(asked.featureId ?? 'more')} (${oneLine(by, 60)}, ${formatDay(noteDay(subject, note))}: ${quote(note.text)}) is kept for that day.`;
}
