/** What each play of the health assessment consists of: dated steps, success criteria, escalation (skills.md B). */
import { countText } from '../document/figures.ts';
import type { AccountMeasures } from '../facts/measure-account.ts';
import type { OwnerRole } from '../records/record.ts';
import { overdueDays } from '../scores/commercial.ts';
import type { Dimension } from '../scores/health.ts';
import { publish } from '../scores/number.ts';
import { goalState } from '../scores/outcomes.ts';
import type { ChurnSignal } from '../scores/signals.ts';
import { addBusinessDays, type Day, formatDay } from '../time/calendar.ts';
import type { Diagnosis } from './health-assessment.ts';
import { type Criterion, criteriaOf } from './health-criteria.ts';
import { keySignals, plainDetail, roleClause, someOf, unusedFeatures } from './health-evidence.ts';
import { isCommercialSignal, isCompetitorSignal, subjectOf } from './health-signals.ts';
import { type Owner, ownerOf } from './skill-result.ts';

export type Play = 'engagement_rescue' | 'relationship_repair' | 'value_acceleration' | 'commercial_save';

const PLAY_TITLES: Record<Play, string> = {
  engagement_rescue: 'Engagement rescue',
  relationship_repair: 'Relationship repair',
  value_acceleration: 'Value acceleration',
  commercial_save: 'Commercial save',
};

export function playTitle(play: Play): string {
  return PLAY_TITLES[play];
}

export interface Step {
  title: string;
  owner: Owner;
  dueDate: string;
}

export interface Intervention {
  play: Play;
  dimension: Dimension;
  /** Why this play. */
  reason: string;
  owner: Owner;
  steps: Step[];
  successCriteria: Criterion[];
  escalation: { condition: string; date: string; owner: Owner };
}

interface PlayContext {
  m: AccountMeasures;
  dimension: Dimension;
  /** Published points, or undefined where the dimension is unknown. */
  score: number | undefined;
  callDue: Day;
  executiveDue: Day | undefined;
  /** Half-way to the next assessment. */
  halfway: Day;
  holidays: ReadonlySet<Day>;
}

type StepDraft = [title: string, role: OwnerRole, due: Day];

/** Business days between the call and the step that follows it (our choice). */
const FOLLOW_UP_DAYS = 5;

/** Who answers if the dimension does not move: the further the trouble is from use, the higher it goes (our choice). */
const ESCALATION_ROLE: Record<Play, OwnerRole> = {
  engagement_rescue: 'csManager',
  relationship_repair: 'exec',
  value_acceleration: 'csManager',
  commercial_save: 'exec',
};

const STEPS: Record<Play, (context: PlayContext) => StepDraft[]> = {
  engagement_rescue: engagementSteps,
  relationship_repair: relationshipSteps,
  value_acceleration: valueSteps,
  commercial_save: commercialSteps,
};

export function interventionOf(
  index: number,
  { plays, callDue, executiveDue, nextAssessment, weakest }: Diagnosis,
  m: AccountMeasures,
  holidays: ReadonlySet<Day>,
): Intervention {
  const { play, dimension } = plays[index]!;
  const { today, account } = m.view;
  const by = nextAssessment!; // plays exist only where the band, and with it the date, is known
  const raw = m.health.dimensions[dimension].score;
  const score = raw === undefined ? undefined : publish(raw);
  const halfway = addBusinessDays(today + Math.floor((by - today) / 2), 0, holidays);
  const context: PlayContext = { m, dimension, score, callDue: callDue!, executiveDue, halfway, holidays };
  const steps = STEPS[play](context).sort((a, b) => a[2] - b[2]);
  const own = m.signals.filter((signal) => playFor(signal, plays) === play && signal.severity !== 'medium');
  const criteria = criteriaOf(m, dimension, own, by);
  const lead: OwnerRole = 'csm';
  return {
    play,
    dimension,
    reason: reasonOf(m, plays[index]!, weakest, score),
    owner: ownerOf(lead, account),
    steps: steps.map(([title, role, due]) => ({ title, owner: ownerOf(role, account), dueDate: formatDay(due) })),
    successCriteria: criteria,
    escalation: {
      condition: escalationCondition(criteria, dimension, score),
      date: formatDay(halfway),
      owner: ownerOf(ESCALATION_ROLE[play], account),
    },
  };
}

