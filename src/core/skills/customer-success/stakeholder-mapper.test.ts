/** customer_success/stakeholder_mapper (skills.md B), with its worked examples. */
import { describe, expect, it } from 'vitest';
import { at, catalogue, day, feature, type TestAccount, type TestEvent } from '../../../../test/build-account.ts';
import { runOn } from '../../../../test/skill-context.ts';
import { publish } from '../../scores/number.ts';
import { attitudeOf, contactScore, filledRoles, stakeholderMapper } from './stakeholder-mapper.ts';

const defaults = stakeholderMapper.parameters.parse({});
const score = (surveyPoints?: number, daysSinceTouch?: number, activeDays30?: number) =>
  contactScore({ surveyPoints, daysSinceTouch, activeDays30 }, defaults);

describe('the contact score', () => {
  it('gives Ana 90.75 for 95 points, 14 days and 9 active days, and Bob 50 without a survey', () => {
    expect(score(95, 14, 9)).toBeCloseTo(90.75, 10);
    expect(publish(score(95, 14, 9)!)).toBe(91);
    expect(score(undefined, 52, 6)).toBeCloseTo(50, 10);
  });

  it('is unknown with one part known, and stays between 0 and 100', () => {
    expect(score(95)).toBeUndefined();
    expect(score(undefined, 14)).toBeUndefined();
    expect(score(0, Number.POSITIVE_INFINITY, 0)).toBe(0);
    expect(score(100, 0, 30)).toBeCloseTo(100, 10);
  });

  it('names attitudes from 90, 70, 50 and 30', () => {
    const named = [90, 89, 70, 69, 50, 49, 30, 29].map((each) => attitudeOf(each, defaults));
    expect(named).toEqual([
      'champion',
      'supporter',
      'supporter',
      'neutral',
      'neutral',
      'skeptic',
      'skeptic',
      'detractor',
    ]);
  });
});

describe('the five buying roles', () => {
  it('are filled by what is recorded, the economic buyer by a decision maker too, the end user by use', () => {
    const filled = (roles: string[], activeDays30: number | null = null) => filledRoles([{ roles, activeDays30 }]);
    expect(filled(['executive_sponsor', 'champion'])).toEqual(['sponsor', 'champion']);
    expect(filled(['decision_maker'])).toEqual(['economic_buyer']);
    expect(filled(['economic_buyer'])).toEqual(['economic_buyer']);
    expect(filled(['technical_owner', 'user'])).toEqual(['technical_buyer', 'end_user']);
    expect(filled(['admin'], 1)).toEqual(['end_user']);
    expect(filled(['admin'], 0)).toEqual([]);
  });
});

const useOn = (user: string, days: number): TestEvent[] =>
  Array.from({ length: days }, (_, i) => ({ day: day('2026-03-30') - i, user, event: 'report' }));

