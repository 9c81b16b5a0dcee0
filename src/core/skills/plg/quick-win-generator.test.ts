/** plg/quick_win_generator (skills.md B), with its worked examples. */
import { describe, expect, it } from 'vitest';
import { at, catalogue, feature, type TestAccount } from '../../../../test/build-account.ts';
import { runOn } from '../../../../test/skill-context.ts';
import type { PastIntervention } from '../skill.ts';
import { quickWinGenerator, rankQuickWins, type WinCandidate } from './quick-win-generator.ts';

const win = (id: string, extra: Partial<WinCandidate>): WinCandidate => ({
  id,
  minutes: 1,
  value: 1,
  context: 0,
  segment: 0,
  steps: [],
  ...extra,
});

describe('the ranking', () => {
  it('puts an invite of 2 minutes, value 4, both fits full (88) before an import of 4 minutes, value 5, both half (65)', () => {
    const result = rankQuickWins(
      [
        win('import', { minutes: 4, value: 5, context: 50, segment: 50 }),
        win('invite', { minutes: 2, value: 4, context: 100, segment: 100 }),
      ],
      3,
    );
    expect(result.priorityWinId).toBe('invite');
    expect(result.quickWins.map(({ id, score }) => [id, score])).toEqual([
      ['invite', 88],
      ['import', 65],
    ]);
  });

  it('settles a tie by minutes, then by id, and shows no more than asked', () => {
    // 5 minutes with value 4: 5 + 28; 1 minute with value 1: 25 + 7 = 32; equal pairs differ by id only
    const tie = [win('b', {}), win('a', {}), win('c', { minutes: 5, value: 4 })];
    expect(rankQuickWins(tie, 2).quickWins.map(({ id }) => id)).toEqual(['c', 'a']);
  });
});

const features = [
  feature('invite', { minutes: 2, value: 4, tags: ['invite', 'segment:smb'] }),
  feature('import', { minutes: 4, value: 5, tags: ['analytics'], prerequisites: ['invite'] }),
  feature('tour', { minutes: 3, value: 2, tags: ['segment:enterprise'] }),
  feature('report', { minutes: 9, value: 5 }),
  feature('locked', { minutes: 1, value: 5, plans: ['enterprise'] }),
];
const trial: TestAccount = {
  today: '2026-03-31',
  created: '2026-03-25',
  catalogue: catalogue({ features, signals: { invite: ['invite'] } }),
  events: [{ day: '2026-03-26', user: 'u1', event: 'login' }],
  records: {
    accounts: [{ name: 'Acme', createdAt: at('2026-03-25'), segment: 'smb' }],
    subscriptions: [
      { subscriptionId: 's', plan: 'pro', status: 'trialing', startedAt: at('2026-03-25'), trialEndsAt: 20_560 },
    ],
  },
};

describe('a run', () => {
  it('keeps wins that are quick, entitled, undone and without an unmet prerequisite', () => {
    const { status, result, actions } = runOn(quickWinGenerator, trial, { stage: 'trial' });
    expect([status, result!.quickWins.map(({ id }) => id)]).toEqual(['ok', ['invite', 'tour']]);
    expect(result!.quickWins[0]).toMatchObject({ score: 88, minutes: 2 });
    expect(actions.map(({ ownerRole, dueDate, channel }) => [ownerRole, dueDate, channel])).toEqual([
      ['growth', '2026-03-31', 'in_app'],
    ]);
  });

  it('says what the win gives: minutes, value, and the gap it fills', () => {
    const { markdown } = runOn(quickWinGenerator, trial, { stage: 'trial' });
    expect(markdown).toContain(
      'Invite: 2 minutes, value 4 of 5, and fills a gap: only one user so far. Score 88, the most of the 2 shown.',
    );
  });

  it('opens the next win once its prerequisite is done, and gives half for a goal they share', () => {
    const events = [{ day: '2026-03-27', user: 'u1', event: 'invite' }];
    const goals = [{ goalId: 'g', title: 'Report', createdAt: at('2026-03-26'), tags: ['analytics'] }];
    const { result } = runOn(quickWinGenerator, { ...trial, events, records: { ...trial.records, goals } });
    expect(result!.priorityWinId).toBe('import');
    expect(result!.quickWins[0]!.score).toBe(65);
  });

  it('is ok and empty when every win is done', () => {
    const events = ['invite', 'import', 'tour'].map((event) => ({ day: '2026-03-27', user: 'u1', event }));
    const { status, reasons, result, actions } = runOn(quickWinGenerator, { ...trial, events });
    expect([status, reasons, result, actions]).toEqual([
      'ok',
      ['no_eligible_win'],
      { quickWins: [], priorityWinId: null },
      [],
    ]);
  });

  it('asks the CSM after two wins were left for three days', () => {
    const shown = (priorityWinId: string, madeOn: number): PastIntervention => ({
      id: priorityWinId,
      skill: 'plg/quick_win_generator',
      ruleId: 'trial.no_quick_win',
      state: 'completed',
      madeOn,
      doneAt: undefined,
      dismissedFor: undefined,
      result: { priorityWinId },
    });
    const past = [shown('invite', 20_541), shown('tour', 20_540)]; // 2026-03-29 and -28
    const roles = (list: PastIntervention[]) =>
      runOn(quickWinGenerator, trial, { past: list }).actions.map(({ ownerRole, dueDate }) => [ownerRole, dueDate]);
    expect(roles(past)).toEqual([['growth', '2026-03-31']]);
    expect(roles([shown('invite', 20_540), past[1]!])).toContainEqual(['csm', '2026-04-02']);
  });

  it('is refused where the account hides quick wins', () => {
    const accounts = [{ ...trial.records!.accounts![0]!, properties: { hideQuickWins: true } }];
    const { status, reasons } = runOn(quickWinGenerator, { ...trial, records: { ...trial.records, accounts } });
    expect([status, reasons]).toEqual(['refused', ['hidden_by_preference']]);
  });

  it('says which record is missing without a win catalogue', () => {
    const { status, dataGaps } = runOn(quickWinGenerator, { ...trial, catalogue: catalogue() });
    expect([status, dataGaps[0]?.reason]).toEqual([
      'insufficient_data',
      'no feature in catalog.yaml has both minutes and value',
    ]);
  });
});
