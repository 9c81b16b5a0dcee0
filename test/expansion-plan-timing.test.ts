/** When a plan proposes: its triggers with their dates, the four times to avoid, and business days wherever the account is. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClearedPlan } from '../src/core/plan/plan.ts';
import { type Day, isBusinessDay, parseDay } from '../src/core/time/calendar.ts';
import { at, day, type TestAccount } from './build-account.ts';
import {
  changed,
  cleared,
  fallen,
  type PlanOptions,
  planFor,
  priceBook,
  type Records,
  ready,
  refused,
  withNotes,
} from './fixtures/plan-accounts.ts';

type Note = NonNullable<Records['notes']>[number];

/** The account of the API case, full seats and a promoter instead of a request: its timing is ours to choose. */
function unasked(records: Partial<Records> = {}): TestAccount {
  const notes = ready().records!.notes!.filter((note) => note.noteId !== 'n4');
  const surveys = [{ surveyId: 'v1', kind: 'nps' as const, score: 10, contactId: 'c1', answeredAt: at('2026-03-10') }];
  return changed(ready(), { notes, surveys, ...records });
}

function account(extra: Partial<NonNullable<Records['accounts']>[number]>): Partial<Records> {
  return { accounts: [{ ...ready().records!.accounts![0]!, ...extra }] };
}

function note(noteId: string, on: string, extra: Partial<Note>): Note {
  return { noteId, at: at(on), author: 'csm', contactId: 'c1', kind: 'call', text: 'Noted.', ...extra };
}

const timingOf = (given: TestAccount) => cleared(planFor(given)).approach.timing;

describe('the trigger', () => {
  const [achieved, open] = ready().records!.goals!;
  const joined = { contactId: 'c9', name: 'Ana Ruiz', title: 'Depot Planner', createdAt: at('2026-03-20') };

  test.each<[string, TestAccount, string, string, string]>([
    ['a request', ready(), 'feature_request', '2026-03-24', 'answer Mara Lind, Head of Fleet Data'],
    [
      'a milestone',
      unasked({ goals: [{ ...achieved!, achievedAt: day('2026-03-16') }, open!] }),
      'success_milestone',
      '2026-03-16',
      'the goal "Fewer unplanned stops", reached on 2026-03-16',
    ],
    [
      'a new colleague',
      unasked({ contacts: [...ready().records!.contacts!, joined] }),
      'new_joiner',
      '2026-03-20',
      'Ana Ruiz, Depot Planner, joined on 2026-03-20 and needs access',
    ],
    [
      'the planning cycle, a quarter before the fiscal year',
      unasked(account({ fiscalYearStartMonth: 8 })),
      'planning_cycle',
      '2026-05-01',
      'planning for the next year, from 2026-05 (fiscal year from month 8)',
    ],
    [
      'a budget',
      withNotes(unasked(), note('b1', '2026-03-02', { author: 'customer', tags: ['budget_timing:2026-05-18'] })),
      'budget',
      '2026-05-18',
      'the budget talk the customer dated 2026-05-18',
    ],
    [
      'the next review in the rhythm of the others',
      unasked(),
      'business_review',
      '2026-05-26',
      'the next review, about 2026-05-26 (one every 91 days, last 2026-02-24)',
    ],
    [
      'a renewal that comes before that review',
      unasked({ subscriptions: [{ ...ready().records!.subscriptions![0]!, renewalDate: day('2026-06-02') }] }),
      'business_review',
      '2026-04-07',
      'a review brought forward, before the renewal on 2026-06-02',
    ],
  ])('is %s, with its date', (_, given, kind, date, text) => {
    const { trigger, proposeOn } = timingOf(given);
    expect([trigger.kind, trigger.date]).toEqual([kind, date]);
    expect(trigger.text).toContain(text);
    expect(proposeOn > '2026-03-31').toBe(true);
    if (trigger.text !== 'a business review, to be arranged') expect(trigger.evidence).not.toEqual([]);
  });

  test('is said once: the calendar beside it names what else is dated', () => {
    const budget = note('b1', '2026-03-02', { author: 'customer', tags: ['budget_timing:2026-05-18'] });
    const { reason, calendar, decision } = timingOf(withNotes(unasked(account({ planningMonths: [9] })), budget));
    expect(reason).toBe('the budget is decided on 2026-05-18, and the proposal comes before it');
    expect(calendar).toEqual([
      'planning from 2026-09 (planning months of the account)',
      'renewal 2026-11-04, 7 months away',
    ]);
    expect(decision).toEqual({ date: '2026-05-18', text: 'the budget of 2026-05-18' });
  });
});

