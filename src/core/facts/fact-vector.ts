/** Puts an account's measures into the fact vector that conditions read. */
import type { Truth } from '../policy/policy.ts';
import { publish } from '../scores/number.ts';
import { isIdentified, type RoleReading } from '../scores/people.ts';
import type { FactValue, FactVector } from './fact.ts';
import { type FactName, factNames } from './fact-index.ts';
import { FACTS } from './facts.ts';
import type { AccountMeasures } from './measure-account.ts';
import type { Known } from './view.ts';

/** Facts that depend on the journey, not on the records alone. */
export interface JourneyFacts {
  daysInStage: number;
  inRenewal: boolean;
  renewalSigned: Truth;
  healthDropped: Truth;
}

const index = factNames();

class Writer {
  readonly values: (FactValue | undefined)[] = new Array(FACTS.length).fill(undefined);
  readonly reasons: (string | undefined)[] = new Array(FACTS.length).fill(undefined);

  put(name: FactName, value: FactValue | undefined, reason?: string): void {
    const i = index[name];
    this.values[i] = value;
    this.reasons[i] = value === undefined ? (reason ?? 'not known') : undefined;
  }

  known(name: FactName, known: Known<FactValue>): void {
    this.put(name, known.value, known.reason);
  }

  points(name: FactName, part: { score: number | undefined; reason?: string }): void {
    this.put(name, part.score === undefined ? undefined : publish(part.score), part.reason);
  }

  rounded(name: FactName, known: Known<number>): void {
    this.put(name, known.value === undefined ? undefined : publish(known.value), known.reason);
  }

  role(name: FactName, reading: RoleReading): void {
    this.put(name, isIdentified(reading), reading.reason);
  }
}

export function factsOf(m: AccountMeasures, journey: JourneyFacts): FactVector {
  const w = new Writer();
  timeAndContract(w, m, journey);
  activationFacts(w, m);
  useFacts(w, m);
  peopleAndHealth(w, m, journey);
  expansionFacts(w, m);
  instantFacts(w, m);
  return { values: w.values, reasons: w.reasons };
}

function timeAndContract(w: Writer, m: AccountMeasures, journey: JourneyFacts): void {
  const { view, contract, measures } = m;
  const age = Math.max(0, view.today - m.createdOn);
  w.put('day', age);
  w.put('days_since_signup', age);
  w.put('days_in_stage', journey.daysInStage);
  w.put('days_of_data', view.daysOfData);
  const gap = m.subscriptionGap;
  w.put('paid_subscription_in_force', gap === undefined ? contract.paidInForce : undefined, gap);
  w.put('subscription_in_force', gap === undefined ? contract.inForce.length > 0 : undefined, gap);
  w.put(
    'days_remaining',
    contract.trialEndsOn === undefined ? undefined : contract.trialEndsOn - view.today,
    gap ?? (contract.trialInForce ? 'the trial has no end date' : 'no trial in force'),
  );
  const days = contract.renewalDate === undefined ? undefined : contract.renewalDate - view.today;
  const renewalGap = gap ?? contract.renewalReason;
  const { approachingDays, qbrDays } = measures.renewal;
  w.put('days_to_renewal', days, renewalGap);
  // Without a paid contract, or month to month, there is nothing to renew: known, and not a gap in the data.
  const nothingToRenew = gap === undefined && (!contract.paidInForce || contract.monthToMonth);
  const within = (limit: number) => (days === undefined ? (nothingToRenew ? false : undefined) : days <= limit);
  w.put('contract_renewal_approaching', within(approachingDays), renewalGap);
  w.put('renewal_90_days_out', within(qbrDays), renewalGap);
  w.put(
    'renewal_signed',
    journey.inRenewal ? journey.renewalSigned : undefined,
    journey.inRenewal ? (renewalGap ?? 'no renewal date was known when the stage was entered') : 'not in renewal',
  );
  w.put(
    'licensed_seats',
    typeof contract.seats === 'number' ? contract.seats : undefined,
    gap ?? (contract.seats === 'unlimited' ? 'seats are unlimited' : contract.seatsReason),
  );
  w.put('arr', m.arrMajor, gap ?? contract.arrReason);
}

function activationFacts(w: Writer, m: AccountMeasures): void {
  const { activation, trial, onboarding, impact } = m;
  w.known('activation_score', activation.score);
  w.put('activation_milestone_reached', activation.milestone.reached, activation.milestone.reason);
  w.put('aha_moment_reached', activation.aha.reached, activation.aha.reason);
  w.put('activation_complete', activation.complete.value, activation.complete.reason);
  w.rounded('setup_completion', activation.setup.completion);
  w.put('quick_win_achieved', activation.quickWin.reached, activation.quickWin.reason);
  w.put('trial_converting_signals', trial.converting, trial.reason);
  w.known('trial_signal_count', trial.count);
  w.known('onboarding_health', onboarding.status);
  w.rounded('onboarding_score', onboarding.score);
  w.known('time_to_value', impact.timeToValue);
  w.rounded('benchmark', impact.benchmark);
}

