/** Rejected lines as NDJSON, with what was wrong and where; made only when there is one. */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Reject } from '../pipeline/import-records.ts';

const MAX_RAW_BYTES = 2 * 1024; // enough to recognise and mend the line
const BUFFERED_CHARS = 64 * 1024;

export interface RejectsFile {
  write(reject: Reject): void;
  /** Writes what is buffered. */
  close(): void;
}

/** Replaces the file at `path` with the first reject. Throws the file system's error. */
export function rejectsFile(path: string): RejectsFile {
  let descriptor: number | undefined;
  let buffered = '';
  const flush = () => {
    if (buffered === '') return;
    descriptor ??= openSync(path, 'w');
    const bytes = Buffer.from(buffered);
    buffered = '';
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
  };
  return {
    write(reject) {
      buffered += `${rejectLine(reject)}\n`;
      if (buffered.length >= BUFFERED_CHARS || descriptor === undefined) flush();
    },
    close() {
      try {
        flush();
      } finally {
        if (descriptor !== undefined) closeSync(descriptor);
        descriptor = undefined;
      }
    },
  };
}

function rejectLine({ file, line, field, code, message, more, text }: Reject): string {
  return JSON.stringify({ file, line, field, code, message, ...(more.length > 0 ? { more } : {}), raw: cut(text) });
}

function cut(text: string): string {
  const kept = text.slice(0, MAX_RAW_BYTES);
  return Buffer.byteLength(kept) <= MAX_RAW_BYTES
    ? kept.toWellFormed()
    : Buffer.from(kept).subarray(0, MAX_RAW_BYTES).toString('utf8').toWellFormed();
}
