/** customer_success/risk_mitigation_playbook (skills.md B): the main risk, how bad it is, and the dated steps against it. */
import { z } from 'zod';
import { words } from '../../document/figures.ts';
import { riskInput } from '../../facts/skill-facts.ts';
import { majorUnits } from '../../records/money.ts';
import { competitorSignals } from '../../scores/competitors.ts';
import type { Confidence } from '../../scores/health.ts';
import { publish } from '../../scores/number.ts';
import { type RiskFactor, type RiskPlaybook, type RiskSeverity, riskPlaybook } from '../../scores/risk-mitigation.ts';
import { addBusinessDays, formatDay } from '../../time/calendar.ts';
import { contactName } from '../health-plays.ts';
import { defineSkill, type SkillContext, type SkillOutput } from '../skill.ts';
import { type ActionDraft, type Owner, ownerOf } from '../skill-result.ts';
import { riskSections } from './risk-mitigation-playbook-document.ts';
import {
  causeOf,
  type FactorEvidence,
  factorEvidence,
  otherGaps,
  type RiskCause,
  type RiskFacts,
  severityBasis,
} from './risk-playbook-evidence.ts';
import { PLAYBOOK_STEPS } from './risk-playbook-steps.ts';

export interface RiskStep {
  step: number;
  title: string;
  owner: Owner;
  /** Last day of the step. */
  endDate: string;
}

export interface RiskMitigation {
  severity: RiskSeverity | null;
  riskScore: number | null;
  /** Known share of the five factors. */
  riskCoverage: number;
  factors: FactorEvidence[];
  primaryRisk: RiskFactor | null;
  playbookId: string | null;
  /** Null: unclear. */
  cause: RiskCause | null;
  churnScoreRange: { from: number; to: number };
  churnBand: RiskPlaybook['churnBand'];
  steps: RiskStep[];
  checkpointDate: string | null;
  /** Major units a year; 0 where nothing is at risk. */
  arrAtRisk: number | null;
  currency: string | null;
  /** The latest playbook whose half of the time has passed without improvement. */
  stalled: { checkpointDate: string; riskScore: number } | null;
}

const parameters = z.strictObject({
  improvementPoints: z
    .number()
    .min(1)
    .max(100)
    .default(5)
    .describe('points the risk score must fall by to be an improvement'),
  recoveredShare: z.number().min(0.1).max(1).default(0.8).describe('share of the use before that counts as recovered'),
});
type Parameters = z.infer<typeof parameters>;

const NAME = 'customer_success/risk_mitigation_playbook';

export const riskMitigationPlaybook = defineSkill<Parameters, RiskMitigation>({
  name: NAME,
  domain: 'customer_success',
  purpose: 'Finds the main risk and dates the steps that answer it',
  customerFacing: true,
  conversation: 'none',
  serviceMessage: false,
  celebration: false,
  inputs: {
    required: ['any of events, contacts, subscriptions, surveys, invoices, notes, tickets'],
    optional: ['events', 'contacts', 'subscriptions', 'surveys', 'invoices', 'notes', 'tickets', 'goals'],
  },
  sections: ['Risk', 'Evidence', 'Cause', 'Plan', 'Checkpoint'],
  parameters,
  outcome: {
    measure: 'health_score',
    unit: 'points 0-100',
    better: 'higher',
    horizonDays: 30, // the longest playbook
    noise: 5,
    read: ({ health }) => health.score,
  },
  run: runRiskMitigation,
});

function runRiskMitigation(context: SkillContext<Parameters>): SkillOutput<RiskMitigation | null> {
  const { measured: m, workspace, spans } = context;
  const { view, contract, people, trend, health, signals } = m;
  const competitors = competitorSignals(view, workspace);
  const input = riskInput(view, workspace, { contract, spans, people, trend, health, signals, competitors });
  const playbook = riskPlaybook(input, workspace.measures.risk, workspace.catalogue.holidays);
  const facts: RiskFacts = { m, workspace, input, competitors };
  const factors = factorEvidence(facts, playbook.factors);
  const dataGaps = [
    ...factors.flatMap(({ factor, value, detail }) =>
      value === null ? [{ fact: `${factor} risk`, reason: detail.replace(/^unknown: /, '') }] : [],
    ),
    ...otherGaps(facts),
  ];
  const isBlank =
    playbook.riskCoverage === 0 &&
    [playbook.severity.value, input.daysToRenewal, input.arrMinor].every((value) => value === undefined);
  if (isBlank) {
    return { status: 'insufficient_data', reasons: [], dataGaps, result: null, actions: [], sections: [] };
  }
  const result = resultOf(context, playbook, facts, factors);
  return {
    status: dataGaps.length > 0 ? 'partial' : 'ok',
    reasons: reasonsOf(result),
    dataGaps,
    confidence: confidenceOf(playbook.riskCoverage),
    result,
    actions: actionsOf(context, playbook, result),
    sections: riskSections(result, context.parameters.improvementPoints, severityBasis(facts)),
  };
}

