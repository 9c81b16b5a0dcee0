/** The dimensions and parts of health that come from records alone (A7). */
import { describe, expect, it } from 'vitest';
import { at, buildAccount, day, type TestAccount } from '../../../test/build-account.ts';
import { contractOf } from '../facts/contract.ts';
import { commercial } from './commercial.ts';
import { publish } from './number.ts';
import { goalState, outcomes } from './outcomes.ts';
import { peopleOf } from './people.ts';
import { relationship } from './relationship.ts';
import { meetingScore, supportScore } from './support.ts';

const today = '2026-03-31';
const daysAgo = (days: number) => at(today) - days * 86_400_000;
const build = (records: TestAccount['records'], kinds?: TestAccount['kinds']) =>
  buildAccount({ today, ...(records && { records }), ...(kinds && { kinds }) });

describe('support part of engagement', () => {
  const score = (tickets: object[], incidents: object[] = []) => {
    const { view, workspace } = build({ tickets: tickets as never, incidents: incidents as never });
    return supportScore(view, workspace).score;
  };

  it('is 100 without tickets inside coverage, 90 with one old ticket', () => {
    expect(score([])).toBe(100);
    expect(score([{ ticketId: 't', openedAt: daysAgo(16) }])).toBe(90);
    expect(score([{ ticketId: 't', openedAt: daysAgo(15) }])).toBe(100);
  });

  it('deducts 20 for every open escalation or P1/P2 incident, but nothing for a P1 ticket that is not escalated', () => {
    expect(
      score(
        [{ ticketId: 't', openedAt: daysAgo(3), escalatedAt: daysAgo(2) }],
        [{ incidentId: 'i', startedAt: daysAgo(2), severity: 'P1' }],
      ),
    ).toBe(60);
    expect(
      score(
        [{ ticketId: 't', openedAt: daysAgo(3), priority: 'P1' }],
        [{ incidentId: 'i', startedAt: daysAgo(2), severity: 'P3' }],
      ),
    ).toBe(100);
    expect(score([{ ticketId: 't', openedAt: daysAgo(3), escalatedAt: daysAgo(2), resolvedAt: daysAgo(1) }])).toBe(100);
  });

  it('deducts 15 for three or more tickets in 30 days, more than 1.5 times those before', () => {
    const tickets = (ages: number[]) =>
      ages.map((age, i) => ({ ticketId: `t${i}`, openedAt: daysAgo(age), resolvedAt: daysAgo(age - 1) }));
    expect(score(tickets([2, 3, 4]))).toBe(85);
    expect(score(tickets([2, 3, 4, 40, 41]))).toBe(100);
    expect(score(tickets([2, 3]))).toBe(100);
  });

  it('does not fall under 0 and is unknown without tickets imported', () => {
    expect(
      score(
        Array.from({ length: 8 }, (_, i) => ({ ticketId: `t${i}`, openedAt: daysAgo(40), escalatedAt: daysAgo(39) })),
      ),
    ).toBe(0);
    const { view, workspace } = build({}, ['accounts', 'events']);
    expect(supportScore(view, workspace)).toMatchObject({ score: undefined, reason: 'no tickets imported' });
  });
});

describe('meetings part of engagement', () => {
  it('is the share held of those scheduled in 90 days, unknown where there was none', () => {
    const note = (noteId: string, tag: string, age: number) => ({ noteId, at: daysAgo(age), text: '', tags: [tag] });
    const { view, workspace } = build({
      notes: [
        note('1', 'meeting_held', 3),
        note('2', 'meeting_held', 30),
        note('3', 'meeting_held', 90),
        note('4', 'meeting_missed', 50),
        note('5', 'meeting_missed', 91),
      ],
    });
    expect(meetingScore(view, workspace).score).toBe(75);
    const none = build({});
    expect(meetingScore(none.view, none.workspace).reason).toBe('no meeting recorded in 90 days');
  });
});

