/** customer_success/multi_product_adoption (skills.md B): how each owned product is used, and which further one fits. */
import { z } from 'zod';
import { countText } from '../../document/figures.ts';
import { candidatesOf } from '../../facts/product-facts.ts';
import { productPrice, productUses } from '../../facts/product-use.ts';
import { kindGap, known, unknown } from '../../facts/view.ts';
import { majorUnits } from '../../records/money.ts';
import {
  multiProductAdoption as adoptionOf,
  type MultiProductAdoption,
  type ProductLevel,
  type ProductUse,
} from '../../scores/multi-product-adoption.ts';
import { publish } from '../../scores/number.ts';
import type { Gate } from '../../scores/readiness.ts';
import { addBusinessDays, formatDay } from '../../time/calendar.ts';
import { defineSkill, type PastIntervention, type SkillContext, type SkillOutput } from '../skill.ts';
import type { ActionDraft } from '../skill-result.ts';
import { productSections } from './multi-product-adoption-document.ts';

export interface CrossSellOffer {
  productId: string;
  name: string;
  fit: number;
  /** Major units a year; null: no price. */
  annualValue100: number | null;
  annualValue50: number | null;
  currency: string | null;
}

export interface MultiProduct {
  products: {
    productId: string;
    name: string;
    level: ProductLevel;
    score: number;
    weeksUsed: number;
    ofWeeks: number;
  }[];
  overallScore: number | null;
  /** Null with fewer than two adopted products. */
  integrationScore: number | null;
  /** Products that fit, best first; empty while something holds the conversation. Only the first is spoken of. */
  crossSell: CrossSellOffer[];
  /** The one that is spoken of: one at a time. */
  offeredProductId: string | null;
  /** Fit of every product not owned, known or not. */
  fits: { productId: string; name: string; fit: number | null }[];
  /** Renewal that the cross-sell is folded into; null: it stands by itself. */
  foldedIntoRenewal: string | null;
  /** Why nothing is offered, with the figures. */
  holds: string[];
}

const parameters = z.strictObject({
  adoptedFrom: z.number().int().min(0).max(100).default(50).describe('score from which the primary product is adopted'),
  renewalDays: z
    .number()
    .int()
    .min(0)
    .max(365)
    .default(90)
    .describe('days before the renewal from which an offer is part of it'),
});
type Parameters = z.infer<typeof parameters>;

const NAME = 'customer_success/multi_product_adoption';

export const multiProductAdoption = defineSkill<Parameters, MultiProduct>({
  name: NAME,
  domain: 'customer_success',
  purpose: 'Scores each owned product and the fit of further ones',
  customerFacing: true,
  conversation: 'expansion',
  serviceMessage: false,
  celebration: false,
  inputs: {
    required: ['subscriptions', 'catalogue products', 'events'],
    optional: ['catalogue plans', 'goals', 'notes', 'peers'],
  },
  sections: ['Portfolio', 'Integration', 'Cross-sell'],
  parameters,
  outcome: {
    measure: 'arr',
    unit: 'major currency units a year',
    better: 'higher',
    horizonDays: 90, // one quarter: from the validated use case to a signed order
    noise: 0,
    read: ({ arrMajor, contract }) =>
      arrMajor === undefined ? unknown(contract.arrReason ?? 'not known') : known(arrMajor),
  },
  run: runMultiProduct,
});

function runMultiProduct(context: SkillContext<Parameters>): SkillOutput<MultiProduct | null> {
  const { measured, workspace } = context;
  const missing = requiredGap(context);
  if (missing !== undefined) {
    return { status: 'insufficient_data', reasons: [], dataGaps: [missing], result: null, actions: [], sections: [] };
  }
  const { view, contract } = measured;
  const { measures } = workspace;
  const uses = productUses(view, workspace, contract);
  const seats = teamSeats(context);
  const prices = new Map(
    workspace.catalogue.products.map(({ id }) => [id, productPrice(id, workspace.catalogue, seats)]),
  );
  const candidates = candidatesOf(view, workspace, contract).map((each) => ({
    ...each,
    annualMinor: prices.get(each.productId)?.value?.annualMinor,
  }));
  const { knownShare } = measures.health;
  const portfolio = adoptionOf(uses, [], [], measures.multiProduct, knownShare).products;
  const holds = candidates.length === 0 ? [] : holdsOf(context, portfolio);
  const found = adoptionOf(
    uses,
    candidates,
    holds.map((hold) => hold.code),
    measures.multiProduct,
    knownShare,
  );
  const result = resultOf(context, uses, prices, found, holds);
  const dataGaps = [
    ...candidates.flatMap(({ productId }) => {
      const price = prices.get(productId);
      return price?.reason === undefined ? [] : [{ fact: 'price_book', reason: price.reason }];
    }),
    ...fitGaps(context, candidates),
  ];
  return {
    status: dataGaps.length > 0 || holds.length > 0 ? 'partial' : 'ok',
    reasons: reasonsOf(result, holds),
    dataGaps,
    confidence: measured.health.confidence,
    result,
    actions: actionsOf(context, result),
    sections: productSections(result),
  };
}

