/** customer_success/stakeholder_mapper (skills.md B): who is left after a champion or sponsor went, and who may follow. */
import { z } from 'zod';
import { kindGap, known, unknown } from '../../facts/view.ts';
import { userActiveDaysIn, userIndex } from '../../history/windows.ts';
import type { ContactRecord } from '../../records/record.ts';
import { clamp, lin, part, percent2, publish, weightedMean } from '../../scores/number.ts';
import { isIdentified, type Person } from '../../scores/people.ts';
import { latestAnswers, npsPoints } from '../../scores/relationship.ts';
import { addBusinessDays, type Day, formatDay } from '../../time/calendar.ts';
import { defineSkill, type SkillContext, type SkillOutput } from '../skill.ts';
import type { ActionDraft } from '../skill-result.ts';
import { stakeholderSections } from './stakeholder-mapper-document.ts';

const share = z.number().min(0).max(1);
const points = z.number().int().min(0).max(100);
const days = z.number().int().min(1).max(365);

const parameters = z.strictObject({
  surveyWeight: share.default(0.35).describe('weight of the latest survey answer in a contact score'),
  touchWeight: share.default(0.35).describe('weight of the days since the last two-way contact'),
  useWeight: share.default(0.3).describe('weight of the active days of the last 30 days'),
  touchFullDays: days.default(14).describe('a contact within so many days scores 100'),
  touchNoneDays: days.default(90).describe('a contact so many days ago or longer scores 0, and is no thread'),
  fullActiveDays: z.number().int().min(1).max(30).default(12).describe('active days of 30 that score 100'),
  championAt: points.default(90).describe('score from which a contact is called a champion'),
  supporterAt: points.default(70).describe('score from which a contact is called a supporter'),
  neutralAt: points.default(50).describe('score from which a contact is called neutral'),
  skepticAt: points.default(30).describe('score from which a contact is called a skeptic; below: detractor'),
  successorAt: points.default(50).describe('lowest score of a successor'),
  enterpriseThreads: z.number().int().min(1).max(20).default(3).describe('threads an enterprise account needs'),
  threads: z.number().int().min(1).max(20).default(2).describe('threads any other account needs'),
});
type Parameters = z.infer<typeof parameters>;

const BUYING_ROLES = ['sponsor', 'champion', 'economic_buyer', 'technical_buyer', 'end_user'] as const;
export type BuyingRole = (typeof BUYING_ROLES)[number];
export type Attitude = 'champion' | 'supporter' | 'neutral' | 'skeptic' | 'detractor';
export type DepartureSeverity = 'critical' | 'high' | 'none';

/** What a contact is scored by; undefined: unknown. */
export interface ContactEvidence {
  /** Points 0-100 of the latest NPS or, without one, CSAT answer. */
  surveyPoints: number | undefined;
  /** Infinite: no contact on record although contact is recorded. */
  daysSinceTouch: number | undefined;
  activeDays30: number | undefined;
}

/** Parts of a contact score that must be known (our reading of "two or more known"). */
const PARTS_AT_LEAST = 2;
const HALF = 0.5;

/**
 * mean* of .35 survey points, .35 lin(days since touch; 14 -> 100, 90 -> 0), .30 x 100 x min(1, active days of 30 / 12),
 * 0-100, unrounded (skills.md B; our choice of weights); undefined with fewer than two parts known.
 */
export function contactScore(evidence: ContactEvidence, p: Parameters): number | undefined {
  const { surveyPoints, daysSinceTouch, activeDays30 } = evidence;
  const values = [surveyPoints, daysSinceTouch, activeDays30];
  if (values.filter((value) => value !== undefined).length < PARTS_AT_LEAST) return undefined;
  const touch =
    daysSinceTouch === undefined
      ? undefined
      : lin(daysSinceTouch, [
          [p.touchFullDays, 100],
          [Math.max(p.touchNoneDays, p.touchFullDays + 1), 0],
        ]);
  const use = activeDays30 === undefined ? undefined : 100 * Math.min(1, activeDays30 / p.fullActiveDays);
  return weightedMean(
    {
      survey: part(surveyPoints, p.surveyWeight),
      touch: part(touch, p.touchWeight),
      use: part(use, p.useWeight),
    },
    HALF,
  ).score;
}

