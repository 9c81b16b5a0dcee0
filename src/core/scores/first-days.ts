/**
 * The days on which things first happened in an account's history. They do not depend on the day that is looked at, so
 * they are found once per history and a replay only compares them with its D.
 */
import { type Catalogue, isDefaultLogin } from '../catalogue/catalogue.ts';
import type { AccountView, Workspace } from '../facts/view.ts';
import { type AccountHistory, type DayCounts, KeptInHistory } from '../history/history.ts';
import { dayOfCount, firstEventDay, seriesNamed } from '../history/windows.ts';
import type { Measures } from '../policy/measures.ts';
import type { Day } from '../time/calendar.ts';

export interface FirstDays {
  loginTracked: boolean;
  login: Day | undefined;
  setup: { id: string; required: boolean; day: Day | undefined }[];
  coreTracked: boolean;
  coreAction: Day | undefined;
  milestones: { id: string; day: Day | undefined }[];
  /** False where events carry no user ids. */
  usersTracked: boolean;
  secondActiveUser: Day | undefined;
  ahaTracked: boolean;
  aha: Day | undefined;
  quickWinTracked: boolean;
  quickWin: Day | undefined;
}

/** Default `first_value`: the third active day on which two or more features were used (contract.md section 1). */
const DEFAULT_VALUE_DAYS = 3;
const DEFAULT_VALUE_FEATURES = 2;

interface Cached {
  catalogue: Catalogue;
  core: ReadonlySet<string>;
  measures: Measures;
  first: FirstDays;
}
const cache = new KeptInHistory<Cached>();
const coreIds = new WeakMap<Catalogue, ReadonlySet<string>>();

export function firstDays(view: AccountView, workspace: Workspace): FirstDays {
  const { catalogue, measures } = workspace;
  const core = coreFeatures(view, workspace);
  const cached = cache.get(view.history);
  if (cached && cached.catalogue === catalogue && cached.measures === measures && sameSet(cached.core, core)) {
    return cached.first;
  }
  const first = findFirstDays(view.history, catalogue, core, measures.activation);
  cache.set(view.history, { catalogue, core, measures, first });
  return first;
}

/** With the default catalogue the features relevant today are core, so what they are can change from day to day. */
function coreFeatures(view: AccountView, workspace: Workspace): ReadonlySet<string> {
  const { catalogue } = workspace;
  if (catalogue.featuresDefaulted) return workspace.relevantFeatures(view.lastDay);
  let ids = coreIds.get(catalogue);
  if (ids === undefined) {
    ids = new Set(catalogue.features.filter((feature) => feature.core).map((feature) => feature.id));
    coreIds.set(catalogue, ids);
  }
  return ids;
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const each of a) if (!b.has(each)) return false;
  return true;
}

const EVER = Number.MAX_SAFE_INTEGER; // no last day: callers compare with their own D

function findFirstDays(
  history: AccountHistory,
  catalogue: Catalogue,
  core: ReadonlySet<string>,
  m: Measures['activation'],
): FirstDays {
  const logins = catalogue.logins.length > 0 ? catalogue.logins : [...history.events.keys()].filter(isDefaultLogin);
  const quickWins = quickWinIds(catalogue, m.quickWinMinutes);
  const { output, invite, integration } = catalogue.signals;
  return {
    loginTracked: logins.length > 0,
    login: firstEventDay(history, logins, EVER),
    setup: catalogue.setup.map(({ id, required, event }) => ({
      id,
      required,
      day: history.events.get(event)?.days[0],
    })),
    coreTracked: core.size > 0,
    coreAction: firstUseOf(history, core),
    milestones: milestonesOf(history, catalogue),
    usersTracked: history.hasUserIds || history.firstEventDay === undefined,
    secondActiveUser: secondUser(history),
    ahaTracked: core.size > 0 || isNamed(output) || isNamed(invite) || isNamed(integration),
    aha: ahaOf(history, catalogue, core, m.aha),
    quickWinTracked: quickWins.size > 0,
    quickWin: firstUseOf(history, quickWins),
  };
}

