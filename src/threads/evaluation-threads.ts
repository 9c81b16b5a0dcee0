/**
 * Evaluates batches in this thread and in others at once. Only this thread writes: the others read the database on
 * connections of their own and answer with rows, so that what is recorded, and in which order, is the same without them.
 */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type {
  EvaluatedBatch,
  EvaluationBatch,
  EvaluationJob,
  EvaluationThreads,
  Evaluator,
} from '../pipeline/evaluate-batch.ts';
import type { ThreadAnswer, ThreadRequest, ThreadSetup, ThreadSource } from './messages.ts';

/** Below it, the start of a thread costs more than it saves. */
const FROM_ACCOUNTS = 1_000;
/** More would wait for the one that writes. */
const MOST_THREADS = 3;
/** Batches a thread is given ahead, so that it need not wait while this one records or folds in the write-ahead log. */
const BATCHES_A_THREAD = 4;
/** A thread's garbage is collected early: its memory adds to this process's. */
const THREAD_LIMITS = { maxOldGenerationSizeMb: 512 };

interface ThreadOptions {
  fromAccounts?: number;
  /** Beside this one; by default, as many as the machine has further cores. */
  threads?: number;
}

/** Undefined where the machine has no core to spare. */
export function evaluationThreads(source: ThreadSource, options: ThreadOptions = {}): EvaluationThreads | undefined {
  const count = options.threads ?? Math.min(MOST_THREADS, availableParallelism() - 1);
  if (count < 1) return undefined;
  let prepared: Thread[] = [];
  const prepare = () => {
    if (prepared.length === 0) prepared = Array.from({ length: count }, () => new Thread(source));
  };
  return {
    fromAccounts: options.fromAccounts ?? FROM_ACCOUNTS,
    prepare,
    start(job, own) {
      prepare();
      return new ThreadedEvaluator(prepared.splice(0), setupOf(job), own);
    },
  };
}

function setupOf({ loaded, policy, asOf }: EvaluationJob): ThreadSetup {
  const { parts, contextKey } = loaded;
  return { policyHash: policy.hash, runHour: policy.runHour, parts, contextKey, asOf };
}

interface Task {
  batch: EvaluationBatch;
  resolve(result: EvaluatedBatch): void;
  reject(error: unknown): void;
}

/** Rejected with when a thread ends before its work does. Nothing of that work is recorded. */
class ThreadError extends Error {
  readonly code = 'thread_stopped';
}

class ThreadedEvaluator implements Evaluator {
  readonly groupsAtOnce: number;
  readonly #own: Evaluator;
  readonly #threads: readonly Thread[];
  readonly #waiting: Task[] = [];
  #ownAtWork = false;
  #failure: ThreadError | undefined;

  constructor(threads: readonly Thread[], setup: ThreadSetup, own: Evaluator) {
    this.#own = own;
    this.#threads = threads;
    this.groupsAtOnce = threads.length + 2;
    for (const thread of threads) thread.begin(setup, this);
  }

  evaluate(batch: EvaluationBatch): Promise<EvaluatedBatch> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#waiting.push({ batch, resolve, reject });
      this.handOut();
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  /** Gives what waits to whoever is free. */
  handOut(): void {
    for (const thread of this.#threads) {
      while (thread.isFree && this.#waiting.length > 0) thread.give(this.#waiting.shift()!);
    }
    if (!this.#ownAtWork && this.#waiting.length > 0) void this.#work();
  }

  /** In this thread: errors come out as they were thrown. */
  evaluateHere(task: Task): Promise<void> {
    return this.#own.evaluate(task.batch).then(task.resolve, task.reject);
  }

  /** No result is worth having any more. */
  fail(failure: ThreadError): void {
    this.#failure ??= failure;
    for (const task of this.#waiting.splice(0)) task.reject(failure);
  }

  async #work(): Promise<void> {
    this.#ownAtWork = true;
    await turn(); // the threads' answers first: what they are given next is no work for this one
    for (let task = this.#waiting.shift(); task !== undefined; task = this.#waiting.shift()) {
      await this.evaluateHere(task);
      await turn();
    }
    this.#ownAtWork = false;
  }
}

/** Loads its code and the policy; until it is told to begin, the process may end without it. */
class Thread {
  readonly #worker: Worker;
  readonly #tasks = new Map<number, Task>();
  #pool: ThreadedEvaluator | undefined;
  #given = 0;
  #ready = false;
  #closing = false;
  #failure: ThreadError | undefined;

  constructor(source: ThreadSource) {
    this.#worker = new Worker(new URL('./evaluation-thread.ts', import.meta.url), {
      workerData: source,
      resourceLimits: THREAD_LIMITS,
    });
    this.#worker.unref();
    this.#worker.on('message', (answer: ThreadAnswer) => this.#take(answer));
    this.#worker.on('error', (error) => this.#stop(error instanceof Error ? error.message : String(error)));
    this.#worker.on('exit', (status) => this.#stop(`exit status ${status}`));
  }

  begin(setup: ThreadSetup, pool: ThreadedEvaluator): void {
    this.#pool = pool;
    if (this.#failure !== undefined) pool.fail(this.#failure);
    this.#worker.ref();
    this.#tell({ setup });
  }

  get isFree(): boolean {
    return this.#ready && this.#tasks.size < BATCHES_A_THREAD;
  }

  give(task: Task): void {
    const id = this.#given++;
    this.#tasks.set(id, task);
    this.#tell({ id, batch: task.batch });
  }

  /** Waits until the thread has let go of the database. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const isIdle = this.#ready && this.#tasks.size === 0;
    if (isIdle) {
      const ended = once(this.#worker, 'exit');
      this.#tell('end');
      await ended;
    } else await this.#worker.terminate();
  }

  #tell(request: ThreadRequest): void {
    this.#worker.postMessage(request);
  }

  #take(answer: ThreadAnswer): void {
    if (answer === 'ready') this.#ready = true;
    else {
      const task = this.#tasks.get(answer.id)!;
      this.#tasks.delete(answer.id);
      if (answer.result === undefined) void this.#pool!.evaluateHere(task);
      else task.resolve(answer.result);
    }
    if (!this.#closing) this.#pool!.handOut();
  }

  #stop(why: string): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#failure = new ThreadError(
      `a thread of this evaluation stopped (${why}). What was decided before is kept; run this again`,
    );
    for (const task of this.#tasks.values()) task.reject(this.#failure);
    this.#tasks.clear();
    this.#pool?.fail(this.#failure);
  }
}
