import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Drive, type Given, measuredOn, policy, START } from '../../../test/measured-account.ts';
import type { FactDefinition, FactVector } from '../facts/fact.ts';
import { factNames } from '../facts/fact-index.ts';
import { FACTS } from '../facts/facts.ts';
import { type Evaluation, redecide } from '../journey/tick.ts';
import { GUARDRAIL_IDS } from '../policy/policy.ts';
import type { Stage } from '../records/record.ts';
import { formatDay } from '../time/calendar.ts';
import { composeDecision, decisionIdOf } from './compose.ts';
import type { Decision } from './decision.ts';
import { explain } from './explain.ts';

const index = factNames();

function decide(evaluation: Pick<Evaluation, 'inputs' | 'choice'>): Decision {
  return composeDecision(evaluation.inputs, decisionIdOf(JSON.stringify(evaluation.inputs)), evaluation.choice, policy);
}

function placed(stage: Stage, given: Given = {}): Drive {
  const drive = new Drive();
  drive.next({ stage, stageEnteredAt: START, paid: stage !== 'trial', ...given });
  return drive;
}

/** Keys and nesting as text, arrays by their first element. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== 'object' || value === null) return '';
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shapeOf(each)]));
}

/** The seed's response format: every key of it must be there, nested alike. */
const SEED = {
  accountId: '',
  journey: { currentStage: '', stageEntryDate: '', daysInStage: '', stageHealth: '', progressionVelocity: '' },
  health: { overallScore: '', adoptionScore: '', engagementTrend: '', riskFactors: [''] },
  expansion: {
    readinessScore: '',
    signals: [''],
    blockers: [{ type: '', description: '', impact: '' }],
    estimatedExpansionValue: '',
  },
  recommendation: {
    primaryFocus: '',
    reasoning: '',
    nextMilestone: { name: '', targetDate: '', requirements: [''] },
    skillsToTrigger: [{ skill: '', priority: '', context: '' }],
  },
  exitState: '',
};

/** What journey.md section 6 adds. */
const ADDED = {
  top: [
    'decisionId',
    'asOf',
    'policyHash',
    'status',
    'interventions',
    'blocked',
    'handoffs',
    'dataGaps',
    'assumptions',
  ],
  journey: ['pendingTransition'],
  health: ['band', 'scoreBand', 'change30', 'dimensions', 'signals', 'dataQuality'],
  expansion: ['signalDetails', 'estimatedExpansionValueHalf', 'currency', 'gates'],
};

/** A decision in which nothing is empty. */
function full(): { decision: Decision; evaluation: Evaluation } {
  const drive = placed('adoption');
  drive.days(31, { paid: true, band: 'healthy', readiness: 60 });
  const given: Given = {
    paid: true,
    band: 'neutral',
    readiness: 75,
    usersReady: 2,
    championDeparted: true,
    openEscalations: ['t1'],
  };
  const measured = measuredOn(drive.today, given);
  const blocker = {
    type: 'feature_gap',
    impact: 'high',
    description: 'SSO required for enterprise rollout',
    since: START,
    sourceId: 'n1',
  };
  measured.blockers = [blocker];
  measured.organic = {
    ...measured.organic,
    count: 1,
    signals: [
      {
        kind: 'limit_pressure',
        id: 'approaching_seat_limit',
        day: drive.today - 1,
        detail: '9 of 10 seats',
        evidence: ['x'],
      },
    ],
  };
  measured.signals = [
    { id: 'support_escalation', severity: 'high', since: undefined, detail: 't1 escalated and open', evidence: ['t1'] },
  ];
  const evaluation = redecide(drive.state!, measured, drive.interventions(), policy) as Evaluation;
  return { decision: decide(evaluation), evaluation };
}

it('a goal keeps its part whatever its id', () => {
  const { evaluation } = full();
  const inputs = structuredClone(evaluation.inputs);
  inputs.health.dimensions.outcomes.parts = JSON.parse('{"__proto__":{"value":50,"weight":1}}');
  const { parts } = decide({ ...evaluation, inputs }).health.dimensions.outcomes;
  expect(Object.entries(parts)).toEqual([['__proto__', { score: 50, weight: 1 }]]);
});

