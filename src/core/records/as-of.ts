/**
 * Records as they stood at one instant. A version counts from the moment it took effect and was known; a record whose
 * main date lies ahead does not exist yet. Other dates that lie ahead (resolvedAt, paidAt, achievedAt...) stay in the
 * record: whoever reads them compares them with the instant.
 */
import type { Day, Instant, ZoneClock } from '../time/calendar.ts';
import type {
  AccountRecords,
  ContactRecord,
  EntityByKind,
  EntityKind,
  Properties,
  SubscriptionRecord,
  Version,
} from './record.ts';
import { trialDays, trialEnd } from './trial-end.ts';

/** The records of one account in force at one instant, one per id. */
export type RecordsInForce = { [K in EntityKind]: EntityByKind[K][] };

/** Two hard bounces count as a departure (A2). */
const DEPARTED_HARD_BOUNCES = 2;

/**
 * Of each id the last version that had taken effect and was known at `at`; ids in the order of their first version.
 * `versions` must be in the order (effectiveAt, receivedAt, arrival).
 */
export function inForce<T>(versions: readonly Version<T>[], at: Instant): T[] {
  return lastVersions(versions, at).map((version) => version.data);
}

/** So few are compared one with another; more are found by id in a map, which costs more to fill. */
const FEW_VERSIONS = 12;

function lastVersions<T>(versions: readonly Version<T>[], at: Instant): Version<T>[] {
  const last: Version<T>[] = [];
  const places = versions.length > FEW_VERSIONS ? new Map<string, number>() : undefined;
  for (const version of versions) {
    if (version.effectiveAt > at) break;
    if (version.receivedAt > at) continue;
    const place = places === undefined ? placeOf(last, version.id) : (places.get(version.id) ?? -1);
    if (place >= 0) last[place] = version;
    else {
      places?.set(version.id, last.length);
      last.push(version);
    }
  }
  return last;
}

function placeOf(versions: readonly Version<unknown>[], id: string): number {
  for (let i = 0; i < versions.length; i++) if (versions[i]!.id === id) return i;
  return -1;
}

type InstantOf<T> = (record: T) => Instant | undefined;

/** In force, and its main date reached. */
function begun<T>(versions: readonly Version<T>[], at: Instant, mainDate: InstantOf<T>): T[] {
  const found: T[] = [];
  for (const { data } of lastVersions(versions, at)) if ((mainDate(data) ?? at) <= at) found.push(data);
  return found;
}

/**
 * The records of one kind in force at `at`. Two things that only the versions tell are written into the record: the end of
 * a subscription canceled without `endedAt` (the day the cancellation took effect), and the departure of a contact whose
 * mail bounced twice (the day of the version that says so), with the roles held before where the last version names none.
 */
export function kindInForce<K extends EntityKind>(
  kind: K,
  records: AccountRecords,
  at: Instant,
  clock: ZoneClock,
): RecordsInForce[K] {
  return FIND[kind](records, at, clock);
}

const FIND: { [K in EntityKind]: (records: AccountRecords, at: Instant, clock: ZoneClock) => RecordsInForce[K] } = {
  // An account's record counts from its version's date alone: some exports hold use from before the sign-up.
  accounts: (records, at) => inForce(records.accounts, at),
  contacts: (records, at, clock) => contactsInForce(records.contacts, at, clock),
  subscriptions: (records, at, clock) => subscriptionsInForce(records.subscriptions, at, clock),
  tickets: (records, at) => begun(records.tickets, at, (ticket) => ticket.openedAt),
  incidents: (records, at) => begun(records.incidents, at, (incident) => incident.startedAt),
  surveys: (records, at) => begun(records.surveys, at, (survey) => survey.answeredAt),
  goals: (records, at) => begun(records.goals, at, (goal) => goal.createdAt),
  notes: (records, at) => begun(records.notes, at, (note) => note.at),
  invoices: (records, at) => begun(records.invoices, at, (invoice) => invoice.issuedAt),
};

/** Subscriptions that have started, the canceled ones always with their `endedAt`. */
export function subscriptionsInForce(
  versions: readonly Version<SubscriptionRecord>[],
  at: Instant,
  clock: ZoneClock,
): SubscriptionRecord[] {
  return begun(versions, at, (record) => record.startedAt).map((record) => {
    const ended = withEnd(record, versions, at, clock);
    return wasTrialThen(ended, versions, at, clock) ? { ...ended, status: 'trialing' } : ended;
  });
}

function withEnd(
  record: SubscriptionRecord,
  versions: readonly Version<SubscriptionRecord>[],
  at: Instant,
  clock: ZoneClock,
): SubscriptionRecord {
  if (record.status !== 'canceled' || record.endedAt !== undefined) return record;
  const since = sinceWhen(versions, record.subscriptionId, at, (version) => version.status === 'canceled');
  return { ...record, endedAt: clock.dayOf(since) };
}

/**
 * An export often holds a subscription's last state alone: `active`, with the end of a trial that lay before. Without a
 * version that says `trialing`, it was a trial until that end, and one that ended by then was never more than a trial.
 */