/** Published score -> what the contact is to us. */
export function attitudeOf(score: number, p: Parameters): Attitude {
  if (score >= p.championAt) return 'champion';
  if (score >= p.supporterAt) return 'supporter';
  if (score >= p.neutralAt) return 'neutral';
  return score >= p.skepticAt ? 'skeptic' : 'detractor';
}

export interface MappedContact {
  contactId: string;
  name: string | null;
  title: string | null;
  roles: string[];
  score: number | null;
  attitude: Attitude | null;
  surveyPoints: number | null;
  /** False: contact is recorded, and there was none; null: unknown. */
  everTouched: boolean | null;
  daysSinceTouch: number | null;
  activeDays30: number | null;
  onLeave: boolean;
  /** Why the score is unknown. */
  reason?: string;
}

export interface StakeholderMap {
  /** Present contacts, highest score first. */
  contacts: MappedContact[];
  departed: { contactId: string; name: string | null; roles: string[]; leftOn: string | null }[];
  successorId: string | null;
  /** % of the five buying roles that somebody present holds. */
  coveragePct: number;
  filledRoles: BuyingRole[];
  openRoles: BuyingRole[];
  /** Present contacts with two-way contact in 90 days. */
  threads: number | null;
  threadsNeeded: number;
  singleThreaded: boolean | null;
  severity: DepartureSeverity;
}

/** The highest score, present and not on leave, at or above the threshold; ties by id. Expects the map's order. */
export function successorOf(contacts: readonly MappedContact[], successorAt: number): string | null {
  return contacts.find(({ score, onLeave }) => !onLeave && score !== null && score >= successorAt)?.contactId ?? null;
}

export const stakeholderMapper = defineSkill<Parameters, StakeholderMap>({
  name: 'customer_success/stakeholder_mapper',
  domain: 'customer_success',
  purpose: 'Maps who is left after a departure and proposes a successor',
  customerFacing: true,
  conversation: 'none',
  serviceMessage: false,
  celebration: false,
  inputs: { required: ['contacts', 'champion_departed'], optional: ['notes', 'surveys', 'events'] },
  sections: ['Map', 'Gaps', 'Succession', '14-day plan'],
  parameters,
  outcome: {
    measure: 'champion_identified',
    unit: 'share',
    better: 'higher',
    horizonDays: 14, // the entry's 14-day plan
    noise: 0,
    read: ({ people }) => {
      const identified = isIdentified(people.roles.champion);
      return identified === undefined
        ? unknown(people.roles.champion.reason ?? 'not known')
        : known(identified ? 1 : 0);
    },
  },
  run: runStakeholderMap,
});

function runStakeholderMap(context: SkillContext<Parameters>): SkillOutput<StakeholderMap | null> {
  const { measured, workspace } = context;
  const { people, view } = measured;
  if (people.departures === undefined) {
    const dataGaps = [{ fact: 'contacts', reason: people.reason ?? 'no contacts imported' }];
    return { status: 'insufficient_data', reasons: [], dataGaps, result: null, actions: [], sections: [] };
  }
  const result = mapOf(context);
  const dataGaps = (['notes', 'surveys'] as const).flatMap((kind) => {
    const reason = kindGap(kind, view, workspace);
    return reason === undefined ? [] : [{ fact: kind as string, reason }];
  });
  if (view.usageGap !== undefined) dataGaps.push({ fact: 'events', reason: view.usageGap });
  const unscored = result.contacts.filter(({ score }) => score === null);
  if (unscored.length > 0) {
    const who = unscored.map(({ name, contactId }) => name ?? contactId).join(', ');
    dataGaps.push({ fact: 'contact scores', reason: `fewer than two of survey, contact and use known for ${who}` });
  }
  if (result.threads === null)
    dataGaps.push({ fact: 'threads', reason: 'not every contact has a lastContactAt, and no notes tell' });
  const reasons: string[] = [];
  if (result.severity === 'none') reasons.push('no_departure');
  if (result.severity !== 'none' && result.successorId === null) reasons.push('no_successor');
  if (result.threads !== null && result.threads < result.threadsNeeded) reasons.push('too_few_threads');
  const actions = result.severity === 'none' ? [] : actionsOf(result, context);
  const { today } = view;
  const steps = actions.map(({ key, due }) => ({ key, date: formatDay(due) }));
  return {
    status: dataGaps.length > 0 ? 'partial' : 'ok',
    reasons,
    dataGaps,
    result,
    actions,
    sections: stakeholderSections(result, {
      today: formatDay(today),
      steps,
      successorAt: context.parameters.successorAt,
    }),
  };
}

