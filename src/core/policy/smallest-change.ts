/** The smallest set of fact changes that would make a condition true. */
import type { FactValue, FactVector } from '../facts/fact.ts';
import { COMPARE, compileCondition, compileValue, MIRRORED } from './compile.ts';
import {
  type CompareExpression,
  type Comparison,
  type Expression,
  factsReadBy,
  printExpression,
} from './expression.ts';
import { FACT_LIST } from './fact-lookup.ts';
import { renderValue } from './render-reason.ts';

export interface FactChange {
  /** A fact's name; for a comparison of several facts or of a sum, its left side as text. */
  fact: string;
  /** The present value; null while it is unknown. */
  is: FactValue | null;
  /** Why it is unknown. */
  reason?: string;
  /** `< 50`, `true`, `one of "at_risk", "critical"`, `known`; several joined by `and`. */
  needs: string;
  /** A value that would do, the nearest to the present one; absent where no single value can be named. */
  to?: FactValue;
}

/** Alternatives (`||`) multiply; past this many the first ones are compared. No readable condition comes near. */
const MAX_ALTERNATIVES = 512;

/** A condition without and, or, not: what one fact must be, or one comparison of several. */
interface Atom {
  expression: Expression;
  wanted: boolean;
}

/**
 * Fewest facts first; among equals the first in the order of the text. Empty if the condition is true already, undefined
 * if no change of facts can make it true. Facts that already suit are not listed, but what they must keep is counted:
 * `a < 10 && a > 5` asks of a = 3 for `> 5 and < 10`.
 */
export function smallestChange(expression: Expression, facts: FactVector): FactChange[] | undefined {
  let best: FactChange[] | undefined;
  for (const steps of waysTo(expression)) {
    const changes = changesFor(steps, facts);
    if (changes !== undefined && (best === undefined || changes.length < best.length)) best = changes;
  }
  return best;
}

/** One thing that must hold: of a single fact whatever is asked of it, or one comparison of several. */
interface Step {
  atoms: Atom[];
  /** Of a single fact; empty for a comparison of several. */
  demands: Demand[];
  /** The answer given last, and to which present state of the fact: it mostly stays from day to day. */
  last: { value: FactValue | undefined; reason: string | undefined; change: FactChange | undefined } | undefined;
}

const ways = new WeakMap<Expression, Step[][]>();

/** A condition is asked about every day and for every account; how it can come true is found once. */
function waysTo(expression: Expression): Step[][] {
  let found = ways.get(expression);
  if (found === undefined) {
    found = alternatives(expression, true).map(stepsOf);
    ways.set(expression, found);
  }
  return found;
}

/** `activation_score < 50 (is 62)`, `champion_identified (is unknown: no contacts imported)`. */
export function describeChange(change: FactChange): string {
  const now =
    change.is === null ? `unknown${change.reason === undefined ? '' : `: ${change.reason}`}` : renderValue(change.is);
  return `${change.fact} ${WORDS[change.needs] ?? change.needs} (is ${now})`;
}

const WORDS: Record<string, string> = { true: 'must be yes', false: 'must be no', known: 'must be known' };

/** The ways to give `expression` the truth `wanted`, each a list of atoms that must all hold. */
function alternatives(expression: Expression, wanted: boolean): Atom[][] {
  switch (expression.kind) {
    case 'literal':
      return expression.value === wanted ? [[]] : [];
    case 'not':
      return alternatives(expression.operand, !wanted);
    case 'and':
    case 'or': {
      const parts = expression.operands.map((operand) => alternatives(operand, wanted));
      return (expression.kind === 'and') === wanted ? allOf(parts) : parts.flat().slice(0, MAX_ALTERNATIVES);
    }
    case 'choice': {
      const yes = allOf([alternatives(expression.condition, true), alternatives(expression.yes, wanted)]);
      const no = allOf([alternatives(expression.condition, false), alternatives(expression.no, wanted)]);
      // With both branches as wanted, an unknown condition does not matter.
      const both = allOf([alternatives(expression.yes, wanted), alternatives(expression.no, wanted)]);
      return [...yes, ...no, ...both].slice(0, MAX_ALTERNATIVES);
    }
    case 'compare':
      return expression.left.type === 'bool' ? sameTruth(expression, wanted) : [[{ expression, wanted }]];
    default:
      return [[{ expression, wanted }]];
  }
}

