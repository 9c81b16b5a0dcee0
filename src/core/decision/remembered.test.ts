import fc from 'fast-check';
import { expect, it } from 'vitest';
import { policy } from '../../../test/measured-account.ts';
import type { Intervention } from './inputs.ts';
import { rememberDays, soonForgotten, stillCounts } from './remembered.ts';

const skills = policy.rules.flatMap((rule) => rule.trigger);

it('nothing that still counts on a day or later is forgotten by then', () => {
  const expired = fc
    .record({
      skill: fc.constantFrom(...skills, 'of no rule'),
      capped: fc.boolean(),
      madeOn: fc.integer({ min: 0, max: 200 }),
      updatedDay: fc.integer({ min: 0, max: 200 }),
      snoozedUntil: fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined }),
    })
    .filter(({ madeOn, updatedDay }) => madeOn <= updatedDay);
  fc.assert(
    fc.property(expired, fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 20 }), (given, ahead, window) => {
      const drawn = { ...policy, guardrails: { ...policy.guardrails, weeklyCapDays: window } };
      const today = given.updatedDay + ahead;
      const each = { ...given, state: 'expired', heldBy: [], reason: '' } as unknown as Intervention;
      const { daysSooner, exceptSkills } = soonForgotten(drawn);
      const since = today - rememberDays(drawn) - 1;
      const comes = given.updatedDay >= (exceptSkills.includes(given.skill) ? since : since + daysSooner);
      if (stillCounts(each, today, drawn)) expect(comes).toBe(true);
    }),
  );
});

it('expired interventions of most skills are forgotten sooner', () => {
  const { daysSooner, exceptSkills } = soonForgotten(policy);
  expect(daysSooner).toBeGreaterThan(60);
  expect(exceptSkills).toContain('customer_success/quarterly_business_review');
  expect(exceptSkills.length * 2).toBeLessThan(new Set(skills).size);
});
