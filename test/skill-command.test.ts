/** The commands on skills, interventions and handoffs: help, tables, JSON, and what they say to bad input. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { columnsOf } from '../src/cli/text.ts';
import { readWorkspaceConfig } from '../src/config.ts';
import { SKILLS } from '../src/core/skills/skills.ts';
import { USUAL_HOURS } from '../src/core/time/working-hours.ts';
import { stagecraft } from './fixtures/command.ts';
import { allowWriting, canForbidWriting, withoutWriting } from './fixtures/obstacles.ts';
import { runIn } from './fixtures/run-program.ts';
import { account, LIVE, trialRows, WorkWorkspace } from './fixtures/work-workspace.ts';

const QUICK = 'plg/quick_win_generator';
const NO_ID = 'int_0123456789abcdef0123';

/** Last evaluated on 11 March; `ana`'s trial of ten days has ended, `orphan` is named by a contact only. */
let base: WorkWorkspace;
const made: WorkWorkspace[] = [];

function copy(): WorkWorkspace {
  const one = base.copy();
  made.push(one);
  return one;
}

beforeAll(async () => {
  base = new WorkWorkspace();
  made.push(base);
  await base.import({
    ...trialRows(),
    accounts: [...trialRows().accounts!, account('gone', '2026-01-05'), account('later', '2026-03-20')],
    subscriptions: [
      ...trialRows().subscriptions!,
      {
        subscriptionId: 'sub_gone',
        accountId: 'gone',
        plan: 'team',
        status: 'canceled',
        startedAt: '2026-01-05',
        endedAt: '2026-02-05',
      },
    ],
    contacts: [{ contactId: 'c1', accountId: 'orphan', createdAt: LIVE }],
  });
  for (const day of [LIVE, '2026-03-11']) await base.evaluate(day);
}, 60_000);
afterAll(() => {
  for (const each of made) each.remove();
});

const idOf = async (of: WorkWorkspace, accountId: string, skill = QUICK): Promise<string> =>
  (await of.json('interventions', accountId)).find((each: { skill: string }) => each.skill === skill).id;
const act = ['--by', 'Ana Ruiz', '--as-of', '2026-03-11T09:00'];

const COMMANDS = [
  ['skill'],
  ['skill', 'list'],
  ['skill', 'run'],
  ['interventions'],
  ['intervention'],
  ['contact-log'],
  ['approve'],
  ['complete'],
  ['dismiss'],
  ['snooze'],
  ['handoffs'],
  ['handoff'],
  ['handoff', 'show'],
  ['handoff', 'accept'],
  ['handoff', 'decline'],
  ['handoff', 'offer'],
];

