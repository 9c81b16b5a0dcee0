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

/** The dimension whose play answers a critical signal that is not commercial. */
export function dimensionOfSignal({ id }: Pick<ChurnSignal, 'id'>): 'engagement' | 'relationship' | undefined {
  if (id === 'usage_cliff') return 'engagement';
  return id === 'no_champion_or_sponsor' || id === 'decision_maker_detractor' ? 'relationship' : undefined;
}
