/**
 * Ledger months as bytes. Equal content gives equal bytes, whatever the order in which it arrived.
 *
 * Layout: format version; tables of users, events and names (each: count, lengths in UTF-16 units, one UTF-8 run); number
 * of cells; the cells in canonical order; a checksum over all of it, seeded with the month. A cell is one byte of day
 * step and flags, then user + 1, event, and as flagged lateMs, count, sums and labels.
 */

import { firstDayOfMonth } from '../time/calendar.ts';
import { amountOf, millionthsOf } from './amount.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import {
  CELL_COUNT,
  CELL_DAY,
  CELL_EVENT,
  CELL_FIELDS,
  CELL_USER,
  type CellExtras,
  cellObjects,
  columnsOf,
  LARGEST_COUNT,
  type LedgerColumns,
  mergeColumns,
} from './columns.ts';
import { KnownTexts } from './known-texts.ts';
import type { LedgerCell, LedgerMonth } from './ledger.ts';

const FORMAT_VERSION = 1;

// flags in the low bits of a cell's first byte; the day step (0-30) stands above them
const HAS_LATE = 1;
const HAS_COUNT = 2; // absent: 1
const HAS_EXTRAS = 4;
const DAY_STEP_SHIFT = 3;

// kinds of amount, in the low bits of its name's index
const NEGATIVE = 1;
const MILLIONTHS = 2;
const DOUBLE = 4; // beyond 2^53
const AMOUNT_SHIFT = 3;

/** Packs a month. Cells with equal (day, user, event, lateMs) are added up. Throws on a cell of another month. */
export function encodeLedgerMonth(month: LedgerMonth): Uint8Array {
  return encodeColumns(columnsOf(month.month, month.cells));
}

/** Unpacks a month into objects, in canonical order. Throws an Error where the bytes are not those of this month. */
export function decodeLedgerMonth(month: number, bytes: Uint8Array): LedgerMonth {
  return { month, cells: cellObjects(decodeLedgerColumns(month, bytes)) };
}

/** Adds cells to a packed month (undefined: there is none yet). Any split and order of the same cells gives the same bytes. */
export function mergeLedgerMonth(
  month: number,
  existing: Uint8Array | undefined,
  cells: readonly LedgerCell[],
): Uint8Array {
  const added = columnsOf(month, cells);
  return encodeColumns(existing === undefined ? added : mergeColumns(decodeLedgerColumns(month, existing), added));
}

