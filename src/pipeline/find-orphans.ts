import type { AccountStatus, Store } from './ports.ts';

const EXAMPLES = 5; // enough to recognise a wrong prefix or a missing file
const PAGE = 1_000;

/** Accounts that records name but no account record describes. */
export interface Orphans {
  count: number;
  /** The first ids in their order. */
  examples: string[];
}

/** The orphans of a store, counted over the accounts' statuses: counting rows would read every event. */
export async function findOrphans(store: Store): Promise<Orphans> {
  const examples: string[] = [];
  let count = 0;
  let after: string | undefined;
  for (;;) {
    const page: AccountStatus[] = await store.listStatuses({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const status of page) {
      if (status.hasAccount) continue;
      count++;
      if (examples.length < EXAMPLES) examples.push(status.accountId);
    }
    if (page.length < PAGE) return { count, examples };
    after = page.at(-1)!.accountId;
  }
}

/** What `findOrphans` would say of the accounts `named` once these records were imported. */
export async function orphansWithout(
  store: Store | undefined,
  named: ReadonlySet<string>,
  described: ReadonlySet<string>,
): Promise<Orphans> {
  const missing = [...named].filter((accountId) => !described.has(accountId)).sort();
  const orphans: string[] = [];
  for (let at = 0; at < missing.length; at += PAGE) {
    const ids = missing.slice(at, at + PAGE);
    const statuses = store === undefined ? [] : await store.listStatuses({ ids });
    const known = new Set(statuses.filter((status) => status.hasAccount).map((status) => status.accountId));
    orphans.push(...ids.filter((id) => !known.has(id)));
  }
  return { count: orphans.length, examples: orphans.slice(0, EXAMPLES) };
}
