/** What an event means in one workspace (spec: contract.md section 1, `catalog.yaml`). */
import type { Day } from '../time/calendar.ts';

export interface Feature {
  id: string;
  events: string[];
  core: boolean;
  /** Counts in the advanced ratio of A4; by default every feature that is not core. */
  advanced: boolean;
  product: string;
  /** Plans that include it; empty = every plan. */
  plans: string[];
  tags: string[];
  value?: number; // 1-5
  effort?: number; // 1-5
  minutes?: number;
  prerequisites: string[];
  neighbours: string[];
}

export interface SetupStep {
  id: string;
  event: string;
  required: boolean;
  minutes?: number;
  dueDays?: number;
  dependsOn: string[];
}

export interface Milestone {
  id: string;
  event: string;
  count: number;
  significance: 'minor' | 'moderate' | 'major' | 'exceptional';
  dueDays?: number;
}

export interface Meter {
  id: string;
  event: string;
  /** Property of the event that holds the amount, or null: each event counts 1. */
  amountProperty: string | null;
  unit: string;
  /** null: a gauge, which does not reset. */
  resets: 'day' | 'week' | 'month' | 'year' | null;
}

export interface Plan {
  id: string;
  product: string;
  perSeatMinor?: number;
  flatMinor?: number;
  interval: 'month' | 'year';
  currency: string;
  minSeats: number;
  limits: Record<string, number | null>;
  features: string[];
  /** Price of one unit beyond the limit, in major units (may be a fraction of a minor unit). */
  overage: Record<string, number>;
}

export interface Product {
  id: string;
  name: string;
}

export const SIGNAL_NAMES = [
  'pricing_view',
  'billing_view',
  'invite',
  'output',
  'integration',
  'workflow',
  'gated_attempt',
  'error',
] as const;
export type SignalName = (typeof SIGNAL_NAMES)[number];

export interface Catalogue {
  /** `defaulted` where the workspace has no such part and the default of contract.md stands in. */
  featuresDefaulted: boolean;
  milestonesDefaulted: boolean;
  features: Feature[];
  logins: string[];
  setup: SetupStep[];
  milestones: Milestone[];
  meters: Meter[];
  plans: Plan[];
  products: Product[];
  signals: Partial<Record<SignalName, string[]>>;
  competitors: string[];
  holidays: ReadonlySet<Day>;
  /** sha256 of the catalogue's meaning, hex. */
  hash: string;
}

/** Is this event name one that never counts as use, where the workspace has no catalogue (contract.md)? */
export function isDefaultLogin(event: string): boolean {
  return event === 'login' || event === 'page' || event.startsWith('session');
}