function wasTrialThen(
  record: SubscriptionRecord,
  versions: readonly Version<SubscriptionRecord>[],
  at: Instant,
  clock: ZoneClock,
): boolean {
  if (record.status === 'trialing') return false;
  const today = clock.dayOf(at);
  const end = trialEnd(record, today);
  if (end === undefined) return false;
  const told = knownVersions(versions, record.subscriptionId, at).some(({ data }) => data.status === 'trialing');
  return !told && (today < end || (record.endedAt !== undefined && record.endedAt <= end));
}

function contactsInForce(versions: readonly Version<ContactRecord>[], at: Instant, clock: ZoneClock): ContactRecord[] {
  return begun(versions, at, (record) => record.createdAt).map((record) => {
    const leftAt = record.leftAt ?? bouncedOn(versions, record, at, clock);
    if (leftAt === undefined) return record;
    const roles = record.roles?.length ? record.roles : lastRoles(versions, record.contactId, at);
    return { ...record, leftAt, ...(roles && { roles }) };
  });
}

function bouncedOn(
  versions: readonly Version<ContactRecord>[],
  record: ContactRecord,
  at: Instant,
  clock: ZoneClock,
): Day | undefined {
  if (!hasBounced(record.properties)) return undefined;
  return clock.dayOf(sinceWhen(versions, record.contactId, at, (version) => hasBounced(version.properties)));
}

function hasBounced(properties: Properties | undefined): boolean {
  return Number(properties?.hardBounces ?? 0) >= DEPARTED_HARD_BOUNCES;
}

function lastRoles(
  versions: readonly Version<ContactRecord>[],
  contactId: string,
  at: Instant,
): ContactRecord['roles'] | undefined {
  let roles: ContactRecord['roles'] | undefined;
  for (const version of knownVersions(versions, contactId, at)) {
    if (version.data.roles?.length) roles = version.data.roles;
  }
  return roles;
}

/** When the latest unbroken run of versions that meet `test` began. */
function sinceWhen<T>(versions: readonly Version<T>[], id: string, at: Instant, test: (data: T) => boolean): Instant {
  let since: Instant | undefined;
  for (const version of knownVersions(versions, id, at)) {
    if (!test(version.data)) since = undefined;
    else since ??= version.effectiveAt;
  }
  return since ?? at;
}

function knownVersions<T>(versions: readonly Version<T>[], id: string, at: Instant): Version<T>[] {
  return versions.filter((version) => version.id === id && version.effectiveAt <= at && version.receivedAt <= at);
}

/** The time around an instant, [from, until), up to the nearest of the moments noted before and after it. */
export class Stretch {
  from: Instant = Number.NEGATIVE_INFINITY;
  until: Instant = Number.POSITIVE_INFINITY;
  readonly #at: Instant;

  constructor(at: Instant) {
    this.#at = at;
  }

  note(moment: Instant | undefined): void {
    if (moment === undefined) return;
    if (moment > this.#at) {
      if (moment < this.until) this.until = moment;
    } else if (moment > this.from) this.from = moment;
  }
}

/**
 * The time around `at` in which the records of a kind in force, and what a comparison of one of their instants with the
 * present one says, stay the same: only the passing of whole days (Day fields, ages) changes what they say.
 */
export function stretchAround<K extends EntityKind>(
  kind: K,
  records: AccountRecords,
  at: Instant,
  clock: ZoneClock,
): Stretch {
  const stretch = new Stretch(at);
  const noteDates = NOTE_DATES[kind];
  for (const version of records[kind] as Version<EntityByKind[K]>[]) {
    stretch.note(Math.max(version.effectiveAt, version.receivedAt));
    noteDates(version.data, stretch, clock);
  }
  return stretch;
}

const NOTE_DATES: { [K in EntityKind]: (record: EntityByKind[K], stretch: Stretch, clock: ZoneClock) => void } = {
  accounts: (account, stretch) => stretch.note(account.createdAt),
  contacts(contact, stretch) {
    stretch.note(contact.createdAt);
    stretch.note(contact.lastContactAt);
  },
  subscriptions(subscription, stretch, clock) {
    stretch.note(subscription.startedAt);
    if (subscription.status === 'trialing' || subscription.trialEndsAt === undefined) return;
    // The days on which a trial of which only its end tells turns out to have been one, or not (`wasTrialThen`).
    for (const day of trialDays(subscription)) stretch.note(clock.instantOf(day));
  },
  tickets(ticket, stretch) {
    stretch.note(ticket.openedAt);
    stretch.note(ticket.resolvedAt);
    stretch.note(ticket.escalatedAt);
  },
  incidents(incident, stretch) {
    stretch.note(incident.startedAt);
    stretch.note(incident.resolvedAt);
  },
  surveys: (survey, stretch) => stretch.note(survey.answeredAt),
  goals: (goal, stretch) => stretch.note(goal.createdAt),
  notes: (note, stretch) => stretch.note(note.at),
  invoices: (invoice, stretch) => stretch.note(invoice.issuedAt),
};
