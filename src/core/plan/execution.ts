/** The work in phases the customer recognises (expansion seed, step 6): owners from the account, dates as business days. */
import type { GoalRecord } from '../records/record.ts';
import { addMonths, type Day, formatDay, parseDay } from '../time/calendar.ts';
import type { Framing } from './framing.ts';
import { counterpart, goalFor } from './framing.ts';
import type { Proposal } from './proposal.ts';
import type { Risk } from './risks.ts';
import {
  businessDay,
  businessDayOnOrAfter,
  businessDaysBefore,
  contactOf,
  grouped,
  oneLine,
  ownerOf,
  type PlanOwner,
  type PlanSubject,
  percent,
  personName,
  plural,
} from './subject.ts';
import type { Timing } from './timing.ts';

export type Phase = 'Discovery' | 'Scoping' | 'Trial' | 'Rollout' | 'Post-rollout review';

export interface ExecutionStep {
  step: number;
  phase: Phase;
  /** `week 1`, `month 3`: at the granularity of the work. */
  when: string;
  action: string;
  owner: string;
  owners: PlanOwner[];
  date: string;
}

export interface Execution {
  steps: ExecutionStep[];
  startsOn: Day;
  trialStart: Day;
  rolloutOn: Day;
  reviewOn: Day;
  /** Roles without a name in the account's owners. */
  missingOwners: string[];
}

type DraftStep = Omit<ExecutionStep, 'step' | 'when' | 'owner' | 'date'> & { day: Day; also?: string };

export function executionOf(
  subject: PlanSubject,
  proposal: Proposal,
  timing: Timing,
  framing: Framing,
  risks: readonly Risk[],
): Execution {
  const proposeOn = parseDay(timing.proposeOn)!;
  const startsOn = businessDaysBefore(subject, proposeOn, PREPARE_BUSINESS_DAYS);
  const isLight = ['seats', 'contract', 'advocacy'].includes(proposal.type);
  const days = daysOf(subject, proposeOn, startsOn, isLight);
  const drafts = draftSteps(subject, proposal, timing, framing, risks, { ...days, startsOn, proposeOn, isLight });
  const steps = drafts.map(({ day, also, ...draft }, i) => ({
    ...draft,
    step: i + 1,
    when: whenOf(draft.phase, day, startsOn),
    owner: [...draft.owners.map((owner) => owner.shown), ...(also === undefined ? [] : [also])].join(' + '),
    date: formatDay(day),
  }));
  const missing = new Set(
    drafts.flatMap((draft) => draft.owners.filter((owner) => owner.name === null).map((owner) => owner.shown)),
  );
  return {
    steps,
    startsOn,
    trialStart: days.trialStart,
    rolloutOn: days.rolloutOn,
    reviewOn: days.reviewOn,
    missingOwners: [...missing],
  };
}

const PREPARE_BUSINESS_DAYS = 4; // value summary and goals before anything is said

interface Days {
  scopingOn: Day;
  trialStart: Day;
  commercialOn: Day;
  rolloutOn: Day;
  reviewOn: Day;
}

/** Business days from one date to the next: scoping after the proposal, and so on in order. */
interface Pace {
  scoping: number;
  trial: number;
  commercial: number;
  rollout: number;
}

/** New tier, module or integration: a trial of two weeks, and the proposal with its result. */
const FULL: Pace = { scoping: 5, trial: 5, commercial: 10, rollout: 10 };
/** Seats and terms: a first group instead of a trial, after the proposal. */
const LIGHT: Pace = { scoping: 3, commercial: 5, trial: 5, rollout: 5 };

/** Rollout in month 2, review in month 3 and not before the criteria are due. */
function daysOf(subject: PlanSubject, proposeOn: Day, startsOn: Day, isLight: boolean): Days {
  const pace = isLight ? LIGHT : FULL;
  const scopingOn = businessDay(subject, proposeOn, pace.scoping);
  const [first, second] = isLight ? [pace.commercial, pace.trial] : [pace.trial, pace.commercial];
  const early = businessDay(subject, scopingOn, first);
  const late = businessDay(subject, early, second);
  const rolloutOn = businessDay(subject, late, pace.rollout);
  const inMonth3 = addMonths(startsOn, REVIEW_AFTER_MONTHS) - REVIEW_DAYS_EARLIER;
  return {
    scopingOn,
    trialStart: isLight ? late : early,
    commercialOn: isLight ? early : late,
    rolloutOn,
    reviewOn: businessDayOnOrAfter(subject, Math.max(inMonth3, rolloutOn + subject.knobs.adoptionDays)),
  };
}

