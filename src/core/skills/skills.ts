/** The built-in skills (spec: skills.md part B): what the policy and the guardrails must know before one runs. */
import { z } from 'zod';
import type { SkillDefinition } from './registry.ts';

type Traits = Partial<Pick<SkillDefinition, 'conversation' | 'serviceMessage' | 'celebration'>>;

function skill(name: string, purpose: string, reach: 'customer' | 'internal', traits: Traits = {}): SkillDefinition {
  return {
    name,
    domain: name.slice(0, name.indexOf('/')) as SkillDefinition['domain'],
    purpose,
    customerFacing: reach === 'customer',
    conversation: 'none',
    serviceMessage: false,
    celebration: false,
    parameters: z.strictObject({}),
    ...traits,
  };
}

export const SKILLS: readonly SkillDefinition[] = [
  skill(
    'plg/trial_extension_evaluator',
    'Decides whether a trial that ends soon is extended, pushed to convert or let go',
    'customer',
    { conversation: 'conversion' },
  ),
  skill('plg/quick_win_generator', 'Picks the shortest unfinished path to a first useful result', 'customer'),
  skill(
    'plg/guided_setup_wizard',
    'Resumes the setup at its next required step and finds where it is stuck',
    'customer',
  ),
  skill('plg/milestone_celebration', 'Recognises a milestone that the records prove', 'customer', {
    celebration: true,
  }),
  skill('plg/progressive_disclosure', 'Reveals entitled features to the users who are ready for them', 'customer'),
  skill('customer_success/onboarding_health', 'Scores the first 90 days and names what is overdue', 'customer'),
  skill(
    'customer_success/time_to_impact',
    'Measures how fast value arrives and forecasts the next milestone',
    'customer',
  ),
  skill(
    'customer_success/adoption_score',
    'Measures breadth, depth, frequency and stickiness of use and the largest gap',
    'internal',
  ),
  skill(
    'customer_success/success_plan_generator',
    'Drafts a dated plan from the recorded goals and the computed gaps',
    'customer',
  ),
  skill('customer_success/product_adoption_guidance', 'Ranks the next features by goals, value and effort', 'customer'),
  skill(
    'customer_success/multi_product_adoption',
    'Scores each owned product and the fit of further ones',
    'customer',
    { conversation: 'expansion' },
  ),
  skill(
    'customer_success/quarterly_business_review',
    'Prepares the value review of the last complete quarter',
    'customer',
  ),
  skill(
    'customer_success/risk_mitigation_playbook',
    'Finds the main risk and dates the steps that answer it',
    'customer',
  ),
  skill(
    'customer_success/stakeholder_mapper',
    'Maps who is left after a departure and proposes a successor',
    'customer',
  ),
  skill(
    'customer_success/usage_cliff_intervention',
    'Finds the cause of a sudden fall in use and sets a recovery target',
    'customer',
  ),
  skill(
    'customer_success/escalation_coordination',
    'Holds what must wait during an escalation and tracks its deadlines',
    'internal',
    { serviceMessage: true },
  ),
  skill(
    'customer_success/competitive_signal_alert',
    'Grades what the customer said about a competitor and alerts the owners',
    'customer',
  ),
  skill('customer_success/health_assessment', 'Diagnoses a weak health score, dimension by dimension', 'customer'),
  skill('monetization/upgrade_trigger', 'Finds the moment and the plan for an upgrade', 'customer', {
    conversation: 'expansion',
  }),
  skill('monetization/consumption_analyzer', 'Describes metered use: trend, pattern, forecast, anomalies', 'internal'),
  skill('monetization/overage_predictor', 'Warns before a limit is reached and prices the overage', 'customer', {
    serviceMessage: true,
  }),
  skill(
    'monetization/packaging_optimizer',
    'Compares the plan with what is used and lists renewal options',
    'internal',
    { conversation: 'expansion' },
  ),
  skill(
    'monetization/contract_value_tracker',
    'States contract value, recognition and the renewal position',
    'internal',
  ),
];
