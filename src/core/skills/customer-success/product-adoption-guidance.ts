/** customer_success/product_adoption_guidance (skills.md B): which feature is worth using next, and in what order. */
import { z } from 'zod';
import type { Feature } from '../../catalogue/catalogue.ts';
import { words } from '../../document/figures.ts';
import { inert, table } from '../../document/markdown.ts';
import { kindGap } from '../../facts/view.ts';
import { daysIn } from '../../history/history.ts';
import { type FeatureUse, featureIndex, isEntitled } from '../../scores/adoption.ts';
import { part, publish, weightedMean } from '../../scores/number.ts';
import { goalState } from '../../scores/outcomes.ts';
import { addBusinessDays, type Day, formatDay } from '../../time/calendar.ts';
import {
  defineSkill,
  type PastIntervention,
  type SkillContext,
  type SkillOutput,
  type SkillSection,
} from '../skill.ts';
import type { ActionDraft } from '../skill-result.ts';

export type CoachingStage = 'awareness' | 'exploration' | 'proficiency' | 'mastery';

/** What is known of an unused relevant feature. */
export interface FeatureCandidate {
  featureId: string;
  /** Open goals that share a tag with it. */
  matchedGoals: number;
  openGoals: number;
  /** 1-5; undefined: the catalogue does not say. */
  value: number | undefined;
  effort: number | undefined;
  neighbour: 'used' | 'unused' | 'none_defined';
  prerequisites: readonly string[];
}

export interface Recommendation {
  featureId: string;
  score: number;
  why: string;
}

export interface AdoptionGuidance {
  coachingStage: CoachingStage | null;
  recommendations: Recommendation[];
  /** One feature a week. */
  learningPath: { week: number; from: string; featureId: string }[];
  nextBestFeatureId: string | null;
  /** Unused features that the plan does not include; never recommended. */
  outsidePlan: { featureId: string; plans: string[] }[];
  /** First day on which the customer may be asked again; null: now. */
  eligibleFrom: string | null;
}

const parameters = z.strictObject({
  goalPoints: z.number().min(0).max(100).default(40).describe('points of a feature that every open goal needs'),
  valuePoints: z.number().min(0).max(100).default(25).describe('points of a feature of value 5'),
  effortPoints: z.number().min(0).max(100).default(20).describe('points of a feature of effort 1'),
  neighbourPoints: z.number().min(0).max(100).default(15).describe('points of a feature next to a used one'),
  keepFrom: z.number().min(0).max(100).default(40).describe('points from which a feature is recommended'),
  shown: z.number().int().min(1).max(10).default(5).describe('most recommendations'),
  pathWeeks: z.number().int().min(1).max(12).default(4).describe('weeks of the learning path, one feature each'),
  targetDays: z.number().int().min(1).max(90).default(14).describe('days after which the feature should be in use'),
  askDays: z.number().int().min(1).max(60).default(7).describe('days between two asks of the customer'),
  explorationFrom: z
    .number()
    .min(0)
    .max(100)
    .default(30)
    .describe('adoption score from which the stage is exploration'),
  proficiencyFrom: z.number().min(0).max(100).default(60).describe('adoption score from which it is proficiency'),
  masteryFrom: z.number().min(0).max(100).default(80).describe('adoption score from which it is mastery'),
});
type Parameters = z.infer<typeof parameters>;

const UNDEFINED_NEIGHBOUR = 0.5;

/**
 * 40 for the goals matched, 25 for value, 20 for ease, 15 for a neighbour in use; unrounded. Value or effort that the
 * catalogue does not give is left out and the rest weighed anew; undefined where less than `knownShare` is left.
 */
