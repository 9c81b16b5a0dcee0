/** Issue 2 item 12: everything the engine can do happens in the sample portfolio at least once. */
import { describe, expect, test } from 'vitest';
import type { Decision } from '../src/core/decision/decision.ts';
import { EXIT_STATES, GUARDRAIL_IDS } from '../src/core/policy/policy.ts';
import { RECORD_KINDS, STAGES } from '../src/core/records/record.ts';
import { buildPortfolio } from '../src/sample/portfolio.ts';
import { coverageOf, renderCoverage } from './sample-coverage.fixture.ts';
import { replaySample } from './sample-replay.fixture.ts';

const portfolio = buildPortfolio();
const replay = await replaySample();
const table = coverageOf(replay);
const finals = [...replay.ticks].map(([account, ticks]) => ({ account, ...ticks.at(-1)! }));

function expectAll(wanted: string[]): void {
  const missing = wanted.filter((thing) => !table.has(thing));
  expect(missing, `\n${renderCoverage(table, wanted)}\n`).toEqual([]);
}

describe('over the replay of the sample portfolio', () => {
  test('every rule of the default policy fires', () => {
    expectAll(replay.policy.rules.map((rule) => `rule ${rule.id}`));
  });

  test('every exit state occurs', () => {
    expectAll(EXIT_STATES.map((exit) => `exit ${exit}`));
  });

  test('every guardrail holds something, except stage.no_skip, which cannot happen', () => {
    expectAll(GUARDRAIL_IDS.filter((id) => id !== 'stage.no_skip').map((id) => `guardrail ${id}`));
    expect(table.has('guardrail stage.no_skip')).toBe(false);
  });

  test('every stage edge is taken', () => {
    expectAll(replay.policy.edges.map((edge) => `edge ${edge.id}`));
  });

  test('accounts churn, return and pause', () => {
    expectAll(['status churned', 'return', 'status paused']);
  });

  test('each handoff is once ready and once blocked, and the expansion gates are once all met', () => {
    const kinds = ['plg_to_cs', 'cs_to_sales'];
    expectAll([
      ...kinds.flatMap((kind) => [`handoff ${kind} ready`, `handoff ${kind} blocked`]),
      'handoff cs_to_finance ready',
    ]);
    expectAll(['clear to expand']);
  });

  test('data is missing here and there, and unknown stays unknown', () => {
    expectAll(['unknown health', 'unknown readiness']);
    const without = (kind: 'contacts' | 'goals' | 'surveys' | 'subscriptions') => {
      const covered = new Set(portfolio.records[kind].map((row) => row.accountId));
      return finals.filter(({ account }) => !covered.has(account)).length;
    };
    for (const kind of ['contacts', 'goals', 'surveys', 'subscriptions'] as const)
      expect(without(kind), kind).toBeGreaterThan(0);
  });

  test('dirty data is met: wrong rows are rejected and named, repeated rows counted once, strangers kept', () => {
    const wrong = Object.values(portfolio.dirty).flat();
    expect(replay.rejects).toHaveLength(wrong.length);
    expect(new Set(replay.rejects.map((reject) => reject.code)).size).toBeGreaterThanOrEqual(6);
    expect(replay.imported.rejected).toBe(wrong.length);
    expect(replay.imported.duplicates).toBeGreaterThan(10);
    expect(replay.imported.orphanAccounts).toMatchObject({ count: 2 });
  });

  test('every kind of record is accepted', () => {
    for (const kind of RECORD_KINDS) {
      const file = replay.imported.files.find((each) => each.kind === kind);
      expect(file?.accepted, kind).toBeGreaterThan(0);
    }
  });

  test('the pipeline records on the run day what the replay decides', () => {
    const essence = (decision: Decision) => [decision.status, decision.journey, decision.exitState, decision.blocked];
    for (const { account, decision } of finals) {
      expect(essence(replay.recorded.get(account)!), account).toEqual(essence(decision));
    }
    expect(finals).toHaveLength(60);
  });

  test('on the run day the portfolio looks like one: all stages, most accounts well, some at risk, some unknown', () => {
    const active = finals.filter(({ record }) => record.status === 'active');
    const share = (...bands: (string | null)[]) =>
      active.filter(({ record }) => bands.includes(record.band)).length / active.length;
    expect(new Set(active.map(({ record }) => record.stage))).toEqual(new Set(STAGES));
    expect(share('healthy', 'neutral')).toBeGreaterThan(0.5);
    expect(share('healthy', 'neutral')).toBeLessThan(0.8);
    expect(share('at_risk', 'critical')).toBeGreaterThan(0.1);
    expect(share(null)).toBeGreaterThan(0.02);
    expect(finals.length - active.length).toBeGreaterThan(2);
  });
});

describe('on the run day', () => {
  const decisionOf = (id: string) => finals.find(({ account }) => account === `acc_${id}`)!.decision;
  const heldBy = (id: string) => decisionOf(id).blocked.map((each) => each.guardrail);

  test.each([
    ['bramblecote', 'money.customer_timeline'],
    ['wrenfield', 'money.after_activation'],
    ['tallowby', 'capacity.quiet'],
    ['sundervale', 'money.unhealthy'],
    ['selwyn', 'stage.min_days'],
    ['palewater', 'data.health_days'],
    ['oakhurst', 'data.readiness_signals'],
    ['oxenholme', 'handoff.cs'],
  ])('%s is held by %s, as its README says', (id, guardrail) => {
    expect(heldBy(id)).toContain(guardrail);
  });

  test('Quillmark is clear to expand: every gate is met', () => {
    expect(decisionOf('quillmark').expansion.gates.filter((gate) => gate.met !== true)).toEqual([]);
  });

  test('unknown stays unknown: no survey, no readiness; no user ids or three days of data, no health', () => {
    expect(decisionOf('oakhurst').expansion.readinessScore).toBeNull();
    expect(decisionOf('anchorstone').health.overallScore).toBeNull();
    expect(decisionOf('palewater').health.overallScore).toBeNull();
    expect(decisionOf('umberton').expansion.estimatedExpansionValue).toBeNull();
  });

  test('a good score does not hide a competitor, a failed payment or a sponsor who would not recommend us', () => {
    for (const id of ['cresswell', 'millhaven', 'granthollow']) {
      expect(decisionOf(id).health.overallScore, id).toBeGreaterThanOrEqual(60);
      expect(decisionOf(id).health.band, id).toBe('at_risk');
    }
  });

  test('the sold-45-uses-12 account is far below the seats it pays for', () => {
    const gate = decisionOf('arkendale').expansion.gates.find((each) => each.id === 'seat_utilisation')!;
    expect(gate.met).toBe(false);
  });
});
