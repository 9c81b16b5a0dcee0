/** One thread of an evaluation: reads accounts on a connection of its own, evaluates them, and hands back the rows to write. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadPolicy } from '../core/policy/load-policy.ts';
import { SKILLS } from '../core/skills/skills.ts';
import { zoneClock } from '../core/time/calendar.ts';
import { ownEvaluator } from '../pipeline/evaluate-batch.ts';
import { workspaceOf } from '../pipeline/load-workspace.ts';
import { openSqliteStore } from '../store/sqlite/open-store.ts';
import type { ThreadAnswer, ThreadRequest, ThreadSetup } from './messages.ts';

const port = parentPort!;
const setup = workerData as ThreadSetup;

function policyOf({ policyDocument, policyHash, runHour }: ThreadSetup) {
  const loaded = loadPolicy(policyDocument, { file: 'policy', skills: SKILLS });
  if (!loaded.ok || loaded.policy.hash !== policyHash) throw new Error('the policy read anew is another one');
  return { ...loaded.policy, runHour };
}

const policy = policyOf(setup);
const { parts, contextKey, asOf } = setup;
const workspace = workspaceOf(parts, zoneClock(parts.timeZone), policy);
const store = await openSqliteStore(setup.databasePath, { readOnly: true });
const evaluator = ownEvaluator(store, { loaded: { workspace, parts, contextKey }, policy, asOf });
const answer = (message: ThreadAnswer) => port.postMessage(message);

async function serve(request: ThreadRequest): Promise<void> {
  if (request === 'end') {
    port.close();
    await store.close();
    return;
  }
  const { id, batch } = request;
  answer({ id, result: await evaluator.evaluate(batch).catch(() => undefined) });
}

port.on('message', (request: ThreadRequest) => void serve(request));
answer('ready');
