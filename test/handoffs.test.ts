/** Handoffs through the command line, from records to the receiver's answer, on a real database. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWorkspaceConfig } from '../src/config.ts';
import type { Handoff } from '../src/core/guardrails/handoffs.ts';
import { answerHandoff } from '../src/pipeline/answer-handoff.ts';
import { loadWorkspace } from '../src/pipeline/load-workspace.ts';
import type { Store } from '../src/pipeline/ports.ts';
import { openSqliteStore } from '../src/store/sqlite/open-store.ts';
import { account, daily, type Rows, WorkWorkspace } from './fixtures/work-workspace.ts';

const BEGAN = '2026-03-02'; // a Monday
const SETTINGS = `timeZone: UTC
people:
  Kim: { timeZone: Asia/Seoul }
  Ada: { timeZone: America/New_York, workingHours: { start: 8, end: 12, days: [mon, wed] } }
`;

/** Three customers: one just bought, one asks for more, one is due to renew; nothing is known yet of their people. */
function customers(): Rows {
  const paid = (accountId: string, more: object = {}) => ({
    subscriptionId: `sub_${accountId}`,
    accountId,
    plan: 'team',
    status: 'active',
    seats: 10,
    amount: 6000,
    currency: 'USD',
    interval: 'year',
    startedAt: BEGAN,
    ...more,
  });
  return {
    accounts: [
      account('signed', BEGAN, { owners: { growth: 'Ben', csm: 'Kim' } }),
      account('grown', BEGAN, { owners: { csm: 'Kim', ae: 'Ada' }, stage: 'adoption', stageEnteredAt: BEGAN }),
      account('due', BEGAN, { owners: { csm: 'Kim' }, stage: 'renewal', stageEnteredAt: BEGAN }),
    ],
    subscriptions: [
      paid('signed'),
      paid('grown', { renewalDate: '2027-03-02' }),
      paid('due', { interval: 'month', amount: 500 }),
    ],
    events: ['signed', 'grown', 'due'].flatMap((id) => [
      ...daily(id, 'login', BEGAN, 90),
      ...daily(id, 'report_created', BEGAN, 90),
      ...daily(id, 'report_shared', '2026-03-05', 1),
    ]),
    tickets: [],
    incidents: [],
    contacts: [],
    notes: [],
    surveys: [],
    goals: [],
    invoices: [],
  };
}

/** Adoption is ready to expand, whatever the numbers: the handoff to sales has its own conditions. */
const askingForMore = (text: string) =>
  text.replace(
    /^rules:$/m,
    `rules:
  - id: adoption.asked_for_more
    stages: [adoption]
    when: day >= 1
    trigger: [customer_success/adoption_score]
    priority: low
    exit: expansion_ready
    reason: "Day {day}"`,
  );

const made: WorkWorkspace[] = [];
/** Live since 9 March. */
let base: WorkWorkspace;

async function started(policy = askingForMore): Promise<WorkWorkspace> {
  const one = new WorkWorkspace({ settings: SETTINGS, policy });
  made.push(one);
  await one.import(customers());
  await one.evaluate('2026-03-09');
  return one;
}

beforeAll(async () => {
  base = await started();
}, 60_000);
afterAll(() => {
  for (const each of made) each.remove();
});

function copy(): WorkWorkspace {
  const one = base.copy();
  made.push(one);
  return one;
}

const handoffOf = async (of: WorkWorkspace, accountId: string, kind: string, ...more: string[]) => {
  const found = (await of.json('handoffs', accountId, ...more)).filter((each: Handoff) => each.kind === kind);
  expect(found).toHaveLength(1);
  return found[0];
};

const contact = (accountId: string, roles: string[], lastContactAt: string, more: object = {}) => ({
  contactId: `c_${accountId}_${roles.join('_')}`,
  accountId,
  name: 'Mia Roth',
  roles,
  createdAt: BEGAN,
  lastContactAt,
  effectiveAt: lastContactAt,
  receivedAt: lastContactAt,
  ...more,
});

const incident = (accountId: string, startedAt: string, resolvedAt?: string) => ({
  incidents: [
    {
      incidentId: 'INC-9',
      accountId,
      startedAt,
      severity: 'P2',
      ...(resolvedAt !== undefined && { resolvedAt, effectiveAt: resolvedAt }),
    },
  ],
});

/** `signed` ready for customer success since Monday 16 March, 15:00 in Seoul. */
async function readyForSuccess(): Promise<{ of: WorkWorkspace; id: string }> {
  const of = copy();
  await of.import({ contacts: [contact('signed', ['primary_contact'], '2026-03-12')] });
  await of.evaluate('2026-03-16');
  const { id } = await handoffOf(of, 'signed', 'plg_to_cs');
  return { of, id };
}

