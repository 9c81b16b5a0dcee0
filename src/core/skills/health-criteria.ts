/** When a play has worked: the figures of the failing dimension that must move, from where to where, by when. */
import { countText, words } from '../document/figures.ts';
import type { AccountMeasures } from '../facts/measure-account.ts';
import type { GoalRecord } from '../records/record.ts';
import { overdueDays } from '../scores/commercial.ts';
import type { Dimension } from '../scores/health.ts';
import { lin, publish } from '../scores/number.ts';
import { goalProgress, goalState } from '../scores/outcomes.ts';
import type { ChurnSignal } from '../scores/signals.ts';
import { type Day, formatDay } from '../time/calendar.ts';
import { isCommercialSignal } from './health-signals.ts';

export interface Criterion {
  measure: string;
  /** Null where the criterion is a fact that must become true, not a figure. */
  from: number | null;
  to: number | null;
  /** With its leading space: ` %`, ` of 45 seats`; empty for points. */
  unit: string;
  by: string;
}

type Draft = Omit<Criterion, 'by'>;

/**
 * The dimension's own figures that stand below the neutral band, each with the value that lifts it there, the dimension's
 * score, and the `signals` this play is to close. A dimension that stands in the neutral band already must not fall (our
 * choice).
 */
export function criteriaOf(
  m: AccountMeasures,
  dimension: Dimension,
  signals: readonly ChurnSignal[],
  by: Day,
): Criterion[] {
  const neutral = m.measures.health.bands.neutral;
  const drafts = signals.filter(isCommercialSignal).map((signal) => commercialCriterion(signal, m));
  drafts.push(...FIGURES[dimension](m, neutral, by));
  const { score } = m.health.dimensions[dimension];
  if (score !== undefined) {
    const from = publish(score);
    const to = Math.max(from, neutral);
    drafts.push({ measure: `${dimension} score${from === to ? ' does not fall' : ''}`, from, to, unit: '' });
  }
  const others = new Set(signals.filter((signal) => !isCommercialSignal(signal)).map((signal) => words(signal.id)));
  if (others.size > 0) drafts.push(fact(`closed: ${[...others].join(', ')}`));
  return drafts.map((draft) => ({ ...draft, by: formatDay(by) }));
}

const FIGURES: Record<Dimension, (m: AccountMeasures, neutral: number, by: Day) => Draft[]> = {
  adoption: adoptionFigures,
  engagement: engagementFigures,
  relationship: relationshipFigures,
  outcomes: outcomeFigures,
  commercial: commercialFigures,
};

const fact = (measure: string): Draft => ({ measure, from: null, to: null, unit: '' });

/** What the customer said must be answered; a note closes by itself after the signal window. */
function commercialCriterion(signal: ChurnSignal, { measures }: AccountMeasures): Draft {
  if (signal.id === 'failed_payment') return fact('the payment has gone through');
  return fact(`${words(signal.id)} answered by the customer, no new one in ${measures.health.signalDays} days`);
}

function adoptionFigures(m: AccountMeasures, neutral: number): Draft[] {
  const { adoption, seats, measures } = m;
  const drafts: Draft[] = [];
  const total = adoption.relevant.length;
  const used = adoption.relevant.filter((use) => use.used).length;
  const wanted = lowestCount(total, (count) => lin(count / total, measures.adoption.breadth) >= neutral);
  if (total > 0 && used < wanted)
    drafts.push({ measure: 'relevant features used in 30 days', from: used, to: wanted, unit: ` of ${total}` });
  if (typeof seats.licensed === 'number' && seats.licensed > 0 && seats.active.value !== undefined) {
    // A6: recovery target ceil(.6 x seats); rounded first, so that .6 x 45 is 27 and not a hair above.
    const target = Math.ceil(Number((measures.seats.sustainedShare * seats.licensed).toFixed(9)));
    if (seats.active.value < target)
      drafts.push({
        measure: 'active users in 30 days',
        from: seats.active.value,
        to: target,
        unit: ` of ${seats.licensed} seats`,
      });
  }
  return [...drafts, ...lowParts(m, 'adoption', ['depth', 'frequency', 'stickiness'], neutral)];
}

