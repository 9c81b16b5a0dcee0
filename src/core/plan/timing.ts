/** When to propose (expansion seed, step 5): the trigger with its date, the customer's own calendar, and what to avoid. */
import { latestTagValue, statedTimeline } from '../facts/note-tags.ts';
import { goalState } from '../scores/outcomes.ts';
import { type Day, firstDayOfMonth, formatDay, monthOf, parseDay } from '../time/calendar.ts';
import { type AvoidCheck, avoidChecks, clearDay } from './avoid.ts';
import { limitDay } from './meters.ts';
import type { Proposal } from './proposal.ts';
import { noteOf, type SignalRow } from './signals.ts';
import {
  businessDay,
  businessDayOnOrAfter,
  contactOf,
  type Evidence,
  noteDay,
  oneLine,
  type PlanSubject,
  personName,
  plural,
  quote,
  records,
  speakerWithin,
  subscriptionEvidence,
  usageEvidence,
} from './subject.ts';

export type TriggerKind =
  | 'stated_timeline'
  | 'feature_request'
  | 'budget'
  | 'planning_cycle'
  | 'success_milestone'
  | 'new_joiner'
  | 'business_review';

export interface Timing {
  proposeOn: string;
  reason: string;
  trigger: { kind: TriggerKind; date: string; text: string; evidence: Evidence[] };
  avoid: AvoidCheck[];
  /** The customer's dates: stated timeline, budget, planning cycle. */
  calendar: string[];
  /** When money is decided next, where it is near. */
  decision: { date: string; text: string } | null;
}

interface Trigger {
  kind: TriggerKind;
  /** Day of the event itself. */
  day: Day;
  /** Propose not before this. */
  from: Day;
  text: string;
  reason: string;
  evidence: Evidence[];
}

export function timingOf(subject: PlanSubject, proposal: Proposal): Timing {
  const { knobs, today } = subject;
  const earliest = businessDay(subject, today, knobs.leadBusinessDays);
  const trigger = triggers(subject, proposal, earliest)[0]!;
  const checks = avoidChecks(subject);
  const proposeOn = clearDay(subject, Math.max(earliest, trigger.from), checks);
  const moved =
    proposeOn > businessDayOnOrAfter(subject, Math.max(earliest, trigger.from))
      ? '; moved past what is to be avoided'
      : '';
  return {
    proposeOn: formatDay(proposeOn),
    reason: `${trigger.reason}${moved}`,
    trigger: { kind: trigger.kind, date: formatDay(trigger.day), text: trigger.text, evidence: trigger.evidence },
    avoid: checks.map(({ spans: _, ...check }) => check),
    calendar: customerCalendar(subject, trigger.kind),
    decision: decision(subject),
  };
}

/** Best first: the customer's own date, what they asked, a limit that will not wait, their money, what just happened. */
function triggers(subject: PlanSubject, proposal: Proposal, earliest: Day): Trigger[] {
  const { anchor } = proposal;
  const found = [
    statedTrigger(subject),
    requestTrigger(subject, anchor, earliest),
    forwardTrigger(subject, proposal, earliest),
    budgetTrigger(subject, earliest),
    milestoneTrigger(subject, earliest),
    joinerTrigger(subject, anchor, earliest),
    planningTrigger(subject, earliest),
    renewalTrigger(subject, earliest),
    reviewTrigger(subject, earliest),
  ];
  return found.filter((each) => each !== undefined);
}

function stated({ m }: PlanSubject): { day: Day; noteId: string } | undefined {
  const day = statedTimeline(m.view.notes);
  const note = latestTagValue(m.view.notes, 'expansion_timeline')?.note;
  return day === undefined || note === undefined ? undefined : { day, noteId: note.noteId };
}

