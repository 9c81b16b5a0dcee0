/** No sequence of records, approvals and races breaks a guardrail. */
import { describe, expect, it } from 'vitest';
import { checkGuardrails } from './guardrail-model.ts';

const SEQUENCES = 1_200;

describe('the guardrails (fast-check commands against a model)', () => {
  // [G18]
  it(`hold in ${SEQUENCES} random lives of records, days, approvals, rushes and handoffs`, () => {
    const lived = checkGuardrails(SEQUENCES, 20_260_331);
    // the lives must have been lived: days passed, customers were contacted, handoffs taken, acts held
    expect(lived.days).toBeGreaterThan(8 * SEQUENCES);
    expect(lived.delivered).toBeGreaterThan(SEQUENCES);
    expect(lived.accepted).toBeGreaterThan(SEQUENCES / 2);
    expect(lived.held).toBeGreaterThan(0);
  });
});
