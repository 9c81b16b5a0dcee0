/** Free-form JSON that comes with a record, checked so that no store, no index and no reader can be hurt by it. */
import { textProblem } from './fields.ts';
import { type FieldProblem, Problem } from './problem.ts';
import type { Json, Properties } from './record.ts';

export const MAX_DEPTH = 32; // no export nests deeper; readers may recurse
export const MAX_PROPERTIES = 256; // of one object or list: wider is a table in the wrong place
const MAX_KEY_LENGTH = 256; // keys become column names of reports
const MAX_VALUE_LENGTH = 65_536; // as for notes: about 25 pages

const MAX_SHOWN_KEY = 100; // of a key in a message

/** Keys that mean something to every JavaScript object; a record that carries one is an attack or a broken export. */
export function isForbiddenKey(key: string): boolean {
  return key === '__proto__' || key === 'constructor' || key === 'prototype';
}

export function keyProblem(key: string): Problem | undefined {
  if (isForbiddenKey(key)) return new Problem('forbidden_key', `has the key ${key}, which is not accepted; rename it`);
  const problem = textProblem(key, MAX_KEY_LENGTH);
  return problem && new Problem(problem.code, `has a key that ${problem.message}`);
}

/** The first problem with a JSON value at `depth`, or undefined. */
export function jsonProblem(value: unknown, depth: number): Problem | undefined {
  if (typeof value === 'string') return textProblem(value, MAX_VALUE_LENGTH);
  if (typeof value === 'number') {
    return Number.isFinite(value)
      ? undefined
      : new Problem('not_finite', 'is too large a number; correct or leave it out');
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > MAX_DEPTH) return new Problem('too_deep', `nests deeper than ${MAX_DEPTH} levels; flatten it`);
  let size = 0;
  for (const key in value) {
    if (++size > MAX_PROPERTIES) {
      return new Problem(
        'too_many_properties',
        `has more than ${MAX_PROPERTIES} entries in one object or list; leave some out`,
      );
    }
    const problem = keyProblem(key) ?? jsonProblem((value as Record<string, unknown>)[key], depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Same value with the keys of every object sorted, so that equal content is equal text. */
export function sortedJson(value: unknown): Json {
  if (Array.isArray(value)) return value.map(sortedJson);
  if (typeof value !== 'object' || value === null) return value === 0 ? 0 : (value as Json);
  const sorted: Properties = {};
  for (const key of Object.keys(value).sort()) sorted[key] = sortedJson((value as Record<string, unknown>)[key]);
  return sorted;
}

/**
 * The properties of a record: its `properties` object and its unknown fields; where both name the same key, `properties`
 * wins. Undefined when there are none; a problem names the field it is in.
 */
export function mergeProperties(
  own: Record<string, unknown> | undefined,
  unknown: Record<string, unknown>,
): { properties: Properties | undefined } | { problem: FieldProblem } {
  const merged: Properties = {};
  for (const [source, fields] of [
    ['', unknown],
    ['properties', own ?? {}],
  ] as const) {
    for (const key of Object.keys(fields)) {
      const problem = keyProblem(key) ?? jsonProblem(fields[key], source === '' ? 2 : 3);
      if (problem) {
        const field = source || (isForbiddenKey(key) ? key : key.slice(0, MAX_SHOWN_KEY).toWellFormed());
        return { problem: { field, code: problem.code, message: problem.message } };
      }
      merged[key] = fields[key] as Json;
    }
  }
  const size = Object.keys(merged).length;
  if (size > MAX_PROPERTIES) {
    const message = `has ${size} properties, at most ${MAX_PROPERTIES} are kept; leave some out`;
    return { problem: { field: 'properties', code: 'too_many_properties', message } };
  }
  return { properties: size === 0 ? undefined : merged };
}
