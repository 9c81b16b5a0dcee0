/** customer_success/product_adoption_guidance (skills.md B), with its worked examples. */
import { describe, expect, it } from 'vitest';
import { at, catalogue, day, feature, type TestAccount, type TestEvent } from '../../../../test/build-account.ts';
import { runOn } from '../../../../test/skill-context.ts';
import type { PastIntervention } from '../skill.ts';
import {
  coachingStageOf,
  type FeatureCandidate,
  guidanceScore,
  pathOrder,
  productAdoptionGuidance,
  recommend,
} from './product-adoption-guidance.ts';

const today = '2026-03-31';
const lastDay = day(today) - 1;
const p = productAdoptionGuidance.parameters.parse({});

const candidate = (featureId: string, extra: Partial<FeatureCandidate> = {}): FeatureCandidate => ({
  featureId,
  matchedGoals: 0,
  openGoals: 0,
  value: 1,
  effort: 5,
  neighbour: 'unused',
  prerequisites: [],
  ...extra,
});
const first = candidate('first', { matchedGoals: 1, openGoals: 1, value: 4, effort: 2, neighbour: 'used' });
const second = candidate('second', { matchedGoals: 1, openGoals: 2, value: 5, effort: 4, neighbour: 'none_defined' });

describe('the ranking', () => {
  it('scores the worked examples 90 and 57.5, published as 58', () => {
    expect(guidanceScore(first, p, 0.5)).toBeCloseTo(90, 9);
    expect(guidanceScore(second, p, 0.5)).toBeCloseTo(57.5, 9);
    expect(recommend([second, first], p, 0.5).map(({ featureId, score }) => [featureId, score])).toEqual([
      ['first', 90],
      ['second', 58],
    ]);
  });

  it('keeps features of 40 points or more, five at most, and says why', () => {
    // value 4 and effort 1: 20 + 20; a used neighbour adds 15, none defined 7.5
    const at40 = candidate('at40', { value: 4, effort: 1 });
    const below = candidate('below', { value: 3, effort: 1 });
    expect(recommend([below, at40], p, 0.5)).toEqual([
      { featureId: 'at40', score: 40, why: 'no open goal, value 4 of 5, effort 1 of 5, next to nothing in use' },
    ]);
    const many = Array.from({ length: 7 }, (_, i) => ({ ...first, featureId: `f${6 - i}` }));
    expect(recommend(many, p, 0.5).map(({ featureId }) => featureId)).toEqual(['f0', 'f1', 'f2', 'f3', 'f4']);
  });

  it('weighs the rest anew where value or effort is not given, and does not score what is mostly unknown', () => {
    // 40 + 15 of the 75 points known
    const known = { ...first, value: undefined };
    expect(guidanceScore(known, p, 0.5)).toBeCloseTo((100 * (40 + 15 + 15)) / 75, 9);
    expect(guidanceScore({ ...known, effort: undefined }, p, 0.6)).toBeUndefined();
  });

  it('puts a feature of the path after those it builds on, and breaks a circle at its best feature', () => {
    const order = (prerequisites: Record<string, string[]>) =>
      pathOrder(['a', 'b', 'c'], new Map(Object.entries(prerequisites)));
    expect(order({ a: ['c'] })).toEqual(['b', 'c', 'a']);
    expect(order({ a: ['elsewhere'] })).toEqual(['a', 'b', 'c']);
    expect(order({ a: ['b'], b: ['a'] })).toEqual(['c', 'a', 'b']);
  });

  it('names the stage by the adoption score', () => {
    expect([0, 29, 30, 59, 60, 79, 80].map((score) => coachingStageOf(score, p))).toEqual([
      'awareness',
      'awareness',
      'exploration',
      'exploration',
      'proficiency',
      'proficiency',
      'mastery',
    ]);
  });
});

const events: TestEvent[] = [];
for (let d = lastDay - 29; d <= lastDay; d++)
  for (const user of ['u1', 'u2']) events.push({ day: d, user, event: 'dashboards' });
const features = [
  feature('dashboards', { value: 3, effort: 1 }),
  feature('exports', { value: 4, effort: 2, tags: ['bi'], neighbours: ['dashboards'], prerequisites: ['filters'] }),
  feature('filters', { value: 5, effort: 1, tags: ['bi'] }),
  feature('audit_log', { value: 1, effort: 5, neighbours: ['exports'] }),
  feature('sso', { value: 5, effort: 2, plans: ['enterprise'], tags: ['bi'] }),
];
const account: TestAccount = {
  today,
  created: '2026-01-05',
  catalogue: catalogue({ features }),
  events,
  records: {
    subscriptions: [{ subscriptionId: 's', plan: 'pro', status: 'active', seats: 5, startedAt: at('2026-01-05') }],
    goals: [{ goalId: 'g', title: 'Faster reports', createdAt: at('2026-02-01'), tags: ['bi'] }],
  },
};

