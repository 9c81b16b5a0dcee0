/** The expansion signals (expansion seed, step 2): six kinds, each with dated evidence and a strength; organic only. */
import { daysIn } from '../history/history.ts';
import type { NoteRecord } from '../records/record.ts';
import { isOrganic, type OrganicKind, type OrganicSignal } from '../scores/organic.ts';
import { latestAnswers } from '../scores/relationship.ts';
import { type Day, formatDay } from '../time/calendar.ts';
import { limitDay, meterBefore } from './meters.ts';
import {
  activeUsersEvidence,
  type Evidence,
  grouped,
  isTheirs,
  noteDay,
  type PlanSubject,
  percent,
  plural,
  quoteOf,
  records,
  speakerOf,
  subscriptionEvidence,
  usageEvidence,
  words,
} from './subject.ts';

export interface SignalRow {
  kind: OrganicKind;
  /** The seed's name of the signal. */
  signal: string;
  /** Figures, quotes with who and when. */
  evidenceText: string[];
  strength: 'Strong' | 'Moderate';
  /** Why it is strong or moderate. */
  strengthReason: string;
  /** Day of the latest piece. */
  date: string;
  /** The note in which the customer asked, where there is one. */
  askedIn: string | null;
  featureId: string | null;
  meterId: string | null;
  evidence: Evidence[];
}

/** Evidence that a rep prompted: never counted. */
export interface ExcludedSignal {
  text: string;
  evidence: Evidence[];
}

export const SIGNAL_NAMES: Record<OrganicKind, string> = {
  limit_pressure: 'Hitting usage limits',
  higher_tier_request: 'Requesting higher-tier features',
  team_growth: 'Team size growing',
  new_use_case: 'New use cases emerging',
  executive_engagement: 'Executive engagement increasing',
  advocacy: 'Referrals or advocacy',
};

const ORDER = Object.keys(SIGNAL_NAMES) as OrganicKind[];

/** One row for each kind that is there, in the seed's order. */
export function signalRows(subject: PlanSubject): SignalRow[] {
  return ORDER.flatMap((kind) => {
    const found = subject.m.organic.signals.filter((signal) => signal.kind === kind);
    return found.length === 0 ? [] : [rowOf(subject, kind, found)];
  });
}

interface Piece {
  text: string;
  day: Day;
  evidence: Evidence[];
}

function rowOf(subject: PlanSubject, kind: OrganicKind, found: readonly OrganicSignal[]): SignalRow {
  const pieces = found.flatMap((signal) => pieceOf(subject, signal));
  const more = furtherPieces(subject, kind);
  const all = [...pieces, ...more].sort((a, b) => b.day - a.day);
  const sustained = sustainedReason(subject, kind);
  const asked = found.filter((signal) => noteOf(subject, signal) !== undefined).sort((a, b) => b.day - a.day)[0];
  const isStrong = sustained !== undefined || all.length >= 2;
  const strengthReason =
    sustained ?? (all.length >= 2 ? `${all.length} independent pieces of evidence` : 'one piece of evidence');
  return {
    kind,
    signal: SIGNAL_NAMES[kind],
    evidenceText: all.slice(0, MOST_PIECES).map((piece) => piece.text),
    strength: isStrong ? 'Strong' : 'Moderate',
    strengthReason,
    date: formatDay(Math.max(...all.map((piece) => piece.day))),
    askedIn: asked === undefined ? null : asked.evidence[0]!,
    featureId: (asked ?? found.find((signal) => signal.featureId !== undefined))?.featureId ?? null,
    meterId: kind === 'limit_pressure' ? fullestMeter(subject) : null,
    evidence: all.flatMap((piece) => piece.evidence),
  };
}

const MOST_PIECES = 3;

function fullestMeter({ m }: PlanSubject): string | null {
  const fullest = m.limits.meters
    .filter((use) => use.approaching === true)
    .sort((a, b) => (b.share ?? 0) - (a.share ?? 0))[0];
  return fullest?.meterId ?? null;
}

export function noteOf({ m }: PlanSubject, signal: Pick<OrganicSignal, 'evidence'>): NoteRecord | undefined {
  return m.view.notes.find((note) => signal.evidence.includes(note.noteId));
}

function pieceOf(subject: PlanSubject, signal: OrganicSignal): Piece[] {
  const { m } = subject;
  const notes = m.view.notes.filter((note) => signal.evidence.includes(note.noteId));
  if (signal.kind === 'executive_engagement') {
    return notes.map((note) => executivePiece(subject, note));
  }
  if (notes.length > 0) return [notePiece(subject, notes[0]!)];
  if (signal.kind === 'advocacy') {
    const survey = m.view.surveys.find((each) => signal.evidence.includes(each.surveyId));
    if (survey === undefined) return [];
    const by = speakerOf(subject, {
      ...(survey.contactId !== undefined && { contactId: survey.contactId }),
      author: 'customer',
    });
    return [
      {
        text: `NPS ${survey.score} (${by}, ${formatDay(signal.day)})`,
        day: signal.day,
        evidence: records('surveys', [survey.surveyId]),
      },
    ];
  }
  return [{ text: usageText(subject, signal), day: signal.day, evidence: usagePieceEvidence(subject, signal) }];
}

/** Their words, or else that they took part. */
function executivePiece(subject: PlanSubject, note: NoteRecord): Piece {
  const piece = notePiece(subject, note);
  if (isTheirs(note)) return piece;
  const { executive_sponsor: sponsor, decision_maker: buyer } = subject.m.people.roles;
  const isSenior = note.contactId === sponsor.contactId || note.contactId === buyer.contactId;
  const who = isSenior ? speakerOf(subject, note) : 'the sponsor present';
  return { ...piece, text: `${note.kind ?? 'contact'} with ${who} (${formatDay(piece.day)})` };
}

