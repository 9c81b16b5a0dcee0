/** How long an intervention that is over still counts for what is decided: for a cooldown, or for its place under the cap. */
import type { CompiledPolicy } from '../policy/compiled-policy.ts';
import type { Day } from '../time/calendar.ts';
import type { Intervention, InterventionState } from './inputs.ts';

const OPEN: readonly InterventionState[] = ['held', 'proposed', 'approved', 'dispatched'];
const OVER: readonly InterventionState[] = ['completed', 'dismissed', 'expired', 'failed'];

interface Memory {
  /** The longest cooldown or the cap's window. */
  days: number;
  /** The longest cooldown of the rules that ask for a skill. */
  daysOf: ReadonlyMap<string, number>;
  expired: SoonForgotten;
}

/** Which of the interventions that are over stop to count earlier than others do. */
export interface SoonForgotten {
  /** How much earlier expired ones do, whatever their skill... */
  daysSooner: number;
  /** ...but these. */
  exceptSkills: readonly string[];
}

const memories = new WeakMap<CompiledPolicy, Memory>();

function memoryOf(policy: CompiledPolicy): Memory {
  let memory = memories.get(policy);
  if (memory === undefined) {
    const daysOf = new Map<string, number>();
    let days = policy.guardrails.weeklyCapDays;
    for (const rule of policy.rules) {
      const cooldown = cooldownDays(rule);
      days = Math.max(days, cooldown);
      for (const skill of rule.trigger) daysOf.set(skill, Math.max(cooldown, daysOf.get(skill) ?? 0));
    }
    memory = { days, daysOf, expired: expiredOf(daysOf, days, policy.guardrails.weeklyCapDays) };
    memories.set(policy, memory);
  }
  return memory;
}

/** Neither its place nor its cooldown began after the day on which it expired, so both have run out soon for most skills. */
function expiredOf(daysOf: ReadonlyMap<string, number>, longest: number, capDays: number): SoonForgotten {
  const cooldowns = [...daysOf.values()].sort((a, b) => a - b);
  const usual = Math.max(capDays, cooldowns[cooldowns.length >> 1] ?? 0);
  const exceptSkills = [...daysOf].filter(([, days]) => days > usual).map(([skill]) => skill);
  return { daysSooner: longest - usual, exceptSkills };
}

/** Whatever the cooldown: once a day, however often the account is decided. */
export function cooldownDays(rule: { cooldownDays: number }): number {
  return Math.max(1, rule.cooldownDays);
}

/** How many days of closed interventions a decision may need. */
export function rememberDays(policy: CompiledPolicy): number {
  return memoryOf(policy).days;
}

/** Which of them it needs for fewer days. */
export function soonForgotten(policy: CompiledPolicy): SoonForgotten {
  return memoryOf(policy).expired;
}

/** Open, or over so lately that `choose` may still ask about it on `today`. What has once stopped to count never does again. */
export function stillCounts(each: Intervention, today: Day, policy: CompiledPolicy): boolean {
  if (OPEN.includes(each.state)) return true;
  const { days, daysOf } = memoryOf(policy);
  if (each.updatedDay < today - days) return false;
  if (!OVER.includes(each.state)) return true;
  const place = placeUnderCap(each);
  if (place !== null && place > today - policy.guardrails.weeklyCapDays) return true;
  const from = cooldownFrom(each);
  return from !== null && from > today - (daysOf.get(each.skill) ?? 0);
}

/**
 * Day on which a capped intervention took its place: the day it was let through, or that on which it reached the customer.
 * Null: it has none.
 */
export function placeUnderCap({ capped, state, doneOn, madeOn }: Intervention): Day | null {
  return capped && state !== 'dismissed' ? (doneOn ?? madeOn) : null;
}

/**
 * Day from which an intervention's cooldown counts: that on which it was let through or, if later, done; for a proposal that
 * was put off, the day it wakes; for one that was dismissed, that day: nobody is to do or refuse the same thing twice in a
 * row. Null: it was never let through.
 */
export function cooldownFrom({ state, madeOn, snoozedUntil, doneOn, updatedDay }: Intervention): Day | null {
  if (state === 'dismissed') return updatedDay;
  if (madeOn === null) return null;
  return Math.max(madeOn, doneOn ?? madeOn, (state === 'expired' ? undefined : snoozedUntil) ?? madeOn);
}
