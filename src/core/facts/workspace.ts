/**
 * What the accounts of a workspace say about each other: which features are commonly used, how fast peers reached a
 * milestone, which products peers adopted. Answers for a day use nothing that happened after it.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { upperBound } from '../history/history.ts';
import type { Measures } from '../policy/measures.ts';
import { median, ratio4 } from '../scores/number.ts';
import { type Day, firstDayOfMonth, monthOf } from '../time/calendar.ts';
import type { AccountProfile, DayInterval } from './profile.ts';

export interface WorkspaceContext {
  /**
   * Default catalogue only (else empty): features that at least `use.relevantShare` of the accounts active in the
   * `use.relevantDays` days ending on `day` used in them. Test accounts do not count. Equal answers are the same object.
   */
  relevantFeatures(day: Day): ReadonlySet<string>;
  /**
   * Median days from start to milestone of the peers that had reached it before the month of `day`; undefined when fewer
   * than `peers.accountsAtLeast` had.
   */
  peerMedian(
    day: Day,
    segment: string | undefined,
    planId: string | undefined,
    milestoneId: string,
  ): number | undefined;
  /** Share (0-1) of the peers that had adopted the product before the month of `day`; undefined with too few peers. */
  peerAttach(day: Day, segment: string | undefined, planId: string | undefined, productId: string): number | undefined;
  /** Changes when an answer that today's decisions may have used changes. */
  fingerprint(today: Day): string;
}

/** Days before today whose relevant features a decision of today may look at: the longest window and trend of part A. */
const LOOK_BACK_DAYS = 120;

export function buildWorkspaceContext(
  profiles: readonly AccountProfile[],
  catalogue: Catalogue,
  measures: Measures,
): WorkspaceContext {
  const customers = profiles.filter((profile) => !profile.isTest);
  const relevance = catalogue.featuresDefaulted ? new Relevance(customers, measures.use.relevantShare) : undefined;
  const peers = new Peers(customers, measures.peers.accountsAtLeast);
  const none: ReadonlySet<string> = new Set();
  const relevantFeatures = (day: Day) => relevance?.on(day) ?? none;
  return {
    relevantFeatures,
    peerMedian: (day, segment, planId, milestoneId) => peers.groupOf(day, segment, planId)?.median(milestoneId),
    peerAttach: (day, segment, planId, productId) => peers.groupOf(day, segment, planId)?.attach(productId),
    fingerprint(today) {
      const sets: [Day, string[]][] = [];
      for (let day = today - LOOK_BACK_DAYS; day < today; day++) {
        if (day > today - LOOK_BACK_DAYS && relevantFeatures(day) === relevantFeatures(day - 1)) continue;
        sets.push([day, [...relevantFeatures(day)].sort()]);
      }
      return JSON.stringify([sets, peers.describe(today - 1), peers.describe(today)]);
    },
  };
}

/** On how many accounts' intervals a day lies: those begun by then, less those over before it. */
class IntervalCount {
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;

  constructor(intervals: readonly DayInterval[]) {
    this.starts = Int32Array.from(intervals, ([from]) => from).sort();
    this.ends = Int32Array.from(intervals, ([, to]) => to).sort();
  }

  on(day: Day): number {
    return upperBound(this.starts, day) - upperBound(this.ends, day - 1);
  }
}

class Relevance {
  private readonly share: number;
  private readonly active: IntervalCount;
  private readonly features: [id: string, uses: IntervalCount][];
  private readonly byDay = new Map<Day, ReadonlySet<string>>();
  private readonly byContent = new Map<string, ReadonlySet<string>>();

  constructor(profiles: readonly AccountProfile[], share: number) {
    this.share = share;
    this.active = new IntervalCount(profiles.flatMap((profile) => profile.activeIntervals));
    const byFeature = new Map<string, DayInterval[]>();
    for (const profile of profiles) {
      for (const [id, intervals] of Object.entries(profile.featureIntervals ?? {})) {
        const all = byFeature.get(id);
        if (all === undefined) byFeature.set(id, [...intervals]);
        else all.push(...intervals);
      }
    }
    this.features = [...byFeature]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, all]) => [id, new IntervalCount(all)]);
  }

  on(day: Day): ReadonlySet<string> {
    let relevant = this.byDay.get(day);
    if (relevant === undefined) {
      relevant = this.find(day);
      this.byDay.set(day, relevant);
    }
    return relevant;
  }

  private find(day: Day): ReadonlySet<string> {
    const active = this.active.on(day);
    const ids: string[] = [];
    for (const [id, uses] of this.features) {
      const using = uses.on(day);
      if (using > 0 && ratio4(using / active) >= this.share) ids.push(id);
    }
    const content = JSON.stringify(ids);
    let relevant = this.byContent.get(content);
    if (relevant === undefined) {
      relevant = new Set(ids);
      this.byContent.set(content, relevant);
    }
    return relevant;
  }
}

