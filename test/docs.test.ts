import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { factsDocument } from '../scripts/facts-document.ts';

test('docs/facts.md is what `npm run docs` would write', () => {
  expect(readFileSync('docs/facts.md', 'utf8')).toBe(factsDocument());
});
