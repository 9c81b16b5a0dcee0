import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../src/pipeline/ports.ts';
import { openSqliteStore } from '../src/store/sqlite/open-store.ts';
import { storeContract } from './store-contract.ts';

storeContract('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stagecraft-store-'));
  const path = join(folder, 'stagecraft.db');
  const stores: Store[] = [await openSqliteStore(path, { create: true })];
  return {
    store: stores[0]!,
    async reopen() {
      const store = await openSqliteStore(path);
      stores.push(store);
      return store;
    },
    async destroy() {
      for (const store of stores) await store.close();
      rmSync(folder, { recursive: true });
    },
  };
});
