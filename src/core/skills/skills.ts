/** The built-in skills (spec: skills.md part B), in its order. */
import { adoptionScore } from './customer-success/adoption-score.ts';
import { competitiveSignalAlert } from './customer-success/competitive-signal-alert.ts';
import { escalationCoordination } from './customer-success/escalation-coordination.ts';
import { healthAssessment } from './customer-success/health-assessment.ts';
import { multiProductAdoption } from './customer-success/multi-product-adoption.ts';
import { onboardingHealth } from './customer-success/onboarding-health.ts';
import { productAdoptionGuidance } from './customer-success/product-adoption-guidance.ts';
import { quarterlyBusinessReview } from './customer-success/quarterly-business-review.ts';
import { riskMitigationPlaybook } from './customer-success/risk-mitigation-playbook.ts';
import { stakeholderMapper } from './customer-success/stakeholder-mapper.ts';
import { successPlanGenerator } from './customer-success/success-plan-generator.ts';
import { timeToImpact } from './customer-success/time-to-impact.ts';
import { usageCliffIntervention } from './customer-success/usage-cliff-intervention.ts';
import { consumptionAnalyzer } from './monetization/consumption-analyzer.ts';
import { contractValueTracker } from './monetization/contract-value-tracker.ts';
import { overagePredictor } from './monetization/overage-predictor.ts';
import { packagingOptimizer } from './monetization/packaging-optimizer.ts';
import { upgradeTrigger } from './monetization/upgrade-trigger.ts';
import { guidedSetupWizard } from './plg/guided-setup-wizard.ts';
import { milestoneCelebration } from './plg/milestone-celebration.ts';
import { progressiveDisclosure } from './plg/progressive-disclosure.ts';
import { quickWinGenerator } from './plg/quick-win-generator.ts';
import { trialExtensionEvaluator } from './plg/trial-extension-evaluator.ts';
import type { AnySkill } from './skill.ts';

export const SKILLS: readonly AnySkill[] = [
  trialExtensionEvaluator,
  quickWinGenerator,
  guidedSetupWizard,
  milestoneCelebration,
  progressiveDisclosure,
  onboardingHealth,
  timeToImpact,
  adoptionScore,
  successPlanGenerator,
  productAdoptionGuidance,
  multiProductAdoption,
  quarterlyBusinessReview,
  riskMitigationPlaybook,
  stakeholderMapper,
  usageCliffIntervention,
  escalationCoordination,
  competitiveSignalAlert,
  healthAssessment,
  upgradeTrigger,
  consumptionAnalyzer,
  overagePredictor,
  packagingOptimizer,
  contractValueTracker,
];
