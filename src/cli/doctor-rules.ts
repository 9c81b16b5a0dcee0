/** What `doctor` says of the rules: those that never fire, fire for most, are always held, or always fire together. */
import type { RuleFinding, RuleReading } from '../core/decision/rule-health.ts';
import type { Day } from '../core/time/calendar.ts';
import { RULE_HEALTH_DAYS, readRuleHealth } from '../pipeline/rule-health.ts';
import type { OpenWorkspace } from './command.ts';
import type { Finding } from './doctor.ts';

/** Over the 90 days to the last recorded tick, so that a workspace that rests is judged by what it did. */
export async function ruleReadings({ store, config }: OpenWorkspace, today: Day): Promise<RuleReading[]> {
  const ticked = (await store.listStatuses()).map((status) => status.tickedThrough ?? Number.NEGATIVE_INFINITY);
  const latest = ticked.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return readRuleHealth(store, config.policy, Math.min(today, Number.isFinite(latest) ? latest : today));
}

/** One line for each kind of finding, naming the rules. */
export function ruleFindings(readings: readonly RuleReading[]): Finding[] {
  if (readings.every(({ share }) => share === null))
    return [
      { check: 'rules', state: 'ok', detail: `no tick in the last ${RULE_HEALTH_DAYS} days to judge the rules by` },
    ];
  const notes = [
    note(
      ofCode(readings, 'never_fires').map(({ rule }) => rule),
      `never fired in ${RULE_HEALTH_DAYS} days`,
      'see which facts they read with `stagecraft explain ACCOUNT --rule ID`',
    ),
    note(
      ofCode(readings, 'fires_for_most').map(({ rule, share }) => `${rule} (${Math.round(100 * (share ?? 0))} %)`),
      'fired for more than half of the accounts',
      'what is said to everybody helps nobody: narrow the condition',
    ),
    note(
      ofCode(readings, 'always_held').map(({ rule, finding }) => `${rule} (${finding.guardrail})`),
      'always held by the same guardrail',
      'put what the guardrail asks for into the condition',
    ),
    note(pairs(readings), 'always fired together', 'join their conditions, or tell them apart'),
  ].filter((finding) => finding !== undefined);
  if (notes.length > 0) return notes;
  return [{ check: 'rules', state: 'ok', detail: `${readings.length} rules, each fires and none for most accounts` }];
}

function note(rules: readonly string[], what: string, remedy: string): Finding | undefined {
  if (rules.length === 0) return undefined;
  return { check: 'rules', state: 'note', detail: `${what}: ${rules.join(', ')}`, remedy };
}

function ofCode<Code extends RuleFinding['code']>(readings: readonly RuleReading[], code: Code) {
  return readings.flatMap(({ rule, share, findings }) =>
    findings
      .filter((finding): finding is Extract<RuleFinding, { code: Code }> => finding.code === code)
      .map((finding) => ({ rule, share, finding })),
  );
}

/** Each pair once. */
function pairs(readings: readonly RuleReading[]): string[] {
  const found = ofCode(readings, 'always_together').map(({ rule, finding }) =>
    [rule, finding.with].sort().join(' and '),
  );
  return [...new Set(found)];
}
