/** `stagecraft revenue`: ARR movements, NRR and GRR, what is at risk and what may come. */

import { type Period, periodOf, yearTo } from '../core/revenue/movements.ts';
import { addMonths, type Day, formatDay, formatInstant, parseDay } from '../core/time/calendar.ts';
import { type RevenueResult, readRevenue } from '../pipeline/revenue.ts';
import { type CommandContext, loadShared, type OpenWorkspace, withWorkspace } from './command.ts';
import { CommandError, EXIT, type ExitStatus } from './exit.ts';
import { progressBar } from './progress.ts';
import { renderRevenue } from './render-revenue.ts';
import { reportInstant } from './report-instant.ts';
import { revenueJson } from './revenue-json.ts';

export interface RevenueOptions {
  from?: string;
  to?: string;
  /** True: given without a name. */
  segment?: string | true;
  cohort?: string;
  json?: boolean;
}

export async function runRevenue(context: CommandContext, options: RevenueOptions): Promise<ExitStatus> {
  return withWorkspace(context, { readOnly: true }, async (open) => {
    const asOf = await reportInstant(context, open);
    const lastDay = open.config.clock.dayOf(asOf) - 1;
    const period = periodAsked(options, lastDay);
    if (period.to > lastDay) {
      throw usage(
        `--to ${options.to} is after the last complete day, ${formatDay(lastDay)}`,
        'give an earlier day, or a later --as-of',
      );
    }
    const result = await read(context, open, { asOf, period, options });
    const { terminal } = context;
    if (options.json) {
      terminal.out(`${JSON.stringify({ asOf: formatInstant(asOf), ...revenueJson(result) }, null, 2)}\n`);
    } else if (result.known) {
      terminal.out(renderRevenue(terminal, result.report, options.segment === true));
    } else terminal.out(`Revenue is unknown: ${result.reason}.\n`);
    return EXIT.done;
  });
}

async function read(
  context: CommandContext,
  open: OpenWorkspace,
  { asOf, period, options }: { asOf: number; period: Period; options: RevenueOptions },
): Promise<RevenueResult> {
  const { store, config } = open;
  const segment = typeof options.segment === 'string' ? options.segment : null;
  const loaded = await loadShared(open, asOf, false);
  const progress = progressBar(context, 'adding up');
  try {
    const result = await readRevenue({
      store,
      loaded,
      policy: config.policy,
      asOf,
      period,
      exchange: { currency: config.currency, rates: config.rates },
      segment,
      cohort: options.cohort ?? null,
      onProgress: (done, total) => progress.update(done, total),
    });
    if (segment !== null && result.known && result.report.accounts + result.report.excluded.length === 0) {
      throw new CommandError('segment_not_found', `no account is in the segment "${segment}"`, { exit: EXIT.notFound });
    }
    return result;
  } finally {
    progress.end();
  }
}

/** The twelve months to the last complete day, or as far as the options say otherwise. */
function periodAsked({ from, to, cohort }: RevenueOptions, lastDay: Day): Period {
  const first = from === undefined ? undefined : dayAsked('--from', from, 'first');
  const last = to === undefined ? lastDay : dayAsked('--to', to, 'last');
  if (first !== undefined && first > last) throw usage(`--from ${from} is after ${formatDay(last)}`);
  if (cohort !== undefined && !/^\d{4}(?:-(?:Q[1-4]|0[1-9]|1[0-2]))?$/.test(cohort)) {
    throw usage(`--cohort "${cohort}" is no year, quarter or month`, 'write 2025, 2025-Q1 or 2025-03');
  }
  return first === undefined ? yearTo(last) : periodOf(first, last);
}

function dayAsked(option: string, text: string, end: 'first' | 'last'): Day {
  const day = parseDay(text);
  if (day !== undefined) return day;
  const first = parseDay(`${text}-01`);
  if (first === undefined)
    throw usage(`${option} "${text}" is neither a date nor a month`, 'write 2026-01-31 or 2026-01');
  return end === 'first' ? first : addMonths(first, 1) - 1;
}

function usage(message: string, remedy?: string): CommandError {
  return new CommandError('usage', message, { exit: EXIT.usage, remedy });
}
