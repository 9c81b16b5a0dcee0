import fc from 'fast-check';
import { expect, it } from 'vitest';
import { whole } from './whole-texts.ts';

it('a text in one piece is the same text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (a, b) => {
      expect(whole(`${a}${b}`)).toBe(`${a}${b}`);
    }),
  );
});
