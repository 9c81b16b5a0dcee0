/** `stagecraft plan lint`: an edited plan against the seed's form and against the records. */
import { readFileSync } from 'node:fs';
import { nearestName } from '../core/documents/near-name.ts';
import { type LintFinding, type LintReference, lintPlan, planTitle } from '../core/plan/lint.ts';
import { lintReference } from '../pipeline/lint-reference.ts';
import { type CommandContext, type OpenWorkspace, requireAccount, withWorkspace } from './command.ts';
import { CommandError, EXIT, type ExitStatus } from './exit.ts';
import { planContext } from './plan.ts';

export interface PlanLintOptions {
  account?: string;
  json?: boolean;
  /** Without the workspace: form and phrasing alone. */
  formOnly?: boolean;
}

/** Exit 0 without findings, 1 with. */
export async function runPlanLint(
  context: CommandContext,
  file: string,
  options: PlanLintOptions,
): Promise<ExitStatus> {
  const markdown = readPlan(file);
  const reference =
    options.formOnly === true
      ? undefined
      : await withWorkspace(context, { readOnly: true }, (open) => referenceFor(context, open, markdown, options));
  const findings = lintPlan(markdown, reference);
  const { terminal, globals } = context;
  if (options.json) terminal.out(`${JSON.stringify({ file, ok: findings.length === 0, findings }, null, 2)}\n`);
  else if (findings.length > 0) terminal.out(findings.map((finding) => lineOf(file, finding)).join(''));
  else if (!globals.quiet) terminal.out(`${file}: no findings\n`);
  return findings.length === 0 ? EXIT.done : EXIT.failed;
}

function readPlan(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const exit = code === 'ENOENT' ? EXIT.notFound : EXIT.failed;
    throw new CommandError('plan_not_read', `${file} cannot be read (${code ?? String(error)})`, { exit });
  }
}

async function referenceFor(
  context: CommandContext,
  open: OpenWorkspace,
  markdown: string,
  { account }: PlanLintOptions,
): Promise<LintReference> {
  if (account !== undefined) await requireAccount(open.store, account);
  const about = await planContext(context, open, account);
  const result = await lintReference(about, account ?? { name: planTitle(markdown) ?? '' });
  if (result.found) return result.reference;
  const near = nearestName(planTitle(markdown) ?? '', result.names);
  throw new CommandError('plan_account_unknown', `no single account is named as the title of the plan says`, {
    exit: EXIT.notFound,
    remedy: `${near === undefined ? '' : `nearest: "${near}"; `}give --account ID, or --form-only to check without records`,
  });
}

function lineOf(file: string, { line, code, message }: LintFinding): string {
  return `${file}:${line}: ${message} [${code}]\n`;
}
