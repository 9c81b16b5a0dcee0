/**
 * What a business review recommends. The customer reads it: every sentence cites a number of its own records, none an
 * internal score, and nothing is said of a person.
 */
import { countText, wholePercentText, words } from '../../document/figures.ts';
import { openGoalTags } from '../../scores/adoption.ts';
import { DIMENSIONS, type Dimension } from '../../scores/health.ts';
import { publish } from '../../scores/number.ts';
import { goalProgress, goalState } from '../../scores/outcomes.ts';
import { meetings } from '../../scores/support.ts';
import { formatDay } from '../../time/calendar.ts';
import { diagnose } from '../health-assessment.ts';
import { someOf } from '../health-evidence.ts';
import type { Play } from '../health-plays.ts';
import type { SkillContext } from '../skill.ts';
import type { ReviewParameters } from './quarterly-business-review.ts';
import type { ReviewedGoal, SupportReview } from './review-quarter.ts';

export interface ReviewRecommendation {
  id: string;
  text: string;
  /** The number it cites. */
  figure: number;
  unit: string;
  /** The health dimension it answers and the play of A7, where it is that; null else. */
  dimension: Dimension | null;
  play: Play | null;
  evidence: string[];
}

type Context = SkillContext<ReviewParameters>;

const PLAY: Record<Dimension, Play> = {
  adoption: 'engagement_rescue',
  engagement: 'engagement_rescue',
  relationship: 'relationship_repair',
  outcomes: 'value_acceleration',
  commercial: 'commercial_save',
};

/**
 * In the order of the spec, at most so many. Goals short of their target, then the next weakest dimensions, fill up to the
 * least (our choice); with nothing more on record there are fewer.
 */
export function recommendationsOf(
  context: Context,
  goals: readonly ReviewedGoal[],
  support: SupportReview | null,
): ReviewRecommendation[] {
  const { parameters: p } = context;
  const found = [
    weakest(context),
    training(context),
    sponsor(context),
    ...(support?.themes ?? []).map(rootCause),
    seats(context),
  ].filter((each) => each !== undefined);
  const named = new Set(found.flatMap((each) => each.evidence));
  const open = goals.filter(
    ({ goalId, outcome }) => (outcome === 'partial' || outcome === 'missed') && !named.has(goalId),
  );
  const fillers = [...open.map(followUp), ...otherDimensions(context)];
  for (const filler of fillers) {
    const isNew = found.every(({ id, evidence }) => {
      const isSame = id === filler.id && evidence.join() === filler.evidence.join();
      return !isSame && !(id === 'training' && filler.id === 'working_session'); // much the same features, named twice
    });
    if (found.length < p.recommendationsAtLeast && isNew) found.push(filler);
  }
  return found.slice(0, p.recommendations);
}

function recommendation(
  id: string,
  text: string,
  figure: number,
  unit: string,
  extra: Partial<ReviewRecommendation> = {},
): ReviewRecommendation {
  return { id, text, figure, unit, dimension: null, play: null, evidence: [], ...extra };
}

/** The play of the weakest known dimension, in its own figures; undefined where no figure stands for it. */
function weakest(context: Context): ReviewRecommendation | undefined {
  const dimension = weakestOf(context);
  return dimension === undefined ? undefined : playFor(dimension, context);
}

function weakestOf({ measured, workspace }: Context): Dimension | undefined {
  const { health, signals, view } = measured;
  const { measures, catalogue } = workspace;
  return diagnose(health, signals, view.today, view.daysOfData, measures, catalogue.holidays).weakest;
}

/** The dimensions that are known beside the weakest, lowest first. */
function otherDimensions(context: Context): ReviewRecommendation[] {
  const { dimensions } = context.measured.health;
  const first = weakestOf(context);
  return DIMENSIONS.filter((name) => name !== first && dimensions[name].score !== undefined)
    .toSorted((a, b) => dimensions[a].score! - dimensions[b].score!)
    .flatMap((name) => playFor(name, context) ?? []);
}

function playFor(dimension: Dimension, context: Context): ReviewRecommendation | undefined {
  const said = WEAKEST[dimension](context);
  return said === undefined ? undefined : { ...said, dimension, play: PLAY[dimension] };
}

