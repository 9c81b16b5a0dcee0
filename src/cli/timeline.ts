/** `stagecraft timeline`: what happened to an account and what was decided, in order. */

import type { HandoffRecord } from '../core/handoffs/handoff-record.ts';
import type { TickRecord } from '../core/journey/state.ts';
import type { EntityByKind, EntityKind } from '../core/records/record.ts';
import { type Day, formatDay, type Instant, type ZoneClock } from '../core/time/calendar.ts';
import { lateDifferences, ticksOf } from '../pipeline/late-differences.ts';
import type { AccountBundle, HandoffRow, InterventionRow, Store } from '../pipeline/ports.ts';
import {
  asOfInstant,
  type CommandContext,
  loadShared,
  type OpenWorkspace,
  requireAccount,
  withWorkspace,
} from './command.ts';
import { EXIT, type ExitStatus } from './exit.ts';
import type { Terminal } from './terminal.ts';
import { plainText, wrapped } from './text.ts';

export interface TimelineEntry {
  date: string;
  kind:
    | 'difference'
    | 'record'
    | 'stage'
    | 'status'
    | 'health'
    | 'focus'
    | 'intervention'
    | 'handoff'
    | 'decision'
    | 'audit';
  text: string;
  /** Id of the record, intervention or decision. */
  id: string | null;
}

const FIRST_DAY: Day = -1_000_000; // before any calendar of ours
const LAST_DAY: Day = 4_000_000;

export async function runTimeline(
  context: CommandContext,
  accountId: string,
  options: { json?: boolean },
): Promise<ExitStatus> {
  return withWorkspace(context, { readOnly: true }, async (open) => {
    const { config, store } = open;
    await requireAccount(store, accountId);
    const asOf = asOfInstant(context, config);
    const recorded = await timelineOf(store, accountId, asOf, config.clock);
    const entries = [...recorded, ...(await differenceEntries(open, accountId, asOf))];
    const { terminal } = context;
    if (options.json) terminal.out(`${JSON.stringify(entries, null, 2)}\n`);
    else if (entries.length === 0) terminal.out('Nothing is recorded.\n');
    else for (const entry of entries) terminal.out(entryText(terminal, entry));
    return EXIT.done;
  });
}

const DETAIL_COLUMN = 26; // after date and kind

function entryText(terminal: Terminal, { date, kind, text }: TimelineEntry): string {
  const lines = wrapped(plainText(text), terminal.columns - DETAIL_COLUMN);
  const left = (i: number) => (i === 0 ? `${date}  ${kind}` : '').padEnd(DETAIL_COLUMN);
  return lines.map((line, i) => `${left(i)}${line}\n`).join('');
}

/** Entries up to `asOf`, oldest first; within a day what happened stands before what was decided from it. */
async function timelineOf(store: Store, accountId: string, asOf: Instant, clock: ZoneClock): Promise<TimelineEntry[]> {
  const today = clock.dayOf(asOf);
  const [bundle] = await store.readBundles([accountId], FIRST_DAY);
  const runs = await store.readTicks(accountId, FIRST_DAY, LAST_DAY);
  const ticks = runs.flatMap((run) => JSON.parse(run.ticks) as TickRecord[]).sort((a, b) => a.day - b.day);
  const dated: { day: Day; order: number; entry: Omit<TimelineEntry, 'date'> }[] = [
    ...(bundle === undefined ? [] : recordEntries(bundle, clock)).map((each) => ({ ...each, order: 0 })),
    ...tickEntries(ticks).map((each) => ({ ...each, order: 1 })),
    ...(await store.readInterventions(accountId)).flatMap(interventionEntries).map((each) => ({ ...each, order: 2 })),
    ...(await store.readHandoffs(accountId))
      .flatMap((row) => handoffEntries(row, clock))
      .map((each) => ({ ...each, order: 2 })),
    ...(await store.listDecisions(accountId)).map(({ decisionId, asOf: at, policyHash }) => ({
      day: clock.dayOf(at),
      order: 3,
      entry: { kind: 'decision' as const, text: `decided under policy ${policyHash.slice(0, 12)}`, id: decisionId },
    })),
    ...(await store.readAudit(accountId)).map(({ at, actor, action, reason }) => ({
      day: clock.dayOf(at),
      order: 4,
      entry: { kind: 'audit' as const, text: `${actor}: ${action}${reason === '' ? '' : ` (${reason})`}`, id: null },
    })),
  ];
  return dated
    .filter(({ day }) => day <= today)
    .sort((a, b) => a.day - b.day || a.order - b.order)
    .map(({ day, entry }) => ({ date: formatDay(day), ...entry }));
}

