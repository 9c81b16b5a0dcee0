/** Expansion readiness, its gates and the estimated value (skills.md A8). */
import type { Plan } from '../catalogue/catalogue.ts';
import { type AccountView, type Known, known, unknown, type Workspace } from '../facts/view.ts';
import type { Truth } from '../policy/policy.ts';
import type { Adoption } from './adoption.ts';
import type { Health } from './health.ts';
import type { Limits } from './limits.ts';
import { lin, type PartScore, part, publish, weightedMean } from './number.ts';
import type { Organic } from './organic.ts';
import { isIdentified, type People, type RoleReading } from './people.ts';
import type { Seats } from './seats.ts';
import type { ChurnSignal } from './signals.ts';

export interface Readiness {
  /** Published 0-100. */
  score: Known<number>;
  usage: PartScore;
  engagement: PartScore;
  sentiment: Known<number>;
  /** Points from organic signals. */
  signalPoints: number;
}

export interface ReadinessInputs {
  workspace: Workspace;
  adoption: Adoption;
  seats: Seats;
  limits: Limits;
  health: Health;
  /** The NPS part of the relationship dimension, 0-100. */
  sentiment: Known<number>;
  people: People;
  organic: Organic;
}

const ROLE_SHARE = { active: 1, none: 0 } as const;

/** The better of sponsor and decision maker: 1 active, `identifiedShare` identified, 0 none. */
function seniorShare(people: People, identifiedShare: number): { value: number | undefined; reason: string } {
  const value = (reading: RoleReading): number | undefined =>
    reading.state === undefined
      ? undefined
      : reading.state === 'identified'
        ? identifiedShare
        : ROLE_SHARE[reading.state];
  const sponsor = value(people.roles.executive_sponsor);
  const decider = value(people.roles.decision_maker);
  const reason = people.roles.executive_sponsor.reason ?? 'not known';
  if (sponsor === undefined || decider === undefined) return { value: sponsor ?? decider, reason };
  return { value: Math.max(sponsor, decider), reason };
}

export function readiness(inputs: ReadinessInputs): Readiness {
  const m = inputs.workspace.measures.readiness;
  const knownShare = inputs.workspace.measures.health.knownShare;
  const { seats, limits, adoption, health, sentiment, organic } = inputs;
  const util = seats.utilisation;
  const limited = limits.meters.some((use) => use.status === 'limited' || use.status === 'unknown');
  const share = limits.highestShare;
  const utilisation = part(
    util.value === undefined ? undefined : lin(util.value, m.utilisationCurve),
    m.utilisation,
    util.reason,
  );
  const used = part(adoption.raw === undefined ? undefined : adoption.raw / 100, m.adoption, adoption.score.reason);
  const limit = part(share.value === undefined ? undefined : lin(share.value, m.limitCurve), m.limit, share.reason);
  const usage = weightedMean(
    limited ? { utilisation, limit, adoption: used } : { utilisation, adoption: used },
    knownShare,
  );
  const senior = seniorShare(inputs.people, m.identifiedShare);
  const engaged = health.dimensions.engagement;
  const engagement = weightedMean(
    {
      engagement: part(
        engaged.score === undefined ? undefined : engaged.score / 100,
        m.engagementScore,
        engaged.reason,
      ),
      people: part(senior.value, m.people, senior.reason),
    },
    knownShare,
  );
  const signalPoints = m.signal * Math.min(m.signalsCounted, organic.count);
  const base = { usage, engagement, sentiment, signalPoints };
  if (usage.score === undefined) return { ...base, score: unknown(`usage: ${usage.reason}`) };
  if (engagement.score === undefined) return { ...base, score: unknown(`engagement: ${engagement.reason}`) };
  if (sentiment.value === undefined) return { ...base, score: unknown(`sentiment: ${sentiment.reason}`) };
  const raw =
    m.usage * usage.score + m.engagement * engagement.score + (m.sentiment * sentiment.value) / 100 + signalPoints;
  return { ...base, score: known(publish(raw)) };
}

export interface Gate {
  id: string;
  met: Truth;
  /** What is needed and what is there, with numbers. */
  detail: string;
}

export interface GateInputs {
  workspace: Workspace;
  seats: Seats;
  health: Health;
  signals: readonly ChurnSignal[];
  people: People;
  adoption: Adoption;
  organic: Organic;
  /** Reasons for which talk of expansion is held now; empty = clear. */
  holds: readonly string[];
}

