/** A progress bar on stderr, for people only. */
import type { CommandContext } from './command.ts';

const BAR_COLUMNS = 30;

export interface Progress {
  update(done: number, total: number): void;
  /** Takes the bar away. */
  end(): void;
}

/** Draws nothing with --quiet or where stderr is no terminal. */
export function progressBar(context: Pick<CommandContext, 'terminal' | 'globals'>, label: string): Progress {
  const { terminal, globals } = context;
  if (!terminal.interactive || globals.quiet) return { update() {}, end() {} };
  let drawn = '';
  return {
    update(done, total) {
      const share = total === 0 ? 1 : Math.min(1, done / total);
      const filled = Math.round(share * BAR_COLUMNS);
      const line = `\r${label} [${'#'.repeat(filled)}${'-'.repeat(BAR_COLUMNS - filled)}] ${Math.floor(share * 100)}%`;
      if (line !== drawn) terminal.err(line);
      drawn = line;
    },
    end() {
      if (drawn !== '') terminal.err(`\r${' '.repeat(drawn.length)}\r`);
      drawn = '';
    },
  };
}
