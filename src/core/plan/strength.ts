/**
 * How strong a signal is: strong with two independent pieces of evidence, or with one that was sustained for 30 days; else
 * moderate. Pieces are independent when they come of different sources: another person, another kind of record, another
 * meter. The same person who says the same twice within a month is one source.
 */
import { ratio4 } from '../scores/number.ts';
import { executiveContacts, newUses, type OrganicKind } from '../scores/organic.ts';
import { type Day, formatDay } from '../time/calendar.ts';
import { fullestMeter, meterPeriodsBefore, projectedUse } from './meters.ts';
import {
  type Evidence,
  grouped,
  noteDay,
  type PlanSubject,
  percent,
  plural,
  records,
  subscriptionEvidence,
  usageEvidence,
  words,
} from './subject.ts';

/** One piece of evidence of a signal. */
export interface Piece {
  text: string;
  day: Day;
  /** Who or what it comes from: pieces of the same source are not independent. */
  source: string;
  evidence: Evidence[];
}

export interface Strength {
  strength: 'Strong' | 'Moderate';
  reason: string;
  /** What shows that it was sustained, where the pieces do not show it themselves. */
  sustained: Piece | undefined;
}

export function strengthOf(subject: PlanSubject, kind: OrganicKind, pieces: readonly Piece[]): Strength {
  const sources = new Set(pieces.map((piece) => piece.source)).size;
  const sustained = SUSTAINED[kind](subject);
  const repeated = repeatedReason(subject, pieces);
  const reasons = [
    ...(sources < 2 ? [] : [`${sources} independent pieces of evidence`]),
    ...(sustained === undefined ? [] : [sustained.text]),
    ...(repeated === undefined ? [] : [repeated]),
  ];
  if (reasons.length > 0) return { strength: 'Strong', reason: reasons.join('; '), sustained };
  const days = sustainedDays(subject);
  return { strength: 'Moderate', reason: `one source of evidence, not over ${days} days`, sustained: undefined };
}

function sustainedDays({ workspace }: PlanSubject): number {
  return workspace.measures.seats.sustainedDays;
}

/** The same source, again after 30 days or more. */
function repeatedReason(subject: PlanSubject, pieces: readonly Piece[]): string | undefined {
  for (const own of Map.groupBy(pieces, (piece) => piece.source).values()) {
    const days = own.map((piece) => piece.day).sort((a, b) => a - b);
    const [first, last] = [days[0]!, days.at(-1)!];
    if (last - first >= sustainedDays(subject))
      return `the same on ${formatDay(first)} and again on ${formatDay(last)}, ${last - first} days apart`;
  }
  return undefined;
}

const SUSTAINED: Record<OrganicKind, (subject: PlanSubject) => Piece | undefined> = {
  limit_pressure: (subject) => seatsHeld(subject) ?? meterHeld(subject),
  higher_tier_request: attemptsRepeated,
  team_growth: growthHeld,
  new_use_case: newUseHeld,
  executive_engagement: executivesHeld,
  advocacy: () => undefined, // an opinion is held by giving it again: see `repeatedReason`
};

function seatsHeld(subject: PlanSubject): Piece | undefined {
  const { m, workspace } = subject;
  const low = m.seats.lowest30;
  const isPressed = m.organic.signals.some((signal) => signal.id === 'approaching_seat_limit');
  if (!isPressed || low === undefined || low < workspace.measures.limits.approachingShare) return undefined;
  return {
    text: `at least ${percent(low)} of the seats on each of ${sustainedDays(subject)} days`,
    day: m.view.lastDay,
    source: 'seats',
    evidence: [subscriptionEvidence(subject), usageEvidence(subject, sustainedDays(subject))],
  };
}

/** A resetting meter that was as full in the periods before, as far back as 30 days. */
function meterHeld(subject: PlanSubject): Piece | undefined {
  const { m, workspace } = subject;
  const use = m.limits.meters.find((each) => each.meterId === fullestMeter(subject));
  if (use?.limit === undefined || (projectedUse(use) ?? 0) < workspace.measures.limits.approachingShare * use.limit)
    return undefined;
  const periods = meterPeriodsBefore(subject, use, m.view.lastDay - sustainedDays(subject) + 1);
  const least = workspace.measures.limits.approachingShare * use.limit;
  const first = periods?.at(-1);
  if (periods === undefined || first === undefined || periods.some((each) => each.used < least)) return undefined;
  const said =
    periods.length === 1
      ? `${grouped(Math.round(first.used))} of ${grouped(use.limit)} in the period before (to ${formatDay(first.to)})`
      : `at least ${grouped(Math.round(Math.min(...periods.map((each) => each.used))))} of ${grouped(use.limit)} in each of ${periods.length} periods before (from ${formatDay(first.from)})`;
  return {
    text: said,
    day: periods[0]!.to,
    source: use.meterId,
    evidence: [{ kind: 'events', from: formatDay(first.from), to: formatDay(periods[0]!.to) }],
  };
}

