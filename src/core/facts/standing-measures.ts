/**
 * The measures of one account that rest on its records, each kept from one day to the next for as long as it stands. Views
 * may be taken in any order: what does not stand on a view's day, or was made from other records, is made anew.
 */
import type { ConversationFacts } from '../guardrails/guardrails.ts';
import type { Truth } from '../policy/policy.ts';
import type { Activation } from '../scores/activation.ts';
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
import { Standing } from './standing.ts';
import type { AccountView, Known, Workspace } from './view.ts';

export class StandingMeasures {
  readonly workspace: Workspace;
  readonly #people = new Standing<People>();
  readonly #provisioned = new Standing<Known<number>>();
  readonly #features = new Standing<FeaturesUsed>();
  readonly #usersReady = new Standing<Known<number>>();
  readonly #escalation = new Standing<Escalation>();
  readonly #competitors = new Standing<CompetitorSignal[]>();
  readonly #signals = new Standing<RecordSignals>();
  readonly #organic = new Standing<OrganicRecords>();
  readonly #meetings = new Standing<PartScore<'meetings'>>();
  readonly #support = new Standing<PartScore<'support'>>();
  readonly #relationship = new Standing<ReturnType<typeof relationship>>();
  readonly #outcomes = new Standing<PartScore>();
  readonly #commercial = new Standing<Commercial>();
  readonly #onboarding = new Standing<OnboardingFacts>();
  readonly #impact = new Standing<ImpactFacts>();
  readonly #multiProduct = new Standing<MultiProductFacts>();
  readonly #trial = new Standing<TrialSignals>();
  readonly #blockers = new Standing<TaggedBlocker[]>();
  readonly #budgetTiming = new Standing<{ value: string | undefined }>();
  readonly #conversation = new Standing<Omit<ConversationFacts, 'gates'>>();

  constructor(workspace: Workspace) {
    this.workspace = workspace;
  }

  people(view: AccountView): People {
    const kept = this.#people.on(view.today, view.contacts, view.notes, view.history);
    if (kept !== undefined) return kept;
    const people = peopleOf(view, this.workspace);
    return this.#people.keep(people, view, (horizon) => peopleHorizon(view, this.workspace, people, horizon));
  }

