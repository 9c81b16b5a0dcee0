/**
 * The expansion plan of one account (expansion seed): the gate first, then either what must recover or the plan. Plain
 * data: dates `YYYY-MM-DD`, money in minor units with its currency, every figure with its evidence. Deterministic.
 */
import { formatDay, formatInstant } from '../time/calendar.ts';
import { type PlanGate, planGates } from './gate.ts';
import { type Recovery, recoveryOf } from './recovery.ts';
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
}

export interface RefusedPlan extends PlanHead {
  clearToExpand: false;
  recovery: Recovery;
}

export type ExpansionPlan = RefusedPlan;

export function expansionPlan(input: PlanInput): ExpansionPlan {
  const subject = subjectOf(input);
  const gates = planGates(subject);
  const head = headOf(subject, gates);
  return { ...head, clearToExpand: false, recovery: recoveryOf(subject, gates) };
}

function headOf(subject: PlanSubject, gates: PlanGate[]): PlanHead {
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
