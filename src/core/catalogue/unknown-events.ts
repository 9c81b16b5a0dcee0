/** Events a catalogue speaks of that never occurred. */
import { nearestName } from '../documents/near-name.ts';
import type { Catalogue } from './catalogue.ts';

export interface UnknownEvent {
  event: string;
  /** Where the catalogue names it, e.g. `feature reports`. */
  namedBy: string[];
  /** An event that did occur, that no part of the catalogue names, and that is spelt much the same. */
  suggestion?: string;
}

/** In the order of the catalogue. Empty where no event has been imported yet: then nothing can be said. */
export function unknownEvents(catalogue: Catalogue, eventNames: readonly string[]): UnknownEvent[] {
  if (eventNames.length === 0) return [];
  const occurred = new Set(eventNames);
  const named = new Map<string, string[]>();
  const note = (event: string, by: string) => named.set(event, [...(named.get(event) ?? []), by]);
  for (const { id, events } of catalogue.features) for (const event of events) note(event, `feature ${id}`);
  for (const event of catalogue.logins) note(event, 'logins');
  for (const { id, event } of catalogue.setup) note(event, `setup step ${id}`);
  for (const { id, event } of catalogue.milestones) note(event, `milestone ${id}`);
  for (const { id, event } of catalogue.meters) note(event, `meter ${id}`);
  for (const [signal, events] of Object.entries(catalogue.signals))
    for (const event of events) note(event, `signal ${signal}`);
  const unnamed = eventNames.filter((event) => !named.has(event));
  return [...named].flatMap(([event, namedBy]) => {
    if (occurred.has(event)) return [];
    const suggestion = nearestName(event, unnamed);
    return [suggestion === undefined ? { event, namedBy } : { event, namedBy, suggestion }];
  });
}
