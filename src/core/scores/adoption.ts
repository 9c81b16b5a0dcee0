/** Adoption and usage depth (skills.md A4): which relevant features are used, how deeply, how often, by how many again. */
import type { Catalogue, Feature } from '../catalogue/catalogue.ts';
import { type AccountView, type Known, known, unknown, type Workspace } from '../facts/view.ts';
import { countIn, daysIn, type FeatureHistory } from '../history/history.ts';
import { userIndex } from '../history/windows.ts';
import type { Measures } from '../policy/measures.ts';
import type { GoalRecord } from '../records/record.ts';
import type { Day } from '../time/calendar.ts';
import { isBusinessDay } from '../time/calendar.ts';
import { lin, part, publish, ratio4, weightedMean } from './number.ts';

export interface FeatureUse {
  feature: Feature;
  /** Days of the window with a value event of it. */
  days: number;
  used: boolean;
  firstUse: Day | undefined;
}

export interface Adoption {
  /** First day of the window that ends on D. */
  from: Day;
  /** Published 0-100. */
  score: Known<number>;
  /** Unrounded; undefined where the score is unknown. */
  raw: number | undefined;
  breadth: Known<number>;
  depth: Known<number>;
  frequency: Known<number>;
  stickiness: Known<number>;
  /** Published 0-100: 25 x share used + .75 x depth. */
  usageDepth: Known<number>;
  relevant: FeatureUse[];
  /** Core features among the relevant ones that are used. */
  coreUsed: Known<number>;
  monthlyActiveUsers: Known<number>;
  provisionedUsers: Known<number>;
  /** A relevant feature was first used within the plateau's window. */
  newRelevantFeature: boolean;
}

/**
 * Plans in force decide entitlement; without a subscription every catalogue feature is entitled. `plans` holds the plan
 * ids in force.
 */
export function isEntitled(feature: Feature, plans: ReadonlySet<string>): boolean {
  return plans.size === 0 || feature.plans.length === 0 || feature.plans.some((plan) => plans.has(plan));
}

/** Catalogue features relevant to the account: entitled, and core or sharing a tag with an open goal. */
export function relevantFeatures(view: AccountView, workspace: Workspace, plans: ReadonlySet<string>): Feature[] {
  const { catalogue } = workspace;
  if (catalogue.featuresDefaulted) {
    const ids = workspace.relevantFeatures(view.lastDay);
    return catalogue.features.filter((feature) => ids.has(feature.id));
  }
  const kept = relevantOf.get(view.goals);
  if (kept?.catalogue === catalogue && kept.plans === plans) return kept.features;
  const goalTags = openGoalTags(view);
  const features = catalogue.features.filter(
    (feature) => isEntitled(feature, plans) && (feature.core || feature.tags.some((tag) => goalTags.has(tag))),
  );
  relevantOf.set(view.goals, { catalogue, plans, features });
  return features;
}

interface Relevant {
  catalogue: Catalogue;
  plans: ReadonlySet<string>;
  features: Feature[];
}
/** Goals stay as they are until a record changes, so a replay finds these once for many days. */
const relevantOf = new WeakMap<readonly GoalRecord[], Relevant>();
const goalTagsOf = new WeakMap<readonly GoalRecord[], ReadonlySet<string>>();

export function openGoalTags(view: AccountView): ReadonlySet<string> {
  let tags = goalTagsOf.get(view.goals);
  if (tags === undefined) {
    tags = findOpenGoalTags(view.goals);
    goalTagsOf.set(view.goals, tags);
  }
  return tags;
}

function findOpenGoalTags(goals: readonly GoalRecord[]): Set<string> {
  const tags = new Set<string>();
  for (const goal of goals) {
    const closed = goal.achievedAt !== undefined || goal.status === 'achieved' || goal.status === 'dropped';
    if (!closed) for (const tag of goal.tags ?? []) tags.add(tag);
  }
  return tags;
}

