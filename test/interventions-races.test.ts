/** People and evaluations at work on one account at once, and processes killed between: one effect each, nothing by halves. */
import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readWorkspaceConfig } from '../src/config.ts';
import type { LifeAction } from '../src/core/interventions/life.ts';
import { parseDay } from '../src/core/time/calendar.ts';
import { actOnIntervention, type InterventionAnswer } from '../src/pipeline/act-on-intervention.ts';
import { evaluateAccounts } from '../src/pipeline/evaluate-accounts.ts';
import { loadWorkspace } from '../src/pipeline/load-workspace.ts';
import type { Store } from '../src/pipeline/ports.ts';
import { randomFor } from '../src/sample/random.ts';
import { openSqliteStore } from '../src/store/sqlite/open-store.ts';
import { endCommands, type Outcome, stagecraft } from './fixtures/command.ts';
import { contentOf, differences } from './fixtures/store-content.ts';
import { account, daily, LIVE, trial, trialRows, WorkWorkspace } from './fixtures/work-workspace.ts';

const ROUNDS = Number(process.env.STAGECRAFT_FAULT_ROUNDS ?? 5);
const ROUND_MS = 20_000;
const MS_PER_DAY = 86_400_000;
const at = (date: string, hour: number) => (parseDay(date)! + hour / 24) * MS_PER_DAY;

const made: WorkWorkspace[] = [];
/** Ten mails of the workspace's own to one trial: five from its first day on, five a week later; none needs approval. */
let mails: WorkWorkspace;
let proposals: WorkWorkspace;

const withMails = (text: string) => {
  const numbers = Array.from({ length: 10 }, (_, i) => i);
  const rules = numbers.map((i) =>
    [
      `  - id: trial.mail_${i}`,
      '    stages: [trial]',
      `    when: day >= ${i < 5 ? 1 : 9}`,
      `    trigger: [custom/mail_${i}]`,
      '    priority: low',
      '    action: Write',
      '    cooldownDays: 60',
      '    reason: "Day {day}"',
    ].join('\n'),
  );
  const skills = numbers.map(
    (i) =>
      `  - { name: custom/mail_${i}, kind: manual, purpose: Write, ownerRole: csm, dueBusinessDays: 1, channel: email, checklist: [Write] }`,
  );
  return text
    .replace(/^rules:$/m, `rules:\n${rules.join('\n')}`)
    .replace(/^skills:$/m, `customSkills:\n${skills.join('\n')}\nskills:`)
    .replace(/^ {2}default: .*$/m, '  default: { autoApprove: always }');
};

beforeAll(async () => {
  mails = new WorkWorkspace({ policy: withMails });
  await mails.import({
    accounts: [account('one', LIVE)],
    subscriptions: [trial('one', LIVE, 80)],
    events: [...daily('one', 'login', LIVE, 80), ...daily('one', 'report_created', LIVE, 1)],
  });
  proposals = new WorkWorkspace();
  await proposals.import(trialRows());
  for (const each of [mails, proposals]) await each.evaluate(LIVE);
  await mails.evaluate('2026-03-26');
  await proposals.evaluate('2026-03-11');
  made.push(mails, proposals);
}, 60_000);
afterAll(() => {
  for (const each of made) each.remove();
});
afterEach(endCommands);

function copyOf(of: WorkWorkspace): WorkWorkspace {
  const copy = of.copy();
  made.push(copy);
  return copy;
}

/** Acts on a workspace through two connections, as two processes would. */
async function withTwoStores<T>(
  { path, database }: WorkWorkspace,
  work: (
    act: (i: number, id: string, action: LifeAction, now: number) => Promise<InterventionAnswer>,
    stores: Store[],
  ) => Promise<T>,
): Promise<T> {
  const config = readWorkspaceConfig(path);
  const stores = [await openSqliteStore(database), await openSqliteStore(database)];
  const { policy, catalogue, clock, currency } = config;
  try {
    const act = async (i: number, id: string, action: LifeAction, now: number) => {
      const store = stores[i % 2]!;
      const accountId = (await store.accountOf({ intervention: id }))!;
      const loaded = await loadWorkspace({ store, catalogue, policy, clock, currency, asOf: now, keepProfiles: false });
      return actOnIntervention({ store, loaded, policy, accountId, actor: `person ${i}`, now }, id, action);
    };
    return await work(act, stores);
  } finally {
    for (const store of stores) await store.close();
  }
}

const idsOf = (of: WorkWorkspace, where: string) =>
  of.rows('interventions', where).map((row) => String(row.intervention_id));

