/** A policy file to a policy that can run, or everything that is wrong with it. */
import { canonicalJson } from '../documents/canonical-json.ts';
import { checkShape } from '../documents/check-shape.ts';
import { type DocumentProblem, sortProblems } from '../documents/problem.ts';
import { parseYamlDocument } from '../documents/yaml-document.ts';
import type { SkillDefinition } from '../skills/registry.ts';
import { buildPolicy } from './build-policy.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import { checkMeaning } from './meaning-checks.ts';
import { checkMeasures } from './measure-checks.ts';
import { measuresSchema } from './measures.ts';
import { policySchemaFor } from './policy-document.ts';
import { PolicySource } from './policy-source.ts';
import { readableOf } from './readable-policy.ts';

export interface LoadPolicyOptions {
  /** Named in problems. */
  file: string;
  skills: readonly SkillDefinition[];
  /** Text of `policies/default.yaml`: its `skills` and `measures` hold where `text` leaves them out. */
  defaultText?: string;
}

/** What is wrong with a policy, and where; `formatProblem` of core/documents makes a line of it. */
export type PolicyProblem = DocumentProblem;

/** `document`: the whole policy as text, defaults filled in; loading it gives the same policy without any default. */
export type LoadedPolicy =
  | { ok: true; policy: CompiledPolicy; document: string }
  | { ok: false; problems: PolicyProblem[] };

/**
 * Parses, checks and compiles a policy. Never throws for what the text says: all problems come back together, in the order
 * of the file, each with line, column and, where a near name exists, a suggestion.
 */
export function loadPolicy(text: string, options: LoadPolicyOptions): LoadedPolicy {
  const parsed = parseYamlDocument(text, { file: options.file });
  if (!parsed.ok) return parsed;
  const { document } = parsed;
  const complete = withDefaults(document.value, options.defaultText);
  const shape = checkShape({ ...document, value: complete }, policySchemaFor(options.skills));
  const source = new PolicySource(document, text);
  // A wrong shape must not hide what else is wrong, so the meaning is checked of whatever can be read.
  const expressions = checkMeaning(readableOf(document.value), options.skills, source);
  const measures = measuresSchema.safeParse(isBlock(complete) ? complete.measures : undefined);
  if (measures.success) checkMeasures(measures.data, source);
  if (shape.ok && source.problems.length === 0) {
    const policy = buildPolicy(shape.value, expressions, options.skills);
    return { ok: true, policy, document: canonicalJson(shape.value) };
  }
  return { ok: false, problems: sortProblems([...(shape.ok ? [] : shape.problems), ...source.problems]) };
}

/** `skills` and `measures` may be partial: blocks merge key by key, lists and curves are replaced whole. */
function withDefaults(data: unknown, defaultText: string | undefined): unknown {
  if (defaultText === undefined || !isBlock(data)) return data;
  const parsed = parseYamlDocument(defaultText, { file: 'default' });
  const defaults = parsed.ok ? parsed.document.value : undefined;
  if (!isBlock(defaults)) return data;
  return { ...data, skills: merged(defaults.skills, data.skills), measures: merged(defaults.measures, data.measures) };
}

function merged(base: unknown, given: unknown): unknown {
  if (given === undefined || given === null) return base;
  if (!isBlock(base) || !isBlock(given)) return given;
  // fromEntries defines each key, so that a key named __proto__ stays a key and is refused like any unknown one.
  return Object.fromEntries([
    ...Object.entries(base),
    ...Object.entries(given).map(([key, value]) => [key, Object.hasOwn(base, key) ? merged(base[key], value) : value]),
  ]);
}

const isBlock = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