function reasonOf(
  m: AccountMeasures,
  { play, dimension }: Diagnosis['plays'][number],
  weakest: Dimension | undefined,
  score: number | undefined,
): string {
  const reasons = dimension === weakest ? [`${dimension} is the weakest known dimension at ${score}`] : [];
  for (const signal of m.signals) {
    const isReason = isCommercialSignal(signal) || signal.severity === 'critical';
    if (isReason && SUBJECT_PLAY[subjectOf(signal)] === play) reasons.push(plainDetail(m, signal));
  }
  return reasons.join('; ');
}

const SUBJECT_PLAY = {
  commercial: 'commercial_save',
  relationship: 'relationship_repair',
  engagement: 'engagement_rescue',
} as const;

/** The chosen play that a signal is closed by: the one about its subject, else the first. */
function playFor(signal: ChurnSignal, plays: Diagnosis['plays']): Play {
  const own = SUBJECT_PLAY[subjectOf(signal)];
  return plays.some(({ play }) => play === own) ? own : plays[0]!.play;
}

/** Tied to the first figure the play is to move: half of the way by half of the time. */
function escalationCondition(criteria: readonly Criterion[], dimension: Dimension, score: number | undefined): string {
  const [first] = criteria;
  if (first === undefined) return `${dimension} ${isOrAre(dimension)} not above ${score ?? 'unknown'}`;
  if (first.from === null || first.to === null) return `not yet true: ${first.measure}`;
  if (first.from === first.to) return `${dimension} ${isOrAre(dimension)} below ${first.from}`;
  const middle = Math.ceil((first.from + first.to) / 2);
  return `${first.measure} ${isOrAre(first.measure)} below ${middle}${first.unit} (half of the way from ${first.from} to ${first.to})`;
}

const MANY = /^(?:relevant features|active users|active days|survey answers|meetings|outcomes)/;

function isOrAre(measure: string): string {
  return MANY.test(measure) ? 'are' : 'is';
}

/** Whom to call: the champion, else the primary contact, else the sponsor who is present. */
export function contactName({ people }: AccountMeasures): string {
  for (const role of ['champion', 'primary_contact', 'executive_sponsor'] as const) {
    const holder = people.persons.find((each) => !each.departed && !each.onLeave && each.roles.includes(role));
    if (holder !== undefined) return holder.name ?? holder.contactId;
  }
  return 'the account (no champion, primary contact or sponsor is present)';
}

/** `Call Ana: ...`; about Ana herself, `Call Ana, who ...`. */
function callOn(m: AccountMeasures, about: string): string {
  const name = contactName(m);
  return about.startsWith(`${name} gave `) ? `Call ${name}, who${about.slice(name.length)}` : `Call ${name}: ${about}`;
}

function check({ dimension, score, halfway }: PlayContext): StepDraft {
  return [`Compare ${dimension} with today's ${score ?? 'unknown'} and close or escalate`, 'csm', halfway];
}

function followUp({ callDue, holidays }: PlayContext): Day {
  return addBusinessDays(callDue, FOLLOW_UP_DAYS, holidays);
}

function engagementSteps(context: PlayContext): StepDraft[] {
  const { m, dimension, callDue } = context;
  const [fact] = keySignals(m, dimension);
  const severe = m.signals.find((signal) => subjectOf(signal) === 'engagement' && signal.severity !== 'medium');
  const unused = unusedFeatures(m);
  const seats = m.seats.licensed;
  const idle = typeof seats === 'number' && m.seats.active.value !== undefined ? seats - m.seats.active.value : 0;
  const back =
    unused.length > 0
      ? `Working session on ${someOf(unused)}, which the team does not use`
      : idle > 0
        ? `Agree with the account's admin who is to use the ${countText(idle, 'idle seat')}, or release ${idle === 1 ? 'it' : 'them'}`
        : 'Agree the weekly use that the team needs, and put it in the calendar';
  return [
    [
      `${callOn(m, severe === undefined ? (fact ?? dimension) : plainDetail(m, severe))}; find out what changed`,
      'csm',
      callDue,
    ],
    [back, 'csm', followUp(context)],
    check(context),
  ];
}

