/** CEL text to a checked `Expression`: only facts of the catalogue, only types that fit, only values that can occur. */
import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { nearestName } from '../documents/near-name.ts';
import type { FactType } from '../facts/fact.ts';
import type { Arithmetic, Comparison, Expression, LiteralExpression } from './expression.ts';
import { FACT_LIST, FACT_NAMES, factIndex } from './fact-lookup.ts';
import type { PolicyProblemCode } from './policy-source.ts';

/** A condition longer than this is no longer read by anyone; the bound also keeps the parser's recursion shallow. */
const MAX_LENGTH = 2000;
const MAX_DEPTH = 40;

interface ExpressionProblem {
  /** Characters from the start of the expression. */
  offset: number;
  code: PolicyProblemCode;
  message: string;
  suggestion?: string;
}

export type ParsedExpression = { ok: true; expression: Expression } | { ok: false; problems: ExpressionProblem[] };

const grammar = new Environment({ limits: { maxDepth: MAX_DEPTH, maxAstNodes: MAX_LENGTH } });

/**
 * Parses and checks `source`. `expected` is the type the whole must have: `bool` for conditions, `number` (int or double)
 * for measures such as a stage's progress. All problems are reported, not the first alone.
 */
export function parseExpression(source: string, expected: 'bool' | 'number'): ParsedExpression {
  if (source.length > MAX_LENGTH) {
    return failed({
      offset: 0,
      code: 'expression_syntax',
      message: `the expression has ${source.length} characters; the most is ${MAX_LENGTH}`,
    });
  }
  let ast: ASTNode;
  try {
    ast = grammar.parse(source).ast;
  } catch (error) {
    return failed(syntaxProblem(source, error));
  }
  const checker = new Checker();
  const expression = checker.convert(ast);
  if (expression !== undefined) checker.expect(expression, expected, ast.start, 'the expression');
  return expression !== undefined && checker.problems.length === 0
    ? { ok: true, expression }
    : { ok: false, problems: checker.problems };
}

const failed = (problem: ExpressionProblem): ParsedExpression => ({ ok: false, problems: [problem] });

/** The journey seed's own notation is what people type first: `=`, `AND`, `50%`. */
function syntaxProblem(source: string, error: unknown): ExpressionProblem {
  const { summary, range } = error as { summary?: string; range?: { start: number } };
  const percentSign = source.search(/(?<=\d\s*)%/);
  const offset = Math.min(percentSign === -1 ? (range?.start ?? 0) : percentSign, source.length);
  const rest = source.slice(offset);
  const message =
    rest.trim() === ''
      ? 'the expression ends too early'
      : `the expression cannot be read from ${JSON.stringify(rest.slice(0, 20))} on: ${remedyFor(source, rest) ?? summary ?? 'syntax error'}`;
  return { offset, code: 'expression_syntax', message };
}

function remedyFor(source: string, rest: string): string | undefined {
  if (/^=(?!=)/.test(rest)) return 'write == for "equals"';
  if (/^and\b/i.test(rest)) return 'write && for "and"';
  if (/^or\b/i.test(rest)) return 'write || for "or"';
  if (rest.startsWith('%')) return 'write 50, not 50%';
  if (/^not\b/i.test(source) || /\bnot\s*$/i.test(source.slice(0, source.length - rest.length)))
    return 'write ! for "not"';
  return undefined;
}

const isNumber = (type: FactType): type is 'int' | 'double' => type === 'int' || type === 'double';

const OPERATOR_NAMES: Record<string, string> = {
  '%': 'the remainder %',
  '.': 'the field access .',
  '[]': 'the index []',
  map: 'maps',
  list: 'a list outside "in"',
  rcall: 'methods',
};

class Checker {
  readonly problems: ExpressionProblem[] = [];

  convert(node: ASTNode): Expression | undefined {
    switch (node.op) {
      case 'value':
        return this.literal(node);
      case 'id':
        return this.fact(node.args, node.start);
      case 'call':
        return this.call(node.args[0], node.args[1], node.start);
      case '!_':
        return this.not(node.args);
      case '-_':
        return this.negate(node.args);
      case '&&':
      case '||':
        return this.logic(node);
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
        return this.compare(node.op, node.args[0], node.args[1]);
      case 'in':
        return this.membership(node.args[0], node.args[1]);
      case '+':
      case '-':
      case '*':
      case '/':
        return this.arithmetic(node.op, node.args[0], node.args[1]);
      case '?:':
        return this.choice(node.args[0], node.args[1], node.args[2]);
      default:
        return this.report(
          node.start,
          'expression_syntax',
          `a policy expression cannot use ${OPERATOR_NAMES[node.op] ?? node.op}`,
        );
    }
  }

