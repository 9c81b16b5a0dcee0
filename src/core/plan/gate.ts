/** The gate before any expansion plan (expansion seed, step 1; skills.md A8): ordered, numbered, and closed when in doubt. */
import { plainReason } from '../document/plain-words.ts';
import { latestTagValue } from '../facts/note-tags.ts';
import type { Truth } from '../policy/policy.ts';
import { publish } from '../scores/number.ts';
import { ORGANIC_KINDS } from '../scores/organic.ts';
import { goalProgress, goalState } from '../scores/outcomes.ts';
import type { Gate } from '../scores/readiness.ts';
import { formatDay } from '../time/calendar.ts';
import { atRiskText, championText, holdTexts, lastLowDay, settling, signalText } from './plain-words.ts';
import {
  activeUsersEvidence,
  contactOf,
  type Evidence,
  healthEvidence,
  listed,
  oneLine,
  type PlanSubject,
  percent,
  personName,
  plural,
  records,
  subscriptionEvidence,
  tidy,
  usageEvidence,
} from './subject.ts';
import { sponsorMissed } from './warnings.ts';

export const GATE_IDS = [
  'seat_utilisation',
  'health_score',
  'health_band',
  'churn_signals',
  'goals',
  'relationship',
  'sponsor',
  'core_features',
  'contract',
  'organic_signals',
  'holds',
] as const;
export type GateId = (typeof GATE_IDS)[number];

export interface PlanGate {
  id: GateId;
  name: string;
  /** null: unknown, which closes the gate as false does. */
  met: boolean | null;
  /** What is there and what is needed, with numbers. */
  detail: string;
  /** What data would settle an unknown. */
  settledBy?: string;
  evidence: Evidence[];
}

type GateBody = Omit<PlanGate, 'id' | 'name'>;

const NAMES: Record<GateId, string> = {
  seat_utilisation: 'Seat utilisation',
  health_score: 'Health score',
  health_band: 'Health band',
  churn_signals: 'Churn signals',
  goals: 'Goals',
  relationship: 'Relationship',
  sponsor: 'Sponsor',
  core_features: 'Core features',
  contract: 'Contract',
  organic_signals: 'Expansion signals',
  holds: 'Holds',
};

/** All gates in the order in which they are read. */
export function planGates(subject: PlanSubject): PlanGate[] {
  const made: Record<GateId, GateBody> = {
    seat_utilisation: seatGate(subject),
    health_score: healthGate(subject, 'health_score'),
    health_band: healthGate(subject, 'health_band'),
    churn_signals: signalGate(subject),
    goals: goalsGate(subject),
    relationship: relationshipGate(subject),
    sponsor: sponsorGate(subject),
    core_features: coreGate(subject),
    contract: contractGate(subject),
    organic_signals: organicGate(subject),
    holds: holdGate(subject),
  };
  return GATE_IDS.map((id) => ({ id, name: NAMES[id], ...made[id] }));
}

export function unmet(gates: readonly PlanGate[]): PlanGate[] {
  return gates.filter((gate) => gate.met !== true);
}

/** The engine's own reading of the gate: judged there, told here. */
function judged({ m }: PlanSubject, id: string): Gate {
  return m.gates.find((gate) => gate.id === id)!;
}

function truth(met: Truth): boolean | null {
  return met ?? null;
}