/** `a == true`, `a != b`: comparing truths is choosing among combinations of them. */
function sameTruth({ operator, left, right }: CompareExpression, wanted: boolean): Atom[][] {
  const equal = (operator === '==') === wanted;
  return [true, false]
    .flatMap((truth) => allOf([alternatives(left, truth), alternatives(right, equal ? truth : !truth)]))
    .slice(0, MAX_ALTERNATIVES);
}

function allOf(parts: Atom[][][]): Atom[][] {
  let combined: Atom[][] = [[]];
  for (const part of parts)
    combined = combined.flatMap((head) => part.map((tail) => [...head, ...tail])).slice(0, MAX_ALTERNATIVES);
  return combined;
}

function stepsOf(atoms: readonly Atom[]): Step[] {
  const steps: Step[] = [];
  for (const atom of atoms) {
    const demand = demandOf(atom);
    const same = demand && steps.find((step) => step.demands[0]?.index === demand.index);
    if (demand !== undefined && same !== undefined) {
      same.atoms.push(atom);
      same.demands.push(demand);
    } else steps.push({ atoms: [atom], demands: demand === undefined ? [] : [demand], last: undefined });
  }
  return steps;
}

/** What must change so that all steps hold; undefined if they contradict each other. */
function changesFor(steps: readonly Step[], facts: FactVector): FactChange[] | undefined {
  const changes: FactChange[] = [];
  for (const step of steps) {
    if (step.atoms.every((atom) => holds(atom, facts))) continue;
    if (step.demands.length === 0) changes.push(...changesOfComparison(step.atoms[0]!, facts));
    else {
      const change = changeOfStep(step, facts);
      if (change === undefined) return undefined;
      changes.push(change);
    }
  }
  return changes;
}

function changeOfStep(step: Step, facts: FactVector): FactChange | undefined {
  const { index } = step.demands[0]!;
  const value = facts.values[index];
  const reason = facts.reasons[index];
  if (step.last === undefined || step.last.value !== value || step.last.reason !== reason)
    step.last = { value, reason, change: changeOfFact(index, step.demands, facts) };
  return step.last.change;
}

const conditions = new WeakMap<Expression, ReturnType<typeof compileCondition>>();

function holds(atom: Atom, facts: FactVector): boolean {
  let condition = conditions.get(atom.expression);
  if (condition === undefined) {
    condition = compileCondition(atom.expression);
    conditions.set(atom.expression, condition);
  }
  return condition(facts) === atom.wanted;
}

/** What an atom asks of the one fact it reads. */
interface Demand {
  index: number;
  /** As text after the fact's name. */
  needs: string;
  accepts(value: FactValue): boolean;
  /** Values around which the answer may change. */
  values: readonly FactValue[];
}

/** The demand of an atom on a single fact against plain values; undefined for a comparison of several facts or of a sum. */
function demandOf({ expression, wanted }: Atom): Demand | undefined {
  switch (expression.kind) {
    case 'fact':
      return { index: expression.index, needs: String(wanted), accepts: (value) => value === wanted, values: [wanted] };
    case 'known':
      // Nothing that happens makes a known fact unknown.
      return { index: expression.index, needs: 'known', accepts: () => wanted, values: [] };
    case 'in': {
      if (expression.operand.kind !== 'fact') return undefined;
      const values = expression.items.map((item) => item.value);
      const needs = `${wanted ? 'one of' : 'none of'} ${expression.items.map(printExpression).join(', ')}`;
      return { index: expression.operand.index, needs, accepts: (value) => values.includes(value) === wanted, values };
    }
    case 'compare':
      return demandOfComparison(expression, wanted);
    default:
      return undefined;
  }
}

function demandOfComparison({ operator, left, right }: CompareExpression, wanted: boolean): Demand | undefined {
  const [fact, literal, written] = left.kind === 'fact' ? [left, right, operator] : [right, left, MIRRORED[operator]];
  if (fact.kind !== 'fact' || literal.kind !== 'literal') return undefined;
  const needed = wanted ? written : NEGATED[written];
  const test = COMPARE[needed];
  return {
    index: fact.index,
    needs: `${needed} ${printExpression(literal)}`,
    accepts: (value) => test(value, literal.value),
    values: [literal.value],
  };
}

