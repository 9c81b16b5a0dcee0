/** Every measure of one account at one instant: the scores of skills.md part A, each computed once. */
import type { ConversationFacts } from '../guardrails/guardrails.ts';
import { activeDaysIn } from '../history/windows.ts';
import type { Measures } from '../policy/measures.ts';
import { majorUnits } from '../records/money.ts';
import type { Activation } from '../scores/activation.ts';
import { type Adoption, adoption as adoptionOf, usersSeen } from '../scores/adoption.ts';
import { type CompetitorLevel, type CompetitorSignal, worstLevel } from '../scores/competitors.ts';
import { type Escalation, upgradeEligibleFrom } from '../scores/escalation.ts';
import { firstDays } from '../scores/first-days.ts';
import { type Health, health as healthOf } from '../scores/health.ts';
import { type Limits, limitUse } from '../scores/limits.ts';
import { type Organic, organicSignals } from '../scores/organic.ts';
import type { People } from '../scores/people.ts';
import {
  conversationHolds,
  type ExpansionValue,
  expansionGates,
  expansionValue,
  type Gate,
  type Readiness,
  readiness as readinessOf,
} from '../scores/readiness.ts';
import { type Seats, seatUse } from '../scores/seats.ts';
import { type ChurnSignal, churnSignals } from '../scores/signals.ts';
import { type StandingCliff, standingCliff } from '../scores/standing-cliff.ts';
import { type Cliff, type Plateau, plateau as plateauOf, type Trend, usageCliff, usageTrend } from '../scores/trend.ts';
import { limitHalfUsed, type TrialSignals } from '../scores/trial-signals.ts';
import { type Day, formatDay, type Instant } from '../time/calendar.ts';
import { alone, type Turns } from '../turns.ts';
import type { AccountSource } from './account-source.ts';
import type { Contract } from './contract.ts';
import type { TaggedBlocker } from './note-tags.ts';
import { type ContractSpan, spanOn } from './plan-timeline.ts';
import type { MultiProductFacts } from './product-facts.ts';
import { type ImpactFacts, type OnboardingFacts, type RiskFacts, riskFacts } from './skill-facts.ts';
import { QUESTIONS, type StandingMeasures } from './standing-measures.ts';
import { type AccountView, type Known, kindGap, known, unknown, type Workspace } from './view.ts';

export interface AccountMeasures {
  view: AccountView;
  measures: Measures;
  catalogueHash: string;
  subscriptionsImported: boolean;
  createdOn: Day;
  contract: Contract;
  /** Why the contract is unknown; undefined where subscriptions are imported. */
  subscriptionGap: string | undefined;
  ticketGap: string | undefined;
  incidentGap: string | undefined;
  noteGap: string | undefined;
  arrMajor: number | undefined;
  people: People;
  activation: Activation;
  trial: TrialSignals;
  adoption: Adoption;
  activeDays90: number | undefined;
  trend: Trend;
  plateau: Plateau;
  cliff: Cliff;
  /** A fall of the past weeks that still stands; undefined: none. */
  standingCliff: StandingCliff | undefined;
  seats: Seats;
  limits: Limits;
  usersReady: Known<number>;
  escalation: Escalation;
  competitorLevel: Known<CompetitorLevel | 'none'>;
  signals: ChurnSignal[];
  health: Health;
  organic: Organic;
  readiness: Readiness;
  gates: Gate[];
  value: ExpansionValue;
  onboarding: OnboardingFacts;
  impact: ImpactFacts;
  multiProduct: MultiProductFacts;
  risk: RiskFacts;
  blockers: TaggedBlocker[];
  budgetTiming: string | undefined;
  conversation: ConversationFacts;
  assumptions: string[];
}

export function measureAccount(
  source: AccountSource,
  instant: Instant,
  today: Day,
  workspace: Workspace,
): AccountMeasures {
  return alone(measureInTurns(source, instant, today, workspace));
}

