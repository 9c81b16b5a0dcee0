/** plg/trial_extension_evaluator (skills.md B), with its worked examples. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, catalogue, day, feature, type TestAccount, type TestEvent } from '../../../../test/build-account.ts';
import { runOn, skillContext } from '../../../../test/skill-context.ts';
import { publish } from '../../scores/number.ts';
import { decideExtension, type ExtensionCase, trialExtensionParameters } from './trial-extension.ts';
import { trialExtensionEvaluator } from './trial-extension-evaluator.ts';

const defaults = trialExtensionParameters.parse({});
const proactive: ExtensionCase = {
  engagement: 100,
  conversion: 75,
  fit: 50,
  reason: undefined,
  pastExtensions: 0,
  pastExtensionDays: 0,
  trialEnd: day('2026-04-01'),
  abuse: false,
  incident: false,
  hasValueEvent: true,
  trials: { ended: 0, converted: 0 },
};
const decide = (extra: Partial<ExtensionCase> = {}) => decideExtension({ ...proactive, ...extra }, defaults);
/** E, C and A that make P .75, .5, .3 on the base rate of .40. */
const HIGH = {};
const MEDIUM = { engagement: 75, conversion: 50, fit: 50 };
const LOW = { engagement: 50, conversion: 25, fit: undefined };

describe('the decision', () => {
  it('approves 14 days for the first worked example: score 82, probability .75, until 2026-04-15', () => {
    const verdict = decide();
    expect(publish(verdict.score.score!)).toBe(82);
    expect(verdict).toMatchObject({
      conversionProbability: 0.75,
      decision: 'approve',
      extensionDays: 14,
      newTrialEnd: day('2026-04-15'),
    });
  });

  it('declines the second worked example: score 39, probability .30, low probability on a repeat', () => {
    const verdict = decide({ ...LOW, pastExtensions: 1, pastExtensionDays: 7 });
    expect(publish(verdict.score.score!)).toBe(39);
    expect(verdict).toMatchObject({
      conversionProbability: 0.3,
      decision: 'decline',
      extensionDays: 0,
      newTrialEnd: undefined,
      reason: 'low_probability_repeat',
    });
  });

  it('gives by probability and number 14 or 7 days, with conditions, a review, a push or nothing', () => {
    const of = (odds: Partial<ExtensionCase>, pastExtensions: number) => {
      const { decision, extensionDays } = decide({ ...odds, pastExtensions, pastExtensionDays: 7 * pastExtensions });
      return [decision, extensionDays];
    };
    expect([of(HIGH, 0), of(HIGH, 1)]).toEqual([
      ['approve', 14],
      ['approve_conditional', 7],
    ]);
    expect([of(MEDIUM, 0), of(MEDIUM, 1)]).toEqual([
      ['approve', 7],
      ['review', 0],
    ]);
    expect([of(LOW, 0), of(LOW, 1)]).toEqual([
      ['approve_with_push', 7],
      ['decline', 0],
    ]);
  });

  it('is not high at .60 and is medium at .40', () => {
    const at60 = decide({ trials: { ended: 100, converted: 60 }, engagement: 50, conversion: 50, fit: 50 });
    expect([at60.conversionProbability, at60.reason]).toEqual([0.6, 'medium_probability']);
    const at40 = decide({ engagement: 50, conversion: 50, fit: 50 });
    expect([at40.conversionProbability, at40.reason]).toEqual([0.4, 'medium_probability']);
  });

  it('looks first at abuse and used-up extensions, then at an incident, then at a trial without use', () => {
    const all = { abuse: true, pastExtensions: 2, incident: true, hasValueEvent: false };
    const reason = (extra: Partial<ExtensionCase>) => decide({ ...all, ...extra }).reason;
    expect(reason({})).toBe('trial_abuse');
    expect(reason({ abuse: false })).toBe('extensions_used');
    expect(reason({ abuse: false, pastExtensions: 0 })).toBe('trial_incident');
    expect(reason({ abuse: false, pastExtensions: 0, incident: false })).toBe('no_value_event');
    expect(decide({ ...LOW, incident: true })).toMatchObject({ decision: 'approve', extensionDays: 7 });
  });

  it('takes the own rate from 20 ended trials on, and never promises more than .95', () => {
    expect(decide({ trials: { ended: 19, converted: 19 } })).toMatchObject({ baseRate: 0.4, baseRateFrom: 'policy' });
    const own = decide({ trials: { ended: 20, converted: 19 } });
    expect(own).toMatchObject({ baseRate: 0.95, baseRateFrom: 'own_history', conversionProbability: 0.95 });
  });

  it('cuts an extension to what is left of 28 days, and declines where nothing is left', () => {
    const left = (pastExtensionDays: number) => {
      const { extensionDays, decision, reason } = decide({ pastExtensions: 1, pastExtensionDays });
      return [extensionDays, decision, reason];
    };
    expect(left(25)).toEqual([3, 'approve_conditional', 'high_probability_repeat']);
    expect(left(28)).toEqual([0, 'decline', 'extension_days_used']);
  });

  it('counts a reason fully or by half where one was given, and leaves it out where nobody asked', () => {
    const score = (reason: number | undefined) => decide({ reason }).score.score!;
    expect(score(100)).toBeCloseTo(83.75, 9);
    expect(score(50)).toBeCloseTo(78.75, 9);
    expect(score(undefined)).toBeCloseTo(73.75 / 0.9, 9);
  });

  it('never goes beyond two extensions or 28 days', () => {
    fc.assert(
      fc.property(
        fc.record({
          engagement: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
          conversion: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
          fit: fc.constantFrom(0, 50, 100, undefined),
          pastExtensions: fc.integer({ min: 0, max: 3 }),
          pastExtensionDays: fc.integer({ min: 0, max: 40 }),
          incident: fc.boolean(),
          abuse: fc.boolean(),
          hasValueEvent: fc.boolean(),
        }),
        (extra) => {
          const { extensionDays, newTrialEnd, decision, conversionProbability } = decide(extra);
          if (extra.pastExtensions >= 2 || extra.abuse) expect(decision).toBe('decline');
          if (extensionDays > 0) expect(extensionDays + extra.pastExtensionDays).toBeLessThanOrEqual(28);
          expect(newTrialEnd === undefined).toBe(extensionDays === 0);
          expect(conversionProbability).toBeLessThanOrEqual(0.95);
        },
      ),
      { numRuns: 200, seed: 7 },
    );
  });
});

