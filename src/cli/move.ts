/** `stagecraft move`: a person moves an account one stage, with a reason. */
import { STAGES, type Stage } from '../core/records/record.ts';
import { formatDay } from '../core/time/calendar.ts';
import { moveAccount } from '../pipeline/move-account.ts';
import { asOfInstant, type CommandContext, loadShared, requireAccount, withWorkspace } from './command.ts';
import { CommandError, EXIT, type ExitStatus } from './exit.ts';

export interface MoveOptions {
  reason: string;
  /** Who moves it, for the audit. */
  by: string;
}

export async function runMove(
  context: CommandContext,
  accountId: string,
  stage: string,
  options: MoveOptions,
): Promise<ExitStatus> {
  if (!isStage(stage)) {
    throw new CommandError('usage', `"${stage}" is no stage`, {
      exit: EXIT.usage,
      remedy: `one of ${STAGES.join(', ')}`,
    });
  }
  return withWorkspace(context, {}, async (open) => {
    const { store, config } = open;
    await requireAccount(store, accountId);
    const now = asOfInstant(context, config);
    const loaded = await loadShared(open, now, true);
    const result = await moveAccount({
      store,
      loaded,
      policy: config.policy,
      accountId,
      to: stage,
      reason: options.reason,
      actor: options.by,
      now,
    });
    if (!result.moved) {
      const { refusal } = result;
      const until = 'until' in refusal ? `; possible from ${formatDay(refusal.until)}` : '';
      throw new CommandError(refusal.code, `${accountId} was not moved: ${refusal.message}${until}`);
    }
    context.terminal.out(`${accountId}: ${result.from} -> ${result.to}\n`);
    return EXIT.done;
  });
}

function isStage(text: string): text is Stage {
  return (STAGES as readonly string[]).includes(text);
}
