/**
 * A person's act on one account: the account is brought up to the moment, the act is judged by the present facts, and what
 * comes of it is written in one transaction that fails if anybody else changed the account meanwhile; then it is tried anew.
 */

import type { CompiledPolicy } from '../core/policy/compiled-policy.ts';
import type { Day, Instant } from '../core/time/calendar.ts';
import { type EvaluatedAccount, evaluateAccount, rememberDays } from './evaluate-account.ts';
import { evaluateAccounts } from './evaluate-accounts.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import type { AccountBundle, AuditRow, EvaluationWrite, Store } from './ports.ts';

export interface ActRequest {
  store: Store;
  loaded: LoadedWorkspace;
  policy: CompiledPolicy;
  accountId: string;
  /** Who acts, for the audit. */
  actor: string;
  now: Instant;
}

/** The account at the moment of the act. */
export interface ActScene {
  bundle: AccountBundle;
  evaluated: EvaluatedAccount;
  today: Day;
}

/** What the act comes to: an answer for whoever acted, and what is written of it. */
export interface ActVerdict<Answer> {
  answer: Answer;
  write?: Partial<Pick<EvaluationWrite, 'interventions' | 'followUp'>>;
  audit?: Pick<AuditRow, 'action' | 'before' | 'after' | 'reason'>;
}

/** An account that other writers keep changing is given up after so many tries. */
const TRIES = 5;

/** Undefined: the account has not begun, or others changed it without pause. */
export async function actOnAccount<Answer>(
  request: ActRequest,
  judge: (scene: ActScene) => Promise<ActVerdict<Answer>> | ActVerdict<Answer>,
): Promise<Answer | undefined> {
  const { store, loaded, policy, accountId, now } = request;
  const evaluate = () => evaluateAccounts({ store, loaded, policy, asOf: now, accountIds: [accountId] });
  const today = loaded.workspace.clock.dayOf(now);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    await evaluate();
    const [bundle] = await store.readBundles([accountId], today - rememberDays(policy) - 1);
    if (bundle?.journey == null) return undefined;
    const evaluated = evaluateAccount(bundle, { workspace: loaded.workspace, policy, asOf: now, today });
    if (evaluated === undefined) return undefined;
    const { answer, write, audit } = await judge({ bundle, evaluated, today });
    if (write === undefined) return answer;
    const lost = await record(request, bundle, write, audit);
    if (lost) continue;
    await evaluate();
    return answer;
  }
  return undefined;
}

async function record(
  { store, accountId, actor, now }: ActRequest,
  { status, journey }: AccountBundle,
  write: NonNullable<ActVerdict<unknown>['write']>,
  audit: ActVerdict<unknown>['audit'],
): Promise<boolean> {
  return store.write(async (session) => {
    const lost = await session.recordEvaluations([
      {
        accountId,
        expectedJourneyRevision: status.journeyRevision,
        journey: journey!,
        tickedThrough: status.tickedThrough!,
        tickRuns: [],
        interventions: [],
        ...write,
        decision: null,
        decidedRevision: status.revision,
        decidedContext: 'a person acted: decide anew',
        nextChangeAt: null,
      },
    ]);
    if (lost.length > 0) return true;
    if (audit !== undefined) await session.appendAudit({ ...audit, at: now, actor, accountId });
    return false;
  });
}
