/** One thread of an evaluation: reads accounts on a connection of its own, evaluates them, and hands back the rows to write. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadPolicy } from '../core/policy/load-policy.ts';
import { SKILLS } from '../core/skills/skills.ts';
import { zoneClock } from '../core/time/calendar.ts';
import { ownEvaluator } from '../pipeline/evaluate-batch.ts';
import { workspaceOf } from '../pipeline/load-workspace.ts';
import type { Store } from '../pipeline/ports.ts';
import { openSqliteStore } from '../store/sqlite/open-store.ts';
import type { ThreadAnswer, ThreadRequest, ThreadSetup, ThreadSource } from './messages.ts';

const port = parentPort!;
const { databasePath, policyDocument } = workerData as ThreadSource;
const loaded = loadPolicy(policyDocument, { file: 'policy', skills: SKILLS });
let store: Store | undefined;
let evaluator: ReturnType<typeof ownEvaluator>;
const answer = (message: ThreadAnswer) => port.postMessage(message);

async function setUp({ policyHash, runHour, parts, contextKey, asOf }: ThreadSetup): Promise<void> {
  if (!loaded.ok || loaded.policy.hash !== policyHash) throw new Error('the policy read anew is another one');
  const policy = { ...loaded.policy, runHour };
  const workspace = workspaceOf(parts, zoneClock(parts.timeZone), policy);
  store = await openSqliteStore(databasePath, { readOnly: true });
  evaluator = ownEvaluator(store, { loaded: { workspace, parts, contextKey }, policy, asOf });
  answer('ready');
}

async function serve(request: ThreadRequest): Promise<void> {
  if (request === 'end') {
    port.close();
    await store?.close();
  } else if ('setup' in request) await setUp(request.setup);
  else answer({ id: request.id, result: await evaluator.evaluate(request.batch).catch(() => undefined) });
}

port.on('message', (request: ThreadRequest) => void serve(request));
