/** plg/progressive_disclosure (skills.md B), with its worked examples. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  at,
  catalogue,
  day,
  defaultPolicy,
  feature,
  type TestAccount,
  type TestEvent,
} from '../../../../test/build-account.ts';
import { runOn, skillContext } from '../../../../test/skill-context.ts';
import { userReadings } from '../../scores/disclosure.ts';
import { accountMode, levelPath } from './disclosure-path.ts';
import { progressiveDisclosure } from './progressive-disclosure.ts';

const m = defaultPolicy().measures.disclosure;
const path = (sessions: number, features: number, mastered: number, usesApi = false, hasApi = true) =>
  levelPath({ sessions, features, mastered, usesApi }, hasApi, m);

describe('the level', () => {
  it('of the first worked example is intermediate, 40 % of the way to advanced', () => {
    expect(path(12, 4, 2)).toEqual({ level: 'intermediate', next: 'advanced', percentToNext: 40 });
  });

  it('rises at 5 sessions with 3 features, at 20 sessions with 5 mastered, and with API use', () => {
    const level = (...use: Parameters<typeof path>) => path(...use).level;
    expect([level(4, 9, 0), level(5, 2, 0), level(5, 3, 0)]).toEqual(['beginner', 'beginner', 'intermediate']);
    expect([level(19, 9, 5), level(20, 9, 4), level(20, 9, 5)]).toEqual(['intermediate', 'intermediate', 'advanced']);
    expect([level(20, 9, 5, true), level(19, 9, 5, true)]).toEqual(['expert', 'intermediate']);
  });

  it('has no next one at the top, which is advanced where there is no API', () => {
    expect(path(20, 9, 5)).toMatchObject({ next: 'expert', percentToNext: 0 });
    expect(path(20, 9, 5, true)).toMatchObject({ next: undefined, percentToNext: undefined });
    expect(path(20, 9, 5, false, false)).toMatchObject({ level: 'advanced', next: undefined });
  });

  it('is never 100 % on the way', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.nat(10), fc.nat(8), fc.boolean(), (sessions, features, mastered, usesApi) => {
        const { next, percentToNext } = path(sessions, features, mastered, usesApi);
        if (next === undefined) expect(percentToNext).toBeUndefined();
        else expect(percentToNext).toBeLessThan(100);
      }),
      { numRuns: 300, seed: 3 },
    );
  });

  it('of an account is its most common one, the lower of equals', () => {
    const none = { beginner: 0, intermediate: 0, advanced: 0, expert: 0 };
    expect(accountMode({ ...none, intermediate: 2, advanced: 2, beginner: 1 })).toBe('intermediate');
    expect(accountMode(none)).toBeUndefined();
  });
});

const features = [
  feature('core1'),
  feature('core2'),
  feature('core3'),
  feature('filters', { core: false, tags: ['analytics'] }),
  feature('alerts', { core: false, tags: ['monitoring'] }),
  feature('exports', { core: false }),
  feature('api', { core: false, tags: ['api'] }),
  feature('forecasts', { core: false, plans: ['enterprise'] }),
];
/** Twelve sessions; four features, two of them five times over three days and more. */
const march = (date: number) => `2026-03-${String(date).padStart(2, '0')}`;
const user = (name: string): TestEvent[] => [
  ...Array.from({ length: 12 }, (_, i) => ({ day: march(i + 10), user: name, event: 'login' })),
  ...['core1', 'core2'].flatMap((event) =>
    [10, 11, 12].map((date) => ({ day: march(date), user: name, event, count: 2 })),
  ),
  { day: march(13), user: name, event: 'core3' },
  { day: march(14), user: name, event: 'filters' },
];
const newcomer: TestEvent[] = [{ day: march(20), user: 'new', event: 'login' }];
const account: TestAccount = {
  today: '2026-03-31',
  created: '2026-03-01',
  catalogue: catalogue({ features }),
  events: user('ada'),
  records: {
    subscriptions: [{ subscriptionId: 's', plan: 'pro', status: 'active', startedAt: at('2026-03-01') }],
  },
};

