/**
 * plg/progressive_disclosure (skills.md B): reveals features to the users who are ready for them.
 *
 * Choices where the spec is silent. Users are those seen in the last 30 days who have not left; which feature asks for
 * which level stands in `../../scores/disclosure.ts`. The account's way to its next level is that of the user of the
 * account mode who is nearest to it. Whoever wants every feature shown (property `showAllFeatures` of the account or of
 * the contact) has nothing revealed. Nothing is ever hidden by this skill.
 */
import { z } from 'zod';
import type { Feature } from '../../catalogue/catalogue.ts';
import { countText, words } from '../../document/figures.ts';
import { inert, labelled, table } from '../../document/markdown.ts';
import { isEntitled, openGoalTags } from '../../scores/adoption.ts';
import { LEVELS, type Level, type UserReading, undiscovered, userReadings } from '../../scores/disclosure.ts';
import { addBusinessDays } from '../../time/calendar.ts';
import { refusedOutput } from '../run-skill.ts';
import { defineSkill, type SkillContext, type SkillOutput, type SkillSection } from '../skill.ts';
import type { ActionDraft } from '../skill-result.ts';
import { accountMode, type LevelPath, levelPath } from './disclosure-path.ts';

export interface ProgressiveDisclosure {
  usersByLevel: Record<Level, number>;
  /** Null: nobody was seen lately. */
  accountMode: Level | null;
  unlocks: { userId: string; featureIds: string[] }[];
  /** Who of the account mode is nearest to the next level, and what it opens first (null: nothing). */
  nextUnlock: { userId: string; level: Level; featureId: string | null } | null;
  /** Of that user; null: everybody of the account mode is at the top. */
  percentToNext: number | null;
}

const parameters = z.strictObject({
  perSession: z.number().int().min(1).max(10).default(2).describe('features revealed to a user in one session'),
  listed: z.number().int().min(1).max(200).default(20).describe('users listed in the document'),
});
type Parameters = z.infer<typeof parameters>;
type Context = SkillContext<Parameters>;

export const progressiveDisclosure = defineSkill<Parameters, ProgressiveDisclosure>({
  name: 'plg/progressive_disclosure',
  domain: 'plg',
  purpose: 'Reveals entitled features to the users who are ready for them',
  customerFacing: true,
  conversation: 'none',
  serviceMessage: false,
  celebration: false,
  inputs: {
    required: ['login or session events with userId', 'catalogue features', 'events'],
    optional: ['goals', 'contacts', 'subscriptions'],
  },
  sections: ['Levels', 'Unlocks', 'Path'],
  parameters,
  outcome: {
    measure: 'users_ready_for_unlock',
    unit: 'users',
    better: 'lower',
    // most weekly users have come back twice by then
    horizonDays: 14,
    noise: 0,
    read: ({ usersReady }) => usersReady,
  },
  run: runDisclosure,
});

interface Placed {
  user: UserReading;
  path: LevelPath;
}

function runDisclosure(context: Context): SkillOutput<ProgressiveDisclosure | null> {
  const { measured, workspace } = context;
  const { view } = measured;
  if (view.account.properties?.showAllFeatures === true) {
    return refusedOutput('shown_by_preference', 'The account wants every feature shown, so there is none to reveal.');
  }
  const readings = userReadings(view, workspace);
  if (readings.value === undefined) {
    const gap = { fact: 'sessions', reason: readings.reason };
    return {
      status: 'insufficient_data',
      reasons: [],
      dataGaps: [gap],
      result: null,
      actions: [],
      sections: [{ title: 'Levels', body: 'Levels are unknown, so nothing is hidden and nothing is revealed.' }],
    };
  }
  const placed = placedUsers(readings.value, context);
  const result = resultOf(placed, context);
  return {
    status: 'ok',
    reasons: placed.length === 0 ? ['no_recent_user'] : result.unlocks.length === 0 ? ['nothing_to_unlock'] : [],
    dataGaps: [],
    result,
    actions: actionsOf(result, context),
    sections: sectionsOf(placed, result, context),
  };
}

function placedUsers(readings: readonly UserReading[], { measured, workspace }: Context): Placed[] {
  const { view, contract } = measured;
  const left = new Set(
    view.contacts.filter((each) => (each.leftAt ?? view.today + 1) <= view.today).map((each) => each.contactId),
  );
  const plans = new Set(contract.planIds);
  const hasApi = workspace.catalogue.features.some((each) => each.tags.includes('api') && isEntitled(each, plans));
  const m = workspace.measures.disclosure;
  return readings
    .filter(({ userId }) => !left.has(userId))
    .map((user) => ({ user, path: levelPath({ ...user, features: user.discovered.size }, hasApi, m) }));
}

function resultOf(placed: readonly Placed[], context: Context): ProgressiveDisclosure {
  const usersByLevel: Record<Level, number> = { beginner: 0, intermediate: 0, advanced: 0, expert: 0 };
  for (const { path } of placed) usersByLevel[path.level]++;
  const mode = accountMode(usersByLevel);
  const nearest = placed
    .filter(({ path }) => path.level === mode && path.next !== undefined)
    .sort((a, b) => b.path.percentToNext! - a.path.percentToNext! || (a.user.userId < b.user.userId ? -1 : 1))[0];
  return {
    usersByLevel,
    accountMode: mode ?? null,
    unlocks: unlocksOf(placed, context),
    nextUnlock:
      nearest === undefined
        ? null
        : {
            userId: nearest.user.userId,
            level: nearest.path.next!,
            featureId: openedBy(nearest, context)[0]?.id ?? null,
          },
    percentToNext: nearest?.path.percentToNext ?? null,
  };
}

