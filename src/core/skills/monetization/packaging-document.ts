/** The sections of monetization/packaging_optimizer. */
import { countText, moneyText, sentence, words } from '../../document/figures.ts';
import { inert, table } from '../../document/markdown.ts';
import { publish } from '../../scores/number.ts';
import type { SkillSection } from '../skill.ts';
import type { Packages } from './packages.ts';

export interface PackagingFrame {
  currency: string;
  featureUtilisationPct: number | null;
  /** Peak users of the window. */
  users: number;
  useDays: number;
  headroom: number;
  growthHiddenBy: readonly string[];
  offList: { paidMinor: number; bookMinor: number } | undefined;
  /** Plans of the product without a price. */
  unpriced: readonly string[];
}

export function packagingSections(packages: Packages, frame: PackagingFrame): SkillSection[] {
  return [
    { title: 'Fit', body: fitText(packages, frame) },
    { title: 'Options', body: optionTable(packages, frame.currency) },
    { title: 'Assumptions', body: assumptionList(frame) },
  ];
}

function fitText({ fit, options, recommendedOption }: Packages, frame: PackagingFrame): string {
  const [present] = options;
  const chosen = options.find(({ id }) => id === recommendedOption);
  const seats = present!.seats === null ? 'unlimited seats' : countText(present!.seats, 'seat');
  const lines = [
    `${fit === 'fit' ? 'A fit' : sentence(fit)}: ${inert(words(present!.planId))} with ${seats} costs ${moneyText(present!.annualMinor, frame.currency)} a year; ${countText(frame.users, 'user')} at the peak of ${frame.useDays} days.`,
    chosen === undefined
      ? 'No package in the price book covers what is used.'
      : `The cheapest package that covers it: ${inert(words(chosen.planId))}${chosen.seats === null ? '' : ` with ${countText(chosen.seats, 'seat')}`}, ${moneyText(chosen.annualMinor, frame.currency)} a year (${deltaText(chosen.deltaMinor, frame.currency)}).`,
  ];
  if (present!.lacks.length > 0)
    lines.push(`Today's package falls short of the need for ${inert(present!.lacks.map(words).join(', '))}.`);
  if (frame.featureUtilisationPct !== null)
    lines.push(`${publish(frame.featureUtilisationPct)} % of the included features are in use.`);
  return lines.map((line) => `- ${line}`).join('\n');
}

function deltaText(minor: number, currency: string): string {
  if (minor === 0) return 'no change';
  return `${minor > 0 ? '+' : ''}${moneyText(minor, currency)}`;
}

function optionTable({ options, recommendedOption }: Packages, currency: string): string {
  return table(
    ['Option', 'Plan', 'Seats', 'A year', 'Change', 'Covers the use', 'Recommended'],
    options.map(({ id, planId, seats, annualMinor, deltaMinor, feasible, lacks }) => [
      id === 'growth' ? 'room to grow' : inert(words(id)),
      inert(words(planId)),
      seats === null ? 'unlimited' : String(seats),
      moneyText(annualMinor, currency),
      deltaText(deltaMinor, currency),
      feasible ? 'yes' : `no: needs ${inert(lacks.map(words).join(', '))}`,
      id === recommendedOption ? 'yes' : 'no',
    ]),
    [2, 3, 4],
  );
}

function assumptionList(frame: PackagingFrame): string {
  const lines = [
    `Seats and limits hold ${frame.headroom} times the peak of ${frame.useDays} days; every option but like for like is at book price.`,
    'No feature in use is taken away.',
  ];
  if (frame.offList !== undefined)
    lines.push(
      `Today's price is off the list: ${moneyText(frame.offList.paidMinor, frame.currency)} is paid where the book says ${moneyText(frame.offList.bookMinor, frame.currency)}.`,
    );
  if (frame.unpriced.length > 0)
    lines.push(`Without a price and so left out: ${inert(frame.unpriced.map(words).join(', '))}.`);
  if (frame.growthHiddenBy.length > 0)
    lines.push(`No option with room to grow is shown: ${inert(frame.growthHiddenBy.map(words).join(', '))} not met.`);
  return lines.map((line) => `- ${line}`).join('\n');
}
