/** `stagecraft show`: one account, where it stands and what is next. */
import { type CommandContext, withWorkspace } from './command.ts';
import { EXIT, type ExitStatus } from './exit.ts';
import { lookAt, measuresOf } from './look-at.ts';
import { renderShow, showJson } from './render-show.ts';

export async function runShow(
  context: CommandContext,
  accountId: string,
  options: { json?: boolean },
): Promise<ExitStatus> {
  return withWorkspace(context, { readOnly: true }, async (open) => {
    const looked = await lookAt(context, open, accountId);
    const measures = await measuresOf(open, looked);
    const { terminal } = context;
    const text = () => renderShow(terminal, looked, measures, open.config);
    terminal.out(options.json ? `${JSON.stringify(showJson(looked.decision, measures), null, 2)}\n` : text());
    return EXIT.done;
  });
}
