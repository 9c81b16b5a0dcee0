/** Signals for growth and signals of churn, limits, escalations, competitors and unlocks, read from records (skills.md A6-A8, B). */
import { describe, expect, it } from 'vitest';
import {
  at,
  buildAccount,
  catalogue,
  day,
  feature,
  type TestAccount,
  type TestEvent,
} from '../../../test/build-account.ts';
import { type AccountMeasures, measureAccount } from '../facts/measure-account.ts';
import type { NoteRecord } from '../records/record.ts';
import { competitorSignals, worstLevel } from './competitors.ts';
import { upgradeEligibleFrom } from './escalation.ts';
import { periodAround } from './limits.ts';

const TODAY = '2026-03-31';
const today = day(TODAY);
const D = today - 1;

function measure(account: Partial<TestAccount> = {}): AccountMeasures {
  const built = buildAccount({ today: TODAY, created: '2025-06-01', ...account });
  return measureAccount(built.source, built.view.instant, today, built.workspace);
}

type Note = Omit<NoteRecord, 'accountId'>;
let noteCount = 0;
const note = (daysAgo: number, more: Partial<Note> = {}): Note => ({
  noteId: `n${++noteCount}`,
  at: at('2026-03-31T05:00:00Z') - daysAgo * 86_400_000,
  text: '',
  author: 'customer',
  contactId: 'ana',
  kind: 'email',
  ...more,
});
const withNotes = (...notes: Note[]): Partial<TestAccount> => ({ records: { notes } });
const contact = (contactId: string, more: object = {}) => ({
  contactId,
  name: contactId,
  createdAt: at('2025-06-01'),
  ...more,
});
const subscription = (more: object = {}) => ({
  subscriptionId: 's1',
  plan: 'team',
  status: 'active' as const,
  seats: 40,
  startedAt: at('2025-06-01'),
  limits: {} as Record<string, number | null>,
  ...more,
});
const kinds = (measured: AccountMeasures) => measured.organic.signals.map((each) => each.kind);
const signalIds = (measured: AccountMeasures) => measured.signals.map((each) => `${each.severity} ${each.id}`);
/** One use a day of `event` by `users` users. */
const daily = (event: string, from: number, to: number, users = 1): TestEvent[] =>
  Array.from({ length: to - from + 1 }, (_, i) =>
    Array.from({ length: users }, (__, u) => ({ day: from + i, user: `u${u}`, event })),
  ).flat();

