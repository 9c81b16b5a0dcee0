/**
 * A CSV row as the raw object JSON would hold. Dotted columns (`owners.csm`, `limits.api_calls`, `properties.country`)
 * become objects; an empty cell is an absent field. Cells of unknown columns that read as a number or a flag exactly as
 * JSON would write them become one, so that a meter's amount counts; everything else stays text (`007`, `1e3`, `+49`).
 */
import { isForbiddenKey } from './properties.ts';
import type { RecordKind } from './record.ts';

const NESTED: Partial<Record<RecordKind, readonly string[]>> = {
  accounts: ['owners'],
  subscriptions: ['limits'],
};

/** How one column of a file of this kind is read. */
export interface Column {
  name: string;
  /** `owners` of `owners.csm`, or undefined. */
  parent: string | undefined;
  key: string;
  /** Belongs to the properties: numbers and flags are recognised. */
  isFree: boolean;
}

/** Columns from a header. `known` are the fields of the kind; column names are matched without regard to case. */
export function columnsFrom(header: readonly string[], kind: RecordKind, known: readonly string[]): Column[] {
  const byName = new Map(known.map((field) => [field.toLowerCase(), field]));
  return header.map((written) => {
    const name = written.trim();
    const dot = name.indexOf('.');
    const parent = dot > 0 ? name.slice(0, dot) : undefined;
    if (parent !== undefined && (parent === 'properties' || NESTED[kind]?.includes(parent))) {
      return { name, parent, key: name.slice(dot + 1), isFree: parent === 'properties' };
    }
    const field = byName.get(name.toLowerCase());
    return { name: field ?? name, parent: undefined, key: field ?? name, isFree: field === undefined };
  });
}

/** The raw object of one row. Cells beyond the header are the caller's problem. */
export function rawFromCells(columns: readonly Column[], cells: readonly string[]): Record<string, unknown> {
  // own properties even for `__proto__`, so that the parser sees and rejects it
  const raw: Record<string, unknown> = Object.create(null);
  // whole objects first: a dotted column adds to them
  for (const isNested of [false, true]) {
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!;
      const cell = cells[i];
      if ((column.parent !== undefined) !== isNested || cell === undefined || cell.trim() === '') continue;
      const value = column.isFree ? freeValue(cell) : cell;
      if (column.parent !== undefined) nest(raw, column.parent, column.key, value);
      else if (column.name !== '') raw[column.key] = value;
    }
  }
  return raw;
}

function nest(raw: Record<string, unknown>, parent: string, key: string, value: unknown): void {
  let existing = raw[parent];
  if (typeof existing === 'string') {
    try {
      existing = JSON.parse(existing);
    } catch {
      return; // the column of the parent itself is no JSON: the parser says so
    }
  }
  const object: Record<string, unknown> = Object.create(null);
  if (typeof existing === 'object' && existing !== null) {
    for (const own of Object.keys(existing)) object[own] = (existing as Record<string, unknown>)[own];
  }
  object[key] = value;
  raw[parent] = object;
}

function freeValue(cell: string): unknown {
  if (cell === 'true') return true;
  if (cell === 'false') return false;
  const number = Number(cell);
  return Number.isFinite(number) && String(number) === cell ? number : cell;
}

/** Is this a header one could read rows with? Undefined, or what is wrong with it. */
export function headerProblem(columns: readonly Column[], required: readonly string[]): string | undefined {
  const names = columns.map((column) => column.name);
  const forbidden = columns.find((column) => isForbiddenKey(column.name) || isForbiddenKey(column.key));
  if (forbidden) return `the column ${forbidden.name} is not accepted; rename it`;
  const twice = names.find((name, index) => name !== '' && names.indexOf(name) !== index);
  if (twice !== undefined) return `the column ${twice} is there twice; remove one`;
  const missing = required.filter((field) => !names.includes(field));
  if (missing.length === 0) return undefined;
  return `the header has no column ${missing.join(', ')}; the first line must name the columns`;
}
