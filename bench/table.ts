/**
 * What was measured against what is expected, one table. Rates and times are those of the best run, the slowest in brackets.
 * A ratio is of two figures of the same run: the median of the runs'.
 */
import type { EvaluateBench } from './evaluate.ts';
import type { ImportBench } from './import.ts';
import type { PlanBench } from './plan.ts';
import type { RulesBench } from './rules.ts';
import { median, type Spread, spread } from './seconds.ts';
import type { TickBench } from './tick.ts';

export interface Row {
  what: string;
  measured: string;
  target: string;
  met: boolean;
  /** Against a baseline measured in the same run; empty: there is none. */
  ratio: string;
}

const number = (value: number): string => Math.round(value).toLocaleString('en');
const times = (value: number): string => `${value < 10 ? value.toFixed(1) : number(value)}x`;

const rate = (count: number, { best, worst }: Spread): string => `${number(count / best)}/s (${number(count / worst)})`;
const duration = ({ best, worst }: Spread, digits = 1): string =>
  `${best.toFixed(digits)} s (${worst.toFixed(digits)})`;

export function rulesRows(runs: readonly RulesBench[]): Row[] {
  const compiled = spread(runs.map((run) => run.compiled));
  const againstLibrary = median(runs.map((run) => run.library / run.compiled));
  const againstJsonRulesEngine = median(runs.map((run) => run.jsonRulesEngine / run.compiled));
  return [
    {
      what: `All ${runs[0]!.rules} rules, one account's facts`,
      measured: rate(1, compiled),
      target: '50x',
      met: againstJsonRulesEngine >= 50,
      ratio: `${times(againstJsonRulesEngine)} json-rules-engine`,
    },
    {
      what: '',
      measured: '',
      target: '4x',
      met: againstLibrary >= 4,
      ratio: `${times(againstLibrary)} CEL interpreter`,
    },
  ];
}

export function tickRows(runs: readonly TickBench[]): Row[] {
  const { cells, entityRows, accounts, ticks } = runs[0]!;
  const tickSeconds = spread(runs.map((run) => run.tickSeconds));
  const replaySeconds = spread(runs.map((run) => run.replaySeconds));
  const againstNaive = median(runs.map((run) => (run.naiveSecondsPerTick * ticks) / run.tickSeconds));
  const mostReplaySeconds = (30 * accounts) / 2000;
  return [
    {
      what: `Full tick with decision (${number(cells)} cells, ${entityRows} records)`,
      measured: rate(ticks, tickSeconds),
      target: '30,000/s',
      met: ticks / tickSeconds.best >= 30_000,
      ratio: `${times(againstNaive)} from raw events`,
    },
    {
      what: `A year of ${number(accounts)} accounts replayed`,
      measured: duration(replaySeconds),
      target: `${mostReplaySeconds} s`,
      met: replaySeconds.best <= mostReplaySeconds,
      ratio: '',
    },
  ];
}

export function evaluateRows(runs: readonly EvaluateBench[]): Row[] {
  const { accounts } = runs[0]!;
  const seconds = spread(runs.map((run) => run.firstSeconds));
  const secondSeconds = spread(runs.map((run) => run.secondSeconds));
  const share = median(runs.map((run) => run.secondSeconds / run.firstSeconds));
  const growth = median(runs.map((run) => run.firstSeconds / (10 * run.tenthSeconds)));
  const peakRssMiB = Math.max(...runs.map((run) => run.peakRssMiB));
  return [
    {
      what: `Evaluate ${number(accounts)} accounts from SQLite`,
      measured: rate(accounts, seconds),
      target: '3,000/s',
      met: accounts / seconds.best >= 3_000,
      ratio: '',
    },
    {
      what: '  peak memory',
      measured: `${number(peakRssMiB)} MiB`,
      target: '600 MB',
      met: peakRssMiB * 1.048_576 <= 600,
      ratio: '',
    },
    {
      what: '  time per account',
      measured: '',
      target: '1.25x',
      met: growth <= 1.25,
      ratio: `${growth.toFixed(2)}x a tenth as many`,
    },
    {
      what: '  again the same day, 1 % touched',
      measured: duration(secondSeconds, 2),
      target: '5 %',
      met: share <= 0.05,
      ratio: `${(100 * share).toFixed(1)} % of the first`,
    },
  ];
}

const MOST_PLAN_SECONDS = 3; // 1,000 accounts "in a few seconds"

export function planRows(runs: readonly PlanBench[]): Row[] {
  const seconds = spread(runs.map((run) => run.seconds));
  return [
    {
      what: `Plan a segment of ${number(runs[0]!.accounts)} accounts`,
      measured: duration(seconds),
      target: `${MOST_PLAN_SECONDS} s`,
      met: seconds.best <= MOST_PLAN_SECONDS,
      ratio: `${times(median(runs.map((run) => run.seconds / run.loadSeconds)))} reading them`,
    },
  ];
}

export function importRows(runs: readonly ImportBench[]): Row[] {
  const { events } = runs[0]!;
  const seconds = spread(runs.map((run) => run.seconds));
  const ratio = median(runs.map((run) => run.seconds / run.bareSeconds));
  const peakRssMiB = Math.max(...runs.map((run) => run.peakRssMiB));
  return [
    {
      what: `Import ${number(events)} events (NDJSON, gz)`,
      measured: rate(events, seconds),
      target: '60,000/s',
      met: events / seconds.best >= 60_000,
      ratio: '',
    },
    {
      what: '  time',
      measured: '',
      target: '2.5x',
      met: ratio <= 2.5,
      ratio: `${ratio.toFixed(2)}x parse and insert`,
    },
    {
      what: '  peak memory',
      measured: `${number(peakRssMiB)} MiB`,
      target: '400 MB',
      met: peakRssMiB * 1.048_576 <= 400,
      ratio: '',
    },
  ];
}

const COLUMNS = ['what', 'measured', 'target', 'ratio'] as const;

export function table(rows: readonly Row[]): string {
  const lines = [
    { what: 'What', measured: 'Measured', target: 'Target', ratio: 'Against' },
    ...rows.map((row) => ({ ...row, target: `${row.target}${row.met ? '' : ' missed'}` })),
  ];
  const widths = COLUMNS.map((column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) =>
      COLUMNS.map((column, i) => line[column].padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
