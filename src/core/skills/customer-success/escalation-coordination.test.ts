/** customer_success/escalation_coordination (skills.md B), with its worked examples. */
import { describe, expect, it } from 'vitest';
import { at, type TestAccount } from '../../../../test/build-account.ts';
import { runOn } from '../../../../test/skill-context.ts';
import { formatInstant } from '../../time/calendar.ts';
import type { PastIntervention } from '../skill.ts';
import { SKILLS } from '../skills.ts';
import { deadlinesOf, escalationCoordination, heldOf, nextUpdate, severityOf } from './escalation-coordination.ts';

const defaults = escalationCoordination.parameters.parse({});
const queued = (id: string, skill: string, state: PastIntervention['state'] = 'proposed'): PastIntervention => ({
  id,
  skill,
  ruleId: 'r',
  state,
  madeOn: undefined,
  doneAt: undefined,
  dismissedFor: undefined,
  result: undefined,
});
const queue = [queued('i1', 'monetization/upgrade_trigger'), queued('i2', 'plg/milestone_celebration', 'approved')];

describe('deadlines', () => {
  it('gives a critical issue of 09:00 until 09:00 next day; 19 of 24 hours on it is at risk', () => {
    const opened = Date.parse('2026-03-30T09:00:00Z');
    const found = deadlinesOf('critical', opened, Date.parse('2026-03-31T04:00:00Z'), defaults);
    expect(formatInstant(found.resolveBy)).toBe('2026-03-31T09:00:00Z');
    expect([found.elapsedShare, found.slaState]).toEqual([0.7917, 'at_risk']);
    expect(formatInstant(found.acknowledgeBy)).toBe('2026-03-30T10:00:00Z');
  });

  it.each([
    ['critical', 1, 24],
    ['high', 4, 48],
    ['medium', 8, 120],
    ['low', 24, 240],
  ] as const)('gives %s issues %d hours to respond and %d to resolve', (severity, respond, resolve) => {
    const { respondBy, resolveBy, acknowledgeBy } = deadlinesOf(severity, 0, 0, defaults);
    expect([respondBy, resolveBy, acknowledgeBy].map((ms) => ms / 3_600_000)).toEqual([respond, resolve, 1]);
  });

  it('are at risk from three quarters on, and breached once they have passed', () => {
    const state = (hours: number) => deadlinesOf('high', 0, hours * 3_600_000, defaults).slaState;
    expect([state(35), state(36), state(48), state(49)]).toEqual(['on_track', 'at_risk', 'at_risk', 'breached']);
  });

  it('have updates on a schedule from the opening', () => {
    const hour = 3_600_000;
    expect([nextUpdate(0, 4, 0), nextUpdate(0, 4, 4 * hour), nextUpdate(0, 4, 7 * hour)]).toEqual([
      4 * hour,
      8 * hour,
      8 * hour,
    ]);
  });

  it('read P1 to P4 as critical to low', () => {
    expect((['P1', 'P2', 'P3', 'P4', undefined] as const).map(severityOf)).toEqual([
      'critical',
      'high',
      'medium',
      'low',
      null,
    ]);
  });
});

describe('what is held', () => {
  it('are the queued interventions of every skill that sells an expansion or celebrates', () => {
    const waiting = SKILLS.filter(({ conversation, celebration }) => conversation === 'expansion' || celebration);
    expect([...defaults.heldSkills].sort()).toEqual(waiting.map(({ name }) => name).sort());
    const others = [queued('i3', 'customer_success/adoption_score'), queued('i4', queue[0]!.skill, 'delivered')];
    expect(heldOf([...queue, ...others], defaults.heldSkills).map(({ id }) => id)).toEqual(['i1', 'i2']);
  });
});

type Tickets = NonNullable<NonNullable<TestAccount['records']>['tickets']>;
const OPENED = '2026-03-30T11:00:00Z'; // 19 hours before the run hour
const open: Tickets[number] = {
  ticketId: 'T-1',
  openedAt: at(OPENED),
  escalatedAt: at('2026-03-30T12:00:00Z'),
  priority: 'P1',
  subject: 'Exports fail',
};
const withTickets = (...tickets: Tickets): TestAccount => ({
  today: '2026-03-31',
  records: {
    tickets,
    accounts: [{ name: 'Acme', createdAt: at('2026-01-01'), owners: { csm: 'Dana', csManager: 'Max' } }],
  },
});
const roles = (actions: { ownerRole: string; dueDate: string; channel: string }[]) =>
  actions.map(({ ownerRole, dueDate, channel }) => `${ownerRole} ${dueDate} ${channel}`);