function isNamed(events: readonly string[] | undefined): boolean {
  return events !== undefined && events.length > 0;
}

const quickWinsOf = new WeakMap<Catalogue, { minutes: number; ids: ReadonlySet<string> }>();

/** Features that take at most so many minutes. */
function quickWinIds(catalogue: Catalogue, minutes: number): ReadonlySet<string> {
  let kept = quickWinsOf.get(catalogue);
  if (kept?.minutes !== minutes) {
    const quick = catalogue.features.filter((feature) => (feature.minutes ?? Number.POSITIVE_INFINITY) <= minutes);
    kept = { minutes, ids: new Set(quick.map((feature) => feature.id)) };
    quickWinsOf.set(catalogue, kept);
  }
  return kept.ids;
}

function firstUseOf(history: AccountHistory, featureIds: ReadonlySet<string>): Day | undefined {
  let first: Day | undefined;
  for (const { featureId, use } of history.features) {
    const day = use.days[0]!;
    if ((first === undefined || day < first) && featureIds.has(featureId)) first = day;
  }
  return first;
}

/** The day each milestone was first reached; with the default catalogue `first_value` alone. */
export function milestonesOf(history: AccountHistory, catalogue: Catalogue): FirstDays['milestones'] {
  if (catalogue.milestonesDefaulted) return [{ id: 'first_value', day: defaultFirstValue(history) }];
  return catalogue.milestones.map(({ id, event, count }) => ({ id, day: dayOfCount(history, [event], count, EVER) }));
}

function defaultFirstValue(history: AccountHistory): Day | undefined {
  const features = new Uint16Array(history.length);
  for (const feature of history.features) {
    for (const day of feature.use.days) {
      const index = day - history.start;
      if (index >= 0 && index < features.length) features[index]!++;
    }
  }
  let days = 0;
  for (let i = 0; i < features.length; i++) {
    if (features[i]! >= DEFAULT_VALUE_FEATURES && ++days === DEFAULT_VALUE_DAYS) return history.start + i;
  }
  return undefined;
}

function secondUser(history: AccountHistory): Day | undefined {
  let first = EVER;
  let second = EVER;
  for (const { activeDays } of history.users) {
    const day = activeDays[0] ?? EVER;
    if (day < second) second = Math.max(first, day);
    if (day < first) first = day;
  }
  return second < EVER ? second : undefined;
}

function ahaOf(
  history: AccountHistory,
  { signals: { output, invite, integration } }: Catalogue,
  core: ReadonlySet<string>,
  m: Measures['activation']['aha'],
): Day | undefined {
  const coreUse: DayCounts[] = [];
  for (const { featureId, use } of history.features) if (core.has(featureId)) coreUse.push(use);
  const aha = Math.min(
    firstBurst(coreUse, m.coreUses, m.intenseDays),
    firstBurst(seriesNamed(history, output), m.outputs, m.intenseDays),
    firstBurst(seriesNamed(history, invite), m.invites, m.connectDays),
    firstBurst(seriesNamed(history, integration), m.integrations, m.connectDays),
  );
  return aha < EVER ? aha : undefined;
}

/**
 * First day on which the counts of `windowDays` days, that day included, came to `atLeast`, all series added up; `EVER` where
 * they never did. Reads no further than that day, which as a rule is an early one.
 */
function firstBurst(series: readonly DayCounts[], atLeast: number, windowDays: number): Day {
  const next = series.map(() => 0);
  const days: Day[] = [];
  const counts: number[] = [];
  let sum = 0;
  for (let oldest = 0; ; ) {
    let day = EVER;
    for (let i = 0; i < series.length; i++) day = Math.min(day, series[i]!.days[next[i]!] ?? EVER);
    if (day === EVER) return EVER;
    let count = 0;
    for (let i = 0; i < series.length; i++)
      if (series[i]!.days[next[i]!] === day) count += series[i]!.counts[next[i]!++]!;
    days.push(day);
    counts.push(count);
    sum += count;
    while (days[oldest]! <= day - windowDays) sum -= counts[oldest++]!;
    if (sum >= atLeast) return day;
  }
}
