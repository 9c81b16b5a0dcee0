import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDay, zoneClock } from '../time/calendar.ts';
import { fileFields, parseBySchema, parseRecord } from './parse-record.ts';
import { RECORD_KINDS, type RecordKind } from './record.ts';

const context = { clock: zoneClock('UTC'), currency: 'USD' };
const at = (text: string) => Date.parse(text);

/** The least of each kind that is accepted. */
const LEAST: { [K in RecordKind]: Record<string, unknown> } = {
  accounts: { accountId: 'a1', name: 'Acme', createdAt: '2026-01-05' },
  contacts: { contactId: 'c1', accountId: 'a1' },
  events: { messageId: 'm1', accountId: 'a1', event: 'login', timestamp: '2026-01-05T10:00:00Z' },
  subscriptions: { subscriptionId: 's1', accountId: 'a1', plan: 'pro', status: 'active', startedAt: '2026-01-05' },
  tickets: { ticketId: 't1', accountId: 'a1', openedAt: '2026-01-05' },
  incidents: { incidentId: 'i1', accountId: 'a1', startedAt: '2026-01-05' },
  surveys: { surveyId: 'v1', accountId: 'a1', answeredAt: '2026-01-05', kind: 'nps', score: 9 },
  goals: { goalId: 'g1', accountId: 'a1', title: 'Faster', createdAt: '2026-01-05' },
  notes: { noteId: 'n1', accountId: 'a1', at: '2026-01-05' },
  invoices: { invoiceId: 'x1', accountId: 'a1', issuedAt: '2026-01-05', dueAt: '2026-02-05', amount: 10 },
};

function accepted<K extends RecordKind>(kind: K, fields: Record<string, unknown>) {
  const parsed = parseRecord(kind, { ...LEAST[kind], ...fields }, context);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed;
}

function problems(kind: RecordKind, raw: unknown): string[] {
  const parsed = parseRecord(kind, raw, context);
  return parsed.ok ? [] : parsed.errors.map(({ field, code }) => `${field}: ${code}`);
}

function refused(kind: RecordKind, fields: Record<string, unknown>): string[] {
  return problems(kind, { ...LEAST[kind], ...fields });
}

test.each(RECORD_KINDS)('the required fields of %s are those of the contract', (kind) => {
  const main = { contacts: [], notes: ['noteId', 'accountId', 'at'] } as Partial<Record<RecordKind, string[]>>;
  const expected = kind === 'contacts' ? ['contactId', 'accountId'] : (main[kind] ?? Object.keys(LEAST[kind]));
  expect([...fileFields(kind).required].sort()).toEqual([...expected].sort());
  expect(parseRecord(kind, LEAST[kind], context).ok).toBe(true);
});

test('every problem of a record is listed at once, each with its field, a code and a remedy', () => {
  const parsed = parseRecord('subscriptions', { seats: -3, amount: 'ten', startedAt: 'soon' }, context);
  expect(parsed.ok ? [] : parsed.errors.map(({ field, code }) => `${field}: ${code}`)).toEqual([
    'subscriptionId: required',
    'accountId: required',
    'plan: required',
    'status: required',
    'seats: negative',
    'amount: not_a_number',
    'startedAt: bad_time',
  ]);
  expect(parsed.ok ? '' : parsed.errors[4]!.message).toBe('is -3; it cannot be below 0, correct or leave it empty');
});

test('unknown fields are kept in properties, beside the properties themselves', () => {
  const { record } = accepted('accounts', { billing: 'annual', properties: { tier: 2, billing: 'own' }, empty: '' });
  expect(record.properties).toEqual({ tier: 2, billing: 'own' });
  expect(accepted('events', { ip: '::1', properties: { a: 1 } }).record.properties).toEqual({ ip: '::1', a: 1 });
});

test('the two times default to the main date, or to effectiveAt where a version gives it', () => {
  const main = at('2026-01-05');
  expect(accepted('goals', {})).toMatchObject({ effectiveAt: main, receivedAt: main });
  expect(accepted('goals', { effectiveAt: '2026-03-01' })).toMatchObject({
    effectiveAt: at('2026-03-01'),
    receivedAt: at('2026-03-01'),
  });
  expect(accepted('goals', { receivedAt: '2026-02-01' })).toMatchObject({
    effectiveAt: main,
    receivedAt: at('2026-02-01'),
  });
  expect(accepted('contacts', {})).toMatchObject({ effectiveAt: 0, receivedAt: 0 });
  expect(accepted('events', {}).record.receivedAt).toBe(at('2026-01-05T10:00:00Z'));
});

test('seats: empty is unknown, null or unlimited is unlimited', () => {
  expect(accepted('subscriptions', {}).record).not.toHaveProperty('seats');
  expect(accepted('subscriptions', { seats: '' }).record).not.toHaveProperty('seats');
  for (const seats of [null, 'null', 'Unlimited']) expect(accepted('subscriptions', { seats }).record.seats).toBeNull();
  expect(accepted('subscriptions', { seats: '12' }).record.seats).toBe(12);
});

