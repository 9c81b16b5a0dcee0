/** What a revenue report takes for granted, in sentences. */
import { countText, percentText, words } from '../document/figures.ts';
import { formatDay } from '../time/calendar.ts';
import { OWN_RENEWALS_AT_LEAST, type RenewalRates } from './renewals.ts';
import type { RevenueReport } from './report.ts';

export function assumptionsOf({ exchange, rates, forecastTo, books, severalCurrencies }: RevenueReport): string[] {
  const shares = (['healthy', 'neutral', 'at_risk', 'critical'] as const).map(
    (band) =>
      `${words(band)} ${percentText(rates[band].rate)}${rates[band].from === 'own' ? ` of ${countText(rates[band].renewals, 'own renewal')}` : ''}`,
  );
  const sentences = [
    'ARR changes count by account and month; a start in the middle of a month counts in full from then on.',
    'A return counts as reactivation, and not in NRR or GRR: the account that fell to nothing counts as nothing.',
    'A paused contract keeps its ARR while it is in force.',
    `Forecast: terms that end by ${formatDay(forecastTo)} renew by health band (${shares.join(', ')}); ${basisOf(rates)}; month to month and no renewal date count as ending by then; signed changes that are recorded count in full; no new business.`,
  ];
  if (books.some((book) => book.forecast.unknownBandMinor > 0))
    sentences.push('Accounts of unknown band renew as critical in the low figure and as healthy in the high one.');
  const given = Object.entries(exchange.rates).filter(([currency]) => currency !== exchange.currency);
  if (given.length > 0) {
    const said = given.map(([currency, rate]) => `1 ${currency} = ${rate} ${exchange.currency}`);
    sentences.push(`Converted at the workspace's rates on every day: ${said.join(', ')}.`);
  }
  if (severalCurrencies.length > 0)
    sentences.push(
      'Currencies without a rate are reported apart; an account that changes from one to another leaves in one and is new in the other.',
    );
  return sentences;
}

/** Where the rates come from: a band's own renewals, or the policy where they are too few. */
function basisOf(rates: RenewalRates): string {
  const all = Object.values(rates);
  const own = all.filter((each) => each.from === 'own').length;
  const most = Math.max(...all.map((each) => each.renewals));
  const needed = `${OWN_RENEWALS_AT_LEAST} in a band`;
  if (own === all.length) return 'the rates are those of own renewals';
  if (own > 0) return `the other rates are the policy's, as fewer own renewals than ${needed} are known`;
  const known = most === 0 ? 'no own renewal is known' : `of own renewals at most ${most} are known in a band`;
  return `the rates are the policy's: own history holds from ${needed} on, and ${known}`;
}