/** Recorded ticks that would come out otherwise with what is known now; listed after the rest, since nothing was redone. */
async function differenceEntries(open: OpenWorkspace, accountId: string, asOf: Instant): Promise<TimelineEntry[]> {
  const { store, config } = open;
  const [bundle] = await store.readBundles([accountId], FIRST_DAY);
  const today = config.clock.dayOf(asOf);
  const ticks = ticksOf(await store.readTicks(accountId, FIRST_DAY, today)).filter(({ day }) => day <= today);
  if (bundle === undefined || ticks.length === 0) return [];
  const { workspace } = await loadShared(open, asOf, false);
  return lateDifferences(bundle, ticks, workspace, config.policy).map((each) => ({
    date: formatDay(each.from),
    kind: 'difference' as const,
    text:
      `${each.field} was recorded as ${each.recorded ?? 'unknown'} and is ${each.asKnownNow ?? 'unknown'} by what is known now` +
      (each.to === each.from ? '' : `; differs until ${formatDay(each.to)}`),
    id: null,
  }));
}

type Dated = { day: Day; entry: Omit<TimelineEntry, 'date'> };

/** Changes from tick to tick: stage, status, health band, exit state. */
function tickEntries(ticks: readonly TickRecord[]): Dated[] {
  return ticks.flatMap((tick, i) => {
    const before = ticks[i - 1];
    const entries: Dated[] = [];
    const add = (kind: TimelineEntry['kind'], text: string) =>
      entries.push({ day: tick.day, entry: { kind, text, id: null } });
    if (before === undefined) add('stage', `begins in ${tick.stage}`);
    else if (before.stage !== tick.stage)
      add('stage', `${before.stage} -> ${tick.stage}${tick.moved === null ? '' : ` (${tick.moved})`}`);
    if (before !== undefined && before.status !== tick.status) add('status', `${before.status} -> ${tick.status}`);
    if ((before?.band ?? null) !== tick.band)
      add('health', `${tick.band ?? 'unknown'}${tick.health === null ? '' : ` at ${tick.health}`}`);
    if (before !== undefined && before.exit !== tick.exit) add('focus', `${before.exit} -> ${tick.exit}`);
    return entries;
  });
}

function interventionEntries(row: InterventionRow): Dated[] {
  const { reason } = JSON.parse(row.detail) as { reason?: string };
  const made: Dated = {
    day: row.day,
    entry: {
      kind: 'intervention',
      text: `${row.skill} by ${row.ruleId}: ${reason ?? ''}`,
      id: row.interventionId,
    },
  };
  if (row.updatedDay === row.day)
    return [{ ...made, entry: { ...made.entry, text: `${made.entry.text} (${row.state})` } }];
  return [
    made,
    { day: row.updatedDay, entry: { kind: 'intervention', text: `${row.skill} ${row.state}`, id: row.interventionId } },
  ];
}

/** Each step of a handoff, and by whom. */
function handoffEntries({ body }: HandoffRow, clock: ZoneClock): Dated[] {
  const { id, kind, steps } = JSON.parse(body) as HandoffRecord;
  return steps.map(({ at, state, by, reason }) => ({
    day: clock.dayOf(at),
    entry: { kind: 'handoff', text: `${kind} ${state} by ${by}${reason === '' ? '' : `: ${reason}`}`, id },
  }));
}

