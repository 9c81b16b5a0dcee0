/** A late record changes no recorded tick and fires nothing again: what it would have changed is listed. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { TimelineEntry } from '../src/cli/timeline.ts';

const bin = fileURLToPath(new URL('../bin/stagecraft', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'stagecraft-late-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function stagecraft(...args: string[]): string {
  return execFileSync(bin, ['--workspace', join(folder, 'workspace'), '--quiet', ...args], { encoding: 'utf8' });
}

function write(name: string, rows: object[]): string {
  const path = join(folder, name);
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return path;
}

const date = (i: number): string => new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10);
const timeline = (asOf = '2026-03-02'): TimelineEntry[] =>
  JSON.parse(stagecraft('timeline', 'a', '--as-of', asOf, '--json'));

describe('[G6] a record that arrives after its day was ticked', () => {
  it('is listed as a difference; the ticks, stages and interventions recorded stay', () => {
    const use = Array.from({ length: 60 }, (_, i) =>
      ['u1', 'u2'].flatMap((userId) =>
        ['one', 'two'].map((event) => ({
          messageId: `${i}${userId}${event}`,
          accountId: 'a',
          userId,
          event,
          timestamp: `${date(i)}T10:00:00Z`,
        })),
      ),
    ).flat();
    stagecraft(
      'import',
      write('accounts.ndjson', [{ accountId: 'a', name: 'A', createdAt: '2026-01-01' }]),
      write('events.ndjson', use),
      write('tickets.ndjson', []),
    );
    stagecraft('evaluate', '--as-of', '2026-03-02');
    const before = timeline();
    expect(before.filter(({ kind }) => kind === 'difference')).toEqual([]);

    stagecraft(
      'import',
      write('tickets-late.ndjson', [
        { ticketId: 't', accountId: 'a', openedAt: '2026-02-10', resolvedAt: '2026-02-12', kind: 'cancellation' },
      ]),
    );
    const after = timeline();
    const differences = after.filter(({ kind }) => kind === 'difference');
    expect(differences.map(({ date: from }) => from)).toContain('2026-02-10');
    expect(differences.some(({ text }) => text.startsWith('band was recorded as'))).toBe(true);
    const kept = (entries: TimelineEntry[]) => entries.filter(({ kind }) => kind !== 'difference' && kind !== 'record');
    expect(kept(after)).toEqual(kept(before));
  });

  it('finds no difference in what a person moved by hand', () => {
    stagecraft('move', 'a', 'activation', '--by', 'me', '--reason', 'not live yet', '--as-of', '2026-03-02');
    stagecraft('evaluate', '--as-of', '2026-03-04');
    expect(
      timeline('2026-03-04').filter(({ kind, text }) => kind === 'difference' && text.startsWith('stage')),
    ).toEqual([]);
  });
});
