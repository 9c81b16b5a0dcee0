/** customer_success/competitive_signal_alert (skills.md B): what the customer said of a competitor, and who must know. */
import { z } from 'zod';
import { kindGap, known, unknown } from '../../facts/view.ts';
import type { NoteRecord, OwnerRole } from '../../records/record.ts';
import {
  type CompetitorLevel,
  type CompetitorSignal,
  competitorSignals,
  namedCompetitor,
} from '../../scores/competitors.ts';
import { addBusinessDays, type Day, formatDay } from '../../time/calendar.ts';
import { callPartnerName } from '../call-partner.ts';
import { defineSkill, type PastIntervention, type SkillContext, type SkillOutput } from '../skill.ts';
import type { ActionDraft } from '../skill-result.ts';
import { competitiveSections } from './competitive-document.ts';

const days = z.number().int().min(1).max(365);
const parameters = z.strictObject({
  contacts: z.number().int().min(2).max(20).default(2).describe('contacts who name a competitor that make it critical'),
  contactDays: days.default(30).describe('days within which those contacts named one'),
  repeatDays: days.default(30).describe('days in which the same is alerted once'),
});
type Parameters = z.infer<typeof parameters>;

export type CompetitiveSeverity = 'critical' | 'high' | 'medium' | 'none';

const SEVERITY: Record<CompetitorLevel, CompetitiveSeverity> = {
  evaluation: 'critical',
  mention: 'high',
  comparison: 'medium',
};
const RANK: Record<CompetitiveSeverity, number> = { none: 0, medium: 1, high: 2, critical: 3 };

/** One thing that somebody at the customer said. */
export type Heard = Pick<CompetitorSignal, 'level' | 'contactId' | 'day'>;

/** Distinct contacts who named a competitor in the days up to today; who is behind a text without a contact is not known. */
export function contactsHeard(signals: readonly Heard[], today: Day, withinDays: number): number {
  const recent = signals.filter(({ day }) => today - day <= withinDays);
  return new Set(recent.flatMap(({ contactId }) => contactId ?? [])).size;
}

/**
 * The worst level (evaluation critical, mention high, comparison medium); critical too where two contacts named a competitor
 * in 30 days, whichever one (our choice).
 */
export function competitiveSeverity(
  signals: readonly Heard[],
  today: Day,
  { contacts, contactDays }: Pick<Parameters, 'contacts' | 'contactDays'>,
): CompetitiveSeverity {
  if (contactsHeard(signals, today, contactDays) >= contacts) return 'critical';
  let worst: CompetitiveSeverity = 'none';
  for (const { level } of signals) if (RANK[SEVERITY[level]] > RANK[worst]) worst = SEVERITY[level];
  return worst;
}

/** CSM and AE; an executive too where it is critical; nobody where nothing was said. */
export function routeOf(severity: CompetitiveSeverity): OwnerRole[] {
  if (severity === 'none') return [];
  return severity === 'critical' ? ['csm', 'ae', 'exec'] : ['csm', 'ae'];
}

export interface CompetitiveAlert {
  /** Oldest first. */
  signals: {
    competitor: string;
    level: CompetitorLevel;
    quote: string;
    sourceId: string;
    contactId: string | null;
    contactName: string | null;
    date: string;
  }[];
  severity: CompetitiveSeverity;
  routedTo: OwnerRole[];
  /** Contacts who named a competitor in 30 days. */
  contactsHeard: number;
  /** Names in our own notes, which are no signal until the customer says so. */
  guesses: { competitor: string; sourceId: string; date: string }[];
  /** Sources that a person dismissed. */
  dismissedIds: string[];
  /** Day from which the same is alerted again; null: this is the first alert, or there is none. */
  eligibleFrom: string | null;
}

const NAME = 'customer_success/competitive_signal_alert';

export const competitiveSignalAlert = defineSkill<Parameters, CompetitiveAlert>({
  name: NAME,
  domain: 'customer_success',
  purpose: 'Grades what the customer said about a competitor and alerts the owners',
  customerFacing: true,
  conversation: 'none',
  serviceMessage: false,
  celebration: false,
  inputs: {
    required: ['notes by the customer', 'tickets', 'survey comments', 'competitors in catalog.yaml'],
    optional: ['contacts'],
  },
  sections: ['Evidence', 'Timeline', 'Response'],
  parameters,
  outcome: {
    measure: 'competitive_level',
    unit: 'level 0-3',
    better: 'lower',
    horizonDays: 91, // a signal closes after 90 days (A7): the first day on which silence can be seen
    noise: 0,
    read: ({ competitorLevel: { value, reason } }) =>
      value === undefined ? unknown(reason) : known(value === 'none' ? 0 : RANK[SEVERITY[value]]),
  },
  run: runCompetitiveAlert,
});

