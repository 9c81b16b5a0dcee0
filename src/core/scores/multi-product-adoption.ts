/** Calc of customer_success/multi_product_adoption: how the portfolio is used, and what fits next (skills.md B). */
import { type Known, known, unknown } from '../facts/view.ts';
import type { Measures } from '../policy/measures.ts';
import { mean, type PartScore, part, publish, weightedMean } from './number.ts';

export type ProductLevel = 'entitled' | 'activated' | 'adopted' | 'proficient' | 'integrated';

const LEVEL_POINTS: Record<ProductLevel, number> = {
  entitled: 0,
  activated: 25,
  adopted: 50,
  proficient: 75,
  integrated: 100,
};

/** How an entitled product is used. */
export interface ProductUse {
  productId: string;
  everUsed: boolean;
  /** Of the last `measures.multiProduct.ofWeeks` weeks, those with use. */
  weeksUsed: number;
  /** Usage depth of the product alone, 0-100; undefined: unknown. */
  usageDepth: number | undefined;
  /** Products named beside it in a workflow of W(30). */
  connectedTo: readonly string[];
}

export interface ProductReading {
  productId: string;
  level: ProductLevel;
  score: number;
}

/** A product the account does not have; shares 0-1, undefined: unknown. */
export interface ProductCandidate {
  productId: string;
  /** Matched open goals / open goals. */
  goalMatch: number | undefined;
  /** Use of features next to it. */
  adjacentUse: number | undefined;
  /** Peers that have it. */
  peerAttach: number | undefined;
  /** 1: the customer asked for it. */
  request: number | undefined;
  /** Yearly price for all seats, minor units; undefined: no price. */
  annualMinor: number | undefined;
}

export interface CrossSell {
  productId: string;
  /** Published 0-100. */
  fit: number;
  annualValue100Minor: number | undefined;
  annualValue50Minor: number | undefined;
}

export interface MultiProductAdoption {
  products: ProductReading[];
  /** Mean over the entitled products, unrounded. */
  overallScore: Known<number>;
  /** Connected pairs of adopted products x 100; unknown (`notApplicable`) without a pair. */
  integrationScore: Known<number>;
  /** Every candidate's fit, best first. */
  fits: { productId: string; fit: Known<number>; parts: PartScore['parts'] }[];
  /** Candidates that fit; empty while something holds the conversation. */
  crossSell: CrossSell[];
}

/**
 * `holds`: whatever keeps cross-sell back (a gate not met, the primary product not adopted), which empties `crossSell` and
 * leaves the rest. `knownShare`: the share of a fit's weight that must be known (A1).
 */
export function multiProductAdoption(
  uses: readonly ProductUse[],
  candidates: readonly ProductCandidate[],
  holds: readonly string[],
  m: Measures['multiProduct'],
  knownShare: number,
): MultiProductAdoption {
  const products = uses.map((use) => readProduct(use, m));
  const overall = mean(products.map((product) => product.score));
  const fits = fitsOf(candidates, m, knownShare);
  return {
    products,
    overallScore: overall === undefined ? unknown('no product is entitled') : known(overall),
    integrationScore: integrationOf(uses, products),
    fits,
    crossSell: holds.length > 0 ? [] : crossSellOf(fits, candidates, m),
  };
}

/** The highest level whose own condition holds; a product without any use is merely entitled. */
function readProduct(use: ProductUse, m: Measures['multiProduct']): ProductReading {
  const level = levelOf(use, m);
  return { productId: use.productId, level, score: LEVEL_POINTS[level] };
}

function levelOf(use: ProductUse, m: Measures['multiProduct']): ProductLevel {
  if (!use.everUsed) return 'entitled';
  if (use.connectedTo.some((productId) => productId !== use.productId)) return 'integrated';
  if (use.usageDepth !== undefined && use.usageDepth >= m.proficientDepth) return 'proficient';
  return use.weeksUsed >= m.adoptedWeeks ? 'adopted' : 'activated';
}

function integrationOf(uses: readonly ProductUse[], products: readonly ProductReading[]): Known<number> {
  const adopted = uses.filter((_, i) => products[i]!.score >= LEVEL_POINTS.adopted);
  let pairs = 0;
  let connected = 0;
  for (let i = 0; i < adopted.length; i++) {
    for (let j = i + 1; j < adopted.length; j++) {
      pairs++;
      const [a, b] = [adopted[i]!, adopted[j]!];
      if (a.connectedTo.includes(b.productId) || b.connectedTo.includes(a.productId)) connected++;
    }
  }
  return pairs === 0 ? unknown('notApplicable') : known((100 * connected) / pairs);
}

/** How well each product fits, best first. */
export function fitsOf(
  candidates: readonly ProductCandidate[],
  m: Measures['multiProduct'],
  knownShare: number,
): MultiProductAdoption['fits'] {
  const fits = candidates.map((candidate) => fitOf(candidate, m, knownShare));
  return fits.sort((a, b) => (b.fit.value ?? -1) - (a.fit.value ?? -1) || (a.productId < b.productId ? -1 : 1));
}

function fitOf(candidate: ProductCandidate, m: Measures['multiProduct'], knownShare: number) {
  const { score, reason, parts } = weightedMean(
    {
      goal: part(candidate.goalMatch, m.goal, 'no open goals'),
      adjacent: part(candidate.adjacentUse, m.adjacent, 'adjacent use not known'),
      peers: part(candidate.peerAttach, m.peers, 'too few peers'),
      request: part(candidate.request, m.request, 'requests not known'),
    },
    knownShare,
  );
  const fit: Known<number> = score === undefined ? unknown(reason ?? 'not known') : known(publish(100 * score));
  return { productId: candidate.productId, fit, parts };
}

function crossSellOf(
  fits: MultiProductAdoption['fits'],
  candidates: readonly ProductCandidate[],
  m: Measures['multiProduct'],
): CrossSell[] {
  return fits.flatMap(({ productId, fit }) => {
    if (fit.value === undefined || fit.value < m.opportunity) return [];
    const full = candidates.find((each) => each.productId === productId)?.annualMinor;
    const half = full === undefined ? undefined : publish(full / 2);
    return [{ productId, fit: fit.value, annualValue100Minor: full, annualValue50Minor: half }];
  });
}
