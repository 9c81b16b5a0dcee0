/** `stagecraft plan`: the expansion plan of an account, or the recovery response where the gate refuses. */
import { writeFileSync } from 'node:fs';
import { renderPlan } from '../core/plan/markdown.ts';
import { planAccount } from '../pipeline/plan-account.ts';
import { asOfInstant, type CommandContext, loadShared, requireAccount, withWorkspace } from './command.ts';
import { CommandError, EXIT, type ExitStatus } from './exit.ts';

export interface PlanOptions {
  segment?: string;
  json?: boolean;
  output?: string;
}

export async function runPlan(
  context: CommandContext,
  accountId: string | undefined,
  options: PlanOptions,
): Promise<ExitStatus> {
  if ((accountId === undefined) === (options.segment === undefined)) {
    throw new CommandError('bad_plan_subject', 'name either an account or --segment', {
      exit: EXIT.usage,
      remedy: 'stagecraft plan ACCOUNT, or stagecraft plan --segment mid',
    });
  }
  return withWorkspace(context, { readOnly: true }, async (open) => {
    const asOf = asOfInstant(context, open.config);
    await requireAccount(open.store, accountId!);
    const loaded = await loadShared(open, asOf, false);
    const plan = await planAccount({
      store: open.store,
      loaded,
      policy: open.config.policy,
      accountId: accountId!,
      asOf,
    });
    if (plan === undefined)
      throw new CommandError('not_yet', `the account "${accountId}" did not exist yet then`, { exit: EXIT.notFound });
    deliver(context, options.json ? `${JSON.stringify(plan, null, 2)}\n` : renderPlan(plan), options);
    return EXIT.done;
  });
}

function deliver(context: CommandContext, text: string, { output }: PlanOptions): void {
  if (output === undefined) {
    context.terminal.out(text);
    return;
  }
  writeFileSync(output, text);
  if (!context.globals.quiet) context.terminal.err(`written to ${output}\n`);
}
