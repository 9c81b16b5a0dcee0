/** The four signs that a trial is about to buy (skills.md A10). */
import type { Horizon } from '../facts/standing.ts';
import { type AccountView, type Known, known, unknown, type Workspace } from '../facts/view.ts';
import { firstEventDay } from '../history/windows.ts';
import type { Truth } from '../policy/policy.ts';
import type { Limits } from './limits.ts';

export const TRIAL_SIGNALS = ['pricing_view', 'billing_view', 'invite', 'limit_half_used'] as const;
export type TrialSignal = (typeof TRIAL_SIGNALS)[number];

export interface TrialSignals {
  /** Undefined: no source says. */
  signals: Record<TrialSignal, Truth>;
  /** How many were seen; unknown where none of the four has a source. */
  count: Known<number>;
  /** At least `measures.activation.trialSignals` of them; those without a source can only leave it unknown. */
  converting: Truth;
  reason?: string;
}

/** `halfUsed`: what `limitHalfUsed` says of the account's limits. */
export function trialSignals(view: AccountView, workspace: Workspace, halfUsed: Truth): TrialSignals {
  const m = workspace.measures.activation;
  const signals: TrialSignals['signals'] = {
    pricing_view: seen('pricing_view', view, workspace),
    billing_view: seen('billing_view', view, workspace),
    invite: seen('invite', view, workspace),
    limit_half_used: halfUsed,
  };
  let count = 0;
  let open = 0;
  for (const name of TRIAL_SIGNALS) {
    if (signals[name] === true) count++;
    else if (signals[name] === undefined) open++;
  }
  const converting = count >= m.trialSignals ? true : count + open >= m.trialSignals ? undefined : false;
  if (converting !== undefined && open < TRIAL_SIGNALS.length) return { signals, count: known(count), converting };
  const silent = TRIAL_SIGNALS.filter((name) => signals[name] === undefined);
  const reason = view.usageGap ?? silenceOf(silent);
  return {
    signals,
    count: open === TRIAL_SIGNALS.length ? unknown(reason) : known(count),
    converting,
    ...(converting === undefined && { reason }),
  };
}

/** What would have to be supplied for these to be known. */
function silenceOf(silent: readonly (typeof TRIAL_SIGNALS)[number][]): string {
  const events = silent.filter((name) => name !== 'limit_half_used');
  const reasons = events.length === 0 ? [] : [`the catalogue names no event for ${events.join(', ')}`];
  if (events.length < silent.length) reasons.push('how much of the limits is used is not known');
  return reasons.join('; ');
}

function seen(name: 'pricing_view' | 'billing_view' | 'invite', view: AccountView, workspace: Workspace): Truth {
  const names = workspace.catalogue.signals[name] ?? [];
  if (names.length === 0) return undefined;
  if (firstEventDay(view.history, names, view.lastDay) !== undefined) return true;
  return view.usageGap === undefined ? false : undefined;
}

/** What may change `trialSignals` though no limit does: the first event of a kind. */
export function trialHorizon({ history }: AccountView, { catalogue }: Workspace, horizon: Horizon): void {
  for (const kind of TRIAL_SIGNALS) {
    if (kind === 'limit_half_used') continue;
    for (const name of catalogue.signals[kind] ?? []) horizon.after(history.events.get(name)?.days[0]);
  }
}

/** Where no limit applies, none can be half used. */
export function limitHalfUsed(limits: Limits, { measures }: Workspace): Truth {
  const share = measures.activation.trialLimitShare;
  if (limits.meters.some((use) => use.share !== undefined && use.share >= share)) return true;
  return limits.meters.some((use) => use.status === 'unknown') ? undefined : false;
}
