/** `stagecraft doctor`: what is wrong with a workspace, and what to do about it. */
import { unknownEvents } from '../core/catalogue/unknown-events.ts';
import { formatProblem } from '../core/documents/problem.ts';
import { type HandoffRecord, reminderOf } from '../core/handoffs/handoff-record.ts';
import { RECORD_KINDS } from '../core/records/record.ts';
import { type Day, formatDay, formatInstant, type Instant } from '../core/time/calendar.ts';
import { findOrphans } from '../pipeline/find-orphans.ts';
import type { InterventionRow } from '../pipeline/ports.ts';
import { type CommandContext, type OpenWorkspace, withWorkspace } from './command.ts';
import { ruleFindings, ruleReadings } from './doctor-rules.ts';
import { EXIT, type ExitStatus } from './exit.ts';
import { paragraph } from './table.ts';
import { type Colour, painted } from './terminal.ts';

/** `ok`: as it should be; `note`: worth knowing; `wrong`: something to repair, and exit status 1. */
export interface Finding {
  check: 'database' | 'schema' | 'clock' | 'policy' | 'catalogue' | 'coverage' | 'work' | 'accounts' | 'rules';
  state: 'ok' | 'note' | 'wrong';
  detail: string;
  remedy?: string;
}

const STUCK_DAYS = 14; // twice the default cooldown: by then somebody should have acted
const MOST_LISTED = 10;
/** Gaps in the days of events shorter than this are weekends and holidays. */
const GAP_DAYS = 7;

export async function runDoctor(context: CommandContext, options: { json?: boolean }): Promise<ExitStatus> {
  const { findings, rules } = await withWorkspace(context, { readOnly: true }, async (open) => {
    const readings = await ruleReadings(open, open.config.clock.dayOf(context.now()));
    return { findings: [...(await examine(context, open)), ...ruleFindings(readings)], rules: readings };
  });
  const healthy = findings.every(({ state }) => state !== 'wrong');
  const { terminal } = context;
  if (options.json) terminal.out(`${JSON.stringify({ ok: healthy, findings, rules }, null, 2)}\n`);
  else for (const finding of findings) terminal.out(findingText(terminal, finding));
  return healthy ? EXIT.done : EXIT.failed;
}

const COLOURS: Record<Finding['state'], Colour> = { ok: 'green', note: 'yellow', wrong: 'red' };

function findingText(terminal: CommandContext['terminal'], { check, state, detail, remedy }: Finding): string {
  const [first = '', ...rest] = paragraph(terminal, detail, 18).trimStart().split('\n');
  const mark = painted(terminal, COLOURS[state], state.padEnd(6));
  const lines = [`${mark} ${check.padEnd(10)} ${first}`, ...rest].join('\n');
  return remedy === undefined
    ? lines.replace(/\n*$/, '\n')
    : `${lines.replace(/\n*$/, '\n')}${paragraph(terminal, `-> ${remedy}`, 18, 3)}`;
}

/** Every check, in order; a check that finds several things returns several findings. */
export async function examine(context: CommandContext, open: OpenWorkspace): Promise<Finding[]> {
  const today = open.config.clock.dayOf(context.now());
  return [
    ...(await databaseFindings(open)),
    ...(await clockFindings(context, open)),
    policyFinding(open),
    ...(await catalogueFindings(open)),
    ...(await coverageFindings(open, today)),
    ...(await workFindings(open, today, context.now())),
    ...(await accountFindings(open)),
  ];
}

async function databaseFindings({ store }: OpenWorkspace): Promise<Finding[]> {
  const damage = await store.checkIntegrity();
  const counts = await store.countRows();
  const held = `${counts.accounts} accounts, ${counts.events} events, ${counts.entities} other records, ${counts.decisions} decisions`;
  const first: Finding =
    damage.length === 0
      ? { check: 'database', state: 'ok', detail: `sound; ${held}` }
      : {
          check: 'database',
          state: 'wrong',
          detail: damage.slice(0, MOST_LISTED).join('; '),
          remedy: 'restore a backup, or import the records into a new workspace',
        };
  return [first, { check: 'schema', state: 'ok', detail: `version ${await store.schemaVersion()}` }];
}

async function clockFindings(context: CommandContext, { store, config }: OpenWorkspace): Promise<Finding[]> {
  const now = context.now();
  const { clock, policy } = config;
  const ahead = (await store.listStatuses()).filter(
    (status) => (status.decidedAt ?? 0) > now || (status.tickedThrough ?? Number.NEGATIVE_INFINITY) > clock.dayOf(now),
  );
  if (ahead.length > 0) {
    const latest = Math.max(...ahead.map(({ decidedAt }) => decidedAt ?? 0));
    return [
      {
        check: 'clock',
        state: 'wrong',
        detail: `${ahead.length} accounts were evaluated as of up to ${formatInstant(latest)}, which lies after now, ${formatInstant(now)}`,
        remedy: 'set the clock right; those accounts are evaluated again once that time has passed',
      },
    ];
  }
  return [
    {
      check: 'clock',
      state: 'ok',
      detail: `${formatInstant(now)}, time zone ${clock.timeZone}, daily run at ${policy.runHour}:00`,
    },
  ];
}

/** The policy was read when the workspace was opened: a bad one never gets here. */
function policyFinding({ config }: OpenWorkspace): Finding {
  const { policy, policyFile } = config;
  return {
    check: 'policy',
    state: 'ok',
    detail: `${policyFile}: ${policy.rules.length} rules, hash ${policy.hash.slice(0, 12)}`,
  };
}