/** Unpacks a month into columns, the form an evaluation reads. Throws an Error where the bytes are not those of this month. */
export function decodeLedgerColumns(month: number, bytes: Uint8Array): LedgerColumns {
  try {
    return readColumns(month, bytes);
  } catch (error) {
    throw new Error(`ledger of month ${month} (months since 1970-01) is unreadable: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

const writer = new ByteWriter();

function encodeColumns(columns: LedgerColumns): Uint8Array {
  const names = namesOf(columns);
  writer.reset();
  writer.byte(FORMAT_VERSION);
  writer.texts(columns.users);
  writer.texts(columns.events);
  writer.texts([...names.keys()]);
  writer.whole(columns.size);
  let day = 0;
  for (let i = 0; i < columns.size; i++) {
    const at = i * CELL_FIELDS;
    const cellDay = columns.cells[at + CELL_DAY]!;
    const count = columns.cells[at + CELL_COUNT]!;
    const late = columns.late === undefined ? 0 : columns.late[i]!;
    const extras = columns.extras?.[i];
    const flags = (late > 0 ? HAS_LATE : 0) | (count > 1 ? HAS_COUNT : 0) | (extras === undefined ? 0 : HAS_EXTRAS);
    writer.byte(((cellDay - day) << DAY_STEP_SHIFT) | flags);
    writer.whole(columns.cells[at + CELL_USER]! + 1);
    writer.whole(columns.cells[at + CELL_EVENT]!);
    if (late > 0) writer.whole(late);
    if (count > 1) writer.whole(count);
    if (extras !== undefined) writeExtras(extras, names);
    day = cellDay;
  }
  return writer.finish(columns.month);
}

/** Sorted names of sums and labels, with their indexes. */
function namesOf(columns: LedgerColumns): Map<string, number> {
  const names = new Set<string>();
  for (const extras of columns.extras ?? []) {
    if (extras === undefined) continue;
    for (const [name] of extras.sums) names.add(name);
    for (const [label] of extras.labels) names.add(label);
  }
  return new Map([...names].sort().map((name, index) => [name, index]));
}

function writeExtras(extras: CellExtras, names: ReadonlyMap<string, number>): void {
  writer.whole(extras.sums.length);
  for (const [name, amount] of extras.sums) writeAmount(names.get(name)!, amount);
  writer.whole(extras.labels.length);
  for (const [label, count] of extras.labels) {
    writer.whole(names.get(label)!);
    writer.whole(count);
  }
}

function writeAmount(name: number, amount: number): void {
  const size = Math.abs(amount);
  if (size > Number.MAX_SAFE_INTEGER) {
    writer.whole(name * 2 ** AMOUNT_SHIFT + DOUBLE);
    writer.double(amount);
    return;
  }
  let units = Math.floor(size);
  let millionths = millionthsOf(size);
  if (millionths === 1_000_000) {
    units++;
    millionths = 0;
  }
  writer.whole(name * 2 ** AMOUNT_SHIFT + (amount < 0 ? NEGATIVE : 0) + (millionths > 0 ? MILLIONTHS : 0));
  writer.whole(units);
  if (millionths > 0) writer.whole(millionths);
}

// apart, so that the many users do not drive out the few events
const knownUsers = new KnownTexts();
const knownEvents = new KnownTexts();
const knownNames = new KnownTexts();

function readColumns(month: number, bytes: Uint8Array): LedgerColumns {
  if (bytes.length > 0 && bytes[0] !== FORMAT_VERSION) {
    throw new Error(`format ${bytes[0]} is not the format ${FORMAT_VERSION} this version reads`);
  }
  const reader = new ByteReader(bytes, month);
  reader.byte();
  const users = reader.texts(knownUsers);
  const events = reader.texts(knownEvents);
  const names = reader.texts(knownNames);
  const size = reader.below(reader.left + 1);
  const cells = new Array<number>(size * CELL_FIELDS);
  let late: number[] | undefined;
  let extras: CellExtras[] | undefined;
  let day = 0;
  for (let i = 0; i < size; i++) {
    const at = i * CELL_FIELDS;
    const head = reader.byte();
    day += head >>> DAY_STEP_SHIFT;
    cells[at + CELL_DAY] = day;
    cells[at + CELL_USER] = reader.below(users.length + 1) - 1;
    cells[at + CELL_EVENT] = reader.below(events.length);
    if ((head & HAS_LATE) !== 0) {
      late ??= new Array<number>(size).fill(0);
      late[i] = reader.whole();
    }
    cells[at + CELL_COUNT] = (head & HAS_COUNT) === 0 ? 1 : reader.below(LARGEST_COUNT + 1);
    if ((head & HAS_EXTRAS) !== 0) {
      extras ??= new Array<CellExtras>(size);
      extras[i] = readExtras(reader, names);
    }
  }
  if (day > 30) throw new Error('a day lies beyond the month');
  if (reader.left !== 0) throw new Error(`${reader.left} bytes are left over`);
  return { month, firstDay: firstDayOfMonth(month), users, events, size, cells, late, extras };
}

function readExtras(reader: ByteReader, names: readonly string[]): CellExtras {
  const sums = new Array<[string, number]>(reader.below(names.length + 1));
  for (let i = 0; i < sums.length; i++) sums[i] = readAmount(reader, names);
  const labels = new Array<[string, number]>(reader.below(names.length + 1));
  for (let i = 0; i < labels.length; i++) labels[i] = [names[reader.below(names.length)]!, reader.whole()];
  return { sums, labels };
}

function readAmount(reader: ByteReader, names: readonly string[]): [string, number] {
  const head = reader.below(names.length * 2 ** AMOUNT_SHIFT);
  const name = names[Math.floor(head / 2 ** AMOUNT_SHIFT)]!;
  if ((head & DOUBLE) !== 0) return [name, reader.double()];
  const units = reader.whole();
  const amount = amountOf(units, (head & MILLIONTHS) === 0 ? 0 : reader.whole());
  return [name, (head & NEGATIVE) === 0 ? amount : -amount];
}
