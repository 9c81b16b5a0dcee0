/** Which further product fits an account best (skills.md B, multi_product_adoption). */
import type { Catalogue, Feature } from '../catalogue/catalogue.ts';
import { daysIn } from '../history/history.ts';
import { featureIndex, openGoalTags } from '../scores/adoption.ts';
import { goalState } from '../scores/outcomes.ts';
import { multiProductAdoption, type ProductCandidate } from '../skills/multi-product-adoption.ts';
import type { Contract } from './contract.ts';
import { type AccountView, type Known, kindGap, known, unknown, type Workspace } from './view.ts';

export interface MultiProductFacts {
  /** Best fit among the products the account does not have, published 0-100. */
  fit: Known<number>;
  opportunity: Known<boolean>;
  productId: string | undefined;
}

export function multiProductFacts(view: AccountView, workspace: Workspace, contract: Contract): MultiProductFacts {
  const { catalogue, measures } = workspace;
  const nothing = (reason: string): MultiProductFacts => ({
    fit: unknown(reason),
    opportunity: known(false),
    productId: undefined,
  });
  if (catalogue.products.length < 2) return nothing('the catalogue has no further product');
  if (contract.inForce.length === 0) {
    const gap = kindGap('subscriptions', view, workspace);
    return gap === undefined
      ? nothing('no subscription in force')
      : { fit: unknown(gap), opportunity: unknown(gap), productId: undefined };
  }
  const candidates = candidatesOf(view, workspace, contract);
  if (candidates.length === 0) return nothing('every product is entitled');
  const { fits } = multiProductAdoption([], candidates, [], measures.multiProduct, measures.health.knownShare);
  const best = fits[0]!;
  if (best.fit.value === undefined)
    return { fit: best.fit, opportunity: unknown(best.fit.reason), productId: undefined };
  return {
    fit: best.fit,
    opportunity: known(best.fit.value >= measures.multiProduct.opportunity),
    productId: best.productId,
  };
}

/** Products of the subscriptions in force: named by them, or by the plan in the price book. */
export function entitledProducts(contract: Contract, catalogue: Catalogue): Set<string> {
  const products = new Set<string>();
  for (const subscription of contract.inForce) {
    const product = subscription.product ?? catalogue.plans.find((plan) => plan.id === subscription.plan)?.product;
    products.add(product ?? catalogue.products[0]!.id);
  }
  return products;
}

function candidatesOf(view: AccountView, workspace: Workspace, contract: Contract): ProductCandidate[] {
  const { catalogue } = workspace;
  const owned = entitledProducts(contract, catalogue);
  return catalogue.products
    .filter((product) => !owned.has(product.id))
    .map((product) => {
      const features = catalogue.features.filter((feature) => feature.product === product.id);
      return {
        productId: product.id,
        goalMatch: goalMatch(view, features),
        adjacentUse: adjacentUse(view, workspace, features, owned),
        peerAttach: workspace.peerAttach(view.today, view.account.segment, contract.planId, product.id),
        request: requested(view, workspace, product.id, features),
        annualMinor: undefined,
      };
    });
}

/** Open goals that share a tag with the product's features, of all open goals. */
function goalMatch(view: AccountView, features: readonly Feature[]): number | undefined {
  const open = view.goals.filter((goal) => goalState(goal, view.today) === 'open');
  if (open.length === 0 || openGoalTags(view).size === 0) return undefined;
  const tags = new Set(features.flatMap((feature) => feature.tags));
  return open.filter((goal) => goal.tags?.some((tag) => tags.has(tag))).length / open.length;
}

/** Of the entitled features named as neighbours of the product's features, those used in W(30). */
function adjacentUse(
  view: AccountView,
  workspace: Workspace,
  features: readonly Feature[],
  owned: ReadonlySet<string>,
): number | undefined {
  if (view.usageGap !== undefined) return undefined;
  const { catalogue, measures } = workspace;
  const names = new Set(features.flatMap((feature) => feature.neighbours));
  const neighbours = catalogue.features.filter((feature) => names.has(feature.id) && owned.has(feature.product));
  if (neighbours.length === 0) return undefined;
  const index = featureIndex(view);
  const from = view.lastDay - measures.use.monthlyDays + 1;
  const used = neighbours.filter((feature) => {
    const history = index.get(feature.id);
    return history !== undefined && daysIn(history.use.days, from, view.lastDay) >= measures.use.usedDays;
  });
  return used.length / neighbours.length;
}

function requested(
  view: AccountView,
  workspace: Workspace,
  productId: string,
  features: readonly Feature[],
): number | undefined {
  if (kindGap('notes', view, workspace) !== undefined) return undefined;
  const wanted = new Set([
    `feature_request:${productId}`,
    ...features.map((feature) => `feature_request:${feature.id}`),
  ]);
  const since = view.today - workspace.measures.health.signalDays;
  const asked = view.notes.some(
    (note) =>
      workspace.clock.dayOf(note.at) >= since && note.author !== 'sales' && note.tags?.some((tag) => wanted.has(tag)),
  );
  return asked ? 1 : 0;
}
