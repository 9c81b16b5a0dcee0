import type { EventRecord } from '../../core/records/record.ts';
import type { Instant } from '../../core/time/calendar.ts';
import { selectEvents } from '../queries/records.ts';
import type { SqliteConnection } from './connection.ts';

/** Raw events of one account in [from, to), by timestamp and then message id. */
export function readEvents(connection: SqliteConnection, accountId: string, from: Instant, to: Instant): EventRecord[] {
  return connection.all(selectEvents, { accountId, from, to }).map(({ properties, ...row }) => ({
    accountId,
    ...row,
    ...(properties === null ? {} : { properties: JSON.parse(properties) }),
  }));
}
