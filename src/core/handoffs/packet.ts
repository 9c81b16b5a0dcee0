/**
 * What the receiver of a handoff needs on one page: who, why now, what value was shown, the people, the open risks, how the
 * product is used, what the customer has already been told, and what not to say. Every line stands on a record or a measure.
 */
import { moneyText, percentText, words } from '../document/figures.ts';
import type { AccountMeasures } from '../facts/measure-account.ts';
import { isTagged, latestTagValue } from '../facts/note-tags.ts';
import type { Known, Workspace } from '../facts/view.ts';
import type { Hold } from '../guardrails/guardrails.ts';
import type { Handoff } from '../guardrails/handoffs.ts';
import type { HandoffKind } from '../policy/policy.ts';
import type { OwnerRole } from '../records/record.ts';
import { goalProgress, goalState } from '../scores/outcomes.ts';
import { lastUseOn } from '../scores/people.ts';
import type { PastIntervention } from '../skills/skill.ts';
import { type Owner, ownerOf } from '../skills/skill-result.ts';
import { formatDay } from '../time/calendar.ts';

/** A sentence and the ids of the records it stands on; none: a measure of use. */
export interface PacketLine {
  text: string;
  evidence: string[];
}

export interface HandoffPacket {
  handoff: HandoffKind;
  accountId: string;
  name: string;
  date: string;
  stage: string;
  from: Owner;
  to: Owner;
  contract: {
    plan: string | null;
    seats: number | 'unlimited' | null;
    arrMinor: number | null;
    currency: string | null;
    renewalDate: string | null;
  };
  whyNow: PacketLine[];
  valueShown: PacketLine[];
  people: {
    contactId: string;
    name: string | null;
    roles: string[];
    lastContact: string | null;
    lastUse: string | null;
    remark: string | null;
  }[];
  openRisks: PacketLine[];
  usageBaseline: { measure: string; value: string }[];
  alreadySaid: { date: string; by: string; what: string; quote: string | null; evidence: string[] }[];
  doNotSay: PacketLine[];
  checklist: Handoff['checklist'];
}

export interface PacketInput {
  handoff: Handoff;
  measured: AccountMeasures;
  workspace: Workspace;
  stage: string;
  past: readonly PastIntervention[];
  /** What holds an expansion conversation now. */
  holds: readonly Hold[];
  /** Why rules fire today. */
  reasons: readonly string[];
}

/** Who hands over: whoever has worked with the account so far. */
const SENDER: Record<HandoffKind, OwnerRole> = { plg_to_cs: 'growth', cs_to_sales: 'csm', cs_to_finance: 'csm' };
const SAID_DAYS = 90; // older talk is in the timeline
const MOST_SAID = 8; // one page
const MOST_PEOPLE = 10;

export function handoffPacket(input: PacketInput): HandoffPacket {
  const { handoff, measured: m, stage } = input;
  const { view, contract } = m;
  return {
    handoff: handoff.kind,
    accountId: view.accountId,
    name: view.account.name,
    date: formatDay(view.today),
    stage,
    from: ownerOf(SENDER[handoff.kind], view.account),
    to: ownerOf(handoff.to as OwnerRole, view.account),
    contract: {
      plan: contract.planId ?? null,
      seats: contract.seats ?? null,
      arrMinor: contract.arrMinor ?? null,
      currency: contract.currency ?? null,
      renewalDate: contract.renewalDate === undefined ? null : formatDay(contract.renewalDate),
    },
    whyNow: whyNow(input),
    valueShown: valueShown(m),
    people: peopleIn(m),
    openRisks: m.signals.map(({ severity, detail, evidence }) => ({ text: `${severity}: ${detail}`, evidence })),
    usageBaseline: usageBaseline(m),
    alreadySaid: alreadySaid(input),
    doNotSay: doNotSay(input),
    checklist: handoff.checklist,
  };
}

function whyNow({ handoff, measured: m, reasons, stage }: PacketInput): PacketLine[] {
  const { view, contract, organic, activation } = m;
  const lines: PacketLine[] = [];
  if (handoff.kind === 'plg_to_cs') {
    const { reached, day } = activation.milestone;
    if (reached === true && day !== undefined)
      lines.push({ text: `Activation milestone reached on ${formatDay(day)}; in ${stage} today`, evidence: [] });
  } else if (handoff.kind === 'cs_to_sales') {
    for (const { day, detail, evidence } of organic.signals)
      lines.push({ text: detail.includes(formatDay(day)) ? detail : `${formatDay(day)}: ${detail}`, evidence });
    const budget = latestTagValue(view.notes, 'budget_timing');
    if (budget !== undefined) lines.push({ text: `Budget timing: ${budget.value}`, evidence: [budget.note.noteId] });
  } else if (contract.renewalDate !== undefined) {
    const days = contract.renewalDate - view.today;
    const arr = contract.arrMinor === undefined ? '' : `, ${moneyText(contract.arrMinor, contract.currency)} a year`;
    lines.push({
      text: `Renewal on ${formatDay(contract.renewalDate)}, in ${days} days${arr}`,
      evidence: contract.inForce.map((each) => each.subscriptionId),
    });
  }
  return [...lines, ...reasons.map((text) => ({ text, evidence: [] }))];
}