describe('help', () => {
  it.each(COMMANDS.map((words) => [words.join(' ')]))(
    'of %s is as pinned, fits 80 columns and has an example',
    async (words) => {
      const { status, stdout, stderr } = await runIn('.stagecraft', [...words.split(' '), '--help']);
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toMatchSnapshot();
      for (const line of stdout.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(80);
      if (!['skill', 'handoff'].includes(words)) expect(stdout).toContain('Examples:');
    },
  );
});

describe('skill list', () => {
  it('names all 23 of the registry, with the fields that scripts read', async () => {
    const listed = await base.json('skill', 'list');
    expect(listed.map((each: { name: string }) => each.name)).toEqual(SKILLS.map(({ name }) => name));
    expect(listed).toHaveLength(23);
    for (const each of listed) {
      expect(Object.keys(each)).toEqual([
        'name',
        'domain',
        'purpose',
        'inputs',
        'customerFacing',
        'conversation',
        'serviceMessage',
        'celebration',
        'sections',
        'parameters',
        'outcome',
      ]);
      expect(['none', 'conversion', 'expansion']).toContain(each.conversation);
      expect(each.outcome.horizonDays).toBeGreaterThan(0);
    }
  });

  it('needs no workspace, and fits 80 columns', async () => {
    const { status, stdout } = await base.run(['skill', 'list', '--workspace', 'nowhere']);
    expect(status).toBe(0);
    for (const line of stdout.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(80);
  });
});

describe('skill run', () => {
  it('gives the document, or the result with every field of it, and records nothing', async () => {
    const before = base.rows('contact_log').length;
    expect(await base.text('skill', 'run', 'quick_win_generator', 'quiet')).toMatch(
      /^# Quick win generator: quiet Ltd\n/,
    );
    const result = await base.json('skill', 'run', QUICK, 'quiet');
    expect(Object.keys(result)).toEqual([
      'skill',
      'accountId',
      'today',
      'status',
      'reasons',
      'dataGaps',
      'confidence',
      'result',
      'actions',
      'markdown',
    ]);
    expect(result.today).toBe('2026-03-11'); // of the last evaluation, as every report
    expect(base.rows('contact_log')).toHaveLength(before);
  });

  it('runs for every skill and account of a small workspace without an error', async () => {
    for (const { name } of SKILLS) {
      const { status, markdown } = await base.json('skill', 'run', name, 'buyer');
      expect(['ok', 'partial', 'insufficient_data', 'refused'], name).toContain(status);
      expect(markdown).toMatch(/^# /);
    }
  });

  it('refuses an account that has left, in a result that says why', async () => {
    expect(await base.json('skill', 'run', QUICK, 'gone')).toMatchObject({
      status: 'refused',
      reasons: ['account_churned'],
      result: null,
      actions: [],
      confidence: 'low',
    });
    expect(await base.text('skill', 'run', QUICK, 'gone')).toContain('refused: account churned');
  });

  it('takes parameters for this run, as JSON or as text', async () => {
    const result = await base.json('skill', 'run', QUICK, 'quiet', '--set', 'maximumMinutes=1', 'shown=2');
    expect(result.reasons).toEqual(['no_eligible_win']);
  });

  it.each<[string, string[], number, string]>([
    [
      'an unknown skill',
      ['quick_win_generater', 'quiet'],
      4,
      `there is no skill "quick_win_generater" [skill_not_found]\n  did you mean "${QUICK}"?`,
    ],
    ['an unknown skill with its domain', ['plg/quick_win', 'quiet'], 4, '[skill_not_found]'],
    ['an unknown account', [QUICK, 'quite'], 4, '[account_not_found]\n  did you mean "quiet"?'],
    ['an account without a record of its own', [QUICK, 'orphan'], 4, '[no_account_record]\n  import the accounts file'],
    [
      'a day before the account existed',
      [QUICK, 'quiet', '--as-of', '2026-03-01'],
      4,
      'the account "quiet" did not exist yet then [not_yet]',
    ],
    ['an account that comes later', [QUICK, 'later', '--as-of', '2026-03-11'], 4, '[not_yet]'],
    ['a parameter out of range', [QUICK, 'quiet', '--set', 'shown=11'], 2, 'shown: '],
    ['a parameter of the wrong kind', [QUICK, 'quiet', '--set', 'shown=many'], 2, 'shown: '],
    [
      'an unknown parameter',
      [QUICK, 'quiet', '--set', 'shwon=2'],
      2,
      'unknown parameter "shwon"; did you mean "shown"? [bad_parameter]',
    ],
    [
      'a parameter named like a part of every object',
      [QUICK, 'quiet', '--set', '__proto__={"shown":1}'],
      2,
      'unknown parameter "__proto__"',
    ],
    ['no parameter at all', [QUICK, 'quiet', '--set', 'shown'], 2, '--set "shown" is no key=value [usage]'],
    ['no date', [QUICK, 'quiet', '--as-of', 'yesterday'], 2, '[bad_as_of]'],
    ['too few words', [QUICK], 2, "missing required argument 'ACCOUNT'"],
  ])('with %s ends with %j and says so', async (_, args, status, message) => {
    const refusal = await base.refusal('skill', 'run', ...args);
    expect(refusal.message).toContain(message);
    expect(refusal.status).toBe(status);
  });
});

describe('bad input to an act is refused, and nothing is lost', () => {
  const acts = ['approve', 'complete', 'dismiss', 'snooze'] as const;
  const more = { approve: [], complete: [], dismiss: ['--reason', 'no'], snooze: ['--until', '2026-03-20'] };

  it('an unknown intervention or handoff: 4, with where to look', async () => {
    for (const kind of acts) {
      expect(await base.refusal(kind, NO_ID, ...more[kind], ...act)).toEqual({
        status: 4,
        message: `stagecraft: there is no intervention "${NO_ID}" [intervention_not_found]\n  list them with \`stagecraft interventions\`\n`,
      });
    }
    expect((await base.refusal('intervention', 'quiet')).message).toContain(
      'that is an account: list its interventions with `stagecraft interventions quiet`',
    );
    for (const answer of [
      ['show'],
      ['accept', '--by', 'x'],
      ['decline', '--by', 'x', '--reason', 'y'],
      ['offer', '--by', 'x', '--reason', 'y'],
    ]) {
      const [verb, ...rest] = answer;
      const { status, message } = await base.refusal('handoff', verb!, 'hnd_0', ...rest);
      expect([status, message]).toEqual([
        4,
        expect.stringContaining('[handoff_not_found]\n  list them with `stagecraft handoffs`'),
      ]);
    }
  });

  it('an unknown account: 4 and a near name', async () => {
    for (const command of ['interventions', 'handoffs', 'contact-log']) {
      const { status, message } = await base.refusal(command, 'quite');
      expect([command, status, message]).toEqual([command, 4, expect.stringContaining('did you mean "quiet"?')]);
    }
  });

  it('an unknown state: 2 and the states there are', async () => {
    const { status, message } = await base.refusal('interventions', '--state', 'open');
    expect([status, message]).toEqual([2, expect.stringContaining('one of proposed, approved, dispatched')]);
  });

  it('blank words, missing words, a day that is none or has passed', async () => {
    const life = copy();
    const id = await idOf(life, 'quiet');
    const before = life.rows('interventions');
    const tried: [number, string, string[]][] = [
      [2, '--by is empty', ['approve', id, '--by', ' ']],
      [2, '--reason is empty', ['dismiss', id, '--reason', '', ...act]],
      [2, "required option '--reason <TEXT>' not specified", ['dismiss', id, ...act]],
      [2, "required option '--by <NAME>' not specified", ['approve', id]],
      [2, '--until "soon" is no date', ['snooze', id, '--until', 'soon', ...act]],
      [2, '--until "2026-02-30" is no date', ['snooze', id, '--until', '2026-02-30', ...act]],
      [
        1,
        'it can be put off to a day after 2026-03-11 and no later than 2026-09-07, not to 2026-03-11 [bad_date]',
        ['snooze', id, '--until', '2026-03-11', ...act],
      ],
      [1, 'not to 2026-03-01 [bad_date]', ['snooze', id, '--until', '2026-03-01', ...act]],
      [1, 'not to 2027-03-01 [bad_date]', ['snooze', id, '--until', '2027-03-01', ...act]],
      [1, 'approve it first [wrong_state]', ['complete', id, ...act]],
      [1, '[clock_set_back]', ['approve', id, '--by', 'Ana', '--as-of', '2026-03-10']],
    ];
    for (const [status, words, args] of tried) {
      const refusal = await life.refusal(...args);
      expect([args.join(' '), refusal.status, refusal.message]).toEqual([
        args.join(' '),
        status,
        expect.stringContaining(words),
      ]);
    }
    expect(life.rows('interventions')).toEqual(before);
    expect(life.rows('audit')).toEqual([]);
  });

  it('of several acts at once the good ones are done, whatever stands between them', async () => {
    const life = copy();
    const [quiet, early] = [await idOf(life, 'quiet'), await idOf(life, 'early')];
    const { status, stdout, stderr } = await life.run(['approve', quiet, NO_ID, quiet, early, ...act]);
    expect(stdout).toBe(`${quiet}: proposed -> approved\n${early}: proposed -> approved\n`);
    expect(stderr).toBe(
      `there is no intervention "${NO_ID}" [intervention_not_found]\n` +
        `${quiet} was not changed: it is approved, and can only be approved while proposed [wrong_state]\n`,
    );
    expect(status).toBe(4); // of the first that failed
  });

  it('a database that cannot be written can be read, and an act says so', async ({ skip }) => {
    skip(!canForbidWriting, 'skipped: a folder that cannot be written needs unshare, as root');
    const life = copy();
    const id = await idOf(life, 'quiet');
    const before = life.rows('interventions');
    const at = (...args: string[]) =>
      stagecraft(['--workspace', life.path, ...args], { through: withoutWriting(life.path) });
    try {
      const { status, stdout, stderr } = await at('approve', id, ...act);
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^stagecraft: .*stagecraft\.db cannot be written\. .* \[read_only\]\n$/);
      expect(await at('intervention', id)).toMatchObject({ status: 0, stdout: expect.stringContaining(QUICK) });
    } finally {
      allowWriting(life.path);
    }
    expect(life.rows('interventions')).toEqual(before);
  });
});

describe('what is printed', () => {
  it('as a table fits 80 columns, with whole ids', async () => {
    const tables = [
      await base.text('interventions', '--all'),
      await base.text('contact-log', 'buyer'),
      await base.text('intervention', await idOf(base, 'quiet')),
    ];
    const [interventions] = tables;
    for (const line of interventions!.trimEnd().split('\n').slice(1)) expect(line).toMatch(/^int_[0-9a-f]{20} /);
    for (const text of tables.slice(0, 2))
      for (const line of text.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(80);
    const head = tables[2]!.slice(0, tables[2]!.indexOf('\n# '));
    for (const line of head.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(80);
  });

  it('of interventions as JSON has the fields of docs/interventions.md', async () => {
    const [listed] = await base.json('interventions', 'quiet');
    const fields = [
      'id',
      'accountId',
      'skill',
      'ruleId',
      'stage',
      'priority',
      'state',
      'customerFacing',
      'date',
      'reason',
      'heldBy',
      'snoozedUntil',
      'settled',
      'outcome',
    ];
    expect(Object.keys(listed)).toEqual(fields);
    const whole = await base.json('intervention', listed.id);
    expect(Object.keys(whole)).toEqual([...fields, 'steps', 'artefact']);
    expect(whole.steps).toEqual([
      expect.objectContaining({ at: '2026-03-11T06:00:00Z', state: 'proposed', by: 'engine', heldBy: [] }),
    ]);
    const [entry] = await base.json('contact-log', 'quiet');
    expect(Object.keys(entry)).toEqual([
      'at',
      'accountId',
      'interventionId',
      'ruleId',
      'skill',
      'customerFacing',
      'state',
      'by',
      'reason',
      'heldBy',
    ]);
  });

  it('where there is nothing says so', async () => {
    expect(await base.text('interventions', 'gone')).toMatch(/^No intervention yet\.|^Nothing is open/);
    expect(await base.text('interventions', '--state', 'failed')).toBe('No intervention is failed.\n');
    expect(await base.text('contact-log', 'gone')).toBe(
      'Nobody was contacted or held back while this workspace was live.\n',
    );
    expect(await base.text('handoffs')).toBe('No handoff yet.\n');
    expect(await base.json('handoffs')).toEqual([]);
    expect(await base.json('interventions', 'gone')).toEqual([]);
  });
});

describe('the settings that init writes', () => {
  it('hold as they are, and with the people that they show', async () => {
    const folder = join(base.folder, 'fresh');
    expect((await runIn(folder, ['init', folder, '--quiet'])).status).toBe(0);
    const path = join(folder, 'stagecraft.yaml');
    expect(readWorkspaceConfig(folder).ownerHours).toEqual(USUAL_HOURS);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replaceAll(/^# (people:| {2})/gm, '$1'));
    expect(readWorkspaceConfig(folder).ownerHours.people).toMatchObject({
      'Kim Seo': { timeZone: 'Asia/Seoul' },
      'Ada Ruiz': { timeZone: 'America/New_York', start: 8, end: 13, days: ['mon', 'wed'] },
    });
    writeFileSync(path, text.replace('# people:', 'people: { Kim: { timeZone: Asia/Soul } }\n#'));
    expect(() => readWorkspaceConfig(folder)).toThrow('not a time zone the runtime knows');
  });
});
