/** What is counted of interventions: places under the weekly cap, the log of contacts, and how the rules fare. */
import { afterAll, describe, expect, it } from 'vitest';
import { columnsOf } from '../src/cli/text.ts';
import { account, daily, LIVE, trialRows, WorkWorkspace } from './fixtures/work-workspace.ts';

const QUICK = 'plg/quick_win_generator';
const act = ['--by', 'Ana Ruiz', '--as-of', '2026-03-11T09:00'];

const made: WorkWorkspace[] = [];
afterAll(() => {
  for (const each of made) each.remove();
});

const idOf = async (of: WorkWorkspace, accountId: string, skill = QUICK): Promise<string> =>
  (await of.json('interventions', accountId)).find((each: { skill: string }) => each.skill === skill).id;

describe('the weekly cap', () => {
  it('counts what reached the customer on the day it did, and the log tells who asked for it', async () => {
    const life = new WorkWorkspace({
      policy: (text) => text.replace('{ interventions: 5, days: 7 }', '{ interventions: 1, days: 7 }'),
    });
    made.push(life);
    await life.import(trialRows());
    for (const day of [LIVE, '2026-03-11']) await life.evaluate(day);
    // the upgrade of the 10th took the only place; the quick win of the 11th waits
    const [upgrade, win] = [await idOf(life, 'buyer', 'monetization/upgrade_trigger'), await idOf(life, 'buyer')];
    expect((await life.json('intervention', win)).heldBy).toEqual(['cap.weekly']);
    await life.text('approve', upgrade, ...act);
    await life.text('complete', upgrade, '--by', 'Lee Park', '--as-of', '2026-03-16T09:00');
    // twelve days after it was made, six days after it was done
    const [decision] = await life.json('evaluate', 'buyer', '--quiet', '--as-of', '2026-03-22');
    expect((await life.json('intervention', win)).heldBy).toEqual(['cap.weekly']);
    const cap = decision.blocked.find((each: { guardrail: string }) => each.guardrail === 'cap.weekly');
    expect(cap).toMatchObject({ skill: QUICK, until: '2026-03-23' });
    await life.evaluate('2026-03-23');
    const log = await life.json('contact-log', 'buyer');
    const told = log.map(
      (each: { at: string; skill: string; state: string; by: string; heldBy: string[]; ruleId: string }) =>
        [each.at.slice(0, 10), each.skill.split('/')[1], each.ruleId, each.state, each.heldBy.join() || each.by].join(
          ' ',
        ),
    );
    expect(told.slice(0, 4)).toEqual([
      '2026-03-10 upgrade_trigger trial.converting proposed engine',
      '2026-03-11 quick_win_generator trial.no_quick_win held cap.weekly',
      '2026-03-11 upgrade_trigger trial.converting approved Ana Ruiz',
      '2026-03-16 upgrade_trigger trial.converting completed Lee Park',
    ]);
    expect(told).toContain('2026-03-23 upgrade_trigger trial.converting proposed engine');
  });
});

describe('doctor', () => {
  it('judges the rules by what they did in the last 90 days', async () => {
    const life = new WorkWorkspace({
      policy: (text) =>
        text
          .replace(
            /^rules:$/m,
            `rules:
  - { id: trial.twin, stages: [trial], when: day > 1, trigger: [custom/check], priority: low, action: Check, reason: "Day {day}" }
  - { id: trial.offer, stages: [trial], when: day > 1, trigger: [custom/offer], priority: low, action: Offer, reason: "Day {day}" }`,
          )
          .replace(
            /^skills:$/m,
            `customSkills:
  - { name: custom/check, kind: manual, purpose: Check, ownerRole: csm, dueBusinessDays: 1, checklist: [Look] }
  - { name: custom/offer, kind: manual, purpose: Offer, ownerRole: ae, dueBusinessDays: 1, channel: email, conversation: expansion, checklist: [Write] }
skills:`,
          ),
    });
    made.push(life);
    const ids = ['a1', 'a2', 'a3', 'a4'];
    const rows = trialRows();
    await life.import({
      ...rows,
      accounts: [...rows.accounts!.filter((row) => row.accountId !== 'buyer'), ...ids.map((id) => account(id, LIVE))],
      events: [...rows.events!, ...ids.flatMap((id) => daily(id, 'login', LIVE, 60))],
    });
    for (const day of [LIVE, '2026-04-08']) await life.evaluate(day);
    const { rules, findings } = await life.json('doctor');
    const reading = (id: string) => rules.find((each: { rule: string }) => each.rule === id);
    expect(Object.keys(reading('trial.twin'))).toEqual([
      'rule',
      'ticks',
      'accounts',
      'share',
      'interventions',
      'held',
      'findings',
    ]);
    expect(reading('renewal.at_risk').findings).toEqual([{ code: 'never_fires' }]);
    expect(reading('trial.twin')).toMatchObject({ accounts: 6, share: 1, held: 0 });
    const codes = (id: string) => reading(id).findings.map((each: { code: string }) => each.code);
    expect(codes('trial.twin')).toEqual(expect.arrayContaining(['fires_for_most', 'always_together']));
    expect(reading('trial.offer').findings).toContainEqual({
      code: 'always_held',
      guardrail: 'money.after_activation',
    });
    const notes = findings.filter((each: { check: string }) => each.check === 'rules');
    expect(notes.map((each: { state: string }) => each.state)).toEqual(['note', 'note', 'note', 'note']);
    const text = (await life.text('doctor')).replaceAll(/\s+/g, ' ');
    expect(text).toContain('never fired in 90 days: trial.ending_unactivated');
    expect(text).toContain('trial.twin (100 %)');
    expect(text).toContain('always held by the same guardrail: trial.offer (money.after_activation)');
    expect(text).toContain('always fired together: ');
    for (const line of (await life.text('doctor')).split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(80);
  });
});