/** Everyone who has access: contacts who have not left, and users seen in events. Unknown when neither source names anyone. */
export function provisionedUsers(view: AccountView, workspace: Workspace): Known<number> {
  const { history } = view;
  const index = Math.min(view.lastDay - history.start, history.length - 1);
  const seen = index >= 0 ? history.usersSeen[index]! : 0;
  let contactsOnly = 0;
  if (workspace.kinds.has('contacts')) {
    const users = userIndex(history);
    for (const contact of view.contacts) {
      if (contact.leftAt !== undefined && contact.leftAt <= view.today) continue;
      const first = users.get(contact.contactId)?.seenDays[0];
      if (first === undefined || first > view.lastDay) contactsOnly++;
    }
  }
  const users = seen + contactsOnly;
  return users > 0 ? known(users) : unknown('no provisioned users: no contacts and no userId in events');
}

export function adoption(view: AccountView, workspace: Workspace, plans: ReadonlySet<string>): Adoption {
  const m = workspace.measures;
  const to = view.lastDay;
  const from = Math.max(to - m.use.monthlyDays + 1, view.dataFrom);
  const gap =
    view.usageGap ??
    (view.daysOfData < m.adoption.minimumDays
      ? `${view.daysOfData} of ${m.adoption.minimumDays} days of data`
      : undefined);
  const provisioned = provisionedUsers(view, workspace);
  if (gap !== undefined) return unknownAdoption(from, gap, provisioned);

  const relevant = featureUses(view, relevantFeatures(view, workspace, plans), from, m.use.usedDays);
  const usedCount = count(relevant, (use) => use.used);
  const share: Known<number> =
    relevant.length > 0 ? known(ratio4(usedCount / relevant.length)) : unknown('no relevant features');
  const mau = monthlyActive(view);
  const depth = depthOf(view, workspace, relevant, from, plans, mau);
  const breadth = mapKnown(share, (r) => lin(r, m.adoption.breadth));
  const frequency = frequencyOf(view, workspace, from, mau);
  const stickiness = stickinessOf(view, workspace);
  const parts = [breadth, depth, frequency, stickiness];
  const knownParts = parts.filter((part) => part.value !== undefined);
  const raw = knownParts.reduce((sum, part) => sum + part.value!, 0) / Math.max(1, knownParts.length);
  const scoreGap =
    provisioned.reason ?? (knownParts.length < m.adoption.partsAtLeast ? partsReason(parts, m) : undefined);
  const { usageDepth: w } = m.adoption;
  return {
    from,
    score: scoreGap === undefined ? known(publish(raw)) : unknown(scoreGap),
    raw: scoreGap === undefined ? raw : undefined,
    breadth,
    depth,
    frequency,
    stickiness,
    usageDepth:
      share.value === undefined
        ? unknown(share.reason)
        : mapKnown(depth, (value) => publish(w.breadth * share.value! + w.depth * value)),
    relevant,
    coreUsed: known(count(relevant, (use) => use.used && (use.feature.core || workspace.catalogue.featuresDefaulted))),
    monthlyActiveUsers: mau,
    provisionedUsers: provisioned,
    newRelevantFeature: relevant.some(
      (use) => use.firstUse !== undefined && use.firstUse > to - m.trend.plateau.newFeatureDays,
    ),
  };
}

function unknownAdoption(from: Day, gap: string, provisionedUsers: Known<number>): Adoption {
  const none = unknown(gap);
  return {
    from,
    score: none,
    raw: undefined,
    breadth: none,
    depth: none,
    frequency: none,
    stickiness: none,
    usageDepth: none,
    relevant: [],
    coreUsed: none,
    monthlyActiveUsers: none,
    provisionedUsers,
    newRelevantFeature: false,
  };
}

