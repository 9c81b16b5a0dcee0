import type { ImportSummary, Reject } from '../pipeline/import-records.ts';
import { type Cell, table } from './table.ts';
import type { Terminal } from './terminal.ts';
import { columnsOf, plainText } from './text.ts';

const MOST_ROWS = 40; // beyond it, files of a kind share a row

const COUNT_COLUMNS = 32; // the three counts and the gaps before them

interface Row {
  name: string;
  accepted: number;
  duplicates: number | null;
  rejected: number;
}

/** The summary of an import: one row a file, and their sum. */
export function renderImport(terminal: Terminal, summary: ImportSummary): string {
  const rows =
    summary.files.length > MOST_ROWS ? byKind(summary) : summary.files.map((file) => ({ name: file.file, ...file }));
  if (rows.length > 1) rows.push({ name: 'total', ...summary });
  return table(
    terminal,
    [
      { title: 'FILE' },
      { title: 'ACCEPTED', align: 'right', least: 8 },
      { title: 'DUPLICATES', align: 'right', least: 10 },
      { title: 'REJECTED', align: 'right', least: 8 },
    ],
    rows.map(({ name, accepted, duplicates, rejected }): Cell[] => [
      shortPath(plainText(name), terminal.columns - COUNT_COLUMNS),
      shownCount(accepted),
      duplicates === null ? '-' : shownCount(duplicates),
      { text: shownCount(rejected), colour: rejected > 0 ? 'red' : undefined },
    ]),
  );
}

/** A path that fits: its first folders give way, because its end says what it is. */
function shortPath(path: string, columns: number): string {
  let short = path;
  for (let slash = path.indexOf('/'); columnsOf(short) > columns && slash >= 0; slash = path.indexOf('/', slash + 1)) {
    short = `…${path.slice(slash)}`;
  }
  return short;
}

function byKind({ files }: ImportSummary): Row[] {
  return [...Map.groupBy(files, (file) => file.kind)].map(([kind, ofKind]) => {
    const sum = (count: (file: (typeof files)[number]) => number) => ofKind.reduce((all, file) => all + count(file), 0);
    const isDry = ofKind.some((file) => file.duplicates === null);
    return {
      name: `${kind} (${ofKind.length} files)`,
      accepted: sum((file) => file.accepted),
      duplicates: isDry ? null : sum((file) => file.duplicates ?? 0),
      rejected: sum((file) => file.rejected),
    };
  });
}

function shownCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** One rejected line, for a person. */
export function renderReject({ file, line, field, code, message }: Reject): string {
  const place = line === 0 ? file : `${file}:${line}`;
  return plainText(`${place}: ${field === '' ? '' : `${field} `}${message} [${code}]`);
}
