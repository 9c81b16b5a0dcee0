/** The expansion signals (expansion seed, step 2): six kinds, each with dated evidence and a strength; organic only. */
import type { NoteRecord } from '../records/record.ts';
import { isOrganic, type OrganicKind, type OrganicSignal } from '../scores/organic.ts';
import { latestAnswers } from '../scores/relationship.ts';
import { formatDay } from '../time/calendar.ts';
import { fullestMeter, limitDay, projectedUse } from './meters.ts';
import { type Piece, strengthOf } from './strength.ts';
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

function rowOf(subject: PlanSubject, kind: OrganicKind, found: readonly OrganicSignal[]): SignalRow {
  const pieces = [...found.flatMap((signal) => pieceOf(subject, signal)), ...furtherPieces(subject, kind)];
  const all = pieces.sort((a, b) => b.day - a.day);
  const { strength, reason, sustained } = strengthOf(subject, kind, all);
  const asked = found.filter((signal) => noteOf(subject, signal) !== undefined).sort((a, b) => b.day - a.day)[0];
  return {
    kind,
    signal: SIGNAL_NAMES[kind],
    evidenceText: [...all.slice(0, MOST_PIECES), ...(sustained === undefined ? [] : [sustained])].map(
      ({ text }) => text,
    ),
    strength,
    strengthReason: reason,
    date: formatDay(Math.max(...all.map((piece) => piece.day))),
    askedIn: asked === undefined || !REQUESTS.includes(kind) ? null : asked.evidence[0]!,
    featureId: (asked ?? found.find((signal) => signal.featureId !== undefined))?.featureId ?? null,
    meterId: kind === 'limit_pressure' ? fullestMeter(subject) : null,
    evidence: [...all, ...(sustained === undefined ? [] : [sustained])].flatMap((piece) => piece.evidence),
  };
}

/** Kinds in which a note asks for something; praise and a talk do not. */
const REQUESTS: readonly OrganicKind[] = ['higher_tier_request', 'new_use_case'];

const MOST_PIECES = 3;

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
        source: `answer of ${survey.contactId ?? 'the customer'}`,
        evidence: records('surveys', [survey.surveyId]),
      },
    ];
  }
  const evidence = usagePieceEvidence(subject, signal);
  return [{ text: usageText(subject, signal), day: signal.day, source: signal.id, evidence }];
}

function isSeniorRole(roles: readonly string[]): boolean {
  return roles.includes('executive_sponsor') || roles.includes('decision_maker');
}

/** Their words, or else that they took part. */
function executivePiece(subject: PlanSubject, note: NoteRecord): Piece {
  const { persons, roles } = subject.m.people;
  const isSenior = persons.some((each) => each.contactId === note.contactId && isSeniorRole(each.roles));
  const sponsor = roles.executive_sponsor;
  const source = `words of ${(isSenior ? note.contactId : sponsor.contactId) ?? 'the sponsor'}`;
  const piece = { ...notePiece(subject, note), source };
  if (isTheirs(note)) return piece;
  const who = isSenior ? speakerOf(subject, note) : 'the sponsor present';
  return { ...piece, text: `${note.kind ?? 'contact'} with ${who} (${formatDay(piece.day)})` };
}

function notePiece(subject: PlanSubject, note: NoteRecord): Piece {
  const source = `words of ${note.contactId ?? note.author ?? 'the customer'}`;
  return {
    text: quoteOf(subject, note),
    day: noteDay(subject, note),
    source,
    evidence: records('notes', [note.noteId]),
  };
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
    const projected = projectedUse(meter);
    const ahead =
      meter.periodEnd === undefined || projected === undefined || !meter.daysLeft || meter.daysToLimit === 0
        ? ''
        : `, ${grouped(Math.round(projected))} by ${formatDay(meter.periodEnd)} at this pace`;
    const reached = day === undefined ? ahead : `, limit reached on ${formatDay(day)} at this pace`;
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
  return kind === 'team_growth' ? newColleagues(subject) : [];
}

function newColleagues(subject: PlanSubject): Piece[] {
  const { m, workspace } = subject;
  const days = workspace.measures.readiness.teamGrowthDays;
  const from = m.view.lastDay - days + 1;
  const contacts = m.view.contacts.filter(
    (contact) => contact.createdAt !== undefined && subject.clock.dayOf(contact.createdAt) >= from,
  );
  if (contacts.length > 0) {
    const day = Math.max(...contacts.map((contact) => subject.clock.dayOf(contact.createdAt!)));
    const ids = contacts.map((each) => each.contactId);
    return [
      {
        text: `${plural(contacts.length, 'contact')} added in ${days} days (last ${formatDay(day)})`,
        day,
        source: 'contacts',
        evidence: records('contacts', ids),
      },
    ];
  }
  const invites = (workspace.catalogue.signals.invite ?? []).flatMap((name) => {
    const counts = m.view.history.events.get(name);
    return counts === undefined ? [] : [...counts.days].filter((day) => day >= from && day <= m.view.lastDay);
  });
  if (invites.length === 0) return [];
  const last = Math.max(...invites);
  return [
    {
      text: `colleagues invited on ${plural(new Set(invites).size, 'day')} of the last ${days} (last ${formatDay(last)})`,
      day: last,
      source: 'invites',
      evidence: [usageEvidence(subject, days)],
    },
  ];
}

const SIGNAL_TAGS = /^(?:feature_request:|new_use_case|referral$|case_study$)/;

/** What we wrote or prompted: notes with a signal's tag, and our own talks with sponsor or decision maker. */
export function excludedSignals(subject: PlanSubject): ExcludedSignal[] {
  const { m, workspace } = subject;
  const { signalDays, executiveDays } = workspace.measures.readiness;
  const seniors = m.people.persons.filter((each) => isSeniorRole(each.roles)).map((each) => each.contactId);
  const isSignal = (note: NoteRecord) => {
    const age = m.view.today - noteDay(subject, note);
    if (age <= signalDays && note.tags?.some((tag) => SIGNAL_TAGS.test(tag)) === true) return true;
    return age <= executiveDays && note.contactId !== undefined && seniors.includes(note.contactId);
  };
  return m.view.notes
    .filter((note) => !isOrganic(note) && isSignal(note))
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
