/** The real `./bin/stagecraft`, as a process; where only words and options vary, the same program within this one. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { columnsOf } from '../src/cli/text.ts';
import { runIn } from './fixtures/run-program.ts';

const BIN = join(import.meta.dirname, '../bin/stagecraft');
const scratch = mkdtempSync(join(tmpdir(), 'stagecraft-cli-'));

function run(
  args: readonly string[],
  { cwd = scratch, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
) {
  const { STAGECRAFT_WORKSPACE: _, NO_COLOR: __, ...inherited } = process.env;
  const { status, stdout, stderr } = spawnSync(BIN, args, { cwd, encoding: 'utf8', env: { ...inherited, ...env } });
  return { status, stdout, stderr };
}

/** A small workspace: two accounts in one file, three events. */
function smallWorkspace(name: string, documents: Record<string, string> = {}): string {
  const folder = join(scratch, name);
  mkdirSync(join(folder, 'records'), { recursive: true });
  const workspace = join(folder, 'workspace');
  mkdirSync(workspace);
  for (const [file, text] of Object.entries(documents)) writeFileSync(join(workspace, file), text);
  const account = (accountId: string) =>
    JSON.stringify({ accountId, name: `${accountId} \u001b[31mLtd`, createdAt: '2026-01-01' });
  writeFileSync(join(folder, 'records/accounts.ndjson'), `${account('acme')}\n${account('bolt')}\n`);
  const event = (messageId: string, day: string) =>
    JSON.stringify({
      messageId,
      accountId: 'acme',
      userId: 'u1',
      event: 'report_created',
      timestamp: `${day}T10:00:00Z`,
    });
  writeFileSync(
    join(folder, 'records/events.ndjson'),
    `${event('1', '2026-01-02')}\n${event('2', '2026-01-03')}\n${event('3', '2026-01-20')}\n`,
  );
  return workspace;
}

