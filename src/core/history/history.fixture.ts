/** For tests: a catalogue with nothing in it, and a history straight from events. */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { zoneClock } from '../time/calendar.ts';
import { cellsOf, measuredProperties } from './cells.ts';
import { decodeLedgerColumns, mergeLedgerMonth } from './codec.ts';
import type { LedgerColumns } from './columns.ts';
import type { AccountHistory } from './history.ts';
import { type HistoryInput, interpretHistory } from './interpret.ts';
import type { LedgerEvent } from './ledger.ts';

/** The default catalogue of a workspace without one, changed as given. */
export function catalogueWith(parts: Partial<Catalogue> = {}): Catalogue {
  return {
    featuresDefaulted: parts.features === undefined,
    milestonesDefaulted: parts.milestones === undefined,
    features: [],
    logins: [],
    setup: [],
    milestones: [],
    meters: [],
    plans: [],
    products: [],
    signals: {},
    competitors: [],
    holidays: new Set(),
    hash: '',
    ...parts,
  };
}

/** Packs and unpacks the events as an import and an evaluation would. */
export function monthsOf(
  events: readonly LedgerEvent[],
  input: Pick<HistoryInput, 'clock' | 'catalogue'>,
): LedgerColumns[] {
  const months = cellsOf(events, input.clock, measuredProperties(input.catalogue));
  return [...months].map(([month, cells]) => decodeLedgerColumns(month, mergeLedgerMonth(month, undefined, cells)));
}

/** The history of these events: by default in UTC, without catalogue, all known, everyone a present customer. */
export function historyOf(
  events: readonly LedgerEvent[],
  options: Pick<HistoryInput, 'start' | 'end'> & Partial<HistoryInput>,
): AccountHistory {
  const input = {
    catalogue: catalogueWith(),
    clock: zoneClock('UTC'),
    knownAt: Number.POSITIVE_INFINITY,
    userEnds: new Map(),
    internalUsers: new Set<string>(),
    ...options,
  };
  return interpretHistory({ ...input, months: monthsOf(events, input) });
}
