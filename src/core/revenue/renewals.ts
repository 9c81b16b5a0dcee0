/**
 * What became of the terms that have ended so far, and the renewal rates that follow from them (skills.md B,
 * contract_value_tracker: own history from 30 renewals on, else the policy's rates, by health band).
 */
import { renewalAfter, yearlyMinor } from '../facts/contract.ts';
import { type ContractSpan, spanOn } from '../facts/plan-timeline.ts';
import type { Measures } from '../policy/measures.ts';
import type { SubscriptionRecord } from '../records/record.ts';
import type { HealthBand } from '../scores/health.ts';
import { ratio4 } from '../scores/number.ts';
import type { Day } from '../time/calendar.ts';

/** A term that ended and was decided. */
export interface TermEnd {
  subscriptionId: string;
  /** First day on which the contract was another one. */
  day: Day;
  /** Share 0-1 of its ARR that the account still paid afterwards; growth counts as 1. */
  kept: number;
}

/** A replacement that starts so many days later is no loss: contracts are rarely signed to the day (our choice). */
const REPLACED_WITHIN_DAYS = 30;

/**
 * The terms of paid subscriptions that ended up to `today`: renewed where the subscription went on with a later term, or
 * the account paid as much under another one; lost where it ended. One that runs on past its renewal date without a new
 * term is not decided, nor is what ended too recently to be replaced, nor what names no amount. Month to month has no term.
 */
export function termEnds(spans: readonly ContractSpan[], today: Day): TermEnd[] {
  const ends: TermEnd[] = [];
  for (const [i, span] of spans.entries()) {
    const next = spans[i + 1];
    if (next === undefined || next.from > today) continue;
    for (const before of span.contract.paid) {
      const term = renewalAfter(before, span.to);
      const due = yearlyMinor(before);
      if (term === undefined || due === undefined || due <= 0 || isMonthly(before)) continue;
      const after = next.contract.paid.find((each) => each.subscriptionId === before.subscriptionId);
      const isRenewed = after !== undefined && (renewalAfter(after, next.from) ?? 0) > term;
      if (!isRenewed && after !== undefined) continue;
      if (!isRenewed && next.from + REPLACED_WITHIN_DAYS > today) continue;
      const later = isRenewed ? next : spanOn(spans, next.from + REPLACED_WITHIN_DAYS);
      if (later === undefined) continue;
      const lost = Math.max(0, paidIn(span, before) - paidIn(later, before));
      const kept = ratio4(Math.max(0, due - lost) / due);
      // Exchanged within its term for one that pays as much: nothing was up for renewal.
      if (!isRenewed && next.from < term && kept === 1) continue;
      ends.push({ subscriptionId: before.subscriptionId, day: next.from, kept });
    }
  }
  return ends;
}

/** Renews every month: twelve decisions a year, of another kind than one. */
function isMonthly({ interval, autoRenew }: SubscriptionRecord): boolean {
  return interval === 'month' && autoRenew === true;
}

/** The account's ARR in the currency of a subscription. */
function paidIn({ contract }: ContractSpan, { currency }: SubscriptionRecord): number {
  return contract.paid
    .filter((each) => each.currency === currency)
    .reduce((sum, each) => sum + (yearlyMinor(each) ?? 0), 0);
}

/** A term's end with the account's health band of the day before, where it was known. */
export interface PastRenewal extends TermEnd {
  band: HealthBand | undefined;
}

export interface RenewalRate {
  /** Expected share of ARR that renews. */
  rate: number;
  from: 'own' | 'policy';
  /** Own renewals known in this band. */
  renewals: number;
}

/** From so many renewals on a band's own mean holds (B contract_value_tracker). */
export const OWN_RENEWALS_AT_LEAST = 30;

const BANDS: readonly HealthBand[] = ['healthy', 'neutral', 'at_risk', 'critical'];

export type RenewalRates = Record<HealthBand, RenewalRate>;

/** Every renewal weighs the same: amounts of several currencies do not add up, and one large account is no history. */
export function renewalRates(past: readonly PastRenewal[], policy: Measures['renewal']['rates']): RenewalRates {
  const rateOf = (band: HealthBand): RenewalRate => {
    const own = past.filter((each) => each.band === band);
    if (own.length < OWN_RENEWALS_AT_LEAST) return { rate: policy[band], from: 'policy', renewals: own.length };
    const mean = own.reduce((sum, each) => sum + each.kept, 0) / own.length;
    return { rate: ratio4(mean), from: 'own', renewals: own.length };
  };
  return Object.fromEntries(BANDS.map((band) => [band, rateOf(band)])) as RenewalRates;
}
