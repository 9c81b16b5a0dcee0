/** customer_success/success_plan_generator (skills.md B), with its worked examples. */
import { describe, expect, it } from 'vitest';
import { at, catalogue, day, feature, type TestAccount, type TestEvent } from '../../../../test/build-account.ts';
import { runOn } from '../../../../test/skill-context.ts';
import { formatDay } from '../../time/calendar.ts';
import type { PastIntervention } from '../skill.ts';
import { planDates, planTypeOf, successPlanGenerator } from './success-plan-generator.ts';

const today = '2026-03-31';
const lastDay = day(today) - 1;

const goal = (goalId: string, extra: object = {}) => ({
  goalId,
  title: `Goal ${goalId}`,
  createdAt: at('2026-01-10'),
  ...extra,
});
const contacts = [
  {
    contactId: 'ada',
    name: 'Ada',
    roles: ['admin' as const],
    createdAt: at('2026-01-05'),
    lastContactAt: at('2026-03-20'),
  },
  {
    contactId: 'sam',
    name: 'Sam',
    roles: ['executive_sponsor' as const],
    createdAt: at('2026-01-05'),
    lastContactAt: at('2026-03-20'),
  },
];
const subscription = {
  subscriptionId: 's',
  plan: 'pro',
  status: 'active' as const,
  seats: 4,
  startedAt: at('2026-01-05'),
  renewalDate: day('2027-01-05'),
};
/** Three users use the one feature every day. */
const events: TestEvent[] = [];
for (let d = lastDay - 40; d <= lastDay; d++)
  for (const user of ['u1', 'u2', 'u3']) events.push({ day: d, user, event: 'report' });

const account: TestAccount = {
  today,
  created: '2026-01-05',
  catalogue: catalogue({ features: [feature('report')] }),
  events,
  records: {
    accounts: [{ name: 'Acme', createdAt: at('2026-01-05'), owners: { csm: 'Kim', support: 'Lee' } }],
    contacts,
    subscriptions: [subscription],
    goals: [
      goal('late', { targetDate: day('2026-09-01') }),
      goal('soon', { targetDate: day('2026-05-10'), baseline: 0, current: 3, target: 10, unit: 'reports' }),
    ],
  },
};
const withRecords = (records: NonNullable<TestAccount['records']>, extra: Partial<TestAccount> = {}): TestAccount => ({
  ...account,
  ...extra,
  records: { ...account.records, ...records },
});
const idle = { ...subscription, seats: 10 };

describe('the dates', () => {
  it('plans 77 of 90 days: phases end 2026-04-26, 05-21 and 06-16, 13 days of buffer to 2026-06-29', () => {
    const { end, bufferDays, phaseEnds } = planDates(day(today), 90, 0.85);
    expect([formatDay(end), bufferDays, ...phaseEnds.map(formatDay)]).toEqual([
      '2026-06-29',
      13,
      '2026-04-26',
      '2026-05-21',
      '2026-06-16',
    ]);
  });

  it('stays within a plan of one day', () => {
    expect(planDates(day(today), 1, 0.85)).toEqual({
      end: day(today) + 1,
      bufferDays: 0,
      phaseEnds: [day(today), day(today) + 1, day(today) + 1],
    });
  });
});

describe('the type', () => {
  const p = { recoveryDays: 60, renewalDays: 90, onboardingDays: 90, expansionDays: 90 };
  it('is recovery at risk, before a renewal within 90 days, before onboarding, else expansion', () => {
    expect(planTypeOf('at_risk', 30, 'onboarding', p)).toEqual({ planType: 'recovery', days: 60 });
    expect(planTypeOf('critical', undefined, 'renewal', p).planType).toBe('recovery');
    expect(planTypeOf('neutral', 90, 'onboarding', p)).toEqual({ planType: 'renewal', days: 90 });
    expect(planTypeOf('neutral', 91, 'onboarding', p)).toEqual({ planType: 'onboarding', days: 90 });
    expect(planTypeOf(undefined, undefined, 'adoption', p)).toEqual({ planType: 'expansion', days: 90 });
  });

  it('is not a renewal once the date is reached', () => {
    expect([0, -5].map((left) => planTypeOf('neutral', left, 'adoption', p).planType)).toEqual([
      'expansion',
      'expansion',
    ]);
  });
});

