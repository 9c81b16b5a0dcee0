/** The sections of the adoption score's document. */
import { sentence, words } from '../../document/figures.ts';
import { inert, table } from '../../document/markdown.ts';
import type { SkillSection } from '../skill.ts';
import type { AdoptionPart, AdoptionScore } from './adoption-score.ts';

const PARTS: readonly AdoptionPart[] = ['breadth', 'depth', 'frequency', 'stickiness'];

interface Limits {
  powerDays: number;
  regularDays: number;
  target: number;
  forecastDays: number;
}

export function adoptionSections(result: AdoptionScore, p: Limits): SkillSection[] {
  return [
    { title: 'Score', body: scoreBody(result) },
    { title: 'Features', body: featureBody(result) },
    { title: 'Users', body: userBody(result, p) },
    { title: 'Gaps', body: gapBody(result, p.target) },
    { title: 'Forecast', body: forecastBody(result, p.forecastDays) },
  ];
}

const figure = (value: number | null): string => (value === null ? 'unknown' : String(value));

function scoreBody(result: AdoptionScore): string {
  const rows = PARTS.map((part) => [sentence(part), figure(result[part])]);
  const said = `Adoption is ${figure(result.adoptionScore)} and usage depth ${figure(result.usageDepth)}, measured from ${result.windowFrom} to ${result.windowTo}.`;
  const fell = result.drops.map(({ part, from, to }) => `${part} fell from ${from} to ${to}`);
  return [
    said,
    table(['Part', 'Points'], rows, [1]),
    ...(fell.length === 0 ? [] : [`${sentence(fell.join('; '))}.`]),
  ].join('\n\n');
}

function featureBody({ featureMatrix }: AdoptionScore): string {
  if (featureMatrix.length === 0) return 'No catalogue feature is relevant to the account.';
  return table(
    ['Feature', 'Kind', 'In use', 'Days of use', 'Users', 'First use'],
    featureMatrix.map(({ featureId, core, advanced, used, days, users, firstUse }) => [
      inert(words(featureId)),
      advanced ? 'advanced' : core ? 'core' : 'goal',
      used ? 'yes' : 'no',
      String(days),
      String(users),
      firstUse ?? 'never',
    ]),
    [3, 4],
  );
}

function userBody({ userTiers }: AdoptionScore, { powerDays, regularDays }: Limits): string {
  if (userTiers === null) return 'Users are unknown.';
  const { power, regular, casual, inactive } = userTiers;
  return table(
    ['Tier', 'Active days of 30', 'Users'],
    [
      ['Power', `${powerDays} or more`, String(power)],
      ['Regular', `${regularDays} to ${powerDays - 1}`, String(regular)],
      ['Casual', `1 to ${regularDays - 1}`, String(casual)],
      ['Inactive', '0', String(inactive)],
    ],
    [2],
  );
}

function gapBody({ gaps, gainPoints, featureMatrix }: AdoptionScore, target: number): string {
  const lines = gaps.map(
    ({ part, score, gainPoints: gain, detail }) =>
      `- ${sentence(part)} at ${score} of the ${target} aimed at, worth ${pointsText(gain)} of adoption: ${inert(detail)}.`,
  );
  const unused = featureMatrix.filter((row) => !row.used).length;
  if (gainPoints !== null && unused > 0) {
    const which = unused === 1 ? 'The one unused feature' : `One more of the ${unused} unused features`;
    lines.push(`- ${which}, taken into use, adds ${pointsText(gainPoints)} to adoption.`);
  }
  return lines.length === 0 ? `Every known part is at ${target} or above.` : lines.join('\n');
}

/** `14.9 points`, `1 point` */
function pointsText(points: number): string {
  const rounded = Number(points.toFixed(1));
  return `${rounded} point${rounded === 1 ? '' : 's'}`;
}

function forecastBody({ forecast30, adoptionScore }: AdoptionScore, days: number): string {
  if (forecast30 === null) return 'Unknown: there is no earlier score to compare with.';
  return `${forecast30} of 100 in ${days} days, if the change of the last ${days} days, which led to ${figure(adoptionScore)}, goes on.`;
}
