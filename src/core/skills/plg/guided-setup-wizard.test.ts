/** plg/guided_setup_wizard (skills.md B), with its worked examples. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, catalogue, type TestAccount, type TestEvent } from '../../../../test/build-account.ts';
import { runOn, skillContext } from '../../../../test/skill-context.ts';
import type { SetupStep } from '../../catalogue/catalogue.ts';
import { guidedSetupWizard } from './guided-setup-wizard.ts';
import { planSetup, type SetupStepState } from './setup-plan.ts';

const step = (id: string, extra: Partial<SetupStepState> = {}): SetupStepState => ({
  id,
  required: true,
  minutes: 1,
  dependsOn: [],
  doneOn: undefined,
  opened: 0,
  lastOpenedOn: undefined,
  ...extra,
});
const bounds = { today: 100, start: 99, openedAtLeast: 2, idleDays: 3 };
const ids = (steps: readonly SetupStepState[]) => steps.map(({ id }) => id);

describe('the plan', () => {
  it('keeps the order of the worked example: import before the invite that waits for it, 5 minutes', () => {
    const done = ['a', 'b', 'c'].map((id) => step(id, { doneOn: 99 }));
    const plan = planSetup(
      [...done, step('invite', { dependsOn: ['import'] }), step('import', { minutes: 4 })],
      bounds,
    );
    expect(ids(plan.remaining)).toEqual(['import', 'invite']);
    expect(plan.minutesRemaining).toBe(5);
  });

  it('puts required before optional, then short before long, then by id, as far as dependencies let it', () => {
    const plan = planSetup(
      [
        step('optional', { required: false }),
        step('z', { minutes: 2 }),
        step('b', { minutes: 3 }),
        step('a', { minutes: 3 }),
        step('late', { dependsOn: ['optional'] }),
      ],
      bounds,
    );
    expect(ids(plan.remaining)).toEqual(['z', 'a', 'b', 'optional', 'late']);
    expect(plan.minutesRemaining).toBe(9);
  });

  it('does not know the minutes left where a required step names none', () => {
    expect(planSetup([step('a'), step('b', { minutes: undefined })], bounds).minutesRemaining).toBeUndefined();
    const optional = step('b', { minutes: undefined, required: false });
    expect(planSetup([step('a'), optional], bounds).minutesRemaining).toBe(1);
  });

  it('names steps that wait for each other', () => {
    const plan = planSetup([step('a', { dependsOn: ['b'] }), step('b', { dependsOn: ['a'] }), step('c')], bounds);
    expect([plan.cycle, plan.remaining]).toEqual([['a', 'b'], []]);
  });

  it('is stuck at a step opened twice, and at the current one after three idle days', () => {
    const stuck = (steps: SetupStepState[], today = 100) =>
      planSetup(steps, { ...bounds, today, start: 90 }).stuck.map(({ id, why }) => [id, why]);
    const recent = step('done', { doneOn: 98 });
    expect(stuck([recent, step('a', { opened: 1 }), step('b', { opened: 2 })])).toEqual([['b', 'opened']]);
    expect(stuck([recent, step('a'), step('b')], 101)).toEqual([['a', 'idle']]);
    expect(stuck([step('a', { opened: 1, lastOpenedOn: 98 }), step('b')])).toEqual([]);
    expect(stuck([recent, step('a', { required: false })], 120)).toEqual([]);
  });

  it('lists every undone step once, after what it waits for', () => {
    const steps = fc
      .array(fc.record({ needs: fc.array(fc.nat(9)), done: fc.boolean(), required: fc.boolean() }), { maxLength: 10 })
      .map((list) =>
        list.map(({ needs, done, required }, i) =>
          step(`s${i}`, {
            required,
            doneOn: done ? 99 : undefined,
            dependsOn: needs.filter((need) => need < i).map((need) => `s${need}`),
          }),
        ),
      );
    fc.assert(
      fc.property(steps, (list) => {
        const order = ids(planSetup(list, bounds).remaining);
        expect([...order].sort()).toEqual(ids(list.filter((each) => each.doneOn === undefined)).sort());
        for (const each of list) {
          for (const need of each.dependsOn.filter((id) => order.includes(id) && order.includes(each.id))) {
            expect(order.indexOf(need)).toBeLessThan(order.indexOf(each.id));
          }
        }
      }),
      { numRuns: 200, seed: 11 },
    );
  });
});

const setupStep = (id: string, extra: Partial<SetupStep> = {}): SetupStep => ({
  id,
  event: id,
  required: true,
  minutes: 2,
  dependsOn: [],
  ...extra,
});
const five = [
  setupStep('connect'),
  setupStep('profile'),
  setupStep('brand'),
  setupStep('invite', { minutes: 1, dependsOn: ['import'] }),
  setupStep('import', { minutes: 4 }),
];
const done = (day: string, ...events: string[]): TestEvent[] => events.map((event) => ({ day, user: 'u1', event }));
const account: TestAccount = {
  today: '2026-03-31',
  created: '2026-03-20',
  catalogue: catalogue({ setup: five }),
  events: done('2026-03-29', 'connect', 'profile', 'brand'),
  records: {
    accounts: [{ name: 'Acme', createdAt: at('2026-03-20'), segment: 'smb', employees: 40 }],
  },
};

describe('a run', () => {
  it('gives the first worked example from records: 60 %, import next, 5 minutes', () => {
    const { status, result, reasons, actions, markdown } = runOn(guidedSetupWizard, account, { stage: 'onboarding' });
    expect([status, reasons]).toEqual(['ok', []]);
    expect(result).toMatchObject({
      completionPct: 60,
      currentStepId: 'import',
      minutesRemaining: 5,
      stuckSteps: [],
      prefill: { name: 'Acme', segment: 'smb', employees: 40 },
    });
    expect(result!.steps.map(({ id, skippable }) => [id, skippable])).toEqual([
      ['import', false],
      ['invite', false],
    ]);
    expect(actions.map(({ ownerRole, dueDate, channel }) => [ownerRole, dueDate, channel])).toEqual([
      ['growth', '2026-03-31', 'in_app'],
      ['growth', '2026-04-01', 'email'],
    ]);
    expect(actions[0]!.title).toBe('Resume the setup at "import" (4 min), setup at 60 %');
    expect([...markdown.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual([
      ...guidedSetupWizard.sections,
      'Actions',
    ]);
    expect(markdown).toContain('- **Left:** 2 steps, of which 2 required (5 min)');
    expect(markdown).toContain('| invite | required | 1 | import |');
  });

  it('gives the second worked example: without setup steps there is nothing to resume', () => {
    const { status, result, dataGaps } = runOn(guidedSetupWizard, { ...account, catalogue: catalogue() });
    expect([status, result, dataGaps]).toEqual([
      'insufficient_data',
      null,
      [{ fact: 'setup steps', reason: 'catalog.yaml has no setup steps' }],
    ]);
  });

  it('does not know what is done where events are not covered', () => {
    const context = skillContext(guidedSetupWizard, account);
    const gap = { ...context.measured, view: { ...context.measured.view, usageGap: 'no events imported' } };
    expect(runOn(guidedSetupWizard, account, { measured: gap })).toMatchObject({
      status: 'insufficient_data',
      dataGaps: [{ fact: 'completed setup steps', reason: 'no events imported' }],
    });
  });

  it('calls when a step was opened twice, after three idle days, and below 40 %', () => {
    const call = (extra: Partial<TestAccount>) => {
      const { actions, result } = runOn(guidedSetupWizard, { ...account, ...extra });
      const found = actions.find(({ ownerRole }) => ownerRole === 'onboarding');
      return [found?.dueDate, found?.channel, found?.title, result!.stuckSteps.map(({ id }) => id)];
    };
    const opened = [...account.events!, ...done('2026-03-30', 'import_opened', 'import_started')];
    expect(call({ events: opened })).toEqual([
      '2026-04-02',
      'call',
      'Call about the setup: "import", opened 2 times and not done',
      ['import'],
    ]);
    expect(call({ events: done('2026-03-28', 'connect', 'profile', 'brand') })[2]).toBe(
      'Call about the setup: "import", no progress for 3 days',
    );
    expect(call({ events: done('2026-03-30', 'connect') })).toEqual([
      '2026-04-02',
      'call',
      'Call about the setup: 20 % of it is done',
      [],
    ]);
  });

  it('shows seven steps of more, and lets optional ones be skipped but no required one', () => {
    const setup = Array.from({ length: 9 }, (_, i) => setupStep(`s${i}`, { required: i !== 0 }));
    const accounts = [{ ...account.records!.accounts![0]!, properties: { skippedSetupSteps: ['s0', 's1'] } }];
    const many = { ...account, catalogue: catalogue({ setup }), events: done('2026-03-30', 'login') };
    const all = runOn(guidedSetupWizard, many);
    expect(all.result!.steps).toHaveLength(7);
    expect(all.markdown).toContain('2 further steps after these 7.');
    const { result } = runOn(guidedSetupWizard, { ...many, records: { accounts } }, { parameters: { shown: 50 } });
    expect(result!.steps.map(({ id }) => id)).toEqual(['s1', 's2', 's3', 's4', 's5', 's6', 's7', 's8']);
  });

  it('never fills in what the account set for itself', () => {
    const accounts = [{ ...account.records!.accounts![0]!, properties: { preferences: { segment: 'mid' } } }];
    expect(runOn(guidedSetupWizard, { ...account, records: { accounts } }).result!.prefill).toEqual({
      name: 'Acme',
      employees: 40,
    });
  });

  it('is refused where steps wait for each other', () => {
    const setup = [setupStep('a', { dependsOn: ['b'] }), setupStep('b', { dependsOn: ['a'] })];
    const { status, reasons, markdown } = runOn(guidedSetupWizard, { ...account, catalogue: catalogue({ setup }) });
    expect([status, reasons]).toEqual(['refused', ['config_error']]);
    expect(markdown).toContain('Setup steps wait for each other: a, b.');
  });

  it('has nothing to do once every step is done, and is partial where none is required', () => {
    const all = runOn(guidedSetupWizard, { ...account, events: done('2026-03-29', ...five.map(({ id }) => id)) });
    expect(all).toMatchObject({ status: 'ok', reasons: ['setup_complete'], actions: [] });
    expect(all.result).toMatchObject({ completionPct: 100, currentStepId: null, minutesRemaining: 0 });
    const optional = catalogue({ setup: [setupStep('tour', { required: false })] });
    const loose = runOn(guidedSetupWizard, { ...account, catalogue: optional });
    expect([loose.status, loose.result!.completionPct, loose.dataGaps[0]?.fact]).toEqual([
      'partial',
      null,
      'setup_completion',
    ]);
  });

  it('lets nothing of a hostile name become markup', () => {
    const accounts = [{ ...account.records!.accounts![0]!, name: '# <b>x</b> | [a](b)' }];
    const { markdown } = runOn(guidedSetupWizard, { ...account, records: { accounts } });
    expect(markdown).not.toMatch(/<b>|[^\\]\]\(b\)|^# #/m);
  });

  it('is judged by the share of required steps that are done', () => {
    const { measured } = skillContext(guidedSetupWizard, account);
    expect(guidedSetupWizard.outcome.read(measured)).toEqual({ value: 60 });
    const none = skillContext(guidedSetupWizard, { ...account, catalogue: catalogue() });
    expect(guidedSetupWizard.outcome.read(none.measured).reason).toBe('the catalogue has no required setup step');
  });
});