export function guidanceScore(candidate: FeatureCandidate, p: Parameters, knownShare: number): number | undefined {
  const { matchedGoals, openGoals, value, effort, neighbour } = candidate;
  const { score } = weightedMean(
    {
      goals: part(openGoals === 0 ? 0 : matchedGoals / openGoals, p.goalPoints),
      value: part(value === undefined ? undefined : value / 5, p.valuePoints),
      effort: part(effort === undefined ? undefined : 1 - (effort - 1) / 4, p.effortPoints),
      neighbour: part(neighbour === 'used' ? 1 : neighbour === 'unused' ? 0 : UNDEFINED_NEIGHBOUR, p.neighbourPoints),
    },
    knownShare,
  );
  if (score === undefined) return undefined;
  return score * (p.goalPoints + p.valuePoints + p.effortPoints + p.neighbourPoints);
}

/** Those at or above the threshold, best first; ties by less effort, then id. */
export function recommend(
  candidates: readonly FeatureCandidate[],
  p: Parameters,
  knownShare: number,
): Recommendation[] {
  return candidates
    .flatMap((candidate) => {
      const exact = guidanceScore(candidate, p, knownShare);
      // gates compare published scores (A1)
      return exact === undefined || publish(exact) < p.keepFrom ? [] : [{ candidate, exact }];
    })
    .sort(
      (a, b) =>
        b.exact - a.exact ||
        (a.candidate.effort ?? Infinity) - (b.candidate.effort ?? Infinity) ||
        (a.candidate.featureId < b.candidate.featureId ? -1 : 1),
    )
    .slice(0, p.shown)
    .map(({ candidate, exact }) => ({
      featureId: candidate.featureId,
      score: publish(exact),
      why: whyOf(candidate),
    }));
}

function whyOf({ matchedGoals, openGoals, value, effort, neighbour }: FeatureCandidate): string {
  const clauses = [
    openGoals === 0 ? 'no open goal' : `serves ${matchedGoals} of ${openGoals} open goals`,
    value === undefined ? 'value not known' : `value ${value} of 5`,
    effort === undefined ? 'effort not known' : `effort ${effort} of 5`,
  ];
  if (neighbour === 'used') clauses.push('next to a feature in use');
  if (neighbour === 'unused') clauses.push('next to nothing in use');
  return clauses.join(', ');
}

/** Best first, but a feature waits until those it builds on, where they are recommended as well, have had their week. */
export function pathOrder(
  recommended: readonly string[],
  prerequisites: ReadonlyMap<string, readonly string[]>,
): string[] {
  const open = [...recommended];
  const ordered: string[] = [];
  while (open.length > 0) {
    const ready = open.findIndex(
      (id) => !(prerequisites.get(id) ?? []).some((each) => each !== id && open.includes(each)),
    );
    ordered.push(...open.splice(Math.max(0, ready), 1)); // a circle is broken at its best feature
  }
  return ordered;
}

export function coachingStageOf(
  adoptionScore: number,
  p: Pick<Parameters, 'explorationFrom' | 'proficiencyFrom' | 'masteryFrom'>,
): CoachingStage {
  if (adoptionScore < p.explorationFrom) return 'awareness';
  if (adoptionScore < p.proficiencyFrom) return 'exploration';
  return adoptionScore < p.masteryFrom ? 'proficiency' : 'mastery';
}

const NAME = 'customer_success/product_adoption_guidance';

export const productAdoptionGuidance = defineSkill<Parameters, AdoptionGuidance>({
  name: NAME,
  domain: 'customer_success',
  purpose: 'Ranks the next features by goals, value and effort',
  customerFacing: true,
  conversation: 'none',
  serviceMessage: false,
  celebration: false,
  inputs: { required: ['catalogue features', 'events'], optional: ['subscriptions', 'goals'] },
  sections: ['Fit', 'Recommendations', 'Path'],
  parameters,
  outcome: {
    measure: 'breadth',
    unit: 'points 0-100',
    better: 'higher',
    horizonDays: 14, // the entry's own target
    noise: 1, // one more feature used moves breadth by more than a point in a catalogue of up to 150
    read: ({ adoption }) => adoption.breadth,
  },
  run: runGuidance,
});

