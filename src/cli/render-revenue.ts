/** The revenue report for a terminal: tables that fit 80 columns. */
import { countText, words } from '../core/document/figures.ts';
import { majorUnits } from '../core/records/money.ts';
import { assumptionsOf } from '../core/revenue/assumptions.ts';
import { MOVEMENT_KINDS, type MovementKind } from '../core/revenue/movements.ts';
import type { Range } from '../core/revenue/outlook.ts';
import type { Book, GroupRow, RevenueReport } from '../core/revenue/report.ts';
import { formatDay } from '../core/time/calendar.ts';
import { type Cell, heading, pairs, paragraph, table } from './table.ts';
import { bandColour, type Terminal } from './terminal.ts';

/** With `bySegment` the segments are shown even where there is only one. */
export function renderRevenue(terminal: Terminal, report: RevenueReport, bySegment: boolean): string {
  const { period, segment, cohort } = report;
  const parts = [
    `Revenue from ${formatDay(period.from)} to ${formatDay(period.to)}`,
    segment === null ? '' : `segment ${segment}`,
    cohort === null ? '' : `first ARR in ${cohort}`,
    countText(report.accounts, 'account'),
  ];
  return [
    paragraph(terminal, parts.filter((part) => part !== '').join(', ')),
    ...report.books.map((book) => bookText(terminal, book, report, bySegment)),
    excludedText(terminal, report),
    heading(terminal, 'Assumed'),
    ...assumptionsOf(report).map((text) => paragraph(terminal, text, 2, 2)),
  ].join('');
}

function bookText(terminal: Terminal, book: Book, report: RevenueReport, bySegment: boolean): string {
  const figures = figuresOf(book);
  const { retention } = book;
  const months = report.period.months.length;
  const over = `over ${countText(months, 'month')}, ${countText(retention.accounts, 'account')} with ARR at the start`;
  return [
    heading(terminal, `${book.currency}${figures.note}`),
    movementTable(terminal, book, figures),
    '\n',
    pairs(terminal, [
      ['NRR', `${percent(retention.nrr)} ${over}`],
      ['GRR', percent(retention.grr)],
    ]),
    book.segments.length > 1 || bySegment ? groupTable(terminal, 'By segment', book.segments, figures) : '',
    book.cohorts.length > 1 ? groupTable(terminal, 'By quarter of the first ARR', book.cohorts, figures) : '',
    riskText(terminal, book, report, figures),
    pipelineText(terminal, book, report, figures),
    forecastText(terminal, book, report, figures),
  ].join('');
}

interface Figures {
  /** A figure in the table's unit. */
  text(minor: number): string;
  note: string;
}

/** The widest figure that the movement table has room for. */
const WIDEST = 9;
const UNITS = [
  [1, ''],
  [1e3, ', thousands'],
  [1e6, ', millions'],
] as const;

/** Whole units, or thousands or millions where whole ones would not fit: a figure is never cut. */
function figuresOf(book: Book): Figures {
  const values = book.months.flatMap((row) => [row.openingMinor, row.closingMinor, ...Object.values(row.movements)]);
  values.push(...Object.values(book.totals), ...book.cohorts.map((each) => each.openingMinor));
  const format = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
  for (const [unit, note] of UNITS) {
    const text = (minor: number) => {
      const rounded = Math.round(majorUnits(minor, book.currency) / unit);
      return rounded === 0 ? '0' : format.format(rounded); // no -0
    };
    if (unit === 1e6 || values.every((minor) => text(minor).length <= WIDEST)) return { text, note };
  }
  throw new Error('the last unit always fits');
}

const KIND_TITLES: Record<MovementKind, string> = {
  new: 'new',
  expansion: 'expand',
  contraction: 'contract',
  churn: 'churn',
  reactivation: 'return',
};

function movementTable(terminal: Terminal, book: Book, { text }: Figures): string {
  const rows = book.months.map((row): Cell[] => [
    row.month,
    text(row.openingMinor),
    ...MOVEMENT_KINDS.map((kind) => dashed(row.movements[kind], text)),
    text(row.closingMinor),
  ]);
  rows.push([
    'total',
    text(book.openingMinor),
    ...MOVEMENT_KINDS.map((kind) => dashed(book.totals[kind], text)),
    text(book.closingMinor),
  ]);
  const right = (title: string) => ({ title, align: 'right' as const, least: WIDEST });
  const columns = [
    { title: 'month', least: 7 },
    right('opening'),
    ...MOVEMENT_KINDS.map((kind) => right(KIND_TITLES[kind])),
    right('closing'),
  ];
  return table(terminal, columns, rows, { gap: 1 });
}

function dashed(minor: number, text: (minor: number) => string): string {
  return minor === 0 ? '-' : text(minor);
}

function percent(ratio: number | null): string {
  return ratio === null ? 'not applicable: no ARR at the start' : `${Number((ratio * 100).toFixed(2))} %`;
}

function share(ratio: number | null): string {
  return ratio === null ? '-' : `${Number((ratio * 100).toFixed(2))} %`;
}

