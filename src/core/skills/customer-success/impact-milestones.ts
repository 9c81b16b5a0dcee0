/**
 * When an account reached the milestones of customer_success/time_to_impact.
 *
 * Choices where the spec is silent. First workflow: the first workflow event of the catalogue's signals where the account
 * is entitled to a feature that sends it (or no feature does), else the first core action (A3). First win: the
 * `first_value` milestone. Active adoption: the day on which activation was complete (A3: score and aha). Positive return:
 * achieved goals with a value against paid invoices; without a goal that has a value it is not tracked. Strategic: the
 * first achieved goal tagged `strategic`; without such a goal it is not tracked. Logins count once, as the first login;
 * page views and other vanity counts never do.
 */
import { kindGap } from '../../facts/view.ts';
import { firstEventDay } from '../../history/windows.ts';
import type { Activation } from '../../scores/activation.ts';
import { isEntitled } from '../../scores/adoption.ts';
import { publish } from '../../scores/number.ts';
import {
  type DatedAmount,
  type ImpactInput,
  type ImpactMilestone,
  roiPositiveOn,
} from '../../scores/time-to-impact.ts';
import type { Day } from '../../time/calendar.ts';
import type { SkillContext } from '../skill.ts';

type Context = SkillContext<unknown>;
/** A tracked milestone and its day (undefined: not yet), or why it is not tracked. */
type Tracking = { day: Day | undefined; gap?: undefined } | { gap: string };

export interface ImpactEvidence {
  input: ImpactInput;
  gaps: { milestone: ImpactMilestone; reason: string }[];
  /** Recorded so far, in minor units; undefined: not known. */
  valueMinor: number | undefined;
  paidMinor: number | undefined;
  currency: string | undefined;
}

export function impactEvidence(context: Context): ImpactEvidence {
  const { measured, workspace } = context;
  const { view, contract, createdOn } = measured;
  const { segment } = view.account;
  const money = moneyOf(context);
  const tracking: Record<ImpactMilestone, Tracking> = {
    firstLogin: loginOf(context),
    firstWorkflow: workflowOf(context),
    firstWin: reachedOf(measured.activation.milestone),
    activeAdoption: activeAdoptionOf(measured.activation, workspace.measures.activation.completeScore),
    roiPositive: money.tracking,
    strategic: strategicOf(context),
  };
  const reachedOn: ImpactInput['reachedOn'] = {};
  const gaps: ImpactEvidence['gaps'] = [];
  for (const [id, each] of Object.entries(tracking) as [ImpactMilestone, Tracking][]) {
    if (each.gap === undefined) reachedOn[id] = each.day;
    else gaps.push({ milestone: id, reason: each.gap });
  }
  const firstWin = workspace.peerMedian(view.today, segment, contract.planId, 'first_value');
  const { valueMinor, paidMinor, currency } = money;
  return {
    input: { start: createdOn, today: view.today, segment, reachedOn, peerMedianDays: { firstWin } },
    gaps,
    valueMinor,
    paidMinor,
    currency,
  };
}

function reachedOf({ reached, day, reason }: Activation['milestone']): Tracking {
  return reached === undefined ? { gap: reason ?? 'not known' } : { day: reached ? day : undefined };
}

function loginOf({ measured: { activation, view } }: Context): Tracking {
  return partOf(activation.parts.firstLogin, view.usageGap ?? 'no login event in catalog.yaml or in the events');
}

function partOf({ state, day }: Activation['parts']['firstLogin'], gap: string): Tracking {
  if (state === 'achieved') return { day };
  return state === 'open' ? { day: undefined } : { gap };
}

function workflowOf({ measured: { view, contract, activation }, workspace: { catalogue } }: Context): Tracking {
  const names = catalogue.signals.workflow ?? [];
  const senders = catalogue.features.filter((feature) => feature.events.some((event) => names.includes(event)));
  const plans = new Set(contract.planIds);
  const applies = names.length > 0 && (senders.length === 0 || senders.some((feature) => isEntitled(feature, plans)));
  if (!applies) return partOf(activation.parts.firstCoreAction, view.usageGap ?? 'catalog.yaml has no core feature');
  const day = firstEventDay(view.history, names, view.lastDay);
  return day === undefined && view.usageGap !== undefined ? { gap: view.usageGap } : { day };
}

/** Later of the day the score came to `completeScore` and the aha moment. */
function activeAdoptionOf(activation: Activation, completeScore: number): Tracking {
  const { complete, parts, aha, trackedWeight } = activation;
  if (complete.value === undefined) return { gap: complete.reason ?? 'not known' };
  if (!complete.value) return { day: undefined };
  const achieved = Object.values(parts)
    .flatMap(({ state, weight, day }) => (state === 'achieved' && day !== undefined ? [{ weight, day }] : []))
    .sort((a, b) => a.day - b.day);
  let sum = 0;
  for (const { weight, day } of achieved) {
    sum += weight;
    if (publish((100 * sum) / trackedWeight) >= completeScore) return { day: Math.max(day, aha.day ?? day) };
  }
  return { gap: 'the day on which activation was complete is not known' };
}

function moneyOf({ measured: { view, contract }, workspace }: Context) {
  const unknown = { valueMinor: undefined, paidMinor: undefined, currency: undefined };
  const gap = kindGap('goals', view, workspace) ?? kindGap('invoices', view, workspace);
  if (gap !== undefined) return { ...unknown, tracking: { gap } as Tracking };
  const valued = view.goals.filter((goal) => goal.valueAmountMinor !== undefined && goal.status !== 'dropped');
  if (valued.length === 0) return { ...unknown, tracking: { gap: 'no goal with a valueAmount recorded' } as Tracking };
  const paid = view.invoices.filter(({ paidAt }) => paidAt !== undefined && paidAt <= view.today);
  const fallback = contract.currency ?? workspace.contractOptions.currency;
  const currencies = new Set(paid.map((invoice) => invoice.currency ?? fallback));
  if (currencies.size > 1) return { ...unknown, tracking: { gap: 'invoices in several currencies' } as Tracking };
  const values = valued.flatMap(({ achievedAt, valueAmountMinor }): DatedAmount[] =>
    achievedAt === undefined || achievedAt > view.today ? [] : [{ day: achievedAt, minor: valueAmountMinor! }],
  );
  const payments = paid.map(({ paidAt, amountMinor }): DatedAmount => ({ day: paidAt!, minor: amountMinor }));
  const sum = (amounts: readonly DatedAmount[]) => amounts.reduce((total, { minor }) => total + minor, 0);
  return {
    tracking: { day: roiPositiveOn(values, payments) } as Tracking,
    valueMinor: sum(values),
    paidMinor: sum(payments),
    currency: [...currencies][0] ?? fallback,
  };
}

function strategicOf({ measured: { view }, workspace }: Context): Tracking {
  const goals = view.goals.filter((goal) => goal.tags?.includes('strategic') && goal.status !== 'dropped');
  if (goals.length === 0) {
    return { gap: kindGap('goals', view, workspace) ?? 'no goal tagged strategic recorded' };
  }
  const days = goals.flatMap(({ achievedAt }) =>
    achievedAt !== undefined && achievedAt <= view.today ? achievedAt : [],
  );
  return { day: days.length === 0 ? undefined : Math.min(...days) };
}
