/**
 * For tests: the sample portfolio written, imported and evaluated as the demo does it, and then replayed once more day by
 * day from the same store, because a recorded replayed day keeps its journey state but not its decision.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSample } from '../src/cli/write-sample.ts';
import { loadCatalogue } from '../src/core/catalogue/load-catalogue.ts';
import { composeDecision } from '../src/core/decision/compose.ts';
import type { Decision } from '../src/core/decision/decision.ts';
import type { Intervention } from '../src/core/decision/inputs.ts';
import { measureAccount } from '../src/core/facts/measure-account.ts';
import type { Workspace } from '../src/core/facts/view.ts';
import { measuredProperties } from '../src/core/history/cells.ts';
import type { JourneyState, TickRecord } from '../src/core/journey/state.ts';
import { tick, tickRecord } from '../src/core/journey/tick.ts';
import type { CompiledPolicy } from '../src/core/policy/compiled-policy.ts';
import { loadPolicy } from '../src/core/policy/load-policy.ts';
import { SKILLS } from '../src/core/skills/skills.ts';
import { type Day, zoneClock } from '../src/core/time/calendar.ts';
import { findSources } from '../src/files/find-sources.ts';
import { runInstant, sourceOf } from '../src/pipeline/evaluate-account.ts';
import { evaluateAccounts } from '../src/pipeline/evaluate-accounts.ts';
import { type ImportSummary, importRecords, type Reject } from '../src/pipeline/import-records.ts';
import { loadWorkspace } from '../src/pipeline/load-workspace.ts';
import type { AccountBundle, Store } from '../src/pipeline/ports.ts';
import { SAMPLE_RUN_DAY } from '../src/sample/period.ts';
import { openSqliteStore } from '../src/store/sqlite/open-store.ts';

const clock = zoneClock('UTC');
const currency = 'USD';

export interface Tick {
  record: TickRecord;
  decision: Decision;
  before: JourneyState | null;
}

export interface Replay {
  policy: CompiledPolicy;
  imported: ImportSummary;
  rejects: Reject[];
  /** Ticks by account, oldest first. */
  ticks: Map<string, Tick[]>;
  /** Decisions of the run day as the pipeline recorded them. */
  recorded: Map<string, Decision>;
}

/** Runs the whole sample in a temporary folder, which is gone afterwards. */
export async function replaySample(): Promise<Replay> {
  const folder = mkdtempSync(join(tmpdir(), 'stagecraft-sample-'));
  try {
    await writeSample(folder);
    const store = await openSqliteStore(join(folder, 'sample.db'), { create: true });
    try {
      return await replayFolder(folder, store);
    } finally {
      await store.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function replayFolder(folder: string, store: Store): Promise<Replay> {
  const policy = samplePolicy();
  const catalogue = catalogueIn(folder);
  const rejects: Reject[] = [];
  const imported = await importRecords({
    store,
    sources: findSources([folder]).sources,
    context: { clock, currency },
    measured: measuredProperties(catalogue),
    onReject: (reject) => rejects.push(reject),
  });
  const asOf = clock.instantOf(SAMPLE_RUN_DAY, policy.runHour);
  const loaded = await loadWorkspace({ store, catalogue, policy, clock, currency, asOf, keepProfiles: true });
  const ids = (await store.listStatuses()).filter((status) => status.hasAccount).map((status) => status.accountId);
  const bundles = await store.readBundles(ids, SAMPLE_RUN_DAY);
  const ticks = new Map(
    bundles.map((bundle) => [bundle.status.accountId, replayAccount(bundle, policy, loaded.workspace)]),
  );
  const recorded = new Map<string, Decision>();
  await evaluateAccounts({
    store,
    loaded,
    policy,
    asOf,
    onDecision: (row) => void recorded.set(row.accountId, JSON.parse(row.body) as Decision),
  });
  return { policy, imported, rejects, ticks, recorded };
}

function samplePolicy(): CompiledPolicy {
  const text = readFileSync(new URL('../policies/default.yaml', import.meta.url), 'utf8');
  const loaded = loadPolicy(text, { file: 'policies/default.yaml', skills: SKILLS });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.policy;
}

function catalogueIn(folder: string) {
  const loaded = loadCatalogue(readFileSync(join(folder, 'catalog.yaml'), 'utf8'), { file: 'catalog.yaml' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded));
  return loaded.catalogue;
}

/** Every day's decision, from the account's first tick to the run day. */
function replayAccount(bundle: AccountBundle, policy: CompiledPolicy, workspace: Workspace): Tick[] {
  const source = sourceOf(bundle, workspace, SAMPLE_RUN_DAY);
  const interventions = new Map<string, Intervention>();
  const ticks: Tick[] = [];
  let state: JourneyState | null = null;
  for (let day: Day = source.firstTick((each) => runInstant(policy, workspace, each)); day <= SAMPLE_RUN_DAY; day++) {
    const measured = measureAccount(source, runInstant(policy, workspace, day), day, workspace);
    const before: JourneyState | null = state;
    const evaluation = tick(state, measured, [...interventions.values()], policy, { replay: day < SAMPLE_RUN_DAY });
    state = evaluation.state;
    for (const each of evaluation.choice.changed) interventions.set(each.id, each);
    const decision = composeDecision(evaluation.inputs, '', evaluation.choice, policy);
    ticks.push({ record: tickRecord(evaluation), decision, before });
  }
  return ticks;
}
