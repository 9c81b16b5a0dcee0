/** Text for a terminal: harmless whatever customers wrote, measured in columns. */

/** What breaks a line or jumps ahead in it is just a space. */
const SPACES = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
/** Control characters (escape sequences begin with one) and marks that reorder or hide text; joiners may stay. */
const HARMFUL = /(?![\u200c\u200d])[\p{Cc}\p{Cf}]/gu;

/** One line without anything a terminal would obey: controls become `\ufffd`, line breaks and tabs a space. */
export function plainText(text: string): string {
  return text.toWellFormed().replaceAll(SPACES, ' ').replaceAll(HARMFUL, '\ufffd');
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
// East Asian wide and full-width blocks (Unicode TR11), and emoji shown as pictures.
const WIDE =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|.\ufe0f)/u;
const INVISIBLE = /^[\p{M}\u200c\u200d]+$/u;
const ASCII = /^[\x20-\x7e]*$/;

/** Terminal columns that `text` takes; it must be plain. */
export function columnsOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += graphemeColumns(segment);
  return columns;
}

function graphemeColumns(grapheme: string): number {
  if (INVISIBLE.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}

/** At most `columns` wide; what is cut off shows as `…`. */
export function truncated(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const width = graphemeColumns(segment);
    if (used + width > columns - 1) break;
    kept += segment;
    used += width;
  }
  return columns < 1 ? '' : `${kept.trimEnd()}…`;
}

/** Filled with spaces to exactly `columns`, cut where it is longer. */
export function padded(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const cut = truncated(text, columns);
  const filling = ' '.repeat(Math.max(0, columns - columnsOf(cut)));
  return align === 'right' ? filling + cut : cut + filling;
}

/** Lines of at most `columns`, broken at spaces; a word longer than a line is broken inside. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').filter((each) => each !== '')) {
    let rest = word;
    while (true) {
      const joined = line === '' ? rest : `${line} ${rest}`;
      if (columnsOf(joined) <= columns) {
        line = joined;
        break;
      }
      if (line !== '') lines.push(line);
      line = '';
      if (columnsOf(rest) <= columns) continue;
      const head = fitting(rest, columns);
      lines.push(head);
      rest = rest.slice(head.length);
    }
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

function fitting(word: string, columns: number): string {
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(word)) {
    used += graphemeColumns(segment);
    if (used > columns && kept !== '') break;
    kept += segment;
  }
  return kept;
}
