/** monetization/upgrade_trigger (skills.md B), with its worked examples. */
import { describe, expect, it } from 'vitest';
import { at, catalogue, day, feature, type TestAccount, type TestEvent } from '../../../../test/build-account.ts';
import { type ContextExtra, runOn, skillContext } from '../../../../test/skill-context.ts';
import type { Plan } from '../../catalogue/catalogue.ts';
import { runSkill } from '../run-skill.ts';
import type { PastIntervention, SkillContext } from '../skill.ts';
import { fitOf, type UpgradeNeeds, withHeadroom } from './upgrade-fit.ts';
import { type OfferCase, offerDecision } from './upgrade-offer.ts';
import { type TriggerFacts, triggersOf } from './upgrade-signals.ts';
import { type UpgradeParameters, upgradeTrigger } from './upgrade-trigger.ts';

const defaults = upgradeTrigger.parameters.parse({});
const today = day('2026-03-31');

const plan = (id: string, extra: Partial<Plan>): Plan => ({
  id,
  product: 'main',
  interval: 'month',
  currency: 'USD',
  minSeats: 1,
  limits: {},
  features: [],
  overage: {},
  ...extra,
});
const start = plan('start', { flatMinor: 10_000, limits: { api_calls: 10_000 } });
const scale = plan('scale', { flatMinor: 18_000, limits: { api_calls: 20_000 }, features: ['sso'] });
const giant = plan('giant', { flatMinor: 90_000, limits: { api_calls: null }, features: ['sso'] });
const needs = (extra: Partial<UpgradeNeeds> = {}): UpgradeNeeds => ({
  meters: [],
  features: [],
  licensed: undefined,
  seats: undefined,
  ...extra,
});
const fitting = (given: UpgradeNeeds, extra: Partial<Parameters<typeof fitOf>[0]> = {}) =>
  fitOf({
    catalogue: { plans: [start, scale, giant], features: [] },
    currentPlanId: 'start',
    isTrial: false,
    arrMinor: 120_000,
    currency: 'USD',
    needs: given,
    ...extra,
  });
const meter = (need: number) => [{ meterId: 'api_calls', projected: need, need }];

describe('the fit', () => {
  it('needs 15,000 for 12,500 projected, which the plan of 20,000 holds for 960 a year more', () => {
    expect(withHeadroom(12_500, 1.2)).toBe(15_000);
    const found = fitting(needs({ meters: meter(15_000) }));
    expect(found).toMatchObject({ kind: 'plan', plan: { id: 'scale' }, annualDeltaMinor: 96_000 });
  });

  it('takes the cheapest that holds the need and has the features, unlimited included', () => {
    expect(fitting(needs({ meters: meter(20_001) }))).toMatchObject({ plan: { id: 'giant' } });
    expect(fitting(needs({ features: ['sso'] }))).toMatchObject({ plan: { id: 'scale' } });
    const none = fitting(needs({ features: ['teleport'] }));
    expect(none).toEqual({ kind: 'none', reason: 'the price book has no priced plan that holds the need' });
  });

  it('leaves an account on the plan that fits, and never proposes a cheaper one', () => {
    expect(fitting(needs({ meters: meter(9000) }))).toEqual({ kind: 'fits' });
    const cheap = plan('cheap', { flatMinor: 100, features: ['sso'], limits: { api_calls: null } });
    const catalogueWith = { plans: [start, cheap], features: [] };
    expect(fitting(needs({ features: ['sso'] }), { catalogue: catalogueWith }).kind).toBe('none');
  });

  it('keeps an unlimited meter unlimited', () => {
    const unlimited = [{ meterId: 'api_calls', projected: null, need: null }];
    expect(fitting(needs({ meters: unlimited, features: ['sso'] }))).toMatchObject({ plan: { id: 'giant' } });
  });

  it('adds seats on the same plan where the team outgrows them', () => {
    const seated = plan('team', { perSeatMinor: 1000 });
    const input = { catalogue: { plans: [seated], features: [] }, currentPlanId: 'team' };
    expect(fitting(needs({ licensed: 10, seats: 12 }), input)).toMatchObject({ seats: 12, annualDeltaMinor: 24_000 });
    expect(fitting(needs({ licensed: 12, seats: 12 }), input)).toEqual({ kind: 'fits' });
  });

  it('counts the whole price for a trial, which may stay on its plan', () => {
    expect(fitting(needs(), { isTrial: true, arrMinor: undefined })).toMatchObject({
      plan: { id: 'start' },
      annualDeltaMinor: 120_000,
    });
  });

  it('compares with the contract where the plan in force is not in the price book, and else says unknown', () => {
    const given = needs({ features: ['sso'] });
    const other = { currentPlanId: 'legacy' };
    expect(fitting(given, { ...other, arrMinor: 100_000 })).toMatchObject({ annualDeltaMinor: 116_000 });
    const unknown = fitting(given, { ...other, arrMinor: undefined });
    expect(unknown).toMatchObject({
      annualDeltaMinor: undefined,
      reason: 'the price of the plan in force is not known',
    });
    const perSeat = plan('seats', { perSeatMinor: 1000, features: ['sso'] });
    const seats = fitting(given, { catalogue: { plans: [start, perSeat], features: [] } });
    expect(seats).toMatchObject({ annualDeltaMinor: undefined, reason: 'the number of seats is not known' });
  });
});

