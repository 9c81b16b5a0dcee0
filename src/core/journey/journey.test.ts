import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Drive, type Given, measuredOn, policy, START } from '../../../test/measured-account.ts';
import { STAGES, type Stage } from '../records/record.ts';
import { formatDay } from '../time/calendar.ts';
import { firstStage, moved, refuseMove } from './stages.ts';
import { redecide, tick, tickRecord } from './tick.ts';

const START_OF: Record<Stage, Given> = {
  trial: {},
  onboarding: { stage: 'onboarding' },
  activation: { stage: 'activation' },
  adoption: { stage: 'adoption' },
  expansion: { stage: 'expansion' },
  renewal: { stage: 'renewal' },
};

/** An account placed in `stage` on START. */
function placed(stage: Stage): Drive {
  const drive = new Drive();
  drive.next({ ...START_OF[stage], stageEnteredAt: START, paid: stage !== 'trial' });
  expect([drive.state!.stage, drive.state!.stageEnteredOn]).toEqual([stage, START]);
  return drive;
}

const RENEWAL = START + 100;
const EDGES: {
  edge: string;
  from: Stage;
  to: Stage;
  minimumDays: number;
  met: Given;
  unmet: Given;
  unknown?: Given;
}[] = [
  {
    edge: 'trial.converted',
    from: 'trial',
    to: 'onboarding',
    minimumDays: 1,
    met: { paid: true },
    unmet: {},
    unknown: { paid: undefined },
  },
  {
    edge: 'onboarding.milestone',
    from: 'onboarding',
    to: 'activation',
    minimumDays: 3,
    met: { paid: true, milestone: true },
    unmet: { paid: true },
    unknown: { paid: true, milestone: undefined },
  },
  {
    edge: 'activation.complete',
    from: 'activation',
    to: 'adoption',
    minimumDays: 7,
    met: { paid: true, complete: true },
    unmet: { paid: true },
    unknown: { paid: true, complete: undefined },
  },
  {
    edge: 'adoption.expansion_ready',
    from: 'adoption',
    to: 'expansion',
    minimumDays: 30,
    met: { paid: true, readiness: 71 },
    unmet: { paid: true, readiness: 70 },
    unknown: { paid: true },
  },
  {
    edge: 'expansion.renewal_due',
    from: 'expansion',
    to: 'renewal',
    minimumDays: 0,
    met: { paid: true, renewalDate: START + 110 },
    unmet: { paid: true, renewalDate: START + 900 },
    unknown: { paid: true },
  },
  {
    edge: 'renewal.signed_ready',
    from: 'renewal',
    to: 'expansion',
    minimumDays: 0,
    met: { paid: true, renewalDate: RENEWAL + 365, readiness: 90 },
    unmet: { paid: true, renewalDate: RENEWAL },
  },
  {
    edge: 'renewal.signed',
    from: 'renewal',
    to: 'adoption',
    minimumDays: 0,
    met: { paid: true, renewalDate: RENEWAL + 365, readiness: 60 },
    unmet: { paid: true, renewalDate: RENEWAL },
  },
];

