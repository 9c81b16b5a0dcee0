/** The document of plg/trial_extension_evaluator: Status, Factors, Decision, Conditions. */
import { countText, percentText, sentence, wholePercentText, words } from '../../document/figures.ts';
import { inert, labelled, table } from '../../document/markdown.ts';
import { publish } from '../../scores/number.ts';
import { formatDay } from '../../time/calendar.ts';
import type { SkillContext, SkillSection } from '../skill.ts';
import type { TrialEvidence } from './trial-evidence.ts';
import {
  decisionWords,
  type ExtensionFactor,
  type ExtensionVerdict,
  type TrialExtension,
  type TrialExtensionParameters,
} from './trial-extension.ts';

type Context = SkillContext<TrialExtensionParameters>;

export function trialExtensionSections(
  trial: TrialEvidence,
  verdict: ExtensionVerdict,
  result: TrialExtension,
  context: Context,
): SkillSection[] {
  return [
    { title: 'Status', body: statusOf(trial, context) },
    { title: 'Factors', body: factorsOf(trial, verdict, result, context) },
    { title: 'Decision', body: decisionOf(verdict, result) },
    { title: 'Conditions', body: conditionsOf(result, context) },
  ];
}

function statusOf(trial: TrialEvidence, { measured: { view } }: Context): string {
  const left = trial.trialEnd - view.today;
  const past =
    trial.pastExtensions === 0
      ? 'none'
      : `${trial.pastExtensions}, together ${countText(trial.pastExtensionDays, 'day')}`;
  return [
    labelled('Trial', `${formatDay(trial.startedOn)} to ${formatDay(trial.trialEnd)}, ${countText(left, 'day')} left`),
    labelled('Use', `${countText(trial.activeDays, 'active day')} in ${countText(trial.businessDays, 'business day')}`),
    labelled('Past extensions', past),
    labelled('Asked for', trial.statedReason === undefined ? 'no, proactive' : inert(words(trial.statedReason))),
  ].join('\n');
}

const LABELS: Record<ExtensionFactor, string> = {
  engagement: 'Engagement',
  conversion: 'Conversion signals',
  fit: 'Firmographic fit',
  history: 'Past extensions',
  reason: 'Reason given',
};

function factorsOf(
  trial: TrialEvidence,
  { score, baseRate, baseRateFrom, conversionProbability }: ExtensionVerdict,
  result: TrialExtension,
  { portfolio }: Context,
): string {
  const rows = (Object.keys(LABELS) as ExtensionFactor[]).map((name) => {
    const each = score.parts[name];
    if (each === undefined) return [LABELS[name], 'not applicable', '-'];
    return [LABELS[name], each.value === undefined ? 'unknown' : String(publish(each.value)), percentText(each.weight)];
  });
  const scoreText = result.score === null ? `Score unknown: ${inert(score.reason ?? '')}.` : `Score ${result.score}.`;
  const rate =
    baseRateFrom === 'own_history'
      ? `our own rate: ${portfolio.trials.converted} of ${portfolio.trials.ended} trials that ended`
      : 'the rate of the policy';
  const unknownFactors = trial.gaps.length === 0 ? '' : ' Unknown factors leave the probability as it is.';
  return [
    table(['Factor', 'Points', 'Weight'], rows, [1, 2]),
    `${scoreText} Conversion probability ${wholePercentText(conversionProbability)}, from ${wholePercentText(baseRate)} (${rate}).${unknownFactors}`,
  ].join('\n\n');
}

function decisionOf({ reason, decision, extensionDays }: ExtensionVerdict, { newTrialEnd, trialEnd }: TrialExtension) {
  const outcome = sentence(decisionWords(decision, extensionDays));
  const end =
    newTrialEnd === null ? `the trial ends on ${trialEnd}` : `the trial ends on ${newTrialEnd} instead of ${trialEnd}`;
  return `${outcome}: ${end} (${words(reason)}).`;
}

function conditionsOf({ conditions, extensionDays }: TrialExtension, { measured, parameters: p }: Context): string {
  const lines = conditions.map((condition) => `- ${inert(condition)}`);
  if (extensionDays > 0) lines.push('- No discount is part of the extension');
  lines.push(`- At most ${countText(p.extensions, 'extension')} and ${countText(p.totalDays, 'day')} in all`);
  if (measured.trial.converting === true) {
    lines.push('- The trial shows signs of buying: the upgrade trigger looks at it as well');
  }
  return lines.join('\n');
}