/** By the factors known: four of five for high, three for medium (our choice). */
function confidenceOf(coverage: number): Confidence {
  if (coverage >= 0.8) return 'high';
  return coverage >= 0.6 ? 'medium' : 'low';
}

function resultOf(
  { measured: m, past, parameters: p }: SkillContext<Parameters>,
  playbook: RiskPlaybook,
  facts: RiskFacts,
  factors: FactorEvidence[],
): RiskMitigation {
  const { primaryRisk, severity, riskScore, checkpoint, stepEnds, arrAtRiskMinor } = playbook;
  const texts =
    primaryRisk === undefined
      ? []
      : PLAYBOOK_STEPS[primaryRisk]({ m, competitors: facts.competitors, recoveredShare: p.recoveredShare });
  const score = riskScore.value === undefined ? null : publish(riskScore.value);
  const { currency } = m.contract;
  const arr = arrAtRiskMinor === undefined ? null : majorUnits(arrAtRiskMinor, currency);
  return {
    severity: severity.value ?? null,
    riskScore: score,
    riskCoverage: playbook.riskCoverage,
    factors,
    primaryRisk: primaryRisk ?? null,
    playbookId: playbook.playbookId ?? null,
    cause: causeOf(primaryRisk, facts) ?? null,
    churnScoreRange: playbook.churnScoreRange,
    churnBand: playbook.churnBand,
    steps: texts.map(({ title, role }, i) => ({
      step: i + 1,
      title,
      owner: ownerOf(role, m.view.account),
      endDate: formatDay(stepEnds[i]!),
    })),
    checkpointDate: checkpoint === undefined ? null : formatDay(checkpoint),
    arrAtRisk: severity.value === 'none' ? 0 : arr, // the whole contract, or nothing
    currency: currency ?? null,
    stalled: score === null ? null : stalledPlaybook(past, formatDay(m.view.today), score, p.improvementPoints),
  };
}

/** The latest playbook that was let through, if half of its time has passed and the risk has not fallen since. */
function stalledPlaybook(
  past: SkillContext['past'],
  today: string,
  score: number,
  improvement: number,
): RiskMitigation['stalled'] {
  const latest = past.findLast(
    ({ skill, madeOn, state }) =>
      skill === NAME && madeOn !== undefined && state !== 'dismissed' && state !== 'expired',
  );
  const checkpointDate = latest?.result?.checkpointDate;
  const before = latest?.result?.riskScore;
  if (typeof checkpointDate !== 'string' || typeof before !== 'number' || checkpointDate > today) return null;
  return score > before - improvement ? { checkpointDate, riskScore: before } : null;
}

function reasonsOf({ severity, primaryRisk, stalled }: RiskMitigation): string[] {
  const reasons: string[] = [];
  if (severity === 'none') reasons.push('no_risk_found');
  else if (severity !== null && primaryRisk === null) reasons.push('primary_risk_unclear');
  if (stalled !== null) reasons.push('no_improvement_at_checkpoint');
  return reasons;
}

function actionsOf(
  { measured: m, workspace }: SkillContext<Parameters>,
  { firstStepDue }: RiskPlaybook,
  result: RiskMitigation,
): ActionDraft[] {
  const { severity, primaryRisk, riskScore, steps, stalled, factors } = result;
  const { today } = m.view;
  const now = addBusinessDays(today, 0, workspace.catalogue.holidays);
  const evidence = factors.find(({ factor }) => factor === primaryRisk)?.evidence ?? [];
  const risk = `${primaryRisk === null ? 'cause unclear' : `${words(primaryRisk)} risk`}${riskScore === null ? '' : ` ${riskScore}`}`;
  const actions: ActionDraft[] = [];
  if (severity === 'critical') {
    const renewal = m.contract.renewalDate === undefined ? '' : `, renewal ${formatDay(m.contract.renewalDate)}`;
    actions.push({
      key: 'alert',
      title: `Critical: ${risk}${renewal}`,
      role: 'csManager',
      due: now,
      channel: 'alert',
      evidence,
    });
  }
  if (firstStepDue !== undefined) {
    actions.push({
      key: `first_step:${result.playbookId ?? 'unclear'}`,
      title:
        steps[0]?.title ??
        `Call ${contactName(m)}: health is ${m.health.score.value ?? 'unknown'}, ask what is behind it`,
      role: 'csm',
      due: firstStepDue,
      channel: 'call',
      evidence,
    });
  }
  if (stalled !== null) {
    actions.push({
      key: `stalled:${stalled.checkpointDate}`,
      title: `Take over the rescue: risk ${riskScore}, ${stalled.riskScore} when the plan was made, no improvement by ${stalled.checkpointDate}`,
      role: 'exec',
      due: now,
      channel: 'task',
      evidence,
    });
  }
  return actions;
}
