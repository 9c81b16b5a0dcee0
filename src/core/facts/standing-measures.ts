/**
 * The measures of one account that rest on its records, each kept from one day to the next for as long as it stands. Views
 * may be taken in any order: what does not stand on a view's day, or was made from other records, is made anew.
 */
import type { Feature } from '../catalogue/catalogue.ts';
import type { ConversationFacts } from '../guardrails/guardrails.ts';
import type { Truth } from '../policy/policy.ts';
import { type Activation, activation, activationHorizon } from '../scores/activation.ts';
import {
  type FeaturesUsed,
  featuresUsed,
  featuresUsedHorizon,
  provisionedHorizon,
  provisionedUsers,
  relevantFeatures,
} from '../scores/adoption.ts';
import { type Commercial, commercial, commercialHorizon } from '../scores/commercial.ts';
import { type CompetitorSignal, competitorSignals, competitorsHorizon } from '../scores/competitors.ts';
import { usersReadyForUnlock, usersReadyHorizon } from '../scores/disclosure.ts';
import { type Escalation, escalation } from '../scores/escalation.ts';
import type { FirstDays } from '../scores/first-days.ts';
import type { PartScore } from '../scores/number.ts';
import type { OrganicRecords } from '../scores/organic.ts';
import { organicHorizon, organicRecords } from '../scores/organic-records.ts';
import { outcomes, outcomesHorizon } from '../scores/outcomes.ts';
import { type People, peopleHorizon, peopleOf } from '../scores/people.ts';
import {
  type RecordSignalInputs,
  type RecordSignals,
  recordSignals,
  recordSignalsHorizon,
} from '../scores/record-signals.ts';
import { relationship, relationshipHorizon } from '../scores/relationship.ts';
import { meetingScore, meetingsHorizon, supportHorizon, supportScore } from '../scores/support.ts';
import { type TrialSignals, trialHorizon, trialSignals } from '../scores/trial-signals.ts';
import type { Contract } from './contract.ts';
import { blockersHorizon, latestTagValue, openBlockers, statedTimeline, type TaggedBlocker } from './note-tags.ts';
import { type MultiProductFacts, multiProductFacts, multiProductHorizon } from './product-facts.ts';
import {
  type ImpactFacts,
  impactFacts,
  impactHorizon,
  type OnboardingFacts,
  onboardingFacts,
  onboardingFactsHorizon,
} from './skill-facts.ts';
import { type Question, type Standing, stands } from './standing.ts';
import type { AccountView, Known, Workspace } from './view.ts';

/** Ids of the plans in force. */
type Plans = ReadonlySet<string>;

interface Asked<T, From> extends Question<T, From> {
  /** Where its answer is kept. */
  slot: number;
}

let slots = 0;

function question<T, From = undefined>({ isSame, find, look }: Question<T, From>): Asked<T, From> {
  return { slot: slots++, isSame, find, look };
}

const NO_PLANS: Plans = new Set();

const plans = question<Plans, Contract>({
  isSame: (kept, _view, contract) => kept.from === contract,
  find: (_view, _workspace, { planIds }) => (planIds.length === 0 ? NO_PLANS : new Set(planIds)),
});

const people = question<People>({
  isSame: ({ view }, { contacts, notes, history }) =>
    view.contacts === contacts && view.notes === notes && view.history === history,
  find: peopleOf,
  look: (horizon, { view, value }, workspace) => peopleHorizon(view, workspace, value, horizon),
});

/** From: the users seen in events up to D. */
const provisioned = question<Known<number>, number | undefined>({
  isSame: ({ view, from }, { contacts, history }, seen) =>
    from === seen && view.contacts === contacts && view.history === history,
  find: provisionedUsers,
  look: (horizon, { view }) => provisionedHorizon(view, horizon),
});

const relevant = question<readonly Feature[], Plans>({
  isSame: ({ view, from }, { goals }, now) => from === now && view.goals === goals,
  find: relevantFeatures,
  look: (horizon, _kept, { catalogue }) => {
    if (catalogue.featuresDefaulted) horizon.daily(); // they follow from the use of all accounts
  },
});