describe('the four times to avoid', () => {
  test('are shown, each with what was found', () => {
    expect(timingOf(ready()).avoid.map((check) => check.text)).toEqual([
      'support escalation: none',
      'incident: none open',
      'contentious renewal: none, renewal 2026-11-04',
      'distracted champion: no leave or reorganisation recorded for Mara Lind',
    ]);
  });

  test('hold everything while an escalation or an incident is open', () => {
    const ticket = {
      ticketId: 't2',
      openedAt: at('2026-03-27'),
      escalatedAt: at('2026-03-28'),
      subject: 'Export fails',
    };
    const escalated = planFor(changed(ready(), { tickets: [ticket] }));
    const holds = refused(escalated).healthCheck.gates.find((gate) => gate.id === 'holds')!;
    expect(holds.detail).toBe('1 escalated ticket open: "Export fails" since 2026-03-28');
    expect(holds.evidence).toEqual([{ kind: 'tickets', ids: ['t2'] }]);
    const incident = { incidentId: 'i1', startedAt: at('2026-03-30'), severity: 'P1' as const };
    const down = refused(planFor(changed(ready(), { incidents: [incident] })));
    expect(down.healthCheck.gates.find((gate) => gate.id === 'holds')).toMatchObject({
      detail: '1 incident open, since 2026-03-30',
      evidence: [{ kind: 'incidents', ids: ['i1'] }],
    });
  });

  test('name an escalation that is over, and wait for the days after it', () => {
    const ticket = (resolved: string) => ({
      ticketId: 't2',
      openedAt: at('2026-03-02'),
      escalatedAt: at('2026-03-03'),
      resolvedAt: at(resolved),
    });
    const waits = refused(planFor(changed(ready(), { tickets: [ticket('2026-03-27')] })));
    expect(waits.recovery).toMatchObject({ reassessOn: '2026-04-06' }); // the 8th day after is a Saturday
    expect(waits.recovery.targets[0]).toMatchObject({ gate: 'holds', earliestDate: '2026-04-04' });
    expect(waits.recovery.sequence).toContain('nothing to repair: waits for the hold to end');
    const over = timingOf(changed(ready(), { tickets: [ticket('2026-03-16')] }));
    expect(over.avoid[0]).toMatchObject({
      inForce: false,
      text: 'support escalation: none open, last closed 2026-03-16',
      evidence: [{ kind: 'tickets', ids: ['t2'] }],
    });
  });

  test('are unknown, not absent, where nothing was imported', () => {
    const kinds = ['accounts', 'contacts', 'events', 'subscriptions', 'surveys', 'goals', 'notes', 'invoices'] as const;
    const { tickets: _, incidents: __, ...records } = ready().records!;
    const { avoid } = timingOf({ ...ready(), kinds: [...kinds], records });
    expect(avoid.slice(0, 2).map((check) => [check.inForce, check.text])).toEqual([
      [null, 'support escalation: unknown, no tickets imported'],
      [null, 'incident: unknown, no incidents imported'],
    ]);
  });

  test('carry the note behind a contentious renewal, and the first day without it', () => {
    const given = withNotes(ready(), note('n8', '2026-03-25', { tags: ['contentious_renewal'] }));
    const check = timingOf(given).avoid.find((each) => each.id === 'contentious_renewal');
    expect(check).toMatchObject({
      inForce: true,
      text: 'contentious renewal: noted on 2026-03-25, over on 2026-11-04',
      clearFrom: '2026-11-04',
      evidence: [{ kind: 'notes', ids: ['n8'] }],
    });
  });
});

