import { describe, expect, it } from 'vitest';
import { day, defaultPolicy } from '../../../test/build-account.ts';
import { skillNamed } from '../decision/choose.ts';
import { SKILLS } from '../skills/skills.ts';
import { type ConversationFacts, conversationOf, holdsOn, isCapped } from './guardrails.ts';
import { type HandoffFacts, handoffOf } from './handoffs.ts';

const policy = defaultPolicy();
const today = day('2026-03-31');

const clear: ConversationFacts = {
  milestoneReached: true,
  openEscalations: [],
  openIncidents: [],
  escalationClosedOn: undefined,
  timelineFrom: undefined,
  quietUntil: undefined,
  gates: [{ id: 'health_score', met: true, detail: 'health 80, needs 70' }],
};

interface Situation {
  stage?: string;
  on?: number;
  atRiskRule?: string;
  capDays?: number[];
  openMotion?: { id: string; skill: string };
}

function holds(skill: string, facts: Partial<ConversationFacts> = {}, situation: Situation = {}) {
  return holdsOn({
    skill: skillNamed(policy, skill),
    stage: situation.stage ?? 'expansion',
    today: situation.on ?? today,
    facts: { ...clear, ...facts },
    guardrails: policy.guardrails,
    atRiskRule: situation.atRiskRule,
    capDays: situation.capDays ?? [],
    openMotion: situation.openMotion,
  });
}

const UPGRADE = 'monetization/upgrade_trigger';
const expansionSkills = ['customer_success/multi_product_adoption', UPGRADE, 'monetization/packaging_optimizer'];

describe('with nothing in the way', () => {
  it.each(SKILLS.map((skill) => skill.name))('%s is not held', (name) => {
    expect(holds(name)).toEqual([]);
  });
});

describe('conversation.one_motion', () => {
  const openMotion = { id: 'int_1', skill: 'plg/trial_extension_evaluator' };

  it('holds an offer while another commercial conversation with the customer is under way', () => {
    expect(holds(UPGRADE, {}, { openMotion })).toEqual([
      {
        guardrail: 'conversation.one_motion',
        reason: 'plg/trial_extension_evaluator is under way (int_1)',
        until: 'int_1',
      },
    ]);
  });

  it('leaves alone what does not talk of buying, and analysis that stays inside', () => {
    for (const skill of ['customer_success/onboarding_health', 'monetization/packaging_optimizer'])
      expect(holds(skill, {}, { openMotion })).toEqual([]);
  });
});

describe('money.after_activation', () => {
  it('holds every sales conversation, a trial offer too, until the milestone is reached', () => {
    for (const skill of expansionSkills) {
      expect(holds(skill, { milestoneReached: false })).toEqual([
        {
          guardrail: 'money.after_activation',
          reason: 'the activation milestone is not reached',
          until: 'activation_milestone_reached',
        },
      ]);
    }
    expect(holds(UPGRADE, { milestoneReached: false }, { stage: 'trial' })).toHaveLength(1);
    expect(holds('plg/quick_win_generator', { milestoneReached: false })).toEqual([]);
  });
});

describe('money.escalation_cooldown', () => {
  const closedOn = day('2026-03-28');
  const closed = { escalationClosedOn: closedOn };

  it('holds while an escalation is open, until that fact changes', () => {
    const [first] = holds(UPGRADE, { openEscalations: ['t1', 't2'] });
    expect(first).toEqual({
      guardrail: 'money.escalation_cooldown',
      reason: 'escalation t1, t2 is open',
      until: 'support_escalation',
    });
  });

  it('holds on the closing day and the seven after it, and releases on the eighth: closed 28 March, free 5 April', () => {
    for (let days = 0; days <= 7; days++) {
      const held = holds(UPGRADE, closed, { on: closedOn + days });
      expect(held.map(({ guardrail, until }) => [guardrail, until])).toEqual([
        ['money.escalation_cooldown', '2026-04-05'],
      ]);
    }
    expect(holds(UPGRADE, closed, { on: day('2026-04-05') })).toEqual([]);
  });

  it('quotes the days and leaves internal and service work alone', () => {
    expect(holds(UPGRADE, closed)[0]!.reason).toBe('an escalation closed 3 days ago, on 2026-03-28; needs more than 7');
    expect(holds('customer_success/escalation_coordination', closed)).toEqual([]);
    expect(holds('monetization/overage_predictor', closed)).toEqual([]);
  });
});

