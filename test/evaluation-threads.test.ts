/** Evaluation in several threads: the same rows, the same errors, and nothing half-written when a thread stops. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultPolicyText } from '../src/config.ts';
import { defaultCatalogue } from '../src/core/catalogue/default-catalogue.ts';
import { measuredProperties } from '../src/core/history/cells.ts';
import { loadPolicy } from '../src/core/policy/load-policy.ts';
import { SKILLS } from '../src/core/skills/skills.ts';
import { type Day, parseDay, zoneClock } from '../src/core/time/calendar.ts';
import { findSources } from '../src/files/find-sources.ts';
import { type EvaluateRequest, evaluateAccounts, prepareThreads } from '../src/pipeline/evaluate-accounts.ts';
import type { EvaluationBatch, EvaluationThreads, Evaluator } from '../src/pipeline/evaluate-batch.ts';
import { importRecords } from '../src/pipeline/import-records.ts';
import { loadWorkspace } from '../src/pipeline/load-workspace.ts';
import { buildPortfolio } from '../src/sample/portfolio.ts';
import { openSqliteStore } from '../src/store/sqlite/open-store.ts';
import { evaluationThreads } from '../src/threads/evaluation-threads.ts';
import { recordFiles, writeRecords } from './fixtures/record-folder.ts';
import { contentOf, differences } from './fixtures/store-content.ts';

/** 60 accounts of the sample and 240 young ones: five batches. */
const YOUNG = { seed: 5, prefix: 'zzz', accounts: 240, events: 2_400, lastDay: '2025-12-22', days: 20 };
const DAY: Day = parseDay('2025-12-23')!;

const clock = zoneClock('UTC');
const catalogue = defaultCatalogue([]);
const loadedPolicy = loadPolicy(defaultPolicyText(), { file: 'default', skills: SKILLS });
if (!loadedPolicy.ok) throw new Error('the default policy has problems');
const { policy, document: policyDocument } = loadedPolicy;

let root: string;
let imported: string;
let made = 0;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'stagecraft-threads-'));
  imported = join(root, 'imported.db');
  const { records } = buildPortfolio();
  const events = records.events.filter((row) => String(row.timestamp) < YOUNG.lastDay);
  const sample = Object.entries({ ...records, events }).map(([kind, rows]) => [`${kind}.ndjson`, rows]);
  writeRecords(join(root, 'records', 'sample'), Object.fromEntries(sample));
  writeRecords(join(root, 'records', 'young'), recordFiles(YOUNG));
  const store = await openSqliteStore(imported, { create: true });
  await importRecords({
    store,
    sources: findSources(['sample', 'young'].map((name) => join(root, 'records', name))).sources,
    context: { clock, currency: 'USD' },
    measured: measuredProperties(catalogue),
    onReject: () => undefined,
  });
  await store.close();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function copy(): string {
  const path = join(root, `${made++}.db`);
  copyFileSync(imported, path);
  return path;
}

const threadsOf = (databasePath: string, threads: number) =>
  evaluationThreads({ databasePath, policyDocument }, { threads, fromAccounts: 1 })!;

async function evaluate(path: string, day: Day, options: Pick<EvaluateRequest, 'threads'> = {}) {
  const store = await openSqliteStore(path);
  try {
    const asOf = clock.instantOf(day, policy.runHour);
    const loaded = await loadWorkspace({ store, catalogue, policy, clock, currency: 'USD', asOf, keepProfiles: true });
    const told: string[] = [];
    const done: number[] = [];
    const onDecision: EvaluateRequest['onDecision'] = (row) => void told.push(JSON.stringify(row));
    const onProgress: EvaluateRequest['onProgress'] = (count) => void done.push(count);
    const summary = await evaluateAccounts({ store, loaded, policy, asOf, onDecision, onProgress, ...options });
    return { summary, told, done };
  } finally {
    await store.close();
  }
}

/** Two evaluations, a day apart, without threads. */
async function undisturbed() {
  const path = copy();
  const results = [await evaluate(path, DAY), await evaluate(path, DAY + 1)];
  return { results, content: contentOf(path) };
}

/** The same threads, but this one waits with its first batch until a thread has answered with another, or failed. */
function busyThreads(threads: EvaluationThreads) {
  const answered = { byThreads: 0 };
  const start: EvaluationThreads['start'] = (job, own) => {
    const first = Promise.withResolvers<void>();
    const ownBatches = new Set<EvaluationBatch>();
    const evaluator = threads.start(job, {
      groupsAtOnce: own.groupsAtOnce,
      async evaluate(batch) {
        ownBatches.add(batch);
        await first.promise;
        return own.evaluate(batch);
      },
    });
    const evaluate: Evaluator['evaluate'] = async (batch) => {
      try {
        const result = await evaluator.evaluate(batch);
        if (!ownBatches.has(batch)) answered.byThreads++;
        return result;
      } finally {
        if (!ownBatches.has(batch)) first.resolve();
      }
    };
    return { groupsAtOnce: evaluator.groupsAtOnce, evaluate, close: () => evaluator.close() };
  };
  return { answered, threads: { ...threads, start } };
}

function withDatabase(path: string, statement: string): void {
  const database = new DatabaseSync(path);
  database.exec(statement);
  database.close();
}