function statedTrigger(subject: PlanSubject): Trigger | undefined {
  const date = stated(subject);
  if (date === undefined || date.day < subject.today) return undefined;
  const on = formatDay(date.day);
  return {
    kind: 'stated_timeline',
    day: date.day,
    from: date.day,
    text: `the date the customer named, ${on}`,
    reason: `the customer named ${on}`,
    evidence: records('notes', [date.noteId]),
  };
}

function requestTrigger(subject: PlanSubject, anchor: SignalRow, earliest: Day): Trigger | undefined {
  const note = anchor.askedIn === null ? undefined : noteOf(subject, { evidence: [anchor.askedIn] });
  if (note === undefined) return undefined;
  const day = noteDay(subject, note);
  const who = speakerWithin(subject, note);
  return {
    kind: 'feature_request',
    day,
    from: earliest,
    text: `answer ${who} on what was asked on ${formatDay(day)}: ${quote(note.text)}`,
    reason: `${personName(contactOf(subject, note.contactId)) ?? 'the customer'} asked on ${formatDay(day)} and is owed an answer`,
    evidence: records('notes', [note.noteId]),
  };
}

function budgetTrigger(subject: PlanSubject, earliest: Day): Trigger | undefined {
  const tag = latestTagValue(subject.m.view.notes, 'budget_timing');
  const day = tag === undefined ? undefined : parseDay(tag.value.slice(0, 10));
  if (day === undefined || day < earliest || day > subject.today + subject.knobs.planningDays) return undefined;
  return {
    kind: 'budget',
    day,
    from: earliest,
    text: `the budget talk the customer dated ${formatDay(day)}`,
    reason: `the budget is decided on ${formatDay(day)}, and the proposal comes before it`,
    evidence: records('notes', [tag!.note.noteId]),
  };
}

const FRESH_MILESTONE_DAYS = 45;
const FRESH_JOINER_DAYS = 30;

function milestoneTrigger(subject: PlanSubject, earliest: Day): Trigger | undefined {
  const { m, today } = subject;
  const reached = m.view.goals
    .filter(
      (goal) =>
        goalState(goal, m.view.today) === 'achieved' &&
        goal.achievedAt !== undefined &&
        today - goal.achievedAt <= FRESH_MILESTONE_DAYS,
    )
    .sort((a, b) => b.achievedAt! - a.achievedAt!)[0];
  if (reached === undefined) return undefined;
  const on = formatDay(reached.achievedAt!);
  const title = oneLine(reached.title, 80);
  return {
    kind: 'success_milestone',
    day: reached.achievedAt!,
    from: earliest,
    text: `the goal "${title}", reached on ${on}`,
    reason: `"${title}" was reached on ${on}, and the result is fresh`,
    evidence: records('goals', [reached.goalId]),
  };
}

function joinerTrigger(subject: PlanSubject, anchor: SignalRow, earliest: Day): Trigger | undefined {
  const { m, today } = subject;
  if (anchor.kind !== 'team_growth' && anchor.meterId !== null) return undefined;
  const joined = m.view.contacts
    .filter((contact) => contact.createdAt !== undefined && contact.leftAt === undefined)
    .map((contact) => ({ contact, day: subject.clock.dayOf(contact.createdAt!) }))
    .filter(({ day }) => today - day <= FRESH_JOINER_DAYS && day > m.view.firstDay + FRESH_JOINER_DAYS)
    .sort((a, b) => b.day - a.day)[0];
  if (joined === undefined) return undefined;
  const who = speakerWithin(subject, { contactId: joined.contact.contactId });
  return {
    kind: 'new_joiner',
    day: joined.day,
    from: earliest,
    text: `${who} joined on ${formatDay(joined.day)} and needs access`,
    reason: `${who} joined on ${formatDay(joined.day)}`,
    evidence: records('contacts', [joined.contact.contactId]),
  };
}

