/** The calculations of the four skills whose results trigger rules, with both worked examples of each (skills.md B). */
import { describe, expect, it } from 'vitest';
import { at, buildAccount, catalogue, day, defaultPolicy, feature } from '../../../test/build-account.ts';
import { contractOf } from '../facts/contract.ts';
import { known, unknown } from '../facts/view.ts';
import { activation } from './activation.ts';
import { firstDays } from './first-days.ts';
import { multiProductAdoption, type ProductCandidate, type ProductUse } from './multi-product-adoption.ts';
import { publish } from './number.ts';
import { type DatedStep, type OnboardingInput, onboardingHealth } from './onboarding-health.ts';
import { onboardingInput } from './onboarding-input.ts';
import { type RiskInput, riskPlaybook } from './risk-mitigation.ts';
import { impactTarget, roiPositiveOn, timeToImpact } from './time-to-impact.ts';

const { measures } = defaultPolicy();
const today = day('2026-03-31');

describe('onboarding_health', () => {
  const start = today - 20;
  const step = (id: string, dueDays: number, doneAfter?: number): DatedStep => ({
    id,
    dueDays,
    doneOn: doneAfter === undefined ? undefined : start + doneAfter,
  });
  const input: OnboardingInput = {
    start,
    today,
    segment: 'smb',
    steps: known([step('a', 3, 2), step('b', 7, 7), step('c', 10, 12), step('d', 15), step('later', 30)]),
    attendance: known(100),
    replies: known(75),
    technical: known({ done: 4, applicable: 5 }),
    users: known({ activated: 6, invited: 10 }),
  };
  const read = (extra: Partial<OnboardingInput> = {}) => onboardingHealth({ ...input, ...extra }, measures.onboarding);

  it('scores the worked example 72.625, 73, watch, with one step 5 days overdue', () => {
    const result = read();
    expect(result.score.value).toBeCloseTo(72.625, 9);
    expect(publish(result.score.value!)).toBe(73);
    expect(result.status.value).toBe('watch');
    expect(result.overdue).toEqual([{ id: 'd', days: 5 }]);
  });

  it('is unknown with technical and users alone, .45 of the weight', () => {
    const none = unknown('no notes imported');
    const result = read({ steps: known([]), attendance: none, replies: none });
    expect(result.coverage).toBe(0.45);
    expect(result.score.value).toBeUndefined();
    expect(result.score.reason).toBe(
      '45 % of the onboarding score known (nothing in the catalogue has dueDays; no notes imported)',
    );
  });

  it('gives an enterprise twice the time', () => {
    const result = read({ segment: 'Enterprise', steps: known([step('a', 8), step('b', 10), step('c', 11)]) });
    expect(result.overdue).toEqual([{ id: 'a', days: 4 }]);
    expect(result.components.milestones?.value).toBe(0);
  });

  it('is held back in the earliest phase with an unfinished step', () => {
    const phase = (dayOf: number, steps: DatedStep[]) => read({ start: today - dayOf, steps: known(steps) }).phase;
    const open = (dueDays: number): DatedStep => ({ id: 'x', dueDays, doneOn: undefined });
    expect([phase(7, []), phase(8, []), phase(61, []), phase(200, [])]).toEqual([1, 2, 4, 4]);
    expect(phase(40, [open(5)])).toBe(1);
    expect(phase(40, [open(80)])).toBe(3);
  });

  it('reads its inputs from the records', () => {
    const cat = catalogue({
      features: [feature('report')],
      setup: [{ id: 'connect', event: 'connect', required: true, dueDays: 5, dependsOn: [] }],
      milestones: [{ id: 'first_value', event: 'report', count: 1, significance: 'major', dueDays: 10 }],
    });
    const note = (noteId: string, on: string, extra: object) => ({ noteId, at: at(on), text: '', ...extra });
    const { view, workspace } = buildAccount({
      today: '2026-03-31',
      created: '2026-03-02',
      catalogue: cat,
      events: [
        { day: '2026-03-04', user: 'u1', event: 'connect' },
        { day: '2026-03-15', user: 'u1', event: 'report' },
      ],
      records: {
        contacts: [{ contactId: 'u1' }, { contactId: 'u2' }, { contactId: 'gone', leftAt: day('2026-03-10') }],
        notes: [
          note('held', '2026-03-05', { tags: ['meeting_held'] }),
          note('missed', '2026-03-12', { tags: ['meeting_missed'] }),
          // Friday; answered on the Tuesday after, the second business day
          note('asked', '2026-03-06', { author: 'csm', kind: 'email', contactId: 'u1' }),
          note('answer', '2026-03-10', { author: 'customer', kind: 'email', contactId: 'u1' }),
          note('asked again', '2026-03-16', { author: 'csm', kind: 'email', contactId: 'u1' }),
          // its time has not run out
          note('pending', '2026-03-30', { author: 'csm', kind: 'email', contactId: 'u1' }),
        ],
      },
    });
    const contract = contractOf([], view.today, workspace.clock);
    const read = onboardingInput(
      view,
      workspace,
      day('2026-03-02'),
      activation(view, workspace, contract, firstDays(view, workspace)),
    );
    expect(read).toMatchObject({
      attendance: { value: 50 },
      replies: { value: 50 },
      technical: { value: { done: 1, applicable: 1 } },
      users: { value: { activated: 1, invited: 2 } },
    });
    expect(read.steps.value).toEqual([
      { id: 'connect', dueDays: 5, doneOn: day('2026-03-04') },
      { id: 'first_value', dueDays: 10, doneOn: day('2026-03-15') },
    ]);
  });
});

