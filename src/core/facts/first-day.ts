/** An account's first day: the earlier of its creation and its first record (journey.md section 1). */
import type { LedgerColumns } from '../history/columns.ts';
import { CELL_DAY } from '../history/columns.ts';
import type { AccountRecords } from '../records/record.ts';
import type { Day, Instant, ZoneClock } from '../time/calendar.ts';

export function firstDayOf(records: AccountRecords, months: readonly LedgerColumns[], clock: ZoneClock): Day {
  let first: Instant = records.accounts[0]?.data.createdAt ?? Number.POSITIVE_INFINITY;
  for (const { data } of records.accounts) first = Math.min(first, data.createdAt);
  for (const { data } of records.subscriptions) first = Math.min(first, data.startedAt);
  for (const { data } of records.tickets) first = Math.min(first, data.openedAt);
  for (const { data } of records.incidents) first = Math.min(first, data.startedAt);
  for (const { data } of records.surveys) first = Math.min(first, data.answeredAt);
  for (const { data } of records.goals) first = Math.min(first, data.createdAt);
  for (const { data } of records.notes) first = Math.min(first, data.at);
  for (const { data } of records.invoices) first = Math.min(first, data.issuedAt);
  let day = Number.isFinite(first) ? clock.dayOf(first) : Number.POSITIVE_INFINITY;
  for (const month of months) if (month.size > 0) day = Math.min(day, month.firstDay + month.cells[CELL_DAY]!);
  return day;
}