function seatGate(subject: PlanSubject): GateBody {
  const { seats } = subject.m;
  const met = truth(judged(subject, 'seat_utilisation').met);
  const { sustainedShare, sustainedDays, confirmedDays } = subject.workspace.measures.seats;
  const need = `needs ${percent(sustainedShare)} on each of ${sustainedDays} days`;
  const lows = [
    ...(seats.lowest30 === undefined ? [] : [`${percent(seats.lowest30)} over ${sustainedDays} days`]),
    ...(seats.lowest60 === undefined ? [] : [`${percent(seats.lowest60)} over ${confirmedDays} days`]),
  ];
  const lowest = lows.length === 0 ? '' : `; lowest ${listed(lows)}`;
  const evidence = [
    subscriptionEvidence(subject),
    ...(seats.active.value === undefined ? [] : [activeUsersEvidence(subject)]),
  ];
  const low = met === false ? lastLowDay(subject, sustainedShare) : undefined;
  const below = low === undefined ? '' : `, below ${percent(sustainedShare)} last on ${formatDay(low)}`;
  if (seats.utilisation.value === undefined) {
    const reason = seats.utilisation.reason;
    if (met === false) return { met, detail: `today unknown (${reason})${below}; ${need}`, evidence };
    return { met, detail: `unknown: ${reason}; ${need}`, settledBy: settling(subject, reason), evidence };
  }
  const isBelow = seats.utilisation.value < sustainedShare;
  const detail = `${percent(seats.utilisation.value)} today${lowest}${isBelow ? '' : below}; ${need}`;
  if (met !== null) return { met, detail, evidence };
  const reason = seats.sustainedReason ?? 'daily readings are missing';
  return { met, detail: `${detail}; sustained use unknown: ${reason}`, settledBy: settling(subject, reason), evidence };
}

function healthGate(subject: PlanSubject, id: 'health_score' | 'health_band'): GateBody {
  const { health } = subject.m;
  const met = truth(judged(subject, id).met);
  const evidence = healthEvidence(subject);
  const need =
    id === 'health_score' ? `needs ${subject.workspace.measures.readiness.gates.health}` : 'needs neutral or healthy';
  const known = id === 'health_score' ? health.score : health.band;
  if (known.value === undefined) {
    const why = id === 'health_score' ? `unknown: ${plainReason(known.reason)}` : WITH_SCORE;
    return { met, detail: `${why}; ${need}`, settledBy: settling(subject, known.reason), evidence };
  }
  const value = String(known.value).replaceAll('_', ' ');
  if (met !== null) return { met, detail: `${value}; ${need}`, evidence };
  const missing = Object.entries(health.dimensions)
    .filter(([, dimension]) => dimension.score === undefined)
    .map(([name, dimension]) => `${name} (${dimension.reason})`);
  const detail = `${value}, but with low confidence: ${percent(health.coverage)} of its weight known over ${plural(subject.m.view.daysOfData, 'day')}; ${need}`;
  const settledBy = missing.length === 0 ? 'more days of data' : `data for ${listed(missing)}`;
  return { met, detail, settledBy, evidence };
}

const WITH_SCORE = 'unknown, as the health score is';

function signalGate(subject: PlanSubject): GateBody {
  const { m } = subject;
  const severe = m.signals.filter((signal) => signal.severity !== 'medium');
  const mild = m.signals.filter((signal) => signal.severity === 'medium');
  const missed = sponsorMissed(subject);
  const met = truth(judged(subject, 'churn_signals').met);
  const evidence = [
    ...m.signals.flatMap((signal) => signalEvidence(subject, signal.evidence)),
    ...missed.flatMap((each) => each.evidence),
  ];
  const also = [...mild.map((signal) => tidy(signal.detail)), ...missed.map((each) => each.text)];
  const less = also.length === 0 ? '' : `; ${also.length} medium: ${also.join('; ')}`;
  if (severe.length > 0) {
    const plainly = severe.map((signal) => `${signalText(subject, signal)} (${signal.severity})`).join('; ');
    return { met, detail: `${severe.length} open: ${plainly}${less}`, evidence };
  }
  if (met === null) {
    const reason = m.health.score.reason ?? 'not known';
    return { met, detail: `${WITH_SCORE}${less}`, settledBy: settling(subject, reason), evidence };
  }
  return { met, detail: `none open that is critical or high${less}`, evidence };
}

