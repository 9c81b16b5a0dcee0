/** customer_success/usage_cliff_intervention (skills.md B): why use fell suddenly, and what it must come back to. */
import { z } from 'zod';
import { type AccountView, kindGap, known, unknown, type Workspace } from '../../facts/view.ts';
import { volumeIn } from '../../history/windows.ts';
import type { IncidentRecord } from '../../records/record.ts';
import { median, ratio4 } from '../../scores/number.ts';
import { addBusinessDays, type Day, formatDay } from '../../time/calendar.ts';
import { callPartnerName } from '../call-partner.ts';
import { defineSkill, type SkillContext, type SkillOutput } from '../skill.ts';
import type { ActionDraft } from '../skill-result.ts';
import { cliffSections } from './usage-cliff-document.ts';
import { featureWeeks, userWeeks } from './usage-losses.ts';

const parameters = z.strictObject({
  causeShare: z
    .number()
    .min(0.1)
    .max(1)
    .default(0.6)
    .describe('share of the fall from which one user or feature is its cause'),
  targetShare: z.number().min(0.1).max(1).default(0.8).describe('share of the base that use must come back to'),
  targetDays: z.number().int().min(7).max(180).default(28).describe('days until it must have come back'),
  repeatDays: z.number().int().min(1).max(90).default(14).describe('days in which it intervenes once'),
  losses: z.number().int().min(1).max(20).default(3).describe('users and features listed with what they lost, each'),
});
type Parameters = z.infer<typeof parameters>;

export type CliffCause = 'data_outage' | 'incident' | 'key_user' | 'feature' | 'broad';

/** One user or feature with its weekly volume before and now. */
export interface Entity {
  id: string;
  baseWeekly: number;
  recentWeekly: number;
}

export interface Loss {
  kind: 'user' | 'feature';
  id: string;
  /** Name of the contact of the same id. */
  name: string | null;
  lost: number;
  /** Of the whole fall, four decimals, at most 1. */
  share: number;
}

export interface UsageCliffResult {
  /** null: not judged. */
  cliff: boolean | null;
  dropPct: number | null;
  baseWeekly: number | null;
  recentWeekly: number | null;
  cause: CliffCause | null;
  topLosses: Loss[];
  targetWeekly: number | null;
  targetDate: string | null;
  /** P1 and P2 incidents of the week of the fall. */
  incidentIds: string[];
  /** First day on which this may intervene again; null: now. */
  eligibleFrom: string | null;
}

/** lossShare = the entity's fall / the total fall; those that lost most first, ties by id. Nobody gains below zero. */
export function lossesOf(kind: Loss['kind'], entities: readonly Entity[], totalFall: number): Loss[] {
  return entities
    .map(({ id, baseWeekly, recentWeekly }) => {
      const lost = Math.max(0, baseWeekly - recentWeekly);
      return { kind, id, name: null, lost, share: totalFall <= 0 ? 0 : Math.min(1, ratio4(lost / totalFall)) };
    })
    .filter(({ lost }) => lost > 0)
    .sort((a, b) => b.lost - a.lost || (a.id < b.id ? -1 : 1));
}

/**
 * First match of: a P1/P2 incident, one user with `causeShare` of the fall, one feature with it, else broad. Where a single
 * feature was in use before, the feature says nothing (our choice). Losses are sorted.
 */
export function causeOf(
  {
    hasIncident,
    users,
    features,
    featuresInUse,
  }: {
    hasIncident: boolean;
    users: readonly Loss[];
    features: readonly Loss[];
    featuresInUse: number;
  },
  causeShare: number,
): CliffCause {
  if (hasIncident) return 'incident';
  if ((users[0]?.share ?? 0) >= causeShare) return 'key_user';
  return featuresInUse > 1 && (features[0]?.share ?? 0) >= causeShare ? 'feature' : 'broad';
}

const WEEK = 7;
const BASE_WEEKS = 4;

export const usageCliffIntervention = defineSkill<Parameters, UsageCliffResult>({
  name: 'customer_success/usage_cliff_intervention',
  domain: 'customer_success',
  purpose: 'Finds the cause of a sudden fall in use and sets a recovery target',
  customerFacing: true,
  conversation: 'none',
  serviceMessage: false,
  celebration: false,
  inputs: { required: ['events with userId, daily', 'coverage of events'], optional: ['incidents', 'holidays'] },
  sections: ['Drop', 'Cause', 'Plan', 'Target'],
  parameters,
  outcome: {
    measure: 'weekly_volume', // the fact usage_drop_pct moves its own base along, so that a fall left alone would heal
    unit: 'events in 7 days',
    better: 'higher',
    horizonDays: 28, // the entry's target
    noise: 4, // a fifth of the smallest base a cliff is judged on
    read: ({ view }) =>
      view.usageGap === undefined
        ? known(volumeIn(view.history, view.lastDay - WEEK + 1, view.lastDay))
        : unknown(view.usageGap),
  },
  run: runUsageCliff,
});

