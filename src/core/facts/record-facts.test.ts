/** Facts read from notes, products and the records behind the skills' calculations (contract.md section 1, skills.md A10, B). */
import { describe, expect, it } from 'vitest';
import {
  at,
  buildAccount,
  catalogue,
  clock,
  day,
  feature,
  type TestAccount,
  type TestEvent,
} from '../../../test/build-account.ts';
import type { NoteRecord } from '../records/record.ts';
import { firstDaysKnown } from './first-day.ts';
import { type AccountMeasures, measureAccount } from './measure-account.ts';
import { latestTagValue, openBlockers, statedTimeline } from './note-tags.ts';

const TODAY = '2026-03-31';
const today = day(TODAY);
const D = today - 1;

function measure(account: Partial<TestAccount> = {}): AccountMeasures {
  const built = buildAccount({ today: TODAY, created: '2025-06-01', ...account });
  return measureAccount(built.source, built.view.instant, today, built.workspace);
}

let noteCount = 0;
const note = (on: string, tags: string[], more: Partial<NoteRecord> = {}): NoteRecord => ({
  noteId: `n${++noteCount}`,
  accountId: 'acc',
  at: at(on),
  text: `note of ${on}`,
  tags,
  ...more,
});

describe('note tags', () => {
  it('give the latest word: of two stated dates the later note counts', () => {
    const notes = [
      note('2026-03-10', ['expansion_timeline:2026-09-01']),
      note('2026-02-10', ['expansion_timeline:2026-05-01']),
    ];
    expect(statedTimeline(notes)).toBe(day('2026-09-01'));
    expect(latestTagValue(notes, 'expansion_timeline')!.note.noteId).toBe(notes[0]!.noteId);
    expect([statedTimeline([]), statedTimeline([note('2026-03-10', ['expansion_timeline'])])]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('name open blockers, the worst first, each type by its latest note within 90 days', () => {
    const notes = [
      note('2026-03-01', ['blocker:feature_gap:low']),
      note('2026-03-10', ['blocker:feature_gap:high'], { text: 'SSO required' }),
      note('2026-03-11', ['blocker:budget']),
      note('2026-02-01', ['blocker:legal:high']),
      note('2026-03-12', ['blocker:legal:resolved']),
      note('2025-12-01', ['blocker:timing:high']), // 120 days ago
    ];
    expect(openBlockers(notes, today, 90, clock)).toEqual([
      {
        type: 'feature_gap',
        impact: 'high',
        description: 'SSO required',
        since: day('2026-03-10'),
        sourceId: notes[1]!.noteId,
      },
      {
        type: 'budget',
        impact: 'medium',
        description: 'note of 2026-03-11',
        since: day('2026-03-11'),
        sourceId: notes[2]!.noteId,
      },
    ]);
  });
});

describe('the first day', () => {
  const created = at('2026-02-10');
  const records = (extra: object = {}) =>
    buildAccount({ today: TODAY, records: { accounts: [{ name: 'Acme', createdAt: created } as never], ...extra } });

  it('is the earlier of creation and first record, from the moment that record was known', () => {
    const late = { noteId: 'n', at: at('2026-01-05'), text: '', receivedAt: at('2026-03-01') };
    const { source, view } = records({ notes: [late] });
    expect([source.firstDay, view.firstDay]).toEqual([day('2026-01-05'), day('2026-01-05')]);
    expect(source.viewAt(at('2026-02-20'), day('2026-02-20')).firstDay).toBe(day('2026-02-10'));
    expect(source.viewAt(at('2026-03-02'), day('2026-03-02')).firstDay).toBe(day('2026-01-05'));
  });

  it('follows late events too, and is known step by step', () => {
    const { source } = buildAccount({
      today: TODAY,
      records: { accounts: [{ name: 'Acme', createdAt: created } as never] },
      events: [
        { day: '2026-02-12', user: 'u', event: 'f' },
        { day: '2026-02-01', user: 'u', event: 'f', receivedAt: at('2026-02-20') },
      ],
    });
    const on = (text: string) => source.viewAt(at(text), day(text)).firstDay;
    expect([on('2026-02-15'), on('2026-02-21')]).toEqual([day('2026-02-10'), day('2026-02-01')]);
    expect(
      firstDaysKnown(
        {
          accountId: 'x',
          accounts: [],
          contacts: [],
          subscriptions: [],
          tickets: [],
          incidents: [],
          surveys: [],
          goals: [],
          notes: [],
          invoices: [],
        },
        [],
        clock,
      ),
    ).toEqual([]);
  });
});

describe('a further product', () => {
  const cat = catalogue({
    products: [
      { id: 'main', name: 'Main' },
      { id: 'flow', name: 'Flow' },
    ],
    features: [
      feature('reports', { tags: ['analytics'] }),
      feature('boards'),
      feature('flows', { product: 'flow', tags: ['automation'], neighbours: ['reports'] }),
    ],
  });
  const subscriptions = [
    {
      subscriptionId: 's',
      plan: 'team',
      status: 'active' as const,
      seats: 10,
      startedAt: at('2025-06-01'),
      product: 'main',
    },
  ];
  const goal = (goalId: string, tags: string[]) => ({ goalId, title: goalId, createdAt: at('2026-01-01'), tags });
  const used: TestEvent[] = [D - 3, D - 2].map((on) => ({ day: on, user: 'u', event: 'reports' }));

  it('fits 75 for half the goals, its neighbour in use, no peers and a request: the worked example', () => {
    const { multiProduct } = measure({
      catalogue: cat,
      events: used,
      records: {
        subscriptions,
        goals: [goal('g1', ['automation']), goal('g2', ['analytics'])],
        notes: [{ noteId: 'n', at: at('2026-03-20'), text: '', author: 'customer', tags: ['feature_request:flows'] }],
      },
    });
    expect(multiProduct).toEqual({ fit: { value: 75 }, opportunity: { value: true }, productId: 'flow' });
  });

  it('is no opportunity where it is owned, where there is none, or where nothing is bought', () => {
    const owned = measure({
      catalogue: cat,
      events: used,
      records: { subscriptions: [...subscriptions, { ...subscriptions[0]!, subscriptionId: 's2', product: 'flow' }] },
    });
    expect(owned.multiProduct.opportunity.value).toBe(false);
    expect(measure({ records: { subscriptions } }).multiProduct.opportunity.value).toBe(false);
    expect(measure({ catalogue: cat }).multiProduct.opportunity.value).toBe(false);
    expect(measure({ catalogue: cat, kinds: ['accounts', 'events'] }).multiProduct.opportunity).toMatchObject({
      value: undefined,
      reason: 'no subscriptions imported',
    });
  });
});

describe('time to value', () => {
  const cat = catalogue({
    milestones: [{ id: 'first_value', event: 'shared', count: 1, significance: 'major' }] as never,
    features: [feature('shared')],
  });
  const impact = (events: TestEvent[], segment?: string) =>
    measure({
      created: '2026-03-01',
      catalogue: cat,
      events,
      records: { accounts: [{ name: 'Acme', createdAt: at('2026-03-01'), ...(segment && { segment }) } as never] },
    }).impact;

  it('is the days to the first win, or those that passed without one; the target is longer for larger customers', () => {
    expect(impact([{ day: '2026-03-21', user: 'u', event: 'shared' }]).timeToValue.value).toBe(20);
    expect(impact([]).timeToValue.value).toBe(30);
    expect([
      impact([]).benchmark.value,
      impact([], 'mid').benchmark.value,
      impact([], 'enterprise').benchmark.value,
    ]).toEqual([14, 21, 28]);
  });
});

describe('renewal risk (A10)', () => {
  const risk = (daysToRenewal: number | undefined, more: TestAccount['records'] = {}) =>
    measure({
      records: {
        subscriptions: [
          {
            subscriptionId: 's',
            plan: 'team',
            status: 'active',
            seats: 10,
            startedAt: at('2025-06-01'),
            interval: 'year',
            amountMinor: 100_000,
            currency: 'USD',
            ...(daysToRenewal !== undefined && { renewalDate: today + daysToRenewal }),
          },
        ],
        ...more,
      },
    }).risk;
  const escalated = { tickets: [{ ticketId: 't', openedAt: at('2026-03-29'), escalatedAt: at('2026-03-29') }] };

  it('is a severity of medium or worse within 180 days; a far renewal settles it', () => {
    expect(risk(180, escalated)).toMatchObject({ severity: { value: 'high' }, renewalRisk: { value: true } });
    expect(risk(181, escalated).renewalRisk.value).toBe(false);
    expect(risk(undefined, escalated).renewalRisk).toMatchObject({ value: undefined, reason: 'no renewal date given' });
  });

  it('rises a step within 90 days of the renewal, and is unknown without health and signals', () => {
    expect([risk(90, escalated).severity.value, risk(89, escalated).severity.value]).toEqual(['high', 'critical']);
    expect(risk(100)).toMatchObject({ severity: { value: undefined }, renewalRisk: { value: undefined } });
  });
});

describe('what is read as of the instant', () => {
  it('a quiet period, a departure and an escalation of this morning count at once, use of today does not', () => {
    const m = measure({
      catalogue: catalogue({ features: [feature('f')] }),
      events: [{ day: today, user: 'u', event: 'f' }],
      records: {
        accounts: [{ name: 'Acme', createdAt: at('2025-06-01'), quietUntil: today + 5 } as never],
        tickets: [{ ticketId: 't', openedAt: at('2026-03-31T04:00:00Z'), escalatedAt: at('2026-03-31T05:00:00Z') }],
        contacts: [{ contactId: 'c', name: 'Ana', createdAt: at('2025-06-01'), roles: ['champion'], leftAt: today }],
      },
    });
    expect(m.conversation).toMatchObject({ quietUntil: today + 5, openEscalations: ['t'] });
    expect(m.people.departures!.map((each) => each.contactId)).toEqual(['c']);
    expect(m.adoption.monthlyActiveUsers.value).toBe(0);
  });
});
