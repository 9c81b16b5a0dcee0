/** The life of an intervention through the command line, on a real database: every state, what it leaves, what it survives. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { account, daily, LIVE, trial, trialRows, WorkWorkspace } from './fixtures/work-workspace.ts';

const QUICK = 'plg/quick_win_generator';
const UPGRADE = 'monetization/upgrade_trigger';

/** Live since 9 March, last evaluated at the run hour of the 11th: three proposals of quick wins and one of an upgrade. */
let base: WorkWorkspace;
const made: WorkWorkspace[] = [];

function workspace(...options: ConstructorParameters<typeof WorkWorkspace>): WorkWorkspace {
  const one = new WorkWorkspace(...options);
  made.push(one);
  return one;
}

function copy(): WorkWorkspace {
  const one = base.copy();
  made.push(one);
  return one;
}

async function started(...options: ConstructorParameters<typeof WorkWorkspace>): Promise<WorkWorkspace> {
  const one = workspace(...options);
  await one.import(trialRows());
  await one.evaluate(LIVE);
  await one.evaluate('2026-03-11');
  return one;
}

beforeAll(async () => {
  base = await started();
}, 60_000);
afterAll(() => {
  for (const each of made) each.remove();
});

/** The only one of a skill and an account that is in a state, open ones by default. */
async function one(of: WorkWorkspace, accountId: string, skill: string, ...more: string[]) {
  const found = (await of.json('interventions', accountId, ...more)).filter(
    (each: { skill: string }) => each.skill === skill,
  );
  expect(found).toHaveLength(1);
  return found[0];
}

const by = (...args: string[]) => [...args, '--by', 'Ana Ruiz'];
const on = (at: string) => ['--as-of', at];

