/** monetization/packaging_optimizer (skills.md B), with its worked examples. */
import { describe, expect, it } from 'vitest';
import { at, catalogue, day, feature, type TestAccount, type TestEvent } from '../../../../test/build-account.ts';
import { runOn, skillContext } from '../../../../test/skill-context.ts';
import type { Meter, Plan } from '../../catalogue/catalogue.ts';
import { runSkill } from '../run-skill.ts';
import { comparePackages, type PackageInput } from './packages.ts';
import { packagingOptimizer } from './packaging-optimizer.ts';

const plan = (id: string, extra: Partial<Plan> = {}): Plan => ({
  id,
  product: 'main',
  perSeatMinor: 50_000,
  interval: 'year',
  currency: 'USD',
  minSeats: 1,
  limits: {},
  features: [],
  overage: {},
  ...extra,
});
const pro = plan('pro');
const need = (users: number, meters: Record<string, number> = {}) => ({ users, meters, unknownMeters: [] });
const input = (extra: Partial<PackageInput> = {}): PackageInput => ({
  current: { planId: 'pro', seats: 45, annualMinor: 2_250_000, limits: {} },
  candidates: [{ plan: pro, missingFeatures: [] }],
  need: need(12),
  growth: undefined,
  headroom: 1.2,
  overservedFactor: 1.15,
  ...extra,
});
const short = ({ id, seats, annualMinor, feasible }: ReturnType<typeof comparePackages>['options'][number]) => [
  id,
  seats,
  annualMinor,
  feasible,
];

describe('the comparison', () => {
  it('finds 45 seats at 500 for 12 active users overserved: 15 seats cost 7,500, 15,000 less; growth hidden', () => {
    const packages = comparePackages(input());
    expect([packages.fit, packages.recommendedOption]).toEqual(['overserved', 'right_size']);
    expect(packages.options.map(short)).toEqual([
      ['like_for_like', 45, 2_250_000, true],
      ['right_size', 15, 750_000, true],
    ]);
    expect(packages.options[1]!.deltaMinor).toBe(-1_500_000);
  });

  it('is a fit up to 1.15 times the cheapest feasible cost', () => {
    const paying = (annualMinor: number) =>
      comparePackages(input({ current: { planId: 'pro', seats: 15, annualMinor, limits: {} } })).fit;
    expect([paying(862_500), paying(862_600)]).toEqual(['fit', 'overserved']);
  });

  it('is underserved without the seats, the features or the limits that are needed', () => {
    const current = { planId: 'pro', seats: 14, annualMinor: 700_000, limits: {} };
    const of = (extra: Partial<PackageInput>) => {
      const { fit, options } = comparePackages(input({ current: { ...current, seats: 15 }, ...extra }));
      return [fit, options[0]!.lacks];
    };
    expect(of({ current })).toEqual(['underserved', ['15 seats']]);
    expect(of({ candidates: [{ plan: pro, missingFeatures: ['reports'] }] })).toEqual(['underserved', ['reports']]);
    const limited = { ...current, seats: 15, limits: { calls: 119 } };
    expect(of({ current: limited, need: need(12, { calls: 100 }) })).toEqual(['underserved', ['120 calls']]);
    expect(of({ current: { ...limited, limits: { calls: 120 } }, need: need(12, { calls: 100 }) })).toEqual([
      'fit',
      [],
    ]);
    expect(of({ current: { ...limited, limits: { calls: null } }, need: need(12, { calls: 100 }) })[0]).toBe('fit');
  });

  it('recommends the cheapest feasible plan and takes no feature in use away', () => {
    const candidates = [
      { plan: pro, missingFeatures: [] },
      { plan: plan('basic', { perSeatMinor: 10_000 }), missingFeatures: ['reports'] },
      { plan: plan('flat', { perSeatMinor: undefined as never, flatMinor: 300_000 }), missingFeatures: [] },
    ];
    const { options, recommendedOption } = comparePackages(input({ candidates }));
    expect(options.map(short)).toEqual([
      ['like_for_like', 45, 2_250_000, true],
      ['right_size', 15, 300_000, true],
      ['right_size_on_pro', 15, 750_000, true],
      ['right_size_on_basic', 15, 150_000, false],
    ]);
    expect([recommendedOption, options[1]!.planId]).toEqual(['right_size', 'flat']);
  });

  it('needs another plan to name a limit, and one as large as today’s where use is not known', () => {
    const current = { planId: 'pro', seats: 15, annualMinor: 750_000, limits: { calls: 1000 } };
    const of = (limits: Plan['limits'], meters: Record<string, number>, unknownMeters: string[] = []) =>
      comparePackages(
        input({
          current,
          candidates: [{ plan: plan('basic', { perSeatMinor: 1000, limits }), missingFeatures: [] }],
          need: { users: 12, meters, unknownMeters },
        }),
      ).options[1]!.lacks;
    expect(of({}, { calls: 100 })).toEqual(['a limit for calls']);
    expect(of({ calls: 120 }, { calls: 100 })).toEqual([]);
    expect(of({ calls: 999 }, {}, ['calls'])).toEqual(["today's limit for calls"]);
    expect(of({ calls: 1000 }, {}, ['calls'])).toEqual([]);
  });

  it('keeps what is there where nothing is cheaper, and recommends nothing where nothing is feasible', () => {
    const same = { planId: 'pro', seats: 15, annualMinor: 750_000, limits: {} };
    expect(comparePackages(input({ current: same })).recommendedOption).toBe('like_for_like');
    const bare = comparePackages(input({ candidates: [{ plan: pro, missingFeatures: ['reports'] }] }));
    expect([bare.fit, bare.recommendedOption]).toEqual(['underserved', null]);
  });

  it('respects the least number of seats, and shows growth beside without recommending it', () => {
    const least = comparePackages(
      input({ candidates: [{ plan: plan('pro', { minSeats: 20 }), missingFeatures: [] }] }),
    );
    expect(least.options[1]!.seats).toBe(20);
    const grown = comparePackages(input({ growth: need(20) }));
    expect(grown.options.map(short).at(-1)).toEqual(['growth', 24, 1_200_000, true]);
    expect(grown.recommendedOption).toBe('right_size');
  });
});

