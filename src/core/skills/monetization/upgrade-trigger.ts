/** monetization/upgrade_trigger (skills.md B): is it the moment for an upgrade, to which plan, and may it be said? */
import { z } from 'zod';
import { moneyText, words } from '../../document/figures.ts';
import { known, unknown } from '../../facts/view.ts';
import { type Hold, holdsOn } from '../../guardrails/guardrails.ts';
import { majorUnits } from '../../records/money.ts';
import { upgradeEligibleFrom } from '../../scores/escalation.ts';
import { ratio4 } from '../../scores/number.ts';
import { addBusinessDays, type Day, formatDay } from '../../time/calendar.ts';
import { defineSkill, type SkillContext, type SkillOutput } from '../skill.ts';
import type { ActionDraft } from '../skill-result.ts';
import { roomText, upgradeSections } from './upgrade-document.ts';
import { type Fit, fitOf, meterNeeds, type UpgradeNeeds, withHeadroom } from './upgrade-fit.ts';
import { type OfferDecision, offerDecision } from './upgrade-offer.ts';
import {
  nothingYet,
  type Trigger,
  type TriggerId,
  triggerFacts,
  triggersOf,
  URGENCY,
  type Urgency,
} from './upgrade-signals.ts';

const days = z.number().int().min(1).max(365);
const count = z.number().int().min(1).max(1000);

const parameters = z.strictObject({
  limitShare: z.number().min(0.5).max(2).default(1).describe('share of a limit that is used up'),
  gatedAttempts: count.default(2).describe('attempts to use a gated feature that count'),
  attemptDays: days.default(14).describe('days in which the attempts were made'),
  depthAt: z.number().int().min(0).max(100).default(70).describe('usage depth from which use is deep'),
  frequencyAt: z.number().int().min(0).max(100).default(70).describe('frequency from which use is deep'),
  teamGrowth: z.number().min(0.01).max(10).default(0.2).describe('growth of active users within 30 days'),
  teamBase: count.default(3).describe('active users before, below which growth is not judged'),
  goalDays: days.default(30).describe('days in which a goal was met'),
  repeatDays: days.default(14).describe('days in which one offer is made'),
  approvalFrom: z
    .number()
    .min(0)
    .max(1e9)
    .default(10_000)
    .describe('annual difference in major units from which approval is needed'),
  minimumOutcomes: count.default(20).describe('ended trials without which no likelihood is given'),
});
export type UpgradeParameters = z.infer<typeof parameters>;

export interface UpgradeResult {
  /** null: nothing makes it the moment. */
  trigger: TriggerId | null;
  urgency: Urgency | null;
  /** Every trigger that holds, in their order. */
  triggers: Trigger[];
  /** `service_notice`: only that the limit is reached. */
  offer: 'offer' | 'service_notice' | 'none';
  currentPlanId: string;
  recommendedPlanId: string | null;
  /** Seats in force and those the offer is for; null: unknown, unlimited, or not priced by. */
  seats: { licensed: number | null; offered: number | null };
  needs: { meterId: string; projected: number | null; need: number | null }[];
  featureIds: string[];
  /** Major units. */
  annualDelta: number | null;
  currency: string | null;
  requiresApproval: boolean | null;
  /** Guardrails that hold an offer now. */
  heldBy: string[];
  eligibleFrom: string | null;
  /** Share 0-1 of the workspace's ended trials that were bought; null with too few of them, and for a paid account. */
  likelihood: number | null;
}

const TRAITS = {
  name: 'monetization/upgrade_trigger',
  domain: 'monetization',
  purpose: 'Finds the moment and the plan for an upgrade',
  customerFacing: true,
  conversation: 'expansion',
  serviceMessage: false,
  celebration: false,
  parameters,
} as const;

export const upgradeTrigger = defineSkill<UpgradeParameters, UpgradeResult>({
  ...TRAITS,
  inputs: {
    required: ['subscriptions (plan)', 'events (usage)', 'plans in catalog.yaml'],
    optional: ['gated attempts', 'active users', 'goals', 'tickets'],
  },
  sections: ['Signal', 'Fit', 'Offer as enablement', 'Holds'],
  parameters,
  outcome: {
    measure: 'arr',
    unit: 'major currency units a year',
    better: 'higher',
    horizonDays: 30, // our choice: an offer in the product is taken within weeks or not at all
    noise: 0,
    read: ({ arrMajor, contract, subscriptionGap }) => {
      if (subscriptionGap !== undefined) return unknown(subscriptionGap);
      if (arrMajor !== undefined) return known(arrMajor);
      return contract.paidInForce ? unknown(contract.arrReason ?? 'not known') : known(0);
    },
  },
  run: runUpgradeTrigger,
});

type Context = SkillContext<UpgradeParameters>;

