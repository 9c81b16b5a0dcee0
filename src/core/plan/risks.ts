/** Risks of this expansion at this account (expansion seed, step 7): only those that apply, with why and the gating action. */
import { daysIn } from '../history/history.ts';
import { goalState } from '../scores/outcomes.ts';
import { type Day, formatDay } from '../time/calendar.ts';
import { projectedUse } from './meters.ts';
import type { Proposal } from './proposal.ts';
import {
  type Evidence,
  grouped,
  noteDay,
  ownerOf,
  type PlanSubject,
  percent,
  personName,
  planWords,
  plural,
  records,
  subscriptionEvidence,
  usageEvidence,
  words,
} from './subject.ts';

export interface Risk {
  id: 'technical_capacity' | 'onboarding_load' | 'workflow_fit' | 'contract_flexibility';
  risk: string;
  why: string;
  gatingAction: string;
  evidence: Evidence[];
}

export function risksOf(subject: PlanSubject, proposal: Proposal): Risk[] {
  return [
    technical(subject, proposal),
    onboarding(subject, proposal),
    workflowFit(subject, proposal),
    flexibility(subject, proposal),
  ].filter((risk) => risk !== undefined);
}

const TECHNICAL = /\b(?:api|integration|integrations|sync|webhook|webhooks|sso|saml|scim|sdk|warehouse|connector)\b/i;
const HIGH_EFFORT = 4;

/** Is what is proposed something that engineers must connect? */
function isTechnical(subject: PlanSubject, { plan, featureId, type }: Proposal): boolean {
  if (['seats', 'contract', 'advocacy'].includes(type)) return false;
  const { catalogue } = subject.workspace;
  const feature = catalogue.features.find((each) => each.id === featureId);
  const own =
    type === 'cross_sell'
      ? catalogue.features.filter((each) => each.product === plan?.product)
      : feature === undefined
        ? []
        : [feature];
  const named = [featureId ?? '', plan?.id ?? '', ...own.flatMap((each) => [each.id, ...each.tags])].map(words);
  return named.some((each) => TECHNICAL.test(each)) || own.some((each) => (each.effort ?? 0) >= HIGH_EFFORT);
}

/** New technical work: who does it there? It does not apply where they connect things already. */
function technical(subject: PlanSubject, proposal: Proposal): Risk | undefined {
  if (!isTechnical(subject, proposal)) return undefined;
  const { m, workspace } = subject;
  const integrations = workspace.catalogue.signals.integration ?? [];
  const since = m.view.lastDay - subject.knobs.noteDays + 1;
  const connected =
    proposal.type === 'upgrade' ||
    integrations.some((name) => {
      const counts = m.view.history.events.get(name);
      return counts !== undefined && daysIn(counts.days, since, m.view.lastDay) > 1;
    });
  if (connected) return undefined;
  const owners = m.view.contacts.filter(
    (contact) =>
      contact.roles?.includes('technical_owner') === true &&
      (contact.leftAt === undefined || contact.leftAt > m.view.today),
  );
  const owner = owners[0];
  const last = m.people.persons.find((each) => each.contactId === owner?.contactId)?.lastContactOn;
  const name = personName(owner);
  const touch = last === undefined ? 'no contact recorded' : `last contact ${formatDay(last)}`;
  const why =
    name === undefined
      ? `no technical owner is recorded at ${subject.name}, and ${proposal.what} needs engineers to connect it`
      : `${name} is the ${owners.length === 1 ? 'only' : 'first'} technical owner (${touch}), and no integration work is on record for ${subject.knobs.noteDays} days`;
  const gatingAction =
    name === undefined
      ? `${subject.name} names an engineer with time and a date in writing before the trial; without one, no trial and no commercial proposal`
      : `${name} confirms engineering capacity, an engineer and a date, in writing before the trial; without it, no trial and no commercial proposal`;
  return {
    id: 'technical_capacity',
    risk: `Engineering capacity to take up ${proposal.what}`,
    why,
    gatingAction,
    evidence: [
      ...records(
        'contacts',
        owners.map((contact) => contact.contactId),
      ),
      usageEvidence(subject, subject.knobs.noteDays),
    ],
  };
}

function onboarding(subject: PlanSubject, { type, addedSeats }: Proposal): Risk | undefined {
  if (type !== 'seats' || addedSeats === undefined || addedSeats === 0) return undefined;
  const best = fastestMonth(subject);
  const ownerName = ownerOf(subject, 'onboarding').shown;
  const pace =
    best === undefined ? '' : `; the most that joined within 30 days so far: ${best.users} (to ${formatDay(best.day)})`;
  return {
    id: 'onboarding_load',
    risk: 'Onboarding and training load',
    why: `${plural(addedSeats, 'new user')} ${addedSeats === 1 ? 'joins' : 'join'} ${grouped(subject.m.seats.active.value ?? 0)} active ones${pace}`,
    gatingAction: `a rollout plan with names, dates and trainers, agreed with ${ownerName}, before the commercial proposal`,
    evidence: [usageEvidence(subject, 30)],
  };
}

