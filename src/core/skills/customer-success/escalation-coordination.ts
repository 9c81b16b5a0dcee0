/** customer_success/escalation_coordination (skills.md B): what waits during an escalation, its deadlines and its release. */
import { z } from 'zod';
import { momentText } from '../../document/figures.ts';
import { known, unknown } from '../../facts/view.ts';
import type { Priority } from '../../records/record.ts';
import { upgradeEligibleFrom } from '../../scores/escalation.ts';
import { ratio4 } from '../../scores/number.ts';
import { addBusinessDays, type Day, formatDay, formatInstant, type Instant } from '../../time/calendar.ts';
import { defineSkill, type PastIntervention, type SkillContext, type SkillOutput } from '../skill.ts';
import { type ActionDraft, ownerOf } from '../skill-result.ts';
import { escalationSections } from './escalation-document.ts';
import { type ClosedIssue, closedIssues, type Issue, openIssues } from './escalation-issues.ts';

const hours = (count: number, what: string) => z.number().int().min(1).max(2000).default(count).describe(what);

const parameters = z.strictObject({
  acknowledgeHours: hours(1, 'hours to acknowledge any issue'),
  respondCriticalHours: hours(1, 'hours to respond to a critical issue'),
  resolveCriticalHours: hours(24, 'hours to resolve a critical issue'),
  respondHighHours: hours(4, 'hours to respond to a high issue'),
  resolveHighHours: hours(48, 'hours to resolve a high issue'),
  respondMediumHours: hours(8, 'hours to respond to a medium issue'),
  resolveMediumHours: hours(120, 'hours to resolve a medium issue'),
  respondLowHours: hours(24, 'hours to respond to a low issue'),
  resolveLowHours: hours(240, 'hours to resolve a low issue'),
  atRiskShare: z
    .number()
    .min(0.1)
    .max(1)
    .default(0.75)
    .describe('elapsed share of the time to resolve that is at risk'),
  updateCriticalHours: hours(4, 'hours between two updates on a critical issue'),
  updateHours: hours(24, 'hours between two updates on any other issue'),
  followUpDays: z
    .number()
    .int()
    .min(1)
    .max(60)
    .default(7)
    .describe('days after closure in which follow-ups are asked for'),
  heldSkills: z
    .array(z.string())
    .max(100)
    .default([
      'customer_success/multi_product_adoption',
      'monetization/packaging_optimizer',
      'monetization/upgrade_trigger',
      'plg/milestone_celebration',
    ])
    .describe('commercial and celebration skills whose queued interventions wait'),
});
type Parameters = z.infer<typeof parameters>;

export type IssueSeverity = 'critical' | 'high' | 'medium' | 'low';
export type SlaState = 'on_track' | 'at_risk' | 'breached';

const SEVERITIES: Record<Priority, IssueSeverity> = { P1: 'critical', P2: 'high', P3: 'medium', P4: 'low' };
const WORST_FIRST: readonly IssueSeverity[] = ['critical', 'high', 'medium', 'low'];

export function severityOf(priority: Priority | undefined): IssueSeverity | null {
  return priority === undefined ? null : SEVERITIES[priority];
}

export interface Deadlines {
  acknowledgeBy: Instant;
  respondBy: Instant;
  resolveBy: Instant;
  /** Of the time to resolve, four decimals; above 1 when it has run out. */
  elapsedShare: number;
  slaState: SlaState;
}

const HOUR_MS = 3_600_000;

/** Clock hours from the opening [K]: respond/resolve critical 1/24, high 4/48, medium 8/120, low 24/240. */
export function deadlinesOf(severity: IssueSeverity, openedAt: Instant, now: Instant, p: Parameters): Deadlines {
  const [respond, resolve] = {
    critical: [p.respondCriticalHours, p.resolveCriticalHours],
    high: [p.respondHighHours, p.resolveHighHours],
    medium: [p.respondMediumHours, p.resolveMediumHours],
    low: [p.respondLowHours, p.resolveLowHours],
  }[severity] as [number, number];
  const elapsedShare = ratio4((now - openedAt) / (resolve * HOUR_MS));
  return {
    acknowledgeBy: openedAt + p.acknowledgeHours * HOUR_MS,
    respondBy: openedAt + respond * HOUR_MS,
    resolveBy: openedAt + resolve * HOUR_MS,
    elapsedShare,
    slaState: elapsedShare > 1 ? 'breached' : elapsedShare >= p.atRiskShare ? 'at_risk' : 'on_track',
  };
}

/** The first update after `now` of a schedule that began at the opening. */
export function nextUpdate(openedAt: Instant, everyHours: number, now: Instant): Instant {
  const step = everyHours * HOUR_MS;
  return openedAt + (Math.floor(Math.max(0, now - openedAt) / step) + 1) * step;
}

/** Interventions that are queued and must wait. */
export function heldOf(past: readonly PastIntervention[], heldSkills: readonly string[]): PastIntervention[] {
  const queued = new Set(['proposed', 'approved', 'held']);
  return past.filter(({ skill, state }) => queued.has(state) && heldSkills.includes(skill));
}

