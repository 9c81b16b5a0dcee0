/** Which further product fits an account best (skills.md B, multi_product_adoption). */
import type { Catalogue, Feature } from '../catalogue/catalogue.ts';
import { daysIn } from '../history/history.ts';
import { featureIndex, hasOpenGoalTag } from '../scores/adoption.ts';
import { fitsOf, type ProductCandidate } from '../scores/multi-product-adoption.ts';
import { goalState } from '../scores/outcomes.ts';
import { firstDayOfMonth, monthOf } from '../time/calendar.ts';
import type { Contract } from './contract.ts';
import type { Horizon } from './standing.ts';
import { type AccountView, type Known, kindGap, known, unknown, type Workspace } from './view.ts';

export interface MultiProductFacts {
  /** Best fit among the products the account does not have, published 0-100. */
  fit: Known<number>;
  opportunity: Known<boolean>;
  productId: string | undefined;
}

export function multiProductFacts(view: AccountView, workspace: Workspace, contract: Contract): MultiProductFacts {
  const { catalogue, measures } = workspace;
  if (catalogue.products.length < 2) return nothing('the catalogue has no further product');
  if (contract.inForce.length === 0) {
    const gap = kindGap('subscriptions', view, workspace);
    return gap === undefined
      ? nothing('no subscription in force')
      : { fit: unknown(gap), opportunity: unknown(gap), productId: undefined };
  }
  const candidates = candidatesOf(view, workspace, contract);
  if (candidates.length === 0) return nothing('every product is entitled');
  const best = fitsOf(candidates, measures.multiProduct, measures.health.knownShare)[0]!;
  if (best.fit.value === undefined)
    return { fit: best.fit, opportunity: unknown(best.fit.reason), productId: undefined };
  return {
    fit: best.fit,
    opportunity: known(best.fit.value >= measures.multiProduct.opportunity),
    productId: best.productId,
  };
}

function nothing(reason: string): MultiProductFacts {
  return { fit: unknown(reason), opportunity: known(false), productId: undefined };
}

/** What may change `multiProductFacts` of the same contract though no record does; peers change with the month. */
export function multiProductHorizon(
  view: AccountView,
  { catalogue, clock, measures }: Workspace,
  horizon: Horizon,
): void {
  horizon.at(firstDayOfMonth(monthOf(view.today) + 1));
  for (const goal of view.goals) horizon.at(goal.achievedAt);
  const index = featureIndex(view);
  for (const note of view.notes)
    if (note.tags?.some(isRequest)) horizon.after(clock.dayOf(note.at), measures.health.signalDays);
  for (const { neighbours } of productTraits(catalogue)) {
    for (const feature of neighbours) {
      const history = index.get(feature.id);
      if (history !== undefined) horizon.use(history.use.days, measures.use.usedDays, measures.use.monthlyDays);
    }
  }
}

/** Products of the subscriptions in force: named by them, or by the plan in the price book. */
export function entitledProducts(contract: Contract, catalogue: Catalogue): Set<string> {
  const products = new Set<string>();
  for (const subscription of contract.inForce) {
    const product = subscription.product ?? catalogue.plans.find((plan) => plan.id === subscription.plan)?.product;
    const fallback = product ?? catalogue.products[0]?.id;
    if (fallback !== undefined) products.add(fallback); // without a catalogue no product is known
  }
  return products;
}

/** What the catalogue says of one product, found once. */
interface ProductTraits {
  productId: string;
  tags: ReadonlySet<string>;
  /** Features of any product that are named as neighbours of its features. */
  neighbours: readonly Feature[];
  /** Note tags that ask for it. */
  requests: ReadonlySet<string>;
}

const traitsOf = new WeakMap<Catalogue, ProductTraits[]>();

function productTraits(catalogue: Catalogue): ProductTraits[] {
  let traits = traitsOf.get(catalogue);
  if (traits === undefined) {
    traits = catalogue.products.map(({ id }) => {
      const features = catalogue.features.filter((feature) => feature.product === id);
      const names = new Set(features.flatMap((feature) => feature.neighbours));
      return {
        productId: id,
        tags: new Set(features.flatMap((feature) => feature.tags)),
        neighbours: catalogue.features.filter((feature) => names.has(feature.id)),
        requests: new Set([`feature_request:${id}`, ...features.map((feature) => `feature_request:${feature.id}`)]),
      };
    });
    traitsOf.set(catalogue, traits);
  }
  return traits;
}

/** The products of the catalogue that the account does not have; prices are not looked up here. */
export function candidatesOf(view: AccountView, workspace: Workspace, contract: Contract): ProductCandidate[] {
  const owned = entitledProducts(contract, workspace.catalogue);
  const candidates: ProductCandidate[] = [];
  for (const traits of productTraits(workspace.catalogue)) {
    const { productId } = traits;
    if (owned.has(productId)) continue;
    candidates.push({
      productId,
      goalMatch: goalMatch(view, traits),
      adjacentUse: adjacentUse(view, workspace, traits, owned),
      peerAttach: workspace.peerAttach(view.today, view.account.segment, contract.planId, productId),
      request: requested(view, workspace, traits),
      annualMinor: undefined,
    });
  }
  return candidates;
}

/** Open goals that share a tag with the product's features, of all open goals. */
function goalMatch(view: AccountView, { tags }: ProductTraits): number | undefined {
  let open = 0;
  let matched = 0;
  for (const goal of view.goals) {
    if (goalState(goal, view.today) !== 'open') continue;
    open++;
    if (goal.tags?.some((tag) => tags.has(tag))) matched++;
  }
  return open === 0 || !hasOpenGoalTag(view) ? undefined : matched / open;
}

/** Of the entitled features named as neighbours of the product's features, those used in W(30). */
function adjacentUse(
  view: AccountView,
  workspace: Workspace,
  { neighbours }: ProductTraits,
  owned: ReadonlySet<string>,
): number | undefined {
  if (view.usageGap !== undefined) return undefined;
  const { use } = workspace.measures;
  const index = featureIndex(view);
  const from = view.lastDay - use.monthlyDays + 1;
  let entitled = 0;
  let used = 0;
  for (const feature of neighbours) {
    if (!owned.has(feature.product)) continue;
    entitled++;
    const history = index.get(feature.id);
    if (history !== undefined && daysIn(history.use.days, from, view.lastDay) >= use.usedDays) used++;
  }
  return entitled === 0 ? undefined : used / entitled;
}

function isRequest(tag: string): boolean {
  return tag.startsWith('feature_request:');
}

function requested(view: AccountView, workspace: Workspace, { requests }: ProductTraits): number | undefined {
  if (kindGap('notes', view, workspace) !== undefined) return undefined;
  const since = view.today - workspace.measures.health.signalDays;
  for (const { tags, author, at } of view.notes) {
    if (author === 'sales' || !tags?.some((tag) => requests.has(tag))) continue;
    if (workspace.clock.dayOf(at) >= since) return 1;
  }
  return 0;
}
