/** The third-party records beside the project; where they are absent these tests are skipped. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeLedgerMonth } from '../src/core/history/codec.ts';
import { findSources } from '../src/files/find-sources.ts';
import { importInto, withStore } from './import-harness.ts';

const DATA = join(import.meta.dirname, '../../shared/data');
const isThere = existsSync(DATA);

test.skipIf(!isThere)(
  'activity: every line is accepted, and the ledger counts every event (skipped without ../shared/data)',
  async () => {
    await withStore(async (store) => {
      const { sources, skipped, problems } = findSources([join(DATA, 'activity')]);
      expect([skipped.length, problems]).toEqual([1, []]); // labels are no records
      const summary = await importInto(store, sources);
      expect(summary).toMatchObject({
        accepted: 314 + 142_876,
        duplicates: 0,
        rejected: 0,
        orphanAccounts: { count: 0 },
      });
      const ids = (await store.listStatuses()).map((status) => status.accountId);
      let counted = 0;
      for (const { ledger } of await store.readBundles(ids, 0)) {
        for (const { month, cells } of ledger) {
          for (const cell of decodeLedgerMonth(month, cells).cells) counted += cell.count;
        }
      }
      expect(counted).toBe(142_876);
    });
  },
);

test.skipIf(!isThere)(
  'saas: ids used again under another account are records of their own (skipped without ../shared/data)',
  async () => {
    await withStore(async (store) => {
      const { sources } = findSources([join(DATA, 'saas')]);
      const summary = await importInto(store, sources);
      expect(summary).toMatchObject({ rejected: 0, orphanAccounts: { count: 0 } });
      expect(summary.accepted + summary.duplicates!).toBe(32_500);
      const again = await importInto(store, sources);
      expect(again).toMatchObject({ accepted: 0, duplicates: 32_500 });
    });
  },
);
