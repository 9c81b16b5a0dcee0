/** What must become true of each gate that is not met: by how much, by when, and what data settles an unknown. */
import { DIMENSIONS, type Dimension } from '../scores/health.ts';
import { publish } from '../scores/number.ts';
import { formatDay } from '../time/calendar.ts';
import type { PlanGate } from './gate.ts';
import { nearestSignals } from './nearest-signals.ts';
import { lastLowDay, signalName, signalText } from './plain-words.ts';
import { excludedSignals } from './signals.ts';
import { type Evidence, grouped, listed, type PlanSubject, percent, words } from './subject.ts';

export interface RecoveryTarget {
  gate: string;
  text: string;
  /** The same in a few words, for a note. */
  brief: string;
  /** First day on which the gate can be met; null where that does not depend on time alone. */
  earliestDate: string | null;
  evidence: Evidence[];
}

export interface Step extends RecoveryTarget {
  /** Days this takes at least. */
  days: number;
}

/** A step a gate; gates that wait for the same data are one. */
export function stepsFor(subject: PlanSubject, open: readonly PlanGate[]): Step[] {
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
      return scoreStep(subject, gate, 'outcomes');
    case 'relationship':
      return scoreStep(subject, gate, 'relationship');
    case 'core_features':
    case 'sponsor':
      return {
        ...recovering(subject),
        text: `${gate.name.toLowerCase()}: ${gate.detail}${remedy(subject, gate)}`,
        brief:
          gate.id === 'sponsor'
            ? 'a sponsor in touch'
            : `${subject.workspace.measures.readiness.gates.coreFeatures} core features in use`,
      };
    case 'organic_signals':
      return signalStep(subject, gate);
    case 'contract':
      return {
        text: `contract: ${gate.detail}; needs a paid contract in force`,
        brief: 'a paid contract in force',
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
  if (m.seats.licensed === undefined) return lostSeats(subject);
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
      brief: `active users at ${grouped(goal)} or more for ${sustainedDays} days`,
      days: held === undefined ? sustainedDays : Math.max(1, held + 1 - today),
      earliestDate: held === undefined ? null : formatDay(held + 1),
    };
  }
  const brief = `active users to ${grouped(goal)} (${of}) sustained over ${confirmedDays} days`;
  const text = `${brief}; ${grouped(active)} today, so ${grouped(goal - active)} more`;
  return { text, brief, days: knobs.recoveryDays + knobs.rampDays, earliestDate: formatDay(today + sustainedDays) };
}

/** Use was too low on a day of the window, and nothing says how many seats there are today. */
function lostSeats(subject: PlanSubject): StepText {
  const { sustainedShare, sustainedDays } = subject.workspace.measures.seats;
  const brief = `${percent(sustainedShare)} of the seats active for ${sustainedDays} days`;
  const text = `${brief}; how many users that is depends on the seats of the next contract, ${grouped(subject.m.seats.active.value!)} active today`;
  return { ...recovering(subject), text, brief };
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
  const text = `health band from ${band} to neutral or better: ${cause}`;
  return { ...recovering(subject), text, brief: 'health band neutral or better' };
}

/** A dimension that must reach its own minimum, with the parts that pull it down. */
function scoreStep(subject: PlanSubject, gate: PlanGate, name: 'outcomes' | 'relationship'): StepText {
  const { m, workspace } = subject;
  const needed = workspace.measures.readiness.gates[name];
  const dimension = m.health.dimensions[name];
  const now = publish(dimension.score!);
  const low = Object.entries(dimension.parts).flatMap(([part, reading]) =>
    reading?.value !== undefined && reading.value < needed ? [`${part} ${publish(reading.value)}`] : [],
  );
  const lowest = name === 'relationship' && low.length > 0 ? `; below it: ${listed(low)}` : '';
  const what = gate.detail.replace(/^(?:outcomes )?\d+, /, '').replace(/; needs \d+$/, '');
  const brief = `${name} ${needed}`;
  return {
    ...recovering(subject),
    text: `${name} from ${now} to ${needed} (${needed - now} more): ${what}${lowest}`,
    brief,
  };
}

/** What closes each critical or high signal. */
function closings(subject: PlanSubject): { text: string; brief: string } {
  const severe = subject.m.signals.filter((signal) => signal.severity !== 'medium');
  const each = severe.map((signal) => `${signalText(subject, signal)} (closed by ${closedBy(subject, signal.id)})`);
  const names = [...new Set(severe.map((signal) => signalName(signal.id)))];
  return {
    text: `churn signals to close (${severe.length}): ${each.join('; ')}`,
    brief: `${names.length > MOST_NAMED ? `${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more` : listed(names)} resolved`,
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

const MOST_EXCLUDED = 2;

function signalStep(subject: PlanSubject, gate: PlanGate): StepText {
  const near = nearestSignals(subject).slice(0, 2);
  const excluded = excludedSignals(subject).slice(0, MOST_EXCLUDED);
  const prompted = excluded.length === 0 ? '' : `; not counted: ${excluded.map((each) => each.text).join('; ')}`;
  return {
    text: `expansion signals: ${gate.detail}; nearest: ${near.map((each) => each.text).join('; ')}${prompted}`,
    brief: `${subject.workspace.measures.readiness.gates.signals} kinds of organic signal seen`,
    days: subject.knobs.reviseDays,
    earliestDate: null,
  };
}

const HOLDS_OVER: readonly [RegExp, string][] = [
  [/escalated ticket/, 'the escalation closed'],
  [/\bincidents? open/, 'the incident over'],
  [/milestone not reached/, 'the activation milestone reached'],
  [/at-risk intervention/, 'the at-risk intervention done'],
];

function holdBrief(detail: string, dates: readonly string[]): string {
  const over = HOLDS_OVER.flatMap(([hold, text]) => (hold.test(detail) ? [text] : []));
  return listed([...over, ...dates.map((date) => `${date} reached`)]) || 'no hold any more';
}

function holdStep({ knobs, today }: PlanSubject, gate: PlanGate): StepText {
  const dates = [...gate.detail.matchAll(/until (\d{4}-\d{2}-\d{2})/g)].map((match) => match[1]!);
  const last = dates.sort().at(-1);
  const days = last === undefined ? knobs.reviseDays : Math.max(1, Math.round(Date.parse(last) / 86_400_000) - today);
  return {
    text: `holds: ${gate.detail}`,
    brief: holdBrief(gate.detail, dates),
    days,
    earliestDate: last ?? null,
  };
}