describe('many people at once', () => {
  // [G10] [G18] [G19]
  it('do what is approved once each, and together no more than the weekly cap', async () => {
    const race = copyOf(mails);
    const ids = idsOf(race, "state = 'approved'");
    expect(ids).toHaveLength(10);
    const now = at('2026-03-26', 12);
    const answers = await withTwoStores(race, (act) =>
      Promise.all(Array.from({ length: 64 }, (_, i) => act(i, ids[i % ids.length]!, { kind: 'complete' }, now + i))),
    );
    const codes = answers.map((answer) => (answer.ok ? 'ok' : answer.refusal.code));
    expect(codes.filter((code) => code === 'ok')).toHaveLength(5);
    expect(new Set(codes)).toEqual(new Set(['ok', 'wrong_state', 'held']));
    const done = idsOf(race, "state = 'completed'");
    expect(done).toHaveLength(5);
    expect(race.rows('interventions', "state = 'held'").map((row) => JSON.parse(String(row.detail)).heldBy)).toEqual(
      Array(5).fill(['cap.weekly']),
    );
    const once = (table: string, where: string) =>
      race
        .rows(table, where)
        .map((row) => String(row.intervention_id))
        .sort();
    expect(once('outcomes', '1')).toEqual([...done].sort());
    expect(once('contact_log', "state = 'completed'")).toEqual([...done].sort());
    expect(race.rows('audit', "action = 'intervention.complete'")).toHaveLength(5);
  });

  it('who approve the same proposal are told apart: one approved it, the others came second', async () => {
    const race = copyOf(proposals);
    const [id] = idsOf(race, "account_id = 'quiet'");
    const answers = await withTwoStores(race, (act) =>
      Promise.all(Array.from({ length: 8 }, (_, i) => act(i, id!, { kind: 'approve' }, at('2026-03-11', 9)))),
    );
    const codes = answers.map((answer) => (answer.ok ? 'ok' : answer.refusal.code)).sort();
    expect(codes).toEqual(['ok', ...Array(7).fill('wrong_state')]);
    const approvals = race.rows('contact_log', "state = 'approved'");
    expect(approvals).toHaveLength(1);
    expect(JSON.parse(String(approvals[0]!.detail)).by).toBe(race.rows('audit')[0]!.actor);
  });

  it('with clocks that differ, beside an evaluation, all come to an end that is one after the other', async () => {
    const race = copyOf(proposals);
    const [id] = idsOf(race, "account_id = 'quiet'");
    const { path } = race;
    const { policy, catalogue, clock, currency } = readWorkspaceConfig(path);
    const now = at('2026-03-11', 9);
    const [dismissed, snoozed] = await withTwoStores(race, async (act, [store]) => {
      const asOf = now + 60_000;
      const loaded = await loadWorkspace({
        store: store!,
        catalogue,
        policy,
        clock,
        currency,
        asOf,
        keepProfiles: false,
      });
      const [first, second] = await Promise.all([
        act(0, id!, { kind: 'dismiss', reason: 'no' }, now),
        act(1, id!, { kind: 'snooze', until: parseDay('2026-03-20')! }, now + 30_000),
        evaluateAccounts({ store: store!, loaded, policy, asOf, keepLater: true }),
      ]);
      return [first, second];
    });
    expect(dismissed!.ok).toBe(true);
    expect(snoozed!.ok ? 'ok' : snoozed!.refusal.code).toMatch(/^(ok|wrong_state)$/);
    expect((await race.json('intervention', id!)).state).toBe('dismissed');
  });
});

const command = (
  race: WorkWorkspace,
  args: readonly string[],
  now: number,
  more: Parameters<typeof stagecraft>[1] = {},
) => stagecraft(['--workspace', race.path, ...args], { now, ...more });

describe('processes at once', () => {
  it('each do their own: approving, completing and evaluating one account', async () => {
    const race = copyOf(mails);
    const ids = idsOf(race, "state = 'approved'");
    const now = at('2026-03-26', 12);
    const outcomes = await Promise.all([
      command(race, ['complete', ids[0]!, ids[1]!, '--by', 'Ana'], now),
      command(race, ['complete', ids[1]!, ids[2]!, '--by', 'Lee'], now),
      command(race, ['evaluate', '--quiet'], now),
    ]);
    for (const { stderr } of outcomes)
      expect(stderr.replaceAll(/^int_\w+ was not changed: it is completed.*\n/gm, '')).toBe('');
    expect(outcomes.map(({ status }) => status).sort()).toEqual([0, 0, 1]);
    expect(idsOf(race, "state = 'completed'").sort()).toEqual(ids.slice(0, 3).sort());
    expect(race.rows('audit', "action = 'intervention.complete'")).toHaveLength(3);
  }, 60_000);
});

describe('an act killed at any moment', () => {
  // [G19]
  it(
    `is done whole or not at all, and done again ends as if nothing had happened (${ROUNDS} rounds)`,
    async () => {
      const random = randomFor(20_260_711, 'acts');
      const [id] = idsOf(mails, "state = 'approved'");
      const now = at('2026-03-27', 12); // a day to catch up with before the act
      const act = (of: WorkWorkspace, more: Parameters<typeof stagecraft>[1] = {}) =>
        command(of, ['complete', id!, '--by', 'Ana Ruiz'], now, { database: of.database, ...more });
      const undisturbed = copyOf(mails);
      const whole: Outcome = await act(undisturbed);
      expect(whole.status, whole.stderr).toBe(0);
      const expected = contentOf(undisturbed.database);
      let cut = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const race = copyOf(mails);
        const killed = await act(race, { killAfterMs: random.next() * whole.workMs });
        if (killed.status === null) cut++;
        else whole.workMs = killed.workMs; // it came to its end: the whole is timed anew
        const isDone = idsOf(race, "state = 'completed'").length;
        expect([
          race.rows('outcomes').length,
          race.rows('contact_log', "state = 'completed'").length,
          race.rows('audit').length,
        ]).toEqual([isDone, isDone, isDone]);
        const again = await act(race);
        expect([again.status, again.stderr]).toEqual(
          isDone === 0 ? [0, ''] : [1, expect.stringContaining('it is completed')],
        );
        expect(differences(contentOf(race.database), expected)).toEqual([]);
        rmSync(race.folder, { recursive: true });
      }
      expect(cut).toBeGreaterThan(ROUNDS / 2);
    },
    ROUNDS * ROUND_MS,
  );
});
