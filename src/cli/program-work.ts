/** Commands on the work that the policy triggers: skills, interventions, handoffs. */
import type { Command } from 'commander';
import type { LifeAction } from '../core/interventions/life.ts';
import type { CommandContext } from './command.ts';
import type { ExitStatus } from './exit.ts';
import { runHandoffAnswer, runHandoffShow, runHandoffs } from './handoffs.ts';
import {
  type ActOptions,
  type InterventionsOptions,
  runAct,
  runContactLog,
  runInterventionShow,
  runInterventions,
} from './interventions.ts';
import { runSkillList, runSkillRun, type SkillRunOptions } from './skill.ts';

type Run = (work: (context: CommandContext) => ExitStatus | Promise<ExitStatus>) => () => Promise<void>;
type Examples = (lines: readonly string[]) => string;

export function addWorkCommands(program: Command, run: Run, examples: Examples): void {
  addSkillCommands(program, run, examples);
  addInterventionCommands(program, run, examples);
  addActCommands(program, run, examples);
  addHandoffCommands(program, run, examples);
}

function addSkillCommands(program: Command, run: Run, examples: Examples): void {
  const skill = program.command('skill').description('list the skills, or run one now without dispatching it');
  skill
    .command('list')
    .description('what the policy can trigger, built in and of your own')
    .option('--json', 'with inputs, parameters and outcomes')
    .addHelpText('after', examples(['stagecraft skill list']))
    .action((options: { json?: boolean }) => run((context) => runSkillList(context, options))());
  skill
    .command('run')
    .description('run one skill for one account; nothing is recorded or sent')
    .argument('<NAME>', 'a skill, with or without its domain')
    .argument('<ACCOUNT>', 'account id')
    .option('--set <KEY=VALUE...>', 'a parameter of the skill, for this run only')
    .option('--json', 'the result as JSON; default its document')
    .addHelpText(
      'after',
      examples([
        'stagecraft skill run quarterly_business_review acme',
        'stagecraft skill run plg/quick_win_generator acme --set shown=1 --json',
      ]),
    )
    .action((name: string, account: string, options: SkillRunOptions) =>
      run((context) => runSkillRun(context, name, account, options))(),
    );
}

function addInterventionCommands(program: Command, run: Run, examples: Examples): void {
  program
    .command('interventions')
    .description('what was proposed, approved and held, for one account or all')
    .argument('[ACCOUNT]', 'account id')
    .option('--state <S>', 'only those in a state, such as held')
    .option('--all', 'also what is over')
    .option('--json', 'with reasons, holds and outcomes')
    .addHelpText('after', examples(['stagecraft interventions', 'stagecraft interventions acme --all']))
    .action((account: string | undefined, options: InterventionsOptions) =>
      run((context) => runInterventions(context, account, options))(),
    );
  program
    .command('intervention')
    .description('one intervention: why, its document, its steps, its outcome')
    .argument('<ID>', 'an intervention')
    .option('--json', 'as JSON')
    .addHelpText('after', examples(['stagecraft intervention int_0123456789abcdef0123']))
    .action((id: string, options: { json?: boolean }) => run((context) => runInterventionShow(context, id, options))());
  program
    .command('contact-log')
    .description('who was and was not contacted, by which rule, held by what')
    .argument('<ACCOUNT>', 'account id')
    .option('--json', 'as JSON')
    .addHelpText('after', examples(['stagecraft contact-log acme']))
    .action((account: string, options: { json?: boolean }) =>
      run((context) => runContactLog(context, account, options))(),
    );
}

const ACTS: { kind: LifeAction['kind']; description: string; help: string }[] = [
  { kind: 'approve', description: 'approve proposals; the guardrails are asked again', help: '' },
  { kind: 'complete', description: 'say that what was approved is done', help: '' },
  { kind: 'dismiss', description: 'drop a proposal, with a reason', help: ' --reason "Not now"' },
  { kind: 'snooze', description: 'put a proposal off to a later day', help: ' --until 2026-06-30' },
];

function addActCommands(program: Command, run: Run, examples: Examples): void {
  for (const { kind, description, help } of ACTS) {
    const command = program
      .command(kind)
      .description(description)
      .argument('<ID...>', 'interventions')
      .requiredOption('--by <NAME>', 'who; kept in the audit');
    if (kind === 'dismiss') command.requiredOption('--reason <TEXT>', 'why; kept in the audit');
    if (kind === 'snooze') command.requiredOption('--until <DATE>', 'first day on which to look at it again');
    command
      .addHelpText('after', examples([`stagecraft ${kind} int_0123456789abcdef0123 --by Ana${help}`]))
      .action((ids: string[], options: ActOptions) => run((context) => runAct(context, kind, ids, options))());
  }
}

function addHandoffCommands(program: Command, run: Run, examples: Examples): void {
  program
    .command('handoffs')
    .description('handoffs between teams: what is missing, offered, due')
    .argument('[ACCOUNT]', 'account id')
    .option('--all', 'also closed ones')
    .option('--json', 'with checklists and packets')
    .addHelpText('after', examples(['stagecraft handoffs', 'stagecraft handoffs acme --all']))
    .action((account: string | undefined, options: { all?: boolean; json?: boolean }) =>
      run((context) => runHandoffs(context, account, options))(),
    );
  const handoff = program.command('handoff').description('one handoff: its packet, and the answer to it');
  handoff
    .command('show')
    .description('what is missing, the steps so far, and the packet')
    .argument('<ID>', 'a handoff')
    .option('--json', 'as JSON')
    .addHelpText('after', examples(['stagecraft handoff show hnd_0123456789abcdef0123']))
    .action((id: string, options: { json?: boolean }) => run((context) => runHandoffShow(context, id, options))());
  const answers = [
    { kind: 'accept', description: 'take the account over; never during an incident', help: '' },
    { kind: 'decline', description: 'return it to the sender, with a reason', help: ' --reason "Who?"' },
    { kind: 'offer', description: 'offer again what was declined', help: ' --reason "Solved"' },
  ] as const;
  for (const { kind, description, help } of answers) {
    const command = handoff
      .command(kind)
      .description(description)
      .argument('<ID>', 'a handoff')
      .requiredOption('--by <NAME>', 'who; kept in the audit');
    if (kind !== 'accept') command.requiredOption('--reason <TEXT>', 'why; the other side reads it');
    command
      .addHelpText('after', examples([`stagecraft handoff ${kind} hnd_0123456789abcdef0123 --by Lee${help}`]))
      .action((id: string, options: { by: string; reason?: string }) =>
        run((context) => runHandoffAnswer(context, kind, id, options))(),
      );
  }
}
