/** First weeks that many stories share. Days count from the account's first day. */
import { type BuyExtras, buy, type Contract, type PlanId, type Setup, trial, type Use } from './story.ts';

/** Everything is set up within the first week. */
export const QUICK_SETUP: Setup = { connect: 1, upload: 1, build: 2, invite: 2, permissions: 5, brand: 6 };
/** Everything is set up, in three weeks. */
export const CALM_SETUP: Setup = { connect: 2, upload: 4, build: 7, invite: 9, permissions: 13 };

/** A trial of two weeks that becomes a contract on day `bought`. */
export function tryAndBuy(
  bought: number,
  plan: PlanId,
  seats: number,
  months = 12,
  extras: BuyExtras = {},
): Contract[] {
  return [trial(0, 14, plan, Math.min(seats, 5)), buy(bought, plan, seats, months, extras)];
}

/** A team that arrives over five weeks and then works on at one pace. */
export function arriving(users: number, rate: number, mix: Use['mix'] = 'broad', to?: number): Use[] {
  const few = Math.max(2, Math.round(users / 3));
  return [
    { from: 0, to: 10, users: few, rate: 0.7, mix: 'starter' },
    { from: 10, to: 35, users: [few, users], rate, mix: 'core' },
    { from: 35, users, rate, mix, ...(to !== undefined && { to }) },
  ];
}
