/** The outcomes dimension: what the customer set out to reach (skills.md A7). */
import type { Horizon } from '../facts/standing.ts';
import { type AccountView, kindGap, type Workspace } from '../facts/view.ts';
import type { Measures } from '../policy/measures.ts';
import type { GoalRecord } from '../records/record.ts';
import type { Day } from '../time/calendar.ts';
import { clamp, type Part, type PartScore, part, ratio4, weightedMean } from './number.ts';

export type GoalState = 'open' | 'achieved' | 'dropped';

const ACHIEVED = new Set(['achieved', 'met', 'completed', 'done']);
const DROPPED = new Set(['dropped', 'cancelled', 'canceled', 'abandoned']);

/** Achieved by date or, where there is none, by status; an `achievedAt` that lies ahead has not happened. */
export function goalState(goal: GoalRecord, today: Day): GoalState {
  const status = goal.status?.toLowerCase() ?? '';
  if (goal.achievedAt !== undefined ? goal.achievedAt <= today : ACHIEVED.has(status)) return 'achieved';
  return DROPPED.has(status) ? 'dropped' : 'open';
}

/** (current - baseline) / (target - baseline), four decimals; undefined when one is missing or target = baseline. */
export function goalProgress(goal: GoalRecord): number | undefined {
  const { baseline, target, current } = goal;
  if (baseline === undefined || target === undefined || current === undefined || target === baseline) return undefined;
  return ratio4((current - baseline) / (target - baseline));
}

/** Mean over the goals that were not dropped, one part a goal by its id; unknown where less than half can be judged. */
export function outcomes(view: AccountView, workspace: Workspace): PartScore {
  const { outcomes: m, knownShare } = workspace.measures.health;
  const gap = kindGap('goals', view, workspace);
  const goals = view.goals.filter((goal) => goalState(goal, view.today) !== 'dropped');
  if (gap !== undefined || goals.length === 0) {
    return { score: undefined, reason: gap ?? 'no goal recorded', coverage: 0, parts: {} };
  }
  const parts = goals.map((goal) => [goal.goalId, goalPart(goal, view.today, workspace, m)] as const);
  return weightedMean(Object.fromEntries(parts), knownShare);
}

function goalPart(goal: GoalRecord, today: Day, { clock }: Workspace, m: Measures['health']['outcomes']): Part {
  if (goalState(goal, today) === 'achieved') return part(m.achieved, 1);
  const progress = goalProgress(goal);
  if (progress === undefined) return part(undefined, 1, `goal ${goal.goalId}: progress not known`);
  if (goal.targetDate === undefined) return part(undefined, 1, `goal ${goal.goalId}: no target date`);
  const elapsed = elapsedShare(clock.dayOf(goal.createdAt), goal.targetDate, today);
  const pace = (m.pace * progress) / Math.max(m.minimumElapsed, elapsed);
  return part(clamp(pace, 0, m.unachievedMaximum), 1);
}

/** What may change `outcomes` though no goal does: time runs for a goal that is being worked on. */
export function outcomesHorizon(view: AccountView, { clock }: Workspace, horizon: Horizon): void {
  for (const goal of view.goals) {
    horizon.at(goal.achievedAt);
    if (goalState(goal, view.today) !== 'open' || goal.targetDate === undefined) continue;
    const progress = goalProgress(goal);
    if (progress === undefined || progress <= 0) continue;
    const from = clock.dayOf(goal.createdAt);
    if (view.today < from) horizon.after(from);
    else if (view.today < goal.targetDate) horizon.daily();
  }
}

/** Share of the goal's window that has passed, at most 1; a window without length has passed. */
function elapsedShare(from: Day, to: Day, today: Day): number {
  return to <= from ? 1 : ratio4(clamp((today - from) / (to - from), 0, 1));
}
