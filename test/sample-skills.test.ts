/**
 * The sample portfolio, decided live day by day, triggers every built-in skill through the policy; `golden/skills/` pins
 * when it first did, and one document of each skill. `vitest run test/sample-skills.test.ts -u` writes them anew.
 */
import { join } from 'node:path';
import { marked, type Token, type Tokens } from 'marked';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Coordination } from '../src/core/skills/customer-success/escalation-coordination.ts';
import type { Overage } from '../src/core/skills/monetization/overage-predictor.ts';
import { SKILLS } from '../src/core/skills/skills.ts';
import { formatDay } from '../src/core/time/calendar.ts';
import { type LiveArtefact, type LiveReplay, liveArtefacts } from './sample-replay.fixture.ts';

const folder = join(import.meta.dirname, '../golden/skills');
const names = SKILLS.map(({ name }) => name);
let replay: LiveReplay;
let bySkill: Map<string, LiveArtefact[]>;

beforeAll(async () => {
  replay = await liveArtefacts();
  bySkill = Map.groupBy(replay.artefacts, ({ skill }) => skill);
}, 120_000);

const made = (skill: string): LiveArtefact[] => bySkill.get(skill) ?? [];

/** The first whole one that asks for something; else the first whole, then the first partial one. */
function shown(skill: string): LiveArtefact {
  const preferred = (status: string, acts: boolean) => (each: LiveArtefact) =>
    each.result.status === status && (each.result.actions.length > 0 || !acts);
  const order = [
    preferred('ok', true),
    preferred('ok', false),
    preferred('partial', true),
    preferred('partial', false),
  ];
  for (const isFit of order) {
    const found = made(skill).find(isFit);
    if (found !== undefined) return found;
  }
  throw new Error(`no document of ${skill}`);
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

test('the policy triggers every skill at least once', async () => {
  expect(names.filter((skill) => made(skill).length === 0)).toEqual([]);
  const rows = names.map((skill) => {
    const { rule, account, day } = made(skill)[0]!;
    return [skill, rule, account, formatDay(day), String(made(skill).length)];
  });
  const table = aligned([['SKILL', 'FIRST RULE', 'ACCOUNT', 'DAY', 'TIMES'], ...rows]);
  await expect(table).toMatchFileSnapshot(join(folder, 'triggers.txt'));
});

test('a warning that went out is counted when the next one is due in the same period', () => {
  const sent = made('monetization/overage_predictor').flatMap(({ result }) =>
    (result.result as Overage).dimensions.map(({ alertsSent }) => alertsSent),
  );
  expect(Math.max(...sent)).toBe(1);
});

test('days that are caught up look back on what expired meanwhile: an escalation holds what is open, no more', () => {
  const escalation = replay.caughtUp.find(({ skill }) => skill === 'customer_success/escalation_coordination')!;
  const { freeze } = escalation.result as Coordination;
  expect(freeze.heldActionIds).toHaveLength(1);
});

describe.each(names)('%s', (skill) => {
  test('writes the pinned document', async () => {
    const file = `${skill.slice(skill.indexOf('/') + 1)}.md`;
    await expect(shown(skill).result.markdown).toMatchFileSnapshot(join(folder, file));
  });

  test('writes nothing but headings, paragraphs, lists and tables of even rows, and no section without a word', () => {
    for (const { account, day, result } of made(skill)) {
      const where = `${account} on ${formatDay(day)}`;
      const tokens = marked.lexer(result.markdown).filter(({ type }) => type !== 'space');
      tokens.forEach((token: Token, i) => {
        expect(['heading', 'list', 'paragraph', 'table'], where).toContain(token.type);
        if (token.type === 'heading') expect(isFilled(token as Tokens.Heading, tokens[i + 1]), where).toBe(true);
        if (token.type !== 'table') return;
        for (const row of (token as Tokens.Table).rows) expect(row, where).toHaveLength(token.header.length);
      });
    }
  });

  test('speaks of people and things: no name in camel case but a field that is missing, no "1 goals", no long fraction', () => {
    for (const { account, day, result } of made(skill)) {
      const prose = result.markdown.replaceAll(/\b\w+_\w+|\b(?:userId|valueAmount)\b/g, '');
      const wrong = prose.match(/\b[a-z]+[A-Z]\w*|(?<![\d.,:-])1 [a-z]{3,}[a-rt-z]s\b|\d\.\d{3,}/g);
      expect(wrong, `${account} on ${formatDay(day)}`).toBeNull();
    }
  });
});

/** A heading is followed by something of its own: text, or a heading below it. */
function isFilled({ depth }: Tokens.Heading, next: Token | undefined): boolean {
  return next !== undefined && (next.type !== 'heading' || (next as Tokens.Heading).depth > depth);
}
