/** The sections of the usage cliff intervention: Drop, Cause, Plan, Target (skills.md B). */
import { sentence, wholePercentText, words } from '../../document/figures.ts';
import { inert, labelled, table } from '../../document/markdown.ts';
import type { SkillSection } from '../skill.ts';
import type { Loss, UsageCliffResult } from './usage-cliff-intervention.ts';

export interface CliffWords {
  /** Why nothing is done. */
  note?: string | undefined;
  /** The actions by key, with their dates. */
  steps?: readonly { key: string; date: string }[];
}

/** Without a cause only the drop; a fall that is left alone has no plan. */
export function cliffSections(result: UsageCliffResult, { note, steps = [] }: CliffWords): SkillSection[] {
  const sections = [{ title: 'Drop', body: dropOf(result, note) }];
  if (result.cause === null) return sections;
  sections.push({ title: 'Cause', body: causeText(result) });
  if (steps.length > 0) {
    const rows = steps.map(({ key, date }) => [date, goalOf(key, result)]);
    sections.push({ title: 'Plan', body: table(['By', 'True by then'], rows) });
  }
  const base = `${wholePercentText(result.targetWeekly! / result.baseWeekly!)} of the base of ${result.baseWeekly}`;
  const target = `${result.targetWeekly} value events in 7 days by ${result.targetDate} (${base}); today ${result.recentWeekly}`;
  return [...sections, { title: 'Target', body: labelled('Target', target) }];
}

/** What must be true by each date; who does it stands in the actions. */
function goalOf(key: string, { cause, topLosses, incidentIds, recentWeekly, targetWeekly }: UsageCliffResult): string {
  if (key === 'check') {
    const half = Math.ceil((recentWeekly! + targetWeekly!) / 2);
    return `Weekly use is ${half} or more, half of the way from ${recentWeekly} to ${targetWeekly}; if not, the cause is sought anew`;
  }
  const first = (kind: Loss['kind']) => topLosses.find((loss) => loss.kind === kind)!;
  if (cause === 'incident') return `Whoever resolves ${incidentIds.map(inert).join(', ')} knows that use fell with it`;
  if (cause === 'feature') return `It is known whether ${lossName(first('feature'))} works, or what replaced it`;
  if (cause === 'key_user') return `It is known why ${lossName(first('user'))} stopped, and who works in their place`;
  return 'It is known what changed for the team';
}

function dropOf({ cliff, dropPct, baseWeekly, recentWeekly, eligibleFrom }: UsageCliffResult, note?: string): string {
  const lines = [
    labelled('Last 7 days', `${recentWeekly} value events`),
    labelled('Base', `${baseWeekly}, the median of the four weeks before`),
    labelled('Change', `${changeText(dropPct!)}${cliff ? ', a cliff' : ', no cliff'}`),
  ];
  if (note !== undefined) lines.push(labelled('Left alone', inert(note)));
  if (eligibleFrom !== null) lines.push(labelled('Eligible from', eligibleFrom));
  return lines.join('\n');
}

function causeText({ cause, incidentIds, topLosses }: UsageCliffResult): string {
  const first = (kind: Loss['kind']) => topLosses.find((loss) => loss.kind === kind);
  const named = (loss: Loss | undefined) =>
    loss === undefined ? '' : `${lossName(loss)}, ${wholePercentText(loss.share)} of the fall`;
  const text: Record<NonNullable<UsageCliffResult['cause']>, string> = {
    data_outage: 'no events arrive',
    incident: `${incidentIds.map(inert).join(', ')} was open in the week of the fall`,
    key_user: named(first('user')),
    feature: named(first('feature')),
    broad: 'no single user or feature explains the fall',
  };
  const rows = topLosses.map((loss) => [
    sentence(loss.kind),
    lossName(loss),
    String(loss.lost),
    wholePercentText(loss.share),
  ]);
  const lines = labelled(sentence(words(cause!)), text[cause!]);
  return rows.length === 0
    ? lines
    : `${lines}\n\n${table(['Kind', 'Who or what', 'Lost a week', 'Share'], rows, [2, 3])}`;
}

/** `-51 %` */
function changeText(pct: number): string {
  return `${pct < 0 ? '-' : pct > 0 ? '+' : ''}${wholePercentText(Math.abs(pct) / 100)}`;
}

function lossName({ id, name }: Loss): string {
  return inert(name ?? id);
}
