/** Reads how the rules fared over the last days: see `core/decision/rule-health.ts`. */
import { RuleHealth, type RuleReading } from '../core/decision/rule-health.ts';
import type { CompiledPolicy } from '../core/policy/compiled-policy.ts';
import type { Day } from '../core/time/calendar.ts';
import { ticksOf } from './late-differences.ts';
import type { InterventionRow, Store } from './ports.ts';
import type { InterventionDetail } from './skill-context.ts';

export const RULE_HEALTH_DAYS = 90;
/** A row of ticks begins at most so many days before its last one. */
const LONGEST_RUN_DAYS = 366;

/** Of the rules of `policy`, over the 90 days to `today`. */
export async function readRuleHealth(store: Store, policy: CompiledPolicy, today: Day): Promise<RuleReading[]> {
  const since = today - RULE_HEALTH_DAYS + 1;
  const byAccount = Map.groupBy(
    (await store.readInterventions()).filter((row) => row.updatedDay >= since),
    (row) => row.accountId,
  );
  const health = new RuleHealth(policy.rules.map((rule) => rule.id));
  for (const { accountId } of await store.listStatuses()) {
    const ticks = ticksOf(await store.readTicks(accountId, since - LONGEST_RUN_DAYS, today));
    const recent = ticks.filter(({ day, status }) => day >= since && day <= today && status === 'active');
    health.addAccount(
      recent.map((tick) => tick.fired),
      (byAccount.get(accountId) ?? []).map(interventionOf),
    );
  }
  return health.readings();
}

function interventionOf({ ruleId, detail }: InterventionRow) {
  const { madeOn, heldBy } = JSON.parse(detail) as InterventionDetail;
  return { ruleId, letThrough: madeOn !== null, heldBy };
}
