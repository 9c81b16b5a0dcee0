/** Accepted records of every kind but events into a store, within one transaction. */
import { hash } from 'node:crypto';
import type { ParsedRecord } from '../core/records/parse-record.ts';
import { sortedJson } from '../core/records/properties.ts';
import type { EntityKind } from '../core/records/record.ts';
import type { Day, ZoneClock } from '../core/time/calendar.ts';
import type { CoverageDay, EntityRow, WriteSession } from './ports.ts';

/** The row of a parsed record. Keys are sorted, so that equal content is a duplicate however it was written. */
export function entityRow(kind: EntityKind, parsed: ParsedRecord<EntityKind> & { ok: true }): EntityRow {
  const body = JSON.stringify(sortedJson(parsed.record));
  return {
    accountId: parsed.record.accountId,
    kind,
    id: parsed.id,
    effectiveAt: parsed.effectiveAt,
    receivedAt: parsed.receivedAt,
    hash: hash('sha256', body),
    body,
  };
}

/** Writes a batch of rows. Returns how many were new; the others were duplicates. */
export async function writeEntities(
  session: WriteSession,
  rows: readonly EntityRow[],
  clock: ZoneClock,
): Promise<number> {
  if (rows.length === 0) return 0;
  const inserted = await session.insertEntities(rows);
  // Duplicates may have been known earlier, so every row speaks for coverage.
  await session.noteCoverage(entityCoverage(rows, clock));
  const touches = new Map<string, { accountId: string; earliestDay: Day; hasAccount: boolean }>();
  for (const index of inserted) {
    const row = rows[index]!;
    const touch = touches.get(row.accountId) ?? { accountId: row.accountId, earliestDay: Infinity, hasAccount: false };
    touch.earliestDay = Math.min(touch.earliestDay, clock.dayOf(row.effectiveAt));
    touch.hasAccount ||= row.kind === 'accounts';
    touches.set(row.accountId, touch);
  }
  await session.touchAccounts([...touches.values()]);
  return inserted.length;
}

/** A record without a date (a contact without `createdAt`) says nothing of any day. */
function entityCoverage(rows: readonly EntityRow[], clock: ZoneClock): CoverageDay[] {
  const knownAt = new Map<Day, number>();
  for (const { effectiveAt, receivedAt } of rows) {
    if (effectiveAt === 0) continue;
    const day = clock.dayOf(effectiveAt);
    knownAt.set(day, Math.min(receivedAt, knownAt.get(day) ?? Infinity));
  }
  return [...knownAt].map(([day, recordsKnownAt]) => ({ day, eventsKnownAt: null, recordsKnownAt }));
}
