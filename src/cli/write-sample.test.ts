import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { writeSample } from './write-sample.ts';

const folder = mkdtempSync(join(tmpdir(), 'stagecraft-write-sample-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('writes ten record files and the catalogue, the same bytes each time', async () => {
  const [first, second] = [join(folder, 'first'), join(folder, 'deep', 'second')];
  const paths = await writeSample(first);
  await writeSample(second);
  expect(paths).toHaveLength(10);
  expect(readdirSync(first).sort()).toEqual([...paths.map((path) => basename(path)), 'catalog.yaml'].sort());
  for (const name of readdirSync(first)) {
    expect(readFileSync(join(first, name)).equals(readFileSync(join(second, name))), name).toBe(true);
  }
  const events = gunzipSync(readFileSync(join(first, 'events.ndjson.gz')))
    .toString()
    .split('\n');
  expect(JSON.parse(events[0]!)).toMatchObject({ accountId: 'acc_alderbrook' });
});
