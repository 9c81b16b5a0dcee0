/** The health of a portfolio or a segment as Markdown. */
import { countText, moneyText, percentText, sentence, words } from '../document/figures.ts';
import { documentOf, heading, inert, labelled, table } from '../document/markdown.ts';
import { publish } from '../scores/number.ts';
import { signed } from './health-evidence.ts';
import type { BandCount, LeftOut, PortfolioHealth, PortfolioRow } from './health-portfolio.ts';

export function portfolioDocument(health: PortfolioHealth): string {
  const title = health.segment === null ? 'portfolio' : `segment ${inert(health.segment)}`;
  return documentOf([
    heading(1, `Health Assessment: ${title}`),
    header(health),
    heading(2, 'Distribution'),
    distribution(health.distribution),
    heading(2, 'Act first'),
    ...prioritised(health),
    heading(2, 'What the accounts at risk have in common'),
    ...common(health),
    heading(2, 'Accounts'),
    accounts(health.rows),
  ]);
}

const LEFT_OUT: Record<LeftOut, string> = {
  test: 'test account',
  churned: 'churned account',
  no_account_record: 'account without an account record',
  not_yet: 'account created later',
};

function header({ today, accounts: count, leftOut }: PortfolioHealth): string {
  const lines = [labelled('Date', today), labelled('Accounts', String(count))];
  const without = leftOut.map(({ why, accounts: left }) =>
    countText(left, LEFT_OUT[why]).replace(/^(\S+ account)(.*)s$/, '$1s$2'),
  );
  if (without.length > 0) lines.push(labelled('Not counted', without.join(', ')));
  return lines.join('\n');
}

function distribution(bands: readonly BandCount[]): string {
  return table(
    ['Band', 'Accounts', 'Share', 'ARR', 'ARR unknown'],
    bands.map(({ band, accounts: count, share, arr, arrUnknown }) => [
      sentence(words(band)),
      String(count),
      percentText(Math.round(share * 1000) / 1000),
      arr.length === 0 ? '-' : arr.map(({ minor, currency }) => moneyText(minor, currency)).join(', '),
      arrUnknown === 0 ? '-' : String(arrUnknown),
    ]),
    [1, 2, 3, 4],
  );
}

function prioritised({ prioritised: rows, soonDays }: PortfolioHealth): string[] {
  if (rows.length === 0) return ['No account is at risk or critical.'];
  return [
    `Customers before trials, critical before at risk, then the nearest renewal within ${soonDays} days, then the larger ARR.`,
    table(
      ['#', 'Account', 'Health', 'Renewal', 'ARR', 'Top signal', 'Play'],
      rows.map((row, i) => [
        String(i + 1),
        nameOf(row),
        healthOf(row),
        renewalOf(row),
        arrOf(row),
        topSignal(row),
        row.play ?? '-',
      ]),
      [0, 4],
    ),
  ];
}

function common({ cohortSize, weakestDimensions, commonSignals }: PortfolioHealth): string[] {
  if (cohortSize === 0) return ['There is none.'];
  const [weakest] = weakestDimensions;
  const lines: string[] = [];
  if (weakest !== undefined && weakest.accounts > 0) {
    const mean =
      weakest.meanScore === null
        ? ''
        : `; it averages ${publish(weakest.meanScore)} over ${weakest.known} with a known score`;
    lines.push(
      labelled(
        'Weakest dimension',
        `${weakest.dimension}, the weakest of ${weakest.accounts} of ${cohortSize} accounts${mean}`,
      ),
    );
  }
  const shared = commonSignals.map(({ id, accounts: count }) => `${words(id)} (${count})`);
  lines.push(labelled('Signals shared by two or more', shared.length === 0 ? 'none' : shared.join(', ')));
  return [
    lines.join('\n'),
    table(
      ['Dimension', 'Weakest in', 'Mean score', 'Known in'],
      weakestDimensions.map(({ dimension, accounts: count, meanScore, known }) => [
        sentence(dimension),
        String(count),
        meanScore === null ? 'unknown' : String(publish(meanScore)),
        String(known),
      ]),
      [1, 2, 3],
    ),
  ];
}

function accounts(rows: readonly PortfolioRow[]): string {
  if (rows.length === 0) return 'None.';
  return table(
    ['Account', 'Stage', 'Health', 'Trend', 'Weakest', 'Signals', 'ARR', 'Renewal'],
    rows.map((row) => [
      nameOf(row),
      row.stage ?? '-',
      healthOf(row),
      row.change30 === null ? row.trend : `${row.trend} (${signed(row.change30)})`,
      row.weakestDimension === null ? '-' : `${row.weakestDimension} ${row.weakestScore}`,
      row.signals.length === 0 ? '-' : [...new Set(row.signals.map(({ id }) => words(id)))].join(', '),
      arrOf(row),
      renewalOf(row),
    ]),
    [6],
  );
}

function nameOf({ accountId, name }: PortfolioRow): string {
  return name === accountId ? inert(accountId) : `${inert(name)} (${inert(accountId)})`;
}

function healthOf({ score, band, confidence, reason }: PortfolioRow): string {
  if (score === null) return `unknown: ${inert((reason ?? 'not known').split(' (')[0]!)}`;
  return `${score} ${words(band ?? '')}${confidence === 'low' ? ', low confidence' : ''}`;
}

function renewalOf({ renewalDate, daysToRenewal }: PortfolioRow): string {
  if (renewalDate === null || daysToRenewal === null) return '-';
  return daysToRenewal >= 0 ? `${renewalDate} (${daysToRenewal} d)` : `${renewalDate} (passed)`;
}

function arrOf({ arrMinor, currency, paying }: PortfolioRow): string {
  if (arrMinor !== null) return moneyText(arrMinor, currency);
  return paying === false ? 'none' : 'unknown';
}

function topSignal({ signals }: PortfolioRow): string {
  const [first, ...rest] = signals;
  if (first === undefined) return 'none';
  return `${inert(first.detail)}${rest.length === 0 ? '' : `, and ${rest.length} more`}`;
}
