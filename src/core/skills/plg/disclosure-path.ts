/** Calc of plg/progressive_disclosure (skills.md B): a user's level and the way to the next one. Pure. */
import type { Measures } from '../../policy/measures.ts';
import { LEVELS, type Level } from '../../scores/disclosure.ts';

export interface UserUse {
  sessions: number;
  features: number;
  mastered: number;
  usesApi: boolean;
}

export interface LevelPath {
  level: Level;
  /** Undefined at the top. */
  next: Level | undefined;
  /** floor(100 x the smallest of the requirement ratios) of the next level; undefined at the top. */
  percentToNext: number | undefined;
}

/** `hasApi`: the account has an API feature; without one nobody becomes an expert, and advanced is the top. */
export function levelPath(use: UserUse, hasApi: boolean, m: Measures['disclosure']): LevelPath {
  const percents: [Level, number][] = [
    ['intermediate', lowest([use.sessions, m.beginnerSessions], [use.features, m.intermediateFeatures])],
    ['advanced', lowest([use.sessions, m.advancedSessions], [use.mastered, m.advancedMastered])],
  ];
  if (hasApi) percents.push(['expert', use.usesApi ? 100 : 0]);
  const open = percents.findIndex(([, percent]) => percent < 100);
  const reached = open < 0 ? percents.length : open;
  const [next, percentToNext] = percents[reached] ?? [undefined, undefined];
  return { level: LEVELS[reached]!, next, percentToNext };
}

function lowest(...requirements: [have: number, need: number][]): number {
  return Math.min(...requirements.map(([have, need]) => (need === 0 ? 100 : Math.floor((100 * have) / need))), 100);
}

/** The most common level, of equally common ones the lower; undefined without users. */
export function accountMode(usersByLevel: Readonly<Record<Level, number>>): Level | undefined {
  let mode: Level | undefined;
  for (const level of LEVELS) {
    if (usersByLevel[level] > (mode === undefined ? 0 : usersByLevel[mode])) mode = level;
  }
  return mode;
}