/** The expansion gates in the order in which they are reported; all must be known and true. */
export function expansionGates(inputs: GateInputs): Gate[] {
  const { workspace, seats, health, people, adoption, organic, holds } = inputs;
  const m = workspace.measures;
  const g = m.readiness.gates;
  const severe = inputs.signals.filter((signal) => signal.severity !== 'medium');
  const lowConfidence = health.score.value !== undefined && health.confidence === 'low';
  const dimension = (name: 'relationship' | 'outcomes', minimum: number): Gate => {
    const { score, reason } = health.dimensions[name];
    const value = score === undefined ? undefined : publish(score);
    return {
      id: name,
      met: value === undefined ? undefined : value >= minimum,
      detail: value === undefined ? `${name} unknown: ${reason}` : `${name} ${value}, needs ${minimum}`,
    };
  };
  const sponsor = isIdentified(people.roles.executive_sponsor);
  return [
    {
      id: 'seat_utilisation',
      met: seats.sustained30,
      detail: seatDetail(seats, m.seats.sustainedShare, m.seats.sustainedDays),
    },
    {
      id: 'health_score',
      met: lowConfidence || health.score.value === undefined ? undefined : health.score.value >= g.health,
      detail:
        health.score.value === undefined
          ? `health unknown: ${health.score.reason}`
          : `health ${health.score.value}, needs ${g.health}${lowConfidence ? '; confidence low' : ''}`,
    },
    {
      id: 'health_band',
      met:
        lowConfidence || health.band.value === undefined
          ? undefined
          : health.band.value === 'healthy' || health.band.value === 'neutral',
      detail:
        health.band.value === undefined
          ? `band unknown: ${health.band.reason}`
          : `band ${health.band.value}, needs neutral or healthy`,
    },
    {
      id: 'churn_signals',
      met: severe.length > 0 ? false : health.score.value === undefined ? undefined : true,
      detail: severe.length > 0 ? severe.map((signal) => signal.detail).join('; ') : 'no open critical or high signal',
    },
    dimension('relationship', g.relationship),
    dimension('outcomes', g.outcomes),
    { id: 'sponsor', met: sponsor, detail: sponsorDetail(people) },
    {
      id: 'core_features',
      met: adoption.coreUsed.value === undefined ? undefined : adoption.coreUsed.value >= g.coreFeatures,
      detail:
        adoption.coreUsed.value === undefined
          ? `core features unknown: ${adoption.coreUsed.reason}`
          : `${adoption.coreUsed.value} core features used, needs ${g.coreFeatures}`,
    },
    {
      id: 'organic_signals',
      met: organic.count >= g.signals,
      detail: `${organic.count} organic signals, needs ${g.signals}`,
    },
    {
      id: 'holds',
      met: holds.length === 0,
      detail: holds.length === 0 ? 'nothing holds the conversation' : holds.join('; '),
    },
  ];
}

function seatDetail(seats: Seats, threshold: number, days: number): string {
  const need = `needs ${publish(threshold * 100)} % on each of ${days} days`;
  const { value, reason } = seats.utilisation;
  if (seats.sustained30 === undefined)
    return `sustained utilisation unknown: ${seats.sustainedReason ?? reason}; ${need}`;
  const now = value === undefined ? 'unknown' : `${publish(value * 100)} %`;
  return `seat utilisation ${now}${seats.lowest30 === undefined ? '' : `, lowest of ${days} days ${publish(seats.lowest30 * 100)} %`}; ${need}`;
}

function sponsorDetail(people: People): string {
  const reading = people.roles.executive_sponsor;
  if (reading.state === undefined) return `sponsor unknown: ${reading.reason}`;
  if (reading.state !== 'none') return `sponsor ${reading.state}`;
  return reading.contactId === undefined ? 'no sponsor recorded' : 'no contact with the recorded sponsor in 90 days';
}

export interface ExpansionValue {
  /** Minor units a year at 100 % and 50 % take-up. */
  fullMinor: Known<number>;
  halfMinor: Known<number>;
  currency: string | undefined;
  /** Seats to add at 100 %. */
  seats: number | undefined;
}

/**
 * Price-book delta of the seats the active team needs with headroom, above the seats already licensed:
 * ceil(headroom x active) - seats, never below zero. Unknown where seats, use or the seat price is not known.
 */
export function expansionValue(workspace: Workspace, seats: Seats, plan: Plan | undefined): ExpansionValue {
  const none = (reason: string): ExpansionValue => ({
    fullMinor: unknown(reason),
    halfMinor: unknown(reason),
    currency: plan?.currency,
    seats: undefined,
  });
  if (seats.active.value === undefined) return none(seats.active.reason);
  if (seats.licensed === undefined) return none('licensed seats not known');
  if (plan === undefined) return none('the plan in force is not in the price book');
  if (seats.licensed === 'unlimited') return none('seats are unlimited');
  if (plan.perSeatMinor === undefined) return none(`plan ${plan.id} has no price per seat`);
  const exact = workspace.measures.readiness.headroom * seats.active.value;
  const whole = Math.round(exact); // 1.2 x 35 is 42, whatever its binary fraction
  const wanted = Math.abs(exact - whole) < 5e-10 ? whole : Math.ceil(exact);
  const extra = Math.max(0, wanted - seats.licensed);
  const yearly = plan.perSeatMinor * (plan.interval === 'month' ? 12 : 1);
  const half = (extra * yearly) / 2;
  return {
    fullMinor: known(extra * yearly),
    halfMinor: known(Math.round(half)),
    currency: plan.currency,
    seats: extra,
  };
}

/** Why talk of expansion is held at this instant (A1 "Holds"). */
export function conversationHolds(
  view: AccountView,
  input: {
    milestoneReached: Truth;
    openEscalations: readonly string[];
    openIncidents: readonly string[];
    eligibleFrom: number | undefined;
    timelineFrom: number | undefined;
    format: (day: number) => string;
  },
): string[] {
  const holds: string[] = [];
  if (input.milestoneReached !== true) holds.push('activation milestone not reached');
  if (input.openEscalations.length > 0) holds.push(`escalation ${input.openEscalations.join(', ')} open`);
  if (input.openIncidents.length > 0) holds.push(`incident ${input.openIncidents.join(', ')} open`);
  if (input.openEscalations.length === 0 && input.eligibleFrom !== undefined && view.today < input.eligibleFrom) {
    holds.push(`escalation cooldown until ${input.format(input.eligibleFrom)}`);
  }
  if (input.timelineFrom !== undefined && view.today < input.timelineFrom) {
    holds.push(`the customer asked to wait until ${input.format(input.timelineFrom)}`);
  }
  return holds;
}