const NOTHING: UsageCliffResult = {
  cliff: null,
  dropPct: null,
  baseWeekly: null,
  recentWeekly: null,
  cause: null,
  topLosses: [],
  targetWeekly: null,
  targetDate: null,
  incidentIds: [],
  eligibleFrom: null,
};

function runUsageCliff(context: SkillContext<Parameters>): SkillOutput<UsageCliffResult> {
  const { cliff, incidentGap } = context.measured;
  const refusal = unjudged(context);
  if (refusal !== undefined) return refusal;
  const dataGaps = incidentGap === undefined ? [] : [{ fact: 'incidents', reason: incidentGap }];
  const facts = {
    dropPct: cliff.dropPercent!,
    baseWeekly: cliff.baseWeekly!,
    recentWeekly: cliff.recentWeekly!,
    cliff: cliff.cliff === true,
  };
  const base = { status: dataGaps.length > 0 ? ('partial' as const) : ('ok' as const), dataGaps };
  if (!facts.cliff) {
    const reasons = [cliff.dip ? 'dip' : cliff.reason === undefined ? 'no_cliff' : 'holidays'];
    const result = { ...NOTHING, ...facts };
    return { ...base, reasons, result, actions: [], sections: cliffSections(result, { note: cliff.reason }) };
  }
  const result = diagnosed(facts, context);
  const since = lastMade(context);
  if (since !== undefined) {
    const refused = { ...result, eligibleFrom: formatDay(since + context.parameters.repeatDays) };
    const sections = cliffSections(refused, { note: `the last one was made on ${formatDay(since)}` });
    return { status: 'refused', reasons: ['once_per_period'], dataGaps, result: refused, actions: [], sections };
  }
  const actions = actionsOf(result, context);
  const steps = actions.map(({ key, due }) => ({ key, date: formatDay(due) }));
  return { ...base, reasons: [], result, actions, sections: cliffSections(result, { steps }) };
}

/** Why nothing can be said of a fall; undefined: it can be judged. */
function unjudged({ measured, workspace }: SkillContext<Parameters>): SkillOutput<UsageCliffResult> | undefined {
  const { view, cliff } = measured;
  const none = { dataGaps: [], reasons: [], result: NOTHING, actions: [], sections: [] };
  const missing = (reason: string, more = {}): SkillOutput<UsageCliffResult> => ({
    ...none,
    status: 'insufficient_data',
    dataGaps: [{ fact: 'daily events', reason }],
    ...more,
  });
  if (view.usageGap !== undefined) {
    // Events that stopped to arrive for the whole workspace are our trouble, not the customer's.
    const isStale = view.coverage.eventsThrough !== undefined;
    return missing(
      view.usageGap,
      isStale && { reasons: ['data_outage'], result: { ...NOTHING, cause: 'data_outage' } },
    );
  }
  if (!view.history.hasUserIds && view.history.firstEventDay !== undefined) return missing('events carry no userId');
  const needed = WEEK * (BASE_WEEKS + 1) + workspace.measures.trend.cliff.consecutiveDays - 1;
  if (view.daysOfData < needed) return missing(`${view.daysOfData} of ${needed} days of data`);
  if (cliff.baseWeekly !== undefined) return undefined;
  const m = workspace.measures.trend.cliff;
  const body = `Not evaluated: a fall is judged from ${m.baseAtLeast} events a week and ${m.usersAtLeast} active users in the four weeks before on.`;
  return { ...none, status: 'refused', reasons: ['not_evaluated'], sections: [{ title: 'Drop', body }] };
}

type Facts = Pick<UsageCliffResult, 'cliff' | 'dropPct' | 'recentWeekly'> & {
  baseWeekly: number;
  recentWeekly: number;
};

