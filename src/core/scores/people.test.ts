import { describe, expect, it } from 'vitest';
import {
  at,
  buildAccount,
  catalogue,
  day,
  defaultPolicy,
  feature,
  type TestAccount,
} from '../../../test/build-account.ts';
import { candidateScore, championCandidates } from './champion-candidates.ts';
import { isIdentified, peopleOf } from './people.ts';

const today = '2026-03-31';
const { measures } = defaultPolicy();

function people(account: Partial<TestAccount>) {
  const { view, workspace } = buildAccount({ today, catalogue: catalogue({ features: [feature('f')] }), ...account });
  return peopleOf(view, workspace);
}
const champion = { contactId: 'c', roles: ['champion' as const] };
const sponsor = { contactId: 's', roles: ['executive_sponsor' as const] };
const daysAgo = (days: number) => at(today) - days * 86_400_000;

describe('roles (A2)', () => {
  it('are active within 30 days of contact, identified within 90, then none', () => {
    const state = (days: number) =>
      people({ records: { contacts: [{ ...sponsor, lastContactAt: daysAgo(days) }] } }).roles.executive_sponsor.state;
    expect([state(30), state(31), state(90), state(91)]).toEqual(['active', 'identified', 'identified', 'none']);
  });

  it('count a note the customer wrote and a meeting held as contact, but not a message of ours or a missed meeting', () => {
    const withNote = (note: object) =>
      people({
        records: { contacts: [sponsor], notes: [{ noteId: 'n', at: daysAgo(5), text: '', contactId: 's', ...note }] },
      }).roles.executive_sponsor.state;
    expect(withNote({ author: 'customer', kind: 'email' })).toBe('active');
    expect(withNote({ author: 'csm', kind: 'meeting', tags: ['meeting_held'] })).toBe('active');
    expect(withNote({ author: 'csm', kind: 'email' })).toBe('none');
    expect(withNote({ author: 'csm', kind: 'meeting', tags: ['meeting_missed'] })).toBe('none');
  });

  it('let a value event stand for contact with a champion only', () => {
    const contacts = [champion, sponsor];
    const events = [
      { day: '2026-03-30', user: 'c', event: 'f' },
      { day: '2026-03-30', user: 's', event: 'f' },
    ];
    const { roles } = people({ events, records: { contacts } });
    expect(roles.champion).toEqual({ state: 'active', contactId: 'c' });
    expect(roles.executive_sponsor.state).toBe('none');
  });

  it('do not read use of today or contact that lies ahead', () => {
    const events = [{ day: today, user: 'c', event: 'f' }];
    const contacts = [{ ...champion, lastContactAt: at('2026-04-02') }];
    expect(people({ events, records: { contacts } }).roles.champion.state).toBe('none');
  });

  it('never make a decision maker of a title, but of the one who signed the order', () => {
    const contact = { contactId: 'x', lastContactAt: daysAgo(1) };
    const state = (extra: object) =>
      people({ records: { contacts: [{ ...contact, ...extra }] } }).roles.decision_maker.state;
    expect(state({ title: 'Chief Executive Officer' })).toBe('none');
    expect(state({ properties: { orderSigner: true } })).toBe('active');
    expect(state({ roles: ['decision_maker'] })).toBe('active');
  });

  it('are unknown without contacts, and without any source of contact', () => {
    const without = people({ kinds: ['accounts', 'events'] });
    expect(without.roles.champion).toMatchObject({ state: undefined, reason: 'no contacts imported' });
    expect(without.departures).toBeUndefined();
    expect(isIdentified(without.roles.champion)).toBeUndefined();
    const noNotes = people({ kinds: ['accounts', 'contacts', 'events'], records: { contacts: [sponsor] } });
    expect(noNotes.roles.executive_sponsor.reason).toBe('no contact date for the executive sponsor, no notes imported');
    expect(noNotes.roles.decision_maker.state).toBe('none');
  });
});

describe('departures', () => {
  const left = (on: string, extra: object[] = []) =>
    people({ records: { contacts: [{ ...champion, leftAt: day(on) }, ...(extra as (typeof champion)[])] } });

  it('count from the day somebody left, for as long as the window lasts', () => {
    expect(left('2026-04-01').departures).toEqual([]);
    expect(left(today).departures).toHaveLength(1);
    expect(left('2025-12-31').departures).toHaveLength(1);
    expect(left('2025-12-30').departures).toEqual([]);
  });

  it('say whether neither champion nor sponsor is left', () => {
    expect(left(today).departures![0]).toMatchObject({ contactId: 'c', roles: ['champion'], leavesNeither: true });
    expect(left(today, [sponsor]).departures![0]?.leavesNeither).toBe(false);
  });

  it('take the role from whoever left, and list who is on leave', () => {
    const contacts = [
      { ...champion, leftAt: day(today), lastContactAt: daysAgo(1) },
      { ...sponsor, onLeaveFrom: day('2026-03-20'), onLeaveUntil: day(today) },
    ];
    const result = people({ records: { contacts } });
    expect(result.roles.champion.state).toBe('none');
    expect(result.onLeave.map((person) => person.contactId)).toEqual(['s']);
    expect(people({ today: '2026-04-01', records: { contacts } }).onLeave).toEqual([]);
  });
});

describe('champion candidates (A2)', () => {
  it('scores 9 active days, replies of .8 and two advocacy acts 74', () => {
    const evidence = { activeDays30: 9, replyRate90: 0.8, advocacyActs90: 2 };
    expect(candidateScore(evidence, measures.people.candidate, 0.5).score).toBeCloseTo(74, 9);
  });

  it('knows no score from replies alone', () => {
    const evidence = { activeDays30: undefined, replyRate90: 0.8, advocacyActs90: undefined };
    expect(candidateScore(evidence, measures.people.candidate, 0.5).score).toBeUndefined();
  });

  it('proposes who uses the product, answers and refers, and nobody with the role already', () => {
    const events = Array.from({ length: 12 }, (_, i) =>
      ['u', 'c'].map((user) => ({ day: day(today) - 1 - i, user, event: 'f' })),
    ).flat();
    const notes = [
      { noteId: 'n1', at: daysAgo(20), text: '', contactId: 'u', author: 'csm' as const, kind: 'email' as const },
      { noteId: 'n2', at: daysAgo(19), text: '', contactId: 'u', author: 'customer' as const, kind: 'email' as const },
      { noteId: 'n3', at: daysAgo(10), text: '', contactId: 'u', author: 'csm' as const, tags: ['referral'] },
    ];
    const { view, workspace } = buildAccount({
      today,
      catalogue: catalogue({ features: [feature('f')] }),
      events,
      records: { contacts: [{ contactId: 'u' }, champion], notes },
    });
    const candidates = championCandidates(view, workspace, peopleOf(view, workspace));
    expect(candidates.map(({ contactId }) => contactId)).toEqual(['u']);
    expect(candidates[0]?.score).toBeCloseTo(80, 9); // 40 + 30 + 30/3
  });
});
