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
import { type Evaluation, tick, tickRecord } from '../src/core/journey/tick.ts';
import type { CompiledPolicy } from '../src/core/policy/compiled-policy.ts';
import { loadPolicy } from '../src/core/policy/load-policy.ts';
import type { SkillResult } from '../src/core/skills/skill-result.ts';
import { SKILLS } from '../src/core/skills/skills.ts';
import { type Day, type Instant, zoneClock } from '../src/core/time/calendar.ts';
import { findSources } from '../src/files/find-sources.ts';
import {
  type EvaluationContext,
  evaluateAccount,
  interventionRow,
  runInstant,
  Shelf,
  sourceOf,
} from '../src/pipeline/evaluate-account.ts';
import { evaluateAccounts } from '../src/pipeline/evaluate-accounts.ts';
import { FollowUp } from '../src/pipeline/follow-up.ts';
import { type ImportSummary, importRecords, type Reject } from '../src/pipeline/import-records.ts';
import { type LoadedWorkspace, loadWorkspace } from '../src/pipeline/load-workspace.ts';
import { type AccountBundle, PAST_DAYS, type PastRow, type Store } from '../src/pipeline/ports.ts';
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

/** What the live replay made of one intervention that was let through. */
export interface LiveArtefact {
  rule: string;
  skill: string;
  account: string;
  day: Day;
  result: SkillResult<unknown>;
}

/** The sample, imported. */
interface Sample {
  store: Store;
  policy: CompiledPolicy;
  imported: ImportSummary;
  rejects: Reject[];
  asOf: Instant;
  loaded: LoadedWorkspace;
  bundles: AccountBundle[];
}

/** Runs the whole sample in a temporary folder, which is gone afterwards. */
export function replaySample(): Promise<Replay> {
  return withSample(async ({ store, policy, imported, rejects, asOf, loaded, bundles }) => {
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
  });
}

/**
 * Every artefact of the sample as if each day had been decided when it was today, by day and account. The team does
 * whatever is proposed at once, so that later documents look back on it. The workspace's own rates are left out: those of
 * the run day would be news from the future.
 */
export function liveArtefacts(): Promise<LiveReplay> {
  return withSample(async ({ policy, loaded, bundles, asOf }) => {
    const workspace = withoutRates(loaded.workspace);
    const artefacts = bundles
      .flatMap((bundle) => liveAccount(bundle, policy, workspace))
      .sort((a, b) => a.day - b.day || (a.account < b.account ? -1 : Number(a.account > b.account)));
    const escalated = bundles.find((bundle) => bundle.status.accountId === CAUGHT_UP)!;
    return { artefacts, caughtUp: caughtUp(escalated, { policy, workspace, asOf, today: SAMPLE_RUN_DAY }) };
  });
}

export interface LiveReplay {
  artefacts: LiveArtefact[];
  /** Results for one account that was decided live once, on its first day, and then not before the run day; nobody acts. */
  caughtUp: SkillResult<unknown>[];
}

const CAUGHT_UP = 'acc_fennimore';

function caughtUp(bundle: AccountBundle, context: EvaluationContext): SkillResult<unknown>[] {
  const { policy, workspace } = context;
  const firstDay = sourceOf(bundle, workspace, SAMPLE_RUN_DAY).firstTick((day) => runInstant(policy, workspace, day));
  const first = { ...context, asOf: runInstant(policy, workspace, firstDay), today: firstDay };
  const { state } = evaluateAccount(bundle, first)!;
  const journey = { state: JSON.stringify(state) } as AccountBundle['journey'];
  const { followUp } = evaluateAccount({ ...bundle, journey }, context)!;
  return followUp!.artefacts.map(({ body }) => JSON.parse(body) as SkillResult<unknown>);
}

function withoutRates({ portfolio: _, ...workspace }: Workspace): Workspace {
  return workspace;
}

async function withSample<T>(use: (sample: Sample) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'stagecraft-sample-'));
  try {
    await writeSample(folder);
    const store = await openSqliteStore(join(folder, 'sample.db'), { create: true });
    try {
      return await use(await importSample(folder, store));
    } finally {
      await store.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function importSample(folder: string, store: Store): Promise<Sample> {
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
  return { store, policy, imported, rejects, asOf, loaded, bundles };
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

/** Every day decided live, its artefacts made as the pipeline makes them. */
function liveAccount(bundle: AccountBundle, policy: CompiledPolicy, workspace: Workspace): LiveArtefact[] {
  const source = sourceOf(bundle, workspace, SAMPLE_RUN_DAY);
  const shelf = new Shelf([], policy);
  const past: (PastRow & { day: Day })[] = [];
  const made: LiveArtefact[] = [];
  let state: JourneyState | null = null;
  for (let day: Day = source.firstTick((each) => runInstant(policy, workspace, each)); day <= SAMPLE_RUN_DAY; day++) {
    const at = runInstant(policy, workspace, day);
    const measured = measureAccount(source, at, day, workspace);
    const evaluation: Evaluation = tick(state, measured, shelf.on(day), policy, { replay: false });
    state = evaluation.state;
    shelf.apply(evaluation.choice.changed);
    const followUp = new FollowUp({ ...bundle, past: past.filter((each) => each.day >= day - PAST_DAYS) }, source, {
      workspace,
      policy,
    });
    followUp.decided(evaluation, measured, at);
    const decision = composeDecision(evaluation.inputs, '', evaluation.choice, policy);
    for (const { accountId, interventionId, body, memo } of followUp.finish(decision, evaluation, measured)
      ?.artefacts ?? []) {
      const done: Intervention = { ...shelf.changed.get(interventionId)!, state: 'completed', doneOn: day, heldBy: [] };
      shelf.apply([done]);
      const { detail } = interventionRow(accountId, done, { at, by: 'team', reason: '' });
      const { ruleId, skill } = done;
      past.push({ day, interventionId, ruleId, skill, state: 'completed', detail, memo });
      made.push({ rule: ruleId, skill, account: accountId, day, result: JSON.parse(body) as SkillResult<unknown> });
    }
  }
  return made;
}