describe('money.customer_timeline', () => {
  it('holds before the stated date and not on it', () => {
    const timelineFrom = today + 1;
    expect(holds(UPGRADE, { timelineFrom })).toEqual([
      {
        guardrail: 'money.customer_timeline',
        reason: 'the customer asked to wait until 2026-04-01',
        until: '2026-04-01',
      },
    ]);
    expect(holds(UPGRADE, { timelineFrom }, { on: timelineFrom })).toEqual([]);
    expect(holds('customer_success/success_plan_generator', { timelineFrom })).toEqual([]);
  });
});

describe('money.unhealthy', () => {
  const gates = [
    { id: 'health_score', met: false, detail: 'health 62, needs 70' },
    { id: 'sponsor', met: undefined, detail: 'sponsor unknown: no contacts imported' },
    { id: 'holds', met: true, detail: 'nothing holds the conversation' },
  ];

  it('names every gate that is not met or not known, with its numbers', () => {
    expect(holds(UPGRADE, { gates })).toEqual([
      {
        guardrail: 'money.unhealthy',
        reason: '2 of 3 expansion gates not met: health 62, needs 70; sponsor unknown: no contacts imported',
        until: 'health_score, sponsor',
      },
    ]);
  });

  it('asks no gates of a trial offer, but an at-risk exit holds that too', () => {
    expect(conversationOf(skillNamed(policy, UPGRADE), 'trial')).toBe('conversion');
    expect(holds(UPGRADE, { gates }, { stage: 'trial' })).toEqual([]);
    for (const stage of ['trial', 'expansion']) {
      expect(holds(UPGRADE, {}, { stage, atRiskRule: 'any.usage_cliff' })).toEqual([
        {
          guardrail: 'money.unhealthy',
          reason: 'the at-risk exit of any.usage_cliff is in force',
          until: 'any.usage_cliff',
        },
      ]);
    }
    expect(holds('customer_success/risk_mitigation_playbook', {}, { atRiskRule: 'any.usage_cliff' })).toEqual([]);
  });
});

describe('conversation.incident', () => {
  it('holds celebrations and commercial talk while an escalation or an incident is open', () => {
    const celebration = holds('plg/milestone_celebration', { openIncidents: ['i1'] });
    expect(celebration).toEqual([{ guardrail: 'conversation.incident', reason: 'i1 is open', until: 'open_incident' }]);
    expect(holds('plg/milestone_celebration', { openEscalations: ['t1'] })).toHaveLength(1);
    expect(holds(UPGRADE, { openIncidents: ['i1'] })).toHaveLength(1);
    expect(holds('plg/quick_win_generator', { openIncidents: ['i1'] })).toEqual([]);
  });
});

describe('capacity.quiet', () => {
  it('holds what reaches the customer until the day set, and nothing internal', () => {
    const quietUntil = today + 3;
    expect(holds('plg/quick_win_generator', { quietUntil })).toEqual([
      { guardrail: 'capacity.quiet', reason: 'a person set a quiet period until 2026-04-03', until: '2026-04-03' },
    ]);
    expect(holds('plg/quick_win_generator', { quietUntil }, { on: quietUntil })).toEqual([]);
    expect(holds('customer_success/adoption_score', { quietUntil })).toEqual([]);
  });
});