function runCompetitiveAlert(context: SkillContext<Parameters>): SkillOutput<CompetitiveAlert | null> {
  const { measured, workspace } = context;
  const { view } = measured;
  const dismissed = dismissedSources(context.past);
  const all = competitorSignals(view, workspace);
  const signals = all.filter(({ sourceId }) => !dismissed.has(sourceId));
  const { dataGaps, isDeaf } = gapsOf(context, all.length > 0);
  if (isDeaf) {
    return { status: 'insufficient_data', reasons: [], dataGaps, result: null, actions: [], sections: [] };
  }
  const result = alertOf(signals, [...dismissed].sort(), context);
  const alertedOn = result.severity === 'none' ? undefined : alreadyAlerted(result, context);
  const isRepeat = alertedOn !== undefined;
  if (isRepeat) result.eligibleFrom = formatDay(alertedOn + context.parameters.repeatDays);
  const actions = [...(isRepeat ? [] : alertActions(result, context)), ...verifyActions(result, context)];
  const reasons = isRepeat ? ['already_alerted'] : result.severity === 'none' ? ['no_signal'] : [];
  return {
    status: isRepeat ? 'refused' : dataGaps.length > 0 ? 'partial' : 'ok',
    reasons,
    dataGaps,
    result,
    actions,
    sections: competitiveSections(result, {
      contactDays: context.parameters.contactDays,
      renewalDate: measured.contract.renewalDate === undefined ? undefined : formatDay(measured.contract.renewalDate),
    }),
  };
}

/** One source is enough to hear; without a dictionary only tags tell (our reading of "required"). */
function gapsOf({ measured: { view }, workspace }: SkillContext<Parameters>, isHeard: boolean) {
  const dataGaps: { fact: string; reason: string }[] = [];
  let silent = 0;
  for (const kind of ['notes', 'tickets', 'surveys'] as const) {
    const reason = kindGap(kind, view, workspace);
    if (reason === undefined) continue;
    silent++;
    dataGaps.push({ fact: kind, reason });
  }
  const hasNoNames = workspace.catalogue.competitors.length === 0;
  if (hasNoNames) dataGaps.push({ fact: 'competitors', reason: 'catalog.yaml names no competitors' });
  return { dataGaps, isDeaf: !isHeard && (silent === 3 || hasNoNames) };
}

function alertOf(
  signals: readonly CompetitorSignal[],
  dismissedIds: string[],
  { measured, workspace, parameters: p }: SkillContext<Parameters>,
): CompetitiveAlert {
  const { view } = measured;
  const names = new Map(view.contacts.map(({ contactId, name }) => [contactId, name ?? null]));
  const severity = competitiveSeverity(signals, view.today, p);
  const guesses = internalGuesses(view.notes, workspace.catalogue.competitors)
    .map(({ note, competitor }) => ({ competitor, sourceId: note.noteId, day: workspace.clock.dayOf(note.at) }))
    .filter(({ day, sourceId }) => view.today - day <= p.repeatDays && !dismissedIds.includes(sourceId));
  return {
    signals: signals.map(({ competitor, level, quote, sourceId, contactId, day }) => ({
      competitor,
      level,
      quote,
      sourceId,
      contactId: contactId ?? null,
      contactName: contactId === undefined ? null : (names.get(contactId) ?? null),
      date: formatDay(day),
    })),
    severity,
    routedTo: routeOf(severity),
    contactsHeard: contactsHeard(signals, view.today, p.contactDays),
    guesses: guesses.map(({ day, ...guess }) => ({ ...guess, date: formatDay(day) })),
    dismissedIds,
    eligibleFrom: null,
  };
}

const COMPETITOR_TAG = /^competitor(?:_evaluation)?:(.+)$/;

/**
 * Our own notes that name a competitor and are no signal: a tag counts on the customer's notes and on those about a contact,
 * the bare text only where the customer wrote it (`scores/competitors.ts`). What systems wrote is nobody's guess.
 */
function internalGuesses(notes: readonly NoteRecord[], competitors: readonly string[]) {
  return notes.flatMap((note) => {
    if (note.author === 'customer' || note.author === 'system') return [];
    const tagged = note.tags?.map((tag) => COMPETITOR_TAG.exec(tag)?.[1]).find((name) => name !== undefined);
    if (tagged !== undefined && note.contactId !== undefined) return [];
    const competitor = tagged ?? namedCompetitor(note.text, competitors);
    return competitor === undefined ? [] : [{ note, competitor }];
  });
}

