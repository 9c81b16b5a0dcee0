import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { RowChunk, SourceRow } from '../pipeline/record-source.ts';
import { readCsv } from './csv-rows.ts';
import { findSources } from './find-sources.ts';
import { MAX_LINE_BYTES } from './lines.ts';
import { readNdjson } from './ndjson-rows.ts';
import { rejectsFile } from './rejects-file.ts';

const root = mkdtempSync(join(tmpdir(), 'stagecraft-files-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folder: string;
let made = 0;
beforeEach(() => {
  folder = join(root, String(made++));
  mkdirSync(folder);
});

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function collect(chunks: AsyncIterable<RowChunk>): Promise<SourceRow[]> {
  const rows: SourceRow[] = [];
  for await (const chunk of chunks) rows.push(...chunk.rows);
  return rows;
}

const ndjson = (content: string | Buffer) => collect(readNdjson(file('events.ndjson', content)));
const csv = (content: string | Buffer, kind: 'accounts' | 'notes' = 'accounts') =>
  collect(readCsv(file(`${kind}.csv`, content), kind));
const shown = (rows: SourceRow[]) => rows.map((row) => `${row.line} ${row.problem?.code ?? JSON.stringify(row.raw)}`);

const HEADER = 'accountId,name,createdAt\n';

test('NDJSON lines are numbered, blank ones are passed over, and the last one needs no end', async () => {
  expect(shown(await ndjson('{"a":1}\n\n  \n{"a":2}\r\n{"a":3}'))).toEqual(['1 {"a":1}', '4 {"a":2}', '5 {"a":3}']);
});

test('a byte order mark is no part of the first line', async () => {
  expect(shown(await ndjson('\ufeff{"a":1}\n'))).toEqual(['1 {"a":1}']);
  expect((await csv(`\ufeff${HEADER}a1,A,2026-01-01\n`)).map((row) => row.raw)).toEqual([
    { accountId: 'a1', name: 'A', createdAt: '2026-01-01' },
  ]);
});

test('an empty file has no rows, whatever its form', async () => {
  expect(await ndjson('')).toEqual([]);
  expect(await csv('')).toEqual([]);
  expect(await csv(HEADER)).toEqual([]);
  expect(await collect(readNdjson(file('events.ndjson.gz', gzipSync(''))))).toEqual([]);
});

test('lines that are no JSON are rows with a problem, and the others are read', async () => {
  expect(shown(await ndjson('{"a":1}\n{"a":\n[1,2\n{"a":2}\n'))).toEqual([
    '1 {"a":1}',
    '2 bad_json',
    '3 bad_json',
    '4 {"a":2}',
  ]);
});

test('JSON nested 100,000 deep neither crashes nor stops the reading', async () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const rows = await ndjson(`${deep}\n{"a":1}\n`);
  expect(rows.map((row) => row.line)).toEqual([1, 2]);
});

test('a line that is not UTF-8 is refused, its neighbours are kept', async () => {
  const rows = await ndjson(
    Buffer.concat([Buffer.from('{"a":"é"}\n{"a":"'), Buffer.from([0xff, 0xc3]), Buffer.from('"}\n{"a":2}\n')]),
  );
  expect(shown(rows)).toEqual(['1 {"a":"é"}', '2 invalid_utf8', '3 {"a":2}']);
});

test('a line over the limit is refused and reading goes on after it', async () => {
  const fits = JSON.stringify({ a: 'x'.repeat(MAX_LINE_BYTES - 10) });
  const long = JSON.stringify({ a: 'x'.repeat(MAX_LINE_BYTES) });
  const wide = JSON.stringify({ a: 'é'.repeat(MAX_LINE_BYTES / 2) });
  const rows = await ndjson(`{"b":1}\n${fits}\n${long}\n${wide}\n{"b":2}\n${long}`);
  expect(rows.map((row) => [row.line, row.problem?.code])).toEqual([
    [1, undefined],
    [2, undefined],
    [3, 'line_too_long'],
    [4, 'line_too_long'],
    [5, undefined],
    [6, 'line_too_long'],
  ]);
  expect(rows[2]!.text.length).toBeLessThanOrEqual(2048);
});

test('binary files and UTF-16 are refused as a whole', async () => {
  const noise = Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * i * 31) % 256));
  expect(shown(await ndjson(noise))).toEqual(['0 binary_file']);
  expect(shown(await ndjson(Buffer.from('\ufeff{"a":1}\n', 'utf16le')))).toEqual(['0 not_utf8']);
  expect(shown(await collect(readNdjson(file('e.ndjson.gz', gzipSync(noise)))))).toEqual(['0 binary_file']);
});

