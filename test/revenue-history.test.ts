/** The NRR forecast goes by the workspace's own renewals once a band has thirty of them, read from records and use. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runIn } from './fixtures/run-program.ts';

const scratch = mkdtempSync(join(tmpdir(), 'stagecraft-history-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** So many accounts, used alike, whose yearly term ended on 2026-03-02; every third gave a third of it back. */
async function forecastOf(accounts: number) {
  const folder = join(scratch, String(accounts));
  const workspace = join(folder, 'workspace');
  mkdirSync(workspace, { recursive: true });
  const rows: Record<string, object[]> = { accounts: [], subscriptions: [], events: [] };
  for (let i = 0; i < accounts; i++) {
    const accountId = `a${i}`;
    rows.accounts!.push({ accountId, name: accountId, createdAt: '2025-03-02' });
    const contract = {
      subscriptionId: `s${i}`,
      accountId,
      plan: 'pro',
      status: 'active',
      seats: 2,
      currency: 'USD',
      interval: 'year',
      startedAt: '2025-03-02',
    };
    rows.subscriptions!.push(
      { ...contract, amount: 1200, renewalDate: '2026-03-02' },
      { ...contract, amount: i % 3 === 0 ? 800 : 1200, renewalDate: '2027-03-02', effectiveAt: '2026-03-02' },
    );
    for (let n = 0; n < 40; n++) {
      const at = new Date(Date.UTC(2026, 0, 26 + n, 10)).toISOString();
      for (const event of ['report', 'board'])
        rows.events!.push({ messageId: `${i}-${n}-${event}`, accountId, userId: `u${n % 2}`, event, timestamp: at });
    }
  }
  for (const [kind, each] of Object.entries(rows))
    writeFileSync(join(folder, `${kind}.ndjson`), each.map((row) => `${JSON.stringify(row)}\n`).join(''));
  expect((await runIn(workspace, ['import', folder])).status).toBe(0);
  const { stdout } = await runIn(workspace, ['revenue', '--as-of', '2026-03-06', '--json']);
  return JSON.parse(stdout) as {
    renewalRates: Record<string, { rate: number; from: string; renewals: number }>;
    books: { forecast: { nrr: { low: number } } }[];
    assumptions: string[];
  };
}

test('below thirty the policy holds, and the report says how many are known', async () => {
  const { renewalRates, books, assumptions } = await forecastOf(12);
  const known = Object.entries(renewalRates).filter(([, each]) => each.renewals > 0);
  expect(known.map(([, each]) => [each.from, each.renewals])).toEqual([['policy', 12]]);
  expect(books[0]!.forecast.nrr.low).toBe(known[0]![1].rate); // every term ends within the year
  expect(assumptions.join(' ')).toContain('own history holds from 30 in a band on, and of own renewals at most 12');
}, 30_000);

test('from thirty on the own mean holds: 10 of 30 kept 800 of 1,200, the others all', async () => {
  const { renewalRates, books, assumptions } = await forecastOf(30);
  const own = Object.values(renewalRates).find((each) => each.from === 'own');
  expect(own).toEqual({ rate: 0.8889, from: 'own', renewals: 30 }); // (20 + 10 x .6667) / 30
  expect(books[0]!.forecast.nrr.low).toBe(0.8889);
  expect(assumptions.join(' ')).toContain('88.89 % of 30 own renewals');
}, 30_000);
