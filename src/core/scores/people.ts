/**
 * Who is on the customer's side (spec: skills.md A2): recorded roles, who is gone, who is in touch.
 *
 * Choices where the spec is silent. Two-way contact is the later of `lastContactAt` and the contact's latest note that
 * the customer wrote (call, meeting, email or chat) or that is tagged `meeting_held`. With notes imported, no such date
 * means no contact; without notes and without `lastContactAt` the contact is unknown. A decision maker is a contact with
 * that role or with the property `orderSigner`. Being on leave leaves the role as it is.
 */
import type { Horizon } from '../facts/standing.ts';
import { type AccountView, kindGap, type Workspace } from '../facts/view.ts';
import { upperBound } from '../history/history.ts';
import { userIndex } from '../history/windows.ts';
import type { ContactRecord, NoteRecord } from '../records/record.ts';
import type { Day, Instant } from '../time/calendar.ts';

export const FOLLOWED_ROLES = ['champion', 'executive_sponsor', 'decision_maker', 'primary_contact'] as const;
export type FollowedRole = (typeof FOLLOWED_ROLES)[number];

/** `active`: contact within `activeDays`; `identified`: within `identifiedDays`; `none`: nobody holds the role so. */
export type RoleState = 'active' | 'identified' | 'none';

export interface Person {
  contactId: string;
  name: string | undefined;
  roles: FollowedRole[];
  departed: boolean;
  /** Undefined for somebody present, and for a departure without a date. */
  departedOn: Day | undefined;
  onLeave: boolean;
  /** Day of the last two-way contact. */
  lastContactOn: Day | undefined;
}

export interface RoleReading {
  state: RoleState | undefined;
  reason?: string;
  /** Who gives the role its state, or else who holds it. */
  contactId: string | undefined;
}

/** A champion or sponsor who left within the signal window. */
export interface Departure {
  contactId: string;
  name: string | undefined;
  roles: FollowedRole[];
  on: Day | undefined;
  /** Nobody present holds the role of champion or sponsor any more. */
  leavesNeither: boolean;
}

export interface People {
  /** Undefined: contacts are known. */
  reason?: string;
  persons: Person[];
  roles: Record<FollowedRole, RoleReading>;
  /** Undefined where contacts were never imported. */
  departures: Departure[] | undefined;
  /** Champions and sponsors who are present but on leave. */
  onLeave: Person[];
}

/** Two hard bounces count as a departure (A2). */
const DEPARTED_HARD_BOUNCES = 2;
const CONVERSATIONS: readonly (string | undefined)[] = ['call', 'meeting', 'email', 'chat'];

export function peopleOf(view: AccountView, workspace: Workspace): People {
  const reason = kindGap('contacts', view, workspace);
  if (reason !== undefined) {
    const unknown = { state: undefined, reason, contactId: undefined };
    const roles: People['roles'] = {
      champion: unknown,
      executive_sponsor: unknown,
      decision_maker: unknown,
      primary_contact: unknown,
    };
    return { reason, persons: [], roles, departures: undefined, onLeave: [] };
  }
  const touched = lastTouches(view);
  const persons = view.contacts.map((contact) => personOf(contact, touched, view, workspace));
  const notesGap = kindGap('notes', view, workspace);
  return {
    persons,
    roles: {
      champion: readRole('champion', persons, view, workspace, notesGap),
      executive_sponsor: readRole('executive_sponsor', persons, view, workspace, notesGap),
      decision_maker: readRole('decision_maker', persons, view, workspace, notesGap),
      primary_contact: readRole('primary_contact', persons, view, workspace, notesGap),
    },
    departures: departuresOf(persons, view.today, workspace.measures.people.departureDays),
    onLeave: persons.filter((person) => person.onLeave && !person.departed && isChampionOrSponsor(person)),
  };
}

/** identified or better; undefined where unknown. */
export function isIdentified(reading: RoleReading): boolean | undefined {
  return reading.state === undefined ? undefined : reading.state !== 'none';
}

function personOf(
  contact: ContactRecord,
  touched: ReadonlyMap<string, Instant> | undefined,
  { instant, today }: AccountView,
  { clock }: Workspace,
): Person {
  const left = contact.leftAt !== undefined && contact.leftAt <= today;
  const { properties } = contact;
  const bounced = properties !== undefined && Number(properties.hardBounces ?? 0) >= DEPARTED_HARD_BOUNCES;
  const recorded =
    contact.lastContactAt !== undefined && contact.lastContactAt <= instant ? contact.lastContactAt : undefined;
  const lastContactAt = Math.max(
    recorded ?? Number.NEGATIVE_INFINITY,
    touched?.get(contact.contactId) ?? Number.NEGATIVE_INFINITY,
  );
  return {
    contactId: contact.contactId,
    name: contact.name,
    roles: followedRoles(contact),
    departed: left || bounced,
    departedOn: left ? contact.leftAt : undefined,
    onLeave: isOnLeave(contact, today),
    lastContactOn: Number.isFinite(lastContactAt) ? clock.dayOf(lastContactAt) : undefined,
  };
}

const NO_ROLES: FollowedRole[] = [];

