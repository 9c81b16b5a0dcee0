/** customer_success/time_to_impact (skills.md B), with its worked examples. */
import { describe, expect, it } from 'vitest';
import { at, catalogue, day, feature, type TestAccount, type TestEvent } from '../../../../test/build-account.ts';
import { runOn, skillContext } from '../../../../test/skill-context.ts';
import type { Feature } from '../../catalogue/catalogue.ts';
import { timeToImpact as impactOf } from '../../scores/time-to-impact.ts';
import { timeToImpact } from './time-to-impact.ts';

/** Day 25 on 2026-03-31. */
const START = day('2026-03-06');
const seen = (event: string, days: number, user = 'u1'): TestEvent => ({ day: START + days, user, event });
const events = [seen('login', 1), seen('workflow_done', 10), seen('share', 20)];
const cat = catalogue({
  milestones: [{ id: 'first_value', event: 'share', count: 1, significance: 'major' }],
  signals: { workflow: ['workflow_done'] },
});
const acme = { name: 'Acme', createdAt: at('2026-03-06'), segment: 'smb' };
const account: TestAccount = {
  today: '2026-03-31',
  created: '2026-03-06',
  catalogue: cat,
  events,
  records: { accounts: [acme] },
};
const run = (extra: Partial<TestAccount> = {}) =>
  runOn(timeToImpact, { ...account, ...extra }, { stage: 'activation' });
const actionsOf = ({ actions }: ReturnType<typeof run>) =>
  actions.map(({ ownerRole, dueDate, channel }) => [ownerRole, dueDate, channel]);
const milestone = (result: ReturnType<typeof run>, id: string) =>
  result.result!.milestones.find((each) => each.id === id);

describe('the calculation', () => {
  const { measures } = skillContext(timeToImpact, account).workspace;
  const base = { start: START, today: START + 25, segment: 'smb', peerMedianDays: {} };

  it('gives the first worked example: first value on day 20, +6, slip 1.2857, active adoption on day 27, at risk', () => {
    const reachedOn = {
      firstLogin: START + 1,
      firstWorkflow: START + 10,
      firstWin: START + 20,
      activeAdoption: undefined,
    };
    const result = impactOf({ ...base, reachedOn }, measures.impact);
    expect([result.timeToFirstValueDays.value, result.slipRatio.value, result.atRisk.value]).toEqual([
      20,
      1.2857,
      true,
    ]);
    expect(result.milestones[2]).toMatchObject({ id: 'firstWin', deltaDays: 6, late: true });
    expect(result.forecast.value).toEqual({ id: 'activeAdoption', day: 27, confidence: 'medium' });
  });

  it('gives the second worked example: nothing tracked, nothing known', () => {
    const result = impactOf({ ...base, reachedOn: {} }, measures.impact);
    const all = [result.timeToFirstValueDays, result.timeToRoiDays, result.forecast];
    expect(all.map(({ value }) => value)).toEqual([undefined, undefined, undefined]);
  });
});

