import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatProblem } from '../documents/problem.ts';
import { parseDay } from '../time/calendar.ts';
import { completeCatalogue, defaultCatalogue } from './default-catalogue.ts';
import { loadCatalogue } from './load-catalogue.ts';
import { unknownEvents } from './unknown-events.ts';

// The example of the interface description, as it stands there.
const EXAMPLE = `
features:            # what counts as using the product
  - { id: reports, events: [report_created, report_exported], core: true, product: main, plans: [pro, enterprise],
      tags: [analytics], value: 4, effort: 2, minutes: 3, prerequisites: [], neighbours: [dashboards] }
logins: [login]      # never value events
setup:
  - { id: invite_team, event: team_invited, required: true, minutes: 2, dueDays: 7, dependsOn: [] }
milestones:          # first_value is the activation milestone
  - { id: first_value, event: report_shared, count: 1, significance: major, dueDays: 14 }
meters:
  - { id: api_calls, event: api_call, amount: count, unit: call, resets: month }
plans:
  - { id: pro, product: main, perSeat: 600, flat: 0, interval: year, currency: USD, minSeats: 1,
      limits: { api_calls: 10000 }, features: [reports, dashboards], overage: { api_calls: 0.01 } }
products:
  - { id: main, name: Main product }
signals:
  { pricing_view: [pricing_viewed], gated_attempt: [feature_blocked], error: [error_shown] }
competitors: [Rivalo]
holidays: [2026-12-25]
`;

function load(text: string, currency?: string) {
  const result = loadCatalogue(
    text,
    currency === undefined ? { file: 'catalog.yaml' } : { file: 'catalog.yaml', currency },
  );
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result;
}

function problemsOf(text: string): string[] {
  const result = loadCatalogue(text, { file: 'catalog.yaml' });
  return result.ok ? [] : result.problems.map(formatProblem);
}

