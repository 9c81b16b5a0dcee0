/** The command line: names, options, help. What a command does stands in the file of its name. */
import { Command, CommanderError } from 'commander';
import type { Instant } from '../core/time/calendar.ts';
import type { CommandContext, OpenOptions, OpenWorkspace } from './command.ts';
import { runDemo } from './demo.ts';
import { runDoctor } from './doctor.ts';
import { runEvaluate } from './evaluate.ts';
import { EXIT, type ExitStatus, failureOf } from './exit.ts';
import { runExplain } from './explain.ts';
import { type HealthOptions, runHealth } from './health.ts';
import { type ImportCommandOptions, runImport } from './import.ts';
import { runInit } from './init.ts';
import { type MoveOptions, runMove } from './move.ts';
import { type PlanOptions, runPlan } from './plan.ts';
import { type PlanLintOptions, runPlanLint } from './plan-lint.ts';
import { runPolicyCheck, runPolicyFacts, runPolicyShow } from './policy.ts';
import { addWorkCommands } from './program-work.ts';
import { type RevenueOptions, runRevenue } from './revenue.ts';
import { runShow } from './show.ts';
import type { Terminal } from './terminal.ts';
import { runTimeline } from './timeline.ts';

/** What `main.ts` gives: the clock, the streams, and how to open a workspace. */
export interface World {
  now: () => Instant;
  terminal: Terminal;
  workspace: string;
  debug: boolean;
  version: string;
  open(folder: string, options?: OpenOptions): Promise<OpenWorkspace>;
}

/** Runs one command line (without the runtime and the script) and resolves to its exit status; never throws. */
export async function runProgram(args: readonly string[], world: World): Promise<ExitStatus> {
  const outcome: { status: ExitStatus } = { status: EXIT.done };
  try {
    await programFor(world, outcome).parseAsync([...args], { from: 'user' });
    return outcome.status;
  } catch (error) {
    // Commander has printed its message; help and version are no errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    const { text, exit } = failureOf(error, world.debug);
    world.terminal.err(text);
    return exit;
  }
}

const HELP_COLUMNS = 80;

function programFor(world: World, outcome: { status: ExitStatus }): Command {
  const program = new Command('stagecraft');
  program
    .description('Land-and-expand engine: account records in, an explained decision out.')
    .version(world.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'help for a command')
    .helpCommand('help [COMMAND]', 'help for a command')
    .option('--workspace <DIR>', 'workspace folder (or STAGECRAFT_WORKSPACE)', world.workspace)
    .option('--as-of <DATE>', 'as of the run hour of a date, or an instant')
    .option('--quiet', 'no progress and no messages', false)
    .option('--no-color', 'no colours (or NO_COLOR)')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => world.terminal.out(text),
      writeErr: (text) => world.terminal.err(text),
      getOutHelpWidth: () => HELP_COLUMNS,
      getErrHelpWidth: () => HELP_COLUMNS,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showHelpAfterError('(stagecraft COMMAND --help tells more)')
    .exitOverride()
    .addHelpText('after', PROGRAM_HELP);
  const run = (work: (context: CommandContext) => ExitStatus | Promise<ExitStatus>) => async () => {
    outcome.status = await work(contextOf(program, world));
  };
  addDataCommands(program, run);
  addActions(program, run);
  addReadingCommands(program, run);
  addWorkCommands(program, run, examples);
  addPlanCommands(program, run);
  addReportCommands(program, run);
  addPolicyCommands(program, run);
  return program;
}

type Run = (work: (context: CommandContext) => ExitStatus | Promise<ExitStatus>) => () => Promise<void>;

function contextOf(program: Command, world: World): CommandContext {
  const { workspace, asOf, quiet, color } = program.opts<{
    workspace: string;
    asOf?: string;
    quiet: boolean;
    color: boolean;
  }>();
  return {
    terminal: color ? world.terminal : { ...world.terminal, colour: false },
    now: world.now,
    globals: { workspace, quiet, ...(asOf === undefined ? {} : { asOf }) },
    open: world.open,
  };
}