/** Attempts at one feature with 30 days or more between the first and the last. */
function attemptsRepeated(subject: PlanSubject): Piece | undefined {
  const { m, workspace } = subject;
  const { gatedAttempts, signalDays } = workspace.measures.readiness;
  const from = m.view.lastDay - signalDays + 1;
  for (const [featureId, { days: all, counts }] of m.view.history.gatedAttempts) {
    let attempts = 0;
    const days = [...all].filter((day, i) => {
      const isRecent = day >= from && day <= m.view.lastDay;
      if (isRecent) attempts += counts[i]!;
      return isRecent;
    });
    const [first, last] = [days[0], days.at(-1)];
    if (attempts < gatedAttempts || first === undefined || last! - first < sustainedDays(subject)) continue;
    return {
      text: `attempts on ${plural(days.length, 'day')} from ${formatDay(first)} to ${formatDay(last!)}`,
      day: last!,
      source: `attempts ${featureId}`,
      evidence: [{ kind: 'events', from: formatDay(first), to: formatDay(last!) }],
    };
  }
  return undefined;
}

/** The growth that makes the signal, read on each of 30 days. */
function growthHeld(subject: PlanSubject): Piece | undefined {
  const { m, workspace } = subject;
  const { teamGrowth, teamGrowthDays } = workspace.measures.readiness;
  const { history, lastDay, dataFrom } = m.view;
  let least = Number.POSITIVE_INFINITY;
  for (let day = lastDay - sustainedDays(subject) + 1; day <= lastDay; day++) {
    const before = history.activeUsers30[day - teamGrowthDays - history.start];
    const active = history.activeUsers30[day - history.start];
    // The 30 days behind each reading must be covered as well.
    if (day - 2 * teamGrowthDays + 1 < dataFrom || before === undefined || active === undefined || before === 0)
      return undefined;
    least = Math.min(least, ratio4((active - before) / before));
  }
  if (least < teamGrowth) return undefined;
  return {
    text: `growth of at least ${percent(least)} a month on each of ${sustainedDays(subject)} days`,
    day: lastDay,
    source: 'growth',
    evidence: [usageEvidence(subject, 3 * teamGrowthDays)],
  };
}

/** A kind of feature that was new within the signal's days, has been in use for 30 of them, and still is. */
function newUseHeld(subject: PlanSubject): Piece | undefined {
  const { m, workspace } = subject;
  const { newUseCaseUsers, signalDays } = workspace.measures.readiness;
  const { view } = m;
  if (view.usageGap !== undefined || view.daysOfData < 2 * signalDays) return undefined;
  for (const { feature, users, since } of newUses(view, workspace, signalDays)) {
    const used = view.history.features.find((each) => each.featureId === feature.id)!.use.days;
    const last = [...used].filter((day) => day <= view.lastDay).at(-1)!;
    if (users < newUseCaseUsers || last - since < sustainedDays(subject)) continue;
    return {
      text: `${words(feature.id)} in use by ${plural(users, 'user')} from ${formatDay(since)} to ${formatDay(last)}`,
      day: last,
      source: feature.id,
      evidence: [{ kind: 'events', from: formatDay(since), to: formatDay(last) }],
    };
  }
  return undefined;
}

/** Contacts with sponsor or decision maker over 30 days or more. */
function executivesHeld(subject: PlanSubject): Piece | undefined {
  const { m, workspace } = subject;
  const contacts = executiveContacts(m.view, workspace, m.people);
  if (contacts === undefined) return undefined;
  const all = [...contacts.recent, ...contacts.prior];
  const days = all.map((note) => noteDay(subject, note)).sort((a, b) => a - b);
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last! - first < sustainedDays(subject)) return undefined;
  return {
    text: `${plural(all.length, 'contact')} from ${formatDay(first)} to ${formatDay(last!)}`,
    day: first,
    source: 'executives',
    evidence: records(
      'notes',
      all.map((note) => note.noteId),
    ),
  };
}