function imported(name: string, documents: Record<string, string> = {}): string {
  const workspace = smallWorkspace(name, documents);
  const { status, stderr } = run(['import', join(workspace, '../records'), '--workspace', workspace]);
  expect([status, stderr]).toEqual([0, expect.not.stringContaining('stagecraft:')]);
  return workspace;
}

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('help', () => {
  test.each([
    [[]],
    [['init']],
    [['import']],
    [['evaluate']],
    [['demo']],
    [['show']],
    [['explain']],
    [['timeline']],
    [['health']],
    [['revenue']],
    [['policy']],
    [['policy', 'check']],
    [['policy', 'show']],
    [['policy', 'facts']],
    [['doctor']],
  ])('of %j is as pinned, and every command has an example', async (command) => {
    const { status, stdout, stderr } = await runIn('.stagecraft', [...command, '--help']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatchSnapshot();
    for (const line of stdout.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(80);
    if (command.length > 0 && command.join() !== 'policy') expect(stdout).toContain('Examples:');
  });

  test('is what the process prints', async () => {
    const { status, stdout, stderr } = run(['evaluate', '--help']);
    expect({ status, stdout, stderr }).toEqual(await runIn('.stagecraft', ['evaluate', '--help']));
  });
});

describe('a command that cannot be done', () => {
  test('because of its options ends with 2 and says what is wrong', async () => {
    for (const args of [
      ['evaluate', '--jsn'],
      ['evaluat'],
      ['show'],
      ['show', 'a', 'b'],
      ['show', 'acme', '--as-of'],
    ]) {
      const { status, stdout, stderr } = await runIn('nowhere', args);
      expect([args, status, stdout]).toEqual([args, 2, '']);
      expect(stderr).toMatch(/^error: /);
    }
    expect(run(['evaluate', '--jsn'])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('Did you mean --json?'),
    });
  });

  test('because there is no workspace ends with 4 and names the remedy', () => {
    for (const command of ['evaluate', 'doctor']) {
      const { status, stdout, stderr } = run([command, '--workspace', 'nowhere']);
      expect([status, stdout]).toEqual([4, '']);
      expect(stderr).toBe(
        'stagecraft: there is no workspace at nowhere; make one with `stagecraft init nowhere` or import records into it [workspace_not_found]\n',
      );
    }
  });

  test('because the workspace is a file ends with 1', () => {
    writeFileSync(join(scratch, 'a-file'), '');
    expect(run(['evaluate', '--workspace', 'a-file'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('[bad_workspace]'),
    });
  });

  test('shows its stack only when asked to', () => {
    const args = ['evaluate', '--workspace', 'nowhere'];
    expect(run(args).stderr).not.toContain('    at ');
    expect(run(args, { env: { STAGECRAFT_DEBUG: '1' } }).stderr).toContain('    at ');
  });
});

describe('a workspace with wrong documents', () => {
  // [G12]
  test('is refused with every mistake of all of them, and its database is not touched', () => {
    const workspace = smallWorkspace('wrong', {
      'stagecraft.yaml': 'timezone: UTC\nrunHour: 24\ntimeZone: Europe/Berlim\n',
      'catalog.yaml': 'features:\n  - { id: reports, event: [report_created] }\n',
    });
    const { status, stdout, stderr } = run(['import', join(workspace, '../records'), '--workspace', workspace]);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain('there are 5 problems');
    expect(stderr).toContain('stagecraft.yaml:1:1: unknown key "timezone"; did you mean "timeZone"?');
    expect(stderr).toContain('stagecraft.yaml:2:10: "runHour" must be at most 23, not 24');
    expect(stderr).toContain('stagecraft.yaml:3:11: "timeZone"');
    expect(stderr).toContain('catalog.yaml:2:5: "events" is missing in features[1]');
    expect(stderr).toContain('catalog.yaml:2:20: unknown key "event" in features[1]; did you mean "events"?');
    expect(() => readFileSync(join(workspace, 'stagecraft.db'))).toThrow('ENOENT');
  });

  test('cannot change its time zone after the first import', () => {
    const workspace = imported('zone', { 'stagecraft.yaml': 'timeZone: Europe/Berlin\n' });
    writeFileSync(join(workspace, 'stagecraft.yaml'), 'timeZone: Asia/Tokyo\n');
    const { status, stderr } = run(['evaluate', '--workspace', workspace]);
    expect(status).toBe(1);
    expect(stderr).toContain('Europe/Berlin');
    expect(stderr).toContain('[time_zone_changed]');
  });
});

describe('policy check', () => {
  test('reports five different mistakes at once, each with its place', () => {
    const text = readFileSync(join(import.meta.dirname, '../policies/default.yaml'), 'utf8')
      .replace('when: days_remaining < 3 && activation_score < 50', 'when: days_remaning < 3 && activation_score < 50')
      .replace('when: quick_win_achieved == false && day > 1', 'when: quick_win_achieved == 3 && day > 1')
      .replace('trigger: [monetization/upgrade_trigger]', 'trigger: [monetization/upgrade_triger]')
      .replace('id: onboarding.at_risk', 'id: onboarding.setup_stalled')
      .replace('to: onboarding', 'to: adoption');
    writeFileSync(join(scratch, 'five.yaml'), text);
    const { status, stdout, stderr } = run(['policy', 'check', 'five.yaml']);
    expect([status, stdout]).toEqual([1, '']);
    const lines = stderr.split('\n').filter((line) => line.startsWith('  five.yaml:'));
    expect(lines.length).toBeGreaterThanOrEqual(5);
    for (const line of lines) expect(line).toMatch(/^ {2}five\.yaml:\d+:\d+: /);
    for (const word of [
      'days_remaning',
      'days_remaining',
      'quick_win_achieved',
      'upgrade_triger',
      'onboarding.setup_stalled',
      'adoption',
    ]) {
      expect(stderr).toContain(word);
    }
  });

  test('accepts what policy show prints', () => {
    const shown = run(['policy', 'show', '--workspace', 'nowhere']);
    expect(shown.status).toBe(0);
    writeFileSync(join(scratch, 'shown.yaml'), shown.stdout);
    const { status, stdout } = run(['policy', 'check', 'shown.yaml']);
    expect([status, stdout]).toEqual([0, expect.stringContaining('no problems')]);
    expect(JSON.parse(run(['policy', 'show', '--json', '--workspace', 'nowhere']).stdout)).toMatchObject({
      name: 'default',
      runHour: 6,
    });
  });

  test('of a file that is not there ends with 4', () => {
    expect(run(['policy', 'check', 'no.yaml'])).toMatchObject({ status: 4, stdout: '' });
  });
});

describe('a small workspace', () => {
  let workspace: string;
  const at = (...args: string[]) => runIn(workspace, [...args, '--as-of', '2026-01-21']);
  beforeAll(() => {
    workspace = imported('small');
  });

  test('is evaluated to a table within 80 columns and without colours or escapes in a pipe', () => {
    const { status, stdout } = run(['evaluate', '--workspace', workspace, '--as-of', '2026-01-21']);
    expect(status).toBe(0);
    expect(stdout).toContain('acme');
    expect(stdout).not.toContain('\u001b');
    for (const line of stdout.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(80);
  });

  test('is evaluated to the same decisions as JSON and as NDJSON', async () => {
    const array = JSON.parse((await at('evaluate', '--json')).stdout);
    const lines = (await at('evaluate', '--ndjson')).stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(array).toEqual(lines);
    expect(array.map(({ accountId }: { accountId: string }) => accountId)).toEqual(['acme', 'bolt']);
    expect(JSON.parse((await at('evaluate', '--json', 'bolt')).stdout)).toHaveLength(1);
    expect((await at('evaluate', '--json', '--ndjson')).status).toBe(2);
  });

  test('says nothing beside the data with --quiet', async () => {
    expect((await at('evaluate', '--quiet', '--json')).stderr).toBe('');
  });

  test('answers for an unknown account with 4 and a near name', async () => {
    for (const command of ['evaluate', 'show', 'explain', 'timeline']) {
      const { status, stderr } = await at(command, 'amce');
      expect([command, status, stderr]).toEqual([command, 4, expect.stringContaining('did you mean "acme"?')]);
    }
    expect(await at('explain', 'acme', '--rule', 'trial.no_quik_win')).toMatchObject({
      status: 4,
      stderr: expect.stringContaining('"trial.no_quick_win"'),
    });
  });

  test('is shown with customer text made harmless', async () => {
    const { status, stdout } = await at('show', 'acme');
    expect(status).toBe(0);
    expect(stdout).toContain('acme \ufffd[31mLtd');
    expect(stdout).not.toContain('\u001b');
    for (const line of stdout.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(80);
    expect(JSON.parse((await at('show', 'acme', '--json')).stdout)).toMatchObject({
      accountId: 'acme',
      journey: {},
      plan: {},
      people: [],
    });
  });

  test('explains every rule, and one rule of another stage on its own', async () => {
    const whole = JSON.parse((await at('explain', 'acme', '--json')).stdout);
    expect(whole.rules.length).toBeGreaterThan(20);
    const one = await at('explain', 'acme', '--rule', 'adoption.plateau');
    expect([one.status, one.stdout]).toEqual([0, expect.stringContaining('adoption_plateau_detected')]);
    expect(JSON.parse((await at('explain', 'acme', '--rule', 'adoption.plateau', '--json')).stdout).rules).toHaveLength(
      1,
    );
  });

  test('tells what happened in order', async () => {
    await at('evaluate');
    const entries = JSON.parse((await at('timeline', 'acme', '--json')).stdout) as { date: string; kind: string }[];
    expect(entries[0]).toMatchObject({ date: '2026-01-01', kind: 'record' });
    expect(entries.map(({ date }) => date)).toEqual(entries.map(({ date }) => date).toSorted());
    expect(entries.map(({ kind }) => kind)).toContain('decision');
  });

  test('takes instants, with and without an offset, and refuses other words', async () => {
    for (const asOf of ['2026-01-21T06:00:00Z', '2026-01-21T06:00', '2026-01-21T08:00:00+02:00']) {
      const { stdout } = await runIn(workspace, ['evaluate', '--json', 'acme', '--as-of', asOf]);
      expect(JSON.parse(stdout)[0].asOf).toBe('2026-01-21T06:00:00Z');
    }
    for (const asOf of ['yesterday', '2026-02-30', '21.1.2026']) {
      expect(await runIn(workspace, ['show', 'acme', '--as-of', asOf])).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('[bad_as_of]'),
      });
    }
  });

  test('is examined by doctor, which ends with 1 only if something is wrong', async () => {
    const sound = run(['doctor', '--workspace', workspace]);
    expect([sound.status, sound.stdout]).toEqual([0, expect.stringMatching(/^ok +database/)]);
    writeFileSync(join(workspace, 'catalog.yaml'), 'features: [{ id: reports, events: [report_creatd] }]\n');
    const report = await runIn(workspace, ['doctor', '--json']);
    expect(report.status).toBe(1);
    const { ok, findings } = JSON.parse(report.stdout);
    expect(ok).toBe(false);
    expect(findings).toContainEqual({
      check: 'catalogue',
      state: 'wrong',
      detail: 'the event "report_creatd" (feature reports) never occurred',
      remedy: 'did you mean "report_created"?',
    });
    rmSync(join(workspace, 'catalog.yaml'));
  });

  test('is looked back at, without recording, once a later day is recorded', async () => {
    await at('evaluate');
    const { status, stderr } = run(['evaluate', '--workspace', workspace, '--as-of', '2026-01-10']);
    expect([status, stderr]).toEqual([0, expect.stringContaining('not recorded')]);
  });

  test('is found through STAGECRAFT_WORKSPACE too', () => {
    expect(run(['show', 'acme'], { env: { STAGECRAFT_WORKSPACE: workspace } }).status).toBe(0);
  });
});

test('a clock that was set back is noticed: nothing is decided again, and doctor says so', () => {
  const workspace = imported('clock');
  const ahead = new Date(Date.now() + 2 * 86_400_000).toISOString();
  expect(run(['evaluate', '--workspace', workspace, '--as-of', ahead]).status).toBe(0);
  expect(run(['evaluate', '--workspace', workspace])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('[clock_set_back]'),
  });
  const doctor = run(['doctor', '--workspace', workspace]);
  expect([doctor.status, doctor.stdout]).toEqual([1, expect.stringMatching(/^wrong +clock +2 accounts/m)]);
});

describe('init', () => {
  test('makes a workspace whose documents hold, and leaves what is there', () => {
    const { status, stdout } = run(['init', 'fresh']);
    expect([status, stdout]).toEqual([0, 'fresh: made stagecraft.yaml, catalog.yaml, policy.yaml, stagecraft.db\n']);
    writeFileSync(join(scratch, 'fresh/stagecraft.yaml'), 'currency: EUR\n');
    expect(run(['init', 'fresh']).stdout).toBe('fresh: is complete already\n');
    expect(readFileSync(join(scratch, 'fresh/stagecraft.yaml'), 'utf8')).toBe('currency: EUR\n');
    expect(run(['evaluate', '--workspace', 'fresh']).stdout).toBe('No account.\n');
  });
});

test('a reader that stops early, as head does, is no failure', () => {
  const text = execFileSync(
    'bash',
    ['-c', `set -o pipefail; '${BIN}' policy show --workspace nowhere --quiet | head -n 1`],
    { encoding: 'utf8', cwd: scratch },
  );
  expect(text.split('\n')).toHaveLength(2);
  const { status, stderr } = spawnSync(
    'bash',
    ['-c', `'${BIN}' policy facts --json | true; echo "\${PIPESTATUS[0]}"`],
    { encoding: 'utf8', cwd: scratch },
  );
  expect([status, stderr]).toEqual([0, '']);
});

test('demo prints the sample portfolio and leaves nothing behind', () => {
  const tmp = join(scratch, 'tmp');
  mkdirSync(tmp);
  const { status, stdout } = run(['demo', '--no-serve', '--quiet'], { env: { TMPDIR: tmp } });
  expect(status).toBe(0);
  expect(stdout).toContain('at_risk_intervention (');
  expect(execFileSync('ls', [tmp], { encoding: 'utf8' })).toBe('');
  expect(run(['demo', '--quiet'], { env: { TMPDIR: tmp } })).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('no server'),
  });
});