function unlocksOf(placed: readonly Placed[], context: Context): ProgressiveDisclosure['unlocks'] {
  const { view } = context.measured;
  const all = new Set(
    view.contacts.filter((each) => each.properties?.showAllFeatures === true).map((each) => each.contactId),
  );
  return placed
    .filter(({ user }) => user.active && !all.has(user.userId))
    .map(({ user, path }) => {
      const features = ordered(undiscoveredBy(user, path.level, context), context);
      return { userId: user.userId, featureIds: features.slice(0, context.parameters.perSession).map(({ id }) => id) };
    })
    .filter(({ featureIds }) => featureIds.length > 0)
    .sort((a, b) => (a.userId < b.userId ? -1 : 1));
}

function undiscoveredBy(user: UserReading, level: Level, { measured, workspace }: Context): Feature[] {
  return undiscovered(level, user.discovered, workspace.catalogue, new Set(measured.contract.planIds));
}

/** What the next level opens beyond the present one. */
function openedBy({ user, path }: Placed, context: Context): Feature[] {
  const now = new Set(undiscoveredBy(user, path.level, context));
  return ordered(
    undiscoveredBy(user, path.next!, context).filter((feature) => !now.has(feature)),
    context,
  );
}

/** Those that share a tag with an open goal first, then by id. */
function ordered(features: readonly Feature[], { measured }: Context): Feature[] {
  const goalTags = openGoalTags(measured.view);
  const misses = (feature: Feature) => (feature.tags.some((tag) => goalTags.has(tag)) ? 0 : 1);
  return features.toSorted((a, b) => misses(a) - misses(b) || (a.id < b.id ? -1 : 1));
}

const NAMED_FEATURES = 3; // a title names no more of them

function actionsOf({ unlocks }: ProgressiveDisclosure, { measured, workspace }: Context): ActionDraft[] {
  if (unlocks.length === 0) return [];
  const users = new Map<string, number>();
  for (const id of unlocks.flatMap(({ featureIds }) => featureIds)) users.set(id, (users.get(id) ?? 0) + 1);
  const features = [...users].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const named = features.slice(0, NAMED_FEATURES).map(([id, count]) => `${words(id)} to ${countText(count, 'user')}`);
  const rest = features.length - named.length;
  return [
    {
      key: 'unlock',
      title: `Reveal ${named.join(', ')}${rest > 0 ? ` and ${countText(rest, 'further feature')}` : ''}`,
      role: 'growth',
      due: addBusinessDays(measured.view.today, 0, workspace.catalogue.holidays),
      channel: 'in_app',
      evidence: [],
    },
  ];
}

function sectionsOf(placed: readonly Placed[], result: ProgressiveDisclosure, context: Context): SkillSection[] {
  const { usersByLevel, accountMode: mode, unlocks } = result;
  const days = context.workspace.measures.use.monthlyDays;
  const levels =
    mode === null
      ? `No user was seen in the last ${days} days.`
      : [
          table(
            ['Level', 'Users'],
            LEVELS.map((level) => [level, String(usersByLevel[level])]),
            [1],
          ),
          labelled('Account mode', mode),
        ].join('\n\n');
  const { features } = context.workspace.catalogue;
  const core = features.filter((feature) => feature.core).length;
  const open = `Nothing is hidden: ${countText(core, 'core feature')} and whatever a user has discovered stay open.`;
  const levelOf = new Map(placed.map(({ user, path }) => [user.userId, path.level]));
  const rows = unlocks
    .slice(0, context.parameters.listed)
    .map(({ userId, featureIds }) => [
      inert(nameOf(userId, context)),
      levelOf.get(userId)!,
      inert(featureIds.map(words).join(', ')),
    ]);
  const more = unlocks.length - rows.length;
  const unlockBlocks = [
    ...(rows.length === 0 ? ['No user is ready for a further feature.'] : [table(['User', 'Level', 'Features'], rows)]),
    ...(more > 0 ? [`${countText(more, 'further user')} in the result.`] : []),
    open,
  ];
  return [
    { title: 'Levels', body: levels },
    { title: 'Unlocks', body: unlockBlocks.join('\n\n') },
    { title: 'Path', body: pathText(placed, result, context) },
  ];
}

function pathText(placed: readonly Placed[], { nextUnlock, percentToNext }: ProgressiveDisclosure, context: Context) {
  if (nextUnlock === null) return 'No user of the account mode has a further level ahead.';
  const { user } = placed.find((each) => each.user.userId === nextUnlock.userId)!;
  const m = context.workspace.measures.disclosure;
  const need: Record<Level, string> = {
    beginner: '',
    intermediate: `${met(user.sessions, m.beginnerSessions)} sessions, ${met(user.discovered.size, m.intermediateFeatures)} features`,
    advanced: `${met(user.sessions, m.advancedSessions)} sessions, ${met(user.mastered, m.advancedMastered)} features mastered`,
    expert: 'no API use yet',
  };
  const opens = nextUnlock.featureId === null ? 'opens no further feature' : `opens ${words(nextUnlock.featureId)}`;
  const text = `${nameOf(nextUnlock.userId, context)} is ${percentToNext} % of the way to ${nextUnlock.level} (${need[nextUnlock.level]}), which ${opens}.`;
  return inert(text);
}

/** What is needed, and how much of it is there: more than enough is enough. */
function met(have: number, need: number): string {
  return `${Math.min(have, need)} of ${need}`;
}

/** Users whose id is that of a contact are called by name. */
function nameOf(userId: string, { measured }: Context): string {
  return measured.view.contacts.find(({ contactId }) => contactId === userId)?.name ?? userId;
}
