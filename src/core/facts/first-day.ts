/** An account's first day: the earlier of its creation and its first record (journey.md section 1). */
import { CELL_DAY, CELL_FIELDS, type LedgerColumns } from '../history/columns.ts';
import type { AccountRecords } from '../records/record.ts';
import type { Day, Instant, ZoneClock } from '../time/calendar.ts';

/** From `knownAt` on the account's first day was known to be `day`, or earlier. */
export interface FirstDayKnown {
  knownAt: Instant;
  day: Day;
}

/**
 * How the first day came to be known: rising moments, each with an earlier day than the one before; the last one is the
 * first day. Empty: no record at all. A record that came late moves the first day from the moment it came, not before.
 */
export function firstDaysKnown(
  records: AccountRecords,
  months: readonly LedgerColumns[],
  clock: ZoneClock,
): FirstDayKnown[] {
  const seen = [...recordBeginnings(records, clock), ...eventBeginnings(months, clock)];
  seen.sort((a, b) => a.knownAt - b.knownAt || a.day - b.day);
  const known: FirstDayKnown[] = [];
  for (const each of seen) if (known.length === 0 || each.day < known.at(-1)!.day) known.push(each);
  return known;
}

/** The day of the earliest record, and earlier knowledge of later ones where there is any. */
function recordBeginnings(records: AccountRecords, clock: ZoneClock): FirstDayKnown[] {
  let first = Number.POSITIVE_INFINITY;
  let knownAt = Number.POSITIVE_INFINITY;
  let soonest = Number.POSITIVE_INFINITY;
  eachBeginning(records, (at, receivedAt) => {
    if (receivedAt < soonest) soonest = receivedAt;
    if (at > first || (at === first && receivedAt >= knownAt)) return;
    first = at;
    knownAt = receivedAt;
  });
  if (first === Number.POSITIVE_INFINITY) return [];
  const found = [{ knownAt, day: clock.dayOf(first) }];
  if (soonest < knownAt) {
    eachBeginning(records, (at, receivedAt) => {
      if (receivedAt < knownAt) found.push({ knownAt: receivedAt, day: clock.dayOf(at) });
    });
  }
  return found;
}

function eachBeginning(records: AccountRecords, visit: (at: Instant, receivedAt: Instant) => void): void {
  for (const { data, receivedAt } of records.accounts) visit(data.createdAt, receivedAt);
  for (const { data, receivedAt } of records.subscriptions) visit(data.startedAt, receivedAt);
  for (const { data, receivedAt } of records.tickets) visit(data.openedAt, receivedAt);
  for (const { data, receivedAt } of records.incidents) visit(data.startedAt, receivedAt);
  for (const { data, receivedAt } of records.surveys) visit(data.answeredAt, receivedAt);
  for (const { data, receivedAt } of records.goals) visit(data.createdAt, receivedAt);
  for (const { data, receivedAt } of records.notes) visit(data.at, receivedAt);
  for (const { data, receivedAt } of records.invoices) visit(data.issuedAt, receivedAt);
}

/** The first day with an event that came in time, and the late ones before it. */
function eventBeginnings(months: readonly LedgerColumns[], clock: ZoneClock): FirstDayKnown[] {
  const found: FirstDayKnown[] = [];
  for (const { late, size, cells, firstDay } of months.toSorted((a, b) => a.month - b.month)) {
    for (let i = 0; i < size; i++) {
      const day = firstDay + cells[i * CELL_FIELDS + CELL_DAY]!;
      const lateMs = late?.[i] ?? 0;
      found.push({ knownAt: lateMs === 0 ? clock.instantOf(day) : clock.instantOf(day + 1) + lateMs, day });
      if (lateMs === 0) return found;
    }
  }
  return found;
}