  /** Records a problem unless `expression` has the type. */
  expect(expression: Expression, expected: FactType | 'number', offset: number, what: string): boolean {
    if (expected === 'number' ? isNumber(expression.type) : expression.type === expected) return true;
    const wanted = {
      bool: 'true or false',
      number: 'a number',
      int: 'a whole number',
      double: 'a number',
      string: 'text',
    }[expected];
    this.report(offset, 'expression_type', `${what} must be ${wanted}, not ${describe(expression)}`);
    return false;
  }

  private report(offset: number, code: PolicyProblemCode, message: string, suggestion?: string): undefined {
    this.problems.push({ offset, code, message, ...(suggestion === undefined ? {} : { suggestion }) });
  }

  private literal(node: ASTNode): LiteralExpression | undefined {
    const value: unknown = node.args;
    if (typeof value === 'boolean') return { kind: 'literal', type: 'bool', value };
    if (typeof value === 'string') return { kind: 'literal', type: 'string', value };
    if (typeof value === 'bigint') {
      if (Number.isSafeInteger(Number(value))) return { kind: 'literal', type: 'int', value: Number(value) };
      return this.report(node.start, 'expression_type', `${value} is too large`);
    }
    if (typeof value === 'number' && Number.isFinite(value)) return { kind: 'literal', type: 'double', value };
    const hint = value === null ? '; write known(fact) to ask whether a fact is known' : '';
    return this.report(
      node.start,
      'expression_type',
      `${node.input.slice(node.start, node.end)} is no value a fact can have${hint}`,
    );
  }

  private fact(name: string, offset: number): Expression | undefined {
    const index = factIndex(name);
    if (index !== undefined) return { kind: 'fact', type: FACT_LIST[index]!.type, name, index };
    return this.report(offset, 'unknown_fact', `unknown fact "${name}"`, nearestName(name, FACT_NAMES));
  }

  private call(name: string, args: readonly ASTNode[], offset: number): Expression | undefined {
    const [argument] = args;
    if (name === 'known' && args.length === 1 && argument?.op === 'id') {
      const fact = this.fact(argument.args, argument.start);
      return fact?.kind === 'fact' ? { kind: 'known', type: 'bool', name: fact.name, index: fact.index } : undefined;
    }
    if (name === 'double' && args.length === 1 && argument !== undefined) {
      const operand = this.convert(argument);
      if (operand === undefined || !this.expect(operand, 'number', argument.start, 'the argument of double()'))
        return undefined;
      return { kind: 'double', type: 'double', operand };
    }
    if (name === 'known' || name === 'double') {
      return this.report(
        offset,
        'expression_type',
        name === 'known' ? 'known() takes the name of one fact' : 'double() takes one number',
      );
    }
    return this.report(
      offset,
      'expression_syntax',
      `a policy expression cannot call ${name}()`,
      nearestName(name, ['known', 'double']),
    );
  }

  private not(node: ASTNode): Expression | undefined {
    const operand = this.convert(node);
    if (operand === undefined || !this.expect(operand, 'bool', node.start, 'what ! negates')) return undefined;
    return { kind: 'not', type: 'bool', operand };
  }

  private negate(node: ASTNode): Expression | undefined {
    const operand = this.convert(node);
    if (
      operand === undefined ||
      !this.expect(operand, 'number', node.start, 'what - negates') ||
      !isNumber(operand.type)
    )
      return undefined;
    if (operand.kind === 'literal') return { kind: 'literal', type: operand.type, value: -(operand.value as number) };
    return { kind: 'negate', type: operand.type, operand };
  }

  private logic(node: ASTNode): Expression | undefined {
    const operator = node.op;
    const parts: ASTNode[] = [];
    const flatten = (part: ASTNode): void => {
      if (part.op !== operator) {
        parts.push(part);
        return;
      }
      const [left, right] = part.args as [ASTNode, ASTNode];
      flatten(left);
      flatten(right);
    };
    flatten(node);
    const operands: Expression[] = [];
    for (const part of parts) {
      const operand = this.convert(part);
      if (operand !== undefined && this.expect(operand, 'bool', part.start, `each side of ${operator}`))
        operands.push(operand);
    }
    return operands.length === parts.length
      ? { kind: operator === '&&' ? 'and' : 'or', type: 'bool', operands }
      : undefined;
  }