describe('each edge (journey.md section 2)', () => {
  it.each(EDGES)(
    '$edge is taken on the third true tick, not before $minimumDays days in $from',
    ({ edge, from, to, minimumDays, met, unmet }) => {
      const drive = placed(from);
      drive.next(unmet); // anchors a renewal, breaks any run
      const firstTrue = drive.today + 1;
      const due = Math.max(firstTrue + 2, START + minimumDays);
      while (drive.today < due - 1) {
        expect(drive.next(met).state.stage).toBe(from);
      }
      const taken = drive.next(met);
      expect(tickRecord(taken)).toMatchObject({ day: due, stage: to, entered: due, moved: edge });
    },
  );

  it.each(EDGES)(
    '$edge starts its run anew after a day on which its condition is false',
    ({ from, met, unmet, minimumDays }) => {
      const drive = placed(from);
      drive.days(minimumDays + 1, unmet);
      drive.days(2, met);
      drive.next(unmet);
      expect(drive.days(2, met).state.stage).toBe(from);
      expect(drive.next(met).state.stage).not.toBe(from);
    },
  );

  it.each(EDGES.filter((each) => each.unknown))(
    '$edge starts its run anew after a day on which its condition is unknown',
    ({ edge, from, met, unmet, unknown, minimumDays }) => {
      const drive = placed(from);
      drive.days(minimumDays + 1, unmet);
      drive.days(2, met);
      expect(drive.state!.runs[edge]).toBe(2);
      const gap = drive.next(unknown);
      expect(gap.inputs.edges.find((each) => each.edgeId === edge)).toMatchObject({
        consistentDays: 0,
        condition: undefined,
      });
      expect(drive.days(2, met).state.stage).toBe(from);
      expect(drive.next(met).state.stage).not.toBe(from);
    },
  );

  it('a renewal signed while readiness is unknown goes to adoption', () => {
    const drive = placed('renewal');
    drive.next({ paid: true, renewalDate: RENEWAL });
    expect(drive.days(3, { paid: true, renewalDate: RENEWAL + 365 }).state.stage).toBe('adoption');
  });

  it('the pending transition names the earliest date, from the run and the minimum days', () => {
    const drive = placed('onboarding');
    const [edge] = drive.next({ paid: true, milestone: true }).inputs.edges;
    expect(edge).toMatchObject({
      consistentDays: 1,
      requiredDays: 3,
      daysInStage: 1,
      minimumDays: 3,
      earliest: START + 3,
    });
    const before = redecide(drive.state!, measuredOn(drive.today + 1, { paid: true, milestone: true }), [], policy);
    expect(before.inputs.edges[0]).toMatchObject({ consistentDays: 1, earliest: START + 3 });
  });
});

describe('the stage machine over any facts', () => {
  const given = fc.record({
    paid: fc.constantFrom(true, true, false, undefined),
    milestone: fc.constantFrom(true, true, false, undefined),
    complete: fc.constantFrom(true, true, false, undefined),
    readiness: fc.constantFrom(90, 90, 70, undefined),
    renewal: fc.constantFrom(10, 400, undefined),
    churned: fc.constantFrom(false, false, false, false, false, true),
    paused: fc.constantFrom(false, false, false, false, true),
  });
  const stretch = fc.tuple(given, fc.constantFrom(1, 2, 3, 4, 10, 35));

  // [G16]
  it('moves along allowed edges only, once a tick, after the minimum days and three ticks in a row', () => {
    const allowed = new Set(policy.edges.map((edge) => `${edge.from} ${edge.to}`));
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.constantFrom(...STAGES), fc.array(stretch, { minLength: 3, maxLength: 8 }), (stage, stretches) => {
        const drive = new Drive();
        drive.next({ ...START_OF[stage], stageEnteredAt: START });
        for (const [facts, days] of stretches) {
          const { renewal, readiness, ...rest } = facts;
          for (let i = 0; i < days && drive.today < START + 330; i++) {
            const before = drive.state!;
            const evaluation = drive.next({
              ...rest,
              paid: rest.churned ? false : rest.paid,
              ...(readiness !== undefined && { readiness }),
              ...(renewal !== undefined && { renewalDate: drive.today + 1 + renewal }),
            });
            const { state, inputs } = evaluation;
            if (state.stage === before.stage) continue;
            expect(state.stageEnteredOn).toBe(drive.today);
            if (inputs.moved === null) {
              expect(before.status).toBe('churned');
              expect(['onboarding', 'trial']).toContain(state.stage);
              continue;
            }
            seen.add(inputs.moved);
            expect(allowed).toContain(`${before.stage} ${state.stage}`);
            expect(before.runs[inputs.moved]).toBeGreaterThanOrEqual(2); // and true today
            expect(drive.today - before.stageEnteredOn).toBeGreaterThanOrEqual(
              policy.stageById[before.stage].minimumDays,
            );
            expect([before.status, state.status]).toEqual(['active', 'active']);
          }
        }
      }),
      { seed: 7, numRuns: 300 },
    );
    expect(seen.size).toBeGreaterThanOrEqual(6);
  });
});