const TRIAL = 'plg/trial_extension_evaluator';
const signals = { pricing_view: ['pricing_viewed'], billing_view: ['billing_viewed'], invite: ['invited'] };
const cat = catalogue({
  features: [feature('report')],
  milestones: [{ id: 'first_value', event: 'report', count: 1, significance: 'major' }],
  signals,
});
/** 2026-03-16 (Monday) to 03-30: eleven business days, so seven days of use are full engagement. */
const used = ['16', '17', '18', '19', '20', '23', '24'].map(
  (date): TestEvent => ({ day: `2026-03-${date}`, user: 'u1', event: 'report' }),
);
const seen = (...events: string[]): TestEvent[] => events.map((event) => ({ day: '2026-03-25', user: 'u1', event }));
const subscription = {
  subscriptionId: 'sub-1',
  plan: 'pro',
  status: 'trialing' as const,
  startedAt: at('2026-03-16'),
  trialEndsAt: day('2026-04-01'),
};
const account = { accountId: 'acc', name: 'Acme', createdAt: at('2026-03-16'), segment: 'smb', employees: 40 };
const trial: TestAccount = {
  today: '2026-03-31',
  created: '2026-03-16',
  catalogue: cat,
  events: [...used, ...seen('pricing_viewed', 'billing_viewed', 'invited')],
  records: { accounts: [account], subscriptions: [subscription] },
};
const inTrial = (extra: Partial<TestAccount['records'] & object> = {}, events = trial.events): TestAccount => ({
  ...trial,
  events: events!,
  records: { ...trial.records, ...extra },
});
const sized = { minimumEmployees: 10, maximumEmployees: 20, icpSegments: ['SMB'] };

