/**
 * Short ASCII texts met before: the same event names and user ids stand in month after month, and making a string anew, and
 * hashing it anew in every map, costs more than comparing its bytes.
 */

const SLOTS = 1024;
const LONGEST = 40;

export class KnownTexts {
  private readonly texts = new Array<string | undefined>(SLOTS).fill(undefined);
  private readonly bytes = new Uint8Array(SLOTS * LONGEST);

  /** The text of these bytes, if it was kept and no other has taken its place since. */
  find(bytes: Uint8Array, from: number, length: number): string | undefined {
    const slot = slotOf(bytes, from, length);
    const text = this.texts[slot];
    if (text === undefined || text.length !== length) return undefined;
    const at = slot * LONGEST;
    for (let i = 0; i < length; i++) if (this.bytes[at + i] !== bytes[from + i]) return undefined;
    return text;
  }

  keep(text: string, bytes: Uint8Array, from: number): void {
    const { length } = text;
    if (length > LONGEST) return;
    const slot = slotOf(bytes, from, length);
    this.texts[slot] = undefined;
    for (let i = 0; i < length; i++) {
      const byte = bytes[from + i]!;
      if (byte > 127) return;
      this.bytes[slot * LONGEST + i] = byte;
    }
    this.texts[slot] = text;
  }
}

/** By the length and a few of the bytes: ids differ at their ends, names by their length. */
function slotOf(bytes: Uint8Array, from: number, length: number): number {
  if (length === 0) return 0;
  const last = from + length - 1;
  let hash = length * 31 + bytes[from]!;
  hash = hash * 31 + bytes[from + (length >> 1)]!;
  hash = hash * 31 + bytes[last - (length >> 2)]!;
  hash = hash * 31 + bytes[last]!;
  return hash & (SLOTS - 1);
}
