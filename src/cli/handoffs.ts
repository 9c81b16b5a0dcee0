/** `stagecraft handoffs`, `handoff show|accept|decline|offer`. */
import { type HandoffAnswer, type HandoffRecord, reminderOf } from '../core/handoffs/handoff-record.ts';
import type { HandoffPacket } from '../core/handoffs/packet.ts';
import { packetDocument } from '../core/handoffs/packet-document.ts';
import { majorUnits } from '../core/records/money.ts';
import { formatInstant, type Instant } from '../core/time/calendar.ts';
import { answerHandoff } from '../pipeline/answer-handoff.ts';
import type { HandoffRow, Store } from '../pipeline/ports.ts';
import { actInstant, nothingOfId, requireWords } from './act.ts';
import {
  asOfInstant,
  type CommandContext,
  loadShared,
  requireAccount,
  shownInstant,
  withWorkspace,
} from './command.ts';
import { CommandError, EXIT, type ExitStatus } from './exit.ts';
import { heading, pairs, table } from './table.ts';

export async function runHandoffs(
  context: CommandContext,
  accountId: string | undefined,
  options: { all?: boolean; json?: boolean },
): Promise<ExitStatus> {
  return withWorkspace(context, { readOnly: true }, async ({ store, config }) => {
    if (accountId !== undefined) await requireAccount(store, accountId);
    const now = asOfInstant(context, config);
    const rows = await store.readHandoffs(accountId);
    const listed = options.all ? rows : rows.filter((row) => row.state !== 'closed');
    const { terminal } = context;
    if (options.json) {
      terminal.out(
        `${JSON.stringify(
          listed.map((row) => handoffJson(row, now)),
          null,
          2,
        )}\n`,
      );
      return EXIT.done;
    }
    if (listed.length === 0) {
      terminal.out(
        rows.length === 0 ? 'No handoff yet.\n' : `No handoff is open; ${rows.length} are closed. --all lists them.\n`,
      );
      return EXIT.done;
    }
    const columns = [
      { title: 'id', least: 24 },
      { title: 'account', least: 15 },
      { title: 'handoff', least: 11 },
      { title: 'state', least: 8 },
      { title: 'due', least: 16 },
    ];
    const cells = listed.map((row) => {
      const record = JSON.parse(row.body) as HandoffRecord;
      return [
        record.id,
        record.accountId,
        record.kind,
        record.state,
        dueText(record, now, (at) => shownInstant(at, config)),
      ];
    });
    terminal.out(table(terminal, columns, cells, { gap: 1 }));
    return EXIT.done;
  });
}

function dueText(record: HandoffRecord, now: Instant, shown: (at: Instant) => string): string {
  if (record.dueAt === null) return record.blockedBy[0]?.guardrail ?? '-';
  const reminder = reminderOf(record, now);
  return `${shown(record.dueAt).slice(0, 16)}${reminder === 'overdue' ? ', overdue' : reminder === 'due_soon' ? ', soon' : ''}`;
}

function handoffJson(row: HandoffRow, now: Instant) {
  const record = JSON.parse(row.body) as HandoffRecord;
  const instant = (at: Instant | null) => (at === null ? null : formatInstant(at));
  return {
    ...record,
    readyAt: instant(record.readyAt),
    remindAt: instant(record.remindAt),
    dueAt: instant(record.dueAt),
    reminder: reminderOf(record, now),
    steps: record.steps.map((step) => ({ ...step, at: formatInstant(step.at) })),
    packet: row.packet === null ? null : packetJson(JSON.parse(row.packet) as HandoffPacket),
  };
}

/** Money in major units, as every output has it. */
function packetJson(packet: HandoffPacket) {
  const { arrMinor, ...contract } = packet.contract;
  const arr = arrMinor === null ? null : majorUnits(arrMinor, contract.currency);
  return { ...packet, contract: { ...contract, arr } };
}

export async function runHandoffShow(
  context: CommandContext,
  id: string,
  options: { json?: boolean },
): Promise<ExitStatus> {
  return withWorkspace(context, { readOnly: true }, async ({ store, config }) => {
    const row = await handoffNamed(store, id);
    const now = asOfInstant(context, config);
    const { terminal } = context;
    if (options.json) {
      terminal.out(`${JSON.stringify(handoffJson(row, now), null, 2)}\n`);
      return EXIT.done;
    }
    const record = JSON.parse(row.body) as HandoffRecord;
    const shown = (at: Instant) => shownInstant(at, config);
    const facts: [string, string][] = [
      ['account', record.accountId],
      ['handoff', `${record.kind}, to ${record.owner ?? `${record.to} (nobody named)`}`],
      ['state', record.state],
      ...record.blockedBy.map(({ guardrail, reason, until }): [string, string] => [
        'missing',
        `${guardrail}: ${reason}; until ${until}`,
      ]),
    ];
    if (record.dueAt !== null) facts.push(['due', dueText(record, now, shown)]);
    terminal.out(pairs(terminal, facts));
    terminal.out(heading(terminal, 'Steps'));
    terminal.out(
      pairs(
        terminal,
        record.steps.map(({ at, state, by, reason }) => [
          shown(at),
          `${state} by ${by}${reason === '' ? '' : `: ${reason}`}`,
        ]),
      ),
    );
    if (row.packet !== null) terminal.out(`\n${packetDocument(JSON.parse(row.packet) as HandoffPacket)}`);
    return EXIT.done;
  });
}

async function handoffNamed(store: Store, id: string): Promise<HandoffRow> {
  const accountId = await store.accountOf({ handoff: id });
  const row =
    accountId === undefined ? undefined : (await store.readHandoffs(accountId)).find((each) => each.handoffId === id);
  if (row !== undefined) return row;
  throw await nothingOfId(store, 'handoff', id);
}

export async function runHandoffAnswer(
  context: CommandContext,
  kind: HandoffAnswer['kind'],
  id: string,
  options: { by: string; reason?: string },
): Promise<ExitStatus> {
  requireWords(options);
  const { by, reason = '' } = options;
  return withWorkspace(context, {}, async (open) => {
    const { store, config } = open;
    const { accountId } = await handoffNamed(store, id);
    const now = await actInstant(context, open, [accountId]);
    const loaded = await loadShared(open, now, true);
    const answer: HandoffAnswer = kind === 'accept' ? { kind, by } : { kind, by, reason };
    const request = { store, loaded, policy: config.policy, accountId, actor: by, now };
    const outcome = await answerHandoff(request, id, answer);
    if (!outcome.ok) throw new CommandError(outcome.code, `${id} was not changed: ${outcome.message}`);
    const { before, after } = outcome;
    const due = after.dueAt === null ? '' : `; the answer is due by ${shownInstant(after.dueAt, config)}`;
    context.terminal.out(`${id}: ${before.state} -> ${after.state}${due}\n`);
    return EXIT.done;
  });
}
