/**
 * Which users are ready for a feature they have not discovered (skills.md B, progressive_disclosure).
 *
 * Choices where the spec is silent: a core feature is open to everybody, another one to intermediate users, one tagged
 * `api` or `automation` to advanced users; error events name no feature, so errors do not count against mastery.
 */
import type { Catalogue, Feature } from '../catalogue/catalogue.ts';
import type { Horizon } from '../facts/standing.ts';
import { type AccountView, type Known, known, unknown, type Workspace } from '../facts/view.ts';
import { countIn, daysIn, type FeatureHistory, KeptInHistory, type UserHistory } from '../history/history.ts';
import { isActiveIn } from '../history/windows.ts';
import type { Measures } from '../policy/measures.ts';
import type { Day } from '../time/calendar.ts';
import { featureIndex, isEntitled } from './adoption.ts';

export const LEVELS = ['beginner', 'intermediate', 'advanced', 'expert'] as const;
export type Level = (typeof LEVELS)[number];

/** First days on which a user reached each level, and first used each feature (by its place in the catalogue). */
interface Growth {
  user: UserHistory;
  intermediate: Day;
  advanced: Day;
  expert: Day;
  firstUse: Day[];
  /** Days on which features came to be used and mastered, sorted. */
  discovered: Day[];
  mastered: Day[];
  apiUse: Day;
}

const NEVER = Number.POSITIVE_INFINITY;
const growths = new KeptInHistory<Growth[]>();

export function usersReadyForUnlock(
  view: AccountView,
  workspace: Workspace,
  plans: ReadonlySet<string>,
): Known<number> {
  const { catalogue, measures } = workspace;
  if (view.usageGap !== undefined) return unknown(view.usageGap);
  if (catalogue.featuresDefaulted) return unknown('the workspace has no catalogue of features');
  const users = growthOf(view, workspace);
  if (!view.history.users.some((user) => user.sessions.days.length > 0)) return unknown('no session or login events');
  const locked = lockedFeatures(catalogue);
  const from = view.lastDay - measures.use.monthlyDays + 1;
  let ready = 0;
  for (const growth of users) {
    if (growth.intermediate > view.lastDay) continue;
    if (!isActiveIn(growth.user, from, view.lastDay)) continue;
    const rank = LEVELS.indexOf(levelOn(growth, view.lastDay));
    for (const { feature, place, rank: needed } of locked) {
      if (needed > rank || growth.firstUse[place]! <= view.lastDay) continue;
      if (!isEntitled(feature, plans)) continue;
      ready++;
      break;
    }
  }
  return known(ready);
}

/** What one user has done by D, of those seen in the last `use.monthlyDays` days. */
export interface UserReading {
  userId: string;
  level: Level;
  sessions: number;
  /** Ids of the features used at least once. */
  discovered: ReadonlySet<string>;
  mastered: number;
  usesApi: boolean;
  /** Had a value event in those days. */
  active: boolean;
}

/** Users in the order of their first event. Unknown for the reasons for which `usersReadyForUnlock` is. */
export function userReadings(view: AccountView, workspace: Workspace): Known<UserReading[]> {
  const { catalogue, measures } = workspace;
  if (view.usageGap !== undefined) return unknown(view.usageGap);
  if (catalogue.featuresDefaulted) return unknown('the workspace has no catalogue of features');
  const users = growthOf(view, workspace);
  if (!view.history.users.some((user) => user.sessions.days.length > 0)) return unknown('no session or login events');
  const { lastDay } = view;
  const from = lastDay - measures.use.monthlyDays + 1;
  const seen = users.filter(({ user }) => daysIn(user.seenDays, from, lastDay) > 0);
  return known(
    seen.map((growth) => ({
      userId: growth.user.userId,
      level: levelOn(growth, lastDay),
      sessions: countIn(growth.user.sessions, 0, lastDay),
      discovered: new Set(
        catalogue.features.flatMap(({ id }, place) => (growth.firstUse[place]! <= lastDay ? [id] : [])),
      ),
      mastered: growth.mastered.filter((day) => day <= lastDay).length,
      usesApi: growth.apiUse <= lastDay,
      active: isActiveIn(growth.user, from, lastDay),
    })),
  );
}

/** Entitled features that a user of this level may have and has not discovered, in the catalogue's order. */
export function undiscovered(
  level: Level,
  discovered: ReadonlySet<string>,
  catalogue: Catalogue,
  plans: ReadonlySet<string>,
): Feature[] {
  const rank = LEVELS.indexOf(level);
  return lockedFeatures(catalogue)
    .filter(({ feature, rank: needed }) => needed <= rank && !discovered.has(feature.id) && isEntitled(feature, plans))
    .map(({ feature }) => feature);
}

