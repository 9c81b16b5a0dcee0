/** Money: major units outside, whole minor units inside, converted by decimal digits and never through a float product. */

/** ISO 4217 currencies whose minor unit is not a hundredth. */
const MINOR_DIGITS: ReadonlyMap<string, number> = new Map([
  ...[
    'BIF',
    'CLP',
    'DJF',
    'GNF',
    'ISK',
    'JPY',
    'KMF',
    'KRW',
    'PYG',
    'RWF',
    'UGX',
    'UYI',
    'VND',
    'VUV',
    'XAF',
    'XOF',
  ].map((code): [string, number] => [code, 0]),
  ['XPF', 0],
  ...['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'].map((code): [string, number] => [code, 3]),
  ['CLF', 4],
  ['UYW', 4],
]);

/** Number of decimals of a currency's minor unit (ISO 4217): JPY 0, USD 2, BHD 3. */
export function minorDigits(currency: string): number {
  return MINOR_DIGITS.get(currency) ?? 2;
}

/** More than this is no contract; it also keeps sums of many amounts exact in a double. */
const MAX_MINOR = 1e14;

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * A decimal text in major units → minor units. Digits beyond the minor unit are rounded half away from zero on the
 * decimal digits as written, so 1.005 USD is 101 cents. Undefined when the text is no decimal number; ±Infinity when the
 * amount is beyond any contract (1e14 minor units).
 */
export function toMinorUnits(text: string, currency: string): number | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = whole + fraction;
  const pointAt = whole.length + Number(exponent) + minorDigits(currency);
  const kept = pointAt <= 0 ? '0' : digits.slice(0, pointAt).padEnd(pointAt, '0');
  const magnitude = Number(kept) + (pointAt >= 0 && Number(digits[pointAt] ?? '0') >= 5 ? 1 : 0);
  const signed = sign === '-' ? -magnitude : magnitude;
  if (magnitude > MAX_MINOR) return sign === '-' ? -Infinity : Infinity;
  return signed === 0 ? 0 : signed;
}

/** Minor units → major units, for output; a currency that is not known counts in hundredths. */
export function majorUnits(minor: number, currency: string | null | undefined): number {
  return minor / 10 ** minorDigits(currency ?? '');
}
