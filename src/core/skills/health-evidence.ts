/** The facts behind each health dimension, as clauses with figures: what the table's "key signals" say. */
import { countText } from '../document/figures.ts';
import { escalatedText, plainReason, roundedFigures } from '../document/plain-words.ts';
import type { AccountMeasures } from '../facts/measure-account.ts';
import { overdueDays } from '../scores/commercial.ts';
import type { Dimension } from '../scores/health.ts';
import type { Part } from '../scores/number.ts';
import { publish } from '../scores/number.ts';
import { goalProgress, goalState } from '../scores/outcomes.ts';
import { type FollowedRole, lastUseOn } from '../scores/people.ts';
import type { ChurnSignal } from '../scores/signals.ts';
import { type Day, formatDay } from '../time/calendar.ts';

/** Clauses of one dimension, the telling ones first; unknown parts are said as unknown. Plain text. */
export function keySignals(m: AccountMeasures, dimension: Dimension): string[] {
  const { reason, score } = m.health.dimensions[dimension];
  if (score === undefined) return [`unknown: ${plainReason(reason ?? 'not known')}`];
  return EVIDENCE[dimension](m);
}

const EVIDENCE: Record<Dimension, (m: AccountMeasures) => string[]> = {
  adoption: adoptionEvidence,
  engagement: engagementEvidence,
  relationship: relationshipEvidence,
  outcomes: outcomesEvidence,
  commercial: commercialEvidence,
};

const MOST_NAMED = 3;