const NEGATED: Record<Comparison, Comparison> = { '==': '!=', '!=': '==', '<': '>=', '<=': '>', '>': '<=', '>=': '<' };

function changeOfFact(index: number, demands: readonly Demand[], facts: FactVector): FactChange | undefined {
  const { name } = FACT_LIST[index]!;
  const value = facts.values[index];
  const accepted = candidates(index, demands, value).filter((each) => demands.every((demand) => demand.accepts(each)));
  if (accepted.length === 0) return undefined;
  const asked = [...new Set(demands.map(({ needs }) => needs))];
  const needs = asked.filter((each) => asked.length === 1 || each !== 'known').join(' and ');
  const change: FactChange = { fact: name, is: value ?? null, needs };
  if (value === undefined && facts.reasons[index] !== undefined) change.reason = facts.reasons[index];
  const to = nearest(accepted, value);
  return needs === 'known' ? change : { ...change, to };
}

/** Values of which at least one is accepted if any value is: every bound, its neighbours, and the middles between bounds. */
function candidates(index: number, demands: readonly Demand[], present: FactValue | undefined): FactValue[] {
  const { type, values } = FACT_LIST[index]!;
  if (type === 'bool') return [true, false];
  if (type === 'string') return [...(values ?? demands.flatMap((demand) => demand.values))];
  const bounds = demands.flatMap((demand) => demand.values as number[]).sort((a, b) => a - b);
  const known = typeof present === 'number' ? [present] : [];
  if (bounds.length === 0) return [...known, 0];
  if (type === 'int')
    return [
      ...known,
      ...bounds.flatMap((k) => [
        Math.floor(k),
        Math.ceil(k),
        Math.floor(k) - 1,
        Math.ceil(k) + 1,
        Math.floor(k) + 1,
        Math.ceil(k) - 1,
      ]),
    ];
  const middles = bounds.slice(1).map((k, i) => (k + bounds[i]!) / 2);
  return [...known, ...bounds.flatMap((k) => [k, k - STEP, k + STEP]), ...middles];
}

/** The smallest step of a decimal fact: ratios are rounded to four decimals, percentages to two (skills.md A1). */
const STEP = 0.01;

function nearest(values: readonly FactValue[], present: FactValue | undefined): FactValue {
  if (typeof present !== 'number') return values[0]!;
  return values.reduce((best, each) =>
    Math.abs((each as number) - present) < Math.abs((best as number) - present) ? each : best,
  );
}

/** A comparison of several facts is described as it is written; what is unknown on its right side is listed too. */
function changesOfComparison({ expression, wanted }: Atom, facts: FactVector): FactChange[] {
  const [left, needs, right] = wordsOf(expression, wanted, facts);
  const value = compileValue(left)(facts);
  const unknownIn = (part: Expression): number[] =>
    factsReadBy(part).filter((index) => facts.values[index] === undefined);
  const reason = facts.reasons[unknownIn(left)[0] ?? -1];
  const main: FactChange = {
    fact: printExpression(left),
    is: value ?? null,
    needs,
    ...(value === undefined && reason !== undefined ? { reason } : {}),
  };
  const others = right === undefined ? [] : unknownIn(right);
  return [
    main,
    ...others.map((index) => {
      const why = facts.reasons[index];
      return { fact: FACT_LIST[index]!.name, is: null, needs: 'known', ...(why === undefined ? {} : { reason: why }) };
    }),
  ];
}

function wordsOf(
  expression: Expression,
  wanted: boolean,
  facts: FactVector,
): [left: Expression, needs: string, right?: Expression] {
  if (expression.kind === 'in') {
    return [expression.operand, `${wanted ? 'one of' : 'none of'} ${expression.items.map(printExpression).join(', ')}`];
  }
  if (expression.kind !== 'compare') return [expression, String(wanted)];
  const { operator, left, right } = expression;
  const needed = wanted ? operator : NEGATED[operator];
  if (right.kind === 'literal') return [left, `${needed} ${printExpression(right)}`, right];
  return [left, `${needed} ${printExpression(right)} (${renderValue(compileValue(right)(facts))})`, right];
}
