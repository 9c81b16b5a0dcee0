/**
 * Activation (skills.md A3): how much of the first steps is done, the milestone, the aha moment, and when each happened.
 *
 * Choices where the spec is silent. The aha windows may lie anywhere in the account's history, so that a slow start can
 * still complete. A source that D is not covered by leaves what has happened true and everything else unknown. Where the
 * catalogue names no logins, a login is tracked only once the account has sent one of the default login events.
 */

import type { Contract } from '../facts/contract.ts';
import type { Horizon } from '../facts/standing.ts';
import { type AccountView, type Known, known, unknown, type Workspace } from '../facts/view.ts';
import type { Truth } from '../policy/policy.ts';
import type { Day } from '../time/calendar.ts';
import type { FirstDays } from './first-days.ts';
import { publish } from './number.ts';

export const ACTIVATION_PARTS = [
  'firstLogin',
  'setupDone',
  'firstCoreAction',
  'firstValue',
  'secondActiveUser',
] as const;
export type ActivationPart = (typeof ACTIVATION_PARTS)[number];

export interface ActivationStep {
  /** `untracked`: no source says; `notApplicable`: an account with one licensed seat has no second user. */
  state: 'achieved' | 'open' | 'unknown' | 'untracked' | 'notApplicable';
  weight: number;
  /** Day of the evidence, once achieved. */
  day: Day | undefined;
}

/** Something that has happened, has not, or is not known, with the day it happened. */
export interface Reached {
  reached: Truth;
  day: Day | undefined;
  reason?: string;
}

export interface SetupState {
  /** Done share of the required steps in percent, unrounded. */
  completion: Known<number>;
  steps: { id: string; required: boolean; done: Truth; day: Day | undefined }[];
}

export interface Activation {
  /** Published 0-100. */
  score: Known<number>;
  raw: number | undefined;
  parts: Record<ActivationPart, ActivationStep>;
  /** Weight of the parts that are tracked and apply. */
  trackedWeight: number;
  /** The `first_value` milestone. */
  milestone: Reached;
  aha: Reached;
  complete: { value: Truth; reason?: string };
  setup: SetupState;
  quickWin: Reached;
  /** Catalogue milestones; with the default catalogue `first_value` alone. */
  milestones: (Reached & { id: string })[];
}

/** `first`: the first days of the view's history. */
export function activation(view: AccountView, workspace: Workspace, contract: Contract, first: FirstDays): Activation {
  const m = workspace.measures.activation;
  const setup = setupState(first, view);
  const parts = partsOf(view, workspace, contract, first, setup);
  const scored = scoreOf(parts, view.usageGap, m.trackedAtLeast);
  const milestones = first.milestones.map(({ id, day }) => ({ id, ...reachedBy(day, view) }));
  const milestone = milestones.find(({ id }) => id === 'first_value');
  const aha = first.ahaTracked
    ? reachedBy(first.aha, view)
    : notTracked('the catalogue names nothing the aha moment shows in');
  return {
    score: scored.score,
    raw: scored.raw,
    parts,
    trackedWeight: scored.trackedWeight,
    milestone: milestone ?? notTracked('the catalogue has no first_value milestone'),
    aha,
    complete: completeOf(scored.score, aha, m.completeScore),
    setup,
    quickWin: first.quickWinTracked
      ? reachedBy(first.quickWin, view)
      : notTracked(`no catalogue feature of ${m.quickWinMinutes} minutes or less`),
    milestones,
  };
}

/** What may change `activation` of the same first days though no record does: the next of them is reached. */
export function activationHorizon(first: FirstDays, horizon: Horizon): void {
  for (const { day } of first.setup) horizon.after(day);
  for (const { day } of first.milestones) horizon.after(day);
  for (const day of [first.login, first.coreAction, first.secondActiveUser, first.aha, first.quickWin])
    horizon.after(day);
}

function notTracked(reason: string): Reached {
  return { reached: undefined, day: undefined, reason };
}

