/**
 * A ledger month as columns: the form in which cells are sorted, merged and read. Building an object for each cell would
 * cost more than everything else an evaluation does with it.
 */
import { type Day, firstDayOfMonth } from '../time/calendar.ts';
import { addAmounts, keptAmount } from './amount.ts';
import type { LedgerCell } from './ledger.ts';

/** Fields of a cell in `LedgerColumns.cells`. */
export const CELL_DAY = 0; // days after the first of the month
export const CELL_USER = 1; // index into `users`, or -1
export const CELL_EVENT = 2; // index into `events`
export const CELL_COUNT = 3;
export const CELL_FIELDS = 4;

/** Sums and labels of one cell, each sorted by name. */
export interface CellExtras {
  sums: readonly (readonly [name: string, amount: number])[];
  labels: readonly (readonly [label: string, count: number])[];
}

/** Cells sorted by day, user (none first), event, lateness; no two agree in all four. Tables are sorted and hold no more than is used. */
export interface LedgerColumns {
  month: number;
  firstDay: Day;
  users: readonly string[];
  events: readonly string[];
  /** Number of cells. */
  size: number;
  /** `CELL_FIELDS` numbers a cell. */
  cells: readonly number[];
  /** lateMs by cell; undefined: no cell is late. */
  late: readonly number[] | undefined;
  /** By cell; undefined: no cell has any. */
  extras: readonly (CellExtras | undefined)[] | undefined;
}

const LONGEST_MONTH_DAYS = 31;
export const LARGEST_COUNT = 2 ** 31 - 1;

/** Sorts cells into columns, adding up those with equal (day, user, event, lateMs). Throws on a cell that cannot be one of this month. */
export function columnsOf(month: number, cells: readonly LedgerCell[]): LedgerColumns {
  const firstDay = firstDayOfMonth(month);
  const lengthDays = firstDayOfMonth(month + 1) - firstDay;
  for (const cell of cells) checkCell(cell, month, firstDay, lengthDays);
  const users = new Ranks(cells, (cell) => cell.userId);
  const events = new Ranks(cells, (cell) => cell.event);
  const order = cells.map((_, i) => i);
  const userOf = cells.map((cell) => (cell.userId === null ? -1 : users.of(cell.userId)));
  const eventOf = cells.map((cell) => events.of(cell.event));
  order.sort(
    (a, b) =>
      cells[a]!.day - cells[b]!.day ||
      userOf[a]! - userOf[b]! ||
      eventOf[a]! - eventOf[b]! ||
      cells[a]!.lateMs - cells[b]!.lateMs,
  );
  const builder = new ColumnsBuilder();
  for (const i of order) {
    const cell = cells[i]!;
    builder.add(cell.day - firstDay, userOf[i]!, eventOf[i]!, cell.lateMs, cell.count, extrasOf(cell));
  }
  return builder.finish(month, users.sorted, events.sorted);
}

/** Merges two months of the same account and month; equal cells are added up. */
export function mergeColumns(a: LedgerColumns, b: LedgerColumns): LedgerColumns {
  const users = unionSorted(a.users, b.users);
  const events = unionSorted(a.events, b.events);
  // both tables are sorted, so mapping an index keeps the order of the cells
  const left = new Cursor(a, users, events);
  const right = new Cursor(b, users, events);
  const builder = new ColumnsBuilder();
  while (left.open || right.open) {
    const next = !right.open || (left.open && left.compare(right) <= 0) ? left : right;
    builder.add(next.day, next.user, next.event, next.late, next.count, next.extras);
    next.advance();
  }
  return builder.finish(a.month, users, events);
}

/** The cells as objects, in canonical order. */
export function cellObjects(columns: LedgerColumns): LedgerCell[] {
  const cells: LedgerCell[] = [];
  for (let i = 0; i < columns.size; i++) {
    const at = i * CELL_FIELDS;
    const user = columns.cells[at + CELL_USER]!;
    const extras = columns.extras?.[i];
    const cell: LedgerCell = {
      day: columns.firstDay + columns.cells[at + CELL_DAY]!,
      userId: user < 0 ? null : columns.users[user]!,
      event: columns.events[columns.cells[at + CELL_EVENT]!]!,
      lateMs: columns.late === undefined ? 0 : columns.late[i]!,
      count: columns.cells[at + CELL_COUNT]!,
    };
    if (extras !== undefined && extras.sums.length > 0) cell.sums = recordOf(extras.sums);
    if (extras !== undefined && extras.labels.length > 0) cell.labels = recordOf(extras.labels);
    cells.push(cell);
  }
  return cells;
}

/** Without a prototype, because a label is customer text and may be `__proto__`. */
function recordOf(entries: readonly (readonly [string, number])[]): Record<string, number> {
  const record: Record<string, number> = Object.create(null);
  for (const [name, value] of entries) record[name] = value;
  return record;
}

function checkCell(cell: LedgerCell, month: number, firstDay: Day, lengthDays: number): void {
  const offset = cell.day - firstDay;
  if (!(Number.isInteger(offset) && offset >= 0 && offset < Math.min(lengthDays, LONGEST_MONTH_DAYS))) {
    throw new Error(`ledger cell of day ${cell.day} does not lie in month ${month}`);
  }
  if (!(Number.isSafeInteger(cell.lateMs) && cell.lateMs >= 0))
    throw new Error(`ledger cell is ${cell.lateMs} ms late`);
  if (!(Number.isInteger(cell.count) && cell.count >= 1 && cell.count <= LARGEST_COUNT)) {
    throw new Error(`ledger cell counts ${cell.count} events`);
  }
}

