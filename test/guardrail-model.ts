/**
 * Random lives of one account against a tiny model of what the guardrails promise. The model knows the facts that were
 * given and what reached the customer; it knows nothing of how the engine decides.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Intervention } from '../src/core/decision/inputs.ts';
import { isCapped, isMotion } from '../src/core/guardrails/guardrails.ts';
import { handoffOf } from '../src/core/guardrails/handoffs.ts';
import {
  answerHandoff,
  followHandoffs,
  type HandoffMoment,
  type HandoffRecord,
} from '../src/core/handoffs/handoff-record.ts';
import { act, type LifeAction, type LifeSituation } from '../src/core/interventions/life.ts';
import { redecide } from '../src/core/journey/tick.ts';
import type { SkillDefinition } from '../src/core/skills/registry.ts';
import type { Day } from '../src/core/time/calendar.ts';
import { hoursOfOwner, USUAL_HOURS } from '../src/core/time/working-hours.ts';
import { clock } from './build-account.ts';
import { Drive, type Given, measuredOn, policy, START } from './measured-account.ts';

/** What the customer's side looks like; shared by model and engine, changed by commands. */
export class World {
  given: Given;
  escalationOpen = false;
  escalationClosedOn: Day | undefined;
  incidentOpen = false;
  timelineFrom: Day | undefined;
  quietUntil: Day | undefined;

  constructor(given: Given) {
    this.given = given;
  }

  facts(): Given {
    return {
      ...this.given,
      openEscalations: this.escalationOpen ? ['T-1'] : [],
      openIncidents: this.incidentOpen ? ['INC-1'] : [],
      conversation: {
        ...(this.escalationClosedOn !== undefined && { escalationClosedOn: this.escalationClosedOn }),
        ...(this.timelineFrom !== undefined && { timelineFrom: this.timelineFrom }),
        ...(this.quietUntil !== undefined && { quietUntil: this.quietUntil }),
      },
    };
  }
}

/** The model: what reached the customer, on which day. */
export class Model {
  readonly world: World;
  today: Day = START;
  readonly delivered: { id: string; stage: string; day: Day; capped: boolean }[] = [];

  constructor(world: World) {
    this.world = world;
  }

  /** Something is said to the customer today: may it be? */
  deliver(each: Intervention, skill: SkillDefinition): void {
    const { world, today } = this;
    const inTrial = each.stage === 'trial';
    const isOffer = skill.conversation === 'expansion';
    if (skill.customerFacing && world.quietUntil !== undefined) expect(today).toBeGreaterThanOrEqual(world.quietUntil);
    if (isOffer || skill.celebration) expect([world.escalationOpen, world.incidentOpen]).toEqual([false, false]);
    if (isOffer) {
      expect(world.given.milestone).toBe(true);
      if (world.escalationClosedOn !== undefined) expect(today - world.escalationClosedOn).toBeGreaterThan(7);
      if (world.timelineFrom !== undefined) expect(today).toBeGreaterThanOrEqual(world.timelineFrom);
      if (!inTrial) expect(world.given.gatesMet).not.toBe(false);
      expect(world.given.band === 'critical' || world.given.cliff === true).toBe(false); // at-risk exits of the policy
    }
    this.delivered.push({ id: each.id, stage: each.stage, day: today, capped: isCapped(skill) });
    for (const { day, stage } of this.delivered) {
      const week = this.delivered.filter(
        (one) => one.capped && one.stage === stage && one.day >= day && one.day < day + 7,
      );
      expect(week.length, `${stage} from day ${day - START}`).toBeLessThanOrEqual(5);
    }
  }
}

/** The engine under the same commands. */
export class Engine {
  readonly world: World;
  readonly drive = new Drive();
  handoffs: HandoffRecord[] = [];
  held = 0;

  constructor(world: World) {
    this.world = world;
  }

  tick(): void {
    this.drive.next(this.world.facts());
    this.followHandoffs();
  }

  situation(): LifeSituation {
    const measured = measuredOn(this.drive.today, this.world.facts());
    const { inputs, choice } = redecide(this.drive.state!, measured, this.drive.interventions(), policy);
    return { inputs, choice, policy };
  }

