/** customer_success/competitive_signal_alert (skills.md B), with its worked examples. */
import { describe, expect, it } from 'vitest';
import { at, catalogue, day, feature, type TestAccount, type TestEvent } from '../../../../test/build-account.ts';
import { runOn, skillContext } from '../../../../test/skill-context.ts';
import { runSkill } from '../run-skill.ts';
import type { PastIntervention } from '../skill.ts';
import {
  competitiveSeverity,
  competitiveSignalAlert,
  contactsHeard,
  type Heard,
  routeOf,
} from './competitive-signal-alert.ts';

const today = day('2026-03-31');
const heard = (level: Heard['level'], contactId?: string, daysAgo = 0): Heard => ({
  level,
  contactId,
  day: today - daysAgo,
});
const limits = { contacts: 2, contactDays: 30 };

describe('the severity', () => {
  it('is that of the worst level', () => {
    const of = (...signals: Heard[]) => competitiveSeverity(signals, today, limits);
    expect(of(heard('evaluation', 'a'))).toBe('critical');
    expect(of(heard('mention', 'a'), heard('comparison', 'a'))).toBe('high');
    expect(of(heard('comparison', 'a'))).toBe('medium');
    expect(of()).toBe('none');
  });

  it('is critical once two contacts named a competitor in 30 days, and not for one who did twice', () => {
    const of = (...signals: Heard[]) => competitiveSeverity(signals, today, limits);
    expect(of(heard('comparison', 'a'), heard('comparison', 'b', 30))).toBe('critical');
    expect(of(heard('comparison', 'a'), heard('comparison', 'b', 31))).toBe('medium');
    expect(of(heard('mention', 'a'), heard('mention', 'a', 5))).toBe('high');
    expect(contactsHeard([heard('mention'), heard('mention', 'a')], today, 30)).toBe(1);
  });

  it('goes to CSM and AE, an executive too where it is critical, and to nobody without a signal', () => {
    expect(routeOf('critical')).toEqual(['csm', 'ae', 'exec']);
    expect(routeOf('high')).toEqual(['csm', 'ae']);
    expect(routeOf('none')).toEqual([]);
  });
});

type Notes = NonNullable<NonNullable<TestAccount['records']>['notes']>;
const use: TestEvent[] = Array.from({ length: 80 }, (_, i) => ({ day: today - 1 - i, user: 'eve', event: 'report' }));
const account = (notes: Notes, extra: Partial<TestAccount> = {}): TestAccount => ({
  today: '2026-03-31',
  created: '2026-01-01',
  catalogue: catalogue({ features: [feature('report')], competitors: ['Rivalo', 'Other Co'] }),
  events: use,
  ...extra,
  records: {
    contacts: [
      { contactId: 'eve', name: 'Eve', roles: ['executive_sponsor'], createdAt: at('2026-01-01') },
      { contactId: 'joe', name: 'Joe', createdAt: at('2026-01-01') },
    ],
    notes,
    ...extra.records,
  },
});
const said = (text: string, contactId = 'eve', extra: Partial<Notes[number]> = {}): Notes[number] => ({
  noteId: `n-${contactId}`,
  at: at('2026-03-30'),
  text,
  contactId,
  author: 'customer',
  kind: 'call',
  ...extra,
});
const made = (madeOn: string, extra: Partial<PastIntervention> = {}): PastIntervention => ({
  id: 'p',
  skill: 'customer_success/competitive_signal_alert',
  ruleId: 'any.competitive_signal',
  state: 'completed',
  madeOn: day(madeOn),
  doneAt: undefined,
  dismissedFor: undefined,
  result: { severity: 'critical', signals: [{ sourceId: 'n-eve', competitor: 'rivalo' }] },
  ...extra,
});
const roles = (actions: { ownerRole: string; dueDate: string; channel: string }[]) =>
  actions.map(({ ownerRole, dueDate, channel }) => `${ownerRole} ${dueDate} ${channel}`);
const PILOT = 'We are running a pilot of Rivalo';