const REVIEW_AFTER_MONTHS = 3;
const REVIEW_DAYS_EARLIER = 7; // in month 3, not at its end

/** Technical work in weeks, what the organisation does in months. */
function whenOf(phase: Phase, day: Day, startsOn: Day): string {
  const days = day - startsOn;
  if (phase === 'Rollout' || phase === 'Post-rollout review') return `month ${Math.floor(days / 30.44) + 1}`;
  return `week ${Math.floor(days / 7) + 1}`;
}

interface StepDays extends Days {
  startsOn: Day;
  proposeOn: Day;
  isLight: boolean;
}

function draftSteps(
  subject: PlanSubject,
  proposal: Proposal,
  timing: Timing,
  framing: Framing,
  risks: readonly Risk[],
  days: StepDays,
): DraftStep[] {
  const csm = ownerOf(subject, 'csm');
  const ae = ownerOf(subject, 'ae');
  const who = counterpart(subject, proposal);
  const goal = goalFor(subject, proposal);
  const proven = framing.proof === null ? standing(subject, goal) : framing.proof.text.replace(/,$/, '');
  const goalText = goalStep(proposal, who, goal);
  const steps: DraftStep[] = [
    { phase: 'Discovery', day: days.startsOn, owners: [csm], action: `write the value summary: ${proven}` },
    { phase: 'Discovery', day: businessDay(subject, days.startsOn, 2), owners: [csm], action: goalText },
    {
      phase: 'Discovery',
      day: days.proposeOn,
      owners: [csm],
      action: `propose it to ${who} in context: ${contextOf(subject, proposal)}`,
    },
    { phase: 'Scoping', day: days.scopingOn, owners: [csm], action: scopingText(subject, proposal, risks) },
  ];
  const commercial: DraftStep = {
    phase: days.isLight ? 'Scoping' : 'Trial',
    day: days.commercialOn,
    owners: [csm, ae],
    action: `${days.isLight ? '' : 'with the result of the trial: '}${commercialText(subject, proposal, timing)}`,
  };
  const trial = trialStep(proposal, who, days, csm);
  steps.push(...(days.isLight ? [commercial, trial] : [trial, commercial]));
  steps.push({ phase: 'Rollout', day: days.rolloutOn, owners: [csm], action: rolloutText(subject, proposal) });
  steps.push({
    phase: 'Post-rollout review',
    day: days.reviewOn,
    owners: [csm],
    action: `review the success criteria with ${sponsorOr(subject, who)}`,
  });
  return steps;
}

function goalStep({ type, what }: Proposal, who: string, goal: GoalRecord | undefined): string {
  if (type === 'advocacy') return `choose with ${who} which result is worth telling`;
  if (goal === undefined) return `agree with ${who} on the goal that ${what} should serve: none is open`;
  const due = goal.targetDate === undefined ? '' : `, due ${formatDay(goal.targetDate)}`;
  return `connect ${what} to the goal "${oneLine(goal.title, 80)}"${due}`;
}

/** Without a result on record: where use and goal stand. */
function standing({ m }: PlanSubject, goal: GoalRecord | undefined): string {
  const users =
    m.seats.active.value === undefined
      ? 'what they use'
      : `what ${plural(m.seats.active.value, 'active user')} ${m.seats.active.value === 1 ? 'does' : 'do'} with it`;
  return goal === undefined ? users : `${users}, and where the goal "${oneLine(goal.title, 80)}" stands`;
}

