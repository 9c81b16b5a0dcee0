/** The layout, as a test: which way imports point, what may be impure, how long files may be. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

interface SourceFile {
  path: string;
  text: string;
  /** Text without comments. */
  code: string;
  imports: string[];
}

function filesUnder(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const path = join(folder, name);
      const text = readFileSync(path, 'utf8');
      const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/[^\n]*/g, '$1');
      return { path, text, code, imports: importsOf(path, code) };
    });
}

/** Modules named by import and export statements; relative ones as paths from the project's root. */
function importsOf(path: string, code: string): string[] {
  const named = code.matchAll(/(?:^|\n)\s*(?:import|export)\b(?:[^'";]*?\bfrom)?\s*'([^']+)'|\bimport\(\s*'([^']+)'/g);
  return [...named].map(([, fixed, dynamic]) => {
    const module = (fixed ?? dynamic)!;
    return module.startsWith('.') ? normalize(join(dirname(path), module)) : module;
  });
}

const isTest = ({ path }: SourceFile) => /\.(?:test|fixture)\.ts$/.test(path);
const sources = filesUnder('src').filter((file) => !isTest(file));
const all = [...filesUnder('src'), ...filesUnder('test'), ...filesUnder('scripts'), ...filesUnder('bench')];

/** What each part may import, beside itself. A name that ends in `/` is a folder. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'src/core/': ['zod', 'yaml', '@marcbachmann/cel-js', 'node:crypto'],
  'src/pipeline/': ['src/core/', 'node:crypto'],
  'src/store/': ['src/core/', 'src/pipeline/ports.ts', 'kysely', 'node:'],
  'src/threads/': ['src/core/', 'src/pipeline/', 'src/store/', 'node:'],
  'src/files/': ['src/core/', 'src/pipeline/', 'csv-parse', 'node:'],
  'src/sample/': ['src/core/'],
  'src/config.ts': ['src/core/', 'zod', 'node:'],
  'src/cli/': ['src/core/', 'src/pipeline/', 'src/files/', 'src/sample/', 'src/config.ts', 'commander', 'node:'],
  'src/app.ts': ['src/', 'node:'],
  'src/main.ts': ['src/app.ts', 'src/cli/', 'src/config.ts', 'node:'],
};

function partOf(path: string): string | undefined {
  return Object.keys(MAY_IMPORT).find((part) => matches(path, part));
}

function matches(module: string, pattern: string): boolean {
  if (pattern.endsWith('/') || pattern.endsWith(':')) return module.startsWith(pattern);
  return module === pattern || module.startsWith(`${pattern}/`);
}

describe('the layout', () => {
  test('has a place for every source file', () => {
    expect(sources.map(({ path }) => path).filter((path) => partOf(path) === undefined)).toEqual([]);
  });

  test('has no folder for leftovers and no barrel', () => {
    const leftovers = all
      .map(({ path }) => path)
      .filter((path) => /(?:^|\/)(?:utils?|common|helpers?|index\.ts)(?:\/|$)/.test(path));
    expect(leftovers).toEqual([]);
  });

  test('lets imports point one way only', () => {
    const wrong = sources.flatMap(({ path, imports }) => {
      const part = partOf(path)!;
      const allowed = [part, ...MAY_IMPORT[part]!];
      return imports
        .filter((module) => !allowed.some((pattern) => matches(module, pattern)))
        .map((module) => `${path} -> ${module}`);
    });
    expect(wrong).toEqual([]);
  });

  test('has no import cycle', () => {
    expect(cycles(new Map(sources.map(({ path, code }) => [path, runtimeImports(path, code)])))).toEqual([]);
  });

  test('keeps files within 400 lines', () => {
    const long = sources
      .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
      .filter(({ lines }) => lines > 400);
    expect(long).toEqual([]);
  });
});

/** Imports of types alone leave nothing at run time, so they close no cycle. */
function runtimeImports(path: string, code: string): string[] {
  const erased = code
    .replaceAll(/(?:^|\n)\s*(?:import|export) type\b[^;]*;/g, '')
    .replaceAll(/\{([^}]*)\}(?=\s*from)/g, (whole, names: string) => {
      const kept = names.split(',').filter((name) => name.trim() !== '' && !/^\s*type\s/.test(name));
      return kept.length === 0 ? 'ERASED' : whole;
    });
  return importsOf(path, erased.replaceAll(/(?:^|\n)\s*(?:import|export) ERASED[^;]*;/g, ''));
}

/** Groups of files that reach each other, each as a sorted list. */
function cycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const reach = (from: string): Set<string> => {
    const seen = new Set<string>();
    const open = [...(graph.get(from) ?? [])];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      open.push(...(graph.get(at) ?? []));
    }
    return seen;
  };
  const reached = new Map([...graph.keys()].map((path) => [path, reach(path)]));
  const groups = [...graph.keys()]
    .filter((path) => reached.get(path)!.has(path))
    .map((path) =>
      [...graph.keys()].filter((other) => reached.get(path)!.has(other) && reached.get(other)!.has(path)).sort(),
    );
  return [...new Map(groups.map((group) => [group.join(), group])).values()];
}

// [G13]
describe('impure means', () => {
  const CLOCK_AND_CHANCE =
    /\bDate\.now\b|\bTemporal\.Now\b|\bMath\.random\b|\bnew Date\(\)|\bperformance\.now\b|\brandomUUID\b|\brandomBytes\b/;
  const OUTSIDE_WORLD = /\bprocess\.|\bsetTimeout\b|\bsetInterval\b|\bfetch\(|\bconsole\./;

  test('of time and chance are in main.ts alone', () => {
    const impure = sources.filter(({ path, code }) => path !== 'src/main.ts' && CLOCK_AND_CHANCE.test(code));
    expect(impure.map(({ path }) => path)).toEqual([]);
  });

  test('are not in the core at all', () => {
    const impure = sources.filter(({ path, code }) => path.startsWith('src/core/') && OUTSIDE_WORLD.test(code));
    expect(impure.map(({ path }) => path)).toEqual([]);
  });

  test('of the environment are in main.ts, which hands it to config.ts', () => {
    const reading = sources.filter(
      ({ path, code }) => path !== 'src/main.ts' && /\bprocess\.env\b|\bimport\.meta\.env\b/.test(code),
    );
    expect(reading.map(({ path }) => path)).toEqual([]);
  });
});

describe('this test', () => {
  test('sees a cycle, and no cycle where only types are imported', () => {
    const a = runtimeImports(
      'src/a.ts',
      "import { b } from './b.ts';\nimport type { C } from './c.ts';\nimport { type D } from './d.ts';",
    );
    expect(a).toEqual(['src/b.ts']);
    expect(
      cycles(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['b']],
        ]),
      ),
    ).toEqual([['b', 'c']]);
  });
});