describe('a run', () => {
  it('takes a pilot named by the sponsor for a critical evaluation, routed to CSM, AE and an executive', () => {
    const context = skillContext(competitiveSignalAlert, account([said(PILOT)]));
    const { status, result, actions, markdown } = runSkill(competitiveSignalAlert, context);
    expect(status).toBe('ok');
    expect(result).toMatchObject({ severity: 'critical', routedTo: ['csm', 'ae', 'exec'], contactsHeard: 1 });
    expect(result!.signals).toEqual([
      {
        competitor: 'Rivalo',
        level: 'evaluation',
        quote: PILOT,
        sourceId: 'n-eve',
        contactId: 'eve',
        contactName: 'Eve',
        date: '2026-03-30',
      },
    ]);
    expect(['at_risk', 'critical']).toContain(context.measured.health.band.value);
    expect(roles(actions)).toEqual(['csm 2026-04-01 call', 'ae 2026-04-02 task', 'exec 2026-04-03 meeting']);
    expect(actions[0]!.title).toBe('Call Eve: evaluation of Rivalo on 2026-03-30; ask what is missing');
    expect(markdown).toContain('"We are running a pilot of Rivalo"');
    expect(markdown).toContain('- **Alerted:** CSM, AE, Executive');
  });

  it("takes a CSM's own guess for no signal and has it verified in three business days", () => {
    const guess = said('They may be looking at rivalo', 'eve', { noteId: 'g', author: 'csm' });
    const { status, reasons, result, actions, markdown } = runOn(competitiveSignalAlert, account([guess]));
    expect([status, reasons]).toEqual(['ok', ['no_signal']]);
    expect(result).toMatchObject({ signals: [], severity: 'none', routedTo: [] });
    expect(result!.guesses).toEqual([{ competitor: 'rivalo', sourceId: 'g', date: '2026-03-30' }]);
    expect(roles(actions)).toEqual(['csm 2026-04-03 task']);
    expect(markdown).toContain('- **Our own guess, no signal:** rivalo in g on 2026-03-30');
  });

  it('takes an internal tag for a guess unless the note is about a contact, and a system note for neither', () => {
    const tagged = {
      noteId: 't',
      at: at('2026-03-30'),
      text: 'hm',
      author: 'csm' as const,
      tags: ['competitor:Newco'],
    };
    expect(runOn(competitiveSignalAlert, account([tagged])).result).toMatchObject({
      severity: 'none',
      guesses: [{ competitor: 'Newco' }],
    });
    const about = runOn(competitiveSignalAlert, account([{ ...tagged, contactId: 'eve' }])).result!;
    expect([about.severity, about.guesses]).toEqual(['high', []]);
    const { result, actions } = runOn(competitiveSignalAlert, account([{ ...tagged, author: 'system' }]));
    expect([result!.guesses, actions]).toEqual([[], []]);
  });

  it('grades mention and question, in whole words, also in tickets and surveys', () => {
    const level = (text: string) => runOn(competitiveSignalAlert, account([said(text)])).result!.signals[0]?.level;
    expect(level('We know Rivalo well')).toBe('mention');
    expect(level('How do you differ from RIVALO?')).toBe('comparison');
    expect(level('An RFP? Yes, with Other Co')).toBe('evaluation');
    expect(level('Rivalos are nice')).toBeUndefined();
    const records = {
      tickets: [{ ticketId: 'T', openedAt: at('2026-03-29'), subject: 'migrate to Rivalo' }],
      surveys: [
        {
          surveyId: 'S',
          answeredAt: at('2026-03-28'),
          kind: 'nps' as const,
          score: 8,
          comment: 'Rivalo is ok',
          contactId: 'joe',
        },
      ],
    };
    const { result } = runOn(competitiveSignalAlert, account([], { records }));
    expect(result!.signals.map(({ sourceId, level: of }) => [sourceId, of])).toEqual([
      ['S', 'mention'],
      ['T', 'evaluation'],
    ]);
  });

  it('is critical when two contacts ask about competitors in a month', () => {
    const notes = [said('Is Rivalo any good?'), said('And Other Co?', 'joe')];
    const { result } = runOn(competitiveSignalAlert, account(notes));
    expect(result).toMatchObject({ severity: 'critical', routedTo: ['csm', 'ae', 'exec'], contactsHeard: 2 });
  });

  it('alerts the same once in 30 days, and again when it is worse or of another competitor', () => {
    const pilot = account([said(PILOT)]);
    const repeat = runOn(competitiveSignalAlert, pilot, { past: [made('2026-03-20')] });
    expect([repeat.status, repeat.reasons, repeat.result!.eligibleFrom, repeat.actions]).toEqual([
      'refused',
      ['already_alerted'],
      '2026-04-19',
      [],
    ]);
    const again = (past: PastIntervention) => runOn(competitiveSignalAlert, pilot, { past: [past] }).status;
    expect(again(made('2026-03-01'))).toBe('ok');
    expect(again(made('2026-03-31'))).toBe('ok');
    const signals = [{ sourceId: 'x', competitor: 'Rivalo' }];
    expect(again(made('2026-03-20', { result: { severity: 'high', signals } }))).toBe('ok');
    const other = [{ sourceId: 'x', competitor: 'Other Co' }];
    expect(again(made('2026-03-20', { result: { severity: 'critical', signals: other } }))).toBe('ok');
    expect(again(made('2026-03-20', { result: { severity: 'critical', signals: 'broken' } }))).toBe('ok');
  });

  it('lets go of what a person dismissed', () => {
    const { status, reasons, result } = runOn(competitiveSignalAlert, account([said(PILOT)]), {
      past: [made('2026-03-20', { state: 'dismissed' })],
    });
    expect([status, reasons, result!.signals, result!.dismissedIds]).toEqual(['ok', ['no_signal'], [], ['n-eve']]);
  });

  it('needs a dictionary and somebody to listen to; one silent source makes it partial', () => {
    const none = runOn(competitiveSignalAlert, account([], { catalogue: catalogue() }));
    expect([none.status, none.dataGaps]).toEqual([
      'insufficient_data',
      [{ fact: 'competitors', reason: 'catalog.yaml names no competitors' }],
    ]);
    const deaf = runOn(competitiveSignalAlert, account([], { kinds: ['accounts', 'events'] }));
    expect([deaf.status, deaf.result, deaf.dataGaps.map(({ fact }) => fact)]).toEqual([
      'insufficient_data',
      null,
      ['notes', 'tickets', 'surveys'],
    ]);
    const some = runOn(competitiveSignalAlert, account([said(PILOT)], { kinds: ['accounts', 'notes', 'contacts'] }));
    expect([some.status, some.confidence]).toEqual(['partial', 'medium']);
  });

  it('keeps hostile words inert', () => {
    const { markdown } = runOn(competitiveSignalAlert, account([said('# <b>Rivalo</b> | [a](b)')]));
    expect(markdown).toContain('"\\# \\<b\\>Rivalo\\</b\\> \\| \\[a\\](b)"');
  });
});
