/** YAML with the place of every value, so that a check of the plain value can point into the text. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Document as ParsedYaml,
  parseDocument,
} from 'yaml';
import type { DocumentProblem } from './problem.ts';

/** Keys and indexes from the document's root to a value. */
export type DocumentPath = readonly PropertyKey[];

export interface Place {
  line: number;
  column: number;
}

export interface YamlDocument {
  file: string;
  /** The plain value; null for an empty document. */
  value: unknown;
  /** Where the value at `path` stands; the nearest enclosing value's place when there is none (a missing key). */
  placeOf(path: DocumentPath): Place;
  /** Where the last key of `path` stands; for an index, its value. */
  placeOfKey(path: DocumentPath): Place;
  /** A problem at `path`: at its key when `at` is `key`, else at its value. */
  problemAt(
    path: DocumentPath,
    code: string,
    message: string,
    options?: { suggestion?: string | undefined; at?: 'key' },
  ): DocumentProblem;
}

export type YamlResult = { ok: true; document: YamlDocument } | { ok: false; problems: DocumentProblem[] };

const LARGEST_DOCUMENT = 2_000_000; // characters; ten times the largest policy one can imagine reading
const MOST_ALIASES = 100; // the parser's guard against documents that explode when expanded
const DEEPEST_NESTING = 100; // every place a document is read recurses; no policy or catalogue is deeper than ten
const MOST_SYNTAX_PROBLEMS = 20; // after these the rest are consequences of the first

/**
 * Parses YAML 1.2 (so JSON too). Never throws: syntax errors, duplicate keys, values too deep or documents too large come
 * back as problems with their place.
 */
export function parseYamlDocument(text: string, { file }: { file: string }): YamlResult {
  const fail = (code: string, message: string): YamlResult => ({
    ok: false,
    problems: [{ file, line: 1, column: 1, code, message }],
  });
  if (text.length > LARGEST_DOCUMENT)
    return fail('document_too_large', `the document has more than ${LARGEST_DOCUMENT} characters`);
  if (text.includes('\u0000')) return fail('yaml_syntax', 'the file is not text');
  const counter = new LineCounter();
  try {
    const parsed = parseDocument(text, {
      lineCounter: counter,
      prettyErrors: false,
      uniqueKeys: true,
      logLevel: 'error',
    });
    if (parsed.errors.length > 0) {
      const problems = parsed.errors.slice(0, MOST_SYNTAX_PROBLEMS).map((error) => {
        const { line, col } = counter.linePos(error.pos[0]);
        return { file, line, column: col, code: 'yaml_syntax', message: syntaxMessage(error.code, error.message) };
      });
      return { ok: false, problems };
    }
    if (depthOf(parsed.contents) > DEEPEST_NESTING)
      return fail('document_too_deep', `the document is nested deeper than ${DEEPEST_NESTING} levels`);
    const value: unknown = parsed.toJS({ maxAliasCount: MOST_ALIASES });
    return { ok: true, document: located(parsed, counter, file, WIDE.test(text) ? narrowed(value) : value) };
  } catch (error) {
    if (error instanceof RangeError)
      return fail('document_too_deep', `the document is nested deeper than ${DEEPEST_NESTING} levels`);
    return fail('yaml_syntax', error instanceof Error ? error.message : String(error)); // e.g. too many aliases
  }
}

const WIDE = /[\u0100-\uffff]/;

/**
 * The same value, with texts that need not be wide stored narrow. A piece of a text with one wide character in it, such
 * as an arrow in a comment, is stored wide too, and makes every JSON it gets into twice as slow to write.
 */
function narrowed(value: unknown): unknown {
  if (typeof value === 'string') return WIDE.test(value) ? value : (JSON.parse(JSON.stringify(value)) as string);
  if (Array.isArray(value)) return value.map(narrowed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [narrowed(key), narrowed(part)]));
}

function syntaxMessage(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'this key is given twice in the same map';
  if (code === 'MULTIPLE_DOCS') return 'the file holds more than one YAML document';
  return `not valid YAML: ${message.split('\n', 1)[0]}`;
}

function depthOf(root: unknown): number {
  let deepest = 0;
  const open: { node: unknown; depth: number }[] = [{ node: root, depth: 1 }];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const depth = at.depth + 1;
    deepest = Math.max(deepest, at.depth);
    if (isMap(at.node)) for (const { value } of at.node.items) open.push({ node: value, depth });
    else if (isSeq(at.node)) for (const node of at.node.items) open.push({ node, depth });
  }
  return deepest;
}

function located(parsed: ParsedYaml, counter: LineCounter, file: string, value: unknown): YamlDocument {
  const placeOfNode = (node: Node | null | undefined): Place | undefined => {
    if (!node?.range) return undefined;
    const { line, col } = counter.linePos(node.range[0]);
    return { line, column: col };
  };
  const root: Place = placeOfNode(parsed.contents) ?? { line: 1, column: 1 };
  const placeOf = (path: DocumentPath): Place => walk(parsed, path, placeOfNode).value ?? root;
  const placeOfKey = (path: DocumentPath): Place => walk(parsed, path, placeOfNode).key ?? root;
  return {
    file,
    value,
    placeOf,
    placeOfKey,
    problemAt(path, code, message, options = {}) {
      const place = options.at === 'key' ? placeOfKey(path) : placeOf(path);
      const suggestion = options.suggestion === undefined ? {} : { suggestion: options.suggestion };
      return { file, ...place, code, message, ...suggestion };
    },
  };
}

/** Follows `path` as far as it goes; places of the last value and of the last key on the way. */
function walk(
  parsed: ParsedYaml,
  path: DocumentPath,
  placeOfNode: (node: Node | null | undefined) => Place | undefined,
) {
  let node: unknown = parsed.contents;
  let value = placeOfNode(parsed.contents);
  let key = value;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(parsed);
    if (isMap(node)) {
      const pair = node.items.find((item) => String(isScalar(item.key) ? item.key.value : item.key) === String(step));
      if (pair === undefined) break;
      key = placeOfNode(pair.key as Node) ?? key;
      value = placeOfNode(pair.value as Node | null) ?? key;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number' && node.items[step] !== undefined) {
      node = node.items[step];
      value = placeOfNode(node as Node) ?? value;
      key = value;
    } else break;
  }
  return { value, key };
}