function relationshipSteps(context: PlayContext): StepDraft[] {
  const { m, callDue } = context;
  const roles = `${roleClause(m, 'executive_sponsor')}; ${roleClause(m, 'champion')}`;
  const worst = m.signals.find((signal) => subjectOf(signal) === 'relationship');
  const about =
    worst === undefined ? 'confirm who sponsors and who champions' : `${plainDetail(m, worst)}; ask what is behind it`;
  return [
    [`${callOn(m, about)}; ${roles}`, 'csm', callDue],
    ['Speak with the sponsor, or with whoever decides, peer to peer', 'exec', followUp(context)],
    check(context),
  ];
}

function valueSteps(context: PlayContext): StepDraft[] {
  const { m, callDue } = context;
  const behind = m.view.goals
    .filter((goal) => goalState(goal, m.view.today) === 'open')
    .toSorted((a, b) => partOf(m, a.goalId) - partOf(m, b.goalId))[0];
  const about = behind === undefined ? 'the goals' : `"${behind.title}"`;
  const facts = keySignals(m, 'outcomes').find((each) => behind !== undefined && each.includes(behind.title));
  return [
    [`Review with ${contactName(m)}: ${facts ?? about}`, 'csm', callDue],
    [`Agree what moves ${about} next, who does it and by when`, 'csm', followUp(context)],
    check(context),
  ];
}

function partOf({ health }: AccountMeasures, goalId: string): number {
  return health.dimensions.outcomes.parts[goalId]?.value ?? Number.POSITIVE_INFINITY;
}

function commercialSteps(context: PlayContext): StepDraft[] {
  const { m, callDue, executiveDue, holidays } = context;
  const { today } = m.view;
  const steps: StepDraft[] = [];
  const open = m.signals.filter(isCommercialSignal);
  const about =
    open.length > 0 ? open.map((signal) => plainDetail(m, signal)).join('; ') : keySignals(m, 'commercial').join('; ');
  steps.push([callOn(m, about), 'csm', callDue]);
  const unpaid = m.view.invoices.filter((invoice) => overdueDays(invoice, today) > 0).map((each) => each.invoiceId);
  const failed = open.find((signal) => signal.id === 'failed_payment');
  if (unpaid.length > 0 || failed !== undefined) {
    const what = unpaid.length > 0 ? countText(unpaid.length, 'overdue invoice') : (failed?.detail ?? 'the payment');
    steps.push([`Clear up with the customer's accounts team: ${what}`, 'finance', addBusinessDays(today, 2, holidays)]);
  }
  const competitor = open.find(isCompetitorSignal);
  if (competitor !== undefined) {
    steps.push([
      `Value brief against the alternative: ${competitor.detail}`,
      'ae',
      addBusinessDays(today, 2, holidays),
    ]);
    if (executiveDue !== undefined) steps.push(['Meet the sponsor or decision maker', 'exec', executiveDue]);
  }
  const wish = open.find((signal) => signal.id === 'downgrade_request' || signal.id === 'cancellation_request');
  if (wish !== undefined) {
    const title = `Lay out the contract that fits the present use (no concession without approval): ${wish.detail}`;
    steps.push([title, 'ae', addBusinessDays(today, FOLLOW_UP_DAYS, holidays)]);
  } else if (competitor === undefined && unpaid.length === 0 && failed === undefined) {
    steps.push(['Agree terms and date of the renewal', 'ae', followUp(context)]);
  }
  return [...steps, check(context)];
}