type Prices = ReadonlyMap<string, ReturnType<typeof productPrice>>;

function resultOf(
  context: SkillContext<Parameters>,
  uses: readonly ProductUse[],
  prices: Prices,
  found: MultiProductAdoption,
  holds: readonly CrossSellHold[],
): MultiProduct {
  const { catalogue, measures } = context.workspace;
  const name = (productId: string) => catalogue.products.find(({ id }) => id === productId)?.name ?? productId;
  const crossSell = found.crossSell.map(
    ({ productId, fit, annualValue100Minor, annualValue50Minor }): CrossSellOffer => {
      const currency = prices.get(productId)?.value?.currency;
      const major = (minor: number | undefined) => (minor === undefined ? null : majorUnits(minor, currency));
      return {
        productId,
        name: name(productId),
        fit,
        annualValue100: major(annualValue100Minor),
        annualValue50: major(annualValue50Minor),
        currency: currency ?? null,
      };
    },
  );
  return {
    products: found.products.map((product, i) => ({
      ...product,
      name: name(product.productId),
      weeksUsed: uses[i]!.weeksUsed,
      ofWeeks: measures.multiProduct.ofWeeks,
    })),
    overallScore: found.overallScore.value === undefined ? null : publish(found.overallScore.value),
    integrationScore: found.integrationScore.value === undefined ? null : publish(found.integrationScore.value),
    crossSell,
    offeredProductId: crossSell[0]?.productId ?? null,
    fits: found.fits.map(({ productId, fit }) => ({ productId, name: name(productId), fit: fit.value ?? null })),
    foldedIntoRenewal: crossSell.length > 0 ? renewalToFoldInto(context) : null,
    holds: holds.map((hold) => hold.detail),
  };
}

function requiredGap({ measured, workspace }: SkillContext<Parameters>): { fact: string; reason: string } | undefined {
  const { view, contract, subscriptionGap } = measured;
  if (subscriptionGap !== undefined) return { fact: 'entitlements', reason: `${subscriptionGap} (subscriptions)` };
  if (contract.inForce.length === 0)
    return { fact: 'entitlements', reason: 'no subscription in force (subscriptions)' };
  if (workspace.catalogue.products.length === 0) return { fact: 'products', reason: 'no products in catalog.yaml' };
  if (view.usageGap !== undefined) return { fact: 'events per product', reason: `${view.usageGap} (events)` };
  return undefined;
}

interface CrossSellHold {
  code: string;
  detail: string;
}

/** What keeps a further product back: the expansion gates, the primary product, an offer that is already out. */
function holdsOf(
  context: SkillContext<Parameters>,
  products: readonly { productId: string; score: number }[],
): CrossSellHold[] {
  const { measured, workspace, parameters: p } = context;
  const needed = workspace.measures.readiness.gates.health;
  const holds = measured.gates
    .filter((gate) => gate.met !== true)
    .map((gate) => ({ code: gateCode(gate, needed), detail: gate.detail }));
  const primary = primaryProduct(context);
  const score = products.find(({ productId }) => productId === primary)?.score;
  if (score !== undefined && score < p.adoptedFrom) {
    holds.push({ code: 'primary_product_not_adopted', detail: `${primary} at ${score}, needs ${p.adoptedFrom}` });
  }
  const open = openOffer(context.past);
  if (open !== undefined) {
    const detail = `one at a time: ${open.productId} was taken up${open.on === undefined ? '' : ` on ${formatDay(open.on)}`} and is not closed`;
    holds.push({ code: 'cross_sell_in_progress', detail });
  }
  return holds;
}

function gateCode({ id, met }: Gate, healthNeeded: number): string {
  if (met === undefined) return `${id}_unknown`;
  return id === 'health_score' ? `health_below_${healthNeeded}` : `${id}_not_met`;
}

/** The product of the plan with the largest ARR, which is what the account came for. */
function primaryProduct({ measured, workspace }: SkillContext<Parameters>): string | undefined {
  const { contract } = measured;
  const { catalogue } = workspace;
  const leading = contract.inForce.find((each) => each.plan === contract.planId);
  return (
    leading?.product ?? catalogue.plans.find(({ id }) => id === contract.planId)?.product ?? catalogue.products[0]?.id
  );
}