describe('a run', () => {
  it('calls contacts by name, and counts no more than is needed', () => {
    const contact = (contactId: string, name: string) => ({ contactId, name, createdAt: at('2026-03-01') });
    const contacts = [contact('ada', 'Ada Lind'), contact('bo', 'Bo Rask')];
    const events = account.events!.filter(({ day: on, event }) => event !== 'login' || on < march(14));
    const { markdown } = runOn(progressiveDisclosure, {
      ...account,
      events: [...events, ...user('bo')],
      records: { ...account.records, contacts },
    });
    expect(markdown).toContain('| Bo Rask | intermediate |');
    expect(markdown).toContain('Ada Lind is 80 % of the way to intermediate (4 of 5 sessions, 3 of 3 features)');
  });

  it('gives the first worked example from records, and unlocks two of what intermediate users may have', () => {
    const { status, result, actions, markdown } = runOn(progressiveDisclosure, account);
    expect(status).toBe('ok');
    expect(result).toEqual({
      usersByLevel: { beginner: 0, intermediate: 1, advanced: 0, expert: 0 },
      accountMode: 'intermediate',
      unlocks: [{ userId: 'ada', featureIds: ['alerts', 'exports'] }],
      nextUnlock: { userId: 'ada', level: 'advanced', featureId: 'api' },
      percentToNext: 40,
    });
    expect(actions.map(({ ownerRole, dueDate, channel, title }) => [ownerRole, dueDate, channel, title])).toEqual([
      ['growth', '2026-03-31', 'in_app', 'Reveal alerts to 1 user, exports to 1 user'],
    ]);
    expect([...markdown.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual([
      ...progressiveDisclosure.sections,
      'Actions',
    ]);
    expect(markdown).toContain(
      'ada is 40 % of the way to advanced (12 of 20 sessions, 2 of 5 features mastered), which opens api.',
    );
    expect(markdown).toContain('Nothing is hidden: 3 core features and whatever a user has discovered stay open.');
  });

  it('gives the second worked example: sessions unknown, nothing hidden', () => {
    const events = user('ada').filter(({ event }) => event !== 'login');
    const { status, result, dataGaps, actions, markdown } = runOn(progressiveDisclosure, { ...account, events });
    expect([status, result, actions]).toEqual(['insufficient_data', null, []]);
    expect(dataGaps).toEqual([{ fact: 'sessions', reason: 'no session or login events' }]);
    expect(markdown).toContain('nothing is hidden');
  });

  it('puts a goal match first, counts the levels, and takes the lower of equally common ones', () => {
    const goals = [{ goalId: 'g', title: 'Watch', createdAt: at('2026-03-05'), tags: ['export'] }];
    const tagged = features.map((each) => (each.id === 'exports' ? { ...each, tags: ['export'] } : each));
    const { result } = runOn(progressiveDisclosure, {
      ...account,
      catalogue: catalogue({ features: tagged }),
      events: [...user('ada'), ...newcomer],
      records: { ...account.records, goals },
    });
    expect(result).toMatchObject({
      usersByLevel: { beginner: 1, intermediate: 1 },
      accountMode: 'beginner',
      unlocks: [{ userId: 'ada', featureIds: ['exports', 'alerts'] }],
      nextUnlock: { userId: 'new', level: 'intermediate', featureId: 'exports' },
      percentToNext: 0,
    });
  });

  it('leaves out who has left, who wants everything shown, and who was not seen in 30 days', () => {
    const contacts = [
      { contactId: 'gone', leftAt: day('2026-03-25') },
      { contactId: 'all', properties: { showAllFeatures: true } },
    ];
    const old = [{ day: '2026-02-27', user: 'old', event: 'login' }];
    const events = [...user('ada'), ...user('gone'), ...user('all'), ...old];
    const { result } = runOn(progressiveDisclosure, {
      ...account,
      created: '2026-02-01',
      events,
      records: { ...account.records, contacts },
    });
    expect(result!.usersByLevel).toMatchObject({ beginner: 0, intermediate: 2 });
    expect(result!.unlocks.map(({ userId }) => userId)).toEqual(['ada']);
  });

  it('agrees with the fact that triggers it on who is ready', () => {
    const events = [...user('ada'), ...user('bea'), ...newcomer];
    const context = skillContext(progressiveDisclosure, { ...account, events });
    const { result } = runOn(progressiveDisclosure, { ...account, events });
    expect(context.measured.usersReady.value).toBe(2);
    expect(result!.unlocks).toHaveLength(2);
    const readings = userReadings(context.measured.view, context.workspace).value!;
    for (const each of readings) {
      expect(levelPath({ ...each, features: each.discovered.size }, true, m).level).toBe(each.level);
    }
    expect(progressiveDisclosure.outcome.read(context.measured)).toEqual({ value: 2 });
  });

  it('has nothing to do where all is discovered, and nobody to place where nobody came', () => {
    const rest = ['alerts', 'exports', 'forecasts', 'api'].map((event) => ({ day: march(15), user: 'ada', event }));
    const done = runOn(progressiveDisclosure, { ...account, events: [...user('ada'), ...rest] });
    expect([done.status, done.reasons, done.actions]).toEqual(['ok', ['nothing_to_unlock'], []]);
    const late = runOn(progressiveDisclosure, { ...account, today: '2026-05-31' });
    expect([late.reasons, late.result!.accountMode, late.result!.percentToNext]).toEqual([
      ['no_recent_user'],
      null,
      null,
    ]);
    expect(late.markdown).toContain('No user was seen in the last 30 days.');
  });

  it('is refused where the account wants every feature shown', () => {
    const accounts = [{ name: 'Acme', createdAt: at('2026-03-01'), properties: { showAllFeatures: true } }];
    const { status, reasons } = runOn(progressiveDisclosure, { ...account, records: { ...account.records, accounts } });
    expect([status, reasons]).toEqual(['refused', ['shown_by_preference']]);
  });

  it('lists as many users as asked for, and lets nothing of a hostile id become markup', () => {
    const hostile = '# <b>x</b> | [a](b)';
    const events = [...user('ada'), ...user('bea'), ...user(hostile)];
    const { markdown, result } = runOn(progressiveDisclosure, { ...account, events }, { parameters: { listed: 2 } });
    expect(result!.unlocks).toHaveLength(3);
    expect(markdown).toContain('1 further user in the result.');
    expect(markdown).not.toMatch(/<b>|[^\\]\]\(b\)/);
  });
});
