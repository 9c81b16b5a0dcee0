import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Drive, type Given, measuredOn, policy, START } from '../../../test/measured-account.ts';
import { redecide } from '../journey/tick.ts';
import type { CompiledPolicy } from '../policy/compiled-policy.ts';
import { EXIT_STATES } from '../policy/policy.ts';
import type { Stage } from '../records/record.ts';
import { formatDay } from '../time/calendar.ts';
import { choose, interventionId } from './choose.ts';
import type { DecisionInputs } from './inputs.ts';

function placed(stage: Stage, given: Given = {}): Drive {
  const drive = new Drive();
  drive.next({ stage, stageEnteredAt: START, paid: stage !== 'trial', ...given });
  return drive;
}

/** Days after START on which each intervention was made. */
const madeOn = (drive: Drive) =>
  [...drive.shelf.changed.values()].filter((each) => each.madeOn !== null).map((each) => each.madeOn! - START);

const unlock: Given = { paid: true, usersReady: 2 };

describe('cooldown (journey.md section 3)', () => {
  it('lists the skill every day while the rule is true, pointing to the open intervention, and makes one in seven days', () => {
    const drive = placed('adoption');
    const listed = Array.from({ length: 15 }, () =>
      drive.next(unlock).choice.triggers.map((each) => each.intervention.id),
    );
    expect(madeOn(drive)).toEqual([1, 8, 15]);
    expect(new Set(listed.slice(0, 7).flat()).size).toBe(1);
    expect(listed.every((ids) => ids.length === 1)).toBe(true);
    expect([...drive.shelf.changed.values()].map((each) => each.state)).toEqual(['expired', 'expired', 'proposed']);
  });

  it('holds for the days a rule says', () => {
    const drive = placed('adoption');
    drive.days(33, { paid: true, cliff: true });
    const cliff = [...drive.shelf.changed.values()].filter((each) => each.ruleId === 'any.usage_cliff');
    expect(cliff.map((each) => each.madeOn! - START)).toEqual([1, 15, 29]);
  });

  it('outlasts a dismissal, so that nobody is asked the same again tomorrow', () => {
    const drive = placed('adoption');
    drive.next(unlock);
    const [made] = drive.interventions();
    drive.shelf.apply([{ ...made!, state: 'dismissed', updatedDay: drive.today }]);
    const [trigger] = drive.days(3, unlock).choice.triggers;
    expect(trigger!.intervention).toMatchObject({ id: made!.id, state: 'dismissed' });
    expect(madeOn(drive)).toEqual([1]);
  });

  it('counts from the dismissal, also of what was held and never let through', () => {
    const quiet: Given = { ...unlock, conversation: { quietUntil: START + 30 } };
    for (const given of [unlock, quiet]) {
      const drive = placed('adoption');
      drive.days(6, given);
      const [made] = drive.interventions();
      drive.shelf.apply([{ ...made!, state: 'dismissed', updatedDay: drive.today }]);
      drive.days(6, given);
      expect(drive.interventions().filter((each) => each.state !== 'dismissed')).toEqual([]);
      drive.next(given);
      expect(drive.interventions().filter((each) => each.state !== 'dismissed')).toHaveLength(1);
    }
  });

  it('does not end what somebody approved and has yet to do; that expires long after the approval', () => {
    const drive = placed('adoption');
    drive.days(6, unlock);
    const [made] = drive.interventions();
    drive.shelf.apply([{ ...made!, state: 'approved', updatedDay: drive.today }]);
    drive.days(29, unlock);
    expect(drive.interventions().map((each) => [each.id, each.state])).toEqual([[made!.id, 'approved']]);
    drive.next(unlock);
    expect(drive.shelf.changed.get(made!.id)!.state).toBe('expired');
  });

  it('makes nothing twice on one day, however often it is decided, also with a cooldown of no days', () => {
    const eager: CompiledPolicy = { ...policy, rules: policy.rules.map((rule) => ({ ...rule, cooldownDays: 0 })) };
    const drive = placed('adoption');
    drive.next(unlock);
    for (let i = 0; i < 4; i++) {
      const { choice } = redecide(
        drive.state!,
        measuredOn(drive.today, unlock),
        drive.interventions(),
        i < 2 ? policy : eager,
      );
      expect(choice.changed).toEqual([]);
    }
  });

  it('is shared by two rules that ask for the same skill', () => {
    const drive = placed('adoption', { renewalDate: START + 100 });
    drive.next({ paid: true, renewalDate: START + 100 });
    const rules = [...drive.shelf.changed.values()].filter(
      (each) => each.skill === 'monetization/contract_value_tracker',
    );
    expect(rules.map((each) => each.ruleId)).toEqual(['any.renewal_due_early']);
    drive.state = { ...drive.state!, stage: 'renewal', stageEnteredOn: drive.today, renewalAnchor: START + 100 };
    const { choice } = drive.next({ paid: true, renewalDate: START + 100 });
    const trigger = choice.triggers.find((each) => each.rule.id === 'renewal.contract');
    expect(trigger!.intervention.id).toBe(rules[0]!.id);
  });
});

