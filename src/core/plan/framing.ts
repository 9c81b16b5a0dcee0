/** The expansion as help with what the customer is doing, in their own words and numbers (expansion seed, step 4). */
import type { GoalRecord, NoteRecord } from '../records/record.ts';
import { goalState } from '../scores/outcomes.ts';
import { formatDay } from '../time/calendar.ts';
import { limitDay } from './meters.ts';
import type { Proposal } from './proposal.ts';
import { noteOf } from './signals.ts';
import {
  activeUsersEvidence,
  contactOf,
  type Evidence,
  grouped,
  isTheirs,
  listed,
  money,
  noteDay,
  oneLine,
  type PlanSubject,
  personName,
  plural,
  quote,
  records,
  speakerWithin,
  subscriptionEvidence,
  words,
} from './subject.ts';

/** What the customer has reached with what they have: recorded, never ours alone. */
export interface Proof {
  text: string;
  /** `proven`: a result; `under_way`: a goal well advanced. */
  kind: 'proven' | 'under_way';
  evidence: Evidence[];
}

export interface Framing {
  text: string;
  proof: Proof | null;
  evidence: Evidence[];
}

export function framingOf(subject: PlanSubject, proposal: Proposal): Framing {
  const proof = proofOf(subject);
  const opening = openingOf(subject, proposal);
  const reached = proof?.kind === 'under_way' ? 'have made' : 'have already proven';
  const bridge =
    proof === undefined
      ? ''
      : ` They ${reached} ${proof.text} with what they have, which is why they are ready for ${proposal.what}.`;
  return {
    text: `${opening.text}${bridge}`,
    proof: proof ?? null,
    evidence: [...opening.evidence, ...(proof?.evidence ?? [])],
  };
}

function openingOf(subject: PlanSubject, proposal: Proposal): Pick<Proof, 'text' | 'evidence'> {
  const { m } = subject;
  const { anchor } = proposal;
  const note = anchor.askedIn === null ? undefined : noteOf(subject, { evidence: [anchor.askedIn] });
  if (note !== undefined) {
    const who = speakerWithin(subject, note);
    const on = formatDay(noteDay(subject, note));
    const told = `${isTheirs(note) ? `${who} told us on ${on}` : `After speaking with ${who} we noted on ${on}`}: ${quote(note.text)}`;
    return {
      text: `${told} ${answerTo(subject, proposal)}`,
      evidence: records('notes', [note.noteId]),
    };
  }
  switch (proposal.type) {
    case 'seats': {
      const working = atWork(m.seats.active.value!, ` at ${subject.name}`);
      return {
        text: `${working} on ${plural(m.seats.licensed as number, 'seat')}, ${roomText(subject)} for the colleagues who follow; let's make sure that everybody who needs it gets in.`,
        evidence: [subscriptionEvidence(subject), activeUsersEvidence(subject)],
      };
    }
    case 'upgrade': {
      const use = m.limits.meters.find((each) => each.meterId === proposal.meterId)!;
      const day = limitDay(subject, use);
      const reached = day === undefined ? '' : ` and reaches the limit on ${formatDay(day)} at this pace`;
      return {
        text: `${subject.name} has used ${grouped(Math.round(use.used!))} of ${grouped(use.limit!)} ${words(use.meterId)} in this period${reached}; let's make sure that nothing stops when it does.`,
        evidence: anchor.evidence,
      };
    }
    case 'advocacy':
      return {
        text: `${anchor.evidenceText[0]}: they speak well of it, so let's help them tell it in their own words.`,
        evidence: anchor.evidence,
      };
    case 'contract': {
      return {
        text: `${anchor.evidenceText[0]}: leadership takes part, so let's plan the next years with them instead of one renewal at a time.`,
        evidence: anchor.evidence,
      };
    }
    default:
      return {
        text: `People at ${subject.name} reach for ${proposal.featureId === undefined ? 'more' : words(proposal.featureId)} today: ${anchor.evidenceText[0]}. Let's give them what they are trying to use.`,
        evidence: anchor.evidence,
      };
  }
}

/** What the proposal does for what was said. */
function answerTo(subject: PlanSubject, { type, what }: Proposal): string {
  const { m } = subject;
  if (type === 'cross_sell') return `${capital(what)} is meant for that work.`;
  if (type !== 'seats') return `That is what ${what} does.`;
  const active = m.seats.active.value!;
  return `${atWork(active)} on ${plural(m.seats.licensed as number, 'seat')} today, ${roomText(subject)}; let's make sure that everybody who needs access gets in.`;
}

function atWork(active: number, where = ''): string {
  return active === 1 ? `1 person${where} works` : `${grouped(active)} people${where} work`;
}