function mapOf({ measured, workspace, parameters: p }: SkillContext<Parameters>): StakeholderMap {
  const { people, view } = measured;
  const notesKnown = kindGap('notes', view, workspace) === undefined;
  const evidenceOf = evidenceReader(measured, workspace, notesKnown);
  const records = new Map(view.contacts.map((contact) => [contact.contactId, contact]));
  const present = people.persons.filter((person) => !person.departed);
  const contacts = present
    .map((person) => mappedContact(person, records.get(person.contactId), evidenceOf(person), p))
    .sort((a, b) => (b.exact ?? -1) - (a.exact ?? -1) || (a.contact.contactId < b.contact.contactId ? -1 : 1))
    .map(({ contact }) => contact);
  const filled = filledRoles(contacts);
  const isThread = (person: Person) =>
    person.lastContactOn !== undefined && view.today - person.lastContactOn <= p.touchNoneDays;
  const touched = present.filter(isThread).length;
  const allKnown = notesKnown || present.every((person) => person.lastContactOn !== undefined);
  const segment = view.account.segment?.toLowerCase();
  const isEnterprise = workspace.measures.onboarding.enterpriseSegments.some((each) => each.toLowerCase() === segment);
  const holdsOut = present.some(({ roles }) => roles.includes('champion') || roles.includes('executive_sponsor'));
  return {
    contacts,
    departed: people.departures!.map(({ contactId, name, roles, on }) => ({
      contactId,
      name: name ?? null,
      roles,
      leftOn: on === undefined ? null : formatDay(on),
    })),
    successorId: successorOf(contacts, p.successorAt),
    coveragePct: percent2((100 * filled.length) / BUYING_ROLES.length),
    filledRoles: filled,
    openRoles: BUYING_ROLES.filter((role) => !filled.includes(role)),
    threads: allKnown ? touched : null,
    threadsNeeded: isEnterprise ? p.enterpriseThreads : p.threads,
    singleThreaded: touched > 1 ? false : allKnown ? true : null,
    severity: people.departures!.length === 0 ? 'none' : holdsOut ? 'high' : 'critical',
  };
}

type EvidenceReader = (person: Person) => ContactEvidence;

/** A contact's survey points are A7's: NPS or, without one, CSAT. Users are contacts of the same id. */
function evidenceReader(
  { view }: SkillContext['measured'],
  workspace: SkillContext['workspace'],
  notesKnown: boolean,
): EvidenceReader {
  const m = workspace.measures.health.relationship;
  const surveysKnown = kindGap('surveys', view, workspace) === undefined;
  const answers = (kind: 'nps' | 'csat') =>
    new Map(
      (surveysKnown ? latestAnswers(view, workspace, kind) : []).map(({ contactId, score }) => [contactId, score]),
    );
  const nps = answers('nps');
  const csat = answers('csat');
  const users = userIndex(view.history);
  const useKnown = view.usageGap === undefined && view.history.hasUserIds;
  return ({ contactId, lastContactOn }) => {
    const promoted = nps.get(contactId);
    const satisfied = csat.get(contactId);
    const user = users.get(contactId);
    return {
      surveyPoints:
        promoted !== undefined
          ? npsPoints(promoted, m)
          : satisfied === undefined
            ? undefined
            : 25 * (clamp(satisfied, 1, 5) - 1),
      daysSinceTouch:
        lastContactOn === undefined ? (notesKnown ? Number.POSITIVE_INFINITY : undefined) : view.today - lastContactOn,
      activeDays30: useKnown
        ? user === undefined
          ? 0
          : userActiveDaysIn(user, view.lastDay - workspace.measures.use.monthlyDays + 1, view.lastDay)
        : undefined,
    };
  };
}

