/**
 * Readers of single values. Each takes what JSON or a CSV cell holds and gives the typed value or a `Problem`. CSV and
 * JSON share them, so a number may be written as text, a list as `a|b`, a flag as `yes`.
 */
import type { Day, Instant, ZoneClock } from '../time/calendar.ts';
import { toMinorUnits } from './money.ts';
import { Problem } from './problem.ts';
import { isInRange, LAST_DAY, LAST_MAIN_DAY, parseDayOf, parseInstant } from './times.ts';

/** What reading a record needs to know of its workspace. */
export interface RecordContext {
  /** The workspace's zone: times without an offset and plain dates are meant in it. */
  clock: ZoneClock;
  /** ISO 4217 code for amounts that name none. */
  currency: string;
}

export type Reader<T> = (value: unknown, context: RecordContext) => T | Problem;

export const MAX_ID_LENGTH = 256; // keys are indexed and repeated in every row
export const MAX_NAME_LENGTH = 1_000; // titles, names, plans, tags: one line
export const MAX_TEXT_LENGTH = 65_536; // notes and comments: about 25 pages
export const MAX_LIST_LENGTH = 256; // tags, roles, extensions
const MAX_COUNT = 1_000_000_000; // seats, employees: more is a typing error
const MAX_NUMBER = 1e15; // goals, limits: beyond it a double cannot count by ones

/** Is there nothing here? Absent, null and a text of blanks all say "not given". */
export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

/** The problem with a text's characters or length, or undefined. */
export function textProblem(text: string, maxLength: number): Problem | undefined {
  if (text.length > maxLength) {
    return new Problem('too_long', `has ${text.length} characters, at most ${maxLength} are kept; shorten it`);
  }
  if (text.includes('\0')) return new Problem('nul_character', 'contains the character NUL (\\u0000); remove it');
  if (!text.isWellFormed()) {
    return new Problem('lone_surrogate', 'contains half of a character (a lone surrogate); write the text as UTF-8');
  }
  return undefined;
}

/** Text of one value; numbers are taken as written, because exports often leave ids unquoted. */
export function text(maxLength: number): Reader<string> {
  return (value) => {
    const found = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
    if (typeof found !== 'string') return new Problem('not_text', `is ${nameOf(value)}, expected text`);
    return textProblem(found, maxLength) ?? found;
  };
}

const idText = text(MAX_ID_LENGTH);

/** An id: as text, but without blanks around it, which no one means as part of a key. */
export const id: Reader<string> = (value, context) => {
  const found = idText(value, context);
  return typeof found === 'string' ? found.trim() : found;
};

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?$/;

interface NumberBounds {
  integer?: boolean;
  min?: number;
  max?: number;
}

export function numberIn(bounds: NumberBounds): Reader<number> {
  const { integer = false, min = -MAX_NUMBER, max = MAX_NUMBER } = bounds;
  return (value) => {
    let number: number;
    if (typeof value === 'number') number = value;
    else if (typeof value === 'string' && DECIMAL.test(value.trim())) number = Number(value);
    else {
      const remedy = 'write digits with a point for decimals, without currency signs or thousands separators';
      return new Problem('not_a_number', `is ${nameOf(value)}, expected a number; ${remedy}`);
    }
    if (!Number.isFinite(number)) return new Problem('not_finite', 'is too large a number; correct or leave it empty');
    if (integer && !Number.isInteger(number))
      return new Problem('not_an_integer', `is ${number}, expected a whole number`);
    if (number < 0 && min === 0)
      return new Problem('negative', `is ${number}; it cannot be below 0, correct or leave it empty`);
    if (number < min || number > max) return new Problem('out_of_range', `is ${number}, expected ${min} to ${max}`);
    return number === 0 ? 0 : number; // -0 is 0
  };
}

export const anyNumber = numberIn({});
export const count = numberIn({ integer: true, min: 0, max: MAX_COUNT });

const UNLIMITED = new Set(['null', 'unlimited']);

/** `reader`'s number, or null for unlimited. The caller has sorted out absence: null here is written down. */
export function orUnlimited(reader: Reader<number>): Reader<number | null> {
  return (value, context) => {
    if (value === null) return null;
    if (typeof value === 'string' && UNLIMITED.has(value.trim().toLowerCase())) return null;
    return reader(value, context);
  };
}

const FLAGS = new Map([
  ...['true', 'yes', 'y', '1'].map((word): [string, boolean] => [word, true]),
  ...['false', 'no', 'n', '0'].map((word): [string, boolean] => [word, false]),
]);

export const flag: Reader<boolean> = (value) => {
  if (typeof value === 'boolean') return value;
  const found =
    typeof value === 'string' || typeof value === 'number' ? FLAGS.get(String(value).trim().toLowerCase()) : undefined;
  return found ?? new Problem('not_a_boolean', `is ${nameOf(value)}, expected true or false`);
};

/** One of a list of snake_case words; case, blanks and hyphens are forgiven, `others` gives further spellings. */
export function oneOf<const T extends string>(
  words: readonly T[],
  others: Readonly<Record<string, T>> = {},
): Reader<T> {
  const known = new Map<string, T>(words.map((word) => [word.toLowerCase(), word]));
  for (const [spelling, word] of Object.entries(others)) known.set(spelling, word);
  return (value) => {
    const found =
      typeof value === 'string'
        ? known.get(
            value
              .trim()
              .toLowerCase()
              .replaceAll(/[\s-]+/g, '_'),
          )
        : undefined;
    return found ?? new Problem('not_one_of', `is ${nameOf(value)}, expected one of ${words.join(', ')}`);
  };
}

