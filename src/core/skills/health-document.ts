/** The health assessment of one account as Markdown: Summary, Dimensions, Signals, Interventions, Next (skills.md B). */
import { moneyText, percentText, sentence, words } from '../document/figures.ts';
import { documentOf, heading, inert, labelled, table } from '../document/markdown.ts';
import { plainReason } from '../document/plain-words.ts';
import { parseDay } from '../time/calendar.ts';
import type { AssessedDimension, AssessmentResult, HealthAssessment } from './health-assessment.ts';
import type { Criterion } from './health-criteria.ts';
import { signed } from './health-evidence.ts';
import { type Intervention, playTitle } from './health-plays.ts';
import { ownerText, ROLE_TITLES, type SkillAction } from './skill-result.ts';

/** Everything people wrote is inert in it; internal, not for the customer. */
export function assessmentDocument(assessment: AssessmentResult): string {
  const { result } = assessment;
  return documentOf([
    heading(1, `Health Assessment: ${inert(result.name)}`),
    header(assessment),
    heading(2, 'Summary'),
    summary(assessment),
    heading(2, 'Dimensions'),
    dimensionTable(result.dimensions),
    heading(2, 'Signals'),
    signalTable(result.signals),
    heading(2, 'Interventions'),
    ...interventions(assessment),
    heading(2, 'Next'),
    next(assessment),
  ]);
}

/** The same sections without the actions, for a document that lists them itself. */
export function assessmentSections(assessment: AssessmentResult): { title: string; body: string }[] {
  const { result } = assessment;
  return [
    { title: 'Summary', body: summary(assessment) },
    { title: 'Dimensions', body: dimensionTable(result.dimensions) },
    { title: 'Signals', body: signalTable(result.signals) },
    { title: 'Interventions', body: plays(result).join('\n\n') },
    { title: 'Next', body: next(assessment) },
  ];
}

const STATUS_WORDS: Record<AssessmentResult['status'], string> = {
  ok: 'complete',
  partial: 'partial',
  insufficient_data: 'not enough data',
  refused: 'refused',
};

function header({ accountId, today, status, dataGaps, result }: AssessmentResult): string {
  const segment = result.segment === null ? '' : `, ${inert(result.segment)}`;
  const gaps = dataGaps.map(({ fact, reason }) => inert(`${words(fact)} (${plainReason(reason)})`)).join('; ');
  return [
    labelled('Account', `${inert(accountId)}${segment}`),
    labelled('Date', today),
    labelled('Status', `${STATUS_WORDS[status]}${gaps === '' ? '' : `; unknown: ${gaps}`}`),
  ].join('\n');
}

export function bandText({ score, band, scoreBand }: Pick<HealthAssessment, 'score' | 'band' | 'scoreBand'>): string {
  if (score === null || band === null) return 'unknown';
  const capped =
    scoreBand !== null && scoreBand !== band ? ` (${words(scoreBand)} by score, held there by signals)` : '';
  return `${score} of 100, ${words(band)}${capped}`;
}

function summary({ result, confidence }: AssessmentResult): string {
  const lines = [
    labelled(
      'Health score',
      result.score === null ? `unknown: ${inert(plainReason(result.reason ?? ''))}` : bandText(result),
    ),
  ];
  if (result.score !== null) {
    const since7 = result.change7 !== null && result.change7 !== 0 ? `, ${signed(result.change7)} in 7 days` : '';
    const trend =
      result.change30 === null
        ? 'unknown: no reading of 30 days ago to compare with'
        : `${result.trend} (${signed(result.change30)} in 30 days${since7})`;
    lines.push(labelled('Trend', trend));
  }
  lines.push(
    labelled(
      'Confidence',
      `${confidence} (${percentText(result.coverage)} of the weight known, ${result.daysOfData} days of data)`,
    ),
  );
  if (result.stage !== null) lines.push(labelled('Stage', result.stage));
  lines.push(labelled('ARR', arrText(result)), labelled('Renewal', renewalText(result)));
  const weakest = result.dimensions.find((each) => each.dimension === result.weakestDimension);
  if (weakest !== undefined) lines.push(labelled('Weakest dimension', `${weakest.dimension}, ${weakest.score} of 100`));
  return lines.join('\n');
}

export function arrText({ arrMinor, currency, arrReason }: HealthAssessment): string {
  return arrMinor === null ? `unknown: ${inert(arrReason ?? 'not known')}` : moneyText(arrMinor, currency);
}

