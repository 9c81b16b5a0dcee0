/** CSV records of a file as text: physical lines joined where a quoted cell goes over several of them. */
import { type Line, MAX_LINE_BYTES, readLines } from './lines.ts';

const QUOTE = 34;
/** So often may a quote in a file stay open; then quotes no longer span lines, or every line would be read many times. */
const MAX_UNCLOSED = 100;
const DELIMITERS = [',', ';', '\t'];

/** The delimiter a header was written with: spreadsheets write semicolons or tabs, depending on the country. */
export function delimiterOf(header: string): string {
  const unquoted = header.replaceAll(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => unquoted.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!;
}

/** Does a quoted cell stay open at the end of this line? A quote opens a cell only where a cell begins. */
function isOpenAfter(text: string, delimiter: number, wasOpen: boolean): boolean {
  if (!wasOpen && !text.includes('"')) return false;
  let isOpen = wasOpen;
  let isStart = !wasOpen;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (isOpen) {
      if (char !== QUOTE) continue;
      if (text.charCodeAt(at + 1) === QUOTE) at++;
      else isOpen = false;
    } else if (char === QUOTE && isStart) {
      isOpen = true;
      isStart = false;
    } else isStart = char === delimiter;
  }
  return isOpen;
}

export interface CsvChunk {
  /** The first record of the file is its header. Blank lines are left out. */
  records: Line[];
  bytesRead: number;
}

class RecordJoiner {
  readonly records: Line[] = [];
  #delimiter: number | undefined;
  #open: Line[] = [];
  #openLength = 0;
  #isOpen = false;
  #unclosed = 0;

  push(line: Line): void {
    if (line.problem !== undefined) {
      this.giveUp();
      this.records.push(line);
      return;
    }
    if (!this.#isOpen && line.text.trim() === '') return;
    this.#delimiter ??= delimiterOf(line.text).charCodeAt(0);
    this.#isOpen = isOpenAfter(line.text, this.#delimiter, this.#isOpen) && this.#unclosed < MAX_UNCLOSED;
    this.#open.push(line);
    this.#openLength += line.text.length + 1;
    if (!this.#isOpen) this.#close();
    else if (this.#openLength > MAX_LINE_BYTES) this.giveUp();
  }

  #close(): void {
    const [first] = this.#open;
    const text = this.#open.length === 1 ? first!.text : this.#open.map((line) => line.text).join('\n');
    this.records.push({ number: first!.number, text });
    this.#open = [];
    this.#openLength = 0;
  }

  /** A quote was never closed: the line it is on is rejected, and reading goes on with the line after. */
  giveUp(): void {
    while (this.#isOpen) {
      const [first, ...others] = this.#open;
      const message = 'a quote in the line is never closed; close it or double it';
      this.records.push({ ...first!, problem: { code: 'bad_csv', message, endsFile: false } });
      this.#unclosed++;
      this.#open = [];
      this.#openLength = 0;
      this.#isOpen = false;
      for (const line of others) this.push(line);
    }
  }
}

export async function* readCsvRecords(path: string): AsyncGenerator<CsvChunk> {
  const joiner = new RecordJoiner();
  let bytesRead = 0;
  for await (const chunk of readLines(path)) {
    bytesRead = chunk.bytesRead;
    for (const line of chunk.lines) joiner.push(line);
    yield { records: joiner.records.splice(0), bytesRead };
  }
  joiner.giveUp();
  yield { records: joiner.records.splice(0), bytesRead };
}