describe('growth to customer success', () => {
  it('is blocked with exactly what is missing, then offered with a packet, due in the receiver’s working hours', async () => {
    const blocked = await handoffOf(base, 'signed', 'plg_to_cs');
    expect(Object.keys(blocked).sort()).toEqual(
      // as docs/interventions.md has them
      'acceptWithinWorkingHours accountId blockedBy checklist day dueAt id kind owner packet readyAt remindAt reminder state steps to'.split(
        ' ',
      ),
    );
    expect(blocked).toMatchObject({ state: 'blocked', owner: 'Kim', packet: null, dueAt: null, readyAt: null });
    expect(blocked.blockedBy).toEqual([
      {
        guardrail: 'handoff.cs',
        reason: 'no primary contact in touch; 7 days of data, needs 14',
        until: 'primary_contact_identified, usage_baseline',
      },
    ]);
    expect(await base.text('handoff', 'show', blocked.id)).toMatch(
      /^missing +handoff\.cs: no primary contact in touch; 7 days of data/m,
    );

    const { of, id } = await readyForSuccess();
    expect(id).toBe(blocked.id);
    const ready = await handoffOf(of, 'signed', 'plg_to_cs');
    // two hours of Monday, eight of Tuesday and Wednesday, six of Thursday; half of it for the reminder
    expect(ready).toMatchObject({
      state: 'ready',
      readyAt: '2026-03-16T06:00:00Z',
      remindAt: '2026-03-18T02:00:00Z',
      dueAt: '2026-03-19T06:00:00Z',
      blockedBy: [],
    });
    expect(ready.packet).toMatchObject({
      handoff: 'plg_to_cs',
      accountId: 'signed',
      name: 'signed Ltd',
      date: '2026-03-16',
      contract: { plan: 'team', seats: 10, arr: 6000, currency: 'USD' },
      people: [{ name: 'Mia Roth', roles: ['primary_contact'], lastContact: '2026-03-12' }],
    });
    const page = await of.text('handoff', 'show', id);
    for (const part of [
      '# Handoff: signed Ltd',
      '## Why now',
      '## People',
      '## Do not say',
      'Mia Roth',
      '6,000 USD a year',
    ])
      expect(page).toContain(part);
    expect(page.split('\n').length).toBeLessThan(75);
  });

  it('reminds the receiver when half of the time has passed, and says when it is overdue', async () => {
    const { of, id } = await readyForSuccess();
    const reminders: string[] = [];
    for (const at of ['2026-03-18T01:59', '2026-03-18T02:00', '2026-03-19T06:00', '2026-03-19T06:01']) {
      const handoff = await handoffOf(of, 'signed', 'plg_to_cs', '--as-of', at);
      reminders.push(handoff.reminder);
    }
    expect(reminders).toEqual(['none', 'due_soon', 'due_soon', 'overdue']);
    expect(await of.text('handoffs', '--as-of', '2026-03-20')).toMatch(
      new RegExp(`^${id} signed +plg_to_cs +ready +2026-03-19T06:00, overdue$`, 'm'),
    );
    expect(await of.text('doctor')).toMatch(/^note +work +.*handoff.*overdue/m);
  });

  it('is accepted by somebody, and closed when what it was for is over', async () => {
    const { of, id } = await readyForSuccess();
    expect(await of.text('handoff', 'accept', id, '--by', 'Kim', '--as-of', '2026-03-16T09:00')).toBe(
      `${id}: ready -> accepted\n`,
    );
    const again = await of.refusal(
      'handoff',
      'decline',
      id,
      '--by',
      'Kim',
      '--reason',
      'x',
      '--as-of',
      '2026-03-16T10:00',
    );
    expect(again).toEqual({
      status: 1,
      message: `stagecraft: ${id} was not changed: it is accepted, and this needs one that is ready [wrong_state]\n`,
    });
    await of.import({
      subscriptions: [
        {
          subscriptionId: 'sub_signed',
          accountId: 'signed',
          plan: 'team',
          status: 'canceled',
          startedAt: BEGAN,
          endedAt: '2026-03-20',
          effectiveAt: '2026-03-20',
        },
      ],
    });
    await of.evaluate('2026-03-23');
    expect(await of.json('handoffs', 'signed')).toEqual([]);
    const closed = await handoffOf(of, 'signed', 'plg_to_cs', '--all');
    expect(closed.steps.map((step: { state: string; by: string }) => `${step.state} ${step.by}`)).toEqual([
      'blocked engine',
      'ready engine',
      'accepted Kim',
      'closed engine',
    ]);
    expect(closed.packet).not.toBeNull();
    expect(of.rows('audit').map((row) => [row.action, row.actor, row.account_id])).toEqual([
      ['handoff.accept', 'Kim', 'signed'],
    ]);
  });

  it('is returned with a reason, waits for its sender, and is offered again with time to answer', async () => {
    const { of, id } = await readyForSuccess();
    await of.text('handoff', 'decline', id, '--by', 'Kim', '--reason', 'Who signs?', '--as-of', '2026-03-16T09:00');
    await of.evaluate('2026-03-18');
    expect(await handoffOf(of, 'signed', 'plg_to_cs')).toMatchObject({
      state: 'declined',
      dueAt: null,
      reminder: 'none',
    });
    expect(await of.text('handoff', 'show', id)).toContain('declined by Kim: Who signs?');
    // Wednesday, 15:00 in Seoul
    const offered = await of.text(
      'handoff',
      'offer',
      id,
      '--by',
      'Ben',
      '--reason',
      'Mia does',
      '--as-of',
      '2026-03-18',
    );
    expect(offered).toBe(`${id}: declined -> ready; the answer is due by 2026-03-23T06:00:00Z\n`);
    expect((await handoffOf(of, 'signed', 'plg_to_cs')).packet.date).toBe('2026-03-18');
  });

  it('can be declined, and offered again, only with a reason', async () => {
    const { of, id } = await readyForSuccess();
    for (const answer of ['decline', 'offer']) {
      const { status, message } = await of.refusal(
        'handoff',
        answer,
        id,
        '--by',
        'Kim',
        '--reason',
        '  ',
        '--as-of',
        '2026-03-16T09:00',
      );
      expect([status, message]).toEqual([2, expect.stringContaining('--reason is empty')]);
    }
    expect((await handoffOf(of, 'signed', 'plg_to_cs')).steps).toHaveLength(2);
  });
});