  provisionedUsers(view: AccountView): Known<number> {
    const { history, lastDay } = view;
    const seen = history.usersSeen[Math.min(lastDay - history.start, history.length - 1)];
    const kept = this.#provisioned.on(view.today, view.contacts, history, seen);
    if (kept !== undefined) return kept;
    return this.#provisioned.keep(provisionedUsers(view, this.workspace), view, (horizon) =>
      provisionedHorizon(view, horizon),
    );
  }

  features(view: AccountView, plans: ReadonlySet<string>): FeaturesUsed {
    const relevant = relevantFeatures(view, this.workspace, plans);
    const kept = this.#features.on(view.today, relevant, plans, view.history, view.dataFrom);
    if (kept !== undefined) return kept;
    const used = featuresUsed(view, this.workspace, relevant, plans);
    return this.#features.keep(used, view, (horizon) => featuresUsedHorizon(view, this.workspace, used, horizon));
  }

  usersReady(view: AccountView, plans: ReadonlySet<string>): Known<number> {
    const kept = this.#usersReady.on(view.today, plans, view.history);
    if (kept !== undefined) return kept;
    return this.#usersReady.keep(usersReadyForUnlock(view, this.workspace, plans), view, (horizon) =>
      usersReadyHorizon(view, this.workspace, plans, horizon),
    );
  }

  escalation(view: AccountView): Escalation {
    const kept = this.#escalation.on(view.today, view.tickets, view.incidents);
    return kept ?? this.#escalation.keep(escalation(view, this.workspace), view);
  }

  competitors(view: AccountView): CompetitorSignal[] {
    const kept = this.#competitors.on(view.today, view.notes, view.tickets, view.surveys);
    if (kept !== undefined) return kept;
    const signals = competitorSignals(view, this.workspace);
    return this.#competitors.keep(signals, view, (horizon) =>
      competitorsHorizon(this.workspace.measures, signals, horizon),
    );
  }

  signals(inputs: RecordSignalInputs): RecordSignals {
    const { view, people, competitors, escalation, pastDue } = inputs;
    const kept = this.#signals.on(
      view.today,
      people,
      competitors,
      escalation,
      pastDue,
      view.contacts,
      view.invoices,
      view.notes,
      view.surveys,
      view.tickets,
    );
    if (kept !== undefined) return kept;
    return this.#signals.keep(recordSignals(inputs), view, (horizon) =>
      recordSignalsHorizon(view, this.workspace, horizon),
    );
  }

  organic(view: AccountView, plans: ReadonlySet<string>, people: People): OrganicRecords {
    const kept = this.#organic.on(view.today, plans, people, view.notes, view.surveys);
    if (kept !== undefined) return kept;
    return this.#organic.keep(organicRecords(view, this.workspace, plans, people), view, (horizon) =>
      organicHorizon(view, this.workspace, horizon),
    );
  }

  meetings(view: AccountView): PartScore<'meetings'> {
    const kept = this.#meetings.on(view.today, view.notes);
    if (kept !== undefined) return kept;
    return this.#meetings.keep(meetingScore(view, this.workspace), view, (horizon) =>
      meetingsHorizon(view, this.workspace, this.workspace.measures.health.engagement.meetingDays, horizon),
    );
  }

  support(view: AccountView): PartScore<'support'> {
    const kept = this.#support.on(view.today, view.tickets, view.incidents);
    if (kept !== undefined) return kept;
    return this.#support.keep(supportScore(view, this.workspace), view, (horizon) =>
      supportHorizon(view, this.workspace, horizon),
    );
  }

  relationship(view: AccountView, people: People): ReturnType<typeof relationship> {
    const kept = this.#relationship.on(view.today, people, view.surveys, view.tickets);
    if (kept !== undefined) return kept;
    return this.#relationship.keep(relationship(view, this.workspace, people), view, (horizon) =>
      relationshipHorizon(view, this.workspace, horizon),
    );
  }

  outcomes(view: AccountView): PartScore {
    const kept = this.#outcomes.on(view.today, view.goals);
    if (kept !== undefined) return kept;
    return this.#outcomes.keep(outcomes(view, this.workspace), view, (horizon) =>
      outcomesHorizon(view, this.workspace, horizon),
    );
  }

  commercial(view: AccountView, contract: Contract): Commercial {
    const kept = this.#commercial.on(view.today, contract, view.invoices, view.notes, view.tickets);
    if (kept !== undefined) return kept;
    return this.#commercial.keep(commercial(view, this.workspace, contract, false), view, (horizon) =>
      commercialHorizon(view, this.workspace, contract, horizon),
    );
  }

  onboarding(view: AccountView, activation: Activation): OnboardingFacts {
    const kept = this.#onboarding.on(view.today, activation, view.account, view.contacts, view.notes, view.history);
    if (kept !== undefined) return kept;
    const facts = onboardingFacts(view, this.workspace, activation);
    return this.#onboarding.keep(facts, view, (horizon) =>
      onboardingFactsHorizon(view, this.workspace, facts, horizon),
    );
  }

  impact(view: AccountView, activation: Activation, contract: Contract): ImpactFacts {
    const kept = this.#impact.on(view.today, activation, contract, view.account);
    if (kept !== undefined) return kept;
    return this.#impact.keep(impactFacts(view, this.workspace, activation, contract), view, (horizon) =>
      impactHorizon(view, activation, horizon),
    );
  }

  multiProduct(view: AccountView, contract: Contract): MultiProductFacts {
    const kept = this.#multiProduct.on(view.today, contract, view.account, view.goals, view.notes, view.history);
    if (kept !== undefined) return kept;
    return this.#multiProduct.keep(multiProductFacts(view, this.workspace, contract), view, (horizon) =>
      multiProductHorizon(view, this.workspace, horizon),
    );
  }

  trial(view: AccountView, halfUsed: Truth): TrialSignals {
    const kept = this.#trial.on(view.today, halfUsed, view.history);
    if (kept !== undefined) return kept;
    return this.#trial.keep(trialSignals(view, this.workspace, halfUsed), view, (horizon) =>
      trialHorizon(view, this.workspace, horizon),
    );
  }

  blockers({ today, coverage, notes }: AccountView): TaggedBlocker[] {
    const kept = this.#blockers.on(today, notes);
    if (kept !== undefined) return kept;
    const { clock, measures } = this.workspace;
    return this.#blockers.keep(
      openBlockers(notes, today, measures.health.signalDays, clock),
      { today, coverage },
      (horizon) => blockersHorizon(notes, measures.health.signalDays, clock, horizon),
    );
  }

  budgetTiming(view: AccountView): string | undefined {
    const kept = this.#budgetTiming.on(view.today, view.notes);
    if (kept !== undefined) return kept.value;
    const value = latestTagValue(view.notes, 'budget_timing')?.value;
    return this.#budgetTiming.keep({ value }, view).value;
  }

  conversation(view: AccountView, activation: Activation, escalated: Escalation): Omit<ConversationFacts, 'gates'> {
    const kept = this.#conversation.on(view.today, activation, escalated, view.account, view.notes);
    if (kept !== undefined) return kept;
    const facts = {
      milestoneReached: activation.milestone.reached === true,
      openEscalations: escalated.openTickets,
      openIncidents: escalated.openIncidents,
      escalationClosedOn: escalated.closedOn,
      timelineFrom: statedTimeline(view.notes),
      quietUntil: view.account.quietUntil,
    };
    return this.#conversation.keep(facts, view);
  }
}
