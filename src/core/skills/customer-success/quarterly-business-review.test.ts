/** customer_success/quarterly_business_review (skills.md B), with its worked examples. */
import { describe, expect, it } from 'vitest';
import { at, catalogue, day, feature, type TestAccount, type TestEvent } from '../../../../test/build-account.ts';
import { type ContextExtra, runOn, skillContext } from '../../../../test/skill-context.ts';
import { formatDay } from '../../time/calendar.ts';
import { businessDaysBefore, quarterlyBusinessReview } from './quarterly-business-review.ts';
import { changePct, goalOutcome, lastCompleteQuarter, quarterBefore, quarterFees } from './review-quarter.ts';

const today = '2026-03-31';

const goal = (goalId: string, current: number | undefined, extra: object = {}) => ({
  goalId,
  title: `Goal ${goalId}`,
  createdAt: at('2025-08-01'),
  baseline: 0,
  target: 100,
  ...(current !== undefined && { current }),
  ...extra,
});
const events: TestEvent[] = [
  ...Array.from({ length: 40 }, (_, i) => ({ day: '2025-08-12', user: `u${i}`, event: 'report' })),
  ...Array.from({ length: 50 }, (_, i) => ({ day: '2025-11-12', user: `u${i}`, event: 'report' })),
];
const account: TestAccount = {
  today,
  created: '2025-01-01',
  catalogue: catalogue({ features: [feature('report'), feature('export', { tags: ['bi'] })] }),
  events,
  records: {
    subscriptions: [
      {
        subscriptionId: 's',
        plan: 'pro',
        status: 'active',
        seats: 60,
        amountMinor: 4_800_000,
        currency: 'USD',
        interval: 'year',
        startedAt: at('2025-01-01'),
        renewalDate: day('2026-06-20'),
      },
    ],
    goals: [goal('over', 120, { valueAmountMinor: 3_000_000 }), goal('half', 60), goal('low', 20, { tags: ['bi'] })],
    surveys: [{ surveyId: 'n', answeredAt: at('2025-11-20'), kind: 'nps', score: 8 }],
  },
};
const withRecords = (records: NonNullable<TestAccount['records']>, extra: Partial<TestAccount> = {}): TestAccount => ({
  ...account,
  ...extra,
  records: { ...account.records, ...records },
});
const run = (from: TestAccount = account, extra: ContextExtra<never> = {}) =>
  runOn(quarterlyBusinessReview, from, { stage: 'renewal', ...extra });

describe('the quarter', () => {
  const of = (date: string, fiscalStart?: number) => {
    const { label, from, to } = lastCompleteQuarter(day(date), fiscalStart);
    return [label, formatDay(from), formatDay(to)];
  };

  it('is the last one that has ended', () => {
    expect(of('2026-03-31')).toEqual(['2025-Q4', '2025-10-01', '2025-12-31']);
    expect(of('2026-04-01')).toEqual(['2026-Q1', '2026-01-01', '2026-03-31']);
    expect(of('2026-01-01')).toEqual(['2025-Q4', '2025-10-01', '2025-12-31']);
  });

  it('follows the account where its fiscal year begins in another month', () => {
    expect(of('2026-03-31', 2)).toEqual(['FY2026-Q4', '2025-11-01', '2026-01-31']);
    expect(of('2026-05-01', 2)).toEqual(['FY2027-Q1', '2026-02-01', '2026-04-30']);
    const { label } = quarterBefore(lastCompleteQuarter(day('2026-05-01'), 2), 2);
    expect(label).toBe('FY2026-Q4');
  });
});

