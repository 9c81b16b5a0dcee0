import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstDayOfMonth, parseDay, zoneClock } from '../time/calendar.ts';
import { cellsOf, measuredProperties } from './cells.ts';
import { decodeLedgerColumns, decodeLedgerMonth, encodeLedgerMonth, mergeLedgerMonth } from './codec.ts';
import { catalogueWith } from './history.fixture.ts';
import type { LedgerCell } from './ledger.ts';

const MONTH = 675; // April 2026
const FIRST = firstDayOfMonth(MONTH);

const name = fc.oneof(
  fc.constantFrom('a', 'b', 'login', '__proto__', 'constructor', '', 'ü', '漢字', '\uFEFFbom', '🦊'),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
);
const amount = fc.oneof(
  fc.integer({ min: -1_000_000, max: 1_000_000_000 }),
  fc.integer({ min: -999_999, max: 999_999_999 }).map((millionths) => millionths / 1_000_000 + 0),
  fc.constantFrom(0, 0.1, 0.2, 0.3, 2 ** 32 - 1, 2 ** 40, 2 ** 45),
);
const record = <T>(value: fc.Arbitrary<T>) =>
  fc.array(fc.tuple(name, value), { maxLength: 3 }).map((entries) => {
    const made: Record<string, T> = Object.create(null);
    for (const [key, each] of entries) made[key] = each;
    return made;
  });
const cell: fc.Arbitrary<LedgerCell> = fc
  .record({
    day: fc.integer({ min: FIRST, max: FIRST + 29 }),
    userId: fc.option(fc.oneof(fc.constantFrom('u1', 'u2'), name)),
    event: name,
    lateMs: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 2 ** 45 })),
    count: fc.integer({ min: 1, max: 70_000 }),
    sums: record(amount),
    labels: record(fc.integer({ min: 1, max: 500 })),
  })
  .map(({ sums, labels, ...rest }) => ({
    ...rest,
    ...(Object.keys(sums).length > 0 ? { sums } : {}),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
  }));
const few = fc.constantFrom<Partial<LedgerCell>>(
  { day: FIRST, userId: 'u1', event: 'a', lateMs: 0 },
  { day: FIRST, userId: null, event: 'a', lateMs: 0 },
  { day: FIRST + 1, userId: 'u1', event: 'b', lateMs: 5 },
);
/** Often the same (day, user, event, lateMs). */
const colliding = fc.tuple(cell, few).map(([each, fixed]) => ({ ...each, ...fixed }));
const cells = fc.array(fc.oneof(cell, colliding), { maxLength: 40 });

function total(month: readonly LedgerCell[]): number {
  return month.reduce((sum, each) => sum + each.count, 0);
}

