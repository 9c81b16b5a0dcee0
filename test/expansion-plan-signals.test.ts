/** The six rows of the seed's signal table: each strong and moderate, from records and use; and those that are near. */
import { describe, expect, test } from 'vitest';
import { nearestSignals } from '../src/core/plan/nearest-signals.ts';
import { excludedSignals, type SignalRow, signalRows } from '../src/core/plan/signals.ts';
import type { OrganicKind } from '../src/core/scores/organic.ts';
import { at, catalogue, day, feature, type TestAccount, type TestEvent } from './build-account.ts';
import {
  changed,
  cleared,
  planFor,
  priceBook,
  type Records,
  ready,
  refused,
  subjectFor,
  TODAY,
  use,
} from './fixtures/plan-accounts.ts';

type Note = NonNullable<Records['notes']>[number];
type Survey = NonNullable<Records['surveys']>[number];

/** The account of the API case without any of its signals: 80 of 125 seats, nobody asks, nobody praises. */
function plain(records: Partial<Records> = {}, extra: Partial<TestAccount> = {}): TestAccount {
  const none = {
    notes: [],
    surveys: [{ surveyId: 'v0', kind: 'nps' as const, score: 7, contactId: 'c1', answeredAt: at('2026-03-02') }],
  };
  return changed(ready(), { ...none, ...records }, { events: use('2025-06-02', '2026-03-30', 80), ...extra });
}

function row(account: TestAccount, kind: OrganicKind): SignalRow | undefined {
  return signalRows(subjectFor(account)).find((each) => each.kind === kind);
}

function said(noteId: string, on: string, contactId: string, tag: string | undefined, extra: Partial<Note> = {}): Note {
  const tags = tag === undefined ? {} : { tags: [tag] };
  return { noteId, at: at(on), author: 'customer', contactId, kind: 'email', text: 'Please.', ...tags, ...extra };
}

const nps = (surveyId: string, on: string, contactId: string, score = 9): Survey => ({
  surveyId,
  kind: 'nps',
  score,
  contactId,
  answeredAt: at(on),
});

test('an account without any has none', () => {
  expect(signalRows(subjectFor(plain()))).toEqual([]);
});

describe('hitting usage limits', () => {
  test('is strong when the seats were full on each of 30 days, and moderate before', () => {
    const full = plain({}, { events: use('2025-06-02', '2026-03-30', 115) });
    expect(row(full, 'limit_pressure')).toMatchObject({
      strength: 'Strong',
      strengthReason: 'at least 92 % of the seats on each of 30 days',
      evidenceText: ['115 of 125 seats active, 92 % (2026-03-30)', 'at least 92 % of the seats on each of 30 days'],
    });
    const lately = plain(
      {},
      { events: [...use('2025-06-02', '2026-03-30', 95), ...use('2026-03-16', '2026-03-30', 20, 95)] },
    );
    expect(row(lately, 'limit_pressure')).toMatchObject({ strength: 'Moderate' });
  });

  const metered = (from: string, resets: 'month' | 'week', limit: number): TestAccount => {
    const book = priceBook();
    const calls: TestEvent[] = [];
    for (let on = day(from); on <= day('2026-03-30'); on++)
      calls.push({ day: on, user: 'u1', event: 'api_call', properties: { calls: 300 } });
    return plain(
      {},
      {
        events: [...use('2025-06-02', '2026-03-30', 80), ...calls],
        catalogue: {
          ...book,
          meters: [{ id: 'api_calls', event: 'api_call', amountProperty: 'calls', unit: 'call', resets }],
          plans: [{ ...book.plans[0]!, limits: { api_calls: limit } }, book.plans[1]!],
        },
      },
    );
  };

  test('of a meter is strong when the periods before were as full, back over 30 days', () => {
    // the period runs from 4 March: 27 days x 300 of 9,000; the one before had 28 x 300
    expect(row(metered('2026-01-01', 'month', 9_000), 'limit_pressure')).toMatchObject({
      strength: 'Strong',
      strengthReason: '8,400 of 9,000 in the period before (to 2026-03-03)',
    });
    expect(row(metered('2026-02-25', 'month', 9_000), 'limit_pressure')).toMatchObject({
      strength: 'Moderate',
      evidenceText: ['8,100 of 9,000 API calls used, 90 % (2026-03-30), limit reached on 2026-04-02 at this pace'],
    });
    const weekly = row(metered('2026-01-01', 'week', 2_200), 'limit_pressure');
    expect(weekly?.strengthReason).toContain('at least 2,100 of 2,200 in each of 5 periods before');
    expect(row(metered('2026-03-10', 'week', 2_200), 'limit_pressure')?.strength).toBe('Moderate');
  });
});

