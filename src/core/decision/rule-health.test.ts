import { describe, expect, it } from 'vitest';
import { RuleHealth, type RuleIntervention } from './rule-health.ts';

const held = (ruleId: string, ...heldBy: string[]): RuleIntervention => ({
  ruleId,
  letThrough: false,
  heldBy,
});
const made = (ruleId: string): RuleIntervention => ({ ruleId, letThrough: true, heldBy: [] });

function findings(health: RuleHealth) {
  return Object.fromEntries(health.readings().map((reading) => [reading.rule, reading.findings]));
}

describe('rule health', () => {
  it('names rules that never fired, once there are ticks to judge by', () => {
    const health = new RuleHealth(['a', 'b']);
    expect(findings(health)).toEqual({ a: [], b: [] });
    health.addAccount([['a'], []], []);
    health.addAccount([[]], []);
    health.addAccount([[]], []);
    expect(findings(health)).toEqual({ a: [], b: [{ code: 'never_fires' }] });
  });

  it('names rules that fire for more than half of the accounts, not for half', () => {
    const health = new RuleHealth(['most', 'half']);
    for (const tick of [['most', 'half'], ['most', 'half'], ['most'], []]) health.addAccount([tick, tick], []);
    expect(findings(health)).toEqual({ most: [{ code: 'fires_for_most', share: 0.75 }], half: [] });
  });

  it('names the guardrail that held every intervention of a rule', () => {
    const health = new RuleHealth(['a', 'b', 'c']);
    const tick = [['a', 'b', 'c']];
    health.addAccount(tick, [held('a', 'cap.weekly', 'capacity.quiet'), held('b', 'cap.weekly'), held('c', 'x')]);
    health.addAccount([[]], [held('a', 'capacity.quiet'), held('b', 'cap.weekly'), held('c', 'y')]);
    health.addAccount([[]], [held('a', 'capacity.quiet'), made('b'), held('c', 'x')]);
    expect(findings(health)).toEqual({ a: [{ code: 'always_held', guardrail: 'capacity.quiet' }], b: [], c: [] });
  });

  it('names pairs that always fire together, in enough ticks and accounts to say so', () => {
    const health = new RuleHealth(['a', 'b', 'c']);
    const together = Array.from({ length: 7 }, () => ['b', 'a', 'c']);
    for (let i = 0; i < 3; i++) health.addAccount(together, []);
    health.addAccount([['c']], []);
    for (let i = 0; i < 5; i++) health.addAccount([[]], []);
    expect(findings(health)).toEqual({
      a: [{ code: 'always_together', with: 'b' }],
      b: [{ code: 'always_together', with: 'a' }],
      c: [],
    });
  });

  it('does not mix in rules of an earlier policy', () => {
    const health = new RuleHealth(['a']);
    health.addAccount([['gone', 'a']], [held('gone', 'cap.weekly')]);
    expect(health.readings()).toMatchObject([{ rule: 'a', ticks: 1, accounts: 1, interventions: 0 }]);
  });
});
