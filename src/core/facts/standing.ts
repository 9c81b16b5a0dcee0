/**
 * Answers that stand for some days. Most of what records say changes only when a record does, or on the day on which one
 * of their dates grows older than a window: a replay asks once, and keeps the answer until then.
 */
import { upperBound } from '../history/history.ts';
import type { Day } from '../time/calendar.ts';
import type { AccountView, Workspace } from './view.ts';

/** Collects the days on which an answer of today may change though no record does; the earliest of them counts. */
export class Horizon {
  readonly today: Day;
  until: Day = Number.POSITIVE_INFINITY;

  /** Where coverage ends, absence stops meaning that nothing happened. */
  constructor({ today, coverage }: Pick<AccountView, 'today' | 'coverage'>) {
    this.today = today;
    this.after(coverage.recordsThrough, 1);
    this.after(coverage.eventsThrough, 1);
  }

  /** The answer may be another one from `day` on. */
  at(day: Day | undefined): void {
    if (day !== undefined && day > this.today && day < this.until) this.until = day;
  }

  /** It may be another one once `date` lies more than `days` days before today, which is `days` days or more before D. */
  after(date: Day | undefined, days = 0): void {
    if (date !== undefined) this.at(date + days + 1);
  }

  /** It asks whether `atLeast` of these sorted days lie in the `windowDays` days that end on D. */
  use(days: readonly Day[], atLeast: number, windowDays: number): void {
    const count = upperBound(days, this.today - 1);
    const oldest = days[count - atLeast];
    const isUsed = oldest !== undefined && oldest >= this.today - windowDays;
    if (isUsed) this.after(oldest, windowDays);
    else this.after(days[count]);
  }

  /** It may be another one tomorrow. */
  daily(): void {
    this.at(this.today + 1);
  }
}

/** One answer, what it was made from, and the days for which it stands. */
export interface Standing<T, From> {
  readonly value: T;
  readonly view: AccountView;
  readonly from: From;
  /** First day on which it may be another one; undefined: not looked for, which an account asked once never needs. */
  until: Day | undefined;
}

/** How to find an answer from a view and whatever else it rests on, and for how long it stands. */
export interface Question<T, From = undefined> {
  find(view: AccountView, workspace: Workspace, from: From): T;
  /** Does it rest on the same objects? */
  isSame(kept: Standing<T, From>, view: AccountView, from: From): boolean;
  /** What may change the answer though none of them does; absent: nothing but the end of coverage. */
  look?: ((horizon: Horizon, kept: Standing<T, From>, workspace: Workspace) => void) | undefined;
}

/** Does the answer to `question` stand on the view's day? */
export function stands<T, From>(
  kept: Standing<T, From>,
  question: Question<T, From>,
  view: AccountView,
  from: From,
  workspace: Workspace,
): boolean {
  const madeOn = kept.view.today;
  if (view.today < madeOn || !question.isSame(kept, view, from)) return false;
  if (view.today === madeOn) return true;
  if (kept.until === undefined) {
    const horizon = new Horizon(kept.view);
    question.look?.(horizon, kept, workspace);
    kept.until = horizon.until;
  }
  return view.today < kept.until;
}