describe('requesting higher-tier features', () => {
  const blocked = (...days: string[]): TestAccount =>
    plain(
      {},
      {
        events: [
          ...use('2025-06-02', '2026-03-30', 80),
          ...days.map((on) => ({ day: on, user: 'u1', event: 'feature_blocked', properties: { feature: 'api' } })),
        ],
      },
    );

  test('is moderate when one person asked, strong when two did or the same again a month later', () => {
    const asked = (...notes: Note[]) => row(plain({ notes }), 'higher_tier_request');
    const first = said('n1', '2026-02-10', 'c1', 'feature_request:api');
    expect(asked(first)).toMatchObject({ strength: 'Moderate', featureId: 'api' });
    expect(asked(first, said('n2', '2026-02-24', 'c1', 'feature_request:api'))).toMatchObject({ strength: 'Moderate' });
    expect(asked(first, said('n2', '2026-03-12', 'c1', 'feature_request:api'))).toMatchObject({
      strength: 'Strong',
      strengthReason: 'the same on 2026-02-10 and again on 2026-03-12, 30 days apart',
    });
    expect(asked(first, said('n2', '2026-02-24', 'c3', 'feature_request:api'))).toMatchObject({
      strength: 'Strong',
      strengthReason: '2 independent pieces of evidence',
    });
  });

  test('of attempts is strong when they go on for 30 days', () => {
    expect(row(blocked('2026-03-02', '2026-03-20'), 'higher_tier_request')).toMatchObject({ strength: 'Moderate' });
    expect(row(blocked('2026-02-12', '2026-03-02', '2026-03-20'), 'higher_tier_request')).toMatchObject({
      strength: 'Strong',
      evidenceText: ['3 attempts to use api (last on 2026-03-20)', 'attempts on 3 days from 2026-02-12 to 2026-03-20'],
    });
  });
});

describe('team size growing', () => {
  const grown = (from: string, records: Partial<Records> = {}) =>
    plain(records, { events: [...use('2025-06-02', '2026-03-30', 50), ...use(from, '2026-03-30', 10, 50)] });
  const steps = ['2026-01-02', '2026-02-02', '2026-02-16', '2026-03-02', '2026-03-16'];

  test('is moderate from use alone, strong with new colleagues on record', () => {
    expect(row(grown('2026-03-09'), 'team_growth')).toMatchObject({
      strength: 'Moderate',
      evidenceText: ['active users 50 to 60 in 30 days (2026-03-30)'],
    });
    const joined = { contactId: 'c9', name: 'Ana Ruiz', createdAt: at('2026-03-10') };
    const contacts = [...ready().records!.contacts!, joined];
    expect(row(grown('2026-03-09', { contacts }), 'team_growth')).toMatchObject({
      strength: 'Strong',
      evidence: expect.arrayContaining([{ kind: 'contacts', ids: ['c9'] }]),
    });
  });

  test('is strong when each of 30 days shows the growth', () => {
    const events = [
      ...use('2025-06-02', '2026-03-30', 40),
      ...steps.flatMap((from, i) => use(from, '2026-03-30', 10, 40 + 10 * i)),
    ];
    const held = row(plain({}, { events }), 'team_growth');
    expect(held).toMatchObject({ strength: 'Strong' });
    expect(held?.strengthReason).toMatch(/^growth of at least \d+ % a month on each of 30 days$/);
  });
});

describe('new use cases emerging', () => {
  const book = () => {
    const base = priceBook();
    return catalogue({ ...base, features: [...base.features, feature('maps', { core: false, tags: ['planning'] })] });
  };
  const maps = (from: string, users: number, notes: Note[] = []) => {
    const events = use('2025-06-02', '2026-03-30', 80);
    for (let on = day(from); on <= day('2026-03-30'); on += 3)
      for (let user = 0; user < users; user++) events.push({ day: on, user: `u${user}`, event: 'maps' });
    return plain({ notes }, { events, catalogue: book() });
  };
  const told = said('n1', '2026-03-12', 'c1', 'new_use_case:planning');

  test('is moderate from new use or one word, strong from both', () => {
    expect(row(maps('2026-03-16', 3), 'new_use_case')).toMatchObject({
      strength: 'Moderate',
      evidenceText: ['3 users began to use maps (planning) (2026-03-30)'],
    });
    expect(row(plain({ notes: [told] }), 'new_use_case')).toMatchObject({ strength: 'Moderate', askedIn: 'n1' });
    expect(row(maps('2026-03-16', 3, [told]), 'new_use_case')).toMatchObject({
      strength: 'Strong',
      strengthReason: '2 independent pieces of evidence',
    });
  });

  test('is strong when what was told has been in use for 30 days', () => {
    expect(row(maps('2026-02-16', 3, [told]), 'new_use_case')).toMatchObject({
      strength: 'Strong',
      strengthReason: 'maps in use by 3 users from 2026-02-16 to 2026-03-30',
    });
    expect(row(maps('2026-02-16', 1, [told]), 'new_use_case')).toMatchObject({ strength: 'Moderate' });
  });

  test('is among the nearest when one user has begun, with what would complete it', () => {
    const near = nearestSignals(subjectFor(maps('2026-03-16', 1)));
    expect(near.find((each) => each.kind === 'new_use_case')).toMatchObject({
      share: 0.5,
      text: '1 user began to use maps (planning) on 2026-03-16, complete with 2, or with a word of the customer on the new use',
    });
    expect(nearestSignals(subjectFor(maps('2026-03-16', 3))).map((each) => each.kind)).not.toContain('new_use_case');
  });
});

