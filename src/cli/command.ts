/** What every command is given, and what the options that all commands share mean. */
import type { WorkspaceConfig } from '../config.ts';
import { measuredProperties } from '../core/history/cells.ts';
import { formatInstant, type Instant, parseDay } from '../core/time/calendar.ts';
import type { EvaluationThreads } from '../pipeline/evaluate-batch.ts';
import { type LoadedWorkspace, loadWorkspace } from '../pipeline/load-workspace.ts';
import type { Store } from '../pipeline/ports.ts';
import { rebuildLedgerIfChanged } from '../pipeline/rebuild-ledger.ts';
import { accountNotFound, CommandError, EXIT } from './exit.ts';
import type { Terminal } from './terminal.ts';

export interface GlobalOptions {
  workspace: string;
  asOf?: string;
  quiet: boolean;
}

/** An open workspace; the command that opened it closes it. */
export interface OpenWorkspace {
  config: WorkspaceConfig;
  store: Store;
  /** For evaluations of many accounts; undefined: this machine has no core to spare. */
  threads: EvaluationThreads | undefined;
}

export interface OpenOptions {
  /** Makes folder and database where there are none. */
  create?: boolean;
  readOnly?: boolean;
}

/** The world as commands see it: `app.ts` makes it. */
export interface CommandContext {
  terminal: Terminal;
  now: () => Instant;
  globals: GlobalOptions;
  open(folder: string, options?: OpenOptions): Promise<OpenWorkspace>;
}

/** Runs `work` with the workspace of the options, and closes it whatever happens. */
export async function withWorkspace<T>(
  context: CommandContext,
  options: OpenOptions,
  work: (workspace: OpenWorkspace) => Promise<T>,
): Promise<T> {
  const workspace = await context.open(context.globals.workspace, options);
  try {
    return await work(workspace);
  } finally {
    await workspace.store.close();
  }
}

/** `--as-of`: a date is the run hour of that day, anything else an ISO 8601 instant; without it, now. */
export function asOfInstant(context: CommandContext, config: WorkspaceConfig): Instant {
  const text = context.globals.asOf;
  if (text === undefined) return context.now();
  const day = parseDay(text);
  if (day !== undefined) return config.clock.instantOf(day, config.policy.runHour);
  const instant = parseInstant(text, config.clock.timeZone);
  if (instant === undefined) {
    throw new CommandError('bad_as_of', `--as-of "${text}" is neither a date nor an instant`, {
      exit: EXIT.usage,
      remedy: 'write 2026-06-30, 2026-06-30T14:00 (workspace time zone) or 2026-06-30T14:00:00Z',
    });
  }
  return instant;
}

function parseInstant(text: string, timeZone: string): Instant | undefined {
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    // no offset: the workspace's wall clock
  }
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text)) return undefined;
  try {
    return Temporal.PlainDateTime.from(text).toZonedDateTime(timeZone).epochMilliseconds;
  } catch {
    return undefined;
  }
}

/**
 * What all accounts share, read once; `keepProfiles` false for commands that only look. Else the ledger is counted anew
 * first where the catalogue measures something it did not at the import.
 */
export async function loadShared(
  { config, store }: OpenWorkspace,
  asOf: Instant,
  keepProfiles: boolean,
): Promise<LoadedWorkspace> {
  const { catalogue, policy, clock, currency, ownerHours } = config;
  if (keepProfiles) await rebuildLedgerIfChanged(store, clock, measuredProperties(catalogue));
  return loadWorkspace({ store, catalogue, policy, clock, currency, ownerHours, asOf, keepProfiles });
}

/** Throws `account_not_found` unless records name the account. Resolves to its status. */
export async function requireAccount(store: Store, accountId: string) {
  const [status] = await store.listStatuses({ ids: [accountId] });
  if (status !== undefined) return status;
  const known = (await store.listStatuses({ limit: NAMES_TO_COMPARE })).map((each) => each.accountId);
  throw accountNotFound(accountId, known);
}

const NAMES_TO_COMPARE = 5_000;

export function warnAboutCatalogue(context: CommandContext, { warnings }: WorkspaceConfig): void {
  if (context.globals.quiet) return;
  for (const { file, line, column, message } of warnings)
    context.terminal.err(`${file}:${line}:${column}: ${message}\n`);
}

export function shownInstant(instant: Instant, config: WorkspaceConfig): string {
  const { timeZone } = config.clock;
  if (timeZone === 'UTC') return formatInstant(instant);
  return Temporal.Instant.fromEpochMilliseconds(instant)
    .toZonedDateTimeISO(timeZone)
    .toString({ smallestUnit: 'second', timeZoneName: 'never' });
}