/** Known numbers of active users and of seats are taken for granted: a proposal of seats has both. */
function roomText({ m }: PlanSubject): string {
  const free = (m.seats.licensed as number) - m.seats.active.value!;
  if (free > 0) return `with ${plural(free, 'seat')} left`;
  return free === 0 ? 'with no seat left' : `${grouped(-free)} more than there are seats`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The best proof on record: a result that reviews repeat, a goal that was reached, a goal well under way. */
export function proofOf(subject: PlanSubject): Proof | undefined {
  return reviewProof(subject) ?? goalProof(subject);
}

const RESULT = /(\d+(?:\.\d+)?)\s?%/;
const GAIN = /\b(?:sav\w+|faster|quicker|reduc\w+|less|fewer|cut|shorter|increas\w+|grew|improv\w+|more)\b/i;
const NO_GAIN = /\b(?:spend\w*|budget\w*|seats?|price\w*|discount\w*|renewal|licen[cs]\w+|churn\w*)\b/i;

/** A sentence with a percentage and a gain, recorded in meetings; the one that most reviews record. */
function reviewProof(subject: PlanSubject): Proof | undefined {
  const byFigure = new Map<string, { note: NoteRecord; sentence: string }[]>();
  for (const note of subject.m.view.notes) {
    if (note.kind !== 'meeting' && note.tags?.includes('meeting_held') !== true && note.author !== 'customer') continue;
    if (note.author === 'sales' || note.author === 'system') continue;
    for (const sentence of note.text.split(/(?<=[.!?])\s+/)) {
      const figure = RESULT.exec(sentence)?.[1];
      if (figure === undefined || !GAIN.test(sentence) || NO_GAIN.test(sentence)) continue;
      byFigure.set(figure, [...(byFigure.get(figure) ?? []), { note, sentence }]);
      break;
    }
  }
  const best = [...byFigure.entries()].sort(
    (a, b) => b[1].length - a[1].length || b[1].at(-1)!.note.at - a[1].at(-1)!.note.at,
  )[0];
  if (best === undefined) return undefined;
  const said = [...best[1]].sort((a, b) => a.note.at - b.note.at);
  const last = said.at(-1)!;
  const days = said.map(({ note }) => formatDay(noteDay(subject, note)));
  const count =
    said.length === 1
      ? `recorded in the review of ${days[0]}`
      : `the ${best[0]} % recorded in ${said.length} reviews (${listed(days.slice(-MOST_DAYS))})`;
  return {
    kind: 'proven',
    text: `${quote(last.sentence.replace(/[.!]$/, ''))}, ${count},`,
    evidence: records(
      'notes',
      said.map(({ note }) => note.noteId),
    ),
  };
}

const MOST_DAYS = 4;

function goalProof(subject: PlanSubject): Proof | undefined {
  const { m } = subject;
  const achieved = m.view.goals.filter((goal) => goalState(goal, m.view.today) === 'achieved');
  const best = [...achieved].sort(
    (a, b) => (b.valueAmountMinor ?? 0) - (a.valueAmountMinor ?? 0) || (b.achievedAt ?? 0) - (a.achievedAt ?? 0),
  )[0];
  if (best !== undefined) {
    const on = best.achievedAt === undefined ? '' : `, reached on ${formatDay(best.achievedAt)}`;
    const worth =
      best.valueAmountMinor === undefined ? '' : `, worth ${money(best.valueAmountMinor, m.contract.currency)} to them`;
    return {
      kind: 'proven',
      text: `"${oneLine(best.title, 80)}" (${figures(best)}${on}${worth})`.replace('(, ', '('),
      evidence: records('goals', [best.goalId]),
    };
  }
  const open = m.view.goals.filter((goal) => goalState(goal, m.view.today) === 'open' && progressed(goal));
  const first = open[0];
  if (first === undefined) return undefined;
  return {
    kind: 'under_way',
    text: `progress on "${oneLine(first.title, 80)}" (${figures(first)})`,
    evidence: records('goals', [first.goalId]),
  };
}

function progressed({ baseline, current, target }: GoalRecord): boolean {
  if (baseline === undefined || current === undefined || target === undefined || target === baseline) return false;
  return (current - baseline) / (target - baseline) >= WELL_UNDER_WAY;
}

const WELL_UNDER_WAY = 0.5;

function figures({ baseline, current, target, unit, metric }: GoalRecord): string {
  const of = metric === undefined ? '' : `${oneLine(metric, 40)} `;
  const suffix = unit === undefined ? '' : unit === '%' ? ' %' : ` ${oneLine(unit, 20)}`;
  if (baseline === undefined || current === undefined) return '';
  const goal = target === undefined || target === current ? '' : `, target ${grouped(target)}${suffix}`;
  return `${of}${grouped(baseline)} to ${grouped(current)}${suffix}${goal}`;
}

/** The goal the expansion serves: one that shares a tag with the feature, else the nearest open one. */
export function goalFor(subject: PlanSubject, proposal: Proposal): GoalRecord | undefined {
  const { m, workspace } = subject;
  const open = m.view.goals
    .filter((goal) => goalState(goal, m.view.today) === 'open')
    .sort((a, b) => (a.targetDate ?? 1e9) - (b.targetDate ?? 1e9));
  const product = proposal.plan?.product;
  const tags = new Set(
    workspace.catalogue.features
      .filter((each) => each.id === proposal.featureId || (proposal.type === 'cross_sell' && each.product === product))
      .flatMap((each) => each.tags),
  );
  return open.find((goal) => goal.tags?.some((tag) => tags.has(tag)) === true) ?? open[0];
}

/** Who to speak with first: who asked, else the champion, else the sponsor; of terms, the sponsor before the champion. */
export function counterpart(subject: PlanSubject, proposal: Proposal): string {
  const { m } = subject;
  const note = proposal.anchor.askedIn === null ? undefined : noteOf(subject, { evidence: [proposal.anchor.askedIn] });
  const asked = personName(contactOf(subject, note?.contactId));
  const champion = personName(contactOf(subject, m.people.roles.champion.contactId));
  const sponsor = personName(contactOf(subject, m.people.roles.executive_sponsor.contactId));
  const first = proposal.type === 'contract' ? sponsor : undefined;
  return asked ?? first ?? champion ?? sponsor ?? 'the primary contact';
}