export function renewalText({ renewalDate, daysToRenewal, renewalReason }: HealthAssessment): string {
  if (renewalDate === null || daysToRenewal === null) return `no date: ${inert(renewalReason ?? 'not known')}`;
  return daysToRenewal >= 0
    ? `${renewalDate}, in ${daysToRenewal} days`
    : `${renewalDate}, passed ${-daysToRenewal} days ago`;
}

export function trendText({ trend, change30 }: Pick<AssessedDimension, 'trend' | 'change30'>): string {
  return change30 === null ? trend : `${trend} (${signed(change30)})`;
}

function dimensionTable(dimensions: readonly AssessedDimension[]): string {
  return table(
    ['Dimension', 'Weight', 'Score', 'Trend, 30 days', 'Key signals'],
    dimensions.map((each) => [
      sentence(each.dimension),
      percentText(each.weight),
      each.score === null ? 'unknown' : String(each.score),
      trendText(each),
      each.keySignals.map(inert).join('; '),
    ]),
    [1, 2],
  );
}

/** Where a signal without records of its own is read from; the others are read from use. */
const SOURCES: Record<string, string> = {
  failed_payment: 'subscriptions',
  rising_tickets: 'tickets',
  ticket_silence: 'tickets',
};

function signalTable(signals: HealthAssessment['signals']): string {
  if (signals.length === 0) return 'No open risk signal.';
  return table(
    ['Severity', 'Signal', 'Since', 'Detail', 'Records'],
    signals.map(({ severity, id, since, detail, evidence }) => [
      sentence(severity),
      sentence(words(id)),
      since ?? '-',
      inert(detail),
      evidence.length === 0 ? (SOURCES[id] ?? 'usage') : evidence.map(inert).join(', '),
    ]),
  );
}

function interventions({ result, actions }: AssessmentResult): string[] {
  if (result.interventions.length === 0) return plays(result);
  return [...plays(result), heading(3, 'Actions'), actionTable(actions)];
}

function plays(result: HealthAssessment): string[] {
  if (result.score === null) return ['None: without a score there is nothing to treat.'];
  if (result.interventions.length === 0) return [`None: the band is ${words(result.band ?? 'unknown')}.`];
  return result.interventions.flatMap(interventionBlocks);
}

function interventionBlocks(each: Intervention): string[] {
  return [
    heading(3, playTitle(each.play)),
    [
      labelled('Why', inert(each.reason)),
      labelled('Owner', inert(ownerText(each.owner))),
      labelled(
        'Escalation',
        inert(`on ${each.escalation.date} if ${each.escalation.condition}: to ${ownerText(each.escalation.owner)}`),
      ),
    ].join('\n'),
    table(
      ['Date', 'Step', 'Owner'],
      each.steps.map(({ dueDate, title, owner }) => [dueDate, inert(title), inert(ownerText(owner))]),
    ),
    table(['Success criterion', 'Today', 'Target', 'By'], each.successCriteria.map(criterionRow)),
  ];
}

function criterionRow({ measure, from, to, unit, by }: Criterion): string[] {
  const value = (number: number | null, otherwise: string) => (number === null ? otherwise : inert(`${number}${unit}`));
  return [inert(sentence(measure)), value(from, 'no'), value(to, 'yes'), by];
}

function actionTable(actions: readonly SkillAction[]): string {
  return table(
    ['Due', 'Action', 'Owner', 'Channel', 'Held by'],
    actions.map(({ dueDate, title, ownerRole, owner, channel, heldBy }) => [
      dueDate,
      inert(title),
      inert(owner === null ? `${ROLE_TITLES[ownerRole]}, nobody named` : `${owner} (${ROLE_TITLES[ownerRole]})`),
      channel,
      heldBy.length === 0 ? 'nothing' : heldBy.join(', '),
    ]),
  );
}

function next({ result, today }: AssessmentResult): string {
  const { nextAssessmentDate, band } = result;
  if (nextAssessmentDate === null)
    return labelled('Next assessment', `as soon as the score is known (${inert(plainReason(result.reason ?? ''))})`);
  const days = parseDay(nextAssessmentDate)! - parseDay(today)!;
  const why = band === null ? 'the first day with enough data' : `${words(band)}, so after ${days} days`;
  return labelled('Next assessment', `${nextAssessmentDate} (${why})`);
}
