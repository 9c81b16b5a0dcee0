/** What a workspace says of skills in its policy: skills of its own, and other parameters for the built-in ones. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultPolicyText, readWorkspaceConfig } from '../src/config.ts';
import { account, daily, LIVE, trial, trialRows, WorkWorkspace } from './fixtures/work-workspace.ts';

const CALL = 'custom/executive_call';
const HOOK = 'custom/tell_billing';
const CALL_SKILL = `  - name: ${CALL}
    kind: manual
    purpose: Call the sponsor
    ownerRole: exec
    dueBusinessDays: 2
    channel: call
    conversation: expansion
    checklist: [Read the *last* review, "Ask for the <budget>"]
`;
const HOOK_SKILL = `  - name: ${HOOK}
    kind: webhook
    purpose: Tell billing
    ownerRole: finance
    dueBusinessDays: 1
    url: https://hooks.example.com/billing?key=secret
`;
const RULE = `  - id: trial.own
    stages: [trial]
    when: day >= 3
    trigger: [${CALL}, ${HOOK}]
    priority: high
    action: Call
    cooldownDays: 30
    reason: "Day {day} of the trial"
`;
const withSkills = (skills: string) => (text: string) =>
  text.replace(/^rules:$/m, `rules:\n${RULE.trimEnd()}`).replace(/^skills:$/m, `customSkills:\n${skills}skills:`);
const own = withSkills(CALL_SKILL + HOOK_SKILL);

const made: WorkWorkspace[] = [];
/** Last evaluated on 12 March, the first day on which the rule of its own fires. */
let base: WorkWorkspace;

function workspace(policy: (text: string) => string): WorkWorkspace {
  const one = new WorkWorkspace({ policy });
  made.push(one);
  return one;
}

function copy(): WorkWorkspace {
  const one = base.copy();
  made.push(one);
  return one;
}

beforeAll(async () => {
  base = workspace(own);
  await base.import({
    ...trialRows(),
    accounts: [...trialRows().accounts!, account('used', LIVE, { owners: { exec: 'Ada | <b>' } })],
    subscriptions: [...trialRows().subscriptions!, trial('used', LIVE, 100)],
    events: [
      ...trialRows().events!,
      ...daily('used', 'report_shared', LIVE, 1),
      ...daily('used', 'report_created', LIVE, 26),
      ...daily('used', 'dashboard_viewed', LIVE, 26),
      ...daily('used', 'dashboard_viewed', LIVE, 26, 'u2'),
    ],
  });
  for (const day of [LIVE, '2026-03-12']) await base.evaluate(day);
}, 60_000);
afterAll(() => {
  for (const each of made) each.remove();
});

const of = async (one: WorkWorkspace, accountId: string, skill: string, ...more: string[]) =>
  (await one.json('interventions', accountId, ...more)).filter((each: { skill: string }) => each.skill === skill);

