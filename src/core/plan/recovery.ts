/** The unhealthy path (expansion seed, step 1): what must recover, by how much, by when; and what is said inside meanwhile. */
import { formatDay } from '../time/calendar.ts';
import { aeNote, contractTexts } from './ae-note.ts';
import { type PlanGate, unmet } from './gate.ts';
import { type RecoveryTarget, stepsFor } from './recovery-steps.ts';
import { type RightSizing, rightSizing, type UpstreamFeedback, upstreamFeedback } from './right-size.ts';
import { businessDayOnOrAfter, listed, type PlanSubject, plural } from './subject.ts';
import { type Warning, warnings } from './warnings.ts';

export interface Recovery {
  targets: RecoveryTarget[];
  /** Days from today to the reassessment; null where it cannot be dated. */
  windowDays: number | null;
  reassessOn: string | null;
  sequence: string;
  rightSizing: RightSizing;
  aeCommunication: string;
  upstreamFeedback: UpstreamFeedback;
  /** Seen beside the signals that count. */
  warnings: Warning[];
}

export function recoveryOf(subject: PlanSubject, gates: readonly PlanGate[]): Recovery {
  const open = unmet(gates);
  const steps = stepsFor(subject, open);
  const noContract = open.some((gate) => gate.id === 'contract' && gate.met === false);
  const days = Math.max(...steps.map((step) => step.days));
  const reassess = noContract ? undefined : businessDayOnOrAfter(subject, subject.today + days);
  const targets = steps.map(({ days: _, ...target }) => target);
  const sequence =
    reassess === undefined
      ? `recover (until ${contractTexts(subject).until}) → reassess on the 30th day of it, not dated before then → plan only if signals align`
      : `recover (${plural(days, 'day')}${waiting(open)}) → reassess on ${formatDay(reassess)} → plan only if signals align`;
  return {
    targets,
    windowDays: reassess === undefined ? null : days,
    reassessOn: reassess === undefined ? null : formatDay(reassess),
    sequence,
    rightSizing: rightSizing(subject),
    aeCommunication: aeNote(subject, open, targets, reassess),
    upstreamFeedback: upstreamFeedback(subject),
    warnings: warnings(subject),
  };
}

/** Where nothing is broken, what the days are for. */
function waiting(open: readonly PlanGate[]): string {
  if (open.some((gate) => gate.met === false && gate.id !== 'organic_signals' && gate.id !== 'holds')) return '';
  const waits = [
    ...(open.some((gate) => gate.met === null) ? ['missing data'] : []),
    ...(open.some((gate) => gate.met !== null && gate.id === 'organic_signals') ? ['signals from the customer'] : []),
    ...(open.some((gate) => gate.met !== null && gate.id === 'holds') ? ['the hold to end'] : []),
  ];
  return `, nothing to repair: waits for ${listed(waits)}`;
}
