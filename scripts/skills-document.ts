/** `docs/skills.md`, made from the registry of skills. */
import type { z } from 'zod';
import { documentOf, heading, inert, labelled, table } from '../src/core/document/markdown.ts';
import type { AnySkill } from '../src/core/skills/skill.ts';
import { SKILLS } from '../src/core/skills/skills.ts';

const DOMAINS = [
  ['plg', 'Product-led growth'],
  ['customer_success', 'Customer success'],
  ['monetization', 'Monetization'],
] as const;

export function skillsDocument(): string {
  return documentOf([
    '<!-- Written by `npm run docs` from the registry of skills (src/core/skills). Do not edit. -->',
    heading(1, 'Skills'),
    `What the policy can trigger: ${SKILLS.length} built-in skills. Each computes its result from the account's facts, writes a short document and proposes dated actions; none of them sends anything. \`stagecraft skill list\` prints them, \`stagecraft skill run NAME ACCOUNT\` runs one. A workspace changes a skill's parameters in its policy, under \`skills.<name>.parameters\`, and declares skills of its own under \`customSkills\` (see [policy.md](policy.md)).`,
    ...DOMAINS.flatMap(([domain, title]) => [
      heading(2, title),
      ...SKILLS.filter((skill) => skill.domain === domain).flatMap(skillBlocks),
    ]),
  ]);
}

function skillBlocks(skill: AnySkill): string[] {
  const { name, purpose, inputs, sections, outcome } = skill;
  const { measure, unit, better, horizonDays } = outcome;
  return [
    heading(3, name),
    `${purpose}.`,
    [
      labelled('Reach', reachOf(skill)),
      labelled('Needs', inputs.required.map(inert).join('; ') || 'nothing'),
      labelled('Uses where known', inputs.optional.map(inert).join('; ') || 'nothing more'),
      labelled('Document', sections.map(inert).join(', ')),
      labelled(
        'Measured by',
        `${inert(measure)} (${inert(unit)}, ${better} is better), ${horizonDays} days after it was done`,
      ),
    ].join('\n'),
    parameterTable(skill),
  ];
}

function reachOf({ customerFacing, conversation, serviceMessage, celebration }: AnySkill): string {
  const traits = [customerFacing ? 'faces the customer' : 'internal'];
  if (conversation !== 'none') traits.push(`conversation about ${conversation}`);
  if (serviceMessage) traits.push('service message: not counted by the weekly cap');
  if (celebration) traits.push('celebration: waits out an escalation or incident');
  return traits.join('; ');
}

function parameterTable({ parameters }: AnySkill): string {
  const defaults = parameters.parse({}) as Record<string, unknown>;
  const rows = Object.entries(parameters.shape).map(([name, schema]) => [
    `\`${name}\``,
    `\`${JSON.stringify(defaults[name]) ?? 'none'}\``,
    inert((schema as z.ZodType).description ?? ''),
  ]);
  return rows.length === 0 ? '' : table(['Parameter', 'Default', 'What it is'], rows);
}