function diagnosed(
  facts: Facts,
  { measured, workspace, parameters: p }: SkillContext<Parameters>,
): UsageCliffResult & Facts {
  const { view } = measured;
  const incidents = severeIncidents(view, workspace);
  const totalFall = facts.baseWeekly - facts.recentWeekly;
  const names = new Map(view.contacts.map(({ contactId, name }) => [contactId, name ?? null]));
  const featureEntities = entitiesOf(featureWeeks(view, BASE_WEEKS + 1));
  const users = lossesOf('user', entitiesOf(userWeeks(view, workspace, BASE_WEEKS + 1)), totalFall).map((loss) => ({
    ...loss,
    name: names.get(loss.id) ?? null,
  }));
  const features = lossesOf('feature', featureEntities, totalFall);
  const featuresInUse = featureEntities.filter(({ baseWeekly }) => baseWeekly > 0).length;
  return {
    ...NOTHING,
    ...facts,
    cause: causeOf({ hasIncident: incidents.length > 0, users, features, featuresInUse }, p.causeShare),
    topLosses: [...users.slice(0, p.losses), ...features.slice(0, p.losses)],
    targetWeekly: Math.ceil(ratio4(p.targetShare * facts.baseWeekly)),
    targetDate: formatDay(view.today + p.targetDays),
    incidentIds: incidents.map(({ incidentId }) => incidentId),
  };
}

/** P1 and P2 incidents that were open at some time in the week of the fall (our reading: a closed one explains it too). */
function severeIncidents(view: AccountView, workspace: Workspace): IncidentRecord[] {
  if (kindGap('incidents', view, workspace) !== undefined) return [];
  const from = workspace.clock.instantOf(view.lastDay - WEEK + 1);
  return view.incidents.filter(
    ({ severity, startedAt, resolvedAt }) =>
      (severity === 'P1' || severity === 'P2') &&
      startedAt <= view.instant &&
      (resolvedAt === undefined || resolvedAt >= from),
  );
}

/** Weeks oldest first, the last one the present; the base is the median of the others, as for the whole (A5). */
function entitiesOf(weeks: readonly { id: string; weeks: readonly number[] }[]): Entity[] {
  return weeks.map(({ id, weeks: volumes }) => ({
    id,
    baseWeekly: median(volumes.slice(0, -1)) ?? 0,
    recentWeekly: volumes.at(-1) ?? 0,
  }));
}

/** Day of an earlier intervention within the period. One of today is this one, and a dismissed one was never made. */
function lastMade({ measured, past, parameters: p }: SkillContext<Parameters>): Day | undefined {
  const { today } = measured.view;
  let last: Day | undefined;
  for (const { skill, state, madeOn } of past) {
    if (skill !== 'customer_success/usage_cliff_intervention' || state === 'dismissed' || madeOn === undefined)
      continue;
    if (madeOn < today && madeOn + p.repeatDays > today) last = Math.max(last ?? madeOn, madeOn);
  }
  return last;
}

function actionsOf(result: UsageCliffResult & Facts, { measured, workspace }: SkillContext<Parameters>): ActionDraft[] {
  const { view, people } = measured;
  const { holidays } = workspace.catalogue;
  const due = (count: number) => addBusinessDays(view.today, count, holidays);
  const fall = `use fell from ${result.baseWeekly} to ${result.recentWeekly} a week`;
  const [loss] = result.topLosses.filter(({ kind }) => kind === (result.cause === 'feature' ? 'feature' : 'user'));
  const lost = loss === undefined ? '' : `${Math.round(loss.share * 100)} % of the fall is`;
  const actions: ActionDraft[] = [];
  if (result.cause === 'incident') {
    const title = `Coordinate with the incident flow: ${fall} while ${result.incidentIds.join(', ')} was open`;
    actions.push({
      key: 'coordinate',
      title,
      role: 'support',
      due: due(0),
      channel: 'alert',
      evidence: result.incidentIds,
    });
  } else if (result.cause === 'feature') {
    const title = `Check whether ${loss!.id} works: ${lost} there, ${loss!.lost} uses a week lost`;
    actions.push({ key: `feature:${loss!.id}`, title, role: 'support', due: due(1), channel: 'task', evidence: [] });
  } else {
    const whom = callPartnerName(people);
    const isKeyUser = result.cause === 'key_user';
    const person = isKeyUser ? people.persons.find(({ contactId }) => contactId === loss!.id) : undefined;
    const user = isKeyUser ? (loss!.name ?? loss!.id) : '';
    const title = !isKeyUser
      ? `Call ${whom}: ${fall}, spread over the team`
      : person?.departed === true
        ? `Call ${whom}: ${user} left, and ${lost} theirs`
        : `Call ${user}: ${lost} theirs, ${loss!.lost} of ${result.baseWeekly - result.recentWeekly} a week`;
    const evidence = person === undefined ? [] : [person.contactId];
    actions.push({ key: `call:${result.cause}`, title, role: 'csm', due: due(1), channel: 'call', evidence });
  }
  const title = `Check weekly use against the target of ${result.targetWeekly} by ${result.targetDate}`;
  actions.push({ key: 'check', title, role: 'csm', due: due(10), channel: 'task', evidence: [] });
  return actions;
}