/** Happened by D; not seen while D is covered: has not happened. */
function reachedBy(day: Day | undefined, view: AccountView): Reached {
  if (day !== undefined && day <= view.lastDay) return { reached: true, day };
  if (view.usageGap !== undefined) return { reached: undefined, day: undefined, reason: view.usageGap };
  return { reached: false, day: undefined };
}

function setupState(first: FirstDays, view: AccountView): SetupState {
  const steps: SetupState['steps'] = [];
  let required = 0;
  let done = 0;
  for (const step of first.setup) {
    const { reached, day } = reachedBy(step.day, view);
    steps.push({ id: step.id, required: step.required, done: reached, day });
    if (!step.required) continue;
    required++;
    if (reached === true) done++;
  }
  const completion =
    required === 0
      ? unknown('the catalogue has no required setup step')
      : view.usageGap !== undefined && done < required
        ? unknown(view.usageGap)
        : known((100 * done) / required);
  return { completion, steps };
}

function partsOf(
  view: AccountView,
  { measures }: Workspace,
  contract: Contract,
  first: FirstDays,
  setup: SetupState,
): Activation['parts'] {
  const m = measures.activation;
  const firstValue = first.milestones.find(({ id }) => id === 'first_value');
  const required = setup.steps.filter((step) => step.required);
  return {
    firstLogin: stepOf(m.firstLogin, first.loginTracked, first.login, view),
    setupDone: stepOf(m.setupDone, required.length > 0, setupDoneOn(required, m.setupDoneAt), view),
    firstCoreAction: stepOf(m.firstCoreAction, first.coreTracked, first.coreAction, view),
    firstValue: stepOf(m.firstValue, firstValue !== undefined, firstValue?.day, view),
    secondActiveUser:
      contract.seats === 1
        ? { state: 'notApplicable', weight: m.secondActiveUser, day: undefined }
        : stepOf(m.secondActiveUser, first.usersTracked, first.secondActiveUser, view),
  };
}

function stepOf(weight: number, tracked: boolean, day: Day | undefined, view: AccountView): ActivationStep {
  if (!tracked) return { state: 'untracked', weight, day: undefined };
  if (day !== undefined && day <= view.lastDay) return { state: 'achieved', weight, day };
  return { state: view.usageGap === undefined ? 'open' : 'unknown', weight, day: undefined };
}

/** Day on which the done share of the required steps reached `percent`. */
function setupDoneOn(required: SetupState['steps'], percent: number): Day | undefined {
  const days: Day[] = [];
  for (const { day } of required) if (day !== undefined) days.push(day);
  const needed = Math.max(1, Math.ceil((percent * required.length) / 100));
  return days.length < needed ? undefined : days.sort((a, b) => a - b)[needed - 1];
}

function scoreOf(
  parts: Activation['parts'],
  usageGap: string | undefined,
  trackedAtLeast: number,
): Pick<Activation, 'score' | 'raw' | 'trackedWeight'> {
  let tracked = 0;
  let achieved = 0;
  let gap = false;
  for (const name of ACTIVATION_PARTS) {
    const { state, weight } = parts[name];
    if (state === 'untracked' || state === 'notApplicable') continue;
    tracked += weight;
    if (state === 'achieved') achieved += weight;
    if (state === 'unknown') gap = true;
  }
  const reason = gap
    ? (usageGap ?? 'not known')
    : tracked === 0 || tracked < trackedAtLeast
      ? `${tracked} of the ${trackedAtLeast} points of activation needed are tracked; not tracked: ${ACTIVATION_PARTS.filter((name) => parts[name].state === 'untracked').join(', ')}`
      : undefined;
  if (reason !== undefined) return { score: unknown(reason), raw: undefined, trackedWeight: tracked };
  const raw = (100 * achieved) / tracked;
  return { score: known(publish(raw)), raw, trackedWeight: tracked };
}

/** Score high enough and aha reached; one of them known false settles it. */
function completeOf(score: Known<number>, aha: Reached, completeScore: number): Activation['complete'] {
  const scored = score.value === undefined ? undefined : score.value >= completeScore;
  if (scored === false || aha.reached === false) return { value: false };
  if (scored === true && aha.reached === true) return { value: true };
  return { value: undefined, reason: score.reason ?? aha.reason ?? 'not known' };
}