function groupTable(terminal: Terminal, title: string, groups: readonly GroupRow[], { text }: Figures): string {
  const rows = groups.map((row): Cell[] => [
    row.group,
    String(row.accounts),
    text(row.openingMinor),
    text(row.closingMinor),
    share(row.nrr),
    share(row.grr),
  ]);
  const right = (name: string) => ({ title: name, align: 'right' as const, least: WIDEST });
  const columns = [{ title: 'group', least: 10 }, ...['at start', 'opening', 'closing', 'NRR', 'GRR'].map(right)];
  return heading(terminal, title) + table(terminal, columns, rows);
}

function riskText(terminal: Terminal, { atRisk }: Book, { today }: RevenueReport, { text }: Figures): string {
  const rows = atRisk.bands.map(({ band, accounts, arrMinor }): Cell[] => [
    { text: words(band), colour: bandColour(band === 'unknown' ? null : band) },
    String(accounts),
    text(arrMinor),
    atRisk.arrMinor === 0 ? '-' : share(Math.round((arrMinor / atRisk.arrMinor) * 1e3) / 1e3),
  ]);
  rows.push(['total', String(atRisk.bands.reduce((sum, each) => sum + each.accounts, 0)), text(atRisk.arrMinor), '']);
  const right = (title: string) => ({ title, align: 'right' as const });
  const columns = [{ title: 'band' }, right('accounts'), right('ARR'), right('share')];
  const paused = atRisk.pausedMinor === 0 ? '' : `; ${text(atRisk.pausedMinor)} of the ARR is paused`;
  return (
    heading(terminal, `ARR by health band on ${formatDay(today)}`) +
    table(terminal, columns, rows) +
    paragraph(
      terminal,
      `At risk or critical: ${text(atRisk.atRiskMinor)} in ${countText(atRisk.atRiskAccounts, 'account')}${paused}.`,
    )
  );
}

const MOST_PIPELINE = 10;

function pipelineText(terminal: Terminal, { pipeline }: Book, report: RevenueReport, { text }: Figures): string {
  const title = heading(terminal, 'Expansion pipeline: open plans, and accounts that are clear to expand');
  const unpriced = report.unpriced.map(({ accountId, reason }) =>
    paragraph(terminal, `${accountId}: value unknown, ${reason}`, 2, 2),
  );
  if (pipeline.accounts.length === 0)
    return title + (unpriced.length === 0 ? paragraph(terminal, 'None.') : unpriced.join(''));
  const rows = pipeline.accounts
    .slice(0, MOST_PIPELINE)
    .map(({ accountId, from, fullMinor, halfMinor }): Cell[] => [accountId, from, text(fullMinor), text(halfMinor)]);
  const rest = pipeline.accounts.length - MOST_PIPELINE;
  if (rest > 0) rows.push([`and ${rest} more`, '', '', '']);
  rows.push(['total', '', text(pipeline.fullMinor), text(pipeline.halfMinor)]);
  const columns = [
    { title: 'account', least: 10 },
    { title: 'from' },
    { title: 'at 100 %', align: 'right' as const },
    { title: 'at 50 %', align: 'right' as const },
  ];
  return title + table(terminal, columns, rows) + unpriced.join('');
}

function forecastText(terminal: Terminal, book: Book, { forecastTo }: RevenueReport, { text }: Figures): string {
  const { forecast, pipeline } = book;
  const title = heading(terminal, `NRR forecast to ${formatDay(forecastTo)}`);
  if (forecast.startMinor === 0) return title + paragraph(terminal, 'Not applicable: no ARR today.');
  const unknown = forecast.unknownBandMinor === 0 ? '' : `, ${text(forecast.unknownBandMinor)} of it of unknown band`;
  const arr = between(text(forecast.expectedLowMinor), text(forecast.expectedHighMinor));
  const lines: [string, Cell][] = [
    ['ARR today', `${text(forecast.startMinor)} in ${countText(forecast.accounts, 'account')}${unknown}`],
    ['if all renew', `${percent(forecast.nrrSigned)} (${text(forecast.signedMinor)})`],
    ['expected', `${rangeText(forecast.nrr)} (${arr})`],
  ];
  if (pipeline.fullMinor > 0) {
    const { nrrWithHalfPipeline: half, nrrWithFullPipeline: full } = forecast;
    lines.push(['with pipeline', `${rangeText(half)} at 50 % take-up, ${rangeText(full)} at 100 %`]);
  }
  return title + pairs(terminal, lines);
}

function rangeText({ low, high }: Range): string {
  return between(percent(low), percent(high));
}

function between(low: string, high: string): string {
  return low === high ? low : `${low} to ${high}`;
}

const MOST_EXCLUDED = 10;

function excludedText(terminal: Terminal, { excluded, testAccounts }: RevenueReport): string {
  const lines = excluded
    .slice(0, MOST_EXCLUDED)
    .map(({ accountId, day, reason }) =>
      paragraph(terminal, `${accountId}: ARR unknown on ${formatDay(day)}, ${reason}`, 2, 2),
    );
  const rest = excluded.length - MOST_EXCLUDED;
  if (rest > 0) lines.push(paragraph(terminal, `and ${rest} more (--json lists all)`, 2, 2));
  if (testAccounts > 0) lines.push(paragraph(terminal, countText(testAccounts, 'test account'), 2, 2));
  return lines.length === 0 ? '' : heading(terminal, 'Left out') + lines.join('');
}