describe('a run', () => {
  it('gives the worked example of 90 points, and the three dated actions', () => {
    const { status, result, actions, markdown } = runOn(productAdoptionGuidance, account);
    expect(status).toBe('ok');
    // filters: 40 + 25 + 20 + 7.5; exports: 40 + 20 + 15 + 15; the audit log: 5 + 0 + 0
    expect(result!.recommendations).toEqual([
      { featureId: 'filters', score: 93, why: 'serves 1 of 1 open goals, value 5 of 5, effort 1 of 5' },
      {
        featureId: 'exports',
        score: 90,
        why: 'serves 1 of 1 open goals, value 4 of 5, effort 2 of 5, next to a feature in use',
      },
    ]);
    expect(result!.learningPath).toEqual([
      { week: 1, from: '2026-03-31', featureId: 'filters' },
      { week: 2, from: '2026-04-07', featureId: 'exports' },
    ]);
    expect(result!.nextBestFeatureId).toBe('filters');
    expect(result!.outsidePlan).toEqual([{ featureId: 'sso', plans: ['enterprise'] }]);
    expect(actions.map(({ ownerRole, dueDate, channel, heldBy }) => [ownerRole, dueDate, channel, heldBy])).toEqual([
      ['growth', '2026-03-31', 'in_app', []],
      ['csm', '2026-04-03', 'email', []],
      ['csm', '2026-04-14', 'task', []],
    ]);
    expect(actions[2]!.title).toBe('Check whether filters is in use by 2026-04-14');
    expect(markdown).toContain('Outside the plan, so not recommended: sso.');
    expect(markdown).toContain('| exports | 90 | serves 1 of 1 open goals');
  });

  it('is ok and empty where only a higher tier has an unused feature, which it lists', () => {
    const { status, reasons, result, actions } = runOn(productAdoptionGuidance, {
      ...account,
      catalogue: catalogue({ features: [features[0]!, features[4]!] }),
    });
    expect([status, reasons, actions]).toEqual(['ok', ['no_feature_fits'], []]);
    expect(result).toMatchObject({
      recommendations: [],
      learningPath: [],
      nextBestFeatureId: null,
      outsidePlan: [{ featureId: 'sso' }],
    });
  });

  const asked = (madeOn: number, state: PastIntervention['state']): PastIntervention => ({
    id: 'i',
    skill: 'customer_success/product_adoption_guidance',
    ruleId: 'adoption.plateau',
    state,
    madeOn,
    doneAt: undefined,
    dismissedFor: undefined,
    result: { nextBestFeatureId: 'filters' },
  });

  it('asks once a week: within seven days it is refused until the eighth, and still shows what it found', () => {
    const run = (madeOn: number, state: PastIntervention['state'] = 'delivered') =>
      runOn(productAdoptionGuidance, account, { past: [asked(madeOn, state)] });
    const refused = run(lastDay + 1 - 6);
    expect([refused.status, refused.reasons, refused.actions]).toEqual(['refused', ['asked_recently'], []]);
    expect(refused.result).toMatchObject({ eligibleFrom: '2026-04-01', nextBestFeatureId: 'filters' });
    expect(run(lastDay + 1 - 7).status).toBe('ok');
    expect(run(lastDay, 'dismissed').status).toBe('ok');
    expect(run(lastDay, 'proposed').status).toBe('ok');
  });

  it('knows neither value nor effort without a catalogue', () => {
    const { status, dataGaps, result } = runOn(productAdoptionGuidance, {
      ...account,
      catalogue: catalogue({ featuresDefaulted: true }),
    });
    expect([status, result, dataGaps[0]!.fact]).toEqual(['insufficient_data', null, 'catalogue']);
  });

  it('needs a week of events', () => {
    const { status, dataGaps } = runOn(productAdoptionGuidance, {
      ...account,
      created: '2026-03-28',
      events: [],
      records: {},
    });
    expect([status, dataGaps]).toEqual([
      'insufficient_data',
      [{ fact: 'usage', reason: '3 of 7 days of data (events)' }],
    ]);
  });

  it('gives no points for goals that were never imported, and says so', () => {
    const { status, dataGaps, result } = runOn(productAdoptionGuidance, {
      ...account,
      kinds: ['accounts', 'events', 'subscriptions'],
      records: { subscriptions: account.records!.subscriptions! },
    });
    expect(status).toBe('partial');
    expect(dataGaps).toContainEqual({ fact: 'goals', reason: 'no goals imported (goals)' });
    expect(result!.recommendations.map(({ featureId, score }) => [featureId, score])).toEqual([
      ['filters', 53],
      ['exports', 50],
    ]);
  });

  it('names features without value or effort', () => {
    const { status, dataGaps } = runOn(productAdoptionGuidance, {
      ...account,
      catalogue: catalogue({ features: [features[0]!, feature('bare')] }),
    });
    expect([status, dataGaps]).toEqual([
      'partial',
      [{ fact: 'value_and_effort', reason: 'not given in catalog.yaml for bare' }],
    ]);
  });

  it('leaves what people wrote inert, and its customer actions wait for a quiet period', () => {
    const hostile = feature('# <b>x</b> | [a](b)', { value: 5, effort: 1, tags: ['bi'] });
    const accounts = [{ name: 'Acme', createdAt: at('2026-01-05'), quietUntil: day('2026-04-30') }];
    const { markdown, actions } = runOn(productAdoptionGuidance, {
      ...account,
      catalogue: catalogue({ features: [features[0]!, hostile] }),
      records: { ...account.records, accounts },
    });
    expect(markdown).not.toMatch(/<b>|\[a\]\(b\)/);
    expect(actions.map(({ heldBy }) => heldBy)).toEqual([['capacity.quiet'], ['capacity.quiet'], []]);
  });
});
