/** For tests: the sample portfolio read, packed and replayed tick by tick in memory, as the engine does it from a store. */
import { readFileSync } from 'node:fs';
import { loadCatalogue } from '../src/core/catalogue/load-catalogue.ts';
import { composeDecision } from '../src/core/decision/compose.ts';
import type { Decision } from '../src/core/decision/decision.ts';
import type { Intervention } from '../src/core/decision/inputs.ts';
import { AccountSource } from '../src/core/facts/account-source.ts';
import { measureAccount } from '../src/core/facts/measure-account.ts';
import type { Workspace } from '../src/core/facts/view.ts';
import { cellsOf, measuredProperties } from '../src/core/history/cells.ts';
import { columnsOf } from '../src/core/history/columns.ts';
import type { JourneyState, TickRecord } from '../src/core/journey/state.ts';
import { tick, tickRecord } from '../src/core/journey/tick.ts';
import type { CompiledPolicy } from '../src/core/policy/compiled-policy.ts';
import { loadPolicy } from '../src/core/policy/load-policy.ts';
import { parseRecord } from '../src/core/records/parse-record.ts';
import { type AccountRecords, type EventRecord, RECORD_KINDS, type RecordKind } from '../src/core/records/record.ts';
import { SKILLS } from '../src/core/skills/skills.ts';
import { type Day, zoneClock } from '../src/core/time/calendar.ts';
import { SAMPLE_FIRST_DAY, SAMPLE_LAST_DAY, SAMPLE_RUN_DAY } from '../src/sample/period.ts';
import type { Portfolio } from '../src/sample/portfolio.ts';

const text = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const clock = zoneClock('UTC');
const context = { clock, currency: 'USD' };

export interface Tick {
  record: TickRecord;
  decision: Decision;
  before: JourneyState | null;
}

export interface Replay {
  policy: CompiledPolicy;
  workspace: Workspace;
  /** Ticks by account, oldest first. */
  ticks: Map<string, Tick[]>;
  /** Rows of the good part of the portfolio that were refused: none are expected. */
  refused: string[];
}

export interface ParsedPortfolio {
  entities: Map<string, AccountRecords>;
  events: Map<string, EventRecord[]>;
  refused: string[];
}

/** Every row through the record readers; rows of the same event id once. */
export function parsePortfolio(portfolio: Portfolio): ParsedPortfolio {
  const entities = new Map<string, AccountRecords>();
  const events = new Map<string, EventRecord[]>();
  const seen = new Set<string>();
  const refused: string[] = [];
  const recordsOf = (accountId: string): AccountRecords => {
    let records = entities.get(accountId);
    if (records === undefined) {
      records = { accountId } as AccountRecords;
      for (const kind of RECORD_KINDS) if (kind !== 'events') records[kind] = [];
      entities.set(accountId, records);
    }
    return records;
  };
  for (const kind of RECORD_KINDS) {
    for (const row of portfolio.records[kind]) {
      const parsed = parseRecord(kind, row, context);
      if (!parsed.ok) {
        refused.push(`${kind}: ${JSON.stringify(row)}: ${JSON.stringify(parsed)}`);
        continue;
      }
      const { record, id, effectiveAt, receivedAt } = parsed;
      const accountId = (record as { accountId: string }).accountId;
      if (kind === 'events') {
        if (seen.has(id)) continue;
        seen.add(id);
        const list = events.get(accountId) ?? [];
        list.push(record as EventRecord);
        events.set(accountId, list);
      } else {
        (recordsOf(accountId)[kind] as unknown[]).push({ id, effectiveAt, receivedAt, data: record });
      }
    }
  }
  for (const records of entities.values()) {
    for (const kind of RECORD_KINDS) {
      if (kind === 'events') continue;
      (records[kind] as { effectiveAt: number; receivedAt: number }[]).sort(
        (a, b) => a.effectiveAt - b.effectiveAt || a.receivedAt - b.receivedAt,
      );
    }
  }
  return { entities, events, refused };
}

export function samplePolicy(): CompiledPolicy {
  const loaded = loadPolicy(text('policies/default.yaml'), { file: 'policies/default.yaml', skills: SKILLS });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.policy;
}

function sampleWorkspace(policy: CompiledPolicy): Workspace {
  const loaded = loadCatalogue(text('examples/sample/catalog.yaml'), { file: 'catalog.yaml' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded));
  const limits = new Map(loaded.catalogue.plans.map((plan) => [plan.id, plan.limits]));
  return {
    clock,
    catalogue: loaded.catalogue,
    measures: policy.measures,
    guardrails: policy.guardrails,
    kinds: new Set<RecordKind>(RECORD_KINDS),
    contractOptions: { currency: 'USD', planLimits: (plan) => limits.get(plan) },
    coverageAt: () => ({
      eventsFrom: SAMPLE_FIRST_DAY,
      eventsThrough: SAMPLE_LAST_DAY + 2,
      recordsFrom: SAMPLE_FIRST_DAY,
      recordsThrough: SAMPLE_LAST_DAY + 2,
    }),
    relevantFeatures: () => new Set(),
    peerMedian: () => undefined,
    peerAttach: () => undefined,
  };
}

/** Replays every account from its first day to the run day; `only` names accounts to look at alone. */
export function replayPortfolio(portfolio: Portfolio, only?: string): Replay {
  const policy = samplePolicy();
  const workspace = sampleWorkspace(policy);
  const { entities, events, refused } = parsePortfolio(portfolio);
  const ticks = new Map<string, Tick[]>();
  for (const [accountId, records] of entities) {
    if (records.accounts.length === 0 || (only !== undefined && accountId !== only)) continue;
    ticks.set(accountId, replayAccount(records, events.get(accountId) ?? [], policy, workspace));
  }
  return { policy, workspace, ticks, refused };
}

function replayAccount(
  records: AccountRecords,
  events: readonly EventRecord[],
  policy: CompiledPolicy,
  workspace: Workspace,
): Tick[] {
  const cells = cellsOf(events, clock, measuredProperties(workspace.catalogue));
  const months = [...cells].sort((a, b) => a[0] - b[0]).map(([month, of]) => columnsOf(month, of));
  const source = new AccountSource({ records, months, workspace, throughDay: SAMPLE_RUN_DAY });
  const shelf = new Map<string, Intervention>();
  const ticks: Tick[] = [];
  let state: JourneyState | null = null;
  for (let day: Day = source.firstTick; day <= SAMPLE_RUN_DAY; day++) {
    const measured = measureAccount(source, clock.instantOf(day, policy.runHour), day, workspace);
    const before: JourneyState | null = state;
    const evaluation = tick(state, measured, [...shelf.values()], policy, { replay: day < SAMPLE_RUN_DAY });
    state = evaluation.state;
    for (const each of evaluation.choice.changed) shelf.set(each.id, each);
    const decision = composeDecision(evaluation.inputs, '', evaluation.choice, policy);
    ticks.push({ record: tickRecord(evaluation), decision, before });
  }
  return ticks;
}