  /** As the pipeline does: the account is decided anew, then the act is judged by it. */
  act(intervention: Intervention, action: LifeAction): Intervention | undefined {
    const situation = this.situation();
    this.drive.keep(situation.choice);
    const current = this.drive.interventions().find(({ id }) => id === intervention.id);
    if (current === undefined) return undefined;
    const result = act(current, action, this.situation());
    if (result.after !== undefined) this.drive.shelf.apply([result.after]);
    if (!result.ok && result.refusal.code === 'held') this.held++;
    return result.ok ? result.after : undefined;
  }

  open(): Intervention[] {
    return this.drive.interventions().filter(({ state }) => ['proposed', 'approved', 'held'].includes(state));
  }

  moment(): HandoffMoment {
    const hoursOf = () => hoursOfOwner(USUAL_HOURS, null, clock, new Set());
    return { accountId: 'acc', at: clock.instantOf(this.drive.today, 9), today: this.drive.today, hoursOf };
  }

  offered() {
    const { inputs } = this.situation();
    const facts = {
      ...inputs.handoff,
      milestoneReached: true,
      primaryContact: true,
      decisionMaker: true,
      daysOfData: 90,
      organicSignals: 2,
      budgetTiming: '2026',
      renewalDate: START,
    };
    return policy.handoffs.map((each) => handoffOf(each, facts, policy.guardrails));
  }

  followHandoffs(): void {
    for (const changed of followHandoffs(this.handoffs, this.offered(), this.moment()))
      this.handoffs = [...this.handoffs.filter(({ id }) => id !== changed.id), changed];
  }

  /** The account is brought up to the moment before anybody's answer counts. */
  accept(index: number): HandoffRecord | undefined {
    this.followHandoffs();
    const record = this.handoffs[index % Math.max(1, this.handoffs.length)];
    if (record === undefined) return undefined;
    const result = answerHandoff(record, { kind: 'accept', by: 'Lee' }, undefined, this.moment());
    if (!result.ok) return undefined;
    this.handoffs = [...this.handoffs.filter(({ id }) => id !== record.id), result.record];
    return result.record;
  }
}

type Command = fc.Command<Model, Engine>;

function command(name: string, run: (model: Model, engine: Engine) => void): Command {
  return {
    check: () => true,
    run(model, engine) {
      run(model, engine);
      always(engine);
    },
    toString: () => name,
  };
}

/** What holds after every command, whatever came before. */
function always({ drive }: Engine): void {
  const all = drive.interventions();
  const motions = all.filter(({ skill, state, madeOn }) => {
    const isOpen = madeOn !== null && ['proposed', 'approved', 'dispatched', 'delivered'].includes(state);
    return isOpen && isMotion(policy.skillByName.get(skill)!);
  });
  expect(new Set(motions.map(({ skill }) => skill)).size, 'one commercial conversation at a time').toBeLessThanOrEqual(
    1,
  );
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  for (const each of all) expect(each.state === 'held').toBe(each.state === 'held' && each.madeOn === null);
}

function perform(model: Model, engine: Engine, index: number, action: LifeAction): void {
  const open = engine.open();
  const chosen = open[index % Math.max(1, open.length)];
  if (chosen === undefined) return;
  const after = engine.act(chosen, action);
  if (after?.state === 'completed') model.deliver(after, policy.skillByName.get(after.skill)!);
}

const indexes = fc.nat(20);
const facts: Partial<Given>[] = [
  { usersReady: 3 },
  { usersReady: 0 },
  { approachingLimit: true },
  { approachingLimit: false },
  { multiProduct: true },
  { multiProduct: false },
  { cliff: true },
  { cliff: false },
  { plateau: true },
  { converting: true },
  { gatesMet: true },
  { gatesMet: false },
  { milestone: true },
  { band: 'healthy' },
  { readiness: 85 },
  { readiness: 40 },
];

