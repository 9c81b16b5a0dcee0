/** From raw events to ledger cells, and what of an event besides its name the ledger keeps. */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { monthOf, type ZoneClock } from '../time/calendar.ts';
import { addAmounts, keptAmount } from './amount.ts';
import type { LedgerCell, LedgerEvent, MeasuredProperties } from './ledger.ts';

/** Property that names the feature of a gated attempt. */
const GATED_PROPERTY = 'feature';
/** Property that names the products a workflow went through. */
const PRODUCTS_PROPERTY = 'products';
const LONGEST_LABEL = 200; // labels are ids of features and products; a longer text is a mistake and must not fill the ledger
const MOST_PRODUCTS = 50; // the same for a list of products

/** What the ledger must keep for this catalogue: amounts of meters, features of gated attempts, products of workflows. */
export function measuredProperties(catalogue: Catalogue): MeasuredProperties {
  const sums = new Map<string, string[]>();
  for (const meter of catalogue.meters) {
    if (meter.amountProperty === null) continue;
    const properties = sums.get(meter.event) ?? [];
    if (!properties.includes(meter.amountProperty)) properties.push(meter.amountProperty);
    sums.set(meter.event, properties.sort());
  }
  const labels = new Map<string, string>();
  // an event that is both stays a gated attempt: a workflow that was blocked did not happen
  for (const event of catalogue.signals.workflow ?? []) labels.set(event, PRODUCTS_PROPERTY);
  for (const event of catalogue.signals.gated_attempt ?? []) labels.set(event, GATED_PROPERTY);
  return { sums, labels, hash: JSON.stringify([[...sums].sort(byEvent), [...labels].sort(byEvent)]) };
}

function byEvent(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}

/**
 * Adds up one account's raw events (duplicates already removed) into cells, by month (months since 1970-01). Where an
 * event lacks a measured amount, or holds something that is no number, it counts 1: the contract's default amount.
 */
export function cellsOf(
  events: readonly LedgerEvent[],
  clock: ZoneClock,
  measured: MeasuredProperties,
): Map<number, LedgerCell[]> {
  const months = new Map<number, LedgerCell[]>();
  const cells = new Map<string, LedgerCell>();
  for (const event of events) {
    const day = clock.dayOf(event.timestamp);
    const lateMs = Math.max(0, event.receivedAt - clock.instantOf(day + 1));
    // the user's length keeps apart what user and event name would spell alike
    const key = `${day}:${lateMs}:${event.userId === null ? -1 : event.userId.length}:${event.userId ?? ''}${event.event}`;
    let cell = cells.get(key);
    if (cell === undefined) {
      cell = { day, userId: event.userId, event: event.event, lateMs, count: 0 };
      cells.set(key, cell);
      const month = monthOf(day);
      const ofMonth = months.get(month);
      if (ofMonth === undefined) months.set(month, [cell]);
      else ofMonth.push(cell);
    }
    cell.count++;
    measure(cell, event, measured);
  }
  return months;
}

function measure(cell: LedgerCell, event: LedgerEvent, measured: MeasuredProperties): void {
  const properties = measured.sums.get(event.event);
  if (properties !== undefined) {
    cell.sums ??= Object.create(null) as Record<string, number>;
    for (const property of properties) {
      cell.sums[property] = addAmounts(cell.sums[property] ?? 0, amountIn(event.properties, property));
    }
  }
  const property = measured.labels.get(event.event);
  const label = property === undefined ? '' : labelIn(event.properties, property);
  if (label !== '') {
    // no prototype: the label is customer text and may be `__proto__`
    cell.labels ??= Object.create(null) as Record<string, number>;
    cell.labels[label] = (cell.labels[label] ?? 0) + 1;
  }
}

/** CSV gives numbers as text, so a text that is a number is one. */
function amountIn(properties: Record<string, unknown> | undefined, property: string): number {
  const given = own(properties, property);
  const amount = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  if (typeof amount !== 'number' || !(Math.abs(amount) <= Number.MAX_SAFE_INTEGER)) return 1;
  return keptAmount(amount);
}

/** The text counted by value; a list of products becomes its sorted members joined with commas. */
function labelIn(properties: Record<string, unknown> | undefined, property: string): string {
  const given = own(properties, property);
  if (property !== PRODUCTS_PROPERTY) return typeof given === 'string' ? shortened(given.trim()) : '';
  const named = Array.isArray(given)
    ? given.slice(0, MOST_PRODUCTS)
    : typeof given === 'string'
      ? given.split(',', MOST_PRODUCTS)
      : [];
  const products = new Set<string>();
  for (const product of named)
    if (typeof product === 'string' && product.trim() !== '') products.add(shortened(product.trim()));
  return [...products].sort().join(',');
}

function own(properties: Record<string, unknown> | undefined, property: string): unknown {
  return properties !== undefined && Object.hasOwn(properties, property) ? properties[property] : undefined;
}

function shortened(text: string): string {
  return text.slice(0, LONGEST_LABEL).toWellFormed();
}