describe('a proposal', () => {
  // [G21]
  it('keeps the document of its moment, byte for byte, whatever is learned and evaluated later', async () => {
    const { id } = await one(base, 'quiet', QUICK);
    const kept = base.rows('artefacts', `intervention_id = '${id}'`);
    expect(kept).toHaveLength(1);
    const then = await base.json('skill', 'run', QUICK, 'quiet', ...on('2026-03-11'));
    expect((await base.json('intervention', id)).artefact).toEqual(then);

    const later = copy();
    await later.import({
      events: daily('quiet', 'report_created', '2026-03-11', 20),
      goals: [
        { goalId: 'g1', accountId: 'quiet', title: 'Report weekly', createdAt: '2026-03-10', tags: ['analytics'] },
      ],
    });
    for (const day of ['2026-03-12', '2026-03-14', '2026-03-20']) await later.evaluate(day);
    expect(later.rows('artefacts', `intervention_id = '${id}'`)).toEqual(kept);
    expect(await later.json('skill', 'run', QUICK, 'quiet', ...on('2026-03-20'))).not.toEqual(then);
  });

  it('has one id, one document and one row in the log, however often and on however many machines it is decided', async () => {
    const again = copy();
    const before = ['interventions', 'artefacts', 'contact_log', 'handoffs'].map((table) => again.rows(table));
    await again.evaluate('2026-03-11');
    await again.evaluate('2026-03-11T11:00');
    await again.evaluate('2026-03-11T15:00');
    expect(['interventions', 'artefacts', 'contact_log', 'handoffs'].map((table) => again.rows(table))).toEqual(before);
    const elsewhere = await started();
    for (const table of ['interventions', 'artefacts', 'contact_log']) {
      const content = (of: WorkWorkspace) => of.rows(table).map(({ arrival: _, ...row }) => row);
      expect(content(elsewhere)).toEqual(content(base));
    }
  });

  // [G21]
  it('of a day before the workspace was live leaves no document, no line in the log and no handoff', async () => {
    const early = await base.json('interventions', 'early', '--all');
    const replayed = early.filter((each: { date: string }) => each.date < LIVE);
    expect(replayed.length).toBeGreaterThan(5);
    expect(new Set(replayed.map((each: { state: string }) => each.state))).toEqual(new Set(['expired']));
    const live = (await base.json('contact-log', 'early')).map((each: { at: string }) => each.at);
    expect(live).toEqual(['2026-03-11T06:00:00Z']);
    expect(base.rows('artefacts', "account_id = 'early'")).toHaveLength(1);
    expect(base.rows('handoffs')).toEqual([]);
    const shown = await base.text('intervention', replayed[0].id);
    expect(shown).toContain('No document: it was never let through while this workspace was live.');
  });

  it('that replayed days left held is in the log from the first live day, once', async () => {
    // the day's tick is made at its run hour, whenever somebody asks for it afterwards
    for (const [first, at] of [
      [LIVE, `${LIVE}T06:00:00Z`],
      [`${LIVE}T03:00`, `${LIVE}T03:00:00Z`],
      [`${LIVE}T09:00`, `${LIVE}T06:00:00Z`],
    ] as const) {
      const life = workspace();
      await life.import({
        ...trialRows(),
        accounts: [account('waits', '2026-02-02')],
        subscriptions: [trial('waits', '2026-02-02', 90)],
        events: ['login', 'pricing_viewed', 'team_invited'].flatMap((event) => daily('waits', event, '2026-02-02', 60)),
      });
      for (const asOf of [first, `${LIVE}T10:00`, '2026-03-10']) await life.evaluate(asOf);
      const held = await one(life, 'waits', UPGRADE);
      expect(held).toMatchObject({ state: 'held', date: '2026-02-03' });
      const log = (await life.json('contact-log', 'waits')).filter((each: { skill: string }) => each.skill === UPGRADE);
      expect(log).toEqual([
        expect.objectContaining({ at, state: 'held', by: 'engine', heldBy: ['money.after_activation'] }),
      ]);
    }
  });

  it('is approved and done, and after its horizon says what happened, with the numbers', async () => {
    const life = copy();
    const { id } = await one(life, 'quiet', QUICK);
    expect(await life.text(...by('approve', id), ...on('2026-03-11T09:00'))).toBe(`${id}: proposed -> approved\n`);
    expect(await life.text(...by('complete', id), ...on('2026-03-12T09:00'))).toBe(
      `${id}: approved -> completed; its outcome is read on 2026-03-19\n`,
    );
    expect(await one(life, 'quiet', QUICK, '--state', 'completed')).toMatchObject({
      settled: { at: '2026-03-12T09:00:00Z', by: 'Ana Ruiz', reason: '' },
      outcome: { measure: 'quick_win_achieved', from: 0, to: null, verdict: 'pending', dueOn: '2026-03-19' },
    });
    await life.import({ events: daily('quiet', 'report_created', '2026-03-15', 1) });
    await life.evaluate('2026-03-18');
    expect((await life.json('intervention', id)).outcome.verdict).toBe('pending');
    await life.evaluate('2026-03-19T05:00'); // its day has come, its run hour has not
    expect((await life.json('intervention', id)).outcome.verdict).toBe('pending');
    await life.evaluate('2026-03-19');
    const { outcome, steps } = await life.json('intervention', id);
    expect(outcome).toMatchObject({
      from: 0,
      to: 1,
      unit: 'share',
      better: 'higher',
      verdict: 'moved',
      doneOn: '2026-03-12',
    });
    expect(steps.map((step: { state: string; by: string }) => [step.state, step.by])).toEqual([
      ['proposed', 'engine'],
      ['approved', 'Ana Ruiz'],
      ['completed', 'Ana Ruiz'],
    ]);
    expect(await life.text('intervention', id)).toMatch(
      /^outcome +moved: quick_win_achieved from 0 to 1 share by\s+2026-03-19$/m,
    );
    const audited = life
      .rows('audit', "action like 'intervention.%'")
      .map((row) => [row.action, row.actor, row.account_id]);
    expect(audited).toEqual([
      ['intervention.approve', 'Ana Ruiz', 'quiet'],
      ['intervention.complete', 'Ana Ruiz', 'quiet'],
    ]);
  });

  // [G6]
  it('is measured on the day its horizon ends, also where nobody evaluated on that day', async () => {
    const life = copy();
    const { id } = await one(life, 'quiet', QUICK);
    await life.text(...by('approve', id), ...on('2026-03-11T09:00'));
    await life.text(...by('complete', id), ...on('2026-03-12T09:00'));
    await life.import({ events: daily('quiet', 'report_created', '2026-03-22', 1) });
    await life.evaluate('2026-03-28');
    expect((await life.json('intervention', id)).outcome).toMatchObject({ from: 0, to: 0, verdict: 'unmoved' });
  });

  it('that somebody approved waits for them: the rule fires on, and nothing takes its place', async () => {
    const life = copy();
    const { id } = await one(life, 'quiet', QUICK);
    await life.text(...by('approve', id), ...on('2026-03-16T09:00'));
    await life.evaluate('2026-04-02');
    expect(await one(life, 'quiet', QUICK)).toMatchObject({ id, state: 'approved' });
    expect(await life.text(...by('complete', id), ...on('2026-04-02T09:00'))).toContain('approved -> completed');
    await life.evaluate('2026-04-08'); // what was done is not asked for again within the cooldown
    expect(await life.json('interventions', 'quiet')).toEqual([]);
    await life.evaluate('2026-04-09');
    const next = await one(life, 'quiet', QUICK);
    expect([next.id === id, next.state]).toEqual([false, 'proposed']);
  });

  it('needs no approval in the stages that the policy names, and in no other', async () => {
    const policy = (stages: string) => (text: string) =>
      text.replace(/^skills:$/m, `skills:\n  ${QUICK}: { autoApprove: ${stages} }`);
    const trusting = await started({ policy: policy('[trial]') });
    const careful = await started({ policy: policy('[onboarding, adoption]') });
    expect([(await one(trusting, 'quiet', QUICK)).state, (await one(careful, 'quiet', QUICK)).state]).toEqual([
      'approved',
      'proposed',
    ]);
    expect((await one(trusting, 'buyer', UPGRADE)).state).toBe('proposed');
    expect(trusting.rows('artefacts')).toHaveLength(4);
  });
});