export interface OpenIssue {
  id: string;
  kind: Issue['kind'];
  severity: IssueSeverity | null;
  subject: string | null;
  openedAt: string;
  acknowledgeBy: string;
  respondBy: string | null;
  resolveBy: string | null;
  elapsedShare: number | null;
  slaState: SlaState | null;
}

export interface Coordination {
  freeze: { active: boolean | null; heldActionIds: string[]; handoffsBlocked: boolean | null };
  /** Of the leading issue: the worst, and of those the oldest. */
  severity: IssueSeverity | null;
  resolveBy: string | null;
  slaState: SlaState | null;
  elapsedShare: number | null;
  nextUpdateBy: string | null;
  /** Who answers for it towards the customer; null: nobody is named. */
  owner: string | null;
  ownerRole: 'csm';
  /** First day on which an upgrade may be spoken of; null while an escalation is open, and where none closed. */
  upgradeEligibleFrom: string | null;
  issues: OpenIssue[];
  closed: { id: string; kind: Issue['kind']; severity: IssueSeverity | null; closedOn: string }[];
}

export const escalationCoordination = defineSkill<Parameters, Coordination>({
  name: 'customer_success/escalation_coordination',
  domain: 'customer_success',
  purpose: 'Holds what must wait during an escalation and tracks its deadlines',
  customerFacing: false,
  conversation: 'none',
  serviceMessage: true,
  celebration: false,
  inputs: { required: ['tickets', 'priority', 'openedAt'], optional: ['incidents', 'queued interventions', 'csat'] },
  sections: ['Issue', 'Owners', 'Held', 'Updates', 'Release'],
  parameters,
  outcome: {
    measure: 'support_escalation',
    unit: 'share',
    better: 'lower',
    horizonDays: 10, // the longest time to resolve
    noise: 0,
    read: ({ escalation, ticketGap }) =>
      ticketGap === undefined ? known(escalation.openTickets.length > 0 ? 1 : 0) : unknown(ticketGap),
  },
  run: runCoordination,
});

function runCoordination(context: SkillContext<Parameters>): SkillOutput<Coordination> {
  const { measured, parameters: p } = context;
  const { ticketGap, incidentGap } = measured;
  const issues = openIssues(measured);
  const closed = closedIssues(context, p.followUpDays);
  const result = resultOf(issues, closed, context);
  const dataGaps: SkillOutput<Coordination>['dataGaps'] = [];
  if (ticketGap !== undefined) dataGaps.push({ fact: 'tickets', reason: ticketGap });
  if (incidentGap !== undefined) dataGaps.push({ fact: 'incidents', reason: incidentGap });
  for (const { id, severity, kind } of result.issues) {
    if (severity !== null) continue;
    const field = kind === 'ticket' ? 'priority' : 'severity';
    dataGaps.push({ fact: 'severity', reason: `${kind} ${id} has no ${field}` });
  }
  const isBlind = issues.length === 0 && ticketGap !== undefined;
  const isUnclassified = issues.length > 0 && result.issues.every(({ severity }) => severity === null);
  const reasons = issues.length > 0 ? ['freeze_active'] : isBlind ? [] : ['no_open_escalation'];
  return {
    status: isBlind || isUnclassified ? 'insufficient_data' : dataGaps.length > 0 ? 'partial' : 'ok',
    reasons,
    dataGaps,
    result,
    actions: [...openActions(result, issues, context), ...closingActions(closed, context)],
    sections: escalationSections(result, {
      account: measured.view.account,
      cooldownDays: context.workspace.guardrails.escalationCooldownDays,
      held: heldOf(context.past, p.heldSkills),
    }),
  };
}

function resultOf(
  issues: readonly Issue[],
  closed: readonly ClosedIssue[],
  { measured, past, workspace, parameters: p }: SkillContext<Parameters>,
): Coordination {
  const { view, escalation, ticketGap } = measured;
  const isOpen = issues.length > 0;
  const active = isOpen ? true : ticketGap === undefined ? false : null;
  const described = issues.map((issue) => describe(issue, view.instant, p)).sort(bySeverity);
  const lead = described[0];
  const leadIssue = issues.find(({ id }) => id === lead?.id);
  const everyHours = lead?.severity === 'critical' ? p.updateCriticalHours : p.updateHours;
  const { closedOn } = escalation;
  const eligible =
    closedOn === undefined || escalation.openTickets.length > 0
      ? null
      : formatDay(upgradeEligibleFrom(closedOn, workspace.guardrails.escalationCooldownDays));
  return {
    freeze: {
      active,
      heldActionIds: isOpen ? heldOf(past, p.heldSkills).map(({ id }) => id) : [],
      handoffsBlocked: active,
    },
    severity: lead?.severity ?? null,
    resolveBy: lead?.resolveBy ?? null,
    slaState: lead?.slaState ?? null,
    elapsedShare: lead?.elapsedShare ?? null,
    nextUpdateBy:
      leadIssue === undefined ? null : formatInstant(nextUpdate(leadIssue.openedAt, everyHours, view.instant)),
    owner: ownerOf('csm', view.account).name ?? ownerOf('csm', view.account).standIn,
    ownerRole: 'csm',
    upgradeEligibleFrom: eligible,
    issues: described,
    closed: closed.map(({ id, kind, priority, closedOn: on }) => ({
      id,
      kind,
      severity: severityOf(priority),
      closedOn: formatDay(on),
    })),
  };
}

