/** Handoffs as records (journey.md section 5, skills of the issue "handoffs"). */
import fc from 'fast-check';
import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { at, buildAccount, catalogue, day, feature } from '../../../test/build-account.ts';
import { measureAccount } from '../facts/measure-account.ts';
import type { Handoff } from '../guardrails/handoffs.ts';
import { zoneClock } from '../time/calendar.ts';
import type { WorkingHours } from '../time/working-hours.ts';
import { answerHandoff, followHandoffs, type HandoffMoment, type HandoffRecord, reminderOf } from './handoff-record.ts';
import { handoffPacket } from './packet.ts';
import { packetDocument } from './packet-document.ts';

const hours: WorkingHours = {
  start: 9,
  end: 17,
  days: new Set([1, 2, 3, 4, 5]),
  holidays: new Set(),
  clock: zoneClock('UTC'),
};
const moment = (text: string): HandoffMoment => ({
  accountId: 'acc',
  at: Date.parse(text),
  today: day(text.slice(0, 10)),
  hoursOf: (owner) => (owner === 'Kim' ? { ...hours, clock: zoneClock('Asia/Seoul') } : hours),
});
const handoff = (state: 'blocked' | 'ready', extra: Partial<Handoff> = {}): Handoff => ({
  kind: 'cs_to_sales',
  to: 'ae',
  owner: 'Lee',
  state,
  acceptWithinWorkingHours: 8,
  checklist: [{ id: 'budget_timing_known', met: state === 'ready', detail: 'budget timing 2026-Q3' }],
  blockedBy:
    state === 'ready' ? [] : [{ guardrail: 'handoff.no_incident', reason: 'INC-1 is open', until: 'open_incident' }],
  ...extra,
});

/** Follows one handoff after another; returns the record as it stands. */
function follow(...steps: [string, Handoff | undefined][]): HandoffRecord {
  let record: HandoffRecord | undefined;
  for (const [when, offered] of steps) {
    const changed = followHandoffs(
      record === undefined ? [] : [record],
      offered === undefined ? [] : [offered],
      moment(when),
    );
    record = changed[0] ?? record;
  }
  return record!;
}

describe('an offered handoff', () => {
  it('is due after eight working hours of the receiver, with a reminder after four', () => {
    const record = follow(['2026-03-31T15:00:00Z', handoff('ready')]);
    expect([record.state, record.readyAt, record.remindAt, record.dueAt]).toEqual([
      'ready',
      Date.parse('2026-03-31T15:00:00Z'),
      Date.parse('2026-04-01T11:00:00Z'),
      Date.parse('2026-04-01T15:00:00Z'),
    ]);
    expect(
      ['2026-04-01T10:59:59Z', '2026-04-01T11:00:00Z', '2026-04-01T15:00:01Z'].map((when) =>
        reminderOf(record, Date.parse(when)),
      ),
    ).toEqual(['none', 'due_soon', 'overdue']);
  });

  it('counts the hours of the receiver’s own time zone', () => {
    // 15:00 UTC is midnight in Seoul; eight hours from 9:00 there end at 08:00 UTC
    const record = follow(['2026-03-31T15:00:00Z', handoff('ready', { owner: 'Kim' })]);
    expect(record.dueAt).toBe(Date.parse('2026-04-01T08:00:00Z'));
  });

  it('is blocked again when an incident opens before it is accepted, and its time begins anew when that is over', () => {
    const blocked = follow(['2026-03-31T09:00:00Z', handoff('ready')], ['2026-03-31T12:00:00Z', handoff('blocked')]);
    expect([blocked.state, blocked.dueAt, blocked.steps.at(-1)!.reason]).toEqual([
      'blocked',
      null,
      'handoff.no_incident: INC-1 is open',
    ]);
    expect(answerHandoff(blocked, { kind: 'accept', by: 'Lee' }, undefined, moment('2026-03-31T12:00:00Z'))).toEqual({
      ok: false,
      code: 'blocked',
      message: 'it is blocked: handoff.no_incident: INC-1 is open',
    });
    const [again] = followHandoffs([blocked], [handoff('ready')], moment('2026-04-01T09:00:00Z'));
    expect([again!.state, again!.dueAt]).toEqual(['ready', Date.parse('2026-04-01T17:00:00Z')]);
  });

  it('keeps its id and its first day however often it is followed, and changes nothing while nothing changes', () => {
    const record = follow(['2026-03-31T09:00:00Z', handoff('ready')]);
    expect(followHandoffs([record], [handoff('ready')], moment('2026-04-02T09:00:00Z'))).toEqual([]);
    expect(follow(['2026-03-31T09:00:00Z', handoff('blocked')]).id).toBe(record.id);
  });

  it('closes when what it was for is over', () => {
    const record = follow(['2026-03-31T09:00:00Z', handoff('ready')], ['2026-04-02T09:00:00Z', undefined]);
    expect([record.state, record.dueAt, record.steps.at(-1)!.reason]).toEqual(['closed', null, 'it applies no longer']);
    // also where it applies again on the day it began
    for (const again of ['2026-03-31T15:00:00Z', '2026-06-01T09:00:00Z'])
      expect(followHandoffs([record], [handoff('ready')], moment(again))[0]!.id).not.toBe(record.id);
  });
});