describe('what was dismissed', () => {
  it('says who and why, and is not asked for again while the cooldown counts from that day', async () => {
    const life = copy();
    const { id } = await one(life, 'quiet', QUICK);
    const before = await life.text('skill', 'run', QUICK, 'quiet', ...on('2026-03-16T08:00'));
    const words = 'They know; "not now" \u001b[31m';
    await life.text(...by('dismiss', id), '--reason', words, ...on('2026-03-16T09:00'));
    expect(await one(life, 'quiet', QUICK, '--state', 'dismissed')).toMatchObject({
      id,
      settled: { at: '2026-03-16T09:00:00Z', by: 'Ana Ruiz', reason: words },
    });
    expect(await life.text('intervention', id)).not.toContain('\u001b');
    const then = ['skill', 'run', QUICK, 'quiet', ...on('2026-03-16T08:00')];
    expect(await life.text(...then)).toBe(before); // seen from before it
    await life.evaluate('2026-03-22');
    expect(await life.json('interventions', 'quiet')).toEqual([]);
    await life.evaluate('2026-03-23');
    const next = await one(life, 'quiet', QUICK);
    expect([next.id === id, next.date]).toEqual([false, '2026-03-23']);
  });

  it('while it was held does not come back the same day, nor within the cooldown', async () => {
    const life = copy();
    await life.import({
      incidents: [{ incidentId: 'INC-1', accountId: 'buyer', startedAt: '2026-03-11T07:00:00Z', severity: 'P1' }],
    });
    await life.evaluate('2026-03-11T08:00');
    const held = await one(life, 'buyer', UPGRADE);
    expect(held.state).toBe('held');
    await life.text(...by('dismiss', held.id), '--reason', 'Not this quarter', ...on('2026-03-11T09:00'));
    for (const day of ['2026-03-11T10:00', '2026-03-12', '2026-03-17']) {
      await life.evaluate(day);
      const open = await life.json('interventions', 'buyer');
      expect(open.filter((each: { skill: string }) => each.skill === UPGRADE)).toEqual([]);
    }
  });
});

describe('what was put off', () => {
  it('sleeps: nothing takes its place before its day, though its rule fires on', async () => {
    const life = copy();
    const { id } = await one(life, 'quiet', QUICK);
    expect(await life.text(...by('snooze', id), '--until', '2026-04-10', ...on('2026-03-11T09:00'))).toBe(
      `${id}: proposed, asleep until 2026-04-10\n`,
    );
    expect(await life.text('interventions', 'quiet')).toContain('proposed, asleep');
    const log = await life.json('contact-log', 'quiet');
    expect(log.at(-1)).toMatchObject({ state: 'proposed', by: 'Ana Ruiz', reason: 'until 2026-04-10' });
    await life.evaluate('2026-04-09');
    expect((await one(life, 'quiet', QUICK)).id).toBe(id);
    await life.evaluate('2026-04-16'); // awake for less than a cooldown
    expect((await one(life, 'quiet', QUICK)).id).toBe(id);
    await life.evaluate('2026-04-17');
    expect((await one(life, 'quiet', QUICK)).id).not.toBe(id);
    expect((await life.json('intervention', id)).state).toBe('expired');
  });

  it('expires when nobody acts on it for so long after its day as on any proposal', async () => {
    const life = copy();
    const { id } = await one(life, 'quiet', QUICK);
    await life.text(...by('snooze', id), '--until', '2026-03-20', ...on('2026-03-11T09:00'));
    await life.import({ events: daily('quiet', 'report_created', '2026-03-13', 1) }); // the rule has nothing more to say
    await life.evaluate('2026-04-18');
    expect((await life.json('intervention', id)).state).toBe('proposed');
    await life.evaluate('2026-04-19');
    expect((await life.json('intervention', id)).state).toBe('expired');
    expect((await life.json('contact-log', 'quiet')).at(-1)).toMatchObject({ state: 'expired', by: 'engine' });
  });

  it('after it was approved keeps who approved it, and is awake again once it is dismissed', async () => {
    const life = copy();
    const { id } = await one(life, 'quiet', QUICK);
    await life.text(...by('approve', id), ...on('2026-03-11T09:00'));
    await life.text('snooze', id, '--by', 'Lee Park', '--until', '2026-03-20', ...on('2026-03-11T10:00'));
    expect(await one(life, 'quiet', QUICK)).toMatchObject({ state: 'approved', settled: { by: 'Ana Ruiz' } });
    expect(await life.text(...by('dismiss', id), '--reason', 'no', ...on('2026-03-11T11:00'))).toBe(
      `${id}: approved -> dismissed\n`,
    );
    expect((await life.json('intervention', id)).snoozedUntil).toBeNull();
  });
});