/** The same, step by step. */
export function* measureInTurns(
  source: AccountSource,
  instant: Instant,
  today: Day,
  workspace: Workspace,
): Turns<AccountMeasures> {
  const view = source.viewAt(instant, today);
  yield;
  const spans = source.contractsAt(instant);
  const contract = spanOn(spans, today)!.contract;
  const standing = source.standingIn(workspace);
  const plans = standing.ask(QUESTIONS.plans, view, contract);
  const use = usageMeasures(view, standing, contract, spans, plans);
  yield;
  const base = baseMeasures(view, standing, contract, plans, use);
  yield;
  const judged = judge(view, standing, contract, base);
  yield;
  const { competitors, people, trend, activation, seats, limits } = base;
  const { health, signals } = judged;
  // Field by field: spreading objects of this size costs more than most of the scores in them.
  return {
    adoption: base.adoption,
    activeDays90: base.activeDays90,
    trend,
    plateau: base.plateau,
    cliff: base.cliff,
    standingCliff: base.standingCliff,
    seats,
    limits,
    usersReady: base.usersReady,
    people,
    activation,
    escalation: base.escalation,
    signals,
    health,
    organic: judged.organic,
    readiness: judged.readiness,
    gates: judged.gates,
    conversation: judged.conversation,
    subscriptionGap: kindGap('subscriptions', view, workspace),
    ticketGap: kindGap('tickets', view, workspace),
    incidentGap: kindGap('incidents', view, workspace),
    noteGap: kindGap('notes', view, workspace),
    view,
    measures: workspace.measures,
    catalogueHash: workspace.catalogue.hash,
    subscriptionsImported: workspace.kinds.has('subscriptions'),
    createdOn: workspace.clock.dayOf(view.account.createdAt),
    contract,
    arrMajor: contract.arrMinor === undefined ? undefined : majorUnits(contract.arrMinor, contract.currency),
    trial: standing.ask(QUESTIONS.trial, view, limitHalfUsed(limits, workspace)),
    competitorLevel: competitorLevel(view, workspace, worstLevel(competitors)),
    value: expansionValue(
      workspace,
      seats,
      workspace.catalogue.plans.find((plan) => plan.id === contract.planId),
    ),
    onboarding: standing.ask(QUESTIONS.onboarding, view, activation),
    impact: standing.ask(QUESTIONS.impact, view, { activation, contract }),
    multiProduct: standing.ask(QUESTIONS.multiProduct, view, contract),
    risk: riskFacts(view, workspace, { contract, health, signals }),
    blockers: standing.ask(QUESTIONS.blockers, view),
    budgetTiming: standing.ask(QUESTIONS.budgetTiming, view),
    assumptions: assumptionsOf(workspace),
  };
}

type BaseMeasures = UsageMeasures &
  Pick<AccountMeasures, 'people' | 'activation' | 'escalation'> & {
    plans: ReadonlySet<string>;
    competitors: CompetitorSignal[];
  };

/** What the records and the use say by themselves. */
function baseMeasures(
  view: AccountView,
  standing: StandingMeasures,
  contract: Contract,
  plans: ReadonlySet<string>,
  use: UsageMeasures,
): BaseMeasures {
  const { workspace } = standing;
  return {
    adoption: use.adoption,
    activeDays90: use.activeDays90,
    trend: use.trend,
    plateau: use.plateau,
    cliff: use.cliff,
    standingCliff: use.standingCliff,
    seats: use.seats,
    limits: use.limits,
    usersReady: use.usersReady,
    plans,
    people: standing.ask(QUESTIONS.people, view),
    activation: standing.ask(QUESTIONS.activation, view, { first: firstDays(view, workspace), contract }),
    escalation: standing.ask(QUESTIONS.escalation, view),
    competitors: standing.ask(QUESTIONS.competitors, view),
  };
}

type Judged = Pick<AccountMeasures, 'signals' | 'health' | 'organic' | 'readiness' | 'gates' | 'conversation'>;

/** What follows from it: signals, health, readiness, gates. */
function judge(view: AccountView, standing: StandingMeasures, contract: Contract, base: BaseMeasures): Judged {
  const { adoption, trend, seats, limits, people, plans, activation } = base;
  const { workspace } = standing;
  const signals = signalsOf(view, standing, contract, base);
  const relationship = standing.ask(QUESTIONS.relationship, view, people);
  const health = healthOf(view, workspace, {
    adoption,
    trend,
    meetings: standing.ask(QUESTIONS.meetings, view),
    support: standing.ask(QUESTIONS.support, view),
    relationship,
    outcomes: standing.ask(QUESTIONS.outcomes, view),
    commercial: standing.ask(QUESTIONS.commercial, view, contract),
    signals,
  });
  const organic = organicSignals({
    view,
    workspace,
    adoption,
    limits,
    seats,
    records: standing.ask(QUESTIONS.organic, view, { plans, people }),
  });
  const survey = relationship.parts.survey;
  const sentiment: Known<number> =
    survey?.value === undefined ? unknown(survey?.reason ?? 'no survey answers') : known(survey.value);
  const conversation = standing.ask(QUESTIONS.conversation, view, { activation, escalation: base.escalation });
  const holds = holdsOf(view, workspace, conversation, activation);
  const gates = expansionGates({ workspace, seats, health, signals, people, adoption, organic, holds });
  return {
    signals,
    health,
    organic,
    readiness: readinessOf({ workspace, adoption, seats, limits, health, sentiment, people, organic }),
    gates,
    conversation: {
      milestoneReached: conversation.milestoneReached,
      openEscalations: conversation.openEscalations,
      openIncidents: conversation.openIncidents,
      escalationClosedOn: conversation.escalationClosedOn,
      timelineFrom: conversation.timelineFrom,
      quietUntil: conversation.quietUntil,
      gates,
    },
  };
}

