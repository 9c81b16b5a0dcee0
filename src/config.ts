/** The only place that reads the environment and the workspace's documents. */
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Catalogue } from './core/catalogue/catalogue.ts';
import { defaultCatalogue } from './core/catalogue/default-catalogue.ts';
import { loadCatalogue } from './core/catalogue/load-catalogue.ts';
import { checkShape } from './core/documents/check-shape.ts';
import { type DocumentProblem, formatProblem } from './core/documents/problem.ts';
import { parseYamlDocument } from './core/documents/yaml-document.ts';
import type { CompiledPolicy } from './core/policy/compiled-policy.ts';
import { loadPolicy } from './core/policy/load-policy.ts';
import { SKILLS } from './core/skills/skills.ts';
import { type ZoneClock, zoneClock } from './core/time/calendar.ts';
import { type OwnerHours, USUAL_HOURS, WEEKDAY_NAMES } from './core/time/working-hours.ts';

export const DEFAULT_WORKSPACE = '.stagecraft';
export const DATABASE_FILE = 'stagecraft.db';
export const SETTINGS_FILE = 'stagecraft.yaml';
export const CATALOGUE_FILE = 'catalog.yaml';
export const POLICY_FILE = 'policy.yaml';

const defaultPolicyUrl = new URL('../policies/default.yaml', import.meta.url);

/** What the environment says; `env` and `cwd` are given by `main.ts`. */
export interface EnvironmentSettings {
  /** Folder of `STAGECRAFT_WORKSPACE`, or the default one. */
  workspace: string;
  debug: boolean;
  noColour: boolean;
}

/** Empty variables count as not set. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): EnvironmentSettings {
  const set = (name: string): string | undefined => env[name] || undefined;
  return {
    workspace: set('STAGECRAFT_WORKSPACE') ?? DEFAULT_WORKSPACE,
    debug: set('STAGECRAFT_DEBUG') !== undefined,
    noColour: set('NO_COLOR') !== undefined || set('TERM') === 'dumb',
  };
}

const hour = z.number().int().min(0).max(23);
const weekdays = z.array(z.enum(WEEKDAY_NAMES)).min(1);

const timeZone = z.string().refine(isTimeZone, 'not a time zone the runtime knows; use a name such as Europe/Berlin');
const endHour = z.number().int().min(1).max(24);

const settingsSchema = z.strictObject({
  timeZone: timeZone.optional(),
  runHour: hour.optional(),
  workingHours: z
    .strictObject({
      start: hour,
      end: endHour,
      days: weekdays.default([...USUAL_HOURS.days]),
    })
    .refine(({ start, end }) => start < end, 'end must be later than start')
    .optional(),
  /** Owners who work elsewhere or at other hours, by the name that accounts give them. */
  people: z
    .record(
      z.string().min(1).max(200),
      z.strictObject({
        timeZone: timeZone.optional(),
        workingHours: z
          .strictObject({ start: hour, end: endHour, days: weekdays.optional() })
          .refine(({ start, end }) => start < end, 'end must be later than start')
          .optional(),
      }),
    )
    .optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'three capital letters, such as USD')
    .optional(),
  /** What one unit of another currency is worth in the workspace's. */
  rates: z
    .record(z.string().regex(/^[A-Z]{3}$/, 'three capital letters, such as EUR'), z.number().positive())
    .optional(),
});

function isTimeZone(name: string): boolean {
  try {
    zoneClock(name);
    return true;
  } catch {
    return false;
  }
}

export interface WorkspaceConfig {
  folder: string;
  databasePath: string;
  clock: ZoneClock;
  currency: string;
  /** `{ EUR: 1.08 }`: one EUR is worth 1.08 of `currency`; currencies without a rate are reported apart. */
  rates: Readonly<Record<string, number>>;
  /** Owners' working hours, from contract.md; handoffs count their due time in them. */
  ownerHours: OwnerHours;
  /** The policy in force; its run hour is the workspace's. */
  policy: CompiledPolicy;
  policyText: string;
  /** The whole policy, defaults filled in: what is kept for replays. */
  policyDocument: string;
  /** File the policy was read from; `default` for the built-in one. */
  policyFile: string;
  /** As the file says; complete it with the workspace's event names. */
  catalogue: Catalogue;
  catalogueText: string | undefined;
  /** Names in the catalogue that have no effect. */
  warnings: DocumentProblem[];
}

export type ConfigErrorCode =
  | 'workspace_not_found'
  | 'bad_settings'
  | 'bad_catalogue'
  | 'bad_policy'
  | 'bad_workspace'
  | 'unreadable'
  | 'file_not_found'
  | 'time_zone_changed';

