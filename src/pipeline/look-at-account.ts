/** One account's decision for reading: the recorded one where there is one, else computed and not recorded. */
import { type Choice, choose } from '../core/decision/choose.ts';
import type { Decision } from '../core/decision/decision.ts';
import { type Explanation, explain } from '../core/decision/explain.ts';
import type { DecisionInputs } from '../core/decision/inputs.ts';
import type { CompiledPolicy } from '../core/policy/compiled-policy.ts';
import type { Instant } from '../core/time/calendar.ts';
import { restoreInputs } from './evaluate-account.ts';
import { lookBack } from './evaluate-accounts.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import type { DecisionRow, Store } from './ports.ts';

export interface AccountLook {
  inputs: DecisionInputs;
  choice: Choice;
  decision: Decision;
  /** False: computed for this question and not recorded. */
  recorded: boolean;
}

export type LookResult =
  | { found: true; look: AccountLook }
  | { found: false; why: 'unknown' | 'no_account_record' | 'not_yet' };

/** The recorded decision of an account: its latest, or the one made as of exactly `asOf`. */
export async function recordedDecision(
  store: Store,
  accountId: string,
  asOf: Instant | undefined,
): Promise<DecisionRow | undefined> {
  if (asOf === undefined) return store.readDecision(accountId);
  const at = (await store.listDecisions(accountId)).filter((each) => each.asOf === asOf).at(-1);
  return at === undefined ? undefined : store.readDecision(accountId, at.decisionId);
}

/** `policy` must be the one that made the decision (`row.policyHash`). */
export function lookAtRecorded(row: DecisionRow, policy: CompiledPolicy): AccountLook {
  const inputs = restoreInputs(row.inputs);
  return {
    inputs,
    choice: choose(inputs, policy, { replay: false }),
    decision: JSON.parse(row.body) as Decision,
    recorded: true,
  };
}

/** Computes the decision as of `asOf` and records nothing. */
export async function lookAtAccount(
  store: Store,
  loaded: LoadedWorkspace,
  policy: CompiledPolicy,
  accountId: string,
  asOf: Instant,
): Promise<LookResult> {
  const [status] = await store.listStatuses({ ids: [accountId] });
  if (status === undefined) return { found: false, why: 'unknown' };
  if (!status.hasAccount) return { found: false, why: 'no_account_record' };
  const [bundle] = await store.readBundles([accountId], 0);
  const result = lookBack(bundle!, { workspace: loaded.workspace, policy, asOf });
  if (result === undefined) return { found: false, why: 'not_yet' };
  const { inputs, choice, decision } = result;
  return { found: true, look: { inputs, choice, decision, recorded: false } };
}

export function explainLook(look: AccountLook, policy: CompiledPolicy): Explanation {
  return explain(look.inputs, look.choice, look.decision, policy);
}
