/** The plans of many accounts side by side: who can grow first, and what holds the others. */
import { documentOf, heading, labelled } from '../document/markdown.ts';
import type { Measures } from '../policy/measures.ts';
import { bookOf, type Exchange, minorInBook } from '../revenue/arr.ts';
import { unmet } from './gate.ts';
import { estimateText, shown, tableOf } from './markdown.ts';
import type { ClearedPlan, ExpansionPlan, RefusedPlan } from './plan.ts';
import { type ExpansionType, TYPE_NAMES } from './proposal.ts';
import { money, plural } from './subject.ts';

export interface RankedPlan {
  rank: number;
  accountId: string;
  name: string;
  type: ExpansionType;
  what: string;
  /** Yearly, at 50 % and at 100 % adoption, in `book`; null where no price is known. */
  lowMinor: number | null;
  highMinor: number | null;
  estimate: string;
  confidence: 'High' | 'Medium' | 'Low';
  /** Mean of the two scenarios x the weight of the confidence, in `book`. */
  expectedMinor: number | null;
  /** Currency of the three figures: the workspace's where a rate is given. */
  book: string | null;
  proposeOn: string;
}

export interface HeldPlan {
  accountId: string;
  name: string;
  firstBlocker: string;
  blockers: number;
  reassessOn: string | null;
}

export interface TypeTotal {
  type: ExpansionType;
  book: string;
  accounts: number;
  lowMinor: number;
  highMinor: number;
  expectedMinor: number;
}

export interface SegmentPlan {
  segment: string;
  today: string;
  accounts: number;
  ranked: RankedPlan[];
  onHold: HeldPlan[];
  totals: TypeTotal[];
  /** Clear to expand, without a known price. */
  unpriced: number;
}

/** Clear accounts by expected value x confidence, best first; then those on hold, nearest first. */
export function segmentPlan(
  segment: string,
  today: string,
  plans: readonly ExpansionPlan[],
  { weights, exchange }: { weights: Measures['plan']['confidence']; exchange: Exchange },
): SegmentPlan {
  const clear = plans.filter((plan): plan is ClearedPlan => plan.clearToExpand);
  const held = plans.filter((plan): plan is RefusedPlan => !plan.clearToExpand);
  const ranked = clear
    .map((plan) => rankedRow(plan, weights, exchange))
    .sort((a, b) => byBook(a, b, exchange) || (b.expectedMinor ?? -1) - (a.expectedMinor ?? -1) || byId(a, b))
    .map((row, i) => ({ ...row, rank: i + 1 }));
  const onHold = held.map(heldRow).sort((a, b) => a.blockers - b.blockers || byId(a, b));
  return {
    segment,
    today,
    accounts: plans.length,
    ranked,
    onHold,
    totals: totalsOf(ranked),
    unpriced: ranked.filter((row) => row.expectedMinor === null).length,
  };
}

function byId(a: { accountId: string }, b: { accountId: string }): number {
  return a.accountId < b.accountId ? -1 : a.accountId > b.accountId ? 1 : 0;
}

/** Amounts of different currencies are not compared: the workspace's come first, unpriced ones last. */
function byBook(a: RankedPlan, b: RankedPlan, exchange: Exchange): number {
  const place = (row: RankedPlan) => (row.book === null ? '2' : row.book === exchange.currency ? '0' : `1${row.book}`);
  return place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0;
}

function rankedRow(plan: ClearedPlan, weights: Measures['plan']['confidence'], exchange: Exchange): RankedPlan {
  const { opportunity } = plan;
  const amounts = opportunity.scenarios.map((each) => each.annualMinor);
  const isPriced = amounts.length > 0 && opportunity.currency !== null;
  const weight = weights[opportunity.confidence.toLowerCase() as keyof typeof weights];
  const mean = amounts.reduce((sum, each) => sum + each, 0) / Math.max(1, amounts.length);
  const inBook = (minor: number) => minorInBook(minor, opportunity.currency!, exchange);
  return {
    rank: 0,
    accountId: plan.accountId,
    name: plan.name,
    type: opportunity.type,
    what: opportunity.what,
    lowMinor: isPriced ? inBook(Math.min(...amounts)) : null,
    highMinor: isPriced ? inBook(Math.max(...amounts)) : null,
    estimate: estimateText(opportunity),
    confidence: opportunity.confidence,
    expectedMinor: isPriced ? inBook(Math.round(mean * weight)) : null,
    book: isPriced ? bookOf(opportunity.currency!, exchange) : null,
    proposeOn: plan.approach.timing.proposeOn,
  };
}