function runGuidance(context: SkillContext<Parameters>): SkillOutput<AdoptionGuidance | null> {
  const { measured, workspace, parameters: p } = context;
  const { adoption } = measured;
  const missing = workspace.catalogue.featuresDefaulted
    ? { fact: 'catalogue', reason: 'no features in catalog.yaml: value, effort and neighbours are not known' }
    : adoption.coreUsed.value === undefined
      ? { fact: 'usage', reason: `${adoption.coreUsed.reason} (events)` }
      : undefined;
  if (missing !== undefined) {
    return { status: 'insufficient_data', reasons: [], dataGaps: [missing], result: null, actions: [], sections: [] };
  }
  const candidates = candidatesOf(context);
  const recommendations = recommend(candidates, p, workspace.measures.health.knownShare);
  const result = resultOf(context, candidates, recommendations);
  const dataGaps = gapsOf(context, candidates);
  const isAsked = result.eligibleFrom !== null && recommendations.length > 0;
  return {
    status: isAsked ? 'refused' : dataGaps.length > 0 ? 'partial' : 'ok',
    reasons: isAsked ? ['asked_recently'] : recommendations.length === 0 ? ['no_feature_fits'] : [],
    dataGaps,
    result,
    actions: isAsked ? [] : actionsOf(context, result),
    sections: sectionsOf(result, adoption.score.value ?? null),
  };
}

function candidatesOf({ measured, workspace }: SkillContext<Parameters>): FeatureCandidate[] {
  const { view, adoption } = measured;
  const goals = view.goals.filter((goal) => goalState(goal, view.today) === 'open');
  const index = featureIndex(view);
  const usedDays = workspace.measures.use.usedDays;
  const isUsed = (featureId: string): boolean => {
    const history = index.get(featureId);
    return history !== undefined && daysIn(history.use.days, adoption.from, view.lastDay) >= usedDays;
  };
  return adoption.relevant
    .filter((use) => !use.used)
    .map(({ feature }: FeatureUse) => ({
      featureId: feature.id,
      matchedGoals: goals.filter((goal) => goal.tags?.some((tag) => feature.tags.includes(tag))).length,
      openGoals: goals.length,
      value: feature.value,
      effort: feature.effort,
      neighbour: feature.neighbours.length === 0 ? 'none_defined' : feature.neighbours.some(isUsed) ? 'used' : 'unused',
      prerequisites: feature.prerequisites,
    }));
}

function resultOf(
  { measured, workspace, past, parameters: p }: SkillContext<Parameters>,
  candidates: readonly FeatureCandidate[],
  recommendations: Recommendation[],
): AdoptionGuidance {
  const { view, adoption, contract } = measured;
  const prerequisites = new Map(candidates.map((each) => [each.featureId, each.prerequisites]));
  const path = pathOrder(
    recommendations.map(({ featureId }) => featureId),
    prerequisites,
  );
  const used = featureIndex(view);
  const plans = new Set(contract.planIds);
  const isOutside = (feature: Feature) => !isEntitled(feature, plans) && !used.has(feature.id);
  const asked = lastAsk(past);
  const eligible = asked === undefined ? undefined : asked + p.askDays;
  return {
    coachingStage: adoption.score.value === undefined ? null : coachingStageOf(adoption.score.value, p),
    recommendations,
    learningPath: path.slice(0, p.pathWeeks).map((featureId, i) => ({
      week: i + 1,
      from: formatDay(addBusinessDays(view.today + 7 * i, 0, workspace.catalogue.holidays)),
      featureId,
    })),
    nextBestFeatureId: path[0] ?? null,
    outsidePlan: workspace.catalogue.features
      .filter(isOutside)
      .map(({ id, plans: included }) => ({ featureId: id, plans: included })),
    eligibleFrom: eligible === undefined || eligible <= view.today ? null : formatDay(eligible),
  };
}

const ASKED = new Set<PastIntervention['state']>(['approved', 'dispatched', 'delivered', 'completed']);