describe('a run', () => {
  it('gives the first worked example from records: three signals, the ideal customer but not the size', () => {
    const { status, result, reasons, actions, markdown, confidence } = runOn(trialExtensionEvaluator, trial, {
      stage: 'trial',
      parameters: sized,
    });
    expect([status, confidence]).toEqual(['ok', 'high']);
    expect(result).toMatchObject({
      decision: 'approve',
      extensionDays: 14,
      newTrialEnd: '2026-04-15',
      score: 82,
      conversionProbability: 0.75,
      conditions: [],
      factors: { engagement: 100, conversion: 75, fit: 50, history: 100 },
    });
    expect(reasons).toEqual(['high_probability', 'also_upgrade_trigger']);
    expect(actions.map(({ ownerRole, dueDate, channel, heldBy }) => [ownerRole, dueDate, channel, heldBy])).toEqual([
      ['growth', '2026-03-31', 'in_app', []],
      ['growth', '2026-04-03', 'task', []],
    ]);
    expect(actions[0]!.title).toBe('Tell the trial it runs 14 more days, until 2026-04-15');
    expect(actions[0]!.evidence).toEqual(['sub-1']);
    expect([...markdown.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual([
      ...trialExtensionEvaluator.sections,
      'Actions',
    ]);
    expect(markdown).toContain('7 active days in 11 business days');
    expect(markdown).toContain('Score 82. Conversion probability 75 %, from 40 % (the rate of the policy).');
    expect(markdown).toContain(
      'Extended by 14 days: the trial ends on 2026-04-15 instead of 2026-04-01 (high probability).',
    );
    expect(markdown).toContain('No discount');
  });

  it('gives the second worked example from records: half engaged, one signal, firmographics absent, one past', () => {
    // 2026-03-16 to 03-30 less a holiday: ten business days, so three of six days are half
    const quiet = { ...cat, holidays: new Set([day('2026-03-27')]) };
    const extended = { ...subscription, trialEndsAt: day('2026-03-25'), extensions: [{ days: 7 }] };
    const { status, result, reasons, dataGaps, confidence, actions } = runOn(
      trialExtensionEvaluator,
      {
        ...inTrial({ subscriptions: [extended] }, [...used.slice(0, 2), ...seen('invited')]),
        catalogue: { ...quiet, features: [feature('report'), feature('invited')] },
      },
      { stage: 'trial' },
    );
    expect([status, confidence]).toEqual(['partial', 'medium']);
    expect(result).toMatchObject({
      decision: 'decline',
      extensionDays: 0,
      newTrialEnd: null,
      score: 39,
      conversionProbability: 0.3,
      pastExtensions: 1,
      trialEnd: '2026-04-01',
      factors: { engagement: 50, conversion: 25, fit: null, history: 40 },
    });
    expect(reasons).toEqual(['low_probability_repeat']);
    expect(dataGaps).toEqual([
      {
        fact: 'firmographics',
        reason: 'no ideal customer is stated in the policy; no company size is stated in the policy',
      },
    ]);
    expect(actions[0]!.title).toBe('Tell the trial it ends on 2026-04-01 and how to buy');
  });

  it('sends a second extension of medium odds to the AE, and one that sales flagged', () => {
    const once = { ...subscription, trialEndsAt: day('2026-03-25'), extensions: [{ days: 7 }] };
    const review = runOn(trialExtensionEvaluator, inTrial({ subscriptions: [once] }, used), {
      parameters: { ...sized, baseRate: 1 },
    });
    expect(review.result).toMatchObject({ decision: 'approve_conditional', conversionProbability: 0.75 });
    const medium = runOn(trialExtensionEvaluator, inTrial({ subscriptions: [once] }, used), {
      parameters: { ...sized, baseRate: 0.6 },
    });
    expect(medium.result).toMatchObject({ decision: 'review', extensionDays: 0, newTrialEnd: null });
    expect(medium.actions.map(({ ownerRole, dueDate, channel }) => [ownerRole, dueDate, channel])).toContainEqual([
      'ae',
      '2026-04-01',
      'task',
    ]);
    const note = { noteId: 'n1', at: at('2026-03-20'), text: '', tags: ['sales_flagged'] };
    expect(runOn(trialExtensionEvaluator, inTrial({ notes: [note] })).actions.map((each) => each.ownerRole)).toEqual([
      'growth',
      'ae',
      'growth',
    ]);
  });

  it('names conditions for a repeat with high odds, and the push for a first one with low odds', () => {
    const once = { ...subscription, trialEndsAt: day('2026-03-25'), extensions: [{ days: 7 }] };
    const repeat = runOn(trialExtensionEvaluator, inTrial({ subscriptions: [once] }), { parameters: sized });
    expect(repeat.result!.conditions).toEqual([
      'Before 2026-04-01 the customer names who decides and the day of the decision, by 2026-04-08 at the latest',
    ]);
    const first = runOn(trialExtensionEvaluator, inTrial({}, used.slice(0, 1)), { parameters: { baseRate: 0.2 } });
    expect(first.result).toMatchObject({ decision: 'approve_with_push', newTrialEnd: '2026-04-08' });
    expect(first.markdown).toContain('The offer to buy goes out with the extension');
  });

  it('reads the reason of the latest request, and of it alone what counts in full', () => {
    const note = (noteId: string, on: string, tag: string) => ({ noteId, at: at(on), text: '', tags: [tag] });
    const factor = (...notes: ReturnType<typeof note>[]) =>
      runOn(trialExtensionEvaluator, inTrial({ notes })).result!.factors.reason;
    expect(factor()).toBeUndefined();
    expect(factor(note('a', '2026-03-20', 'extension_request:procurement'))).toBe(100);
    expect(
      factor(
        note('a', '2026-03-20', 'extension_request:procurement'),
        note('b', '2026-03-21', 'extension_request:more time'),
      ),
    ).toBe(50);
    expect(factor(note('old', '2026-03-10', 'extension_request:procurement'))).toBeUndefined();
  });

  it('gives a week for a severe incident of the trial, and none for one before it or a mild one', () => {
    const incident = (severity: 'P2' | 'P3', startedAt: string, resolvedAt: string) => ({
      incidentId: 'i1',
      severity,
      startedAt: at(startedAt),
      resolvedAt: at(resolvedAt),
    });
    const reasons = (...incidents: ReturnType<typeof incident>[]) =>
      runOn(trialExtensionEvaluator, inTrial({ incidents })).reasons[0];
    expect(reasons(incident('P2', '2026-03-20', '2026-03-21'))).toBe('trial_incident');
    expect(reasons(incident('P3', '2026-03-20', '2026-03-21'))).not.toBe('trial_incident');
    expect(reasons(incident('P2', '2026-03-01', '2026-03-02'))).not.toBe('trial_incident');
  });

  it('declines abuse and a trial nobody used', () => {
    const abused = { ...account, properties: { trialAbuse: true } };
    expect(runOn(trialExtensionEvaluator, inTrial({ accounts: [abused] })).reasons[0]).toBe('trial_abuse');
    const login = [{ day: '2026-03-20', user: 'u1', event: 'login' }];
    expect(runOn(trialExtensionEvaluator, inTrial({}, login)).reasons[0]).toBe('no_value_event');
  });

  it('is refused without a trial, and says which record is missing', () => {
    const paid = { ...subscription, status: 'active' as const, trialEndsAt: day('2026-03-20') };
    const refused = runOn(trialExtensionEvaluator, inTrial({ subscriptions: [paid] }));
    expect([refused.status, refused.reasons, refused.actions]).toEqual(['refused', ['no_trial_in_force'], []]);
    const gap = (extra: Partial<TestAccount>) => {
      const { status, dataGaps, result } = runOn(trialExtensionEvaluator, { ...trial, ...extra });
      return [status, dataGaps[0]?.fact, dataGaps[0]?.reason, result];
    };
    expect(gap({ kinds: ['accounts', 'events'] })).toEqual([
      'insufficient_data',
      'trial dates',
      'no subscriptions imported',
      null,
    ]);
    const { trialEndsAt: _, ...endless } = subscription;
    expect(gap({ records: { subscriptions: [endless] } })[2]).toBe('subscription sub-1 names no trialEndsAt');
    const today = { ...subscription, startedAt: at('2026-03-31T01:00:00Z') };
    expect(gap({ records: { subscriptions: [today] } })[2]).toBe('no complete business day of the trial yet');
  });

  it('lets nothing of a hostile name or reason become markup', () => {
    const hostile = '# <b>x</b> | [a](b)';
    const { markdown } = runOn(
      trialExtensionEvaluator,
      inTrial({
        accounts: [{ ...account, name: hostile }],
        subscriptions: [{ ...subscription, properties: { extensionReason: hostile } }],
      }),
    );
    expect(markdown).not.toMatch(/<b>|\[a\]\(b\)|^# <|^# #/m);
  });

  it('takes every parameter within bounds only', () => {
    expect(trialExtensionEvaluator.name).toBe(TRIAL);
    expect(trialExtensionParameters.safeParse({ longDays: 61 }).success).toBe(false);
    expect(trialExtensionParameters.safeParse({ longDay: 14 }).success).toBe(false);
  });

  it('is judged by whether a paid contract is in force', () => {
    const read = (records: TestAccount['records'], kinds?: TestAccount['kinds']) => {
      const account = { ...trial, records: records!, ...(kinds && { kinds }) };
      return trialExtensionEvaluator.outcome.read(skillContext(trialExtensionEvaluator, account).measured).value;
    };
    expect(read(trial.records)).toBe(0);
    expect(read({ subscriptions: [{ ...subscription, status: 'active', trialEndsAt: day('2026-03-20') }] })).toBe(1);
    expect(read(trial.records, ['accounts', 'events'])).toBeUndefined();
  });
});