describe('a skill of the workspace’s own', () => {
  it('is listed, run and checked as any other', async () => {
    const listed = (await base.json('skill', 'list')).filter((each: { domain: string }) => each.domain === 'custom');
    expect(listed).toMatchObject([
      { name: CALL, purpose: 'Call the sponsor', customerFacing: true, conversation: 'expansion', parameters: {} },
      { name: HOOK, purpose: 'Tell billing', customerFacing: false, conversation: 'none' },
    ]);
    expect(await base.text('skill', 'list')).toContain(`${CALL}  customer-facing, expansion\n`);
    expect(await base.text('policy', 'check', join(base.path, 'policy.yaml'))).toContain('25 rules');
    const result = await base.json('skill', 'run', 'executive_call', 'used');
    expect(result).toMatchObject({
      skill: CALL,
      status: 'ok',
      result: { kind: 'manual', checklist: ['Read the *last* review', 'Ask for the <budget>'], host: null },
      actions: [{ ownerRole: 'exec', dueDate: '2026-03-16', channel: 'call' }],
    });
    expect(result.markdown).toContain('- [ ] Ask for the');
    expect(result.markdown).not.toContain('<budget>');
    expect(result.markdown).not.toContain('<b>');
  });

  it('is proposed by its rule with its checklist kept, and lives as any other', async () => {
    const life = copy();
    const [call] = await of(life, 'used', CALL);
    expect(call).toMatchObject({ state: 'proposed', ruleId: 'trial.own', reason: 'Day 3 of the trial' });
    expect((await life.json('intervention', call.id)).artefact.result.checklist).toHaveLength(2);
    await life.text('approve', call.id, '--by', 'Ana', '--as-of', '2026-03-12T09:00');
    await life.text('complete', call.id, '--by', 'Ana', '--as-of', '2026-03-12T10:00');
    const log = (await life.json('contact-log', 'used')).filter((each: { skill: string }) => each.skill === CALL);
    expect(log.map((each: { state: string }) => each.state)).toEqual(['proposed', 'approved', 'completed']);
  });

  it('is held by the guardrails of what it says to the customer; what stays inside needs no approval', async () => {
    const [call] = await of(base, 'quiet', CALL);
    expect([call.state, call.heldBy]).toEqual(['held', ['money.after_activation']]);
    const [hook] = await of(base, 'quiet', HOOK);
    expect([hook.state, hook.heldBy, hook.customerFacing]).toEqual(['approved', [], false]);
    const [second] = await of(base, 'buyer', CALL);
    expect([second.state, second.heldBy]).toEqual(['held', ['conversation.one_motion']]);
  });

  it('that another system does shows the host it goes to, and never the rest of the address', async () => {
    const shown = await base.text('skill', 'run', HOOK, 'used');
    expect(shown).toContain('hooks.example.com');
    expect(shown).not.toContain('secret');
    expect(base.rows('artefacts', "body like '%secret%'")).toEqual([]);
  });

  it('is followed by what happened to health: unknown where one of the readings is, worse where use has stopped', async () => {
    const life = copy();
    const [call] = await of(life, 'used', CALL);
    await life.text('approve', call.id, '--by', 'Ana', '--as-of', '2026-03-12T09:00');
    await life.text('complete', call.id, '--by', 'Ana', '--as-of', '2026-03-12T10:00');
    const [hook] = await of(life, 'used', HOOK);
    await life.text('complete', hook.id, '--by', 'Ana', '--as-of', '2026-03-30'); // with seven days of data and more
    await life.evaluate('2026-04-30');
    const outcomes = [];
    for (const { id } of [call, hook]) outcomes.push((await life.json('intervention', id)).outcome);
    expect(outcomes[0]).toMatchObject({ measure: 'health_score', from: null, verdict: 'unknown', dueOn: '2026-04-11' });
    expect(outcomes[0].fromReason).toContain('of 7 days of data');
    expect(outcomes[1]).toMatchObject({ verdict: 'worse', dueOn: '2026-04-29' });
    expect(outcomes[1].from - outcomes[1].to).toBeGreaterThan(5);
    expect(await life.text('intervention', call.id)).toMatch(/^outcome +unknown: health_score from unknown \(\d of 7/m);
  });

  it('that the policy no longer has can be dismissed, and nothing else; nothing breaks', async () => {
    const life = copy();
    const [call] = await of(life, 'used', CALL);
    const [hook] = await of(life, 'used', HOOK);
    await life.text('complete', hook.id, '--by', 'Ana', '--as-of', '2026-03-12T09:00');
    life.write('policy.yaml', defaultPolicyText());
    await life.evaluate('2026-03-13');
    const { status, message } = await life.refusal('approve', call.id, '--by', 'Ana', '--as-of', '2026-03-13T09:00');
    expect([status, message]).toEqual([
      1,
      `stagecraft: ${call.id} was not changed: the policy no longer has the skill ${CALL}; dismiss it, or declare the skill again [skill_removed]\n`,
    ]);
    expect(await life.text('intervention', call.id)).toContain('Ask for the');
    await life.text('dismiss', call.id, '--by', 'Ana', '--reason', 'gone', '--as-of', '2026-03-13T09:00');
    await life.evaluate('2026-04-15');
    expect((await life.json('intervention', hook.id)).outcome).toMatchObject({
      verdict: 'unknown',
      to: null,
      toReason: 'the policy no longer has this skill',
    });
  });
});

/** Checks a policy; returns its problems as they are printed, without the indent. */
async function problems(policy: (text: string) => string): Promise<{ lines: string[]; text: string }> {
  const text = policy(defaultPolicyText());
  const path = join(base.folder, 'checked.yaml');
  writeFileSync(path, text);
  const { status, stdout, stderr } = await base.run(['policy', 'check', path]);
  expect(status).toBe(1);
  const lines = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('checked.yaml:'));
  return { lines: lines.map((line) => line.replace(/^.*checked\.yaml:| \[bad_policy\]$/g, '')), text };
}

