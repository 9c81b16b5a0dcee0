/**
 * What the pipeline needs from a store. Every method is a promise so that a database server can implement it; a method
 * that is not on `WriteSession` changes nothing. Rows hold JSON as text: the pipeline parses, the store does not.
 */
import type { InterventionState } from '../core/decision/inputs.ts';
import type { SoonForgotten } from '../core/decision/remembered.ts';
import type { HandoffState } from '../core/handoffs/handoff-record.ts';
import type { EntityKind, EventRecord, RecordKind } from '../core/records/record.ts';
import type { Day, Instant } from '../core/time/calendar.ts';

/** One entity version as read. */
export interface EntityVersion {
  accountId: string;
  kind: EntityKind;
  id: string;
  effectiveAt: Instant;
  receivedAt: Instant;
  /** JSON of the typed record (`EntityByKind[kind]`). */
  body: string;
}

/** The same as written. `hash` is sha256 over the record's content: the same content twice is a duplicate. */
export interface EntityRow extends EntityVersion {
  hash: string;
}

export interface LedgerRow {
  accountId: string;
  /** months since 1970-01 */
  month: number;
  /** packed by `encodeLedgerMonth` */
  cells: Uint8Array;
}

/** A workspace day on which records happened, and the first moment at which we knew of one. */
export interface CoverageDay {
  day: Day;
  /** First moment at which an event of that day was known; null: no event that day. */
  eventsKnownAt: Instant | null;
  /** The same for records of any kind, events included. */
  recordsKnownAt: Instant;
}

/** What the store knows about an account without reading its records. */
export interface AccountStatus {
  accountId: string;
  /** False: records name this account, but no account record has arrived. */
  hasAccount: boolean;
  /** Rises with every accepted record of the account. */
  revision: number;
  /** Day of the last recorded tick. */
  tickedThrough: Day | null;
  /** Rises with every recorded evaluation or move; the guard against two writers. */
  journeyRevision: number;
  /** `revision` and workspace context at the last recorded decision; see `evaluate-accounts.ts`. */
  decidedRevision: number | null;
  decidedContext: string | null;
  decidedAt: Instant | null;
  /** The first moment after `decidedAt` at which an already known record takes effect. */
  nextChangeAt: Instant | null;
  /** Earliest day of an accepted record that came after its day had been ticked; null: none since the last evaluation. */
  lateSince: Day | null;
}

/** What other accounts may need to know of this one (peers, default relevance): see `core/facts/profile.ts`. */
export interface ProfileRow {
  accountId: string;
  /** Account revision and catalogue hash it was computed from. */
  revision: number;
  catalogueHash: string;
  data: string;
}

/** An account with an account record, and its profile as far as one is kept. */
export interface ProfileState {
  accountId: string;
  revision: number;
  lateSince: Day | null;
  profile: Omit<ProfileRow, 'accountId'> | null;
}

export interface InterventionRow {
  accountId: string;
  interventionId: string;
  ruleId: string;
  skill: string;
  stage: string;
  priority: string;
  state: InterventionState;
  customerFacing: boolean;
  /** Counts toward the weekly cap. */
  capped: boolean;
  /** Tick day on which it was first made. */
  day: Day;
  /** Last tick day on which its state changed. */
  updatedDay: Day;
  /** JSON: reason, holds and whatever the state needs. */
  detail: string;
}

/** What an intervention carried when it was let through: the result of its skill at that moment. */
export interface ArtefactRow {
  accountId: string;
  interventionId: string;
  madeOn: Day;
  /** JSON of the result's plain fields, for later runs of the skill. */
  memo: string;
  /** JSON of `SkillResult`. */
  body: string;
}

/** What came, or will come, of an intervention that was done. */
export interface OutcomeRow {
  accountId: string;
  interventionId: string;
  /** Day on which its measure is read again. */
  dueOn: Day;
  settled: boolean;
  /** JSON of `OutcomeRecord`. */
  body: string;
}

export interface HandoffRow {
  accountId: string;
  handoffId: string;
  state: HandoffState;
  /** JSON of `HandoffRecord`. */
  body: string;
  /** JSON of `HandoffPacket` as it was offered last; null: never offered. */
  packet: string | null;
}

