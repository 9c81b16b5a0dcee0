/** customer_success/onboarding_health (skills.md B), with its worked examples. */
import { describe, expect, it } from 'vitest';
import { at, catalogue, day, feature, type TestAccount, type TestEvent } from '../../../../test/build-account.ts';
import { runOn, skillContext } from '../../../../test/skill-context.ts';
import type { Milestone, SetupStep } from '../../catalogue/catalogue.ts';
import { known, unknown } from '../../facts/view.ts';
import { publish } from '../../scores/number.ts';
import { type DatedStep, onboardingHealth as score } from '../../scores/onboarding-health.ts';
import { onboardingHealth } from './onboarding-health.ts';

/** Day 20 of the onboarding that began on 2026-03-11. */
const START = day('2026-03-11');
const on = (days: number) => START + days;
const milestone = (id: string, dueDays: number): Milestone => ({
  id,
  event: id,
  count: 1,
  significance: 'major',
  dueDays,
});
const milestones = [milestone('first_value', 3), milestone('b', 7), milestone('c', 10), milestone('d', 15)];
const setup = ['s1', 's2', 's3', 's4', 's5'].map((id): SetupStep => ({ id, event: id, required: true, dependsOn: [] }));
const seen = (user: string, event: string, days: number): TestEvent => ({ day: on(days), user, event });
const events: TestEvent[] = [
  seen('u1', 'first_value', 2),
  seen('u2', 'b', 7),
  seen('u3', 'c', 12),
  ...['s1', 's2', 's3', 's4'].map((event) => seen('u4', event, 4)),
  seen('u5', 'login', 15),
  seen('u6', 'login', 19),
];
const note = (noteId: string, days: number, extra: object) => ({
  noteId,
  at: at('2026-03-11') + days * 86_400_000,
  text: '',
  ...extra,
});
/** Three of four messages answered, the one meeting held. */
const notes = [
  note('met', 5, { tags: ['meeting_held'] }),
  ...[1, 2, 3].flatMap((contact) => [
    note(`ask${contact}`, 2, { author: 'csm', kind: 'email', contactId: `u${contact}` }),
    note(`answer${contact}`, 3, { author: 'customer', kind: 'email', contactId: `u${contact}` }),
  ]),
  note('unanswered', 6, { author: 'csm', kind: 'email', contactId: 'u9' }),
];
const contacts = Array.from({ length: 10 }, (_, i) => ({ contactId: `u${i + 1}` }));
const acme = { name: 'Acme', createdAt: at('2026-03-11'), segment: 'smb' };
const account: TestAccount = {
  today: '2026-03-31',
  created: '2026-03-11',
  catalogue: catalogue({ features: [feature('first_value')], milestones, setup }),
  events,
  records: { accounts: [acme], contacts, notes },
};
const run = (extra: Partial<TestAccount> = {}, segment?: string) =>
  runOn(
    onboardingHealth,
    { ...account, ...extra, ...(segment && { records: { ...account.records, accounts: [{ ...acme, segment }] } }) },
    { stage: 'onboarding' },
  );
const actionsOf = (result: ReturnType<typeof run>) =>
  result.actions.map(({ ownerRole, dueDate, channel }) => [ownerRole, dueDate, channel]);

describe('the calculation', () => {
  const { workspace } = skillContext(onboardingHealth, account);
  const step = (id: string, dueDays: number, done?: number): DatedStep => ({
    id,
    dueDays,
    doneOn: done === undefined ? undefined : on(done),
  });
  const base = {
    start: START,
    today: on(20),
    segment: 'smb',
    technical: known({ done: 4, applicable: 5 }),
    users: known({ activated: 6, invited: 10 }),
  };

  it('gives the first worked example: 72.625, so 73, watch', () => {
    const steps = known([step('a', 3, 2), step('b', 7, 7), step('c', 10, 12), step('d', 15)]);
    const result = score({ ...base, steps, attendance: known(100), replies: known(75) }, workspace.measures.onboarding);
    expect(result.score.value).toBeCloseTo(72.625, 9);
    expect([publish(result.score.value!), result.status.value]).toEqual([73, 'watch']);
  });

  it('gives the second worked example: technical and users alone are .45 of the weight, too little', () => {
    const none = unknown('no notes imported');
    const result = score({ ...base, steps: known([]), attendance: none, replies: none }, workspace.measures.onboarding);
    expect([result.coverage, result.score.value]).toEqual([0.45, undefined]);
  });
});