describe('a run', () => {
  it('gives the first worked example from records', () => {
    const result = run();
    expect(result.result).toMatchObject({
      day: 25,
      timeToFirstValueDays: 20,
      timeToRoiDays: null,
      slipRatio: 1.2857,
      forecast: { id: 'active_adoption', day: 27, date: '2026-04-02', confidence: 'medium' },
      atRisk: true,
    });
    expect(result.result!.milestones).toEqual([
      {
        id: 'first_login',
        targetDays: 1,
        targetDate: '2026-03-07',
        targetFrom: 'policy',
        actualDays: 1,
        reachedOn: '2026-03-07',
        deltaDays: 0,
        late: false,
      },
      expect.objectContaining({ id: 'first_workflow', actualDays: 10, deltaDays: 3, late: true }),
      expect.objectContaining({ id: 'first_win', actualDays: 20, deltaDays: 6, late: true }),
      expect.objectContaining({ id: 'active_adoption', actualDays: null, deltaDays: null, late: true }),
    ]);
    expect(actionsOf(result)).toEqual([
      ['csm', '2026-04-01', 'call'],
      ['growth', '2026-03-31', 'task'],
    ]);
    expect(result.actions[0]!.title).toBe(
      'Call about first workflow, reached on day 10, target 7; active adoption, open on day 25, target 21',
    );
    expect([...result.markdown.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual([
      ...timeToImpact.sections,
      'Actions',
    ]);
    expect(result.markdown).toContain(
      'Active adoption on day 27 (2026-04-02), confidence medium: milestones have taken 1.29 times their target so far.',
    );
    expect(result.markdown).toContain('- **First win:** 6 days late');
  });

  it('is partial while goals and payments are not recorded, and says what would supply them', () => {
    const { status, dataGaps } = run();
    expect(status).toBe('partial');
    expect(dataGaps).toEqual([
      { fact: 'roi_positive', reason: 'no goal with a valueAmount recorded' },
      { fact: 'strategic', reason: 'no goal tagged strategic recorded' },
    ]);
    expect(run({ kinds: ['accounts', 'events'] }).dataGaps[0]?.reason).toBe('no goals imported');
  });

  it('gives the second worked example from records: nothing tracked, nothing known', () => {
    const result = run({ catalogue: catalogue({ logins: [] }), events: [], kinds: ['accounts', 'events'] });
    expect(result.status).toBe('insufficient_data');
    expect(result.result).toMatchObject({
      timeToFirstValueDays: null,
      timeToRoiDays: null,
      forecast: null,
      atRisk: null,
      slipRatio: null,
      milestones: [],
    });
    expect(result.dataGaps.map(({ fact }) => fact)).toEqual([
      'first_login',
      'first_workflow',
      'first_win',
      'active_adoption',
      'roi_positive',
      'strategic',
    ]);
    expect(result.actions).toEqual([]);
  });

  it('has nothing to act on while everything is in time', () => {
    const result = run({ today: '2026-03-16', events: [seen('login', 1), seen('workflow_done', 3)] });
    expect([actionsOf(result), result.result!.atRisk]).toEqual([[], false]);
    expect(result.markdown).toContain('- **First win:** open, 4 days left');
    expect(result.markdown).toContain('No blocker is recorded and no open milestone is late.');
  });

  it('tells the CS manager of more than 14 days behind, reached or not', () => {
    const win = (days: number) =>
      actionsOf(run({ today: '2026-04-10', events: [seen('login', 1), seen('share', days)] }));
    const alert = ['csManager', '2026-04-14', 'task'];
    expect(win(28)).toContainEqual(alert); // the workflow is open, 28 days past day 7
    const both = [seen('login', 1), seen('workflow_done', 7)];
    expect(actionsOf(run({ events: [...both, seen('share', 14)] }))).not.toContainEqual([
      'csManager',
      '2026-04-02',
      'task',
    ]);
    expect(actionsOf(run({ today: '2026-04-04', events: [...both, seen('share', 28)] }))).not.toContainEqual(
      expect.arrayContaining(['csManager']),
    );
    expect(actionsOf(run({ today: '2026-04-05', events: [...both, seen('share', 29)] }))).toContainEqual([
      'csManager',
      '2026-04-07',
      'task',
    ]);
  });

  it('takes the median of the peers for the first win where it is known', () => {
    const context = skillContext(timeToImpact, account);
    const workspace = { ...context.workspace, peerMedian: () => 25 };
    const { result, actions } = runOn(timeToImpact, account, { workspace });
    expect(result!.milestones[2]).toMatchObject({ targetDays: 25, targetFrom: 'peers', late: false });
    expect(actions.map(({ ownerRole }) => ownerRole)).toEqual(['csm']);
  });

  it('gives an enterprise twice the time', () => {
    const { result } = run({ records: { accounts: [{ ...acme, segment: 'enterprise' }] } });
    expect(result!.milestones.map(({ targetDays }) => targetDays)).toEqual([2, 14, 28, 42]);
    expect(result!.atRisk).toBe(false);
  });
});

describe('what counts as reached', () => {
  it('is the first core action where the workflow belongs to a plan the account does not have', () => {
    const features: Feature[] = [feature('report'), feature('flows', { events: ['workflow_done'], plans: ['flows'] })];
    const subscription = { subscriptionId: 's', plan: 'pro', status: 'active' as const, startedAt: at('2026-03-06') };
    const first = (plan: string) =>
      milestone(
        run({
          catalogue: { ...cat, features },
          events: [...events, seen('report', 4)],
          records: { accounts: [acme], subscriptions: [{ ...subscription, plan }] },
        }),
        'first_workflow',
      )?.actualDays;
    expect([first('pro'), first('flows')]).toEqual([4, 10]);
  });

  it('is active adoption on the day the score and the aha moment were both there', () => {
    const full = catalogue({
      features: [feature('report')],
      milestones: cat.milestones,
      signals: cat.signals,
    });
    // the score is full on day 9; the aha moment is three core uses within a week
    const use = [seen('login', 1), seen('report', 2), seen('share', 8), seen('report', 9, 'u2')];
    const adopted = run({ catalogue: full, events: [...use, seen('report', 17), seen('report', 18)] });
    expect(milestone(adopted, 'active_adoption')).toMatchObject({ actualDays: null });
    const quick = run({ catalogue: full, events: [...use, seen('report', 14), seen('report', 15)] });
    expect(milestone(quick, 'active_adoption')).toMatchObject({ actualDays: 15, late: false });
  });

  it('is a return once achieved value covers what was paid, in the currency of the invoices', () => {
    const goal = (goalId: string, valueAmountMinor: number, achievedOn?: number) => ({
      goalId,
      title: goalId,
      createdAt: at('2026-03-07'),
      valueAmountMinor,
      ...(achievedOn !== undefined && { achievedAt: START + achievedOn }),
    });
    const invoice = (invoiceId: string, amountMinor: number, currency = 'EUR') => ({
      invoiceId,
      issuedAt: at('2026-03-07'),
      dueAt: START + 30,
      amountMinor,
      currency,
      paidAt: START + 5,
    });
    const goals = [goal('a', 60_000, 10), goal('b', 60_000, 22), goal('c', 900_000)];
    const records = { accounts: [acme], goals, invoices: [invoice('i', 100_000)] };
    const result = run({ records });
    expect(result.result).toMatchObject({ timeToRoiDays: 22, valueRecorded: 1200, paid: 1000, currency: 'EUR' });
    expect(result.markdown).toContain('1,200 EUR recorded, 1,000 EUR paid');
    const mixed = run({ records: { ...records, invoices: [invoice('i', 100), invoice('j', 100, 'USD')] } });
    expect(mixed.dataGaps[0]).toEqual({ fact: 'roi_positive', reason: 'invoices in several currencies' });
    expect(mixed.result!.paid).toBeNull();
  });

  it('is strategic with the first achieved goal of that tag', () => {
    const goals = [{ goalId: 'g', title: 'Enter a market', createdAt: at('2026-03-07'), tags: ['strategic'] }];
    const open = run({ records: { accounts: [acme], goals } });
    expect(milestone(open, 'strategic')).toMatchObject({ targetDays: 90, actualDays: null });
    const done = run({
      records: { accounts: [acme], goals: goals.map((goal) => ({ ...goal, achievedAt: START + 23 })) },
    });
    expect(milestone(done, 'strategic')).toMatchObject({ actualDays: 23, deltaDays: -67 });
  });

  it('shows blockers as they were written, and nothing in them as markup', () => {
    const text = '# <b>x</b> | [a](b)';
    const notes = [{ noteId: 'n', at: at('2026-03-20'), text, tags: ['blocker:sso:high'] }];
    const { markdown, actions } = run({ records: { accounts: [{ ...acme, name: text }], notes } });
    expect(markdown).toContain('- sso (high, since 2026-03-20): "');
    expect(markdown).not.toMatch(/<b>|[^\\]\]\(b\)|^# #/m);
    expect(actions[0]!.evidence).toEqual(['n']);
  });

  it('is judged by the activation score', () => {
    const { measured } = skillContext(timeToImpact, account);
    expect(timeToImpact.outcome.read(measured).value).toBe(measured.activation.score.value);
    expect(timeToImpact.parameters.safeParse({ alertDelta: -1 }).success).toBe(false);
  });
});
