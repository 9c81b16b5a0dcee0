/**
 * Accepted events into a store, within one transaction: the raw rows, the ledger months they belong to, coverage, event
 * names and the accounts they touch. Sending events again changes nothing; the earliest receipt of each one counts.
 */
import { cellsOf } from '../core/history/cells.ts';
import { mergeLedgerMonth } from '../core/history/codec.ts';
import type { LedgerCell, MeasuredProperties } from '../core/history/ledger.ts';
import type { EventRecord } from '../core/records/record.ts';
import { type Day, firstDayOfMonth, monthOf, type ZoneClock } from '../core/time/calendar.ts';
import type { CoverageDay, LedgerRow, WriteSession } from './ports.ts';

export interface EventContext {
  clock: ZoneClock;
  measured: MeasuredProperties;
}

/** Months of one account. */
interface AccountMonths {
  accountId: string;
  month: number;
  cells: readonly LedgerCell[];
}

const MONTHS_AT_ONCE = 200; // bounds what is unpacked beside the events themselves
const DAYS_BEFORE_1970 = -366; // zones west of UTC put the first hours of 1970 into 1969
const FOREVER: Day = 84_006; // 2200-01-01: no event is later

/** Writes a batch of parsed events. Returns how many were new; the others were duplicates. */
export async function writeEvents(
  session: WriteSession,
  events: readonly EventRecord[],
  { clock, measured }: EventContext,
): Promise<number> {
  const { inserted, earlier } = await session.insertEvents(events);
  if (inserted.length === 0 && earlier.length === 0) return 0;
  const accepted = inserted.length === events.length ? [...events] : inserted.map((index) => events[index]!);
  const changed = earlier.length === 0 ? accepted : [...accepted, ...earlier.map((index) => events[index]!)];
  const byAccount = groupByAccount(accepted);
  await mergeLedger(session, byAccount, { clock, measured });
  if (earlier.length > 0) {
    await rebuildMonths(
      session,
      earlier.map((index) => events[index]!),
      { clock, measured },
    );
  }
  await session.noteCoverage(eventCoverage(changed, clock));
  await session.noteEventNames([...new Set(accepted.map((event) => event.event))]);
  await session.touchAccounts(touchesOf(earlier.length === 0 ? byAccount : groupByAccount(changed), clock));
  return inserted.length;
}

function groupByAccount(events: readonly EventRecord[]): Map<string, EventRecord[]> {
  const groups = new Map<string, EventRecord[]>();
  for (const event of events) {
    const group = groups.get(event.accountId);
    if (group === undefined) groups.set(event.accountId, [event]);
    else group.push(event);
  }
  return groups;
}

async function mergeLedger(
  session: WriteSession,
  byAccount: ReadonlyMap<string, readonly EventRecord[]>,
  { clock, measured }: EventContext,
): Promise<void> {
  let rows: AccountMonths[] = [];
  for (const [accountId, events] of byAccount) {
    for (const [month, cells] of cellsOf(events, clock, measured)) rows.push({ accountId, month, cells });
    if (rows.length < MONTHS_AT_ONCE) continue;
    await mergeMonths(session, rows);
    rows = [];
  }
  await mergeMonths(session, rows);
}

async function mergeMonths(session: WriteSession, rows: readonly AccountMonths[]): Promise<void> {
  const existing = new Map<string, Map<number, Uint8Array>>();
  for (const { accountId, month, cells } of await session.readLedger(rows)) {
    const months = existing.get(accountId);
    if (months === undefined) existing.set(accountId, new Map([[month, cells]]));
    else months.set(month, cells);
  }
  await session.writeLedger(
    rows.map(({ accountId, month, cells }): LedgerRow => {
      return { accountId, month, cells: mergeLedgerMonth(month, existing.get(accountId)?.get(month), cells) };
    }),
  );
}

/** An event turned out to have been known earlier: its month is counted anew from the raw events. */
async function rebuildMonths(session: WriteSession, events: readonly EventRecord[], context: EventContext) {
  const done = new Set<string>();
  for (const event of events) {
    const month = monthOf(context.clock.dayOf(event.timestamp));
    if (done.has(`${month} ${event.accountId}`)) continue;
    const stored = await rebuildRange(session, event.accountId, month, month + 1, context);
    done.add(`${month} ${event.accountId}`);
    // The same message id may have come with another timestamp; the first one stays, in whatever month it is.
    if (!stored.some((found) => found.messageId === event.messageId)) {
      const firstMonth = monthOf(DAYS_BEFORE_1970);
      await rebuildRange(session, event.accountId, firstMonth, monthOf(FOREVER), context);
    }
  }
}

async function rebuildRange(
  session: WriteSession,
  accountId: string,
  firstMonth: number,
  endMonth: number,
  { clock, measured }: EventContext,
): Promise<EventRecord[]> {
  const from = clock.instantOf(firstDayOfMonth(firstMonth));
  const to = clock.instantOf(firstDayOfMonth(endMonth));
  const events = await session.readEvents(accountId, from, to);
  const rows: LedgerRow[] = [];
  for (const [month, cells] of cellsOf(events, clock, measured)) {
    rows.push({ accountId, month, cells: mergeLedgerMonth(month, undefined, cells) });
  }
  await session.writeLedger(rows);
  return events;
}

function eventCoverage(events: readonly EventRecord[], clock: ZoneClock): CoverageDay[] {
  const knownAt = new Map<Day, number>();
  for (const { timestamp, receivedAt } of events) {
    const day = clock.dayOf(timestamp);
    const known = knownAt.get(day);
    if (known === undefined || receivedAt < known) knownAt.set(day, receivedAt);
  }
  return [...knownAt].map(([day, known]) => ({ day, eventsKnownAt: known, recordsKnownAt: known }));
}

function touchesOf(byAccount: ReadonlyMap<string, readonly EventRecord[]>, clock: ZoneClock) {
  return [...byAccount].map(([accountId, events]) => {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { timestamp } of events) if (timestamp < earliest) earliest = timestamp;
    return { accountId, earliestDay: clock.dayOf(earliest), hasAccount: false };
  });
}