describe('a run', () => {
  it('gives the first worked example from records: 73, watch, a call on 2026-04-01', () => {
    const result = run();
    expect(result.status).toBe('ok');
    expect(result.result).toMatchObject({
      score: 73,
      status: 'watch',
      phase: 2,
      day: 20,
      coverage: 1,
      components: {
        milestones: { points: 62.5, weight: 0.3, reason: null },
        engagement: { points: 87.5 },
        technical: { points: 80 },
        users: { points: 60 },
      },
      overdue: [{ id: 'd', days: 5 }],
      blockers: [],
      silentDays: 0,
    });
    expect(actionsOf(result)).toEqual([['csm', '2026-04-01', 'call']]);
    expect(result.actions[0]!.title).toBe('Call about d, 5 days overdue');
    expect([...result.markdown.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual([
      ...onboardingHealth.sections,
      'Actions',
    ]);
    expect(result.markdown).toContain('73 of 100, watch, on 100 % of the weight.');
    expect(result.markdown).toContain('| d | 5 |');
  });

  it('gives the second worked example from records: technical and users alone are not enough', () => {
    const undated = milestones.map(({ dueDays: _, ...each }) => each);
    const result = run({
      catalogue: catalogue({ features: [feature('first_value')], milestones: undated, setup }),
      records: { accounts: [acme], contacts },
    });
    expect(result.status).toBe('insufficient_data');
    expect(result.result).toMatchObject({ score: null, status: null, coverage: 0.45, day: 20 });
    expect(result.dataGaps).toEqual([
      { fact: 'onboarding milestones', reason: 'nothing in the catalogue has dueDays' },
      { fact: 'onboarding engagement', reason: 'no meeting recorded in 20 days' },
    ]);
    expect(result.markdown).toContain('The score is unknown: 45 % of its weight is known.');
  });

  it('is partial where one part is unknown and enough of the weight is known', () => {
    const result = run({ records: { accounts: [acme], contacts } });
    expect([result.status, result.confidence, result.result!.coverage]).toEqual(['partial', 'medium', 0.75]);
  });

  it('agrees with the facts that trigger it', () => {
    const { measured } = skillContext(onboardingHealth, account);
    expect(publish(measured.onboarding.score.value!)).toBe(run().result!.score);
    expect(onboardingHealth.outcome.read(measured)).toEqual({ value: 73 });
  });

  it('calls only beyond three days overdue, and names the longest', () => {
    const due = (dueDays: number) =>
      run({ catalogue: { ...account.catalogue!, milestones: [...milestones.slice(0, 3), milestone('d', dueDays)] } });
    expect(actionsOf(due(17))).toEqual([]);
    expect(actionsOf(due(16))).toEqual([['csm', '2026-04-01', 'call']]);
    const two = run({ events: events.filter(({ event }) => event !== 'c') });
    expect(two.actions[0]!.title).toBe('Call about c, 10 days overdue, and 1 further step');
  });

  it('alerts the CS manager after five silent days, neither used nor in contact', () => {
    const until = (last: number) => run({ events: events.filter((each) => (each.day as number) <= on(last)) });
    expect(until(12).result!.silentDays).toBe(7);
    expect(actionsOf(until(12))).toContainEqual(['csManager', '2026-04-01', 'alert']);
    expect(actionsOf(until(15))).not.toContainEqual(['csManager', '2026-04-01', 'alert']);
    const met = [...notes, note('talk', 16, { author: 'customer', kind: 'call', contactId: 'u1' })];
    const talked = run({
      events: events.filter((each) => (each.day as number) <= on(12)),
      records: { ...account.records, notes: met },
    });
    expect(talked.result!.silentDays).toBe(3);
  });

  it('asks an executive from day 30 on below 60, and an enterprise twice as late', () => {
    const at30 = (days: number, segment = 'smb') =>
      actionsOf(
        runOn(
          onboardingHealth,
          {
            ...account,
            today: days === 30 ? '2026-04-10' : '2026-04-09',
            events: [...events.slice(0, 1), seen('u6', 'login', 28)],
            records: { ...account.records, accounts: [{ ...acme, segment }] },
          },
          { stage: 'onboarding' },
        ),
      );
    expect(at30(30)).toContainEqual(['exec', '2026-04-14', 'meeting']);
    expect(at30(29).map(([role]) => role)).not.toContain('exec');
    expect(at30(30, 'enterprise').map(([role]) => role)).not.toContain('exec');
  });

  it('gives an enterprise twice the time for every date', () => {
    expect(run({}, 'Enterprise').result!.overdue).toEqual([]);
  });

  it('names blockers from notes, and open escalations and incidents', () => {
    const hostile = '# <b>x</b> | [a](b)';
    const blocked = run({
      records: {
        ...account.records,
        notes: [...notes, note('n9', 10, { text: hostile, tags: ['blocker:sso:high'] })],
        incidents: [{ incidentId: 'inc-1', startedAt: at('2026-03-30'), severity: 'P1' }],
        tickets: [{ ticketId: 't-1', openedAt: at('2026-03-28'), escalatedAt: at('2026-03-29') }],
      },
    });
    expect(blocked.result!.blockers).toEqual([
      {
        type: 'incident',
        impact: 'high',
        description: 'incident inc-1 is open',
        since: '2026-03-30',
        sourceId: 'inc-1',
      },
      {
        type: 'escalation',
        impact: 'high',
        description: 'escalation t-1 is open',
        since: '2026-03-29',
        sourceId: 't-1',
      },
      { type: 'sso', impact: 'high', description: hostile, since: '2026-03-21', sourceId: 'n9' },
    ]);
    expect(blocked.markdown).not.toMatch(/<b>|[^\\]\]\(b\)/);
    expect(blocked.actions[0]!.evidence).toEqual(['inc-1', 't-1', 'n9']);
  });

  it('says after the first 90 days that they are over', () => {
    expect(run().reasons).toEqual([]);
    expect(run({ today: '2026-06-10' }).reasons).toEqual(['after_the_first_90_days']);
    expect(run({ today: '2026-06-09' }).reasons).toEqual([]);
  });
});

describe('the handoff checklist', () => {
  const list = (extra: TestAccount['records'] = {}, kinds?: TestAccount['kinds']) =>
    run({ records: { ...account.records, ...extra }, ...(kinds && { kinds }) }).result!.handoffChecklist;
  const done = (items: ReturnType<typeof list>) => Object.fromEntries(items.map((each) => [each.id, each.done]));

  it('is there where people, goals and a date are recorded', () => {
    const items = list({
      contacts: [
        { contactId: 'u1', name: 'Ana', roles: ['champion'], lastContactAt: at('2026-03-20') },
        { contactId: 'u2', name: 'Bob', roles: ['executive_sponsor'], lastContactAt: at('2026-01-20') },
      ],
      goals: [{ goalId: 'g1', title: 'Save hours', createdAt: at('2026-03-12'), target: 10 }],
      notes: [...notes, note('plan', 8, { tags: ['qbr:2026-06-15'] })],
    });
    expect(done(items)).toMatchObject({ first_value: true, champion: true, success_criteria: true, qbr_date: true });
    expect(items.find(({ id }) => id === 'champion')).toMatchObject({ detail: 'Ana, active', evidence: ['u1'] });
    expect(items.find(({ id }) => id === 'qbr_date')).toMatchObject({ detail: '2026-06-15', evidence: ['plan'] });
    expect(items.find(({ id }) => id === 'first_value')?.detail).toBe('reached on 2026-03-13');
    expect(items.find(({ id }) => id === 'success_criteria')?.evidence).toEqual(['g1']);
  });

  it('is missing where nothing is recorded, and unknown where nobody could have recorded it', () => {
    expect(done(list())).toMatchObject({ champion: false, sponsor: false, success_criteria: false, qbr_date: false });
    const unseen = list({}, ['accounts', 'events']);
    expect(done(unseen)).toMatchObject({ champion: null, sponsor: null, success_criteria: null, qbr_date: null });
    expect(unseen.find(({ id }) => id === 'success_criteria')?.detail).toBe('no goals imported');
  });

  it('asks for an adoption score and a band of neutral or better', () => {
    const items = list();
    const { measured } = skillContext(onboardingHealth, account);
    const { score: adoption } = measured.adoption;
    expect(items.find(({ id }) => id === 'adoption')?.done).toBe(adoption.value! >= 60);
    expect(items.find(({ id }) => id === 'health')?.done).toBe(
      ['healthy', 'neutral'].includes(measured.health.band.value!),
    );
    const low = runOn(onboardingHealth, account, { parameters: { adoptionAtLeast: 0 } }).result!.handoffChecklist;
    expect(low.find(({ id }) => id === 'adoption')?.done).toBe(true);
  });
});
