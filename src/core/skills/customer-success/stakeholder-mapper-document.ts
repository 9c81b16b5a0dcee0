/** The sections of the stakeholder map: Map, Gaps, Succession, 14-day plan (skills.md B). */
import { percentText, words } from '../../document/figures.ts';
import { inert, labelled, table } from '../../document/markdown.ts';
import type { SkillSection } from '../skill.ts';
import type { MappedContact, StakeholderMap } from './stakeholder-mapper.ts';

export interface MapDates {
  today: string;
  /** The actions by key, with their dates. */
  steps: readonly { key: string; date: string }[];
  successorAt: number;
}

export function stakeholderSections(map: StakeholderMap, dates: MapDates): SkillSection[] {
  return [
    { title: 'Map', body: mapTable(map.contacts) },
    { title: 'Gaps', body: gaps(map) },
    { title: 'Succession', body: succession(map, dates) },
    { title: '14-day plan', body: plan(map, dates) },
  ];
}

function nameOf({ name, contactId }: { name: string | null; contactId: string }): string {
  return inert(name ?? contactId);
}

function mapTable(contacts: readonly MappedContact[]): string {
  if (contacts.length === 0) return 'No contact is on record who has not left.';
  return table(
    ['Contact', 'Roles', 'Score', 'Attitude', 'Survey', 'Days since contact', 'Active days of 30'],
    contacts.map((contact) => [
      `${nameOf(contact)}${contact.onLeave ? ' (on leave)' : ''}`,
      contact.roles.map((role) => inert(words(role))).join(', '),
      figure(contact.score),
      contact.attitude ?? 'unknown',
      figure(contact.surveyPoints),
      contact.everTouched === false ? 'never' : figure(contact.daysSinceTouch),
      figure(contact.activeDays30),
    ]),
    [2, 4, 5, 6],
  );
}

function figure(value: number | null): string {
  return value === null ? '-' : String(value);
}

function gaps({ coveragePct, openRoles, threads, threadsNeeded, singleThreaded }: StakeholderMap): string {
  const open = openRoles.length === 0 ? 'none open' : `open: ${openRoles.map(words).join(', ')}`;
  const single = singleThreaded === true ? ', single-threaded' : '';
  const held =
    threads === null ? 'unknown: not every contact has a date' : `${threads} of the ${threadsNeeded} needed${single}`;
  return [
    labelled('Roles', `${5 - openRoles.length} of 5 filled (${percentText(coveragePct / 100)}); ${open}`),
    labelled('Threads', held),
  ].join('\n');
}

function succession({ departed, severity, contacts, successorId }: StakeholderMap, { successorAt }: MapDates): string {
  if (severity === 'none') return 'No champion or sponsor left within the window that counts.';
  const gone = departed.map((each) => {
    const roles = each.roles.map((role) => words(role)).join(', ');
    return `${nameOf(each)} (${roles})${each.leftOn === null ? ', date unknown' : ` on ${each.leftOn}`}`;
  });
  const successor = contacts.find(({ contactId }) => contactId === successorId);
  const follows =
    successor === undefined
      ? `nobody: no present contact scores ${successorAt} or more`
      : `${nameOf(successor)}, ${successor.score} of 100, to be confirmed with them`;
  return [
    labelled('Left', gone.join('; ')),
    labelled('Severity', severity === 'critical' ? 'critical: no champion or sponsor is left' : 'high'),
    labelled('Successor', follows),
  ].join('\n');
}

/** What must be true by each date; who does it stands in the actions. */
function plan(map: StakeholderMap, { steps }: MapDates): string {
  if (steps.length === 0) return 'None: nobody left.';
  const best = map.contacts.find(({ contactId }) => contactId === map.successorId);
  const goal = (key: string): string => {
    if (key === 'alert') return 'The account team knows who left and who remains';
    if (key === 'way_in') return 'A new contact is on record';
    if (key === 'sponsor') return 'The sponsor has been told and has named who speaks for the work';
    if (key === 'reset')
      return `A champion is recorded, and ${map.threadsNeeded} contacts have been spoken with in 90 days`;
    return best === undefined ? 'It is known who takes over' : `${nameOf(best)} has accepted or declined the role`;
  };
  return table(
    ['By', 'True by then'],
    steps.map(({ key, date }) => [date, goal(key)]),
  );
}
