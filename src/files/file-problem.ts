import type { RowProblem } from '../pipeline/record-source.ts';

/** Ends the reading of one file; becomes its last row. */
export class FileProblem extends Error {
  readonly code: RowProblem['code'];
  constructor(code: RowProblem['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
