/** Competitor signals in what the customer said (skills.md B, competitive_signal_alert). */
import type { Horizon } from '../facts/standing.ts';
import type { AccountView, Workspace } from '../facts/view.ts';
import type { Measures } from '../policy/measures.ts';
import type { Day, ZoneClock } from '../time/calendar.ts';

export type CompetitorLevel = 'comparison' | 'mention' | 'evaluation';

export interface CompetitorSignal {
  competitor: string;
  level: CompetitorLevel;
  quote: string;
  sourceId: string;
  contactId: string | undefined;
  day: Day;
}

const EVALUATION = /\b(?:pilot\w*|poc|rfp|shortlist\w*|migrat\w*)\b/i;
const patterns = new WeakMap<readonly string[], RegExp | null>();

/** Whole words, case-insensitive; null without competitors. */
function patternOf(competitors: readonly string[]): RegExp | null {
  let pattern = patterns.get(competitors);
  if (pattern === undefined) {
    const names = competitors.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    pattern =
      names.length > 0 ? new RegExp(`(?<![\\p{L}\\p{N}_])(?:${names.join('|')})(?![\\p{L}\\p{N}_])`, 'iu') : null;
    patterns.set(competitors, pattern);
  }
  return pattern;
}

/** The first competitor that a text names, as it is written there; undefined: none. */
export function namedCompetitor(text: string, competitors: readonly string[]): string | undefined {
  return patternOf(competitors)?.exec(text)?.[0];
}

function levelOf(text: string): CompetitorLevel {
  if (EVALUATION.test(text)) return 'evaluation';
  return text.includes('?') ? 'comparison' : 'mention';
}

/**
 * Every competitor signal of the last `measures.health.signalDays` days, oldest first. Only what the customer wrote
 * counts; a tag counts on the customer's notes and on notes about a contact, never on an internal guess.
 */
export function competitorSignals(view: AccountView, workspace: Workspace): CompetitorSignal[] {
  const since = view.today - workspace.measures.health.signalDays;
  const all = everSignalled(view, workspace);
  // Oldest first, and as a rule nothing has aged out.
  return all.length === 0 || all[0]!.day >= since ? all : all.filter((signal) => signal.day >= since);
}

/** What may change `competitorSignals` though no record does: a signal that grows too old. */
export function competitorsHorizon({ health }: Measures, signals: readonly CompetitorSignal[], horizon: Horizon): void {
  for (const { day } of signals) horizon.after(day, health.signalDays);
}

interface Heard {
  tickets: AccountView['tickets'];
  surveys: AccountView['surveys'];
  clock: ZoneClock;
  competitors: readonly string[];
  signals: CompetitorSignal[];
}
/** Records stay as they are for many days of a replay, so their texts are read once; kept with the notes. */
const heardIn = new WeakMap<AccountView['notes'], Heard>();

function everSignalled(view: AccountView, { clock, catalogue: { competitors } }: Workspace): CompetitorSignal[] {
  const { notes, tickets, surveys } = view;
  const kept = heardIn.get(notes);
  const same = kept?.tickets === tickets && kept.surveys === surveys && kept.clock === clock;
  if (same && kept.competitors === competitors) return kept.signals;
  const signals = findSignals(view, clock, competitors);
  heardIn.set(notes, { tickets, surveys, clock, competitors, signals });
  return signals;
}

function findSignals(view: AccountView, clock: ZoneClock, competitors: readonly string[]): CompetitorSignal[] {
  const pattern = patternOf(competitors);
  const found: CompetitorSignal[] = [];
  const read = (text: string | undefined, sourceId: string, contactId: string | undefined, day: Day): void => {
    const match = text === undefined || pattern === null ? null : pattern.exec(text);
    if (match === null || text === undefined) return;
    found.push({ competitor: match[0], level: levelOf(text), quote: text, sourceId, contactId, day });
  };
  for (const note of view.notes) {
    const day = clock.dayOf(note.at);
    const heard = note.author === 'customer' || (note.contactId !== undefined && note.author !== 'system');
    if (!heard) continue;
    const tagged = note.tags?.find((tag) => tag.startsWith('competitor_evaluation:') || tag.startsWith('competitor:'));
    if (tagged !== undefined) {
      const level = tagged.startsWith('competitor_evaluation:')
        ? 'evaluation'
        : levelOf(note.text) === 'evaluation'
          ? 'evaluation'
          : 'mention';
      found.push({
        competitor: tagged.slice(tagged.indexOf(':') + 1),
        level,
        quote: note.text,
        sourceId: note.noteId,
        contactId: note.contactId,
        day,
      });
    } else if (note.author === 'customer') read(note.text, note.noteId, note.contactId, day);
  }
  for (const ticket of view.tickets) {
    read(ticket.subject, ticket.ticketId, undefined, clock.dayOf(ticket.openedAt));
  }
  for (const survey of view.surveys) {
    read(survey.comment, survey.surveyId, survey.contactId, clock.dayOf(survey.answeredAt));
  }
  return found.sort((a, b) => a.day - b.day || (a.sourceId < b.sourceId ? -1 : 1));
}

const RANK: Record<CompetitorLevel | 'none', number> = { none: 0, comparison: 1, mention: 2, evaluation: 3 };

export function worstLevel(signals: readonly CompetitorSignal[]): CompetitorLevel | 'none' {
  let worst: CompetitorLevel | 'none' = 'none';
  for (const signal of signals) if (RANK[signal.level] > RANK[worst]) worst = signal.level;
  return worst;
}
