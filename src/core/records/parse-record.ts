/**
 * A raw object, from JSON or from CSV cells, to a typed record with its two times.
 *
 * `effectiveAt` is when this version of the record holds from: its own field, else the record's main date, else (a
 * contact without `createdAt`) the beginning of time, 0. `receivedAt` is when we learned of it: its own field, else
 * `effectiveAt` where the file gives one, else the main date.
 */
import { type Instant, zoneClock } from '../time/calendar.ts';
import { isEmpty, mainInstant, objectOf, type RecordContext } from './fields.ts';
import { parseEventFast } from './parse-event.ts';
import { type FieldProblem, Problem, type RejectCode } from './problem.ts';
import { isForbiddenKey, keyProblem, mergeProperties } from './properties.ts';
import type { EntityByKind, EventRecord, Properties, RecordKind } from './record.ts';
import { knownFields, recordSchemas } from './schemas.ts';

export type RecordByKind = EntityByKind & { events: EventRecord };

export type ParsedRecord<K extends RecordKind = RecordKind> =
  | { ok: true; record: RecordByKind[K]; id: string; effectiveAt: Instant; receivedAt: Instant }
  | { ok: false; errors: FieldProblem[] };

const ID_FIELDS = {
  accounts: 'accountId',
  contacts: 'contactId',
  events: 'messageId',
  subscriptions: 'subscriptionId',
  tickets: 'ticketId',
  incidents: 'incidentId',
  surveys: 'surveyId',
  goals: 'goalId',
  notes: 'noteId',
  invoices: 'invoiceId',
} as const satisfies Record<RecordKind, string>;

const MAIN_DATES = {
  accounts: 'createdAt',
  contacts: 'createdAt',
  events: 'timestamp',
  subscriptions: 'startedAt',
  tickets: 'openedAt',
  incidents: 'startedAt',
  surveys: 'answeredAt',
  goals: 'createdAt',
  notes: 'at',
  invoices: 'issuedAt',
} as const satisfies Record<RecordKind, string>;

const MAX_ERRORS = 10; // of one record: the rest is found when these are mended

/** Fields that files of a kind may name, and those without which no record of the kind is accepted. */
export function fileFields(kind: RecordKind): { known: readonly string[]; required: readonly string[] } {
  const times = kind === 'events' ? ['receivedAt'] : ['effectiveAt', 'receivedAt'];
  const known = [...prepare(ANY_CONTEXT).known[kind], ...times, 'properties'];
  const empty = parseBySchema(kind, {}, ANY_CONTEXT);
  return { known, required: empty.ok ? [] : empty.errors.map((error) => error.field) };
}

/** Field names do not depend on the workspace. */
const ANY_CONTEXT: RecordContext = { clock: zoneClock('UTC'), currency: 'USD' };

interface Prepared {
  schemas: ReturnType<typeof recordSchemas>;
  known: Record<RecordKind, ReadonlySet<string>>;
}

const prepared = new WeakMap<RecordContext, Prepared>();

function prepare(context: RecordContext): Prepared {
  let found = prepared.get(context);
  if (found === undefined) {
    const schemas = recordSchemas(context);
    const known = Object.fromEntries(
      Object.keys(ID_FIELDS).map((kind) => [kind, new Set(knownFields(schemas, kind as RecordKind))]),
    );
    found = { schemas, known: known as unknown as Prepared['known'] };
    prepared.set(context, found);
  }
  return found;
}

/** Parses one record; every problem found is listed, none is thrown. Keep one context object: schemas are built for it. */
export function parseRecord<K extends RecordKind>(kind: K, raw: unknown, context: RecordContext): ParsedRecord<K> {
  if (kind === 'events') {
    const event = parseEventFast(raw, context);
    if (event !== undefined) {
      const { messageId: id, timestamp: effectiveAt, receivedAt } = event;
      return { ok: true, record: event as RecordByKind[K], id, effectiveAt, receivedAt };
    }
  }
  return parseBySchema(kind, raw, context);
}