describe('the calculation', () => {
  it('calls 120 % met, 60 % partial and 20 % missed; 100 % is met and 50 % partial', () => {
    expect([120, 60, 20, 100, 99.99, 50, 49.99].map((pct) => goalOutcome(pct, false, 50))).toEqual([
      'met',
      'partial',
      'missed',
      'met',
      'partial',
      'partial',
      'missed',
    ]);
    expect([goalOutcome(undefined, false, 50), goalOutcome(undefined, true, 50)]).toEqual(['unknown', 'met']);
  });

  it('gives +25 % from 40 to 50, and nothing against a quarter without use or an unknown one', () => {
    expect([changePct(50, 40), changePct(50, 0), changePct(50, null), changePct(null, 40)]).toEqual([
      25,
      null,
      null,
      null,
    ]);
  });

  it('takes a quarter of the yearly amount as fees, by days where it changed', () => {
    const quarter = lastCompleteQuarter(day(today));
    const { spans } = skillContext(quarterlyBusinessReview, account);
    expect(quarterFees(spans, quarter).value).toEqual({ minor: 1_200_000, currency: 'USD' });
    const first = account.records!.subscriptions![0]!;
    const grown = [first, { ...first, amountMinor: 9_600_000, effectiveAt: at('2025-11-16') }]; // 46 of 92 days
    const changed = skillContext(quarterlyBusinessReview, withRecords({ subscriptions: grown }));
    expect(quarterFees(changed.spans, quarter).value?.minor).toBe(1_800_000);
  });

  it('counts business days back from the meeting', () => {
    const back = (date: string, count: number) => formatDay(businessDaysBefore(day(date), count, new Set()));
    expect([back('2026-04-14', 2), back('2026-04-14', 0)]).toEqual(['2026-04-10', '2026-04-14']);
  });
});