describe('time_to_impact', () => {
  const start = today - 25;
  const base = { start, today, segment: 'smb', peerMedianDays: {} };
  const reachedOn = {
    firstLogin: start + 1,
    firstWorkflow: start + 10,
    firstWin: start + 20,
    activeAdoption: undefined,
  };

  it('gives the worked example: first value on day 20, +6, slip 1.2857, active adoption on day 27', () => {
    const result = timeToImpact({ ...base, reachedOn }, measures.impact);
    expect(result.timeToFirstValueDays.value).toBe(20);
    expect(result.milestones.find((each) => each.id === 'firstWin')?.deltaDays).toBe(6);
    expect(result.slipRatio.value).toBe(1.2857);
    expect(result.forecast.value).toEqual({ id: 'activeAdoption', day: 27, confidence: 'medium' });
    expect(result.atRisk.value).toBe(true);
  });

  it('knows nothing where nothing is tracked', () => {
    const result = timeToImpact({ ...base, reachedOn: {} }, measures.impact);
    for (const each of [result.timeToFirstValueDays, result.timeToRoiDays, result.forecast, result.atRisk]) {
      expect(each.value).toBeUndefined();
    }
  });

  it('is not late on the target day itself, late the day after', () => {
    const late = (dayOf: number) =>
      timeToImpact({ ...base, today: start + dayOf, reachedOn: { firstWin: undefined } }, measures.impact).atRisk.value;
    expect([late(14), late(15)]).toEqual([false, true]);
  });

  it('stretches targets by segment, and takes the median of the peers instead where known', () => {
    const target = (segment: string, firstWin?: number) =>
      impactTarget('firstWin', { segment, peerMedianDays: { firstWin } }, measures.impact).days;
    expect([target('smb'), target('mid'), target('Enterprise'), target('other')]).toEqual([14, 21, 28, 14]);
    expect(target('smb', 9)).toBe(9);
  });

  it('never forecasts a day that has passed', () => {
    const result = timeToImpact(
      { ...base, reachedOn: { firstLogin: start, firstWorkflow: undefined } },
      measures.impact,
    );
    expect(result.forecast.value).toEqual({ id: 'firstWorkflow', day: 26, confidence: 'low' });
  });

  it('turns positive on the first day recorded value covers what was paid', () => {
    const value = [
      { day: 10, minor: 60 },
      { day: 20, minor: 60 },
    ];
    expect(roiPositiveOn(value, [{ day: 5, minor: 100 }])).toBe(20);
    expect(roiPositiveOn(value, [{ day: 5, minor: 130 }])).toBeUndefined();
    expect(roiPositiveOn([], [])).toBeUndefined();
  });
});