describe('during an incident', () => {
  // [G20]
  it('nothing is accepted, also where it opened after the offer; when it is over the time begins anew', async () => {
    const { of, id } = await readyForSuccess();
    await of.import(incident('signed', '2026-03-16T08:00:00Z'));
    expect(await of.refusal('handoff', 'accept', id, '--by', 'Kim', '--as-of', '2026-03-16T09:00')).toEqual({
      status: 1,
      message: `stagecraft: ${id} was not changed: it is blocked: handoff.no_incident: INC-9 is open [blocked]\n`,
    });
    expect(await of.text('handoffs')).toMatch(/plg_to_cs +blocked handoff\.no_incident$/m);
    await of.import(incident('signed', '2026-03-16T08:00:00Z', '2026-03-17T10:00:00Z'));
    await of.evaluate('2026-03-18');
    const ready = await handoffOf(of, 'signed', 'plg_to_cs');
    expect([ready.state, ready.readyAt, ready.dueAt]).toEqual([
      'ready',
      '2026-03-18T06:00:00Z',
      '2026-03-23T06:00:00Z',
    ]);
    await of.text('handoff', 'accept', id, '--by', 'Kim', '--as-of', '2026-03-18T07:00');
  });

  // [G20]
  it('nothing is accepted even where its record arrives between the look at the account and the answer', async () => {
    const { of, id } = await readyForSuccess();
    const { policy, catalogue, clock, currency } = readWorkspaceConfig(of.path);
    const store = await openSqliteStore(of.database);
    try {
      const now = Date.parse('2026-03-16T09:00:00Z');
      const loaded = await loadWorkspace({ store, catalogue, policy, clock, currency, asOf: now, keepProfiles: false });
      let isImported = false;
      const late: Store = new Proxy(store, {
        get(target, name) {
          const value = Reflect.get(target, name);
          if (name !== 'readBundles') return typeof value === 'function' ? value.bind(target) : value;
          return async (...args: Parameters<Store['readBundles']>) => {
            // nothing has changed since the last evaluation, so this is the answer's own look
            if (!isImported) {
              isImported = true;
              await of.import(incident('signed', '2026-03-16T08:00:00Z'));
            }
            return target.readBundles(...args);
          };
        },
      });
      const request = { store: late, loaded, policy, accountId: 'signed', actor: 'Kim', now };
      const answer = await answerHandoff(request, id, { kind: 'accept', by: 'Kim' });
      expect(isImported).toBe(true);
      expect(answer).toMatchObject({ ok: false, code: 'blocked' });
    } finally {
      await store.close();
    }
  });
});