/** `problems` holds everything that is wrong in all three documents. */
export class ConfigError extends Error {
  readonly code: ConfigErrorCode;
  readonly problems: readonly DocumentProblem[];
  constructor(code: ConfigErrorCode, message: string, problems: readonly DocumentProblem[] = []) {
    super(message);
    this.code = code;
    this.problems = problems;
  }
}

/**
 * Reads `stagecraft.yaml`, `catalog.yaml` and `policy.yaml` of a workspace folder where they are present. Throws
 * `ConfigError` with all problems of all of them. A folder that does not exist is an empty one when `mayBeMissing`.
 */
export function readWorkspaceConfig(folder: string, { mayBeMissing = false } = {}): WorkspaceConfig {
  const root = resolve(folder);
  const found = statSync(root, { throwIfNoEntry: false });
  if (found === undefined && !mayBeMissing) {
    throw new ConfigError(
      'workspace_not_found',
      `there is no workspace at ${folder}; make one with \`stagecraft init ${folder}\` or import records into it`,
    );
  }
  if (found !== undefined && !found.isDirectory())
    throw new ConfigError('bad_workspace', `${folder} is a file; a workspace is a folder`);
  const problems: DocumentProblem[] = [];
  const bad: ConfigErrorCode[] = [];
  const note = (code: ConfigErrorCode, found: readonly DocumentProblem[]) => {
    bad.push(code);
    problems.push(...found);
  };
  const settings = readSettings(join(root, SETTINGS_FILE));
  if (!settings.ok) note('bad_settings', settings.problems);
  const currency = (settings.ok ? settings.value.currency : undefined) ?? 'USD';
  const catalogueText = textOf(join(root, CATALOGUE_FILE));
  const catalogue = loadCatalogue(catalogueText ?? '', { file: CATALOGUE_FILE, currency });
  if (!catalogue.ok) note('bad_catalogue', catalogue.problems);
  const { policy, text, file } = readPolicy(root);
  if (!policy.ok) note('bad_policy', policy.problems);
  if (!settings.ok || !catalogue.ok || !policy.ok) throw badDocuments(bad[0]!, problems);
  return {
    folder: root,
    databasePath: join(root, DATABASE_FILE),
    clock: zoneClock(settings.value.timeZone ?? 'UTC'),
    currency,
    rates: settings.value.rates ?? {},
    ownerHours: ownerHoursOf(settings.value),
    policy:
      settings.value.runHour === undefined ? policy.policy : { ...policy.policy, runHour: settings.value.runHour },
    policyText: text,
    policyDocument: policy.document,
    policyFile: file,
    catalogue: catalogueText === undefined ? defaultCatalogue([]) : catalogue.catalogue,
    catalogueText,
    warnings: catalogue.warnings,
  };
}

function ownerHoursOf({ workingHours, people = {} }: z.infer<typeof settingsSchema>): OwnerHours {
  const persons = Object.entries(people).map(([name, person]) => [
    name,
    { ...(person.timeZone !== undefined && { timeZone: person.timeZone }), ...person.workingHours },
  ]);
  return { ...USUAL_HOURS, ...workingHours, people: Object.fromEntries(persons) };
}

function badDocuments(code: ConfigErrorCode, problems: readonly DocumentProblem[]): ConfigError {
  const count = problems.length === 1 ? 'there is 1 problem' : `there are ${problems.length} problems`;
  const lines = problems.map((problem) => `\n  ${formatProblem(problem)}`).join('');
  return new ConfigError(code, `${count} in the workspace's documents:${lines}`, problems);
}

function readSettings(path: string) {
  const parsed = parseYamlDocument(textOf(path) ?? '', { file: SETTINGS_FILE });
  return parsed.ok ? checkShape(parsed.document, settingsSchema) : parsed;
}

function readPolicy(root: string) {
  const defaultText = readFileSync(defaultPolicyUrl, 'utf8');
  const own = textOf(join(root, POLICY_FILE));
  const text = own ?? defaultText;
  const file = own === undefined ? 'default' : POLICY_FILE;
  return { text, file, policy: loadPolicy(text, { file, skills: SKILLS, defaultText }) };
}

/** Checks a policy file as a workspace would read it. */
export function readPolicyFile(path: string) {
  const text = textOf(path);
  if (text === undefined) throw new ConfigError('file_not_found', `there is no file ${path}`);
  return loadPolicy(text, { file: path, skills: SKILLS, defaultText: readFileSync(defaultPolicyUrl, 'utf8') });
}

/** The built-in policy's text, as `init` writes it. */
export function defaultPolicyText(): string {
  return readFileSync(defaultPolicyUrl, 'utf8');
}

/** Undefined when the file is not there; any other obstacle is an error. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new ConfigError('unreadable', `${path} cannot be read (${code ?? String(error)})`);
  }
}