function notePiece(subject: PlanSubject, note: NoteRecord): Piece {
  return { text: quoteOf(subject, note), day: noteDay(subject, note), evidence: records('notes', [note.noteId]) };
}

function usageText(subject: PlanSubject, signal: OrganicSignal): string {
  const { m } = subject;
  const on = formatDay(signal.day);
  if (signal.id === 'approaching_seat_limit') {
    return `${grouped(m.seats.active.value!)} of ${plural(m.seats.licensed as number, 'seat')} active, ${percent(m.seats.utilisation.value!)} (${on})`;
  }
  const meter = m.limits.meters.find((use) => signal.id === `approaching_${use.meterId}_limit`);
  if (meter !== undefined) {
    const day = limitDay(subject, meter);
    const reached = day === undefined ? '' : `, limit reached on ${formatDay(day)} at this pace`;
    return `${grouped(Math.round(meter.used!))} of ${grouped(meter.limit!)} ${words(meter.meterId)} used, ${percent(meter.share!)} (${on})${reached}`;
  }
  return `${signal.detail.replaceAll('_', ' ')} (${on})`.replace(/, last on \S+ \(/, ' (last on ');
}

function usagePieceEvidence(subject: PlanSubject, signal: OrganicSignal): Evidence[] {
  if (signal.id === 'approaching_seat_limit') return [subscriptionEvidence(subject), activeUsersEvidence(subject)];
  return [subscriptionEvidence(subject), usageEvidence(subject, 30)];
}

/** Facts of another source that say the same. */
function furtherPieces(subject: PlanSubject, kind: OrganicKind): Piece[] {
  if (kind === 'limit_pressure') return earlierPeriod(subject);
  if (kind === 'team_growth') return newColleagues(subject);
  return [];
}

/** A resetting meter that was as full in the period before. */
function earlierPeriod(subject: PlanSubject): Piece[] {
  const { m, workspace } = subject;
  const meterId = fullestMeter(subject);
  const use = m.limits.meters.find((each) => each.meterId === meterId);
  if (use === undefined) return [];
  const before = meterBefore(subject, use);
  if (before === undefined || before.used < workspace.measures.limits.approachingShare * use.limit!) return [];
  const text = `${grouped(Math.round(before.used))} of ${grouped(use.limit!)} in the period before (to ${formatDay(before.to)})`;
  return [
    { text, day: before.to, evidence: [{ kind: 'events', from: formatDay(before.from), to: formatDay(before.to) }] },
  ];
}

function newColleagues(subject: PlanSubject): Piece[] {
  const { m, workspace } = subject;
  const days = workspace.measures.readiness.teamGrowthDays;
  const from = m.view.lastDay - days + 1;
  const contacts = m.view.contacts.filter(
    (contact) => contact.createdAt !== undefined && subject.clock.dayOf(contact.createdAt) >= from,
  );
  const invites = workspace.catalogue.signals.invite ?? [];
  const invited = invites.reduce((sum, name) => {
    const counts = m.view.history.events.get(name);
    return sum + (counts === undefined ? 0 : daysIn(counts.days, from, m.view.lastDay));
  }, 0);
  if (contacts.length > 0) {
    const day = Math.max(...contacts.map((contact) => subject.clock.dayOf(contact.createdAt!)));
    return [
      {
        text: `${plural(contacts.length, 'contact')} added in ${days} days (last ${formatDay(day)})`,
        day,
        evidence: records(
          'contacts',
          contacts.map((each) => each.contactId),
        ),
      },
    ];
  }
  if (invited === 0) return [];
  return [
    {
      text: `colleagues invited on ${plural(invited, 'day')} of the last ${days}`,
      day: m.view.lastDay,
      evidence: [usageEvidence(subject, days)],
    },
  ];
}

/** Held for 30 days: the readings of every day are there. */
function sustainedReason({ m, workspace }: PlanSubject, kind: OrganicKind): string | undefined {
  if (kind !== 'limit_pressure') return undefined;
  const low = m.seats.lowest30;
  const at = workspace.measures.limits.approachingShare;
  const seatPressure = m.organic.signals.some((signal) => signal.id === 'approaching_seat_limit');
  if (!seatPressure || low === undefined || low < at) return undefined;
  return `at least ${percent(low)} on each of ${workspace.measures.seats.sustainedDays} days`;
}

const SIGNAL_TAGS = /^(?:feature_request:|new_use_case|referral$|case_study$)/;

/** Notes that carry a signal's tag but were written or prompted by us. */
export function excludedSignals(subject: PlanSubject): ExcludedSignal[] {
  const { m, workspace } = subject;
  const since = m.view.today - workspace.measures.readiness.signalDays;
  return m.view.notes
    .filter((note) => noteDay(subject, note) >= since && note.tags?.some((tag) => SIGNAL_TAGS.test(tag)) === true)
    .filter((note) => !isOrganic(note))
    .map((note) => ({
      text: `${quoteOf(subject, note)}: written by ${note.author ?? 'an unnamed author'}, not by the customer`,
      evidence: records('notes', [note.noteId]),
    }));
}

/** Latest NPS of each respondent, their mean to one decimal, and the surveys; undefined without an answer. */
export function npsNow({ m, workspace }: PlanSubject): { mean: number; answers: number; ids: string[] } | undefined {
  const answers = latestAnswers(m.view, workspace, 'nps');
  if (answers.length === 0) return undefined;
  const sum = answers.reduce((total, each) => total + each.score, 0);
  return {
    mean: Math.round((10 * sum) / answers.length) / 10,
    answers: answers.length,
    ids: answers.map((each) => each.surveyId),
  };
}
