/** `stagecraft policy check|show|facts`. */
import { readPolicyFile, readWorkspaceConfig } from '../config.ts';
import type { FactDefinition } from '../core/facts/fact.ts';
import { FACTS } from '../core/facts/facts.ts';
import type { CompiledPolicy } from '../core/policy/compiled-policy.ts';
import type { CommandContext } from './command.ts';
import { documentError, EXIT, type ExitStatus } from './exit.ts';
import { paragraph } from './table.ts';
import { painted } from './terminal.ts';

export function runPolicyCheck(context: CommandContext, file: string, options: { json?: boolean }): ExitStatus {
  const loaded = readPolicyFile(file);
  const { terminal, globals } = context;
  if (options.json) {
    terminal.out(`${JSON.stringify(loaded.ok ? { ok: true, hash: loaded.policy.hash } : loaded, null, 2)}\n`);
    return loaded.ok ? EXIT.done : EXIT.failed;
  }
  if (!loaded.ok) throw documentError('bad_policy', file, loaded.problems);
  const { rules, edges, hash } = loaded.policy;
  if (!globals.quiet)
    terminal.out(`${file}: no problems; ${rules.length} rules, ${edges.length} edges, policy ${hash}\n`);
  return EXIT.done;
}

/** The document itself, so that it can be kept as `policy.yaml` and changed. */
export function runPolicyShow(context: CommandContext, options: { json?: boolean }): ExitStatus {
  const { terminal, globals } = context;
  const { policy, policyText, policyFile } = readWorkspaceConfig(globals.workspace, { mayBeMissing: true });
  if (options.json) terminal.out(`${JSON.stringify(plainPolicy(policy), null, 2)}\n`);
  else {
    if (!globals.quiet) terminal.err(`policy ${policy.hash} from ${policyFile}, run hour ${policy.runHour}\n`);
    terminal.out(policyText.endsWith('\n') ? policyText : `${policyText}\n`);
  }
  return EXIT.done;
}

function plainPolicy({
  name,
  hash,
  runHour,
  stages,
  edges,
  rules,
  guardrails,
  handoffs,
  skills,
  measures,
}: CompiledPolicy) {
  return {
    name,
    hash,
    runHour,
    stages: stages.map(({ id, domain, minimumDays, benchmarkDays, progress }) => ({
      id,
      domain,
      minimumDays,
      benchmarkDays,
      progress,
    })),
    edges: edges.map(({ id, from, to, when, milestone }) => ({ id, from, to, when, milestone })),
    rules: rules.map(({ id, stages: of, when, trigger, priority, exit, action, cooldownDays, reason }) => ({
      id,
      stages: of,
      when,
      trigger,
      priority,
      exit: exit ?? null,
      action: action ?? null,
      cooldownDays,
      reason,
    })),
    guardrails,
    handoffs,
    skills,
    measures,
  };
}

export function runPolicyFacts(context: CommandContext, options: { json?: boolean }): ExitStatus {
  const { terminal } = context;
  const facts: readonly FactDefinition[] = FACTS;
  if (options.json) {
    terminal.out(`${JSON.stringify(facts, null, 2)}\n`);
    return EXIT.done;
  }
  for (const { name, type, unit, values, how, source } of facts) {
    const kind = values === undefined ? [type, unit].filter((part) => part !== '').join(', ') : values.join(' | ');
    terminal.out(`${painted(terminal, 'bold', name)}  ${kind}\n`);
    terminal.out(paragraph(terminal, `${how} (${source})`, 4));
  }
  return EXIT.done;
}
