import { expect, test } from 'vitest';
import { SKILLS } from './skills.ts';

const named = (pick: (skill: (typeof SKILLS)[number]) => boolean) =>
  SKILLS.filter(pick).map(({ name }) => name.split('/')[1]);

test('there are 23 skills of three domains, each with its own name and purpose', () => {
  expect(SKILLS).toHaveLength(23);
  expect(new Set(SKILLS.map(({ name }) => name)).size).toBe(23);
  expect(new Set(SKILLS.map(({ purpose }) => purpose)).size).toBe(23);
  for (const { name, domain } of SKILLS) expect(name).toMatch(new RegExp(`^${domain}/[a-z_]+$`));
});

test('skills whose actions are all tasks and alerts do not face the customer', () => {
  expect(named((skill) => !skill.customerFacing)).toEqual([
    'adoption_score',
    'escalation_coordination',
    'consumption_analyzer',
    'packaging_optimizer',
    'contract_value_tracker',
  ]);
});

test('who talks about buying, who warns and who celebrates', () => {
  expect(named((skill) => skill.conversation === 'conversion')).toEqual(['trial_extension_evaluator']);
  expect(named((skill) => skill.conversation === 'expansion')).toEqual([
    'multi_product_adoption',
    'upgrade_trigger',
    'packaging_optimizer',
  ]);
  expect(named((skill) => skill.serviceMessage)).toEqual(['escalation_coordination', 'overage_predictor']);
  expect(named((skill) => skill.celebration)).toEqual(['milestone_celebration']);
});
