/** A condition or number of the policy after parsing and type checking: what is compiled, explained and hashed. */
import type { FactType, FactValue } from '../facts/fact.ts';

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type Arithmetic = '+' | '-' | '*' | '/';

export interface LiteralExpression {
  kind: 'literal';
  type: FactType;
  value: FactValue;
}
interface FactExpression {
  kind: 'fact';
  type: FactType;
  name: string;
  /** Index into `FACTS` and into a `FactVector`. */
  index: number;
}
/** `known(fact)`: the only expression that may look at a fact without needing its value. */
interface KnownExpression {
  kind: 'known';
  type: 'bool';
  name: string;
  index: number;
}
interface NotExpression {
  kind: 'not';
  type: 'bool';
  operand: Expression;
}
/** `a && b && c`, flattened, so that an explanation can name the deciding conjunct. */
export interface LogicExpression {
  kind: 'and' | 'or';
  type: 'bool';
  operands: Expression[];
}
export interface CompareExpression {
  kind: 'compare';
  type: 'bool';
  operator: Comparison;
  left: Expression;
  right: Expression;
}
export interface InExpression {
  kind: 'in';
  type: 'bool';
  operand: Expression;
  items: LiteralExpression[];
}
export interface ArithmeticExpression {
  kind: 'arithmetic';
  /** `int` only if both sides are: then division truncates, as the standard says. */
  type: 'int' | 'double';
  operator: Arithmetic;
  left: Expression;
  right: Expression;
}
interface NegateExpression {
  kind: 'negate';
  type: 'int' | 'double';
  operand: Expression;
}
/** `double(x)`: the standard's conversion, for shares of whole numbers. */
interface DoubleExpression {
  kind: 'double';
  type: 'double';
  operand: Expression;
}
interface ChoiceExpression {
  kind: 'choice';
  type: FactType;
  condition: Expression;
  yes: Expression;
  no: Expression;
}

export type Expression =
  | LiteralExpression
  | FactExpression
  | KnownExpression
  | NotExpression
  | LogicExpression
  | CompareExpression
  | InExpression
  | ArithmeticExpression
  | NegateExpression
  | DoubleExpression
  | ChoiceExpression;

/** The direct parts of an expression, in source order. */
function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'fact':
    case 'known':
      return [];
    case 'not':
    case 'negate':
    case 'double':
      return [expression.operand];
    case 'in':
      return [expression.operand];
    case 'and':
    case 'or':
      return expression.operands;
    case 'compare':
    case 'arithmetic':
      return [expression.left, expression.right];
    case 'choice':
      return [expression.condition, expression.yes, expression.no];
  }
}

/** Indexes of the facts an expression reads, each once, in order of first appearance. */
export function factsReadBy(expression: Expression): number[] {
  const seen = new Set<number>();
  const visit = (node: Expression): void => {
    if (node.kind === 'fact' || node.kind === 'known') seen.add(node.index);
    for (const part of partsOf(node)) visit(part);
  };
  visit(expression);
  return [...seen];
}

/** True if the expression, or a part of it, is `known(...)`: such a condition may change its answer when a fact becomes known. */
export function asksWhatIsKnown(expression: Expression): boolean {
  return expression.kind === 'known' || partsOf(expression).some(asksWhatIsKnown);
}

const CHOICE = 1;
const OR = 2;
const AND = 3;
const EQUALITY = 4;
const RELATION = 5;
const SUM = 6;
const PRODUCT = 7;
const UNARY = 8;
const PRIMARY = 9;

function precedence(node: Expression): number {
  switch (node.kind) {
    case 'choice':
      return CHOICE;
    case 'or':
      return OR;
    case 'and':
      return AND;
    case 'compare':
      return node.operator === '==' || node.operator === '!=' ? EQUALITY : RELATION;
    case 'in':
      return RELATION;
    case 'arithmetic':
      return node.operator === '+' || node.operator === '-' ? SUM : PRODUCT;
    case 'not':
    case 'negate':
      return UNARY;
    case 'literal':
      return typeof node.value === 'number' && node.value < 0 ? UNARY : PRIMARY;
    default:
      return PRIMARY;
  }
}

function printLiteral(node: LiteralExpression): string {
  if (node.type === 'string') return JSON.stringify(node.value);
  if (node.type !== 'double') return String(node.value);
  const text = String(node.value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** The expression as text in one canonical layout; parsing it again gives the same expression. */
export function printExpression(node: Expression): string {
  const own = precedence(node);
  const print = (part: Expression, atLeast: number): string =>
    precedence(part) < atLeast ? `(${printExpression(part)})` : printExpression(part);
  switch (node.kind) {
    case 'literal':
      return printLiteral(node);
    case 'fact':
      return node.name;
    case 'known':
      return `known(${node.name})`;
    case 'not':
      return `!${print(node.operand, UNARY)}`;
    case 'negate':
      return `-${print(node.operand, PRIMARY)}`;
    case 'double':
      return `double(${printExpression(node.operand)})`;
    case 'and':
      return node.operands.map((part) => print(part, own + 1)).join(' && ');
    case 'or':
      return node.operands.map((part) => print(part, own + 1)).join(' || ');
    case 'compare':
    case 'arithmetic':
      return `${print(node.left, own)} ${node.operator} ${print(node.right, own + 1)}`;
    case 'in':
      return `${print(node.operand, own)} in [${node.items.map(printLiteral).join(', ')}]`;
    case 'choice':
      return `${print(node.condition, OR)} ? ${print(node.yes, OR)} : ${printExpression(node.no)}`;
  }
}
