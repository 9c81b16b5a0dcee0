/** `stagecraft explain`: why, and why not. */
import { nearestName } from '../core/documents/near-name.ts';
import { explainLook } from '../pipeline/look-at-account.ts';
import { type CommandContext, withWorkspace } from './command.ts';
import { CommandError, EXIT, type ExitStatus } from './exit.ts';
import { lookAt } from './look-at.ts';
import { renderExplanation } from './render-explain.ts';

export interface ExplainOptions {
  rule?: string;
  json?: boolean;
}

export async function runExplain(
  context: CommandContext,
  accountId: string,
  options: ExplainOptions,
): Promise<ExitStatus> {
  return withWorkspace(context, { readOnly: true }, async (open) => {
    const look = await lookAt(context, open, accountId);
    const whole = explainLook(look, look.policy);
    const rules = options.rule === undefined ? whole.rules : whole.rules.filter(({ id }) => id === options.rule);
    if (rules.length === 0) {
      const near = nearestName(options.rule ?? '', new Set(whole.rules.map(({ id }) => id)));
      throw new CommandError('rule_not_found', `the policy has no rule or edge "${options.rule}"`, {
        exit: EXIT.notFound,
        remedy: near === undefined ? 'list them with `stagecraft policy show`' : `did you mean "${near}"?`,
      });
    }
    const chosen = { ...whole, rules };
    const { terminal } = context;
    const text = () => renderExplanation(terminal, chosen, look.decision, options.rule !== undefined);
    terminal.out(options.json ? `${JSON.stringify(chosen, null, 2)}\n` : text());
    return EXIT.done;
  });
}