/** The whole way through the Zod schema; for events the same answer as the fast path, with the errors spelled out. */
export function parseBySchema<K extends RecordKind>(kind: K, raw: unknown, context: RecordContext): ParsedRecord<K> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    const message = 'a record is an object such as {"accountId": "a1"}; this line is none';
    return { ok: false, errors: [{ field: '', code: 'not_an_object', message }] };
  }
  const { schemas, known } = prepare(context);
  const parts = splitFields(raw as Record<string, unknown>, known[kind], kind);
  const errors = [...parts.errors];
  const parsed = schemas[kind].safeParse(parts.known);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const code = ('params' in issue ? issue.params?.code : undefined) as RejectCode | undefined;
      errors.push({ field: String(issue.path[0] ?? ''), code: code ?? 'not_text', message: issue.message });
    }
  }
  const given = {
    effectiveAt: optionalInstant('effectiveAt', parts.effectiveAt, context, errors),
    receivedAt: optionalInstant('receivedAt', parts.receivedAt, context, errors),
  };
  if (!parsed.success || errors.length > 0) return { ok: false, errors: errors.slice(0, MAX_ERRORS) };
  return complete(kind, parsed.data, parts.properties, given);
}

function optionalInstant(
  field: string,
  value: unknown,
  context: RecordContext,
  errors: FieldProblem[],
): Instant | undefined {
  if (isEmpty(value)) return undefined;
  const found = mainInstant(value, context);
  if (typeof found === 'number') return found;
  errors.push({ field, code: found.code, message: found.message });
  return undefined;
}

function complete<K extends RecordKind>(
  kind: K,
  data: Record<string, unknown>,
  properties: Properties | undefined,
  given: { effectiveAt: Instant | undefined; receivedAt: Instant | undefined },
): ParsedRecord<K> {
  const record: Record<string, unknown> = {};
  for (const key of Object.keys(data)) if (data[key] !== undefined) record[key] = data[key];
  const mainDate = (record[MAIN_DATES[kind]] as Instant | undefined) ?? 0;
  const effectiveAt = given.effectiveAt ?? mainDate;
  const receivedAt = given.receivedAt ?? effectiveAt;
  if (kind === 'events') record.receivedAt = receivedAt;
  if (properties !== undefined) record.properties = properties;
  const id = record[ID_FIELDS[kind]] as string;
  return { ok: true, record: record as unknown as RecordByKind[K], id, effectiveAt, receivedAt };
}

interface Parts {
  known: Record<string, unknown>;
  effectiveAt: unknown;
  receivedAt: unknown;
  properties: Properties | undefined;
  errors: FieldProblem[];
}

/** Sorts a raw object's fields into those the kind knows, the two times, and properties. */
function splitFields(raw: Record<string, unknown>, known: ReadonlySet<string>, kind: RecordKind): Parts {
  const parts: Parts = { known: {}, effectiveAt: undefined, receivedAt: undefined, properties: undefined, errors: [] };
  for (const field of known) parts.known[field] = undefined;
  const unknown: Record<string, unknown> = Object.create(null);
  let own: Record<string, unknown> | undefined;
  for (const field of Object.keys(raw)) {
    const value = raw[field];
    if (known.has(field)) parts.known[field] = value;
    else if (field === 'receivedAt') parts.receivedAt = value;
    else if (field === 'effectiveAt' && kind !== 'events') parts.effectiveAt = value;
    else if (field !== 'properties') {
      const problem = isForbiddenKey(field) ? keyProblem(field) : undefined;
      if (problem) parts.errors.push({ field, code: problem.code, message: problem.message });
      else if (!isEmpty(value)) unknown[field] = value;
    } else if (!isEmpty(value)) {
      const found = objectOf(value);
      if (found instanceof Problem) parts.errors.push({ field, code: found.code, message: found.message });
      else own = found;
    }
  }
  const merged = mergeProperties(own, unknown);
  if ('problem' in merged) parts.errors.push(merged.problem);
  else parts.properties = merged.properties;
  return parts;
}