/** A signal names ids of several kinds of records; the kind is where the id is found. */
export function signalEvidence({ m }: PlanSubject, ids: readonly string[]): Evidence[] {
  const { notes, tickets, surveys, contacts, invoices, subscriptions } = m.view;
  const known: [Exclude<Evidence['kind'], 'events'>, string[]][] = [
    ['notes', notes.map((each) => each.noteId)],
    ['tickets', tickets.map((each) => each.ticketId)],
    ['surveys', surveys.map((each) => each.surveyId)],
    ['contacts', contacts.map((each) => each.contactId)],
    ['invoices', invoices.map((each) => each.invoiceId)],
    ['subscriptions', subscriptions.map((each) => each.subscriptionId)],
  ];
  return known.flatMap(([kind, own]) => {
    const hits = ids.filter((id) => own.includes(id));
    return hits.length === 0 ? [] : [{ kind, ids: hits }];
  });
}

function goalsGate(subject: PlanSubject): GateBody {
  const { m, workspace } = subject;
  const { score, reason } = m.health.dimensions.outcomes;
  const met = truth(judged(subject, 'outcomes').met);
  const minimum = workspace.measures.readiness.gates.outcomes;
  const evidence = records(
    'goals',
    m.view.goals.map((goal) => goal.goalId),
  );
  if (score === undefined) {
    const why = reason ?? 'not known';
    return { met, detail: `unknown: ${why}; needs outcomes ${minimum}`, settledBy: settling(subject, why), evidence };
  }
  const goals = m.view.goals.filter((goal) => goalState(goal, m.view.today) !== 'dropped');
  const achieved = goals.filter((goal) => goalState(goal, m.view.today) === 'achieved').length;
  const open = goals
    .filter((goal) => goalState(goal, m.view.today) === 'open')
    .map((goal) => {
      const progress = goalProgress(goal);
      const late = goal.targetDate !== undefined && goal.targetDate < m.view.today ? 'overdue since' : 'due';
      const due = goal.targetDate === undefined ? '' : `, ${late} ${formatDay(goal.targetDate)}`;
      return `"${oneLine(goal.title, 60)}" at ${progress === undefined ? 'an unknown share' : percent(progress)}${due}`;
    });
  const still = open.length === 0 ? '' : `; open: ${open.join('; ')}`;
  const detail = `outcomes ${publish(score)}, ${achieved} of ${plural(goals.length, 'goal')} achieved${still}; needs ${minimum}`;
  return { met, detail, evidence };
}

function relationshipGate(subject: PlanSubject): GateBody {
  const { m, workspace } = subject;
  const { score, reason } = m.health.dimensions.relationship;
  const met = truth(judged(subject, 'relationship').met);
  const minimum = workspace.measures.readiness.gates.relationship;
  const evidence = [
    ...records(
      'surveys',
      m.view.surveys.map((survey) => survey.surveyId),
    ),
    ...records(
      'contacts',
      m.people.persons.filter((each) => each.roles.length > 0).map((each) => each.contactId),
    ),
  ];
  if (score === undefined) {
    const why = reason ?? 'not known';
    return { met, detail: `unknown: ${why}; needs ${minimum}`, settledBy: settling(subject, why), evidence };
  }
  return { met, detail: `${publish(score)}, ${championText(subject)}; needs ${minimum}`, evidence };
}

function sponsorGate(subject: PlanSubject): GateBody {
  const { m } = subject;
  const reading = m.people.roles.executive_sponsor;
  const met = truth(judged(subject, 'sponsor').met);
  const person = m.people.persons.find((each) => each.contactId === reading.contactId);
  const evidence = records('contacts', reading.contactId === undefined ? [] : [reading.contactId]);
  if (reading.state === undefined) {
    return { met, detail: `unknown: ${reading.reason}`, settledBy: settling(subject, reading.reason ?? ''), evidence };
  }
  const name = personName(contactOf(subject, reading.contactId));
  if (name === undefined) return { met, detail: 'nobody is recorded as executive sponsor', evidence };
  const last = person?.lastContactOn;
  const when = last === undefined ? 'no contact recorded' : `last contact ${formatDay(last)}`;
  const days = subject.workspace.measures.people.identifiedDays;
  return { met, detail: `${name}, ${when}; needs contact within ${days} days`, evidence };
}

