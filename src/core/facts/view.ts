/** What is known of one account at one instant, and of the workspace around it: the input of every score. */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { AccountHistory } from '../history/history.ts';
import type { Measures } from '../policy/measures.ts';
import type { GuardrailPolicy } from '../policy/policy.ts';
import type {
  AccountRecord,
  ContactRecord,
  GoalRecord,
  IncidentRecord,
  InvoiceRecord,
  NoteRecord,
  RecordKind,
  SubscriptionRecord,
  SurveyRecord,
  TicketRecord,
} from '../records/record.ts';
import type { Day, Instant, ZoneClock } from '../time/calendar.ts';
import type { OwnerHours } from '../time/working-hours.ts';
import type { ContractOptions } from './contract.ts';

/** Where absence of a record means that nothing happened (contract.md section 1), of the workspace as a whole. */
export interface Coverage {
  /** First and last covered day of product events; undefined: no event is known. */
  eventsFrom: Day | undefined;
  eventsThrough: Day | undefined;
  recordsFrom: Day | undefined;
  recordsThrough: Day | undefined;
}

/** Counts of what became of trials and renewals; 0 where nothing is known. */
export interface PortfolioHistory {
  /** Trials that ended, and those of them that turned into a paid contract. */
  trials: { ended: number; converted: number };
  /** Renewals that came due, and those of them that were signed. */
  renewals: { due: number; signed: number };
}

/** What holds for every account of the workspace. */
export interface Workspace {
  clock: ZoneClock;
  catalogue: Catalogue;
  measures: Measures;
  guardrails: GuardrailPolicy;
  /** Record kinds that were ever imported. */
  kinds: ReadonlySet<RecordKind>;
  /** How subscriptions are read: the workspace's currency and the price book's limits. */
  contractOptions: ContractOptions;
  coverage: Coverage;
  /** Default catalogue only: features that enough active accounts used in the window ending on `day`. */
  relevantFeatures(day: Day): ReadonlySet<string>;
  peerMedian(
    day: Day,
    segment: string | undefined,
    planId: string | undefined,
    milestoneId: string,
  ): number | undefined;
  /** When owners work; absent: the usual hours. */
  ownerHours?: OwnerHours;
  /** What the workspace's own history says to skills; absent: nothing was counted. */
  portfolio?: PortfolioHistory;
  peerAttach(day: Day, segment: string | undefined, planId: string | undefined, productId: string): number | undefined;
}

/** One account, as known at `instant`. */
export interface AccountView {
  accountId: string;
  instant: Instant;
  today: Day;
  /** D, the last complete day: today - 1. */
  lastDay: Day;
  /** The earlier of creation and first record. */
  firstDay: Day;
  coverage: Coverage;
  /** First day of the account's covered data. */
  dataFrom: Day;
  /** Covered days from `dataFrom` to D. */
  daysOfData: number;
  /** Why usage is unknown on D; undefined when D is covered. */
  usageGap: string | undefined;
  account: AccountRecord;
  contacts: ContactRecord[];
  subscriptions: SubscriptionRecord[];
  tickets: TicketRecord[];
  incidents: IncidentRecord[];
  surveys: SurveyRecord[];
  goals: GoalRecord[];
  notes: NoteRecord[];
  invoices: InvoiceRecord[];
  history: AccountHistory;
}

/** A number that may be unknown, and then says why. */
export type Known<T> = { value: T; reason?: undefined } | { value: undefined; reason: string };

export function known<T>(value: T): Known<T> {
  return { value };
}

export function unknown(reason: string): { value: undefined; reason: string } {
  return { value: undefined, reason };
}

/** Why a record kind says nothing at this instant, or undefined when absence in it means zero. */
export function kindGap(kind: RecordKind, view: AccountView, workspace: Workspace): string | undefined {
  if (!workspace.kinds.has(kind)) return `no ${kind} imported`;
  const { recordsFrom, recordsThrough } = view.coverage;
  if (recordsFrom === undefined || recordsThrough === undefined) return 'no records';
  if (recordsThrough < view.lastDay) return `records end before ${kind} of the last day`;
  return undefined;
}
