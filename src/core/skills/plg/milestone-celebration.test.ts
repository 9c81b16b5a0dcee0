/** plg/milestone_celebration (skills.md B), with its worked examples. */
import { describe, expect, it } from 'vitest';
import { at, catalogue, day, feature, type TestAccount, type TestEvent } from '../../../../test/build-account.ts';
import { runOn, skillContext } from '../../../../test/skill-context.ts';
import type { Milestone } from '../../catalogue/catalogue.ts';
import type { PastIntervention } from '../skill.ts';
import { type CelebrationCase, celebrate, type MilestoneState } from './celebration.ts';
import { milestoneCelebration } from './milestone-celebration.ts';

const state = (id: string, extra: Partial<MilestoneState> = {}): MilestoneState => ({
  id,
  significance: 'minor',
  category: 'main',
  reachedOn: undefined,
  current: 0,
  threshold: 1,
  ...extra,
});
const bounds = { newDays: 30, queueMinutes: 60, perSession: 2 };
const NOW = at('2026-03-31T06:00:00Z');
const base: CelebrationCase = {
  milestones: [state('first_value', { significance: 'major', reachedOn: 100, current: 1 })],
  log: [],
  preference: 'full',
  now: NOW,
  today: 101,
  shownToday: 0,
  openIncidents: 0,
  openEscalations: 0,
  quiet: false,
};
const pick = (extra: Partial<CelebrationCase> = {}) => celebrate({ ...base, ...extra }, bounds);

describe('the choice', () => {
  it('gives the first worked example: first value in full with an email, ten reports next at 40 %', () => {
    const ten = state('ten_reports', { current: 4, threshold: 10 });
    expect(pick({ milestones: [...base.milestones, ten] })).toMatchObject({
      milestone: { id: 'first_value' },
      celebrationType: 'full_email',
      delivered: true,
      next: { id: 'ten_reports', progressPct: 40 },
    });
  });

  it('records the second worked example but does not deliver it: a P1 is open', () => {
    expect(pick({ openIncidents: 1 })).toMatchObject({
      milestone: { id: 'first_value' },
      delivered: false,
      suppressedBy: ['incident'],
    });
    expect(pick({ openEscalations: 1 })?.suppressedBy).toEqual(['escalation']);
  });

  it('shows a toast, a modal, the full view with an email, and sharing, by significance; a toast to those who want little', () => {
    const type = (significance: MilestoneState['significance'], preference: 'full' | 'minimal' = 'full') =>
      pick({ milestones: [state('m', { significance, reachedOn: 100 })], preference })?.celebrationType;
    expect([type('minor'), type('moderate'), type('major'), type('exceptional')]).toEqual([
      'toast',
      'modal',
      'full_email',
      'full_email_sharing',
    ]);
    expect(type('exceptional', 'minimal')).toBe('toast');
  });

  it('takes the most significant new one, then the latest', () => {
    const milestones = [
      state('b', { reachedOn: 99 }),
      state('a', { reachedOn: 100 }),
      state('big', { significance: 'moderate', reachedOn: 90 }),
      state('old', { significance: 'exceptional', reachedOn: 70 }),
    ];
    expect(pick({ milestones })?.milestone.id).toBe('big');
    const shown = { milestoneId: 'big', doneAt: 0, dismissed: false };
    expect(pick({ milestones, log: [shown] })?.milestone.id).toBe('a');
    expect(pick({ milestones, log: [{ ...shown, doneAt: undefined }] })?.milestone.id).toBe('big');
    expect(pick({ milestones: [state('old', { reachedOn: 70 })] })).toBeUndefined();
    expect(pick({ milestones: [state('in time', { reachedOn: 71 })] })?.milestone.id).toBe('in time');
  });

  it('queues within the hour, skips after a dismissal, and shows two a session', () => {
    const shown = (minutes: number) => [{ milestoneId: 'x', doneAt: NOW - minutes * 60_000, dismissed: false }];
    expect(pick({ log: shown(59) })).toMatchObject({ suppressedBy: ['queued'], queuedUntil: NOW + 60_000 });
    expect(pick({ log: shown(60) })).toMatchObject({ delivered: true, queuedUntil: undefined });
    const dismissed = { milestoneId: 'x', doneAt: undefined, dismissed: true };
    expect(pick({ log: [dismissed] })?.suppressedBy).toEqual(['dismissed_last']);
    expect(pick({ log: [dismissed, ...shown(600)] })?.delivered).toBe(true);
    expect(pick({ shownToday: 2 })?.suppressedBy).toEqual(['session_limit']);
  });

  it('leads to the nearest open milestone of the same category only', () => {
    const next = (...others: MilestoneState[]) => pick({ milestones: [...base.milestones, ...others] })?.next?.id;
    const far = state('far', { current: 1, threshold: 10 });
    const near = state('near', { current: 99, threshold: 100 });
    expect(next(far, near)).toBe('near');
    expect(next(far, { ...near, category: 'other' })).toBe('far');
    expect(next({ ...near, reachedOn: 95 })).toBeUndefined();
    const [ten, hundred] = [10, 100].map((threshold) => state(`m${threshold}`, { threshold }));
    expect(next({ ...hundred!, id: 'a' }, ten!)).toBe('m10'); // equally far: the smaller step
  });
});

