/**
 * The ledger keeps what the catalogue measures: amounts of meters, features of gated attempts. When the catalogue measures
 * something else, the ledger is counted anew from the raw events, account by account.
 */
import { cellsOf } from '../core/history/cells.ts';
import { mergeLedgerMonth } from '../core/history/codec.ts';
import type { MeasuredProperties } from '../core/history/ledger.ts';
import { firstDayOfMonth, monthOf, type ZoneClock } from '../core/time/calendar.ts';
import type { LedgerRow, Store } from './ports.ts';

const MEASURED_META = 'ledger.measured';
const ACCOUNTS_PER_WRITE = 50; // bounds the events held at once
const FIRST_MONTH = monthOf(-366); // zones west of UTC put the first hours of 1970 into 1969
const END_MONTH = monthOf(84_006); // 2200-01-01: no event is later
const END_DAY = firstDayOfMonth(END_MONTH);

/** Returns true when the ledger had to be rebuilt. Cut short, it starts again the next time. */
export async function rebuildLedgerIfChanged(
  store: Store,
  clock: ZoneClock,
  measured: MeasuredProperties,
): Promise<boolean> {
  const before = await store.getMeta(MEASURED_META);
  if (before === measured.hash) return false;
  if (before !== undefined) await rebuildAll(store, clock, measured);
  await store.write((session) => session.setMeta(MEASURED_META, measured.hash));
  return before !== undefined;
}

async function rebuildAll(store: Store, clock: ZoneClock, measured: MeasuredProperties): Promise<void> {
  let after: string | undefined;
  for (;;) {
    const statuses = await store.listStatuses({ limit: ACCOUNTS_PER_WRITE, ...(after === undefined ? {} : { after }) });
    if (statuses.length === 0) return;
    const ids = statuses.map((status) => status.accountId);
    await rebuildAccounts(store, ids, clock, measured);
    after = ids.at(-1)!;
  }
}

async function rebuildAccounts(store: Store, ids: readonly string[], clock: ZoneClock, measured: MeasuredProperties) {
  const from = clock.instantOf(firstDayOfMonth(FIRST_MONTH));
  const to = clock.instantOf(firstDayOfMonth(END_MONTH));
  const bundles = await store.readBundles(ids, 0);
  await store.write(async (session) => {
    for (const { status, ledger } of bundles) {
      const { accountId } = status;
      const events = await session.readEvents(accountId, from, to);
      const rows = new Map<number, LedgerRow>();
      // a month that has no events any more stays as an empty one
      for (const { month } of ledger)
        rows.set(month, { accountId, month, cells: mergeLedgerMonth(month, undefined, []) });
      for (const [month, cells] of cellsOf(events, clock, measured)) {
        rows.set(month, { accountId, month, cells: mergeLedgerMonth(month, undefined, cells) });
      }
      await session.writeLedger([...rows.values()]);
      if (events.length === 0) continue;
      // the accounts are to be evaluated anew; nothing they know is late
      await session.touchAccounts([{ accountId, earliestDay: END_DAY, hasAccount: false }]);
    }
  });
}
