/** What can be written in one transaction. */
import type { EventRecord, RecordKind } from '../../core/records/record.ts';
import type { Day, Instant } from '../../core/time/calendar.ts';
import type {
  AuditRow,
  CoverageDay,
  EntityRow,
  EvaluationWrite,
  EventInsert,
  FollowUpWrite,
  LedgerRow,
  PlanRow,
  ProfileRow,
  WriteSession,
} from '../../pipeline/ports.ts';
import { insertDecision, upsertIntervention, upsertJourney, upsertTickRun } from '../queries/evaluations.ts';
import { insertArtefact, insertContact, upsertHandoff, upsertOutcome } from '../queries/interventions.ts';
import { insertPlan } from '../queries/plans.ts';
import {
  insertEntity,
  insertEvent,
  lowerEntityReceipt,
  lowerEventReceipt,
  selectLedgerMonth,
  upsertLedgerMonth,
} from '../queries/records.ts';
import { markEvaluated, touchAccount } from '../queries/statuses.ts';
import {
  insertAudit,
  insertDocument,
  insertEventName,
  insertKind,
  selectCounter,
  upsertCounter,
  upsertCoverage,
  upsertMeta,
  upsertProfile,
} from '../queries/workspace.ts';
import type { SqliteConnection } from './connection.ts';
import { toStoreError } from './errors.ts';
import { readEvents } from './events.ts';

const ARRIVAL = 'arrival';

export class SqliteWriteSession implements WriteSession {
  readonly #connection: SqliteConnection;
  #open = true;
  #failure: unknown;
  #arrival: number | undefined;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  /** Writes what the session kept back. Throws what a method threw before, even when the caller let it pass. */
  finish(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#arrival !== undefined) this.#connection.run(upsertCounter, { name: ARRIVAL, value: this.#arrival });
  }

  /** No method works after this. */
  end(): void {
    this.#open = false;
  }

