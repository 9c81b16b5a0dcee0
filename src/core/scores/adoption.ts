/** Adoption and usage depth (skills.md A4): which relevant features are used, how deeply, how often, by how many again. */
import type { Catalogue, Feature } from '../catalogue/catalogue.ts';
import type { Horizon } from '../facts/standing.ts';
import { type AccountView, type Known, known, unknown, type Workspace } from '../facts/view.ts';
import { countIn, daysIn, type FeatureHistory, KeptInHistory } from '../history/history.ts';
import { userIndex } from '../history/windows.ts';
import type { Measures } from '../policy/measures.ts';
import type { GoalRecord } from '../records/record.ts';
import type { Day } from '../time/calendar.ts';
import { frequencyOf, stickinessOf } from './adoption-rhythm.ts';
import { lin, part, publish, ratio4, weightedMean } from './number.ts';

export interface FeatureUse {
  feature: Feature;
  /** On any day of the window. */
  seen: boolean;
  /** On as many days of it as the policy's `use.usedDays`. */
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
  return catalogue.features.filter(
    (feature) => isEntitled(feature, plans) && (feature.core || feature.tags.some((tag) => isOpenGoalTag(view, tag))),
  );
}

export function openGoalTags({ goals }: AccountView): Set<string> {
  const tags = new Set<string>();
  for (const goal of goals) if (!isClosed(goal)) for (const tag of goal.tags ?? []) tags.add(tag);
  return tags;
}

function isOpenGoalTag({ goals }: AccountView, tag: string): boolean {
  for (const goal of goals) if (goal.tags?.includes(tag) && !isClosed(goal)) return true;
  return false;
}

/** Does any open goal carry a tag? */
export function hasOpenGoalTag({ goals }: AccountView): boolean {
  return goals.some((goal) => goal.tags !== undefined && goal.tags.length > 0 && !isClosed(goal));
}

function isClosed({ achievedAt, status }: GoalRecord): boolean {
  return achievedAt !== undefined || status === 'achieved' || status === 'dropped';
}

/** Everyone who has access: contacts who have not left, and users seen in events. Unknown when neither source names anyone. */
export function provisionedUsers(view: AccountView, workspace: Workspace): Known<number> {
  const { history } = view;
  let contactsOnly = 0;
  if (workspace.kinds.has('contacts')) {
    const users = userIndex(history);
    for (const contact of view.contacts) {
      if (contact.leftAt !== undefined && contact.leftAt <= view.today) continue;
      const first = users.get(contact.contactId)?.seenDays[0];
      if (first === undefined || first > view.lastDay) contactsOnly++;
    }
  }
  const users = usersSeen(view) + contactsOnly;
  return users > 0 ? known(users) : unknown('no provisioned users: no contacts and no userId in events');
}

/** Users seen in events up to D. */
export function usersSeen({ history, lastDay }: AccountView): number {
  const index = Math.min(lastDay - history.start, history.length - 1);
  return index >= 0 ? history.usersSeen[index]! : 0;
}

/** What may change `provisionedUsers` of as many users seen in events, though no record does. */
export function provisionedHorizon(view: AccountView, horizon: Horizon): void {
  const users = userIndex(view.history);
  for (const { contactId, leftAt } of view.contacts) {
    horizon.at(leftAt);
    horizon.after(users.get(contactId)?.seenDays[0]);
  }
}

/** First day of the window that ends on D. */
function windowStart(view: AccountView, { measures }: Workspace): Day {
  return Math.max(view.lastDay - measures.use.monthlyDays + 1, view.dataFrom);
}

