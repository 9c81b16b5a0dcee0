/** `stagecraft demo`: the sample portfolio in a scratch workspace. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CATALOGUE_FILE } from '../config.ts';
import { formatDay } from '../core/time/calendar.ts';
import { SAMPLE_DAYS, SAMPLE_RUN_DAY } from '../sample/period.ts';
import type { CommandContext } from './command.ts';
import { runEvaluate } from './evaluate.ts';
import { EXIT, type ExitStatus } from './exit.ts';
import { runImport } from './import.ts';
import { writeSample } from './write-sample.ts';

export interface DemoOptions {
  serve: boolean;
  /** Keeps the scratch workspace, to go on with. */
  keep?: boolean;
}

/** Loads, evaluates and prints; the folder is removed at the end unless it is to be kept. */
export async function runDemo(context: CommandContext, options: DemoOptions): Promise<ExitStatus> {
  const scratch = mkdtempSync(join(tmpdir(), 'stagecraft-demo-'));
  const workspace = join(scratch, 'workspace');
  try {
    const paths = await writeSample(join(scratch, 'records'));
    const { terminal } = context;
    const inScratch: CommandContext = {
      ...context,
      globals: { ...context.globals, workspace, asOf: formatDay(SAMPLE_RUN_DAY) },
    };
    const { store } = await context.open(workspace, { create: true });
    await store.close();
    copyFileSync(join(scratch, 'records', CATALOGUE_FILE), join(workspace, CATALOGUE_FILE));
    const quietly = { ...inScratch, terminal: { ...terminal, out() {}, err() {} } };
    // The sample holds wrong rows on purpose; its rejects go with the scratch folder.
    const imported = await runImport(quietly, paths, { allowRejects: true, rejects: join(scratch, 'rejects.ndjson') });
    if (imported !== EXIT.done) return imported;
    terminal.out(`Sample portfolio: ${SAMPLE_DAYS} days of records, as of ${formatDay(SAMPLE_RUN_DAY)}\n\n`);
    const status = await runEvaluate(inScratch, [], {});
    if (options.keep && !context.globals.quiet) {
      terminal.err(`\nThe workspace is kept: stagecraft explain ACCOUNT --workspace ${workspace}\n`);
    }
    if (options.serve) terminal.err('\nThis release has no server: `demo` ends here, as with --no-serve.\n');
    return status;
  } finally {
    if (!options.keep) rmSync(scratch, { recursive: true, force: true });
  }
}
