/** The sections of the upgrade trigger: Signal, Fit, Offer as enablement, Holds (skills.md B). */
import type { Plan } from '../../catalogue/catalogue.ts';
import { moneyText, percentText, sentence, wholeText, words } from '../../document/figures.ts';
import { inert, labelled, table } from '../../document/markdown.ts';
import type { Hold } from '../../guardrails/guardrails.ts';
import type { SkillSection } from '../skill.ts';
import type { Fit } from './upgrade-fit.ts';
import type { OfferDecision } from './upgrade-offer.ts';
import type { TriggerId } from './upgrade-signals.ts';
import type { UpgradeResult } from './upgrade-trigger.ts';

export interface UpgradeWords {
  fit: Fit;
  holds: readonly Hold[];
  decision: OfferDecision | undefined;
  repeatDays: number;
  /** Where nothing triggers: the figures, in plain clauses. */
  nothing: readonly string[];
  /** Of the plan in force, by meter; null: unlimited. */
  planLimits: Readonly<Record<string, number | null>>;
}

export function upgradeSections(result: UpgradeResult, facts: UpgradeWords): SkillSection[] {
  const signal = { title: 'Signal', body: signalOf(result, facts) };
  if (result.trigger === null) return [signal];
  return [
    signal,
    { title: 'Fit', body: fitText(result, facts) },
    ...(result.offer === 'offer' ? [{ title: 'Offer as enablement', body: enablement(result, facts) }] : []),
    { title: 'Holds', body: holdsText(result, facts) },
  ];
}

function signalOf({ triggers, urgency }: UpgradeResult, { nothing }: UpgradeWords): string {
  const [first, ...more] = triggers;
  if (first === undefined) return `Not the moment for an upgrade: ${inert(nothing.join('; '))}.`;
  const lines = [
    labelled('Trigger', `${words(first.id)}: ${inert(first.detail)}`),
    labelled('Urgency', urgency ?? 'unknown'),
  ];
  if (more.length > 0) lines.push(labelled('Beside it', more.map(({ detail }) => inert(detail)).join('; ')));
  return lines.join('\n');
}

function fitText(result: UpgradeResult, { fit, planLimits }: UpgradeWords): string {
  const plan = fit.kind === 'plan' && fit.plan.id !== result.currentPlanId ? fit.plan : undefined;
  const limit = (value: number | null | undefined) =>
    value === undefined ? 'not included' : value === null ? 'unlimited' : wholeText(value);
  const current = inert(words(result.currentPlanId));
  const columns = ['Need', 'Projected', 'With headroom', current, ...(plan === undefined ? [] : [planName(plan)])];
  const rows = result.needs
    .filter(({ need }) => need !== null && need > 0)
    .map(({ meterId, projected, need }) => [
      inert(words(meterId)),
      projected === null ? '-' : wholeText(projected),
      wholeText(need!),
      limit(planLimits[meterId]),
      ...(plan === undefined ? [] : [limit(plan.limits[meterId])]),
    ]);
  const blocks = rows.length === 0 ? [] : [table(columns, rows, [1, 2, 3, 4].slice(0, columns.length - 1))];
  const lines: string[] = [];
  if (result.featureIds.length > 0)
    lines.push(labelled('Features wanted', result.featureIds.map((id) => inert(words(id))).join(', ')));
  lines.push(labelled('Plan', planText(result, fit)));
  return [...blocks, lines.join('\n')].join('\n\n');
}

function planName({ id }: Plan): string {
  return inert(words(id));
}

/** What the offer has room for, as plain text: the volumes and features asked for, else the seats. */
export function roomText({ needs, featureIds, seats, currentPlanId }: UpgradeResult, plan: Plan): string {
  const name = words(plan.id);
  const seated = seats.offered === null ? '' : `${wholeText(seats.offered)} seats`;
  if (plan.id === currentPlanId)
    return seats.licensed === null || seated === '' ? name : `${seated} in place of ${wholeText(seats.licensed)}`;
  const volumes = needs
    .filter(({ need, meterId }) => need !== 0 && plan.limits[meterId] !== undefined)
    .map(({ meterId }) => {
      const limit = plan.limits[meterId];
      return `${limit === null ? 'unlimited' : wholeText(limit!)} ${words(meterId)}`;
    });
  const room = [...volumes, ...featureIds.map(words), ...(seated === '' ? [] : [seated])];
  return room.length === 0 ? name : `${name} (${room.join(', ')})`;
}

function planText({ annualDelta, requiresApproval, seats, currentPlanId }: UpgradeResult, fit: Fit): string {
  if (fit.kind === 'fits') return `${inert(words(currentPlanId))} holds all of it`;
  if (fit.kind === 'none') return inert(fit.reason);
  const offered = seats.offered === null ? '' : ` with ${wholeText(seats.offered)} seats`;
  if (annualDelta === null || fit.annualDeltaMinor === undefined)
    return `${planName(fit.plan)}${offered}; the difference is unknown: ${inert(fit.reason ?? 'not known')}`;
  const approval = requiresApproval ? 'needs approval' : 'needs no approval';
  return `${planName(fit.plan)}${offered}, ${moneyText(fit.annualDeltaMinor, fit.plan.currency)} a year more; ${approval}`;
}

/** What their own work shows, then what has room for it; no question whether they would like to buy. */
const OPENINGS: Record<TriggerId, string> = {
  usage_limit_hit: 'Your team has reached its limit',
  gated_feature: 'Your team keeps reaching for something its plan leaves out',
  deep_usage: 'Your team works with most of what it has, most days',
  team_growth: 'Your team has grown',
  goal_met: 'Your team has reached what it set out to do',
};

function enablement(result: UpgradeResult, { fit, repeatDays }: UpgradeWords): string {
  const { trigger, triggers, likelihood } = result;
  const room = fit.kind === 'plan' ? `; with ${inert(roomText(result, fit.plan))} there is room to go on` : '';
  // A score of ours says nothing to the customer.
  const detail = trigger === 'deep_usage' ? '' : ` (${inert(triggers[0]!.detail)})`;
  const lines = [
    labelled('Framing', `${OPENINGS[trigger!]}${detail}${room}`),
    labelled('Where', `in the product, at most once a session, once in ${repeatDays} days`),
  ];
  if (likelihood !== null) lines.push(labelled('Trials bought here', percentText(likelihood)));
  return lines.join('\n');
}

function holdsText({ offer, eligibleFrom }: UpgradeResult, { holds, decision }: UpgradeWords): string {
  const lines: string[] = [];
  if (offer === 'service_notice') lines.push(labelled('No offer', 'only that the limit is reached is said'));
  if (decision?.reason !== undefined) lines.push(labelled('Why', sentence(words(decision.reason))));
  if (eligibleFrom !== null) lines.push(labelled('Eligible from', eligibleFrom));
  if (holds.length === 0) return [...lines, labelled('Guardrails', 'none holds it')].join('\n');
  const rows = holds.map(({ guardrail, reason, until }) => [guardrail, inert(reason), inert(until)]);
  const list = table(['Guardrail', 'Reason', 'Until'], rows);
  return lines.length === 0 ? list : `${lines.join('\n')}\n\n${list}`;
}
