/** The unhealthy path (expansion seed, step 1): what must recover, by how much, by when; and what is said inside meanwhile. */
import { DIMENSIONS, type Dimension } from '../scores/health.ts';
import { publish } from '../scores/number.ts';
import { type Day, formatDay } from '../time/calendar.ts';
import { type PlanGate, unmet } from './gate.ts';
import { nearestSignals } from './nearest-signals.ts';
import { type RightSizing, rightSizing, type UpstreamFeedback, upstreamFeedback } from './right-size.ts';
import {
  businessDayOnOrAfter,
  contactOf,
  type Evidence,
  grouped,
  listed,
  noteDay,
  oneLine,
  ownerOf,
  type PlanSubject,
  percent,
  personName,
  plural,
  quote,
  tidy,
  words,
} from './subject.ts';
import { type Warning, warnings } from './warnings.ts';

export interface RecoveryTarget {
  gate: string;
  text: string;
  /** The same in a few words, for a note. */
  brief: string;
  /** First day on which the gate can be met; null where that does not depend on time alone. */
  earliestDate: string | null;
  evidence: Evidence[];
}

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

interface Step extends RecoveryTarget {
  /** Days this takes at least. */
  days: number;
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
      ? 'recover (until a paid contract is in force) → reassess on the 30th day of it, not dated before it is signed → plan only if signals align'
      : `recover (${plural(days, 'day')}) → reassess on ${formatDay(reassess)} → plan only if signals align`;
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

/** A step a gate; gates that wait for the same data are one. */
function stepsFor(subject: PlanSubject, open: readonly PlanGate[]): Step[] {
  const steps: Step[] = [];
  const waiting = new Map<string, PlanGate[]>();
  for (const gate of open) {
    const same = waiting.get(gate.settledBy ?? '');
    if (gate.met === null && gate.settledBy !== undefined && same !== undefined) same.push(gate);
    else {
      if (gate.met === null && gate.settledBy !== undefined) waiting.set(gate.settledBy, [gate]);
      const step = stepFor(subject, gate);
      const brief = step.brief ?? `${gate.name.toLowerCase()} ${gate.met === null ? 'known' : 'met'}`;
      steps.push({ ...step, brief, gate: gate.id, evidence: gate.evidence });
    }
  }
  return steps.map((step) => {
    const gates = [...waiting.values()].find((each) => each[0]!.id === step.gate) ?? [];
    if (gates.length < 2) return step;
    const names = listed(gates.map((gate) => gate.name.toLowerCase()));
    return {
      ...step,
      brief: `${names} known`,
      text: `${names} unknown: ${reasonOf(gates[0]!)}; settled by ${gates[0]!.settledBy}`,
    };
  });
}

function reasonOf({ detail }: PlanGate): string {
  return detail.replace(/^unknown: /, '').replace(/; needs .*$/, '');
}

type StepText = Pick<Step, 'text' | 'days' | 'earliestDate'> & { brief?: string };

function stepFor(subject: PlanSubject, gate: PlanGate): StepText {
  if (gate.met === null) return unknownStep(subject, gate);
  switch (gate.id) {
    case 'seat_utilisation':
      return seatStep(subject);
    case 'health_score':
      return healthStep(subject);
    case 'health_band':
      return bandStep(subject);
    case 'churn_signals':
      return { ...recovering(subject), ...closings(subject) };
    case 'goals':
    case 'relationship':
    case 'core_features':
    case 'sponsor':
      return { ...recovering(subject), text: `${gate.name.toLowerCase()}: ${gate.detail}${remedy(subject, gate)}` };
    case 'organic_signals':
      return signalStep(subject, gate);
    case 'contract':
      return {
        text: `contract: ${gate.detail}; needs a paid contract in force`,
        days: subject.knobs.recoveryDays,
        earliestDate: null,
      };
    case 'holds':
      return holdStep(subject, gate);
  }
}

function recovering({ knobs }: PlanSubject): Pick<Step, 'days' | 'earliestDate'> {
  return { days: knobs.recoveryDays, earliestDate: null };
}

function unknownStep({ knobs, today }: PlanSubject, gate: PlanGate): StepText {
  const dated = /\d{4}-\d{2}-\d{2}/.exec(gate.settledBy ?? '')?.[0];
  const settled = gate.settledBy === undefined ? '' : `; settled by ${gate.settledBy}`;
  const text = `${gate.name.toLowerCase()} ${gate.detail}${settled}`;
  const days = dated === undefined ? knobs.reviseDays : Math.max(1, Date.parse(dated) / 86_400_000 - today);
  return { text, days: Math.max(1, Math.round(days)), earliestDate: dated ?? null };
}

function seatStep(subject: PlanSubject): StepText {
  const { m, knobs, today } = subject;
  const { sustainedShare, confirmedDays, sustainedDays } = subject.workspace.measures.seats;
  const active = m.seats.active.value!;
  const isUnlimited = m.seats.licensed === 'unlimited';
  const seats = typeof m.seats.licensed === 'number' ? m.seats.licensed : (m.adoption.provisionedUsers.value ?? 0);
  const goal = Math.ceil(Number((sustainedShare * seats).toFixed(9)));
  const of = `${percent(sustainedShare)} of ${grouped(seats)} ${isUnlimited ? 'provisioned users' : 'seats'}`;
  if (active >= goal) {
    const from = lastLowDay(subject, sustainedShare);
    const held = from === undefined ? undefined : from + sustainedDays;
    const since = from === undefined ? '' : `, below it last on ${formatDay(from)}`;
    const text = `active users to stay at ${grouped(goal)} or more (${of}) on each of ${sustainedDays} days; ${grouped(active)} today${since}`;
    return {
      text,
      days: held === undefined ? sustainedDays : Math.max(1, held + 1 - today),
      earliestDate: held === undefined ? null : formatDay(held + 1),
    };
  }
  const brief = `active users to ${grouped(goal)} (${of}) sustained over ${confirmedDays} days`;
  const text = `${brief}; ${grouped(active)} today, so ${grouped(goal - active)} more`;
  return { text, brief, days: knobs.recoveryDays + knobs.rampDays, earliestDate: formatDay(today + sustainedDays) };
}

/** Last day up to D whose reading was below the share. */
function lastLowDay({ m }: PlanSubject, share: number): Day | undefined {
  const { history, lastDay, dataFrom } = m.view;
  if (typeof m.seats.licensed !== 'number') return undefined;
  for (let day = lastDay; day >= Math.max(dataFrom, history.start); day--) {
    if (history.activeUsers30[day - history.start]! / m.seats.licensed < share) return day;
  }
  return undefined;
}

function healthStep(subject: PlanSubject): StepText {
  const { health, measures } = subject.m;
  const needed = measures.readiness.gates.health;
  const score = health.score.value!;
  const text = `health score from ${score} to ${needed} (${needed - score} more); ${raisePath(subject, needed)}`;
  return { ...recovering(subject), text, brief: `health score ${needed}` };
}

/** The weakest dimension, and how far it must rise for the score to reach `needed`; further ones where one is not enough. */
function raisePath({ m }: PlanSubject, needed: number): string {
  const { weights } = m.measures.health;
  const known = DIMENSIONS.filter((name) => m.health.dimensions[name].score !== undefined);
  const total = known.reduce((sum, name) => sum + weights[name], 0);
  const scoreOf = (name: Dimension) => m.health.dimensions[name].score!;
  const byScore = [...known].sort((a, b) => scoreOf(a) - scoreOf(b));
  let missing = (needed - m.health.raw!) * total;
  const steps: string[] = [];
  for (const name of byScore) {
    if (missing <= 1e-9) break;
    const rise = Math.min(100 - scoreOf(name), missing / weights[name]);
    missing -= rise * weights[name];
    const to = Math.ceil(Number((scoreOf(name) + rise).toFixed(9)));
    steps.push(`${name} from ${publish(scoreOf(name))} to ${to} (${to - publish(scoreOf(name))} more)`);
  }
  return steps.length === 1 ? `${steps[0]} is enough` : `${listed(steps)} together are enough`;
}

function bandStep(subject: PlanSubject): StepText {
  const { health, signals } = subject.m;
  const critical = signals.filter((signal) => signal.severity === 'critical');
  const band = health.band.value!.replaceAll('_', ' ');
  const cause =
    health.scoreBand.value === health.band.value || critical.length === 0
      ? `the score of ${health.score.value} must reach ${subject.workspace.measures.health.bands.neutral}`
      : `${critical.length === 1 ? 'one critical signal keeps' : `${critical.length} critical signals keep`} it there whatever the score of ${health.score.value}`;
  return { ...recovering(subject), text: `health band from ${band} to neutral or better: ${cause}` };
}

/** What closes each critical or high signal. */
function closings(subject: PlanSubject): { text: string; brief: string } {
  const severe = subject.m.signals.filter((signal) => signal.severity !== 'medium');
  const each = severe.map((signal) => `${tidy(signal.detail)} (closed by ${closedBy(subject, signal.id)})`);
  const names = severe.map((signal) => signal.id.replaceAll('_', ' '));
  return {
    text: `churn signals to close (${severe.length}): ${each.join('; ')}`,
    brief: `${listed(names.slice(0, MOST_NAMED))}${names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : ''} closed`,
  };
}

const MOST_NAMED = 3;

function closedBy(subject: PlanSubject, id: string): string {
  const { standingCliff } = subject.m;
  switch (id) {
    case 'usage_cliff':
      if (standingCliff === undefined) return 'weekly use back near its base';
      return `weekly use of ${grouped(Math.ceil(subject.knobs.recoveredShare * standingCliff.baseWeekly))} or more`;
    case 'failed_payment':
      return 'the payment';
    case 'downgrade_request':
    case 'cancellation_request':
      return 'an answer that the customer accepts, the request withdrawn';
    case 'competitor_evaluation':
    case 'competitor_mention':
      return 'the customer saying how it ended';
    case 'champion_on_leave':
    case 'sponsor_on_leave':
      return returnText(subject);
    case 'champion_departed':
    case 'sponsor_departed':
    case 'no_champion_or_sponsor':
      return 'a recorded successor in touch';
    case 'support_escalation':
      return 'the solution of the ticket';
    case 'detractor':
    case 'decision_maker_detractor':
      return 'a new answer above the detractor range';
    case 'ticket_silence':
    case 'silent':
      return 'use and questions coming back';
    case 'core_feature_unused':
      return 'new use of it';
    default:
      return 'its end';
  }
}

function returnText({ m }: PlanSubject): string {
  const until = m.people.onLeave
    .map((person) => m.view.contacts.find((each) => each.contactId === person.contactId)?.onLeaveUntil)
    .filter((day) => day !== undefined);
  return until.length === 0
    ? 'their return (no date recorded) or a recorded deputy'
    : `their return on ${formatDay(Math.max(...until) + 1)} or a recorded deputy`;
}

function remedy(subject: PlanSubject, gate: PlanGate): string {
  if (gate.id === 'sponsor') return '; next: two-way contact with an executive, recorded';
  if (gate.id !== 'core_features') return '';
  const unused = subject.m.adoption.relevant
    .filter((use) => use.feature.core && !use.used)
    .map((use) => words(use.feature.id));
  return unused.length === 0 ? '' : `; not in use: ${listed(unused.slice(0, 3))}`;
}

function signalStep(subject: PlanSubject, gate: PlanGate): StepText {
  const near = nearestSignals(subject).slice(0, 2);
  const nearest = near.length === 0 ? '' : `; nearest: ${near.map((each) => each.text).join('; ')}`;
  return {
    text: `expansion signals: ${gate.detail}${nearest}`,
    brief: `${subject.workspace.measures.readiness.gates.signals} kinds of organic signal`,
    days: subject.knobs.reviseDays,
    earliestDate: null,
  };
}

function holdStep({ knobs, today }: PlanSubject, gate: PlanGate): StepText {
  const dates = [...gate.detail.matchAll(/until (\d{4}-\d{2}-\d{2})/g)].map((match) => match[1]!);
  const last = dates.sort().at(-1);
  const days = last === undefined ? knobs.reviseDays : Math.max(1, Math.round(Date.parse(last) / 86_400_000) - today);
  return {
    text: `holds: ${gate.detail}`,
    brief: last === undefined ? 'nothing that holds the conversation' : `${last} reached`,
    days,
    earliestDate: last ?? null,
  };
}

/** A note to paste: why, what unblocks it, when; protecting the relationship, not blocking revenue. */
function aeNote(
  subject: PlanSubject,
  open: readonly PlanGate[],
  targets: readonly RecoveryTarget[],
  reassess: Day | undefined,
): string {
  const { m } = subject;
  const ae = ownerOf(subject, 'ae');
  const renewal =
    m.contract.renewalDate === undefined ? '' : ` and its renewal on ${formatDay(m.contract.renewalDate)}`;
  const when = reassess === undefined ? 'once a new contract is in force' : `on ${formatDay(reassess)}`;
  const kept = keptRequest(subject);
  const unblocks = targets.slice(0, MOST_TARGETS_IN_NOTE).map((target) => target.brief);
  const more = targets.length - unblocks.length;
  return [
    `to ${ae.shown}: please hold expansion at ${subject.name} for now.`,
    `${open.length === 1 ? 'One gate is' : `${open.length} gates are`} not met (${open.map((gate) => gate.name.toLowerCase()).join(', ')}); ${stake(open, renewal)}.`,
    `It unblocks with: ${unblocks.join('; ')}${more > 0 ? `; and ${more} more in the targets above` : ''}.`,
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
const MOST_TARGETS_IN_NOTE = 3;

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
