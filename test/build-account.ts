/** Builds an account's view from plain records and events, through the real ledger and catalogue, for tests of scores. */
import { readFileSync } from 'node:fs';
import type { Catalogue, Feature } from '../src/core/catalogue/catalogue.ts';
import { AccountSource } from '../src/core/facts/account-source.ts';
import type { AccountView, Workspace } from '../src/core/facts/view.ts';
import { cellsOf, measuredProperties } from '../src/core/history/cells.ts';
import { decodeLedgerColumns, encodeLedgerMonth } from '../src/core/history/codec.ts';
import type { CompiledPolicy } from '../src/core/policy/compiled-policy.ts';
import { loadPolicy } from '../src/core/policy/load-policy.ts';
import {
  type AccountRecords,
  type EntityByKind,
  type EntityKind,
  RECORD_KINDS,
  type RecordKind,
} from '../src/core/records/record.ts';
import { SKILLS } from '../src/core/skills/skills.ts';
import { type Day, parseDay, zoneClock } from '../src/core/time/calendar.ts';

export const defaultPolicyText = readFileSync(new URL('../policies/default.yaml', import.meta.url), 'utf8');

export function defaultPolicy(): CompiledPolicy {
  const loaded = loadPolicy(defaultPolicyText, { file: 'default.yaml', skills: SKILLS });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems, null, 1));
  return loaded.policy;
}

const policy = defaultPolicy();
export const clock = zoneClock('UTC');

export function day(text: string): Day {
  const parsed = parseDay(text);
  if (parsed === undefined) throw new Error(`no date: ${text}`);
  return parsed;
}

/** 12:00 UTC of a day, or the instant given. */
export function at(text: string): number {
  return text.length === 10 ? clock.instantOf(day(text), 12) : Date.parse(text);
}

export interface TestEvent {
  day: string | Day;
  user?: string | null;
  event: string;
  count?: number;
  properties?: Record<string, unknown>;
  receivedAt?: number;
}

export function feature(id: string, extra: Partial<Feature> = {}): Feature {
  return {
    id,
    events: [id],
    core: true,
    advanced: false,
    product: 'main',
    plans: [],
    tags: [],
    prerequisites: [],
    neighbours: [],
    ...extra,
  };
}

export function catalogue(extra: Partial<Catalogue> = {}): Catalogue {
  return {
    featuresDefaulted: false,
    milestonesDefaulted: false,
    features: [],
    logins: ['login'],
    setup: [],
    milestones: [],
    meters: [],
    plans: [],
    products: [{ id: 'main', name: 'Main' }],
    signals: {},
    competitors: [],
    holidays: new Set(),
    hash: 'test',
    ...extra,
  };
}

export interface TestAccount {
  today: string;
  created?: string;
  catalogue?: Catalogue;
  events?: TestEvent[];
  /** Kinds that were imported; default: all. */
  kinds?: RecordKind[];
  /** Events are covered from here; default: the first event or creation. */
  coveredFrom?: string;
  /** Events are covered up to here; default: today. */
  coveredThrough?: string;
  /** `effectiveAt` and `receivedAt` make a row a version of its own; default: the main date. */
  records?: Partial<{
    [K in EntityKind]: (Omit<EntityByKind[K], 'accountId'> & { effectiveAt?: number; receivedAt?: number })[];
  }>;
  relevant?: string[];
}

const MAIN_DATE: Record<EntityKind, string> = {
  accounts: 'createdAt',
  contacts: 'createdAt',
  subscriptions: 'startedAt',
  tickets: 'openedAt',
  incidents: 'startedAt',
  surveys: 'answeredAt',
  goals: 'createdAt',
  notes: 'at',
  invoices: 'issuedAt',
};
/** Field that holds the id of a record of each kind. */
export const ID: Record<EntityKind, string> = {
  accounts: 'accountId',
  contacts: 'contactId',
  subscriptions: 'subscriptionId',
  tickets: 'ticketId',
  incidents: 'incidentId',
  surveys: 'surveyId',
  goals: 'goalId',
  notes: 'noteId',
  invoices: 'invoiceId',
};

export function accountRecords(account: TestAccount): AccountRecords {
  const records = { accountId: 'acc' } as AccountRecords;
  for (const kind of RECORD_KINDS) {
    if (kind === 'events') continue;
    const rows = (account.records?.[kind] ?? []) as unknown as Record<string, unknown>[];
    const versions = rows.map((row) => {
      const main = (row[MAIN_DATE[kind]] as number | undefined) ?? 0;
      const {
        effectiveAt = main,
        receivedAt = effectiveAt,
        ...data
      } = row as { effectiveAt?: number; receivedAt?: number };
      return { id: String(row[ID[kind]]), effectiveAt, receivedAt, data: { accountId: 'acc', ...data } };
    });
    versions.sort((a, b) => a.effectiveAt - b.effectiveAt || a.receivedAt - b.receivedAt);
    (records[kind] as unknown[]) = versions;
  }
  if (records.accounts.length === 0) {
    const createdAt = clock.instantOf(day(account.created ?? '2025-01-01'));
    records.accounts = [
      { id: 'acc', effectiveAt: createdAt, receivedAt: createdAt, data: { accountId: 'acc', name: 'Acme', createdAt } },
    ];
  }
  return records;
}

export function buildAccount(account: TestAccount): {
  view: AccountView;
  workspace: Workspace;
  source: AccountSource;
  policy: CompiledPolicy;
} {
  const cat = account.catalogue ?? catalogue();
  const today = day(account.today);
  const raw = (account.events ?? []).flatMap((each) => {
    const on = typeof each.day === 'number' ? each.day : day(each.day);
    const timestamp = clock.instantOf(on, 12);
    return Array.from({ length: each.count ?? 1 }, () => ({
      timestamp,
      receivedAt: each.receivedAt ?? timestamp,
      userId: each.user ?? null,
      event: each.event,
      ...(each.properties && { properties: each.properties }),
    }));
  });
  const months = [...cellsOf(raw, clock, measuredProperties(cat))].map(([month, cells]) =>
    decodeLedgerColumns(month, encodeLedgerMonth({ month, cells })),
  );
  const from = day(account.coveredFrom ?? account.created ?? '2025-01-01');
  const through = day(account.coveredThrough ?? account.today);
  const workspace: Workspace = {
    clock,
    catalogue: cat,
    measures: policy.measures,
    guardrails: policy.guardrails,
    kinds: new Set(account.kinds ?? RECORD_KINDS),
    contractOptions: { currency: 'USD', planLimits: (plan) => cat.plans.find((each) => each.id === plan)?.limits },
    coverage: { eventsFrom: from, eventsThrough: through, recordsFrom: from, recordsThrough: today },
    relevantFeatures: () => new Set(account.relevant ?? []),
    peerMedian: () => undefined,
    peerAttach: () => undefined,
  };
  const source = new AccountSource({ records: accountRecords(account), months, workspace, throughDay: today });
  return { view: source.viewAt(clock.instantOf(today, policy.runHour), today), workspace, source, policy };
}