function engagementFigures(m: AccountMeasures, neutral: number): Draft[] {
  const { activeDays90, view, escalation } = m;
  const e = m.measures.health.engagement;
  const drafts: Draft[] = [];
  const days = Math.min(e.regularityDays, view.daysOfData);
  const wanted = lowestCount(days, (count) => lin((count * e.regularityDays) / days, e.regularityCurve) >= neutral);
  if (activeDays90 !== undefined && activeDays90 < wanted)
    drafts.push({ measure: `active days of ${days}`, from: activeDays90, to: wanted, unit: '' });
  const { percent } = m.trend;
  const declining = m.measures.trend.declining;
  if (percent.value !== undefined && percent.value < declining)
    drafts.push({
      measure: 'usage against the four weeks before',
      from: publish(percent.value),
      to: declining,
      unit: ' %',
    });
  if (escalation.openTickets.length > 0)
    drafts.push(fact(`resolved: ${countText(escalation.openTickets.length, 'escalated ticket')}`));
  return [...drafts, ...lowParts(m, 'engagement', ['meetings', 'support'], neutral)];
}

function relationshipFigures({ people, health, measures }: AccountMeasures, neutral: number): Draft[] {
  const drafts: Draft[] = [];
  const within = `two-way contact within ${measures.people.activeDays} days`;
  if (people.roles.executive_sponsor.state === 'none') drafts.push(fact(`a recorded sponsor with ${within}`));
  if (people.roles.champion.state === 'none') drafts.push(fact(`a recorded champion with ${within}`));
  const survey = health.dimensions.relationship.parts.survey?.value;
  if (survey !== undefined && publish(survey) < neutral)
    drafts.push({ measure: 'survey answers', from: publish(survey), to: neutral, unit: '' });
  return drafts;
}

function outcomeFigures(m: AccountMeasures, neutral: number, by: Day): Draft[] {
  return m.view.goals.flatMap((goal): Draft[] => {
    if (goalState(goal, m.view.today) !== 'open') return [];
    const points = m.health.dimensions.outcomes.parts[goal.goalId]?.value;
    const progress = goalProgress(goal);
    if (progress === undefined) return [fact(`progress of "${goal.title}" recorded`)];
    if (points === undefined || publish(points) >= neutral) return [];
    const to = Math.max(publish(progress * 100), progressNeeded(m, goal, neutral, by));
    return [{ measure: `"${goal.title}"`, from: publish(progress * 100), to, unit: ' % of the way' }];
  });
}

const MS_PER_DAY = 86_400_000;

/** Progress in % with which a goal reaches `points` on day `by`: A7's pace turned round. */
function progressNeeded({ measures }: AccountMeasures, goal: GoalRecord, points: number, by: Day): number {
  const m = measures.health.outcomes;
  const start = goal.createdAt / MS_PER_DAY; // a share of months: the hour of the day does not matter
  const elapsed = goal.targetDate === undefined ? 1 : Math.min(1, (by - start) / Math.max(1, goal.targetDate - start));
  return Math.min(100, Math.ceil((100 * points * Math.max(m.minimumElapsed, elapsed)) / m.pace));
}

function commercialFigures(m: AccountMeasures, neutral: number): Draft[] {
  const { view, contract, health } = m;
  const drafts: Draft[] = [];
  const unpaid = view.invoices.filter((invoice) => overdueDays(invoice, view.today) > 0).map((each) => each.invoiceId);
  if (unpaid.length > 0) drafts.push(fact(`paid: ${countText(unpaid.length, 'overdue invoice')}`));
  const term = health.dimensions.commercial.parts.term?.value;
  if (term !== undefined && publish(term) < neutral && contract.renewalDate !== undefined)
    drafts.push(fact(`renewal of ${formatDay(contract.renewalDate)} signed`));
  return drafts;
}

function lowParts(m: AccountMeasures, dimension: Dimension, names: readonly string[], neutral: number): Draft[] {
  const { parts } = m.health.dimensions[dimension];
  return names.flatMap((name) => {
    const value = parts[name]?.value;
    return value === undefined || publish(value) >= neutral
      ? []
      : [{ measure: name, from: publish(value), to: neutral, unit: '' }];
  });
}

/** The smallest count up to `most` that is enough; `most` where none is. */
function lowestCount(most: number, isEnough: (count: number) => boolean): number {
  for (let count = 0; count < most; count++) if (isEnough(count)) return count;
  return most;
}