describe('limits (A6)', () => {
  const metered = (events: TestEvent[], limits: Record<string, number | null>, more: object = {}) =>
    measure({
      catalogue: catalogue({
        meters: [{ id: 'api_calls', event: 'api_call', amountProperty: 'count', unit: 'call', resets: 'month' }],
      }),
      events,
      records: { subscriptions: [subscription({ limits, ...more })] },
    }).limits;
  const calls = (on: number, count: number): TestEvent => ({
    day: on,
    user: 'u',
    event: 'api_call',
    properties: { count },
  });

  it('reads 8,200 of 10,000 at 300 a day with 10 days left as .82, reached in 6 days, on 2026-04-05', () => {
    // the period runs from the 10th; 300 a day in W(14), the rest before
    const events = [...Array.from({ length: 14 }, (_, i) => calls(D - i, 300)), calls(day('2026-03-12'), 4000)];
    const limits = metered(events, { api_calls: 10_000 }, { startedAt: at('2025-07-10') });
    const [use] = limits.meters;
    expect(use).toMatchObject({
      used: 8200,
      limit: 10_000,
      share: 0.82,
      pace: 300,
      daysLeft: 10,
      daysToLimit: 6,
      approaching: true,
    });
    expect([D + use!.daysToLimit!, limits.daysToLimit.value, limits.highestShare.value]).toEqual([
      day('2026-04-05'),
      6,
      0.82,
    ]);
    expect(use!.used! + use!.pace! * use!.daysLeft!).toBe(11_200);
  });

  it('is reached at 0 days, never at no pace, not applicable without a limit and not entitled at 0', () => {
    const at10 = [...Array.from({ length: 14 }, (_, i) => calls(D - i, 10))];
    expect(metered(at10, { api_calls: 100 }).meters[0]).toMatchObject({ daysToLimit: 0, approaching: true });
    expect(metered([calls(D - 29, 50)], { api_calls: 100 }).meters[0]).toMatchObject({
      pace: 0,
      daysToLimit: null,
      approaching: false,
    });
    expect(metered(at10, { api_calls: null })).toMatchObject({
      meters: [{ status: 'notApplicable' }],
      approaching: undefined,
    });
    expect(metered(at10, { api_calls: 0 }).meters[0]).toMatchObject({ status: 'notEntitled', approaching: false });
    expect(metered(at10, { exports: 5 }).meters[0]).toMatchObject({
      status: 'unknown',
      reason: "no meter 'exports' in the catalogue",
    });
  });

  it('approaches at 80 %, or when 14 days or fewer are left at this pace', () => {
    const events = Array.from({ length: 14 }, (_, i) => calls(D - i, 10)); // 140 used in March
    expect(metered(events, { api_calls: 175 }).approaching).toBe(true); // .80
    expect(metered(events, { api_calls: 280 }).meters[0]).toMatchObject({
      share: 0.5,
      daysToLimit: 14,
      approaching: true,
    });
    expect(metered(events, { api_calls: 281 }).meters[0]).toMatchObject({ daysToLimit: 15, approaching: false });
  });

  it('periods begin on the day of the month on which the subscription began, the month end where it is shorter', () => {
    const period = (on: string, resets: 'day' | 'week' | 'month' | 'year', anchor?: string) => {
      const { start, end } = periodAround(day(on), resets, anchor === undefined ? undefined : day(anchor));
      return [start, end];
    };
    expect(period('2026-02-28', 'month', '2025-08-31')).toEqual([day('2026-02-28'), day('2026-03-30')]);
    expect(period('2026-02-27', 'month', '2025-08-31')).toEqual([day('2026-01-31'), day('2026-02-27')]);
    expect(period('2026-03-30', 'month')).toEqual([day('2026-03-01'), day('2026-03-31')]);
    expect(period('2024-02-29', 'year', '2023-03-01')).toEqual([day('2023-03-01'), day('2024-02-29')]);
    expect(period('2026-04-01', 'week')).toEqual([day('2026-03-30'), day('2026-04-05')]);
    expect(period('2026-04-01', 'day')).toEqual([day('2026-04-01'), day('2026-04-01')]);
  });
});