test('amounts become minor units of their currency, or of the workspace', () => {
  expect(accepted('subscriptions', { amount: 171.0 }).record).toMatchObject({ amountMinor: 17_100, currency: 'USD' });
  expect(accepted('invoices', { amount: '1200', currency: 'jpy' }).record).toMatchObject({
    amountMinor: 1_200,
    currency: 'JPY',
  });
  expect(accepted('invoices', { amount: -5 }).record.amountMinor).toBe(-500);
  expect(accepted('goals', { valueAmount: '30000.5' }).record.valueAmountMinor).toBe(3_000_050);
  expect(refused('subscriptions', { amount: -5 })).toEqual(['amount: negative']);
  expect(refused('invoices', { currency: 'dollars' })).toEqual(['currency: bad_currency']);
});

test('extensions are a number of days, several of them, or objects with a date', () => {
  const extensions = (value: unknown) => accepted('subscriptions', { extensions: value }).record.extensions;
  expect(extensions(14)).toEqual([{ days: 14 }]);
  expect(extensions(0)).toEqual([]);
  expect(extensions('[7, 14]')).toEqual([{ days: 7 }, { days: 14 }]);
  expect(extensions([{ days: 7, grantedAt: '2026-01-10' }])).toEqual([{ days: 7, grantedAt: parseDay('2026-01-10') }]);
  expect(refused('subscriptions', { extensions: 'some' })).toEqual(['extensions: not_a_number']);
});

test('lists come as arrays, as JSON text, or with | and ; between the entries', () => {
  for (const tags of [['a', 'b'], '["a","b"]', 'a|b', ' a ; b ;'])
    expect(accepted('goals', { tags }).record.tags).toEqual(['a', 'b']);
  expect(accepted('accounts', { planningMonths: '3|11' }).record.planningMonths).toEqual([3, 11]);
  expect(accepted('contacts', { roles: 'Decision Maker;champion' }).record.roles).toEqual([
    'decision_maker',
    'champion',
  ]);
  expect(refused('contacts', { roles: 'boss' })).toEqual(['roles: not_one_of']);
});

test('words are forgiven their case, priorities their other names', () => {
  const priority = (value: string) => accepted('tickets', { priority: value }).record.priority;
  expect(['critical', 'High', 'MEDIUM', 'low', 'p2'].map(priority)).toEqual(['P1', 'P2', 'P3', 'P4', 'P2']);
  expect(accepted('subscriptions', { status: 'Past Due' }).record.status).toBe('past_due');
  expect(accepted('subscriptions', { status: 'cancelled' }).record.status).toBe('canceled');
  expect(refused('tickets', { priority: 'P9' })).toEqual(['priority: not_one_of']);
});

test('owners and limits come as objects or JSON text', () => {
  expect(accepted('accounts', { owners: '{"csm":"kim","csManager":"lee"}' }).record.owners).toEqual({
    csm: 'kim',
    csManager: 'lee',
  });
  expect(accepted('subscriptions', { limits: { api: 10, rows: null } }).record.limits).toEqual({ api: 10, rows: null });
  expect(refused('accounts', { owners: { boss: 'x' } })).toEqual(['owners: not_one_of']);
  expect(refused('subscriptions', { limits: { api: -1 } })).toEqual(['limits: negative']);
});

test('main dates lie in 1970 to 2199, other dates reach to 9999, and the year 1 says to leave it empty', () => {
  expect(refused('accounts', { createdAt: '0001-01-01' })).toEqual(['createdAt: date_out_of_range']);
  expect(refused('events', { timestamp: '9999-12-31T00:00:00Z' })).toEqual(['timestamp: date_out_of_range']);
  expect(refused('events', { receivedAt: '1960-01-01' })).toEqual(['receivedAt: date_out_of_range']);
  expect(accepted('subscriptions', { renewalDate: '9999-12-31' }).record.renewalDate).toBe(parseDay('9999-12-31'));
  const parsed = parseRecord('subscriptions', { ...LEAST.subscriptions, renewalDate: '0001-01-01' }, context);
  expect(parsed.ok ? '' : parsed.errors[0]!.message).toContain('leave it empty when there is none');
});

test('survey scores stay on the scale of their question', () => {
  expect(refused('surveys', { score: 11 })).toEqual(['score: out_of_range']);
  expect(refused('surveys', { kind: 'csat', score: 0 })).toEqual(['score: out_of_range']);
  expect(accepted('surveys', { kind: 'ces', score: '6.5' }).record.score).toBe(6.5);
});

test('an unknown time zone is refused', () => {
  expect(refused('accounts', { timeZone: 'Mars/Olympus' })).toEqual(['timeZone: bad_time_zone']);
  expect(accepted('accounts', { timeZone: 'Asia/Tokyo' }).record.timeZone).toBe('Asia/Tokyo');
});

test('ids may be numbers, and blanks around them do not count', () => {
  expect(accepted('accounts', { accountId: 4711 }).id).toBe('4711');
  expect(accepted('events', { accountId: ' a1 ' }).record.accountId).toBe('a1');
  expect(refused('events', { messageId: '   ' })).toEqual(['messageId: required']);
});

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

const wide = Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`k${i}`, i]));

