/**
 * The full tick (facts, scores, rules, guardrails, decision composed) from history in memory, on one core; the replay of
 * a year as an evaluation does it; and the same tick on a history that is made anew from the account's events each day,
 * which is what keeping a ledger and walking forward saves.
 */
import { composeDecision } from '../src/core/decision/compose.ts';
import { AccountSource } from '../src/core/facts/account-source.ts';
import { measureAccount } from '../src/core/facts/measure-account.ts';
import type { Workspace } from '../src/core/facts/view.ts';
import { cellsOf, measuredProperties } from '../src/core/history/cells.ts';
import { columnsOf } from '../src/core/history/columns.ts';
import type { LedgerEvent } from '../src/core/history/ledger.ts';
import type { JourneyState } from '../src/core/journey/state.ts';
import { tick } from '../src/core/journey/tick.ts';
import type { CompiledPolicy } from '../src/core/policy/compiled-policy.ts';
import type { Day } from '../src/core/time/calendar.ts';
import { evaluateAccount, runInstant, Shelf, sourceOf } from '../src/pipeline/evaluate-account.ts';
import { type AccountSize, type GeneratedAccount, generateAccount } from './generated-accounts.ts';
import { bundleOf, workspaceOf } from './generated-bundles.ts';
import { builtInPolicy, clock } from './real-data.ts';
import { secondsSince } from './seconds.ts';

const START: Day = 20_089; // 2025-01-01
const YEAR_DAYS = 365;
const YEAR: AccountSize = {
  startDay: START,
  days: YEAR_DAYS,
  users: { from: 5, to: 15 },
  presence: 0.55,
  featuresADay: 4,
  records: 1,
};
/** Accounts generated, measured and let go together. */
const BATCH = 100;
const WARM_UP_ACCOUNTS = 40;
const NAIVE_EVERY_DAYS = 30;
const NAIVE_ACCOUNTS = 10;
/** A decision's id is the hash of what is recorded, and belongs to the recording: `evaluate.ts` measures both. */
const NO_ID = '';

export interface TickBench {
  accounts: number;
  /** Means of an account. */
  cells: number;
  entityRows: number;
  ticks: number;
  /** With a decision composed for every day. */
  tickSeconds: number;
  /** The same days as an evaluation replays them: every day ticked, the last one decided. */
  replaySeconds: number;
  /** One tick on a history made anew from the events. */
  naiveSecondsPerTick: number;
}

interface Prepared {
  accounts: GeneratedAccount[];
  bundles: ReturnType<typeof bundleOf>[];
  workspace: Workspace;
}

export function benchTick(accounts: number): TickBench {
  const policy = builtInPolicy();
  const warmUp = prepare(0, WARM_UP_ACCOUNTS, policy);
  tickAll(warmUp, policy);
  replayAll(warmUp, policy);
  let cells = 0;
  let rows = 0;
  let tickSeconds = 0;
  let replaySeconds = 0;
  let naiveSecondsPerTick = 0;
  for (let from = 0; from < accounts; from += BATCH) {
    const batch = prepare(from, Math.min(from + BATCH, accounts), policy);
    for (const account of batch.accounts) cells += account.cells.length;
    for (const bundle of batch.bundles) rows += bundle.entities.length;
    tickSeconds += tickAll(batch, policy);
    replaySeconds += replayAll(batch, policy);
    if (from === 0) naiveSecondsPerTick = naiveTick(batch, policy);
  }
  return {
    accounts,
    cells: Math.round(cells / accounts),
    entityRows: Math.round(rows / accounts),
    ticks: accounts * YEAR_DAYS,
    tickSeconds,
    replaySeconds,
    naiveSecondsPerTick,
  };
}

function prepare(from: number, to: number, policy: CompiledPolicy): Prepared {
  const accounts = Array.from({ length: to - from }, (_, i) => generateAccount(from + i, YEAR));
  const bundles = accounts.map(bundleOf);
  return { accounts, bundles, workspace: workspaceOf(bundles, policy, START, START + YEAR_DAYS) };
}

/** Every day of every account, each with its decision, from histories in memory: reading the rows is the replay's part. */
function tickAll({ bundles, workspace }: Prepared, policy: CompiledPolicy): number {
  const lastDay = START + YEAR_DAYS;
  const sources = bundles.map((bundle) => sourceOf(bundle, workspace, lastDay));
  for (const source of sources) source.viewAt(runInstant(policy, workspace, START + 1), START + 1);
  const begun = performance.now();
  for (const source of sources) {
    const shelf = new Shelf([], policy);
    let state: JourneyState | null = null;
    for (let day = START + 1; day <= lastDay; day++) {
      const measured = measureAccount(source, runInstant(policy, workspace, day), day, workspace);
      const evaluation = tick(state, measured, shelf.on(day), policy, { replay: false });
      state = evaluation.state;
      shelf.apply(evaluation.choice.changed);
      const decision = composeDecision(evaluation.inputs, NO_ID, evaluation.choice, policy);
      if (decision.accountId !== source.accountId) throw new Error('a decision of another account');
    }
  }
  return secondsSince(begun);
}

/** From the stored rows to the recorded decision, the whole year missed. */
function replayAll({ bundles, workspace }: Prepared, policy: CompiledPolicy): number {
  const today = START + YEAR_DAYS - 1;
  const context = { workspace, policy, asOf: runInstant(policy, workspace, today), today };
  const begun = performance.now();
  for (const bundle of bundles) {
    const ticks = evaluateAccount(bundle, context)?.ticks.length;
    if (ticks !== YEAR_DAYS) throw new Error(`${bundle.status.accountId} was ticked ${ticks} times`);
  }
  return secondsSince(begun);
}

/** The same measures from the raw events each time, on some days of some accounts; they must come out the same. */
function naiveTick({ accounts, bundles, workspace }: Prepared, policy: CompiledPolicy): number {
  const measured = measuredProperties(workspace.catalogue);
  let ticks = 0;
  let seconds = 0;
  for (const [i, account] of accounts.slice(0, NAIVE_ACCOUNTS).entries()) {
    const events = eventsOf(account);
    const lasting = sourceOf(bundles[i]!, workspace, START + YEAR_DAYS);
    for (let day = START + NAIVE_EVERY_DAYS; day <= START + YEAR_DAYS; day += NAIVE_EVERY_DAYS) {
      const instant = runInstant(policy, workspace, day);
      const begun = performance.now();
      const before = events.filter((event) => event.timestamp < instant);
      const months = [...cellsOf(before, clock, measured)].map(([month, cells]) => columnsOf(month, cells));
      const source = new AccountSource({ records: account.records, months, workspace, throughDay: day });
      const anew = measureAccount(source, instant, day, workspace);
      const evaluation = tick(null, anew, [], policy, { replay: false });
      composeDecision(evaluation.inputs, NO_ID, evaluation.choice, policy);
      seconds += secondsSince(begun);
      ticks++;
      const walked = measureAccount(lasting, instant, day, workspace);
      if (anew.health.raw !== walked.health.raw) throw new Error(`${account.accountId} differs on day ${day}`);
    }
  }
  return seconds / ticks;
}

/** The events behind an account's cells, at noon of their days. */
function eventsOf({ cells }: GeneratedAccount): LedgerEvent[] {
  return cells.flatMap(({ day, userId, event, count, sums }) => {
    const timestamp = clock.instantOf(day, 12);
    const properties = sums === undefined ? undefined : { calls: sums.calls! / count };
    const one: LedgerEvent = { timestamp, receivedAt: timestamp, userId, event, ...(properties && { properties }) };
    return Array.from({ length: count }, () => one);
  });
}
