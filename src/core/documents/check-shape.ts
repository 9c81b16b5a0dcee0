/** Checks a parsed document against a schema and says what is wrong at which place, in words. */
import { z } from 'zod';
import { nearestName } from './near-name.ts';
import { type DocumentProblem, sortProblems } from './problem.ts';
import type { DocumentPath, YamlDocument } from './yaml-document.ts';

export type ShapeResult<T> = { ok: true; value: T } | { ok: false; problems: DocumentProblem[] };

type Issue = z.core.$ZodIssue;

/** All problems at once, in document order. Unknown keys and unknown choices come with the nearest known one. */
export function checkShape<S extends z.ZodType>(document: YamlDocument, schema: S): ShapeResult<z.output<S>> {
  const result = schema.safeParse(document.value ?? {}, { reportInput: true });
  if (result.success) return { ok: true, value: result.data };
  const problems = result.error.issues.flatMap((issue) => problemsOf(document, schema, issue, []));
  return { ok: false, problems: sortProblems(problems) };
}

function problemsOf(document: YamlDocument, schema: z.ZodType, issue: Issue, above: DocumentPath): DocumentProblem[] {
  const path = [...above, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysAt(schema, path);
      return issue.keys.map((key) => {
        const suggestion = nearestName(key, known);
        return document.problemAt([...path, key], 'unknown_key', `unknown key "${key}"${whereOf(path)}`, {
          suggestion,
          at: 'key',
        });
      });
    }
    case 'invalid_union': {
      const branch = bestBranch(issue.errors);
      if (branch !== undefined) return branch.flatMap((inner) => problemsOf(document, schema, inner, path));
      const wanted = [...new Set(issue.errors.flat().map(expectationOf))].join(', or ');
      return [document.problemAt(path, 'invalid_value', `${nameOf(path)} must be ${wanted}`)];
    }
    case 'invalid_type': {
      if (issue.input === undefined) return [missingKey(document, path)];
      return [
        document.problemAt(
          path,
          'invalid_type',
          `${nameOf(path)} must be ${expectationOf(issue)}, not ${shown(issue.input)}`,
        ),
      ];
    }
    case 'invalid_value': {
      if (issue.input === undefined) return [missingKey(document, path)];
      const choices = issue.values.map(String);
      const suggestion = nearestName(String(issue.input), choices);
      const message = `${nameOf(path)} must be ${expectationOf(issue)}, not ${shown(issue.input)}`;
      return [document.problemAt(path, 'invalid_value', message, { suggestion })];
    }
    case 'custom':
      return [document.problemAt(path, 'invalid_value', `${nameOf(path)}: ${issue.message}`)];
    default:
      return [
        document.problemAt(
          path,
          'invalid_value',
          `${nameOf(path)} must be ${expectationOf(issue)}, not ${shown(issue.input)}`,
        ),
      ];
  }
}

function missingKey(document: YamlDocument, path: DocumentPath): DocumentProblem {
  return document.problemAt(path, 'missing_key', `${nameOf(path)} is missing${whereOf(path.slice(0, -1))}`);
}

/** The alternative the writer was after: the one that fails deepest inside; undefined when all fail at once. */
function bestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const inside = branches.filter((issues) => issues.length > 0 && issues.every(({ path }) => path.length > 0));
  if (inside.length > 0) return inside[0];
  const keysOnly = branches.filter(
    (issues) => issues.length > 0 && issues.every(({ code }) => code === 'unrecognized_keys'),
  );
  return keysOnly[0];
}

const ARTICLES: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
  tuple: 'a list',
  null: 'null',
};

function expectationOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return ARTICLES[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.length === 1
        ? `"${String(issue.values[0])}"`
        : `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return sizeOf(issue.origin, `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`);
    case 'too_big':
      return sizeOf(issue.origin, `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`);
    default:
      return `valid (${issue.message})`;
  }
}

function sizeOf(origin: string, bound: string): string {
  if (origin === 'string') return `${bound} characters long`;
  if (origin === 'array') return `a list of ${bound}`;
  return bound;
}

const LONGEST_SHOWN = 40;

function shown(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN - 1)}…` : text;
}

function nameOf(path: DocumentPath): string {
  const last = path.at(-1);
  if (last === undefined) return 'the document';
  return typeof last === 'number' ? `entry ${last + 1} of "${String(path.at(-2) ?? 'the list')}"` : `"${String(last)}"`;
}

function whereOf(path: DocumentPath): string {
  const names = path.map((step) => (typeof step === 'number' ? `[${step + 1}]` : String(step)));
  return names.length === 0 ? '' : ` in ${names.join('.').replaceAll('.[', '[')}`;
}

/** Keys the schema knows for the map at `path`, wrappers and unions looked through. */
function keysAt(schema: unknown, path: DocumentPath): string[] {
  let at: unknown[] = [schema];
  for (const step of path) at = at.flatMap(unwrapped).flatMap((inner) => childOf(inner, step));
  return at.flatMap(unwrapped).flatMap((inner) => (inner instanceof z.ZodObject ? Object.keys(inner.shape) : []));
}

function unwrapped(schema: unknown): unknown[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return unwrapped(schema.unwrap());
  if (schema instanceof z.ZodPipe) return unwrapped(schema.in);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(unwrapped);
  return [schema];
}

function childOf(schema: unknown, step: PropertyKey): unknown[] {
  if (schema instanceof z.ZodObject) return Object.hasOwn(schema.shape, step) ? [schema.shape[step as string]] : [];
  if (schema instanceof z.ZodArray) return [schema.element];
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  if (schema instanceof z.ZodTuple)
    return schema._zod.def.items[Number(step)] ? [schema._zod.def.items[Number(step)]] : [];
  return [];
}