const nothing: TriggerFacts = {
  meters: [],
  attempts: [],
  usageDepth: undefined,
  frequency: undefined,
  team: undefined,
  goals: [],
};
const ids = (facts: Partial<TriggerFacts>) => triggersOf({ ...nothing, ...facts }, defaults).map(({ id }) => id);

describe('the triggers', () => {
  it('come in their order of priority', () => {
    const goal = { goalId: 'g', title: 'Ship', achievedOn: today, daysAgo: 0 };
    const all = {
      meters: [{ meterId: 'm', used: 10, limit: 10 }],
      attempts: [{ featureId: 'sso', count: 2 }],
      usageDepth: 70,
      frequency: 70,
      team: { before: 5, now: 6 },
      goals: [goal],
    };
    expect(ids(all)).toEqual(['usage_limit_hit', 'gated_feature', 'deep_usage', 'team_growth', 'goal_met']);
  });

  it('hold from their thresholds on', () => {
    expect(ids({ meters: [{ meterId: 'm', used: 9999, limit: 10_000 }] })).toEqual([]);
    expect(ids({ attempts: [{ featureId: 'sso', count: 1 }] })).toEqual([]);
    expect(ids({ usageDepth: 70, frequency: 69 })).toEqual([]);
    expect(ids({ usageDepth: 90 })).toEqual([]);
    expect(ids({ team: { before: 100, now: 119 } })).toEqual([]);
    expect(ids({ team: { before: 2, now: 6 } })).toEqual([]);
    expect(ids({ goals: [{ goalId: 'g', title: 'Ship', achievedOn: today - 31, daysAgo: 31 }] })).toEqual([]);
  });
});

const gate = (id: string, met: boolean | undefined) => ({ id, met, detail: id });
const offerCase = (extra: Partial<OfferCase> = {}): OfferCase => ({
  today,
  limitHit: false,
  isTrial: false,
  milestoneReached: true,
  trialSignals: 2,
  trialSignalsNeeded: 2,
  gates: [gate('health_score', true)],
  openEscalations: [],
  openIncidents: [],
  cooldownUntil: undefined,
  timelineFrom: undefined,
  atRiskRule: undefined,
  repeatFrom: undefined,
  ...extra,
});

describe('whether an offer may be made', () => {
  it('is refused after an escalation that closed on 2026-03-28 until 2026-04-05', () => {
    const cooldownUntil = day('2026-04-05');
    expect(offerDecision(offerCase({ cooldownUntil, limitHit: true }))).toEqual({
      kind: 'refused',
      reason: 'escalation_cooldown',
      eligibleFrom: cooldownUntil,
    });
    expect(offerDecision(offerCase({ today: cooldownUntil, cooldownUntil })).kind).toBe('offer');
  });

  it.each([
    [{ openEscalations: ['T'] }, 'escalation_cooldown'],
    [{ openIncidents: ['I'] }, 'open_incident'],
    [{ timelineFrom: today + 1 }, 'customer_timeline'],
    [{ atRiskRule: 'renewal.at_risk' }, 'at_risk'],
    [{ repeatFrom: today + 1 }, 'offered_recently'],
    [{ milestoneReached: undefined }, 'milestone_not_reached'],
    [{ gates: [gate('health_score', undefined)] }, 'expansion_gates_unmet'],
    [{ gates: [gate('organic_signals', false)] }, 'single_signal'],
    [{ isTrial: true, trialSignals: 1 }, 'too_few_signals'],
    [{ isTrial: true, trialSignals: undefined }, 'too_few_signals'],
  ] as const)('is refused by %j', (extra, reason) => {
    expect(offerDecision(offerCase(extra as Partial<OfferCase>))).toMatchObject({ kind: 'refused', reason });
  });

  it('asks no gates of a trial, and tells of a limit that is hit where no offer is due', () => {
    expect(offerDecision(offerCase({ isTrial: true, gates: [gate('health_score', undefined)] })).kind).toBe('offer');
    const single = offerDecision(offerCase({ limitHit: true, gates: [gate('organic_signals', false)] }));
    expect(single).toEqual({ kind: 'notice', reason: 'single_signal' });
  });
});