const features = question<FeaturesUsed, { relevant: readonly Feature[]; plans: Plans }>({
  isSame: ({ view, from }, { history, dataFrom }, now) =>
    from.relevant === now.relevant &&
    from.plans === now.plans &&
    view.history === history &&
    view.dataFrom === dataFrom,
  find: (view, workspace, from) => featuresUsed(view, workspace, from.relevant, from.plans),
  look: (horizon, { view, value }, workspace) => featuresUsedHorizon(view, workspace, value, horizon),
});

const usersReady = question<Known<number>, Plans>({
  isSame: ({ view, from }, { history }, now) => from === now && view.history === history,
  find: usersReadyForUnlock,
  look: (horizon, { view, from }, workspace) => usersReadyHorizon(view, workspace, from, horizon),
});

/** `first`: the first days of the view's history. */
const activationAsked = question<Activation, { first: FirstDays; contract: Contract }>({
  isSame: ({ view, from }, { usageGap }, now) =>
    from.first === now.first &&
    (from.contract.seats === 1) === (now.contract.seats === 1) &&
    view.usageGap === usageGap,
  find: (view, workspace, from) => activation(view, workspace, from.contract, from.first),
  look: (horizon, { from }) => activationHorizon(from.first, horizon),
});

const escalationAsked = question<Escalation>({
  isSame: ({ view }, { tickets, incidents }) => view.tickets === tickets && view.incidents === incidents,
  find: escalation,
});

const competitors = question<CompetitorSignal[]>({
  isSame: ({ view }, { notes, tickets, surveys }) =>
    view.notes === notes && view.tickets === tickets && view.surveys === surveys,
  find: competitorSignals,
  look: (horizon, { value }, { measures }) => competitorsHorizon(measures, value, horizon),
});

const signals = question<RecordSignals, RecordSignalInputs>({
  isSame: ({ view, from }, { contacts, invoices, notes, surveys, tickets }, now) =>
    from.people === now.people &&
    from.competitors === now.competitors &&
    from.escalation === now.escalation &&
    from.pastDue === now.pastDue &&
    view.contacts === contacts &&
    view.invoices === invoices &&
    view.notes === notes &&
    view.surveys === surveys &&
    view.tickets === tickets,
  find: (_view, _workspace, inputs) => recordSignals(inputs),
  look: (horizon, { view }, workspace) => recordSignalsHorizon(view, workspace, horizon),
});

const organic = question<OrganicRecords, { plans: Plans; people: People }>({
  isSame: ({ view, from }, { notes, surveys }, now) =>
    from.plans === now.plans && from.people === now.people && view.notes === notes && view.surveys === surveys,
  find: (view, workspace, from) => organicRecords(view, workspace, from.plans, from.people),
  look: (horizon, { view }, workspace) => organicHorizon(view, workspace, horizon),
});

const meetings = question<PartScore<'meetings'>>({
  isSame: ({ view }, { notes }) => view.notes === notes,
  find: meetingScore,
  look: (horizon, { view }, workspace) =>
    meetingsHorizon(view, workspace, workspace.measures.health.engagement.meetingDays, horizon),
});

const support = question<PartScore<'support'>>({
  isSame: ({ view }, { tickets, incidents }) => view.tickets === tickets && view.incidents === incidents,
  find: supportScore,
  look: (horizon, { view }, workspace) => supportHorizon(view, workspace, horizon),
});

const relationshipAsked = question<ReturnType<typeof relationship>, People>({
  isSame: ({ view, from }, { surveys, tickets }, now) =>
    from === now && view.surveys === surveys && view.tickets === tickets,
  find: relationship,
  look: (horizon, { view }, workspace) => relationshipHorizon(view, workspace, horizon),
});

const outcomesAsked = question<PartScore>({
  isSame: ({ view }, { goals }) => view.goals === goals,
  find: outcomes,
  look: (horizon, { view }, workspace) => outcomesHorizon(view, workspace, horizon),
});

const commercialAsked = question<Commercial, Contract>({
  isSame: ({ view, from }, { invoices, notes, tickets }, contract) =>
    from === contract && view.invoices === invoices && view.notes === notes && view.tickets === tickets,
  find: (view, workspace, contract) => commercial(view, workspace, contract, false),
  look: (horizon, { view, from }, workspace) => commercialHorizon(view, workspace, from, horizon),
});

