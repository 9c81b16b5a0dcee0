import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pairs, table } from './table.ts';
import type { Terminal } from './terminal.ts';
import { columnsOf, padded, plainText, truncated, wrapped } from './text.ts';

const terminal = (columns: number, colour = false): Terminal => ({
  out() {},
  err() {},
  columns,
  colour,
  interactive: false,
});
const anyText = fc.string({ unit: 'binary', maxLength: 40 });

describe('customer text', () => {
  // [G11]
  test('cannot move the cursor, colour the terminal, set its title or reverse what follows', () => {
    expect(plainText('a\u001b[31mred\u001b]0;title\u0007')).toBe('a\ufffd[31mred\ufffd]0;title\ufffd');
    expect(plainText('evil\u202egpj.exe')).toBe('evil\ufffdgpj.exe');
    expect(plainText('two\r\nlines\tand a tab')).toBe('two lines and a tab');
    expect(plainText('\ud800')).toBe('\ufffd');
    expect(plainText('Müller & Søn 株式会社 👩‍👩‍👧')).toBe('Müller & Søn 株式会社 👩‍👩‍👧');
  });

  test('is measured in columns', () => {
    expect(columnsOf('Müller')).toBe(6);
    expect(columnsOf('e\u0301')).toBe(1);
    expect(columnsOf('株式')).toBe(4);
    expect(columnsOf('👩‍👩‍👧')).toBe(2);
    expect(truncated('株式会社', 5)).toBe('株式…');
    expect(padded('ab', 4, 'right')).toBe('  ab');
  });

  test('cut or padded has the width asked for, whatever it is', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 30 }), (text, columns) => {
        expect(columnsOf(padded(plainText(text), columns))).toBe(columns);
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  test('wrapped keeps every letter and stays within the lines', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 20 }), (text, columns) => {
        const plain = plainText(text);
        const lines = wrapped(plain, columns);
        expect(lines.join('').replaceAll(' ', '')).toBe(plain.replaceAll(' ', ''));
        for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(columns);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});

describe('a table', () => {
  const columns = [{ title: 'account', least: 8 }, { title: 'days', align: 'right' as const }, { title: 'next' }];

  test('aligns numbers to the right and leaves no trailing space', () => {
    expect(
      table(terminal(80), columns, [
        ['acme', '7', 'call'],
        ['b', '120', ''],
      ]),
    ).toBe('account  days  next\nacme        7  call\nb         120\n');
  });

  test('fits the terminal whatever stands in it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyText, anyText, anyText), { maxLength: 5 }),
        fc.integer({ min: 24, max: 100 }),
        (rows, width) => {
          for (const line of table(terminal(width), columns, rows).trimEnd().split('\n')) {
            expect(columnsOf(line)).toBeLessThanOrEqual(width);
          }
        },
      ),
      { seed: 11, numRuns: 200 },
    );
  });

  test('is coloured only where colours are wanted', () => {
    const rows = [[{ text: 'at_risk', colour: 'red' as const }]];
    expect(table(terminal(80), [{ title: 'band' }], rows)).not.toContain('\u001b');
    expect(table(terminal(80, true), [{ title: 'band' }], rows)).toContain('\u001b[31mat_risk\u001b[0m');
  });
});

test('pairs wrap long values under themselves', () => {
  expect(
    pairs(terminal(30), [
      ['plan', 'team'],
      ['note', 'a value that is longer than a line'],
    ]),
  ).toBe('plan  team\nnote  a value that is longer\n      than a line\n');
});
