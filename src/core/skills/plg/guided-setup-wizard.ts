/**
 * plg/guided_setup_wizard (skills.md B): resumes the setup at its next step.
 *
 * Choices where the spec is silent. A step was opened by an event named `<step>_opened` or `<step>_started`, by its id or
 * by the name of its event; without such events only idleness tells that it is stuck. An account may skip optional steps
 * by the property `skippedSetupSteps`. Prefilled is what the account's record holds, except what the account set for
 * itself under the property `preferences`.
 */
import { z } from 'zod';
import type { SetupStep } from '../../catalogue/catalogue.ts';
import { countText, words } from '../../document/figures.ts';
import { inert, labelled, table } from '../../document/markdown.ts';
import { known, unknown } from '../../facts/view.ts';
import { upperBound } from '../../history/history.ts';
import { percent2 } from '../../scores/number.ts';
import { addBusinessDays, type Day } from '../../time/calendar.ts';
import { refusedOutput } from '../run-skill.ts';
import { defineSkill, type SkillContext, type SkillOutput, type SkillSection } from '../skill.ts';
import type { ActionDraft } from '../skill-result.ts';
import { planSetup, type SetupPlan, type SetupStepState } from './setup-plan.ts';

export interface GuidedSetup {
  /** Percent of the required steps done, two decimals; null: no required step. */
  completionPct: number | null;
  currentStepId: string | null;
  steps: { id: string; required: boolean; minutes: number | null; skippable: boolean; dependsOn: string[] }[];
  /** Of all required steps that are left; null: one of them does not say. */
  minutesRemaining: number | null;
  stuckSteps: { id: string; opened: number; idleDays: number }[];
  /** Recorded facts that a step may offer, never a guess. */
  prefill: Record<string, string | number>;
}

const parameters = z.strictObject({
  shown: z.number().int().min(1).max(50).default(7).describe('steps shown at once'),
  openedAtLeast: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(2)
    .describe('times a step is opened before it counts as stuck'),
  idleDays: z.number().int().min(1).max(60).default(3).describe('days without progress after which the setup is stuck'),
  callBelow: z.number().min(0).max(100).default(40).describe('percent of the setup below which onboarding calls'),
});
type Parameters = z.infer<typeof parameters>;

const EMPTY = { dataGaps: [], result: null, actions: [], sections: [] };

export const guidedSetupWizard = defineSkill<Parameters, GuidedSetup>({
  name: 'plg/guided_setup_wizard',
  domain: 'plg',
  purpose: 'Resumes the setup at its next required step and finds where it is stuck',
  customerFacing: true,
  conversation: 'none',
  serviceMessage: false,
  celebration: false,
  inputs: { required: ['catalogue setup steps', 'events'], optional: ['account profile'] },
  sections: ['Progress', 'Next steps', 'Stuck'],
  parameters,
  outcome: {
    measure: 'setup_completion',
    unit: '%',
    better: 'higher',
    // the steps take minutes; a week also covers the call of the second business day
    horizonDays: 7,
    noise: 0,
    read: ({ activation: { setup } }) =>
      setup.completion.value === undefined ? unknown(setup.completion.reason) : known(percent2(setup.completion.value)),
  },
  run: runGuidedSetup,
});

