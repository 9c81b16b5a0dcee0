/** Puts an account's measures into the fact vector that conditions read. */
import type { Truth } from '../policy/policy.ts';
import { publish } from '../scores/number.ts';
import { isIdentified, type RoleReading } from '../scores/people.ts';
import type { FactValue, FactVector } from './fact.ts';
import { factNames } from './fact-index.ts';
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

/** Copied for every vector, which is faster than filling one. */
const ALL_UNKNOWN: undefined[] = FACTS.map(() => undefined);

class Writer {
  readonly values: (FactValue | undefined)[] = ALL_UNKNOWN.slice();
  readonly reasons: (string | undefined)[] = ALL_UNKNOWN.slice();

  put(i: number, value: FactValue | undefined, reason?: string): void {
    this.values[i] = value;
    this.reasons[i] = value === undefined ? (reason ?? 'not known') : undefined;
  }

  known(i: number, known: Known<FactValue>): void {
    this.put(i, known.value, known.reason);
  }

  points(i: number, part: { score: number | undefined; reason?: string }): void {
    this.put(i, part.score === undefined ? undefined : publish(part.score), part.reason);
  }

  rounded(i: number, known: Known<number>): void {
    this.put(i, known.value === undefined ? undefined : publish(known.value), known.reason);
  }

