import { expect, test } from 'vitest';
import { factsOf } from '../../../test/policy/fact-vectors.ts';
import { placeholdersOf, renderReason, renderValue } from './render-reason.ts';

test('a template quotes the facts; an unknown one reads unknown', () => {
  const template = 'Trial ends in {days_remaining} days and activation is at {activation_score}';
  expect(renderReason(template, factsOf({ days_remaining: 2, activation_score: 38 }))).toBe(
    'Trial ends in 2 days and activation is at 38',
  );
  expect(renderReason(template, factsOf({ days_remaining: 2 }))).toBe(
    'Trial ends in 2 days and activation is at unknown',
  );
});

test('values read as people write them', () => {
  expect([0.625, 0.1 + 0.2, 12, -60, -0.001, true, false, 'at_risk', undefined].map(renderValue)).toEqual([
    '0.63',
    '0.3',
    '12',
    '-60',
    '0',
    'yes',
    'no',
    'at risk',
    'unknown',
  ]);
});

test('placeholders are found with their places, whatever their names', () => {
  expect(placeholdersOf('{day} of {nothing}')).toEqual([
    { name: 'day', offset: 1 },
    { name: 'nothing', offset: 10 },
  ]);
});
