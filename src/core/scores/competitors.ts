/** Competitor signals in what the customer said (skills.md B, competitive_signal_alert). */
import type { Horizon } from '../facts/standing.ts';
import type { AccountView, Workspace } from '../facts/view.ts';
import type { Measures } from '../policy/measures.ts';
import type { Day, Instant, ZoneClock } from '../time/calendar.ts';

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
  const { clock, catalogue, measures } = workspace;
  return findSignals(view, clock, catalogue.competitors, view.today - measures.health.signalDays);
}

/** What may change `competitorSignals` though no record does: a signal that grows too old. */
export function competitorsHorizon({ health }: Measures, signals: readonly CompetitorSignal[], horizon: Horizon): void {
  for (const { day } of signals) horizon.after(day, health.signalDays);
}

function findSignals(
  view: AccountView,
  clock: ZoneClock,
  competitors: readonly string[],
  since: Day,
): CompetitorSignal[] {
  const pattern = patternOf(competitors);
  const found: CompetitorSignal[] = [];
  const read = (text: string | undefined, sourceId: string, contactId: string | undefined, at: Instant): void => {
    const match = text === undefined || pattern === null ? null : pattern.exec(text);
    if (match === null || text === undefined) return;
    const day = clock.dayOf(at);
    if (day >= since) found.push({ competitor: match[0], level: levelOf(text), quote: text, sourceId, contactId, day });
  };
  for (const note of view.notes) {
    const { author, contactId, noteId, text, at } = note;
    if (author !== 'customer' && (contactId === undefined || author === 'system')) continue;
    const tag = note.tags?.find(namesCompetitor);
    if (tag === undefined) {
      if (author === 'customer') read(text, noteId, contactId, at);
      continue;
    }
    const day = clock.dayOf(at);
    if (day < since) continue;
    const isEvaluation = tag.startsWith('competitor_evaluation:') || levelOf(text) === 'evaluation';
    const competitor = tag.slice(tag.indexOf(':') + 1);
    const level = isEvaluation ? 'evaluation' : 'mention';
    found.push({ competitor, level, quote: text, sourceId: noteId, contactId, day });
  }
  for (const { subject, ticketId, openedAt } of view.tickets) read(subject, ticketId, undefined, openedAt);
  for (const { comment, surveyId, contactId, answeredAt } of view.surveys)
    read(comment, surveyId, contactId, answeredAt);
  return found.sort((a, b) => a.day - b.day || (a.sourceId < b.sourceId ? -1 : 1));
}

function namesCompetitor(tag: string): boolean {
  return tag.startsWith('competitor:') || tag.startsWith('competitor_evaluation:');
}

const RANK: Record<CompetitorLevel | 'none', number> = { none: 0, comparison: 1, mention: 2, evaluation: 3 };

export function worstLevel(signals: readonly CompetitorSignal[]): CompetitorLevel | 'none' {
  let worst: CompetitorLevel | 'none' = 'none';
  for (const signal of signals) if (RANK[signal.level] > RANK[worst]) worst = signal.level;
  return worst;
}
