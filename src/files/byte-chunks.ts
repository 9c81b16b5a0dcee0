/** The bytes of a file in bounded chunks, decompressed where they are gzip (told by content, not by name). */
import { createReadStream, type ReadStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { FileProblem } from './file-problem.ts';

const READ_BYTES = 64 * 1024; // gzip makes at most 1032 times as much of it at once
export const CHUNK_BYTES = 256 * 1024; // of decompressed data; a line is looked for in one piece of this size
const SAMPLE_BYTES = 8 * 1024; // enough to tell text from pictures and archives
/** A text may hold a stray control character; a binary file is full of them. */
const CONTROLS_ALLOWED = 8;
const CONTROL_SHARE_ALLOWED = 0.02;

export interface OpenFile {
  bytesRead(): number;
  /** Throws FileProblem. What came before a damaged part is given out first. */
  chunks: AsyncIterable<Buffer>;
}

export function openFile(path: string): OpenFile {
  const file = createReadStream(path, { highWaterMark: READ_BYTES });
  return { bytesRead: () => file.bytesRead, chunks: textChunks(file) };
}

async function* textChunks(file: ReadStream): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const chunk of decompressed(fileChunks(file))) {
    if (!isFirst) yield chunk;
    else {
      isFirst = false;
      yield startOfText(chunk);
    }
  }
}

/** The first chunk without its byte order mark. Throws FileProblem when it is not the beginning of a UTF-8 text. */
function startOfText(chunk: Buffer): Buffer {
  const [first, second, third] = chunk;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new FileProblem('not_utf8', 'the file is UTF-16; save it as UTF-8');
  }
  const sample = chunk.subarray(0, SAMPLE_BYTES);
  let controls = 0;
  for (const byte of sample) if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) controls++;
  if (controls > Math.max(CONTROLS_ALLOWED, sample.length * CONTROL_SHARE_ALLOWED)) {
    throw new FileProblem('binary_file', 'the file is binary; records are NDJSON or CSV text, plain or as gzip');
  }
  return first === 0xef && second === 0xbb && third === 0xbf ? chunk.subarray(3) : chunk;
}

async function* fileChunks(file: ReadStream): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of file) yield chunk as Buffer;
  } catch (error) {
    throw new FileProblem('unreadable', `the file cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

async function* decompressed(source: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const first = await source.next();
  if (first.done) return;
  if (first.value[0] === 0x1f && first.value[1] === 0x8b) yield* inflated(first.value, source);
  else {
    yield first.value;
    yield* source;
  }
}

/**
 * Decompresses by hand rather than through `pipeline`, which throws away what it has decompressed when the file turns
 * out to be damaged. The next piece is decompressed (in another thread) while the caller works on this one.
 */
async function* inflated(first: Buffer, source: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  let ready: Buffer[] = [];
  let failure: NodeJS.ErrnoException | undefined;
  gunzip.on('data', (chunk: Buffer) => ready.push(chunk));
  let wake = () => {};
  gunzip.on('error', (error: NodeJS.ErrnoException) => {
    failure = error;
    wake(); // a write into damage never calls back
  });
  const feed = (chunk: Buffer) =>
    new Promise<void>((resolve) => {
      wake = resolve;
      gunzip.write(chunk, () => resolve());
    });
  try {
    let next: IteratorResult<Buffer> = { done: false, value: first };
    while (!next.done && failure === undefined) {
      const feeding = feed(next.value);
      const done = ready;
      ready = [];
      yield* done;
      next = await source.next();
      await feeding;
    }
    if (failure === undefined) {
      gunzip.end();
      await finished(gunzip).catch(() => undefined); // `failure` has it
    }
    yield* ready;
  } finally {
    gunzip.destroy();
  }
  if (failure !== undefined) throw gzipProblem(failure);
}

function gzipProblem(failure: NodeJS.ErrnoException): FileProblem {
  if (failure.code === 'Z_BUF_ERROR') {
    return new FileProblem('truncated_gzip', 'the gzip file ends too early; copy it again and import it again');
  }
  return new FileProblem('corrupt_gzip', 'the gzip file is damaged; copy it again and import it again');
}
