/** Figures as documents write them. Unknown is said as unknown. */
import { majorUnits, minorDigits } from '../records/money.ts';
import { publish } from '../scores/number.ts';

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `12,345 USD`; fractions of a major unit only where there are any. */
export function moneyText(minor: number, currency: string | null | undefined): string {
  const major = majorUnits(minor, currency);
  const digits = Number.isInteger(major) ? 0 : minorDigits(currency ?? '');
  return `${amountFormat(digits).format(major)}${currency ? ` ${currency}` : ''}`;
}

const formats = new Map<number, Intl.NumberFormat>();

/** Making one costs a hundred times what using it does. */
function amountFormat(digits: number): Intl.NumberFormat {
  let format = formats.get(digits);
  if (format === undefined) {
    format = new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
    formats.set(digits, format);
  }
  return format;
}

/** `12,345`, rounded to whole units. */
export function wholeText(value: number): string {
  return whole.format(value);
}

/** A share 0-1 as `85 %`, with up to two decimals where they are not zero. */
export function percentText(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}

/** A share 0-1 as `86 %`. */
export function wholePercentText(share: number): string {
  return `${publish(100 * share)} %`;
}

/** `2 accounts`, `1 account` */
export function countText(count: number, noun: string): string {
  return `${wholeText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `2026-04-22 10:15 UTC` for `2026-04-22T10:15:00Z`. */
export function momentText(instant: string): string {
  return instant.replace(/^(.{10})T(\d\d:\d\d).*Z$/, '$1 $2 UTC');
}

/** `at risk` for `at_risk`. */
export function words(name: string): string {
  return name.replaceAll('_', ' ');
}

/** First letter large. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