/** `uses` and `provisioned`: `featuresUsed` and `provisionedUsers` of the same view. */
export function adoption(
  view: AccountView,
  workspace: Workspace,
  uses: FeaturesUsed,
  provisioned: Known<number>,
): Adoption {
  const m = workspace.measures;
  const from = windowStart(view, workspace);
  const gap =
    view.usageGap ??
    (view.daysOfData < m.adoption.minimumDays
      ? `${view.daysOfData} of ${m.adoption.minimumDays} days of data`
      : undefined);
  if (gap !== undefined) return unknownAdoption(from, gap, provisioned);

  const { share, breadth } = uses;
  const mau = monthlyActive(view);
  const depth = depthOf(view, workspace, uses, from, mau);
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
    relevant: uses.relevant,
    coreUsed: uses.coreUsed,
    monthlyActiveUsers: mau,
    provisionedUsers: provisioned,
    newRelevantFeature: uses.newRelevantFeature,
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

/** What adoption asks of the features: which of the relevant ones are used. */
export interface FeaturesUsed {
  relevant: FeatureUse[];
  /** Used of the relevant ones. */
  share: Known<number>;
  breadth: Known<number>;
  /** Share of the advanced relevant ones that are used; undefined: there is none. */
  advanced: number | undefined;
  /** Share of the power points that are shown; undefined: none can be. */
  power: number | undefined;
  coreUsed: Known<number>;
  newRelevantFeature: boolean;
}

/** `features`: the relevant ones. */
export function featuresUsed(
  view: AccountView,
  workspace: Workspace,
  features: readonly Feature[],
  plans: ReadonlySet<string>,
): FeaturesUsed {
  const m = workspace.measures;
  const from = windowStart(view, workspace);
  const relevant = featureUses(view, features, from, m.use.usedDays);
  const share: Known<number> =
    relevant.length > 0
      ? known(ratio4(count(relevant, (use) => use.used) / relevant.length))
      : unknown('no relevant features');
  const advanced = relevant.filter((use) => use.feature.advanced);
  const newSince = view.lastDay - m.trend.plateau.newFeatureDays;
  return {
    relevant,
    share,
    breadth: mapKnown(share, (r) => lin(r, m.adoption.breadth)),
    advanced: advanced.length > 0 ? ratio4(count(advanced, (use) => use.used) / advanced.length) : undefined,
    power: powerShare(view, workspace, from, plans),
    coreUsed: known(count(relevant, (use) => use.used && (use.feature.core || workspace.catalogue.featuresDefaulted))),
    newRelevantFeature: relevant.some((use) => use.firstUse !== undefined && use.firstUse > newSince),
  };
}

/** What may change `featuresUsed` of the same features and plans: use that begins, goes on or stops. */
export function featuresUsedHorizon(
  view: AccountView,
  workspace: Workspace,
  { relevant }: FeaturesUsed,
  horizon: Horizon,
): void {
  const { use, trend } = workspace.measures;
  if (windowStart(view, workspace) === view.dataFrom) horizon.daily(); // the window still grows
  const byId = featureIndex(view);
  const look = (featureId: string): void => {
    const days = byId.get(featureId)?.use.days;
    if (days === undefined) return;
    horizon.use(days, 1, use.monthlyDays);
    horizon.use(days, use.usedDays, use.monthlyDays);
  };
  for (const { feature, firstUse } of relevant) {
    look(feature.id);
    horizon.after(firstUse, trend.plateau.newFeatureDays);
  }
  for (const { feature } of powerFeatures(workspace)) look(feature.id);
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
      seen: days > 0,
      used: days >= usedDays,
      firstUse: first !== undefined && first <= view.lastDay ? first : undefined,
    };
  });
}

const featureIndexes = new KeptInHistory<Map<string, FeatureHistory>>();

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
  { advanced, power }: FeaturesUsed,
  from: Day,
  mau: Known<number>,
): Known<number> {
  const { depth: w } = workspace.measures.adoption;
  const workflows = workflowShare(view, workspace, from, mau);
  if (workspace.catalogue.featuresDefaulted && workflows === undefined && power === undefined)
    return unknown('without a catalogue no feature is advanced, a workflow or for power users');
  const mean = weightedMean(
    {
      advanced: part(advanced, w.advanced, 'no advanced feature in the catalogue is relevant'),
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

function count<T>(items: readonly T[], test: (item: T) => boolean): number {
  let n = 0;
  for (const item of items) if (test(item)) n++;
  return n;
}

function mapKnown(input: Known<number>, map: (value: number) => number): Known<number> {
  return input.value === undefined ? input : known(map(input.value));
}