function describe({ id, kind, priority, openedAt, subject }: Issue, now: Instant, p: Parameters): OpenIssue {
  const severity = severityOf(priority);
  const deadlines = severity === null ? undefined : deadlinesOf(severity, openedAt, now, p);
  return {
    id,
    kind,
    severity,
    subject: subject ?? null,
    openedAt: formatInstant(openedAt),
    acknowledgeBy: formatInstant(openedAt + p.acknowledgeHours * HOUR_MS),
    respondBy: deadlines === undefined ? null : formatInstant(deadlines.respondBy),
    resolveBy: deadlines === undefined ? null : formatInstant(deadlines.resolveBy),
    elapsedShare: deadlines?.elapsedShare ?? null,
    slaState: deadlines?.slaState ?? null,
  };
}

function bySeverity(a: OpenIssue, b: OpenIssue): number {
  const rank = ({ severity }: OpenIssue) => (severity === null ? WORST_FIRST.length : WORST_FIRST.indexOf(severity));
  return rank(a) - rank(b) || (a.openedAt < b.openedAt ? -1 : a.openedAt > b.openedAt ? 1 : a.id < b.id ? -1 : 1);
}

function openActions(
  { issues, slaState, severity, nextUpdateBy }: Coordination,
  open: readonly Issue[],
  { measured, workspace, parameters: p }: SkillContext<Parameters>,
): ActionDraft[] {
  const [lead] = issues;
  if (lead === undefined) return [];
  const due = addBusinessDays(measured.view.today, 0, workspace.catalogue.holidays);
  const actions: ActionDraft[] = issues.map(({ id, acknowledgeBy, severity: of, respondBy }) => {
    const by = (moment: string) =>
      `${moment < formatInstant(measured.view.instant) ? 'was due' : 'due'} by ${momentText(moment)}`;
    const answer = respondBy === null ? '' : `; the answer ${by(respondBy)}`;
    const title = `Acknowledge ${id}${of === null ? '' : ` (${of})`}, ${by(acknowledgeBy)}${answer}`;
    return { key: `acknowledge:${id}`, title, role: 'support', due, channel: 'task', evidence: [id] };
  });
  for (const { id, severity: of, kind } of issues) {
    if (of !== null) continue;
    const title = `Classify ${kind} ${id}: without a severity it has no time to resolve`;
    actions.push({ key: `classify:${id}`, title, role: 'support', due, channel: 'task', evidence: [id] });
  }
  const evidence = open.map(({ id }) => id);
  const every = severity === 'critical' ? p.updateCriticalHours : p.updateHours;
  const title = `Be the one owner of ${evidence.join(', ')}: an update every ${every} hours, the next by ${momentText(nextUpdateBy ?? 'unknown')}`;
  actions.push({ key: 'owner', title, role: 'csm', due, channel: 'task', evidence });
  if (slaState === 'at_risk' || slaState === 'breached') {
    const share = `${Math.round((lead.elapsedShare ?? 0) * 100)} % of the time to resolve ${lead.id} has passed`;
    const alert = `${share}; it ${slaState === 'breached' ? 'was' : 'is'} due by ${momentText(lead.resolveBy ?? 'unknown')}`;
    actions.push({ key: 'at_risk', title: alert, role: 'csManager', due, channel: 'alert', evidence: [lead.id] });
  }
  return actions;
}

/** Counted from the closing day; what was due before today is due today. */
function closingActions(
  closed: readonly ClosedIssue[],
  { measured, workspace }: SkillContext<Parameters>,
): ActionDraft[] {
  const { holidays } = workspace.catalogue;
  const earliest = addBusinessDays(measured.view.today, 0, holidays);
  const due = (closedOn: Day, count: number) => Math.max(earliest, addBusinessDays(closedOn, count, holidays));
  return closed.flatMap(({ id, kind, priority, closedOn, hasCsat }): ActionDraft[] => {
    const on = formatDay(closedOn);
    const base = { channel: 'task' as const, evidence: [id] };
    const actions: ActionDraft[] = [];
    if (kind === 'ticket' && !hasCsat) {
      const title = `Ask for a CSAT answer on ${id}, closed on ${on}`;
      actions.push({ ...base, key: `csat:${id}`, title, role: 'csm', due: due(closedOn, 2) });
    }
    if (priority === 'P1' || priority === 'P2') {
      const title = `Post-mortem of ${id} (${severityOf(priority)}), closed on ${on}`;
      actions.push({ ...base, key: `post_mortem:${id}`, title, role: 'support', due: due(closedOn, 5) });
    }
    return actions;
  });
}
