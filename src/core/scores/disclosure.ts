/**
 * Which users are ready for a feature they have not discovered (skills.md B, progressive_disclosure).
 *
 * Choices where the spec is silent: a core feature is open to everybody, another one to intermediate users, one tagged
 * `api` or `automation` to advanced users; error events name no feature, so errors do not count against mastery.
 */
import type { Catalogue, Feature } from '../catalogue/catalogue.ts';
import type { Horizon } from '../facts/standing.ts';
import { type AccountView, type Known, known, unknown, type Workspace } from '../facts/view.ts';
import { type AccountHistory, countIn, daysIn, KeptInHistory, type UserHistory } from '../history/history.ts';
import { isActiveIn } from '../history/windows.ts';
import type { Measures } from '../policy/measures.ts';
import type { Day } from '../time/calendar.ts';
import { isEntitled } from './adoption.ts';

export const LEVELS = ['beginner', 'intermediate', 'advanced', 'expert'] as const;
export type Level = (typeof LEVELS)[number];

/** First days on which a user reached each level, and first used each feature (by catalogue position). */
interface Growth {
  user: UserHistory;
  reached: Record<Exclude<Level, 'beginner'>, Day>;
  firstUse: Map<string, Day>;
  /** Days on which features came to be mastered, sorted. */
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
  const users = growthOf(view.history, catalogue, measures);
  if (!view.history.users.some((user) => user.sessionDays.length > 0)) return unknown('no session or login events');
  const locked = lockedFeatures(catalogue);
  const from = view.lastDay - measures.use.monthlyDays + 1;
  let ready = 0;
  for (const growth of users) {
    if (growth.reached.intermediate > view.lastDay) continue;
    if (!isActiveIn(growth.user, from, view.lastDay)) continue;
    const rank = LEVELS.indexOf(levelOn(growth, view.lastDay));
    for (const { feature, rank: needed } of locked) {
      if (needed > rank || (growth.firstUse.get(feature.id) ?? NEVER) <= view.lastDay) continue;
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
export function userReadings(view: AccountView, { catalogue, measures }: Workspace): Known<UserReading[]> {
  if (view.usageGap !== undefined) return unknown(view.usageGap);
  if (catalogue.featuresDefaulted) return unknown('the workspace has no catalogue of features');
  const users = growthOf(view.history, catalogue, measures);
  if (!view.history.users.some((user) => user.sessionDays.length > 0)) return unknown('no session or login events');
  const { lastDay } = view;
  const from = lastDay - measures.use.monthlyDays + 1;
  const seen = users.filter(({ user }) => daysIn(user.seenDays, from, lastDay) > 0);
  return known(
    seen.map((growth) => ({
      userId: growth.user.userId,
      level: levelOn(growth, lastDay),
      sessions: countIn({ days: growth.user.sessionDays, counts: growth.user.sessionCounts }, 0, lastDay),
      discovered: new Set([...growth.firstUse].flatMap(([id, day]) => (day <= lastDay ? [id] : []))),
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
  { catalogue, measures }: Workspace,
  plans: ReadonlySet<string>,
  horizon: Horizon,
): void {
  if (catalogue.featuresDefaulted) return;
  const locked = lockedFeatures(catalogue).filter(({ feature }) => isEntitled(feature, plans));
  for (const { user, reached, firstUse } of growthOf(view.history, catalogue, measures)) {
    horizon.after(reached.intermediate);
    if (reached.intermediate > view.lastDay) continue;
    if (locked.every(({ feature }) => (firstUse.get(feature.id) ?? NEVER) <= view.lastDay)) continue; // nothing to find
    horizon.after(reached.advanced);
    horizon.after(reached.expert);
    horizon.use(user.activeDays, 1, measures.use.monthlyDays);
    for (const { feature } of locked) horizon.after(firstUse.get(feature.id));
  }
}

interface LockedFeature {
  feature: Feature;
  /** Place in `LEVELS` of the level it asks for. */
  rank: number;
}
const lockedOf = new WeakMap<Catalogue, LockedFeature[]>();

function lockedFeatures(catalogue: Catalogue): LockedFeature[] {
  let locked = lockedOf.get(catalogue);
  if (locked === undefined) {
    const features = catalogue.features.filter((feature) => !feature.core);
    locked = features.map((feature) => ({ feature, rank: LEVELS.indexOf(requiredLevel(feature)) }));
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

function levelOn({ reached }: Growth, day: Day): Level {
  if (reached.expert <= day) return 'expert';
  if (reached.advanced <= day) return 'advanced';
  return reached.intermediate <= day ? 'intermediate' : 'beginner';
}

function growthOf(history: AccountHistory, catalogue: Catalogue, measures: Measures): Growth[] {
  let users = growths.get(history);
  if (users === undefined) {
    users = history.users.map((user) => grow(user, history, catalogue, measures.disclosure));
    growths.set(history, users);
  }
  return users;
}

function grow(user: UserHistory, history: AccountHistory, catalogue: Catalogue, m: Measures['disclosure']): Growth {
  const firstUse = new Map<string, Day>();
  const mastered: Day[] = [];
  let apiUse = NEVER;
  for (const [index, use] of user.features) {
    const featureId = history.features[index]!.featureId;
    const first = use.days[0] ?? NEVER;
    firstUse.set(featureId, first);
    const feature = catalogue.features.find((each) => each.id === featureId);
    if (feature?.tags.includes('api')) apiUse = Math.min(apiUse, first);
    let uses = 0;
    for (let i = 0; i < use.days.length; i++) {
      uses += use.counts[i]!;
      if (uses >= m.masteredUses && i + 1 >= m.masteredDays) {
        mastered.push(use.days[i]!);
        break;
      }
    }
  }
  const intermediate = Math.max(
    nthDay([...firstUse.values()], m.intermediateFeatures),
    sessionsReach(user, m.beginnerSessions),
  );
  const advanced = Math.max(
    intermediate,
    nthDay(mastered, m.advancedMastered),
    sessionsReach(user, m.advancedSessions),
  );
  return { user, firstUse, mastered, apiUse, reached: { intermediate, advanced, expert: Math.max(advanced, apiUse) } };
}

function nthDay(days: number[], n: number): Day {
  return days.sort((a, b) => a - b)[n - 1] ?? NEVER;
}

function sessionsReach(user: UserHistory, count: number): Day {
  let sessions = 0;
  for (let i = 0; i < user.sessionDays.length; i++) {
    sessions += user.sessionCounts[i]!;
    if (sessions >= count) return user.sessionDays[i]!;
  }
  return NEVER;
}
