/** The sections of monetization/contract_value_tracker. */
import { countText, moneyText, percentText, words } from '../../document/figures.ts';
import { table } from '../../document/markdown.ts';
import type { HealthBand } from '../../scores/health.ts';
import { formatDay } from '../../time/calendar.ts';
import type { SkillSection } from '../skill.ts';
import type { ContractFacts, UnusualTerm } from './contract-components.ts';
import { expansionOf } from './contract-components.ts';

export function contractSections(
  facts: ContractFacts,
  unusual: readonly UnusualTerm[],
  band: HealthBand | undefined,
): SkillSection[] {
  const { position, currency, invoicedMinor, termFrom } = facts;
  const money = (minor: number | undefined) => (minor === undefined ? 'unknown' : moneyText(minor, currency));
  const value = [
    `Contract value (TCV): ${money(position.tcvMinor)}; a year (ACV): ${money(position.acvMinor)}.`,
    ...(unusual.length === 0 ? [] : [`Unusual terms: ${unusual.map((term) => termText(term, facts)).join('; ')}.`]),
  ];
  const recognition = table(
    ['Recognised', 'Invoiced', 'Deferred', 'Left to recognise (RPO)'],
    [[position.recognisedMinor, invoicedMinor, position.deferredMinor, position.rpoMinor].map(money)],
    [0, 1, 2, 3],
  );
  const note = `In equal parts by day since ${formatDay(termFrom)}, services on delivery; for information, the books stay as they are.`;
  return [
    { title: 'Value', body: listed(value) },
    { title: 'Recognition', body: `${recognition}\n\n${note}` },
    { title: 'Amendments', body: amendmentText(facts, money) },
    { title: 'Renewal', body: listed(renewalLines(facts, band, money)) },
  ];
}

/** What is unusual, with its figures. */
export function termText(
  term: UnusualTerm,
  { currency, invoicedMinor, position, daysToRenewal }: ContractFacts,
): string {
  switch (term) {
    case 'over_invoiced':
      return `${moneyText(invoicedMinor!, currency)} invoiced on a contract of ${moneyText(position.tcvMinor!, currency)}`;
    case 'renewal_overdue':
      return `renewal ${countText(-daysToRenewal!, 'day')} overdue`;
    case 'odd_term':
      return 'a term that is no number of whole months';
    default:
      return words(term);
  }
}

type MoneyText = (minor: number | undefined) => string;

function amendmentText({ amendments, termFrom }: ContractFacts, money: MoneyText): string {
  if (amendments === undefined) return 'Unknown: the yearly value is not known on every day of the term.';
  if (amendments.length === 0) return `None since ${formatDay(termFrom)}.`;
  const rows = amendments.map(({ date, fromMinor, toMinor }) => [
    date,
    money(fromMinor),
    money(toMinor),
    `${toMinor > fromMinor ? '+' : ''}${money(toMinor - fromMinor)}`,
  ]);
  return `${table(['Day', 'A year before', 'After', 'Change'], rows, [1, 2, 3])}\n\nAdded in all: ${money(expansionOf(amendments))} a year.`;
}

function renewalLines(facts: ContractFacts, band: HealthBand | undefined, money: MoneyText): string[] {
  const { renewalDate, daysToRenewal, rate, position, retention } = facts;
  const lines = [
    renewalDate === undefined || daysToRenewal === undefined
      ? 'Renewal date: unknown.'
      : `Renewal on ${formatDay(renewalDate)}, ${daysToRenewal < 0 ? `${countText(-daysToRenewal, 'day')} ago and not signed` : `in ${countText(daysToRenewal, 'day')}`}.`,
  ];
  const basis =
    rate?.source === 'own_history' ? 'of our own renewals so far' : `of the health band ${words(band ?? '')}`;
  lines.push(
    rate === undefined
      ? 'Renewal rate: unknown.'
      : `Weighted renewal: ${money(position.weightedRenewalMinor)} (ACV at ${percentText(rate.rate)}, the rate ${basis}).`,
  );
  if (retention !== undefined) lines.push(retentionText(retention, money));
  return lines;
}

function retentionText(
  { from, to, startMinor, endMinor, nrr, grr }: NonNullable<ContractFacts['retention']>,
  money: MoneyText,
): string {
  if (nrr === null || grr === null) return `NRR and GRR do not apply: no ARR on ${formatDay(from - 1)}.`;
  return `NRR ${percentText(nrr)}, GRR ${percentText(grr)}: ${money(startMinor)} on ${formatDay(from - 1)}, ${money(endMinor)} on ${formatDay(to)}.`;
}

function listed(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}
