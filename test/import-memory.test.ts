import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from './import-harness.ts';

const root = temporaryFolder();
afterAll(() => root.remove());

const CHILD = join(import.meta.dirname, 'fixtures', 'read-rows-child.ts');
const LINE_MIB = 512;
const MAX_GROWTH_MIB = 100;

/** Reads all rows of a file in a process of its own. */
function readAlone(path: string): { rows: string[]; peakRssMiB: number } {
  return JSON.parse(execFileSync(process.execPath, [CHILD, path], { encoding: 'utf8' }));
}

async function write(name: string, content: Iterable<string>): Promise<string> {
  const path = join(root.path, name);
  await pipeline(content, createGzip({ level: 1 }), createWriteStream(path));
  return path;
}

test(`a line of ${LINE_MIB} MiB is refused, the others are read, and memory does not grow with it`, async () => {
  const mebibyte = 'x'.repeat(1024 * 1024);
  const short = await write('accounts.ndjson.gz', ['{"a":1}\n', '{"a":2}\n']);
  const long = await write(
    'events.ndjson.gz',
    (function* () {
      yield '{"a":1}\n{"a":"';
      for (let i = 0; i < LINE_MIB; i++) yield mebibyte;
      yield '"}\n{"a":2}\n';
    })(),
  );
  const least = readAlone(short);
  const found = readAlone(long);
  expect(found.rows).toEqual(['1 ', '2 line_too_long', '3 ']);
  expect(found.peakRssMiB - least.peakRssMiB).toBeLessThan(MAX_GROWTH_MIB);
});
