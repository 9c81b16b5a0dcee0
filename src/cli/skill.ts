/** `stagecraft skill list|run`: what the policy can trigger, and one skill run now without dispatching it. */

import { readWorkspaceConfig } from '../config.ts';
import { nearestName } from '../core/documents/near-name.ts';
import { type ReadySkill, skillsOf } from '../core/skills/find-skill.ts';
import { runSkillFor } from '../pipeline/run-skill.ts';
import { type CommandContext, loadShared, requireAccount, withWorkspace } from './command.ts';
import { CommandError, EXIT, type ExitStatus } from './exit.ts';
import { absent } from './look-at.ts';
import { reportInstant } from './report-instant.ts';
import { paragraph } from './table.ts';
import { painted } from './terminal.ts';

export function runSkillList(context: CommandContext, options: { json?: boolean }): ExitStatus {
  const { policy } = readWorkspaceConfig(context.globals.workspace, { mayBeMissing: true });
  const all = [...skillsOf(policy).values()];
  const { terminal } = context;
  if (options.json) {
    terminal.out(`${JSON.stringify(all.map(listed), null, 2)}\n`);
    return EXIT.done;
  }
  for (const { skill } of all) {
    const { name, purpose, customerFacing, conversation, inputs } = skill;
    const reach = customerFacing ? 'customer-facing' : 'internal';
    const traits = conversation === 'none' ? reach : `${reach}, ${conversation}`;
    terminal.out(`${painted(terminal, 'bold', name)}  ${traits}\n`);
    terminal.out(paragraph(terminal, `${purpose}.`, 4));
    if (inputs.required.length > 0) terminal.out(paragraph(terminal, `needs ${inputs.required.join('; ')}`, 4, 2));
  }
  return EXIT.done;
}

function listed({ skill, parameters }: ReadySkill) {
  const { name, domain, purpose, inputs, customerFacing, conversation, serviceMessage, celebration, outcome } = skill;
  const { measure, unit, better, horizonDays } = outcome;
  return {
    name,
    domain,
    purpose,
    inputs,
    customerFacing,
    conversation,
    serviceMessage,
    celebration,
    sections: skill.sections,
    parameters,
    outcome: { measure, unit, better, horizonDays },
  };
}

export interface SkillRunOptions {
  set?: string[];
  json?: boolean;
}

export async function runSkillRun(
  context: CommandContext,
  name: string,
  accountId: string,
  options: SkillRunOptions,
): Promise<ExitStatus> {
  return withWorkspace(context, { readOnly: true }, async (open) => {
    const { store, config } = open;
    const ready = withSettings(readySkill(config.policy, name), options.set ?? []);
    const status = await requireAccount(store, accountId);
    if (!status.hasAccount) {
      throw absent(accountId, 'no_account_record');
    }
    const asOf = await reportInstant(context, open, accountId);
    const loaded = await loadShared(open, asOf, false);
    const result = await runSkillFor({ store, loaded, policy: config.policy, accountId, asOf, ready });
    if (result === undefined) {
      throw absent(accountId, 'not_yet');
    }
    context.terminal.out(options.json ? `${JSON.stringify(result, null, 2)}\n` : result.markdown);
    return EXIT.done;
  });
}

function readySkill(policy: Parameters<typeof skillsOf>[0], name: string): ReadySkill {
  const skills = skillsOf(policy);
  const found = skills.get(name) ?? [...skills.values()].find(({ skill }) => skill.name.endsWith(`/${name}`));
  if (found !== undefined) return found;
  // typed with or without the domain
  const names = [...skills.keys()];
  const shortNames = new Map(names.map((full) => [full.slice(full.indexOf('/') + 1), full]));
  const near = name.includes('/')
    ? nearestName(name, names)
    : shortNames.get(nearestName(name, shortNames.keys()) ?? '');
  throw new CommandError('skill_not_found', `there is no skill "${name}"`, {
    exit: EXIT.notFound,
    remedy: near === undefined ? 'list them with `stagecraft skill list`' : `did you mean "${near}"?`,
  });
}

/** `--set key=value` for this run only; the value is JSON, or text where it is none. */
function withSettings(ready: ReadySkill, settings: readonly string[]): ReadySkill {
  if (settings.length === 0) return ready;
  const { skill } = ready;
  const given = { ...(ready.parameters as object), ...Object.fromEntries(settings.map(settingOf)) };
  const parsed = skill.parameters.safeParse(given);
  if (parsed.success) return { skill, parameters: parsed.data };
  const known = Object.keys(skill.parameters.shape);
  const problems = parsed.error.issues.map((issue) => {
    if (issue.code !== 'unrecognized_keys') return `${issue.path.join('.')}: ${issue.message}`;
    const near = nearestName(issue.keys[0]!, known);
    const hint = near === undefined ? ` (it has ${known.join(', ') || 'none'})` : `; did you mean "${near}"?`;
    return `unknown parameter "${issue.keys[0]}"${hint}`;
  });
  throw new CommandError('bad_parameter', `${skill.name} cannot run so: ${problems.join('; ')}`, { exit: EXIT.usage });
}

function settingOf(text: string): [string, unknown] {
  const at = text.indexOf('=');
  if (at < 1) {
    throw new CommandError('usage', `--set "${text}" is no key=value`, {
      exit: EXIT.usage,
      remedy: 'write --set shown=2',
    });
  }
  const value = text.slice(at + 1);
  try {
    return [text.slice(0, at), JSON.parse(value)];
  } catch {
    return [text.slice(0, at), value];
  }
}