function heldRow({ accountId, name, healthCheck, recovery }: RefusedPlan): HeldPlan {
  const open = unmet(healthCheck.gates);
  const [first] = open;
  const unknown = first!.met === null && !first!.detail.startsWith('unknown') ? 'unknown, ' : '';
  return {
    accountId,
    name,
    firstBlocker: `${first!.name}: ${unknown}${first!.detail}`,
    blockers: open.length,
    reassessOn: recovery.reassessOn,
  };
}

function totalsOf(ranked: readonly RankedPlan[]): TypeTotal[] {
  const totals = new Map<string, TypeTotal>();
  for (const row of ranked) {
    if (row.book === null) continue;
    const key = `${row.type} ${row.book}`;
    const total = totals.get(key) ?? {
      type: row.type,
      book: row.book,
      accounts: 0,
      lowMinor: 0,
      highMinor: 0,
      expectedMinor: 0,
    };
    total.accounts++;
    total.lowMinor += row.lowMinor!;
    total.highMinor += row.highMinor!;
    total.expectedMinor += row.expectedMinor!;
    totals.set(key, total);
  }
  return [...totals.values()].sort((a, b) => b.expectedMinor - a.expectedMinor || (a.type < b.type ? -1 : 1));
}

export function renderSegment(plan: SegmentPlan): string {
  const { ranked, onHold, totals } = plan;
  const counts = `${plural(plan.accounts, 'account')}, ${ranked.length} clear to expand, ${onHold.length} on hold`;
  const summary = [
    labelled('As of', plan.today),
    labelled('Accounts', counts),
    ...(plan.unpriced === 0 ? [] : [labelled('Without a price', plural(plan.unpriced, 'account'))]),
    labelled('One account', '`stagecraft plan ACCOUNT`'),
  ];
  return documentOf([
    heading(1, `Expansion Plans: ${shown(plan.segment)}`),
    summary.join('\n'),
    heading(2, 'Clear to expand'),
    ranked.length === 0 ? 'No account is clear to expand.' : rankedTable(ranked),
    heading(2, 'On hold'),
    onHold.length === 0 ? 'No account is on hold.' : heldTable(onHold),
    heading(2, 'Totals by type'),
    totals.length === 0 ? 'No priced expansion.' : totalTable(totals),
  ]);
}

const VALUE = 'Expected value x confidence';

function rankedTable(ranked: readonly RankedPlan[]): string {
  return tableOf(
    ['Rank', 'Account', 'Clear to expand', 'Expansion', 'Estimated ARR', 'Confidence', VALUE, 'Propose on'],
    ranked.map((row) => [
      String(row.rank),
      `${row.name} (${row.accountId})`,
      'Yes',
      `${TYPE_NAMES[row.type]}: ${row.what}`,
      row.estimate,
      row.confidence,
      row.expectedMinor === null ? 'unknown' : money(row.expectedMinor, row.book ?? undefined),
      row.proposeOn,
    ]),
  );
}

function heldTable(onHold: readonly HeldPlan[]): string {
  return tableOf(
    ['Account', 'Clear to expand', 'First blocker', 'Blockers', 'Reassess on'],
    onHold.map((row) => [
      `${row.name} (${row.accountId})`,
      'No',
      row.firstBlocker,
      String(row.blockers),
      row.reassessOn ?? 'not dated',
    ]),
  );
}

function totalTable(totals: readonly TypeTotal[]): string {
  return tableOf(
    ['Expansion type', 'Accounts', 'Estimated ARR', VALUE],
    totals.map((row) => [
      TYPE_NAMES[row.type],
      String(row.accounts),
      row.lowMinor === row.highMinor
        ? money(row.highMinor, row.book)
        : `${money(row.lowMinor, undefined)} to ${money(row.highMinor, row.book)}`,
      money(row.expectedMinor, row.book),
    ]),
  );
}