/** What may change `usersReadyForUnlock` of the same plans: a user who comes back or stays away, grows, or finds a feature. */
export function usersReadyHorizon(
  view: AccountView,
  workspace: Workspace,
  plans: ReadonlySet<string>,
  horizon: Horizon,
): void {
  const { catalogue, measures } = workspace;
  if (catalogue.featuresDefaulted) return;
  const locked = lockedFeatures(catalogue).filter(({ feature }) => isEntitled(feature, plans));
  for (const { user, intermediate, advanced, expert, firstUse } of growthOf(view, workspace)) {
    horizon.after(intermediate);
    if (intermediate > view.lastDay) continue;
    if (locked.every(({ place }) => firstUse[place]! <= view.lastDay)) continue; // nothing to find
    horizon.after(advanced);
    horizon.after(expert);
    horizon.use(user.activeDays, 1, measures.use.monthlyDays);
    for (const { place } of locked) horizon.after(firstUse[place]);
  }
}

interface LockedFeature {
  feature: Feature;
  /** In the catalogue. */
  place: number;
  /** Place in `LEVELS` of the level it asks for. */
  rank: number;
}
const lockedOf = new WeakMap<Catalogue, LockedFeature[]>();

function lockedFeatures(catalogue: Catalogue): LockedFeature[] {
  let locked = lockedOf.get(catalogue);
  if (locked === undefined) {
    locked = catalogue.features
      .map((feature, place) => ({ feature, place, rank: LEVELS.indexOf(requiredLevel(feature)) }))
      .filter(({ feature }) => !feature.core);
    lockedOf.set(catalogue, locked);
  }
  return locked;
}

export function requiredLevel(feature: Feature): Level {
  if (feature.core) return 'beginner';
  return isApi(feature) ? 'advanced' : 'intermediate';
}

function isApi(feature: Feature): boolean {
  return feature.tags.includes('api') || feature.tags.includes('automation');
}

function levelOn({ intermediate, advanced, expert }: Growth, day: Day): Level {
  if (expert <= day) return 'expert';
  if (advanced <= day) return 'advanced';
  return intermediate <= day ? 'intermediate' : 'beginner';
}

function growthOf(view: AccountView, { catalogue, measures }: Workspace): Growth[] {
  let users = growths.get(view.history);
  if (users === undefined) {
    users = findGrowth(view, catalogue, measures.disclosure);
    growths.set(view.history, users);
  }
  return users;
}

function beginning(user: UserHistory, features: number): Growth {
  return {
    user,
    intermediate: NEVER,
    advanced: NEVER,
    expert: NEVER,
    firstUse: new Array<Day>(features).fill(NEVER),
    discovered: [],
    mastered: [],
    apiUse: NEVER,
  };
}

function findGrowth(view: AccountView, { features }: Catalogue, m: Measures['disclosure']): Growth[] {
  const index = featureIndex(view);
  const users = view.history.users.map((user) => beginning(user, features.length));
  for (let place = 0; place < features.length; place++) {
    const used = index.get(features[place]!.id);
    if (used !== undefined) addUses(users, used, place, m);
    if (features[place]!.tags.includes('api'))
      for (const growth of users) growth.apiUse = Math.min(growth.apiUse, growth.firstUse[place]!);
  }
  for (const growth of users) {
    const { user, discovered, mastered } = growth;
    growth.intermediate = Math.max(
      discovered[m.intermediateFeatures - 1] ?? NEVER,
      sessionsReach(user, m.beginnerSessions),
    );
    growth.advanced = Math.max(
      growth.intermediate,
      mastered[m.advancedMastered - 1] ?? NEVER,
      sessionsReach(user, m.advancedSessions),
    );
    growth.expert = Math.max(growth.advanced, growth.apiUse);
  }
  return users;
}

const MASTERED = -(2 ** 30); // no number of days reaches what it takes from here

/** When each user first used the feature, and when they mastered it. */
function addUses(users: readonly Growth[], used: FeatureHistory, place: number, m: Measures['disclosure']): void {
  const { useDay, useUser, useCount } = used;
  const days = new Array<number>(users.length).fill(0);
  const uses = new Array<number>(users.length).fill(0);
  for (let i = 0; i < useDay.length; i++) {
    const user = useUser[i]!;
    if (user < 0) continue;
    const day = useDay[i]!;
    if (days[user]!++ === 0) {
      users[user]!.firstUse[place] = day;
      insert(users[user]!.discovered, day);
    }
    uses[user]! += useCount[i]!;
    if (uses[user]! >= m.masteredUses && days[user]! >= m.masteredDays) {
      insert(users[user]!.mastered, day);
      days[user] = MASTERED;
    }
  }
}

function insert(sorted: Day[], day: Day): void {
  let at = sorted.length;
  for (; at > 0 && sorted[at - 1]! > day; at--) sorted[at] = sorted[at - 1]!;
  sorted[at] = day;
}

function sessionsReach({ sessions: { days, counts } }: UserHistory, count: number): Day {
  let sessions = 0;
  for (let i = 0; i < days.length; i++) {
    sessions += counts[i]!;
    if (sessions >= count) return days[i]!;
  }
  return NEVER;
}