function extrasOf(cell: LedgerCell): CellExtras | undefined {
  const sums = cell.sums === undefined ? [] : Object.entries(cell.sums);
  const labels = cell.labels === undefined ? [] : Object.entries(cell.labels);
  if (sums.length === 0 && labels.length === 0) return undefined;
  return {
    sums: sums.map(([name, amount]) => [name, keptAmount(amount)] as const).sort(byName),
    labels: labels.sort(byName),
  };
}

function byName(a: readonly [string, number], b: readonly [string, number]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}

function addExtras(a: CellExtras | undefined, b: CellExtras | undefined): CellExtras | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    sums: addEntries(a.sums, b.sums, addAmounts),
    labels: addEntries(a.labels, b.labels, (x, y) => x + y),
  };
}

type Entries = readonly (readonly [string, number])[];

function addEntries(a: Entries, b: Entries, add: (x: number, y: number) => number): Entries {
  const total = new Map(a);
  for (const [name, value] of b) {
    const before = total.get(name);
    total.set(name, before === undefined ? value : add(before, value));
  }
  return [...total].sort(byName);
}

/** Distinct texts in order, with the rank of each. */
class Ranks {
  readonly sorted: string[];
  private readonly ranks = new Map<string, number>();

  constructor(cells: readonly LedgerCell[], textOf: (cell: LedgerCell) => string | null) {
    for (const cell of cells) {
      const text = textOf(cell);
      if (text !== null) this.ranks.set(text, 0);
    }
    this.sorted = [...this.ranks.keys()].sort();
    for (let i = 0; i < this.sorted.length; i++) this.ranks.set(this.sorted[i]!, i);
  }

  of(text: string): number {
    return this.ranks.get(text)!;
  }
}

function unionSorted(a: readonly string[], b: readonly string[]): readonly string[] {
  const union: string[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (j === b.length || (i < a.length && a[i]! < b[j]!)) union.push(a[i++]!);
    else if (i === a.length || b[j]! < a[i]!) union.push(b[j++]!);
    else {
      union.push(a[i++]!);
      j++;
    }
  }
  return union.length === a.length ? a : union;
}

/** Index in `into` of every text of `texts`; both sorted, `into` holds them all. */
function indexesIn(texts: readonly string[], into: readonly string[]): readonly number[] {
  const indexes: number[] = [];
  let at = 0;
  for (const text of texts) {
    while (into[at] !== text) at++;
    indexes.push(at);
  }
  return indexes;
}

/** Walks through one month's cells in the indexes of the merged tables. */
class Cursor {
  day = 0;
  user = 0;
  event = 0;
  late = 0;
  count = 0;
  extras: CellExtras | undefined;
  open = true;
  private at = -1;
  private readonly columns: LedgerColumns;
  private readonly users: readonly number[];
  private readonly events: readonly number[];

  constructor(columns: LedgerColumns, users: readonly string[], events: readonly string[]) {
    this.columns = columns;
    this.users = indexesIn(columns.users, users);
    this.events = indexesIn(columns.events, events);
    this.advance();
  }

  advance(): void {
    const { cells, size, late, extras } = this.columns;
    this.at++;
    this.open = this.at < size;
    if (!this.open) return;
    const at = this.at * CELL_FIELDS;
    const user = cells[at + CELL_USER]!;
    this.day = cells[at + CELL_DAY]!;
    this.user = user < 0 ? -1 : this.users[user]!;
    this.event = this.events[cells[at + CELL_EVENT]!]!;
    this.count = cells[at + CELL_COUNT]!;
    this.late = late === undefined ? 0 : late[this.at]!;
    this.extras = extras?.[this.at];
  }

  compare(other: Cursor): number {
    return this.day - other.day || this.user - other.user || this.event - other.event || this.late - other.late;
  }
}

/** Takes cells in order and adds up neighbours that are equal. */
class ColumnsBuilder {
  private readonly cells: number[] = [];
  private readonly late: number[] = [];
  private size = 0;
  private anyLate = false;
  private anyExtras = false;
  private readonly extras: (CellExtras | undefined)[] = [];

  add(day: number, user: number, event: number, late: number, count: number, extras: CellExtras | undefined): void {
    const { cells } = this;
    const before = (this.size - 1) * CELL_FIELDS;
    if (
      this.size > 0 &&
      cells[before + CELL_DAY] === day &&
      cells[before + CELL_USER] === user &&
      cells[before + CELL_EVENT] === event &&
      this.late[this.size - 1] === late
    ) {
      cells[before + CELL_COUNT] = Math.min(LARGEST_COUNT, cells[before + CELL_COUNT]! + count);
      if (extras !== undefined) this.anyExtras = true;
      this.extras[this.size - 1] = addExtras(this.extras[this.size - 1], extras);
      return;
    }
    cells.push(day, user, event, count);
    this.late.push(late);
    if (late > 0) this.anyLate = true;
    this.extras.push(extras);
    if (extras !== undefined) this.anyExtras = true;
    this.size++;
  }

  finish(month: number, users: readonly string[], events: readonly string[]): LedgerColumns {
    return {
      month,
      firstDay: firstDayOfMonth(month),
      users,
      events,
      size: this.size,
      cells: this.cells,
      late: this.anyLate ? this.late : undefined,
      extras: this.anyExtras ? this.extras : undefined,
    };
  }
}