/** Somebody was contacted, or was not: an intervention came into a state. Appended, never changed. */
export interface ContactLogRow {
  accountId: string;
  at: Instant;
  interventionId: string;
  ruleId: string;
  skill: string;
  customerFacing: boolean;
  state: InterventionState;
  /** JSON of `ContactDetail`: by whom, why, and the guardrails that held it. */
  detail: string;
}

export interface JourneyRow {
  accountId: string;
  /** JSON of `JourneyState` after the tick of `tickedThrough`. */
  state: string;
}

/** Consecutive recorded ticks of one account, as a JSON array of `TickRecord`, under the day of the first. */
export interface TickRunRow {
  accountId: string;
  firstDay: Day;
  ticks: string;
}

export interface DecisionRow {
  accountId: string;
  decisionId: string;
  asOf: Instant;
  policyHash: string;
  catalogueHash: string;
  /** The decision's JSON, byte for byte as given out. */
  body: string;
  /** JSON of everything the decision was computed from; `replay-decision.ts` turns it back into `body`. */
  inputs: string;
}

/** An expansion plan as it was given, kept so that its criteria can be looked at again. */
export interface PlanRow {
  accountId: string;
  /** A hash of the plan's content. */
  planId: string;
  asOf: Instant;
  /** JSON of `ClearedPlan`. */
  body: string;
}

/** What live decisions and people's answers leave beside the journey. */
export interface FollowUpWrite {
  artefacts: ArtefactRow[];
  outcomes: OutcomeRow[];
  handoffs: HandoffRow[];
  contacts: ContactLogRow[];
}

/** An earlier intervention that was let through live, as skills look back on it. */
export interface PastRow {
  interventionId: string;
  ruleId: string;
  skill: string;
  state: InterventionState;
  detail: string;
  memo: string;
}

/** How far before the interventions of a bundle its `past` reaches: a quarter. */
export const PAST_DAYS = 92;

/** Everything one account's evaluation reads. */
export interface AccountBundle {
  status: AccountStatus;
  /** In the order (effectiveAt, receivedAt, arrival). */
  entities: EntityVersion[];
  ledger: LedgerRow[];
  journey: JourneyRow | null;
  /** Interventions that are open or changed within the days asked for, oldest first. */
  interventions: InterventionRow[];
  /** Those with an artefact, oldest first, `PAST_DAYS` further back. */
  past: PastRow[];
  /** Outcomes that are not settled. */
  outcomes: OutcomeRow[];
  /** Handoffs that are not closed. */
  handoffs: HandoffRow[];
}

/** What one account's evaluation writes, all or nothing. */
export interface EvaluationWrite {
  accountId: string;
  /** `AccountStatus.journeyRevision` that was read; if it has moved on, nothing is written. */
  expectedJourneyRevision: number;
  journey: JourneyRow;
  tickedThrough: Day;
  tickRuns: TickRunRow[];
  interventions: InterventionRow[];
  followUp?: FollowUpWrite;
  decision: DecisionRow | null;
  decidedRevision: number;
  decidedContext: string;
  nextChangeAt: Instant | null;
}

export interface AuditRow {
  at: Instant;
  actor: string;
  accountId: string | null;
  action: string;
  /** JSON */
  before: string;
  after: string;
  reason: string;
}

export interface EventInsert {
  /** Index into the events given: rows that are new. */
  inserted: number[];
  /** Index of rows already there under a later `receivedAt`, which was lowered: their ledger month must be rebuilt. */
  earlier: number[];
}

/** One transaction. Nothing is visible to others until it commits, and a throw undoes it. */
export interface WriteSession {
  /** Deduplicated by (accountId, messageId). */
  insertEvents(events: readonly EventRecord[]): Promise<EventInsert>;
  /** Deduplicated by (accountId, kind, id, effectiveAt, hash). Returns the indexes of new rows. */
  insertEntities(rows: readonly EntityRow[]): Promise<number[]>;
  readLedger(keys: readonly { accountId: string; month: number }[]): Promise<LedgerRow[]>;
  writeLedger(rows: readonly LedgerRow[]): Promise<void>;
  /** Raw events of one account in [from, to), in timestamp order. */
  readEvents(accountId: string, from: Instant, to: Instant): Promise<EventRecord[]>;
  /** Merges: the earliest knowledge of each day wins. */
  noteCoverage(days: readonly CoverageDay[]): Promise<void>;
  /** A record kind counts as imported from now on, even when no row came (contract.md: an empty file counts). */
  noteKind(kind: RecordKind): Promise<void>;
  noteEventNames(names: readonly string[]): Promise<void>;
  /** Raises `revision`; `earliestDay` is the earliest day the new records of that account speak of. */
  touchAccounts(touched: readonly { accountId: string; earliestDay: Day; hasAccount: boolean }[]): Promise<void>;
  setMeta(key: string, value: string): Promise<void>;
  writeProfiles(rows: readonly ProfileRow[]): Promise<void>;
  /** Returns the accounts that were not written because another writer was first. */
  recordEvaluations(writes: readonly EvaluationWrite[]): Promise<string[]>;
  /** Keeps the text of a policy or catalogue under its hash, for replays. */
  keepDocument(hash: string, kind: 'policy' | 'catalogue', text: string): Promise<void>;
  /** The same plan id twice changes nothing. */
  keepPlan(row: PlanRow): Promise<void>;
  appendAudit(row: AuditRow): Promise<void>;
}

