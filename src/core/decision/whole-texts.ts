/**
 * A text composed of others is kept by V8 as a tree of its parts, and from the first such text on, JSON.stringify leaves its
 * fast way for the rest of the object: 62 instead of 20 us for the inputs of a decision. So what is recorded is written from
 * texts of one piece.
 */
import { DIMENSIONS } from '../scores/health.ts';
import type { Decision } from './decision.ts';
import type { DecisionInputs } from './inputs.ts';

/** Shorter texts are of one piece whatever made them. */
const SHORTEST_TREE = 13;

/** The same text in one piece. */
export function whole(text: string): string {
  return text.length < SHORTEST_TREE ? text : [text.slice(0, 1), text.slice(1)].join('');
}

/** Makes one piece of each text that is composed while an account is measured. No text changes. */
export function makeInputsWhole({ conversation, expansion, facts, health }: DecisionInputs): void {
  for (const gate of conversation.gates) gate.detail = whole(gate.detail);
  for (const signal of expansion.signals) {
    signal.id = whole(signal.id);
    signal.detail = whole(signal.detail);
  }
  for (const signal of health.signals) signal.detail = whole(signal.detail);
  const { reasons } = facts;
  for (let i = 0; i < reasons.length; i++) if (reasons[i] !== undefined) reasons[i] = whole(reasons[i]!);
  for (const name of DIMENSIONS) {
    const { parts } = health.dimensions[name];
    for (const key in parts) {
      const part = parts[key]!;
      if (part.reason !== undefined) part.reason = whole(part.reason);
    }
  }
}

/** Makes one piece of each text that a decision is sure to compose anew. No text changes. */
export function makeDecisionWhole(decision: Decision): void {
  const { recommendation } = decision;
  decision.decisionId = whole(decision.decisionId);
  decision.asOf = whole(decision.asOf);
  recommendation.reasoning = whole(recommendation.reasoning);
  for (const each of recommendation.skillsToTrigger) each.context = whole(each.context);
}