describe('a run', () => {
  it('gives the worked example: two goals and one gap are three objectives in a plan to 2026-06-29', () => {
    const { status, result, actions, markdown } = runOn(successPlanGenerator, withRecords({ subscriptions: [idle] }));
    expect(result).toMatchObject({
      planType: 'expansion',
      startDate: '2026-03-31',
      endDate: '2026-06-29',
      bufferDays: 13,
      planStatus: 'draft',
    });
    expect(result!.objectives.map(({ id, source, dueDate, phase }) => [id, source, dueDate, phase])).toEqual([
      ['soon', 'recorded', '2026-05-10', 2],
      ['late', 'recorded', '2026-09-01', 3],
      ['gap:seats', 'computed', null, 3],
    ]);
    expect(result!.objectives[2]!.title).toBe('Bring 6 of the 10 seats into monthly use (today: 3)');
    expect([result!.objectiveIds, result!.objectiveDates]).toEqual([
      ['soon', 'late', 'gap:seats'],
      ['2026-05-10', '2026-09-01', null],
    ]);
    expect(result!.phases.map((phase) => phase.to)).toEqual(['2026-04-26', '2026-05-21', '2026-06-16']);
    expect(result!.phases.map((phase) => phase.from)).toEqual(['2026-03-31', '2026-04-27', '2026-05-22']);
    expect(result!.raci).toEqual({
      accountable: { role: 'csm', name: 'Kim' },
      responsible: { role: 'admin', name: 'Ada' },
      informed: { role: 'executive_sponsor', name: 'Sam' },
      consulted: { role: 'support', name: 'Lee' },
    });
    expect(status).toBe('ok');
    expect(actions[0]!.title).toBe('Agree the plan to 2026-06-29 with Acme: 3 objectives, 2 from its own goals');
    expect(actions.map(({ ownerRole, dueDate, channel, heldBy }) => [ownerRole, dueDate, channel, heldBy])).toEqual([
      ['csm', '2026-04-07', 'meeting', []],
      ['csm', '2026-04-28', 'task', []],
    ]);
    for (const line of [
      'Build on what works, from 2026-03-31 to 2026-06-29: 3 objectives (2 of them from recorded goals) in 90 days, the last 13 as buffer.',
      'This is a draft until both sides have signed it.',
      '| Accountable | CSM | Kim |',
      '- Due after the plan ends on 2026-06-29: "Goal late" (2026-09-01).',
      'closing review on 2026-06-29',
    ]) {
      expect(markdown).toContain(line);
    }
  });

  it('asks for goals by 2026-04-03 where there is neither goal nor gap', () => {
    const { status, reasons, result, dataGaps, actions } = runOn(successPlanGenerator, withRecords({ goals: [] }));
    expect([status, reasons, result]).toEqual(['insufficient_data', ['no_goal_no_gap'], null]);
    expect(dataGaps).toEqual([{ fact: 'goals', reason: 'no open goal recorded (goals)' }]);
    expect(actions.map(({ title, ownerRole, dueDate, channel }) => [title, ownerRole, dueDate, channel])).toEqual([
      ['Ask Acme for its goals, each with a figure and a date, and record them', 'csm', '2026-04-03', 'task'],
    ]);
  });

  it('fills up to three objectives in the order seats, goal feature, sponsor, milestone', () => {
    const cat = catalogue({
      features: [feature('report'), feature('export', { tags: ['bi'] })],
      milestones: [{ id: 'first_value', event: 'shared', count: 2, significance: 'major', dueDays: 30 }],
    });
    const goals = [goal('g', { tags: ['bi'] })];
    const run = (records: NonNullable<TestAccount['records']>, parameters = {}) =>
      runOn(successPlanGenerator, withRecords({ goals, contacts: [], ...records }, { catalogue: cat }), { parameters })
        .result!.objectives;
    expect(run({ subscriptions: [idle] }).map(({ id }) => id)).toEqual(['g', 'gap:seats', 'gap:features']);
    expect(run({}, { fillTo: 5 }).map(({ id }) => id)).toEqual([
      'g',
      'gap:features',
      'gap:sponsor',
      'gap:milestone:first_value',
    ]);
    expect(run({}, { fillTo: 5 })[3]).toMatchObject({
      title: 'Reach the milestone "first value": shared 2 times',
      source: 'computed',
      dueDate: '2026-02-04',
      phase: 1,
    });
  });

  it('takes the five goals due first, and none that is achieved or dropped', () => {
    const goals = [
      ...Array.from({ length: 6 }, (_, i) => goal(`g${i}`, { targetDate: day('2026-05-01') + 5 - i })),
      goal('done', { achievedAt: day('2026-03-01') }),
      goal('off', { status: 'dropped' }),
    ];
    const { result } = runOn(successPlanGenerator, withRecords({ goals }));
    expect(result!.objectives.map(({ id }) => id)).toEqual(['g5', 'g4', 'g3', 'g2', 'g1']);
  });

  it('runs to the renewal where that is 90 days away or nearer, and for 60 days at risk', () => {
    const near = { ...subscription, renewalDate: day('2026-05-30') };
    const renewal = runOn(successPlanGenerator, withRecords({ subscriptions: [near] })).result!;
    expect([renewal.planType, renewal.endDate, renewal.days]).toEqual(['renewal', '2026-05-30', 60]);
    const tickets = [{ ticketId: 't', openedAt: at('2026-03-20'), kind: 'cancellation' as const }];
    const risky = runOn(successPlanGenerator, withRecords({ subscriptions: [near], tickets }));
    expect([risky.result!.planType, risky.result!.endDate]).toEqual(['recovery', '2026-05-30']);
    expect(risky.markdown).not.toMatch(/recovery|at risk|score|cancel/i);
  });

  it('leaves commercial goals out while the expansion gates are not met', () => {
    const goals = [goal('more_seats', { tags: ['upsell'] }), goal('own')];
    const { result, reasons } = runOn(successPlanGenerator, withRecords({ goals }));
    expect(result!.objectives.map(({ id }) => id)).toEqual(['own']);
    expect([result!.withheldGoalIds, reasons]).toEqual([['more_seats'], ['commercial_goals_withheld']]);
    const kept = runOn(successPlanGenerator, withRecords({ goals }), { parameters: { commercialTags: [] } });
    expect(kept.result!.objectives).toHaveLength(2);
  });

  const signed = (
    result: Record<string, unknown>,
    state: PastIntervention['state'] = 'completed',
  ): PastIntervention => ({
    id: 'old',
    skill: 'customer_success/success_plan_generator',
    ruleId: 'adoption.new_use_case',
    state,
    madeOn: lastDay - 30,
    doneAt: undefined,
    dismissedFor: undefined,
    result,
  });

  it('alerts the CS manager once an objective is more than seven days past its date', () => {
    const run = (targetDate: string) =>
      runOn(successPlanGenerator, withRecords({ goals: [goal('g', { targetDate: day(targetDate) })] }));
    expect(run('2026-03-24').actions.some(({ channel }) => channel === 'alert')).toBe(false);
    const { actions, result } = run('2026-03-23');
    expect(actions.find(({ channel }) => channel === 'alert')).toMatchObject({
      title: 'Past their date by more than 7 days: Goal g (8 days)',
      ownerRole: 'csManager',
      dueDate: '2026-03-31',
      evidence: ['g'],
    });
    expect(result!.slipped).toEqual([{ id: 'g', title: 'Goal g', dueDate: '2026-03-23', daysLate: 8 }]);
  });

  it('holds an objective to the date of the signed plan, even where the goal was moved', () => {
    const old = {
      endDate: '2026-05-01',
      objectiveIds: ['soon', 5, 'late'],
      objectiveDates: ['2026-03-01', '2026-03-01', null],
    };
    const { result, reasons } = runOn(successPlanGenerator, account, { past: [signed(old)] });
    expect(result!.slipped).toEqual([{ id: 'soon', title: 'Goal soon', dueDate: '2026-03-01', daysLate: 30 }]);
    expect([result!.signedPlanUntil, reasons]).toEqual(['2026-05-01', ['signed_plan_in_force']]);
    const unsigned = runOn(successPlanGenerator, account, { past: [signed(old, 'delivered')] }).result!;
    expect([unsigned.slipped, unsigned.signedPlanUntil]).toEqual([[], null]);
  });

  it('plans from the gaps alone where goals were never imported, and asks for them', () => {
    const { status, dataGaps, result, actions } = runOn(
      successPlanGenerator,
      withRecords({ goals: [], subscriptions: [idle] }, { kinds: ['accounts', 'contacts', 'events', 'subscriptions'] }),
    );
    expect([status, result!.objectives.map(({ id }) => id)]).toEqual(['partial', ['gap:seats']]);
    expect(dataGaps).toContainEqual({ fact: 'goals', reason: 'no goals imported (goals)' });
    expect(actions.map(({ id, dueDate }) => [id.slice(0, 4), dueDate])).toContainEqual(['act_', '2026-04-03']);
  });

  it('names what may delay it in facts both sides see', () => {
    const tickets = [{ ticketId: 'T1', openedAt: at('2026-03-29'), escalatedAt: at('2026-03-30') }];
    const { result } = runOn(successPlanGenerator, withRecords({ contacts: [{ contactId: 'u1' }], tickets }));
    expect(result!.risks.map(({ id }) => id)).toEqual([
      'beyond_end',
      'unmeasured',
      'no_sponsor',
      'no_admin',
      'open_issue',
    ]);
    expect(result!.risks.find(({ id }) => id === 'open_issue')!.text).toBe('Open and urgent: T1');
  });

  it('leaves what people wrote inert', () => {
    const goals = [goal('g', { title: '# <b>x</b> | [a](b)', unit: '<i>', current: 1 })];
    const { markdown } = runOn(successPlanGenerator, withRecords({ goals }));
    expect(markdown).not.toMatch(/<b>|<i>|\[a\]\(b\)/);
  });

  it('refuses a buffer outside 10 to 20 %', () => {
    const parse = (usableShare: number) => successPlanGenerator.parameters.safeParse({ usableShare }).success;
    expect([0.79, 0.8, 0.9, 0.91].map(parse)).toEqual([false, true, true, false]);
  });
});
