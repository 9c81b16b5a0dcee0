/** `stagecraft interventions`, `approve`, `complete`, `dismiss`, `snooze`, `contact-log`. */

import type { InterventionState } from '../core/decision/inputs.ts';
import type { LifeAction } from '../core/interventions/life.ts';
import type { OutcomeRecord } from '../core/interventions/outcome.ts';
import type { SkillResult } from '../core/skills/skill-result.ts';
import { formatDay, formatInstant, parseDay } from '../core/time/calendar.ts';
import type { ActRequest } from '../pipeline/act-on-account.ts';
import { actOnIntervention } from '../pipeline/act-on-intervention.ts';
import type { ContactDetail } from '../pipeline/follow-up.ts';
import { type ListedIntervention, listInterventions } from '../pipeline/list-interventions.ts';
import type { Store } from '../pipeline/ports.ts';
import { actInstant, nothingOfId, requireWords } from './act.ts';
import { type CommandContext, loadShared, requireAccount, shownInstant, withWorkspace } from './command.ts';
import { CommandError, EXIT, type ExitStatus } from './exit.ts';
import { heading, pairs, table } from './table.ts';

const STATES: readonly InterventionState[] = [
  'proposed',
  'approved',
  'dispatched',
  'delivered',
  'completed',
  'held',
  'dismissed',
  'expired',
  'failed',
];
/** What somebody can still do something about. */
const OPEN: ReadonlySet<InterventionState> = new Set(['proposed', 'approved', 'dispatched', 'delivered', 'held']);

export interface InterventionsOptions {
  state?: string;
  all?: boolean;
  json?: boolean;
}

export async function runInterventions(
  context: CommandContext,
  accountId: string | undefined,
  options: InterventionsOptions,
): Promise<ExitStatus> {
  const state = options.state === undefined ? undefined : stateNamed(options.state);
  return withWorkspace(context, { readOnly: true }, async ({ store }) => {
    if (accountId !== undefined) await requireAccount(store, accountId);
    const found = await listInterventions(store, accountId, state);
    const listed = state !== undefined || options.all === true ? found : found.filter((each) => OPEN.has(each.state));
    const { terminal } = context;
    if (options.json) terminal.out(`${JSON.stringify(listed, null, 2)}\n`);
    else if (listed.length === 0) terminal.out(emptyText(found.length, options));
    else {
      const columns = [
        { title: 'id', least: 24 },
        { title: 'account', least: 8 },
        { title: 'skill', least: 12 },
        { title: 'state', least: 9 },
        { title: 'since', least: 10 },
      ];
      terminal.out(table(terminal, columns, listed.map(rowOf), { gap: 1 }));
    }
    return EXIT.done;
  });
}

function emptyText(found: number, { state }: InterventionsOptions): string {
  if (state !== undefined) return `No intervention is ${state}.\n`;
  if (found === 0) return 'No intervention yet.\n';
  return `Nothing is open; ${found} are over. --all lists them.\n`;
}

function rowOf(each: ListedIntervention): string[] {
  const { id, accountId, skill, state, date, snoozedUntil } = each;
  const asleep = snoozedUntil !== null && OPEN.has(state) ? `${state}, asleep` : state;
  return [id, accountId, skill.slice(skill.indexOf('/') + 1), asleep, date];
}

function stateNamed(text: string): InterventionState {
  const state = STATES.find((each) => each === text);
  if (state !== undefined) return state;
  throw new CommandError('usage', `"${text}" is no state`, { exit: EXIT.usage, remedy: `one of ${STATES.join(', ')}` });
}

/** One intervention: why, its document, what happened to it, what came of it. */
export async function runInterventionShow(
  context: CommandContext,
  id: string,
  options: { json?: boolean },
): Promise<ExitStatus> {
  return withWorkspace(context, { readOnly: true }, async ({ store, config }) => {
    const accountId = await accountOfIntervention(store, id);
    const [each] = (await listInterventions(store, accountId)).filter((listed) => listed.id === id);
    const artefact = await store.readArtefact(accountId, id);
    const log = (await store.readContactLog(accountId)).filter((row) => row.interventionId === id);
    const { terminal } = context;
    if (options.json) {
      const result = artefact === undefined ? null : JSON.parse(artefact.body);
      const steps = log.map(({ at, state, detail }) => ({
        at: formatInstant(at),
        state,
        ...JSON.parse(detail),
      }));
      terminal.out(`${JSON.stringify({ ...each!, steps, artefact: result }, null, 2)}\n`);
      return EXIT.done;
    }
    const { skill, ruleId, stage, state, date, reason, heldBy, outcome } = each!;
    const facts: [string, string][] = [
      ['account', accountId],
      ['skill', skill],
      ['rule', `${ruleId}: ${reason}`],
      ['state', heldBy.length === 0 ? state : `${state} by ${heldBy.join(', ')}`],
      ['asked for', `${date}, in ${stage}`],
    ];
    if (outcome !== null) facts.push(['outcome', outcomeText(outcome)]);
    terminal.out(pairs(terminal, facts));
    if (log.length > 0) terminal.out(heading(terminal, 'Steps'));
    for (const { at, state: to, detail } of log) {
      const { by, reason: why } = JSON.parse(detail) as ContactDetail;
      terminal.out(pairs(terminal, [[shownInstant(at, config), `${to} by ${by}${why === '' ? '' : `: ${why}`}`]]));
    }
    const document =
      artefact === undefined
        ? 'No document: it was never let through while this workspace was live.\n'
        : (JSON.parse(artefact.body) as SkillResult<unknown>).markdown;
    terminal.out(`\n${document}`);
    return EXIT.done;
  });
}