function runGuidedSetup(context: SkillContext<Parameters>): SkillOutput<GuidedSetup | null> {
  const { measured, workspace, parameters: p } = context;
  const { view, activation } = measured;
  const { setup } = workspace.catalogue;
  const gap = setup.length === 0 ? 'catalog.yaml has no setup steps' : view.usageGap;
  if (gap !== undefined) {
    const fact = setup.length === 0 ? 'setup steps' : 'completed setup steps';
    return { ...EMPTY, status: 'insufficient_data', reasons: [], dataGaps: [{ fact, reason: gap }] };
  }
  const plan = planSetup(stepStates(context), {
    today: view.today,
    start: view.firstDay,
    openedAtLeast: p.openedAtLeast,
    idleDays: p.idleDays,
  });
  if (plan.cycle.length > 0) {
    return refusedOutput('config_error', `Setup steps wait for each other: ${plan.cycle.join(', ')}.`);
  }
  const { completion } = activation.setup;
  const result = resultOf(plan, completion.value, context);
  const gaps: SkillOutput<GuidedSetup>['dataGaps'] = [];
  if (completion.value === undefined) gaps.push({ fact: 'setup_completion', reason: completion.reason });
  if (plan.minutesRemaining === undefined) {
    const silent = plan.remaining.filter((step) => step.required && step.minutes === undefined);
    const reason = `catalog.yaml gives no minutes for ${silent.map(({ id }) => id).join(', ')}`;
    gaps.push({ fact: 'minutes remaining', reason });
  }
  return {
    status: gaps.length === 0 ? 'ok' : 'partial',
    reasons: plan.remaining.length === 0 ? ['setup_complete'] : [],
    dataGaps: gaps,
    result,
    actions: actionsOf(plan, result, context),
    sections: sectionsOf(plan, result, context),
  };
}

function stepStates({ measured, workspace }: SkillContext<Parameters>): SetupStepState[] {
  const { view, activation } = measured;
  const skipped = view.account.properties?.skippedSetupSteps;
  const isSkipped = ({ id, required }: SetupStep) => !required && Array.isArray(skipped) && skipped.includes(id);
  return workspace.catalogue.setup
    .filter((step) => !isSkipped(step))
    .map((step) => {
      const done = activation.setup.steps.find(({ id }) => id === step.id);
      return {
        id: step.id,
        required: step.required,
        minutes: step.minutes,
        dependsOn: step.dependsOn,
        doneOn: done?.done === true ? (done.day ?? view.lastDay) : undefined,
        ...openings(step, view),
      };
    });
}

function openings({ id, event }: SetupStep, { history, lastDay }: SkillContext['measured']['view']) {
  const names = new Set([id, event].flatMap((name) => [`${name}_opened`, `${name}_started`]));
  let opened = 0;
  let lastOpenedOn: Day | undefined;
  for (const name of names) {
    const { days, counts } = history.events.get(name) ?? { days: [], counts: [] };
    const until = upperBound(days, lastDay);
    for (let i = 0; i < until; i++) opened += counts[i]!;
    if (until > 0) lastOpenedOn = Math.max(lastOpenedOn ?? days[until - 1]!, days[until - 1]!);
  }
  return { opened, lastOpenedOn };
}

function resultOf(plan: SetupPlan, completion: number | undefined, context: SkillContext<Parameters>): GuidedSetup {
  const shown = plan.remaining.slice(0, context.parameters.shown);
  return {
    completionPct: completion === undefined ? null : percent2(completion),
    currentStepId: plan.remaining[0]?.id ?? null,
    steps: shown.map(({ id, required, minutes, dependsOn }) => ({
      id,
      required,
      minutes: minutes ?? null,
      skippable: !required,
      dependsOn: [...dependsOn],
    })),
    minutesRemaining: plan.minutesRemaining ?? null,
    stuckSteps: plan.stuck.map(({ id, opened, idleDays }) => ({ id, opened, idleDays })),
    prefill: prefillOf(context.measured.view.account),
  };
}

const PROFILE_FIELDS = ['name', 'domain', 'segment', 'industry', 'country', 'employees', 'timeZone'] as const;

function prefillOf(account: SkillContext['measured']['view']['account']): GuidedSetup['prefill'] {
  const set = account.properties?.preferences;
  const own = new Set(typeof set === 'object' && set !== null ? Object.keys(set) : []);
  const prefill: GuidedSetup['prefill'] = {};
  for (const field of PROFILE_FIELDS) {
    const value = account[field];
    if (value !== undefined && !own.has(field)) prefill[field] = value;
  }
  return prefill;
}

