/**
 * The sample portfolio, decided live day by day, triggers every built-in skill through the policy; `golden/skills/` pins
 * when it first did, and one document of each skill. `vitest run test/sample-skills.test.ts -u` writes them anew.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { marked, type Token } from 'marked';
import { describe, expect, test } from 'vitest';
import { columnsOf } from '../src/cli/text.ts';
import { SKILLS } from '../src/core/skills/skills.ts';
import { formatDay } from '../src/core/time/calendar.ts';
import { type LiveArtefact, liveArtefacts } from './sample-replay.fixture.ts';

const folder = join(import.meta.dirname, '../golden/skills');
const names = SKILLS.map(({ name }) => name);
const documentOf = (skill: string) => `${skill.slice(skill.indexOf('/') + 1)}.md`;
const bySkill = Map.groupBy(await liveArtefacts(), ({ skill }) => skill);
const made = (skill: string): LiveArtefact[] => bySkill.get(skill) ?? [];

/** The first whole one; where there is none, the first partial one. */
function shown(skill: string): LiveArtefact | undefined {
  const all = made(skill);
  return all.find(({ result }) => result.status === 'ok') ?? all.find(({ result }) => result.status === 'partial');
}

test('the policy triggers every skill at least once in the sample portfolio', async () => {
  expect(names.filter((skill) => made(skill).length === 0)).toEqual([]);
  const rows = names.map((skill) => {
    const { rule, account, day } = made(skill)[0]!;
    return [skill, rule, account, formatDay(day), String(made(skill).length)];
  });
  const table = columnsOf([['SKILL', 'FIRST RULE', 'ACCOUNT', 'DAY', 'TIMES'], ...rows]);
  await expect(`${table}\n`).toMatchFileSnapshot(join(folder, 'triggers.txt'));
});

describe.each(names)('%s', (skill) => {
  test('gives the pinned document', async () => {
    await expect(shown(skill)!.result.markdown).toMatchFileSnapshot(join(folder, documentOf(skill)));
  });
});