test('one stray NUL does not make a text binary: only its line is refused', async () => {
  expect(shown(await ndjson('{"a":1}\n{"a":"\0"}\n{"a":2}\n'))).toEqual(['1 {"a":1}', '2 bad_json', '3 {"a":2}']);
});

test('gzip is told by its content, several members in one file are read on', async () => {
  const members = Buffer.concat([gzipSync('{"a":1}\n{"a":'), gzipSync('2}\n')]);
  expect(shown(await ndjson(members))).toEqual(['1 {"a":1}', '2 {"a":2}']);
  expect(shown(await collect(readNdjson(file('events.ndjson.gz', '{"a":1}\n'))))).toEqual(['1 {"a":1}']);
});

/** Lines that do not compress to nothing. */
const manyLines = Array.from(
  { length: 20_000 },
  (_, i) => `{"a":"${((i + 1) * 2_654_435_761) % 4_294_967_296}"}\n`,
).join('');

test('a truncated gzip file gives every whole line before its end, then says so', async () => {
  const whole = gzipSync(manyLines);
  const rows = await ndjson(whole.subarray(0, whole.length - 2_000));
  const last = rows.at(-1)!;
  expect(last.problem).toMatchObject({ code: 'truncated_gzip', endsFile: true });
  expect(rows.length).toBeGreaterThan(15_000);
  expect(last.line).toBe(rows.length);
  expect(last.problem!.message).toContain(`${rows.length - 1} lines before it were read`);
  expect(rows.slice(0, -1).every((row) => row.problem === undefined)).toBe(true);
});

test('a damaged gzip file keeps what came before the damage', async () => {
  const damaged = Buffer.from(gzipSync(manyLines));
  damaged.fill(0x55, damaged.length - 5_000, damaged.length - 4_000);
  const rows = await ndjson(damaged);
  expect(rows.at(-1)!.problem?.code).toBe('corrupt_gzip');
});

test('wherever chunks of a file end, its lines are the same', async () => {
  const line = fc.oneof(
    fc.constant(''),
    fc.string({ unit: 'grapheme', maxLength: 50 }),
    fc.nat(90_000).map((n) => 'ü'.repeat(n)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 12 }),
      fc.constantFrom('\n', '\r\n'),
      async (values, end) => {
        const lines = values.map((value) => JSON.stringify(value));
        const rows = await ndjson(lines.join(end));
        expect(rows.map((row) => row.raw)).toEqual(values);
      },
    ),
    { numRuns: 40 },
  );
});

test('CSV cells may hold delimiters, doubled quotes and line breaks', async () => {
  const rows = await csv(
    'accountId,name,createdAt\r\na1,"Say ""hi"", Inc.",2026-01-01\r\na2,"two\r\nlines",2026-01-02\r\n\r\na3,5" pipe,2026-01-03\r\n',
  );
  expect(rows.map((row) => [row.line, (row.raw as { name: string }).name])).toEqual([
    [2, 'Say "hi", Inc.'],
    [3, 'two\nlines'],
    [6, '5" pipe'],
  ]);
});

test('semicolons and tabs are found to be the delimiter', async () => {
  const expected = [{ accountId: 'a1', name: 'A, B', createdAt: '2026-01-01' }];
  expect((await csv('accountId;name;createdAt\na1;A, B;2026-01-01\n')).map((row) => row.raw)).toEqual(expected);
  expect((await csv('accountId\tname\tcreatedAt\na1\tA, B\t2026-01-01\n')).map((row) => row.raw)).toEqual(expected);
});