  async insertEvents(events: readonly EventRecord[]): Promise<EventInsert> {
    return this.#do((connection) => {
      const answer: EventInsert = { inserted: [], earlier: [] };
      for (const index of byAccount(events)) {
        const event = events[index]!;
        const { accountId, messageId, receivedAt } = event;
        const isNew = connection.run(insertEvent, {
          accountId,
          messageId,
          userId: event.userId,
          event: event.event,
          at: event.timestamp,
          receivedAt,
          properties: event.properties === undefined ? null : JSON.stringify(event.properties),
        });
        if (isNew) answer.inserted.push(index);
        else if (connection.run(lowerEventReceipt, { accountId, messageId, receivedAt })) answer.earlier.push(index);
      }
      answer.inserted.sort(ascending);
      answer.earlier.sort(ascending);
      return answer;
    });
  }

  async insertEntities(rows: readonly EntityRow[]): Promise<number[]> {
    return this.#do((connection) => {
      const inserted: number[] = [];
      rows.forEach((row, index) => {
        const arrival = this.#nextArrival();
        if (connection.run(insertEntity, { ...row, arrival })) inserted.push(index);
        else connection.run(lowerEntityReceipt, row);
      });
      return inserted;
    });
  }

  async readLedger(keys: readonly { accountId: string; month: number }[]): Promise<LedgerRow[]> {
    return this.#do((connection) => {
      const rows: LedgerRow[] = [];
      for (const { accountId, month } of keys) {
        const found = connection.get(selectLedgerMonth, { accountId, month });
        if (found) rows.push({ accountId, month, cells: found.cells });
      }
      return rows;
    });
  }

  async writeLedger(rows: readonly LedgerRow[]): Promise<void> {
    return this.#each(rows, (connection, row) => connection.run(upsertLedgerMonth, row));
  }

  async readEvents(accountId: string, from: Instant, to: Instant): Promise<EventRecord[]> {
    return this.#do((connection) => readEvents(connection, accountId, from, to));
  }

  async noteCoverage(days: readonly CoverageDay[]): Promise<void> {
    return this.#each(days, (connection, day) => connection.run(upsertCoverage, day));
  }

  async noteKind(kind: RecordKind): Promise<void> {
    return this.#each([kind], (connection) => connection.run(insertKind, { kind }));
  }

  async noteEventNames(names: readonly string[]): Promise<void> {
    return this.#each(names, (connection, name) => connection.run(insertEventName, { name }));
  }

  async touchAccounts(touched: readonly { accountId: string; earliestDay: Day; hasAccount: boolean }[]): Promise<void> {
    return this.#each(touched, (connection, touch) =>
      connection.run(touchAccount, { ...touch, hasAccount: touch.hasAccount ? 1 : 0 }),
    );
  }

  async setMeta(key: string, value: string): Promise<void> {
    return this.#each([value], (connection) => connection.run(upsertMeta, { key, value }));
  }

  async writeProfiles(rows: readonly ProfileRow[]): Promise<void> {
    return this.#each(rows, (connection, row) => connection.run(upsertProfile, row));
  }

  async recordEvaluations(writes: readonly EvaluationWrite[]): Promise<string[]> {
    return this.#do((connection) => {
      const lost: string[] = [];
      for (const write of writes) {
        if (!this.#recordEvaluation(connection, write)) lost.push(write.accountId);
      }
      return lost;
    });
  }

  async keepDocument(hash: string, kind: 'policy' | 'catalogue', text: string): Promise<void> {
    return this.#each([text], (connection) => connection.run(insertDocument, { hash, kind, text }));
  }

  async keepPlan(row: PlanRow): Promise<void> {
    return this.#each([row], (connection) => connection.run(insertPlan, row));
  }

  async appendAudit(row: AuditRow): Promise<void> {
    return this.#each([row], (connection) =>
      connection.run(insertAudit, { ...row, accountId: row.accountId ?? '', arrival: this.#nextArrival() }),
    );
  }

  #recordEvaluation(connection: SqliteConnection, write: EvaluationWrite): boolean {
    const { accountId, decision } = write;
    const marked = connection.get(markEvaluated, {
      accountId,
      expectedJourneyRevision: write.expectedJourneyRevision,
      tickedThrough: write.tickedThrough,
      decidedRevision: write.decidedRevision,
      decidedContext: write.decidedContext,
      decidedAt: decision?.asOf ?? null,
      decisionId: decision?.decisionId ?? null,
      nextChangeAt: write.nextChangeAt,
    });
    if (!marked) return false;
    connection.run(upsertJourney, { accountId, state: write.journey.state });
    for (const { firstDay, ticks } of write.tickRuns) connection.run(upsertTickRun, { accountId, firstDay, ticks });
    for (const row of write.interventions) {
      const customerFacing = row.customerFacing ? 1 : 0;
      connection.run(upsertIntervention, { ...row, accountId, customerFacing, capped: row.capped ? 1 : 0 });
    }
    if (write.followUp) this.#follow(connection, write.followUp);
    if (decision) connection.run(insertDecision, { ...decision, accountId, arrival: this.#nextArrival() });
    return true;
  }

  #follow(connection: SqliteConnection, { artefacts, outcomes, handoffs, contacts }: FollowUpWrite): void {
    for (const row of artefacts) connection.run(insertArtefact, row);
    for (const row of outcomes) connection.run(upsertOutcome, { ...row, settled: row.settled ? 1 : 0 });
    for (const row of handoffs) connection.run(upsertHandoff, row);
    for (const row of contacts) {
      const customerFacing = row.customerFacing ? 1 : 0;
      connection.run(insertContact, { ...row, customerFacing, arrival: this.#nextArrival() });
    }
  }

  /** The write lock is held, so nobody else counts. */
  #nextArrival(): number {
    this.#arrival ??= this.#connection.get(selectCounter, { name: ARRIVAL })?.value ?? 0;
    this.#arrival += 1;
    return this.#arrival;
  }

  #each<Item>(items: readonly Item[], write: (connection: SqliteConnection, item: Item) => void): void {
    this.#do((connection) => {
      for (const item of items) write(connection, item);
    });
  }

  #do<Answer>(work: (connection: SqliteConnection) => Answer): Answer {
    if (!this.#open) throw new Error('a write session was used after its transaction had ended');
    try {
      return work(this.#connection);
    } catch (error) {
      // A failed method may have written half of its rows: the session can only be undone.
      this.#failure ??= toStoreError(error, this.#connection.path);
      throw this.#failure;
    }
  }
}

/**
 * Indexes of the events, account by account: an account's rows are neighbours, so a large batch touches each page once.
 * Events of one account keep their order.
 */
function byAccount(events: readonly EventRecord[]): number[] {
  const groups = new Map<string, number[]>();
  events.forEach(({ accountId }, index) => {
    const group = groups.get(accountId);
    if (group) group.push(index);
    else groups.set(accountId, [index]);
  });
  return [...groups.keys()].sort().flatMap((accountId) => groups.get(accountId)!);
}

function ascending(a: number, b: number): number {
  return a - b;
}