function runUpgradeTrigger(context: Context): SkillOutput<UpgradeResult | null> {
  const missing = missingFacts(context);
  if (missing.length > 0) {
    return { status: 'insufficient_data', reasons: [], dataGaps: missing, result: null, actions: [], sections: [] };
  }
  const { facts, gaps } = triggerFacts(context);
  const { subscriptionGap } = context.measured;
  const stale = subscriptionGap === undefined ? [] : [{ fact: 'plan', reason: subscriptionGap }];
  const dataGaps = [...stale, ...gaps, ...limitGaps(context)];
  const triggers = triggersOf(facts, context.parameters);
  const holds = holdsNow(context);
  const decision = triggers.length === 0 ? undefined : decide(triggers, context);
  const needs = needsOf(triggers, facts.attempts, context);
  const fit = fitFor(needs, context);
  const result = resultOf({ triggers, decision, needs, fit, holds }, context);
  if (triggers.length > 0 && fit.kind === 'none') dataGaps.push({ fact: 'recommended plan', reason: fit.reason });
  if (fit.kind === 'plan' && fit.reason !== undefined) dataGaps.push({ fact: 'annual difference', reason: fit.reason });
  return {
    status: decision?.kind === 'refused' ? 'refused' : dataGaps.length > 0 ? 'partial' : 'ok',
    reasons: reasonsOf(triggers, decision, fit),
    dataGaps,
    result,
    actions: actionsOf(result, fit, context),
    sections: upgradeSections(result, {
      fit,
      holds,
      decision,
      repeatDays: context.parameters.repeatDays,
      nothing: nothingYet(facts, context.parameters),
      planLimits: context.measured.contract.limits,
    }),
  };
}

function missingFacts({ measured, workspace }: Context): { fact: string; reason: string }[] {
  const { view, contract, subscriptionGap } = measured;
  const gaps: { fact: string; reason: string }[] = [];
  if (contract.planId === undefined) gaps.push({ fact: 'plan', reason: subscriptionGap ?? 'no subscription in force' });
  if (view.usageGap !== undefined) gaps.push({ fact: 'usage', reason: view.usageGap });
  if (workspace.catalogue.plans.length === 0) gaps.push({ fact: 'price book', reason: 'catalog.yaml names no plans' });
  return gaps;
}

function limitGaps({ measured }: Context) {
  return measured.limits.meters
    .filter(({ status }) => status === 'unknown')
    .map(({ meterId, reason }) => ({ fact: `use of ${meterId}`, reason: reason ?? 'not known' }));
}

/** A trial's offer is a conversion (journey.md section 4). */
function isTrial({ stage, measured: { contract } }: Context): boolean {
  return !contract.paidInForce && (stage === 'trial' || contract.trialInForce);
}

function holdsNow(context: Context): Hold[] {
  const { measured, workspace, stage, atRiskRule, capDays } = context;
  return holdsOn({
    skill: TRAITS,
    stage: isTrial(context) ? 'trial' : (stage ?? ''),
    today: measured.view.today,
    facts: measured.conversation,
    guardrails: workspace.guardrails,
    atRiskRule,
    capDays,
    openMotion: undefined, // it may be this very intervention; the choke point knows
  });
}

function decide(triggers: readonly Trigger[], context: Context): OfferDecision {
  const { measured, workspace, atRiskRule } = context;
  const { conversation, gates, trial, activation, view } = measured;
  const { escalationClosedOn } = conversation;
  return offerDecision({
    today: view.today,
    limitHit: triggers.some(({ id }) => id === 'usage_limit_hit'),
    isTrial: isTrial(context),
    milestoneReached: activation.milestone.reached,
    trialSignals: trial.count.value,
    trialSignalsNeeded: workspace.measures.activation.trialSignals,
    gates,
    openEscalations: conversation.openEscalations,
    openIncidents: conversation.openIncidents,
    cooldownUntil:
      escalationClosedOn === undefined
        ? undefined
        : upgradeEligibleFrom(escalationClosedOn, workspace.guardrails.escalationCooldownDays),
    timelineFrom: conversation.timelineFrom,
    atRiskRule,
    repeatFrom: repeatFrom(context),
  });
}

/** After the latest offer; one of today is this one, a notice was none, and a dismissed one was never made. */
function repeatFrom({ past, measured: { view }, parameters: p }: Context): Day | undefined {
  let from: Day | undefined;
  for (const { skill, state, madeOn, result } of past) {
    if (skill !== TRAITS.name || state === 'dismissed' || madeOn === undefined || madeOn >= view.today) continue;
    if (result === undefined || result.offer === 'offer') from = Math.max(from ?? 0, madeOn + p.repeatDays);
  }
  return from;
}

/** Features attempted often enough, and those that the customer asked for (A8). */
function needsOf(
  triggers: readonly Trigger[],
  attempts: readonly { featureId: string; count: number }[],
  { measured, workspace, parameters: p }: Context,
): UpgradeNeeds {
  const { seats, limits, organic } = measured;
  const { headroom } = workspace.measures.readiness;
  const attempted = attempts.filter(({ count: made }) => made >= p.gatedAttempts).map(({ featureId }) => featureId);
  const asked = organic.signals.flatMap(({ kind, featureId }) =>
    kind === 'higher_tier_request' && featureId !== undefined ? [featureId] : [],
  );
  const licensed = typeof seats.licensed === 'number' ? seats.licensed : undefined;
  const active = seats.active.value;
  return {
    meters: triggers.length === 0 ? [] : meterNeeds(limits, headroom),
    features: [...new Set([...attempted, ...asked])].filter((id) => id !== ''),
    licensed,
    seats:
      licensed === undefined
        ? undefined
        : active === undefined
          ? licensed
          : Math.max(licensed, withHeadroom(active, headroom)),
  };
}