const account: TestAccount = {
  today: '2026-03-31',
  catalogue: catalogue({ features: [feature('report')] }),
  created: '2026-01-01',
  events: [...useOn('ana', 9), ...useOn('bob', 6)],
  records: {
    contacts: [
      { contactId: 'ana', name: 'Ana', lastContactAt: at('2026-03-17'), createdAt: at('2026-01-01') },
      { contactId: 'bob', name: 'Bob', lastContactAt: at('2026-02-07'), createdAt: at('2026-01-01') },
      { contactId: 'cara', name: 'Cara', roles: ['champion'], leftAt: day('2026-03-28'), createdAt: at('2026-01-01') },
    ],
    surveys: [{ surveyId: 's1', kind: 'nps', score: 9, contactId: 'ana', answeredAt: at('2026-03-01') }],
  },
};
const withContacts = (extra: NonNullable<NonNullable<TestAccount['records']>['contacts']>): TestAccount => ({
  ...account,
  records: { ...account.records, contacts: [...account.records!.contacts!, ...extra] },
});
describe('a run', () => {
  it('scores Ana 91 and Bob 50, proposes Ana, and is critical without another champion or sponsor', () => {
    const { status, reasons, result, actions, markdown } = runOn(stakeholderMapper, account);
    expect([status, reasons]).toEqual(['ok', []]);
    expect(result!.contacts.map(({ name, score, attitude }) => [name, score, attitude])).toEqual([
      ['Ana', 91, 'champion'],
      ['Bob', 50, 'neutral'],
    ]);
    expect(result).toMatchObject({
      successorId: 'ana',
      severity: 'critical',
      threads: 2,
      singleThreaded: false,
      coveragePct: 20,
      filledRoles: ['end_user'],
    });
    expect(actions.map(({ ownerRole, dueDate, channel }) => [ownerRole, dueDate, channel])).toEqual([
      ['csm', '2026-03-31', 'alert'],
      ['csm', '2026-04-01', 'call'],
      ['csm', '2026-04-14', 'meeting'],
    ]);
    expect(actions[0]!.title).toBe('Tell the account team that Cara left; no champion or sponsor is left');
    expect(actions[1]!.title).toBe('Call Ana (91 of 100) about taking over from Cara');
    expect(markdown).toContain('- **Left:** Cara (champion) on 2026-03-28');
    expect(markdown).toContain('| 2026-04-01 | Ana has accepted or declined the role |');
  });

  it('is high while a sponsor is left, who gets a mail from an executive three business days on', () => {
    const sponsor = {
      contactId: 'eve',
      name: 'Eve',
      roles: ['executive_sponsor' as const],
      lastContactAt: at('2026-03-20'),
      createdAt: at('2026-01-01'),
    };
    const { result, actions } = runOn(stakeholderMapper, withContacts([sponsor]));
    expect([result!.severity, result!.coveragePct]).toEqual(['high', 40]);
    expect(actions[0]!.title).toBe('Tell the account team that Cara left; Eve is still there');
    expect(actions.find(({ ownerRole }) => ownerRole === 'exec')).toMatchObject({
      dueDate: '2026-04-03',
      channel: 'email',
      title: 'Write to the sponsor Eve: Cara left, who speaks for the work now',
    });
  });

  it('has no successor and sends the AE to find a way in when no contact is left', () => {
    const gone = account.records!.contacts!.map((contact) => ({ ...contact, leftAt: day('2026-03-28') }));
    const { result, reasons, actions } = runOn(stakeholderMapper, {
      ...account,
      records: { ...account.records, contacts: gone },
    });
    expect(result).toMatchObject({ successorId: null, severity: 'critical', threads: 0, contacts: [], coveragePct: 0 });
    expect(reasons).toEqual(['no_successor', 'too_few_threads']);
    expect(actions.map(({ ownerRole, dueDate, channel }) => [ownerRole, dueDate, channel])).toEqual([
      ['csm', '2026-03-31', 'alert'],
      ['ae', '2026-04-01', 'task'],
    ]);
  });

  it('asks the best-known contact who takes over when nobody scores enough, and passes over people on leave', () => {
    const away = account.records!.contacts!.map((contact) =>
      contact.contactId === 'ana' ? { ...contact, onLeaveFrom: day('2026-03-01') } : contact,
    );
    const records = { ...account.records, contacts: away };
    const { result } = runOn(stakeholderMapper, { ...account, records });
    expect(result!.successorId).toBe('bob');
    const strict = runOn(
      stakeholderMapper,
      { ...account, records },
      {
        parameters: { successorAt: 51 },
      },
    );
    expect(strict.result!.successorId).toBeNull();
    expect(strict.actions[1]!.title).toBe('Call Bob and ask who takes over from Cara');
  });

  it('wants three threads of an enterprise account and two of any other', () => {
    const enterprise = {
      ...account,
      records: {
        ...account.records,
        accounts: [{ name: 'Acme', createdAt: at('2026-01-01'), segment: 'enterprise' }],
      },
    };
    const { result, reasons } = runOn(stakeholderMapper, enterprise);
    expect([result!.threads, result!.threadsNeeded, reasons]).toEqual([2, 3, ['too_few_threads']]);
  });

  it('only maps when nobody left', () => {
    const [ana, bob] = account.records!.contacts!;
    const { status, reasons, result, actions } = runOn(stakeholderMapper, {
      ...account,
      records: { ...account.records, contacts: [ana!, bob!] },
    });
    expect([status, reasons, result!.severity, actions]).toEqual(['ok', ['no_departure'], 'none', []]);
  });

  it('says that contacts are missing, and is partial without notes, surveys or use', () => {
    const none = runOn(stakeholderMapper, { ...account, kinds: ['accounts', 'events'] });
    expect([none.status, none.result, none.dataGaps]).toEqual([
      'insufficient_data',
      null,
      [{ fact: 'contacts', reason: 'no contacts imported' }],
    ]);
    const some = runOn(stakeholderMapper, { ...account, kinds: ['accounts', 'contacts', 'events'] });
    expect(some.status).toBe('partial');
    expect(some.dataGaps.map(({ fact }) => fact)).toEqual(['notes', 'surveys']);
    const dateless = withContacts([{ contactId: 'dan', name: 'Dan', createdAt: at('2026-01-01') }]);
    const unknown = runOn(stakeholderMapper, { ...dateless, kinds: ['accounts', 'contacts', 'events'] });
    expect(unknown.result!.threads).toBeNull();
    expect(unknown.result!.contacts.find(({ name }) => name === 'Dan')!.score).toBeNull();
    expect(unknown.dataGaps.map(({ fact }) => fact)).toContain('contact scores');
  });

  it('keeps a hostile name inert', () => {
    const contacts = account.records!.contacts!.map((contact) => ({ ...contact, name: '# <b>x</b> | [a](b)' }));
    const { markdown } = runOn(stakeholderMapper, { ...account, records: { ...account.records, contacts } });
    expect(markdown).not.toContain('<b>');
    expect(markdown).toContain('\\# \\<b\\>x\\</b\\> \\| \\[a\\](b)');
  });

  it('refuses parameters out of range', () => {
    expect(stakeholderMapper.parameters.safeParse({ surveyWeight: 2 }).success).toBe(false);
    expect(stakeholderMapper.parameters.safeParse({ wieght: 0.2 }).success).toBe(false);
  });
});