describe('the first stage', () => {
  const stageOf = (given: Given, imported = true) => {
    const { view, contract } = measuredOn(START, given);
    return firstStage(view.account, contract, imported);
  };

  it('is trial for a trial or nothing bought, onboarding for an account that buys at once', () => {
    expect([stageOf({ trial: true }), stageOf({}), stageOf({ paid: true })]).toEqual(['trial', 'trial', 'onboarding']);
  });

  it('is onboarding where subscriptions were never imported, and the given one where another system gives it', () => {
    expect([stageOf({}, false), stageOf({ stage: 'adoption' })]).toEqual(['onboarding', 'adoption']);
  });

  it('counts from the day given, or else from the first day', () => {
    const drive = new Drive(START + 10);
    expect(drive.next({ stage: 'adoption', stageEnteredAt: START + 4 }).state.stageEnteredOn).toBe(START + 4);
    expect(new Drive(START + 1).next({}).state.stageEnteredOn).toBe(START);
    expect(new Drive(START + 1).next({ stage: 'adoption', stageEnteredAt: START + 90 }).state.stageEnteredOn).toBe(
      START,
    );
  });
});

describe('churn and return', () => {
  it('a churned account triggers nothing, keeps its stage and forgets its runs; buying again is onboarding', () => {
    const drive = placed('adoption');
    drive.days(40, { paid: true });
    drive.days(2, { paid: true, readiness: 90, usersReady: 3 });
    expect(drive.state!.runs).toEqual({ 'adoption.expansion_ready': 2 });
    const gone = drive.next({ churned: true, readiness: 90, cliff: true, usersReady: 3 });
    expect(tickRecord(gone)).toMatchObject({ status: 'churned', stage: 'adoption', fired: [], exit: 'monitor' });
    expect([gone.state.runs, gone.choice.triggers]).toEqual([{}, []]);
    const back = drive.next({ paid: true, readiness: 90 });
    expect(tickRecord(back)).toMatchObject({
      status: 'active',
      stage: 'onboarding',
      entered: drive.today,
      moved: null,
    });
  });

  it('a churned account that only tries again is a trial, also when it comes back paused first', () => {
    const drive = placed('expansion');
    drive.next({ churned: true });
    expect(drive.next({ trial: true }).state.stage).toBe('trial');
    const other = placed('expansion');
    other.next({ churned: true });
    expect(other.next({ paid: true, paused: true }).state).toMatchObject({ stage: 'onboarding', status: 'paused' });
    expect(other.next({ paid: true }).state.stage).toBe('onboarding');
  });

  it('the day of the return takes no edge besides, however loose the policy', () => {
    const loose = {
      ...policy,
      guardrails: { ...policy.guardrails, consistentTicks: 1 },
      stageById: { ...policy.stageById, onboarding: { ...policy.stageById.onboarding, minimumDays: 0 } },
    };
    const drive = placed('adoption');
    drive.next({ churned: true });
    const back = measuredOn(drive.today + 1, { paid: true, milestone: true });
    const { state } = tick(drive.state, back, [], loose, { replay: false });
    expect(state.stage).toBe('onboarding');
    const next = tick(state, measuredOn(drive.today + 2, { paid: true, milestone: true }), [], loose, {
      replay: false,
    });
    expect(next.state.stage).toBe('activation');
  });

  it('a trial that is extended after its end goes on where it was', () => {
    const drive = placed('trial');
    drive.days(3, { trial: true });
    drive.next({ churned: true });
    expect(drive.next({ trial: true }).state).toMatchObject({ stage: 'trial', stageEnteredOn: START });
  });

  it('proposals of an account that left expire', () => {
    const drive = placed('adoption');
    drive.next({ paid: true, usersReady: 2 });
    expect(drive.interventions().map((each) => each.state)).toEqual(['proposed']);
    drive.next({ churned: true });
    expect(drive.interventions().map((each) => each.state)).toEqual(['expired']);
  });

  it('a paused account neither triggers nor moves', () => {
    const drive = placed('adoption');
    drive.days(40, { paid: true });
    const paused = drive.days(5, { paid: true, paused: true, readiness: 95, cliff: true });
    expect(tickRecord(paused)).toMatchObject({ status: 'paused', stage: 'adoption', fired: [] });
    expect(drive.days(2, { paid: true, readiness: 95 }).state.stage).toBe('adoption');
    expect(drive.next({ paid: true, readiness: 95 }).state.stage).toBe('expansion');
  });
});