describe('replayed days', () => {
  it('make expired interventions that keep their cooldown and their place under the cap', () => {
    const drive = placed('adoption');
    drive.days(2, { paid: true, usersReady: 1 }, { replay: true });
    expect(drive.interventions().map((each) => [each.state, each.madeOn! - START])).toEqual([['expired', 1]]);
    expect(drive.days(5, { paid: true, usersReady: 1 }).choice.triggers[0]!.intervention.state).toBe('expired');
    expect(drive.next({ paid: true, usersReady: 1 }).choice.triggers[0]!.intervention.state).toBe('proposed');
  });
});

describe('held interventions', () => {
  const offer: Given = { paid: true, milestone: true, approachingLimit: true, multiProduct: true };

  it('keep their id and first day while they wait, show every hold, and are made when the hold ends', () => {
    const drive = placed('expansion');
    const wait = { ...offer, conversation: { timelineFrom: START + 4 } };
    const first = drive.next(wait).choice.triggers.find((each) => each.skill.name === 'monetization/upgrade_trigger')!;
    expect(first.intervention).toMatchObject({ state: 'held', madeOn: null, heldBy: ['money.customer_timeline'] });
    expect(first.holds[0]!.until).toBe(formatDay(START + 4));
    drive.days(2, wait);
    const made = drive.next(wait).choice.triggers.find((each) => each.skill.name === 'monetization/upgrade_trigger')!;
    expect(made.intervention).toMatchObject({
      id: first.intervention.id,
      day: START + 1,
      madeOn: START + 4,
      state: 'proposed',
    });
  });

  it('expire when nobody asks for them any more', () => {
    const drive = placed('expansion');
    drive.next({ ...offer, openEscalations: ['t1'] });
    drive.next({ paid: true, milestone: true });
    const upgrade = drive.interventions().find((each) => each.skill === 'monetization/upgrade_trigger');
    expect(upgrade).toMatchObject({ state: 'expired', madeOn: null });
  });

  it('are also proposals that nobody has sent yet when a guardrail begins to hold them', () => {
    const drive = placed('expansion');
    const before = drive
      .next(offer)
      .choice.triggers.find((each) => each.skill.name === 'monetization/upgrade_trigger')!;
    expect(before.intervention.state).toBe('proposed');
    const during = drive.next({ ...offer, openEscalations: ['t1'] });
    const held = during.choice.triggers.find((each) => each.skill.name === 'monetization/upgrade_trigger')!;
    expect(held.intervention).toMatchObject({ id: before.intervention.id, state: 'held', madeOn: null });
    expect(held.holds.map((hold) => hold.guardrail)).toContain('money.escalation_cooldown');
    const after = drive.next(offer).choice.triggers.find((each) => each.skill.name === 'monetization/upgrade_trigger')!;
    expect(after.intervention).toMatchObject({ id: before.intervention.id, state: 'proposed', madeOn: drive.today });
  });

  it('give way when another rule has made the same skill meanwhile', () => {
    const drive = placed('adoption', { renewalDate: START + 100, conversation: { quietUntil: START + 2 } });
    const review = () =>
      drive.interventions().filter((each) => each.skill === 'customer_success/quarterly_business_review');
    expect(review().map((each) => [each.ruleId, each.state])).toEqual([['any.renewal_due_early', 'held']]);
    const [own] = review();
    const made = {
      ...own!,
      id: 'int_other',
      ruleId: 'renewal.qbr_due',
      state: 'proposed' as const,
      madeOn: START,
      heldBy: [],
    };
    drive.shelf.apply([made]);
    drive.next({ paid: true, renewalDate: START + 100 });
    expect(
      review()
        .map((each) => [each.ruleId, each.state])
        .sort(),
    ).toEqual([
      ['any.renewal_due_early', 'expired'],
      ['renewal.qbr_due', 'proposed'],
    ]);
  });

  it('are held once where two rules ask for the same skill, and give back one place under the cap', () => {
    const twice: CompiledPolicy = {
      ...policy,
      rules: [
        ...policy.rules,
        { ...policy.rules.find((rule) => rule.id === 'adoption.disclosure')!, id: 'adoption.twin' },
      ],
    };
    const drive = placed('adoption');
    drive.next(unlock);
    const { inputs } = redecide(drive.state!, measuredOn(drive.today, unlock), drive.interventions(), policy);
    const quiet = { ...inputs, conversation: { ...inputs.conversation, quietUntil: START + 9 } };
    const indexes = twice.rules.flatMap((rule, i) =>
      rule.stages === 'any' || rule.stages.includes('adoption') ? [i] : [],
    );
    const { changed, triggers } = choose(
      quiet,
      { ...twice, rulesByStage: { ...twice.rulesByStage, adoption: indexes } },
      { replay: false },
    );
    expect(triggers.map((each) => [each.rule.id, each.holds.length])).toEqual([
      ['adoption.disclosure', 1],
      ['adoption.twin', 1],
    ]);
    expect(new Set(changed.map((each) => each.id)).size).toBe(changed.length);
  });

  it('are growth skills while an at-risk exit is in force', () => {
    const drive = placed('expansion');
    const { choice } = drive.next({ ...offer, cliff: true });
    expect(choice.exit).toBe('at_risk_intervention');
    const states = Object.fromEntries(choice.triggers.map((each) => [each.skill.name, each.intervention.state]));
    expect(states).toEqual({
      'customer_success/usage_cliff_intervention': 'proposed',
      'monetization/overage_predictor': 'proposed',
      'monetization/upgrade_trigger': 'held',
      'customer_success/multi_product_adoption': 'held',
    });
  });

  it('what was sent is not held afterwards', () => {
    const drive = placed('expansion');
    drive.next(offer);
    drive.shelf.apply(drive.interventions().map((each) => ({ ...each, state: 'dispatched' as const })));
    const { choice } = drive.next({ ...offer, openEscalations: ['t1'] });
    const upgrade = choice.triggers.find((each) => each.skill.name === 'monetization/upgrade_trigger')!;
    expect([upgrade.intervention.state, upgrade.holds]).toEqual(['dispatched', []]);
  });
});