describe('a packed ledger month', () => {
  it('unpacks to the same content, in canonical order, and packs to the same bytes again', () => {
    fc.assert(
      fc.property(cells, (given) => {
        const bytes = encodeLedgerMonth({ month: MONTH, cells: given });
        const unpacked = decodeLedgerMonth(MONTH, bytes);
        expect(total(unpacked.cells)).toBe(total(given));
        expect(encodeLedgerMonth(unpacked)).toEqual(bytes);
        const keys = unpacked.cells.map((each) => JSON.stringify([each.day, each.userId, each.event, each.lateMs]));
        expect(new Set(keys).size).toBe(keys.length);
        if (
          new Set(given.map((each) => JSON.stringify([each.day, each.userId, each.event, each.lateMs]))).size ===
          given.length
        ) {
          const sorted = (list: readonly LedgerCell[]) =>
            [...list].sort((a, b) =>
              JSON.stringify([a.day, a.userId, a.event, a.lateMs]) <
              JSON.stringify([b.day, b.userId, b.event, b.lateMs])
                ? -1
                : 1,
            );
          expect(sorted(unpacked.cells)).toEqual(sorted(given));
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('has the same bytes whatever the order and the batches in which its cells arrived', () => {
    const split = cells.chain((given) =>
      fc.tuple(
        fc.constant(given),
        fc.shuffledSubarray(given, { minLength: given.length }),
        fc.array(fc.nat(given.length), { maxLength: 4 }),
      ),
    );
    fc.assert(
      fc.property(split, ([given, shuffled, cuts]) => {
        const atOnce = encodeLedgerMonth({ month: MONTH, cells: given });
        let merged: Uint8Array | undefined;
        const bounds = [0, ...cuts.sort((a, b) => a - b), shuffled.length];
        for (let i = 1; i < bounds.length; i++)
          merged = mergeLedgerMonth(MONTH, merged, shuffled.slice(bounds[i - 1], bounds[i]));
        expect(merged).toEqual(atOnce);
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  it('sums fractions exactly, so that no order of addition shows', () => {
    const parts = [0.1, 0.2, 0.3, 0.7, 1e-6];
    const each = (value: number): LedgerCell => ({
      day: FIRST,
      userId: 'u',
      event: 'e',
      lateMs: 0,
      count: 1,
      sums: { gb: value },
    });
    const { cells: merged } = decodeLedgerMonth(MONTH, encodeLedgerMonth({ month: MONTH, cells: parts.map(each) }));
    expect(merged.map((cell) => [cell.count, cell.sums?.gb])).toEqual([[5, 1.300001]]);
  });

  it('is refused when any bit of it has changed, when it is cut short, and under another month', () => {
    const bytes = encodeLedgerMonth({
      month: MONTH,
      cells: [
        {
          day: FIRST + 3,
          userId: 'u1',
          event: 'report_created',
          lateMs: 12,
          count: 3,
          sums: { rows: 2.5 },
          labels: { sso: 1 },
        },
      ],
    });
    for (let i = 0; i < bytes.length * 8; i++) {
      const damaged = Uint8Array.from(bytes);
      damaged[i >> 3]! ^= 1 << (i & 7);
      expect(() => decodeLedgerMonth(MONTH, damaged)).toThrow(/^ledger of month 675 .* is unreadable: /);
    }
    for (let i = 0; i < bytes.length; i++)
      expect(() => decodeLedgerMonth(MONTH, bytes.slice(0, i))).toThrow(/unreadable/);
    expect(() => decodeLedgerMonth(MONTH + 1, bytes)).toThrow('the checksum does not match');
    expect(() => decodeLedgerMonth(MONTH, Uint8Array.of(9, ...bytes.slice(1)))).toThrow('format 9');
  });

  it('reads from the middle of a larger buffer, as a database driver gives it', () => {
    const bytes = encodeLedgerMonth({
      month: MONTH,
      cells: [{ day: FIRST, userId: 'u', event: 'e', lateMs: 0, count: 1, sums: { x: 2 ** 60 } }],
    });
    const larger = new Uint8Array(bytes.length + 7);
    larger.set(bytes, 3);
    expect(decodeLedgerMonth(MONTH, larger.subarray(3, 3 + bytes.length)).cells[0]!.sums!.x).toBe(2 ** 60);
  });

  it('takes no cell of another month and no count or lateness that cannot be', () => {
    const good = { day: FIRST, userId: null, event: 'e', lateMs: 0, count: 1 };
    const encode = (change: Partial<LedgerCell>) => () =>
      encodeLedgerMonth({ month: MONTH, cells: [{ ...good, ...change }] });
    expect(encode({})).not.toThrow();
    expect(encode({ day: FIRST - 1 })).toThrow('does not lie in month 675');
    expect(encode({ day: FIRST + 30 })).toThrow('does not lie in month 675'); // April has 30 days
    expect(encode({ count: 0 })).toThrow('counts 0 events');
    expect(encode({ lateMs: -1 })).toThrow('-1 ms late');
  });

  it('is small: a month of 100 cells takes fewer than 700 bytes', () => {
    const month = Array.from({ length: 100 }, (_, i) => ({
      day: FIRST + (i % 30),
      userId: `user_${i % 10}`,
      event: `event_name_${i % 7}`,
      lateMs: 0,
      count: 1 + (i % 5),
    }));
    const bytes = encodeLedgerMonth({ month: MONTH, cells: month });
    expect(decodeLedgerColumns(MONTH, bytes).size).toBe(100);
    expect(bytes.length).toBeLessThan(700);
  });
});

describe('cells of raw events', () => {
  const clock = zoneClock('America/New_York');
  const catalogue = catalogueWith({
    meters: [
      { id: 'rows', event: 'import', amountProperty: 'rows', unit: 'row', resets: 'month' },
      { id: 'calls', event: 'api', amountProperty: null, unit: 'call', resets: 'month' },
    ],
    signals: { gated_attempt: ['blocked'], workflow: ['flow'] },
  });
  const measured = measuredProperties(catalogue);
  const at = (text: string) => Date.parse(text);
  const cellsOn = (event: string, ...properties: (Record<string, unknown> | undefined)[]) => {
    const timestamp = at('2026-03-08T12:00:00Z');
    const events = properties.map((each) => ({
      timestamp,
      receivedAt: timestamp,
      userId: 'u',
      event,
      ...(each ? { properties: each } : {}),
    }));
    return [...cellsOf(events, clock, measured).values()].flat();
  };

  it('count an event as in time up to the midnight that ends its day, and measure lateness from there', () => {
    const timestamp = at('2026-03-08T20:00:00Z'); // clocks went forward that day: it has 23 hours
    const midnight = at('2026-03-09T04:00:00Z');
    const receipts = [timestamp, midnight - 1, midnight, midnight + 1];
    const events = receipts.map((receivedAt) => ({ timestamp, receivedAt, userId: null, event: 'e' }));
    const [month] = [...cellsOf(events, clock, measured).values()];
    expect(month).toEqual([
      { day: parseDay('2026-03-08'), userId: null, event: 'e', lateMs: 0, count: 3 },
      { day: parseDay('2026-03-08'), userId: null, event: 'e', lateMs: 1, count: 1 },
    ]);
  });

  it('go to the month of the day in the workspace zone', () => {
    const timestamp = at('2026-05-01T03:59:59Z');
    expect([
      ...cellsOf([{ timestamp, receivedAt: timestamp, userId: null, event: 'e' }], clock, measured).keys(),
    ]).toEqual([MONTH]);
  });

  it('sum the meter property; a missing or unreadable amount counts 1, the default amount', () => {
    const [cell] = cellsOn('import', { rows: 10 }, { rows: '2.5' }, { rows: 'many' }, undefined, { rows: 1e300 });
    expect(cell!.count).toBe(5);
    expect(cell!.sums!.rows).toBe(15.5);
    expect(cellsOn('api', { rows: 10 })[0]!.sums).toBeUndefined();
  });

  it('count the gated feature, and the sorted products of a workflow', () => {
    expect({
      ...cellsOn('blocked', { feature: 'sso' }, { feature: 'sso' }, { feature: '__proto__' }, {})[0]!.labels,
    }).toEqual(
      Object.fromEntries([
        ['sso', 2],
        ['__proto__', 1],
      ]),
    );
    expect({
      ...cellsOn('flow', { products: ['b', 'a', 'b'] }, { products: 'a, b' }, { products: 7 })[0]!.labels,
    }).toEqual({ 'a,b': 2 });
  });

  it('keep apart users and events whose names run into each other', () => {
    const timestamp = at('2026-03-08T12:00:00Z');
    const events = [
      ['ab', 'c'],
      ['a', 'bc'],
      [null, 'abc'],
      ['', 'abc'],
    ] as const;
    const made = cellsOf(
      events.map(([userId, event]) => ({ timestamp, receivedAt: timestamp, userId, event })),
      clock,
      measured,
    );
    expect([...made.values()].flat()).toHaveLength(4);
  });

  it('depend on the meters and signals alone: the hash changes with them and with nothing else', () => {
    expect(measuredProperties({ ...catalogue, competitors: ['Rivalo'], hash: 'x' }).hash).toBe(measured.hash);
    expect(measuredProperties({ ...catalogue, signals: {} }).hash).not.toBe(measured.hash);
  });
});