describe('multi_product_adoption', () => {
  const use = (productId: string, extra: Partial<ProductUse> = {}): ProductUse => ({
    productId,
    everUsed: true,
    weeksUsed: 4,
    usageDepth: undefined,
    connectedTo: [],
    ...extra,
  });
  const uses = [use('a', { connectedTo: ['b'] }), use('b'), use('c', { everUsed: false, weeksUsed: 0 })];
  const candidate: ProductCandidate = {
    productId: 'd',
    goalMatch: 0.5,
    adjacentUse: 1,
    peerAttach: undefined,
    request: 1,
    annualMinor: 1_200_000,
  };
  const read = (holds: string[] = [], candidates = [candidate]) =>
    multiProductAdoption(uses, candidates, holds, measures.multiProduct, 0.5);

  it('gives the worked example: 100, 50 and 0 are 50 overall; fit 75; 12,000 and 6,000', () => {
    const result = read();
    expect(result.products.map((product) => product.score)).toEqual([100, 50, 0]);
    expect(result.overallScore.value).toBe(50);
    expect(result.crossSell).toEqual([
      { productId: 'd', fit: 75, annualValue100Minor: 1_200_000, annualValue50Minor: 600_000 },
    ]);
  });

  it('offers nothing while a gate holds, and keeps the portfolio', () => {
    const result = read(['healthBelow70']);
    expect(result.crossSell).toEqual([]);
    expect(result.overallScore.value).toBe(50);
    expect(result.fits[0]?.fit.value).toBe(75);
  });

  it('levels a product by use, weeks and depth', () => {
    const level = (extra: Partial<ProductUse>) =>
      multiProductAdoption([use('a', extra)], [], [], measures.multiProduct, 0.5).products[0]?.level;
    expect(level({ weeksUsed: 2 })).toBe('activated');
    expect(level({ weeksUsed: 3 })).toBe('adopted');
    expect(level({ usageDepth: 60 })).toBe('proficient');
    expect(level({ connectedTo: ['a'] })).toBe('adopted');
  });

  it('counts the connected pairs of adopted products, and none without a pair', () => {
    expect(read().integrationScore.value).toBe(100);
    const apart = multiProductAdoption([use('a'), use('b')], [], [], measures.multiProduct, 0.5);
    expect(apart.integrationScore.value).toBe(0);
    const alone = multiProductAdoption([use('a')], [], [], measures.multiProduct, 0.5);
    expect(alone.integrationScore.reason).toBe('notApplicable');
  });

  it('drops a product that does not fit and knows no fit from less than half of the evidence', () => {
    expect(read([], [{ ...candidate, request: 0 }]).crossSell).toEqual([]); // 50 / 80
    const thin = { ...candidate, goalMatch: undefined, peerAttach: undefined };
    expect(read([], [thin]).fits[0]?.fit.value).toBeUndefined();
  });
});

