/**
 * A person's act on one account: the account is brought up to the moment, the act is judged by the present facts, and what
 * comes of it is written in one transaction that fails if anybody else changed the account meanwhile; then it is tried anew.
 */

import { rememberDays } from '../core/decision/remembered.ts';
import type { CompiledPolicy } from '../core/policy/compiled-policy.ts';
import type { Day, Instant } from '../core/time/calendar.ts';
import { type EvaluatedAccount, evaluateAccount } from './evaluate-account.ts';
import { EvaluationError, evaluateAccounts } from './evaluate-accounts.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import type { AccountBundle, AuditRow, EvaluationWrite, Store } from './ports.ts';

export interface ActRequest {
  store: Store;
  loaded: LoadedWorkspace;
  policy: CompiledPolicy;
  accountId: string;
  /** Who acts, for the audit. */
  actor: string;
  /** The act counts from then, or from the account's last evaluation where another process has made a later one. */
  now: Instant;
}

/** The account at the moment of the act. */
export interface ActScene {
  bundle: AccountBundle;
  evaluated: EvaluatedAccount;
  at: Instant;
  today: Day;
}

/** What the act comes to: an answer for whoever acted, and what is written of it. */
export interface ActVerdict<Answer> {
  answer: Answer;
  write?: Partial<Pick<EvaluationWrite, 'interventions' | 'followUp'>>;
  audit?: Pick<AuditRow, 'action' | 'before' | 'after' | 'reason'>;
}

/** An account that other writers keep changing is given up after so many tries: a person's act is worth more than one's own. */
const TRIES = 50;

/** Undefined: the account has not begun, or others changed it without pause. */
export async function actOnAccount<Answer>(
  request: ActRequest,
  judge: (scene: ActScene) => Promise<ActVerdict<Answer>> | ActVerdict<Answer>,
): Promise<Answer | undefined> {
  const { store, loaded, policy, accountId } = request;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const at = await broughtUpTo(request);
    if (at === undefined) continue;
    const today = loaded.workspace.clock.dayOf(at);
    const [bundle] = await store.readBundles([accountId], today - rememberDays(policy) - 1);
    if (bundle?.journey == null) return undefined;
    if ((bundle.status.decidedAt ?? at) > at) continue;
    const evaluated = evaluateAccount(bundle, { workspace: loaded.workspace, policy, asOf: at, today });
    if (evaluated === undefined) return undefined;
    const { answer, write, audit } = await judge({ bundle, evaluated, at, today });
    if (write === undefined) return answer;
    const lost = await record(request, bundle, { at, write, audit });
    if (lost) continue;
    await broughtUpTo(request);
    return answer;
  }
  return undefined;
}

/** Evaluates the account; resolves to the moment it stands at. Undefined: others kept changing it. */
async function broughtUpTo({ store, loaded, policy, accountId, now }: ActRequest): Promise<Instant | undefined> {
  const [status] = await store.listStatuses({ ids: [accountId] });
  const asOf = Math.max(now, status?.decidedAt ?? now);
  try {
    await evaluateAccounts({ store, loaded, policy, asOf, accountIds: [accountId], keepLater: true });
  } catch (error) {
    if (error instanceof EvaluationError && error.code === 'contended') return undefined;
    throw error;
  }
  return asOf;
}

interface Recorded {
  at: Instant;
  write: NonNullable<ActVerdict<unknown>['write']>;
  audit: ActVerdict<unknown>['audit'];
}

async function record(
  { store, accountId, actor }: ActRequest,
  { status, journey }: AccountBundle,
  { at, write, audit }: Recorded,
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
    if (audit !== undefined) await session.appendAudit({ ...audit, at, actor, accountId });
    return false;
  });
}
