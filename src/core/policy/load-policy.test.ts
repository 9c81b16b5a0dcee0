import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { formatProblem } from '../documents/problem.ts';
import { SKILLS } from '../skills/skills.ts';
import { loadPolicy } from './load-policy.ts';

const defaultText = readFileSync(new URL('../../../policies/default.yaml', import.meta.url), 'utf8');

const load = (text: string) => loadPolicy(text, { file: 'policy.yaml', skills: SKILLS, defaultText });

/** The default policy with the first occurrence of each `from` replaced. */
function edited(...changes: [from: string, to: string][]): string {
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`not in the default policy: ${from}`);
    return text.replace(from, to);
  }, defaultText);
}

function problemsOf(text: string) {
  const loaded = load(text);
  return loaded.ok ? [] : loaded.problems;
}

function loaded(text: string) {
  const result = load(text);
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.policy;
}

/** Where `needle` stands in `text`, from 1. */
function placeOf(text: string, needle: string): { line: number; column: number } {
  const before = text.slice(0, text.indexOf(needle)).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

describe('a mistake is found, placed and answered', () => {
  const cases: [
    what: string,
    from: string,
    to: string,
    at: string,
    code: string,
    message: RegExp,
    suggestion?: string,
  ][] = [
    [
      'an unknown fact',
      'when: days_remaining < 3',
      'when: days_remaning < 3',
      'days_remaning <',
      'unknown_fact',
      /unknown fact "days_remaning"/,
      'days_remaining',
    ],
    [
      'an unknown fact in the middle of an expression',
      '&& activation_score < 50',
      '&& activation_scor < 50',
      'activation_scor <',
      'unknown_fact',
      /unknown fact/,
      'activation_score',
    ],
    [
      'an unknown fact in a quoted expression',
      '"renewal_signed ? 1.0',
      '"renewal_singed ? 1.0',
      'renewal_singed',
      'unknown_fact',
      /unknown fact/,
      'renewal_signed',
    ],
    [
      "the seed's AND",
      'days_remaining < 3 &&',
      'days_remaining < 3 AND',
      'AND activation_score < 50\n    trigger',
      'expression_syntax',
      /write && for "and"/,
    ],
    [
      'a comparison of the wrong types',
      'when: usage_cliff',
      'when: usage_cliff == 3',
      'usage_cliff == 3',
      'expression_type',
      /cannot be compared with 3/,
    ],
    [
      'a value that cannot occur',
      'in ["at_risk", "critical"]',
      '== "atrisk"',
      '"atrisk"',
      'impossible_value',
      /one of healthy, watch, at_risk, critical/,
      'at_risk',
    ],
    [
      'an unknown skill',
      '[plg/quick_win_generator]\n',
      '[plg/quick_wins_generator]\n',
      'plg/quick_wins_generator',
      'unknown_skill',
      /unknown skill/,
      'plg/quick_win_generator',
    ],
    [
      'a skill without its domain',
      'predictor, monetization/upgrade_trigger',
      'predictor, upgrade_trigger',
      'upgrade_trigger]\n    priority: high\n    exit: expansion_ready\n    reason: "The',
      'unknown_skill',
      /unknown skill "upgrade_trigger"/,
      'monetization/upgrade_trigger',
    ],
    [
      'an unknown key',
      'cooldownDays: 90',
      'coolDownDays: 90',
      'coolDownDays: 90',
      'unknown_key',
      /unknown key "coolDownDays"/,
      'cooldownDays',
    ],
    ['an unknown measure', 'dropDays: 7', 'dropDay: 7', 'dropDay:', 'unknown_key', /unknown key "dropDay"/, 'dropDays'],
    ['a wrong type', 'runHour: 6', 'runHour: early', 'early', 'invalid_type', /"runHour" must be a number/],
    ['a number out of range', 'runHour: 6', 'runHour: 24', '24 #', 'invalid_value', /"runHour" must be at most 23/],
    [
      'a wrong word',
      'exit: champion_building',
      'exit: champion_bulding',
      'champion_bulding',
      'invalid_value',
      /must be one of at_risk_intervention/,
      'champion_building',
    ],
    [
      'monitor as an exit, which is the absence of one',
      'exit: champion_building',
      'exit: monitor',
      'monitor',
      'invalid_value',
      /must be one of/,
    ],
    [
      'two rules of one id',
      'id: any.usage_cliff',
      'id: any.champion_departed',
      'any.champion_departed\n    stages: any\n    when: usage_cliff',
      'duplicate_id',
      /already a rule "any.champion_departed"/,
    ],
    [
      'two edges of one id',
      'id: renewal.signed\n',
      'id: renewal.signed_ready\n',
      'renewal.signed_ready\n    from: renewal\n    to: adoption',
      'duplicate_id',
      /already an edge/,
    ],
    [
      // [G16]
      'an edge that skips',
      'to: onboarding',
      'to: adoption',
      'adoption\n    when: paid',
      'skipping_edge',
      /trial -> adoption skips: from trial an account can only go to onboarding/,
    ],
    [
      'a placeholder that is no fact',
      '{days_remaining} days and',
      '{days_remainin} days and',
      'days_remainin}',
      'unknown_placeholder',
      /\{days_remainin\} is no fact/,
      'days_remaining',
    ],
    [
      'health weights that do not sum to 1',
      'weights: { adoption: 0.3,',
      'weights: { adoption: 0.35,',
      '{ adoption: 0.35',
      'weights_sum',
      /is 1\.05; it must be 1/,
    ],
    [
      'bands out of order',
      'healthy: 80, neutral: 60',
      'healthy: 80, neutral: 85',
      '{ healthy: 80, neutral: 85',
      'wrong_order',
      /healthy \(80\) must be above neutral \(85\)/,
    ],
    [
      'a guardrail switched off',
      'money.unhealthy: always',
      'money.unhealthy: never',
      'never #',
      'invalid_value',
      /must be "always"/,
    ],
    [
      'a rule of an unknown stage',
      'stages: [activation]',
      'stages: [activated]',
      'activated]',
      'invalid_value',
      /must be one of trial/,
      'activation',
    ],
  ];
  test.each(cases)('%s', (_, from, to, at, code, message, suggestion) => {
    const text = edited([from, to]);
    const problem = problemsOf(text).find((each) => each.code === code);
    expect(problem).toMatchObject({ file: 'policy.yaml', ...placeOf(text, at) });
    expect(problem!.message).toMatch(message);
    expect(problem!.suggestion).toBe(suggestion);
  });

  test('a stage that is missing', () => {
    const text = defaultText.replace(/ {2}- id: renewal\n {4}domain[\s\S]*?(?=\n\n)/, '');
    expect(problemsOf(text)).toMatchObject([
      { code: 'missing_stage', message: 'the stage "renewal" is missing; a policy has all six' },
    ]);
  });

  test('a stage that no edge leads to', () => {
    const text = defaultText.replace(/ {2}- id: expansion.renewal_due\n(?: {4}.*\n)*/, '');
    expect(problemsOf(text)).toMatchObject([
      { code: 'unreachable_stage', message: 'no way leads to the stage "renewal"; add the edge that enters it' },
    ]);
  });

  test('a rule that leads nowhere', () => {
    expect(problemsOf(edited(['    action: Schedule QBR\n', '']))).toMatchObject([
      { code: 'missing_key', message: 'the rule "renewal.qbr_due" has neither "exit" nor "action"' },
    ]);
  });

  test('a missing guardrail and a missing handoff', () => {
    const text = edited(['  capacity.quiet: always # a pause or quiet period that a person set\n', '']).replace(
      / {2}- kind: cs_to_sales\n(?: {4}.*\n)*/,
      '',
    );
    expect(
      problemsOf(text)
        .map(({ message }) => message)
        .sort(),
    ).toEqual(['"capacity.quiet" is missing in guardrails', 'the handoff "cs_to_sales" is missing']);
  });

  test('YAML that cannot be read', () => {
    expect(problemsOf('name: [unclosed\nrunHour: 6')).toMatchObject([
      { code: 'yaml_syntax', line: expect.any(Number) },
    ]);
    expect(problemsOf('- just\n- a list')).toMatchObject([{ code: 'invalid_type', line: 1 }]);
    expect(problemsOf('').length).toBeGreaterThan(0);
  });

  test('an expression that YAML reads as something else', () => {
    expect(problemsOf(edited(['when: usage_cliff', 'when: !usage_cliff'])).map(({ line }) => line)).toContain(
      placeOf(defaultText, 'when: usage_cliff').line,
    );
  });
});

// [G7]
test('five different mistakes are all reported at once, in the order of the file', () => {
  const text = edited(
    ['runHour: 6', 'runHour: noon'],
    ['to: onboarding', 'to: activation'],
    ['when: days_remaining < 3', 'when: days_remaning < 3'],
    ['[plg/guided_setup_wizard]', '[plg/guided_setup]'],
    ['neutral: 60', 'neutral: 90'],
  );
  const problems = problemsOf(text);
  expect(problems.map(({ code }) => code)).toEqual([
    'invalid_type',
    'skipping_edge',
    'unknown_fact',
    'unknown_skill',
    'wrong_order',
  ]);
  expect(problems.map(({ line }) => line)).toEqual(problems.map(({ line }) => line).toSorted((a, b) => a - b));
});

test('a problem reads as one line with its place and the remedy', () => {
  const text = edited(['when: days_remaining < 3', 'when: days_remaning < 3']);
  const { line, column } = placeOf(text, 'days_remaning');
  expect(formatProblem(problemsOf(text)[0]!)).toBe(
    `policy.yaml:${line}:${column}: unknown fact "days_remaning"; did you mean "days_remaining"?`,
  );
});

test('the failing check that docs/policy.md shows is what the loader says', () => {
  const text = edited(
    ['to: onboarding', 'to: adoption'],
    ['when: days_remaining < 3', 'when: days_remaning < 3'],
    ['in ["at_risk", "critical"]', '== "atrisk"'],
    ['when: usage_depth > 60 && new', 'when: usage_depth > 60% AND new'],
    ['overage_predictor, monetization/', 'overage_predictor, '],
    ['cooldownDays: 90', 'coolDownDays: 90'],
    ['weights: { adoption: 0.3,', 'weights: { adoption: 0.35,'],
  );
  const docs = readFileSync(new URL('../../../docs/policy.md', import.meta.url), 'utf8');
  const withoutPlaces = (line: string) => line.replace(/:\d+:\d+:/, ':');
  const shown = docs.split('\n').filter((line) => /^policy\.yaml:\d/.test(line));
  expect(shown.map(withoutPlaces)).toEqual(problemsOf(text).map(formatProblem).map(withoutPlaces));
});

test('whatever stands in a file, the loader answers with a policy or with problems in it', () => {
  const whole: unknown = parse(defaultText);
  const junk = fc.oneof(
    fc.constantFrom<unknown>(null, 1e308, -1, '', 'any', '!', '{', [], {}, [[]], 'usage_cliff', '__proto__', true),
    fc.string({ maxLength: 20 }),
  );
  const edits = fc.array(fc.tuple(fc.array(fc.nat(30), { minLength: 1, maxLength: 5 }), junk), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(edits, (changes) => {
      const data = structuredClone(whole);
      for (const [steps, value] of changes) replaceInside(data, steps, value);
      const text = stringify(data);
      const result = load(text);
      if (result.ok) return;
      expect(result.problems.length).toBeGreaterThan(0);
      const lines = text.split('\n').length;
      for (const { line, column } of result.problems) expect(line >= 1 && line <= lines && column >= 1).toBe(true);
    }),
    { numRuns: 100, seed: 20_260_331 },
  );
});

/** Follows `steps`, each picking a child by its position, and puts `value` there. */
function replaceInside(data: unknown, steps: readonly number[], value: unknown): void {
  let at = data as Record<string, unknown>;
  for (const [i, step] of steps.entries()) {
    const keys = Object.keys(at);
    const key = keys[step % keys.length];
    if (key === undefined) return;
    const next = at[key];
    if (i === steps.length - 1 || typeof next !== 'object' || next === null) {
      at[key] = value;
      return;
    }
    at = next as Record<string, unknown>;
  }
}

test('a key named like a part of every object is an unknown key', () => {
  expect(
    problemsOf(
      edited([
        '  default: { autoApprove: never }',
        '  default: { autoApprove: never }\n  __proto__: { autoApprove: always }',
      ]),
    ).map(({ code }) => code),
  ).toEqual(['unknown_skill']);
  expect(
    problemsOf(edited(['  renewal: # A10', '  __proto__: { a: 1 }\n  renewal: # A10'])).map(({ code }) => code),
  ).toEqual(['unknown_key']);
});

describe('what a workspace leaves out', () => {
  const withoutTail = defaultText.slice(0, defaultText.indexOf('\nskills:'));

  test('skills and measures hold as in the default policy', () => {
    const partial = loaded(withoutTail);
    const whole = loaded(defaultText);
    expect(partial.measures).toEqual(whole.measures);
    expect(partial.hash).toBe(whole.hash);
  });

  test('a part of measures changes that part alone, and lists are replaced whole', () => {
    const { measures } = loaded(
      `${withoutTail}\nmeasures:\n  renewal: { qbrDays: 60 }\n  onboarding: { enterpriseSegments: [strategic] }\n`,
    );
    expect(measures.renewal).toMatchObject({ approachingDays: 120, qbrDays: 60, riskDays: 180 });
    expect(measures.onboarding.enterpriseSegments).toEqual(['strategic']);
    expect(measures.health.weights.adoption).toBe(0.3);
  });

  test('a skill that is not named follows default, and default is never', () => {
    const policy = loaded(`${withoutTail}\nskills:\n  plg/quick_win_generator: { autoApprove: [trial] }\n`);
    expect(policy.skills['plg/quick_win_generator']).toEqual({ autoApprove: ['trial'] });
    expect(Object.keys(policy.skills)).toHaveLength(SKILLS.length);
    expect(policy.skills['monetization/upgrade_trigger']).toEqual({ autoApprove: 'never' });
    expect(
      loaded(`${withoutTail}\nskills: { default: { autoApprove: always } }\n`).skills['plg/guided_setup_wizard'],
    ).toEqual({ autoApprove: 'always' });
  });

  test('an unknown skill among them is found at its key', () => {
    const text = `${withoutTail}\nskills:\n  plg/quick_win: { autoApprove: never }\n`;
    expect(problemsOf(text)).toMatchObject([{ code: 'unknown_skill', ...placeOf(text, 'plg/quick_win:') }]);
  });

  test('without a default text the whole document is needed', () => {
    expect(loadPolicy(withoutTail, { file: 'policy.yaml', skills: SKILLS }).ok).toBe(false);
    expect(loadPolicy(defaultText, { file: 'policy.yaml', skills: SKILLS }).ok).toBe(true);
  });
});

describe('the content hash', () => {
  const { hash } = loaded(defaultText);

  test('is that of the meaning: comments, layout, key order and spacing of expressions do not count', () => {
    const relaid = edited(
      ['name: default\nrunHour: 6', 'runHour:   6 # six\nname: "default"'],
      ['days_remaining < 3 && activation_score < 50', '(days_remaining<3) && activation_score   < 50'],
      ['cooldownDays: 90 # one review a quarter\n', 'cooldownDays: 90\n\n'],
    );
    expect(loaded(relaid).hash).toBe(hash);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('differs as soon as a number, a word or an approval differs', () => {
    const others = [
      edited(['when: days_remaining < 3', 'when: days_remaining < 4']),
      edited(['surveyDays: 180', 'surveyDays: 90']),
      edited(['default: { autoApprove: never }', 'default: { autoApprove: always }']),
      edited(['action: Schedule QBR', 'action: Schedule a QBR']),
      edited(['interventions: 5', 'interventions: 4']),
    ].map((text) => loaded(text).hash);
    expect(new Set([hash, ...others]).size).toBe(6);
  });

  test('a stated default is the same as none', () => {
    expect(
      loaded(
        edited([
          '    action: Surface easiest value path\n',
          '    action: Surface easiest value path\n    cooldownDays: 7\n',
        ]),
      ).hash,
    ).toBe(hash);
  });
});

describe('the document of a loaded policy', () => {
  test('is whole: loading it without defaults gives the same policy', () => {
    const partial = defaultText.slice(0, defaultText.indexOf('\nmeasures:'));
    const loaded = loadPolicy(partial, { file: 'p.yaml', skills: SKILLS, defaultText });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const again = loadPolicy(loaded.document, { file: 'kept', skills: SKILLS });
    expect(again.ok && again.policy.hash).toBe(loaded.policy.hash);
  });
});