type Sentences = {
  [K in EntityKind]: (data: EntityByKind[K], again: boolean) => [Instant | Day | undefined, string][];
};

/** A version of a record as sentences with the time each speaks of; `again`: an earlier version of it was told. */
const SENTENCES: Sentences = {
  accounts: (each, again) => (again ? [] : [[each.createdAt, `account created: ${each.name}`]]),
  contacts: (each, again) => [
    [
      again ? undefined : each.createdAt,
      `contact ${each.name ?? each.contactId}${(each.roles ?? []).map((role) => `, ${role}`).join('')}`,
    ],
    [dayInstant(each.leftAt), `contact ${each.name ?? each.contactId} left`],
  ],
  subscriptions: (each, again) => [
    [
      again ? undefined : each.startedAt,
      `subscription ${each.plan} ${each.status}${each.seats == null ? '' : `, ${each.seats} seats`}`,
    ],
    [dayInstant(each.endedAt), `subscription ${each.plan} ended`],
  ],
  tickets: (each, again) => [
    [again ? undefined : each.openedAt, `ticket opened ${each.priority ?? ''}: ${each.subject ?? each.ticketId}`],
    [each.escalatedAt, `ticket escalated: ${each.subject ?? each.ticketId}`],
    [each.resolvedAt, `ticket resolved: ${each.subject ?? each.ticketId}`],
  ],
  incidents: (each, again) => [
    [again ? undefined : each.startedAt, `incident ${each.severity ?? ''} ${each.incidentId}`],
    [each.resolvedAt, `incident resolved ${each.incidentId}`],
  ],
  surveys: (each, again) =>
    again
      ? []
      : [[each.answeredAt, `${each.kind} ${each.score}${each.comment === undefined ? '' : `: ${each.comment}`}`]],
  goals: (each, again) => [
    [again ? undefined : each.createdAt, `goal set: ${each.title}`],
    [dayInstant(each.achievedAt), `goal achieved: ${each.title}`],
  ],
  notes: (each, again) =>
    again
      ? []
      : [[each.at, `${each.kind ?? 'note'}${each.author === undefined ? '' : ` by ${each.author}`}: ${each.text}`]],
  invoices: (each, again) => [
    [again ? undefined : each.issuedAt, `invoice ${each.invoiceId} issued`],
    [dayInstant(each.paidAt), `invoice ${each.invoiceId} paid`],
  ],
};

/** Noon UTC, so that the day is the same in nearly every time zone; only ever turned back into a day. */
const NOON_MS = 43_200_000;

function dayInstant(day: Day | undefined): Instant | undefined {
  return day === undefined ? undefined : day * 86_400_000 + NOON_MS;
}

function recordEntries(bundle: AccountBundle, clock: ZoneClock): Dated[] {
  const told = new Map<string, { texts: Set<string>; body: Readonly<Record<string, unknown>> }>();
  return bundle.entities.flatMap((row) => {
    const key = `${row.kind}\n${row.id}`;
    const before = told.get(key);
    const body = JSON.parse(row.body);
    const texts = before?.texts ?? new Set();
    told.set(key, { texts, body });
    const sentences = (SENTENCES[row.kind] as Sentences['accounts'])(body, before !== undefined);
    const entries = sentences.flatMap(([at, text]): Dated[] => {
      if (at === undefined || texts.has(text)) return [];
      texts.add(text);
      return [{ day: clock.dayOf(at), entry: { kind: 'record', text, id: row.id } }];
    });
    if (before !== undefined && entries.length === 0) entries.push(changed(row, before.body, body, clock));
    return entries;
  });
}

function changed(
  { kind, id, effectiveAt }: AccountBundle['entities'][number],
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  clock: ZoneClock,
): Dated {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const fields = keys.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  const text = `${kind.replace(/s$/, '')} ${id} changed: ${fields.join(', ')}`;
  return { day: clock.dayOf(effectiveAt), entry: { kind: 'record', text, id } };
}
