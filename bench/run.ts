/** `npm run bench`: every bench in processes of its own, all of them in turn, several rounds, and one table. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { RUNTIME_ENV, RUNTIME_FLAGS } from './runtime-flags.ts';
import { evaluateRows, importRows, planRows, type Row, rulesRows, table, tickRows } from './table.ts';

const ROUNDS = 3;

interface Bench {
  module: string;
  /** Makes what all rounds need, before the first. */
  prepare?: string;
  round: string;
  /** `runs`: what the rounds answered. */
  rows: (runs: readonly never[]) => Row[];
}

function benches(folder: string, scale: number): Record<string, Bench> {
  const sized = (name: string, size: number): string =>
    `${name}(${JSON.stringify(folder)}, ${Math.round(size * scale)})`;
  return {
    rules: { module: './rules.ts', round: 'benchRules()', rows: rulesRows },
    tick: { module: './tick.ts', round: `benchTick(${Math.round(2_000 * scale)})`, rows: tickRows },
    evaluate: {
      module: './evaluate.ts',
      prepare: sized('prepareEvaluate', 50_000),
      round: sized('benchEvaluate', 50_000),
      rows: evaluateRows,
    },
    plan: { module: './plan.ts', round: sized('benchPlan', 1_000), rows: planRows },
    import: {
      module: './import.ts',
      prepare: sized('prepareImport', 1_000_000),
      round: sized('benchImport', 1_000_000),
      rows: importRows,
    },
  };
}

/** What the module's function answers, in a process of its own. */
function inChild(module: string, call: string): never {
  const url = new URL(module, import.meta.url).href;
  const script = `const bench = await import(${JSON.stringify(url)}); console.log(JSON.stringify(await bench.${call} ?? null))`;
  const output = execFileSync(process.execPath, [...RUNTIME_FLAGS, '--input-type=module', '--eval', script], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: RUNTIME_ENV,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output.toString()) as never;
}

function machine(): string {
  const model = cpus()[0]?.model ?? 'unknown processor';
  const load = loadavg().map((each) => each.toFixed(1));
  return `${availableParallelism()} cores (${model}), node ${process.version}, ${process.platform} ${process.arch}; load ${load.join(' ')}`;
}

function measure(folder: string, scale: number, names: readonly string[]): Row[] {
  const chosen = Object.entries(benches(folder, scale)).filter(([name]) => names.length === 0 || names.includes(name));
  for (const [, { module, prepare }] of chosen) if (prepare !== undefined) inChild(module, prepare);
  const runs = chosen.map((): never[] => []);
  for (let round = 1; round <= ROUNDS; round++) {
    for (const [i, [name, { module, round: call }]] of chosen.entries()) {
      process.stderr.write(`round ${round} of ${ROUNDS}: ${name}\n`);
      runs[i]!.push(inChild(module, call));
    }
  }
  return chosen.flatMap(([, { rows }], i) => rows(runs[i]!));
}

const { values, positionals } = parseArgs({
  options: { scale: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const before = machine();
const folder = mkdtempSync(join(tmpdir(), 'stagecraft-bench-'));
try {
  const rows = measure(folder, Number(values.scale), positionals);
  process.stdout.write(
    `${table(rows)}\n\nBest of ${ROUNDS} runs, in brackets the slowest; memory: the most of them; ratios: within a run, the median.\n${before}\n`,
  );
  if (values.scale !== '1') process.stdout.write(`At ${values.scale} of the full size.\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