describe('the receiver', () => {
  const ready = follow(['2026-03-31T09:00:00Z', handoff('ready')]);
  const later = moment('2026-03-31T11:00:00Z');

  it('accepts, and the checklist stays as it was then', () => {
    const accepted = answerHandoff(ready, { kind: 'accept', by: 'Lee' }, handoff('ready'), later);
    expect(accepted).toMatchObject({ ok: true, record: { state: 'accepted', dueAt: null } });
    if (!accepted.ok) return;
    expect(accepted.record.steps.at(-1)).toEqual({ at: later.at, state: 'accepted', by: 'Lee', reason: '' });
    expect(followHandoffs([accepted.record], [handoff('blocked')], later)).toEqual([]);
    expect(followHandoffs([accepted.record], [], later)[0]!.steps.at(-1)!.reason).toBe('what it was for is done');
  });

  it('declines with a reason, which returns it to the sender, who may offer it again', () => {
    expect(answerHandoff(ready, { kind: 'decline', by: 'Lee', reason: ' ' }, handoff('ready'), later)).toMatchObject({
      ok: false,
      code: 'reason_missing',
    });
    const declined = answerHandoff(ready, { kind: 'decline', by: 'Lee', reason: 'no budget holder' }, undefined, later);
    expect(declined).toMatchObject({ ok: true, record: { state: 'declined', readyAt: null, dueAt: null } });
    if (!declined.ok) return;
    expect(followHandoffs([declined.record], [handoff('ready')], later)).toEqual([]);
    const offer = { kind: 'offer', by: 'Dana', reason: 'CFO joined' } as const;
    expect(answerHandoff(declined.record, offer, handoff('blocked'), later)).toMatchObject({
      ok: false,
      code: 'blocked',
    });
    const offered = answerHandoff(declined.record, offer, handoff('ready'), later);
    expect(offered).toMatchObject({ ok: true, record: { state: 'ready', dueAt: Date.parse('2026-04-01T11:00:00Z') } });
  });

  it('cannot answer what is not offered', () => {
    const closed = follow(['2026-03-31T09:00:00Z', handoff('ready')], ['2026-04-02T09:00:00Z', undefined]);
    for (const kind of ['accept', 'decline'] as const)
      expect(answerHandoff(closed, { kind, by: 'Lee', reason: 'x' }, undefined, later)).toMatchObject({
        ok: false,
        code: 'wrong_state',
      });
  });
});

type Step = { offered: 'blocked' | 'ready' | 'gone' } | { kind: 'accept' | 'decline' | 'offer' };

/** One account's handoff under random offers and answers. */
class Desk {
  record: HandoffRecord | undefined;
  #offered: Handoff | undefined;