describe('a run', () => {
  it('gives the worked example: met, partial, missed; +25 %; 2.5 times the fees; meeting on 2026-04-14', () => {
    const { status, result, dataGaps, actions, markdown } = run();
    expect(result!.goals.map(({ goalId, progressPct, outcome }) => [goalId, progressPct, outcome])).toEqual([
      ['over', 120, 'met'],
      ['half', 60, 'partial'],
      ['low', 20, 'missed'],
    ]);
    expect(result!.usage[0]).toEqual({ measure: 'active_users', now: 50, prior: 40, changePct: 25 });
    expect(result).toMatchObject({
      quarter: '2025-Q4',
      recordedValue: 30_000,
      fees: 12_000,
      currency: 'USD',
      roiMultiple: 2.5,
      meetingDate: '2026-04-14',
      preReadDate: '2026-04-10',
      summaryDate: '2026-04-15',
      expansionSuggestion: null,
    });
    // the goal reached its target on no recorded date
    expect([status, dataGaps]).toEqual([
      'partial',
      [
        {
          fact: 'date of achievement',
          reason: 'over: at the target without achievedAt (goals); the value counts until the goal is closed',
        },
      ],
    ]);
    expect(result!.wins.map(({ goalId }) => goalId)).toEqual(['over', 'half']);
    expect(actions.map(({ ownerRole, dueDate, channel, heldBy }) => [ownerRole, dueDate, channel, heldBy])).toEqual([
      ['csm', '2026-03-31', 'email', []],
      ['csm', '2026-04-10', 'email', []],
      ['csm', '2026-04-15', 'email', []],
    ]);
    expect(actions[0]!.title).toBe('Invite Acme to the review of 2025-Q4 on 2026-04-14');
    for (const line of [
      'Of 3 goals: 1 met, 1 partly met, 1 missed. 50 active users, 25 % more than in the quarter before.',
      'Recorded value 30,000 USD, fees 12,000 USD: 2.5 times the fees.',
      '- "Goal low" reached 20 % of the way.',
      'Pre-read of 9 slides on 2026-04-10, meeting on 2026-04-14, summary on 2026-04-15.',
    ]) {
      expect(markdown).toContain(line);
    }
  });

  it('is partial without goals or value: the multiple is unknown, and an account at risk gets no suggestion', () => {
    const tickets = [{ ticketId: 't', openedAt: at('2026-03-20'), kind: 'cancellation' as const }];
    const { status, result, dataGaps, markdown } = run(withRecords({ goals: [], tickets }));
    expect([status, result!.roiMultiple, result!.recordedValue, result!.expansionSuggestion]).toEqual([
      'partial',
      null,
      null,
      null,
    ]);
    expect(dataGaps).toContainEqual({ fact: 'goals', reason: 'none recorded for the quarter (goals)' });
    expect(dataGaps).toContainEqual({
      fact: 'recorded value',
      reason: 'no goal met in 2025-Q4 has a valueAmount (goals)',
    });
    expect(markdown).toContain('No value is recorded for goals met in the quarter; fees 12,000 USD');
  });

  it('looks at goals as they stood when the quarter closed', () => {
    const goals = [
      goal('g', 30),
      { ...goal('g', 100), effectiveAt: at('2026-02-01') },
      goal('old', 100, { achievedAt: day('2025-09-01'), valueAmountMinor: 1 }),
      goal('new', 10, { createdAt: at('2026-01-15') }),
      goal('off', 10, { status: 'dropped' }),
    ];
    const { result } = run(withRecords({ goals }));
    expect(result!.goals).toEqual([
      { goalId: 'g', title: 'Goal g', dueDate: null, progressPct: 30, outcome: 'missed' },
    ]);
  });

  it('tells the customer of no goal as missed whose date lies beyond the quarter', () => {
    const goals = [
      goal('later', 30, { targetDate: day('2026-06-30') }),
      goal('past', 30, { targetDate: day('2025-12-15') }),
    ];
    const { result, markdown } = run(withRecords({ goals }));
    expect(result!.goals.map(({ outcome }) => outcome)).toEqual(['missed', 'missed']);
    expect(markdown).toContain('Of 2 goals: 1 under way, 1 missed.');
    expect(markdown).toContain('| Goal later | 2026-06-30 | 30 % | under way |');
    expect(markdown).toContain('- "Goal past" reached 30 % of the way, due on 2025-12-15.');
  });

  it('counts the value of a goal once: not again where it was met before the quarter began', () => {
    const goals = [
      goal('before', 110, { valueAmountMinor: 500_000, status: 'achieved' }),
      goal('within', 0, { valueAmountMinor: 700_000 }),
      { ...goal('within', 100, { valueAmountMinor: 700_000, status: 'achieved' }), effectiveAt: at('2025-11-01') },
      goal('dated', 100, { valueAmountMinor: 100_000, achievedAt: day('2025-12-01') }),
    ];
    const { result, dataGaps } = run(withRecords({ goals }));
    expect(result!.recordedValue).toBe(8_000);
    expect(dataGaps.map(({ fact }) => fact)).not.toContain('date of achievement');
  });

  it('recommends with numbers: goal feature, sponsor, theme, seats', () => {
    const tickets = ['a', 'b', 'c'].map((ticketId) => ({
      ticketId,
      openedAt: at('2025-11-10'),
      resolvedAt: at('2025-11-11'),
      theme: 'import',
    }));
    const { result, markdown } = run(withRecords({ tickets, contacts: [{ contactId: 'u1' }] }));
    const { recommendations } = result!;
    expect(recommendations.map(({ id }) => id).slice(1)).toEqual([
      'training',
      'sponsor_introduction',
      'root_cause',
      'rollout_or_right_size',
    ]);
    expect(recommendations[0]).toMatchObject({
      id: 'working_session',
      figure: 0,
      dimension: 'adoption',
      play: 'engagement_rescue',
    });
    for (const each of recommendations) expect(each.text).toContain(String(each.figure));
    expect(recommendations[3]).toMatchObject({
      text: 'Find the root cause of "import": 3 tickets in the quarter',
      evidence: ['a', 'b', 'c'],
    });
    expect(result!.support).toMatchObject({ opened: 3, resolved: 3, medianHours: 24 });
    expect(markdown).toContain('- Support: 3 tickets opened, 3 resolved, half of them within 24 hours.');
  });

  it('fills up to three recommendations with goals short of their target', () => {
    const { result } = run({
      ...account,
      catalogue: catalogue({ features: [feature('report')] }),
      kinds: ['accounts', 'events', 'goals', 'subscriptions'],
      records: {
        subscriptions: [{ ...account.records!.subscriptions![0]!, seats: null }],
        goals: account.records!.goals!,
      },
    });
    expect(result!.recommendations.map(({ id, figure }) => [id, figure])).toEqual([
      ['working_session', 0],
      ['goal_follow_up', 60],
      ['goal_follow_up', 20],
    ]);
  });

  it('names urgent tickets and incidents, and keeps falling dimensions and people out of the document', () => {
    const { result, markdown } = run(
      withRecords({
        tickets: [{ ticketId: 'T7', openedAt: at('2025-10-02'), priority: 'P2' }],
        incidents: [
          { incidentId: 'I1', startedAt: at('2025-12-30'), resolvedAt: at('2025-12-31'), severity: 'P1' },
          { incidentId: 'I2', startedAt: at('2026-01-02'), severity: 'P1' },
        ],
      }),
    );
    const kinds = result!.challenges.map(({ kind, internal }) => [kind, internal]);
    expect(kinds).toContainEqual(['urgent_ticket', false]);
    expect(kinds).toContainEqual(['incident', false]);
    expect(markdown).toContain('- 1 incident (P1 or P2): I1.');
    expect(markdown).not.toMatch(/dimension|champion|at risk/);
  });

  it('lists dimensions that fell by five points or more, for ourselves', () => {
    // daily use until the autumn, hardly any in the quarter
    const daily: TestEvent[] = [];
    for (let d = day('2025-06-01'); d < day('2025-10-01'); d++) daily.push({ day: d, user: 'u', event: 'report' });
    const { result, markdown } = run({
      ...account,
      events: [...daily, { day: '2025-12-20', user: 'u', event: 'report' }],
    });
    const down = result!.challenges.filter(({ kind }) => kind === 'dimension_down');
    expect(down.map(({ text }) => text.split(' ')[0])).toContain('engagement');
    expect(markdown).not.toContain(down[0]!.text);
  });

  it('suggests room to grow once, only while every gate is met', () => {
    const growing = withRecords(
      {},
      {
        events: [
          ...events,
          ...Array.from({ length: 55 }, (_, i) => ({ day: '2026-03-20', user: `u${i}`, event: 'report' })),
        ],
      },
    );
    const { measured } = skillContext(quarterlyBusinessReview, growing);
    const withGates = (met: boolean | undefined) =>
      run(growing, {
        measured: {
          ...measured,
          gates: [{ id: 'health_score', met, detail: '' }],
          value: { ...measured.value, seats: 6, fullMinor: { value: 300_000 }, currency: 'USD' },
        },
      }).result!;
    expect(withGates(true).expansionSuggestion).toBe(
      '55 of 60 seats are in use; 6 more would leave room to grow, 3,000 USD a year',
    );
    expect(withGates(true).slides).toHaveLength(10);
    expect([withGates(false).expansionSuggestion, withGates(undefined).expansionSuggestion]).toEqual([null, null]);
  });

  it('has 8 to 10 slides', () => {
    expect(run(withRecords({ goals: [] })).result!.slides).toHaveLength(8);
    expect(run().result!.slides).toHaveLength(9);
  });

  it('does not multiply values and fees of different currencies', () => {
    const subscriptions = account.records!.subscriptions!.map((each) => ({ ...each, currency: 'EUR' }));
    const { result, dataGaps } = run(withRecords({ subscriptions }));
    expect([result!.roiMultiple, result!.fees, result!.recordedValue]).toEqual([null, null, 30_000]);
    expect(dataGaps).toContainEqual({ fact: 'roi', reason: 'value in USD, fees in EUR, and no rate is given' });
  });

  it('has no quarter to review for an account that began after it', () => {
    const { status, reasons, result, dataGaps, actions } = run({
      ...account,
      created: '2026-01-02',
      events: [],
      records: {},
    });
    expect([status, reasons, result, actions]).toEqual(['insufficient_data', ['no_complete_quarter'], null, []]);
    expect(dataGaps[0]!.reason).toBe('the account began on 2026-01-02, after 2025-Q4 ended on 2025-12-31 (accounts)');
  });

  it('names the records that were never imported', () => {
    const { dataGaps, result } = run({ ...account, kinds: ['accounts'], records: {}, coveredFrom: '2026-01-01' });
    expect(dataGaps.map(({ fact }) => fact)).toEqual([
      'goals',
      'usage change',
      'support',
      'nps',
      'recorded value',
      'fees',
    ]);
    expect([result!.support, result!.usage[0]!.now]).toEqual([null, null]);
  });

  it('leaves what people wrote inert', () => {
    const hostile = '# <b>x</b> | [a](b)';
    const tickets = ['a', 'b', 'c'].map((ticketId) => ({ ticketId, openedAt: at('2025-11-10'), theme: hostile }));
    const { markdown } = run(withRecords({ goals: [goal('g', 10, { title: hostile })], tickets }));
    expect(markdown).not.toMatch(/<b>|\[a\]\(b\)/);
  });
});