describe('cap.weekly', () => {
  const flag = fc.boolean();
  const facts = fc.record({
    usersReady: fc.constantFrom(0, 2),
    plateau: flag,
    cliff: flag,
    championDeparted: flag,
    competitor: flag,
    band: fc.constantFrom('healthy', 'at_risk', undefined),
    quiet: fc.constantFrom(false, false, true),
    setup: fc.constantFrom(20, 100),
    milestone: flag,
    converting: flag,
    quickWin: flag,
    approachingLimit: flag,
    multiProduct: flag,
    renewalIn: fc.constantFrom(60, 500),
    dismiss: fc.constantFrom(0, 0, 0, 1),
    move: fc.constantFrom<Stage | undefined>(
      undefined,
      undefined,
      undefined,
      'trial',
      'onboarding',
      'adoption',
      'expansion',
      'renewal',
    ),
  });

  it('in no seven days in a row are more than five customer-facing interventions of a stage made', () => {
    const eager: CompiledPolicy = { ...policy, rules: policy.rules.map((rule) => ({ ...rule, cooldownDays: 2 })) };
    let reached = 0;
    fc.assert(
      fc.property(fc.array(facts, { minLength: 20, maxLength: 60 }), (days) => {
        const drive = new Drive();
        drive.next({ paid: true, stage: 'adoption' });
        let bandWas: Given['band'];
        for (const { quiet, band, renewalIn, dismiss, move, ...rest } of days) {
          if (move !== undefined)
            drive.state = {
              ...drive.state!,
              stage: move,
              stageEnteredOn: drive.today,
              runs: {},
              goodBandOn: bandWas ? drive.today : null,
            };
          drive.today++;
          const given: Given = {
            paid: true,
            ...rest,
            renewalDate: drive.today + renewalIn,
            ...(band !== undefined && { band }),
            conversation: { quietUntil: quiet ? drive.today + 2 : undefined },
          };
          bandWas = band;
          const { inputs, choice } = redecide(
            { ...drive.state!, day: drive.today },
            measuredOn(drive.today, given),
            drive.interventions(),
            eager,
          );
          drive.keep(choice);
          drive.state = { ...drive.state!, day: drive.today };
          expect(inputs.today).toBe(drive.today);
          const open = drive.interventions().filter((each) => each.state === 'proposed');
          if (dismiss === 1 && open.length > 0)
            drive.shelf.apply([{ ...open[0]!, state: 'dismissed', updatedDay: drive.today }]);
        }
        const made = [...drive.shelf.changed.values()].filter(
          (each) => each.capped && each.madeOn !== null && each.state !== 'dismissed',
        );
        for (const each of made) {
          const week = made.filter(
            (other) => other.stage === each.stage && other.madeOn! >= each.madeOn! && other.madeOn! < each.madeOn! + 7,
          );
          expect(week.length).toBeLessThanOrEqual(5);
          if (week.length === 5) reached++;
        }
      }),
      { seed: 11, numRuns: 120 },
    );
    expect(reached).toBeGreaterThan(50); // the cap was really met
  });

  it('goes to critical rules first, then by priority; what is exempt is made all the same', () => {
    const drive = placed('adoption');
    drive.days(2, { paid: true, band: 'healthy' });
    const tight: CompiledPolicy = { ...policy, guardrails: { ...policy.guardrails, weeklyCap: 2 } };
    const given: Given = {
      paid: true,
      band: 'at_risk',
      cliff: true,
      usersReady: 1,
      plateau: true,
      championDeparted: true,
      competitor: true,
      openEscalations: ['t1'],
    };
    const { choice } = redecide(drive.state!, measuredOn(drive.today, given), [], tight);
    expect(choice.triggers.map((each) => [each.rule.id, each.rule.priority, each.intervention.state])).toEqual([
      ['any.usage_cliff', 'critical', 'proposed'],
      ['any.support_escalation', 'critical', 'approved'],
      ['any.health_drop', 'critical', 'proposed'],
      ['any.champion_departed', 'high', 'held'],
      ['any.competitive_signal', 'high', 'held'],
      ['adoption.plateau', 'medium', 'held'],
      ['adoption.disclosure', 'low', 'held'],
    ]);
  });

  it('a dismissal gives the place back', () => {
    const tight: CompiledPolicy = { ...policy, guardrails: { ...policy.guardrails, weeklyCap: 1 } };
    const drive = placed('adoption');
    const decide = (given: Given) => {
      const { choice } = redecide(drive.state!, measuredOn(drive.today, given), drive.interventions(), tight);
      drive.keep(choice);
      return choice.triggers.map((each) => each.intervention.state);
    };
    expect(decide({ paid: true, plateau: true, usersReady: 1 })).toEqual(['proposed', 'held']);
    drive.shelf.apply([{ ...drive.interventions().find((each) => each.state === 'proposed')!, state: 'dismissed' }]);
    expect(decide({ paid: true, plateau: true, usersReady: 1 })).toEqual(['dismissed', 'proposed']);
  });
});