describe('risk_mitigation_playbook', () => {
  const fine: RiskInput = {
    today,
    trendPercent: -30,
    sentiment: 'passive',
    champion: 'active',
    sponsor: 'active',
    competition: 'none',
    cutShare: 0,
    overdueDays: 0,
    downgradeQuery: false,
    healthScore: 52,
    engagement: 70,
    outcomes: undefined,
    worstSignal: undefined,
    daysToRenewal: 120,
    arrMinor: 1_000_000,
  };
  const read = (extra: Partial<RiskInput> = {}) => riskPlaybook({ ...fine, ...extra }, measures.risk, new Set());

  it('gives the worked example: 44, high, usage, due 2026-04-07, churn 9-11 medium', () => {
    const result = read();
    expect(result.riskScore.value).toBeCloseTo(44, 9);
    expect(result).toMatchObject({
      severity: { value: 'high' },
      primaryRisk: 'usage',
      riskCoverage: 1,
      firstStepDue: day('2026-04-07'),
      churnScoreRange: { from: 9, to: 11 },
      churnBand: 'medium',
    });
    expect(result.stepEnds).toEqual([today + 3, today + 7, today + 14, today + 30]);
  });

  it('is 100 at coverage .2, critical, where a competitor evaluation is all that is known', () => {
    const result = riskPlaybook(
      {
        ...fine,
        trendPercent: undefined,
        sentiment: undefined,
        champion: undefined,
        sponsor: undefined,
        cutShare: undefined,
        overdueDays: undefined,
        downgradeQuery: undefined,
        healthScore: undefined,
        engagement: undefined,
        daysToRenewal: undefined,
        competition: 'evaluation',
        worstSignal: 'critical',
      },
      measures.risk,
      new Set(),
    );
    expect(result).toMatchObject({
      riskScore: { value: 100 },
      riskCoverage: 0.2,
      severity: { value: 'critical' },
      primaryRisk: 'competitive',
    });
  });

  it('takes severity from health: below 40 critical, to 55 high, to 70 medium, to 80 low', () => {
    const severity = (healthScore: number) => read({ healthScore, daysToRenewal: 200 }).severity.value;
    expect([39, 40, 55, 56, 70, 71, 80, 81].map(severity)).toEqual([
      'critical',
      'high',
      'high',
      'medium',
      'medium',
      'low',
      'low',
      'none',
    ]);
  });

  it('takes the worse of health and open signals, a step higher within 90 days of the renewal', () => {
    expect(read({ healthScore: 90, worstSignal: 'medium' }).severity.value).toBe('medium');
    expect(read({ healthScore: 60, daysToRenewal: 89 }).severity.value).toBe('high');
    expect(read({ healthScore: 50, daysToRenewal: 89 }).severity.value).toBe('critical');
    expect(read({ healthScore: 75, daysToRenewal: 89 }).severity.value).toBe('low');
    expect(read({ healthScore: 60, daysToRenewal: 90 }).severity.value).toBe('medium');
    expect(read({ healthScore: undefined }).severity.value).toBeUndefined();
  });

  it('settles a tie for the primary risk: competitive, relationship, financial, usage, sentiment', () => {
    const tied: Partial<RiskInput> = {
      trendPercent: -50,
      sentiment: 'detractor',
      cutShare: 0.31,
      champion: 'none',
      sponsor: 'none',
    };
    expect(read({ ...tied, competition: 'evaluation' }).primaryRisk).toBe('competitive');
    expect(read(tied).primaryRisk).toBe('relationship');
    expect(read({ ...tied, champion: 'active', sponsor: 'active' }).primaryRisk).toBe('financial');
    expect(read({ ...tied, champion: 'active', sponsor: 'active', cutShare: 0 }).primaryRisk).toBe('usage');
  });

  it('counts a known financial trouble whatever else is unknown, and no trouble only when all is known', () => {
    expect(read({ overdueDays: 31, cutShare: undefined }).factors.financial).toBe(100);
    expect(read({ overdueDays: 30 }).factors.financial).toBe(60);
    expect(read({ downgradeQuery: true }).factors.financial).toBe(60);
    expect(read({ cutShare: 0.3 }).factors.financial).toBe(60);
    expect(read({ cutShare: undefined }).factors.financial).toBeUndefined();
  });

  it('has no playbook where nothing is wrong', () => {
    const result = read({ trendPercent: 5, sentiment: 'promoter', healthScore: 90 });
    expect(result).toMatchObject({ primaryRisk: undefined, playbookId: undefined, firstStepDue: undefined });
  });
});
