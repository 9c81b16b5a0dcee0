/**
 * The profiles of a workspace in one block of numbers: fifty thousand of them as objects would take more memory than
 * everything else an evaluation holds. Plain data, so that it can be handed to another thread.
 */
import { upperBound } from '../history/history.ts';
import type { Day } from '../time/calendar.ts';
import type { AccountProfile, DayInterval } from './profile.ts';

/** First and last days of many intervals, each sorted by itself: enough to count how many lie on a day. */
export interface IntervalColumns {
  starts: Int32Array;
  ends: Int32Array;
}

export interface ProfileTable {
  /** Segments, plans, milestones and products by their index. */
  texts: readonly string[];
  /**
   * One customer after the other: segment (-1: none), start day, then three lists, each after its length: plans in force
   * (first day, plan or -1, 1 for a trial), milestones reached and products adopted (text, day).
   */
  cells: Int32Array;
  /** Kept for the default catalogue only; undefined: not asked for. */
  use: { active: IntervalColumns; features: [featureId: string, uses: IntervalColumns][] } | undefined;
}

const NONE = -1;
const PLAN_FIELDS = 3;
const DAY_FIELDS = 2;

/** Packs the customers among `profiles`: test accounts are left out. `withUse`: also on which days features were used. */
export function packProfiles(profiles: Iterable<AccountProfile>, withUse: boolean): ProfileTable {
  const packer = new ProfilePacker(withUse);
  for (const profile of profiles) packer.add(profile);
  return packer.finish();
}

/** The same for profiles that come one by one. */
export class ProfilePacker {
  readonly #texts = new Map<string, number>();
  readonly #cells = new Numbers();
  readonly #use: UseColumns | undefined;

  constructor(withUse: boolean) {
    this.#use = withUse ? new UseColumns() : undefined;
  }

  add(profile: AccountProfile): void {
    if (profile.isTest) return;
    const cells = this.#cells;
    cells.add(this.#idOf(profile.segment));
    cells.add(profile.startDay);
    cells.add(profile.plans.length);
    for (const [from, planId, isTrial] of profile.plans) {
      cells.add(from);
      cells.add(this.#idOf(planId));
      cells.add(isTrial ? 1 : 0);
    }
    this.#addDays(profile.milestoneDays);
    this.#addDays(profile.adoptedProducts);
    this.#use?.add(profile);
  }

  finish(): ProfileTable {
    return { texts: [...this.#texts.keys()], cells: this.#cells.finish(), use: this.#use?.finish() };
  }

  #addDays(days: Readonly<Record<string, Day>>): void {
    const ids = Object.keys(days);
    this.#cells.add(ids.length);
    for (const id of ids) {
      this.#cells.add(this.#idOf(id));
      this.#cells.add(days[id]!);
    }
  }

  #idOf(text: string | null): number {
    if (text === null) return NONE;
    let at = this.#texts.get(text);
    if (at === undefined) {
      at = this.#texts.size;
      this.#texts.set(text, at);
    }
    return at;
  }
}

/** One customer of a table. */
export class PackedProfile {
  readonly segment: number;
  readonly startDay: Day;
  /** Where the next customer begins. */
  readonly end: number;
  readonly #cells: Int32Array;
  readonly #plans: number;
  readonly #milestones: number;
  readonly #products: number;

  constructor(cells: Int32Array, at: number) {
    this.#cells = cells;
    this.segment = cells[at]!;
    this.startDay = cells[at + 1]!;
    this.#plans = at + 2;
    this.#milestones = this.#plans + 1 + cells[this.#plans]! * PLAN_FIELDS;
    this.#products = this.#milestones + 1 + cells[this.#milestones]! * DAY_FIELDS;
    this.end = this.#products + 1 + cells[this.#products]! * DAY_FIELDS;
  }

  /** The plan paid for on a day; -1: none, a trial, or one that is not known. */
  paidPlanOn(day: Day): number {
    const cells = this.#cells;
    const first = this.#plans + 1;
    for (let at = first + (cells[this.#plans]! - 1) * PLAN_FIELDS; at >= first; at -= PLAN_FIELDS) {
      if (cells[at]! <= day) return cells[at + 2] === 1 ? NONE : cells[at + 1]!;
    }
    return NONE;
  }

  milestoneDay(milestone: number): Day | undefined {
    return this.#dayOf(this.#milestones, milestone);
  }

  productDay(product: number): Day | undefined {
    return this.#dayOf(this.#products, product);
  }

  addMilestones(to: Set<number>): void {
    this.#addIds(this.#milestones, to);
  }

  addProducts(to: Set<number>): void {
    this.#addIds(this.#products, to);
  }

  #dayOf(list: number, id: number): Day | undefined {
    const end = list + 1 + this.#cells[list]! * DAY_FIELDS;
    for (let at = list + 1; at < end; at += DAY_FIELDS) if (this.#cells[at] === id) return this.#cells[at + 1];
    return undefined;
  }

  #addIds(list: number, to: Set<number>): void {
    const end = list + 1 + this.#cells[list]! * DAY_FIELDS;
    for (let at = list + 1; at < end; at += DAY_FIELDS) to.add(this.#cells[at]!);
  }
}

/** On how many intervals a day lies: those begun by then, less those over before it. */
export function intervalsOn({ starts, ends }: IntervalColumns, day: Day): number {
  return upperBound(starts, day) - upperBound(ends, day - 1);
}

class Numbers {
  #all = new Int32Array(1024);
  #size = 0;

  add(value: number): void {
    if (this.#size === this.#all.length) {
      const larger = new Int32Array(this.#all.length * 2);
      larger.set(this.#all);
      this.#all = larger;
    }
    this.#all[this.#size++] = value;
  }

  finish(): Int32Array {
    return this.#all.slice(0, this.#size);
  }
}

class IntervalNumbers {
  readonly #starts = new Numbers();
  readonly #ends = new Numbers();

  add(intervals: readonly DayInterval[]): void {
    for (const [from, to] of intervals) {
      this.#starts.add(from);
      this.#ends.add(to);
    }
  }

  finish(): IntervalColumns {
    return { starts: this.#starts.finish().sort(), ends: this.#ends.finish().sort() };
  }
}

class UseColumns {
  readonly #active = new IntervalNumbers();
  readonly #features = new Map<string, IntervalNumbers>();

  add({ activeIntervals, featureIntervals = {} }: AccountProfile): void {
    this.#active.add(activeIntervals);
    for (const [id, intervals] of Object.entries(featureIntervals)) {
      let all = this.#features.get(id);
      if (all === undefined) {
        all = new IntervalNumbers();
        this.#features.set(id, all);
      }
      all.add(intervals);
    }
  }

  finish(): NonNullable<ProfileTable['use']> {
    const features = [...this.#features].sort(([a], [b]) => (a < b ? -1 : 1));
    return { active: this.#active.finish(), features: features.map(([id, uses]) => [id, uses.finish()]) };
  }
}
