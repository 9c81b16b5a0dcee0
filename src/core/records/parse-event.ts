/**
 * The fast way in for events, of which there are millions. It gives the record that the schema would give, or undefined
 * where it is not sure; the caller then takes the schema, which finds the same record or says what is wrong.
 */
import { isEmpty, MAX_ID_LENGTH, mainInstant, type RecordContext } from './fields.ts';
import { jsonProblem, keyProblem, mergeProperties } from './properties.ts';
import type { EventRecord, Properties } from './record.ts';

const MAX_CHECKED_KEYS = 100; // more fields than this at the top level are left to the schema

/** A text that needs no mending: not empty, no blanks around it, no character that is refused. */
function isCleanId(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= MAX_ID_LENGTH &&
    value.charCodeAt(0) > 32 &&
    value.charCodeAt(0) < 127 &&
    value.charCodeAt(value.length - 1) > 32 &&
    value.charCodeAt(value.length - 1) < 127 &&
    !value.includes('\0') &&
    value.isWellFormed()
  );
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Fields of `raw` that an event does not know, or undefined when there are none; null: leave it to the schema. */
function unknownFields(raw: Record<string, unknown>): Record<string, unknown> | undefined | null {
  let unknown: Record<string, unknown> | undefined;
  let size = 0;
  for (const key in raw) {
    if (++size > MAX_CHECKED_KEYS) return null;
    switch (key) {
      case 'messageId':
      case 'accountId':
      case 'userId':
      case 'event':
      case 'timestamp':
      case 'receivedAt':
      case 'properties':
        break;
      default:
        if (keyProblem(key)) return null;
        if (!isEmpty(raw[key])) {
          unknown ??= {};
          unknown[key] = raw[key];
        }
    }
  }
  return unknown;
}

/** The properties of an event, undefined when it has none, null where the schema must say what is wrong. */
function propertiesOf(raw: Record<string, unknown>): Properties | undefined | null {
  const unknown = unknownFields(raw);
  const own = raw.properties;
  if (unknown === null || !(own === undefined || own === null || isPlainObject(own))) return null;
  if (unknown !== undefined) {
    const merged = mergeProperties(own ?? undefined, unknown);
    return 'problem' in merged ? null : merged.properties;
  }
  if (own === undefined || own === null) return undefined;
  if (jsonProblem(own, 2) !== undefined) return null;
  for (const _ in own) return own as Properties;
  return undefined;
}

export function parseEventFast(raw: unknown, context: RecordContext): EventRecord | undefined {
  if (!isPlainObject(raw)) return undefined;
  const { messageId, accountId, event } = raw;
  if (!isCleanId(messageId) || !isCleanId(accountId) || !isCleanId(event)) return undefined;
  const userId = raw.userId ?? null;
  if (userId !== null && !isCleanId(userId)) return undefined;
  const timestamp = mainInstant(raw.timestamp, context);
  if (typeof timestamp !== 'number') return undefined;
  let receivedAt: unknown = timestamp;
  if (raw.receivedAt !== undefined && raw.receivedAt !== null) {
    receivedAt = raw.receivedAt === raw.timestamp ? timestamp : mainInstant(raw.receivedAt, context);
    if (typeof receivedAt !== 'number') return undefined;
  }
  const properties = propertiesOf(raw);
  if (properties === null) return undefined;
  const record = { messageId, accountId, userId, event, timestamp, receivedAt: receivedAt as number };
  return properties === undefined ? record : { ...record, properties };
}
