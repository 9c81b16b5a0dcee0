/** May an upgrade be offered now (skills.md B, monetization/upgrade_trigger)? */
import type { Truth } from '../../policy/policy.ts';
import type { Gate } from '../../scores/readiness.ts';
import type { Day } from '../../time/calendar.ts';

export interface OfferCase {
  today: Day;
  limitHit: boolean;
  isTrial: boolean;
  milestoneReached: Truth;
  /** Of the four signs that a trial is about to buy (A10), and how many are needed. */
  trialSignals: number | undefined;
  trialSignalsNeeded: number;
  /** A8, for a paid account. */
  gates: readonly Gate[];
  openEscalations: readonly string[];
  openIncidents: readonly string[];
  /** First day after the cooldown of the latest escalation; undefined: none closed. */
  cooldownUntil: Day | undefined;
  /** Day before which the customer does not want to talk of it. */
  timelineFrom: Day | undefined;
  atRiskRule: string | undefined;
  /** Day from which a second offer may be made; undefined: none was made. */
  repeatFrom: Day | undefined;
}

export interface OfferDecision {
  /** `notice`: only that the limit is reached, which is service. */
  kind: 'offer' | 'notice' | 'refused';
  reason?: OfferReason;
  /** Known date from which it may be asked again. */
  eligibleFrom?: Day;
}

export type OfferReason =
  | 'escalation_cooldown'
  | 'open_incident'
  | 'customer_timeline'
  | 'at_risk'
  | 'offered_recently'
  | 'milestone_not_reached'
  | 'too_few_signals'
  | 'single_signal'
  | 'expansion_gates_unmet';

/**
 * An escalation, an incident, the customer's own date, an at-risk exit or a recent offer refuse it. Else a trial needs the
 * milestone and two of its signals, whatever its health; a paid account needs every gate of A8. Where these are missing and
 * the limit is hit, the customer is told so without an offer.
 */
export function offerDecision(c: OfferCase): OfferDecision {
  const refused = (reason: OfferReason, eligibleFrom?: Day): OfferDecision => ({
    kind: 'refused',
    reason,
    ...(eligibleFrom !== undefined && { eligibleFrom }),
  });
  if (c.openEscalations.length > 0) return refused('escalation_cooldown');
  if (c.cooldownUntil !== undefined && c.today < c.cooldownUntil)
    return refused('escalation_cooldown', c.cooldownUntil);
  if (c.openIncidents.length > 0) return refused('open_incident');
  if (c.timelineFrom !== undefined && c.today < c.timelineFrom) return refused('customer_timeline', c.timelineFrom);
  if (c.atRiskRule !== undefined) return refused('at_risk');
  if (c.repeatFrom !== undefined && c.today < c.repeatFrom) return refused('offered_recently', c.repeatFrom);
  const reason = c.isTrial ? trialGap(c) : paidGap(c);
  if (reason === undefined) return { kind: 'offer' };
  return c.limitHit ? { kind: 'notice', reason } : refused(reason);
}

function trialGap({ milestoneReached, trialSignals, trialSignalsNeeded }: OfferCase): OfferReason | undefined {
  if (milestoneReached !== true) return 'milestone_not_reached';
  return (trialSignals ?? 0) >= trialSignalsNeeded ? undefined : 'too_few_signals';
}

function paidGap({ gates, milestoneReached }: OfferCase): OfferReason | undefined {
  if (milestoneReached !== true) return 'milestone_not_reached';
  const unmet = gates.filter(({ met }) => met !== true);
  if (unmet.length === 0) return undefined;
  return unmet.every(({ id }) => id === 'organic_signals') ? 'single_signal' : 'expansion_gates_unmet';
}
