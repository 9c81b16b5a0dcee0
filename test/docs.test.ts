import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { factsDocument } from '../scripts/facts-document.ts';
import { skillsDocument } from '../scripts/skills-document.ts';

test('docs/facts.md is what `npm run docs` would write', () => {
  expect(readFileSync('docs/facts.md', 'utf8')).toBe(factsDocument());
});

test('docs/skills.md is what `npm run docs` would write', () => {
  expect(readFileSync('docs/skills.md', 'utf8')).toBe(skillsDocument());
});
