/** `stagecraft init`: a workspace with documents to fill in. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CATALOGUE_FILE, DATABASE_FILE, defaultPolicyText, POLICY_FILE, SETTINGS_FILE } from '../config.ts';
import type { CommandContext } from './command.ts';
import { CommandError, EXIT, type ExitStatus } from './exit.ts';

const SETTINGS_TEXT = `# The workspace. Set the time zone before the first import: days are counted in it.
timeZone: UTC # an IANA name, such as Europe/Berlin
# runHour: 6 # hour of the daily run; the policy's where it is left out
workingHours: { start: 9, end: 17, days: [mon, tue, wed, thu, fri] } # of the owners; handoffs are due in them
# people: # owners who live elsewhere or work other hours, by the name that accounts give them
#   Kim Seo: { timeZone: Asia/Seoul }
#   Ada Ruiz: { timeZone: America/New_York, workingHours: { start: 8, end: 13, days: [mon, wed] } }
currency: USD # of amounts that name none
# rates: { EUR: 1.08 } # one EUR in that currency; a currency without a rate is reported apart
`;

const CATALOGUE_TEXT = `# What the product's events mean. Every part may be left out; without features each event name is one.
# features: # what counts as using the product
#   - { id: reports, events: [report_created, report_exported], core: true, tags: [analytics], minutes: 3 }
# logins: [login] # never count as use
# setup:
#   - { id: invite_team, event: team_invited, required: true, dueDays: 7 }
# milestones: # first_value is the activation milestone
#   - { id: first_value, event: report_shared, dueDays: 14 }
# meters:
#   - { id: api_calls, event: api_call, unit: call, resets: month }
# plans:
#   - { id: pro, perSeat: 600, interval: year, limits: { api_calls: 10000 }, features: [reports] }
# signals: { pricing_view: [pricing_viewed], invite: [team_invited], gated_attempt: [feature_blocked] }
# competitors: []
# holidays: []
`;

/** Writes what is missing and leaves what is there. */
export async function runInit(context: CommandContext, folder: string | undefined): Promise<ExitStatus> {
  const { terminal, globals } = context;
  const target = folder ?? globals.workspace;
  const made: string[] = [];
  try {
    mkdirSync(target, { recursive: true });
    for (const [name, text] of [
      [SETTINGS_FILE, SETTINGS_TEXT],
      [CATALOGUE_FILE, CATALOGUE_TEXT],
      [POLICY_FILE, defaultPolicyText()],
    ] as const) {
      if (existsSync(join(target, name))) continue;
      writeFileSync(join(target, name), text, { flag: 'wx' });
      made.push(name);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError('cannot_write', `${target} cannot be written (${code ?? String(error)})`, { cause: error });
  }
  const hadDatabase = existsSync(join(target, DATABASE_FILE));
  const { store } = await context.open(target, { create: true });
  await store.close();
  if (!hadDatabase) made.push(DATABASE_FILE);
  const what = made.length === 0 ? 'is complete already' : `made ${made.join(', ')}`;
  terminal.out(`${relative('', target) || '.'}: ${what}\n`);
  if (!globals.quiet) terminal.err(`Next: stagecraft import PATH... --workspace ${target}\n`);
  return EXIT.done;
}
