/** Note tags that carry meaning (contract.md section 1), as of one instant. */
import type { NoteRecord } from '../records/record.ts';
import { type Day, parseDay, type ZoneClock } from '../time/calendar.ts';
import type { Horizon } from './standing.ts';

export function isTagged({ tags }: NoteRecord, tag: string): boolean {
  return tags?.includes(tag) === true;
}

/** The text after `prefix:` of the latest note that carries such a tag. */
export function latestTagValue(
  notes: readonly NoteRecord[],
  prefix: string,
): { value: string; note: NoteRecord } | undefined {
  let latest: { value: string; note: NoteRecord } | undefined;
  for (const note of notes) {
    if (note.tags === undefined) continue;
    for (const tag of note.tags) {
      if (!tag.startsWith(prefix) || tag[prefix.length] !== ':') continue;
      if (latest === undefined || note.at >= latest.note.at) latest = { value: tag.slice(prefix.length + 1), note };
    }
  }
  return latest;
}

/** The date after which the customer wants to talk of expansion, as last stated; undefined where no date was stated. */
export function statedTimeline(notes: readonly NoteRecord[]): Day | undefined {
  const stated = latestTagValue(notes, 'expansion_timeline');
  return stated === undefined ? undefined : parseDay(stated.value.slice(0, 10));
}

/** What may change `openBlockers` though no note does. */
export function blockersHorizon(notes: readonly NoteRecord[], days: number, clock: ZoneClock, horizon: Horizon): void {
  for (const note of notes) if (namesBlocker(note)) horizon.after(clock.dayOf(note.at), days);
}

export interface TaggedBlocker {
  type: string;
  impact: string;
  description: string;
  since: Day;
  sourceId: string;
}

function namesBlocker({ tags }: NoteRecord): boolean {
  if (tags !== undefined) for (const tag of tags) if (tag.startsWith('blocker:')) return true;
  return false;
}

const BLOCKER_IMPACTS = ['high', 'medium', 'low'];

/** Open blockers, worst first: the latest word on each type within `days`; impact `resolved` or `none` closes it. */
export function openBlockers(
  notes: readonly NoteRecord[],
  today: Day,
  days: number,
  clock: ZoneClock,
): TaggedBlocker[] {
  if (!notes.some(namesBlocker)) return [];
  const byType = new Map<string, TaggedBlocker & { at: number }>();
  for (const note of notes) {
    const since = clock.dayOf(note.at);
    if (since < today - days) continue;
    for (const tag of note.tags ?? []) {
      const [kind, type, impact = 'medium'] = tag.split(':');
      if (kind !== 'blocker' || type === undefined || type === '') continue;
      const before = byType.get(type);
      if (before !== undefined && before.at > note.at) continue;
      byType.set(type, { type, impact, description: note.text, since, sourceId: note.noteId, at: note.at });
    }
  }
  return [...byType.values()]
    .filter((blocker) => BLOCKER_IMPACTS.includes(blocker.impact))
    .map(({ at: _, ...blocker }) => blocker)
    .sort(
      (a, b) => BLOCKER_IMPACTS.indexOf(a.impact) - BLOCKER_IMPACTS.indexOf(b.impact) || (a.type < b.type ? -1 : 1),
    );
}
