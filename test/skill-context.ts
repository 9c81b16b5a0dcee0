/** A skill's context from plain records and events, for tests of skills. */
import { measureAccount } from '../src/core/facts/measure-account.ts';
import { statusOf } from '../src/core/journey/stages.ts';
import { runSkill } from '../src/core/skills/run-skill.ts';
import type { Skill, SkillContext } from '../src/core/skills/skill.ts';
import type { SkillResult } from '../src/core/skills/skill-result.ts';
import { buildAccount, day, type TestAccount } from './build-account.ts';

export type ContextExtra<P> = Partial<Omit<SkillContext<P>, 'parameters'>> & { parameters?: Partial<P> };

/** As of the run hour of `account.today`; stage adoption unless `extra` says otherwise. */
export function skillContext<P, R>(
  skill: Skill<P, R>,
  account: TestAccount,
  extra: ContextExtra<P> = {},
): SkillContext<P> {
  const { source, workspace, policy } = buildAccount(account);
  const measuredOn = (on: number) =>
    source.firstDay > on
      ? undefined
      : measureAccount(source, workspace.clock.instantOf(on, policy.runHour), on, workspace);
  const today = day(account.today);
  const measured = measuredOn(today)!;
  return {
    measured,
    workspace,
    spans: source.contractsAt(measured.view.instant),
    stage: 'adoption',
    stageEnteredOn: today - 40,
    status: statusOf(measured.contract),
    readings: [],
    past: [],
    portfolio: { trials: { ended: 0, converted: 0 }, renewals: { due: 0, signed: 0 } },
    atRiskRule: undefined,
    capDays: [],
    measuredOn,
    ...extra,
    parameters: skill.parameters.parse(extra.parameters ?? {}) as P,
  };
}

export function runOn<P, R>(
  skill: Skill<P, R>,
  account: TestAccount,
  extra: ContextExtra<P> = {},
): SkillResult<R | null> {
  return runSkill(skill, skillContext(skill, account, extra));
}