describe('the decision JSON (journey.md section 6)', () => {
  it("has every key of the seed's response format, nested alike", () => {
    const shape = shapeOf(full().decision) as typeof SEED;
    expect(shape).toMatchObject(SEED);
  });

  it('adds the documented keys and no others', () => {
    const { decision } = full();
    const keys = (value: object, seed: object) =>
      Object.keys(value)
        .filter((key) => !(key in seed))
        .sort();
    expect(keys(decision, SEED)).toEqual([...ADDED.top].sort());
    expect(keys(decision.journey, SEED.journey)).toEqual(ADDED.journey);
    expect(keys(decision.health, SEED.health)).toEqual([...ADDED.health].sort());
    expect(keys(decision.expansion, SEED.expansion)).toEqual([...ADDED.expansion].sort());
    expect(keys(decision.recommendation, SEED.recommendation)).toEqual([]);
    expect(Object.keys(decision.recommendation.nextMilestone!)).toEqual(['name', 'targetDate', 'requirements']);
    expect(Object.keys(decision.journey.pendingTransition!)).toEqual([
      'to',
      'consistentDays',
      'requiredDays',
      'earliestDate',
    ]);
  });

  it('writes dates, instants, integer scores, camelCase keys and snake_case values', () => {
    const walk = (value: unknown, key: string): void => {
      if (Array.isArray(value)) for (const each of value) walk(each, key);
      else if (typeof value === 'object' && value !== null) {
        for (const [name, each] of Object.entries(value)) {
          expect(name).toMatch(/^[a-z][A-Za-z0-9]*$/);
          walk(each, name);
        }
      } else if (/Date$|^date$|^since$/.test(key) && value !== null) expect(value).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      else if (/[sS]core$/.test(key) && value !== null) expect(Number.isInteger(value), `${key} ${value}`).toBe(true);
    };
    const stages: Stage[] = ['trial', 'onboarding', 'activation', 'adoption', 'expansion', 'renewal'];
    for (const stage of stages) {
      for (const given of [{}, { band: 'at_risk', readiness: 80 }, { readiness: 10, milestone: true }] as Given[]) {
        const decision = decide(placed(stage).next({ paid: stage !== 'trial', renewalDate: START + 60, ...given }));
        walk(decision, '');
        expect(decision.asOf).toMatch(/^\d{4}-\d\d-\d\dT06:00:00Z$/);
        expect(decision.decisionId).toMatch(/^dec_[0-9a-f]{24}$/);
        expect(JSON.parse(JSON.stringify(decision))).toEqual(decision); // nothing is undefined
        for (const text of [decision.exitState, decision.journey.currentStage, decision.journey.stageHealth]) {
          expect(text).toMatch(/^[a-z]+(_[a-z]+)*$/);
        }
      }
    }
  });

  it('leaves unknown scores null and lists each with its reason', () => {
    const decision = decide(placed('adoption').next({ paid: true }));
    expect([decision.health.overallScore, decision.expansion.readinessScore]).toEqual([null, null]);
    const gaps = Object.fromEntries(decision.dataGaps.map((gap) => [gap.fact, gap.reason]));
    expect(gaps).toMatchObject({ health_score: '0 of 7 days of data', expansion_readiness: 'sentiment: no survey' });
    expect(decision.dataGaps.every((gap) => gap.reason !== '')).toBe(true);
  });

  it('shows a rule that unknown data leaves undecided as held by the data guardrails', () => {
    const { blocked } = decide(placed('adoption').next({ paid: true }));
    expect(blocked.find((each) => each.guardrail === 'data.health_days')).toMatchObject({
      reason: 'health is unknown: 1 of 7 days of data',
      until: formatDay(START + 7),
    });
    expect(blocked.map((each) => [each.rule, each.guardrail])).toEqual([
      ['adoption.expansion_ready', 'data.readiness_signals'],
      ['any.health_drop', 'data.health_days'],
    ]);
  });

  it('holds are listed with rule, skill, guardrail, reason and until, and held skills are not listed as triggered', () => {
    const given: Given = {
      paid: true,
      approachingLimit: true,
      milestone: true,
      conversation: { timelineFrom: START + 40 },
    };
    const { blocked, recommendation, interventions } = decide(placed('expansion').next(given));
    expect(blocked.find((each) => each.skill === 'monetization/upgrade_trigger')).toEqual({
      rule: 'expansion.near_limit',
      skill: 'monetization/upgrade_trigger',
      guardrail: 'money.customer_timeline',
      reason: `the customer asked to wait until ${formatDay(START + 40)}`,
      until: formatDay(START + 40),
    });
    expect(recommendation.skillsToTrigger.map((each) => each.skill)).toEqual(['monetization/overage_predictor']);
    expect(interventions.map((each) => each.state).sort()).toEqual(['held', 'proposed']);
  });

  it('a transition that must wait is listed with the day on which it need not', () => {
    const { blocked, journey } = decide(placed('onboarding').next({ paid: true, milestone: true }));
    expect(journey.pendingTransition).toEqual({
      to: 'activation',
      consistentDays: 1,
      requiredDays: 3,
      earliestDate: formatDay(START + 3),
    });
    expect(blocked.filter((each) => each.skill === null && each.rule === 'onboarding.milestone')).toEqual([
      {
        rule: 'onboarding.milestone',
        skill: null,
        guardrail: 'stage.consistent_signals',
        reason: 'true on 1 of 3 consecutive days',
        until: formatDay(START + 3),
      },
      {
        rule: 'onboarding.milestone',
        skill: null,
        guardrail: 'stage.min_days',
        reason: '1 of 3 days in onboarding',
        until: formatDay(START + 3),
      },
    ]);
  });

  it('the id depends on every input', () => {
    const { inputs, choice } = placed('adoption').next({ paid: true });
    const other = { ...inputs, daysOfData: inputs.daysOfData + 1 };
    expect(decide({ inputs: other, choice }).decisionId).not.toBe(decide({ inputs, choice }).decisionId);
    expect(decide({ inputs, choice })).toEqual(decide({ inputs, choice }));
  });
});

