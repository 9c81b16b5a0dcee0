/** Text lines of a file, many at a time. */
import { isAscii, isUtf8 } from 'node:buffer';
import type { RowProblem } from '../pipeline/record-source.ts';
import { type OpenFile, openFile } from './byte-chunks.ts';
import { FileProblem } from './file-problem.ts';

export const MAX_LINE_BYTES = 1024 * 1024; // a record is a few hundred bytes; this is where memory stays bounded
const SHOWN_BYTES = 2 * 1024; // of a line that is not kept
const LINE_FEED = 10;

export interface Line {
  number: number;
  text: string;
  problem?: RowProblem;
}

export interface LineChunk {
  lines: Line[];
  bytesRead: number;
}

/** Lines without their ends (LF or CRLF), blank ones included. Problems are lines; the last one may end the file. */
export async function* readLines(path: string): AsyncGenerator<LineChunk> {
  const file = openFile(path);
  const splitter = new LineSplitter();
  const chunkOf = (lines: Line[]): LineChunk => ({ lines, bytesRead: file.bytesRead() });
  try {
    yield* splitAll(file, splitter, chunkOf);
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    const { linesRead } = splitter;
    const message = linesRead === 0 ? error.message : `${error.message} (${linesRead} lines before it were read)`;
    const number = linesRead === 0 ? 0 : linesRead + 1;
    yield chunkOf([{ number, text: '', problem: { code: error.code, message, endsFile: true } }]);
  }
}

async function* splitAll(file: OpenFile, splitter: LineSplitter, chunkOf: (lines: Line[]) => LineChunk) {
  for await (const chunk of file.chunks) {
    const lines = splitter.push(chunk);
    if (lines.length > 0) yield chunkOf(lines);
  }
  const last = splitter.end();
  if (last.length > 0) yield chunkOf(last);
}

class LineSplitter {
  /** Lines given out so far. */
  linesRead = 0;
  /** Bytes of a line whose end has not come yet. */
  #open: Buffer[] = [];
  #openBytes = 0;
  /** Inside a line that is too long: its bytes are dropped as they come. */
  #isSkipping = false;

  push(chunk: Buffer): Line[] {
    const lines: Line[] = [];
    let rest = chunk;
    if (this.#isSkipping) {
      const end = rest.indexOf(LINE_FEED);
      if (end < 0) return lines;
      this.#isSkipping = false;
      rest = rest.subarray(end + 1);
    }
    const end = rest.lastIndexOf(LINE_FEED);
    if (end >= 0) {
      this.#open.push(rest.subarray(0, end));
      const whole = this.#open.length === 1 ? this.#open[0]! : Buffer.concat(this.#open);
      this.#open = [];
      this.#openBytes = 0;
      this.#split(whole, lines);
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) this.#keepOpen(rest, lines);
    return lines;
  }

  end(): Line[] {
    const lines: Line[] = [];
    if (this.#openBytes > 0) this.#split(Buffer.concat(this.#open), lines);
    this.#open = [];
    this.#openBytes = 0;
    return lines;
  }

  #keepOpen(rest: Buffer, lines: Line[]): void {
    this.#open.push(rest);
    this.#openBytes += rest.length;
    if (this.#openBytes <= MAX_LINE_BYTES) return;
    lines.push(this.#tooLong(Buffer.concat(this.#open)));
    this.#open = [];
    this.#openBytes = 0;
    this.#isSkipping = true;
  }

  /** Splits bytes that end where a line ends. Only the first line can be too long: a chunk is shorter than a line may be. */
  #split(bytes: Buffer, lines: Line[]): void {
    let whole = bytes;
    const firstEnd = whole.length > MAX_LINE_BYTES ? whole.indexOf(LINE_FEED) : 0;
    if (firstEnd > MAX_LINE_BYTES || firstEnd < 0) {
      lines.push(this.#tooLong(whole));
      if (firstEnd < 0) return;
      whole = whole.subarray(firstEnd + 1);
    }
    if (isAscii(whole)) this.#splitText(whole.toString('latin1'), lines);
    else if (isUtf8(whole)) this.#splitText(whole.toString('utf8'), lines);
    else this.#splitInvalid(whole, lines);
  }

  #splitText(text: string, lines: Line[]): void {
    for (let start = 0; start <= text.length; ) {
      const found = text.indexOf('\n', start);
      const end = found < 0 ? text.length : found;
      lines.push({ number: ++this.linesRead, text: text.slice(start, withoutReturn(text, start, end)) });
      start = end + 1;
    }
  }

  /** Somewhere in here is a line that is not UTF-8: the others are kept. */
  #splitInvalid(bytes: Buffer, lines: Line[]): void {
    for (let start = 0; start <= bytes.length; ) {
      const found = bytes.indexOf(LINE_FEED, start);
      const end = found < 0 ? bytes.length : found;
      const line = bytes.subarray(start, end);
      if (isUtf8(line)) this.#splitText(line.toString('utf8'), lines);
      else {
        const message = 'the line is not UTF-8; save the file as UTF-8';
        const problem = { code: 'invalid_utf8', message, endsFile: false } as const;
        lines.push({ number: ++this.linesRead, text: line.subarray(0, SHOWN_BYTES).toString('utf8'), problem });
      }
      start = end + 1;
    }
  }

  #tooLong(bytes: Buffer): Line {
    const message = `the line has more than ${MAX_LINE_BYTES} bytes; is this one record a line?`;
    const problem = { code: 'line_too_long', message, endsFile: false } as const;
    return { number: ++this.linesRead, text: bytes.subarray(0, SHOWN_BYTES).toString('utf8'), problem };
  }
}

function withoutReturn(text: string, start: number, end: number): number {
  return end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
}
