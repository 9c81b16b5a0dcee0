/**
 * The embedded store: one SQLite file, one connection that writes and one that reads. Readers see the last committed
 * state, also while a session is open. Write sessions of this process queue up; those of other processes hold the
 * file's write lock.
 */
import type { SoonForgotten } from '../../core/decision/remembered.ts';
import type { EventRecord, RecordKind } from '../../core/records/record.ts';
import type { Day, Instant } from '../../core/time/calendar.ts';
import type {
  AccountBundle,
  AccountStatus,
  ArtefactRow,
  AuditRow,
  ContactLogRow,
  CoverageDay,
  DecisionRow,
  HandoffRow,
  InterventionRow,
  OutcomeRow,
  PlanRow,
  ProfileState,
  Store,
  TickRunRow,
  WriteSession,
} from '../../pipeline/ports.ts';
import {
  type InterventionTuple,
  selectAccountInterventions,
  selectDecision,
  selectDecisionList,
  selectInterventions,
  selectLatestDecisions,
  selectTickRuns,
} from '../queries/evaluations.ts';
import {
  selectAccountHandoffs,
  selectAccountOfHandoff,
  selectAccountOfIntervention,
  selectArtefact,
  selectContactLog,
  selectHandoffs,
  selectOutcomesOf,
} from '../queries/interventions.ts';
import { selectPlansOf } from '../queries/plans.ts';
import { countAccounts, countUnticked, selectStatuses, selectStatusesOf } from '../queries/statuses.ts';
import {
  countDecisions,
  countEntities,
  countEvents,
  type ProfileTuple,
  selectAccountAudit,
  selectAudit,
  selectCoverage,
  selectDocument,
  selectEventNames,
  selectKinds,
  selectMeta,
  selectProfiles,
} from '../queries/workspace.ts';
import { readBundles, toIntervention, toProfileState, toStatuses } from './bundles.ts';
import type { SqliteConnection } from './connection.ts';
import { isCorrupt, readOnlyError, toStoreError } from './errors.ts';
import { readEvents } from './events.ts';
import { readSchemaVersion } from './migrate.ts';
import { SqliteWriteSession } from './session.ts';

const NO_LIMIT = -1; // SQLite: no upper bound

export class SqliteStore implements Store {
  readonly #reader: SqliteConnection;
  readonly #writer: SqliteConnection | undefined;
  readonly #busyTimeoutMs: number;
  /** Resolves when the last write session asked for has ended. */
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(reader: SqliteConnection, writer: SqliteConnection | undefined, busyTimeoutMs: number) {
    this.#reader = reader;
    this.#writer = writer;
    this.#busyTimeoutMs = busyTimeoutMs;
  }

  write<T>(work: (session: WriteSession) => Promise<T>): Promise<T> {
    const result = this.#lastWrite.then(() => this.#transact(work));
    this.#lastWrite = result.catch(() => undefined);
    return result;
  }