/** 500 calls a day to D, 3,000 before them in the period from 2026-03-05; five users in February, six in March. */
function calls(): TestEvent[] {
  const events: TestEvent[] = [];
  const call = (on: number, user: string, amount: number) =>
    events.push({ day: on, user, event: 'api_call', properties: { amount } });
  for (let user = 1; user <= 5; user++) call(day('2026-02-10'), `u${user}`, 1);
  call(day('2026-03-10'), 'u1', 3000);
  for (let on = day('2026-03-17'); on < today; on++) call(on, `u${1 + (on % 6)}`, 500);
  return events;
}
const account: TestAccount = {
  today: '2026-03-31',
  created: '2026-01-05',
  catalogue: catalogue({
    features: [feature('api', { events: ['api_call'] }), feature('sso', { core: false, plans: ['scale'] })],
    milestones: [{ id: 'first_value', event: 'api_call', count: 1, significance: 'major' }],
    meters: [{ id: 'api_calls', event: 'api_call', amountProperty: 'amount', unit: 'call', resets: 'month' }],
    plans: [start, scale, giant],
    signals: { gated_attempt: ['blocked'], pricing_view: ['pricing'], billing_view: ['billing'] },
  }),
  events: calls(),
  records: {
    subscriptions: [
      {
        subscriptionId: 's',
        plan: 'start',
        status: 'active',
        amountMinor: 10_000,
        currency: 'USD',
        interval: 'month',
        seats: null,
        startedAt: at('2026-01-05'),
      },
    ],
  },
};
type Context = SkillContext<UpgradeParameters>;

/** The account with every gate met. */
function run(of: TestAccount = account, extra: ContextExtra<UpgradeParameters> = {}, gates = [gate('all', true)]) {
  const context: Context = skillContext(upgradeTrigger, of, extra);
  const conversation = { ...context.measured.conversation, gates };
  return runSkill(upgradeTrigger, { ...context, measured: { ...context.measured, gates, conversation } });
}
const made = (madeOn: string, offer = 'offer', state: PastIntervention['state'] = 'completed'): PastIntervention => ({
  id: 'p',
  skill: 'monetization/upgrade_trigger',
  ruleId: 'expansion.near_limit',
  state,
  madeOn: day(madeOn),
  doneAt: undefined,
  dismissedFor: undefined,
  result: { offer },
});

