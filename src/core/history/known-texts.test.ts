import { describe, expect, it } from 'vitest';
import { KnownTexts } from './known-texts.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const find = (known: KnownTexts, text: string) => known.find(bytesOf(`-${text}`), 1, bytesOf(text).length);

describe('texts met before', () => {
  it('gives back the text that was kept, and never another one', () => {
    const known = new KnownTexts();
    const texts = Array.from({ length: 5000 }, (_, i) => `user-${i}-${(i * 7919) % 101}`);
    let found = 0;
    for (const text of texts) {
      expect([text, undefined]).toContain(find(known, text));
      known.keep(text, bytesOf(text), 0);
      expect(find(known, text)).toBe(text);
    }
    for (const text of texts) {
      const kept = find(known, text);
      expect([text, undefined]).toContain(kept);
      if (kept !== undefined) found++;
    }
    expect(found).toBeGreaterThan(100);
  });

  it('keeps no long text and none beyond ASCII', () => {
    const known = new KnownTexts();
    for (const text of ['x'.repeat(41), 'grün', '漢字']) {
      known.keep(text, bytesOf(text), 0);
      expect(find(known, text)).toBeUndefined();
    }
    known.keep('', bytesOf(''), 0);
    expect(find(known, '')).toBe('');
  });
});
