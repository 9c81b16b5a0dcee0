/** Numbers and texts as bytes: LEB128 for whole numbers, all texts of a table in one UTF-8 run with their lengths before. */
import type { KnownTexts } from './known-texts.ts';

const INITIAL_CAPACITY = 4096;

/** Grows as needed; `reset` lets one writer serve many messages. */
export class ByteWriter {
  private bytes = new Uint8Array(INITIAL_CAPACITY);
  private at = 0;

  reset(): void {
    this.at = 0;
  }

  byte(value: number): void {
    if (this.at === this.bytes.length) this.grow(1);
    this.bytes[this.at++] = value;
  }

  /** A whole number from 0 to 2^53 - 1. */
  whole(value: number): void {
    let rest = value;
    while (rest > 0x7f_ff_ff_ff) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      this.byte((rest & 127) | 128);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  double(value: number): void {
    this.grow(8);
    new DataView(this.bytes.buffer).setFloat64(this.at, value, true);
    this.at += 8;
  }

  texts(texts: readonly string[]): void {
    this.whole(texts.length);
    for (const text of texts) this.whole(text.length);
    const joined = texts.join('');
    this.grow(joined.length * 3 + 5);
    const { written } = encoder.encodeInto(joined, this.bytes.subarray(this.at + 5));
    // the byte length goes before the run, but is known only after it
    const start = this.at + 5;
    this.whole(written);
    this.bytes.copyWithin(this.at, start, start + written);
    this.at += written;
  }

  /** What was written, followed by its checksum. */
  finish(seed: number): Uint8Array {
    const sum = checksum(this.bytes, this.at, seed);
    for (let shift = 0; shift < 32; shift += 8) this.byte((sum >>> shift) & 255);
    return this.bytes.slice(0, this.at);
  }

  private grow(atLeast: number): void {
    if (this.at + atLeast <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.at + atLeast));
    larger.set(this.bytes.subarray(0, this.at));
    this.bytes = larger;
  }
}

const CHECKSUM_BYTES = 4;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads what `ByteWriter` wrote. Every method throws a plain Error where the bytes cannot be right. */
export class ByteReader {
  private readonly bytes: Uint8Array;
  private readonly end: number;
  private at = 0;

  /** Throws unless the last four bytes are the checksum of those before under the same seed. */
  constructor(bytes: Uint8Array, seed: number) {
    this.bytes = bytes;
    this.end = bytes.length - CHECKSUM_BYTES;
    if (this.end < 1) throw new Error(`only ${bytes.length} bytes`);
    let expected = 0;
    for (let i = 3; i >= 0; i--) expected = (expected << 8) | bytes[this.end + i]!;
    if (checksum(bytes, this.end, seed) !== expected >>> 0) throw new Error('the checksum does not match');
  }

  get left(): number {
    return this.end - this.at;
  }

  byte(): number {
    if (this.at >= this.end) throw new Error('the bytes end too early');
    return this.bytes[this.at++]!;
  }

  whole(): number {
    const first = this.byte();
    if (first < 128) return first;
    let value = first & 127;
    for (let scale = 128; ; scale *= 128) {
      const next = this.byte();
      value += (next & 127) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new Error('a number is too large');
      if (next < 128) return value;
    }
  }

  /** A whole number below `limit`. */
  below(limit: number): number {
    const value = this.whole();
    if (value >= limit) throw new Error(`${value} stands where less than ${limit} must`);
    return value;
  }

  double(): number {
    if (this.left < 8) throw new Error('the bytes end too early');
    const value = new DataView(this.bytes.buffer, this.bytes.byteOffset).getFloat64(this.at, true);
    this.at += 8;
    return value;
  }

  /** `known`: what tables of this kind held before. */
  texts(known: KnownTexts): string[] {
    const count = this.whole();
    if (count > this.left) throw new Error('a table is longer than the bytes');
    const lengths = new Array<number>(count);
    let units = 0;
    for (let i = 0; i < count; i++) {
      lengths[i] = this.whole();
      units += lengths[i]!;
    }
    const size = this.below(this.left + 1);
    const from = this.at;
    this.at += size;
    // a byte for each unit: ASCII, where units are bytes
    const texts = units === size ? knownTexts(this.bytes, from, lengths, known) : undefined;
    return texts ?? decodedTexts(this.bytes.subarray(from, from + size), lengths, known);
  }
}

/** Undefined: one of them is not known. */
function knownTexts(bytes: Uint8Array, from: number, lengths: number[], known: KnownTexts): string[] | undefined {
  const texts = new Array<string>(lengths.length);
  let at = from;
  for (let i = 0; i < lengths.length; i++) {
    const text = known.find(bytes, at, lengths[i]!);
    if (text === undefined) return undefined;
    texts[i] = text;
    at += text.length;
  }
  return texts;
}

function decodedTexts(bytes: Uint8Array, lengths: number[], known: KnownTexts): string[] {
  const joined = bytes.length === 0 ? '' : decoder.decode(bytes);
  const texts: string[] = [];
  let from = 0;
  for (const length of lengths) {
    const text = joined.slice(from, from + length);
    if (joined.length === bytes.length) known.keep(text, bytes, from);
    texts.push(text);
    from += length;
  }
  if (from !== joined.length) throw new Error('the texts of a table do not fill it');
  return texts;
}

/** FNV-1a, 32 bit. */
function checksum(bytes: Uint8Array, length: number, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash >>> 0;
}
