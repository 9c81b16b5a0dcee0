/** When a trial ends. */
import type { Day } from '../time/calendar.ts';
import type { SubscriptionRecord } from './record.ts';

/** Days on which `trialEnd` is or may come to be: as time passes one of them, what it says of a day may change. */
export function trialDays(subscription: SubscriptionRecord): Day[] {
  const granted = (subscription.extensions ?? [])
    .map((extension) => extension.grantedAt)
    .filter((day) => day !== undefined);
  const ends = [Number.NEGATIVE_INFINITY, ...granted].map((day) => trialEnd(subscription, day));
  return [...granted, ...ends.filter((day) => day !== undefined)];
}

/** End of a trial with the extensions granted by `today`; undefined when no end was given. */
export function trialEnd(subscription: SubscriptionRecord, today: Day): Day | undefined {
  if (subscription.trialEndsAt === undefined) return undefined;
  let end = subscription.trialEndsAt;
  for (const extension of subscription.extensions ?? []) {
    if ((extension.grantedAt ?? today) <= today) end += extension.days;
  }
  return end;
}