describe('an evaluation in several threads', () => {
  // [G5]
  it('leaves, tells and counts what one without threads does, in the same order', async () => {
    const expected = await undisturbed();
    expect(expected.results[0]!.summary.decided).toBeGreaterThan(250);
    for (const count of [1, 2]) {
      const path = copy();
      const { threads, answered } = busyThreads(threadsOf(path, count));
      threads.prepare();
      const first = await evaluate(path, DAY, { threads });
      expect(answered.byThreads).toBeGreaterThan(0);
      expect([first, await evaluate(path, DAY + 1, { threads })]).toEqual(expected.results);
      expect(differences(contentOf(path), expected.content)).toEqual([]);
    }
  });

  it('does not begin threads for a few accounts', async () => {
    const path = copy();
    const start = () => {
      throw new Error('too few');
    };
    const prepare = () => undefined;
    await evaluate(path, DAY, { threads: { fromAccounts: 301, prepare, start } });
    await expect(evaluate(path, DAY + 1, { threads: { fromAccounts: 200, prepare, start } })).rejects.toThrow(
      'too few',
    );
    // those that are decided are not due
    await evaluate(path, DAY, { threads: { fromAccounts: 100, prepare, start } });
  });

  it('makes its threads ready ahead where enough accounts have a day to tick', async () => {
    const path = copy();
    const madeReady = async (day: Day): Promise<number> => {
      const store = await openSqliteStore(path);
      let calls = 0;
      const threads: EvaluationThreads = { ...threadsOf(path, 1), fromAccounts: 200, prepare: () => void calls++ };
      await prepareThreads({ store, policy, clock, asOf: clock.instantOf(day, policy.runHour), threads });
      await store.close();
      return calls;
    };
    expect(await madeReady(DAY)).toBe(1);
    await evaluate(path, DAY);
    expect(await madeReady(DAY)).toBe(0);
    expect(await madeReady(DAY + 1)).toBe(1);
  });

  it('lets the process end though a thread was made ready and not used', () => {
    const module = fileURLToPath(new URL('../src/threads/evaluation-threads.ts', import.meta.url));
    const source = { databasePath: copy(), policyDocument };
    const script = `import { evaluationThreads } from ${JSON.stringify(module)};
      evaluationThreads(${JSON.stringify(source)}, { threads: 1 }).prepare();
      process.stdout.write('ready or not');`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script]);
    expect({ status, stdout: String(stdout), stderr: String(stderr) }).toEqual({
      status: 0,
      stdout: 'ready or not',
      stderr: '',
    });
  });

  // [G10]
  it('twice at once makes every decision once', async () => {
    const expected = await undisturbed();
    const path = copy();
    await evaluate(path, DAY);
    const threads = threadsOf(path, 1);
    const results = await Promise.all([evaluate(path, DAY + 1, { threads }), evaluate(path, DAY + 1, { threads })]);
    for (const { told } of results) expect(told).toEqual(expected.results[1]!.told);
    const apart = { without: ['decisions.arrival'], withoutTables: ['counters', 'profiles'] };
    const alone = copy();
    await evaluate(alone, DAY);
    await evaluate(alone, DAY + 1);
    expect(differences(contentOf(path, apart), contentOf(alone, apart))).toEqual([]);
  });

  it('fails as without threads where an account cannot be read: with the same words, after the same accounts', async () => {
    const damage = `update ledger set cells = x'00' where account_id = 'zzz-5'`;
    const [alone, threaded] = [copy(), copy()];
    const asOf = clock.instantOf(DAY, policy.runHour);
    for (const path of [alone, threaded]) {
      const store = await openSqliteStore(path);
      await loadWorkspace({ store, catalogue, policy, clock, currency: 'USD', asOf, keepProfiles: true });
      await store.close();
      withDatabase(path, damage);
    }
    const failure = (path: string, options = {}) => evaluate(path, DAY, options).catch((error: Error) => error.message);
    const message = await failure(alone);
    expect(message).toContain('is unreadable');
    const { threads } = busyThreads(threadsOf(threaded, 2));
    expect(await failure(threaded, { threads })).toBe(message);
    expect(differences(contentOf(threaded), contentOf(alone))).toEqual([]);
  });
});

describe('a thread that stops', () => {
  it('ends the evaluation with an error; what was decided before is kept whole, and done again does the rest', async () => {
    const expected = await undisturbed();
    const path = copy();
    const { threads } = busyThreads(threadsOf(join(root, 'nowhere.db'), 1));
    const fromSecondGroup: EvaluationThreads['start'] = (job, own) => {
      let given = 0;
      let begun: ReturnType<EvaluationThreads['start']> | undefined;
      const evaluate: Evaluator['evaluate'] = (batch) => {
        if (given++ < 4) return own.evaluate(batch);
        begun ??= threads.start(job, own);
        return begun.evaluate(batch);
      };
      return { groupsAtOnce: 1, evaluate, close: async () => begun?.close() };
    };
    const stopped = await evaluate(path, DAY, { threads: { ...threads, start: fromSecondGroup } }).catch(
      (error: unknown) => error,
    );
    expect(stopped).toMatchObject({ code: 'thread_stopped', message: expect.stringContaining('run this again') });
    const kept = contentOf(path).decisions!;
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThanOrEqual(128);

    const again = await evaluate(path, DAY);
    expect(again.told).toEqual(expected.results[0]!.told);
    await evaluate(path, DAY + 1);
    expect(differences(contentOf(path), expected.content)).toEqual([]);
  });

  it('ends the evaluation too when it stopped before its work began', async () => {
    const path = copy();
    const nothing = null as never; // its code cannot even be loaded to the end
    const threads = evaluationThreads(nothing, { threads: 1, fromAccounts: 1 })!;
    const begun = once(process, 'worker');
    threads.prepare();
    const [worker] = await begun;
    await once(worker, 'exit').catch(() => undefined); // rejected with its error, which comes first
    await turn();
    await expect(evaluate(path, DAY, { threads })).rejects.toMatchObject({ code: 'thread_stopped' });
    expect(contentOf(path).decisions).toEqual([]);
  });
});
