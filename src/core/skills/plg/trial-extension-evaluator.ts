/**
 * plg/trial_extension_evaluator (skills.md B): extend a trial that ends soon, push it to convert, or let it go. What is
 * read from which record stands in `trial-evidence.ts`, the calculation in `trial-extension.ts`.
 */
import { known, unknown } from '../../facts/view.ts';
import { publish } from '../../scores/number.ts';
import { addBusinessDays, formatDay } from '../../time/calendar.ts';
import { refusedOutput } from '../run-skill.ts';
import { defineSkill, type SkillContext, type SkillOutput } from '../skill.ts';
import type { ActionDraft } from '../skill-result.ts';
import { type TrialEvidence, trialEvidence } from './trial-evidence.ts';
import {
  decideExtension,
  decisionWords,
  type ExtensionFactor,
  type ExtensionVerdict,
  type TrialExtension,
  type TrialExtensionParameters,
  trialExtensionParameters,
} from './trial-extension.ts';
import { trialExtensionSections } from './trial-extension-document.ts';

export const trialExtensionEvaluator = defineSkill<TrialExtensionParameters, TrialExtension>({
  name: 'plg/trial_extension_evaluator',
  domain: 'plg',
  purpose: 'Decides whether a trial that ends soon is extended, pushed to convert or let go',
  customerFacing: true,
  conversation: 'conversion',
  serviceMessage: false,
  celebration: false,
  inputs: {
    required: ['subscriptions with trialEndsAt and extensions', 'events'],
    optional: ['catalogue signals', 'account segment, industry, employees', 'notes', 'incidents'],
  },
  sections: ['Status', 'Factors', 'Decision', 'Conditions'],
  parameters: trialExtensionParameters,
  outcome: {
    measure: 'paid_subscription_in_force',
    unit: 'share',
    better: 'higher',
    // the longest extension and as long again to sign
    horizonDays: 28,
    noise: 0,
    read: ({ subscriptionGap, contract }) =>
      subscriptionGap === undefined ? known(contract.paidInForce ? 1 : 0) : unknown(subscriptionGap),
  },
  run: runTrialExtension,
});

function runTrialExtension(context: SkillContext<TrialExtensionParameters>): SkillOutput<TrialExtension | null> {
  const { contract, subscriptionGap } = context.measured;
  if (subscriptionGap === undefined && !contract.trialInForce) {
    return refusedOutput('no_trial_in_force', 'No trial is in force, so there is none to extend.');
  }
  const evidence = trialEvidence(context);
  if (!evidence.ok) {
    const { fact, reason } = evidence;
    return {
      status: 'insufficient_data',
      reasons: [],
      dataGaps: [{ fact, reason }],
      result: null,
      actions: [],
      sections: [],
    };
  }
  const { trial } = evidence;
  const verdict = decideExtension({ ...trial, trials: context.portfolio.trials }, context.parameters);
  const result = resultOf(trial, verdict);
  const reasons = [verdict.reason];
  if (context.measured.trial.converting === true) reasons.push('also_upgrade_trigger');
  return {
    status: trial.gaps.length === 0 ? 'ok' : 'partial',
    reasons,
    dataGaps: trial.gaps,
    result,
    actions: actionsOf(trial, verdict, context),
    sections: trialExtensionSections(trial, verdict, result, context),
  };
}

function resultOf(trial: TrialEvidence, verdict: ExtensionVerdict): TrialExtension {
  const { score } = verdict;
  const factors: TrialExtension['factors'] = {};
  for (const name of Object.keys(score.parts) as ExtensionFactor[]) factors[name] = score.parts[name]?.value ?? null;
  return {
    decision: verdict.decision,
    extensionDays: verdict.extensionDays,
    newTrialEnd: verdict.newTrialEnd === undefined ? null : formatDay(verdict.newTrialEnd),
    score: score.score === undefined ? null : publish(score.score),
    conversionProbability: verdict.conversionProbability,
    conditions: conditionsOf(trial, verdict),
    factors,
    trialEnd: formatDay(trial.trialEnd),
    pastExtensions: trial.pastExtensions,
    pastExtensionDays: trial.pastExtensionDays,
    baseRate: verdict.baseRate,
    baseRateFrom: verdict.baseRateFrom,
  };
}

/** What the extension stands on; nothing where there is none. */
function conditionsOf({ trialEnd, isActivated }: TrialEvidence, { decision, newTrialEnd }: ExtensionVerdict): string[] {
  if (newTrialEnd === undefined) return [];
  const by = formatDay(newTrialEnd);
  if (decision === 'approve_conditional') {
    return [
      `Before ${formatDay(trialEnd)} the customer names who decides and the day of the decision, by ${by} at the latest`,
      ...(isActivated === true ? [] : [`The first_value milestone is reached by ${by}`]),
    ];
  }
  if (decision === 'approve_with_push') {
    return [
      'The offer to buy goes out with the extension',
      ...(isActivated === true ? [] : [`Without the first value milestone by ${by} the trial ends`]),
    ];
  }
  return [];
}

function actionsOf(
  trial: TrialEvidence,
  { decision, extensionDays, newTrialEnd, conversionProbability, reason }: ExtensionVerdict,
  { measured, workspace }: SkillContext<TrialExtensionParameters>,
): ActionDraft[] {
  const { today } = measured.view;
  const { holidays } = workspace.catalogue;
  const due = (count: number) => addBusinessDays(today, count, holidays);
  const end = formatDay(trial.trialEnd);
  const until = newTrialEnd === undefined ? undefined : formatDay(newTrialEnd);
  const push = decision === 'approve_with_push' ? ', with the offer to buy' : '';
  const outcome =
    until !== undefined
      ? `Tell the trial it runs ${extensionDays} more days, until ${until}${push}`
      : decision === 'review'
        ? `Tell the trial that an extension beyond ${end} is being looked at`
        : `Tell the trial it ends on ${end} and how to buy`;
  const subject = 'conversion';
  const { evidence } = trial;
  const actions: ActionDraft[] = [
    { key: 'outcome', title: outcome, role: 'growth', due: due(0), channel: 'in_app', evidence, subject },
  ];
  if (decision === 'review' || trial.salesFlagged) {
    const title =
      decision === 'review'
        ? `Review a second extension: conversion at ${percentOf(conversionProbability)}, trial ends ${end}`
        : `Follow up the trial that sales flagged: ${decisionWords(decision, extensionDays)}, ends ${until ?? end}`;
    actions.push({ key: 'review', title, role: 'ae', due: due(1), channel: 'task', evidence });
  }
  const recheck = `Recheck use and signals after the decision (${reason.replaceAll('_', ' ')}); the trial ends ${until ?? end}`;
  actions.push({ key: 'recheck', title: recheck, role: 'growth', due: due(3), channel: 'task', evidence });
  return actions;
}

function percentOf(share4: number): string {
  return `${Math.round(share4 * 100)} %`;
}
