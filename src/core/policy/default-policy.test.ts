import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { factsOf } from '../../../test/policy/fact-vectors.ts';
import type { Stage } from '../records/record.ts';
import { SKILLS } from '../skills/skills.ts';
import { loadPolicy } from './load-policy.ts';
import { GUARDRAIL_IDS } from './policy.ts';
import { renderReason } from './render-reason.ts';

const text = readFileSync(new URL('../../../policies/default.yaml', import.meta.url), 'utf8');
const result = loadPolicy(text, { file: 'default.yaml', skills: SKILLS });
if (!result.ok) throw new Error(JSON.stringify(result.problems));
const { policy } = result;
const ruleOf = (id: string) => policy.rules.find((rule) => rule.id === id)!;

/** The stage rules of the journey seed, line by line: stage, condition, trigger, and what follows. */
const SEED_RULES: [id: string, stage: Stage | 'any', when: string, trigger: string[], then: string][] = [
  [
    'trial.ending_unactivated',
    'trial',
    'days_remaining < 3 && activation_score < 50',
    ['plg/trial_extension_evaluator'],
    'Evaluate extension or conversion push',
  ],
  [
    'trial.no_quick_win',
    'trial',
    'quick_win_achieved == false && day > 1',
    ['plg/quick_win_generator'],
    'Surface easiest value path',
  ],
  ['trial.converting', 'trial', 'trial_converting_signals', ['monetization/upgrade_trigger'], 'expansion_ready'],
  [
    'onboarding.setup_stalled',
    'onboarding',
    'setup_completion < 80 && days_since_signup > 7',
    ['plg/guided_setup_wizard'],
    'activation_focus',
  ],
  [
    'onboarding.at_risk',
    'onboarding',
    'onboarding_health in ["at_risk", "critical"]',
    ['customer_success/onboarding_health'],
    'at_risk_intervention',
  ],
  ['onboarding.milestone', 'onboarding', 'activation_milestone_reached', ['plg/milestone_celebration'], 'activation'],
  [
    'activation.slow_value',
    'activation',
    'time_to_value > benchmark',
    ['customer_success/time_to_impact'],
    'at_risk_intervention',
  ],
  [
    'activation.champion',
    'activation',
    'aha_moment_reached && champion_identified',
    ['customer_success/adoption_score'],
    'champion_building',
  ],
  ['activation.complete', 'activation', 'activation_complete', [], 'adoption'],
  [
    'adoption.new_use_case',
    'adoption',
    'usage_depth > 60 && new_use_case_signals',
    ['customer_success/success_plan_generator'],
    'adoption_nurture',
  ],
  [
    'adoption.plateau',
    'adoption',
    'adoption_plateau_detected',
    ['customer_success/product_adoption_guidance'],
    'Surface next features',
  ],
  [
    'adoption.expansion_ready',
    'adoption',
    'expansion_readiness > 70',
    ['monetization/consumption_analyzer'],
    'expansion_ready',
  ],
  [
    'expansion.near_limit',
    'expansion',
    'usage_approaching_limit',
    ['monetization/overage_predictor', 'monetization/upgrade_trigger'],
    'expansion_ready',
  ],
  [
    'expansion.multi_product',
    'expansion',
    'multi_product_opportunity',
    ['customer_success/multi_product_adoption'],
    'Cross-sell motion',
  ],
  ['expansion.renewal_due', 'expansion', 'contract_renewal_approaching', [], 'renewal'],
  ['renewal.qbr_due', 'renewal', 'renewal_90_days_out', ['customer_success/quarterly_business_review'], 'Schedule QBR'],
  [
    'renewal.at_risk',
    'renewal',
    'renewal_risk_detected',
    ['customer_success/risk_mitigation_playbook'],
    'at_risk_intervention',
  ],
  ['renewal.expansion', 'renewal', 'expansion_in_renewal', ['monetization/packaging_optimizer'], 'expansion_ready'],
  ['any.champion_departed', 'any', 'champion_departed', ['customer_success/stakeholder_mapper'], 'champion_building'],
  ['any.usage_cliff', 'any', 'usage_cliff', ['customer_success/usage_cliff_intervention'], 'at_risk_intervention'],
  [
    'any.support_escalation',
    'any',
    'support_escalation',
    ['customer_success/escalation_coordination'],
    'Coordinate with incident flow',
  ],
  [
    'any.competitive_signal',
    'any',
    'competitive_signal',
    ['customer_success/competitive_signal_alert'],
    'Alert appropriate teams',
  ],
];