function outcomeText({ measure, unit, from, to, dueOn, verdict, fromReason, toReason }: OutcomeRecord): string {
  const shown = (value: number | null, reason: string | undefined) =>
    value === null ? `unknown (${reason ?? ''})` : String(value);
  if (verdict === 'pending') return `${measure} at ${shown(from, fromReason)} ${unit}, read again on ${dueOn}`;
  return `${verdict}: ${measure} from ${shown(from, fromReason)} to ${shown(to, toReason)} ${unit} by ${dueOn}`;
}

async function accountOfIntervention(store: Store, id: string): Promise<string> {
  const accountId = await store.accountOf({ intervention: id });
  if (accountId !== undefined) return accountId;
  throw await nothingOfId(store, 'intervention', id);
}

export interface ActOptions {
  /** Who acts, for the audit. */
  by: string;
  reason?: string;
  until?: string;
}

/** Acts on each in turn; one that is refused or not there does not keep the others from being acted on. */
export async function runAct(
  context: CommandContext,
  kind: LifeAction['kind'],
  ids: readonly string[],
  options: ActOptions,
): Promise<ExitStatus> {
  requireWords(options);
  const action = actionOf(kind, options);
  return withWorkspace(context, {}, async (open) => {
    const { store, config } = open;
    const accounts: (string | undefined)[] = [];
    for (const id of ids) accounts.push(await store.accountOf({ intervention: id }));
    const now = await actInstant(
      context,
      open,
      accounts.filter((id) => id !== undefined),
    );
    const loaded = await loadShared(open, now, true);
    let status: ExitStatus = EXIT.done;
    for (const [i, id] of ids.entries()) {
      const accountId = accounts[i];
      const refusal =
        accountId === undefined
          ? await nothingOfId(store, 'intervention', id)
          : await actOnOne(
              context,
              { store, loaded, policy: config.policy, accountId, actor: options.by, now },
              id,
              action,
            );
      if (refusal === undefined) continue;
      if (ids.length === 1) throw refusal;
      context.terminal.err(`${refusal.message} [${refusal.code}]\n`);
      if (status === EXIT.done) status = refusal.exit;
    }
    return status;
  });
}

/** Says what became of it; resolves to why nothing did. */
async function actOnOne(
  { terminal }: CommandContext,
  request: ActRequest,
  id: string,
  action: LifeAction,
): Promise<CommandError | undefined> {
  const answer = await actOnIntervention(request, id, action);
  if (!answer.ok) return new CommandError(answer.refusal.code, `${id} was not changed: ${answer.refusal.message}`);
  const { before, after, outcomeDue } = answer;
  const change = action.kind === 'snooze' ? after.state : `${before.state} -> ${after.state}`;
  const until = action.kind === 'snooze' ? `, asleep until ${formatDay(action.until)}` : '';
  const due = outcomeDue === undefined ? '' : `; its outcome is read on ${outcomeDue}`;
  terminal.out(`${id}: ${change}${until}${due}\n`);
  return undefined;
}

function actionOf(kind: LifeAction['kind'], { reason = '', until }: ActOptions): LifeAction {
  if (kind === 'dismiss') return { kind, reason };
  if (kind !== 'snooze') return { kind };
  const day = parseDay(until ?? '');
  if (day !== undefined) return { kind, until: day };
  throw new CommandError('usage', `--until "${until}" is no date`, {
    exit: EXIT.usage,
    remedy: 'write --until 2026-06-30',
  });
}

/** Who was or was not contacted: every state an intervention came into, with the rule, the guardrail and who did it. */
export async function runContactLog(
  context: CommandContext,
  accountId: string,
  options: { json?: boolean },
): Promise<ExitStatus> {
  return withWorkspace(context, { readOnly: true }, async ({ store, config }) => {
    await requireAccount(store, accountId);
    const rows = await store.readContactLog(accountId);
    const entries = rows.map(({ at, detail, ...row }) => ({ at, ...row, ...(JSON.parse(detail) as ContactDetail) }));
    const { terminal } = context;
    if (options.json) {
      const dated = entries.map(({ at, ...entry }) => ({ at: formatInstant(at), ...entry }));
      terminal.out(`${JSON.stringify(dated, null, 2)}\n`);
    } else if (entries.length === 0) terminal.out('Nobody was contacted or held back while this workspace was live.\n');
    else {
      const columns = [
        { title: 'date' },
        { title: 'skill', least: 14 },
        { title: 'rule', least: 12 },
        { title: 'state' },
        { title: 'held by / by', least: 12 },
      ];
      const cells = entries.map(({ at, skill, ruleId, state, heldBy, by }) => [
        formatDay(config.clock.dayOf(at)),
        skill.slice(skill.indexOf('/') + 1),
        ruleId,
        state,
        heldBy.length > 0 ? heldBy.join(', ') : by,
      ]);
      terminal.out(table(terminal, columns, cells, { gap: 1 }));
    }
    return EXIT.done;
  });
}