/** Most users first seen within 30 days, after the account's own first 30. */
function fastestMonth({ m }: PlanSubject): { users: number; day: Day } | undefined {
  const { history, lastDay } = m.view;
  let best: { users: number; day: Day } | undefined;
  for (let day = history.start + 60; day <= lastDay; day++) {
    const users = history.usersSeen[day - history.start]! - history.usersSeen[day - history.start - 30]!;
    if (best === undefined || users > best.users) best = { users, day };
  }
  return best === undefined || best.users <= 0 ? undefined : best;
}

/** A module without a workflow to live in: no open goal of its kind, no use next to it. */
function workflowFit(subject: PlanSubject, { type, plan, featureId, what, anchor }: Proposal): Risk | undefined {
  if (type !== 'cross_sell') return undefined;
  const { m, workspace } = subject;
  const features = workspace.catalogue.features.filter(
    (each) => each.product === plan?.product || each.id === featureId,
  );
  const tags = new Set(features.flatMap((each) => each.tags));
  const open = m.view.goals.filter((goal) => goalState(goal, m.view.today) === 'open');
  const matching = open.filter((goal) => goal.tags?.some((tag) => tags.has(tag)) === true);
  const used = m.multiProduct.fit.value;
  const isProven =
    matching.length > 0 &&
    used !== undefined &&
    used >= workspace.measures.multiProduct.opportunity &&
    anchor.askedIn !== null;
  if (isProven) return undefined;
  const goals =
    open.length === 0
      ? 'no goal is open'
      : `${matching.length} of ${plural(open.length, 'open goal')} ${matching.length === 1 ? 'shares' : 'share'} its purpose`;
  const fitText = used === undefined ? 'the fit cannot be measured yet' : `the measured fit is ${used} of 100`;
  return {
    id: 'workflow_fit',
    risk: `Workflow for ${what}`,
    why: `${goals}, and ${fitText}`,
    gatingAction: `one use case walked through with the people who would do it, with a measure they accept, before the trial`,
    evidence: [
      ...records(
        'goals',
        open.map((goal) => goal.goalId),
      ),
      ...records('notes', anchor.askedIn === null ? [] : [anchor.askedIn]),
    ],
  };
}

const LONG_TERM_DAYS = 365;
const SOON_DAYS = 120;

/** Terms that bind longer, or to more, than the customer can know today. */
function flexibility(subject: PlanSubject, proposal: Proposal): Risk | undefined {
  const { m } = subject;
  const { renewalDate } = m.contract;
  const base = { id: 'contract_flexibility' as const, evidence: [subscriptionEvidence(subject)] };
  const notes = m.view.notes.filter(
    (note) =>
      note.tags?.some((tag) => tag === 'reorganisation' || tag === 'price_objection') === true &&
      noteDay(subject, note) >= subject.today - subject.knobs.noteDays,
  );
  if (proposal.type === 'contract') {
    const changed =
      notes.length === 0
        ? `what ${subject.name} needs may change within a longer term`
        : `needs may change: ${plural(notes.length, 'recent note')} on reorganisation or price`;
    const until = renewalDate === undefined ? '' : `; today's term ends on ${formatDay(renewalDate)}`;
    return {
      ...base,
      risk: 'A longer term outlives the need',
      why: `${changed}${until}`,
      gatingAction: 'a clause that lets seats and scope be adjusted once a year, before any term is signed',
      evidence: [
        ...base.evidence,
        ...records(
          'notes',
          notes.map((note) => note.noteId),
        ),
      ],
    };
  }
  if (proposal.type === 'upgrade') {
    const use = m.limits.meters.find((each) => each.meterId === proposal.meterId);
    const limit = proposal.meterId === undefined ? undefined : proposal.plan?.limits[proposal.meterId];
    const projected = use === undefined ? undefined : projectedUse(use);
    if (typeof limit === 'number' && projected !== undefined && projected < 0.5 * limit) {
      const shareText = percent(projected / limit);
      return {
        ...base,
        risk: 'Volume committed beyond the need',
        why: `${planWords(proposal.plan!.id)} holds ${grouped(limit)} ${words(use!.meterId)}; the present pace fills ${shareText} of it`,
        gatingAction: 'a smaller volume or a step-down clause offered first, and the pace confirmed by the customer',
        evidence: [...base.evidence, usageEvidence(subject, 30)],
      };
    }
  }
  if (renewalDate === undefined || renewalDate <= subject.today || proposal.type === 'advocacy') return undefined;
  const left = renewalDate - subject.today;
  if (left > LONG_TERM_DAYS && proposal.type !== 'seats') {
    return {
      ...base,
      risk: 'A change in mid-term',
      why: `the term runs to ${formatDay(renewalDate)}, ${plural(Math.floor(left / 30.44), 'month')} away, so ${proposal.what} would bind as long`,
      gatingAction: 'a right to step back at the end of the first year, in the proposal',
    };
  }
  if (left > SOON_DAYS) return undefined;
  return {
    ...base,
    risk: 'The renewal is near',
    why: `the contract renews on ${formatDay(renewalDate)}, in ${plural(left, 'day')}: two negotiations at once`,
    gatingAction: 'one proposal that covers both, with a clause for changes in scope',
  };
}