describe('the default policy', () => {
  test.each(SEED_RULES)("holds the seed's %s", (id, stage, when, trigger, then) => {
    const edge = policy.edges.find((each) => each.id === id);
    if (trigger.length === 0) {
      expect([edge!.from, edge!.when, edge!.to]).toEqual([stage, when, then]);
      return;
    }
    const rule = ruleOf(id);
    expect([rule.stages, rule.when, rule.trigger]).toEqual([stage === 'any' ? 'any' : [stage], when, trigger]);
    expect(rule.exit ?? rule.action ?? edge?.to).toBe(then);
  });

  test("keeps the seed's rules in the seed's order, all 26 with ours", () => {
    const ids = SEED_RULES.map(([id]) => id);
    const ruleIds = policy.rules.map(({ id }) => id);
    expect(ruleIds.filter((id) => ids.includes(id))).toEqual(ids.filter((id) => ruleIds.includes(id)));
    const ours = ruleIds.filter((id) => !ids.includes(id));
    expect(ours).toEqual(['adoption.disclosure', 'renewal.contract', 'any.renewal_due_early', 'any.health_drop']);
    expect(ids.length + ours.length).toBe(26);
  });

  // [G16]
  test('has the seven edges and the minimum days of the journey', () => {
    expect(policy.edges.map(({ from, to, id }) => `${from} ${to} ${id}`)).toEqual([
      'trial onboarding trial.converted',
      'onboarding activation onboarding.milestone',
      'activation adoption activation.complete',
      'adoption expansion adoption.expansion_ready',
      'expansion renewal expansion.renewal_due',
      'renewal expansion renewal.signed_ready',
      'renewal adoption renewal.signed',
    ]);
    expect(policy.stages.map(({ id, minimumDays }) => [id, minimumDays])).toEqual([
      ['trial', 1],
      ['onboarding', 3],
      ['activation', 7],
      ['adoption', 30],
      ['expansion', 0],
      ['renewal', 0],
    ]);
  });

  test('names every guardrail with the numbers of the seed', () => {
    for (const id of GUARDRAIL_IDS) expect(text).toMatch(new RegExp(`^ {2}${id.replace('.', '\\.')}: .+ # `, 'm'));
    expect(policy.guardrails).toEqual({
      consistentTicks: 3,
      weeklyCap: 5,
      weeklyCapDays: 7,
      escalationCooldownDays: 7,
      usageBaselineDays: 14,
      handoffSignals: 1,
    });
  });

  test('gives every skill a way in, but those that only a person runs', () => {
    const triggered = new Set(policy.rules.flatMap(({ trigger }) => trigger));
    expect(SKILLS.filter(({ name }) => !triggered.has(name))).toEqual([]);
  });

  test('quotes in every reason a fact, or says what it is about', () => {
    const facts = factsOf({ days_remaining: 2, activation_score: 38 });
    expect(renderReason(ruleOf('trial.ending_unactivated').reason, facts)).toBe(
      'Trial ends in 2 days and activation is at 38',
    );
  });

  test('goes back to adoption after a signed renewal unless readiness is known to be above 70', () => {
    const edge = (id: string, facts: Parameters<typeof factsOf>[0]) =>
      policy.edges.find((each) => each.id === id)!.condition(factsOf(facts));
    for (const [readiness, expansion, adoption] of [
      [71, true, false],
      [70, false, true],
      [undefined, undefined, true],
    ] as const) {
      const facts = { renewal_signed: true, ...(readiness === undefined ? {} : { expansion_readiness: readiness }) };
      expect([edge('renewal.signed_ready', facts), edge('renewal.signed', facts)]).toEqual([expansion, adoption]);
    }
    expect(edge('renewal.signed', { expansion_readiness: 50 })).toBeUndefined();
  });

  test('lists the rules of each stage with the cross-stage ones', () => {
    expect(policy.rulesByStage.renewal.map((i) => policy.rules[i]!.id)).toEqual([
      'renewal.qbr_due',
      'renewal.at_risk',
      'renewal.expansion',
      'renewal.contract',
      'any.champion_departed',
      'any.usage_cliff',
      'any.support_escalation',
      'any.competitive_signal',
      'any.health_drop',
    ]);
    expect(policy.rulesByStage.trial.map((i) => policy.rules[i]!.id)).toContain('any.renewal_due_early');
  });

  test('measures progress from 0 to 1 and leaves it unknown without its facts', () => {
    const { onboarding, renewal } = policy.stageById;
    expect(onboarding.progressOf(factsOf({ setup_completion: 40, activation_score: 90 }))).toBe(0.4);
    expect(onboarding.progressOf(factsOf({ activation_score: 90 }))).toBe(0.9);
    expect(onboarding.progressOf(factsOf({}))).toBeUndefined();
    expect(renewal.progressOf(factsOf({ renewal_signed: true, health_score: 50 }))).toBe(1);
  });
});
