/** What became of an account's trials and renewals so far: counted over the workspace, they are its own rates. */
import type { ContractSpan } from '../facts/plan-timeline.ts';
import type { PortfolioHistory } from '../facts/view.ts';
import type { Day } from '../time/calendar.ts';
import { termEnds } from './renewals.ts';

/** A trial ended on the day after its last; a term counts as signed where all of its ARR was kept. */
export function ownHistory(spans: readonly ContractSpan[], today: Day): PortfolioHistory {
  const trials = { ended: 0, converted: 0 };
  for (const [i, { contract }] of spans.entries()) {
    const next = spans[i + 1];
    if (next === undefined || next.from > today) break;
    if (!contract.trialInForce || contract.paidInForce) continue;
    if (next.contract.trialInForce && !next.contract.paidInForce) continue; // extended, or changed within the trial
    trials.ended++;
    if (next.contract.paidInForce) trials.converted++;
  }
  const ends = termEnds(spans, today);
  return { trials, renewals: { due: ends.length, signed: ends.filter(({ kept }) => kept === 1).length } };
}

export function addHistory(a: PortfolioHistory, b: PortfolioHistory): PortfolioHistory {
  return {
    trials: { ended: a.trials.ended + b.trials.ended, converted: a.trials.converted + b.trials.converted },
    renewals: { due: a.renewals.due + b.renewals.due, signed: a.renewals.signed + b.renewals.signed },
  };
}

export const NO_HISTORY: PortfolioHistory = { trials: { ended: 0, converted: 0 }, renewals: { due: 0, signed: 0 } };
