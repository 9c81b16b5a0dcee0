/** What commands share by which a person acts on accounts. */
import type { Instant } from '../core/time/calendar.ts';
import { latestEvaluation, refuseLater } from '../pipeline/evaluate-accounts.ts';
import type { Store } from '../pipeline/ports.ts';
import { asOfInstant, type CommandContext, type OpenWorkspace } from './command.ts';
import { CommandError, EXIT } from './exit.ts';

/**
 * The moment from which the act counts. Throws EvaluationError `clock_set_back` where one of the accounts was evaluated as
 * of a later one before this command began; one that another process evaluates meanwhile is no reason to refuse.
 */
export async function actInstant(
  context: CommandContext,
  { config, store }: OpenWorkspace,
  accountIds: readonly string[],
): Promise<Instant> {
  const latest = await latestEvaluation(store, accountIds); // before the clock is read: see there
  const now = asOfInstant(context, config);
  if (latest !== undefined) refuseLater([latest], { asOf: now, today: config.clock.dayOf(now) });
  return now;
}

/** Who acts, and why where that must be said: kept in the audit and read by others, so never blank. */
export function requireWords(options: { by: string; reason?: string }): void {
  for (const [name, text] of [
    ['--by', options.by],
    ['--reason', options.reason],
  ] as const) {
    if (text === undefined || text.trim() !== '') continue;
    const remedy = name === '--by' ? 'write --by "Ana Ruiz"' : 'write --reason "Asked us to wait"';
    throw new CommandError('usage', `${name} is empty`, { exit: EXIT.usage, remedy });
  }
}

/** An intervention or a handoff that there is not. People often name the account instead. */
export async function nothingOfId(store: Store, noun: 'intervention' | 'handoff', id: string): Promise<CommandError> {
  const isAccount = (await store.listStatuses({ ids: [id] })).length > 0;
  return new CommandError(`${noun}_not_found`, `there is no ${noun} "${id}"`, {
    exit: EXIT.notFound,
    remedy: isAccount
      ? `that is an account: list its ${noun}s with \`stagecraft ${noun}s ${id}\``
      : `list them with \`stagecraft ${noun}s\``,
  });
}
