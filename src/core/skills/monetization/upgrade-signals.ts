/** What makes now the moment for an upgrade: the triggers of monetization/upgrade_trigger, in their order (skills.md B). */
import { wholeText, words } from '../../document/figures.ts';
import { kindGap } from '../../facts/view.ts';
import { countIn } from '../../history/history.ts';
import type { LimitUse } from '../../scores/limits.ts';
import { publish, ratio4 } from '../../scores/number.ts';
import { goalState } from '../../scores/outcomes.ts';
import { type Day, formatDay } from '../../time/calendar.ts';
import type { SkillContext } from '../skill.ts';
import type { UpgradeParameters } from './upgrade-trigger.ts';

export const TRIGGERS = ['usage_limit_hit', 'gated_feature', 'deep_usage', 'team_growth', 'goal_met'] as const;
export type TriggerId = (typeof TRIGGERS)[number];
export type Urgency = 'high' | 'medium' | 'low';

/** The nearer to work that stops, the more urgent (our choice). */
export const URGENCY: Record<TriggerId, Urgency> = {
  usage_limit_hit: 'high',
  gated_feature: 'medium',
  deep_usage: 'medium',
  team_growth: 'low',
  goal_met: 'low',
};

export interface Trigger {
  id: TriggerId;
  /** One clause with the figures, such as could be said to the customer. */
  detail: string;
  /** Ids of records. */
  evidence: string[];
}

/** Plain numbers; undefined: unknown. */
export interface TriggerFacts {
  meters: readonly { meterId: string; used: number; limit: number }[];
  /** Attempts to use a gated feature in W(14); '' names none. */
  attempts: readonly { featureId: string; count: number }[];
  usageDepth: number | undefined;
  frequency: number | undefined;
  /** Active users of 30 days, today and 30 days before. */
  team: { before: number; now: number } | undefined;
  goals: readonly { goalId: string; title: string; achievedOn: Day; daysAgo: number }[];
}

type Thresholds = Pick<
  UpgradeParameters,
  'limitShare' | 'gatedAttempts' | 'attemptDays' | 'depthAt' | 'frequencyAt' | 'teamGrowth' | 'teamBase' | 'goalDays'
>;

/** In the order of priority [K]; the first is the trigger. */
export function triggersOf(facts: TriggerFacts, p: Thresholds): Trigger[] {
  const found: Trigger[] = [];
  const add = (id: TriggerId, detail: string, evidence: string[] = []) => found.push({ id, detail, evidence });
  for (const { meterId, used, limit } of facts.meters) {
    if (limit > 0 && ratio4(used / limit) >= p.limitShare)
      add('usage_limit_hit', `${wholeText(used)} of ${wholeText(limit)} ${words(meterId)} used`);
  }
  for (const { featureId, count } of facts.attempts) {
    const name = featureId === '' ? 'gated features' : words(featureId);
    if (count >= p.gatedAttempts) add('gated_feature', `${count} attempts to use ${name} in ${p.attemptDays} days`);
  }
  const { usageDepth, frequency, team } = facts;
  if (usageDepth !== undefined && frequency !== undefined && usageDepth >= p.depthAt && frequency >= p.frequencyAt)
    add('deep_usage', `usage depth ${usageDepth} and frequency ${frequency} of 100`);
  if (team !== undefined && team.before >= p.teamBase) {
    const growth = ratio4((team.now - team.before) / team.before);
    if (growth >= p.teamGrowth)
      add('team_growth', `${team.before} to ${team.now} active users in 30 days (+${publish(growth * 100)} %)`);
  }
  for (const { goalId, title, achievedOn, daysAgo } of facts.goals) {
    if (daysAgo >= 0 && daysAgo <= p.goalDays)
      add('goal_met', `goal "${title}" met on ${formatDay(achievedOn)}`, [goalId]);
  }
  return found;
}

/** Why there is no trigger, in clauses with the figures. */
export function nothingYet({ meters, attempts, usageDepth, frequency, team }: TriggerFacts, p: Thresholds): string[] {
  const [fullest] = meters.filter(({ limit }) => limit > 0).toSorted((a, b) => b.used / b.limit - a.used / a.limit);
  const tries = attempts.reduce((most, { count }) => Math.max(most, count), 0);
  const points = (value: number | undefined) => (value === undefined ? 'unknown' : String(value));
  return [
    fullest === undefined
      ? 'no limit is known'
      : `the fullest limit is at ${wholeText(fullest.used)} of ${wholeText(fullest.limit)} ${words(fullest.meterId)}`,
    `gated features were tried ${tries} of ${p.gatedAttempts} times in ${p.attemptDays} days`,
    `usage depth is ${points(usageDepth)} and frequency ${points(frequency)}, deep from ${p.depthAt} and ${p.frequencyAt} on`,
    team === undefined
      ? 'team growth is unknown'
      : `the team went from ${team.before} to ${team.now} in ${TEAM_DAYS} days`,
    `no goal was met in ${p.goalDays} days`,
  ];
}

const TEAM_DAYS = 30;

/** The facts from the records, and what is missing of the optional ones. */
export function triggerFacts({ measured, workspace, parameters: p }: SkillContext<UpgradeParameters>): {
  facts: TriggerFacts;
  gaps: { fact: string; reason: string }[];
} {
  const { view, adoption, limits } = measured;
  const gaps: { fact: string; reason: string }[] = [];
  const note = (fact: string, reason: string | undefined) => {
    if (reason !== undefined) gaps.push({ fact, reason });
  };
  if ((workspace.catalogue.signals.gated_attempt ?? []).length === 0)
    note('attempts', 'catalog.yaml names no event under signals.gated_attempt');
  note('usage_depth', adoption.usageDepth.reason);
  note('frequency', adoption.frequency.reason);
  const team = teamOf(measured);
  if (team === undefined) note('team', `${view.daysOfData} of ${2 * TEAM_DAYS} days of data with users`);
  note('goals', kindGap('goals', view, workspace));
  note('escalations', measured.ticketGap);
  const from = view.lastDay - p.attemptDays + 1;
  const frequency = adoption.frequency.value;
  return {
    facts: {
      meters: limits.meters.flatMap(({ meterId, used, limit, status }: LimitUse) =>
        status === 'limited' && used !== undefined && limit !== undefined ? [{ meterId, used, limit }] : [],
      ),
      attempts: [...view.history.gatedAttempts]
        .map(([featureId, use]) => ({ featureId, count: countIn(use, from, view.lastDay) }))
        .filter(({ count }) => count > 0)
        .sort((a, b) => b.count - a.count || (a.featureId < b.featureId ? -1 : 1)),
      usageDepth: adoption.usageDepth.value,
      frequency: frequency === undefined ? undefined : publish(frequency),
      team,
      goals: view.goals.flatMap((goal) =>
        goal.achievedAt !== undefined && goalState(goal, view.today) === 'achieved'
          ? [
              {
                goalId: goal.goalId,
                title: goal.title,
                achievedOn: goal.achievedAt,
                daysAgo: view.today - goal.achievedAt,
              },
            ]
          : [],
      ),
    },
    gaps,
  };
}

function teamOf({ view }: SkillContext['measured']): TriggerFacts['team'] {
  const { history } = view;
  const now = view.lastDay - history.start;
  const before = now - TEAM_DAYS;
  if (view.usageGap !== undefined || !history.hasUserIds || view.daysOfData < 2 * TEAM_DAYS) return undefined;
  if (before < 0 || now >= history.length) return undefined;
  return { before: history.activeUsers30[before]!, now: history.activeUsers30[now]! };
}