function actionsOf(plan: SetupPlan, result: GuidedSetup, context: SkillContext<Parameters>): ActionDraft[] {
  const { measured, workspace, parameters: p } = context;
  const [current] = plan.remaining;
  if (current === undefined) return [];
  const due = (count: number) => addBusinessDays(measured.view.today, count, workspace.catalogue.holidays);
  const step = words(current.id);
  const minutes = current.minutes === undefined ? '' : ` (${current.minutes} min)`;
  const progress = result.completionPct === null ? '' : `, setup at ${result.completionPct} %`;
  const left = countText(plan.remaining.length, 'step');
  const actions: ActionDraft[] = [
    {
      key: `resume:${current.id}`,
      title: `Resume the setup at "${step}"${minutes}${progress}`,
      role: 'growth',
      due: due(0),
      channel: 'in_app',
      evidence: [],
    },
    {
      key: `email:${current.id}`,
      title: `Write what is left of the setup, ${left} from "${step}" on`,
      role: 'growth',
      due: due(1),
      channel: 'email',
      evidence: [],
    },
  ];
  const isLow = result.completionPct !== null && result.completionPct < p.callBelow;
  if (plan.stuck.length > 0 || isLow) {
    const [worst] = plan.stuck;
    const why = worst === undefined ? `${result.completionPct} % of it is done` : stuckText(worst);
    actions.push({
      key: 'call',
      title: `Call about the setup: ${why}`,
      role: 'onboarding',
      due: due(2),
      channel: 'call',
      evidence: [],
    });
  }
  return actions;
}

function stuckText({ id, why, opened, idleDays }: SetupPlan['stuck'][number]): string {
  const cause =
    why === 'opened' ? `opened ${opened} times and not done` : `no progress for ${countText(idleDays, 'day')}`;
  return `"${words(id)}", ${cause}`;
}

function sectionsOf(plan: SetupPlan, result: GuidedSetup, context: SkillContext<Parameters>): SkillSection[] {
  const { measured, parameters: p } = context;
  const minutes = result.minutesRemaining === null ? 'minutes unknown' : `${result.minutesRemaining} min`;
  const required = plan.remaining.filter((step) => step.required).length;
  const done = new Set(measured.activation.setup.steps.filter((step) => step.done === true).map(({ id }) => id));
  const progress = [
    labelled('Done', result.completionPct === null ? 'unknown' : `${result.completionPct} % of the required steps`),
    labelled('Left', `${countText(plan.remaining.length, 'step')}, of which ${required} required (${minutes})`),
  ];
  const filled = Object.entries(result.prefill).map(([field, value]) => `${words(field)} ${inert(String(value))}`);
  if (filled.length > 0) progress.push(labelled('Filled in from the record', filled.join(', ')));
  const rows = result.steps.map(({ id, required, minutes: each, dependsOn }) => [
    inert(words(id)),
    required ? 'required' : 'optional, can be skipped',
    each === null ? 'unknown' : String(each),
    dependsOn.length === 0
      ? '-'
      : inert(dependsOn.map((each) => `${words(each)}${done.has(each) ? ' (done)' : ''}`).join(', ')),
  ]);
  const hidden = plan.remaining.length - result.steps.length;
  const next =
    rows.length === 0
      ? 'Every step of the setup is done.'
      : [
          table(['Step', 'Kind', 'Minutes', 'After'], rows, [2]),
          ...(hidden > 0 ? [`${countText(hidden, 'further step')} after these ${p.shown}.`] : []),
        ].join('\n\n');
  const stuck = plan.stuck.map((each) => `- ${inert(stuckText(each))}`);
  return [
    { title: 'Progress', body: progress.join('\n') },
    { title: 'Next steps', body: next },
    { title: 'Stuck', body: stuck.length === 0 ? 'No step is stuck.' : stuck.join('\n') },
  ];
}
