/** Writes the generated pages: `npm run docs`. */
import { writeFileSync } from 'node:fs';
import { factsDocument } from './facts-document.ts';
import { skillsDocument } from './skills-document.ts';

writeFileSync(new URL('../docs/facts.md', import.meta.url), factsDocument());
writeFileSync(new URL('../docs/skills.md', import.meta.url), skillsDocument());
