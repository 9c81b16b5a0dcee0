import { parse } from 'csv-parse/sync';
import { type Column, columnsFrom, headerProblem, rawFromCells } from '../core/records/cells.ts';
import { fileFields } from '../core/records/parse-record.ts';
import type { RecordKind } from '../core/records/record.ts';
import type { RowChunk, RowProblem, SourceRow } from '../pipeline/record-source.ts';
import { delimiterOf, readCsvRecords } from './csv-records.ts';
import type { Line } from './lines.ts';

interface Header {
  columns: Column[];
  delimiter: string;
}

/** A header line, then one record a row. */
export async function* readCsv(path: string, kind: RecordKind): AsyncGenerator<RowChunk> {
  let header: Header | undefined;
  for await (const { records, bytesRead } of readCsvRecords(path)) {
    let lines = records;
    if (header === undefined && lines.length > 0) {
      const found = headerOf(lines[0]!, kind);
      if ('problem' in found) {
        yield { rows: [found], bytesRead };
        return;
      }
      header = found;
      lines = lines.slice(1);
    }
    yield { rows: header === undefined ? [] : rowsOf(lines, header), bytesRead };
  }
}

function headerOf(line: Line, kind: RecordKind): Header | (SourceRow & { problem: RowProblem }) {
  const { number, text } = line;
  const refuse = (problem: RowProblem) => ({ line: number, text, problem: { ...problem, endsFile: true } });
  if (line.problem !== undefined) return refuse(line.problem);
  const delimiter = delimiterOf(text);
  const cells = cellsOf([text], delimiter)?.[0];
  const { known, required } = fileFields(kind);
  const columns = columnsFrom(cells ?? [], kind, known);
  const message = cells === undefined ? 'the header is not CSV' : headerProblem(columns, required);
  if (message !== undefined) return refuse({ code: 'bad_header', message, endsFile: true });
  return { columns, delimiter };
}

/** Cells of each record; undefined when they cannot be told apart one by one. */
function cellsOf(texts: readonly string[], delimiter: string): string[][] | undefined {
  try {
    const parsed: string[][] = parse(texts.join('\n'), {
      delimiter,
      record_delimiter: '\n',
      relax_column_count: true,
      relax_quotes: true, // a quote inside an unquoted cell is a character
    });
    return parsed.length === texts.length ? parsed : undefined;
  } catch {
    return undefined; // whatever the parser says, the caller finds the record it was about
  }
}

function rowsOf(lines: readonly Line[], header: Header): SourceRow[] {
  const good = lines.filter((line) => line.problem === undefined).map((line) => line.text);
  const together = good.length === 0 ? [] : cellsOf(good, header.delimiter);
  let at = 0;
  return lines.map(({ number, text, problem }) => {
    if (problem !== undefined) return { line: number, text, problem };
    const cells = together === undefined ? cellsOf([text], header.delimiter)?.[0] : together[at++];
    return rowOf(number, text, cells, header);
  });
}

function rowOf(line: number, text: string, cells: string[] | undefined, { columns }: Header): SourceRow {
  if (cells === undefined) {
    const message = 'the line cannot be split into cells; check its quotes';
    return { line, text, problem: { code: 'bad_csv', message, endsFile: false } };
  }
  const extra = cells.slice(columns.length).some((cell) => cell.trim() !== '');
  if (extra) {
    const message = `the line has ${cells.length} cells, the header ${columns.length}; quote cells that hold the delimiter`;
    return { line, text, problem: { code: 'bad_csv', message, endsFile: false } };
  }
  return { line, text, raw: rawFromCells(columns, cells) };
}