/** Every date at which a plan asks somebody to do something. */
function dates(plan: ClearedPlan): string[] {
  return [
    plan.approach.timing.proposeOn,
    ...plan.executionPlan.map((step) => step.date),
    ...plan.successCriteria.map((criterion) => criterion.targetDate),
  ];
}

function withHolidays(given: TestAccount, holidays: readonly Day[]): TestAccount {
  return { ...given, catalogue: priceBook({ holidays: new Set(holidays) }) };
}

describe('business days', () => {
  const EASTER = ['2026-04-03', '2026-04-06'].map(day);

  test('are those of an account at UTC+13, where it is a day later: a Good Friday there', () => {
    const tonga = changed(withHolidays(ready(), EASTER), account({ timeZone: 'Pacific/Tongatapu' }));
    const options: PlanOptions = { hour: 12 }; // Thursday noon in UTC, one o'clock on Friday morning there
    const plan = cleared(planFor({ ...tonga, today: '2026-04-02' }, options));
    expect([plan.today, plan.timeZone]).toEqual(['2026-04-03', 'Pacific/Tongatapu']);
    // five business days from Friday, 3 April: 7, 8, 9, 10 and Monday, 13 April
    expect(plan.approach.timing.proposeOn).toBe('2026-04-13');
    expect(plan.executionPlan[0]!.date).toBe('2026-04-07');
    for (const date of dates(plan))
      expect([date, isBusinessDay(parseDay(date)!, new Set(EASTER))]).toEqual([date, true]);
    const there = cleared(planFor({ ...ready(), today: '2026-04-02' }, options));
    expect([there.today, there.approach.timing.proposeOn]).toEqual(['2026-04-02', '2026-04-09']);
  });

  test('hold for the day of a reassessment as well', () => {
    const lost = { ...fallen(), today: '2026-03-31' };
    const plain = refused(planFor(lost)).recovery.reassessOn!;
    expect(plain).toBe('2026-06-29');
    const holidays = ['2026-06-29', '2026-06-30'].map(day);
    expect(refused(planFor(withHolidays(lost, holidays))).recovery.reassessOn).toBe('2026-07-01');
  });

  test('move the review when its day in month 3 is a holiday', () => {
    const review = (holidays: Day[]) => cleared(planFor(withHolidays(ready(), holidays))).executionPlan.at(-1)!.date;
    expect(review([])).toBe('2026-06-24');
    expect(review([day('2026-06-24')])).toBe('2026-06-25');
  });

  test('for any holidays and time zone: no date of a plan lies on a day off, before today, or out of order', () => {
    const base = ready();
    const spring = fc.array(fc.integer({ min: day('2026-04-01'), max: day('2026-08-31') }), { maxLength: 40 });
    const zones = fc.constantFrom('UTC', 'Pacific/Kiritimati', 'Pacific/Midway', 'Asia/Kolkata', 'America/New_York');
    fc.assert(
      fc.property(spring, zones, fc.integer({ min: 0, max: 23 }), (holidays, timeZone, hour) => {
        const given = changed(withHolidays(base, holidays), account({ timeZone }));
        const plan = cleared(planFor(given, { hour }));
        for (const date of dates(plan)) {
          expect(isBusinessDay(parseDay(date)!, new Set(holidays)), date).toBe(true);
          expect(date >= plan.today, date).toBe(true);
        }
        const steps = plan.executionPlan.map((step) => step.date);
        expect(steps).toEqual([...steps].sort());
      }),
      { numRuns: 25, seed: 3 },
    );
  });
});