describe('cap.weekly', () => {
  it('holds the sixth within seven days until the oldest of the last five falls out', () => {
    const capDays = [today - 6, today - 6, today - 3, today - 1, today];
    expect(holds('plg/quick_win_generator', {}, { capDays })).toEqual([
      {
        guardrail: 'cap.weekly',
        reason: '5 of 5 customer-facing interventions in expansion within 7 days to 2026-03-31',
        until: '2026-04-01',
      },
    ]);
    expect(holds('plg/quick_win_generator', {}, { capDays: capDays.slice(1) })).toEqual([]);
  });

  it('does not count or hold internal work and service messages', () => {
    const capDays = [today, today, today, today, today];
    for (const name of [
      'customer_success/adoption_score',
      'monetization/overage_predictor',
      'customer_success/escalation_coordination',
    ]) {
      expect(isCapped(skillNamed(policy, name))).toBe(false);
      expect(holds(name, {}, { capDays })).toEqual([]);
    }
  });
});

describe('handoffs', () => {
  const ready: HandoffFacts = {
    milestoneReached: true,
    primaryContact: true,
    daysOfData: 14,
    organicSignals: 1,
    decisionMaker: true,
    budgetTiming: '2026-06-01',
    openEscalations: [],
    openIncidents: [],
    renewalDate: today + 60,
    owners: { csm: 'Ida', ae: 'Tom' },
  };
  const handoff = (kind: string, facts: Partial<HandoffFacts> = {}) =>
    handoffOf(policy.handoffs.find((each) => each.kind === kind)!, { ...ready, ...facts }, policy.guardrails);

  it('are ready with a full checklist, with owner and hours', () => {
    expect(handoff('plg_to_cs')).toMatchObject({ state: 'ready', to: 'csm', owner: 'Ida', blockedBy: [] });
    expect(handoff('cs_to_sales')).toMatchObject({
      state: 'ready',
      to: 'ae',
      owner: 'Tom',
      acceptWithinWorkingHours: 8,
    });
    expect(handoff('cs_to_finance')).toMatchObject({ state: 'ready', owner: null });
  });

  it.each([
    [
      'plg_to_cs',
      { milestoneReached: undefined },
      'handoff.cs',
      'activation_milestone_reached',
      'activation milestone unknown',
    ],
    ['plg_to_cs', { primaryContact: false }, 'handoff.cs', 'primary_contact_identified', 'no primary contact in touch'],
    ['plg_to_cs', { daysOfData: 13 }, 'handoff.cs', 'usage_baseline', '13 days of data, needs 14'],
    ['cs_to_sales', { organicSignals: 0 }, 'handoff.sales', 'organic_signals', '0 organic signals, needs 1'],
    [
      'cs_to_sales',
      { decisionMaker: undefined },
      'handoff.sales',
      'decision_maker_identified',
      'decision maker unknown: no contacts',
    ],
    [
      'cs_to_sales',
      { budgetTiming: undefined },
      'handoff.sales',
      'budget_timing_known',
      'no note carries budget_timing',
    ],
    ['cs_to_finance', { renewalDate: undefined }, 'handoff.no_incident', 'renewal_date_known', 'no renewal date'],
  ] as const)('%s without %o says exactly what is missing', (kind, facts, guardrail, until, reason) => {
    expect(handoff(kind, facts as Partial<HandoffFacts>)).toMatchObject({
      state: 'blocked',
      blockedBy: [{ guardrail, until, reason }],
    });
  });

  it('wait out an open escalation or incident, whatever their kind', () => {
    for (const kind of ['plg_to_cs', 'cs_to_sales', 'cs_to_finance']) {
      for (const open of [{ openEscalations: ['t1'] }, { openIncidents: ['i1'] }]) {
        expect(handoff(kind, open)).toMatchObject({
          state: 'blocked',
          blockedBy: [{ guardrail: 'handoff.no_incident', until: 'open_incident' }],
        });
      }
    }
  });
});
