/** The sections of the multi-product document. */
import { countText, wholeText, words } from '../../document/figures.ts';
import { inert, table } from '../../document/markdown.ts';
import type { SkillSection } from '../skill.ts';
import type { CrossSellOffer, MultiProduct } from './multi-product-adoption.ts';

export function productSections(result: MultiProduct): SkillSection[] {
  return [
    { title: 'Portfolio', body: portfolio(result) },
    { title: 'Integration', body: integration(result) },
    { title: 'Cross-sell', body: crossSell(result) },
  ];
}

function portfolio({ products, overallScore }: MultiProduct): string {
  const rows = products.map(({ name, level, score, weeksUsed, ofWeeks }) => [
    inert(name),
    words(level),
    String(score),
    `${weeksUsed} of ${ofWeeks}`,
  ]);
  const overall = overallScore === null ? 'unknown' : String(overallScore);
  return `${countText(products.length, 'owned product')}, ${overall} overall.\n\n${table(['Product', 'Level', 'Score', 'Weeks used'], rows, [2, 3])}`;
}

function integration({ integrationScore, products }: MultiProduct): string {
  const adopted = products.filter((product) => product.level !== 'entitled' && product.level !== 'activated').length;
  if (integrationScore === null)
    return `Does not apply: ${countText(adopted, 'adopted product')}, and a pair needs two.`;
  return `${integrationScore} % of the pairs among ${countText(adopted, 'adopted product')} share a workflow of the last 30 days.`;
}

function crossSell({ crossSell: offers, fits, holds, foldedIntoRenewal }: MultiProduct): string {
  if (fits.length === 0) return 'Every product of the catalogue is owned.';
  const blocks: string[] = [];
  if (holds.length > 0) blocks.push(`Nothing is offered:\n\n${holds.map((hold) => `- ${inert(hold)}.`).join('\n')}`);
  else if (offers.length === 0) blocks.push('No further product fits well enough.');
  else {
    const rows = offers.map((offer) => [
      inert(offer.name),
      String(offer.fit),
      value(offer.annualValue100, offer),
      value(offer.annualValue50, offer),
    ]);
    blocks.push(table(['Product', 'Fit', 'A year, full take-up', 'A year, half take-up'], rows, [1, 2, 3]));
    blocks.push(`One at a time: ${inert(offers[0]!.name)} first.`);
  }
  if (foldedIntoRenewal !== null)
    blocks.push(`The renewal of ${foldedIntoRenewal} is near, so it is part of the renewal.`);
  if (offers.length === 0) {
    const rows = fits.map(({ name, fit }) => [inert(name), fit === null ? 'unknown' : String(fit)]);
    blocks.push(table(['Product not owned', 'Fit'], rows, [1]));
  }
  return blocks.join('\n\n');
}

function value(amount: number | null, { currency }: CrossSellOffer): string {
  return amount === null ? 'no price' : `${wholeText(amount)}${currency === null ? '' : ` ${currency}`}`;
}