describe('a guardrail that begins to hold', () => {
  const incident = (resolvedAt?: string) => ({
    incidents: [
      {
        incidentId: 'INC-1',
        accountId: 'buyer',
        startedAt: '2026-03-11T07:00:00Z',
        severity: 'P1',
        ...(resolvedAt !== undefined && { resolvedAt, effectiveAt: resolvedAt }),
      },
    ],
  });

  // [G20]
  it('takes a proposal back at the moment of its approval, and lets it go later under the same id', async () => {
    const life = copy();
    const { id } = await one(life, 'buyer', UPGRADE);
    const kept = life.rows('artefacts', `intervention_id = '${id}'`);
    await life.import(incident());
    const { status, message } = await life.refusal(...by('approve', id), ...on('2026-03-11T09:00'));
    expect([status, message]).toEqual([
      1,
      `stagecraft: ${id} was not changed: conversation.incident: INC-1 is open; until open_incident [held]\n`,
    ]);
    expect(await one(life, 'buyer', UPGRADE)).toMatchObject({ id, state: 'held', heldBy: ['conversation.incident'] });
    await life.import(incident('2026-03-12T10:00:00Z'));
    await life.evaluate('2026-03-12T12:00');
    expect(await one(life, 'buyer', UPGRADE)).toMatchObject({ id, state: 'proposed', heldBy: [], date: '2026-03-10' });
    expect(life.rows('artefacts', `intervention_id = '${id}'`)).toEqual(kept);
    const log = (await life.json('contact-log', 'buyer')).filter(
      (each: { interventionId: string }) => each.interventionId === id,
    );
    expect(log.map((each: { state: string; heldBy: string[] }) => [each.state, each.heldBy.join()])).toEqual([
      ['proposed', ''],
      ['held', 'conversation.incident'],
      ['proposed', ''],
    ]);
  });

  it('holds what was approved too, also where the escalation was recorded after the act of the day before', async () => {
    const life = copy();
    const { id } = await one(life, 'buyer', UPGRADE);
    await life.text(...by('approve', id), ...on('2026-03-11T09:00'));
    await life.import({
      tickets: [
        { ticketId: 'T-1', accountId: 'buyer', openedAt: '2026-03-11T10:00:00Z', escalatedAt: '2026-03-11T11:00:00Z' },
      ],
    });
    const { status, message } = await life.refusal(...by('complete', id), ...on('2026-03-12T09:00'));
    expect(status).toBe(1);
    expect(message).toContain('money.escalation_cooldown: escalation T-1 is open; until support_escalation');
    expect(message).toContain('[held]');
    expect(life.rows('outcomes')).toEqual([]);
  });

  it('is shown with its reason in the table, the log and the one-page view', async () => {
    const life = copy();
    await life.import(incident());
    await life.evaluate('2026-03-11T09:00');
    const { id } = await one(life, 'buyer', UPGRADE);
    expect(await life.text('interventions', '--state', 'held')).toMatch(
      new RegExp(`^${id} buyer +upgrade_trigger +held `, 'm'),
    );
    expect(await life.text('contact-log', 'buyer')).toMatch(
      /upgrade_trigger +trial\.converting +held +conversation\.incident$/m,
    );
    expect(await life.text('intervention', id)).toMatch(/^state +held by conversation\.incident$/m);
  });
});

describe('an account that has left', () => {
  it('lets nobody approve or do anything more; what was open is over', async () => {
    const life = workspace();
    await life.import({
      ...trialRows(),
      accounts: [...trialRows().accounts!, account('gone', LIVE)],
      subscriptions: [...trialRows().subscriptions!, trial('gone', LIVE, 10)],
      events: [...trialRows().events!, ...daily('gone', 'login', LIVE, 80)],
    });
    await life.evaluate(LIVE);
    await life.evaluate('2026-03-18');
    const { id } = await one(life, 'gone', QUICK);
    const { status, message } = await life.refusal(...by('approve', id), ...on('2026-03-25'));
    expect([status, message]).toEqual([
      1,
      expect.stringMatching(/it is expired, and can only be approved|the account is churned/),
    ]);
    expect(await life.json('interventions', 'gone')).toEqual([]);
    const refused = await life.json('skill', 'run', QUICK, 'gone', ...on('2026-03-25'));
    expect(refused).toMatchObject({ status: 'refused', reasons: ['account_churned'], result: null, actions: [] });
  });
});
