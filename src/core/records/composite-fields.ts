/** Readers of values with parts: owners, limits, trial extensions, amounts of money. */
import * as f from './fields.ts';
import { Problem } from './problem.ts';
import { isForbiddenKey, keyProblem, MAX_PROPERTIES } from './properties.ts';
import { OWNER_ROLES, type OwnerRole, type TrialExtension } from './record.ts';

const ownerName = f.text(f.MAX_NAME_LENGTH);
export const seats = f.orUnlimited(f.count);
const limit = f.orUnlimited(f.numberIn({ min: 0 }));
const MAX_EXTENSION_DAYS = 3_650; // ten years of trial is a typing error
const extensionDays = f.numberIn({ integer: true, min: 0, max: MAX_EXTENSION_DAYS });

export const owners: f.Reader<Partial<Record<OwnerRole, string>>> = (value, context) => {
  const found = f.objectOf(value);
  if (found instanceof Problem) return found;
  const read: Partial<Record<OwnerRole, string>> = {};
  for (const key of Object.keys(found)) {
    if (f.isEmpty(found[key])) continue;
    const role = OWNER_ROLES.find((candidate) => candidate.toLowerCase() === key.toLowerCase());
    if (role === undefined) {
      if (isForbiddenKey(key)) return keyProblem(key)!;
      return new Problem('not_one_of', `has the role ${f.nameOf(key)}, expected one of ${OWNER_ROLES.join(', ')}`);
    }
    const owner = ownerName(found[key], context);
    if (owner instanceof Problem) return new Problem(owner.code, `has the role ${role}, which ${owner.message}`);
    read[role] = owner;
  }
  return read;
};

export const limits: f.Reader<Record<string, number | null>> = (value, context) => {
  const found = f.objectOf(value);
  if (found instanceof Problem) return found;
  const read: Record<string, number | null> = {};
  const keys = Object.keys(found).sort();
  if (keys.length > MAX_PROPERTIES) {
    return new Problem('too_many_properties', `has more than ${MAX_PROPERTIES} meters; leave some out`);
  }
  for (const key of keys) {
    const problem = keyProblem(key);
    if (problem) return problem;
    if (found[key] === undefined || found[key] === '') continue;
    const amount = limit(found[key], context);
    if (amount instanceof Problem)
      return new Problem(amount.code, `has the meter ${f.nameOf(key)}, which ${amount.message}`);
    read[key] = amount;
  }
  return read;
};

/** A number n: one extension of n days, 0 for none. A list: numbers of days, or `{days, grantedAt}`. */
export const extensions: f.Reader<TrialExtension[]> = (value, context) => {
  const parsed = typeof value === 'string' ? (f.jsonText(value) ?? value) : value;
  if (!Array.isArray(parsed)) {
    const days = extensionDays(parsed, context);
    return days instanceof Problem ? days : days === 0 ? [] : [{ days }];
  }
  if (parsed.length > f.MAX_LIST_LENGTH) {
    return new Problem('bad_list', `has ${parsed.length} entries, at most ${f.MAX_LIST_LENGTH} are kept`);
  }
  const read: TrialExtension[] = [];
  for (const entry of parsed) {
    const isObject = typeof entry === 'object' && entry !== null && !Array.isArray(entry);
    const days = extensionDays(isObject ? entry.days : entry, context);
    if (days instanceof Problem) return new Problem(days.code, `has an entry whose days ${days.message}`);
    const grantedAt = isObject && !f.isEmpty(entry.grantedAt) ? f.day(entry.grantedAt, context) : undefined;
    if (grantedAt instanceof Problem)
      return new Problem(grantedAt.code, `has an entry whose grantedAt ${grantedAt.message}`);
    if (days > 0) read.push(grantedAt === undefined ? { days } : { days, grantedAt });
  }
  return read;
};

/** An amount as written, checked; its currency, a sibling field, turns it into minor units later. */
export function amountAsWritten(allowNegative: boolean): f.Reader<unknown> {
  return (value, context) => {
    const minor = f.amountIn(value, context.currency, allowNegative);
    return minor instanceof Problem ? minor : value;
  };
}