test.each<[string, RecordKind, Record<string, unknown>, string]>([
  ['NUL in a text', 'notes', { text: 'a\0b' }, 'text: nul_character'],
  ['NUL in an id', 'events', { messageId: 'a\0b' }, 'messageId: nul_character'],
  ['NUL in a property', 'events', { properties: { a: 'x\0' } }, 'properties: nul_character'],
  ['a lone surrogate in a text', 'notes', { text: 'a\ud800' }, 'text: lone_surrogate'],
  ['a lone surrogate in a property key', 'events', { properties: { '\udc00': 1 } }, 'properties: lone_surrogate'],
  ['a number beyond every double', 'events', { properties: JSON.parse('{"a":1e400}') }, 'properties: not_finite'],
  ['huge seats', 'subscriptions', { seats: JSON.parse('1e400') }, 'seats: not_finite'],
  ['a huge amount', 'subscriptions', { amount: JSON.parse('1e400') }, 'amount: not_finite'],
  ['seats beyond any company', 'subscriptions', { seats: 1e10 }, 'seats: out_of_range'],
  ['half a seat', 'subscriptions', { seats: 1.5 }, 'seats: not_an_integer'],
  ['a prototype key', 'events', JSON.parse('{"__proto__":{"isAdmin":true}}'), ''],
  [
    'a prototype key in properties',
    'events',
    { properties: JSON.parse('{"__proto__":1}') },
    'properties: forbidden_key',
  ],
  ['a constructor deep inside', 'events', { properties: { a: { constructor: 1 } } }, 'properties: forbidden_key'],
  ['deep nesting', 'events', { properties: { a: nested(40) } }, 'properties: too_deep'],
  ['very deep nesting in an unknown field', 'accounts', { extra: nested(20_000) }, 'extra: too_deep'],
  ['too many properties', 'events', { properties: wide }, 'properties: too_many_properties'],
  ['too many unknown fields', 'accounts', wide, 'properties: too_many_properties'],
  ['a long id', 'events', { userId: 'u'.repeat(257) }, 'userId: too_long'],
  ['a long text', 'notes', { text: 'x'.repeat(70_000) }, 'text: too_long'],
  ['an object as a name', 'accounts', { name: {} }, 'name: not_text'],
  ['a list as properties', 'events', { properties: [] }, 'properties: bad_object'],
  ['a flag that is none', 'accounts', { isTest: 'maybe' }, 'isTest: not_a_boolean'],
])('%s is refused with a stable code', (_, kind, fields, expected) => {
  if (expected !== '') expect(refused(kind, fields)).toEqual([expected]);
  else {
    const raw = JSON.parse(JSON.stringify(LEAST[kind]).replace('{', '{"__proto__":{"isAdmin":true},'));
    expect(problems(kind, raw)).toEqual(['__proto__: forbidden_key']);
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  }
});

test.each([null, 1, 'text', [], true])('%j is no record', (raw) => {
  expect(problems('events', raw)).toEqual([': not_an_object']);
});

/** Values that events meet in the wild, for every field. */
const wild = fc.oneof(
  fc.constantFrom('a1', ' b ', '', null, 7, -0, true, [], {}, '\0', '\ud800', 'é', 'x'.repeat(300), 'null'),
  fc.constantFrom(
    '2026-01-05',
    '2026-01-05T10:00:00Z',
    '2026-01-05T10:00:00+02:00',
    ' 2026-01-05 ',
    '0001-01-01',
    'soon',
  ),
  fc.string({ maxLength: 8 }),
);

test('the fast way for events and the schema give the same answer', () => {
  const zones = ['UTC', 'America/St_Johns'].map((zone) => ({ clock: zoneClock(zone), currency: 'USD' }));
  const raw = fc
    .record(
      {
        messageId: wild,
        accountId: wild,
        userId: wild,
        event: wild,
        timestamp: wild,
        receivedAt: wild,
        properties: fc.oneof(wild, fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 3 }))),
        source: wild,
        constructor: fc.constant(1),
      },
      { requiredKeys: [] },
    )
    // mostly good records with one or two wild fields, or the fast way would hardly be taken
    .chain((fields) =>
      fc
        .subarray(Object.keys(fields))
        .map((keys) => Object.fromEntries(keys.slice(0, 3).map((key) => [key, fields[key as keyof typeof fields]]))),
    )
    .map((fields) => ({ ...LEAST.events, ...fields }));
  fc.assert(
    fc.property(raw, fc.constantFrom(...zones), (fields, zone) => {
      expect(parseRecord('events', fields, zone)).toEqual(parseBySchema('events', fields, zone));
    }),
    { numRuns: 3_000 },
  );
});

test('no JSON value makes any kind throw', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...RECORD_KINDS),
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.jsonValue(),
      (kind, extra, value) => {
        const known = fileFields(kind).known;
        const fields = Object.fromEntries(known.map((field) => [field, value]));
        parseRecord(kind, { ...extra, ...fields }, context);
        parseRecord(kind, { ...LEAST[kind], ...extra }, context);
        parseRecord(kind, value, context);
      },
    ),
  );
});