describe('organic signals (A8)', () => {
  it('count the customer asking for a feature of a higher tier within 60 days, never what sales wrote', () => {
    const withRequest = (each: Note, plans = ['pro']) =>
      kinds(
        measure({
          catalogue: catalogue({ features: [feature('sso', { plans })] }),
          records: { subscriptions: [subscription()], notes: [each] },
        }),
      );
    const tags = ['feature_request:sso'];
    expect(withRequest(note(60, { tags }))).toEqual(['higher_tier_request']);
    expect(withRequest(note(61, { tags }))).toEqual([]);
    expect(withRequest(note(3, { tags, author: 'sales' }))).toEqual([]);
    expect(withRequest(note(3, { tags, author: 'csm' }))).toEqual(['higher_tier_request']); // heard from a contact
    const internal: Note = note(3, { tags, author: 'csm' });
    delete internal.contactId;
    expect(withRequest(internal)).toEqual([]);
    expect(withRequest(note(3, { tags }), ['team'])).toEqual([]); // has it already
  });

  it('count two attempts at a gated feature', () => {
    const attempts = (count: number) =>
      kinds(
        measure({
          catalogue: catalogue({ signals: { gated_attempt: ['feature_blocked'] } }),
          events: [{ day: D - 5, user: 'u', event: 'feature_blocked', count, properties: { feature: 'sso' } }],
        }),
      );
    expect([attempts(1), attempts(2)]).toEqual([[], ['higher_tier_request']]);
  });

  it('count seats used to 80 % or a limit nearly reached', () => {
    const seats = (licensed: number) =>
      kinds(
        measure({
          catalogue: catalogue({ features: [feature('f')] }),
          events: daily('f', D - 3, D, 8),
          records: { subscriptions: [subscription({ seats: licensed })] },
        }),
      );
    expect([seats(10), seats(11)]).toEqual([['limit_pressure'], []]);
  });

  it('count a team that grew by 10 % in 30 days, from five users on', () => {
    const grown = (before: number, after: number) =>
      kinds(
        measure({
          catalogue: catalogue({ features: [feature('f')] }),
          events: [...daily('f', D - 50, D - 31, before), ...daily('f', D - 10, D, after)],
        }),
      );
    expect([grown(10, 11), grown(11, 12), grown(4, 8)]).toEqual([['team_growth'], [], []]);
  });

  it('count two contacts with a sponsor or decision maker in 30 days, more than in the 30 before; messages nobody answered are none', () => {
    const seen = (...notes: Note[]) =>
      kinds(
        measure({ records: { contacts: [contact('ana', { roles: ['executive_sponsor'] }), contact('bob')], notes } }),
      );
    expect(seen(note(2), note(20))).toEqual(['executive_engagement']);
    expect(seen(note(2))).toEqual([]);
    expect(seen(note(2), note(20), note(40), note(50))).toEqual([]);
    expect(seen(note(2, { contactId: 'bob' }), note(20, { contactId: 'bob' }))).toEqual([]);
    expect(seen(note(2, { author: 'csm' }), note(20, { author: 'csm' }))).toEqual([]);
    const meeting: Partial<Note> = { author: 'csm', kind: 'meeting', tags: ['meeting_held', 'sponsor_attended'] };
    expect(seen(note(2, meeting), note(20, meeting))).toEqual(['executive_engagement']);
    expect(seen(note(2, { ...meeting, author: 'sales' }), note(20, { ...meeting, author: 'sales' }))).toEqual([]);
  });

  it('count NPS of 9 or more, a referral or a case study, and several of a kind once', () => {
    const survey = (score: number) => ({
      surveyId: `v${score}`,
      answeredAt: at('2026-03-20'),
      kind: 'nps' as const,
      score,
    });
    expect(kinds(measure({ records: { surveys: [survey(8)] } }))).toEqual([]);
    const both = measure({ records: { surveys: [survey(9)], notes: [note(4, { tags: ['referral'] })] } });
    expect([kinds(both), both.organic.count]).toEqual([['advocacy', 'advocacy'], 1]);
  });

  it('count a feature with an unseen tag used by two users, once there is a past to compare with', () => {
    const features = [feature('old', { tags: ['reporting'] }), feature('new', { tags: ['forecasting'] })];
    const used = (users: number, created = '2025-06-01') =>
      measure({
        created,
        catalogue: catalogue({ features }),
        events: [...daily('old', D - 40, D), ...daily('new', D - 5, D, users)],
      }).organic;
    expect([used(2).newUseCase, used(1).newUseCase, used(2).signals[0]!.kind]).toEqual([true, false, 'new_use_case']);
    expect(used(2, '2026-02-10')).toMatchObject({
      newUseCase: undefined,
      newUseCaseReason: '49 of 56 days of data to tell new from first',
    });
  });
});

