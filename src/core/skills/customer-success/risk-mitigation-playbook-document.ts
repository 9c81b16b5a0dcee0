/** The sections of the risk playbook's document. */
import { percentText, sentence, wholeText, words } from '../../document/figures.ts';
import { inert, quoted, table } from '../../document/markdown.ts';
import { publish } from '../../scores/number.ts';
import type { SkillSection } from '../skill.ts';
import { ownerText } from '../skill-result.ts';
import type { RiskMitigation } from './risk-mitigation-playbook.ts';

/** `basis`: what the severity stands on, in plain clauses. */
export function riskSections(
  result: RiskMitigation,
  improvementPoints: number,
  basis: readonly string[],
): SkillSection[] {
  return [
    { title: 'Risk', body: risk(result, basis) },
    { title: 'Evidence', body: evidence(result) },
    { title: 'Cause', body: cause(result) },
    { title: 'Plan', body: plan(result) },
    { title: 'Checkpoint', body: checkpoint(result, improvementPoints) },
  ];
}

function cause({ cause: found }: RiskMitigation): string {
  if (found === null) return 'Unclear.';
  const text = inert(sentence(found.text));
  return found.quotes.length === 0 ? `${text}.` : `${text}: ${found.quotes.map(quoted).join(', ')}`;
}

function risk(result: RiskMitigation, basis: readonly string[]): string {
  const { severity, riskScore, riskCoverage, primaryRisk, churnScoreRange, churnBand, arrAtRisk, currency } = result;
  const known = `${riskScore ?? 'unknown'}, from ${percentText(riskCoverage)} of the factors`;
  const main = primaryRisk === null ? 'No factor stands out' : `The main risk is ${words(primaryRisk)}`;
  const { from, to } = churnScoreRange;
  const churn = from === to ? String(from) : `${from} to ${to}`;
  const arr = arrAtRisk === null ? 'unknown' : `${wholeText(arrAtRisk)}${currency === null ? '' : ` ${currency}`}`;
  const stands = basis.length === 0 ? '' : ` (${inert(basis.join('; '))})`;
  return `Severity ${severity ?? 'unknown'}${stands}, risk score ${known}. ${main}. Churn score ${churn} of 18, ${churnBand}. ARR at risk: ${arr}.`;
}

function evidence({ factors }: RiskMitigation): string {
  return table(
    ['Factor', 'Points', 'Evidence'],
    factors.map(({ factor, value, detail }) => [
      sentence(words(factor)),
      value === null ? 'unknown' : String(publish(value)),
      inert(value === null ? detail.replace(/^unknown: /, '') : detail),
    ]),
    [1],
  );
}

function plan({ steps, playbookId, severity }: RiskMitigation): string {
  if (steps.length === 0) return severity === 'none' ? 'Nothing to mitigate.' : 'No playbook: find the cause first.';
  const rows = steps.map(({ step, title, owner, endDate }) => [
    String(step),
    inert(title),
    inert(ownerText(owner)),
    endDate,
  ]);
  return `${sentence(words(playbookId ?? ''))}. Nothing is conceded without approval, and nothing is sold meanwhile.\n\n${table(['Step', 'What', 'Who', 'By'], rows, [0])}`;
}

function checkpoint({ checkpointDate, riskScore, stalled }: RiskMitigation, improvementPoints: number): string {
  if (checkpointDate === null) return 'None: there is no playbook to check.';
  const sentences = [
    riskScore === null
      ? `On ${checkpointDate} look again.`
      : `On ${checkpointDate} the risk score must be ${Math.max(0, riskScore - improvementPoints)} or lower, ${riskScore} today; if it is not, the executive takes over.`,
  ];
  if (stalled !== null) {
    sentences.push(`The checkpoint of ${stalled.checkpointDate} passed without improvement from ${stalled.riskScore}.`);
  }
  return sentences.join(' ');
}