const WEAKEST: Record<Dimension, (context: Context) => ReviewRecommendation | undefined> = {
  adoption: ({ measured: { adoption } }) => {
    const unused = adoption.relevant.filter((use) => !use.used);
    const used = adoption.relevant.length - unused.length;
    if (unused.length > 0) {
      const names = someOf(unused.map((use) => words(use.feature.id)));
      const text = `Hold a working session on ${names}: ${used} of ${adoption.relevant.length} relevant features ${areText(used)} in use`;
      return recommendation('working_session', text, used, 'features');
    }
    const users = adoption.monthlyActiveUsers.value;
    if (users === undefined) return undefined;
    const text = `Agree where the product belongs in the working week: ${countText(users, 'person')} used it in 30 days`;
    return recommendation('weekly_use', text.replace('persons', 'people'), users, 'users');
  },
  engagement: ({ measured: { activeDays90, measures } }) => {
    if (activeDays90 === undefined) return undefined;
    const days = measures.health.engagement.regularityDays;
    const text = `Agree the weekly use the team needs: the product was used on ${activeDays90} of the last ${days} days`;
    return recommendation('weekly_use', text, activeDays90, 'days');
  },
  relationship: ({ measured: { view, measures }, workspace }) => {
    const days = measures.health.engagement.meetingDays;
    const { held, gap } = meetings(view, workspace, days);
    if (gap !== undefined && held === 0 && !workspace.kinds.has('notes')) return undefined;
    const text = `Fix the dates of the next reviews: ${countText(held, 'meeting')} took place in ${days} days`;
    return recommendation('regular_review', text, held, 'meetings');
  },
  outcomes: ({ measured: { view } }) => {
    const behind = view.goals
      .filter((goal) => goalState(goal, view.today) === 'open')
      .map((goal) => ({ goal, progress: goalProgress(goal) }))
      .filter(({ progress }) => progress !== undefined)
      .toSorted((a, b) => a.progress! - b.progress!)[0];
    if (behind === undefined) return undefined;
    const pct = publish(behind.progress! * 100);
    const text = `Agree the next step for "${behind.goal.title}": it is ${pct} % of the way today`;
    return recommendation('goal_next_step', text, pct, '%', { evidence: [behind.goal.goalId] });
  },
  commercial: ({ measured: { contract, view, measures } }) => {
    if (contract.renewalDate === undefined || contract.renewalDate < view.today) return undefined;
    const days = contract.renewalDate - view.today;
    if (days > measures.renewal.approachingDays) return undefined; // too early to be a subject
    const text = `Agree the terms of the renewal on ${formatDay(contract.renewalDate)}, ${countText(days, 'day')} from now`;
    return recommendation('renewal_terms', text, days, 'days');
  },
};

function areText(count: number): 'is' | 'are' {
  return count === 1 ? 'is' : 'are';
}

function training({ measured: { view, adoption } }: Context): ReviewRecommendation | undefined {
  const tags = openGoalTags(view);
  const serving = adoption.relevant.filter(({ feature }) => feature.tags.some((tag) => tags.has(tag)));
  const unused = serving.filter((use) => !use.used);
  if (unused.length === 0) return undefined;
  const names = someOf(unused.map((use) => words(use.feature.id)));
  const text = `Train the team on ${names}: ${unused.length} of ${serving.length} features that serve the goals ${areText(unused.length)} not in use`;
  return recommendation('training', text, unused.length, 'features');
}

function sponsor({ measured: { people, view, measures } }: Context): ReviewRecommendation | undefined {
  if (people.roles.executive_sponsor.state !== 'none') return undefined;
  const present = view.contacts.filter((each) => each.leftAt === undefined || each.leftAt > view.today);
  const text = `Introduce an executive sponsor: of ${countText(present.length, 'contact')} on record none was in touch as one in ${measures.people.identifiedDays} days`;
  return recommendation('sponsor_introduction', text, present.length, 'contacts');
}

function rootCause({ theme, ticketIds }: SupportReview['themes'][number]): ReviewRecommendation {
  const text = `Find the root cause of "${theme}": ${ticketIds.length} tickets in the quarter`;
  return recommendation('root_cause', text, ticketIds.length, 'tickets', { evidence: ticketIds });
}

function seats({ measured: { seats: use, contract }, parameters: p }: Context): ReviewRecommendation | undefined {
  const share = use.utilisation.value;
  if (share === undefined || share >= p.lowSeatShare || typeof use.licensed !== 'number') return undefined;
  const active = use.active.value ?? 0;
  const text = `Roll out to the ${countText(use.licensed - active, 'idle seat')}, or size the contract to the need: ${active} of ${use.licensed} are in use (${wholePercentText(share)})`;
  const evidence = contract.inForce.map((each) => each.subscriptionId);
  return recommendation('rollout_or_right_size', text, publish(share * 100), '%', { evidence });
}

function followUp({ goalId, title, progressPct }: ReviewedGoal): ReviewRecommendation {
  const text = `Bring "${title}" from ${publish(progressPct!)} % to its target`;
  return recommendation('goal_follow_up', text, progressPct!, '%', { evidence: [goalId] });
}
