/** What is wrong in a document a person wrote, and where. */

export interface DocumentProblem {
  file: string;
  /** From 1. */
  line: number;
  column: number;
  /** Stable, snake_case. */
  code: string;
  /** One sentence without a full stop. */
  message: string;
  /** The name that was probably meant. */
  suggestion?: string;
}

/** `policy.yaml:12:7: unknown key "whenn"; did you mean "when"?` */
export function formatProblem(problem: DocumentProblem): string {
  const meant = problem.suggestion === undefined ? '' : `; did you mean "${problem.suggestion}"?`;
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.message}${meant}`;
}

/** In the order in which a reader meets them. */
export function sortProblems<P extends DocumentProblem>(problems: readonly P[]): P[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column || (a.code < b.code ? -1 : 1));
}
