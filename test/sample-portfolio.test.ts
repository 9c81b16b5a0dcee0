/** Issue 2 item 12: everything the engine can do happens in the sample portfolio at least once. */
import { describe, expect, test } from 'vitest';
import { EXIT_STATES, GUARDRAIL_IDS } from '../src/core/policy/policy.ts';
import { RECORD_KINDS, STAGES } from '../src/core/records/record.ts';
import { buildPortfolio } from '../src/sample/portfolio.ts';
import { coverageOf, renderCoverage } from './sample-coverage.fixture.ts';
import { replayPortfolio } from './sample-replay.fixture.ts';

const portfolio = buildPortfolio();
const replay = replayPortfolio(portfolio);
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

  test('the clean rows are all accepted and every kind of record occurs', () => {
    expect(replay.refused).toEqual([]);
    for (const kind of RECORD_KINDS) expect(portfolio.records[kind].length, kind).toBeGreaterThan(0);
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
