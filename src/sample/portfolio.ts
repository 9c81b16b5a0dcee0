/** The sample portfolio: 60 invented accounts, 400 days of records, the same for the same seed. */
import type { RecordKind } from '../core/records/record.ts';
import { type Day, parseDay } from '../core/time/calendar.ts';
import { contractsOf, type Row } from './contracts.ts';
import { addDirt, type DirtyRows } from './dirt.ts';
import { accountId } from './ids.ts';
import { at } from './period.ts';
import { domainOf, relationsOf } from './relations.ts';
import { STORIES } from './stories.ts';
import type { Story } from './story.ts';
import { eventsOf } from './use.ts';

const SAMPLE_SEED = 20260701;

/** Rows of every record kind in the file form of contract.md, and lines that no reader should accept. */
export interface Portfolio {
  records: Record<RecordKind, Row[]>;
  dirty: DirtyRows;
}

/** The holidays of examples/sample/catalog.yaml; a test compares the two. */
export const SAMPLE_HOLIDAYS = [
  '2025-07-04',
  '2025-09-01',
  '2025-11-27',
  '2025-11-28',
  '2025-12-24',
  '2025-12-25',
  '2025-12-26',
  '2025-12-31',
  '2026-01-01',
  '2026-01-02',
  '2026-05-25',
];

/** Builds the records of the given stories; the dirty rows come with the full portfolio only. */
export function buildPortfolio(stories: readonly Story[] = STORIES, seed: number = SAMPLE_SEED): Portfolio {
  const holidays = new Set(SAMPLE_HOLIDAYS.map((text) => parseDay(text)!));
  const records = emptyRecords();
  for (const story of stories) addAccount(story, seed, holidays, records);
  return { records, dirty: stories === STORIES ? addDirt(records) : {} };
}

function emptyRecords(): Record<RecordKind, Row[]> {
  return {
    accounts: [],
    contacts: [],
    events: [],
    subscriptions: [],
    tickets: [],
    incidents: [],
    surveys: [],
    goals: [],
    notes: [],
    invoices: [],
  };
}

function addAccount(story: Story, seed: number, holidays: ReadonlySet<Day>, records: Record<RecordKind, Row[]>): void {
  records.accounts.push(...accountVersions(story));
  for (const event of eventsOf(story, { seed, holidays })) records.events.push({ ...event });
  const { subscriptions, invoices } = contractsOf(story);
  records.subscriptions.push(...subscriptions);
  records.invoices.push(...invoices);
  for (const [kind, rows] of Object.entries(relationsOf(story, seed, holidays))) {
    records[kind as RecordKind].push(...rows);
  }
}

/** Who looks after which segment on our side. */
const OWNERS = {
  smb: { growth: 'Nadia Velasco', csm: 'Tom Okafor', csManager: 'Helen Brandt', support: 'Support desk' },
  mid: {
    growth: 'Nadia Velasco',
    onboarding: 'Wen Castellano',
    csm: 'Ruth Adeyemi',
    csManager: 'Helen Brandt',
    ae: 'Marcus Lindqvist',
    support: 'Support desk',
    finance: 'Ines Duarte',
  },
  enterprise: {
    growth: 'Nadia Velasco',
    onboarding: 'Wen Castellano',
    csm: 'Jonas Whitfield',
    csManager: 'Helen Brandt',
    ae: 'Priscilla Nakamura',
    support: 'Priority support',
    finance: 'Ines Duarte',
    exec: 'Samuel Orlov',
  },
} as const;

function accountVersions(story: Story): Row[] {
  const born = parseDay(story.born)!;
  const row: Row = {
    accountId: accountId(story),
    name: story.name,
    createdAt: at(born, 7),
    domain: domainOf(story),
    ...(!story.lacks?.includes('segment') && { segment: story.segment }),
    industry: story.industry,
    country: story.country,
    ...(story.employees !== undefined && { employees: story.employees }),
    owners: { ...OWNERS[story.segment], ...story.owners },
    ...(story.planningMonths && { planningMonths: [...story.planningMonths] }),
    ...(story.stage && { stage: story.stage, stageEnteredAt: story.born }),
    ...(story.isTest && { isTest: true }),
  };
  if (!story.quiet) return [row];
  return [row, { ...row, quietUntil: isoDay(born + story.quiet.until), effectiveAt: at(born + story.quiet.day, 5) }];
}

function isoDay(day: Day): string {
  return at(day, 0).slice(0, 10);
}
