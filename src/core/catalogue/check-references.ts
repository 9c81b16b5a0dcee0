/** Names in a catalogue that must mean something else in it. */
import { nearestName } from '../documents/near-name.ts';
import type { DocumentProblem } from '../documents/problem.ts';
import type { DocumentPath, YamlDocument } from '../documents/yaml-document.ts';
import type { CatalogueDocument } from './catalogue-document.ts';

export interface ReferenceFindings {
  problems: DocumentProblem[];
  /** Names that nothing declares and that resemble no declared one: without effect, so worth a word, not a refusal. */
  warnings: DocumentProblem[];
}

/**
 * Ids given twice and prerequisites that wait for themselves are problems. A name that is not declared is one too when it
 * resembles a declared name, because then it is a slip of the pen; otherwise it is a warning.
 */
export function checkReferences(source: YamlDocument, document: CatalogueDocument): ReferenceFindings {
  const findings: ReferenceFindings = { problems: [], warnings: [] };
  for (const part of ['features', 'setup', 'milestones', 'meters', 'plans', 'products'] as const) {
    findings.problems.push(...duplicates(source, part, document[part] ?? []));
  }
  const reference = referenceChecker(source, document, findings);
  for (const [i, feature] of (document.features ?? []).entries()) {
    const at = (key: string): DocumentPath => ['features', i, key];
    reference.all('features', feature.prerequisites, at('prerequisites'));
    reference.all('features', feature.neighbours, at('neighbours'));
    reference.all('plans', feature.plans, at('plans'));
    reference.one('products', feature.product, at('product'));
  }
  for (const [i, step] of (document.setup ?? []).entries())
    reference.all('setup', step.dependsOn, ['setup', i, 'dependsOn']);
  for (const [i, plan] of (document.plans ?? []).entries()) {
    reference.all('features', plan.features, ['plans', i, 'features']);
    reference.one('products', plan.product, ['plans', i, 'product']);
    reference.keys('meters', plan.limits, ['plans', i, 'limits']);
    reference.keys('meters', plan.overage, ['plans', i, 'overage']);
  }
  const prerequisites = (document.features ?? []).map(({ id, prerequisites: needs }) => ({ id, needs }));
  findings.problems.push(...circles(source, 'features', 'prerequisites', prerequisites));
  const dependencies = (document.setup ?? []).map(({ id, dependsOn: needs }) => ({ id, needs }));
  findings.problems.push(...circles(source, 'setup', 'dependsOn', dependencies));
  findings.warnings.push(...loginsInFeatures(source, document));
  return findings;
}

type Part = 'features' | 'setup' | 'meters' | 'plans' | 'products';
const SINGULAR: Record<Part, string> = {
  features: 'feature',
  setup: 'setup step',
  meters: 'meter',
  plans: 'plan',
  products: 'product',
};

function referenceChecker(source: YamlDocument, document: CatalogueDocument, findings: ReferenceFindings) {
  const one = (part: Part, name: string | undefined, path: DocumentPath, at?: 'key'): void => {
    const declared = (document[part] ?? []).map(({ id }) => id);
    // A part that is left out declares nothing that could be misspelt.
    if (name === undefined || declared.length === 0 || declared.includes(name)) return;
    const suggestion = nearestName(name, declared);
    const options = at === undefined ? { suggestion } : { suggestion, at };
    const problem = source.problemAt(path, 'unknown_reference', `no ${SINGULAR[part]} is called "${name}"`, options);
    (suggestion === undefined ? findings.warnings : findings.problems).push(problem);
  };
  return {
    one,
    all(part: Part, names: readonly string[], path: DocumentPath): void {
      for (const [i, name] of names.entries()) one(part, name, [...path, i]);
    },
    keys(part: Part, map: Readonly<Record<string, unknown>>, path: DocumentPath): void {
      for (const name of Object.keys(map)) one(part, name, [...path, name], 'key');
    },
  };
}

function duplicates(source: YamlDocument, part: string, entries: readonly { id: string }[]): DocumentProblem[] {
  const seen = new Set<string>();
  return entries.flatMap(({ id }, i) => {
    const again = seen.has(id);
    seen.add(id);
    return again ? [source.problemAt([part, i, 'id'], 'duplicate_id', `the id "${id}" is given twice in ${part}`)] : [];
  });
}

/** One problem for each circle of names that need each other, at the entry where the circle is closed. */
function circles(
  source: YamlDocument,
  part: string,
  key: string,
  entries: readonly { id: string; needs: readonly string[] }[],
): DocumentProblem[] {
  const left = new Map(entries.map(({ id, needs }) => [id, needs]));
  const nextOf = (id: string): string => left.get(id)!.find((need) => left.has(need))!;
  const problems: DocumentProblem[] = [];
  for (takeSettled(left); left.size > 0; takeSettled(left)) {
    const walked: string[] = [];
    // Every name that is left needs another one that is left, so the walk must come back to where it was.
    for (let at = [...left.keys()][0]!; !walked.includes(at); at = nextOf(at)) walked.push(at);
    const closing = nextOf(walked.at(-1)!);
    const circle = [...walked.slice(walked.indexOf(closing)), closing];
    const index = entries.findIndex(({ id }) => id === closing);
    problems.push(source.problemAt([part, index, key], 'circular', `${circle.join(' needs ')}: this can never be met`));
    for (const id of circle) left.delete(id);
  }
  return problems;
}

/** Takes away, until nothing more can be, every name that needs nothing that is left. */
function takeSettled(left: Map<string, readonly string[]>): void {
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    for (const [id, needs] of left) if (!needs.some((need) => left.has(need))) left.delete(id);
  }
}

function loginsInFeatures(source: YamlDocument, document: CatalogueDocument): DocumentProblem[] {
  const logins = new Set(document.logins ?? []);
  return (document.features ?? []).flatMap((feature, i) =>
    feature.events.flatMap((event, j) =>
      logins.has(event)
        ? [
            source.problemAt(
              ['features', i, 'events', j],
              'login_as_use',
              `"${event}" is listed under logins, so it never counts as use`,
            ),
          ]
        : [],
    ),
  );
}
