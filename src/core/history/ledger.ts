/**
 * The ledger: one account's product events, packed by month. It does not depend on the catalogue's features, so a changed
 * catalogue is read anew from the same ledger; only what a cell *measures* (see `MeasuredProperties`) is fixed at import.
 */
import type { Day, Instant } from '../time/calendar.ts';

/** All events of one user (null: the event named none) with one name on one day that became known at the same moment. */
export interface LedgerCell {
  day: Day;
  userId: string | null;
  event: string;
  /** 0: received before the end of its day; else milliseconds after the end of its day at which it was received. */
  lateMs: number;
  count: number;
  /** Sums of measured numeric properties, e.g. a meter's amount; absent where none is measured. */
  sums?: Record<string, number>;
  /** How often each value of a measured label property occurred, e.g. which feature was gated. */
  labels?: Record<string, number>;
}

export interface LedgerMonth {
  /** months since 1970-01 */
  month: number;
  cells: LedgerCell[];
}

/** Which properties of which events the ledger keeps besides counts; derived from the catalogue. */
export interface MeasuredProperties {
  /** event name -> numeric properties to sum (meters) */
  sums: ReadonlyMap<string, readonly string[]>;
  /** event name -> the one text property to count by value (gated attempts: `feature`; workflows: `products`) */
  labels: ReadonlyMap<string, string>;
  /** Changes when the two maps do: a ledger written under another hash is rebuilt from raw events. */
  hash: string;
}

/** An event as far as the ledger cares. */
export interface LedgerEvent {
  timestamp: Instant;
  receivedAt: Instant;
  userId: string | null;
  event: string;
  properties?: Record<string, unknown>;
}