const calls: Meter = { id: 'calls', event: 'api_call', amountProperty: 'units', unit: 'call', resets: 'month' };
const features = [feature('reports', { plans: ['pro'] }), feature('boards'), feature('exports', { plans: ['pro'] })];

/** 12 users with reports every seventh day of the last 100, 45 seats of pro. */
function account(plans: Plan[] = [pro], extra: Partial<TestAccount> = {}): TestAccount {
  const events: TestEvent[] = [];
  for (let back = 1; back <= 100; back += 7)
    for (let user = 0; user < 12; user++)
      events.push({ day: day('2026-03-31') - back, user: `u${user}`, event: 'reports' });
  return {
    today: '2026-03-31',
    created: '2025-12-01',
    catalogue: catalogue({ plans, features, meters: [calls] }),
    events,
    records: {
      subscriptions: [
        {
          subscriptionId: 's',
          plan: 'pro',
          status: 'active',
          startedAt: at('2025-12-01'),
          seats: 45,
          amountMinor: 2_250_000,
          currency: 'USD',
          interval: 'year',
        },
      ],
    },
    ...extra,
  };
}

function amended(subject: TestAccount, row: object): TestAccount {
  const [subscription] = subject.records!.subscriptions!;
  return { ...subject, records: { ...subject.records, subscriptions: [{ ...subscription!, ...row }] } };
}

