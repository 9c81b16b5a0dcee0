/**
 * The ten record kinds, as they are after parsing (spec: contract.md section 1). Times are `Instant`s; fields that mean a
 * date alone are `Day`s. An absent field means "not given", which is unknown, never zero.
 */
import type { Day, Instant } from '../time/calendar.ts';

export const RECORD_KINDS = [
  'accounts',
  'contacts',
  'events',
  'subscriptions',
  'tickets',
  'incidents',
  'surveys',
  'goals',
  'notes',
  'invoices',
] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];
/** Every kind but events, which are kept apart because there are many of them. */
export type EntityKind = Exclude<RecordKind, 'events'>;

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Properties = { [key: string]: Json };

export const OWNER_ROLES = ['growth', 'onboarding', 'csm', 'csManager', 'ae', 'support', 'finance', 'exec'] as const;
export type OwnerRole = (typeof OWNER_ROLES)[number];

export const STAGES = ['trial', 'onboarding', 'activation', 'adoption', 'expansion', 'renewal'] as const;
export type Stage = (typeof STAGES)[number];

export const CONTACT_ROLES = [
  'champion',
  'decision_maker',
  'executive_sponsor',
  'primary_contact',
  'technical_owner',
  'economic_buyer',
  'admin',
  'user',
] as const;
export type ContactRole = (typeof CONTACT_ROLES)[number];

export type Priority = 'P1' | 'P2' | 'P3' | 'P4';

export interface AccountRecord {
  accountId: string;
  name: string;
  createdAt: Instant;
  domain?: string;
  segment?: string;
  industry?: string;
  country?: string;
  employees?: number;
  timeZone?: string;
  fiscalYearStartMonth?: number; // 1-12
  planningMonths?: number[]; // 1-12
  owners?: Partial<Record<OwnerRole, string>>;
  stage?: Stage;
  stageEnteredAt?: Day;
  quietUntil?: Day;
  isTest?: boolean;
  properties?: Properties;
}

export interface ContactRecord {
  contactId: string;
  accountId: string;
  name?: string;
  email?: string;
  title?: string;
  roles?: ContactRole[];
  department?: string;
  createdAt?: Instant;
  leftAt?: Day;
  onLeaveFrom?: Day;
  onLeaveUntil?: Day;
  lastContactAt?: Instant;
  properties?: Properties;
}

export interface EventRecord {
  messageId: string;
  accountId: string;
  userId: string | null;
  event: string;
  timestamp: Instant;
  receivedAt: Instant;
  properties?: Properties;
}

/** One extension of a trial. */
export interface TrialExtension {
  days: number;
  grantedAt?: Day;
}

export interface SubscriptionRecord {
  subscriptionId: string;
  accountId: string;
  plan: string;
  status: 'trialing' | 'active' | 'past_due' | 'paused' | 'canceled';
  /** null = unlimited; absent = unknown */
  seats?: number | null;
  /** total per interval, in minor units */
  amountMinor?: number;
  currency?: string;
  interval?: 'month' | 'year';
  startedAt: Instant;
  trialEndsAt?: Day;
  /** first day of the next term */
  renewalDate?: Day;
  endedAt?: Day;
  autoRenew?: boolean;
  product?: string;
  /** null = unlimited */
  limits?: Record<string, number | null>;
  extensions?: TrialExtension[];
  properties?: Properties;
}

export interface TicketRecord {
  ticketId: string;
  accountId: string;
  openedAt: Instant;
  resolvedAt?: Instant;
  priority?: Priority;
  subject?: string;
  theme?: string;
  escalatedAt?: Instant;
  csat?: number; // 1-5
  kind?: 'question' | 'bug' | 'cancellation' | 'downgrade';
  properties?: Properties;
}

export interface IncidentRecord {
  incidentId: string;
  accountId: string;
  startedAt: Instant;
  resolvedAt?: Instant;
  severity?: Priority;
  properties?: Properties;
}

export interface SurveyRecord {
  surveyId: string;
  accountId: string;
  answeredAt: Instant;
  kind: 'nps' | 'csat' | 'ces' | 'pulse';
  score: number;
  contactId?: string;
  comment?: string;
  properties?: Properties;
}

export interface GoalRecord {
  goalId: string;
  accountId: string;
  title: string;
  createdAt: Instant;
  tags?: string[];
  metric?: string;
  baseline?: number;
  target?: number;
  current?: number;
  unit?: string;
  targetDate?: Day;
  status?: string;
  valueAmountMinor?: number;
  achievedAt?: Day;
  properties?: Properties;
}

export interface NoteRecord {
  noteId: string;
  accountId: string;
  at: Instant;
  text: string;
  contactId?: string;
  author?: 'customer' | 'csm' | 'sales' | 'system';
  kind?: 'call' | 'meeting' | 'email' | 'chat';
  tags?: string[];
  properties?: Properties;
}

export interface InvoiceRecord {
  invoiceId: string;
  accountId: string;
  issuedAt: Instant;
  dueAt: Day;
  amountMinor: number;
  currency?: string;
  paidAt?: Day;
  status?: string;
  properties?: Properties;
}

export interface EntityByKind {
  accounts: AccountRecord;
  contacts: ContactRecord;
  subscriptions: SubscriptionRecord;
  tickets: TicketRecord;
  incidents: IncidentRecord;
  surveys: SurveyRecord;
  goals: GoalRecord;
  notes: NoteRecord;
  invoices: InvoiceRecord;
}

/** One version of an entity: what it was from `effectiveAt` on, as we learned it at `receivedAt`. */
export interface Version<T> {
  id: string;
  effectiveAt: Instant;
  receivedAt: Instant;
  data: T;
}

/**
 * All entity versions of one account. Each list is in the order (effectiveAt, receivedAt, arrival): where an id has
 * several versions in force, the last one counts.
 */
export type AccountRecords = { accountId: string } & { [K in EntityKind]: Version<EntityByKind[K]>[] };