describe('renewal', () => {
  it('takes the first date that becomes known as its anchor when it was entered without one', () => {
    const drive = placed('renewal');
    drive.days(5, { paid: true });
    drive.days(5, { paid: true, renewalDate: RENEWAL });
    expect(drive.state).toMatchObject({ stage: 'renewal', renewalAnchor: RENEWAL });
    expect(drive.days(3, { paid: true, renewalDate: RENEWAL + 365 }).state.stage).toBe('adoption');
  });

  it('a date that moves earlier is not signed', () => {
    const drive = placed('renewal');
    drive.next({ paid: true, renewalDate: RENEWAL });
    expect(drive.days(6, { paid: true, renewalDate: RENEWAL - 30 }).state.stage).toBe('renewal');
  });
});

describe("a person's move", () => {
  const at = (stage: Stage, entered = START) => ({ ...placed(stage).state!, stageEnteredOn: entered });

  it('goes one step forward or back, and says where it may go otherwise', () => {
    expect(refuseMove(policy, at('adoption'), 'activation', START)).toBeUndefined();
    expect(refuseMove(policy, at('adoption'), 'expansion', START + 30)).toBeUndefined();
    expect(refuseMove(policy, at('trial'), 'adoption', START + 90)).toEqual({
      code: 'skips_stages',
      message: 'from trial an account moves one step: to onboarding',
    });
    expect(refuseMove(policy, at('adoption'), 'adoption', START + 90)?.code).toBe('skips_stages');
    expect(refuseMove(policy, at('renewal'), 'adoption', START)).toBeUndefined();
  });

  it.each([
    ['trial', 'onboarding', 1],
    ['onboarding', 'activation', 3],
    ['activation', 'adoption', 7],
    ['adoption', 'expansion', 30],
  ] as const)('from %s forward to %s waits %i days, back it does not', (from, to, days) => {
    expect(refuseMove(policy, at(from), to, START + days - 1)).toEqual({
      code: 'minimum_days',
      message: `${days - 1} of ${days} days in ${from}`,
      until: START + days,
    });
    expect(refuseMove(policy, at(from), to, START + days)).toBeUndefined();
  });

  it('is refused for a churned account', () => {
    expect(refuseMove(policy, { ...at('adoption'), status: 'churned' }, 'activation', START + 90)?.code).toBe(
      'not_active',
    );
  });

  it('counts days and runs anew, and remembers the renewal date of that day', () => {
    const drive = placed('onboarding');
    drive.days(2, { paid: true, milestone: true });
    const state = moved(drive.state!, 'activation', START + 9, undefined);
    expect(state).toMatchObject({ stage: 'activation', stageEnteredOn: START + 9, runs: {}, renewalAnchor: null });
    expect(moved(drive.state!, 'renewal', START + 9, RENEWAL)).toMatchObject({ renewalAnchor: RENEWAL });
    expect(
      moved({ ...drive.state!, provisional: true }, 'activation', START + 9, undefined).provisional,
    ).toBeUndefined();
  });
});

describe('a decision between ticks', () => {
  it('advances nothing', () => {
    const drive = placed('onboarding');
    drive.days(2, { paid: true, milestone: true });
    const before = structuredClone(drive.state);
    for (let i = 0; i < 5; i++) {
      const { inputs } = redecide(drive.state!, measuredOn(drive.today, { paid: true, milestone: true }), [], policy);
      expect([inputs.stage, inputs.edges[0]!.consistentDays, inputs.moved]).toEqual(['onboarding', 2, null]);
    }
    expect(drive.state).toEqual(before);
  });
});

describe('health readings', () => {
  it('a fall of the band fires for seven days after the last good one, and never without one', () => {
    const drive = placed('adoption');
    drive.days(3, { paid: true, band: 'healthy' });
    const last = drive.today;
    const fired: number[] = [];
    for (let i = 0; i < 12; i++) {
      const { choice } = drive.next({ paid: true, band: 'at_risk' });
      if (choice.fired.some((rule) => rule.id === 'any.health_drop')) fired.push(drive.today - last);
    }
    expect(fired).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(
      placed('adoption')
        .next({ paid: true, band: 'critical' })
        .choice.fired.map((rule) => rule.id),
    ).not.toContain('any.health_drop');
  });

  it('keeps 31 readings, oldest first', () => {
    const drive = new Drive();
    drive.days(40, { band: 'healthy' });
    expect(drive.state!.readings.map((reading) => formatDay(reading[0]))).toEqual(
      Array.from({ length: 31 }, (_, i) => formatDay(START + 9 + i)),
    );
  });
});
