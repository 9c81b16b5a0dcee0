/**
 * Expressions compiled to closures over a fact vector, with Kleene's three values: `undefined` is unknown.
 * Unknown facts make a comparison unknown; `unknown && false` is false, `unknown || true` is true. Closures allocate nothing,
 * and the commonest shapes (a fact against a literal) have one of their own.
 */
import type { FactValue, FactVector } from '../facts/fact.ts';
import type {
  ArithmeticExpression,
  CompareExpression,
  Comparison,
  Expression,
  InExpression,
  LogicExpression,
} from './expression.ts';
import type { Truth } from './policy.ts';

export type Condition = (facts: FactVector) => Truth;
export type NumberOf = (facts: FactVector) => number | undefined;
type ValueOf = (facts: FactVector) => FactValue | undefined;

/** Compiles a `bool` expression. Throws on another type: the loader has checked it. */
export function compileCondition(expression: Expression): Condition {
  if (expression.type !== 'bool') throw new TypeError(`not a condition: ${expression.type}`);
  switch (expression.kind) {
    case 'literal': {
      const value = expression.value as boolean;
      return () => value;
    }
    case 'fact': {
      const i = expression.index;
      return (facts) => facts.values[i] as Truth;
    }
    case 'known': {
      const i = expression.index;
      return (facts) => facts.values[i] !== undefined;
    }
    case 'not': {
      const operand = compileCondition(expression.operand);
      return (facts) => {
        const value = operand(facts);
        return value === undefined ? undefined : !value;
      };
    }
    case 'and':
    case 'or':
      return compileLogic(expression);
    case 'compare':
      return compileComparison(expression);
    case 'in':
      return compileMembership(expression);
    case 'choice':
      return compileChoice(expression, compileCondition);
    default:
      throw new TypeError('not a condition');
  }
}

/**
 * Compiles an `int` or `double` expression. Division by zero is unknown (skills.md A1: a zero denominator without a rule),
 * division of whole numbers truncates (CEL).
 */
export function compileNumber(expression: Expression): NumberOf {
  switch (expression.kind) {
    case 'literal': {
      const value = expression.value as number;
      return () => value;
    }
    case 'fact': {
      const i = expression.index;
      return (facts) => facts.values[i] as number | undefined;
    }
    case 'double':
      return compileNumber(expression.operand);
    case 'negate': {
      const operand = compileNumber(expression.operand);
      return (facts) => {
        const value = operand(facts);
        return value === undefined ? undefined : -value;
      };
    }
    case 'arithmetic':
      return compileArithmetic(expression);
    case 'choice':
      return compileChoice(expression, compileNumber);
    default:
      throw new TypeError(`not a number: ${expression.kind}`);
  }
}

/** Compiles an expression of any type. */
export function compileValue(expression: Expression): ValueOf {
  if (expression.type === 'bool') return compileCondition(expression);
  if (expression.type !== 'string') return compileNumber(expression);
  switch (expression.kind) {
    case 'literal': {
      const { value } = expression;
      return () => value;
    }
    case 'fact': {
      const i = expression.index;
      return (facts) => facts.values[i];
    }
    case 'choice':
      return compileChoice(expression, compileValue);
    default:
      throw new TypeError('not text');
  }
}

function compileLogic(expression: LogicExpression): Condition {
  const join = expression.kind === 'and' ? and : or;
  return expression.operands.map(compileCondition).reduce(join);
}

function and(left: Condition, right: Condition): Condition {
  return (facts) => {
    const a = left(facts);
    if (a === false) return false;
    const b = right(facts);
    return b === false ? false : a === undefined ? undefined : b;
  };
}

function or(left: Condition, right: Condition): Condition {
  return (facts) => {
    const a = left(facts);
    if (a === true) return true;
    const b = right(facts);
    return b === true ? true : a === undefined ? undefined : b;
  };
}

/** When the condition is unknown but both branches agree, the answer does not depend on it. */
function compileChoice<T extends FactValue>(
  expression: Extract<Expression, { kind: 'choice' }>,
  compileBranch: (branch: Expression) => (facts: FactVector) => T | undefined,
): (facts: FactVector) => T | undefined {
  const condition = compileCondition(expression.condition);
  const yes = compileBranch(expression.yes);
  const no = compileBranch(expression.no);
  return (facts) => {
    const chosen = condition(facts);
    if (chosen === true) return yes(facts);
    if (chosen === false) return no(facts);
    const a = yes(facts);
    return a === no(facts) ? a : undefined;
  };
}

/** `3 > x` is `x < 3`. */
export const MIRRORED: Record<Comparison, Comparison> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function compileComparison({ operator, left, right }: CompareExpression): Condition {
  if (left.kind === 'fact' && right.kind === 'literal') return compareWithLiteral(operator, left.index, right.value);
  if (left.kind === 'literal' && right.kind === 'fact')
    return compareWithLiteral(MIRRORED[operator], right.index, left.value);
  return compareValues(operator, compileValue(left), compileValue(right));
}

function compareWithLiteral(operator: Comparison, i: number, literal: FactValue): Condition {
  const bound = literal as number;
  switch (operator) {
    case '==':
      return (facts) => {
        const value = facts.values[i];
        return value === undefined ? undefined : value === literal;
      };
    case '!=':
      return (facts) => {
        const value = facts.values[i];
        return value === undefined ? undefined : value !== literal;
      };
    case '<':
      return (facts) => {
        const value = facts.values[i] as number | undefined;
        return value === undefined ? undefined : value < bound;
      };
    case '<=':
      return (facts) => {
        const value = facts.values[i] as number | undefined;
        return value === undefined ? undefined : value <= bound;
      };
    case '>':
      return (facts) => {
        const value = facts.values[i] as number | undefined;
        return value === undefined ? undefined : value > bound;
      };
    case '>=':
      return (facts) => {
        const value = facts.values[i] as number | undefined;
        return value === undefined ? undefined : value >= bound;
      };
  }
}

function compareValues(operator: Comparison, left: ValueOf, right: ValueOf): Condition {
  const test = COMPARE[operator];
  return (facts) => {
    const a = left(facts);
    if (a === undefined) return undefined;
    const b = right(facts);
    return b === undefined ? undefined : test(a, b);
  };
}

export const COMPARE: Record<Comparison, (a: FactValue, b: FactValue) => boolean> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function compileMembership(expression: InExpression): Condition {
  const operand = compileValue(expression.operand);
  const values = expression.items.map((item) => item.value);
  return (facts) => {
    const value = operand(facts);
    return value === undefined ? undefined : values.includes(value);
  };
}

function compileArithmetic(expression: ArithmeticExpression): NumberOf {
  const left = compileNumber(expression.left);
  const right = compileNumber(expression.right);
  const calculate =
    expression.operator === '/' ? (expression.type === 'int' ? divideWhole : divide) : CALCULATE[expression.operator];
  return (facts) => {
    const a = left(facts);
    if (a === undefined) return undefined;
    const b = right(facts);
    return b === undefined ? undefined : calculate(a, b);
  };
}

const CALCULATE = {
  '+': (a: number, b: number): number => a + b,
  '-': (a: number, b: number): number => a - b,
  '*': (a: number, b: number): number => a * b,
};
const divide = (a: number, b: number): number | undefined => (b === 0 ? undefined : a / b);
const divideWhole = (a: number, b: number): number | undefined => (b === 0 ? undefined : Math.trunc(a / b));
