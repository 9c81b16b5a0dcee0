/**
 * Every fact a policy condition may use. The position in `FACTS` is the fact's index in a `FactVector`.
 * Scores are published integers (A1); `today`, `D` and windows W(n) are those of A1.
 */
import type { FactDefinition } from './fact.ts';

const bool = <N extends string>(name: N, how: string, source: string) => ({
  name,
  type: 'bool' as const,
  unit: '',
  how,
  source,
});
const int = <N extends string>(name: N, unit: string, how: string, source: string) => ({
  name,
  type: 'int' as const,
  unit,
  how,
  source,
});
const double = <N extends string>(name: N, unit: string, how: string, source: string) => ({
  name,
  type: 'double' as const,
  unit,
  how,
  source,
});
const text = <N extends string>(name: N, values: readonly string[], how: string, source: string) => ({
  name,
  type: 'string' as const,
  unit: '',
  values,
  how,
  source,
});

const POINTS = 'points 0-100';

export const FACTS = [
  // time
  int('day', 'days', 'today - the day the account was created', 'S1, A10'),
  int('days_since_signup', 'days', 'the same as day', 'S1, A10'),
  int('days_in_stage', 'days', 'today - the day the stage was entered', 'S1'),
  int('days_of_data', 'days', "covered days from the account's first day to D", 'A1'),
  // contract
  bool('paid_subscription_in_force', 'a subscription that is no trial is in force', 'journey 2'),
  bool('subscription_in_force', 'any subscription, trials included, is in force', 'journey 2'),
  int(
    'days_remaining',
    'days',
    'end of the trial, extensions included, - today; unknown without a trial in force',
    'S1, A10',
  ),
  int('days_to_renewal', 'days', 'earliest renewal date among the paid subscriptions in force - today', 'A10'),
  bool('contract_renewal_approaching', 'days_to_renewal is at most measures.renewal.approachingDays', 'S1, A10'),
  bool('renewal_90_days_out', 'days_to_renewal is at most measures.renewal.qbrDays', 'S1'),
  bool('renewal_signed', 'the renewal date is later than it was when the renewal stage was entered', 'journey 2'),
  int('licensed_seats', 'seats', 'seats of all subscriptions in force together; unknown when one is unlimited', 'A6'),
  double(
    'arr',
    'major currency units a year',
    'yearly amount of all paid subscriptions in force, one currency',
    'contract 1',
  ),
  // activation
  int('activation_score', POINTS, 'achieved share of the tracked activation weight', 'S1, A3'),
  bool('activation_milestone_reached', 'the first_value milestone was reached by D', 'S1, A3'),
  bool('aha_moment_reached', 'intense early use: core uses, outputs, invites or an integration', 'S1, A3'),
  bool(
    'activation_complete',
    'activation_score is at least measures.activation.completeScore and the aha moment was reached',
    'S1, A3',
  ),
  int('setup_completion', '% 0-100', 'required applicable setup steps that are done', 'S1, A3'),
  bool('quick_win_achieved', 'a catalogue feature of few minutes was used at least once', 'S1, A10'),
  bool('trial_converting_signals', 'at least two of: pricing view, billing view, invite, a limit at half', 'S1, A10'),
  int('trial_signal_count', 'signals', 'how many of the four trial signals were seen', 'A10'),
  text(
    'onboarding_health',
    ['healthy', 'watch', 'at_risk', 'critical'],
    'band of the onboarding score',
    'S1, B onboarding_health',
  ),
  int('onboarding_score', POINTS, 'onboarding score of the first 90 days', 'B onboarding_health'),
  int(
    'time_to_value',
    'days',
    'days from the start to the first win, or so far while there is none',
    'S1, B time_to_impact',
  ),
  int(
    'benchmark',
    'days',
    "target day of the first win: the peers' median where known, else the policy's",
    'S1, B time_to_impact',
  ),
  // use
  int('adoption_score', POINTS, 'equal mean of at least three of breadth, depth, frequency, stickiness', 'A4'),
  int('breadth', POINTS, 'share of relevant features used, on the breadth curve', 'A4'),
  int('frequency', POINTS, 'daily over monthly active users, on the frequency curve', 'A4'),
  int('stickiness', POINTS, 'returning active users week over week, on the breadth curve', 'A4'),
  int('usage_depth', POINTS, '25 x share of features used + 0.75 x depth', 'S1, A4'),
  int('core_features_used', 'features', 'core features used on two or more days of W(30)', 'A8'),
  int('monthly_active_users', 'users', 'identified users with a value event in W(30)', 'A1'),
  int('active_days_90', 'days', 'days of W(90) with a value event', 'A7'),
  text('usage_trend', ['growing', 'stable', 'declining', 'dormant'], 'volume of adjacent windows compared', 'A5'),
  double('usage_trend_pct', '%', '100 x (recent - prior) / prior', 'A5'),
  bool('adoption_plateau_detected', 'eight flat weeks with nothing new used, at middling adoption', 'S1, A5'),
  bool('usage_cliff', 'volume of W(7) fell to half of its base or lower on two consecutive days', 'S1, A5'),
  double('usage_drop_pct', '%', 'volume of W(7) against the median of the four weeks before', 'A5'),
  bool('new_use_case_signals', 'a feature with an unseen tag used by two or more users, or a quoted note', 'S1, A10'),
  int(
    'users_ready_for_unlock',
    'users',
    'users whose level unlocks an entitled feature they have not used',
    'B progressive_disclosure',
  ),
  double('seat_utilisation', 'share 0-1', 'active users of 30 days / seats (unlimited: / provisioned users)', 'A6'),
  bool('seats_sustained_30', 'lowest of the last 30 daily utilisations is at least the threshold', 'A6'),
  bool('seats_sustained_60', 'the same over 60 days', 'A6'),
  bool('usage_approaching_limit', 'a limit is nearly used up or will be soon', 'S1, A6'),
  double('highest_limit_used', 'share', 'largest used / limit over the limits that apply', 'A6'),
  int('days_to_limit', 'days', 'fewest days until a limit is reached at the present pace', 'A6'),
  // people
  bool('champion_identified', 'a recorded champion is present with contact or use in 90 days', 'S1, A2'),
  bool('champion_departed', 'a recorded champion left within the signal window', 'S1, A2'),
  bool('sponsor_identified', 'a recorded executive sponsor with two-way contact in 90 days', 'A2'),
  bool('decision_maker_identified', 'a recorded decision maker with two-way contact in 90 days', 'A2'),
  bool('primary_contact_identified', 'a recorded primary contact with two-way contact in 90 days', 'A2'),
  // health
  int('health_score', POINTS, 'weighted mean of the known dimensions', 'A7'),
  text('health_band', ['healthy', 'neutral', 'at_risk', 'critical'], 'band of the score, capped by open signals', 'A7'),
  text('health_confidence', ['high', 'medium', 'low'], 'from coverage and days of data', 'A7'),
  int('health_adoption', POINTS, 'the adoption dimension', 'A7'),
  int('health_engagement', POINTS, 'the engagement dimension', 'A7'),
  int('health_relationship', POINTS, 'the relationship dimension', 'A7'),
  int('health_outcomes', POINTS, 'the outcomes dimension', 'A7'),
  int('health_commercial', POINTS, 'the commercial dimension', 'A7'),
  bool('health_dropped', 'the band is at_risk or critical and was better within measures.health.dropDays', 'journey 3'),
  int('critical_signals', 'signals', 'open critical signals', 'A7'),
  int('high_signals', 'signals', 'open high signals', 'A7'),
  text(
    'risk_severity',
    ['none', 'low', 'medium', 'high', 'critical'],
    'severity of the risk playbook',
    'B risk_mitigation_playbook',
  ),
  bool(
    'renewal_risk_detected',
    'risk severity of medium or worse within measures.renewal.riskDays of the renewal',
    'S1, A10',
  ),
  // expansion
  int('expansion_readiness', POINTS, 'usage, engagement, sentiment and organic signals', 'S1, A8'),
  int('organic_signal_count', 'signals', 'organic expansion signals within the window', 'A8'),
  bool('expansion_gates_met', 'all gates of A8 are known and true', 'A8'),
  bool(
    'expansion_in_renewal',
    'readiness above the threshold within measures.renewal.approachingDays of the renewal',
    'S1, A10',
  ),
  bool('multi_product_opportunity', 'the fit of a further product is at least the threshold', 'S1, A10'),
  int('multi_product_fit', POINTS, 'best fit among the products not entitled', 'B multi_product_adoption'),
  // as of the instant
  bool('support_escalation', 'an escalated ticket is open', 'S1'),
  int(
    'days_since_escalation_closed',
    'days',
    'today - the day the latest escalation closed; unknown without one',
    'A1',
  ),
  bool('open_incident', 'an escalated ticket or a P1/P2 incident is open', 'journey 4'),
  bool('competitive_signal', 'a competitor was named by the customer, or by a tag, within the signal window', 'S1'),
  text(
    'competitive_level',
    ['none', 'comparison', 'mention', 'evaluation'],
    'the worst competitor signal',
    'B competitive_signal_alert',
  ),
  bool('budget_timing_known', 'a note carries budget_timing', 'S1'),
  bool('customer_timeline_reached', "the customer's stated expansion date is reached, or none was stated", 'S1'),
  bool('quiet_period', 'a person set a quiet period that has not ended', 'journey 4'),
] as const satisfies readonly FactDefinition[];
