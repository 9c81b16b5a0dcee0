/** Runs one skill for one account as of an instant; records and dispatches nothing. */
import { rememberDays } from '../core/decision/remembered.ts';
import type { CompiledPolicy } from '../core/policy/compiled-policy.ts';
import type { ReadySkill } from '../core/skills/find-skill.ts';
import { runSkill } from '../core/skills/run-skill.ts';
import type { PastIntervention } from '../core/skills/skill.ts';
import type { SkillResult } from '../core/skills/skill-result.ts';
import type { Instant } from '../core/time/calendar.ts';
import { lookBack } from './evaluate-accounts.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import type { PastRow, Store } from './ports.ts';
import { type InterventionDetail, pastOf, skillContextOf } from './skill-context.ts';

export interface RunSkillRequest {
  store: Store;
  loaded: LoadedWorkspace;
  policy: CompiledPolicy;
  accountId: string;
  asOf: Instant;
  ready: ReadySkill;
}

/** Undefined: the account did not exist yet. What happened after `asOf` is not looked at. */
export async function runSkillFor(request: RunSkillRequest): Promise<SkillResult<unknown> | undefined> {
  const { store, loaded, policy, accountId, asOf, ready } = request;
  const { workspace } = loaded;
  const today = workspace.clock.dayOf(asOf);
  const [bundle] = await store.readBundles([accountId], today - rememberDays(policy) - 1);
  if (bundle === undefined) return undefined;
  const evaluated = lookBack(bundle, { workspace, policy, asOf });
  if (evaluated === undefined) return undefined;
  const past = bundle.past
    .map((row) => pastAsOf(row, asOf))
    .filter((each) => each.madeOn !== undefined && each.madeOn <= today);
  const context = skillContextOf({ workspace, policy, past, ...evaluated }, ready.parameters);
  return runSkill(ready.skill, context);
}

/** What somebody did with it afterwards had not happened then. */
function pastAsOf(row: PastRow, asOf: Instant): PastIntervention {
  const past = pastOf(row);
  const { settled } = JSON.parse(row.detail) as InterventionDetail;
  if (settled === undefined || settled.at <= asOf) return past;
  return { ...past, state: 'proposed', doneAt: undefined, dismissedFor: undefined };
}
