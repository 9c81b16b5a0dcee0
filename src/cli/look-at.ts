/** One account as it was decided, or as it would be decided: what `show` and `explain` stand on. */
import { type AccountMeasures, measureAccount } from '../core/facts/measure-account.ts';
import type { CompiledPolicy } from '../core/policy/compiled-policy.ts';
import { loadPolicy } from '../core/policy/load-policy.ts';
import { SKILLS } from '../core/skills/skills.ts';
import type { Instant } from '../core/time/calendar.ts';
import { sourceOf } from '../pipeline/evaluate-account.ts';
import type { LoadedWorkspace } from '../pipeline/load-workspace.ts';
import { type AccountLook, lookAtAccount, lookAtRecorded, recordedDecision } from '../pipeline/look-at-account.ts';
import type { DecisionRow, Store } from '../pipeline/ports.ts';
import { asOfInstant, type CommandContext, loadShared, type OpenWorkspace, requireAccount } from './command.ts';
import { CommandError, EXIT } from './exit.ts';

export interface LookedAt extends AccountLook {
  accountId: string;
  asOf: Instant;
  /** The policy that made the decision. */
  policy: CompiledPolicy;
  /** Other accounts included, as of `asOf`. */
  loaded: LoadedWorkspace;
}

/**
 * Without `--as-of` the latest recorded decision, with it the one recorded as of exactly then; where there is none, the
 * decision is computed and not recorded. Throws `account_not_found`, `no_account_record` or `not_yet` (exit 4).
 */
export async function lookAt(context: CommandContext, open: OpenWorkspace, accountId: string): Promise<LookedAt> {
  const { store, config } = open;
  await requireAccount(store, accountId);
  const asked = context.globals.asOf === undefined ? undefined : asOfInstant(context, config);
  const row = await recordedDecision(store, accountId, asked);
  const asOf = row?.asOf ?? asked ?? context.now();
  const loaded = await loadShared(open, asOf, false);
  if (row !== undefined) {
    const policy = await policyOf(row, store, config.policy);
    return { ...lookAtRecorded(row, policy), accountId, asOf, policy, loaded };
  }
  const result = await lookAtAccount(store, loaded, config.policy, accountId, asOf);
  if (!result.found) throw absent(accountId, result.why);
  return { ...result.look, accountId, asOf, policy: config.policy, loaded };
}

export function absent(accountId: string, why: 'unknown' | 'no_account_record' | 'not_yet'): CommandError {
  if (why === 'not_yet') {
    return new CommandError('not_yet', `the account "${accountId}" did not exist yet then`, { exit: EXIT.notFound });
  }
  return new CommandError(
    'no_account_record',
    `records name the account "${accountId}", but no account record has arrived`,
    {
      exit: EXIT.notFound,
      remedy: 'import the accounts file that holds it',
    },
  );
}

/** The policy that made a decision: the one in force, or the one kept under its hash. */
async function policyOf(row: DecisionRow, store: Store, current: CompiledPolicy): Promise<CompiledPolicy> {
  if (row.policyHash === current.hash) return current;
  const kept = await store.readDocument(row.policyHash);
  const loaded =
    kept === undefined
      ? undefined
      : loadPolicy(kept.text, { file: `policy ${row.policyHash.slice(0, 12)}`, skills: SKILLS });
  if (loaded?.ok) return loaded.policy;
  throw new CommandError(
    'policy_not_kept',
    `the policy ${row.policyHash.slice(0, 12)} that made decision ${row.decisionId} cannot be read any more`,
    {
      remedy: 'run `stagecraft evaluate` to decide under the present policy, or give another --as-of',
    },
  );
}

/** Every measure as of the decision, for what the decision does not carry: plan, use, people. */
export async function measuresOf(open: OpenWorkspace, { accountId, asOf, loaded }: LookedAt): Promise<AccountMeasures> {
  const { workspace } = loaded;
  const today = workspace.clock.dayOf(asOf);
  const [bundle] = await open.store.readBundles([accountId], today);
  if (bundle === undefined) throw absent(accountId, 'unknown');
  return measureAccount(sourceOf(bundle, workspace, today), asOf, today, workspace);
}