function addDataCommands(program: Command, run: Run): void {
  program
    .command('init')
    .description('make a workspace: settings, catalogue, policy, database')
    .argument('[DIR]', 'folder; default: the workspace of --workspace')
    .addHelpText('after', examples(['stagecraft init', 'stagecraft init ./acme   # then edit acme/stagecraft.yaml']))
    .action((folder?: string) => run((context) => runInit(context, folder))());
  program
    .command('import')
    .description('take in records: files or folders, NDJSON or CSV, also gzipped')
    .argument('<PATH...>', 'files named after their kind, or folders of them')
    .option('--dry-run', 'check and count, write nothing')
    .option('--rejects <FILE>', 'where rejected lines go')
    .option('--allow-rejects', 'exit 0 even if lines were rejected')
    .option('--json', 'the summary as JSON')
    .addHelpText(
      'after',
      examples([
        'stagecraft import ./export',
        'stagecraft import accounts.csv events.ndjson.gz',
        'stagecraft import ./export --dry-run',
      ]) +
        '\nKinds: accounts, contacts, events, subscriptions, tickets, incidents, surveys,\ngoals, notes, invoices. Importing the same file twice changes nothing.\n',
    )
    .action((paths: string[], options: ImportCommandOptions) => run((context) => runImport(context, paths, options))());
  program
    .command('evaluate')
    .description('tick every day that is due, record and print the decisions')
    .argument('[ACCOUNT...]', 'only these accounts')
    .option('--json', 'one array of decisions')
    .option('--ndjson', 'one decision a line')
    .addHelpText(
      'after',
      examples([
        'stagecraft evaluate',
        'stagecraft evaluate --as-of 2026-06-30',
        "stagecraft evaluate --ndjson | jq -r '[.accountId, .exitState] | @tsv'",
      ]),
    )
    .action((accounts: string[], options: { json?: boolean; ndjson?: boolean }) =>
      run((context) => runEvaluate(context, accounts, options))(),
    );
}

function addActions(program: Command, run: Run): void {
  program
    .command('demo')
    .description('evaluate the sample portfolio in a scratch workspace')
    .option('--no-serve', 'stop after printing')
    .option('--keep', 'keep the scratch workspace, and say where it is')
    .addHelpText('after', examples(['stagecraft demo --no-serve', 'stagecraft demo --no-serve --keep']))
    .action((options: { serve: boolean; keep?: boolean }) => run((context) => runDemo(context, options))());
  program
    .command('move')
    .description('move an account one stage, by hand')
    .argument('<ACCOUNT>', 'account id')
    .argument('<STAGE>', 'the next stage, or the one before')
    .requiredOption('--reason <TEXT>', 'why; kept in the audit')
    .requiredOption('--by <NAME>', 'who; kept in the audit')
    .addHelpText(
      'after',
      examples(['stagecraft move acme adoption --by "Ana Ruiz" --reason "Went live on the call of 12 May"']) +
        '\nStages are never skipped, and minimum days hold going forward.\n',
    )
    .action((account: string, stage: string, options: MoveOptions) =>
      run((context) => runMove(context, account, stage, options))(),
    );
}

function addReadingCommands(program: Command, run: Run): void {
  program
    .command('show')
    .description('one account: stage, health, use, plan, people')
    .argument('<ACCOUNT>', 'account id')
    .option('--json', 'the decision, with plan, use and people')
    .addHelpText('after', examples(['stagecraft show acme', 'stagecraft show acme --as-of 2026-03-31']))
    .action((account: string, options: { json?: boolean }) => run((context) => runShow(context, account, options))());
  program
    .command('explain')
    .description('why a decision is what it is, and what would change it')
    .argument('<ACCOUNT>', 'account id')
    .option('--rule <ID>', 'one rule or stage change, whatever the stage')
    .option('--json', 'everything: rules, guardrails and facts')
    .addHelpText(
      'after',
      examples(['stagecraft explain acme', 'stagecraft explain acme --rule adoption.expansion_ready']),
    )
    .action((account: string, options: { rule?: string; json?: boolean }) =>
      run((context) => runExplain(context, account, options))(),
    );
  program
    .command('timeline')
    .description('what happened and what was decided, in order')
    .argument('<ACCOUNT>', 'account id')
    .option('--json', 'one array of entries')
    .addHelpText('after', examples(['stagecraft timeline acme', 'stagecraft timeline acme --as-of 2026-03-31']))
    .action((account: string, options: { json?: boolean }) =>
      run((context) => runTimeline(context, account, options))(),
    );
}

