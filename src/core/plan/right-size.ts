/** Paying for more seats than are used: what fewer would be, and whether too many were sold (expansion seed, step 1). */
import { yearlyMinor } from '../facts/contract.ts';
import type { SubscriptionRecord } from '../records/record.ts';
import { ratio4 } from '../scores/number.ts';
import { type Day, formatDay } from '../time/calendar.ts';
import { termsPerYear } from './proposal.ts';
import {
  type Evidence,
  grouped,
  money,
  ownerOf,
  type PlanSubject,
  peakUsers,
  percent,
  planWords,
  plural,
  records,
  renewalShown,
  subscriptionEvidence,
} from './subject.ts';

export interface RightSizing {
  recommended: boolean;
  currentSeats: number | null;
  recommendedSeats: number | null;
  peakUsers: number | null;
  peakDate: string | null;
  savingMinor: number | null;
  remainingMinor: number | null;
  currency: string | null;
  text: string;
  evidence: Evidence[];
}

/** Seats at peak use x headroom, where the unused share is large enough to speak of it. */
export function rightSizing(subject: PlanSubject): RightSizing {
  const { m, knobs, workspace } = subject;
  const { seats, contract } = m;
  const none = (text: string): RightSizing => ({
    recommended: false,
    currentSeats: typeof seats.licensed === 'number' ? seats.licensed : null,
    recommendedSeats: null,
    peakUsers: null,
    peakDate: null,
    savingMinor: null,
    remainingMinor: null,
    currency: contract.currency ?? null,
    text,
    evidence: [subscriptionEvidence(subject)],
  });
  const { licensed, active } = seats;
  if (typeof licensed !== 'number' || licensed === 0 || active.value === undefined || !contract.paidInForce)
    return none(cannotResize(subject));
  const unused = ratio4((licensed - active.value) / licensed);
  const idle = `${grouped(Math.max(0, licensed - active.value))} of ${plural(licensed, 'seat')} unused (${percent(Math.max(0, unused))})`;
  if (unused < knobs.rightSizeUnused)
    return none(`no: ${idle}, below the ${percent(knobs.rightSizeUnused)} from which fewer seats are worth a talk`);
  const peak = peakUsers(subject, m.view.lastDay - knobs.rightSizePeakDays + 1);
  if (peak === undefined) return none(`unknown: ${idle}, but the peak of use is not known`);
  const plan = workspace.catalogue.plans.find((each) => each.id === contract.planId);
  const { headroom } = workspace.measures.readiness;
  const needed = Math.ceil(Number((headroom * peak.users).toFixed(9)));
  const wanted = Math.max(plan?.minSeats ?? 1, needed);
  const evidence = [
    subscriptionEvidence(subject),
    {
      kind: 'events',
      from: formatDay(m.view.lastDay - knobs.rightSizePeakDays + 1),
      to: formatDay(m.view.lastDay),
    } satisfies Evidence,
  ];
  const smallest = wanted === needed ? '' : `, and ${planWords(plan!.id)} is sold from ${plural(wanted, 'seat')}`;
  const peakText = `${plural(peak.users, 'user')} at peak on ${formatDay(peak.day)}`;
  if (wanted >= licensed) {
    return {
      ...none(`no: ${idle}, yet ${peakText}, x ${headroom}, need ${grouped(needed)}${smallest}`),
      peakUsers: peak.users,
      peakDate: formatDay(peak.day),
      evidence,
    };
  }
  const price = seatPriceMinor(subject);
  const cut = licensed - wanted;
  const saving = price === undefined ? undefined : Math.round(price.minor * cut);
  return {
    recommended: true,
    currentSeats: licensed,
    recommendedSeats: wanted,
    peakUsers: peak.users,
    peakDate: formatDay(peak.day),
    savingMinor: saving ?? null,
    remainingMinor: saving === undefined || contract.arrMinor === undefined ? null : contract.arrMinor - saving,
    currency: contract.currency ?? null,
    text: sizeText(subject, {
      idle,
      peakText: `${peakText}, x ${headroom}${smallest}`,
      wanted,
      cut,
      saving,
      basis: price?.basis,
    }),
    evidence,
  };
}

function cannotResize({ m }: PlanSubject): string {
  const { seats, contract } = m;
  if (contract.inForce.length === 0) return 'nothing is in force, so there is nothing to resize';
  if (!contract.paidInForce) return 'nothing is paid for yet, so there is nothing to give back';
  if (seats.licensed === undefined) return 'unknown: the number of licensed seats is not recorded';
  if (seats.licensed === 'unlimited') return 'does not apply: seats are unlimited';
  if (seats.licensed === 0) return 'unknown: the contract names 0 seats';
  return `unknown: ${seats.active.reason}`;
}

function sizeText(
  subject: PlanSubject,
  size: {
    idle: string;
    peakText: string;
    wanted: number;
    cut: number;
    saving: number | undefined;
    basis: string | undefined;
  },
): string {
  const { contract } = subject.m;
  const first = `${size.idle}; offer ${plural(size.wanted, 'seat')} (${size.peakText}) before any talk of expansion.`;
  if (size.saving === undefined) return `${first} The saving is unknown: the contract gives no price per seat.`;
  const renewal = `the ${renewalShown(subject) ?? 'next renewal'}`;
  const rest =
    contract.arrMinor === undefined
      ? 'the rest of the contract'
      : `${money(contract.arrMinor - size.saving, contract.currency)} a year`;
  return `${first} That gives back ${money(size.saving, contract.currency)} a year (${plural(size.cut, 'seat')} at ${size.basis}) and protects ${rest} at ${renewal}.`;
}