describe('handoffs', () => {
  const kinds = (stage: Stage, given: Given) =>
    decide(placed(stage).next({ paid: stage !== 'trial', ...given })).handoffs.map((each) => each.kind);

  it('go to CS while trial or onboarding is left, to sales when ready to expand, to finance in renewal', () => {
    expect(kinds('trial', {})).toEqual([]);
    expect(kinds('trial', { paid: true })).toEqual(['plg_to_cs']);
    expect(kinds('onboarding', {})).toEqual(['plg_to_cs']);
    expect(kinds('adoption', { readiness: 80 })).toEqual(['cs_to_sales']);
    expect(kinds('renewal', {})).toEqual(['cs_to_finance']);
  });

  it('to sales are not offered while an at-risk exit is in force', () => {
    expect(kinds('adoption', { readiness: 80, cliff: true })).toEqual([]);
  });

  it('are not offered for an account that left', () => {
    expect(kinds('renewal', { churned: true })).toEqual([]);
  });
});

describe('stage health and velocity', () => {
  const journey = (stage: Stage, days: number, given: Given) =>
    decide(placed(stage).days(days, { paid: true, ...given })).journey;

  it('is at risk by the band, or by an exit that fired', () => {
    expect(journey('adoption', 1, { band: 'critical' }).stageHealth).toBe('at_risk');
    expect(journey('adoption', 1, { band: 'healthy', cliff: true }).stageHealth).toBe('at_risk');
  });

  it('is blocked when the transition holds and only the minimum days prevent it, or by a high blocker', () => {
    expect(journey('activation', 4, { complete: true, milestone: true, band: 'healthy' }).stageHealth).toBe('blocked');
    expect(full().decision.journey.stageHealth).toBe('blocked');
  });

  it('follows the pace: ahead by 25 % is accelerating and fast, behind by 25 % slow', () => {
    // activation: 45 benchmark days; day 20 of them with 80 done is 1.8 times the pace, with 40 done .9, with 30 done .68
    const at = (activationScore: number) => {
      const { stageHealth, progressionVelocity } = journey('activation', 20, { activationScore, band: 'healthy' });
      return [stageHealth, progressionVelocity];
    };
    expect([at(80), at(40), at(30)]).toEqual([
      ['accelerating', 'fast'],
      ['healthy', 'normal'],
      ['healthy', 'slow'],
    ]);
  });

  it('is unknown for an account younger than seven days', () => {
    expect(journey('activation', 6, { activationScore: 90 }).progressionVelocity).toBe('unknown');
    expect(journey('activation', 7, { activationScore: 90 }).progressionVelocity).toBe('fast');
  });
});

