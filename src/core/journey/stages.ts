/** The stage machine: first stage, runs of consistent days, one step a tick (journey.md section 2). */

import type { Contract } from '../facts/contract.ts';
import type { FactVector } from '../facts/fact.ts';
import type { CompiledEdge, CompiledPolicy } from '../policy/compiled-policy.ts';
import type { AccountRecord, Stage } from '../records/record.ts';
import { STAGES } from '../records/record.ts';
import type { Day } from '../time/calendar.ts';
import type { AccountStatus, EdgeProgress, JourneyState } from './state.ts';

/**
 * Stage on an account's first tick: the one another system gave, else `trial` for a trial or no subscription yet, else
 * `onboarding`: the account bought at once, or buying cannot be seen because subscriptions were never imported.
 */
export function firstStage(account: AccountRecord, contract: Contract, subscriptionsImported: boolean): Stage {
  if (account.stage !== undefined) return account.stage;
  if (!subscriptionsImported) return 'onboarding';
  return contract.everPaid ? 'onboarding' : 'trial';
}

/** Churned: there was a subscription and none is in force. Without a subscription source nobody is seen to leave. */
export function statusOf(contract: Contract): AccountStatus {
  if (contract.churned) return 'churned';
  return contract.paused ? 'paused' : 'active';
}

/** Where each edge out of `stage` stands after a tick's conditions, given the runs up to the tick before. */
export function edgeProgress(
  policy: CompiledPolicy,
  state: Pick<JourneyState, 'day' | 'stage' | 'stageEnteredOn' | 'runs' | 'status'>,
  facts: FactVector,
  today: Day,
  advance: boolean,
): EdgeProgress[] {
  const required = policy.guardrails.consistentTicks;
  const { minimumDays } = policy.stageById[state.stage];
  const daysInStage = today - state.stageEnteredOn;
  return policy.edgesFrom[state.stage].map((edge) => {
    const condition = state.status === 'active' ? edge.condition(facts) : undefined;
    const before = state.runs[edge.id] ?? 0;
    const consistentDays = condition !== true ? 0 : advance ? before + 1 : before;
    return {
      edgeId: edge.id,
      to: edge.to,
      condition,
      consistentDays,
      requiredDays: required,
      daysInStage,
      minimumDays,
      earliest:
        condition === true
          ? Math.max(
              today,
              state.day + Math.max(0, required - consistentDays), // before the run hour today's tick is yet to come
              state.stageEnteredOn + minimumDays,
            )
          : undefined,
    };
  });
}

/** The edge to take on this tick: the first whose run is long enough and whose stage has lasted long enough. */
export function edgeToTake(edges: readonly EdgeProgress[]): EdgeProgress | undefined {
  return edges.find(
    (edge) =>
      edge.condition === true && edge.consistentDays >= edge.requiredDays && edge.daysInStage >= edge.minimumDays,
  );
}

export type MoveRefusal =
  | { code: 'skips_stages'; message: string }
  | { code: 'minimum_days'; message: string; until: Day }
  | { code: 'not_active'; message: string };

/**
 * May a person move the account to `to` today? One step forward along an edge or back to the stage before; minimum days
 * hold going forward. Undefined: yes.
 */
export function refuseMove(
  policy: CompiledPolicy,
  state: JourneyState,
  to: Stage,
  today: Day,
): MoveRefusal | undefined {
  if (state.status === 'churned') {
    return { code: 'not_active', message: 'the account has churned; it re-enters onboarding when it buys again' };
  }
  const forward = policy.edgesFrom[state.stage].some((edge: CompiledEdge) => edge.to === to);
  const back = STAGES.indexOf(to) === STAGES.indexOf(state.stage) - 1;
  if (!forward && !back) {
    const ways = [...new Set(policy.edgesFrom[state.stage].map((edge) => edge.to))];
    const before = STAGES[STAGES.indexOf(state.stage) - 1];
    const allowed = [...ways, ...(before === undefined || ways.includes(before) ? [] : [before])];
    return {
      code: 'skips_stages',
      message: `from ${state.stage} an account moves one step: to ${allowed.join(' or ')}`,
    };
  }
  const until = state.stageEnteredOn + policy.stageById[state.stage].minimumDays;
  if (forward && today < until) {
    const days = today - state.stageEnteredOn;
    return {
      code: 'minimum_days',
      message: `${days} of ${policy.stageById[state.stage].minimumDays} days in ${state.stage}`,
      until,
    };
  }
  return undefined;
}

/** State after a person's move: the runs start anew. */
export function moved(state: JourneyState, to: Stage, today: Day, renewalDate: Day | undefined): JourneyState {
  const { provisional: _, ...begun } = state;
  return {
    ...begun,
    stage: to,
    stageEnteredOn: today,
    runs: {},
    renewalAnchor: to === 'renewal' ? (renewalDate ?? null) : null,
  };
}
