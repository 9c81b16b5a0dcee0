/** `npm run bench`: every bench in a process of its own, and one table of what was measured against what is expected. */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { EvaluateBench } from './evaluate.ts';
import type { ImportBench } from './import.ts';
import type { PlanBench } from './plan.ts';
import { ROUNDS, type Spread, spread } from './rounds.ts';
import type { RulesBench } from './rules.ts';
import { RUNTIME_ENV, RUNTIME_FLAGS } from './runtime-flags.ts';
import type { TickBench } from './tick.ts';

interface Row {
  what: string;
  measured: string;
  target: string;
  met: boolean;
  /** Against a baseline measured in the same run; empty: there is none. */
  ratio: string;
}

const number = (value: number): string => Math.round(value).toLocaleString('en');
const times = (value: number): string => `${value < 10 ? value.toFixed(1) : number(value)}x`;

/** The best run, and the slowest in brackets. */
const rate = (count: number, { best, worst }: Spread): string => `${number(count / best)}/s (${number(count / worst)})`;
const duration = ({ best, worst }: Spread, digits = 1): string =>
  `${best.toFixed(digits)} s (${worst.toFixed(digits)})`;

function rulesRows(bench: RulesBench): Row[] {
  const { seconds, againstLibrary, againstJsonRulesEngine } = bench;
  const measured = rate(1, seconds);
  return [
    {
      what: `All ${bench.rules} rules, one account's facts`,
      measured,
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

function tickRows(benches: readonly TickBench[]): Row[] {
  const { cells, entityRows, accounts, ticks } = benches[0]!;
  const tickSeconds = spread(benches.map((bench) => bench.tickSeconds));
  const replaySeconds = spread(benches.map((bench) => bench.replaySeconds));
  const naive = spread(benches.map((bench) => bench.naiveSecondsPerTick));
  const mostReplaySeconds = (30 * accounts) / 2000;
  return [
    {
      what: `Full tick with decision (${number(cells)} cells, ${entityRows} records)`,
      measured: rate(ticks, tickSeconds),
      target: '30,000/s',
      met: ticks / tickSeconds.best >= 30_000,
      ratio: `${times((naive.best * ticks) / tickSeconds.best)} from raw events`,
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

function evaluateRows({ accounts, seconds, secondSeconds, peakRssMiB, growth }: EvaluateBench): Row[] {
  const share = secondSeconds.best / seconds.best;
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

function planRows(bench: PlanBench): Row[] {
  return [
    {
      what: `Plan a segment of ${number(bench.accounts)} accounts`,
      measured: duration(bench.seconds),
      target: `${MOST_PLAN_SECONDS} s`,
      met: bench.seconds.best <= MOST_PLAN_SECONDS,
      ratio: `${times(bench.ratio)} reading them`,
    },
  ];
}

function importRows(bench: ImportBench): Row[] {
  return [
    {
      what: `Import ${number(bench.events)} events (NDJSON, gz)`,
      measured: rate(bench.events, bench.seconds),
      target: '60,000/s',
      met: bench.events / bench.seconds.best >= 60_000,
      ratio: '',
    },
    {
      what: '  time',
      measured: '',
      target: '2.5x',
      met: bench.ratio <= 2.5,
      ratio: `${bench.ratio.toFixed(2)}x parse and insert`,
    },
    {
      what: '  peak memory',
      measured: `${number(bench.peakRssMiB)} MiB`,
      target: '400 MB',
      met: bench.peakRssMiB * 1.048_576 <= 400,
      ratio: '',
    },
  ];
}

/** What the module's function answers, in a process of its own. */
function inChild<Bench>(module: string, call: string): Bench {
  const url = new URL(module, import.meta.url).href;
  const script = `const bench = await import(${JSON.stringify(url)}); console.log(JSON.stringify(await bench.${call}))`;
  const output = execFileSync(process.execPath, [...RUNTIME_FLAGS, '--input-type=module', '--eval', script], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: RUNTIME_ENV,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output.toString()) as Bench;
}

const BENCHES: Record<string, (scale: number) => Row[]> = {
  rules: () => rulesRows(inChild<RulesBench>('./rules.ts', 'benchRules()')),
  tick: (scale) => {
    const call = `benchTick(${Math.round(2_000 * scale)})`;
    return tickRows(Array.from({ length: ROUNDS }, () => inChild<TickBench>('./tick.ts', call)));
  },
  evaluate: (scale) =>
    evaluateRows(inChild<EvaluateBench>('./evaluate.ts', `benchEvaluate(${Math.round(50_000 * scale)})`)),
  plan: (scale) => planRows(inChild<PlanBench>('./plan.ts', `benchPlan(${Math.round(1_000 * scale)})`)),
  import: (scale) => importRows(inChild<ImportBench>('./import.ts', `benchImport(${Math.round(1_000_000 * scale)})`)),
};

const COLUMNS = ['what', 'measured', 'target', 'ratio'] as const;

function table(rows: readonly Row[]): string {
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

function machine(): string {
  const model = cpus()[0]?.model ?? 'unknown processor';
  const load = loadavg().map((each) => each.toFixed(1));
  return `${availableParallelism()} cores (${model}), node ${process.version}, ${process.platform} ${process.arch}; load ${load.join(' ')}`;
}

const { values, positionals } = parseArgs({
  options: { scale: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const before = machine();
const rows = Object.entries(BENCHES).flatMap(([name, bench]) => {
  if (positionals.length > 0 && !positionals.includes(name)) return [];
  process.stderr.write(`${name}...\n`);
  return bench(Number(values.scale));
});
process.stdout.write(
  `${table(rows)}\n\nBest of ${ROUNDS} runs, in brackets the slowest; memory: the most of them.\n${before}\n`,
);
if (values.scale !== '1') process.stdout.write(`At ${values.scale} of the full size.\n`);
