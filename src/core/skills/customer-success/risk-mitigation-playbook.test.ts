/** customer_success/risk_mitigation_playbook (skills.md B), with its worked examples; the calculation's own are beside it. */
import { describe, expect, it } from 'vitest';
import {
  at,
  buildAccount,
  catalogue,
  day,
  feature,
  type TestAccount,
  type TestEvent,
} from '../../../../test/build-account.ts';
import { type ContextExtra, runOn, skillContext } from '../../../../test/skill-context.ts';
import { type AccountMeasures, measureAccount } from '../../facts/measure-account.ts';
import { known } from '../../facts/view.ts';
import type { PastIntervention } from '../skill.ts';
import { riskMitigationPlaybook } from './risk-mitigation-playbook.ts';

const today = '2026-03-31';
const lastDay = day(today) - 1;

/** T -30: 280 events in the 28 days before, 196 in the last 28. */
const falling: TestEvent[] = [];
for (let back = 0; back < 56; back++) {
  falling.push({ day: lastDay - back, user: `u${back % 3}`, event: 'report', count: back < 28 ? 7 : 10 });
}
const account: TestAccount = {
  today,
  created: '2025-07-01',
  coveredFrom: '2025-07-01',
  catalogue: catalogue({ features: [feature('report')], competitors: ['Rivalo'] }),
  events: falling,
  records: {
    accounts: [{ name: 'Acme', createdAt: at('2025-07-01'), owners: { csm: 'Kim', csManager: 'Max', exec: 'Eve' } }],
    contacts: [
      {
        contactId: 'ann',
        name: 'Ann',
        roles: ['champion'],
        createdAt: at('2025-07-01'),
        lastContactAt: at('2026-03-20'),
      },
      {
        contactId: 'sam',
        name: 'Sam',
        roles: ['executive_sponsor'],
        createdAt: at('2025-07-01'),
        lastContactAt: at('2026-03-20'),
      },
    ],
    surveys: [{ surveyId: 'n1', answeredAt: at('2026-03-01'), kind: 'nps', score: 8, contactId: 'ann' }],
    subscriptions: [
      {
        subscriptionId: 's',
        plan: 'pro',
        status: 'active',
        seats: 5,
        amountMinor: 2_400_000,
        currency: 'USD',
        interval: 'year',
        startedAt: at('2025-07-01'),
        renewalDate: lastDay + 1 + 120,
      },
    ],
  },
};
const withRecords = (records: NonNullable<TestAccount['records']>, extra: Partial<TestAccount> = {}): TestAccount => ({
  ...account,
  ...extra,
  records: { ...account.records, ...records },
});

/** The account as measured, with the health score and the engagement given. */
function measuredWith(from: TestAccount, score: number, engagement: number): AccountMeasures {
  const { measured } = skillContext(riskMitigationPlaybook, from);
  const { health } = measured;
  const dimensions = { ...health.dimensions, engagement: { ...health.dimensions.engagement, score: engagement } };
  return { ...measured, health: { ...health, score: known(score), dimensions } };
}
const run = (from: TestAccount = account, score = 52, extra: ContextExtra<never> = {}) =>
  runOn(riskMitigationPlaybook, from, { stage: 'renewal', measured: measuredWith(from, score, 70), ...extra });

/** Nothing imported but what is given; no events at all. */
function onlyNotes(notes: NonNullable<TestAccount['records']>['notes']) {
  const bare: TestAccount = {
    today,
    created: '2025-07-01',
    kinds: ['accounts', 'notes'],
    catalogue: catalogue({ competitors: ['Rivalo'] }),
    records: { notes: notes ?? [] },
  };
  const { source, workspace, policy } = buildAccount(bare);
  workspace.coverage.eventsThrough = undefined;
  const on = day(today);
  const measured = measureAccount(source, workspace.clock.instantOf(on, policy.runHour), on, workspace);
  return runOn(riskMitigationPlaybook, bare, { measured, workspace });
}