describe('churn signals (A7)', () => {
  it('are critical for a failed payment until it is paid, and for a subscription past due', () => {
    const invoice = (more: object) => ({
      invoiceId: 'i1',
      issuedAt: at('2026-03-01'),
      dueAt: day('2026-03-15'),
      amountMinor: 100,
      currency: 'USD',
      ...more,
    });
    const open = (more: object) => signalIds(measure({ records: { invoices: [invoice(more)] } }));
    expect(open({ status: 'failed' })).toEqual(['critical failed_payment']);
    expect(open({ status: 'failed', paidAt: day('2026-03-30') })).toEqual([]);
    expect(signalIds(measure({ records: { subscriptions: [subscription({ status: 'past_due' })] } }))).toEqual([
      'critical failed_payment',
    ]);
  });

  it('are critical for a cancellation or downgrade asked for: by ticket until it is closed, by note for 90 days', () => {
    const ticket = (more: object) =>
      measure({ records: { tickets: [{ ticketId: 't', openedAt: at('2025-09-01'), ...more }] } });
    expect(signalIds(ticket({ kind: 'cancellation' }))).toEqual(['critical cancellation_request']);
    expect(signalIds(ticket({ kind: 'downgrade', resolvedAt: at('2026-03-30') }))).toEqual([]);
    const tagged = (daysAgo: number) => signalIds(measure(withNotes(note(daysAgo, { tags: ['downgrade_inquiry'] }))));
    expect([tagged(90), tagged(91)]).toEqual([['critical downgrade_request'], []]);
  });

  it('are critical when champion and sponsor are both gone, high when one is, closed once somebody follows', () => {
    const people = (...contacts: object[]) => signalIds(measure({ records: { contacts: contacts as never } }));
    const touched = { lastContactAt: at('2026-03-20') };
    const left = { leftAt: day('2026-03-10') };
    const champion = contact('c', { roles: ['champion'], ...left });
    const sponsor = contact('s', { roles: ['executive_sponsor'], ...touched });
    expect(people(champion)).toEqual(['critical no_champion_or_sponsor']);
    expect(people(champion, sponsor)).toEqual(['high champion_departed']);
    expect(people(champion, sponsor, contact('d', { roles: ['champion'], ...touched }))).toEqual([]);
    expect(people(sponsor, contact('c', { roles: ['champion'], leftAt: day('2025-12-01') }))).toEqual([]);
    expect(people(contact('s', { roles: ['executive_sponsor'], ...touched, onLeaveFrom: day('2026-03-01') }))).toEqual([
      'high sponsor_on_leave',
    ]);
  });

  it('are critical for a detractor who decides, high for another, and close with a better answer of the same person', () => {
    const answers = (...rows: [string | undefined, string, number][]) =>
      signalIds(
        measure({
          records: {
            contacts: [contact('d', { roles: ['decision_maker'], lastContactAt: at('2026-03-20') }), contact('e')],
            surveys: rows.map(([contactId, on, score], i) => ({
              surveyId: `v${i}`,
              answeredAt: at(on),
              kind: 'nps' as const,
              score,
              ...(contactId && { contactId }),
            })),
          },
        }),
      );
    expect(answers(['d', '2026-03-01', 6])).toEqual(['critical decision_maker_detractor']);
    expect(answers(['e', '2026-03-01', 6])).toEqual(['high detractor']);
    expect(answers(['e', '2026-03-01', 6], ['e', '2026-03-10', 7])).toEqual([]);
    expect(answers([undefined, '2026-03-01', 3], [undefined, '2026-03-10', 10])).toEqual(['high detractor']);
    expect(answers(['e', '2025-09-30', 3])).toEqual([]); // older than 180 days
  });

  it('are high for seven silent days and for a core feature unused for 30, and not before', () => {
    const features = catalogue({ features: [feature('f'), feature('g', { core: false })] });
    const used = (last: number) => signalIds(measure({ catalogue: features, events: daily('f', D - 60, last) }));
    expect(used(D - 6).filter((id) => id.startsWith('high'))).toEqual([]);
    expect(used(D - 7).filter((id) => id.startsWith('high'))).toEqual(['high silent']);
    expect(used(D - 29)).not.toContain('high core_feature_unused');
    expect(used(D - 30)).toContain('high core_feature_unused');
  });

  it('are high for an open escalation and for tickets that fall silent with use, medium for tickets that rise', () => {
    const tickets = (...agos: number[]) =>
      agos.map((ago, i) => ({
        ticketId: `t${i}`,
        openedAt: at('2026-03-30') - ago * 86_400_000,
        resolvedAt: at('2026-03-30') - ago * 86_400_000,
      }));
    const open = measure({
      records: { tickets: [{ ticketId: 't', openedAt: at('2026-03-29'), escalatedAt: at('2026-03-29') }] },
    });
    expect(signalIds(open)).toEqual(['high support_escalation']);
    expect(signalIds(measure({ records: { tickets: tickets(1, 2, 3) } }))).toEqual(['medium rising_tickets']);
    expect(signalIds(measure({ records: { tickets: tickets(1, 2, 3, 40, 41) } }))).toEqual([]); // 3 is 1.5 times 2
    const nine = { tickets: tickets(35, 40, 45, 60, 65, 70, 90, 95, 100) };
    const falling = measure({
      catalogue: catalogue({ features: [feature('f')] }),
      events: [...daily('f', D - 55, D - 28, 3), ...daily('f', D - 27, D, 2)],
      records: nine,
    });
    expect(signalIds(falling)).toEqual(['high ticket_silence', 'medium usage_declining']);
    const steady = measure({
      catalogue: catalogue({ features: [feature('f')] }),
      events: daily('f', D - 55, D, 3),
      records: nine,
    });
    expect(signalIds(steady)).toEqual([]);
  });

  it('are medium when the sponsor missed the last two reviews', () => {
    const review = (daysAgo: number, tags: string[] = []) =>
      note(daysAgo, { contactId: 'c', author: 'csm', kind: 'meeting', tags: ['meeting_held', ...tags] });
    const seen = (...notes: Note[]) =>
      signalIds(
        measure({
          records: {
            contacts: [contact('s', { roles: ['executive_sponsor'], lastContactAt: at('2026-03-20') })],
            notes,
          },
        }),
      );
    expect(seen(review(80), review(10))).toEqual(['medium sponsor_absent']);
    expect(seen(review(80), review(10, ['sponsor_attended']))).toEqual([]);
    expect(seen(review(10))).toEqual([]);
  });

  it('come critical first, each with its evidence', () => {
    const { signals } = measure({
      records: {
        tickets: [{ ticketId: 't', openedAt: at('2026-03-29'), escalatedAt: at('2026-03-29') }],
        notes: [note(3, { noteId: 'nx', tags: ['cancellation_request'] })],
      },
    });
    expect(signals.map((each) => [each.severity, each.evidence])).toEqual([
      ['critical', ['nx']],
      ['high', ['t']],
    ]);
  });
});

