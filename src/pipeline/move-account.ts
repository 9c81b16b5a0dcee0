/** A person moves an account one stage forward or back, with a reason; audited (journey.md section 2). */

import { spanOn } from '../core/facts/plan-timeline.ts';
import { type MoveRefusal, moved, refuseMove } from '../core/journey/stages.ts';
import type { JourneyState } from '../core/journey/state.ts';
import type { CompiledPolicy } from '../core/policy/compiled-policy.ts';
import type { Stage } from '../core/records/record.ts';
import type { Instant } from '../core/time/calendar.ts';
import { sourceOf } from './evaluate-account.ts';
import { evaluateAccounts } from './evaluate-accounts.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import type { Store } from './ports.ts';

export interface MoveRequest {
  store: Store;
  loaded: LoadedWorkspace;
  policy: CompiledPolicy;
  accountId: string;
  to: Stage;
  reason: string;
  actor: string;
  now: Instant;
}

export type MoveResult =
  | { moved: true; from: Stage; to: Stage }
  | { moved: false; refusal: MoveRefusal | { code: 'unknown_account' | 'changed_meanwhile'; message: string } };

/** Ticks the account up to `now` first, so that the move starts from the present stage; decides anew afterwards. */
export async function moveAccount(request: MoveRequest): Promise<MoveResult> {
  const { store, loaded, policy, accountId, to, now } = request;
  const evaluate = () => evaluateAccounts({ store, loaded, policy, asOf: now, accountIds: [accountId] });
  await evaluate();
  const today = loaded.workspace.clock.dayOf(now);
  const [bundle] = await store.readBundles([accountId], today);
  if (bundle?.journey == null) {
    return {
      moved: false,
      refusal: { code: 'unknown_account', message: `the account "${accountId}" has no journey yet` },
    };
  }
  const before = JSON.parse(bundle.journey.state) as JourneyState;
  const refusal = refuseMove(policy, before, to, today);
  if (refusal !== undefined) return { moved: false, refusal };
  const contract = spanOn(sourceOf(bundle, loaded.workspace, today).contractsAt(now), today)?.contract;
  const after = moved(before, to, today, contract?.renewalDate);
  const lost = await store.write(async (session) => {
    const notWritten = await session.recordEvaluations([
      {
        accountId,
        expectedJourneyRevision: bundle.status.journeyRevision,
        journey: { accountId, state: JSON.stringify(after) },
        tickedThrough: after.day,
        tickRuns: [],
        interventions: [],
        decision: null,
        decidedRevision: bundle.status.revision,
        decidedContext: 'moved by a person: decide anew',
        nextChangeAt: null,
      },
    ]);
    if (notWritten.length > 0) return notWritten;
    const at = { stage: before.stage, stageEnteredOn: before.stageEnteredOn };
    await session.appendAudit({
      at: now,
      actor: request.actor,
      accountId,
      action: 'stage.move',
      before: JSON.stringify(at),
      after: JSON.stringify({ stage: after.stage, stageEnteredOn: after.stageEnteredOn }),
      reason: request.reason,
    });
    return notWritten;
  });
  if (lost.length > 0) {
    return {
      moved: false,
      refusal: { code: 'changed_meanwhile', message: 'the account changed meanwhile; try again' },
    };
  }
  await evaluate();
  return { moved: true, from: before.stage, to };
}
