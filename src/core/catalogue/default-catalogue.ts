/** What stands in the place of the parts a workspace's catalogue leaves out (contract.md section 1). */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../documents/canonical-json.ts';
import { type Catalogue, type Feature, isDefaultLogin } from './catalogue.ts';

/** The product of features and plans that name none, where not exactly one is declared. */
export const DEFAULT_PRODUCT = 'main';

const EMPTY: Omit<Catalogue, 'hash'> = {
  featuresDefaulted: true,
  milestonesDefaulted: true,
  features: [],
  logins: [],
  setup: [],
  milestones: [],
  meters: [],
  plans: [],
  products: [],
  signals: {},
  competitors: [],
  holidays: new Set(),
};

/** The catalogue of a workspace that has none. */
export function defaultCatalogue(eventNames: readonly string[]): Catalogue {
  return completeCatalogue(withHash(EMPTY), eventNames);
}

/**
 * The catalogue with defaults in the place of what it leaves out, given every event name that occurs in the workspace:
 * without features each event name that is no login is one. The result depends on the set of names, not on their order.
 */
export function completeCatalogue(catalogue: Catalogue, eventNames: readonly string[]): Catalogue {
  if (!catalogue.featuresDefaulted) return catalogue;
  const product = catalogue.products.length === 1 ? catalogue.products[0]!.id : DEFAULT_PRODUCT;
  const features = [...new Set(eventNames)]
    .filter((name) => !catalogue.logins.includes(name) && !isDefaultLogin(name))
    .sort()
    .map((name): Feature => ({ ...NOTHING_KNOWN, id: name, events: [name], product }));
  return withHash({ ...catalogue, features });
}

// Which of these features are core is measured (contract.md: used by a tenth of the active accounts), so none is advanced.
const NOTHING_KNOWN = { core: false, advanced: false, plans: [], tags: [], prerequisites: [], neighbours: [] };

/** The catalogue with the hash of its meaning; the order of entries is part of the meaning, the order of keys is not. */
export function withHash(catalogue: Omit<Catalogue, 'hash'> & { hash?: string }): Catalogue {
  const { hash: _, ...meaning } = catalogue;
  const text = canonicalJson({ ...meaning, holidays: [...catalogue.holidays] });
  return { ...meaning, hash: createHash('sha256').update(text).digest('hex') };
}