const flips: fc.Arbitrary<Command> = fc.constantFrom(...facts).map((change) =>
  command(`facts ${JSON.stringify(change)}`, ({ world }) => {
    world.given = { ...world.given, ...change };
  }),
);
const troubles: fc.Arbitrary<Command> = fc.constantFrom(
  command('escalation opens', ({ world }) => {
    world.escalationOpen = true;
    world.escalationClosedOn = undefined;
  }),
  command('escalation closes', (model) => {
    if (!model.world.escalationOpen) return;
    model.world.escalationOpen = false;
    model.world.escalationClosedOn = model.today;
  }),
  command('incident opens', ({ world }) => {
    world.incidentOpen = true;
  }),
  command('incident closes', ({ world }) => {
    world.incidentOpen = false;
  }),
  command('customer asks to wait', (model) => {
    model.world.timelineFrom = model.today + 4;
  }),
  command('quiet period', (model) => {
    model.world.quietUntil = model.today + 2;
  }),
);
const days: fc.Arbitrary<Command> = fc.integer({ min: 1, max: 4 }).map((count) =>
  command(`${count} days`, (model, engine) => {
    for (let i = 0; i < count; i++) {
      engine.tick();
      model.today = engine.drive.today;
    }
  }),
);
const acts: fc.Arbitrary<Command> = fc
  .record({
    index: indexes,
    kind: fc.constantFrom(
      'approve' as const,
      'complete' as const,
      'complete' as const,
      'dismiss' as const,
      'snooze' as const,
    ),
  })
  .map(({ index, kind }) =>
    command(`${kind} ${index}`, (model, engine) => {
      const action =
        kind === 'dismiss' ? { kind, reason: 'no' } : kind === 'snooze' ? { kind, until: model.today + 3 } : { kind };
      perform(model, engine, index, action);
    }),
  );
/** Everything that waits is approved and done, one after the other, each by somebody who saw the same list. */
const rushes: fc.Arbitrary<Command> = fc.constant(
  command('a rush to do everything', (model, engine) => {
    const seen = engine.open();
    for (const kind of ['approve', 'complete'] as const) {
      for (const each of seen) {
        const after = engine.act(each, { kind });
        if (after?.state === 'completed') model.deliver(after, policy.skillByName.get(after.skill)!);
      }
    }
  }),
);
const handoffs: fc.Arbitrary<Command> = indexes.map((index) =>
  command(`accept handoff ${index}`, (model, engine) => {
    if (engine.accept(index) === undefined) return;
    expect([model.world.escalationOpen, model.world.incidentOpen]).toEqual([false, false]);
  }),
);

const starts: Given[] = [
  { stage: 'trial', stageEnteredAt: START, trial: true, trialEndsOn: START + 30, converting: true, milestone: false },
  {
    stage: 'trial',
    stageEnteredAt: START,
    trial: true,
    trialEndsOn: START + 12,
    converting: true,
    milestone: true,
    quickWin: false,
    activationScore: 30,
  },
  { stage: 'onboarding', stageEnteredAt: START, paid: true, setup: 20 },
  { stage: 'adoption', stageEnteredAt: START, paid: true, milestone: true, usersReady: 2, plateau: true },
  {
    stage: 'expansion',
    stageEnteredAt: START,
    paid: true,
    milestone: true,
    approachingLimit: true,
    multiProduct: true,
  },
  { stage: 'renewal', stageEnteredAt: START, paid: true, milestone: true, readiness: 85, renewalDate: START + 60 },
];

/** What the lives went through, so that a test can tell that it tested something. */
export interface Lived {
  days: number;
  delivered: number;
  /** Acts refused because a guardrail held. */
  held: number;
  accepted: number;
}

/** So many random lives, each from one of six starts. Throws, with the shortest life that does, if a promise breaks. */
export function checkGuardrails(runs: number, seed: number): Lived {
  const lived: Lived = { days: 0, delivered: 0, held: 0, accepted: 0 };
  const commands = fc.commands([days, days, flips, troubles, acts, acts, rushes, handoffs], {
    maxCommands: 40,
    size: 'max',
  });
  fc.assert(
    fc.property(fc.constantFrom(...starts), commands, (start, sequence) => {
      const world = new World({ ...start, gatesMet: true });
      const setup = () => {
        const engine = new Engine(world);
        engine.tick();
        const model = new Model(world);
        model.today = engine.drive.today;
        return { model, real: engine };
      };
      let used: { model: Model; real: Engine } | undefined;
      fc.modelRun(() => {
        used = setup();
        return used;
      }, sequence);
      lived.days += used!.real.drive.evaluations.length;
      lived.delivered += used!.model.delivered.length;
      lived.held += used!.real.held;
      lived.accepted += used!.real.handoffs.filter(({ steps }) =>
        steps.some(({ state }) => state === 'accepted'),
      ).length;
    }),
    { numRuns: runs, seed },
  );
  return lived;
}
