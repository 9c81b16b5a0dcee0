/** Why a condition is true, false or unknown: the truth of each part, the facts it read, and the parts that decided. */
import type { FactValue, FactVector } from '../facts/fact.ts';
import { compileCondition } from './compile.ts';
import { type Expression, factsReadBy, printExpression } from './expression.ts';
import { FACT_LIST } from './fact-lookup.ts';
import type { Truth } from './policy.ts';

interface FactReading {
  name: string;
  value: FactValue | null;
  /** Why the value is unknown. */
  reason?: string;
}

export interface ConditionTrace {
  /** The part as text, in canonical layout. */
  source: string;
  truth: Truth;
  /** Facts read by this part, in order of first appearance. */
  facts: FactReading[];
  /** Operands of `&&`, `||`, `!` and `? :`; empty for an atom such as `day > 1`. */
  parts: ConditionTrace[];
  /**
   * The atoms that decided, as text. For a false `&&` the first false operand, for a true one all of them, for an unknown one
   * the unknown operands; `||` mirrors that.
   */
  deciding: string[];
}

/** Traces `expression`, which must be a condition. */
export function explainCondition(expression: Expression, facts: FactVector): ConditionTrace {
  const truth = compileCondition(expression)(facts);
  const source = printExpression(expression);
  const parts = conditionsIn(expression).map((part) => explainCondition(part, facts));
  const deciding =
    parts.length === 0
      ? [source]
      : [...new Set(decidingParts(expression, truth, parts).flatMap((part) => part.deciding))];
  return { source, truth, facts: factsReadBy(expression).map((index) => readingOf(index, facts)), parts, deciding };
}

function readingOf(index: number, facts: FactVector): FactReading {
  const { name } = FACT_LIST[index]!;
  const value = facts.values[index];
  if (value !== undefined) return { name, value };
  const reason = facts.reasons[index];
  return { name, value: null, ...(reason === undefined ? {} : { reason }) };
}

function conditionsIn(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'not':
      return [expression.operand];
    case 'and':
    case 'or':
      return expression.operands;
    case 'choice':
      return [expression.condition, expression.yes, expression.no];
    default:
      return [];
  }
}

function decidingParts(
  expression: Expression,
  truth: Truth,
  parts: readonly ConditionTrace[],
): readonly ConditionTrace[] {
  if (expression.kind === 'and' || expression.kind === 'or') {
    const decisive = expression.kind === 'or';
    if (truth === decisive) return parts.filter((part) => part.truth === decisive).slice(0, 1);
    return truth === undefined ? parts.filter((part) => part.truth === undefined) : parts;
  }
  if (expression.kind === 'choice') {
    const [condition, yes, no] = parts as [ConditionTrace, ConditionTrace, ConditionTrace];
    if (condition.truth === true) return [condition, yes];
    if (condition.truth === false) return [condition, no];
    return truth === undefined ? [condition] : [yes, no];
  }
  return parts;
}