describe('ids', () => {
  it('are the same for the same account, rule, skill and day, and differ when one of them does', () => {
    const ids = [
      interventionId('a', 'r', 's', 1),
      interventionId('b', 'r', 's', 1),
      interventionId('a', 'q', 's', 1),
      interventionId('a', 'r', 't', 1),
      interventionId('a', 'r', 's', 2),
    ];
    expect(new Set(ids).size).toBe(5);
    expect(interventionId('a', 'r', 's', 1)).toBe(ids[0]);
    expect(ids[0]).toMatch(/^int_[0-9a-f]{20}$/);
  });
});

describe('the exit state', () => {
  const inputs: DecisionInputs = placed('adoption').evaluations[0]!.inputs;
  const exits = EXIT_STATES.filter((exit) => exit !== 'monitor');

  /** A policy in which exactly these exits fire, in any order. */
  const firing = (chosen: readonly (typeof exits)[number][]): CompiledPolicy => {
    const rules = chosen.map((exit) => ({ ...policy.rules[0]!, id: exit, exit, trigger: [], condition: () => true }));
    return { ...policy, rules, rulesByStage: { ...policy.rulesByStage, adoption: rules.map((_, i) => i) } };
  };

  it('is the first of the order among the rules that fired, and every rule stays listed', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(exits), (chosen) => {
        const choice = choose(inputs, firing(chosen), { replay: false });
        expect(choice.exit).toBe(EXIT_STATES.find((exit) => (chosen as string[]).includes(exit)) ?? 'monitor');
        expect(choice.fired.map((rule) => rule.id)).toEqual(chosen);
      }),
      { seed: 3 },
    );
  });

  it('is monitor when no rule with an exit fires', () => {
    expect(placed('adoption').next({ paid: true, plateau: true }).choice.exit).toBe('monitor');
  });
});

describe('unknown facts', () => {
  // [G8]
  it('fire nothing and are listed as undecided', () => {
    const { choice } = placed('adoption').next({ paid: true });
    expect(choice.fired).toEqual([]);
    expect(choice.undecided.map((rule) => rule.id)).toContain('adoption.expansion_ready');
  });
});

describe('a proposal nobody acts on', () => {
  it('expires after the days the policy says', () => {
    const drive = placed('adoption');
    drive.next({ paid: true, usersReady: 1 });
    drive.days(29, { paid: true });
    expect(drive.interventions().map((each) => each.state)).toEqual(['proposed']);
    drive.next({ paid: true });
    expect(drive.interventions().map((each) => each.state)).toEqual(['expired']);
  });
});