const onboarding = question<OnboardingFacts, Activation>({
  isSame: ({ view, from }, { account, contacts, notes, history }, now) =>
    from === now &&
    view.account === account &&
    view.contacts === contacts &&
    view.notes === notes &&
    view.history === history,
  find: onboardingFacts,
  look: (horizon, { view, value }, workspace) => onboardingFactsHorizon(view, workspace, value, horizon),
});

const impact = question<ImpactFacts, { activation: Activation; contract: Contract }>({
  isSame: ({ view, from }, { account }, now) =>
    from.activation === now.activation && from.contract === now.contract && view.account === account,
  find: (view, workspace, from) => impactFacts(view, workspace, from.activation, from.contract),
  look: (horizon, { view, from }) => impactHorizon(view, from.activation, horizon),
});

const multiProduct = question<MultiProductFacts, Contract>({
  isSame: ({ view, from }, { account, goals, notes, history }, contract) =>
    from === contract &&
    view.account === account &&
    view.goals === goals &&
    view.notes === notes &&
    view.history === history,
  find: multiProductFacts,
  look: (horizon, { view }, workspace) => multiProductHorizon(view, workspace, horizon),
});

/** From: is any limit half used? */
const trial = question<TrialSignals, Truth>({
  isSame: ({ view, from }, { history }, halfUsed) => from === halfUsed && view.history === history,
  find: trialSignals,
  look: (horizon, { view }, workspace) => trialHorizon(view, workspace, horizon),
});

const blockers = question<TaggedBlocker[]>({
  isSame: ({ view }, { notes }) => view.notes === notes,
  find: ({ notes, today }, { measures, clock }) => openBlockers(notes, today, measures.health.signalDays, clock),
  look: (horizon, { view }, { measures, clock }) =>
    blockersHorizon(view.notes, measures.health.signalDays, clock, horizon),
});

const budgetTiming = question<string | undefined>({
  isSame: ({ view }, { notes }) => view.notes === notes,
  find: ({ notes }) => latestTagValue(notes, 'budget_timing')?.value,
});

const conversation = question<Omit<ConversationFacts, 'gates'>, { activation: Activation; escalation: Escalation }>({
  isSame: ({ view, from }, { account, notes }, now) =>
    from.activation === now.activation &&
    from.escalation === now.escalation &&
    view.account === account &&
    view.notes === notes,
  find: ({ account, notes }, _workspace, from) => ({
    milestoneReached: from.activation.milestone.reached === true,
    openEscalations: from.escalation.openTickets,
    openIncidents: from.escalation.openIncidents,
    escalationClosedOn: from.escalation.closedOn,
    timelineFrom: statedTimeline(notes),
    quietUntil: account.quietUntil,
  }),
});

/** Everything that `StandingMeasures` can be asked. */
export const QUESTIONS = {
  plans,
  people,
  provisioned,
  relevant,
  features,
  usersReady,
  activation: activationAsked,
  escalation: escalationAsked,
  competitors,
  signals,
  organic,
  meetings,
  support,
  relationship: relationshipAsked,
  outcomes: outcomesAsked,
  commercial: commercialAsked,
  onboarding,
  impact,
  multiProduct,
  trial,
  blockers,
  budgetTiming,
  conversation,
};

/** Copied for every account: a list of this length grows no more. */
const NOTHING_KEPT: readonly undefined[] = Object.values(QUESTIONS).map(() => undefined);

export class StandingMeasures {
  readonly workspace: Workspace;
  readonly #kept: unknown[] = NOTHING_KEPT.slice();

  constructor(workspace: Workspace) {
    this.workspace = workspace;
  }

  /** The answer kept, if it stands on the view's day and was made from these very objects; else it is found anew. */
  ask<T>(question: Asked<T, undefined>, view: AccountView): T;
  ask<T, From>(question: Asked<T, From>, view: AccountView, from: From): T;
  ask<T, From>(question: Asked<T, From | undefined>, view: AccountView, from?: From): T {
    const kept = this.#kept[question.slot] as Standing<T, From | undefined> | undefined;
    if (kept !== undefined && stands(kept, question, view, from, this.workspace)) return kept.value;
    const value = question.find(view, this.workspace, from);
    this.#kept[question.slot] = { value, view, from, until: undefined } satisfies Standing<T, From | undefined>;
    return value;
  }
}