function partsReason(parts: Known<number>[], m: Measures): string {
  const names = ['breadth', 'depth', 'frequency', 'stickiness'];
  const missing = parts.flatMap((part, i) => (part.value === undefined ? [`${names[i]}: ${part.reason}`] : []));
  return `fewer than ${m.adoption.partsAtLeast} of 4 parts known (${missing.join('; ')})`;
}

/** How each feature was used in [from, D]; `firstUse` looks at the whole history up to D. */
function featureUses(view: AccountView, features: readonly Feature[], from: Day, usedDays: number): FeatureUse[] {
  const byId = featureIndex(view);
  return features.map((feature) => {
    const history = byId.get(feature.id);
    const first = history?.use.days[0];
    const days = history === undefined ? 0 : daysIn(history.use.days, from, view.lastDay);
    return {
      feature,
      days,
      used: days >= usedDays,
      firstUse: first !== undefined && first <= view.lastDay ? first : undefined,
    };
  });
}

const featureIndexes = new WeakMap<object, Map<string, FeatureHistory>>();

/** Feature id -> its history; kept with the history it was made from. */
export function featureIndex(view: AccountView): Map<string, FeatureHistory> {
  let index = featureIndexes.get(view.history);
  if (index === undefined) {
    index = new Map(view.history.features.map((feature) => [feature.featureId, feature]));
    featureIndexes.set(view.history, index);
  }
  return index;
}

function monthlyActive(view: AccountView): Known<number> {
  const { history } = view;
  const index = view.lastDay - history.start;
  if (!history.hasUserIds && history.firstEventDay !== undefined) return unknown('events carry no userId');
  return known(index >= 0 && index < history.length ? history.activeUsers30[index]! : 0);
}

/** mean* of advanced ratio, workflows per user and power points, x 100. */
function depthOf(
  view: AccountView,
  workspace: Workspace,
  relevant: readonly FeatureUse[],
  from: Day,
  plans: ReadonlySet<string>,
  mau: Known<number>,
): Known<number> {
  const { depth: w } = workspace.measures.adoption;
  const advanced = relevant.filter((use) => use.feature.advanced);
  const a = advanced.length > 0 ? ratio4(count(advanced, (use) => use.used) / advanced.length) : undefined;
  const workflows = workflowShare(view, workspace, from, mau);
  const power = powerShare(view, workspace, from, plans);
  if (workspace.catalogue.featuresDefaulted && workflows === undefined && power === undefined)
    return unknown('without a catalogue no feature is advanced, a workflow or for power users');
  const mean = weightedMean(
    {
      advanced: part(a, w.advanced, 'no advanced feature in the catalogue is relevant'),
      workflows: part(workflows, w.workflows, 'no workflow signal in the catalogue'),
      power: part(power, w.power, 'no power feature in the catalogue'),
    },
    workspace.measures.health.knownShare,
  );
  return mean.score === undefined ? unknown(mean.reason ?? 'not known') : known(100 * mean.score);
}

function workflowShare(view: AccountView, workspace: Workspace, from: Day, mau: Known<number>): number | undefined {
  const names = workspace.catalogue.signals.workflow;
  if (names === undefined || names.length === 0 || mau.value === undefined) return undefined;
  if (mau.value === 0) return 0;
  let workflows = 0;
  for (const name of names) {
    const use = view.history.events.get(name);
    if (use !== undefined) workflows += countIn(use, from, view.lastDay);
  }
  return Math.min(1, ratio4(workflows / mau.value / workspace.measures.adoption.depth.workflowsPerUser));
}

function powerShare(
  view: AccountView,
  workspace: Workspace,
  from: Day,
  plans: ReadonlySet<string>,
): number | undefined {
  const byId = featureIndex(view);
  let seen = 0;
  let available = 0;
  for (const { feature, worth } of powerFeatures(workspace)) {
    if (!isEntitled(feature, plans)) continue;
    available += worth;
    const history = byId.get(feature.id);
    if (history !== undefined && daysIn(history.use.days, from, view.lastDay) > 0) seen += worth;
  }
  return available > 0 ? ratio4(seen / available) : undefined;
}