function useFacts(w: Writer, m: AccountMeasures): void {
  const { adoption, trend, plateau, cliff, organic, seats, limits, view } = m;
  w.known('adoption_score', adoption.score);
  w.rounded('breadth', adoption.breadth);
  w.rounded('frequency', adoption.frequency);
  w.rounded('stickiness', adoption.stickiness);
  w.known('usage_depth', adoption.usageDepth);
  w.known('core_features_used', adoption.coreUsed);
  w.known('monthly_active_users', adoption.monthlyActiveUsers);
  w.put('active_days_90', m.activeDays90, view.usageGap ?? 'no day of data');
  w.known('usage_trend', trend.kind);
  w.known('usage_trend_pct', trend.percent);
  w.put('adoption_plateau_detected', plateau.detected, plateau.reason);
  w.put('usage_cliff', cliff.cliff, cliff.reason);
  w.put('usage_drop_pct', cliff.dropPercent, cliff.reason);
  w.put('new_use_case_signals', organic.newUseCase, organic.newUseCaseReason);
  w.known('users_ready_for_unlock', m.usersReady);
  w.known('seat_utilisation', seats.utilisation);
  w.put('seats_sustained_30', seats.sustained30, seats.sustainedReason ?? seats.utilisation.reason);
  w.put('seats_sustained_60', seats.sustained60, seats.sustainedReason ?? 'fewer than 60 daily readings known');
  w.put('usage_approaching_limit', limits.approaching, limits.approachingReason);
  w.known('highest_limit_used', limits.highestShare);
  w.known('days_to_limit', limits.daysToLimit);
}

function peopleAndHealth(w: Writer, m: AccountMeasures, journey: JourneyFacts): void {
  const { people, health, signals, risk } = m;
  const { roles, departures } = people;
  w.role('champion_identified', roles.champion);
  w.put(
    'champion_departed',
    departures?.some((each) => each.roles.includes('champion')),
    people.reason,
  );
  w.role('sponsor_identified', roles.executive_sponsor);
  w.role('decision_maker_identified', roles.decision_maker);
  w.role('primary_contact_identified', roles.primary_contact);
  w.known('health_score', health.score);
  w.known('health_band', health.band);
  w.put('health_confidence', health.score.value === undefined ? undefined : health.confidence, health.score.reason);
  w.points('health_adoption', health.dimensions.adoption);
  w.points('health_engagement', health.dimensions.engagement);
  w.points('health_relationship', health.dimensions.relationship);
  w.points('health_outcomes', health.dimensions.outcomes);
  w.points('health_commercial', health.dimensions.commercial);
  w.put('health_dropped', journey.healthDropped, health.band.reason);
  let critical = 0;
  let high = 0;
  for (const signal of signals) {
    if (signal.severity === 'critical') critical++;
    else if (signal.severity === 'high') high++;
  }
  w.put('critical_signals', critical);
  w.put('high_signals', high);
  w.known('risk_severity', risk.severity);
  w.known('renewal_risk_detected', risk.renewalRisk);
}

function expansionFacts(w: Writer, m: AccountMeasures): void {
  const { readiness, organic, gates, multiProduct, contract, view, measures } = m;
  w.known('expansion_readiness', readiness.score);
  w.put('organic_signal_count', organic.count);
  const failed = gates.some((gate) => gate.met === false);
  const open = gates.find((gate) => gate.met === undefined);
  w.put('expansion_gates_met', failed ? false : open === undefined ? true : undefined, open?.detail);
  w.put(
    'expansion_in_renewal',
    expansionInRenewal(readiness.score, contract.renewalDate, view.today, measures),
    readiness.score.reason ?? contract.renewalReason ?? m.subscriptionGap,
  );
  w.known('multi_product_opportunity', multiProduct.opportunity);
  w.rounded('multi_product_fit', multiProduct.fit);
}

/** Kleene: a far renewal settles it, whatever the readiness; so does a low readiness. */
function expansionInRenewal(
  ready: Known<number>,
  renewal: number | undefined,
  today: number,
  measures: AccountMeasures['measures'],
): Truth {
  const high = ready.value === undefined ? undefined : ready.value > measures.readiness.threshold;
  const near = renewal === undefined ? undefined : renewal - today <= measures.renewal.approachingDays;
  if (high === false || near === false) return false;
  return high === undefined || near === undefined ? undefined : true;
}

function instantFacts(w: Writer, m: AccountMeasures): void {
  const { escalation, view, conversation, competitorLevel } = m;
  const ticketGap = m.ticketGap;
  const openTickets = escalation.openTickets.length > 0;
  w.put('support_escalation', openTickets ? true : ticketGap === undefined ? false : undefined, ticketGap);
  w.put(
    'days_since_escalation_closed',
    escalation.closedOn === undefined ? undefined : view.today - escalation.closedOn,
    ticketGap ?? 'no escalation has closed',
  );
  const incident = openTickets || escalation.openIncidents.length > 0;
  const incidentGap = ticketGap ?? m.incidentGap;
  w.put('open_incident', incident ? true : incidentGap === undefined ? false : undefined, incidentGap);
  w.put(
    'competitive_signal',
    competitorLevel.value === undefined ? undefined : competitorLevel.value !== 'none',
    competitorLevel.reason,
  );
  w.known('competitive_level', competitorLevel);
  w.put(
    'budget_timing_known',
    m.budgetTiming !== undefined ? true : m.noteGap === undefined ? false : undefined,
    m.noteGap,
  );
  w.put(
    'customer_timeline_reached',
    conversation.timelineFrom !== undefined
      ? view.today >= conversation.timelineFrom
      : m.noteGap === undefined
        ? true
        : undefined,
    m.noteGap,
  );
  w.put('quiet_period', conversation.quietUntil !== undefined && view.today < conversation.quietUntil);
}
