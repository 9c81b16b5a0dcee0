/** The sections of a business review, in words the customer may read: recorded figures, no internal scores. */
import { countText, sentence, wholePercentText, wholeText, words } from '../../document/figures.ts';
import { inert, table } from '../../document/markdown.ts';
import type { SkillSection } from '../skill.ts';
import type { BusinessReview } from './quarterly-business-review.ts';
import type { ReviewedGoal } from './review-quarter.ts';

export function reviewSections(review: BusinessReview): SkillSection[] {
  return [
    { title: 'Summary', body: summary(review) },
    { title: 'Value', body: value(review) },
    { title: 'Adoption', body: adoption(review) },
    { title: 'Health', body: health(review) },
    { title: 'Challenges', body: challenges(review) },
    { title: 'Recommendations', body: recommendations(review) },
    { title: 'Next steps', body: nextSteps(review) },
  ];
}

function summary({ quarter, from, to, goals, usage, roiMultiple }: BusinessReview): string {
  const outcomes = goals.map((goal) => outcomeText(goal, to));
  const said = [...new Set(outcomes)].map((each) => `${outcomes.filter((other) => other === each).length} ${each}`);
  const sentences = [
    goals.length === 0
      ? 'No goal is recorded for the quarter.'
      : `Of ${countText(goals.length, 'goal')}: ${said.join(', ')}.`,
  ];
  const users = usage.find((row) => row.measure === 'active_users');
  if (users?.now != null) sentences.push(`${countText(users.now, 'active user')}${versus(users.changePct)}.`);
  if (roiMultiple !== null) sentences.push(`The recorded value is ${timesText(roiMultiple)} the fees.`);
  return `${quarter}, ${from} to ${to}. ${sentences.join(' ')}`;
}

function versus(changePct: number | null): string {
  if (changePct === null) return '';
  if (changePct === 0) return ', as many as in the quarter before';
  return `, ${wholePercentText(Math.abs(changePct) / 100)} ${changePct > 0 ? 'more' : 'fewer'} than in the quarter before`;
}

/** A goal whose date lies beyond the quarter is not missed yet. */
function outcomeText({ outcome, dueDate }: ReviewedGoal, to: string): string {
  if (outcome === 'unknown') return 'without a figure';
  if (outcome !== 'met' && dueDate !== null && dueDate > to) return 'under way';
  return outcome === 'partial' ? 'partly met' : outcome;
}

/** `16.5 times` */
function timesText(multiple: number): string {
  return `${Number(multiple.toFixed(1))} times`;
}

function value({ goals, to, recordedValue, fees, currency, roiMultiple }: BusinessReview): string {
  const money = (amount: number | null) =>
    amount === null ? 'unknown' : `${wholeText(amount)}${currency === null ? '' : ` ${currency}`}`;
  const roi = roiMultiple === null ? 'the multiple is unknown' : `${timesText(roiMultiple)} the fees`;
  const said =
    recordedValue === null
      ? `No value is recorded for goals met in the quarter; fees ${money(fees)}; ${roi}.`
      : `Recorded value ${money(recordedValue)}, fees ${money(fees)}: ${roi}.`;
  if (goals.length === 0) return said;
  const rows = goals.map((goal) => [
    inert(goal.title),
    goal.dueDate ?? 'not dated',
    goal.progressPct === null ? 'not known' : wholePercentText(goal.progressPct / 100),
    outcomeText(goal, to),
  ]);
  return `${said}\n\n${table(['Goal', 'Due', 'Of the way', 'Outcome'], rows, [2])}`;
}

function adoption({ usage }: BusinessReview): string {
  const number = (count: number | null) => (count === null ? 'not known' : wholeText(count));
  const rows = usage.map(({ measure, now, prior, changePct }) => [
    sentence(words(measure)),
    number(now),
    number(prior),
    changePct === null
      ? 'not known'
      : `${changePct > 0 ? '+' : changePct < 0 ? '-' : ''}${wholePercentText(Math.abs(changePct) / 100)}`,
  ]);
  return table(['Measure', 'Quarter', 'Quarter before', 'Change'], rows, [1, 2, 3]);
}

/** What the customer itself sees of its health: support and survey answers. */
function health({ support, nps }: BusinessReview): string {
  const lines: string[] = [];
  if (support === null) lines.push('- Support: not known.');
  else {
    const hours = support.medianHours === null ? '' : `, half of them within ${hoursText(support.medianHours)}`;
    lines.push(`- Support: ${countText(support.opened, 'ticket')} opened, ${support.resolved} resolved${hours}.`);
  }
  lines.push(
    nps === null
      ? '- Survey: no answer in the quarter.'
      : `- Survey: ${nps.mean} of 10 on average, ${countText(nps.answers, 'answer')}.`,
  );
  return lines.join('\n');
}

const DAYS_FROM_HOURS = 48;

function hoursText(hours: number): string {
  return hours < DAYS_FROM_HOURS
    ? countText(Math.max(1, Math.round(hours)), 'hour')
    : `${Number((hours / 24).toFixed(1))} days`;
}

function challenges({ challenges: all }: BusinessReview): string {
  const shown = all.filter((challenge) => !challenge.internal);
  return shown.length === 0
    ? 'No goal was missed and nothing urgent was reported.'
    : shown.map(({ text }) => `- ${inert(text)}.`).join('\n');
}

function recommendations({ recommendations: all, expansionSuggestion }: BusinessReview): string {
  const lines = all.map(({ text }, i) => `${i + 1}. ${inert(text)}.`);
  if (lines.length === 0) lines.push('Nothing on record calls for a change.');
  if (expansionSuggestion !== null) lines.push('', `${inert(expansionSuggestion)}.`);
  return lines.join('\n');
}

function nextSteps({ meetingDate, preReadDate, summaryDate, slides }: BusinessReview): string {
  return `Pre-read of ${slides.length} slides on ${preReadDate}, meeting on ${meetingDate}, summary on ${summaryDate}.`;
}