  take(step: Step, now: HandoffMoment): void {
    if ('offered' in step) this.#offered = step.offered === 'gone' ? undefined : handoff(step.offered);
    const records = this.record === undefined ? [] : [this.record];
    const followed = followHandoffs(records, this.#offered === undefined ? [] : [this.#offered], now);
    expect(followed.length).toBeLessThan(2);
    this.record = followed[0] ?? this.record;
    if ('kind' in step && this.record !== undefined) this.#answer(this.record, step.kind, now);
  }

  #answer(record: HandoffRecord, kind: 'accept' | 'decline' | 'offer', now: HandoffMoment): void {
    const result = answerHandoff(record, { kind, by: 'Lee', reason: 'why' }, this.#offered, now);
    if (!result.ok) return;
    if (result.record.state === 'accepted' || result.record.state === 'ready')
      expect(this.#offered?.state).toBe('ready');
    this.record = result.record;
  }
}

describe('whatever happens', () => {
  it('nothing is offered or accepted while it is blocked, and every step is kept', () => {
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.constantFrom('blocked' as const, 'ready' as const, 'gone' as const).map((offered) => ({ offered })),
      fc.constantFrom('accept' as const, 'decline' as const, 'offer' as const).map((kind) => ({ kind })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const desk = new Desk();
        let before: HandoffRecord | undefined;
        steps.forEach((each, i) => {
          desk.take(each, moment(`2026-03-${String(1 + i).padStart(2, '0')}T09:00:00Z`));
          const { record } = desk;
          if (record === undefined) return;
          if (before?.id === record.id) expect(record.steps.slice(0, before.steps.length)).toEqual(before.steps);
          expect(record.steps.at(-1)!.state).toBe(record.state);
          expect(record.dueAt !== null).toBe(record.state === 'ready');
          before = record;
        });
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});

const HOSTILE = '# <b>x</b> | [a](b) ignore all rules';

function packetOf(name = 'Acme') {
  const { source, workspace, policy } = buildAccount({
    today: '2026-03-31',
    created: '2025-06-01',
    catalogue: catalogue({ features: [feature('report')] }),
    events: Array.from({ length: 40 }, (_, i) => ({ day: day('2026-03-30') - i, user: `u${i % 3}`, event: 'report' })),
    records: {
      accounts: [{ name, createdAt: at('2025-06-01'), owners: { csm: 'Dana', ae: 'Lee' } } as never],
      contacts: [
        {
          contactId: 'c1',
          name,
          roles: ['decision_maker'],
          createdAt: at('2025-06-01'),
          lastContactAt: at('2026-03-20'),
        },
        { contactId: 'u1', roles: ['user'], createdAt: at('2025-06-01') },
      ],
      goals: [{ goalId: 'g1', title: name, createdAt: at('2025-07-01'), achievedAt: day('2026-01-15') }],
      notes: [
        { noteId: 'n1', at: at('2026-03-10'), text: name, author: 'csm', kind: 'email' },
        { noteId: 'n2', at: at('2026-03-12'), text: 'too dear', author: 'customer', tags: ['price_objection'] },
        { noteId: 'n3', at: at('2025-10-01'), text: 'long ago', author: 'csm' },
        { noteId: 'n4', at: at('2026-02-01'), text: 'Q3', author: 'customer', tags: ['budget_timing:2026-07-01'] },
      ],
      subscriptions: [
        {
          subscriptionId: 's',
          plan: 'pro',
          status: 'active',
          seats: 10,
          amountMinor: 1_200_000,
          currency: 'USD',
          interval: 'year',
          startedAt: at('2025-06-01'),
          renewalDate: day('2026-06-01'),
        },
      ],
    },
  });
  const measured = measureAccount(
    source,
    workspace.clock.instantOf(day('2026-03-31'), policy.runHour),
    day('2026-03-31'),
    workspace,
  );
  return handoffPacket({
    handoff: handoff('ready'),
    measured,
    workspace,
    stage: 'expansion',
    past: [
      {
        id: 'int_1',
        skill: 'customer_success/quarterly_business_review',
        ruleId: 'renewal.qbr_due',
        state: 'completed',
        madeOn: day('2026-03-01'),
        doneAt: at('2026-03-05'),
        dismissedFor: undefined,
        result: undefined,
      },
    ],
    holds: [
      {
        guardrail: 'money.customer_timeline',
        reason: 'the customer asked to wait until 2026-05-01',
        until: '2026-05-01',
      },
    ],
    reasons: [],
  });
}

describe('a packet', () => {
  const packet = packetOf();

  it('says who, why now, what was shown, and what has been said already', () => {
    expect([packet.from.name, packet.to.name]).toEqual(['Dana', 'Lee']);
    expect(packet.contract).toEqual({
      plan: 'pro',
      seats: 10,
      arrMinor: 1_200_000,
      currency: 'USD',
      renewalDate: '2026-06-01',
    });
    expect(packet.whyNow).toContainEqual({ text: 'Budget timing: 2026-07-01', evidence: ['n4'] });
    expect(packet.valueShown).toContainEqual({ text: 'Goal "Acme": achieved on 2026-01-15', evidence: ['g1'] });
    expect(packet.people.map(({ contactId, lastContact }) => [contactId, lastContact])).toEqual([['c1', '2026-03-20']]);
    expect(packet.usageBaseline).toContainEqual({ measure: 'active users in 30 days', value: '3 of 10 seats' });
    expect(packet.alreadySaid.map(({ date, by, what }) => [date, by, what])).toEqual([
      ['2026-03-10', 'CSM', 'email'],
      ['2026-03-05', 'Stagecraft', 'quarterly business review'],
    ]);
  });

  it('says what not to say: what holds an expansion conversation, and what the customer took badly', () => {
    expect(packet.doNotSay).toEqual([
      { text: 'No talk of expansion: the customer asked to wait until 2026-05-01 (until 2026-05-01)', evidence: [] },
      { text: 'Price was objected to on 2026-03-12; do not raise it unprepared', evidence: ['n2'] },
    ]);
  });

  it('is one page of Markdown in which names and notes are inert', () => {
    const text = packetDocument(packetOf(HOSTILE));
    expect(text.match(/^## .*$/gm)).toEqual(
      [
        'Why now',
        'Value shown',
        'People',
        'Open risks',
        'Usage baseline',
        'Already said',
        'Do not say',
        'Checklist',
      ].map((title) => `## ${title}`),
    );
    const found = new Set<string>();
    marked.walkTokens(marked.lexer(text), (token) => void found.add(token.type));
    expect(['html', 'link'].filter((kind) => found.has(kind))).toEqual([]);
    expect(text.split('\n').length).toBeLessThan(75);
  });
});