describe('relationship', () => {
  const score = (records: TestAccount['records'], kinds?: TestAccount['kinds']) => {
    const { view, workspace } = build(records, kinds);
    return relationship(view, workspace, peopleOf(view, workspace));
  };
  const contacts = [
    { contactId: 's', roles: ['executive_sponsor' as const], lastContactAt: daysAgo(60) },
    { contactId: 'c', roles: ['champion' as const], lastContactAt: daysAgo(5) },
  ];
  const nps = (surveyId: string, given: number, age: number, contactId?: string) => ({
    surveyId,
    kind: 'nps' as const,
    score: given,
    answeredAt: daysAgo(age),
    ...(contactId && { contactId }),
  });

  it('is 79 for NPS 9 and 8, sponsor identified, champion active', () => {
    expect(score({ contacts, surveys: [nps('1', 9, 10, 's'), nps('2', 8, 20, 'c')] }).score).toBeCloseTo(79, 9);
  });

  it('takes the latest answer of each respondent within 180 days', () => {
    const survey = (surveys: ReturnType<typeof nps>[]) => score({ contacts, surveys }).parts.survey?.value;
    expect(survey([nps('1', 2, 100, 's'), nps('2', 10, 10, 's')])).toBe(95);
    expect(survey([nps('1', 2, 181, 's'), nps('2', 7, 180, 'c')])).toBe(70);
    expect(survey([nps('1', 2, 181, 's')])).toBeUndefined();
  });

  it('reads CSAT where there is no NPS', () => {
    const surveys = [{ surveyId: '1', kind: 'csat' as const, score: 4, answeredAt: daysAgo(3) }];
    expect(score({ contacts, surveys }).parts.survey?.value).toBe(75);
  });

  it('is unknown where neither contacts nor surveys were imported', () => {
    const result = score({}, ['accounts', 'events']);
    expect(result.score).toBeUndefined();
    expect(result.reason).toBe('no surveys imported; no contacts imported');
  });
});

describe('outcomes', () => {
  const goal = (goalId: string, extra: object) => ({ goalId, title: goalId, createdAt: daysAgo(50), ...extra });
  const half = { targetDate: day(today) + 50 };
  const score = (goals: object[]) => {
    const { view, workspace } = build({ goals: goals as never });
    return outcomes(view, workspace);
  };

  it('is 73 for a goal achieved and one .4 done at .5 of its time', () => {
    const result = score([
      goal('a', { achievedAt: day('2026-03-01') }),
      goal('b', { ...half, baseline: 10, target: 20, current: 14 }),
    ]);
    expect(result.parts.b?.value).toBeCloseTo(56, 9);
    expect(result.score).toBeCloseTo(73, 9);
  });

  it('caps a goal that is not achieved at 85 and does not fall under 0', () => {
    expect(score([goal('a', { ...half, baseline: 0, target: 10, current: 10 })]).score).toBe(85);
    expect(score([goal('a', { ...half, baseline: 5, target: 10, current: 1 })]).score).toBe(0);
  });

  it('measures pace against at least a tenth of the time', () => {
    const fresh = { createdAt: daysAgo(1), targetDate: day(today) + 100 };
    expect(score([goal('a', { ...fresh, baseline: 0, target: 100, current: 5 })]).score).toBeCloseTo(35, 9);
  });

  it('does not count an achievement that lies ahead, nor a goal that was dropped', () => {
    const ahead = { goalId: 'a', accountId: 'acc', title: '', createdAt: 0, achievedAt: day(today) + 1 };
    expect(goalState(ahead, day(today))).toBe('open');
    expect(score([goal('a', { status: 'dropped' })])).toMatchObject({ score: undefined, reason: 'no goal recorded' });
  });

  it('is unknown where most goals cannot be judged', () => {
    const result = score([
      goal('a', { achievedAt: day('2026-03-01') }),
      goal('b', half),
      goal('c', { ...half, baseline: 3, target: 3, current: 3 }),
    ]);
    expect(result.score).toBeUndefined();
    expect(result.reason).toBe('goal b: progress not known; goal c: progress not known');
  });
});

