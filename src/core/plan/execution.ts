/** The work in phases the customer recognises (expansion seed, step 6): owners from the account, dates as business days. */
import type { GoalRecord } from '../records/record.ts';
import { type Day, formatDay, parseDay } from '../time/calendar.ts';
import type { Framing } from './framing.ts';
import { counterpart, goalFor } from './framing.ts';
import type { Proposal } from './proposal.ts';
import type { Risk } from './risks.ts';
import {
  businessDay,
  businessDaysBefore,
  contactOf,
  oneLine,
  ownerOf,
  type PlanOwner,
  type PlanSubject,
  personName,
} from './subject.ts';
import { monthsLater, type Timing } from './timing.ts';

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
  const days = isLight ? lightDays(subject, proposeOn, startsOn) : fullDays(subject, proposeOn, startsOn);
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

/** New tier, module or integration: a trial of two weeks, rollout in month 2, review in month 3. */
function fullDays(subject: PlanSubject, proposeOn: Day, startsOn: Day): Days {
  const scopingOn = businessDay(subject, proposeOn, 5);
  const trialStart = businessDay(subject, scopingOn, 5);
  const commercialOn = businessDay(subject, trialStart, 10);
  const rolloutOn = businessDay(subject, commercialOn, 10);
  return {
    scopingOn,
    trialStart,
    commercialOn,
    rolloutOn,
    reviewOn: Math.max(monthsLater(subject, startsOn, 3) - 7, 0),
  };
}

/** Seats and terms: a first group instead of a trial. */
function lightDays(subject: PlanSubject, proposeOn: Day, startsOn: Day): Days {
  const scopingOn = businessDay(subject, proposeOn, 3);
  const commercialOn = businessDay(subject, scopingOn, 5);
  const trialStart = businessDay(subject, commercialOn, 5);
  const rolloutOn = businessDay(subject, trialStart, 5);
  return {
    scopingOn,
    trialStart,
    commercialOn,
    rolloutOn,
    reviewOn: Math.max(monthsLater(subject, startsOn, 3) - 7, 0),
  };
}

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
  const proven = framing.proof === null ? standing(subject, goal) : framing.proof.text;
  const goalText =
    goal === undefined
      ? `agree with ${who} which goal ${proposal.what} serves: none is open`
      : `connect ${proposal.what} to the goal "${oneLine(goal.title, 80)}"${goal.targetDate === undefined ? '' : `, due ${formatDay(goal.targetDate)}`}`;
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

/** Without a result on record: where use and goal stand. */
function standing({ m }: PlanSubject, goal: GoalRecord | undefined): string {
  const users =
    m.seats.active.value === undefined ? 'what they use' : `what ${m.seats.active.value} active users do with it`;
  return goal === undefined ? users : `${users}, and where the goal "${oneLine(goal.title, 80)}" stands`;
}

function contextOf(subject: PlanSubject, { anchor, type }: Proposal): string {
  if (anchor.askedIn !== null) return `the answer to the request of ${anchor.date}`;
  if (type === 'upgrade') return 'the limit and the day it is reached';
  if (type === 'seats') return 'who still needs access, and by when';
  return `what ${subject.name} tries to do today`;
}

function scopingText(subject: PlanSubject, proposal: Proposal, risks: readonly Risk[]): string {
  const gate = risks[0]?.gatingAction;
  const seats =
    proposal.type === 'seats' && proposal.addedSeats !== undefined
      ? `list the ${proposal.addedSeats} people and their start dates`
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
      action: `onboard the first ${first === 1 ? 'new user' : `${first} new users`} and watch the first week of use`,
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
  const what = proposal.type === 'seats' ? `the ${proposal.addedSeats ?? 'new'} new users` : proposal.what;
  return `roll out ${what} with an onboarding session; more than ${Math.round(adoptionShare * 100)} % in use within ${adoptionDays} days`;
}

function sponsorOr(subject: PlanSubject, who: string): string {
  return personName(contactOf(subject, subject.m.people.roles.executive_sponsor.contactId)) ?? who;
}