function followedRoles({ roles: recorded, properties }: ContactRecord): FollowedRole[] {
  if (!recorded?.length && properties === undefined) return NO_ROLES;
  const roles: FollowedRole[] = [];
  if (recorded !== undefined) for (const role of FOLLOWED_ROLES) if (recorded.includes(role)) roles.push(role);
  if (properties?.orderSigner === true && !roles.includes('decision_maker')) roles.push('decision_maker');
  return roles;
}

/** On leave from its first to its last day; without a first day, nothing is known to have begun. */
function isOnLeave(contact: ContactRecord, today: Day): boolean {
  if (contact.onLeaveFrom === undefined || contact.onLeaveFrom > today) return false;
  return contact.onLeaveUntil === undefined || contact.onLeaveUntil >= today;
}

/** Last day up to D with a value event of the user of the contact's id. */
export function lastUseOn({ history, lastDay }: AccountView, contactId: string): Day | undefined {
  const user = userIndex(history).get(contactId);
  if (user === undefined) return undefined;
  const count = upperBound(user.activeDays, lastDay);
  return count > 0 ? user.activeDays[count - 1] : undefined;
}

/** What may change `peopleOf` though no record does: days of leave, contact or use that grows old, and new use. */
export function peopleHorizon(view: AccountView, { measures }: Workspace, people: People, horizon: Horizon): void {
  const { activeDays, identifiedDays, departureDays } = measures.people;
  for (const { leftAt, onLeaveFrom, onLeaveUntil } of view.contacts) {
    horizon.at(leftAt);
    horizon.after(leftAt, departureDays);
    horizon.at(onLeaveFrom);
    horizon.after(onLeaveUntil);
  }
  const users = userIndex(view.history);
  for (const { contactId, lastContactOn, roles } of people.persons) {
    horizon.after(lastContactOn, activeDays);
    horizon.after(lastContactOn, identifiedDays);
    const used = roles.includes('champion') ? users.get(contactId)?.activeDays : undefined;
    if (used === undefined) continue;
    const count = upperBound(used, view.lastDay);
    const last = used[count - 1];
    horizon.after(last, activeDays);
    horizon.after(last, identifiedDays);
    const isActive = last !== undefined && view.today - last <= activeDays;
    if (!isActive) horizon.after(used[count]); // of somebody active further use only makes it last
  }
}

/** By contact: the latest two-way note up to the instant; undefined: there is none. */
function lastTouches({ notes, instant }: AccountView): ReadonlyMap<string, Instant> | undefined {
  let touches: Map<string, Instant> | undefined;
  for (const note of notes) {
    if (note.contactId === undefined || note.at > instant || !isTwoWay(note)) continue;
    touches ??= new Map();
    if (note.at > (touches.get(note.contactId) ?? Number.NEGATIVE_INFINITY)) touches.set(note.contactId, note.at);
  }
  return touches;
}

/** Did the customer take part: wrote it, or sat in the meeting? */
export function isTwoWay(note: NoteRecord): boolean {
  if (note.tags?.includes('meeting_held')) return true;
  return note.author === 'customer' && CONVERSATIONS.includes(note.kind);
}

/** The first holder who is active, else identified, else not known. */
function readRole(
  role: FollowedRole,
  persons: readonly Person[],
  view: AccountView,
  workspace: Workspace,
  notesGap: string | undefined,
): RoleReading {
  let first: Person | undefined;
  let identified: Person | undefined;
  let unknown: Person | undefined;
  for (const person of persons) {
    if (person.departed || !person.roles.includes(role)) continue;
    first ??= person;
    const state = stateOf(role, person, view, workspace, notesGap === undefined);
    if (state === 'active') return { contactId: person.contactId, state };
    if (state === 'identified') identified ??= person;
    else if (state === undefined) unknown ??= person;
  }
  if (identified !== undefined) return { contactId: identified.contactId, state: 'identified' };
  if (unknown === undefined) return { state: 'none', contactId: first?.contactId };
  const reason = `no contact date for the ${role.replaceAll('_', ' ')}, ${notesGap}`;
  return { contactId: unknown.contactId, state: undefined, reason };
}

function stateOf(
  role: FollowedRole,
  person: Person,
  view: AccountView,
  { measures }: Workspace,
  notesCovered: boolean,
): RoleState | undefined {
  const { today } = view;
  const { lastContactOn } = person;
  const usedOn = role === 'champion' ? lastUseOn(view, person.contactId) : undefined;
  const last = Math.max(lastContactOn ?? Number.NEGATIVE_INFINITY, usedOn ?? Number.NEGATIVE_INFINITY);
  if (today - last <= measures.people.activeDays) return 'active';
  if (today - last <= measures.people.identifiedDays) return 'identified';
  return lastContactOn === undefined && !notesCovered ? undefined : 'none';
}

function isChampionOrSponsor(person: Person): boolean {
  return person.roles.includes('champion') || person.roles.includes('executive_sponsor');
}

function departuresOf(persons: readonly Person[], today: Day, windowDays: number): Departure[] {
  const departures: Departure[] = [];
  for (const person of persons) {
    const { contactId, name, roles, departed, departedOn } = person;
    if (!departed || today - (departedOn ?? today) > windowDays || !isChampionOrSponsor(person)) continue;
    const leavesNeither = !persons.some((each) => !each.departed && isChampionOrSponsor(each));
    departures.push({ contactId, name, roles, on: departedOn, leavesNeither });
  }
  return departures;
}