function addReportCommands(program: Command, run: Run): void {
  program
    .command('health')
    .description('the health assessment: of an account, a segment, or all')
    .argument('[ACCOUNT]', 'account id')
    .option('--segment <S>', 'the accounts of a segment')
    .option('--portfolio', 'all accounts')
    .option('--json', 'as JSON; default Markdown')
    .addHelpText(
      'after',
      examples([
        'stagecraft health acme',
        'stagecraft health --segment enterprise',
        'stagecraft health --portfolio > health.md',
      ]),
    )
    .action((account: string | undefined, options: HealthOptions) =>
      run((context) => runHealth(context, account, options))(),
    );
  program
    .command('revenue')
    .description('ARR movements, NRR, GRR, ARR at risk, pipeline, forecast')
    .option('--from <DATE>', 'first day or month; default: twelve months back')
    .option('--to <DATE>', 'last day or month; default: the last complete day')
    .option('--segment [S]', 'one segment, or the figures by segment')
    .option('--cohort <C>', 'first ARR in a year, quarter or month: 2025-Q1')
    .option('--json', 'as JSON, with the movements of every account')
    .addHelpText(
      'after',
      examples([
        'stagecraft revenue',
        'stagecraft revenue --from 2026-01 --to 2026-06 --segment enterprise',
        "stagecraft revenue --json | jq '.books[] | [.currency, .nrr, .grr]'",
      ]),
    )
    .action((options: RevenueOptions) => run((context) => runRevenue(context, options))());
}

function addPlanCommands(program: Command, run: Run): void {
  const plan = program
    .command('plan')
    .description('the expansion plan of an account or a segment, or what must recover')
    .argument('[ACCOUNT]', 'account id')
    .option('--segment <S>', 'every account of a segment, ranked')
    .option('--json', 'the same content with the evidence of every figure')
    .option('-o, --output <FILE>', 'write to a file')
    .addHelpText(
      'after',
      examples(['stagecraft plan acme', 'stagecraft plan acme -o plan.md', 'stagecraft plan --segment mid']),
    )
    .action((account: string | undefined, options: PlanOptions) =>
      run((context) => runPlan(context, account, options))(),
    );
  plan
    .command('lint')
    .description('check an edited plan: sections, owners, dates, figures, phrasing')
    .argument('<FILE>', 'a plan in Markdown')
    .option('--account <ID>', 'whose plan it is; default: the account its title names')
    .option('--form-only', 'without the workspace: figures are not checked')
    .option('--json', 'the findings as JSON')
    .addHelpText('after', examples(['stagecraft plan lint plan.md']))
    // --json is an option of `plan` too, and commander gives it to the outer command.
    .action((file: string, _: unknown, command: Command) =>
      run((context) => runPlanLint(context, file, command.optsWithGlobals<PlanLintOptions>()))(),
    );
}

function addPolicyCommands(program: Command, run: Run): void {
  const policy = program.command('policy').description('check or print the policy, or list the facts it may use');
  policy
    .command('check')
    .description('report everything that is wrong with a policy file')
    .argument('<FILE>', 'a policy')
    .option('--json', 'the problems as JSON')
    .addHelpText('after', examples(['stagecraft policy check policy.yaml']))
    .action((file: string, options: { json?: boolean }) => run((context) => runPolicyCheck(context, file, options))());
  policy
    .command('show')
    .description('print the policy in force')
    .option('--json', 'as JSON, without comments')
    .addHelpText(
      'after',
      examples(['stagecraft policy show', 'stagecraft policy show > policy.yaml   # then change it']),
    )
    .action((options: { json?: boolean }) => run((context) => runPolicyShow(context, options))());
  policy
    .command('facts')
    .description('list every fact that a condition may use')
    .option('--json', 'as JSON')
    .addHelpText('after', examples(['stagecraft policy facts', 'stagecraft policy facts | grep -A1 health']))
    .action((options: { json?: boolean }) => run((context) => runPolicyFacts(context, options))());
  program
    .command('doctor')
    .description('check database, clock, policy, catalogue, coverage, stuck work')
    .option('--json', 'the findings as JSON')
    .addHelpText('after', examples(['stagecraft doctor']))
    .action((options: { json?: boolean }) => run((context) => runDoctor(context, options))());
}

function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}\n`).join('')}`;
}

const PROGRAM_HELP = `
Start here:
  $ stagecraft demo --no-serve          the sample portfolio, evaluated
  $ stagecraft init                     a workspace in ./.stagecraft
  $ stagecraft import ./export          a folder of records
  $ stagecraft evaluate                 every account: stage, health, next
  $ stagecraft explain ACCOUNT          why, and why not

Exit status: 0 done, 1 failed, 2 usage, 3 some input rejected, 4 not found.
`;
