/** The sections of a business review, in words the customer may read: recorded figures, no internal scores. */
import { countText, percentText, sentence, wholeText, words } from '../../document/figures.ts';
import { inert, table } from '../../document/markdown.ts';
import type { SkillSection } from '../skill.ts';
import type { BusinessReview } from './quarterly-business-review.ts';

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
  const of = (outcome: string) => goals.filter((goal) => goal.outcome === outcome).length;
  const sentences = [
    goals.length === 0
      ? 'No goal is recorded for the quarter.'
      : `Of ${countText(goals.length, 'goal')}, ${of('met')} met, ${of('partial')} partly met, ${of('missed')} missed${of('unknown') > 0 ? `, ${of('unknown')} without a figure` : ''}.`,
  ];
  const users = usage.find((row) => row.measure === 'active_users');
  if (users?.now != null) sentences.push(`${countText(users.now, 'active user')}${versus(users.changePct)}.`);
  if (roiMultiple !== null) sentences.push(`The recorded value is ${roiMultiple} times the fees.`);
  return `${quarter}, ${from} to ${to}. ${sentences.join(' ')}`;
}

function versus(changePct: number | null): string {
  if (changePct === null) return '';
  if (changePct === 0) return ', as many as in the quarter before';
  return `, ${percentText(Math.abs(changePct) / 100)} ${changePct > 0 ? 'more' : 'fewer'} than in the quarter before`;
}

function value({ goals, recordedValue, fees, currency, roiMultiple }: BusinessReview): string {
  const money = (amount: number | null) =>
    amount === null ? 'unknown' : `${wholeText(amount)}${currency === null ? '' : ` ${currency}`}`;
  const roi = roiMultiple === null ? 'the multiple is unknown' : `${roiMultiple} times the fees`;
  const said =
    recordedValue === null
      ? `No value is recorded for goals met in the quarter; fees ${money(fees)}; ${roi}.`
      : `Recorded value ${money(recordedValue)}, fees ${money(fees)}: ${roi}.`;
  if (goals.length === 0) return said;
  const rows = goals.map(({ title, progressPct, outcome }) => [
    inert(title),
    progressPct === null ? 'not known' : percentText(progressPct / 100),
    outcome === 'partial' ? 'partly met' : outcome === 'unknown' ? 'not known' : outcome,
  ]);
  return `${said}\n\n${table(['Goal', 'Of the way', 'Outcome'], rows, [1])}`;
}

function adoption({ usage }: BusinessReview): string {
  const number = (count: number | null) => (count === null ? 'not known' : wholeText(count));
  const rows = usage.map(({ measure, now, prior, changePct }) => [
    sentence(words(measure)),
    number(now),
    number(prior),
    changePct === null ? 'not known' : `${changePct > 0 ? '+' : ''}${changePct} %`,
  ]);
  return table(['Measure', 'Quarter', 'Quarter before', 'Change'], rows, [1, 2, 3]);
}

/** What the customer itself sees of its health: support and survey answers. */
function health({ support, nps }: BusinessReview): string {
  const lines: string[] = [];
  if (support === null) lines.push('- Support: not known.');
  else {
    const hours = support.medianHours === null ? '' : `, half of them within ${support.medianHours} hours`;
    lines.push(`- Support: ${countText(support.opened, 'ticket')} opened, ${support.resolved} resolved${hours}.`);
  }
  lines.push(
    nps === null
      ? '- Survey: no answer in the quarter.'
      : `- Survey: ${nps.mean} of 10 on average, ${countText(nps.answers, 'answer')}.`,
  );
  return lines.join('\n');
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