describe('executive engagement increasing', () => {
  const talks = (...notes: Note[]) => row(plain({ notes }), 'executive_engagement');
  const call = (noteId: string, on: string, contactId = 'c2') =>
    said(noteId, on, contactId, undefined, { kind: 'call' });

  test('is moderate when one executive calls twice, strong when it goes on for 30 days', () => {
    expect(talks(call('a', '2026-03-18'), call('b', '2026-03-25'))).toMatchObject({
      strength: 'Moderate',
      strengthReason: 'one source of evidence, not over 30 days',
    });
    expect(talks(call('a', '2026-03-18'), call('b', '2026-03-25'), call('c', '2026-02-20'))).toMatchObject({
      strength: 'Strong',
      strengthReason: '3 contacts from 2026-02-20 to 2026-03-25',
    });
  });

  test('is strong when a second executive takes part', () => {
    const second = {
      contactId: 'c4',
      name: 'Ines Falk',
      title: 'CFO',
      roles: ['decision_maker' as const],
      createdAt: at('2025-01-07'),
    };
    const contacts = [...ready().records!.contacts!, second];
    const notes = [call('a', '2026-03-18'), call('b', '2026-03-25', 'c4')];
    expect(row(plain({ notes, contacts }), 'executive_engagement')).toMatchObject({
      strength: 'Strong',
      strengthReason: '2 independent pieces of evidence',
    });
  });
});

describe('referrals or advocacy', () => {
  const praised = (surveys: Survey[], ...notes: Note[]) => row(plain({ surveys, notes }), 'advocacy');
  const referral = said('n1', '2026-03-12', 'c1', 'referral', { text: 'I told two other yards about you.' });

  test('is moderate from one answer, strong from two people, an act beside it, or the same again a month later', () => {
    const first = nps('v1', '2026-02-16', 'c1');
    expect(praised([first])).toMatchObject({ strength: 'Moderate' });
    expect(praised([first, nps('v2', '2026-03-02', 'c1')])).toMatchObject({ strength: 'Moderate' });
    expect(praised([first, nps('v2', '2026-03-02', 'c2')])).toMatchObject({ strength: 'Strong' });
    expect(praised([first], referral)).toMatchObject({ strength: 'Strong' });
    expect(praised([nps('v1', '2026-02-02', 'c1'), nps('v2', '2026-03-16', 'c1', 10)])).toMatchObject({
      strength: 'Strong',
      strengthReason: 'the same on 2026-02-02 and again on 2026-03-16, 42 days apart',
    });
  });
});

describe('what we prompted', () => {
  test('is excluded and listed, whether a request, a referral or our own talk with the sponsor', () => {
    const notes = [
      said('n1', '2026-03-10', 'c1', 'feature_request:api', { author: 'sales' }),
      said('n2', '2026-03-11', 'c1', 'referral', { author: 'sales' }),
      said('n3', '2026-03-12', 'c2', undefined, { author: 'sales', kind: 'call', text: 'Pitched the scale plan.' }),
      said('n4', '2026-01-02', 'c1', 'feature_request:api', { author: 'sales' }), // too old to be a signal at all
      said('n5', '2026-03-13', 'c1', undefined, { author: 'sales' }),
    ];
    const subject = subjectFor(plain({ notes }));
    expect(signalRows(subject)).toEqual([]);
    expect(excludedSignals(subject).flatMap((each) => each.evidence)).toEqual(
      ['n1', 'n2', 'n3'].map((id) => ({ kind: 'notes', ids: [id] })),
    );
    expect(excludedSignals(subject)[2]!.text).toBe(
      '"Pitched the scale plan." (sales note on Judith Marlowe, Director of Engineering, 2026-03-12): written by sales, not by the customer',
    );
  });

  test('is named in the refusal, beside the nearest signals and what would complete them', () => {
    const prompted = said('n6', '2026-03-20', 'c1', 'feature_request:api', {
      author: 'sales',
      text: 'Pitched the API.',
    });
    const reviews = ready().records!.notes!.filter((note) => note.noteId !== 'n4');
    const planned = planFor(plain({ notes: [...reviews, prompted] }));
    const [target] = refused(planned).recovery.targets;
    expect(target).toMatchObject({ gate: 'organic_signals', brief: '2 kinds of organic signal seen' });
    expect(target!.text).toBe(
      'expansion signals: 0 of 6 kinds of organic signal seen; needs 2; nearest: 64 % of the seats active, complete at 80 %; NPS 7 on 2026-03-02, complete with a new answer of 9 or a referral; not counted: "Pitched the API." (sales note on Mara Lind, Head of Fleet Data, 2026-03-20): written by sales, not by the customer',
    );
  });
});