function valueShown({ view, activation }: AccountMeasures): PacketLine[] {
  const lines: PacketLine[] = [];
  const { reached, day } = activation.milestone;
  if (reached === true && day !== undefined) lines.push({ text: `First value on ${formatDay(day)}`, evidence: [] });
  for (const goal of view.goals) {
    const state = goalState(goal, view.today);
    if (state === 'dropped') continue;
    const progress = goalProgress(goal);
    const on = state === 'achieved' && goal.achievedAt !== undefined ? ` on ${formatDay(goal.achievedAt)}` : '';
    if (state === 'open' && progress === undefined) continue;
    const standing = state === 'achieved' ? `achieved${on}` : `${percentText(progress!)} of the way`;
    const due = state === 'open' && goal.targetDate !== undefined ? `, due ${formatDay(goal.targetDate)}` : '';
    lines.push({ text: `Goal "${goal.title}": ${standing}${due}`, evidence: [goal.goalId] });
  }
  return lines;
}

function peopleIn({ people, view }: AccountMeasures): HandoffPacket['people'] {
  const roles = new Map(view.contacts.map((contact) => [contact.contactId, contact.roles ?? []]));
  const date = (day: number | undefined) => (day === undefined ? null : formatDay(day));
  return people.persons
    .map((person) => ({ person, held: roles.get(person.contactId) ?? [] }))
    .filter(({ held, person }) => held.some((role) => role !== 'user') || person.lastContactOn !== undefined)
    .sort(
      (a, b) =>
        b.held.length - a.held.length ||
        (b.person.lastContactOn ?? 0) - (a.person.lastContactOn ?? 0) ||
        (a.person.contactId < b.person.contactId ? -1 : 1),
    )
    .slice(0, MOST_PEOPLE)
    .map(({ person, held }) => ({
      contactId: person.contactId,
      name: person.name ?? null,
      roles: [...held],
      lastContact: date(person.lastContactOn),
      lastUse: date(lastUseOn(view, person.contactId)),
      remark: person.departed
        ? `left${person.departedOn === undefined ? '' : ` on ${formatDay(person.departedOn)}`}`
        : person.onLeave
          ? 'on leave'
          : null,
    }));
}

/** What is known of use today, as a line to measure against; what is unknown is said with its reason. */
function usageBaseline(m: AccountMeasures): HandoffPacket['usageBaseline'] {
  const { adoption, seats, trend, health, view } = m;
  const said = (known: Known<number>, text: (value: number) => string) =>
    known.value === undefined ? `unknown: ${known.reason ?? 'not known'}` : text(known.value);
  const licensed =
    seats.licensed === 'unlimited'
      ? ' (unlimited seats)'
      : seats.licensed === undefined
        ? ''
        : ` of ${seats.licensed} seats`;
  return [
    { measure: 'days of data', value: String(view.daysOfData) },
    { measure: 'active users in 30 days', value: said(seats.active, (users) => `${users}${licensed}`) },
    { measure: 'adoption', value: said(adoption.score, (score) => `${score} of 100`) },
    { measure: 'usage trend', value: said(trend.percent, (percent) => `${percent > 0 ? '+' : ''}${percent} %`) },
    {
      measure: 'health',
      value: said(health.score, (score) => `${score} of 100, ${words(health.band.value ?? 'unknown')}`),
    },
  ];
}

/** Interventions that reached the customer, and what we wrote or said by our own notes, newest first. */
function alreadySaid({ measured: { view }, past, workspace: { clock } }: PacketInput): HandoffPacket['alreadySaid'] {
  const since = view.today - SAID_DAYS;
  const delivered = past.flatMap(({ id, skill, doneAt }) => {
    const day = doneAt === undefined ? undefined : clock.dayOf(doneAt);
    if (day === undefined || day < since) return [];
    return [{ day, by: 'Stagecraft', what: words(skill.slice(skill.indexOf('/') + 1)), quote: null, evidence: [id] }];
  });
  const notes = view.notes.flatMap((note) => {
    const day = clock.dayOf(note.at);
    if (day < since || (note.author !== 'csm' && note.author !== 'sales')) return [];
    const by = note.author === 'csm' ? 'CSM' : 'Sales';
    return [
      { day, by, what: note.kind ?? 'note', quote: note.text === '' ? null : note.text, evidence: [note.noteId] },
    ];
  });
  return [...delivered, ...notes]
    .sort((a, b) => b.day - a.day || (a.evidence[0]! < b.evidence[0]! ? -1 : 1))
    .slice(0, MOST_SAID)
    .map(({ day, ...line }) => ({ date: formatDay(day), ...line }));
}

const TOUCHY_TAGS = [
  ['price_objection', 'Price was objected to'],
  ['downgrade_inquiry', 'A downgrade was asked about'],
  ['cancellation_request', 'Cancellation was asked for'],
  ['contentious_renewal', 'The last renewal was contentious'],
  ['reorganisation', 'The customer is reorganising'],
] as const;

/** What holds a conversation about more, and what the customer has taken badly or keeps to themselves. */
function doNotSay({ measured: { view }, holds, workspace }: PacketInput): PacketLine[] {
  const lines = holds.map(({ reason, until }) => ({
    text: `No talk of expansion: ${reason} (until ${words(until)})`,
    evidence: [] as string[],
  }));
  const since = view.today - workspace.measures.health.signalDays;
  for (const [tag, text] of TOUCHY_TAGS) {
    const note = view.notes.findLast((each) => isTagged(each, tag) && workspace.clock.dayOf(each.at) >= since);
    if (note !== undefined)
      lines.push({
        text: `${text} on ${formatDay(workspace.clock.dayOf(note.at))}; do not raise it unprepared`,
        evidence: [note.noteId],
      });
  }
  return lines;
}
