/** Tables that fit the terminal, and the other ways of laying text out. */
import { type Colour, painted, type Terminal } from './terminal.ts';
import { columnsOf, padded, plainText, wrapped } from './text.ts';

export interface Column {
  title: string;
  align?: 'left' | 'right';
  /** Never narrower than this while another column can give way; default: as narrow as it takes, down to 4. */
  least?: number;
}

export type Cell = string | { text: string; colour: Colour | undefined };

const GAP = 2;
const NARROWEST = 4;

/**
 * A table as lines that fit `terminal.columns` wherever the columns' least widths allow: the widest column gives way first,
 * and what does not fit is cut with `…`. Cell text may be anything; control characters are made harmless.
 */
export function table(
  terminal: Terminal,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { gap = GAP } = {},
): string {
  const texts = rows.map((row) => row.map((cell) => plainText(typeof cell === 'string' ? cell : cell.text)));
  const widths = columns.map((column, i) =>
    texts.reduce((widest, row) => Math.max(widest, columnsOf(row[i] ?? '')), columnsOf(column.title)),
  );
  narrow(widths, columns, terminal.columns - gap * (columns.length - 1));
  const lineOf = (cells: readonly string[], colourOf: (i: number) => Colour | undefined) =>
    columns
      .map((column, i) => painted(terminal, colourOf(i), padded(cells[i] ?? '', widths[i]!, column.align)))
      .join(' '.repeat(gap))
      .trimEnd();
  const head = lineOf(
    columns.map(({ title }) => title),
    () => 'bold',
  );
  const body = texts.map((cells, row) =>
    lineOf(cells, (i) => {
      const cell = rows[row]![i];
      return typeof cell === 'object' ? cell.colour : undefined;
    }),
  );
  return `${[head, ...body].join('\n')}\n`;
}

function narrow(widths: number[], columns: readonly Column[], room: number): void {
  const least = columns.map((column, i) => Math.min(widths[i]!, Math.max(column.least ?? NARROWEST, NARROWEST)));
  let over = widths.reduce((sum, width) => sum + width, 0) - room;
  while (over > 0) {
    let widest = -1;
    for (const [i, width] of widths.entries()) {
      if (width > least[i]! && (widest < 0 || width > widths[widest]!)) widest = i;
    }
    if (widest < 0) return; // as narrow as it gets: a wider terminal is needed
    widths[widest]!--;
    over--;
  }
}

/** `name   value` lines, the values aligned and wrapped under themselves. */
export function pairs(terminal: Terminal, entries: readonly (readonly [string, Cell])[], indent = 0): string {
  const nameColumns = entries.reduce((widest, [name]) => Math.max(widest, columnsOf(name)), 0);
  const left = indent + nameColumns + GAP;
  const lines = entries.flatMap(([name, cell]) => {
    const colour = typeof cell === 'string' ? undefined : cell.colour;
    const text = plainText(typeof cell === 'string' ? cell : cell.text);
    const [first = '', ...rest] = wrapped(text, Math.max(20, terminal.columns - left));
    const head = `${' '.repeat(indent)}${padded(name, nameColumns)}${' '.repeat(GAP)}`;
    return [
      head + painted(terminal, colour, first),
      ...rest.map((line) => ' '.repeat(left) + painted(terminal, colour, line)),
    ];
  });
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** A paragraph, wrapped and indented; `hang` indents its further lines more. */
export function paragraph(terminal: Terminal, text: string, indent = 0, hang = 0): string {
  const lines = wrapped(plainText(text), Math.max(20, terminal.columns - indent - hang));
  return lines.map((line, i) => `${' '.repeat(indent + (i === 0 ? 0 : hang))}${line}\n`).join('');
}

export function heading(terminal: Terminal, text: string): string {
  return `\n${painted(terminal, 'bold', plainText(text))}\n`;
}