function fitFor(needs: UpgradeNeeds, context: Context): Fit {
  const { contract } = context.measured;
  return fitOf({
    catalogue: context.workspace.catalogue,
    currentPlanId: contract.planId!,
    isTrial: isTrial(context),
    arrMinor: contract.arrMinor,
    currency: contract.currency,
    needs,
  });
}

interface Parts {
  triggers: readonly Trigger[];
  decision: OfferDecision | undefined;
  needs: UpgradeNeeds;
  fit: Fit;
  holds: readonly Hold[];
}

function resultOf({ triggers, decision, needs, fit, holds }: Parts, context: Context): UpgradeResult {
  const { measured, parameters: p } = context;
  const id = triggers[0]?.id ?? null;
  const offered = fit.kind === 'plan' && triggers.length > 0 ? fit : undefined;
  const currency = offered?.plan.currency ?? measured.contract.currency ?? null;
  const delta = offered?.annualDeltaMinor;
  const annualDelta = delta === undefined ? null : majorUnits(delta, currency);
  const limitHit = triggers.some((trigger) => trigger.id === 'usage_limit_hit');
  const isNotice = decision?.kind === 'notice' || (decision?.kind === 'offer' && offered === undefined && limitHit);
  return {
    trigger: id,
    urgency: id === null ? null : URGENCY[id],
    triggers: [...triggers],
    offer: isNotice ? 'service_notice' : decision?.kind === 'offer' && offered !== undefined ? 'offer' : 'none',
    currentPlanId: measured.contract.planId!,
    recommendedPlanId: offered?.plan.id ?? null,
    seats: { licensed: needs.licensed ?? null, offered: offered?.seats ?? null },
    needs: needs.meters.map((need) => ({ ...need })),
    featureIds: [...needs.features],
    annualDelta,
    currency,
    requiresApproval: annualDelta === null ? null : annualDelta >= p.approvalFrom,
    heldBy: holds.map(({ guardrail }) => guardrail),
    eligibleFrom: decision?.eligibleFrom === undefined ? null : formatDay(decision.eligibleFrom),
    likelihood: likelihoodOf(context),
  };
}

/** The workspace's own rate of trials that were bought; no rate is made up of a few. */
function likelihoodOf(context: Context): number | null {
  const { ended, converted } = context.portfolio.trials;
  return !isTrial(context) || ended < context.parameters.minimumOutcomes ? null : ratio4(converted / ended);
}

function reasonsOf(triggers: readonly Trigger[], decision: OfferDecision | undefined, fit: Fit): string[] {
  if (triggers.length === 0) return ['no_trigger'];
  const reasons: string[] = decision?.reason === undefined ? [] : [decision.reason];
  if (fit.kind === 'fits') reasons.push('current_plan_fits');
  if (fit.kind === 'none') reasons.push('no_plan_fits');
  return reasons;
}

function actionsOf(result: UpgradeResult, fit: Fit, { measured, workspace }: Context): ActionDraft[] {
  const [first] = result.triggers;
  if (first === undefined || result.offer === 'none') return [];
  const { today } = measured.view;
  const due = (ahead: number) => addBusinessDays(today, ahead, workspace.catalogue.holidays);
  const evidence = result.triggers.flatMap((trigger) => trigger.evidence);
  if (result.offer === 'service_notice' || fit.kind !== 'plan') {
    const detail = result.triggers.find(({ id }) => id === 'usage_limit_hit')!.detail;
    const title = `Tell in the product that the limit is reached: ${detail}`;
    return [
      { key: 'limit_notice', title, role: 'growth', due: due(0), channel: 'in_app', evidence, subject: 'service' },
    ];
  }
  const plan = words(fit.plan.id);
  const base = { evidence, subject: 'expansion' as const };
  const title = `Show in the product, at most once a session: ${roomText(result, fit.plan)}; ${first.detail}`;
  const actions: ActionDraft[] = [
    { ...base, key: `offer:${fit.plan.id}`, title, role: 'growth', due: due(0), channel: 'in_app' },
  ];
  if (result.requiresApproval !== false) {
    const price =
      fit.annualDeltaMinor === undefined
        ? 'its price is not known'
        : `${moneyText(fit.annualDeltaMinor, fit.plan.currency)} a year more needs approval`;
    const call = `Call about ${plan}: ${first.detail}; ${price}`;
    actions.push({ ...base, key: `call:${fit.plan.id}`, title: call, role: 'ae', due: due(2), channel: 'call' });
  }
  return actions;
}