/** Day of the latest ask that went out or is on its way; one that waits for approval, was dismissed or failed is none. */
function lastAsk(past: readonly PastIntervention[]): Day | undefined {
  const days = past.flatMap(({ skill, state, madeOn, result }) => {
    const isAsk = skill === NAME && ASKED.has(state) && result?.nextBestFeatureId !== null;
    return isAsk && madeOn !== undefined ? [madeOn] : [];
  });
  return days.length === 0 ? undefined : Math.max(...days);
}

function gapsOf({ measured, workspace }: SkillContext<Parameters>, candidates: readonly FeatureCandidate[]) {
  const { view, adoption, subscriptionGap } = measured;
  const gaps: SkillOutput<unknown>['dataGaps'] = [];
  const add = (fact: string, reason: string | undefined) => {
    if (reason !== undefined) gaps.push({ fact, reason });
  };
  const goals = kindGap('goals', view, workspace);
  add('goals', goals === undefined ? undefined : `${goals} (goals)`);
  add(
    'entitlements',
    subscriptionGap === undefined
      ? undefined
      : `${subscriptionGap} (subscriptions): every catalogue feature counts as entitled`,
  );
  add('adoption_score', adoption.score.reason === undefined ? undefined : `${adoption.score.reason} (events)`);
  const silent = candidates.filter((each) => each.value === undefined || each.effort === undefined);
  if (silent.length > 0) {
    const ids = silent.map((each) => each.featureId).join(', ');
    add('value_and_effort', `not given in catalog.yaml for ${ids}`);
  }
  return gaps;
}

function actionsOf(
  { measured, workspace, parameters: p }: SkillContext<Parameters>,
  { nextBestFeatureId, recommendations }: AdoptionGuidance,
): ActionDraft[] {
  if (nextBestFeatureId === null) return [];
  const { today } = measured.view;
  const due = (days: number) => addBusinessDays(today, days, workspace.catalogue.holidays);
  const name = words(nextBestFeatureId);
  const next = recommendations.find((each) => each.featureId === nextBestFeatureId)!;
  const evidence: string[] = [];
  return [
    {
      key: `show:${nextBestFeatureId}`,
      title: `Show ${name} to the team (${next.score} points: ${next.why})`,
      role: 'growth',
      due: due(0),
      channel: 'in_app',
      evidence,
    },
    {
      key: `write:${nextBestFeatureId}`,
      title: `Write to the team how ${name} helps: ${next.why}`,
      role: 'csm',
      due: due(3),
      channel: 'email',
      evidence,
    },
    {
      key: `check:${nextBestFeatureId}`,
      title: `Check whether ${name} is in use by ${formatDay(today + p.targetDays)}`,
      role: 'csm',
      due: due(10),
      channel: 'task',
      evidence,
    },
  ];
}

function sectionsOf(result: AdoptionGuidance, adoptionScore: number | null): SkillSection[] {
  const { coachingStage, recommendations, learningPath, outsidePlan, eligibleFrom } = result;
  const stage =
    coachingStage === null
      ? 'The coaching stage is unknown: adoption is not known.'
      : `At an adoption score of ${adoptionScore} the team is in the stage of ${coachingStage}.`;
  const outside =
    outsidePlan.length === 0
      ? ''
      : ` Outside the plan, so not recommended: ${outsidePlan.map(({ featureId }) => inert(words(featureId))).join(', ')}.`;
  const wait =
    eligibleFrom === null ? '' : ` The customer was asked already; the next ask may go out on ${eligibleFrom}.`;
  return [
    { title: 'Fit', body: `${stage}${outside}${wait}` },
    {
      title: 'Recommendations',
      body:
        recommendations.length === 0
          ? 'No unused feature of the plan fits well enough.'
          : table(
              ['Feature', 'Score', 'Why'],
              recommendations.map(({ featureId, score, why }) => [inert(words(featureId)), String(score), why]),
              [1],
            ),
    },
    {
      title: 'Path',
      body:
        learningPath.length === 0
          ? 'No feature is on the path.'
          : table(
              ['Week', 'From', 'Feature'],
              learningPath.map(({ week, from, featureId }) => [String(week), from, inert(words(featureId))]),
              [0],
            ),
    },
  ];
}