function contextOf(subject: PlanSubject, { anchor, type }: Proposal): string {
  if (anchor.askedIn !== null) return `the answer to the request of ${anchor.date}`;
  if (type === 'advocacy') return `what they said of us, last on ${anchor.date}`;
  if (type === 'contract') return `the talks with leadership, last on ${anchor.date}`;
  if (type === 'upgrade') return 'the limit and the day it is reached';
  if (type === 'seats') return 'who still needs access, and by when';
  return `what ${subject.name} tries to do today`;
}

function scopingText(subject: PlanSubject, proposal: Proposal, risks: readonly Risk[]): string {
  if (proposal.type === 'advocacy')
    return `agree with ${counterpart(subject, proposal)} who tells it, where, and who must approve`;
  const gate = risks[0] === undefined ? undefined : `settle first: ${risks[0].gatingAction}`;
  const seats =
    proposal.type === 'seats' && proposal.addedSeats !== undefined
      ? `list the ${proposal.addedSeats === 1 ? 'person and the start date' : `${grouped(proposal.addedSeats)} people and their start dates`}`
      : undefined;
  return (
    [seats, gate].filter((each) => each !== undefined).join('; ') ||
    `agree scope and success measure of ${proposal.what} with ${counterpart(subject, proposal)}`
  );
}

function trialStep(proposal: Proposal, who: string, days: StepDays, csm: PlanOwner): DraftStep {
  if (proposal.type === 'seats') {
    const first = Math.max(1, Math.ceil((proposal.addedSeats ?? 2) / 2));
    return {
      phase: 'Trial',
      day: days.trialStart,
      owners: [csm],
      action: `onboard the ${proposal.addedSeats === 1 ? '' : 'first '}${first === 1 ? 'new user' : `${grouped(first)} new users`} and look at a week of use`,
    };
  }
  if (proposal.meterId !== undefined)
    return {
      phase: 'Trial',
      day: days.trialStart,
      owners: [csm],
      also: 'Product',
      action: `raise the limit to ${proposal.what} for two weeks and compare the use with the forecast`,
    };
  if (proposal.type === 'advocacy')
    return {
      phase: 'Trial',
      day: days.trialStart,
      owners: [csm],
      action: `draft the case study and have ${who} approve it`,
    };
  if (proposal.type === 'contract')
    return {
      phase: 'Trial',
      day: days.trialStart,
      owners: [csm],
      action: `walk ${who} through the terms with a clause for changes in scope`,
    };
  return {
    phase: 'Trial',
    day: days.trialStart,
    owners: [csm],
    also: 'Product',
    action: `two-week trial of ${proposal.what} on one case of ${who}'s choice`,
  };
}

function commercialText(subject: PlanSubject, proposal: Proposal, { decision }: Timing): string {
  if (proposal.type === 'advocacy') return 'agree in writing what may be quoted and who is recommended to whom';
  const buyer = subject.m.view.contacts.find(
    (contact) =>
      contact.leftAt === undefined &&
      contact.roles?.some((role) => role === 'decision_maker' || role === 'economic_buyer'),
  );
  const to = personName(buyer);
  const whom = to === undefined ? '; no decision maker is recorded, find out who signs' : ` to ${to}`;
  return `commercial proposal for ${proposal.what}${whom}${decision === null ? '' : `, in time for ${decision.text}`}`;
}

function rolloutText(subject: PlanSubject, proposal: Proposal): string {
  if (proposal.type === 'advocacy') return 'publish the case study and thank for the first referral';
  if (proposal.type === 'contract') return 'put the new terms into force and plan the year with them';
  const { adoptionDays, adoptionShare } = subject.knobs;
  const what = proposal.type === 'seats' ? newSeats(proposal.addedSeats) : proposal.what;
  return `roll out ${what} with an onboarding session; more than ${percent(adoptionShare)} in use within ${adoptionDays} days`;
}

function newSeats(added: number | undefined): string {
  if (added === undefined) return 'the new seats';
  return added === 1 ? 'the new seat' : `the ${plural(added, 'new seat')}`;
}

function sponsorOr(subject: PlanSubject, who: string): string {
  return personName(contactOf(subject, subject.m.people.roles.executive_sponsor.contactId)) ?? who;
}
