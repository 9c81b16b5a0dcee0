/**
 * Markdown from data (CommonMark with tables). Two kinds of text meet here and must not be mixed: our own Markdown, and
 * `plain` text, which people and systems outside wrote. Plain text goes through `inert` or `quoted` before it is put into
 * a document: it then reads as it was written, on one line, and nothing in it is markup, HTML or a line of its own.
 */

/** Line breaks and tabs of any kind. */
const SPACES = /[\s\u0085\u2028\u2029]+/gu;
/** Controls, and marks that hide or reorder text; joiners are needed by some scripts and emoji. */
const HIDDEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}]/gu;
/** ASCII characters that begin markup, an entity, HTML, a mention or a formula wherever they stand. */
const MARKUP = /[\\`*_{}[\]<>#|~&@$]|:(?=\/\/)/g;
/** What makes a list, a rule or a heading only where a line begins. */
const LINE_START = /^(?:[-+=]|\d+(?=[.)]))/;
/** A bare `www.` is made a link by some readers. */
const WWW = /\bwww(?=\.)/gi;
const WORD = /[\p{L}\p{N}]/u;

/** CommonMark knows no emphasis by `_` inside a word, and names of records are full of it. */
function escaped(mark: string, at: number, text: string): string {
  const inWord = mark === '_' && WORD.test(text[at - 1] ?? '') && WORD.test(text[at + 1] ?? '');
  return inWord ? mark : `\\${mark}`;
}

/** Plain text as one line of Markdown that shows exactly these words. Empty text gives `-`. */
export function inert(plain: string): string {
  const line = plain.toWellFormed().replaceAll(SPACES, ' ').replaceAll(HIDDEN, '\ufffd').trim();
  if (line === '') return '-';
  const text = line.replaceAll(MARKUP, (mark, at: number) => escaped(mark, at, line));
  const begun = text.replace(LINE_START, (start) => (WORD.test(start) ? `${start}\\` : `\\${start}`));
  return begun.replaceAll(WWW, (word) => `${word}\\`);
}

/** Longest quote; a document is read by people, and longer text stands in the record. */
const MOST_QUOTED = 240;

/** What somebody said, as a quotation of at most 240 characters: data, whatever it asks the reader to do. */
export function quoted(plain: string): string {
  const line = plain.toWellFormed().replaceAll(SPACES, ' ').trim().replaceAll('"', "'");
  const characters = [...line];
  const cut = characters.length > MOST_QUOTED ? `${characters.slice(0, MOST_QUOTED - 1).join('')}…` : line;
  return `"${inert(cut)}"`;
}

export function heading(level: 1 | 2 | 3, text: string): string {
  return `${'#'.repeat(level)} ${text}`;
}

/** `- **label:** text` */
export function labelled(label: string, text: string): string {
  return `- **${label}:** ${oneLine(text)}`;
}

/** A table with a header row; `right` holds the columns whose figures are aligned. Cells are Markdown. */
export function table(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => oneLine(cell) || '-').join(' | ')} |`;
  const rule = `|${columns.map((_, i) => (right.includes(i) ? '---:' : '---')).join('|')}|`;
  return [line(columns), rule, ...rows.map(line)].join('\n');
}

/** Blocks with a blank line between them; empty blocks are left out. Ends with one line break. */
export function documentOf(blocks: readonly string[]): string {
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function oneLine(markdown: string): string {
  return markdown.replaceAll(/\s*[\r\n]+\s*/g, ' ');
}