/** Sources of every alert that a person dismissed: judged, and not to be judged again. */
function dismissedSources(past: readonly PastIntervention[]): Set<string> {
  const dismissed = past.filter(({ skill, state }) => skill === NAME && state === 'dismissed');
  return new Set(dismissed.flatMap(({ result }) => sourcesIn(result)));
}

interface Said {
  sourceId: string;
  competitor: string;
}

/** `signals` of a kept result, which may be of another release. */
function saidIn(result: PastIntervention['result']): Said[] {
  const { signals } = result ?? {};
  if (!Array.isArray(signals)) return [];
  return (signals as unknown[]).flatMap((signal) => {
    const { sourceId, competitor } = (signal ?? {}) as Partial<Record<keyof Said, unknown>>;
    return typeof sourceId === 'string' && typeof competitor === 'string' ? [{ sourceId, competitor }] : [];
  });
}

function sourcesIn(result: PastIntervention['result']): string[] {
  return saidIn(result).map(({ sourceId }) => sourceId);
}

/**
 * Day of the latest alert within the period that already covers this one: as severe or more, and of every competitor that
 * was named since. An alert of today is this one.
 */
function alreadyAlerted(
  { signals, severity }: CompetitiveAlert,
  { measured: { view }, past, parameters: p }: SkillContext<Parameters>,
): Day | undefined {
  const recent = past.filter(
    ({ skill, state, madeOn }) =>
      skill === NAME &&
      state !== 'dismissed' &&
      madeOn !== undefined &&
      madeOn < view.today &&
      madeOn + p.repeatDays > view.today,
  );
  let latest: Day | undefined;
  for (const { madeOn, result } of recent) {
    const before = result?.severity;
    const covered = typeof before === 'string' && (RANK[before as CompetitiveSeverity] ?? 0) >= RANK[severity];
    const names = new Set(saidIn(result).map(({ competitor }) => competitor.toLowerCase()));
    if (!covered || signals.some(({ competitor }) => !names.has(competitor.toLowerCase()))) continue;
    latest = Math.max(latest ?? madeOn!, madeOn!);
  }
  return latest;
}

function alertActions(
  { signals, severity }: CompetitiveAlert,
  { measured, workspace }: SkillContext<Parameters>,
): ActionDraft[] {
  if (severity === 'none') return [];
  const { view, people } = measured;
  const due = (count: number) => addBusinessDays(view.today, count, workspace.catalogue.holidays);
  const worst = signals.toSorted((a, b) => RANK[SEVERITY[b.level]] - RANK[SEVERITY[a.level]])[0]!;
  const said = `${worst.level} of ${worst.competitor} on ${worst.date}`;
  const whom = worst.contactName ?? worst.contactId ?? callPartnerName(people);
  const names = [...new Set(signals.map(({ competitor }) => competitor))].join(', ');
  const evidence = signals.map(({ sourceId }) => sourceId);
  const base = { evidence };
  const { renewalDate } = measured.contract;
  const renewal =
    renewalDate === undefined || renewalDate < view.today ? '' : `, for the renewal on ${formatDay(renewalDate)}`;
  const actions: ActionDraft[] = [
    {
      ...base,
      key: 'call',
      title: `Call ${whom}: ${said}; ask what is missing`,
      role: 'csm',
      due: due(1),
      channel: 'call',
    },
    {
      ...base,
      key: 'brief',
      title: `Value brief against ${names}${renewal}`,
      role: 'ae',
      due: due(2),
      channel: 'task',
    },
  ];
  if (severity === 'critical') {
    const title = `Meet the sponsor or decision maker: ${said}`;
    actions.push({ ...base, key: 'executive', title, role: 'exec', due: due(3), channel: 'meeting' });
  }
  return actions;
}

/** A guess of our own is verified before anybody is alarmed. */
function verifyActions(
  { guesses }: CompetitiveAlert,
  { measured, workspace }: SkillContext<Parameters>,
): ActionDraft[] {
  if (guesses.length === 0) return [];
  const names = [...new Set(guesses.map(({ competitor }) => competitor))].join(', ');
  const evidence = guesses.map(({ sourceId }) => sourceId);
  const title = `Verify with the customer whether ${names} is in play: only our own ${evidence.join(', ')} says so`;
  const due = addBusinessDays(measured.view.today, 3, workspace.catalogue.holidays);
  return [{ key: 'verify', title, role: 'csm', due, channel: 'task', evidence }];
}
