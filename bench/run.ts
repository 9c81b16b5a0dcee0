/** `npm run bench`: every bench in a process of its own, and one table of what was measured against what is expected. */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { EvaluateBench } from './evaluate.ts';
import type { ImportBench } from './import.ts';
import type { PlanBench } from './plan.ts';
import type { RulesBench } from './rules.ts';
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

function rulesRows(bench: RulesBench): Row[] {
  const { compiled, againstLibrary, againstJsonRulesEngine } = bench;
  const measured = `${number(compiled)}/s`;
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

function tickRows(bench: TickBench): Row[] {
  const size = `${number(bench.cells)} cells, ${bench.entityRows} records`;
  return [
    {
      what: `Full tick with decision (${size})`,
      measured: `${number(bench.ticksPerSecond)}/s (${number(bench.ticksPerCpuSecond)})`,
      target: '30,000/s',
      met: bench.ticksPerSecond >= 30_000,
      ratio: `${times(bench.ticksPerSecond / bench.naiveTicksPerSecond)} from raw events`,
    },
    {
      what: `A year of ${number(bench.accounts)} accounts replayed`,
      measured: `${bench.replaySeconds.toFixed(1)} s (${bench.replayCpuSeconds.toFixed(1)})`,
      target: `${(30 * bench.accounts) / 2000} s`,
      met: bench.replaySeconds <= (30 * bench.accounts) / 2000,
      ratio: '',
    },
  ];
}

function evaluateRows(bench: EvaluateBench): Row[] {
  return [
    {
      what: `Evaluate ${number(bench.accounts)} accounts from SQLite`,
      measured: `${number(bench.accountsPerSecond)}/s (${number(bench.accountsPerCpuSecond)})`,
      target: '3,000/s',
      met: bench.accountsPerSecond >= 3_000,
      ratio: '',
    },
    {
      what: '  peak memory',
      measured: `${number(bench.peakRssMiB)} MiB`,
      target: '600 MB',
      met: bench.peakRssMiB * 1.048_576 <= 600,
      ratio: '',
    },
    {
      what: '  time per account',
      measured: '',
      target: '1.25x',
      met: bench.growth <= 1.25,
      ratio: `${bench.growth.toFixed(2)}x a tenth as many`,
    },
    {
      what: '  again the same day, 1 % touched',
      measured: `${(bench.secondShare * bench.seconds).toFixed(2)} s`,
      target: '5 %',
      met: bench.secondShare <= 0.05,
      ratio: `${(100 * bench.secondShare).toFixed(1)} % of the first`,
    },
  ];
}

const MOST_PLAN_SECONDS = 3; // 1,000 accounts "in a few seconds"

function planRows(bench: PlanBench): Row[] {
  return [
    {
      what: `Plan a segment of ${number(bench.accounts)} accounts`,
      measured: `${bench.seconds.toFixed(1)} s (${bench.cpuSeconds.toFixed(1)})`,
      target: `${MOST_PLAN_SECONDS} s`,
      met: bench.seconds <= MOST_PLAN_SECONDS,
      ratio: `${times(bench.ratio)} reading them`,
    },
  ];
}

function importRows(bench: ImportBench): Row[] {
  return [
    {
      what: `Import ${number(bench.events)} events (NDJSON, gz)`,
      measured: `${number(bench.eventsPerSecond)}/s`,
      target: '60,000/s',
      met: bench.eventsPerSecond >= 60_000,
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
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output.toString()) as Bench;
}

const BENCHES: Record<string, (scale: number) => Row[]> = {
  rules: () => rulesRows(inChild<RulesBench>('./rules.ts', 'benchRules()')),
  tick: (scale) => tickRows(inChild<TickBench>('./tick.ts', `benchTick(${Math.round(2_000 * scale)})`)),
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
process.stdout.write(`${table(rows)}\n\nIn brackets: by the processor time used.\n${before}\n`);
if (values.scale !== '1') process.stdout.write(`At ${values.scale} of the full size.\n`);