/** A seat's yearly price as the contract has it, or else the price book. */
export function seatPriceMinor({ m, workspace }: PlanSubject): { minor: number; basis: string } | undefined {
  const { contract } = m;
  const plan = workspace.catalogue.plans.find((each) => each.id === contract.planId);
  const seated = contract.paid.filter((each) => typeof each.seats === 'number' && each.seats > 0);
  const flat = plan?.flatMinor ?? 0;
  if (plan?.perSeatMinor !== undefined && flat > 0) {
    const minor = plan.perSeatMinor * termsPerYear(plan);
    return { minor, basis: `${money(minor, plan.currency)} each in the price book` };
  }
  const amounts = seated.map(yearlyMinor);
  const seats = seated.reduce((sum, each) => sum + (each.seats ?? 0), 0);
  if (contract.arrMinor === undefined || seats === 0 || amounts.some((each) => each === undefined)) {
    if (plan?.perSeatMinor === undefined) return undefined;
    const minor = plan.perSeatMinor * termsPerYear(plan);
    return { minor, basis: `${money(minor, plan.currency)} each in the price book` };
  }
  const minor = amounts.reduce<number>((sum, each) => sum + (each ?? 0), 0) / seats;
  return { minor, basis: `${money(Math.round(minor), contract.currency)} each in the contract` };
}

export interface UpstreamFeedback {
  oversold: boolean;
  text: string;
  evidence: Evidence[];
}

/** Never more than half of the sold seats used since the start: a sale or handoff to learn from. */
export function upstreamFeedback(subject: PlanSubject): UpstreamFeedback {
  const { m, knobs, clock } = subject;
  const first = firstSale(m.contract.paid);
  const none = (text: string): UpstreamFeedback => ({
    oversold: false,
    text,
    evidence: [subscriptionEvidence(subject)],
  });
  if (first === undefined)
    return none(
      m.contract.paid.length === 0
        ? 'none: no paid contract is in force'
        : 'unknown: the number of seats sold is not recorded',
    );
  const started = clock.dayOf(first.startedAt);
  const peak = peakUsers(subject, started);
  if (peak === undefined) return none(`unknown: ${m.view.usageGap ?? 'events carry no userId'}`);
  const seats = soldSeats(subject, started);
  if (typeof seats !== 'number' || seats === 0) return none('unknown: the number of seats sold is not recorded');
  const share = ratio4(peak.users / seats);
  const since = `since the contract began on ${formatDay(started)}`;
  if (m.view.today - started < knobs.oversoldDays)
    return none(`too early: the contract began on ${formatDay(started)}, ${plural(m.view.today - started, 'day')} ago`);
  if (share > knobs.oversoldShare)
    return none(
      `none: at peak, on ${formatDay(peak.day)}, ${plural(peak.users, 'user')} of ${plural(seats, 'sold seat')} ${peak.users === 1 ? 'was' : 'were'} active, so the sale was not oversized`,
    );
  if (m.view.dataFrom > started + DATA_MAY_BEGIN_LATER_DAYS)
    return none(
      `unknown: use before ${formatDay(m.view.dataFrom)} is not recorded, the contract began on ${formatDay(started)}`,
    );
  const deal = [
    `${plural(seats, 'seat')} of ${planWords(first.plan)}`,
    ...(m.contract.arrMinor === undefined ? [] : [`${money(m.contract.arrMinor, m.contract.currency)} a year`]),
  ].join(', ');
  const text = `for ${ownerOf(subject, 'ae').shown} and ${ownerOf(subject, 'csManager').shown}: sold ${deal}; ${since} never more than ${plural(peak.users, 'user')} ${peak.users === 1 ? 'was' : 'were'} active (${percent(share)}, peak ${formatDay(peak.day)}). Check how the seat count was scoped and what the handoff said about rollout.`;
  return {
    oversold: true,
    text,
    evidence: [
      ...records('subscriptions', [first.subscriptionId]),
      { kind: 'events', from: formatDay(started), to: formatDay(m.view.lastDay) },
    ],
  };
}

const DATA_MAY_BEGIN_LATER_DAYS = 31;

function firstSale(paid: readonly SubscriptionRecord[]): SubscriptionRecord | undefined {
  return [...paid].filter((each) => typeof each.seats === 'number').sort((a, b) => a.startedAt - b.startedAt)[0];
}

/** Fewest seats that were ever in force since the start: the kindest reading. */
function soldSeats({ m, spans }: PlanSubject, started: Day): number | undefined {
  let fewest: number | undefined;
  for (const span of spans) {
    if (span.to < started || span.from > m.view.today || typeof span.contract.seats !== 'number') continue;
    if (span.contract.paidInForce) fewest = Math.min(fewest ?? Number.POSITIVE_INFINITY, span.contract.seats);
  }
  return fewest;
}
