import { describe, expect, it } from 'vitest';
import { day } from '../../../test/build-account.ts';
import { measuredOn, START } from '../../../test/measured-account.ts';
import { type Known, known, unknown } from '../facts/view.ts';
import { beginOutcome, settleOutcome } from './outcome.ts';

const outcome = (reading: Known<number>, better: 'higher' | 'lower' = 'higher') => ({
  measure: 'adoption_score',
  unit: 'points',
  better,
  noise: 2,
  horizonDays: 28,
  read: () => reading,
});
const measured = measuredOn(START + 10);

function verdict(from: Known<number>, to: Known<number>, better: 'higher' | 'lower' = 'higher') {
  const begun = beginOutcome({ name: 'a/b', outcome: outcome(from, better) }, measured, day('2026-03-31'));
  return settleOutcome(begun, outcome(to, better), measured).verdict;
}

describe('an outcome', () => {
  it('is pending until the horizon of the skill has passed', () => {
    expect(beginOutcome({ name: 'a/b', outcome: outcome(known(40)) }, measured, day('2026-03-31'))).toMatchObject({
      doneOn: '2026-03-31',
      dueOn: '2026-04-28',
      from: 40,
      to: null,
      verdict: 'pending',
    });
  });

  it('moved, stayed or got worse, in the direction that is better for this measure', () => {
    expect([known(43), known(42), known(38), known(37)].map((to) => verdict(known(40), to))).toEqual([
      'moved',
      'unmoved',
      'unmoved',
      'worse',
    ]);
    expect(verdict(known(5), known(1), 'lower')).toBe('moved');
    expect(verdict(known(1), known(5), 'lower')).toBe('worse');
  });

  it('is unknown, with the reason, where a reading is missing', () => {
    const begun = beginOutcome(
      { name: 'a/b', outcome: outcome(unknown('5 of 7 days of data')) },
      measured,
      day('2026-03-31'),
    );
    expect(begun.fromReason).toBe('5 of 7 days of data');
    const settled = settleOutcome(begun, outcome(known(40)), measured);
    expect([settled.from, settled.to, settled.verdict]).toEqual([null, 40, 'unknown']);
    expect(verdict(known(40), unknown('no events'))).toBe('unknown');
  });
});
