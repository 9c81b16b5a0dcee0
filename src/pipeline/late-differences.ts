/**
 * What late records would have changed: recorded ticks never change, so a difference is listed and nothing fires again
 * (journey.md section 1). The ticks are folded anew as if every record had been known when it happened.
 */
import { AccountSource } from '../core/facts/account-source.ts';
import { measureAccount } from '../core/facts/measure-account.ts';
import type { Workspace } from '../core/facts/view.ts';
import { decodeLedgerColumns } from '../core/history/codec.ts';
import type { JourneyState, TickRecord } from '../core/journey/state.ts';
import { tick, tickRecord } from '../core/journey/tick.ts';
import type { CompiledPolicy } from '../core/policy/compiled-policy.ts';
import { type AccountRecords, RECORD_KINDS } from '../core/records/record.ts';
import type { Day } from '../core/time/calendar.ts';
import { recordsOf, runInstant } from './evaluate-account.ts';
import type { AccountBundle, TickRunRow } from './ports.ts';

const COMPARED = ['stage', 'status', 'health', 'band', 'readiness', 'adoption', 'exit'] as const;

/** One field that differs on each day from `from` to `to`, with its values on the first of them. */
export interface LateDifference {
  from: Day;
  to: Day;
  field: (typeof COMPARED)[number];
  recorded: string | number | null;
  asKnownNow: string | number | null;
}

export function ticksOf(rows: readonly TickRunRow[]): TickRecord[] {
  return rows.flatMap((row) => JSON.parse(row.ticks) as TickRecord[]);
}

/** Differences between the recorded ticks and those that today's knowledge gives, oldest first: the work of late
 * records, and of a policy or catalogue that has changed since. */
export function lateDifferences(
  bundle: AccountBundle,
  recorded: readonly TickRecord[],
  workspace: Workspace,
  policy: CompiledPolicy,
): LateDifference[] {
  const records = recordsOf(bundle.status.accountId, bundle.entities);
  const months = bundle.ledger.map((row) => decodeLedgerColumns(row.month, row.cells));
  const end = recorded.at(-1)?.day;
  if (end === undefined) return [];
  const source = new AccountSource({
    records: inTime(records),
    months: months.map((month) => ({ ...month, late: undefined })),
    workspace,
    throughDay: end,
  });
  const found: LateDifference[] = [];
  const open = new Map<string, LateDifference>();
  let state: JourneyState | null = null;
  let last: TickRecord | undefined;
  for (const before of recorded) {
    if (state !== null && last !== undefined && wasMovedByHand(last, before)) {
      state = { ...state, stage: before.stage, stageEnteredOn: before.entered, runs: {} };
    }
    last = before;
    const measured = measureAccount(source, runInstant(policy, workspace, before.day), before.day, workspace);
    const evaluation = tick(state, measured, [], policy, { replay: true });
    state = evaluation.state;
    compare(before, tickRecord(evaluation), open, found);
  }
  return found;
}

/** A person's move is no edge, and no return of a churned account. */
function wasMovedByHand(last: TickRecord, now: TickRecord): boolean {
  return now.entered !== last.entered && now.moved === null && last.status !== 'churned';
}

/** The same records, as if each had been known from the moment it took effect. */
function inTime(records: AccountRecords): AccountRecords {
  const known = { ...records };
  for (const kind of RECORD_KINDS) {
    if (kind === 'events') continue;
    (known[kind] as unknown[]) = records[kind].map((version) => ({ ...version, receivedAt: version.effectiveAt }));
  }
  return known;
}

function compare(
  recorded: TickRecord,
  now: TickRecord,
  open: Map<string, LateDifference>,
  found: LateDifference[],
): void {
  for (const field of COMPARED) {
    const running = open.get(field);
    if (recorded[field] === now[field]) {
      open.delete(field);
      continue;
    }
    if (running !== undefined) {
      running.to = recorded.day;
      continue;
    }
    const difference = {
      from: recorded.day,
      to: recorded.day,
      field,
      recorded: recorded[field],
      asKnownNow: now[field],
    };
    open.set(field, difference);
    found.push(difference);
  }
}