describe('customer success to sales', () => {
  const people = (extra: Rows = {}): Rows => ({
    contacts: [contact('grown', ['decision_maker'], '2026-03-12')],
    notes: [
      {
        noteId: 'n1',
        accountId: 'grown',
        at: '2026-03-12T10:00:00Z',
        author: 'customer',
        kind: 'call',
        text: 'We would refer you',
        tags: ['referral', 'budget_timing:2026-09'],
      },
      {
        noteId: 'n2',
        accountId: 'grown',
        at: '2026-03-13T10:00:00Z',
        author: 'csm',
        kind: 'email',
        text: 'Sent the <b>price</b> list',
        tags: ['price_objection'],
      },
    ],
    ...extra,
  });

  it('names every missing item, then tells sales what was said and what not to say, within eight of their hours', async () => {
    const blocked = await handoffOf(base, 'grown', 'cs_to_sales');
    expect([blocked.state, blocked.owner, blocked.blockedBy[0].reason]).toEqual([
      'blocked',
      'Ada',
      '0 organic signals, needs 1; no decision maker in touch; no note carries budget_timing',
    ]);
    const of = copy();
    await of.import(people());
    await of.evaluate('2026-03-16');
    const ready = await handoffOf(of, 'grown', 'cs_to_sales');
    // Ada works 8-12 in New York on Mondays and Wednesdays: four hours on the 16th, four on the 18th
    expect([ready.state, ready.dueAt]).toEqual(['ready', '2026-03-18T16:00:00Z']);
    expect(ready.checklist.map((item: { id: string; met: boolean }) => [item.id, item.met])).toEqual([
      ['organic_signals', true],
      ['decision_maker_identified', true],
      ['budget_timing_known', true],
    ]);
    const { alreadySaid, doNotSay, whyNow } = ready.packet;
    expect(alreadySaid).toContainEqual(expect.objectContaining({ by: 'CSM', evidence: ['n2'] }));
    expect(doNotSay.map((line: { text: string }) => line.text).join()).toContain('Price was objected to');
    expect(whyNow.map((line: { text: string }) => line.text).join()).toContain('2026-09');
    expect(await of.text('handoff', 'show', ready.id)).not.toContain('<b>');
  });

  it('asks for the further roles that the policy names, and says which is missing', async () => {
    const policy = (text: string) =>
      askingForMore(text).replace(
        'requiredRoles: [decision_maker]',
        'requiredRoles: [decision_maker, economic_buyer, primary_contact]',
      );
    const of = await started(policy);
    await of.import(people());
    await of.evaluate('2026-03-16');
    const blocked = await handoffOf(of, 'grown', 'cs_to_sales');
    expect([blocked.state, blocked.blockedBy[0].reason, blocked.blockedBy[0].until]).toEqual([
      'blocked',
      'no economic buyer recorded; no primary contact recorded',
      'economic_buyer_identified, primary_contact_identified',
    ]);
    await of.import({
      contacts: [
        contact('grown', ['economic_buyer', 'primary_contact'], '2026-03-17'),
        contact('grown', ['economic_buyer'], '2026-03-17', { leftAt: '2026-03-17' }),
      ],
    });
    await of.evaluate('2026-03-18');
    expect((await handoffOf(of, 'grown', 'cs_to_sales')).state).toBe('ready');
    await of.import({
      contacts: [
        contact('grown', ['economic_buyer', 'primary_contact'], '2026-03-19', {
          leftAt: '2026-03-19',
          effectiveAt: '2026-03-19',
        }),
      ],
    });
    await of.evaluate('2026-03-20');
    expect((await handoffOf(of, 'grown', 'cs_to_sales')).blockedBy[0].reason).toContain('no economic buyer recorded');
    // a policy that asks for no such role has nothing of it in what its decisions were computed from
    expect(of.rows('decisions').every((row) => String(row.inputs).includes('"economic_buyer"'))).toBe(true);
    expect(base.rows('decisions').some((row) => /"handoff":\{[^}]*"roles"/.test(String(row.inputs)))).toBe(false);
  });
});

describe('customer success to finance', () => {
  it('waits for a renewal date, and goes to whoever is named for finance, or to the role', async () => {
    const blocked = await handoffOf(base, 'due', 'cs_to_finance');
    expect([blocked.state, blocked.owner, blocked.blockedBy[0].reason]).toEqual(['blocked', null, 'no renewal date']);
    const of = copy();
    await of.import({
      subscriptions: [
        {
          subscriptionId: 'sub_due',
          accountId: 'due',
          plan: 'team',
          status: 'active',
          seats: 10,
          amount: 6000,
          currency: 'USD',
          interval: 'year',
          startedAt: BEGAN,
          renewalDate: '2026-06-01',
          effectiveAt: '2026-03-10',
        },
      ],
    });
    await of.evaluate('2026-03-11');
    const ready = await handoffOf(of, 'due', 'cs_to_finance');
    // nobody is named: the workspace's own hours, 16 of them from 9:00 on
    expect([ready.state, ready.dueAt]).toEqual(['ready', '2026-03-12T17:00:00Z']);
    expect(ready.packet.whyNow[0].text).toBe('Renewal on 2026-06-01, in 82 days, 6,000 USD a year');
    expect(await of.text('handoff', 'show', ready.id)).toContain('cs_to_finance, to finance (nobody named)');
  });
});