const TIME_REMEDY = 'write ISO 8601 such as 2026-03-31, 2026-03-31T09:00:00Z or 2026-03-31T09:00:00+02:00';

function timeProblem(value: unknown): Problem {
  return new Problem('bad_time', `is ${nameOf(value)}, which is no date or time; ${TIME_REMEDY}`);
}

/** When something happened or was learned: 1970 to 2199. */
export const mainInstant: Reader<Instant> = (value, { clock }) => {
  const found = typeof value === 'string' ? parseInstant(value, clock) : Number.NaN;
  if (isInRange(found, LAST_MAIN_DAY, clock)) return found;
  const retried = typeof value === 'string' && Number.isNaN(found) ? parseInstant(value.trim(), clock) : found;
  if (Number.isNaN(retried)) return timeProblem(value);
  if (isInRange(retried, LAST_MAIN_DAY, clock)) return retried;
  return new Problem('date_out_of_range', `is ${nameOf(value)}; dates from 1970 to 2199 are accepted, correct it`);
};

function optionalDateProblem(value: unknown): Problem {
  const message = `is ${nameOf(value)}; dates from 1970 to 9999 are accepted, leave it empty when there is none`;
  return new Problem('date_out_of_range', message);
}

/** Another moment of a record: 1970 to 9999, where systems write "forever". */
export const instant: Reader<Instant> = (value, { clock }) => {
  const found = typeof value === 'string' ? parseInstant(value.trim(), clock) : Number.NaN;
  if (Number.isNaN(found)) return timeProblem(value);
  return isInRange(found, LAST_DAY, clock) ? found : optionalDateProblem(value);
};

/** A date; of an instant, its date in the workspace's zone. */
export const day: Reader<Day> = (value, { clock }) => {
  const found = typeof value === 'string' ? parseDayOf(value.trim(), clock) : Number.NaN;
  if (Number.isNaN(found)) return timeProblem(value);
  return found >= 0 && found <= LAST_DAY ? found : optionalDateProblem(value);
};

export const timeZone: Reader<string> = (value) => {
  try {
    if (typeof value === 'string') {
      Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(value.trim());
      return value.trim();
    }
  } catch {
    // RangeError: a name the runtime does not know; reported below with every other bad value
  }
  return new Problem(
    'bad_time_zone',
    `is ${nameOf(value)}, expected an IANA name such as Europe/Berlin; or leave it empty`,
  );
};

export const currency: Reader<string> = (value) => {
  const code = typeof value === 'string' ? value.trim().toUpperCase() : '';
  if (/^[A-Z]{3}$/.test(code)) return code;
  return new Problem('bad_currency', `is ${nameOf(value)}, expected a three-letter ISO 4217 code such as USD`);
};

/** An amount in major units of `code` → minor units. */
export function amountIn(value: unknown, code: string, allowNegative: boolean): number | Problem {
  const written = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : '';
  if (written === 'Infinity' || written === '-Infinity')
    return new Problem('not_finite', 'is too large an amount; correct it');
  const minor = toMinorUnits(written, code);
  if (minor === undefined) {
    const remedy = 'write digits with a point for decimals, without currency signs or thousands separators';
    return new Problem('not_a_number', `is ${nameOf(value)}, expected an amount; ${remedy}`);
  }
  if (!Number.isFinite(minor)) return new Problem('not_finite', 'is too large an amount; correct it');
  if (minor < 0 && !allowNegative) return new Problem('negative', `is ${written}; it cannot be below 0`);
  return minor;
}

/** A list: a JSON array, JSON text of one, or one text with `|` or `;` between the entries. */
export function listOf<T>(reader: Reader<T>): Reader<T[]> {
  return (value, context) => {
    const entries = listEntries(value);
    if (entries instanceof Problem) return entries;
    if (entries.length > MAX_LIST_LENGTH) {
      return new Problem('bad_list', `has ${entries.length} entries, at most ${MAX_LIST_LENGTH} are kept`);
    }
    const found: T[] = [];
    for (const entry of entries) {
      const read = reader(entry, context);
      if (read instanceof Problem) return new Problem(read.code, `has an entry that ${read.message}`);
      if (!found.includes(read)) found.push(read);
    }
    return found;
  };
}

function listEntries(value: unknown): unknown[] | Problem {
  if (Array.isArray(value)) return value.filter((entry) => !isEmpty(entry));
  if (typeof value === 'number') return [value];
  if (typeof value !== 'string') return new Problem('bad_list', `is ${nameOf(value)}, expected a list`);
  if (value.trim().startsWith('[')) {
    const parsed = jsonText(value);
    return Array.isArray(parsed) ? parsed : new Problem('bad_list', 'is no JSON array; write ["a","b"] or a|b');
  }
  return value
    .split(/[|;]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** JSON text → its value; undefined when it is none. */
export function jsonText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** An object, or JSON text of one. */
export function objectOf(value: unknown): Record<string, unknown> | Problem {
  const found = typeof value === 'string' ? jsonText(value) : value;
  if (typeof found === 'object' && found !== null && !Array.isArray(found)) return found as Record<string, unknown>;
  return new Problem('bad_object', `is ${nameOf(value)}, expected an object such as {"key": "value"}`);
}

const SHOWN_LENGTH = 40;

/** A value as a message shows it, cut short. */
export function nameOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'string') {
    const shown = value.length > SHOWN_LENGTH ? `${value.slice(0, SHOWN_LENGTH)}...` : value;
    return JSON.stringify(shown.toWellFormed());
  }
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}
