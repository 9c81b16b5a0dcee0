/** What a revenue report takes for granted, in sentences. */
import { percentText, words } from '../document/figures.ts';
import { formatDay } from '../time/calendar.ts';
import type { RevenueReport } from './report.ts';

export function assumptionsOf({ exchange, rates, forecastTo, books, severalCurrencies }: RevenueReport): string[] {
  const shares = (['healthy', 'neutral', 'at_risk', 'critical'] as const).map(
    (band) => `${words(band)} ${percentText(rates[band])}`,
  );
  const sentences = [
    'ARR changes count by account and month; a start in the middle of a month counts in full from then on.',
    'A return counts as reactivation, and not in NRR or GRR: the account that fell to nothing counts as nothing.',
    'A paused contract keeps its ARR while it is in force.',
    `Forecast: terms that end by ${formatDay(forecastTo)} renew by health band (${shares.join(', ')}); month to month and no renewal date count as ending by then; signed changes that are recorded count in full; no new business.`,
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