describe('competitors (B competitive_signal_alert)', () => {
  const read = (...notes: Note[]) => {
    const { view, workspace } = buildAccount({
      today: TODAY,
      created: '2025-06-01',
      catalogue: catalogue({ competitors: ['Rivalo', 'C++ Suite'] }),
      records: { notes },
    });
    return competitorSignals(view, workspace);
  };
  const level = (text: string) => worstLevel(read(note(5, { text })));

  it('is an evaluation by word, else a comparison by question mark, else a mention', () => {
    expect(level('We are running a pilot of Rivalo')).toBe('evaluation');
    expect(level('can you do what rivalo does?')).toBe('comparison');
    expect(level('RIVALO called again.')).toBe('mention');
    expect(level('we may migrate to C++ Suite')).toBe('evaluation');
  });

  it('wants whole words, and words of the customer', () => {
    expect(level('Rivalon is a place')).toBe('none');
    expect(level('we run a pilot')).toBe('none');
    expect(read(note(5, { text: 'I guess they pilot Rivalo', author: 'csm' }))).toEqual([]);
  });

  it('takes a tag of a note about a contact, and nothing older than 90 days', () => {
    const tagged = (daysAgo: number, more: Partial<Note>) =>
      worstLevel(read(note(daysAgo, { author: 'csm', ...more })));
    expect(tagged(5, { tags: ['competitor_evaluation:Rivalo'] })).toBe('evaluation');
    expect(tagged(5, { tags: ['competitor:Rivalo'] })).toBe('mention');
    expect([tagged(90, { tags: ['competitor:Rivalo'] }), tagged(91, { tags: ['competitor:Rivalo'] })]).toEqual([
      'mention',
      'none',
    ]);
  });

  it('an evaluation caps the band and is a critical signal, a mention a high one, a comparison a medium one', () => {
    const id = (text: string) =>
      signalIds(measure({ catalogue: catalogue({ competitors: ['Rivalo'] }), ...withNotes(note(5, { text })) }));
    expect(id('a pilot of Rivalo')).toEqual(['critical competitor_evaluation']);
    expect(id('Rivalo called')).toEqual(['high competitor_mention']);
    expect(id('and Rivalo?')).toEqual(['medium competitor_comparison']);
  });
});