  private compare(operator: Comparison, leftNode: ASTNode, rightNode: ASTNode): Expression | undefined {
    const left = this.convert(leftNode);
    const right = this.convert(rightNode);
    if (left === undefined || right === undefined) return undefined;
    const comparable = left.type === right.type || (isNumber(left.type) && isNumber(right.type));
    if (!comparable) {
      return this.report(
        leftNode.start,
        'expression_type',
        `${describe(left)} cannot be compared with ${describe(right)}`,
      );
    }
    if (operator !== '==' && operator !== '!=' && !isNumber(left.type)) {
      return this.report(
        leftNode.start,
        'expression_type',
        `${operator} compares numbers, not ${describe(left)}; write == or !=`,
      );
    }
    const possible = this.checkValue(left, right, rightNode.start) && this.checkValue(right, left, leftNode.start);
    return possible ? { kind: 'compare', type: 'bool', operator, left, right } : undefined;
  }

  private membership(operandNode: ASTNode, listNode: ASTNode): Expression | undefined {
    const operand = this.convert(operandNode);
    if (listNode.op !== 'list' || listNode.args.length === 0) {
      return this.report(
        listNode.start,
        'expression_type',
        'the right side of "in" must be a list of values, like ["at_risk", "critical"]',
      );
    }
    const items: LiteralExpression[] = [];
    for (const itemNode of listNode.args) {
      const item = this.convert(itemNode);
      if (item === undefined || operand === undefined) continue;
      if (item.kind !== 'literal') {
        this.report(itemNode.start, 'expression_type', 'the list after "in" holds plain values only');
      } else if (item.type !== operand.type && !(isNumber(item.type) && isNumber(operand.type))) {
        this.report(itemNode.start, 'expression_type', `${describe(operand)} is never ${describe(item)}`);
      } else if (this.checkValue(operand, item, itemNode.start)) {
        items.push(item);
      }
    }
    return operand !== undefined && items.length === listNode.args.length
      ? { kind: 'in', type: 'bool', operand, items }
      : undefined;
  }

  /** A text fact has few values: comparing it with any other is a mistake that would never fire. */
  private checkValue(fact: Expression, value: Expression, offset: number): boolean {
    if (fact.kind !== 'fact' || value.kind !== 'literal' || fact.type !== 'string') return true;
    const values = FACT_LIST[fact.index]!.values ?? [];
    const text = String(value.value);
    if (values.length === 0 || values.includes(text)) return true;
    this.report(
      offset,
      'impossible_value',
      `${fact.name} is never "${text}"; it is one of ${values.join(', ')}`,
      nearestName(text, values),
    );
    return false;
  }

  private arithmetic(operator: Arithmetic, leftNode: ASTNode, rightNode: ASTNode): Expression | undefined {
    const left = this.convert(leftNode);
    const right = this.convert(rightNode);
    if (left === undefined || right === undefined) return undefined;
    const leftOk = this.expect(left, 'number', leftNode.start, `the left side of ${operator}`);
    if (!this.expect(right, 'number', rightNode.start, `the right side of ${operator}`) || !leftOk) return undefined;
    if (operator === '/' && right.kind === 'literal' && right.value === 0) {
      return this.report(rightNode.start, 'expression_type', 'division by zero');
    }
    if (!isNumber(left.type) || left.type !== right.type) {
      const whole = left.type === 'int' ? left : right;
      const fix = whole.kind === 'literal' ? `write ${whole.value}.0` : 'write double(...) around the whole number';
      return this.report(
        leftNode.start,
        'expression_type',
        `${operator} cannot mix ${describe(left)} with ${describe(right)}: ${fix}`,
      );
    }
    return { kind: 'arithmetic', type: left.type, operator, left, right };
  }

  private choice(conditionNode: ASTNode, yesNode: ASTNode, noNode: ASTNode): Expression | undefined {
    const condition = this.convert(conditionNode);
    const yes = this.convert(yesNode);
    const no = this.convert(noNode);
    if (condition === undefined || yes === undefined || no === undefined) return undefined;
    if (!this.expect(condition, 'bool', conditionNode.start, 'what stands before ?')) return undefined;
    if (yes.type !== no.type) {
      return this.report(
        yesNode.start,
        'expression_type',
        `both sides of : must be of one type, not ${describe(yes)} and ${describe(no)}`,
      );
    }
    return { kind: 'choice', type: yes.type, condition, yes, no };
  }
}

const TYPE_NAMES: Record<FactType, string> = {
  bool: 'true or false',
  int: 'a whole number',
  double: 'a decimal number',
  string: 'text',
};

function describe(expression: Expression): string {
  if (expression.kind === 'literal')
    return expression.type === 'string' ? `"${expression.value}"` : String(expression.value);
  if (expression.kind === 'fact') return `${expression.name} (${TYPE_NAMES[expression.type]})`;
  return TYPE_NAMES[expression.type];
}
