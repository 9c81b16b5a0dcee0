/** `docs/facts.md`, made from the fact catalogue. */
import type { FactDefinition } from '../src/core/facts/fact.ts';
import { FACTS } from '../src/core/facts/facts.ts';

const INTRODUCTION = `# Facts

Every fact that a condition in the policy may use. \`npm run docs\` writes this page; \`stagecraft policy facts\` prints the
same. A fact that cannot be computed is unknown, with a reason; unknown is neither zero nor false.

The last column names the definition: S1 is the journey seed, A1 to A10 and B are sections of the computation
specification, "journey" and "contract" the pages of those names.

| fact | type | how it is computed | source |
|---|---|---|---|
`;

export function factsDocument(): string {
  const facts: readonly FactDefinition[] = FACTS;
  return (
    INTRODUCTION +
    facts
      .map(({ name, how, source, ...kind }) => `| \`${name}\` | ${kindOf(kind)} | ${cell(how)} | ${cell(source)} |\n`)
      .join('')
  );
}

function kindOf({ type, unit, values }: Pick<FactDefinition, 'type' | 'unit' | 'values'>): string {
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(', ');
  return unit === '' ? type : `${type}, ${cell(unit)}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