describe('a catalogue', () => {
  test('of the interface description is read part by part', () => {
    const { catalogue, warnings } = load(EXAMPLE);
    expect(catalogue.features).toEqual([
      {
        id: 'reports',
        events: ['report_created', 'report_exported'],
        core: true,
        advanced: false,
        product: 'main',
        plans: ['pro', 'enterprise'],
        tags: ['analytics'],
        value: 4,
        effort: 2,
        minutes: 3,
        prerequisites: [],
        neighbours: ['dashboards'],
      },
    ]);
    expect(catalogue.meters).toEqual([
      { id: 'api_calls', event: 'api_call', amountProperty: 'count', unit: 'call', resets: 'month' },
    ]);
    expect(catalogue.plans[0]).toMatchObject({
      perSeatMinor: 60_000,
      flatMinor: 0,
      features: ['reports', 'dashboards'],
    });
    expect(catalogue.holidays).toEqual(new Set([parseDay('2026-12-25')]));
    expect(catalogue).toMatchObject({ featuresDefaulted: false, milestonesDefaulted: false, competitors: ['Rivalo'] });
    expect(warnings.map(({ message }) => message)).toEqual([
      'no plan is called "enterprise"',
      'no feature is called "dashboards"',
      'no feature is called "dashboards"',
    ]);
  });

  test('of the sample portfolio has neither problems nor warnings', () => {
    expect(load(readFileSync('examples/sample/catalog.yaml', 'utf8')).warnings).toEqual([]);
  });

  test('may be empty', () => {
    for (const text of ['', '# nothing yet\n', 'features:\nplans: []\n']) {
      expect(load(text).catalogue).toMatchObject({ featuresDefaulted: true, milestonesDefaulted: true, plans: [] });
    }
  });

  test('with several mistakes reports each of them with its place and a near name', () => {
    const text = [
      'feature:',
      '  - { id: reports, events: [report_created] }',
      'milestones:',
      '  - { id: first_value, evnt: report_shared }',
      'meters:',
      '  - { id: calls, event: api_call, resets: monthly }',
      'holidays: [2026-02-30]',
    ].join('\n');
    expect(problemsOf(text)).toEqual([
      'catalog.yaml:1:1: unknown key "feature"; did you mean "features"?',
      'catalog.yaml:4:5: "event" is missing in milestones[1]',
      'catalog.yaml:4:24: unknown key "evnt" in milestones[1]; did you mean "event"?',
      'catalog.yaml:6:43: "resets" must be one of day, week, month, year, not "monthly"; did you mean "month"?',
      'catalog.yaml:7:12: entry 1 of "holidays": a date is written YYYY-MM-DD',
    ]);
  });

  test('with an id given twice, a misspelt reference or a circle is refused', () => {
    const text = [
      'features:',
      '  - { id: reports, events: [a], prerequisites: [sharing] }',
      '  - { id: sharing, events: [b], prerequisites: [reports] }',
      '  - { id: charts, events: [c], neighbours: [report] }',
      '  - { id: charts, events: [d] }',
      'meters: [{ id: api_calls, event: api_call }]',
      'plans:',
      '  - { id: pro, limits: { api_call: 5 } }',
    ].join('\n');
    expect(problemsOf(text)).toEqual([
      'catalog.yaml:2:48: reports needs sharing needs reports: this can never be met',
      'catalog.yaml:4:45: no feature is called "report"; did you mean "reports"?',
      'catalog.yaml:5:11: the id "charts" is given twice in features',
      'catalog.yaml:8:26: no meter is called "api_call"; did you mean "api_calls"?',
    ]);
  });

  test('takes a feature into the plans that either side names', () => {
    const { catalogue } = load(`
features:
  - { id: reports, events: [a] }
  - { id: api, events: [b], plans: [pro] }
  - { id: help, events: [c] }
plans: [{ id: free, features: [reports] }, { id: pro, features: [reports] }]
`);
    expect(catalogue.features.map(({ id, plans }) => [id, plans])).toEqual([
      ['reports', ['free', 'pro']],
      ['api', ['pro']],
      ['help', []],
    ]);
    expect(catalogue.plans.map(({ id, features }) => [id, features])).toEqual([
      ['free', ['reports']],
      ['pro', ['reports', 'api']],
    ]);
  });

  test('counts money in the minor units of its currency', () => {
    const text = 'plans: [{ id: a, perSeat: 12.5 }, { id: b, perSeat: 1200, currency: JPY }, { id: c }]';
    const [a, b, c] = load(text, 'EUR').catalogue.plans;
    expect([a!.perSeatMinor, a!.currency]).toEqual([1250, 'EUR']);
    expect(b!.perSeatMinor).toBe(1200);
    expect(c).not.toHaveProperty('perSeatMinor');
  });

  test('has the same hash for the same meaning, and another for another', () => {
    const hash = (text: string) => load(text).catalogue.hash;
    expect(hash('logins: [login]\ncompetitors: [A]')).toBe(hash('# said\ncompetitors:\n  - A\nlogins:\n  - login\n'));
    expect(hash('holidays: [2026-01-01]')).not.toBe(hash('holidays: [2026-01-02]'));
  });
});

describe('the default catalogue', () => {
  test('makes every event name but logins a feature, whatever the order of the names', () => {
    const catalogue = defaultCatalogue(['session_start', 'upload', 'login', 'page', 'commit']);
    expect(catalogue.features.map(({ id, events }) => [id, events])).toEqual([
      ['commit', ['commit']],
      ['upload', ['upload']],
    ]);
    expect(catalogue.featuresDefaulted).toBe(true);
    expect(catalogue.hash).toBe(defaultCatalogue(['commit', 'upload']).hash);
  });

  test('stands in for the features alone when only they are missing', () => {
    const { catalogue } = load('milestones: [{ id: first_value, event: upload }]\nlogins: [hello]');
    const complete = completeCatalogue(catalogue, ['hello', 'upload']);
    expect(complete.features.map(({ id }) => id)).toEqual(['upload']);
    expect(complete).toMatchObject({ featuresDefaulted: true, milestonesDefaulted: false });
  });
});

test('events that never occurred are named with where they stand and what was probably meant', () => {
  const { catalogue } = load(EXAMPLE);
  expect(
    unknownEvents(catalogue, ['report_created', 'report_export', 'login', 'team_invited', 'report_shared', 'api_call']),
  ).toEqual([
    { event: 'report_exported', namedBy: ['feature reports'], suggestion: 'report_export' },
    { event: 'pricing_viewed', namedBy: ['signal pricing_view'] },
    { event: 'feature_blocked', namedBy: ['signal gated_attempt'] },
    { event: 'error_shown', namedBy: ['signal error'] },
  ]);
  expect(unknownEvents(catalogue, [])).toEqual([]);
});