describe('commercial', () => {
  const subscription = {
    subscriptionId: 's',
    plan: 'pro',
    status: 'active' as const,
    seats: 5,
    amountMinor: 1_000,
    interval: 'year' as const,
    startedAt: at('2025-01-01'),
  };
  const invoice = (extra: object) => ({
    invoiceId: 'i',
    issuedAt: daysAgo(60),
    dueAt: day(today) - 45,
    amountMinor: 500,
    ...extra,
  });
  const score = (records: TestAccount['records'], renewalSigned = false, kinds?: TestAccount['kinds']) => {
    const { view, workspace } = build(records, kinds);
    return commercial(view, workspace, contractOf(view.subscriptions, view.today, workspace.clock), renewalSigned);
  };
  const withRenewal = (daysLeft: number) => [{ ...subscription, renewalDate: day(today) + daysLeft }];

  it('is 77 for an invoice paid late and 182 or more days left', () => {
    const result = score({ subscriptions: withRenewal(182), invoices: [invoice({ paidAt: day(today) - 40 })] });
    expect(result.score).toBeCloseTo(77, 9);
    expect(publish(result.score!)).toBe(77);
  });

  it('judges payment by the worst invoice', () => {
    const payment = (invoices: object[]) =>
      score({ subscriptions: withRenewal(400), invoices: invoices as never }).parts.payment?.value;
    const paid = invoice({ paidAt: day(today) - 50 });
    expect(payment([paid])).toBe(100);
    expect(payment([paid, invoice({ invoiceId: 'j', dueAt: day(today) - 30 })])).toBe(45);
    expect(payment([paid, invoice({ invoiceId: 'j', dueAt: day(today) - 31 })])).toBe(15);
    expect(payment([paid, invoice({ invoiceId: 'j', dueAt: day(today) - 31, status: 'void' })])).toBe(100);
    expect(payment([invoice({ paidAt: day(today) + 1 })])).toBe(15);
    expect(payment([])).toBeUndefined();
  });

  it('judges the term by the days left, a signed renewal as a full one', () => {
    const term = (daysLeft: number, signed = false) =>
      score({ subscriptions: withRenewal(daysLeft) }, signed).parts.term?.value;
    expect([term(365), term(182), term(91), term(90)]).toEqual([100, 80, 60, 40]);
    expect(term(90, true)).toBe(100);
    expect(score({ subscriptions: [{ ...subscription, interval: 'month' }] }).parts.term?.value).toBe(50);
    expect(score({ subscriptions: [subscription] }).parts.term).toMatchObject({
      value: undefined,
      reason: 'no renewal date given',
    });
  });

  it('is capped at 50 by a downgrade request while open and by a price complaint for 90 days', () => {
    const base = { subscriptions: withRenewal(400), invoices: [invoice({ paidAt: day(today) - 50 })] };
    const ticket = { ticketId: 't', openedAt: daysAgo(200), kind: 'downgrade' as const };
    const note = (age: number) => [{ noteId: 'n', at: daysAgo(age), text: '', tags: ['price_objection'] }];
    expect(score(base).score).toBe(100);
    expect(score({ ...base, tickets: [ticket] })).toMatchObject({ score: 50, cappedBy: 't' });
    expect(score({ ...base, tickets: [{ ...ticket, resolvedAt: daysAgo(1) }] }).score).toBe(100);
    expect(score({ ...base, notes: note(90) })).toMatchObject({ score: 50, cappedBy: 'n' });
    expect(score({ ...base, notes: note(91) }).score).toBe(100);
  });

  it('is unknown in a trial and without invoices and subscriptions', () => {
    const trial = { ...subscription, status: 'trialing' as const, trialEndsAt: day(today) + 5 };
    expect(score({ subscriptions: [trial] })).toMatchObject({ score: undefined, reason: 'in trial' });
    expect(score({}, false, ['accounts', 'events']).reason).toBe('no invoices imported; no subscriptions imported');
  });
});
