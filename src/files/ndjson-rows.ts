import type { RowChunk, SourceRow } from '../pipeline/record-source.ts';
import { readLines } from './lines.ts';

const SHOWN_REASON = 80;

/** One JSON value a line; blank lines are passed over. */
export async function* readNdjson(path: string): AsyncGenerator<RowChunk> {
  for await (const { lines, bytesRead } of readLines(path)) {
    const rows: SourceRow[] = [];
    for (const { number, text, problem } of lines) {
      if (problem !== undefined) rows.push({ line: number, text, problem });
      else if (text.trim() !== '') rows.push(parsedRow(number, text));
    }
    yield { rows, bytesRead };
  }
}

function parsedRow(line: number, text: string): SourceRow {
  try {
    return { line, text, raw: JSON.parse(text) };
  } catch (error) {
    const reason = (error as Error).message.slice(0, SHOWN_REASON).toWellFormed();
    const message = `the line is not JSON (${reason}); write one JSON object a line`;
    return { line, text, problem: { code: 'bad_json', message, endsFile: false } };
  }
}
