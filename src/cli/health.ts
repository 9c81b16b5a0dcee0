/** `stagecraft health`: the health assessment of an account, a segment or all accounts. */
import { majorUnits } from '../core/records/money.ts';
import type { AssessmentResult } from '../core/skills/health-assessment.ts';
import { assessmentDocument } from '../core/skills/health-document.ts';
import type { MoneySum, PortfolioHealth, PortfolioRow } from '../core/skills/health-portfolio.ts';
import { portfolioDocument } from '../core/skills/health-portfolio-document.ts';
import { formatInstant } from '../core/time/calendar.ts';
import { assessAccount, assessPortfolio } from '../pipeline/assess-health.ts';
import { type CommandContext, loadShared, type OpenWorkspace, requireAccount, withWorkspace } from './command.ts';
import { CommandError, EXIT, type ExitStatus } from './exit.ts';
import { absent } from './look-at.ts';
import { progressBar } from './progress.ts';
import { reportInstant } from './report-instant.ts';

export interface HealthOptions {
  segment?: string;
  portfolio?: boolean;
  json?: boolean;
}

export async function runHealth(
  context: CommandContext,
  accountId: string | undefined,
  options: HealthOptions,
): Promise<ExitStatus> {
  const forms = [accountId, options.segment, options.portfolio || undefined].filter((form) => form !== undefined);
  if (forms.length !== 1) {
    throw new CommandError('usage', 'name an account, or give --segment or --portfolio, and only one of them', {
      exit: EXIT.usage,
    });
  }
  return withWorkspace(context, { readOnly: true }, (open) =>
    accountId === undefined ? portfolio(context, open, options) : account(context, open, accountId, options),
  );
}

async function account(
  context: CommandContext,
  open: OpenWorkspace,
  accountId: string,
  options: HealthOptions,
): Promise<ExitStatus> {
  const status = await requireAccount(open.store, accountId);
  if (!status.hasAccount) {
    throw absent(accountId, 'no_account_record');
  }
  const asOf = await reportInstant(context, open, accountId);
  const loaded = await loadShared(open, asOf, false);
  const [bundle] = await open.store.readBundles([accountId], loaded.workspace.clock.dayOf(asOf));
  const assessment = assessAccount(bundle!, { loaded, policy: open.config.policy, asOf });
  if (assessment === undefined) {
    throw absent(accountId, 'not_yet');
  }
  const markdown = assessmentDocument(assessment);
  const { terminal } = context;
  terminal.out(options.json ? `${JSON.stringify({ ...assessmentJson(assessment), markdown }, null, 2)}\n` : markdown);
  return EXIT.done;
}

async function portfolio(context: CommandContext, open: OpenWorkspace, options: HealthOptions): Promise<ExitStatus> {
  const { store, config } = open;
  const asOf = await reportInstant(context, open);
  const loaded = await loadShared(open, asOf, false);
  const progress = progressBar(context, 'assessing');
  let health: PortfolioHealth;
  try {
    health = await assessPortfolio({
      store,
      loaded,
      policy: config.policy,
      asOf,
      segment: options.segment ?? null,
      onProgress: (done, total) => progress.update(done, total),
    });
  } finally {
    progress.end();
  }
  if (options.segment !== undefined && health.accounts === 0 && health.leftOut.length === 0) {
    throw new CommandError('segment_not_found', `no account is in the segment "${options.segment}"`, {
      exit: EXIT.notFound,
    });
  }
  const { terminal } = context;
  const json = () => JSON.stringify({ asOf: formatInstant(asOf), ...portfolioJson(health) }, null, 2);
  terminal.out(options.json ? `${json()}\n` : portfolioDocument(health));
  return EXIT.done;
}

/** Money in major units, as every output has it. */
function assessmentJson(assessment: AssessmentResult) {
  const { arrMinor, ...result } = assessment.result;
  return { ...assessment, result: { ...result, arr: major(arrMinor, result.currency) } };
}

function portfolioJson(health: PortfolioHealth) {
  return {
    ...health,
    distribution: health.distribution.map((each) => ({ ...each, arr: each.arr.map(sumJson) })),
    rows: health.rows.map(rowJson),
    prioritised: health.prioritised.map(rowJson),
  };
}

function rowJson({ arrMinor, ...row }: PortfolioRow) {
  return { ...row, arr: major(arrMinor, row.currency) };
}

function sumJson({ currency, minor }: MoneySum) {
  return { currency, amount: majorUnits(minor, currency) };
}

function major(minor: number | null, currency: string | null): number | null {
  return minor === null ? null : majorUnits(minor, currency);
}
