/** Reason templates: `"Trial ends in {days_remaining} days"`. */
import type { FactValue, FactVector } from '../facts/fact.ts';
import { FACT_LIST, factIndex } from './fact-lookup.ts';

export interface Placeholder {
  name: string;
  /** Characters from the start of the template to the name. */
  offset: number;
}

const PLACEHOLDER = /\{([^{}]*)\}/g;

/** Every `{name}` of a template, known as a fact or not. */
export function placeholdersOf(template: string): Placeholder[] {
  return [...template.matchAll(PLACEHOLDER)].map((match) => ({ name: match[1]!, offset: match.index + 1 }));
}

/** Text and indexes of facts, in turn; templates come from policies, so there are few of them. */
const parsed = new Map<string, (string | number)[]>();
const MOST_TEMPLATES = 10_000;

/** The template with each `{fact}` replaced by its value; an unknown fact reads `unknown`. */
export function renderReason(template: string, facts: FactVector): string {
  let pieces = parsed.get(template);
  if (pieces === undefined) {
    if (parsed.size >= MOST_TEMPLATES) parsed.clear();
    pieces = piecesOf(template);
    parsed.set(template, pieces);
  }
  let text = '';
  for (const piece of pieces) text += typeof piece === 'string' ? piece : renderFact(piece, facts.values[piece]);
  return text;
}

function piecesOf(template: string): (string | number)[] {
  const pieces: (string | number)[] = [];
  let from = 0;
  for (const match of template.matchAll(PLACEHOLDER)) {
    const index = factIndex(match[1]!);
    if (index === undefined) continue;
    pieces.push(template.slice(from, match.index), index);
    from = match.index + match[0].length;
  }
  pieces.push(template.slice(from));
  return pieces;
}

/** A share is read in percent: 0.87 is `87%`. */
function renderFact(index: number, value: FactValue | undefined): string {
  const isShare = typeof value === 'number' && FACT_LIST[index]!.unit.startsWith('share');
  return isShare ? `${renderValue(value * 100)}%` : renderValue(value);
}

/** A fact as people read it: at most two decimals, `yes`/`no`, `at risk`, `unknown`. */
export function renderValue(value: FactValue | undefined): string {
  if (value === undefined) return 'unknown';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value.replaceAll('_', ' ');
  // Half up with the same nudge as published scores (skills.md A1); + 0 turns -0 into 0.
  return String(Math.floor(value * 100 + 0.5 + 1e-9) / 100 + 0);
}
