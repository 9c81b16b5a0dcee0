/**
 * Answers that stand for some days. Most of what records say changes only when a record does, or on the day on which one
 * of their dates grows older than a window: a replay asks once, and keeps the answer until then.
 */
import { upperBound } from '../history/history.ts';
import type { Day } from '../time/calendar.ts';
import type { AccountView } from './view.ts';

/** Collects the days on which an answer of today may change though no record does; the earliest of them counts. */
export class Horizon {
  readonly today: Day;
  until: Day = Number.POSITIVE_INFINITY;

  /** Where coverage ends, absence stops meaning that nothing happened. */
  constructor({ today, coverage }: Seen) {
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

type Seen = Pick<AccountView, 'today' | 'coverage'>;

/** One answer, what it was made from, and the days for which it stands. */
export class Standing<T> {
  #value: T | undefined;
  #from: Day = Number.POSITIVE_INFINITY;
  #until: Day = Number.NEGATIVE_INFINITY;
  #sources: readonly unknown[] = [];
  /** How to find `#until`, which is looked for when it is first needed: an account that is asked once never needs it. */
  #seen: Seen | undefined;
  #look: ((horizon: Horizon) => void) | undefined;

  /** The answer kept, if it stands on `today` and was made from these very objects; else undefined, and `keep` is next. */
  on(today: Day, ...sources: unknown[]): T | undefined {
    if (today >= this.#from && sameObjects(sources, this.#sources)) {
      if (today === this.#from || today < this.#horizon()) return this.#value;
    }
    this.#sources = sources;
    return undefined;
  }

  /** Keeps what was made today from the sources just asked about, until the first day that `look` finds. */
  keep(value: T, seen: Seen, look?: (horizon: Horizon) => void): T {
    this.#value = value;
    this.#from = seen.today;
    this.#seen = seen;
    this.#look = look;
    return value;
  }

  #horizon(): Day {
    if (this.#seen !== undefined) {
      const horizon = new Horizon(this.#seen);
      this.#look?.(horizon);
      this.#until = horizon.until;
      this.#seen = undefined;
      this.#look = undefined;
    }
    return this.#until;
  }
}

function sameObjects(a: readonly unknown[], b: readonly unknown[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
