/** customer_success/usage_cliff_intervention (skills.md B), with its worked examples. */
import { describe, expect, it } from 'vitest';
import { at, catalogue, day, feature, type TestAccount, type TestEvent } from '../../../../test/build-account.ts';
import { runOn } from '../../../../test/skill-context.ts';
import type { PastIntervention } from '../skill.ts';
import { causeOf, lossesOf, usageCliffIntervention } from './usage-cliff-intervention.ts';

describe('losses and cause', () => {
  it('gives U1 .75 of a fall of 240 for 180 lost, and calls it a key user', () => {
    const users = lossesOf(
      'user',
      [
        { id: 'U2', baseWeekly: 120, recentWeekly: 60 },
        { id: 'U1', baseWeekly: 200, recentWeekly: 20 },
        { id: 'U3', baseWeekly: 80, recentWeekly: 80 },
      ],
      240,
    );
    expect(users.map(({ id, lost, share }) => [id, lost, share])).toEqual([
      ['U1', 180, 0.75],
      ['U2', 60, 0.25],
    ]);
    expect(causeOf({ hasIncident: false, users, features: [], featuresInUse: 2 }, 0.6)).toBe('key_user');
  });

  it('takes the first match: incident, user, feature, else broad', () => {
    const loss = (kind: 'user' | 'feature', share: number) => [{ kind, id: 'x', name: null, lost: 1, share }];
    const all = { hasIncident: true, users: loss('user', 0.6), features: loss('feature', 0.9), featuresInUse: 2 };
    expect(causeOf(all, 0.6)).toBe('incident');
    expect(causeOf({ ...all, hasIncident: false }, 0.6)).toBe('key_user');
    const others = { ...all, hasIncident: false, users: loss('user', 0.5999) };
    expect(causeOf(others, 0.6)).toBe('feature');
    expect(causeOf({ ...others, featuresInUse: 1 }, 0.6)).toBe('broad');
    expect(causeOf({ ...others, features: loss('feature', 0.5) }, 0.6)).toBe('broad');
  });

  it('counts no gain as a loss and nothing beyond the whole', () => {
    const entities = [
      { id: 'a', baseWeekly: 0, recentWeekly: 50 },
      { id: 'b', baseWeekly: 90, recentWeekly: 0 },
    ];
    expect(lossesOf('user', entities, 40)).toEqual([{ kind: 'user', id: 'b', name: null, lost: 90, share: 1 }]);
  });
});

/** So much on each day from `from` to `to`. */
function daily(from: string, to: string, user: string, event: string, count: number): TestEvent[] {
  const events: TestEvent[] = [];
  for (let on = day(from); on <= day(to); on++) events.push({ day: on, user, event, count });
  return events;
}

/** Use as it was, and as it is from the fall on. */
const usual = (user: string, event: string, count: number) => daily('2026-01-01', '2026-03-22', user, event, count);
const fallen = (user: string, event: string, count: number) => daily('2026-03-23', '2026-03-30', user, event, count);
const features = [feature('report'), feature('board')];
const account: TestAccount = {
  today: '2026-03-31',
  created: '2026-01-01',
  catalogue: catalogue({ features }),
  events: [
    ...usual('U1', 'report', 15),
    ...usual('U1', 'board', 15),
    ...usual('U2', 'report', 20),
    ...usual('U3', 'board', 10),
    ...fallen('U1', 'report', 3),
    ...fallen('U2', 'report', 12),
    ...fallen('U3', 'board', 9),
  ],
  records: {
    contacts: [
      { contactId: 'U1', name: 'Uma', createdAt: at('2026-01-01') },
      { contactId: 'U3', name: 'Tim', roles: ['champion'], createdAt: at('2026-01-01') },
    ],
  },
};
const made = (madeOn: string, state: PastIntervention['state'] = 'completed'): PastIntervention => ({
  id: 'p',
  skill: 'customer_success/usage_cliff_intervention',
  ruleId: 'any.usage_cliff',
  state,
  madeOn: day(madeOn),
  doneAt: undefined,
  dismissedFor: undefined,
  result: undefined,
});