/** Seats of the primary product (our choice): the same people hold a seat in each product, so a sum would count them again. */
function teamSeats(context: SkillContext<Parameters>): number | 'unlimited' | undefined {
  const { contract } = context.measured;
  const { catalogue } = context.workspace;
  const primary = primaryProduct(context);
  const own = contract.inForce.filter(
    (each) => (each.product ?? catalogue.plans.find(({ id }) => id === each.plan)?.product ?? primary) === primary,
  );
  if (own.some((each) => each.seats === null)) return 'unlimited';
  if (own.length === 0 || own.some((each) => each.seats === undefined)) return undefined;
  return own.reduce((sum, each) => sum + (each.seats ?? 0), 0);
}

const OPEN = new Set<PastIntervention['state']>(['approved', 'dispatched', 'delivered']);

function openOffer(past: readonly PastIntervention[]): { productId: string; on: number | undefined } | undefined {
  for (const { skill, state, madeOn, result } of past.toReversed()) {
    const productId = result?.offeredProductId;
    if (skill === NAME && OPEN.has(state) && typeof productId === 'string') return { productId, on: madeOn };
  }
  return undefined;
}

function renewalToFoldInto({ measured, parameters: p }: SkillContext<Parameters>): string | null {
  const { renewalDate } = measured.contract;
  const left = renewalDate === undefined ? undefined : renewalDate - measured.view.today;
  return left === undefined || left < 0 || left > p.renewalDays ? null : formatDay(renewalDate!);
}

/** What the fit of the products not owned could not be judged by. */
function fitGaps({ measured, workspace }: SkillContext<Parameters>, candidates: ReturnType<typeof candidatesOf>) {
  const { view } = measured;
  const gaps: { fact: string; reason: string }[] = [];
  const idsWhere = (test: (candidate: (typeof candidates)[number]) => boolean) =>
    candidates.filter(test).map(({ productId }) => productId);
  const add = (fact: string, ids: readonly string[], reason: string) => {
    if (ids.length > 0) gaps.push({ fact, reason: `${reason}, for ${ids.join(', ')}` });
  };
  const goalGap = kindGap('goals', view, workspace) ?? 'no open goal with tags';
  add(
    'goal_match',
    idsWhere((each) => each.goalMatch === undefined),
    `${goalGap} (goals)`,
  );
  const noNeighbour = 'no feature of an owned product is named as a neighbour in catalog.yaml';
  add(
    'adjacent_use',
    idsWhere((each) => each.adjacentUse === undefined),
    noNeighbour,
  );
  const few = `fewer than ${workspace.measures.peers.accountsAtLeast} peers (accounts of the segment and plan)`;
  add(
    'peer_attach',
    idsWhere((each) => each.peerAttach === undefined),
    few,
  );
  const noteGap = kindGap('notes', view, workspace);
  if (noteGap !== undefined)
    add(
      'requests',
      idsWhere((each) => each.request === undefined),
      `${noteGap} (notes)`,
    );
  return gaps;
}

function reasonsOf({ fits, crossSell }: MultiProduct, holds: readonly CrossSellHold[]): string[] {
  if (fits.length === 0) return ['every_product_owned'];
  if (holds.length > 0) return holds.map((hold) => hold.code);
  return crossSell.length === 0 ? ['no_product_fits'] : [];
}

function actionsOf(
  context: SkillContext<Parameters>,
  { products, crossSell, foldedIntoRenewal }: MultiProduct,
): ActionDraft[] {
  const { measured, workspace } = context;
  const { today, account } = measured.view;
  const { holidays } = workspace.catalogue;
  const evidence = measured.contract.inForce.map((each) => each.subscriptionId);
  const actions: ActionDraft[] = [];
  const idle = products.filter((product) => product.weeksUsed === 0);
  if (idle.length > 0) {
    const names = idle.map(
      ({ name, level, ofWeeks }) => `${name} (${level === 'entitled' ? 'never used' : `unused for ${ofWeeks} weeks`})`,
    );
    actions.push({
      key: `activate:${idle.map(({ productId }) => productId).join(',')}`,
      title: `Activate ${countText(idle.length, 'owned product')}: ${names.join(', ')}`,
      role: 'growth',
      due: addBusinessDays(today, 0, holidays),
      channel: 'task',
      evidence,
    });
  }
  const [best] = crossSell;
  if (best === undefined) return actions;
  const folded = foldedIntoRenewal !== null;
  const offer: ActionDraft = {
    key: `offer:${best.productId}`,
    title: folded
      ? `Put ${best.name} (fit ${best.fit}) into the renewal of ${foldedIntoRenewal}, with no offer of its own`
      : `Validate with ${account.name} the use case for ${best.name} (fit ${best.fit})`,
    role: 'csm',
    due: addBusinessDays(today, 5, holidays),
    channel: folded ? 'task' : 'meeting',
    evidence,
    subject: 'expansion',
  };
  return [...actions, offer];
}
