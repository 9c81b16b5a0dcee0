/** When a trial ends. */
import type { Day } from '../time/calendar.ts';
import type { SubscriptionRecord } from './record.ts';

/** End of a trial with the extensions granted by `today`; undefined when no end was given. */
export function trialEnd(subscription: SubscriptionRecord, today: Day): Day | undefined {
  if (subscription.trialEndsAt === undefined) return undefined;
  let end = subscription.trialEndsAt;
  for (const extension of subscription.extensions ?? []) {
    if ((extension.grantedAt ?? today) <= today) end += extension.days;
  }
  return end;
}