const milestone = (id: string, event: string, count: number, significance: Milestone['significance']): Milestone => ({
  id,
  event,
  count,
  significance,
});
const milestones = [
  milestone('first_value', 'report_shared', 1, 'major'),
  milestone('ten_reports', 'report_created', 10, 'moderate'),
];
const cat = catalogue({ features: [feature('reports', { events: ['report_created', 'report_shared'] })], milestones });
const events: TestEvent[] = [
  { day: '2026-03-29', user: 'u1', event: 'report_created', count: 4 },
  { day: '2026-03-30', user: 'u1', event: 'report_shared' },
];
const account: TestAccount = { today: '2026-03-31', created: '2026-03-10', catalogue: cat, events };
const incident = { incidentId: 'inc-1', startedAt: at('2026-03-30'), severity: 'P1' as const };
const past = (extra: Partial<PastIntervention>): PastIntervention => ({
  id: 'i',
  skill: 'plg/milestone_celebration',
  ruleId: 'onboarding.milestone',
  state: 'completed',
  madeOn: day('2026-03-30'),
  doneAt: at('2026-03-30'),
  dismissedFor: undefined,
  result: { milestoneId: 'first_value' },
  ...extra,
});

describe('a run', () => {
  it('gives the first worked example from records', () => {
    const { status, result, actions, markdown } = runOn(milestoneCelebration, account, { stage: 'onboarding' });
    expect(status).toBe('ok');
    expect(result).toEqual({
      milestoneId: 'first_value',
      significance: 'major',
      celebrationType: 'full_email',
      delivered: true,
      suppressedBy: [],
      next: { id: 'ten_reports', progressPct: 40 },
      reachedOn: '2026-03-30',
      queuedUntil: null,
    });
    expect(actions.map(({ ownerRole, dueDate, channel }) => [ownerRole, dueDate, channel])).toEqual([
      ['growth', '2026-03-31', 'in_app'],
      ['csm', '2026-04-01', 'email'],
    ]);
    expect([...markdown.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual([
      ...milestoneCelebration.sections,
      'Actions',
    ]);
    expect(markdown).toContain('Reached on 2026-03-30: report shared 1 time so far, 1 needed.');
    expect(markdown).toContain('Ten reports: 4 of 10 (40 %).');
  });

  it('gives the second worked example from records: recorded, held, not delivered', () => {
    const { status, result, reasons, actions } = runOn(milestoneCelebration, {
      ...account,
      records: { incidents: [incident] },
    });
    expect([status, reasons]).toEqual(['ok', ['incident']]);
    expect(result).toMatchObject({ milestoneId: 'first_value', delivered: false, suppressedBy: ['incident'] });
    expect(actions.map(({ channel, heldBy, evidence }) => [channel, heldBy, evidence])).toEqual([
      ['in_app', ['conversation.incident'], ['inc-1']],
      ['email', ['conversation.incident'], ['inc-1']],
    ]);
  });

  it('is refused as unverified without evidence, and says what is missing where use is unknown', () => {
    const unproved = runOn(milestoneCelebration, { ...account, events: events.slice(0, 1) });
    expect([unproved.status, unproved.reasons, unproved.actions]).toEqual(['refused', ['unverified'], []]);
    const undefinedYet = runOn(milestoneCelebration, { ...account, catalogue: catalogue() });
    expect([undefinedYet.status, undefinedYet.dataGaps[0]?.reason]).toEqual([
      'insufficient_data',
      'catalog.yaml has no milestones',
    ]);
    const context = skillContext(milestoneCelebration, { ...account, events: events.slice(0, 1) });
    const { view, activation } = context.measured;
    const measured = { ...context.measured, activation, view: { ...view, usageGap: 'no events imported' } };
    expect(runOn(milestoneCelebration, account, { measured }).dataGaps).toEqual([
      { fact: 'evidence events', reason: 'no events imported' },
    ]);
  });

  it('is partial where incidents and escalations cannot be seen', () => {
    const { status, dataGaps } = runOn(milestoneCelebration, { ...account, kinds: ['accounts', 'events'] });
    expect([status, dataGaps.map(({ fact }) => fact)]).toEqual(['partial', ['open incidents', 'open escalations']]);
  });

  it('asks for a quote on an exceptional milestone where the NPS part is 70 or more', () => {
    const exceptional = { ...cat, milestones: [milestone('first_value', 'report_shared', 1, 'exceptional')] };
    const roles = (score: number, records: TestAccount['records'] = {}) => {
      const surveys = [{ surveyId: 's', answeredAt: at('2026-03-20'), kind: 'nps' as const, score, contactId: 'c' }];
      const { actions } = runOn(milestoneCelebration, {
        ...account,
        catalogue: exceptional,
        records: { surveys, ...records },
      });
      return actions.map(({ ownerRole, dueDate, channel }) => [ownerRole, dueDate, channel]);
    };
    expect(roles(8)).toContainEqual(['csm', '2026-04-03', 'task']);
    expect(roles(6)).toHaveLength(2);
    expect(roles(9, { incidents: [incident] })).toHaveLength(2);
  });

  it('repeats nothing that was shown, and shows nothing new after a dismissal', () => {
    const again = runOn(milestoneCelebration, account, { past: [past({})] });
    expect([again.reasons, again.result!.milestoneId, again.actions]).toEqual([['no_new_milestone'], null, []]);
    expect(again.markdown).toContain('Nothing reached in the last 30 days is uncelebrated.');
    const dismissed = past({ state: 'dismissed', doneAt: undefined, result: { milestoneId: 'ten_reports' } });
    const skipped = runOn(milestoneCelebration, account, { past: [dismissed] });
    expect([skipped.reasons, skipped.result!.delivered, skipped.actions]).toEqual([['dismissed_last'], false, []]);
  });

  it('waits an hour after the last one, two a day', () => {
    const shown = (doneAt: string) => past({ doneAt: at(doneAt), result: { milestoneId: 'other' } });
    const queued = runOn(milestoneCelebration, account, { past: [shown('2026-03-31T05:30:00Z')] });
    expect(queued.result).toMatchObject({ suppressedBy: ['queued'], queuedUntil: '2026-03-31T06:30:00Z' });
    expect(queued.actions[0]!.title).toContain('not before 2026-03-31T06:30:00Z');
    const twice = [shown('2026-03-31T01:00:00Z'), shown('2026-03-31T02:00:00Z')];
    expect(runOn(milestoneCelebration, account, { past: twice }).reasons).toEqual(['session_limit']);
  });

  it('keeps to what the account wants: a toast, or nothing', () => {
    const wants = (celebrations: string) =>
      runOn(milestoneCelebration, {
        ...account,
        records: { accounts: [{ name: 'Acme', createdAt: at('2026-03-10'), properties: { celebrations } }] },
      });
    expect(wants('minimal').result!.celebrationType).toBe('toast');
    expect(wants('minimal').actions.map(({ channel }) => channel)).toEqual(['in_app']);
    expect(wants('off').reasons).toEqual(['hidden_by_preference']);
  });

  it('is held through a quiet period', () => {
    const quietUntil = day('2026-04-10');
    const { result, actions } = runOn(milestoneCelebration, {
      ...account,
      records: { accounts: [{ name: '# <b>x</b> | [a](b)', createdAt: at('2026-03-10'), quietUntil }] },
    });
    expect(result!.suppressedBy).toEqual(['quiet']);
    expect(actions[0]!.heldBy).toEqual(['capacity.quiet']);
  });

  it('knows the default first value, and lets nothing of a hostile id become markup', () => {
    const defaulted = catalogue({ milestonesDefaulted: true, features: [feature('a'), feature('b')] });
    const days = ['2026-03-25', '2026-03-26', '2026-03-27'];
    const use = days.flatMap((on) => ['a', 'b'].map((event) => ({ day: on, user: 'u1', event })));
    const first = runOn(milestoneCelebration, { ...account, catalogue: defaulted, events: use });
    expect(first.result).toMatchObject({ milestoneId: 'first_value', significance: 'major', reachedOn: '2026-03-27' });
    expect(first.markdown).toContain('the third active day with two or more features');
    const hostile = { ...cat, milestones: [milestone('# <b>x</b> | [a](b)', 'report_shared', 1, 'minor')] };
    expect(runOn(milestoneCelebration, { ...account, catalogue: hostile }).markdown).not.toMatch(/<b>|[^\\]\]\(b\)/);
  });

  it('is judged by the adoption score', () => {
    const { measured } = skillContext(milestoneCelebration, account);
    expect(milestoneCelebration.outcome.read(measured)).toEqual(measured.adoption.score);
  });
});