/** `line:column` of the first place at which `part` stands. */
function placeOf(text: string, part: string): string {
  const before = text.slice(0, text.indexOf(part));
  const line = before.split('\n').length;
  return `${line}:${before.length - before.lastIndexOf('\n')}`;
}

describe('a mistake in a declared skill is found where it stands', () => {
  const broken = (from: string | RegExp, to: string) => (text: string) =>
    withSkills((CALL_SKILL + HOOK_SKILL).replace(from, to))(text);

  it.each<[string, string | RegExp, string, string, string]>([
    ['a bad name', `name: ${CALL}`, 'name: custom/Call', 'custom/Call', 'custom/ and lower case words joined by _'],
    [
      'a manual skill without a checklist',
      /\n {4}checklist: .*/,
      '',
      'name: custom/executive_call',
      'a manual skill needs a checklist',
    ],
    ['a webhook without a url', /\n {4}url: .*/, '', `name: ${HOOK}`, 'a webhook skill has a url'],
    [
      'an address that is not https',
      'https://hooks',
      'http://hooks',
      'http://hooks',
      'an https address of a named host',
    ],
    [
      'an address of this machine',
      'hooks.example.com',
      'localhost',
      'https://localhost',
      'an https address of a named host',
    ],
    [
      'an address of this network',
      'hooks.example.com',
      '10.1.2.3',
      'https://10.1.2.3',
      'an https address of a named host',
    ],
    [
      'a number for an address',
      'hooks.example.com',
      '0x7f000001',
      'https://0x7f000001',
      'an https address of a named host',
    ],
    [
      'an address that ends inside',
      'hooks.example.com',
      'hooks.internal',
      'https://hooks.internal',
      'an https address of a named host',
    ],
    [
      'a password in the address',
      'https://hooks',
      'https://me:pw@hooks',
      'https://me:pw@',
      'an https address of a named host',
    ],
    [
      'an unknown key',
      'ownerRole: exec',
      'ownerRole: exec\n    dueBusinesDays: 1',
      'dueBusinesDays: 1',
      'did you mean "dueBusinessDays"?',
    ],
    ['an unknown kind', 'kind: webhook', 'kind: web_hook', 'web_hook', 'did you mean "webhook"?'],
    [
      'a number out of range',
      'dueBusinessDays: 2',
      'dueBusinessDays: 99999',
      '99999',
      '"dueBusinessDays" must be at most 1000, not 99999',
    ],
  ])('%s', async (_, from, to, place, message) => {
    const { lines, text } = await problems(broken(from, to));
    const [first] = lines.filter((line) => line.includes(message));
    expect(first, lines.join('\n')).toBeDefined();
    const shown = /^(\d+:\d+)/.exec(first!)![1];
    const [line] = placeOf(text, place).split(':');
    if (message.includes('needs') || message.includes('has a url')) expect(shown!.split(':')[0]).toBe(line);
    else expect(shown).toBe(placeOf(text, place));
  });

  it('a name twice, and a rule that triggers what nobody declared', async () => {
    const twice = await problems(withSkills(CALL_SKILL + CALL_SKILL + HOOK_SKILL));
    expect(twice.lines).toEqual([expect.stringContaining(`there is already a skill "${CALL}"`)]);
    const missing = await problems((text) => own(text).replace(`trigger: [${CALL}`, 'trigger: [custom/executiv_call'));
    expect(missing.lines).toEqual([
      expect.stringContaining(`unknown skill "custom/executiv_call"; did you mean "${CALL}"?`),
    ]);
  });
});

