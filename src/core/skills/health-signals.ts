/** Which churn signals call for which answer. */
import type { ChurnSignal } from '../scores/signals.ts';

/** Payment, downgrade or cancellation, competitor: the commercial save comes first, whatever dimension is weakest. */
const COMMERCIAL_SIGNALS = new Set([
  'failed_payment',
  'downgrade_request',
  'cancellation_request',
  'competitor_evaluation',
  'competitor_mention',
  'competitor_comparison',
]);

export const isCommercialSignal = (signal: Pick<ChurnSignal, 'id'>): boolean => COMMERCIAL_SIGNALS.has(signal.id);
export const isCompetitorSignal = (signal: Pick<ChurnSignal, 'id'>): boolean => signal.id.startsWith('competitor_');

const PEOPLE_SIGNALS =
  /^(?:no_champion_or_sponsor|(?:decision_maker_)?detractor|sponsor_absent)$|_(?:departed|on_leave)$/;

/** What a signal is about, and so which dimension's play answers it. */
export function subjectOf(signal: Pick<ChurnSignal, 'id'>): 'commercial' | 'relationship' | 'engagement' {
  if (isCommercialSignal(signal)) return 'commercial';
  return PEOPLE_SIGNALS.test(signal.id) ? 'relationship' : 'engagement';
}
