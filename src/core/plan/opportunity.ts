/** What the expansion is worth, how sure we are, and what it does to retention (expansion seed, step 3; skills.md A8). */
import type { OrganicKind } from '../scores/organic.ts';
import { type NrrImpact, nrrImpact } from './nrr.ts';
import { price, type Scenario } from './pricing.ts';
import { type ExpansionType, licensedSeats, type Proposal, seatNeed } from './proposal.ts';
import type { SignalRow } from './signals.ts';
import {
  activeUsersEvidence,
  type Evidence,
  grouped,
  money,
  type PlanSubject,
  plural,
  subscriptionEvidence,
  usageEvidence,
} from './subject.ts';

export interface Opportunity {
  currentArrMinor: number | null;
  currency: string | null;
  arrReason: string | null;
  type: ExpansionType;
  what: string;
  anchor: OrganicKind;
  anchorReason: string;
  planId: string | null;
  priceAssumption: string;
  volume: string;
  /** Empty where no price is known. */
  scenarios: Scenario[];
  unpricedReason: string | null;
  assumptions: string[];
  notCounted: string[];
  confidence: 'High' | 'Medium' | 'Low';
  confidenceReason: string;
  nrr: NrrImpact;
  evidence: Evidence[];
}

export function opportunityOf(subject: PlanSubject, rows: readonly SignalRow[], proposal: Proposal): Opportunity {
  const { contract } = subject.m;
  const priced = price(subject, proposal);
  const { confidence, reason } = confidenceOf(subject, rows, proposal);
  const [full] = priced.scenarios;
  const half = priced.scenarios.at(-1);
  const needsTeam = proposal.type === 'seats' || proposal.addedSeats !== undefined;
  return {
    currentArrMinor: contract.arrMinor ?? null,
    currency: contract.currency ?? proposal.plan?.currency ?? null,
    arrReason: contract.arrMinor === undefined ? arrText(subject) : null,
    type: proposal.type,
    what: proposal.what,
    anchor: proposal.anchor.kind,
    anchorReason: anchorReason(proposal),
    planId: proposal.plan?.id ?? null,
    priceAssumption: priced.priceAssumption,
    volume: priced.volume,
    scenarios: priced.scenarios,
    unpricedReason: priced.reason,
    assumptions: priced.assumptions,
    notCounted: notCounted(subject, proposal),
    confidence,
    confidenceReason: reason,
    nrr: nrrImpact(subject, half?.annualMinor, full?.annualMinor),
    evidence: [
      subscriptionEvidence(subject),
      ...(needsTeam ? [activeUsersEvidence(subject)] : []),
      ...(proposal.meterId === undefined ? [] : [usageEvidence(subject, 30)]),
    ],
  };
}

function arrText({ m }: PlanSubject): string {
  const { contract } = m;
  if (contract.arrByCurrency.length > 1) {
    return `${contract.arrByCurrency.map((each) => money(each.minor, each.currency)).join(' + ')}, not added up: no rate between the currencies is given`;
  }
  return `unknown: ${contract.arrReason}`;
}

function anchorReason({ anchor, type }: Proposal): string {
  if (type === 'advocacy') return 'no other signal asks for anything that is not paid for already';
  if (anchor.askedIn !== null && (anchor.kind === 'higher_tier_request' || anchor.kind === 'new_use_case'))
    return 'the customer asked for it, which comes before anything we would propose';
  return `anchored on "${anchor.signal.toLowerCase()}", the signal nearest to what the customer needs`;
}

/** From signal strength: two strong ones with the anchor among them, one strong, none. */
function confidenceOf(
  subject: PlanSubject,
  rows: readonly SignalRow[],
  { anchor }: Proposal,
): { confidence: Opportunity['confidence']; reason: string } {
  const strong = rows.filter((row) => row.strength === 'Strong').length;
  const counted = `${strong} of ${plural(rows.length, 'signal')} strong, the anchor ${anchor.strength.toLowerCase()}`;
  const sixty = subject.m.seats.sustained60 === true ? ', use above 60 % for 60 days' : '';
  if (strong >= 2 && anchor.strength === 'Strong' && subject.m.health.confidence === 'high')
    return { confidence: 'High', reason: counted + sixty };
  return { confidence: strong >= 1 ? 'Medium' : 'Low', reason: counted + sixty };
}

/** What stays out of the figure, so that nobody sells it twice. */
function notCounted(subject: PlanSubject, proposal: Proposal): string[] {
  const { m } = subject;
  const seats = licensedSeats(subject);
  const active = m.seats.active.value;
  if (seats === undefined || active === undefined || active >= seats) return [];
  const free = seats - active;
  const later = proposal.type === 'seats' ? undefined : seatNeed(subject);
  const more =
    later !== undefined && later > 0
      ? `; with headroom ${grouped(seats + later)} seats would be needed, and the ${plural(later, 'seat')} above those paid for ${later === 1 ? 'is' : 'are'} not in this proposal`
      : '';
  return [
    `${plural(free, 'seat')} of ${grouped(seats)} ${free === 1 ? 'is' : 'are'} free and already paid for: colleagues get them without a purchase${more}`,
  ];
}
