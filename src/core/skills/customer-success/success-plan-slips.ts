/** How an earlier success plan of the account fares: the one that is signed, and what has slipped past its date. */
import { formatDay, parseDay } from '../../time/calendar.ts';
import type { SkillContext } from '../skill.ts';
import type { PlanItem } from './success-plan-gaps.ts';
import type { PlanParameters, SuccessPlan } from './success-plan-generator.ts';

/** The latest plan that was signed (its intervention completed) and has not ended. */
export function signedPlan({ measured, past }: SkillContext<PlanParameters>): { endDate: string } | undefined {
  const today = formatDay(measured.view.today);
  for (const { skill, state, result } of past.toReversed()) {
    if (skill !== 'customer_success/success_plan_generator' || state !== 'completed') continue;
    const endDate = result?.endDate;
    if (typeof endDate === 'string' && endDate >= today) return { endDate };
  }
  return undefined;
}

/** By its own date, or by the date an earlier plan gave it, whichever is earlier: moving a date does not undo a slip. */
export function slippedOf(context: SkillContext<PlanParameters>, drafts: readonly PlanItem[]): SuccessPlan['slipped'] {
  const { measured, parameters: p } = context;
  const { today } = measured.view;
  const planned = plannedBefore(context);
  return drafts.flatMap(({ id, title, dueDate }) => {
    const dates = [dueDate, planned.get(id)].filter((date) => typeof date === 'string').toSorted();
    const [first] = dates;
    if (first === undefined) return [];
    const daysLate = today - (parseDay(first) ?? today);
    return daysLate > p.slipDays ? [{ id, title, dueDate: first, daysLate }] : [];
  });
}

/** Objective id -> date in the latest plan that was signed. */
function plannedBefore({ past }: SkillContext<PlanParameters>): Map<string, string> {
  const plan = past.findLast(
    ({ skill, state, result }) =>
      skill === 'customer_success/success_plan_generator' && state === 'completed' && result !== undefined,
  );
  const { objectiveIds: ids, objectiveDates: dates } = plan?.result ?? {};
  if (!Array.isArray(ids) || !Array.isArray(dates)) return new Map();
  return new Map(
    ids.flatMap((id: unknown, i): [string, string][] => {
      const date: unknown = dates[i];
      return typeof id === 'string' && typeof date === 'string' ? [[id, date]] : [];
    }),
  );
}
