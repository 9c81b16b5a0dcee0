/** The tables as Kysely sees them; `migrations/` makes them. JSON is text, days and instants are integers, flags 0 or 1. */

import type { InterventionState } from '../core/decision/inputs.ts';
import type { HandoffState } from '../core/handoffs/handoff-record.ts';
import type { RecordKind } from '../core/records/record.ts';

export interface StoreTables {
  schema_version: { version: number };
  counters: { name: string; value: number };

  // the workspace
  meta: { key: string; value: string };
  coverage: { day: number; events_known_at: number | null; records_known_at: number };
  record_kinds: { kind: RecordKind };
  event_names: { name: string };
  documents: { hash: string; kind: 'policy' | 'catalogue'; text: string };

  // accounts: every key starts with account_id, so that a distributed database can place rows by it
  account_status: AccountStatusTable;
  events: EventTable;
  entities: EntityTable;
  ledger: { account_id: string; month: number; cells: Uint8Array };
  profiles: { account_id: string; revision: number; catalogue_hash: string; data: string };
  journeys: { account_id: string; state: string };
  tick_runs: { account_id: string; first_day: number; ticks: string };
  interventions: InterventionTable;
  decisions: DecisionTable;
  artefacts: { account_id: string; intervention_id: string; made_on: number; memo: string; body: string };
  outcomes: { account_id: string; intervention_id: string; due_on: number; settled: number; body: string };
  handoffs: { account_id: string; handoff_id: string; state: HandoffState; body: string; packet: string | null };
  contact_log: ContactLogTable;
  plans: { account_id: string; plan_id: string; as_of: number; body: string };
  /** Entries about the workspace as a whole stand under the account id `''`. */
  audit: AuditTable;
}

interface AccountStatusTable {
  account_id: string;
  has_account: number;
  revision: number;
  ticked_through: number | null;
  journey_revision: number;
  decided_revision: number | null;
  decided_context: string | null;
  decided_at: number | null;
  decision_id: string | null;
  next_change_at: number | null;
  late_since: number | null;
  /** Earliest day of the records that arrived since an evaluation last saw all there were. */
  unseen_since: number | null;
}

interface EventTable {
  account_id: string;
  message_id: string;
  user_id: string | null;
  event: string;
  at: number;
  received_at: number;
  properties: string | null;
}

interface EntityTable {
  account_id: string;
  kind: string;
  id: string;
  effective_at: number;
  hash: string;
  received_at: number;
  /** Rises with every row inserted into any account. */
  arrival: number;
  body: string;
}

interface InterventionTable {
  account_id: string;
  intervention_id: string;
  rule_id: string;
  skill: string;
  stage: string;
  priority: string;
  state: InterventionState;
  customer_facing: number;
  capped: number;
  day: number;
  updated_day: number;
  detail: string;
}

interface ContactLogTable {
  account_id: string;
  arrival: number;
  at: number;
  intervention_id: string;
  rule_id: string;
  skill: string;
  customer_facing: number;
  state: InterventionState;
  detail: string;
}

interface DecisionTable {
  account_id: string;
  decision_id: string;
  arrival: number;
  as_of: number;
  policy_hash: string;
  catalogue_hash: string;
  body: string;
  inputs: string;
}

interface AuditTable {
  account_id: string;
  arrival: number;
  at: number;
  actor: string;
  action: string;
  before: string;
  after: string;
  reason: string;
}
