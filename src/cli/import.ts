/** `stagecraft import`: records in, a summary out, rejected lines into a file. */
import { join, resolve } from 'node:path';
import { ConfigError, readWorkspaceConfig, type WorkspaceConfig } from '../config.ts';
import { measuredProperties } from '../core/history/cells.ts';
import { findSources } from '../files/find-sources.ts';
import { type RejectsFile, rejectsFile } from '../files/rejects-file.ts';
import { type ImportSummary, importRecords, type Reject } from '../pipeline/import-records.ts';
import { type Store, StoreError } from '../pipeline/ports.ts';
import type { RecordSource } from '../pipeline/record-source.ts';
import { type CommandContext, warnAboutCatalogue, withWorkspace } from './command.ts';
import { CommandError, EXIT, type ExitStatus } from './exit.ts';
import { progressBar } from './progress.ts';
import { renderImport, renderReject } from './render-import.ts';

export interface ImportCommandOptions {
  dryRun?: boolean;
  /** File for rejected lines; default `rejects.ndjson` in the workspace, and none in a dry run. */
  rejects?: string;
  allowRejects?: boolean;
  json?: boolean;
}

const REJECTS_FILE = 'rejects.ndjson';
const REJECTS_SHOWN = 5; // on the terminal; the file has them all

/** Imports files and folders of records. Exit status 3 when a line was rejected, unless rejects are allowed. */
export async function runImport(
  context: CommandContext,
  paths: readonly string[],
  options: ImportCommandOptions,
): Promise<ExitStatus> {
  const sources = sourcesOf(context, paths);
  checkRejectsPath(sources, options.rejects);
  if (!options.dryRun) {
    return withWorkspace(context, { create: true }, ({ config, store }) =>
      importInto(context, config, store, sources, options),
    );
  }
  const { workspace } = context.globals;
  const config = readWorkspaceConfig(workspace, { mayBeMissing: true });
  const open = await openIfThere(context);
  try {
    return await importInto(context, config, open?.store, sources, options);
  } finally {
    await open?.store.close();
  }
}

/** A dry run also works where there is no workspace or no database yet. */
async function openIfThere(context: CommandContext) {
  try {
    return await context.open(context.globals.workspace, { readOnly: true });
  } catch (error) {
    const isMissing =
      (error instanceof ConfigError && error.code === 'workspace_not_found') ||
      (error instanceof StoreError && error.code === 'not_found');
    if (isMissing) return undefined;
    throw error;
  }
}

function sourcesOf({ terminal, globals }: CommandContext, paths: readonly string[]): RecordSource[] {
  const { sources, skipped, problems } = findSources(paths);
  if (problems.length > 0) {
    const more = problems.slice(1).map((problem) => `\n  ${problem}`);
    throw new CommandError('bad_path', `${problems[0]}${more.join('')}`, { exit: EXIT.usage });
  }
  if (!globals.quiet) {
    for (const path of skipped) terminal.err(`note: ${path} was not read: its name says no record kind\n`);
  }
  return sources;
}

function checkRejectsPath(sources: readonly RecordSource[], rejects: string | undefined): void {
  if (rejects === undefined || !sources.some(({ name }) => resolve(name) === resolve(rejects))) return;
  throw new CommandError('bad_path', `--rejects ${rejects} is a file to import; name another one`, {
    exit: EXIT.usage,
  });
}

async function importInto(
  context: CommandContext,
  config: WorkspaceConfig,
  store: Store | undefined,
  sources: readonly RecordSource[],
  options: ImportCommandOptions,
): Promise<ExitStatus> {
  const { terminal, globals } = context;
  warnAboutCatalogue(context, config);
  const path = options.rejects ?? (options.dryRun ? undefined : join(globals.workspace, REJECTS_FILE));
  const rejects = path === undefined ? undefined : rejectsFile(path);
  const shown: Reject[] = [];
  const progress = progressBar(context, options.dryRun ? 'checking' : 'importing');
  let summary: ImportSummary;
  try {
    summary = await importRecords({
      store,
      sources,
      context: { clock: config.clock, currency: config.currency },
      measured: measuredProperties(config.catalogue),
      dryRun: options.dryRun === true,
      onProgress: ({ bytesRead, bytesTotal }) => progress.update(bytesRead, bytesTotal),
      onReject: (reject) => {
        onRejectsFile(path, () => rejects?.write(reject));
        if (shown.length < REJECTS_SHOWN) shown.push({ ...reject, text: '' });
      },
    });
  } catch (error) {
    closeAfterFailure(rejects);
    throw error instanceof StoreError ? resumable(error) : error;
  } finally {
    progress.end();
  }
  onRejectsFile(path, () => rejects?.close());
  const rejectsPath = summary.rejected > 0 ? path : undefined;
  if (options.json) terminal.out(`${JSON.stringify({ ...summary, rejectsFile: rejectsPath ?? null }, null, 2)}\n`);
  else terminal.out(renderImport(terminal, summary));
  if (!globals.quiet) terminal.err(messages(summary, shown, rejectsPath));
  return summary.rejected > 0 && !options.allowRejects ? EXIT.rejected : EXIT.done;
}

function onRejectsFile(path: string | undefined, work: () => void): void {
  try {
    work();
  } catch (error) {
    const { message } = error as Error;
    throw new CommandError('rejects_unwritable', `rejected lines cannot be written to ${path} (${message})`, {
      remedy: 'name another file with --rejects and run the command again; nothing is imported twice',
      cause: error,
    });
  }
}

/** On a full disk the rejected lines cannot be written either; what is reported is the failure that came first. */
function closeAfterFailure(rejects: RejectsFile | undefined): void {
  try {
    rejects?.close();
  } catch {
    // the same lines are rejected again when the command is run again
  }
}

function resumable(error: StoreError): CommandError {
  return new CommandError(error.code, error.message, {
    remedy: 'what was written before is kept whole; run the same command again and it goes on without duplicates',
    cause: error,
  });
}

function messages(summary: ImportSummary, shown: readonly Reject[], rejectsPath: string | undefined): string {
  const lines = shown.map(renderReject);
  if (summary.rejected > shown.length) lines.push(`and ${summary.rejected - shown.length} more rejected lines`);
  if (rejectsPath !== undefined)
    lines.push(`Rejected lines are in ${rejectsPath}; mend them and import that data again.`);
  const { count, examples } = summary.orphanAccounts;
  if (count > 0) {
    const names = examples.join(', ') + (count > examples.length ? ` and ${count - examples.length} more` : '');
    lines.push(`Named by records, but without an account record: ${names}. They are kept until it arrives.`);
  }
  if (summary.dryRun) lines.push('Dry run: nothing was written, duplicates were not looked for.');
  return lines.map((line) => `${line}\n`).join('');
}