describe('the reasoning', () => {
  it('names the numbers, the rule that decided in present figures, the top blocker and what is held', () => {
    const { reasoning } = full().decision.recommendation;
    for (const part of [
      'Adoption for 31 days.',
      'Health 70 (neutral, confidence high), readiness 75.',
      'Blocker (high, feature gap): SSO required for enterprise rollout.',
      'High signal: t1 escalated and open.',
    ]) {
      expect(reasoning).toContain(part);
    }
  });

  it('quotes the figures of the day, not those of the day the open intervention was made', () => {
    const drive = placed('adoption');
    drive.next({ paid: true, usersReady: 2 });
    const { recommendation } = decide(drive.next({ paid: true, usersReady: 5 }));
    expect(recommendation.skillsToTrigger[0]!.context).toContain('5 users');
    expect(recommendation.reasoning).toContain('5 users');
  });

  it('says why health is unknown, and that nothing fires', () => {
    const { reasoning } = decide(placed('adoption').next({ paid: true })).recommendation;
    expect(reasoning).toContain('Health unknown (0 of 7 days of data)');
    expect(reasoning).toContain('No rule of the adoption stage fires.');
  });
});

describe('the next milestone', () => {
  const milestone = (stage: Stage, days: number, given: Given) =>
    decide(placed(stage).days(days, { paid: stage !== 'trial', ...given })).recommendation.nextMilestone;

  it('is the unmet transition: the fact that must change, the days it must hold, the days left in the stage', () => {
    expect(milestone('adoption', 5, { readiness: 50 })).toEqual({
      name: 'Ready to expand',
      targetDate: formatDay(START + 30),
      requirements: ['expansion_readiness > 70 (is 50)', 'true on 3 more days in a row', '25 more days in adoption'],
    });
  });

  it('names the earliest day when only days are missing', () => {
    expect(milestone('onboarding', 2, { milestone: true })).toEqual({
      name: 'Activation milestone reached',
      targetDate: formatDay(START + 3),
      requirements: ['true on 1 more day in a row', '1 more day in onboarding'],
    });
  });

  it('in expansion is the gates not met, else the renewal window', () => {
    expect(milestone('expansion', 1, { gatesMet: false })).toMatchObject({
      name: 'Clear to expand',
      targetDate: null,
      requirements: ['met'],
    });
    expect(milestone('expansion', 1, { renewalDate: START + 300 })).toMatchObject({
      name: 'Renewal due',
      targetDate: formatDay(START + 182),
    });
    expect(milestone('expansion', 1, {})).toMatchObject({ targetDate: null });
  });

  it('is none for an account that left', () => {
    expect(milestone('adoption', 1, { churned: true })).toBeNull();
  });
});

