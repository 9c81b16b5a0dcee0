import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const promised = [...readFileSync('docs/guarantees.md', 'utf8').matchAll(/^- \*\*(G\d+)\*\*/gm)].map(([, id]) => id!);

function citations(): Set<string> {
  const files = ['src', 'test'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  // The store's contract is a suite that the test of each database runs.
  const tests = files.filter((path) => path.endsWith('.test.ts') || path === 'test/store-contract.ts');
  return new Set(tests.flatMap((path) => [...readFileSync(path, 'utf8').matchAll(/\[(G\d+)\]/g)].map(([, id]) => id!)));
}

test('every promise of docs/guarantees.md is held by a test that cites it, and no test cites another one', () => {
  const cited = citations();
  expect(promised.filter((id) => !cited.has(id))).toEqual([]);
  expect([...cited].filter((id) => !promised.includes(id))).toEqual([]);
});

test('no two promises share a number', () => {
  expect(promised.length).toBeGreaterThan(0);
  expect(new Set(promised).size).toBe(promised.length);
});