const MOST_MONTHS_KEPT = 60; // a replay walks forward: months long past are not asked for again

/** Accounts of the same segment and paid plan on the first day of a month. An account is among its own peers. */
class Peers {
  private readonly profiles: readonly AccountProfile[];
  private readonly atLeast: number;
  private readonly months = new Map<number, Map<string, PeerGroup>>();

  constructor(profiles: readonly AccountProfile[], atLeast: number) {
    this.profiles = profiles;
    this.atLeast = atLeast;
  }

  /** Undefined when segment or plan is not known, or too few accounts share them. */
  groupOf(day: Day, segment: string | undefined, planId: string | undefined): PeerGroup | undefined {
    if (segment === undefined || planId === undefined) return undefined;
    const groups = this.groupsOf(monthOf(day));
    return groups.size === 0 ? undefined : groups.get(groupKey(segment, planId));
  }

  /** Everything the groups of the day's month answer. */
  describe(day: Day): unknown {
    const groups = [...this.groupsOf(monthOf(day))].sort(([a], [b]) => (a < b ? -1 : 1));
    return groups.map(([key, group]) => [key, group.describe()]);
  }

  private groupsOf(month: number): ReadonlyMap<string, PeerGroup> {
    let groups = this.months.get(month);
    if (groups === undefined) {
      if (this.months.size >= MOST_MONTHS_KEPT) this.months.clear();
      groups = this.findGroups(firstDayOfMonth(month));
      this.months.set(month, groups);
    }
    return groups;
  }

  private findGroups(firstDay: Day): Map<string, PeerGroup> {
    const members = new Map<string, AccountProfile[]>();
    for (const profile of this.profiles) {
      const planId = paidPlanOn(profile, firstDay);
      if (profile.segment === null || planId === null) continue;
      const key = groupKey(profile.segment, planId);
      const group = members.get(key);
      if (group === undefined) members.set(key, [profile]);
      else group.push(profile);
    }
    const groups = new Map<string, PeerGroup>();
    for (const [key, group] of members) {
      if (group.length >= this.atLeast) groups.set(key, new PeerGroup(group, firstDay, this.atLeast));
    }
    return groups;
  }
}

/** The segment's length keeps apart what segment and plan would spell alike. */
function groupKey(segment: string, planId: string): string {
  return `${segment.length}:${segment}${planId}`;
}

function paidPlanOn({ plans }: AccountProfile, day: Day): string | null {
  for (let i = plans.length - 1; i >= 0; i--) {
    const [from, planId, isTrial] = plans[i]!;
    if (from <= day) return isTrial ? null : planId;
  }
  return null;
}

class PeerGroup {
  private readonly members: readonly AccountProfile[];
  private readonly firstDay: Day;
  private readonly atLeast: number;
  private readonly medians = new Map<string, number | undefined>();
  private readonly shares = new Map<string, number>();

  constructor(members: readonly AccountProfile[], firstDay: Day, atLeast: number) {
    this.members = members;
    this.firstDay = firstDay;
    this.atLeast = atLeast;
  }

  median(milestoneId: string): number | undefined {
    if (!this.medians.has(milestoneId)) this.medians.set(milestoneId, this.findMedian(milestoneId));
    return this.medians.get(milestoneId);
  }

  attach(productId: string): number {
    let share = this.shares.get(productId);
    if (share === undefined) {
      const adopted = this.members.filter((member) => this.isBefore(ownDay(member.adoptedProducts, productId)));
      share = ratio4(adopted.length / this.members.length);
      this.shares.set(productId, share);
    }
    return share;
  }

  describe(): unknown {
    const milestones = new Set(this.members.flatMap((member) => Object.keys(member.milestoneDays)));
    const products = new Set(this.members.flatMap((member) => Object.keys(member.adoptedProducts)));
    return [
      [...milestones].sort().map((id) => [id, this.median(id) ?? null]),
      [...products].sort().map((id) => [id, this.attach(id)]),
    ];
  }

  private findMedian(milestoneId: string): number | undefined {
    const days: number[] = [];
    for (const { milestoneDays, startDay } of this.members) {
      const reached = ownDay(milestoneDays, milestoneId);
      // use from before the account was created counts as reached on its first day
      if (this.isBefore(reached)) days.push(Math.max(0, reached! - startDay));
    }
    return days.length < this.atLeast ? undefined : median(days);
  }

  private isBefore(day: Day | undefined): boolean {
    return day !== undefined && day < this.firstDay;
  }
}

function ownDay(days: Record<string, Day>, id: string): Day | undefined {
  return Object.hasOwn(days, id) ? days[id] : undefined;
}
