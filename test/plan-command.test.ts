/** `plan`, `plan --segment` and `plan lint` on the sample portfolio, through the command line. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { marked } from 'marked';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSample } from '../src/cli/write-sample.ts';
import { CATALOGUE_FILE } from '../src/config.ts';
import { formatDay } from '../src/core/time/calendar.ts';
import { SAMPLE_RUN_DAY } from '../src/sample/period.ts';
import { STORIES } from '../src/sample/stories.ts';
import { runIn } from './fixtures/run-program.ts';

const scratch = mkdtempSync(join(tmpdir(), 'stagecraft-plan-'));
const workspace = join(scratch, 'workspace');

const run = (...args: string[]) => runIn(workspace, args);

async function text(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await run(...args);
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

const golden = (name: string) => join(import.meta.dirname, '../golden', name);

beforeAll(async () => {
  const records = join(scratch, 'records');
  mkdirSync(workspace);
  mkdirSync(records);
  await writeSample(records);
  copyFileSync(join(records, CATALOGUE_FILE), join(workspace, CATALOGUE_FILE));
  expect((await run('import', records, '--allow-rejects', '--rejects', join(scratch, 'r'))).status).toBe(0);
  expect((await run('evaluate', '--as-of', formatDay(SAMPLE_RUN_DAY))).status).toBe(0);
}, 120_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('plan', () => {
  test('of an account that is clear is the pinned document', async () => {
    await expect(await text('plan', 'acc_kestrelgate')).toMatchFileSnapshot(golden('expansion-plan.md'));
  });

  test('of an account that is not is the pinned recovery response, with exit 0', async () => {
    await expect(await text('plan', 'acc_sundervale')).toMatchFileSnapshot(golden('expansion-plan-refused.md'));
  });

  test('of every sample account is read by a Markdown parser as its form, without gaps in the words', async () => {
    for (const { id } of STORIES) {
      const markdown = await text('plan', `acc_${id}`);
      expect(markdown, id).not.toMatch(/undefined|NaN|\[object|Infinity|null/);
      const types = new Set(marked.lexer(markdown).map((token) => token.type));
      for (const type of types) expect(['heading', 'list', 'table', 'space'], id).toContain(type);
      expect(/^- \*\*Clear to expand:\*\* (?:Yes|No)$/m.test(markdown), id).toBe(true);
    }
  }, 60_000);

  test('as JSON says clearToExpand, has no plan behind a refusal, and money in major units', async () => {
    const refused = JSON.parse(await text('plan', 'acc_sundervale', '--json'));
    expect(refused).toMatchObject({ clearToExpand: false, planId: null });
    expect(refused.recovery.rightSizing).toMatchObject({ saving: 3600, remaining: 16_080, currency: 'USD' });
    for (const part of ['opportunity', 'executionPlan', 'approach']) expect(refused).not.toHaveProperty(part);
    const cleared = JSON.parse(await text('plan', 'acc_kestrelgate', '--json'));
    expect(cleared.clearToExpand).toBe(true);
    // the portfolio's NRR has its records too
    const [book] = cleared.portfolioEvidence;
    expect([book.currency, book.kind, book.ids.length > 0]).toEqual(['USD', 'subscriptions', true]);
    expect(cleared.opportunity.scenarios.map((each: { annual: number }) => each.annual)).toEqual([1440, 720]);
    expect(JSON.stringify(cleared)).not.toContain('Minor"');
  });

  test('gives the same bytes again', async () => {
    expect(await text('plan', 'acc_quillmark', '--json')).toBe(await text('plan', 'acc_quillmark', '--json'));
  });

  test('shows what came true of the plan that was kept', async () => {
    const before = JSON.parse(await text('plan', 'acc_tidewell', '--json'));
    const after = JSON.parse(await text('plan', 'acc_tidewell', '--json', '--as-of', '2026-07-02'));
    expect(after.earlierCriteria.map((each: { id: string }) => each.id)).toEqual([
      'adoption',
      'health',
      'value',
      'nps',
    ]);
    expect(after.earlierCriteria[0]).toMatchObject({ planId: before.planId, plannedOn: '2026-07-01', outcome: 'open' });
    expect(await text('plan', 'acc_tidewell', '--as-of', '2026-07-02')).toContain('- **Plan of 2026-07-01:** ');
  });

  test('writes to a file', async () => {
    const file = join(scratch, 'written.md');
    const { status, stderr } = await run('plan', 'acc_kestrelgate', '-o', file);
    expect([status, stderr]).toEqual([0, `written to ${file}\n`]);
    expect(readFileSync(file, 'utf8')).toBe(await text('plan', 'acc_kestrelgate'));
  });

  test.each([
    [['plan'], 2],
    [['plan', 'acc_kestrelgate', '--segment', 'mid'], 2],
    [['plan', 'acc_kestrelgat'], 4],
    [['plan', '--segment', 'middle'], 4],
    [['plan', 'acc_unlisted_bakery'], 4],
    [['plan', 'acc_kestrelgate', '-o', '/nowhere/plan.md'], 1],
  ])('%j ends with %i', async (args, status) => {
    expect((await run(...args)).status).toBe(status);
  });
});

describe('plan --segment', () => {
  test('is the pinned table: clear accounts first, then those on hold', async () => {
    await expect(await text('plan', '--segment', 'mid')).toMatchFileSnapshot(golden('expansion-plan-segment.md'));
  });

  test('agrees with the plan of each account', async () => {
    const { ranked, onHold } = JSON.parse(await text('plan', '--segment', 'MID', '--json'));
    for (const row of ranked) {
      const plan = JSON.parse(await text('plan', row.accountId, '--json'));
      expect([plan.clearToExpand, plan.opportunity.what]).toEqual([true, row.what]);
    }
    const [first] = onHold;
    expect(JSON.parse(await text('plan', first.accountId, '--json')).clearToExpand).toBe(false);
  });
});

describe('plan lint', () => {
  const saved = async (name: string, edit: (markdown: string) => string) => {
    const file = join(scratch, name);
    writeFileSync(file, edit(await text('plan', 'acc_quillmark')));
    return file;
  };

  test('finds nothing in a plan as it was printed', async () => {
    const file = await saved('as-printed.md', (markdown) => markdown);
    expect(await text('plan', 'lint', file)).toBe(`${file}: no findings\n`);
  });

  test('finds an invented figure and a sales phrase, and exits 1', async () => {
    const file = await saved('edited.md', (markdown) =>
      markdown
        .replace('2,880 USD', '28,800 USD')
        .replace('- **Framing:** ', '- **Framing:** Would you like to upgrade? '),
    );
    const { status, stdout } = await run('plan', 'lint', file, '--json');
    expect(status).toBe(1);
    const codes = JSON.parse(stdout).findings.map((finding: { code: string }) => finding.code);
    expect(new Set(codes)).toEqual(new Set(['unsupported_figure', 'sales_phrasing']));
  });

  test('needs to know whose plan it is, unless the form alone is checked', async () => {
    const file = await saved('renamed.md', (markdown) => markdown.replace(/^# .*$/m, '# Expansion Plan: Somebody'));
    expect((await run('plan', 'lint', file)).status).toBe(4);
    expect((await run('plan', 'lint', file, '--account', 'acc_quillmark')).status).toBe(0);
    expect((await run('plan', 'lint', file, '--form-only')).status).toBe(0);
    expect((await run('plan', 'lint', join(scratch, 'none.md'))).status).toBe(4);
  });
});
