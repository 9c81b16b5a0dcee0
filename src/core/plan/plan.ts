/**
 * The expansion plan of one account (expansion seed): the gate first, then either what must recover or the plan. Plain
 * data: dates `YYYY-MM-DD`, money in minor units with its currency, every figure with its evidence. Deterministic.
 */
import { formatDay, formatInstant } from '../time/calendar.ts';
import { type Criterion, criteriaOf, type KeptPlan, type TrackedCriterion, trackPlan } from './criteria.ts';
import { type ExecutionStep, executionOf } from './execution.ts';
import { type Framing, framingOf } from './framing.ts';
import { type PlanGate, planGates, unmet } from './gate.ts';
import { type Opportunity, opportunityOf } from './opportunity.ts';
import { proposalOf } from './proposal.ts';
import { type Recovery, recoveryOf } from './recovery.ts';
import { type Risk, risksOf } from './risks.ts';
import { type ExcludedSignal, excludedSignals, type SignalRow, signalRows } from './signals.ts';
import {
  activeUsersEvidence,
  type Evidence,
  grouped,
  type PlanInput,
  type PlanSubject,
  percent,
  subjectOf,
  subscriptionEvidence,
} from './subject.ts';
import { type Timing, timingOf } from './timing.ts';

export interface HealthCheck {
  seatUtilisation: {
    active: number | null;
    licensed: number | 'unlimited' | null;
    /** Two decimals. */
    percent: number | null;
    lowest30Percent: number | null;
    lowest60Percent: number | null;
    text: string;
    evidence: Evidence[];
  };
  healthScore: number | null;
  healthConfidence: string;
  band: string | null;
  status: 'Healthy' | 'Neutral' | 'Unhealthy' | 'Unknown';
  gates: PlanGate[];
}

interface PlanHead {
  accountId: string;
  name: string;
  asOf: string;
  today: string;
  timeZone: string;
  policyHash: string;
  catalogueHash: string;
  healthCheck: HealthCheck;
  /** What came true of the criteria of earlier plans. */
  earlierCriteria: TrackedCriterion[];
}

export interface RefusedPlan extends PlanHead {
  clearToExpand: false;
  recovery: Recovery;
}

export interface ClearedPlan extends PlanHead {
  clearToExpand: true;
  signals: SignalRow[];
  excludedSignals: ExcludedSignal[];
  opportunity: Opportunity;
  approach: { framing: Framing; timing: Timing };
  risks: Risk[];
  executionPlan: ExecutionStep[];
  missingOwners: string[];
  successCriteria: Criterion[];
}

export type ExpansionPlan = RefusedPlan | ClearedPlan;

/** `earlier`: plans kept before, whose criteria are looked at again. */
export function expansionPlan(input: PlanInput, earlier: readonly KeptPlan[] = []): ExpansionPlan {
  const subject = subjectOf(input);
  const gates = planGates(subject);
  const head = { ...headOf(subject, gates), earlierCriteria: earlier.flatMap((kept) => trackPlan(subject, kept)) };
  if (unmet(gates).length > 0) return { ...head, clearToExpand: false, recovery: recoveryOf(subject, gates) };
  return { ...head, clearToExpand: true, ...clearedParts(subject) };
}

function clearedParts(subject: PlanSubject): Omit<ClearedPlan, keyof PlanHead | 'clearToExpand'> {
  const signals = signalRows(subject);
  const proposal = proposalOf(subject, signals);
  const risks = risksOf(subject, proposal);
  const framing = framingOf(subject, proposal);
  const timing = timingOf(subject, proposal);
  const execution = executionOf(subject, proposal, timing, framing, risks);
  return {
    signals,
    excludedSignals: excludedSignals(subject),
    opportunity: opportunityOf(subject, signals, proposal),
    approach: { framing, timing },
    risks,
    executionPlan: execution.steps,
    missingOwners: execution.missingOwners,
    successCriteria: criteriaOf(subject, proposal, execution),
  };
}

function headOf(subject: PlanSubject, gates: PlanGate[]): Omit<PlanHead, 'earlierCriteria'> {
  const { m } = subject;
  return {
    accountId: m.view.accountId,
    name: subject.name,
    asOf: formatInstant(m.view.instant),
    today: formatDay(subject.today),
    timeZone: subject.clock.timeZone,
    policyHash: subject.policyHash,
    catalogueHash: m.catalogueHash,
    healthCheck: {
      seatUtilisation: seatUtilisation(subject),
      healthScore: m.health.score.value ?? null,
      healthConfidence: m.health.confidence,
      band: m.health.band.value ?? null,
      status: STATUS[m.health.band.value ?? 'unknown'],
      gates,
    },
  };
}

const STATUS = {
  healthy: 'Healthy',
  neutral: 'Neutral',
  at_risk: 'Unhealthy',
  critical: 'Unhealthy',
  unknown: 'Unknown',
} as const;

function seatUtilisation(subject: PlanSubject): HealthCheck['seatUtilisation'] {
  const { seats, adoption } = subject.m;
  const share = (value: number | undefined) => (value === undefined ? null : Number((value * 100).toFixed(2)));
  const base = {
    active: seats.active.value ?? null,
    licensed: seats.licensed ?? null,
    percent: share(seats.utilisation.value),
    lowest30Percent: share(seats.lowest30),
    lowest60Percent: share(seats.lowest60),
    evidence: [
      subscriptionEvidence(subject),
      ...(seats.active.value === undefined ? [] : [activeUsersEvidence(subject)]),
    ],
  };
  const active = seats.active.value === undefined ? 'unknown' : grouped(seats.active.value);
  if (seats.utilisation.value === undefined) {
    const licensed = typeof seats.licensed === 'number' ? grouped(seats.licensed) : (seats.licensed ?? 'unknown');
    return { ...base, text: `${active} / ${licensed} = unknown (${seats.utilisation.reason})` };
  }
  const value = percent(seats.utilisation.value);
  const text =
    seats.licensed === 'unlimited'
      ? `${active} / ${grouped(adoption.provisionedUsers.value!)} provisioned users = ${value} (seats are unlimited)`
      : `${active} / ${grouped(seats.licensed as number)} = ${value}`;
  return { ...base, text };
}