async function catalogueFindings({ store, config }: OpenWorkspace): Promise<Finding[]> {
  const { catalogue, catalogueText, warnings } = config;
  if (catalogueText === undefined) {
    return [
      {
        check: 'catalogue',
        state: 'note',
        detail: 'no catalog.yaml: every event name counts as a feature',
        remedy: 'describe the product in catalog.yaml',
      },
    ];
  }
  const findings: Finding[] = warnings.map((warning) => ({
    check: 'catalogue',
    state: 'note',
    detail: formatProblem(warning),
  }));
  for (const { event, namedBy, suggestion } of unknownEvents(catalogue, await store.eventNames())) {
    const detail = `the event "${event}" (${namedBy.join(', ')}) never occurred`;
    // An event that resembles one that did occur is a slip of the pen; any other may just not have happened yet.
    if (suggestion === undefined) findings.push({ check: 'catalogue', state: 'note', detail });
    else findings.push({ check: 'catalogue', state: 'wrong', detail, remedy: `did you mean "${suggestion}"?` });
  }
  if (findings.length > 0) return findings;
  return [
    {
      check: 'catalogue',
      state: 'ok',
      detail: `${catalogue.features.length} features, ${catalogue.plans.length} plans, ${catalogue.meters.length} meters`,
    },
  ];
}

async function coverageFindings({ store }: OpenWorkspace, today: Day): Promise<Finding[]> {
  const kinds = new Set(await store.importedKinds());
  const days = (await store.readCoverage()).filter(({ eventsKnownAt }) => eventsKnownAt !== null).map(({ day }) => day);
  const findings: Finding[] = [];
  const missing = RECORD_KINDS.filter((kind) => !kinds.has(kind));
  if (missing.length > 0) {
    findings.push({
      check: 'coverage',
      state: 'note',
      detail: `never imported, so unknown: ${missing.join(', ')}`,
      remedy: 'import them, even as empty files',
    });
  }
  const [first] = days;
  const last = days.at(-1);
  if (first === undefined || last === undefined) {
    findings.push({
      check: 'coverage',
      state: 'wrong',
      detail: 'no product events are imported',
      remedy: 'import an events file',
    });
    return findings;
  }
  for (const [i, day] of days.entries()) {
    const before = days[i - 1];
    if (before === undefined || day - before <= GAP_DAYS || findings.length >= MOST_LISTED) continue;
    findings.push({
      check: 'coverage',
      state: 'note',
      detail: `no event of any account from ${formatDay(before + 1)} to ${formatDay(day - 1)}`,
      remedy: 'if an export is missing, import it; late records count from then on',
    });
  }
  const stale = today - last;
  if (stale > GAP_DAYS) {
    findings.push({
      check: 'coverage',
      state: 'note',
      detail: `the latest event is of ${formatDay(last)}, ${stale} days ago: usage since is unknown`,
      remedy: 'import newer events',
    });
  }
  findings.push({ check: 'coverage', state: 'ok', detail: `events from ${formatDay(first)} to ${formatDay(last)}` });
  return findings;
}

async function workFindings(open: OpenWorkspace, today: Day, now: Instant): Promise<Finding[]> {
  const { store } = open;
  const rows = await store.readInterventions();
  return [stuckFinding(rows, 'proposed', today), stuckFinding(rows, 'held', today), await handoffFinding(open, now)];
}

async function handoffFinding({ store }: OpenWorkspace, now: Instant): Promise<Finding> {
  const records = (await store.readHandoffs()).map((row) => JSON.parse(row.body) as HandoffRecord);
  const overdue = records.filter((record) => reminderOf(record, now) === 'overdue');
  const [oldest] = overdue.toSorted((a, b) => a.dueAt! - b.dueAt!);
  if (oldest === undefined) return { check: 'work', state: 'ok', detail: 'no handoff is overdue' };
  return {
    check: 'work',
    state: 'note',
    detail: `${overdue.length} handoffs are overdue; the oldest is ${oldest.kind} of ${oldest.accountId}, due ${formatInstant(oldest.dueAt!)}`,
    remedy: `see \`stagecraft handoff show ${oldest.id}\``,
  };
}

function stuckFinding(rows: readonly InterventionRow[], state: 'proposed' | 'held', today: Day): Finding {
  const waiting = rows.filter((row) => row.state === state);
  const oldest = waiting.reduce<InterventionRow | undefined>(
    (a, b) => (a === undefined || b.day < a.day ? b : a),
    undefined,
  );
  if (oldest === undefined) return { check: 'work', state: 'ok', detail: `nothing is ${state}` };
  const age = today - oldest.day;
  const detail = `${waiting.length} ${state}; the oldest is ${oldest.skill} for ${oldest.accountId}, ${age} days`;
  if (age <= STUCK_DAYS) return { check: 'work', state: 'ok', detail };
  const remedy = `see \`stagecraft explain ${oldest.accountId} --rule ${oldest.ruleId}\``;
  return { check: 'work', state: 'note', detail, remedy };
}

async function accountFindings({ store }: OpenWorkspace): Promise<Finding[]> {
  const { count, examples } = await findOrphans(store);
  if (count === 0) return [{ check: 'accounts', state: 'ok', detail: 'every record has its account' }];
  const more = count > examples.length ? ` and ${count - examples.length} more` : '';
  return [
    {
      check: 'accounts',
      state: 'note',
      detail: `${count} accounts are named by records but have no account record: ${examples.join(', ')}${more}`,
      remedy: 'import the accounts file that holds them; their records are kept until then',
    },
  ];
}
