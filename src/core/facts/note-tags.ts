/** Note tags that carry meaning (contract.md section 1), as of one instant. */
import type { NoteRecord } from '../records/record.ts';
import { type Day, parseDay, type ZoneClock } from '../time/calendar.ts';
import type { Horizon } from './standing.ts';

const NO_NOTES: readonly NoteRecord[] = [];
const byTag = new WeakMap<readonly NoteRecord[], ReadonlyMap<string, readonly NoteRecord[]>>();

/** The notes that carry a tag, in their order; found once for a list of notes. */
export function notesTagged(notes: readonly NoteRecord[], tag: string): readonly NoteRecord[] {
  return tagIndex(notes).get(tag) ?? NO_NOTES;
}

function tagIndex(notes: readonly NoteRecord[]): ReadonlyMap<string, readonly NoteRecord[]> {
  let index = byTag.get(notes);
  if (index === undefined) {
    const made = new Map<string, NoteRecord[]>();
    for (const note of notes) {
      for (const tag of new Set(note.tags ?? [])) {
        const tagged = made.get(tag);
        if (tagged === undefined) made.set(tag, [note]);
        else tagged.push(note);
      }
    }
    byTag.set(notes, made);
    index = made;
  }
  return index;
}

/** Does any note carry a tag `prefix:...`, or the tag `prefix`? */
function hasPrefix(notes: readonly NoteRecord[], prefix: string): boolean {
  for (const tag of tagIndex(notes).keys()) if (tag.startsWith(prefix)) return true;
  return false;
}

/** The text after `prefix:` of the latest note that carries such a tag. */
export function latestTagValue(
  notes: readonly NoteRecord[],
  prefix: string,
): { value: string; note: NoteRecord } | undefined {
  let latest: { value: string; note: NoteRecord } | undefined;
  if (!hasPrefix(notes, prefix)) return undefined;
  for (const note of notes) {
    for (const tag of note.tags ?? []) {
      if (!tag.startsWith(`${prefix}:`)) continue;
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
  if (!hasPrefix(notes, 'blocker')) return;
  for (const note of notes) horizon.after(clock.dayOf(note.at), days);
}

export interface TaggedBlocker {
  type: string;
  impact: string;
  description: string;
  since: Day;
  sourceId: string;
}

const BLOCKER_IMPACTS = ['high', 'medium', 'low'];

/** Open blockers, worst first: the latest word on each type within `days`; impact `resolved` or `none` closes it. */
export function openBlockers(
  notes: readonly NoteRecord[],
  today: Day,
  days: number,
  clock: ZoneClock,
): TaggedBlocker[] {
  const byType = new Map<string, TaggedBlocker & { at: number }>();
  if (!hasPrefix(notes, 'blocker')) return [];
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