describe('a run', () => {
  it('freezes two queued interventions 19 of 24 hours into a critical escalation and tells the CS manager', () => {
    const { status, result, actions, markdown } = runOn(escalationCoordination, withTickets(open), { past: queue });
    expect(status).toBe('ok');
    expect(result).toMatchObject({
      freeze: { active: true, heldActionIds: ['i1', 'i2'], handoffsBlocked: true },
      severity: 'critical',
      resolveBy: '2026-03-31T11:00:00Z',
      elapsedShare: 0.7917,
      slaState: 'at_risk',
      nextUpdateBy: '2026-03-31T07:00:00Z',
      owner: 'Dana',
      upgradeEligibleFrom: null,
    });
    expect(roles(actions)).toEqual(['support 2026-03-31 task', 'csm 2026-03-31 task', 'csManager 2026-03-31 alert']);
    expect(actions[1]!.title).toBe(
      'Be the one owner of T-1: an update every 4 hours, the next by 2026-03-31 07:00 UTC',
    );
    expect(markdown).toContain('- **Towards the customer:** Dana (CSM)');
    expect(markdown).toContain('2 interventions: upgrade trigger');
    expect(markdown).toContain('a time by which it will be fixed');
  });

  it('holds also without a severity, which support has to give; resolveBy is unknown', () => {
    const { priority: _, ...unclassified } = open;
    const { status, result, dataGaps, actions } = runOn(escalationCoordination, withTickets(unclassified));
    expect(status).toBe('insufficient_data');
    expect(result).toMatchObject({ freeze: { active: true }, severity: null, resolveBy: null, slaState: null });
    expect(dataGaps).toEqual([{ fact: 'severity', reason: 'ticket T-1 has no priority' }]);
    expect(actions.find(({ title }) => title.startsWith('Classify ticket T-1'))).toMatchObject({
      ownerRole: 'support',
      dueDate: '2026-03-31',
    });
  });

  it('leads with the worst of several, and is partial when another is not classified', () => {
    const { priority: _, ...unclassified } = open;
    const { status, result } = runOn(
      escalationCoordination,
      withTickets({ ...unclassified, ticketId: 'T-0' }, { ...open, ticketId: 'T-2', priority: 'P3' }, open),
    );
    expect([status, result!.issues.map(({ id }) => id), result!.severity]).toEqual([
      'partial',
      ['T-1', 'T-2', 'T-0'],
      'critical',
    ]);
  });

  it('does not count a P1 ticket that is not escalated, and counts an open P1 incident', () => {
    const { escalatedAt: _, ...plain } = open;
    expect(runOn(escalationCoordination, withTickets(plain)).result!.freeze.active).toBe(false);
    const incidents = [{ incidentId: 'INC-1', startedAt: at(OPENED), severity: 'P1' as const }];
    const { result } = runOn(escalationCoordination, { today: '2026-03-31', records: { incidents } });
    expect(result).toMatchObject({ freeze: { active: true }, resolveBy: '2026-03-31T11:00:00Z' });
  });

  it('after closure asks for CSAT and a post-mortem, and lets upgrades through eight days on', () => {
    const closed = { ...open, resolvedAt: at('2026-03-30T20:00:00Z') };
    const { status, reasons, result, actions } = runOn(escalationCoordination, withTickets(closed), { past: queue });
    expect([status, reasons]).toEqual(['ok', ['no_open_escalation']]);
    expect(result).toMatchObject({
      freeze: { active: false, heldActionIds: [], handoffsBlocked: false },
      upgradeEligibleFrom: '2026-04-07',
    });
    expect(roles(actions)).toEqual(['csm 2026-04-01 task', 'support 2026-04-06 task']);
  });

  it('writes no post-mortem of a medium issue, asks nobody twice for CSAT, and nothing a week after', () => {
    const closed = { ...open, resolvedAt: at('2026-03-30T20:00:00Z'), priority: 'P3' as const };
    expect(runOn(escalationCoordination, withTickets({ ...closed, csat: 4 })).actions).toEqual([]);
    const old = { ...open, openedAt: at('2026-03-20'), escalatedAt: at('2026-03-20'), resolvedAt: at('2026-03-23') };
    expect(runOn(escalationCoordination, withTickets(old)).actions).toEqual([]);
    expect(runOn(escalationCoordination, withTickets(old), { parameters: { followUpDays: 8 } }).actions).toHaveLength(
      2,
    );
  });

  it('knows nothing of a freeze without tickets', () => {
    const { status, result, dataGaps } = runOn(escalationCoordination, {
      today: '2026-03-31',
      kinds: ['accounts', 'incidents'],
    });
    expect([status, result!.freeze.active, dataGaps]).toEqual([
      'insufficient_data',
      null,
      [{ fact: 'tickets', reason: 'no tickets imported' }],
    ]);
  });

  it('keeps a hostile subject inert', () => {
    const { markdown } = runOn(escalationCoordination, withTickets({ ...open, subject: '# <b>x</b> | [a](b)' }));
    expect(markdown).toContain('"\\# \\<b\\>x\\</b\\> \\| \\[a\\](b)"');
  });
});