test('a quote that is never closed costs its own line only', async () => {
  const rows = await csv(`${HEADER}a1,A,2026-01-01\na2,"B,2026-01-01\na3,C,2026-01-01\n`);
  expect(shown(rows).map((text) => text.slice(0, 9))).toEqual(['2 {"accou', '3 bad_csv', '4 {"accou']);
});

test('rows with more cells than the header are refused, shorter ones are read', async () => {
  const rows = await csv(`${HEADER}a1,A,2026-01-01,more\na2,B\na3,C,2026-01-01,,\n`);
  expect(rows.map((row) => row.problem?.code)).toEqual(['bad_csv', undefined, undefined]);
});

test('a file without a usable header is refused once, with the column that is missing', async () => {
  const rows = await csv('a1,A,2026-01-01\na2,B,2026-01-01\n');
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ line: 1, problem: { code: 'bad_header', endsFile: true } });
  expect(rows[0]!.problem!.message).toContain('accountId, name, createdAt');
});

test('any cells written as CSV are read back', async () => {
  const cell = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll(/[\0\r]/g, ''));
  await fc.assert(
    fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 20 }), async (texts) => {
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const rows = await csv(
        `noteId,accountId,at,text\n${texts.map((text, i) => `n${i},a,2026-01-01,${quoted(text)}`).join('\n')}\n`,
        'notes',
      );
      expect(rows.map((row) => (row.raw as { text?: string } | undefined)?.text ?? '')).toEqual(
        texts.map((text) => (text.trim() === '' ? '' : text)),
      );
    }),
    { numRuns: 60 },
  );
});

test('kinds come from file names and folders; other data files are named as not read', () => {
  for (const name of [
    'events-2024.csv',
    'Accounts.JSONL.gz',
    'labels.ndjson',
    'catalog.yaml',
    'eventsource.csv',
    '.notes.csv',
  ])
    file(name, '');
  mkdirSync(join(folder, 'tickets'));
  writeFileSync(join(folder, 'tickets', 'part-1.ndjson'), '');
  mkdirSync(join(folder, 'other'));
  writeFileSync(join(folder, 'other', 'notes.csv'), '');
  const { sources, skipped, problems } = findSources([folder, join(folder, 'events-2024.csv')]);
  expect(sources.map(({ kind, name }) => `${kind} ${basename(name)}`)).toEqual([
    'accounts Accounts.JSONL.gz',
    'events events-2024.csv',
    'tickets part-1.ndjson',
  ]);
  expect(skipped.map((path) => basename(path))).toEqual(['eventsource.csv', 'labels.ndjson']);
  expect(problems).toEqual([]);
});

test('paths that cannot be read as records are problems with a remedy', () => {
  const { problems } = findSources([join(folder, 'nowhere'), file('data.csv', ''), folder]);
  expect(problems).toHaveLength(3);
  expect(problems[0]).toContain('does not exist');
  expect(problems[1]).toContain('rename it to one of accounts, contacts');
  expect(problems[2]).toContain('has no record files');
});

test('a rejects file is made with the first reject and holds at most 2 KB of the line', () => {
  const path = join(folder, 'rejects.ndjson');
  rejectsFile(path).close();
  expect(() => readFileSync(path)).toThrow();
  const rejects = rejectsFile(path);
  const reject = { file: 'f.csv', line: 3, field: 'name', code: 'required', message: 'is required', more: [] } as const;
  rejects.write({ ...reject, more: [], text: 'ü'.repeat(5_000) });
  rejects.write({ ...reject, more: [{ field: 'at', code: 'bad_time', message: 'm' }], text: 'short' });
  rejects.close();
  const lines = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines[0]).toMatchObject({ file: 'f.csv', line: 3, field: 'name', code: 'required', message: 'is required' });
  expect(Buffer.byteLength(lines[0].raw)).toBeLessThanOrEqual(2_050);
  expect(lines[1]).toMatchObject({ raw: 'short', more: [{ field: 'at', code: 'bad_time' }] });
});
