/**
 * What the accounts of a workspace say about each other: which features are commonly used, how fast peers reached a
 * milestone, which products peers adopted. Answers for a day use nothing that happened after it.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Measures } from '../policy/measures.ts';
import { median, ratio4 } from '../scores/number.ts';
import { type Day, firstDayOfMonth, monthOf } from '../time/calendar.ts';
import type { AccountProfile } from './profile.ts';
import { intervalsOn, PackedProfile, type ProfileTable, packProfiles } from './profile-table.ts';

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
  profiles: Iterable<AccountProfile>,
  catalogue: Catalogue,
  measures: Measures,
): WorkspaceContext {
  return workspaceContext(packProfiles(profiles, catalogue.featuresDefaulted), measures);
}

/** `table.use` is there where the catalogue's features are defaulted, and only there. */
export function workspaceContext(table: ProfileTable, measures: Measures): WorkspaceContext {
  const relevance = table.use && new Relevance(table.use, measures.use.relevantShare);
  const peers = new Peers(table, measures.peers.accountsAtLeast);
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

class Relevance {
  private readonly share: number;
  private readonly use: NonNullable<ProfileTable['use']>;
  private readonly byDay = new Map<Day, ReadonlySet<string>>();
  private readonly byContent = new Map<string, ReadonlySet<string>>();

  constructor(use: NonNullable<ProfileTable['use']>, share: number) {
    this.use = use;
    this.share = share;
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
    const active = intervalsOn(this.use.active, day);
    const ids: string[] = [];
    for (const [id, uses] of this.use.features) {
      const using = intervalsOn(uses, day);
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
  private readonly table: ProfileTable;
  private readonly atLeast: number;
  private readonly months = new Map<number, Map<string, PeerGroup>>();

  constructor(table: ProfileTable, atLeast: number) {
    this.table = table;
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
    const { texts, cells } = this.table;
    const members = new Map<number, number[]>(); // by segment and plan: where in the table each member stands
    for (let at = 0; at < cells.length; ) {
      const profile = new PackedProfile(cells, at);
      const planId = profile.paidPlanOn(firstDay);
      if (profile.segment >= 0 && planId >= 0) {
        const key = profile.segment * texts.length + planId;
        const group = members.get(key);
        if (group === undefined) members.set(key, [at]);
        else group.push(at);
      }
      at = profile.end;
    }
    const groups = new Map<string, PeerGroup>();
    for (const [key, group] of members) {
      if (group.length < this.atLeast) continue;
      const segment = texts[Math.floor(key / texts.length)]!;
      groups.set(
        groupKey(segment, texts[key % texts.length]!),
        new PeerGroup(this.table, group, firstDay, this.atLeast),
      );
    }
    return groups;
  }
}

/** The segment's length keeps apart what segment and plan would spell alike. */
function groupKey(segment: string, planId: string): string {
  return `${segment.length}:${segment}${planId}`;
}

class PeerGroup {
  private readonly table: ProfileTable;
  private readonly places: readonly number[];
  private readonly firstDay: Day;
  private readonly atLeast: number;
  private readonly medians = new Map<string, number | undefined>();
  private readonly shares = new Map<string, number>();
  private description: unknown;

  constructor(table: ProfileTable, places: readonly number[], firstDay: Day, atLeast: number) {
    this.table = table;
    this.places = places;
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
      const product = this.table.texts.indexOf(productId);
      let adopted = 0;
      for (const member of this.members()) if (this.isBefore(member.productDay(product))) adopted++;
      share = ratio4(adopted / this.places.length);
      this.shares.set(productId, share);
    }
    return share;
  }

  describe(): unknown {
    this.description ??= this.find();
    return this.description;
  }

  private find(): unknown {
    const milestones = new Set<number>();
    const products = new Set<number>();
    for (const member of this.members()) {
      member.addMilestones(milestones);
      member.addProducts(products);
    }
    return [
      this.sorted(milestones).map((id) => [id, this.median(id) ?? null]),
      this.sorted(products).map((id) => [id, this.attach(id)]),
    ];
  }

  private findMedian(milestoneId: string): number | undefined {
    const milestone = this.table.texts.indexOf(milestoneId);
    const days: number[] = [];
    for (const member of this.members()) {
      const reached = member.milestoneDay(milestone);
      // use from before the account was created counts as reached on its first day
      if (this.isBefore(reached)) days.push(Math.max(0, reached! - member.startDay));
    }
    return days.length < this.atLeast ? undefined : median(days);
  }

  private isBefore(day: Day | undefined): boolean {
    return day !== undefined && day < this.firstDay;
  }

  private sorted(texts: ReadonlySet<number>): string[] {
    return Array.from(texts, (text) => this.table.texts[text]!).sort();
  }

  private *members(): Generator<PackedProfile> {
    for (const place of this.places) yield new PackedProfile(this.table.cells, place);
  }
}
