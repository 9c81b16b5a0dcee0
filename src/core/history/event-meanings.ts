/** What each event name means under a catalogue, looked up once a name. */
import { type Catalogue, isDefaultLogin } from '../catalogue/catalogue.ts';

export interface EventMeaning {
  /** Ids of the features whose use this event is; empty: no value event. */
  features: readonly string[];
  /** No other event is a use of any of them. */
  isOnlyUse: boolean;
  isSession: boolean;
  /** Meters that count it, and the measured property (null: each event counts 1). */
  meters: readonly { id: string; amountProperty: string | null }[];
  isGatedAttempt: boolean;
  isWorkflow: boolean;
}

const MOST_NAMES = 20_000; // event names are customer text; beyond it the table starts anew

const tables = new WeakMap<Catalogue, EventMeanings>();

/** The table of a catalogue; the same object each time, so that thousands of accounts share one. */
export function eventMeanings(catalogue: Catalogue): EventMeanings {
  let table = tables.get(catalogue);
  if (table === undefined) {
    table = new EventMeanings(catalogue);
    tables.set(catalogue, table);
  }
  return table;
}

export class EventMeanings {
  private readonly known = new Map<string, EventMeaning>();
  private readonly catalogue: Catalogue;
  private readonly logins: ReadonlySet<string>;
  private readonly featuresOf = new Map<string, string[]>();

  constructor(catalogue: Catalogue) {
    this.catalogue = catalogue;
    this.logins = new Set(catalogue.logins);
    for (const feature of catalogue.features) {
      for (const event of feature.events) {
        const ids = this.featuresOf.get(event) ?? [];
        if (!ids.includes(feature.id)) ids.push(feature.id);
        this.featuresOf.set(event, ids);
      }
    }
  }

  of(event: string): EventMeaning {
    let meaning = this.known.get(event);
    if (meaning === undefined) {
      if (this.known.size >= MOST_NAMES) this.known.clear();
      meaning = this.meaningOf(event);
      this.known.set(event, meaning);
    }
    return meaning;
  }

  private meaningOf(event: string): EventMeaning {
    const { catalogue } = this;
    const features = this.valueOf(event);
    return {
      features,
      isOnlyUse: features.every((id) => this.eventsOf(id) === 1),
      isSession: this.logins.has(event) || (this.logins.size === 0 && features.length === 0 && isDefaultSession(event)),
      meters: catalogue.meters.filter((meter) => meter.event === event),
      isGatedAttempt: catalogue.signals.gated_attempt?.includes(event) ?? false,
      isWorkflow: catalogue.signals.workflow?.includes(event) ?? false,
    };
  }

  /** How many events are a use of the feature. */
  private eventsOf(feature: string): number {
    if (this.catalogue.featuresDefaulted) return 1;
    return new Set(this.catalogue.features.filter(({ id }) => id === feature).flatMap(({ events }) => events)).size;
  }

  private valueOf(event: string): string[] {
    if (this.logins.has(event)) return [];
    if (this.catalogue.featuresDefaulted) return isDefaultLogin(event) ? [] : [event];
    return this.featuresOf.get(event) ?? [];
  }
}

/** Where the catalogue names no logins. A page view is no use, but no session of its own either. */
function isDefaultSession(event: string): boolean {
  return isDefaultLogin(event) && event !== 'page';
}
