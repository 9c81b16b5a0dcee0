/** What `explain` prints: every rule of the stage and every guardrail, with what decided. */
import type { Decision } from '../core/decision/decision.ts';
import type { Explanation, RuleExplanation } from '../core/decision/explain.ts';
import type { ConditionTrace } from '../core/policy/explain-condition.ts';
import type { Truth } from '../core/policy/policy.ts';
import { heading, pairs, paragraph } from './table.ts';
import { type Colour, painted, type Terminal } from './terminal.ts';

type Fact = Explanation['facts'][number];

/** `everything`: rules of other stages too, and the whole condition of each; for one rule that was asked for. */
export function renderExplanation(
  terminal: Terminal,
  explanation: Explanation,
  decision: Decision,
  everything: boolean,
): string {
  const facts = new Map(explanation.facts.map((fact) => [fact.name, fact]));
  const { accountId, asOf, stage, exitState, decisionId, policyHash } = explanation;
  const shownRules = explanation.rules.filter(({ applies }) => applies || everything);
  const text = [
    paragraph(terminal, `${accountId} as of ${asOf}: ${stage}, ${exitState}`),
    paragraph(terminal, decision.recommendation.reasoning),
    paragraph(terminal, `decision ${decisionId}, policy ${policyHash.slice(0, 12)}`),
  ];
  for (const [kind, title] of [
    ['rule', 'Rules'],
    ['edge', 'Stage changes'],
  ] as const) {
    const rules = shownRules.filter((rule) => rule.kind === kind);
    if (rules.length === 0) continue;
    text.push(heading(terminal, title), ...rules.map((rule) => renderRule(terminal, rule, facts, everything)));
  }
  if (!everything) {
    const skipped = explanation.rules.length - shownRules.length;
    text.push(
      heading(terminal, 'Guardrails'),
      ...explanation.guardrails.map((each) => renderGuardrail(terminal, each)),
    );
    text.push(`\n${skipped} rules of other stages are not shown; \`--rule ID\` shows one, \`--json\` all.\n`);
  }
  return text.join('');
}

function renderRule(
  terminal: Terminal,
  rule: RuleExplanation,
  facts: ReadonlyMap<string, Fact>,
  everything: boolean,
): string {
  const text = [`  ${truthMark(terminal, rule.truth)} ${painted(terminal, 'bold', rule.id)}\n`];
  const say = (line: string) => text.push(paragraph(terminal, line, 10, 2));
  if (rule.why !== null) say(rule.why);
  if (everything) say(`when ${rule.condition.source}`);
  for (const part of rule.condition.deciding)
    say(`${decidedBy(rule.truth)} ${part}${readingsOf(rule.condition, part, facts)}`);
  if (rule.truth !== true) say(changeText(rule));
  for (const { skill, outcome, holds, interventionId } of rule.skills) {
    if (rule.truth !== true && !everything) continue;
    const why = holds.map(({ guardrail, reason }) => `${guardrail}: ${reason}`).join('; ');
    const which = outcome === 'open' && interventionId !== null ? ` ${interventionId}` : '';
    say(
      `${skill}: ${OUTCOMES[outcome]}${which}${why === '' ? '' : ` (${outcome === 'held' ? '' : 'would be held: '}${why})`}`,
    );
  }
  return text.join('');
}

const OUTCOMES = {
  triggered: 'triggered',
  open: 'made within the cooldown,',
  held: 'held',
  not_triggered: 'not triggered',
} as const;

const TRUTHS: readonly { truth: Truth | null; mark: string; colour: Colour }[] = [
  { truth: true, mark: 'true   ', colour: 'green' },
  { truth: false, mark: 'false  ', colour: 'dim' },
  { truth: null, mark: 'unknown', colour: 'yellow' },
];

function truthMark(terminal: Terminal, truth: Truth | null): string {
  const { mark, colour } = TRUTHS.find((each) => each.truth === (truth ?? null))!;
  return painted(terminal, colour, mark);
}

function decidedBy(truth: Truth | null): string {
  return (truth ?? null) === null ? 'unknown because of' : 'because';
}

/** ` (day = 3; setup_completion unknown: no setup steps)` for the facts a deciding part reads. */
function readingsOf(condition: ConditionTrace, part: string, facts: ReadonlyMap<string, Fact>): string {
  const names = partNamed(condition, part)?.facts.map(({ name }) => name) ?? [];
  const readings = names.map((name) => {
    const fact = facts.get(name);
    if (fact === undefined || fact.value === null)
      return `${name} unknown${fact?.reason === undefined ? '' : `: ${fact.reason}`}`;
    return `${name} = ${fact.value}`;
  });
  return readings.length === 0 ? '' : ` (${readings.join('; ')})`;
}

function partNamed(condition: ConditionTrace, source: string): ConditionTrace | undefined {
  if (condition.source === source) return condition;
  for (const part of condition.parts) {
    const found = partNamed(part, source);
    if (found !== undefined) return found;
  }
  return undefined;
}

function changeText({ wouldFire, kind }: RuleExplanation): string {
  if (wouldFire === null) return 'no change of facts can make it true';
  const changes = wouldFire.map(({ fact, needs }) => `${fact} ${needs}`).join(' and ');
  return `${kind === 'rule' ? 'would fire with' : 'would hold with'} ${changes}`;
}

function renderGuardrail(terminal: Terminal, { id, passes, detail, holds }: Explanation['guardrails'][number]): string {
  const words = { true: 'passes', false: 'holds', null: 'unknown' } as const;
  const colours = { true: 'green', false: 'red', null: 'yellow' } as const;
  const key = String(passes) as keyof typeof words;
  const what = holds.length === 0 ? '' : `; holds ${holds.join(', ')}`;
  return pairs(terminal, [[id.padEnd(25), { text: `${words[key]}: ${detail}${what}`, colour: colours[key] }]], 2);
}