/** `a, b, c and 2 more` */
export function someOf(names: readonly string[]): string {
  const rest = names.length - MOST_NAMED;
  return names.slice(0, MOST_NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

/** Relevant features that are not used. */
export function unusedFeatures({ adoption }: AccountMeasures): string[] {
  return adoption.relevant.filter((use) => !use.used).map((use) => use.feature.id);
}

function adoptionEvidence(m: AccountMeasures): string[] {
  const { adoption, seats } = m;
  const clauses: string[] = [];
  const unused = unusedFeatures(m);
  if (adoption.relevant.length > 0) {
    const used = adoption.relevant.length - unused.length;
    const missing = unused.length === 0 ? '' : `, not ${someOf(unused)}`;
    clauses.push(`${used} of ${adoption.relevant.length} relevant features used in 30 days${missing}`);
  }
  if (seats.utilisation.value !== undefined && typeof seats.licensed === 'number')
    clauses.push(
      `${seats.active.value} of ${seats.licensed} seats active (${publish(seats.utilisation.value * 100)} %)`,
    );
  clauses.push(...partClauses(m, 'adoption', ['depth', 'frequency', 'stickiness']));
  return clauses;
}

function engagementEvidence(m: AccountMeasures): string[] {
  const { activeDays90, trend, view, measures, escalation } = m;
  const clauses: string[] = [];
  const window = Math.min(measures.health.engagement.regularityDays, view.daysOfData);
  if (activeDays90 !== undefined) clauses.push(`${activeDays90} active days of ${window}`);
  if (trend.kind.value === 'dormant') clauses.push(`no use in ${trend.windowDays} days`);
  else if (trend.percent.value !== undefined)
    clauses.push(`usage ${signed(publish(trend.percent.value))} % against the ${trend.windowDays} days before`);
  const { meetings, support } = m.health.dimensions.engagement.parts;
  if (meetings?.value !== undefined) clauses.push(`${publish(meetings.value)} % of meetings held in 90 days`);
  if (escalation.openTickets.length > 0) clauses.push(escalatedText(view.tickets, escalation.openTickets));
  else if (support?.value !== undefined && support.value < 100)
    clauses.push(`support ${publish(support.value)} of 100`);
  clauses.push(...unknownClauses(m, 'engagement'));
  return clauses;
}

function relationshipEvidence(m: AccountMeasures): string[] {
  const clauses: string[] = [];
  const { survey } = m.health.dimensions.relationship.parts;
  if (survey?.value !== undefined) clauses.push(`survey answers ${publish(survey.value)} of 100`);
  clauses.push(roleClause(m, 'executive_sponsor'), roleClause(m, 'champion'));
  if (survey?.value === undefined && survey !== undefined) clauses.push(`survey unknown: ${survey.reason}`);
  return clauses;
}

const ROLE_WORD: Record<FollowedRole, string> = {
  champion: 'champion',
  executive_sponsor: 'sponsor',
  decision_maker: 'decision maker',
  primary_contact: 'primary contact',
};

/** Who holds a role and since when nobody has spoken with them. */
export function roleClause({ view, people }: AccountMeasures, role: FollowedRole): string {
  const word = ROLE_WORD[role];
  const { state, contactId, reason } = people.roles[role];
  if (state === undefined) return `${word} unknown: ${reason}`;
  const person = people.persons.find((each) => each.contactId === contactId);
  if (person === undefined) {
    const gone = people.persons.filter((each) => each.departed && each.roles.includes(role)).at(-1);
    if (gone === undefined) return `no ${word} recorded`;
    return `no ${word}: ${gone.name ?? gone.contactId} left${on(gone.departedOn)}`;
  }
  const name = person.name ?? person.contactId;
  const leave = person.onLeave ? ', on leave' : '';
  const last = [person.lastContactOn, role === 'champion' ? lastUseOn(view, person.contactId) : undefined].filter(
    (day) => day !== undefined,
  );
  const seen = last.length === 0 ? 'no contact on record' : `last seen ${formatDay(Math.max(...last))}`;
  return `${word} ${name} ${state === 'none' ? 'out of touch' : state}, ${seen}${leave}`;
}

const on = (day: Day | undefined): string => (day === undefined ? '' : ` on ${formatDay(day)}`);

function outcomesEvidence({ view }: AccountMeasures): string[] {
  const goals = view.goals.filter((goal) => goalState(goal, view.today) !== 'dropped');
  return goals.map((goal) => {
    if (goalState(goal, view.today) === 'achieved')
      return `"${goal.title}" achieved${goal.achievedAt === undefined ? '' : ` on ${formatDay(goal.achievedAt)}`}`;
    const progress = goalProgress(goal);
    const due = goal.targetDate === undefined ? 'no target date' : `due ${formatDay(goal.targetDate)}`;
    return `"${goal.title}" ${progress === undefined ? 'progress not known' : `${publish(progress * 100)} % of the way`}, ${due}`;
  });
}

function commercialEvidence(m: AccountMeasures): string[] {
  const { view, contract } = m;
  const dimension = m.health.dimensions.commercial;
  const clauses: string[] = [];
  const overdue = view.invoices.filter((invoice) => overdueDays(invoice, view.today) > 0);
  const { payment } = dimension.parts;
  if (overdue.length > 0) {
    const longest = Math.max(...overdue.map((invoice) => overdueDays(invoice, view.today)));
    clauses.push(
      `${countText(overdue.length, 'invoice')} overdue, ${overdue.length === 1 ? 'for' : 'the longest for'} ${countText(longest, 'day')}`,
    );
  } else if (payment?.value !== undefined) {
    clauses.push(payment.value >= m.measures.health.commercial.clean ? 'invoices paid on time' : 'invoices paid late');
  }
  if (contract.renewalDate !== undefined) {
    const days = contract.renewalDate - view.today;
    clauses.push(
      days >= 0
        ? `renews ${formatDay(contract.renewalDate)}, in ${days} days`
        : `renewal ${formatDay(contract.renewalDate)} passed ${-days} days ago`,
    );
  } else if (contract.monthToMonth) clauses.push('month to month');
  const { cappedBy } = dimension as { cappedBy?: string };
  if (cappedBy !== undefined) clauses.push(`capped at ${m.measures.health.commercial.complaintCap} by a complaint`);
  clauses.push(...unknownClauses(m, 'commercial'));
  return clauses;
}

function partClauses(m: AccountMeasures, dimension: Dimension, names: readonly string[]): string[] {
  const { parts } = m.health.dimensions[dimension];
  return names.flatMap((name) => {
    const part: Part | undefined = parts[name];
    if (part === undefined) return [];
    return part.value === undefined ? [`${name} unknown: ${part.reason}`] : [`${name} ${publish(part.value)}`];
  });
}

function unknownClauses(m: AccountMeasures, dimension: Dimension): string[] {
  const { parts } = m.health.dimensions[dimension];
  return Object.entries(parts).flatMap(([name, part]) =>
    part === undefined || part.value !== undefined ? [] : [`${name} unknown: ${part.reason}`],
  );
}

export function signed(value: number): string {
  return value > 0 ? `+${value}` : String(value);
}

/** A churn signal's finding as documents say it. */
export function plainDetail({ view, escalation }: AccountMeasures, { id, detail }: ChurnSignal): string {
  return id === 'support_escalation' ? escalatedText(view.tickets, escalation.openTickets) : roundedFigures(detail);
}