function mappedContact(
  person: Person,
  record: ContactRecord | undefined,
  evidence: ContactEvidence,
  p: Parameters,
): { contact: MappedContact; exact: number | undefined } {
  const exact = contactScore(evidence, p);
  const score = exact === undefined ? null : publish(exact);
  const roles = new Set<string>([...(record?.roles ?? []), ...person.roles]);
  const { daysSinceTouch } = evidence;
  const contact: MappedContact = {
    contactId: person.contactId,
    name: person.name ?? null,
    title: record?.title ?? null,
    roles: [...roles],
    score,
    attitude: score === null ? null : attitudeOf(score, p),
    surveyPoints: evidence.surveyPoints ?? null,
    everTouched: daysSinceTouch === undefined ? null : Number.isFinite(daysSinceTouch),
    daysSinceTouch: daysSinceTouch === undefined || !Number.isFinite(daysSinceTouch) ? null : daysSinceTouch,
    activeDays30: evidence.activeDays30 ?? null,
    onLeave: person.onLeave,
    ...(score === null && { reason: 'fewer than two of survey, contact and use known' }),
  };
  return { contact, exact };
}

/**
 * Which of the five buying roles somebody present holds (our mapping of the recorded roles): economic buyer also by the
 * role of decision maker, technical buyer by technical owner, end user by role or by use in 30 days.
 */
export function filledRoles(contacts: readonly Pick<MappedContact, 'roles' | 'activeDays30'>[]): BuyingRole[] {
  const has = (...roles: string[]) => contacts.some((contact) => roles.some((role) => contact.roles.includes(role)));
  const filled: Record<BuyingRole, boolean> = {
    sponsor: has('executive_sponsor'),
    champion: has('champion'),
    economic_buyer: has('economic_buyer', 'decision_maker'),
    technical_buyer: has('technical_owner'),
    end_user: has('user') || contacts.some(({ activeDays30 }) => (activeDays30 ?? 0) > 0),
  };
  return BUYING_ROLES.filter((role) => filled[role]);
}

/**
 * Without a successor the call goes to the best-known contact there is, to ask who takes over (our choice); with nobody
 * left, the AE looks for a way in.
 */
function actionsOf(map: StakeholderMap, context: SkillContext<Parameters>): ActionDraft[] {
  const { view } = context.measured;
  const { holidays } = context.workspace.catalogue;
  const due = (count: number): Day => addBusinessDays(view.today, count, holidays);
  const nameOf = (each: { contactId: string; name: string | null }) => each.name ?? each.contactId;
  const gone = map.departed.map(nameOf).join(', ');
  const evidence = map.departed.map(({ contactId }) => contactId);
  const holders = map.contacts.filter(({ roles }) => roles.includes('champion') || roles.includes('executive_sponsor'));
  const stays = holders.length === 1 ? 'is still there' : 'are still there';
  const left = holders.length === 0 ? 'no champion or sponsor is left' : `${holders.map(nameOf).join(', ')} ${stays}`;
  const actions: ActionDraft[] = [
    {
      key: 'alert',
      title: `Tell the account team that ${gone} left; ${left}`,
      role: 'csm',
      due: due(0),
      channel: 'alert',
      evidence,
    },
  ];
  const add = (draft: ActionDraft) => actions.push(draft);
  const successor = map.contacts.find(({ contactId }) => contactId === map.successorId);
  const best = successor ?? map.contacts.find(({ onLeave }) => !onLeave) ?? map.contacts[0];
  if (best === undefined) {
    const title = `Find a way back in: ${gone} left and no contact is on record`;
    add({ key: 'way_in', title, role: 'ae', due: due(1), channel: 'task', evidence });
    return actions;
  }
  add({
    key: `call:${best.contactId}`,
    title:
      successor === undefined
        ? `Call ${nameOf(best)} and ask who takes over from ${gone}`
        : `Call ${nameOf(best)} (${best.score} of 100) about taking over from ${gone}`,
    role: 'csm',
    due: due(1),
    channel: 'call',
    evidence: [best.contactId],
  });
  const sponsor = map.contacts.find(({ roles }) => roles.includes('executive_sponsor'));
  if (sponsor !== undefined) {
    const title = `Write to the sponsor ${nameOf(sponsor)}: ${gone} left, who speaks for the work now`;
    add({ key: 'sponsor', title, role: 'exec', due: due(3), channel: 'email', evidence: [sponsor.contactId] });
  }
  const title = `Reset meeting with ${nameOf(best)}: goals, people and cadence after ${gone}`;
  add({ key: 'reset', title, role: 'csm', due: due(10), channel: 'meeting', evidence: [best.contactId] });
  return actions;
}