describe('a run', () => {
  it('offers the plan of 20,000 for a limit hit with 12,500 projected, 960 a year more, without approval', () => {
    const { result, reasons, actions, markdown } = run();
    expect(result).toMatchObject({
      trigger: 'usage_limit_hit',
      urgency: 'high',
      offer: 'offer',
      currentPlanId: 'start',
      recommendedPlanId: 'scale',
      needs: [{ meterId: 'api_calls', projected: 12_500, need: 15_000 }],
      annualDelta: 960,
      currency: 'USD',
      requiresApproval: false,
      heldBy: [],
      eligibleFrom: null,
      likelihood: null,
    });
    expect(result!.triggers.map(({ id }) => id)).toContain('team_growth');
    expect(reasons).toEqual([]);
    expect(actions).toMatchObject([
      { ownerRole: 'growth', dueDate: '2026-03-31', channel: 'in_app', customerFacing: true, heldBy: [] },
    ]);
    expect(markdown).toContain('| api calls | 12,500 | 15,000 | 10,000 | 20,000 |');
    expect(actions[0]!.title).toBe(
      'Show in the product, at most once a session: scale (20,000 api calls); 10,000 of 10,000 api calls used',
    );
    expect(markdown).toContain('with scale (20,000 api calls) there is room to go on');
    expect(markdown).toContain('- **Plan:** scale, 960 USD a year more; needs no approval');
    expect(markdown).not.toMatch(/would you like/i);
  });

  it('is refused after an escalation that closed on 2026-03-28, and eligible on 2026-04-05', () => {
    const tickets = [
      {
        ticketId: 'T',
        openedAt: at('2026-03-20'),
        escalatedAt: at('2026-03-21'),
        resolvedAt: at('2026-03-28'),
        priority: 'P2' as const,
      },
    ];
    const { status, reasons, result, actions } = run({ ...account, records: { ...account.records, tickets } });
    expect([status, reasons, actions]).toEqual(['refused', ['escalation_cooldown'], []]);
    expect(result).toMatchObject({
      eligibleFrom: '2026-04-05',
      heldBy: ['money.escalation_cooldown'],
      offer: 'none',
    });
  });

  it('tells of the limit, as service, where it is the only signal', () => {
    const { result, reasons, actions, markdown } = run(account, {}, [gate('organic_signals', false)]);
    expect([result!.offer, reasons]).toEqual(['service_notice', ['single_signal']]);
    expect(actions).toMatchObject([
      {
        title: 'Tell in the product that the limit is reached: 10,000 of 10,000 api calls used',
        ownerRole: 'growth',
        channel: 'in_app',
        heldBy: [],
      },
    ]);
    expect(markdown).not.toContain('Offer as enablement');
  });

  it('calls by the AE in two business days where the difference needs approval', () => {
    const { result, actions } = run(account, { parameters: { approvalFrom: 960 } });
    expect(result!.requiresApproval).toBe(true);
    expect(actions[1]).toMatchObject({
      ownerRole: 'ae',
      dueDate: '2026-04-02',
      channel: 'call',
      title: 'Call about scale: 10,000 of 10,000 api calls used; 960 USD a year more needs approval',
    });
  });

  it('offers once in 14 days; a notice, a dismissed offer and one of today are none', () => {
    const repeat = run(account, { past: [made('2026-03-18')] });
    expect([repeat.status, repeat.reasons, repeat.result!.eligibleFrom]).toEqual([
      'refused',
      ['offered_recently'],
      '2026-04-01',
    ]);
    for (const past of [
      made('2026-03-17'),
      made('2026-03-31'),
      made('2026-03-25', 'service_notice'),
      made('2026-03-25', 'offer', 'dismissed'),
    ]) {
      expect(run(account, { past: [past] }).result!.offer).toBe('offer');
    }
  });

  it('finds the plan that has a feature attempted twice in 14 days', () => {
    const blocked = { day: '2026-03-25', user: 'u1', event: 'blocked', count: 2, properties: { feature: 'sso' } };
    const events = [...calls().filter(({ day: on }) => Number(on) < day('2026-03-20')), blocked];
    const { result } = run({ ...account, events });
    expect(result).toMatchObject({ trigger: 'gated_feature', featureIds: ['sso'], recommendedPlanId: 'scale' });
    const old = { ...blocked, day: '2026-03-16' };
    expect(run({ ...account, events: [...events.slice(0, -1), old] }).result!.trigger).not.toBe('gated_feature');
  });

  it('says so where nothing makes it the moment, or the plan in force fits', () => {
    const { status, reasons, result, actions } = run({ ...account, events: calls().slice(0, 1) });
    expect([result!.trigger, result!.offer, reasons, actions]).toEqual([null, 'none', ['no_trigger'], []]);
    expect(status).not.toBe('refused');
    const goals = [{ goalId: 'g', title: 'Ship', createdAt: at('2026-02-01'), achievedAt: day('2026-03-20') }];
    const met = run({ ...account, events: calls().slice(0, 1), records: { ...account.records, goals } });
    expect([met.result!.trigger, met.reasons, met.actions]).toEqual(['goal_met', ['current_plan_fits'], []]);
  });

  it('tells of the limit where no plan in the price book holds the need', () => {
    const { status, result, reasons, actions } = run({
      ...account,
      catalogue: { ...account.catalogue!, plans: [start] },
    });
    expect([status, result!.offer, result!.recommendedPlanId, reasons]).toEqual([
      'partial',
      'service_notice',
      null,
      ['no_plan_fits'],
    ]);
    expect(actions.map(({ title }) => title)).toEqual([
      'Tell in the product that the limit is reached: 10,000 of 10,000 api calls used',
    ]);
  });

  it('calls where the difference is not known, which says so', () => {
    const subscription = { ...account.records!.subscriptions![0]!, plan: 'legacy', limits: { api_calls: 10_000 } };
    const { amountMinor: _, ...unpriced } = subscription;
    const { result, dataGaps, actions } = run({ ...account, records: { subscriptions: [unpriced] } });
    expect([result!.recommendedPlanId, result!.annualDelta, result!.requiresApproval]).toEqual(['scale', null, null]);
    expect(dataGaps).toContainEqual({
      fact: 'annual difference',
      reason: 'the price of the plan in force is not known',
    });
    expect(actions.map(({ ownerRole }) => ownerRole)).toEqual(['growth', 'ae']);
  });

  it('offers seats on the same plan to a team that fills them', () => {
    const seated = plan('start', { perSeatMinor: 1000 });
    const subscription = { ...account.records!.subscriptions![0]!, seats: 6 };
    const { result, actions } = run({
      ...account,
      catalogue: { ...account.catalogue!, plans: [seated] },
      records: { subscriptions: [subscription] },
    });
    expect(result).toMatchObject({
      trigger: 'team_growth',
      recommendedPlanId: 'start',
      seats: { licensed: 6, offered: 8 },
      annualDelta: 240,
    });
    expect(actions[0]!.title).toContain('8 seats in place of 6');
  });

  const trial = (...names: string[]): TestAccount => ({
    ...account,
    events: [...calls(), ...names.map((event) => ({ day: '2026-03-20', user: 'u1', event }))],
    records: {
      subscriptions: [
        { subscriptionId: 't', plan: 'start', status: 'trialing', startedAt: at('2026-01-05'), trialEndsAt: today + 9 },
      ],
    },
  });

  it('offers a trial with milestone and two signals whatever its health, with a likelihood from 20 trials on', () => {
    const portfolio = (ended: number) => ({ trials: { ended, converted: 5 }, renewals: { due: 0, signed: 0 } });
    const unmet = [gate('health_score', undefined)];
    const { result } = run(trial('pricing', 'billing'), { stage: 'trial', portfolio: portfolio(20) }, unmet);
    expect(result).toMatchObject({ offer: 'offer', recommendedPlanId: 'scale', annualDelta: 2160, likelihood: 0.25 });
    expect(result!.heldBy).toEqual([]);
    const few = run(trial('pricing', 'billing'), { stage: 'trial', portfolio: portfolio(19) }, unmet);
    expect(few.result!.likelihood).toBeNull();
    const single = run(trial(), { stage: 'trial' }, unmet);
    expect([single.result!.offer, single.reasons]).toEqual(['service_notice', ['too_few_signals']]);
  });

  it('needs plan, usage and price book, and is partial without the optional records', () => {
    const bare = runOn(upgradeTrigger, {
      ...account,
      catalogue: catalogue(),
      kinds: ['accounts'],
      records: {},
      coveredThrough: '2026-03-01',
    });
    expect([bare.status, bare.result]).toEqual(['insufficient_data', null]);
    expect(bare.dataGaps).toEqual([
      { fact: 'plan', reason: 'no subscriptions imported' },
      { fact: 'usage', reason: 'events are covered up to 2026-03-01 only' },
      { fact: 'price book', reason: 'catalog.yaml names no plans' },
    ]);
    const some = run({ ...account, kinds: ['accounts', 'events', 'subscriptions'] });
    expect([some.status, some.dataGaps.map(({ fact }) => fact)]).toEqual([
      'partial',
      expect.arrayContaining(['goals', 'escalations']),
    ]);
  });

  it('keeps a hostile goal inert', () => {
    const goals = [
      { goalId: 'g', title: '# <b>x</b> | [a](b)', createdAt: at('2026-02-01'), achievedAt: day('2026-03-20') },
    ];
    const { markdown } = run({ ...account, records: { ...account.records, goals } });
    expect(markdown).not.toContain('<b>');
    expect(markdown).toContain('\\<b\\>x\\</b\\> \\| \\[a\\](b)');
  });
});
