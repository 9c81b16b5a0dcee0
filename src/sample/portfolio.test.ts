import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { RECORD_KINDS } from '../core/records/record.ts';
import { formatDay } from '../core/time/calendar.ts';
import { PLAN_LIMITS, PRICES } from './contracts.ts';
import { portfolioFiles } from './files.ts';
import { SAMPLE_FIRST_DAY, SAMPLE_LAST_DAY } from './period.ts';
import { buildPortfolio, SAMPLE_HOLIDAYS } from './portfolio.ts';
import { STORIES } from './stories.ts';

const catalogue = parse(readFileSync(new URL('../../examples/sample/catalog.yaml', import.meta.url), 'utf8'));
const portfolio = buildPortfolio();
const { records } = portfolio;

describe('the sample portfolio', () => {
  test('has 60 accounts with distinct ids and names, each saying what it shows', () => {
    expect(STORIES).toHaveLength(60);
    expect(new Set(STORIES.map((story) => story.id)).size).toBe(60);
    expect(new Set(STORIES.map((story) => story.name)).size).toBe(60);
    expect(STORIES.filter((story) => story.shows.length < 20)).toEqual([]);
  });

  test('is described account by account in its README', () => {
    const readme = readFileSync(new URL('../../examples/sample/README.md', import.meta.url), 'utf8');
    const missing = STORIES.filter(
      (story) =>
        !readme.includes(`| \`acc_${story.id}\` ${story.name} | ${story.segment} | ${story.born} | ${story.shows} |`),
    );
    expect(missing.map((story) => story.id)).toEqual([]);
  });

  test('spans 400 days and nothing happens outside them', () => {
    const days = records.events.map((event) => String(event.timestamp).slice(0, 10)).sort();
    expect(days[0]).toBe(formatDay(SAMPLE_FIRST_DAY));
    expect(days.at(-1)).toBe(formatDay(SAMPLE_LAST_DAY));
    const main = {
      notes: 'at',
      surveys: 'answeredAt',
      tickets: 'openedAt',
      incidents: 'startedAt',
      invoices: 'issuedAt',
    };
    const wrong = Object.entries(main).flatMap(([kind, field]) =>
      records[kind as keyof typeof main].filter(
        (row) =>
          String(row[field]) < formatDay(SAMPLE_FIRST_DAY) || String(row[field]) > formatDay(SAMPLE_LAST_DAY + 1),
      ),
    );
    expect(wrong).toEqual([]);
  });

  test('is small enough to be loaded at once', () => {
    expect(records.events.length).toBeGreaterThan(60_000);
    expect(records.events.length).toBeLessThan(120_000);
  });

  test('holds rows of every record kind', () => {
    for (const kind of RECORD_KINDS) expect(records[kind].length, kind).toBeGreaterThan(0);
  });

  test('is the same for the same seed, byte for byte, and another for another', () => {
    const texts = (seed?: number) => JSON.stringify(portfolioFiles(buildPortfolio(STORIES, seed)));
    expect(texts()).toBe(texts());
    expect(texts(1)).not.toBe(texts(2));
  });

  test('changes no other account when one story changes', () => {
    const other = buildPortfolio(STORIES.filter((story) => story.id !== 'corvane')).records.events;
    const here = records.events.filter((event) => event.accountId === 'acc_tidewell');
    expect(other.filter((event) => event.accountId === 'acc_tidewell')).toEqual([
      ...new Map(here.map((e) => [e.messageId, e])).values(),
    ]);
  });

  test('uses events, plans, prices and holidays of its catalogue', () => {
    const known = new Set<string>([
      ...catalogue.features.flatMap((feature: { events: string[] }) => feature.events),
      ...catalogue.logins,
      ...catalogue.setup.map((step: { event: string }) => step.event),
      ...Object.values(catalogue.signals as Record<string, string[]>).flat(),
    ]);
    expect([...new Set(records.events.map((event) => event.event))].filter((name) => !known.has(String(name)))).toEqual(
      [],
    );
    for (const plan of catalogue.plans) {
      const price = { perSeat: plan.perSeat ?? 0, flat: plan.flat ?? 0, product: plan.product };
      expect(price).toEqual(PRICES[plan.id as keyof typeof PRICES]);
      expect(plan.limits ?? {}).toEqual(PLAN_LIMITS[plan.id as keyof typeof PRICES]);
    }
    expect(catalogue.plans).toHaveLength(Object.keys(PRICES).length);
    expect(catalogue.holidays).toEqual(SAMPLE_HOLIDAYS);
  });

  test('works on weekdays, hardly on weekends and holidays', () => {
    const perDay = new Map<string, number>();
    for (const event of records.events) {
      const day = String(event.timestamp).slice(0, 10);
      perDay.set(day, (perDay.get(day) ?? 0) + 1);
    }
    expect(perDay.get('2026-03-17')!).toBeGreaterThan(5 * perDay.get('2026-03-15')!);
    expect(perDay.get('2025-12-17')!).toBeGreaterThan(4 * perDay.get('2025-12-25')!);
  });

  test('holds invoices paid in time, paid late and overdue', () => {
    const end = formatDay(SAMPLE_LAST_DAY);
    const kinds = records.invoices.map((invoice) => {
      const due = String(invoice.dueAt);
      if (invoice.paidAt === undefined) return due < end ? 'overdue' : 'open';
      return String(invoice.paidAt) > due ? 'late' : 'clean';
    });
    expect(new Set(kinds)).toEqual(new Set(['clean', 'late', 'overdue', 'open']));
  });

  test('holds late events, repeated rows, records of unknown accounts and rows to reject', () => {
    const late = records.events.filter((event) => event.receivedAt !== undefined);
    expect(late.length).toBeGreaterThan(50);
    expect(late.every((event) => String(event.accountId) === 'acc_harrowgate')).toBe(true);
    const ids = records.events.map((event) => event.messageId);
    expect(new Set(ids).size).toBeLessThan(ids.length);
    const accounts = new Set(records.accounts.map((account) => account.accountId));
    expect(records.events.filter((event) => !accounts.has(event.accountId)).length).toBe(3);
    expect(Object.values(portfolio.dirty).flat()).toHaveLength(15); // the number its README names
  });

  test('comes as ten files in four formats with the wrong rows among the good ones', () => {
    const files = portfolioFiles(portfolio);
    expect(files.map((file) => file.name)).toEqual([
      'accounts.ndjson',
      'contacts.ndjson.gz',
      'events.ndjson.gz',
      'subscriptions.ndjson',
      'tickets.csv',
      'incidents.jsonl',
      'surveys.csv',
      'goals.ndjson',
      'notes.ndjson',
      'invoices.csv',
    ]);
    const tickets = files.find((file) => file.name === 'tickets.csv')!.text;
    expect(tickets.split('\n')[0]).toContain('ticketId,accountId,openedAt');
    expect(tickets).toContain('t_bad_1,acc_alderbrook,yesterday');
  });
});
