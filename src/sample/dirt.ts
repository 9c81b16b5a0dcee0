/** What real exports contain beside good rows: records of unknown accounts, repeated rows, and rows that are wrong. */
import type { RecordKind } from '../core/records/record.ts';
import type { Row } from './contracts.ts';

/** Rows and text lines a reader must reject, by kind. A string is written as it is. */
export type DirtyRows = Partial<Record<RecordKind, (Row | string)[]>>;

/** Repeats some rows exactly and adds the records of two accounts that no file describes; returns the wrong rows. */
export function addDirt(records: Record<RecordKind, Row[]>): DirtyRows {
  records.events.push(...records.events.filter((_, i) => i % 4001 === 17).map((row) => ({ ...row })));
  records.notes.push({ ...records.notes[3]! });
  records.subscriptions.push({ ...records.subscriptions[5]! });
  records.events.push(
    ...[3, 4, 5].map((day) => ({
      messageId: `m_orphan_${day}`,
      accountId: 'acc_unlisted_bakery',
      userId: 'u_unlisted_01',
      event: 'dashboard_viewed',
      timestamp: `2026-03-0${day}T09:12:00Z`,
    })),
  );
  records.notes.push({
    noteId: 'n_orphan_1',
    accountId: 'acc_unlisted_studio',
    at: '2026-04-14T10:00:00Z',
    text: 'Asked for a call about pricing.',
    author: 'customer',
    kind: 'email',
  });
  return wrongRows();
}

function wrongRows(): DirtyRows {
  const accountId = 'acc_alderbrook';
  return {
    accounts: [{ accountId: 'acc_no_date', name: 'Account without a creation date' }],
    events: [
      { messageId: 'm_bad_1', accountId, event: 'dashboard_viewed', timestamp: '2026-02-30T10:00:00Z' },
      { messageId: 'm_bad_2', accountId, event: 'dashboard_viewed', timestamp: '0001-01-01T00:00:00Z' },
      { messageId: 'm_bad_3', accountId, event: 'dashboard_viewed', timestamp: '9999-12-31T23:59:59Z' },
      { messageId: 'm_bad_4', accountId, timestamp: '2026-02-03T10:00:00Z' },
      { messageId: 'm_bad_5', event: 'dashboard_viewed', timestamp: '2026-02-03T10:00:00Z' },
      '{"messageId":"m_bad_6","accountId":"acc_alderbrook","event":"dashboard_vi',
      '["not", "an", "object"]',
    ],
    subscriptions: [
      { subscriptionId: 's_bad_1', accountId, plan: 'growth', status: 'active', seats: -4, startedAt: '2026-01-05' },
      { subscriptionId: 's_bad_2', accountId, plan: 'growth', status: 'signed', seats: 4, startedAt: '2026-01-05' },
    ],
    tickets: [{ ticketId: 't_bad_1', accountId, openedAt: 'yesterday', priority: 'P2', subject: 'Export is empty' }],
    surveys: [{ surveyId: 'v_bad_1', accountId, answeredAt: '2026-02-10T11:00:00Z', kind: 'nps', score: 'eleven' }],
    goals: [{ goalId: 'g_bad_1', accountId, createdAt: '2026-02-10T11:00:00Z' }],
    notes: [{ noteId: 'n_bad_1', accountId, at: '2026-13-01', text: 'Wrong month.' }],
    invoices: [{ invoiceId: 'i_bad_1', accountId, issuedAt: '2026-03-01', dueAt: '2026-03-31', amount: 'tbd' }],
  };
}
