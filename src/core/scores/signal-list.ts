/** What a churn signal is: a fact that caps the health band whatever the score (skills.md A7). */
import type { Day } from '../time/calendar.ts';

export type SignalSeverity = 'critical' | 'high' | 'medium';

export interface ChurnSignal {
  id: string;
  severity: SignalSeverity;
  /** Since when, where the records tell. */
  since: Day | undefined;
  /** One clause with the figures. */
  detail: string;
  /** Ids of the records it rests on; empty where it rests on usage. */
  evidence: string[];
}

export type AddSignal = (
  severity: SignalSeverity,
  id: string,
  detail: string,
  since?: Day,
  evidence?: string[],
) => void;

/** An empty list, and how to add to it. */
export function signalList(): { found: ChurnSignal[]; add: AddSignal } {
  const found: ChurnSignal[] = [];
  const add: AddSignal = (severity, id, detail, since, evidence = []) => {
    found.push({ id, severity, since, detail, evidence });
  };
  return { found, add };
}