function coreGate(subject: PlanSubject): GateBody {
  const { adoption } = subject.m;
  const met = truth(judged(subject, 'core_features').met);
  const need = `needs ${subject.workspace.measures.readiness.gates.coreFeatures}`;
  const evidence = [usageEvidence(subject, subject.workspace.measures.use.monthlyDays)];
  const { value, reason } = adoption.coreUsed;
  if (value === undefined)
    return { met, detail: `unknown: ${reason}; ${need}`, settledBy: settling(subject, reason), evidence };
  return { met, detail: `${plural(value, 'core feature')} in use; ${need}`, evidence };
}

function contractGate(subject: PlanSubject): GateBody {
  const { contract, subscriptionGap } = subject.m;
  const evidence = records(
    'subscriptions',
    (contract.inForce.length > 0 ? contract.inForce : subject.m.view.subscriptions).map((each) => each.subscriptionId),
  );
  if (!contract.everSubscribed && subscriptionGap !== undefined) {
    return {
      met: null,
      detail: `unknown: ${subscriptionGap}`,
      settledBy: settling(subject, subscriptionGap),
      evidence,
    };
  }
  if (contract.paused) return { met: false, detail: 'every subscription is paused', evidence };
  if (contract.paidInForce) return { met: true, detail: 'a paid contract is in force', evidence };
  if (contract.churned) {
    const ended = subject.m.view.subscriptions.map((each) => each.endedAt ?? each.trialEndsAt ?? 0);
    const last = Math.max(0, ...ended.filter((day) => day <= subject.m.view.today));
    return { met: false, detail: `churned: nothing in force${last > 0 ? ` since ${formatDay(last)}` : ''}`, evidence };
  }
  if (contract.trialInForce)
    return {
      met: false,
      detail: 'a trial is in force and nothing is paid for: it converts, it does not expand',
      evidence,
    };
  return { met: false, detail: 'nothing was ever bought', evidence };
}

function organicGate(subject: PlanSubject): GateBody {
  const { organic } = subject.m;
  const needed = subject.workspace.measures.readiness.gates.signals;
  const evidence = organic.signals.flatMap((signal) => signalEvidence(subject, signal.evidence));
  return {
    met: organic.count >= needed,
    detail: `${organic.count} of ${ORGANIC_KINDS.length} kinds of organic signal seen; needs ${needed}`,
    evidence,
  };
}

function holdGate(subject: PlanSubject): GateBody {
  const { m } = subject;
  const gate = judged(subject, 'holds');
  const quiet = m.view.account.quietUntil;
  const reasons = [
    ...(gate.met === true ? [] : holdTexts(subject, gate.detail)),
    ...(quiet !== undefined && m.view.today < quiet ? [`a person set a quiet period until ${formatDay(quiet)}`] : []),
    ...(subject.atRiskRule === undefined ? [] : [atRiskText(subject.atRiskRule)]),
  ];
  const evidence = signalEvidence(subject, [
    ...m.conversation.openEscalations,
    ...(m.escalation.closedTicket === undefined ? [] : [m.escalation.closedTicket]),
  ]);
  if (m.conversation.openIncidents.length > 0) evidence.push({ kind: 'incidents', ids: m.conversation.openIncidents });
  const stated = latestTagValue(m.view.notes, 'expansion_timeline')?.note.noteId;
  const waits = m.conversation.timelineFrom !== undefined && m.view.today < m.conversation.timelineFrom;
  if (waits && stated !== undefined) evidence.push({ kind: 'notes', ids: [stated] });
  if (quiet !== undefined && m.view.today < quiet) evidence.push({ kind: 'accounts', ids: [m.view.accountId] });
  return {
    met: reasons.length === 0,
    detail: reasons.length === 0 ? 'nothing holds the conversation' : reasons.join('; '),
    evidence,
  };
}
