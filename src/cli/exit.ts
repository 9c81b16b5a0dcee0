/** How a command ends: exit statuses, and errors that say what to do. */

import { nearestName } from '../core/documents/near-name.ts';
import { type DocumentProblem, formatProblem } from '../core/documents/problem.ts';

/** contract.md section 2. */
export const EXIT = { done: 0, failed: 1, usage: 2, rejected: 3, notFound: 4 } as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** A failure that was foreseen. `code` is stable, `message` one sentence, `remedy` what the person can do. */
export class CommandError extends Error {
  readonly code: string;
  readonly exit: ExitStatus;
  readonly remedy: string | undefined;

  constructor(
    code: string,
    message: string,
    options: { exit?: ExitStatus; remedy?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.exit = options.exit ?? EXIT.failed;
    this.remedy = options.remedy;
  }
}

/** An error for documents that do not hold: every problem on a line of its own. */
export function documentError(code: string, what: string, problems: readonly DocumentProblem[]): CommandError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const lines = problems.map((problem) => `\n  ${formatProblem(problem)}`);
  return new CommandError(code, `${what} has ${count}:${lines.join('')}`);
}

export function accountNotFound(accountId: string, known: Iterable<string>): CommandError {
  const near = nearestName(accountId, known);
  return new CommandError('account_not_found', `there is no account "${accountId}" in this workspace`, {
    exit: EXIT.notFound,
    remedy: near === undefined ? 'list them with `stagecraft evaluate`' : `did you mean "${near}"?`,
  });
}

/** Codes of other layers' errors that mean "it is not there". */
const NOT_FOUND_CODES = new Set(['not_found', 'workspace_not_found', 'file_not_found']);

/** The lines that stderr gets for `error`, and the exit status. */
export function failureOf(error: unknown, debug: boolean): { text: string; exit: ExitStatus } {
  const stack = debug && error instanceof Error ? `${error.stack ?? ''}\n` : '';
  if (error instanceof CommandError) {
    const remedy = error.remedy === undefined ? '' : `\n  ${error.remedy}`;
    return { text: `stagecraft: ${error.message} [${error.code}]${remedy}\n${stack}`, exit: error.exit };
  }
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (code === undefined) {
    const hint = debug ? '' : '\n  this is a defect; STAGECRAFT_DEBUG=1 shows where it happened';
    return { text: `stagecraft: ${message} [unexpected]${hint}\n${stack}`, exit: EXIT.failed };
  }
  return {
    text: `stagecraft: ${message} [${code}]\n${stack}`,
    exit: NOT_FOUND_CODES.has(code) ? EXIT.notFound : EXIT.failed,
  };
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return error.code.toLowerCase();
}
