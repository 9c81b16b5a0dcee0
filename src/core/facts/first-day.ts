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
  const found: { at: Instant; knownAt: Instant }[] = [];
  let first: { at: Instant; knownAt: Instant } | undefined;
  const visit = <T>(versions: readonly { receivedAt: Instant; data: T }[], mainDate: (data: T) => Instant): void => {
    for (const { receivedAt, data } of versions) {
      const each = { at: mainDate(data), knownAt: receivedAt };
      found.push(each);
      if (first === undefined || each.at < first.at || (each.at === first.at && each.knownAt < first.knownAt))
        first = each;
    }
  };
  visit(records.accounts, (account) => account.createdAt);
  visit(records.subscriptions, (subscription) => subscription.startedAt);
  visit(records.tickets, (ticket) => ticket.openedAt);
  visit(records.incidents, (incident) => incident.startedAt);
  visit(records.surveys, (survey) => survey.answeredAt);
  visit(records.goals, (goal) => goal.createdAt);
  visit(records.notes, (note) => note.at);
  visit(records.invoices, (invoice) => invoice.issuedAt);
  const earliest = first;
  if (earliest === undefined) return [];
  const before = found.filter((each) => each.knownAt < earliest.knownAt);
  return [earliest, ...before].map(({ at, knownAt }) => ({ knownAt, day: clock.dayOf(at) }));
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