export interface Store {
  /** Runs `work` in one durable transaction: when it resolves, what was written survives a kill -9. */
  write<T>(work: (session: WriteSession) => Promise<T>): Promise<T>;

  getMeta(key: string): Promise<string | undefined>;
  readCoverage(): Promise<CoverageDay[]>;
  importedKinds(): Promise<RecordKind[]>;
  eventNames(): Promise<string[]>;
  countRows(): Promise<{
    accounts: number;
    orphanAccounts: number;
    events: number;
    entities: number;
    decisions: number;
  }>;

  /** Statuses in account id order; `ids` restricts, `after`/`limit` page. */
  listStatuses(options?: { ids?: readonly string[]; after?: string; limit?: number }): Promise<AccountStatus[]>;
  /** How many accounts (orphans left out) were ticked last before `day`, or never. */
  countUnticked(day: Day): Promise<number>;
  /**
   * `interventionsSince`: oldest day on which a closed intervention to bring along changed last. `forgotten`: which of them
   * stay behind from some days later on; default none.
   */
  readBundles(ids: readonly string[], interventionsSince: Day, forgotten?: SoonForgotten): Promise<AccountBundle[]>;
  /** In account id order, after an id. */
  readProfiles(page: { after: string; limit: number }): Promise<ProfileState[]>;
  /** Runs that begin in [fromDay, toDay], oldest first. */
  readTicks(accountId: string, fromDay: Day, toDay: Day): Promise<TickRunRow[]>;
  readEvents(accountId: string, from: Instant, to: Instant): Promise<EventRecord[]>;
  readInterventions(accountId?: string): Promise<InterventionRow[]>;
  readArtefact(accountId: string, interventionId: string): Promise<ArtefactRow | undefined>;
  readOutcomes(ids: readonly string[]): Promise<OutcomeRow[]>;
  readHandoffs(accountId?: string): Promise<HandoffRow[]>;
  /** Oldest first. */
  readContactLog(accountId: string): Promise<ContactLogRow[]>;
  /** The account an intervention or a handoff belongs to. */
  accountOf(id: { intervention: string } | { handoff: string }): Promise<string | undefined>;
  readDecision(accountId: string, decisionId?: string): Promise<DecisionRow | undefined>;
  /** Latest decision of each account named. */
  readDecisions(ids: readonly string[]): Promise<DecisionRow[]>;
  listDecisions(accountId: string): Promise<{ decisionId: string; asOf: Instant; policyHash: string }[]>;
  /** Kept plans of the accounts named, by account in the byte order of ids, oldest first. */
  readPlans(ids: readonly string[]): Promise<PlanRow[]>;
  readDocument(hash: string): Promise<{ kind: 'policy' | 'catalogue'; text: string } | undefined>;
  readAudit(accountId?: string): Promise<AuditRow[]>;

  /** Integrity of the database file or server, in the database's own words; empty = sound. */
  checkIntegrity(): Promise<string[]>;
  schemaVersion(): Promise<number>;
  close(): Promise<void>;
}

/** Meta key under which a store remembers the time zone its days were counted in. */
export const TIME_ZONE_META = 'timeZone';

/** Thrown by a store; `code` is stable, `message` says what was wrong and what to do. */
export class StoreError extends Error {
  readonly code: 'locked' | 'read_only' | 'corrupt' | 'disk_full' | 'newer_schema' | 'not_found' | 'unreachable';
  constructor(code: StoreError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
