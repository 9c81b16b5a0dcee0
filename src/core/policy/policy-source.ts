/** The text of a policy and what is wrong with it so far. */
import type { DocumentProblem } from '../documents/problem.ts';
import type { DocumentPath, Place, YamlDocument } from '../documents/yaml-document.ts';

/** What only a policy can get wrong; the reading of YAML and the check of the shape have codes of their own. */
export type PolicyProblemCode =
  | 'unknown_fact'
  | 'expression_syntax'
  | 'expression_type'
  | 'impossible_value'
  | 'unknown_skill'
  | 'duplicate_id'
  | 'missing_key'
  | 'missing_stage'
  | 'unreachable_stage'
  | 'skipping_edge'
  | 'unknown_placeholder'
  | 'weights_sum'
  | 'wrong_order';

export class PolicySource {
  readonly problems: DocumentProblem[] = [];
  private readonly document: YamlDocument;
  private readonly lines: readonly string[];

  constructor(document: YamlDocument, text: string) {
    this.document = document;
    this.lines = text.split('\n');
  }

  /** Records a problem at the value of `path`, or at its nearest ancestor that the file has. */
  report(path: DocumentPath, code: PolicyProblemCode, message: string, suggestion?: string): void {
    this.problems.push(this.document.problemAt(path, code, message, { suggestion }));
  }

  /** Records a problem at the key that ends `path`. */
  reportKey(path: DocumentPath, code: PolicyProblemCode, message: string, suggestion?: string): void {
    this.problems.push(this.document.problemAt(path, code, message, { suggestion, at: 'key' }));
  }

  /** Records a problem `offset` characters into `text`, which stands at `path`. */
  reportInside(
    path: DocumentPath,
    text: string,
    offset: number,
    code: PolicyProblemCode,
    message: string,
    suggestion?: string,
  ): void {
    const problem = this.document.problemAt(path, code, message, { suggestion });
    this.problems.push({ ...problem, ...this.placeInside(problem, text, offset) });
  }

  /** Text on one line, plain or quoted, is mapped exactly; folded text and escapes point to where the text starts. */
  private placeInside({ line, column }: Place, text: string, offset: number): Place {
    const written = this.lines[line - 1] ?? '';
    for (const quote of [0, 1]) {
      if (written.startsWith(text, column - 1 + quote)) return { line, column: column + quote + offset };
    }
    return { line, column };
  }
}
