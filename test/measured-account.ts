/**
 * Measures of a real, empty account with single facts set by hand: for tests of what the journey, the guardrails and the
 * decision do with facts, whatever records they came from.
 */
import type { Choice } from '../src/core/decision/choose.ts';
import type { Intervention } from '../src/core/decision/inputs.ts';
import { type AccountMeasures, measureAccount } from '../src/core/facts/measure-account.ts';
import { known, unknown } from '../src/core/facts/view.ts';
import type { ConversationFacts } from '../src/core/guardrails/guardrails.ts';
import type { JourneyState } from '../src/core/journey/state.ts';
import { type Evaluation, tick } from '../src/core/journey/tick.ts';
import type { CompiledPolicy } from '../src/core/policy/compiled-policy.ts';
import type { Truth } from '../src/core/policy/policy.ts';
import type { Stage } from '../src/core/records/record.ts';
import type { HealthBand } from '../src/core/scores/health.ts';
import type { Day } from '../src/core/time/calendar.ts';
import { Shelf } from '../src/pipeline/evaluate-account.ts';
import { buildAccount, clock, day, defaultPolicy } from './build-account.ts';

export interface Given {
  /** A paid subscription is in force; undefined: subscriptions are silent. */
  paid?: Truth;
  trial?: boolean;
  churned?: boolean;
  paused?: boolean;
  milestone?: Truth;
  complete?: Truth;
  /** undefined: unknown */
  readiness?: number;
  renewalDate?: Day;
  band?: HealthBand;
  setup?: number;
  quickWin?: Truth;
  converting?: Truth;
  trialEndsOn?: Day;
  activationScore?: number;
  plateau?: Truth;
  usersReady?: number;
  approachingLimit?: Truth;
  multiProduct?: Truth;
  cliff?: Truth;
  championDeparted?: boolean;
  championIdentified?: boolean;
  aha?: Truth;
  openEscalations?: string[];
  openIncidents?: string[];
  competitor?: boolean;
  conversation?: Partial<ConversationFacts>;
  gatesMet?: boolean;
  stage?: Stage;
  stageEnteredAt?: Day;
}

export const START = day('2026-01-05');
export const policy: CompiledPolicy = defaultPolicy();

const built = buildAccount({
  today: '2026-12-31',
  created: '2026-01-05',
  events: [{ day: '2026-01-05', user: 'u', event: 'login' }],
});
const bases = new Map<Day, AccountMeasures>();

function base(on: Day): AccountMeasures {
  let measured = bases.get(on);
  if (measured === undefined) {
    measured = measureAccount(built.source, clock.instantOf(on, policy.runHour), on, built.workspace);
    bases.set(on, measured);
  }
  return measured;
}

const gate = { id: 'all', met: true, detail: 'met' };

/** What is not given is known to be absent, except scores, which are unknown. */
export function measuredOn(on: Day, given: Given = {}): AccountMeasures {
  const m = base(on);
  const reached = (truth: Truth) => ({
    reached: truth,
    day: truth ? on - 1 : undefined,
    ...(truth === undefined && { reason: 'not known' }),
  });
  const paid = 'paid' in given ? given.paid : false;
  const score = given.readiness;
  const role = (identified: boolean | undefined) => ({
    state: identified ? ('active' as const) : ('none' as const),
    contactId: undefined,
  });
  const milestone = 'milestone' in given ? given.milestone : false;
  return {
    ...m,
    view: {
      ...m.view,
      account: {
        ...m.view.account,
        ...(given.stage !== undefined && { stage: given.stage }),
        ...(given.stageEnteredAt !== undefined && { stageEnteredAt: given.stageEnteredAt }),
      },
    },
    subscriptionGap: paid === undefined ? 'subscriptions are silent' : undefined,
    contract: {
      ...m.contract,
      everPaid: paid === true,
      paidInForce: paid === true,
      trialInForce: given.trial ?? false,
      trialEndsOn: given.trialEndsOn,
      churned: given.churned ?? false,
      paused: given.paused ?? false,
      renewalDate: given.renewalDate,
    },
    activation: {
      ...m.activation,
      score: given.activationScore === undefined ? unknown('not tracked') : known(given.activationScore),
      milestone: reached(milestone),
      complete: { value: 'complete' in given ? given.complete : false },
      aha: reached(given.aha ?? false),
      quickWin: reached('quickWin' in given ? given.quickWin : true),
      setup: {
        ...m.activation.setup,
        completion: given.setup === undefined ? unknown('no steps') : known(given.setup),
      },
    },
    trial: { ...m.trial, converting: given.converting ?? false, count: known(2) },
    plateau: { ...m.plateau, detected: given.plateau ?? false },
    cliff: { ...m.cliff, cliff: given.cliff ?? false, dip: false },
    usersReady: known(given.usersReady ?? 0),
    limits: { ...m.limits, approaching: given.approachingLimit ?? false },
    multiProduct: { ...m.multiProduct, opportunity: known(given.multiProduct ?? false) },
    people: {
      ...m.people,
      roles: { ...m.people.roles, champion: role(given.championIdentified) },
      departures: given.championDeparted
        ? [{ contactId: 'c', name: 'Ana', roles: ['champion'], on: on - 1, leavesNeither: true }]
        : [],
    },
    onboarding: { score: unknown('not known'), status: unknown('not known') },
    impact: { timeToValue: known(3), benchmark: known(14) },
    risk: { severity: unknown('not known'), renewalRisk: known(false) },
    competitorLevel: known(given.competitor ? 'mention' : 'none'),
    escalation: { ...m.escalation, openTickets: given.openEscalations ?? [], openIncidents: given.openIncidents ?? [] },
    health: {
      ...m.health,
      band: given.band === undefined ? unknown('0 of 7 days of data') : known(given.band),
      score:
        given.band === undefined
          ? unknown('0 of 7 days of data')
          : known({ healthy: 85, neutral: 70, at_risk: 50, critical: 20 }[given.band]),
      confidence: 'high',
    },
    readiness: { ...m.readiness, score: score === undefined ? unknown('sentiment: no survey') : known(score) },
    conversation: {
      milestoneReached: milestone === true,
      openEscalations: given.openEscalations ?? [],
      openIncidents: given.openIncidents ?? [],
      escalationClosedOn: undefined,
      timelineFrom: undefined,
      quietUntil: undefined,
      gates: [{ ...gate, met: given.gatesMet ?? true }],
      ...given.conversation,
    },
  };
}

/** A journey driven day by day, with its interventions kept as the pipeline keeps them. */
export class Drive {
  state: JourneyState | null = null;
  today: Day;
  readonly shelf = new Shelf([], policy);
  readonly evaluations: Evaluation[] = [];

  constructor(start: Day = START) {
    this.today = start - 1;
  }

  /** Ticks the next day with these facts. */
  next(given: Given = {}, options: { replay?: boolean } = {}): Evaluation {
    this.today++;
    const evaluation = tick(this.state, measuredOn(this.today, given), this.shelf.on(this.today), policy, {
      replay: options.replay ?? false,
    });
    this.state = evaluation.state;
    this.keep(evaluation.choice);
    this.evaluations.push(evaluation);
    return evaluation;
  }

  /** The same facts for so many days. */
  days(count: number, given: Given = {}, options: { replay?: boolean } = {}): Evaluation {
    for (let i = 1; i < count; i++) this.next(given, options);
    return this.next(given, options);
  }

  keep(choice: Choice): void {
    this.shelf.apply(choice.changed);
  }

  /** All that were ever made, as they are now. */
  interventions(): Intervention[] {
    return [...this.shelf.changed.values()];
  }
}