/** First day of the next month in which the customer plans: as recorded, as noted, or the quarter before the fiscal year. */
function nextPlanning(subject: PlanSubject): { day: Day; basis: string; evidence: Evidence[] } | undefined {
  const { account, notes } = subject.m.view;
  const noted = latestTagValue(notes, 'planning_cycle');
  const byNote = noted === undefined ? undefined : monthNumber(noted.value);
  const months = account.planningMonths ?? (byNote === undefined ? undefined : [byNote]);
  const fiscal = account.fiscalYearStartMonth;
  const basis =
    account.planningMonths !== undefined
      ? 'planning months of the account'
      : byNote !== undefined
        ? 'planning cycle the customer named'
        : `fiscal year from month ${fiscal}`;
  const all = months ?? (fiscal === undefined ? undefined : [((fiscal - 1 - PLANNING_LEAD_MONTHS + 12) % 12) + 1]);
  if (all === undefined || all.length === 0) return undefined;
  const present = monthOf(subject.today);
  const next = all.map((month) => present + ((((month - 1 - present) % 12) + 12) % 12)).sort((a, b) => a - b)[0]!;
  const evidence =
    months !== undefined && account.planningMonths === undefined
      ? records('notes', [noted!.note.noteId])
      : records('accounts', [account.accountId]);
  return { day: Math.max(subject.today, firstDayOfMonth(next)), basis, evidence };
}

/** Budgets are usually drawn up in the quarter before the fiscal year (our choice). */
const PLANNING_LEAD_MONTHS = 3;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

function monthNumber(text: string): number | undefined {
  const digits = /^(?:\d{4}-)?(\d{1,2})(?:-\d{2})?$/.exec(text.trim())?.[1];
  const month = digits === undefined ? MONTHS.indexOf(text.trim().toLowerCase().slice(0, 3)) + 1 : Number(digits);
  return month >= 1 && month <= 12 ? month : undefined;
}

function planningTrigger(subject: PlanSubject, earliest: Day): Trigger | undefined {
  const next = nextPlanning(subject);
  if (next === undefined || next.day > subject.today + subject.knobs.planningDays) return undefined;
  const month = formatDay(next.day).slice(0, 7);
  return {
    kind: 'planning_cycle',
    day: next.day,
    from: Math.max(earliest, next.day),
    text: `planning for the next year, from ${month} (${next.basis})`,
    reason: `the customer plans from ${month} (${next.basis})`,
    evidence: next.evidence,
  };
}

/** The next business review in the rhythm of those held; without a rhythm, one to be set. */
function reviewTrigger(subject: PlanSubject, earliest: Day): Trigger {
  const held = subject.m.view.notes
    .filter((note) => note.tags?.includes('meeting_held') === true)
    .map((note) => ({ note, day: noteDay(subject, note) }))
    .sort((a, b) => a.day - b.day);
  const last = held.at(-1);
  const reviews = held.slice(-MOST_REVIEWS);
  if (last === undefined || reviews.length < 2) {
    return {
      kind: 'business_review',
      day: earliest,
      from: earliest,
      text: 'a business review, to be arranged',
      reason: 'no request, budget or planning date is recorded, so a business review is arranged',
      evidence: [],
    };
  }
  const rhythm = Math.max(1, Math.round((last.day - reviews[0]!.day) / (reviews.length - 1)));
  let day = last.day + rhythm;
  while (day < earliest) day += rhythm;
  const on = businessDayOnOrAfter(subject, day);
  return {
    kind: 'business_review',
    day: on,
    from: on,
    text: `the next review, about ${formatDay(on)} (one every ${plural(rhythm, 'day')}, last ${formatDay(last.day)})`,
    reason: `reviews take place every ${plural(rhythm, 'day')}, last on ${formatDay(last.day)}`,
    evidence: records(
      'notes',
      reviews.map(({ note }) => note.noteId),
    ),
  };
}

