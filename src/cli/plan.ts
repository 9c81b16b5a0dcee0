/** `stagecraft plan`: the expansion plan of an account or a segment, or what must recover first. */
import { writeFileSync } from 'node:fs';
import { nearestName } from '../core/documents/near-name.ts';
import { renderPlan } from '../core/plan/markdown.ts';
import { renderSegment } from '../core/plan/segment.ts';
import { type PlanContext, planAccount } from '../pipeline/plan-account.ts';
import { planSegment } from '../pipeline/plan-segment.ts';
import { type CommandContext, loadShared, type OpenWorkspace, requireAccount, withWorkspace } from './command.ts';
import { CommandError, EXIT, type ExitStatus } from './exit.ts';
import { absent } from './look-at.ts';
import { planJson, segmentJson } from './plan-json.ts';
import { progressBar } from './progress.ts';
import { reportInstant } from './report-instant.ts';

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
  const { segment } = options;
  if ((accountId === undefined) === (segment === undefined)) {
    throw new CommandError('usage', 'name an account, or give --segment, and only one of them', { exit: EXIT.usage });
  }
  if (accountId === undefined) {
    return withWorkspace(context, { readOnly: true }, (open) => segmentPlan(context, open, segment!, options));
  }
  // Opened for writing: a plan that is given is kept, so that its criteria can be looked at again.
  return withWorkspace(context, {}, (open) => accountPlan(context, open, accountId, options));
}

export async function planContext(
  context: CommandContext,
  open: OpenWorkspace,
  accountId?: string,
): Promise<PlanContext> {
  const { config, store } = open;
  const asOf = await reportInstant(context, open, accountId);
  const loaded = await loadShared(open, asOf, false);
  const exchange = { currency: config.currency, rates: config.rates };
  return { store, loaded, policy: config.policy, exchange, asOf };
}

async function accountPlan(
  context: CommandContext,
  open: OpenWorkspace,
  accountId: string,
  options: PlanOptions,
): Promise<ExitStatus> {
  await requireAccount(open.store, accountId);
  const result = await planAccount(await planContext(context, open, accountId), accountId);
  if (!result.found) throw absent(accountId, result.why);
  const { plan, planId, portfolio } = result;
  deliver(
    context,
    options,
    () => renderPlan(plan),
    () => planJson(plan, planId, portfolio),
  );
  return EXIT.done;
}

async function segmentPlan(
  context: CommandContext,
  open: OpenWorkspace,
  segment: string,
  options: PlanOptions,
): Promise<ExitStatus> {
  const progress = progressBar(context, 'planned');
  const about = await planContext(context, open);
  const result = await planSegment(about, segment, (done, total) => progress.update(done, total)).finally(() =>
    progress.end(),
  );
  if (!result.found) {
    const near = nearestName(segment, result.segments);
    throw new CommandError('segment_not_found', `no account is in the segment "${segment}"`, {
      exit: EXIT.notFound,
      remedy: near === undefined ? `segments: ${result.segments.join(', ') || 'none'}` : `did you mean "${near}"?`,
    });
  }
  const { plan } = result;
  deliver(
    context,
    options,
    () => renderSegment(plan),
    () => segmentJson(plan),
  );
  return EXIT.done;
}

function deliver(
  { terminal, globals }: CommandContext,
  { json, output }: PlanOptions,
  markdown: () => string,
  data: () => unknown,
): void {
  const text = json ? `${JSON.stringify(data(), null, 2)}\n` : markdown();
  if (output === undefined) {
    terminal.out(text);
    return;
  }
  try {
    writeFileSync(output, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError('output_not_written', `${output} cannot be written (${code ?? String(error)})`);
  }
  if (!globals.quiet) terminal.err(`written to ${output}\n`);
}
