/** How each product the account has is used (skills.md B, multi_product_adoption), and what a further one costs. */
import type { Catalogue, Plan } from '../catalogue/catalogue.ts';
import { daysIn } from '../history/history.ts';
import { adoption, featureIndex, featuresUsed, provisionedUsers, relevantFeatures } from '../scores/adoption.ts';
import type { ProductUse } from '../scores/multi-product-adoption.ts';
import type { Contract } from './contract.ts';
import { entitledProducts } from './product-facts.ts';
import { type AccountView, type Known, known, unknown, type Workspace } from './view.ts';

const WEEK_DAYS = 7;

/** One entry a product in force, in the catalogue's order. Usage must be known on D. */
export function productUses(view: AccountView, workspace: Workspace, contract: Contract): ProductUse[] {
  const owned = entitledProducts(contract, workspace.catalogue);
  const listed = workspace.catalogue.products.map(({ id }) => id).filter((id) => owned.has(id));
  const unlisted = [...owned].filter((id) => !listed.includes(id)).sort();
  return [...listed, ...unlisted].map((productId) => productUse(productId, view, workspace, contract));
}

function productUse(productId: string, view: AccountView, workspace: Workspace, contract: Contract): ProductUse {
  const index = featureIndex(view);
  const { multiProduct: m, use } = workspace.measures;
  const days = workspace.catalogue.features
    .filter((feature) => feature.product === productId)
    .map((feature) => index.get(feature.id)?.use.days ?? []);
  const usedIn = (from: number, to: number) => days.some((list) => daysIn(list, from, to) > 0);
  let weeksUsed = 0;
  for (let week = 0; week < m.ofWeeks; week++) {
    const to = view.lastDay - week * WEEK_DAYS;
    if (usedIn(to - WEEK_DAYS + 1, to)) weeksUsed++;
  }
  return {
    productId,
    everUsed: usedIn(view.history.start, view.lastDay),
    weeksUsed,
    usageDepth: usageDepthOf(productId, view, workspace, contract),
    connectedTo: connectedTo(productId, view, view.lastDay - use.monthlyDays + 1),
  };
}

/**
 * Usage depth of A4 read through the part of the catalogue that is the product's own (our choice: workflow events count
 * for it only where one of its features names them).
 */
function usageDepthOf(
  productId: string,
  view: AccountView,
  workspace: Workspace,
  contract: Contract,
): number | undefined {
  const own = { ...workspace, catalogue: productCatalogue(workspace.catalogue, productId) };
  const plans = new Set(contract.planIds);
  const uses = featuresUsed(view, own, relevantFeatures(view, own, plans), plans);
  return adoption(view, own, uses, provisionedUsers(view, own)).usageDepth.value;
}

function productCatalogue(catalogue: Catalogue, productId: string): Catalogue {
  const features = catalogue.features.filter((feature) => feature.product === productId);
  const events = new Set(features.flatMap((feature) => feature.events));
  const workflow = catalogue.signals.workflow?.filter((event) => events.has(event)) ?? [];
  return { ...catalogue, features, signals: { ...catalogue.signals, workflow } };
}

function connectedTo(productId: string, { history, lastDay }: AccountView, from: number): string[] {
  const named = new Set<string>();
  for (const { day, products } of history.crossProductDays) {
    if (day < from || day > lastDay || !products.includes(productId)) continue;
    for (const other of products) if (other !== productId) named.add(other);
  }
  return [...named].sort();
}

/**
 * Yearly price, in minor units, of a product for all licensed seats: of its plans the cheapest (our choice), and never for
 * fewer seats than the plan asks for.
 */
export function productPrice(
  productId: string,
  catalogue: Catalogue,
  seats: number | 'unlimited' | undefined,
): Known<{ annualMinor: number; currency: string; planId: string }> {
  const plans = catalogue.plans.filter((plan) => plan.product === productId);
  if (plans.length === 0) return unknown(`no plan of ${productId} in catalog.yaml`);
  const prices = plans.flatMap((plan) => {
    const annualMinor = yearlyPrice(plan, seats);
    return annualMinor === undefined ? [] : [{ annualMinor, currency: plan.currency, planId: plan.id }];
  });
  prices.sort((a, b) => a.annualMinor - b.annualMinor || (a.planId < b.planId ? -1 : 1));
  const [cheapest] = prices;
  return cheapest === undefined
    ? unknown(`no price of ${productId} in catalog.yaml for the licensed seats`)
    : known(cheapest);
}

function yearlyPrice(plan: Plan, seats: number | 'unlimited' | undefined): number | undefined {
  if (plan.perSeatMinor === undefined && plan.flatMinor === undefined) return undefined;
  if (plan.perSeatMinor !== undefined && plan.perSeatMinor > 0 && typeof seats !== 'number') return undefined;
  const counted = typeof seats === 'number' ? Math.max(seats, plan.minSeats) : 0;
  const interval = (plan.perSeatMinor ?? 0) * counted + (plan.flatMinor ?? 0);
  return plan.interval === 'month' ? interval * 12 : interval;
}
