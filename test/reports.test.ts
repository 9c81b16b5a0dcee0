/** `health` and `revenue` on the sample portfolio, through the command line; the documents are pinned in `golden/`. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { marked } from 'marked';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { columnsOf } from '../src/cli/text.ts';
import { writeSample } from '../src/cli/write-sample.ts';
import { CATALOGUE_FILE, DATABASE_FILE, readWorkspaceConfig } from '../src/config.ts';
import { formatDay } from '../src/core/time/calendar.ts';
import { assessAccount } from '../src/pipeline/assess-health.ts';
import { loadWorkspace } from '../src/pipeline/load-workspace.ts';
import { SAMPLE_RUN_DAY } from '../src/sample/period.ts';
import { openSqliteStore } from '../src/store/sqlite/open-store.ts';
import { runIn } from './fixtures/run-program.ts';

const scratch = mkdtempSync(join(tmpdir(), 'stagecraft-reports-'));
const sample = join(scratch, 'sample', 'workspace');

const run = (args: readonly string[], workspace = sample) => runIn(workspace, args);

async function text(args: readonly string[], workspace = sample): Promise<string> {
  const { status, stdout, stderr } = await run(args, workspace);
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

const golden = (name: string) => join(import.meta.dirname, '../golden', name);

beforeAll(async () => {
  const records = join(scratch, 'records');
  mkdirSync(sample, { recursive: true });
  mkdirSync(records);
  await writeSample(records);
  copyFileSync(join(records, CATALOGUE_FILE), join(sample, CATALOGUE_FILE));
  const imported = await run(['import', records, '--allow-rejects', '--rejects', join(scratch, 'rejects.ndjson')]);
  expect(imported.status).toBe(0);
  expect((await run(['evaluate', '--as-of', formatDay(SAMPLE_RUN_DAY)])).status).toBe(0);
}, 120_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('health', () => {
  test('of an account at risk is the pinned document', async () => {
    await expect(await text(['health', 'acc_lindenhall'])).toMatchFileSnapshot(golden('health-assessment.md'));
  });

  test('of the portfolio is the pinned document', async () => {
    await expect(await text(['health', '--portfolio'])).toMatchFileSnapshot(golden('health-portfolio.md'));
  });

  test('is read by a Markdown parser as headings, lists, paragraphs and tables of even rows, and nothing else', async () => {
    for (const args of [
      ['health', 'acc_lindenhall'],
      ['health', '--portfolio'],
      ['health', '--segment', 'smb'],
    ]) {
      for (const token of marked.lexer(await text(args))) {
        expect(['heading', 'list', 'paragraph', 'table', 'space']).toContain(token.type);
        if (token.type === 'table') for (const row of token.rows) expect(row).toHaveLength(token.header.length);
      }
    }
  });

  test('as JSON is a skill result with the same content, money in major units', async () => {
    const json = JSON.parse(await text(['health', 'acc_lindenhall', '--json']));
    expect(Object.keys(json)).toEqual(
      expect.arrayContaining([
        'skill',
        'accountId',
        'today',
        'status',
        'reasons',
        'dataGaps',
        'confidence',
        'result',
        'actions',
        'markdown',
      ]),
    );
    expect(json).toMatchObject({ skill: 'customer_success/health_assessment', result: { currency: 'USD', arr: 4800 } });
    expect(json.markdown).toBe(await text(['health', 'acc_lindenhall']));
    const decision = JSON.parse(await text(['show', 'acc_lindenhall', '--json'])).health;
    expect([json.result.score, json.result.band, json.result.change30]).toEqual([
      decision.overallScore,
      decision.band,
      decision.change30,
    ]);
  });

  test('of the portfolio counts every account once', async () => {
    const json = JSON.parse(await text(['health', '--portfolio', '--json']));
    const counted = json.distribution.reduce((sum: number, band: { accounts: number }) => sum + band.accounts, 0);
    expect([counted, json.rows.length]).toEqual([json.accounts, json.accounts]);
    expect(json.prioritised.length).toBe(json.cohortSize);
    let inSegments = json.rows.filter(({ segment }: { segment: string | null }) => segment === null).length;
    for (const name of ['smb', 'mid', 'enterprise'])
      inSegments += JSON.parse(await text(['health', '--segment', name, '--json'])).accounts;
    expect(inSegments).toBe(json.accounts);
  });

  test('tells the same without a recorded journey: readings are measured where they were not kept', async () => {
    const config = readWorkspaceConfig(sample);
    const store = await openSqliteStore(join(sample, DATABASE_FILE), { readOnly: true });
    try {
      const { policy, catalogue, clock, currency } = config;
      const bundles = await store.readBundles(['acc_lindenhall', 'acc_cresswell', 'acc_halewick'], 0);
      const asOf = bundles[0]!.status.decidedAt!;
      const loaded = await loadWorkspace({ store, catalogue, policy, clock, currency, asOf, keepProfiles: false });
      for (const bundle of bundles) {
        const kept = assessAccount(bundle, { loaded, policy, asOf })!;
        const bare = assessAccount({ ...bundle, journey: null }, { loaded, policy, asOf })!;
        expect({ ...bare, result: { ...bare.result, stage: kept.result.stage } }).toEqual(kept);
      }
    } finally {
      await store.close();
    }
  });

  test('ends with 2 without exactly one of account, segment, portfolio, and with 4 for what is not there', async () => {
    expect((await run(['health'])).status).toBe(2);
    expect((await run(['health', 'acc_lindenhall', '--portfolio'])).status).toBe(2);
    expect(await run(['health', 'acc_lindenhal'])).toMatchObject({
      status: 4,
      stderr: expect.stringContaining('acc_lindenhall'),
    });
    expect(await run(['health', '--segment', 'none'])).toMatchObject({ status: 4, stdout: '' });
    expect(await run(['health', 'acc_unlisted_bakery'])).toMatchObject({
      status: 4,
      stderr: expect.stringContaining('no_account_record'),
    });
  });
});

interface MonthJson {
  openingArr: number;
  closingArr: number;
  new: number;
  expansion: number;
  contraction: number;
  churn: number;
  reactivation: number;
}

describe('revenue', () => {
  test('is the pinned table, within 80 columns', async () => {
    const table = await text(['revenue']);
    for (const line of table.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(80);
    await expect(table).toMatchFileSnapshot(golden('revenue.txt'));
  });

  test('as JSON adds up: months to totals, accounts to months, segments and cohorts to the whole', async () => {
    const [book] = JSON.parse(await text(['revenue', '--json'])).books;
    let at = book.openingArr;
    for (const month of book.months as MonthJson[]) {
      expect(month.openingArr).toBe(at);
      at += month.new + month.expansion + month.contraction + month.churn + month.reactivation;
      expect(month.closingArr).toBe(at);
    }
    expect(book.closingArr).toBe(at);
    const moved = book.movements.reduce((sum: number, { amount }: { amount: number }) => sum + amount, 0);
    expect(book.openingArr + moved).toBe(at);
    for (const groups of [book.segments, book.cohorts])
      expect(groups.reduce((sum: number, each: { closingArr: number }) => sum + each.closingArr, 0)).toBe(at);
  });

  test('takes months and days, a segment and a cohort, and refuses what is none', async () => {
    const json = JSON.parse(
      await text(['revenue', '--from', '2026-01', '--to', '2026-03', '--segment', 'MID', '--cohort', '2025', '--json']),
    );
    expect(json).toMatchObject({ from: '2026-01-01', to: '2026-03-31', segment: 'MID', cohort: '2025' });
    expect(await text(['revenue', '--segment'])).toContain('By segment');
    for (const args of [
      ['--from', 'May'],
      ['--from', '2026-05', '--to', '2026-01'],
      ['--to', '2026-07-01'],
      ['--cohort', 'Q1'],
    ])
      expect(await run(['revenue', ...args]), args.join(' ')).toMatchObject({ status: 2, stdout: '' });
    expect((await run(['revenue', '--segment', 'none'])).status).toBe(4);
  });

  test('reports currencies apart, or converted with the rates of stagecraft.yaml, or as unknown without subscriptions', async () => {
    const workspace = async (name: string, settings: string, files: Record<string, unknown[]>) => {
      const folder = join(scratch, name, 'workspace');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'stagecraft.yaml'), settings);
      for (const [kind, rows] of Object.entries(files))
        writeFileSync(join(dirname(folder), `${kind}.ndjson`), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      expect((await run(['import', dirname(folder)], folder)).status).toBe(0);
      return folder;
    };
    const accounts = ['a', 'b'].map((accountId) => ({ accountId, name: accountId, createdAt: '2025-01-01' }));
    const contract = (accountId: string, currency: string) => ({
      subscriptionId: accountId,
      accountId,
      plan: 'pro',
      status: 'active',
      amount: 100,
      currency,
      interval: 'month',
      startedAt: '2025-01-01',
    });
    const files = { accounts, subscriptions: [contract('a', 'USD'), contract('b', 'EUR')] };
    const at = ['--as-of', '2026-01-01', '--json'];
    const apart = JSON.parse(await text(['revenue', ...at], await workspace('apart', 'currency: USD\n', files)));
    expect(
      apart.books.map((book: { currency: string; closingArr: number }) => [book.currency, book.closingArr]),
    ).toEqual([
      ['USD', 1200],
      ['EUR', 1200],
    ]);
    expect([apart.nrr, apart.books[1].nrr]).toEqual([null, null]); // both began within the period
    const converted = JSON.parse(
      await text(['revenue', ...at], await workspace('rates', 'currency: USD\nrates: { EUR: 1.08 }\n', files)),
    );
    expect(converted.books).toHaveLength(1);
    expect(converted.books[0]).toMatchObject({ currency: 'USD', closingArr: 2496 });
    const none = await workspace('none', '', { accounts });
    expect(JSON.parse(await text(['revenue', ...at], none))).toMatchObject({ status: 'insufficient_data' });
    expect(await text(['revenue', '--as-of', '2026-01-01'], none)).toBe(
      'Revenue is unknown: no subscriptions imported.\n',
    );
    const wrong = join(scratch, 'wrong');
    mkdirSync(wrong);
    writeFileSync(join(wrong, 'stagecraft.yaml'), 'rates: { euro: 1.08, GBP: -1 }\n');
    expect(await run(['revenue'], wrong)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('stagecraft.yaml:1:'),
    });
  });
});
