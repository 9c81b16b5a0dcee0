/** Calc of plg/guided_setup_wizard (skills.md B): which setup steps come next, and where the setup is stuck. Pure. */
import type { Day } from '../../time/calendar.ts';

export interface SetupStepState {
  id: string;
  required: boolean;
  /** Undefined: the catalogue does not say. */
  minutes: number | undefined;
  dependsOn: readonly string[];
  doneOn: Day | undefined;
  /** Times it was opened and not finished. */
  opened: number;
  lastOpenedOn: Day | undefined;
}

export interface SetupPlan {
  /** Undone steps in the order in which they can be done. */
  remaining: SetupStepState[];
  /** The required ones' minutes together; undefined: one of them does not say how long it takes. */
  minutesRemaining: number | undefined;
  stuck: { id: string; opened: number; idleDays: number; why: 'opened' | 'idle' }[];
  /** Steps that wait for each other; nothing else is planned then. */
  cycle: string[];
}

export interface SetupBounds {
  today: Day;
  /** From here on nothing done counts as idle. */
  start: Day;
  openedAtLeast: number;
  idleDays: number;
}

/**
 * Of the undone steps whose dependencies are done or listed before, the next is a required one before an optional one,
 * then the shortest (one without minutes last), then the first by id. Dependencies that are no step here, or were
 * skipped, hold nothing back. Stuck are steps opened twice or more, and the current step once nothing of the setup was
 * opened or done for the bound's days.
 */
export function planSetup(steps: readonly SetupStepState[], bounds: SetupBounds): SetupPlan {
  const open = new Map(steps.filter((step) => step.doneOn === undefined).map((step) => [step.id, step]));
  const remaining: SetupStepState[] = [];
  while (open.size > 0) {
    const ready = [...open.values()].filter((step) => !step.dependsOn.some((id) => open.has(id)));
    const [next] = ready.sort(byUrgency);
    if (next === undefined) {
      return { remaining: [], minutesRemaining: undefined, stuck: [], cycle: [...open.keys()].sort() };
    }
    remaining.push(next);
    open.delete(next.id);
  }
  return { remaining, minutesRemaining: minutesOf(remaining), stuck: stuckSteps(steps, remaining, bounds), cycle: [] };
}

function byUrgency(a: SetupStepState, b: SetupStepState): number {
  if (a.required !== b.required) return a.required ? -1 : 1;
  const minutes = (step: SetupStepState) => step.minutes ?? Number.MAX_SAFE_INTEGER;
  return minutes(a) - minutes(b) || (a.id < b.id ? -1 : 1);
}

/** Optional steps can be skipped, so their minutes do not count. */
function minutesOf(remaining: readonly SetupStepState[]): number | undefined {
  let sum = 0;
  for (const { required, minutes } of remaining) {
    if (!required) continue;
    if (minutes === undefined) return undefined;
    sum += minutes;
  }
  return sum;
}

function stuckSteps(steps: readonly SetupStepState[], remaining: readonly SetupStepState[], bounds: SetupBounds) {
  const { today, start, openedAtLeast, idleDays } = bounds;
  const days = steps.flatMap(({ doneOn, lastOpenedOn }) => [doneOn ?? start, lastOpenedOn ?? start]);
  const idle = today - Math.max(start, ...days);
  const stuck: SetupPlan['stuck'] = [];
  for (const { id, opened, required } of remaining) {
    if (opened >= openedAtLeast) stuck.push({ id, opened, idleDays: idle, why: 'opened' });
    else if (id === remaining[0]!.id && required && idle >= idleDays) {
      stuck.push({ id, opened, idleDays: idle, why: 'idle' });
    }
  }
  return stuck;
}
