/** The reasoning text: numbers, the rule that decided, and the top blocker; no sentence without a fact. */
import { factNames } from '../facts/fact-index.ts';
import { renderValue } from '../policy/render-reason.ts';
import type { Choice } from './choose.ts';
import type { BlockedTrigger } from './decision.ts';
import type { DecisionInputs } from './inputs.ts';

const index = factNames();

export function reasoning(inputs: DecisionInputs, choice: Choice, blocked: readonly BlockedTrigger[]): string {
  let text = `${closed(standing(inputs))} ${closed(scores(inputs))}`;
  const decider = choice.fired.find((rule) => rule.exit === choice.exit) ?? choice.triggers[0]?.rule;
  const trigger = choice.triggers.find((each) => each.rule === decider);
  if (trigger !== undefined) text += ` ${closed(trigger.reason)}`;
  else if (inputs.status === 'active') text += ` No rule of the ${inputs.stage} stage fires.`;
  const blocker = inputs.expansion.blockers.find((each) => each.impact === 'high') ?? inputs.expansion.blockers[0];
  if (blocker !== undefined)
    text += ` ${closed(`Blocker (${blocker.impact}, ${blocker.type.replaceAll('_', ' ')}): ${blocker.description}`)}`;
  const signal = inputs.health.signals[0];
  if (signal !== undefined) text += ` ${closed(`${capital(signal.severity)} signal: ${signal.detail}`)}`;
  const held = blocked.find((each) => each.skill !== null);
  if (held !== undefined)
    text += ` ${closed(`${held.skill} is held by ${held.guardrail} until ${held.until}: ${held.reason}`)}`;
  return text;
}

/** The sentence with its full stop, where it has no ending of its own. */
function closed(sentence: string): string {
  const last = sentence.charAt(sentence.length - 1);
  return last === '.' || last === '!' || last === '?' ? sentence : `${sentence}.`;
}

function standing(inputs: DecisionInputs): string {
  const days = inputs.today - inputs.stageEnteredOn;
  if (inputs.status === 'churned') return `No subscription is in force; the account left from ${inputs.stage}`;
  if (inputs.status === 'paused') return `Every subscription is paused; the account stands in ${inputs.stage}`;
  return `${capital(inputs.stage)} for ${days} ${days === 1 ? 'day' : 'days'}`;
}

function scores(inputs: DecisionInputs): string {
  const { values, reasons } = inputs.facts;
  const score = values[index.health_score];
  const health =
    score === undefined
      ? `Health unknown (${reasons[index.health_score] ?? 'not known'})`
      : `Health ${score} (${renderValue(values[index.health_band])}, confidence ${inputs.health.confidence})`;
  const adoption = values[index.adoption_score];
  const ready = values[index.expansion_readiness];
  const used = adoption === undefined ? '' : `, adoption ${adoption}`;
  return `${health}${used}, readiness ${ready ?? 'unknown'}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