describe('a run', () => {
  it('gives the worked example: 44, high, usage, due 2026-04-07, churn score 9 to 11, medium', () => {
    const { status, result, dataGaps, actions, markdown } = run();
    expect(result).toMatchObject({
      severity: 'high',
      riskScore: 44,
      riskCoverage: 1,
      primaryRisk: 'usage',
      playbookId: 'usage_decline',
      churnScoreRange: { from: 9, to: 11 },
      churnBand: 'medium',
      cause: null,
      checkpointDate: '2026-04-15',
      arrAtRisk: 24_000,
      currency: 'USD',
      stalled: null,
    });
    expect(result!.factors.map(({ factor, value }) => [factor, value])).toEqual([
      ['competitive', 0],
      ['relationship', 0],
      ['financial', 0],
      ['usage', 60],
      ['sentiment', 40],
    ]);
    expect(result!.steps.map(({ owner, endDate }) => [owner.role, endDate])).toEqual([
      ['csm', '2026-04-03'],
      ['csm', '2026-04-07'],
      ['csm', '2026-04-14'],
      ['csm', '2026-04-30'],
    ]);
    // the outcomes are unknown
    expect([status, dataGaps]).toEqual(['partial', [{ fact: 'health_outcomes', reason: 'no goal recorded (goals)' }]]);
    expect(
      actions.map(({ title, ownerRole, dueDate, channel, heldBy }) => [title, ownerRole, dueDate, channel, heldBy]),
    ).toEqual([
      ['Call Ann: use -30 % against the 28 days before; find out what changed', 'csm', '2026-04-07', 'call', []],
    ]);
    for (const line of [
      'Severity high (health 52 of 100; open medium signal usage declining), risk score 44, from 100 % of the factors. The main risk is usage. Churn score 9 to 11 of 18, medium. ARR at risk: 24,000 USD.',
      '| Usage | 60 | use -30 % against the 28 days before |',
      'Unclear.',
      'Use back at 224 events in 28 days, 80 % of the 280 before',
      'On 2026-04-15 the risk score must be 39 or lower, 44 today; if it is not, the executive takes over.',
    ]) {
      expect(markdown).toContain(line);
    }
  });

  it('is 100 at a coverage of .2 and critical where a competitor evaluation is all that is known', () => {
    const note = {
      noteId: 'n',
      at: at('2026-03-25'),
      text: 'We are running a pilot of Rivalo',
      author: 'customer' as const,
    };
    const { status, confidence, result, actions, dataGaps } = onlyNotes([note]);
    expect(result).toMatchObject({
      severity: 'critical',
      riskScore: 100,
      riskCoverage: 0.2,
      primaryRisk: 'competitive',
      playbookId: 'competitive_threat',
      churnScoreRange: { from: 8, to: 18 },
      churnBand: 'high',
      arrAtRisk: null,
      cause: { quotes: ['We are running a pilot of Rivalo'], evidence: ['n'] },
    });
    expect([status, confidence]).toEqual(['partial', 'low']);
    expect(actions.map(({ ownerRole, dueDate, channel, evidence }) => [ownerRole, dueDate, channel, evidence])).toEqual(
      [
        ['csManager', '2026-03-31', 'alert', ['n']],
        ['csm', '2026-04-02', 'call', ['n']],
      ],
    );
    expect(dataGaps.map(({ fact }) => fact)).toEqual([
      'relationship risk',
      'financial risk',
      'usage risk',
      'sentiment risk',
      'health_score',
      'health_engagement',
      'health_outcomes',
      'days_to_renewal',
      'arr',
    ]);
    expect(dataGaps[0]!.reason).toBe('no contacts imported (contacts)');
  });

  it('has too little data where nothing at all is known', () => {
    const { status, result, actions } = onlyNotes([]);
    expect([status, result, actions]).toEqual(['insufficient_data', null, []]);
  });

  it('dates the first step by severity: 2, 5, 10 or 20 business days', () => {
    // no falling signal of its own: steady use
    const steady = { ...account, events: falling.map((event) => ({ ...event, count: 10 })) };
    const due = (score: number) => run(steady, score).actions.find(({ channel }) => channel === 'call')?.dueDate;
    expect([39, 55, 70, 80, 81].map(due)).toEqual(['2026-04-02', '2026-04-07', '2026-04-14', '2026-04-28', undefined]);
    expect(run(steady, 81)).toMatchObject({ reasons: ['no_risk_found'], result: { severity: 'none', arrAtRisk: 0 } });
  });

  it('has a call but no playbook where health is low and no factor says why', () => {
    const calm = withRecords(
      { surveys: [{ surveyId: 'n1', answeredAt: at('2026-03-01'), kind: 'nps', score: 9 }] },
      { events: falling.map((event) => ({ ...event, count: 10 })) },
    );
    const { reasons, result, actions } = run(calm, 50);
    expect(reasons).toEqual(['primary_risk_unclear']);
    expect(result).toMatchObject({ primaryRisk: null, playbookId: null, steps: [], checkpointDate: null });
    expect(actions[0]!.title).toBe('Call Ann: health is 50, ask what is behind it');
  });

  it('takes each playbook with its own dates and evidence', () => {
    const gone = {
      contactId: 'ann',
      name: 'Ann',
      roles: ['champion' as const],
      createdAt: at('2025-07-01'),
      leftAt: day('2026-03-10'),
    };
    const champion = run(withRecords({ contacts: [gone] })).result!;
    expect(champion).toMatchObject({
      primaryRisk: 'relationship',
      playbookId: 'champion_loss',
      checkpointDate: '2026-04-07',
    });
    expect(champion.steps.map(({ endDate, owner }) => [endDate, owner.role])).toEqual([
      ['2026-04-01', 'csm'],
      ['2026-04-05', 'exec'],
      ['2026-04-14', 'csm'],
    ]);
    expect(champion.cause!.text).toContain('champion Ann left on 2026-03-10');

    const invoice = { invoiceId: 'INV-7', issuedAt: at('2026-01-10'), dueAt: day('2026-02-10'), amountMinor: 1 };
    const money = run(withRecords({ invoices: [invoice] }));
    expect(money.result).toMatchObject({ primaryRisk: 'financial', checkpointDate: '2026-04-15' });
    expect(money.result!.steps[0]).toMatchObject({
      title: "Clear up with the customer's accounts team: INV-7",
      owner: { role: 'finance', name: null, standIn: 'Max' },
      endDate: '2026-04-10',
    });
    expect(money.actions[0]!.evidence).toEqual(['INV-7']);
    expect(money.markdown).toContain('invoice INV-7 49 days overdue');
    expect(money.markdown).toContain('Nothing is conceded without approval');

    const angry = [
      { surveyId: 'bad', answeredAt: at('2026-03-01'), kind: 'nps' as const, score: 2, comment: 'Too slow' },
    ];
    const sentiment = run(withRecords({ surveys: angry })).result!;
    expect(sentiment).toMatchObject({ primaryRisk: 'sentiment', checkpointDate: '2026-04-11' });
    expect(sentiment.cause!.quotes).toEqual(['Too slow']);
    expect(sentiment.steps.map(({ endDate }) => endDate)).toEqual(['2026-04-07', '2026-04-14', '2026-04-21']);
  });

  const earlier = (
    result: Record<string, unknown>,
    state: PastIntervention['state'] = 'delivered',
  ): PastIntervention => ({
    id: 'i',
    skill: 'customer_success/risk_mitigation_playbook',
    ruleId: 'renewal.at_risk',
    state,
    madeOn: day('2026-03-10'),
    doneAt: undefined,
    dismissedFor: undefined,
    result,
  });

  it('goes to the executive once half of the time has passed without improvement', () => {
    const stalled = (checkpointDate: string, riskScore: number, state?: PastIntervention['state']) =>
      run(account, 52, { past: [earlier({ checkpointDate, riskScore }, state)] });
    const { reasons, actions, result, markdown } = stalled('2026-03-31', 48);
    expect([reasons, result!.stalled]).toEqual([
      ['no_improvement_at_checkpoint'],
      { checkpointDate: '2026-03-31', riskScore: 48 },
    ]);
    expect(actions[1]).toMatchObject({
      title: 'Take over the rescue: risk 44, 48 when the plan was made, no improvement by 2026-03-31',
      ownerRole: 'exec',
      owner: 'Eve',
      dueDate: '2026-03-31',
      channel: 'task',
    });
    expect(markdown).toContain('The checkpoint of 2026-03-31 passed without improvement from 48.');
    expect(stalled('2026-04-01', 48).result!.stalled).toBeNull();
    expect(stalled('2026-03-31', 49).result!.stalled).toBeNull(); // five points better
    expect(stalled('2026-03-31', 48, 'dismissed').result!.stalled).toBeNull();
  });

  it('keeps the call back in a quiet period, not the alert', () => {
    const accounts = [{ ...account.records!.accounts![0]!, quietUntil: day('2026-05-01') }];
    const { actions } = run(withRecords({ accounts }), 30);
    expect(actions.map(({ channel, heldBy }) => [channel, heldBy])).toEqual([
      ['alert', []],
      ['call', ['capacity.quiet']],
    ]);
  });

  it('leaves what people wrote inert', () => {
    const hostile = '# <b>x</b> | [a](b) Rivalo';
    const notes = [{ noteId: 'n', at: at('2026-03-25'), text: `${hostile} pilot`, author: 'customer' as const }];
    const contacts = [
      { contactId: 'ann', name: hostile, roles: ['champion' as const], lastContactAt: at('2026-03-20') },
    ];
    const { markdown } = run(withRecords({ notes, contacts }));
    expect(markdown).toContain('pilot');
    expect(markdown).not.toMatch(/<b>|\[a\]\(b\)/);
  });
});
