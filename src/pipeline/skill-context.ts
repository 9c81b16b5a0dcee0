/** What a skill is given when it runs for an account, from its evaluation and what is kept of earlier interventions. */
import { type Choice, capDaysOf } from '../core/decision/choose.ts';
import type { DecisionInputs, Intervention } from '../core/decision/inputs.ts';
import type { AccountSource } from '../core/facts/account-source.ts';
import { type AccountMeasures, measureAccount } from '../core/facts/measure-account.ts';
import type { Workspace } from '../core/facts/view.ts';
import type { JourneyState } from '../core/journey/state.ts';
import type { CompiledPolicy } from '../core/policy/compiled-policy.ts';
import { NO_HISTORY } from '../core/revenue/own-history.ts';
import type { PastIntervention, SkillContext } from '../core/skills/skill.ts';
import type { Instant } from '../core/time/calendar.ts';
import type { PastRow } from './ports.ts';

export interface SkillSubject {
  source: AccountSource;
  workspace: Workspace;
  policy: CompiledPolicy;
  measured: AccountMeasures;
  inputs: DecisionInputs;
  choice: Choice;
  state: JourneyState;
  past: readonly PastIntervention[];
}

export function skillContextOf(subject: SkillSubject, parameters: unknown): SkillContext<never> {
  const { source, workspace, policy, measured, inputs, choice, state, past } = subject;
  const exit = 'at_risk_intervention';
  return {
    measured,
    workspace,
    spans: source.contractsAt(measured.view.instant),
    stage: inputs.stage,
    stageEnteredOn: inputs.stageEnteredOn,
    status: inputs.status,
    readings: state.readings,
    past,
    portfolio: workspace.portfolio ?? NO_HISTORY,
    atRiskRule: choice.exit === exit ? choice.fired.find((rule) => rule.exit === exit)?.id : undefined,
    capDays: capDaysOf(inputs.interventions, inputs.stage, inputs.today, policy.guardrails.weeklyCapDays),
    measuredOn: (day) => {
      if (source.firstDay > day) return undefined;
      return measureAccount(source, workspace.clock.instantOf(day, policy.runHour), day, workspace);
    },
    parameters: parameters as never,
  };
}

/** What an intervention row keeps in its detail. */
export interface InterventionDetail
  extends Pick<Intervention, 'madeOn' | 'reason' | 'heldBy' | 'doneOn' | 'snoozedUntil'> {
  /** Who settled it, when and why. */
  settled?: { at: Instant; by: string; reason: string };
}

export function pastOf({ interventionId, ruleId, skill, state, detail, memo }: PastRow): PastIntervention {
  const { madeOn, doneOn, settled } = JSON.parse(detail) as InterventionDetail;
  return {
    id: interventionId,
    skill,
    ruleId,
    state,
    madeOn: madeOn ?? undefined,
    doneAt: doneOn === undefined ? undefined : settled?.at,
    dismissedFor: state === 'dismissed' ? settled?.reason : undefined,
    result: JSON.parse(memo) as Record<string, unknown>,
  };
}
