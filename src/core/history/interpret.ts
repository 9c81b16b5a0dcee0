/** Reads an account's ledger through a catalogue, as known at one instant. */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Day, Instant, ZoneClock } from '../time/calendar.ts';
import { CELL_COUNT, CELL_DAY, CELL_EVENT, CELL_FIELDS, CELL_USER, type LedgerColumns } from './columns.ts';
import { eventMeanings } from './event-meanings.ts';
import type { AccountHistory } from './history.ts';
import { HistoryBuilder } from './history-builder.ts';

export interface HistoryInput {
  /** Decoded months (`decodeLedgerColumns`), in any order, each at most once. */
  months: readonly LedgerColumns[];
  catalogue: Catalogue;
  /** What was received later, or happened on a day that had not ended by then, is not in the history. */
  knownAt: Instant;
  clock: ZoneClock;
  /** First and last day of the arrays; what lies outside is ignored. */
  start: Day;
  end: Day;
  /** First day on which a user is no longer with the account. */
  userEnds: ReadonlyMap<string, Day>;
  /** Users who are not the customer's: nothing they do counts anywhere. */
  internalUsers: ReadonlySet<string>;
  /** Value events that count for a user and day; measures.use.eventsPerUserDay, 50 when left out. */
  eventsPerUserDay?: number;
  /**
   * For a replay: what was received in time is in the history up to `end`, also where its day ends after `knownAt`; only
   * late cells wait for theirs. The caller looks at no day beyond its own D.
   */
  ahead?: boolean;
}

const EVENTS_PER_USER_DAY = 50;

/**
 * The account's history. A cell is part of it when the midnight that ends its day, plus its lateness, is not after
 * `knownAt`. What a user does after leaving still counts for the account (volume, features, events, meters), no longer
 * for the user. Costs about 0.2 us a cell.
 */
export function interpretHistory(input: HistoryInput): AccountHistory {
  const builder = new HistoryBuilder(input.start, input.end, input.eventsPerUserDay ?? EVENTS_PER_USER_DAY);
  for (const month of inOrder(input.months)) readMonth(month, input, builder);
  return builder.finish();
}

/** Distinct instants after `from`, up to `to`, at which late cells become visible: a replay rebuilds the history at each. */
export function latePoints(months: readonly LedgerColumns[], clock: ZoneClock, from: Instant, to: Instant): Instant[] {
  const points = new Set<Instant>();
  for (const { late, size, cells, firstDay } of months) {
    if (late === undefined) continue;
    for (let i = 0; i < size; i++) {
      if (late[i] === 0) continue;
      const instant = clock.instantOf(firstDay + cells[i * CELL_FIELDS + CELL_DAY]! + 1) + late[i]!;
      if (instant > from && instant <= to) points.add(instant);
    }
  }
  return [...points].sort((a, b) => a - b);
}

function inOrder(months: readonly LedgerColumns[]): readonly LedgerColumns[] {
  for (let i = 1; i < months.length; i++) {
    if (months[i - 1]!.month >= months[i]!.month) return [...months].sort((a, b) => a.month - b.month);
  }
  return months;
}

function readMonth(month: LedgerColumns, input: HistoryInput, builder: HistoryBuilder): void {
  const { cells, size, late, extras, firstDay } = month;
  const { start, end, knownAt, clock, internalUsers, userEnds } = input;
  const meanings = eventMeanings(input.catalogue);
  const users = month.users.map((userId) =>
    internalUsers.has(userId) ? undefined : builder.user(userId, userEnds.get(userId) ?? Number.POSITIVE_INFINITY),
  );
  const events = month.events.map((name) => builder.event(name, meanings));
  const waits = late !== undefined || input.ahead !== true;
  let dayRead = Number.NaN;
  let dayKnownAt = 0; // the midnight that ends the day: what came in time was known then
  for (let i = 0, at = 0; i < size; i++, at += CELL_FIELDS) {
    const day = firstDay + cells[at + CELL_DAY]!;
    if (day < start) continue;
    if (day !== dayRead) {
      dayRead = day;
      if (waits) dayKnownAt = clock.instantOf(day + 1);
      if (day > end || (dayKnownAt > knownAt && input.ahead !== true)) return;
    }
    if (late !== undefined && late[i] !== 0 && dayKnownAt + late[i]! > knownAt) continue;
    const userIndex = cells[at + CELL_USER]!;
    const user = userIndex < 0 ? null : users[userIndex];
    if (user === undefined) continue;
    const event = events[cells[at + CELL_EVENT]!]!;
    const count = cells[at + CELL_COUNT]!;
    builder.add(day, user, event, count);
    if (event.measured) builder.addMeasures(day, event, count, extras?.[i]);
  }
}