describe('escalations', () => {
  const ticket = (more: object) => ({ ticketId: 't1', openedAt: at('2026-03-20'), ...more });
  const read = (tickets: object[], incidents: object[] = []) =>
    measure({ records: { tickets: tickets as never, incidents: incidents as never } }).escalation;

  it('are escalated tickets that are open at the instant; a P1 ticket that is not escalated is none', () => {
    expect(read([ticket({ priority: 'P1' })]).openTickets).toEqual([]);
    expect(read([ticket({ escalatedAt: at('2026-03-21') })]).openTickets).toEqual(['t1']);
    expect(read([ticket({ escalatedAt: at('2026-03-31T07:00:00Z') })]).openTickets).toEqual([]); // an hour from now
    expect(
      read([ticket({ escalatedAt: at('2026-03-21'), resolvedAt: at('2026-03-31T07:00:00Z') })]).openTickets,
    ).toEqual(['t1']);
  });

  it('remember the latest closing day; upgrades may be spoken of eight days after it', () => {
    const closed = read([
      ticket({ escalatedAt: at('2026-03-21'), resolvedAt: at('2026-03-28') }),
      ticket({ ticketId: 't2', escalatedAt: at('2026-03-01'), resolvedAt: at('2026-03-10') }),
    ]);
    expect(closed).toMatchObject({ openTickets: [], closedOn: day('2026-03-28'), closedTicket: 't1' });
    expect(upgradeEligibleFrom(closed.closedOn!, 7)).toBe(day('2026-04-05'));
  });

  it('list open P1 and P2 incidents only', () => {
    const incident = (incidentId: string, severity: string, resolvedAt?: number) => ({
      incidentId,
      startedAt: at('2026-03-30'),
      severity,
      ...(resolvedAt && { resolvedAt }),
    });
    const { openIncidents } = read(
      [],
      [incident('a', 'P1'), incident('b', 'P2'), incident('c', 'P3'), incident('d', 'P1', at('2026-03-30T13:00:00Z'))],
    );
    expect(openIncidents).toEqual(['a', 'b']);
  });
});

describe('users ready for an unlock (B progressive_disclosure)', () => {
  const features = ['a', 'b', 'c']
    .map((id) => feature(id))
    .concat(feature('extra', { core: false }), feature('hooks', { core: false, tags: ['api'] }));
  const ready = (events: TestEvent[], plans: string[] = []) =>
    measure({
      catalogue: catalogue({ features: features.map((each) => (each.id === 'extra' ? { ...each, plans } : each)) }),
      events,
      records: { subscriptions: [subscription()] },
    }).usersReady;
  const sessions = (count: number): TestEvent[] =>
    Array.from({ length: count }, (_, i) => ({ day: D - 20 + i, user: 'u0', event: 'login' }));
  const uses = (...ids: string[]): TestEvent[] => ids.map((event) => ({ day: D - 2, user: 'u0', event }));

  it('need five sessions and three features before anything but the core opens', () => {
    expect(ready([...sessions(5), ...uses('a', 'b', 'c')]).value).toBe(1);
    expect(ready([...sessions(4), ...uses('a', 'b', 'c')]).value).toBe(0);
    expect(ready([...sessions(5), ...uses('a', 'b')]).value).toBe(0);
  });

  it('have not used it yet, and are entitled to it', () => {
    expect(ready([...sessions(5), ...uses('a', 'b', 'c', 'extra')]).value).toBe(0); // hooks wait for advanced users
    expect(ready([...sessions(5), ...uses('a', 'b', 'c')], ['enterprise']).value).toBe(0);
  });

  it('are unknown without sessions or a catalogue', () => {
    expect(ready(uses('a', 'b', 'c'))).toMatchObject({ value: undefined, reason: 'no session or login events' });
  });
});
