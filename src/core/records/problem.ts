/** What was wrong with a value of a record. `code` is stable; `message` names the remedy. */

export const REJECT_CODES = [
  'not_an_object',
  'required',
  'not_text',
  'too_long',
  'nul_character',
  'lone_surrogate',
  'not_a_number',
  'not_finite',
  'not_an_integer',
  'negative',
  'out_of_range',
  'not_a_boolean',
  'bad_time',
  'date_out_of_range',
  'not_one_of',
  'bad_time_zone',
  'bad_currency',
  'bad_list',
  'bad_object',
  'too_deep',
  'too_many_properties',
  'forbidden_key',
] as const;
export type RejectCode = (typeof REJECT_CODES)[number];

/** What a field reader gives back in place of a value. */
export class Problem {
  readonly code: RejectCode;
  readonly message: string;
  constructor(code: RejectCode, message: string) {
    this.code = code;
    this.message = message;
  }
}

/** A problem with the field it is about; '' stands for the record as a whole. */
export interface FieldProblem {
  field: string;
  code: RejectCode;
  message: string;
}