  role(i: number, reading: RoleReading): void {
    this.put(i, isIdentified(reading), reading.reason);
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
  w.put(index.day, age);
  w.put(index.days_since_signup, age);
  w.put(index.days_in_stage, journey.daysInStage);
  w.put(index.days_of_data, view.daysOfData);
  const gap = m.subscriptionGap;
  w.put(index.paid_subscription_in_force, gap === undefined ? contract.paidInForce : undefined, gap);
  w.put(index.subscription_in_force, gap === undefined ? contract.inForce.length > 0 : undefined, gap);
  w.put(
    index.days_remaining,
    contract.trialEndsOn === undefined ? undefined : contract.trialEndsOn - view.today,
    gap ?? (contract.trialInForce ? 'the trial has no end date' : 'no trial in force'),
  );
  const days = contract.renewalDate === undefined ? undefined : contract.renewalDate - view.today;
  const renewalGap = gap ?? contract.renewalReason;
  const { approachingDays, qbrDays } = measures.renewal;
  w.put(index.days_to_renewal, days, renewalGap);
  // Without a paid contract, or month to month, there is nothing to renew: known, and not a gap in the data.
  const nothingToRenew = gap === undefined && (!contract.paidInForce || contract.monthToMonth);
  const within = (limit: number) => (days === undefined ? (nothingToRenew ? false : undefined) : days <= limit);
  w.put(index.contract_renewal_approaching, within(approachingDays), renewalGap);
  w.put(index.renewal_90_days_out, within(qbrDays), renewalGap);
  w.put(
    index.renewal_signed,
    journey.inRenewal ? journey.renewalSigned : undefined,
    journey.inRenewal ? (renewalGap ?? 'no renewal date was known when the stage was entered') : 'not in renewal',
  );
  w.put(
    index.licensed_seats,
    typeof contract.seats === 'number' ? contract.seats : undefined,
    gap ?? (contract.seats === 'unlimited' ? 'seats are unlimited' : contract.seatsReason),
  );
  w.put(index.arr, m.arrMajor, gap ?? contract.arrReason);
}

function activationFacts(w: Writer, m: AccountMeasures): void {
  const { activation, trial, onboarding, impact } = m;
  w.known(index.activation_score, activation.score);
  w.put(index.activation_milestone_reached, activation.milestone.reached, activation.milestone.reason);
  w.put(index.aha_moment_reached, activation.aha.reached, activation.aha.reason);
  w.put(index.activation_complete, activation.complete.value, activation.complete.reason);
  w.rounded(index.setup_completion, activation.setup.completion);
  w.put(index.quick_win_achieved, activation.quickWin.reached, activation.quickWin.reason);
  w.put(index.trial_converting_signals, trial.converting, trial.reason);
  w.known(index.trial_signal_count, trial.count);
  w.known(index.onboarding_health, onboarding.status);
  w.rounded(index.onboarding_score, onboarding.score);
  w.known(index.time_to_value, impact.timeToValue);
  w.rounded(index.benchmark, impact.benchmark);
}

function useFacts(w: Writer, m: AccountMeasures): void {
  const { adoption, trend, plateau, cliff, organic, seats, limits, view } = m;
  w.known(index.adoption_score, adoption.score);
  w.rounded(index.breadth, adoption.breadth);
  w.rounded(index.frequency, adoption.frequency);
  w.rounded(index.stickiness, adoption.stickiness);
  w.known(index.usage_depth, adoption.usageDepth);
  w.known(index.core_features_used, adoption.coreUsed);
  w.known(index.monthly_active_users, adoption.monthlyActiveUsers);
  w.put(index.active_days_90, m.activeDays90, view.usageGap ?? 'no day of data');
  w.known(index.usage_trend, trend.kind);
  w.known(index.usage_trend_pct, trend.percent);
  w.put(index.adoption_plateau_detected, plateau.detected, plateau.reason);
  w.put(index.usage_cliff, cliff.cliff, cliff.reason);
  w.put(index.usage_drop_pct, cliff.dropPercent, cliff.reason);
  w.put(index.new_use_case_signals, organic.newUseCase, organic.newUseCaseReason);
  w.known(index.users_ready_for_unlock, m.usersReady);
  w.known(index.seat_utilisation, seats.utilisation);
  w.put(index.seats_sustained_30, seats.sustained30, seats.sustainedReason ?? seats.utilisation.reason);
  w.put(index.seats_sustained_60, seats.sustained60, seats.sustainedReason ?? 'fewer than 60 daily readings known');
  w.put(index.usage_approaching_limit, limits.approaching, limits.approachingReason);
  w.known(index.highest_limit_used, limits.highestShare);
  w.known(index.days_to_limit, limits.daysToLimit);
}

function peopleAndHealth(w: Writer, m: AccountMeasures, journey: JourneyFacts): void {
  const { people, health, signals, risk } = m;
  const { roles, departures } = people;
  w.role(index.champion_identified, roles.champion);
  w.put(
    index.champion_departed,
    departures?.some((each) => each.roles.includes('champion')),
    people.reason,
  );
  w.role(index.sponsor_identified, roles.executive_sponsor);
  w.role(index.decision_maker_identified, roles.decision_maker);
  w.role(index.primary_contact_identified, roles.primary_contact);
  w.known(index.health_score, health.score);
  w.known(index.health_band, health.band);
  w.put(index.health_confidence, health.score.value === undefined ? undefined : health.confidence, health.score.reason);
  w.points(index.health_adoption, health.dimensions.adoption);
  w.points(index.health_engagement, health.dimensions.engagement);
  w.points(index.health_relationship, health.dimensions.relationship);
  w.points(index.health_outcomes, health.dimensions.outcomes);
  w.points(index.health_commercial, health.dimensions.commercial);
  w.put(index.health_dropped, journey.healthDropped, health.band.reason);
  let critical = 0;
  let high = 0;
  for (const signal of signals) {
    if (signal.severity === 'critical') critical++;
    else if (signal.severity === 'high') high++;
  }
  w.put(index.critical_signals, critical);
  w.put(index.high_signals, high);
  w.known(index.risk_severity, risk.severity);
  w.known(index.renewal_risk_detected, risk.renewalRisk);
}

function expansionFacts(w: Writer, m: AccountMeasures): void {
  const { readiness, organic, gates, multiProduct, contract, view, measures } = m;
  w.known(index.expansion_readiness, readiness.score);
  w.put(index.organic_signal_count, organic.count);
  const failed = gates.some((gate) => gate.met === false);
  const open = gates.find((gate) => gate.met === undefined);
  w.put(index.expansion_gates_met, failed ? false : open === undefined ? true : undefined, open?.detail);
  w.put(
    index.expansion_in_renewal,
    expansionInRenewal(readiness.score, contract.renewalDate, view.today, measures),
    readiness.score.reason ?? contract.renewalReason ?? m.subscriptionGap,
  );
  w.known(index.multi_product_opportunity, multiProduct.opportunity);
  w.rounded(index.multi_product_fit, multiProduct.fit);
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
  w.put(index.support_escalation, openTickets ? true : ticketGap === undefined ? false : undefined, ticketGap);
  w.put(
    index.days_since_escalation_closed,
    escalation.closedOn === undefined ? undefined : view.today - escalation.closedOn,
    ticketGap ?? 'no escalation has closed',
  );
  const incident = openTickets || escalation.openIncidents.length > 0;
  const incidentGap = ticketGap ?? m.incidentGap;
  w.put(index.open_incident, incident ? true : incidentGap === undefined ? false : undefined, incidentGap);
  w.put(
    index.competitive_signal,
    competitorLevel.value === undefined ? undefined : competitorLevel.value !== 'none',
    competitorLevel.reason,
  );
  w.known(index.competitive_level, competitorLevel);
  w.put(
    index.budget_timing_known,
    m.budgetTiming !== undefined ? true : m.noteGap === undefined ? false : undefined,
    m.noteGap,
  );
  w.put(
    index.customer_timeline_reached,
    conversation.timelineFrom !== undefined
      ? view.today >= conversation.timelineFrom
      : m.noteGap === undefined
        ? true
        : undefined,
    m.noteGap,
  );
  w.put(index.quiet_period, conversation.quietUntil !== undefined && view.today < conversation.quietUntil);
}