describe('a promoter without a need', () => {
  const surveys = [nps('v1', '2026-03-02', 'c1', 10), nps('v2', '2026-03-04', 'c3', 9)];
  const referral = said('n7', '2026-03-18', 'c1', 'referral', { text: 'I told two other rail yards about you.' });
  const request = said('n8', '2026-03-19', 'c3', 'feature_request:api', { text: 'The API would help us.' });
  const book = priceBook();
  /** The API is part of the plan in force, so that nothing is left to sell but what they say. */
  const [pro, scale] = book.plans as [(typeof book.plans)[0], (typeof book.plans)[0]];
  const reviews = ready().records!.notes!.filter((note) => note.noteId !== 'n4');

  test('is asked for a referral and a case study, with the value said to be unknown', () => {
    const attempts = ['2026-03-02', '2026-03-20'].map((on) => ({ day: on, user: 'u1', event: 'feature_blocked' }));
    const account = plain(
      { surveys, notes: [...reviews, referral] },
      { catalogue: { ...book, plans: [pro] }, events: [...use('2025-06-02', '2026-03-30', 100)] },
    );
    // 100 of 125 seats: full enough for a signal, and 120 with headroom, so that no seat is missing.
    const planned = planFor({ ...account, events: [...account.events!, ...attempts.slice(0, 1)] });
    const plan = cleared(planned);
    expect(plan.signals.map((each) => each.kind)).toEqual(['limit_pressure', 'advocacy']);
    expect(plan.opportunity).toMatchObject({
      type: 'advocacy',
      anchor: 'advocacy',
      scenarios: [],
      unpricedReason: 'an advocate brings new customers, not ARR of this account',
      anchorReason: 'no other signal asks for anything that is not paid for already',
    });
    expect(plan.risks).toEqual([]);
    const lines = planned.markdown.split('\n');
    const bullet = (label: string) => lines.find((line) => line.startsWith(`- **${label}:**`));
    expect(bullet('Expansion type')).toBe(
      '- **Expansion type:** Referral program and case study: a referral and a case study (no other signal asks for anything that is not paid for already)',
    );
    expect(bullet('Estimated expansion ARR')).toBe(
      '- **Estimated expansion ARR:** unknown: an advocate brings new customers, not ARR of this account',
    );
    expect(bullet('Framing')).toContain(
      '"I told two other rail yards about you." (Mara Lind, Head of Fleet Data, 2026-03-18)',
    );
    expect(plan.executionPlan.map((step) => step.action)).toEqual(
      expect.arrayContaining([
        'draft the case study and have Mara Lind approve it',
        'agree in writing what may be quoted and who is recommended to whom',
        'publish the case study and thank for the first referral',
      ]),
    );
    expect(plan.successCriteria.map((each) => each.id)).toEqual(['adoption', 'health', 'value', 'nps']);
    expect(planned.markdown).not.toMatch(/undefined|NaN|null/);
  });

  test('who asks for something as well is answered first', () => {
    const account = plain(
      { surveys, notes: [...reviews, referral, request] },
      { catalogue: { ...book, plans: [pro, scale] } },
    );
    expect(cleared(planFor(account)).opportunity.type).toBe('upsell');
  });
});

test('an account whose every kind is silent is told the shortest way to a signal', () => {
  const silent: TestAccount = {
    today: TODAY,
    created: '2025-11-03',
    kinds: ['accounts', 'events'],
    events: use('2025-11-03', '2026-03-30', 3),
  };
  expect(nearestSignals(subjectFor(silent)).map((each) => each.text)).toEqual([
    'none has begun; a request for a higher tier or for a new use, by the customer, would be one',
  ]);
});