function signalsOf(
  view: AccountView,
  standing: StandingMeasures,
  { pastDue }: Contract,
  base: BaseMeasures,
): ChurnSignal[] {
  const { workspace } = standing;
  const { adoption, trend, cliff, standingCliff, people, competitors, escalation } = base;
  const ofRecords = { view, workspace, people, competitors, escalation, pastDue };
  const ofUse = { view, workspace, adoption, trend, cliff, standingCliff };
  return churnSignals(ofUse, standing.ask(QUESTIONS.signals, view, ofRecords));
}

/** That nobody was named is known as long as the customer can be heard at all: in notes or in tickets. */
function competitorLevel(
  view: AccountView,
  workspace: Workspace,
  level: CompetitorLevel | 'none',
): AccountMeasures['competitorLevel'] {
  const gap = kindGap('notes', view, workspace);
  const deaf = gap !== undefined && kindGap('tickets', view, workspace) !== undefined;
  return level === 'none' && deaf ? unknown(gap) : known(level);
}

type UsageMeasures = Pick<
  AccountMeasures,
  'adoption' | 'activeDays90' | 'trend' | 'plateau' | 'cliff' | 'standingCliff' | 'seats' | 'limits' | 'usersReady'
>;

function usageMeasures(
  view: AccountView,
  standing: StandingMeasures,
  contract: Contract,
  spans: readonly ContractSpan[],
  plans: ReadonlySet<string>,
): UsageMeasures {
  const { workspace } = standing;
  const trend = usageTrend(view, workspace);
  const relevant = standing.ask(QUESTIONS.relevant, view, plans);
  const used = standing.ask(QUESTIONS.features, view, { relevant, plans });
  const provisioned = standing.ask(QUESTIONS.provisioned, view, usersSeen(view));
  const adoption = adoptionOf(view, workspace, used, provisioned);
  const regularityDays = Math.min(workspace.measures.health.engagement.regularityDays, view.daysOfData);
  const anchor = contract.inForce[0] === undefined ? undefined : workspace.clock.dayOf(contract.inForce[0].startedAt);
  return {
    adoption,
    activeDays90:
      regularityDays === 0 || view.usageGap !== undefined
        ? undefined
        : activeDaysIn(view.history, view.lastDay - regularityDays + 1, view.lastDay),
    trend,
    plateau: plateauOf(view, workspace, adoption.newRelevantFeature, adoption.score),
    cliff: usageCliff(view, workspace),
    standingCliff: standingCliff(view, workspace, trend),
    seats: seatUse(view, workspace, spans, adoption.monthlyActiveUsers, adoption.provisionedUsers),
    limits: limitUse(view, workspace, contract.inForce.length === 0 ? undefined : contract.limits, anchor),
    usersReady: standing.ask(QUESTIONS.usersReady, view, plans),
  };
}

function holdsOf(
  view: AccountView,
  { guardrails }: Workspace,
  facts: Omit<ConversationFacts, 'gates'>,
  activation: Activation,
): string[] {
  return conversationHolds(view, {
    milestoneReached: activation.milestone.reached,
    openEscalations: facts.openEscalations,
    openIncidents: facts.openIncidents,
    eligibleFrom:
      facts.escalationClosedOn === undefined
        ? undefined
        : upgradeEligibleFrom(facts.escalationClosedOn, guardrails.escalationCooldownDays),
    timelineFrom: facts.timelineFrom,
    format: formatDay,
  });
}

/** Which default stood in where the workspace says nothing (contract.md section 1). */
function assumptionsOf({ catalogue, kinds }: Workspace): string[] {
  const assumptions: string[] = [];
  if (catalogue.featuresDefaulted) assumptions.push('no features in the catalogue: each event name is a feature');
  if (catalogue.milestonesDefaulted)
    assumptions.push('no milestones in the catalogue: first value is the third day with two or more features');
  if (!kinds.has('subscriptions'))
    assumptions.push('no subscriptions imported: accounts begin in onboarding and churn cannot be seen');
  return assumptions;
}