describe('a parameter of a built-in skill', () => {
  const QUICK = 'plg/quick_win_generator';
  const set = (parameters: string) => (text: string) =>
    text.replace(/^skills:$/m, `skills:\n  ${QUICK}: { parameters: ${parameters} }`);
  const hashOf = (policy: (text: string) => string) => readWorkspaceConfig(workspace(policy).path).policy.hash;

  it('holds in a run and in the document that is kept', async () => {
    const one = workspace(set('{ maximumMinutes: 1 }'));
    await one.import(trialRows());
    for (const day of [LIVE, '2026-03-11']) await one.evaluate(day);
    // the only win of the catalogue takes three minutes
    const run = await one.json('skill', 'run', QUICK, 'quiet');
    expect([run.reasons, run.result.quickWins]).toEqual([['no_eligible_win'], []]);
    const wins = async (of: WorkWorkspace) => {
      const [{ id }] = (await of.json('interventions', 'early')).filter(
        (each: { skill: string }) => each.skill === QUICK,
      );
      return (await of.json('intervention', id)).artefact.result.quickWins.length;
    };
    expect([await wins(one), await wins(base)]).toEqual([0, 1]);
    expect((await one.json('skill', 'run', QUICK, 'quiet', '--set', 'maximumMinutes=5')).result.quickWins).toHaveLength(
      1,
    );
    const [listed] = (await one.json('skill', 'list')).filter((each: { name: string }) => each.name === QUICK);
    expect(listed.parameters).toMatchObject({ maximumMinutes: 1, shown: 3 });
  });

  it('that is unknown, out of range or of a skill without any is refused at its place', async () => {
    const unknown = await problems(set('{ shwon: 2 }'));
    expect(unknown.lines).toEqual([
      `${placeOf(unknown.text, 'shwon')}: unknown key "shwon" in skills.${QUICK}.parameters; did you mean "shown"?`,
    ]);
    const tooMany = await problems(set('{ shown: 99 }'));
    expect(tooMany.lines).toEqual([`${placeOf(tooMany.text, '99 }')}: "shown" must be at most 10, not 99`]);
    const wrong = await problems(set('{ shown: three }'));
    expect(wrong.lines).toEqual([expect.stringContaining('"shown" must be a number, not "three"')]);
    for (const name of ['default', CALL]) {
      const none = await problems((text) =>
        own(text).replace(/^ {2}default: .*$/m, `  ${name}: { parameters: { shown: 2 } }`),
      );
      expect(none.lines).toEqual([expect.stringContaining(`"${name}" has no parameters`)]);
    }
  });

  it('changes the policy’s hash when it changes something, and not when it says what holds anyway', () => {
    const plain = hashOf((text) => text);
    expect(hashOf(set('{}'))).toBe(plain);
    expect(hashOf(set('{ shown: 3 }'))).toBe(plain);
    const two = hashOf(set('{ shown: 2 }'));
    expect(two).not.toBe(plain);
    expect(hashOf(set('{ ignoredDays: 3, shown: 2 }'))).toBe(two);
    expect(hashOf(own)).not.toBe(plain);
  });
});
