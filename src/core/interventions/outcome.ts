/**
 * What came of an intervention: its skill's measure on the day it was done and after the skill's horizon, and whether that
 * is better. It says what happened afterwards, not what caused it.
 */
import type { AccountMeasures } from '../facts/measure-account.ts';
import type { SkillOutcome } from '../skills/skill.ts';
import { type Day, formatDay } from '../time/calendar.ts';

/** `pending` until the horizon has passed; `unknown` where one of the two readings is. */
export type OutcomeVerdict = 'pending' | 'moved' | 'unmoved' | 'worse' | 'unknown';

export interface OutcomeRecord {
  skill: string;
  measure: string;
  unit: string;
  better: SkillOutcome['better'];
  /** A change of no more than this is `unmoved`. */
  noise: number;
  doneOn: string;
  dueOn: string;
  from: number | null;
  fromReason?: string;
  to: number | null;
  toReason?: string;
  verdict: OutcomeVerdict;
}

type Reader = Pick<SkillOutcome, 'measure' | 'unit' | 'better' | 'noise' | 'horizonDays' | 'read'>;

/** The reading on the day the intervention was done. */
export function beginOutcome(
  { name: skill, outcome }: { name: string; outcome: Reader },
  measured: AccountMeasures,
  doneOn: Day,
): OutcomeRecord {
  const { measure, unit, better, noise, horizonDays } = outcome;
  const reading = outcome.read(measured);
  return {
    skill,
    measure,
    unit,
    better,
    noise,
    doneOn: formatDay(doneOn),
    dueOn: formatDay(doneOn + horizonDays),
    from: reading.value ?? null,
    ...(reading.value === undefined && { fromReason: reading.reason }),
    to: null,
    verdict: 'pending',
  };
}

/** The reading after the horizon, and what it means. */
export function settleOutcome(
  record: OutcomeRecord,
  outcome: Pick<Reader, 'read'>,
  measured: AccountMeasures,
): OutcomeRecord {
  const reading = outcome.read(measured);
  const to = reading.value ?? null;
  return {
    ...record,
    to,
    ...(reading.value === undefined && { toReason: reading.reason }),
    verdict: verdictOf({ ...record, to }),
  };
}

function verdictOf({ from, to, better, noise }: OutcomeRecord): OutcomeVerdict {
  if (from === null || to === null) return 'unknown';
  const gain = better === 'higher' ? to - from : from - to;
  if (Math.abs(gain) <= noise) return 'unmoved';
  return gain > 0 ? 'moved' : 'worse';
}
