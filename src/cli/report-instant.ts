/** The moment a report speaks of. */
import type { Instant } from '../core/time/calendar.ts';
import { asOfInstant, type CommandContext, type OpenWorkspace } from './command.ts';

/**
 * `--as-of` where it is given; else the latest evaluation, so that every report tells of the same moment as the decisions
 * do; else now.
 */
export async function reportInstant(
  context: CommandContext,
  { config, store }: OpenWorkspace,
  accountId?: string,
): Promise<Instant> {
  if (context.globals.asOf !== undefined) return asOfInstant(context, config);
  const statuses = await store.listStatuses(accountId === undefined ? {} : { ids: [accountId] });
  const latest = statuses.reduce((at, status) => Math.max(at, status.decidedAt ?? at), Number.NEGATIVE_INFINITY);
  return Number.isFinite(latest) ? latest : context.now();
}