describe('a run', () => {
  it('is the first example', () => {
    const { status, result, actions, markdown } = runOn(packagingOptimizer, account());
    expect([status, result!.fit, result!.recommendedOption]).toEqual(['ok', 'overserved', 'right_size']);
    expect(result!.options).toMatchObject([
      { id: 'like_for_like', seats: 45, annualCost: 22_500, annualDelta: 0, currency: 'USD' },
      {
        id: 'right_size',
        planId: 'pro',
        seats: 15,
        annualCost: 7500,
        annualDelta: -15_000,
        currency: 'USD',
        feasible: true,
      },
    ]);
    expect(result!.growthHiddenBy.length).toBeGreaterThan(0);
    expect(result!.featureUtilisationPct).toBe(33.33);
    expect(actions.map(({ ownerRole, dueDate, channel, heldBy }) => [ownerRole, dueDate, channel, heldBy])).toEqual([
      ['csm', '2026-04-07', 'task', []],
      ['ae', '2026-04-14', 'task', []],
    ]);
    expect(actions[0]!.title).toBe('Review the package, overserved: pro with 15 seats at 7,500 USD a year');
    expect(markdown).toContain('| right size | pro | 15 | 7,500 USD | -15,000 USD | yes | yes |');
    expect(markdown).toContain('No option with room to grow is shown: ');
  });

  it('is the second example: without a price there is no fit and no option', () => {
    const { perSeatMinor: _, ...unpriced } = pro;
    const { status, result, dataGaps, actions } = runOn(packagingOptimizer, account([unpriced]));
    expect([status, actions]).toEqual(['insufficient_data', []]);
    expect(result).toMatchObject({ fit: null, options: [], recommendedOption: null, featureUtilisationPct: 33.33 });
    expect(dataGaps).toEqual([
      { fact: 'price book', reason: 'no price of plan pro in catalog.yaml (plans: perSeat or flat)' },
    ]);
  });

  it('shows growth once all expansion gates are met', () => {
    const context = skillContext(packagingOptimizer, account());
    const gates = context.measured.gates.map((gate) => ({ ...gate, met: true as const }));
    const { result } = runSkill(packagingOptimizer, { ...context, measured: { ...context.measured, gates } });
    expect(result!.growthHiddenBy).toEqual([]);
    expect(result!.options.at(-1)).toMatchObject({ id: 'growth', seats: 15 });
  });

  it('has finance approve a price off the list', () => {
    const { actions, markdown } = runOn(packagingOptimizer, amended(account(), { amountMinor: 1_800_000 }));
    expect(actions.at(-1)).toMatchObject({ ownerRole: 'finance', dueDate: '2026-04-14' });
    expect(actions.at(-1)!.title).toContain('18,000 USD is paid, the book says 22,500 USD');
    expect(markdown).toContain("Today's price is off the list");
    expect(runOn(packagingOptimizer, amended(account(), { amountMinor: 2_240_000 })).actions).toHaveLength(2); // .44 %
  });

  it('keeps features in use and sizes meters by the fullest period', () => {
    const basic = plan('basic', { perSeatMinor: 10_000, limits: { calls: 1000 } });
    const large = plan('large', { perSeatMinor: 20_000, limits: { calls: 1300 } });
    const subject = account([{ ...pro, limits: { calls: 2000 } }, basic, large]);
    subject.catalogue = { ...subject.catalogue!, features: [feature('reports')] };
    subject.events!.push({ day: '2026-02-10', user: 'u1', event: 'api_call', properties: { units: 1050 } });
    const { result } = runOn(packagingOptimizer, subject);
    const lacks = Object.fromEntries(result!.options.map((option) => [option.planId, option.lacks]));
    expect(lacks).toEqual({ pro: [], basic: ['1260 calls'], large: [] });
    subject.catalogue = { ...subject.catalogue!, features };
    expect(runOn(packagingOptimizer, subject).result!.recommendedOption).toBe('right_size');
    expect(runOn(packagingOptimizer, subject).result!.options[1]!.planId).toBe('pro');
  });

  it('says what is missing: use of 60 days, seats, a paid subscription', () => {
    const facts = (subject: TestAccount) => runOn(packagingOptimizer, subject).dataGaps;
    expect(facts(account([pro], { coveredFrom: '2026-01-31' }))).toEqual([
      { fact: 'use', reason: '59 of 60 days of data' },
    ]);
    expect(runOn(packagingOptimizer, account([pro], { coveredFrom: '2026-01-30' })).status).toBe('ok');
    expect(facts(amended(account(), { seats: undefined }))).toEqual([
      { fact: 'seats', reason: 'subscription s names no seats' },
    ]);
    expect(facts(account([pro], { records: {} }))).toEqual([
      { fact: 'subscription', reason: 'no paid subscription in force' },
    ]);
    expect(facts(amended(account(), { currency: 'EUR' }))[0]!.reason).toContain('different currencies');
  });

  it('is partial where the use of a limited meter is not known', () => {
    const subject = amended(account(), { limits: { gone: 10 } });
    const { status, dataGaps, result } = runOn(packagingOptimizer, subject);
    expect([status, result!.fit]).toEqual(['partial', 'overserved']);
    expect(dataGaps).toEqual([{ fact: 'use of gone', reason: "no meter 'gone' in the catalogue" }]);
  });

  it('shows names as they are, whatever is in them', () => {
    const id = '# <b>x</b> | [a](b)';
    const { markdown } = runOn(packagingOptimizer, amended(account([{ ...pro, id }]), { plan: id }));
    expect(markdown).toContain('\\# \\<b\\>x\\</b\\> \\| \\[a\\](b) with 45 seats');
    expect(markdown).not.toContain('<b>');
  });
});