describe('explain', () => {
  const anyValue = ({ type, values }: FactDefinition): fc.Arbitrary<unknown> =>
    fc.option<unknown>(
      type === 'bool'
        ? fc.boolean()
        : type === 'string'
          ? fc.constantFrom(...values!)
          : type === 'int'
            ? fc.integer({ min: 0, max: 130 })
            : fc.double({ min: -1, max: 1, noNaN: true }),
      { nil: undefined as unknown, freq: 4 } as never,
    );
  const anyFacts: fc.Arbitrary<FactVector> = fc.tuple(...FACTS.map(anyValue)).map((values) => ({
    values: values as FactVector['values'],
    reasons: values.map((each) => (each === undefined ? 'not given' : undefined)),
  }));

  /** The facts after the changes that explain names. */
  const changed = (facts: FactVector, changes: { fact: string; to?: unknown }[]): FactVector | undefined => {
    const values = [...facts.values];
    for (const { fact, to } of changes) {
      if (to === undefined || !(fact in index)) return undefined;
      values[index[fact as keyof typeof index]] = to as never;
    }
    return { values, reasons: facts.reasons };
  };

  it('what it says would make a rule or edge fire makes it fire, for every one of them over any facts', () => {
    const { inputs, choice } = placed('adoption').next({ paid: true });
    const decision = decide({ inputs, choice });
    let checked = 0;
    for (const facts of fc.sample(anyFacts, { seed: 5, numRuns: 60 })) {
      const { rules } = explain({ ...inputs, facts }, choice, decision, policy);
      expect(rules).toHaveLength(policy.rules.length + policy.edges.length);
      for (const each of rules) {
        const { condition } =
          each.kind === 'rule'
            ? policy.rules.find((rule) => rule.id === each.id)!
            : policy.edges.find((edge) => edge.id === each.id)!;
        expect(each.truth).toBe(condition(facts) ?? null);
        if (each.truth === true) {
          expect(each.wouldFire).toEqual([]);
          continue;
        }
        const after = each.wouldFire === null ? undefined : changed(facts, each.wouldFire);
        if (after === undefined) continue;
        expect(condition(after), `${each.id} ${JSON.stringify(each.wouldFire)}`).toBe(true);
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(1_000);
  });

  it('says of each skill whether it is triggered, open, held or not asked for, and what would hold it', () => {
    const drive = placed('expansion');
    const given: Given = { paid: true, milestone: true, approachingLimit: true, openEscalations: ['t1'] };
    const look = (evaluation: Pick<Evaluation, 'inputs' | 'choice'>) =>
      explain(evaluation.inputs, evaluation.choice, decide(evaluation), policy);
    const outcome = (evaluation: Pick<Evaluation, 'inputs' | 'choice'>, skill: string) =>
      look(evaluation)
        .rules.flatMap((rule) => rule.skills)
        .find((each) => each.skill === skill);
    const first = drive.next(given);
    expect(outcome(first, 'monetization/overage_predictor')).toMatchObject({ outcome: 'triggered', holds: [] });
    expect(outcome(first, 'monetization/upgrade_trigger')).toMatchObject({ outcome: 'not_triggered' }); // of trial.converting
    const near = look(first).rules.find((rule) => rule.id === 'expansion.near_limit')!;
    expect(near.skills.map((each) => each.outcome)).toEqual(['triggered', 'held']);
    expect(near.skills[1]!.holds.map((hold) => hold.guardrail)).toContain('money.escalation_cooldown');
    expect(outcome(drive.next(given), 'monetization/overage_predictor')).toMatchObject({ outcome: 'open' });
    const trial = look(first).rules.find((rule) => rule.id === 'trial.converting')!;
    expect(trial).toMatchObject({ applies: false, why: 'the account is in expansion; the rule is for trial' });
  });

  it('lists every guardrail once, passing or holding, with what it holds now', () => {
    const evaluation = placed('expansion').next({ paid: true, approachingLimit: true, openEscalations: ['t1'] });
    const { guardrails } = explain(evaluation.inputs, evaluation.choice, decide(evaluation), policy);
    expect(guardrails.map((each) => each.id)).toEqual([...GUARDRAIL_IDS]);
    const by = Object.fromEntries(guardrails.map((each) => [each.id, each]));
    expect(by['money.escalation_cooldown']).toMatchObject({
      passes: false,
      detail: 'escalation t1 is open',
      holds: ['expansion.near_limit -> monetization/upgrade_trigger'],
    });
    expect(by['money.after_activation']).toMatchObject({ passes: false });
    expect(by['capacity.quiet']).toMatchObject({ passes: true, holds: [] });
    expect(by['stage.no_skip']!.detail).toBe('from expansion only to renewal');
    expect(guardrails.every((each) => each.detail !== '')).toBe(true);
  });

  it('gives every fact with its value or the reason it is unknown', () => {
    const evaluation = placed('adoption').next({ paid: true });
    const { facts } = explain(evaluation.inputs, evaluation.choice, decide(evaluation), policy);
    expect(facts).toHaveLength(evaluation.inputs.facts.values.length);
    expect(facts.every((fact) => fact.value !== null || fact.reason !== undefined)).toBe(true);
    expect(facts.find((fact) => fact.name === 'expansion_readiness')).toMatchObject({
      value: null,
      reason: 'sentiment: no survey',
    });
  });
});
