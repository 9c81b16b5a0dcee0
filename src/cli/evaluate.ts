/** `stagecraft evaluate`: ticks up to an instant, records decisions, prints them. */
import type { Decision } from '../core/decision/decision.ts';
import { formatInstant } from '../core/time/calendar.ts';
import {
  type EvaluateSummary,
  evaluateAccounts,
  latestEvaluation,
  prepareThreads,
  refuseLater,
} from '../pipeline/evaluate-accounts.ts';
import type { LoadedWorkspace } from '../pipeline/load-workspace.ts';
import {
  asOfInstant,
  type CommandContext,
  loadShared,
  type OpenWorkspace,
  shownInstant,
  warnAboutCatalogue,
  withWorkspace,
} from './command.ts';
import { accountNotFound, CommandError, EXIT, type ExitStatus } from './exit.ts';
import { absent } from './look-at.ts';
import { progressBar } from './progress.ts';
import { type PortfolioRow, portfolioRow, portfolioSummary, renderPortfolio } from './render-portfolio.ts';
import { paragraph } from './table.ts';
import type { Terminal } from './terminal.ts';

export interface EvaluateOptions {
  json?: boolean;
  ndjson?: boolean;
}

export async function runEvaluate(
  context: CommandContext,
  accountIds: readonly string[],
  options: EvaluateOptions,
): Promise<ExitStatus> {
  if (options.json && options.ndjson)
    throw new CommandError('usage', '--json and --ndjson exclude each other', { exit: EXIT.usage });
  return withWorkspace(context, {}, (open) => evaluateOpen(context, open, accountIds, options));
}

/** The same in a workspace that is open already. */
export async function evaluateOpen(
  context: CommandContext,
  open: OpenWorkspace,
  accountIds: readonly string[],
  options: EvaluateOptions,
): Promise<ExitStatus> {
  const { config, store } = open;
  const { terminal, globals } = context;
  const wanted = [...new Set(accountIds)];
  const isNow = globals.asOf === undefined;
  // Before the clock is read: see `latestEvaluation`.
  const latest = await latestEvaluation(store, wanted.length === 0 ? undefined : wanted);
  const asOf = asOfInstant(context, config);
  if (isNow && latest !== undefined) refuseLater([latest], { asOf, today: config.clock.dayOf(asOf) });
  warnAboutCatalogue(context, config);
  if (asOf > context.now() && !globals.quiet) {
    terminal.err(`note: ${formatInstant(asOf)} lies in the future; days recorded now are never decided again\n`);
  }
  // What other accounts looked like then is not what the next evaluation needs, so a look back leaves the kept profiles.
  const looksBack = (latest?.decidedAt ?? asOf) > asOf;
  if (wanted.length === 0) await prepareThreads({ ...config, store, threads: open.threads, asOf });
  const loaded = await loadShared(open, asOf, !looksBack);
  await keepDocuments(open, loaded);
  const rows: PortfolioRow[] = [];
  let printed = 0;
  const print = (body: string) => {
    if (options.ndjson) terminal.out(`${body}\n`);
    else terminal.out(`${printed === 0 ? '[\n' : ',\n'}${body}`);
    printed++;
  };
  const progress = progressBar(context, 'evaluating');
  let summary: EvaluateSummary;
  try {
    summary = await evaluateAccounts({
      store,
      loaded,
      policy: config.policy,
      asOf,
      ...(isNow ? { keepLater: true } : { allowLookBack: true }),
      ...(wanted.length === 0 ? {} : { accountIds: wanted }),
      ...(open.threads === undefined ? {} : { threads: open.threads }),
      onDecision: ({ body }) =>
        options.json || options.ndjson ? print(body) : rows.push(portfolioRow(JSON.parse(body) as Decision)),
      onProgress: (done, total) => progress.update(done, total),
    });
  } finally {
    progress.end();
  }
  if (options.json) terminal.out(printed === 0 ? '[]\n' : '\n]\n');
  else if (!options.ndjson) terminal.out(renderPortfolio(terminal, rows));
  if (!globals.quiet) terminal.err(messages(terminal, summary, rows, shownInstant(asOf, config), wanted.length > 0));
  return exitOf(summary, wanted, async () =>
    (await store.listStatuses({ limit: 5_000 })).map((each) => each.accountId),
  );
}

/** Policy and catalogue stay readable under their hashes as long as decisions name them. */
async function keepDocuments({ store, config }: OpenWorkspace, { workspace }: LoadedWorkspace): Promise<void> {
  const { policy, policyDocument } = config;
  const { catalogue } = workspace;
  const missing = async (hash: string) => (await store.readDocument(hash)) === undefined;
  if (await missing(policy.hash))
    await store.write((session) => session.keepDocument(policy.hash, 'policy', policyDocument));
  if (await missing(catalogue.hash)) {
    const text = JSON.stringify({ ...catalogue, holidays: [...catalogue.holidays] });
    await store.write((session) => session.keepDocument(catalogue.hash, 'catalogue', text));
  }
}

function messages(
  terminal: Terminal,
  summary: EvaluateSummary,
  rows: readonly PortfolioRow[],
  asOf: string,
  chosen: boolean,
): string {
  const lines = [
    `As of ${asOf}: ${summary.decided} decided, ${summary.unchanged} unchanged, ${summary.ticks} days ticked.`,
  ];
  if (summary.lookedBack > 0) {
    lines.push(
      `${summary.lookedBack} of them as seen from then, not recorded: they have been evaluated later already.`,
    );
  }
  if (rows.length > 1) lines.push(`${portfolioSummary(rows)}.`);
  const replayed = rows.filter((row) => row.replayed).length;
  if (replayed > 0) {
    lines.push(
      `${replayed} next actions fell on replayed days and reached nobody: each is proposed once its cooldown has passed.`,
    );
  }
  if (summary.notYet.length > 0) lines.push(`Not yet created then: ${named(summary.notYet)}.`);
  if (summary.orphans.length > 0 && !chosen) {
    lines.push(`Named by records, but without an account record: ${named(summary.orphans)}.`);
  }
  return lines.map((line) => paragraph(terminal, line)).join('');
}

const MOST_NAMED = 5;

function named(ids: readonly string[]): string {
  const rest = ids.length - MOST_NAMED;
  return ids.slice(0, MOST_NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

async function exitOf(
  summary: EvaluateSummary,
  wanted: readonly string[],
  known: () => Promise<string[]>,
): Promise<ExitStatus> {
  const [missing] = summary.unknown;
  if (missing !== undefined) throw accountNotFound(missing, await known());
  const orphan = summary.orphans.find((id) => wanted.includes(id));
  if (orphan === undefined) return EXIT.done;
  throw absent(orphan, 'no_account_record');
}