interface PowerFeatures {
  points: Measures['adoption']['powerPoints'];
  features: { feature: Feature; worth: number }[];
}
const powerOf = new WeakMap<Catalogue, PowerFeatures>();

/** Catalogue features that are worth power points, with the points of their best tag. */
function powerFeatures({ catalogue, measures }: Workspace): PowerFeatures['features'] {
  const points = measures.adoption.powerPoints;
  let power = powerOf.get(catalogue);
  if (power?.points !== points) {
    const features = catalogue.features
      .map((feature) => ({ feature, worth: Math.max(0, ...feature.tags.map((tag) => points[tag] ?? 0)) }))
      .filter(({ worth }) => worth > 0);
    power = { points, features };
    powerOf.set(catalogue, power);
  }
  return power.features;
}

/** DAU, averaged over business days, against MAU. */
function frequencyOf(view: AccountView, workspace: Workspace, from: Day, mau: Known<number>): Known<number> {
  if (mau.value === undefined) return mau;
  const curve = workspace.measures.adoption.frequency;
  if (mau.value === 0) return known(lin(0, curve));
  const { history } = view;
  let users = 0;
  let days = 0;
  for (let day = from; day <= view.lastDay; day++) {
    if (!isBusinessDay(day, workspace.catalogue.holidays)) continue;
    days++;
    const index = day - history.start;
    if (index >= 0 && index < history.length) users += history.activeUsers[index]!;
  }
  if (days === 0) return unknown('no business day in the window');
  return known(lin(ratio4(users / days / mau.value), curve));
}

/** Breadth curve on k: the mean share of last week's active users who came back, over four weeks. */
function stickinessOf(view: AccountView, workspace: Workspace): Known<number> {
  const m = workspace.measures.adoption;
  if (!view.history.hasUserIds && view.history.firstEventDay !== undefined) return unknown('events carry no userId');
  if (view.daysOfData < m.stickinessMinimumDays) {
    return unknown(`${view.daysOfData} of ${m.stickinessMinimumDays} days of data`);
  }
  const pairs = Math.min(m.stickinessWeeks, Math.floor(view.daysOfData / 7) - 1);
  const active = new Int32Array(pairs);
  const returning = new Int32Array(pairs);
  for (const user of view.history.users) countReturns(user.activeDays, view.lastDay, active, returning);
  let sum = 0;
  let weeks = 0;
  for (let i = 0; i < pairs; i++) {
    if (active[i]! === 0) continue;
    sum += returning[i]! / active[i]!;
    weeks++;
  }
  return known(lin(weeks === 0 ? 0 : ratio4(sum / weeks), m.breadth));
}

/** Adds one user to the week pairs: `active[i]` in the week i+1 weeks back, `returning[i]` also in the week after it. */
function countReturns(days: Int32Array, lastDay: Day, active: Int32Array, returning: Int32Array): void {
  let weeks = 0; // bit i: active in the week ending i weeks before D
  for (let i = days.length - 1; i >= 0; i--) {
    const back = lastDay - days[i]!;
    if (back < 0) continue;
    const week = Math.floor(back / 7);
    if (week > active.length) break;
    weeks |= 1 << week;
  }
  if (weeks === 0) return;
  for (let i = 0; i < active.length; i++) {
    if ((weeks & (1 << (i + 1))) === 0) continue;
    active[i]! += 1;
    if ((weeks & (1 << i)) !== 0) returning[i]! += 1;
  }
}

function count<T>(items: readonly T[], test: (item: T) => boolean): number {
  let n = 0;
  for (const item of items) if (test(item)) n++;
  return n;
}

function mapKnown(input: Known<number>, map: (value: number) => number): Known<number> {
  return input.value === undefined ? input : known(map(input.value));
}