/** A contract that ends before the next review would be settled without it. */
function renewalTrigger(subject: PlanSubject, earliest: Day): Trigger | undefined {
  const { renewalDate } = subject.m.contract;
  const review = reviewTrigger(subject, earliest);
  if (renewalDate === undefined || renewalDate <= earliest) return undefined;
  if (businessDay(subject, review.from, DECIDING_BUSINESS_DAYS) < renewalDate) return undefined;
  if (businessDay(subject, earliest, DECIDING_BUSINESS_DAYS) >= renewalDate) return undefined;
  const on = formatDay(renewalDate);
  return {
    kind: 'business_review',
    day: earliest,
    from: earliest,
    text: `a review brought forward, before the renewal on ${on}`,
    reason: `the contract renews on ${on}, and the next review in the usual rhythm comes too late for it`,
    evidence: [subscriptionEvidence(subject)],
  };
}

/** From proposal to commercial proposal, and as long again to decide. */
const DECIDING_BUSINESS_DAYS = 13;

/** A limit that is reached before the next review does not wait for it. */
function forwardTrigger(subject: PlanSubject, { meterId }: Proposal, earliest: Day): Trigger | undefined {
  const use = subject.m.limits.meters.find((each) => each.meterId === meterId);
  if (use === undefined) return undefined;
  const reached = use.daysToLimit === 0 ? subject.today : limitDay(subject, use);
  if (reached === undefined || reached >= reviewTrigger(subject, earliest).day) return undefined;
  const when =
    use.daysToLimit === 0 ? 'the limit is reached' : `the limit is reached on ${formatDay(reached)} at this pace`;
  return {
    kind: 'business_review',
    day: earliest,
    from: earliest,
    text: `a review brought forward: ${when}`,
    reason: `${when}, and no review is due before it`,
    evidence: [usageEvidence(subject, USE_DAYS)],
  };
}

const USE_DAYS = 30;
const MOST_REVIEWS = 6;

function budgetText(value: string, today: Day): string {
  const day = parseDay(value.slice(0, 10));
  if (day === undefined) return `budget timing as noted: ${oneLine(value, 30)}`;
  return day < today ? `the budget date ${formatDay(day)} has passed` : `budget decided on ${formatDay(day)}`;
}

/** The nearest day on which money is decided, within the policy's horizon. */
function decision(subject: PlanSubject): { date: string; text: string } | null {
  const { today, knobs } = subject;
  const budget = latestTagValue(subject.m.view.notes, 'budget_timing');
  const day = budget === undefined ? undefined : parseDay(budget.value.slice(0, 10));
  const planning = nextPlanning(subject);
  const horizon = today + knobs.planningDays;
  if (day !== undefined && day >= today && day <= horizon)
    return { date: formatDay(day), text: `the budget of ${formatDay(day)}` };
  if (planning === undefined || planning.day <= today || planning.day > horizon) return null;
  return { date: formatDay(planning.day), text: `planning from ${formatDay(planning.day).slice(0, 7)}` };
}

/** What the trigger already says is not said again. */
function customerCalendar(subject: PlanSubject, said: TriggerKind): string[] {
  const { m, today } = subject;
  const date = stated(subject);
  const budget = latestTagValue(m.view.notes, 'budget_timing');
  const planning = nextPlanning(subject);
  const lines: string[] = [];
  if (date !== undefined && said !== 'stated_timeline')
    lines.push(
      date.day < today
        ? `the stated date ${formatDay(date.day)} has passed and holds nothing back`
        : `the customer stated ${formatDay(date.day)}`,
    );
  if (budget !== undefined && said !== 'budget') lines.push(budgetText(budget.value, today));
  if (planning !== undefined && said !== 'planning_cycle')
    lines.push(`planning from ${formatDay(planning.day).slice(0, 7)} (${planning.basis})`);
  if (m.contract.renewalDate !== undefined)
    lines.push(
      `renewal ${formatDay(m.contract.renewalDate)}, ${plural(Math.max(0, Math.floor((m.contract.renewalDate - today) / 30.44)), 'month')} away`,
    );
  return lines;
}