  async #transact<T>(work: (session: WriteSession) => Promise<T>): Promise<T> {
    const writer = this.#writer;
    if (!writer) throw readOnlyError(this.#reader.path);
    const session = new SqliteWriteSession(writer);
    try {
      await writer.beginWrite(this.#busyTimeoutMs);
      const answer = await work(session);
      session.end();
      session.finish();
      writer.database.exec('commit');
      return answer;
    } catch (error) {
      session.end();
      writer.rollback();
      throw toStoreError(error, writer.path);
    }
  }

  async getMeta(key: string): Promise<string | undefined> {
    return this.#read((reader) => reader.get(selectMeta, { key })?.value);
  }

  async readCoverage(): Promise<CoverageDay[]> {
    return this.#read((reader) => reader.all(selectCoverage, {}));
  }

  async importedKinds(): Promise<RecordKind[]> {
    return this.#read((reader) => reader.all(selectKinds, {}).map((row) => row.kind));
  }

  async eventNames(): Promise<string[]> {
    return this.#read((reader) => reader.all(selectEventNames, {}).map((row) => row.name));
  }

  async countRows() {
    return this.#read((reader) => {
      const { all, withAccount } = reader.get(countAccounts, {})!;
      return {
        accounts: withAccount ?? 0,
        orphanAccounts: all - (withAccount ?? 0),
        events: reader.get(countEvents, {})!.count,
        entities: reader.get(countEntities, {})!.count,
        decisions: reader.get(countDecisions, {})!.count,
      };
    });
  }

  async listStatuses(
    options: { ids?: readonly string[]; after?: string; limit?: number } = {},
  ): Promise<AccountStatus[]> {
    const { ids, after = '', limit = NO_LIMIT } = options;
    return this.#read((reader) =>
      toStatuses(
        ids ? reader.tuples(selectStatusesOf, { ids, after, limit }) : reader.tuples(selectStatuses, { after, limit }),
      ),
    );
  }

  async countUnticked(day: Day): Promise<number> {
    return this.#read((reader) => reader.get(countUnticked, { day })!.count);
  }

  async readBundles(
    ids: readonly string[],
    interventionsSince: Day,
    forgotten?: SoonForgotten,
  ): Promise<AccountBundle[]> {
    return this.#read((reader) => readBundles(reader, ids, interventionsSince, forgotten));
  }

  async readProfiles(page: { after: string; limit: number }): Promise<ProfileState[]> {
    return this.#read((reader) => (reader.tuples(selectProfiles, page) as ProfileTuple[]).map(toProfileState));
  }

  async readTicks(accountId: string, fromDay: Day, toDay: Day): Promise<TickRunRow[]> {
    return this.#read((reader) => reader.all(selectTickRuns, { accountId, fromDay, toDay }));
  }

  async readEvents(accountId: string, from: Instant, to: Instant): Promise<EventRecord[]> {
    return this.#read((reader) => readEvents(reader, accountId, from, to));
  }

  async readInterventions(accountId?: string): Promise<InterventionRow[]> {
    return this.#read((reader) =>
      (accountId === undefined
        ? reader.tuples(selectInterventions, {})
        : reader.tuples(selectAccountInterventions, { accountId })
      ).map((row) => toIntervention(row as InterventionTuple)),
    );
  }

  async readArtefact(accountId: string, interventionId: string): Promise<ArtefactRow | undefined> {
    return this.#read((reader) => reader.get(selectArtefact, { accountId, interventionId }));
  }

  async readOutcomes(ids: readonly string[]): Promise<OutcomeRow[]> {
    return this.#read((reader) =>
      reader.all(selectOutcomesOf, { ids }).map((row) => ({ ...row, settled: row.settled === 1 })),
    );
  }

  async readHandoffs(accountId?: string): Promise<HandoffRow[]> {
    return this.#read((reader) =>
      accountId === undefined ? reader.all(selectHandoffs, {}) : reader.all(selectAccountHandoffs, { accountId }),
    );
  }

  async readContactLog(accountId: string): Promise<ContactLogRow[]> {
    return this.#read((reader) =>
      reader.all(selectContactLog, { accountId }).map((row) => ({ ...row, customerFacing: row.customerFacing === 1 })),
    );
  }

  async accountOf(id: { intervention: string } | { handoff: string }): Promise<string | undefined> {
    return this.#read((reader) =>
      'intervention' in id
        ? reader.get(selectAccountOfIntervention, { id: id.intervention })?.accountId
        : reader.get(selectAccountOfHandoff, { id: id.handoff })?.accountId,
    );
  }

  async readDecision(accountId: string, decisionId?: string): Promise<DecisionRow | undefined> {
    return this.#read((reader) =>
      decisionId === undefined
        ? reader.all(selectLatestDecisions, { ids: [accountId] })[0]
        : reader.get(selectDecision, { accountId, decisionId }),
    );
  }

  async readDecisions(ids: readonly string[]): Promise<DecisionRow[]> {
    return this.#read((reader) => reader.all(selectLatestDecisions, { ids }));
  }

  async listDecisions(accountId: string): Promise<{ decisionId: string; asOf: Instant; policyHash: string }[]> {
    return this.#read((reader) => reader.all(selectDecisionList, { accountId }));
  }

  async readPlans(ids: readonly string[]): Promise<PlanRow[]> {
    return this.#read((reader) => reader.all(selectPlansOf, { ids }));
  }

  async readDocument(hash: string): Promise<{ kind: 'policy' | 'catalogue'; text: string } | undefined> {
    return this.#read((reader) => reader.get(selectDocument, { hash }));
  }

  async readAudit(accountId?: string): Promise<AuditRow[]> {
    return this.#read((reader) =>
      (accountId === undefined ? reader.all(selectAudit, {}) : reader.all(selectAccountAudit, { accountId })).map(
        (row) => ({ ...row, accountId: row.accountId === '' ? null : row.accountId }),
      ),
    );
  }

  async checkIntegrity(): Promise<string[]> {
    // Not within `#read`: on a damaged file the end of a transaction fails, and what was found would be lost.
    const { database, path } = this.#reader;
    try {
      const rows = database.prepare('pragma integrity_check').all();
      return rows.map((row) => String(Object.values(row)[0])).filter((line) => line !== 'ok');
    } catch (error) {
      if (isCorrupt(error)) return [error.message];
      throw toStoreError(error, path);
    }
  }

  async schemaVersion(): Promise<number> {
    return this.#read(readSchemaVersion);
  }

  async close(): Promise<void> {
    await this.#lastWrite;
    this.#reader.close();
    // Last, because the last connection to leave folds the write-ahead log into the file.
    this.#writer?.close();
  }

  /** All statements of `work` see one state of the database. */
  #read<Answer>(work: (reader: SqliteConnection) => Answer): Answer {
    const reader = this.#reader;
    try {
      reader.database.exec('begin');
      const answer = work(reader);
      reader.database.exec('commit');
      return answer;
    } catch (error) {
      reader.rollback();
      throw toStoreError(error, reader.path);
    }
  }
}