/** 400 a week from Tuesdays to Fridays; in the last week U1 does 20 of 200, U2 60 of 120, U3 all of 80. */
function weekOf(tuesday: number, counts: [number, number, number]): TestEvent[] {
  return counts.flatMap((count, i) =>
    [0, 1, 2, 3].map((on) => ({ day: tuesday + on, user: `U${i + 1}`, event: 'report', count: count / 4 })),
  );
}
const worked: TestAccount = {
  ...account,
  events: [
    ...[35, 28, 21, 14, 7].flatMap((back) => weekOf(day('2026-03-24') - back, [200, 120, 80])),
    ...weekOf(day('2026-03-24'), [20, 60, 80]),
  ],
};

describe('a run', () => {
  it('is a cliff of -60 from 400 to 160 on the second day, by a key user with .75 of it, target 320', () => {
    const { status, result, actions } = runOn(usageCliffIntervention, worked);
    expect(status).toBe('ok');
    expect(result).toMatchObject({ cliff: true, dropPct: -60, baseWeekly: 400, cause: 'key_user', targetWeekly: 320 });
    expect(result!.topLosses[0]).toMatchObject({ kind: 'user', id: 'U1', lost: 180, share: 0.75 });
    expect(actions[0]!.title).toBe('Call Uma: 75 % of the fall is theirs, 180 of 240 a week');
  });

  it('finds the user behind a fall from 420 to 168 a week, calls her, and sets 336 in 28 days', () => {
    const { status, result, actions, markdown } = runOn(usageCliffIntervention, account);
    expect(status).toBe('ok');
    expect(result).toMatchObject({
      cliff: true,
      dropPct: -60,
      baseWeekly: 420,
      recentWeekly: 168,
      cause: 'key_user',
      targetWeekly: 336,
      targetDate: '2026-04-28',
    });
    expect(result!.topLosses[0]).toEqual({ kind: 'user', id: 'U1', name: 'Uma', lost: 189, share: 0.75 });
    expect(actions.map(({ ownerRole, dueDate, channel, title }) => [ownerRole, dueDate, channel, title])).toEqual([
      ['csm', '2026-04-01', 'call', 'Call Uma: 75 % of the fall is theirs, 189 of 252 a week'],
      ['csm', '2026-04-14', 'task', 'Check weekly use against the target of 336 by 2026-04-28'],
    ]);
    expect(markdown).toContain('- **Key user:** Uma, 75 % of the fall');
    expect(markdown).toContain('| 2026-04-14 | Weekly use is 252 or more, half of the way from 168 to 336;');
  });

  it('calls somebody else about a key user who has left', () => {
    const contacts = [{ ...account.records!.contacts![0]!, leftAt: day('2026-03-23') }, account.records!.contacts![1]!];
    const { actions } = runOn(usageCliffIntervention, { ...account, records: { contacts } });
    expect(actions[0]!.title).toMatch(/^Call Tim: Uma left, and \d+ % of the fall is theirs$/);
  });

  it('sends support to a feature that carries the fall', () => {
    const events = [
      ...['U1', 'U2', 'U3'].flatMap((user) => [...usual(user, 'report', 15), ...usual(user, 'board', 5)]),
      ...['U1', 'U2', 'U3'].flatMap((user) => [...fallen(user, 'report', 1), ...fallen(user, 'board', 5)]),
    ];
    const { result, actions } = runOn(usageCliffIntervention, { ...account, events });
    expect([result!.cause, result!.dropPct]).toEqual(['feature', -70]);
    expect(actions[0]).toMatchObject({
      ownerRole: 'support',
      dueDate: '2026-04-01',
      channel: 'task',
      title: 'Check whether report works: 100 % of the fall is there, 294 uses a week lost',
    });
  });

  it('calls the champion about a fall that is spread over the team', () => {
    const events = ['U1', 'U2', 'U3'].flatMap((user) =>
      features.flatMap(({ id }) => [...usual(user, id, 10), ...fallen(user, id, 4)]),
    );
    const { result, actions } = runOn(usageCliffIntervention, { ...account, events });
    expect(result!.cause).toBe('broad');
    expect(actions[0]!.title).toBe('Call Tim: use fell from 420 to 168 a week, spread over the team');
  });

  it('coordinates with the incident flow where a P1 or P2 was open in the week, and calls nobody', () => {
    const incident = (severity: 'P1' | 'P3', resolved: string) => ({
      ...account,
      records: {
        incidents: [{ incidentId: 'INC-1', startedAt: at('2026-03-22'), resolvedAt: at(resolved), severity }],
      },
    });
    const { result, actions } = runOn(usageCliffIntervention, incident('P1', '2026-03-25'));
    expect([result!.cause, result!.incidentIds]).toEqual(['incident', ['INC-1']]);
    expect(actions.map(({ ownerRole, dueDate, channel }) => [ownerRole, dueDate, channel])).toEqual([
      ['support', '2026-03-31', 'alert'],
      ['csm', '2026-04-14', 'task'],
    ]);
    expect(runOn(usageCliffIntervention, incident('P3', '2026-03-25')).result!.cause).toBe('key_user');
    expect(runOn(usageCliffIntervention, incident('P1', '2026-03-23')).result!.cause).toBe('key_user');
  });

  it('takes events that stopped arriving for an outage of ours and contacts nobody', () => {
    const { status, reasons, result, actions } = runOn(usageCliffIntervention, {
      ...account,
      coveredThrough: '2026-03-27',
    });
    expect([status, reasons, actions]).toEqual(['insufficient_data', ['data_outage'], []]);
    expect(result).toMatchObject({ cliff: null, dropPct: null, cause: 'data_outage' });
  });

  it('needs 36 days of events that name their users', () => {
    const young = runOn(usageCliffIntervention, {
      ...account,
      created: '2026-03-01',
      events: fallen('U1', 'report', 3),
    });
    expect([young.status, young.dataGaps[0]!.reason]).toEqual(['insufficient_data', '30 of 36 days of data']);
    const nameless = account.events!.map((event) => ({ ...event, user: null }));
    const { status, dataGaps } = runOn(usageCliffIntervention, { ...account, events: nameless });
    expect([status, dataGaps[0]!.reason]).toEqual(['insufficient_data', 'events carry no userId']);
  });

  it('evaluates no fall from a low base', () => {
    const events = ['U1', 'U2', 'U3'].flatMap((user) =>
      daily('2026-02-01', '2026-03-01', user, 'report', 1).slice(0, 3),
    );
    const { status, reasons, result } = runOn(usageCliffIntervention, { ...account, events });
    expect([status, reasons, result!.cliff]).toEqual(['refused', ['not_evaluated'], null]);
  });

  it('does nothing about a dip', () => {
    const events = ['U1', 'U2', 'U3'].flatMap((user) => [...usual(user, 'report', 10), ...fallen(user, 'report', 6)]);
    const { status, reasons, result, actions } = runOn(usageCliffIntervention, { ...account, events });
    expect([status, reasons, result!.cliff, result!.dropPct, actions]).toEqual(['ok', ['dip'], false, -40, []]);
  });

  it('intervenes once in 14 days, and again on the fifteenth', () => {
    const refused = runOn(usageCliffIntervention, account, { past: [made('2026-03-18')] });
    expect([refused.status, refused.reasons, refused.result!.eligibleFrom, refused.actions]).toEqual([
      'refused',
      ['once_per_period'],
      '2026-04-01',
      [],
    ]);
    for (const past of [made('2026-03-17'), made('2026-03-31'), made('2026-03-25', 'dismissed')]) {
      expect(runOn(usageCliffIntervention, account, { past: [past] }).status).toBe('ok');
    }
  });

  it('is partial where incidents are not imported, and keeps hostile names inert', () => {
    const contacts = [{ contactId: 'U1', name: '# <b>x</b> | [a](b)', createdAt: at('2026-01-01') }];
    const { status, dataGaps, markdown } = runOn(usageCliffIntervention, {
      ...account,
      kinds: ['accounts', 'contacts', 'events'],
      records: { contacts },
    });
    expect([status, dataGaps.map(({ fact }) => fact)]).toEqual(['partial', ['incidents']]);
    expect(markdown).not.toContain('<b>');
    expect(markdown).not.toContain('\n# \\<');
  });
});
