/** monetization/contract_value_tracker (skills.md B), with its worked examples. */
import { describe, expect, it } from 'vitest';
import { at, day, type TestAccount } from '../../../../test/build-account.ts';
import { runOn, skillContext } from '../../../../test/skill-context.ts';
import type { HealthBand } from '../../scores/health.ts';
import { runSkill } from '../run-skill.ts';
import { contractPosition, type Recurring, renewalRate, termMonths } from './contract-position.ts';
import { contractValueTracker } from './contract-value-tracker.ts';

const LAST = day('2026-03-30');
const year2026: Recurring = {
  amountMinor: 3_650_000,
  interval: 'year',
  from: day('2026-01-01'),
  to: day('2027-01-01'),
  isTerm: true,
};
const rates = { healthy: 0.9, neutral: 0.8, at_risk: 0.55, critical: 0.25 };
const base = { recurring: [year2026], services: [], invoicedMinor: 1_825_000, lastDay: LAST, renewalRate: 0.8 };

describe('the position', () => {
  it('of 36,500 for 2026, 18,250 invoiced: 8,900 recognised, 9,350 deferred, 27,600 left, 29,200 weighted', () => {
    expect(contractPosition(base)).toEqual({
      tcvMinor: 3_650_000,
      acvMinor: 3_650_000,
      recognisedMinor: 890_000,
      deferredMinor: 935_000,
      rpoMinor: 2_760_000,
      weightedRenewalMinor: 2_920_000,
    });
  });

  it('of a month-to-month contract of 1,000 is an ACV of 12,000; TCV, RPO and renewal are unknown', () => {
    const monthly: Recurring = {
      amountMinor: 100_000,
      interval: 'month',
      from: day('2026-03-01'),
      to: day('2026-04-01'),
      isTerm: false,
    };
    expect(contractPosition({ ...base, recurring: [monthly] })).toMatchObject({
      acvMinor: 1_200_000,
      recognisedMinor: 96_774, // 30 of 31 days
      tcvMinor: undefined,
      rpoMinor: undefined,
      weightedRenewalMinor: undefined,
    });
  });

  it('counts a term of several years in full, and months of a yearly term by their number', () => {
    const three = { ...year2026, from: day('2025-01-01'), to: day('2028-01-01') };
    expect(contractPosition({ ...base, recurring: [three] })).toMatchObject({
      tcvMinor: 10_950_000,
      acvMinor: 3_650_000,
    });
    const monthly: Recurring = { ...year2026, amountMinor: 100_000, interval: 'month' };
    expect(contractPosition({ ...base, recurring: [monthly] })).toMatchObject({
      tcvMinor: 1_200_000,
      acvMinor: 1_200_000,
    });
    expect(termMonths({ from: day('2026-01-31'), to: day('2026-02-28') })).toEqual({ months: 1, isWhole: true });
    expect(termMonths({ from: day('2026-01-15'), to: day('2027-01-01') }).isWhole).toBe(false);
  });

  it('recognises services on delivery, and nothing before the start or beyond the end', () => {
    const of = (deliveredOn: number | undefined) =>
      contractPosition({ ...base, services: [{ amountMinor: 500_000, deliveredOn }] });
    expect([of(LAST).recognisedMinor, of(LAST + 1).recognisedMinor, of(undefined).recognisedMinor]).toEqual([
      1_390_000, 890_000, 890_000,
    ]);
    expect(of(undefined).tcvMinor).toBe(4_150_000);
    const on = (lastDay: number) => contractPosition({ ...base, lastDay }).recognisedMinor;
    expect([on(day('2025-12-31')), on(day('2026-01-01')), on(day('2027-06-01'))]).toEqual([0, 10_000, 3_650_000]);
  });

  it('never defers less than nothing, and knows only the ACV where services are not known', () => {
    expect(contractPosition({ ...base, invoicedMinor: 0 }).deferredMinor).toBe(0);
    expect(contractPosition({ ...base, invoicedMinor: undefined }).deferredMinor).toBeUndefined();
    expect(contractPosition({ ...base, services: undefined })).toMatchObject({
      acvMinor: 3_650_000,
      tcvMinor: undefined,
      recognisedMinor: undefined,
      weightedRenewalMinor: 2_920_000,
    });
  });

  it('takes the rate of the band until 30 renewals of our own came due', () => {
    const of = (due: number, signed: number, band?: HealthBand) => renewalRate({ due, signed }, 30, rates, band);
    expect(of(29, 20, 'at_risk')).toEqual({ rate: 0.55, source: 'health_band' });
    expect(of(30, 20, 'at_risk')).toEqual({ rate: 0.6667, source: 'own_history' });
    expect(of(0, 0)).toBeUndefined();
  });
});

type Rows = NonNullable<NonNullable<TestAccount['records']>['subscriptions']>;
const row: Rows[number] = {
  subscriptionId: 's',
  plan: 'pro',
  status: 'active',
  startedAt: at('2026-01-01'),
  renewalDate: day('2027-01-01'),
  amountMinor: 3_650_000,
  currency: 'USD',
  interval: 'year',
  seats: 10,
};
const invoice = { invoiceId: 'i1', issuedAt: at('2026-01-02'), dueAt: day('2026-02-01'), amountMinor: 1_825_000 };

function account(rows: Rows = [row], extra: NonNullable<TestAccount['records']> = {}): TestAccount {
  return {
    today: '2026-03-31',
    created: '2024-01-01',
    records: {
      accounts: [{ name: 'Acme', createdAt: at('2024-01-01'), owners: { csm: 'Dana' } }],
      subscriptions: rows,
      invoices: [invoice],
      ...extra,
    },
  };
}

/** Runs with a health band, which the account's few records do not give. */
function run(subject: TestAccount, band: HealthBand = 'neutral', extra: Parameters<typeof skillContext>[2] = {}) {
  const context = skillContext(contractValueTracker, subject, extra as never);
  const { measured } = context;
  const health = { ...measured.health, band: { value: band } };
  return runSkill(contractValueTracker, { ...context, measured: { ...measured, health } });
}

describe('a run', () => {
  it('is the first example', () => {
    const { status, result, actions, markdown } = run(account());
    expect(status).toBe('ok');
    expect(result).toEqual({
      currency: 'USD',
      tcv: 36_500,
      acv: 36_500,
      recognised: 8900,
      invoiced: 18_250,
      deferred: 9350,
      rpo: 27_600,
      expansionAcv: 0,
      termFrom: '2026-01-01',
      renewalDate: '2027-01-01',
      daysToRenewal: 276,
      renewalRate: 0.8,
      renewalRateSource: 'health_band',
      weightedRenewal: 29_200,
      retention: {
        from: '2025-03-31',
        to: '2026-03-30',
        startArr: 0,
        endArr: 36_500,
        currency: 'USD',
        nrr: null,
        grr: null,
      },
      unusualTerms: [],
    });
    expect(actions).toEqual([]);
    expect(markdown).toContain('| 8,900 USD | 18,250 USD | 9,350 USD | 27,600 USD |');
    expect(markdown).toContain('- Renewal on 2027-01-01, in 276 days.');
    expect(markdown).toContain('- NRR and GRR do not apply: no ARR on 2025-03-30.');
  });

  it('is the second example: month to month at 1,000 is partial, with an ACV of 12,000', () => {
    const { renewalDate: _, ...monthly } = { ...row, interval: 'month' as const, amountMinor: 100_000 };
    const { status, result, dataGaps } = run(account([monthly]));
    expect([status, dataGaps]).toEqual(['partial', [{ fact: 'renewal date', reason: 'month to month' }]]);
    expect(result).toMatchObject({ acv: 12_000, tcv: null, rpo: null, daysToRenewal: null, weightedRenewal: null });
    expect(result).toMatchObject({ termFrom: '2026-03-01', recognised: 967.74, invoiced: 0 });
  });

  it('attaches NRR and GRR of the account itself, and sums what amendments added in the term', () => {
    const versions: Rows = [
      { ...row, startedAt: at('2025-01-01'), autoRenew: true, renewalDate: day('2026-01-01'), amountMinor: 6_000_000 },
      { ...row, startedAt: at('2025-01-01'), autoRenew: true, amountMinor: 7_500_000, effectiveAt: at('2026-02-01') },
      { ...row, startedAt: at('2025-01-01'), autoRenew: true, amountMinor: 7_200_000, effectiveAt: at('2026-03-01') },
    ];
    const { result, markdown } = run(account(versions));
    expect(result).toMatchObject({ termFrom: '2026-01-01', acv: 72_000, expansionAcv: 15_000, daysToRenewal: 276 });
    expect(result!.retention).toMatchObject({ startArr: 60_000, endArr: 72_000, nrr: 1.2, grr: 1 });
    expect(markdown).toContain('| 2026-02-01 | 60,000 USD | 75,000 USD | +15,000 USD |');
    expect(markdown).toContain('| 2026-03-01 | 75,000 USD | 72,000 USD | -3,000 USD |');
    expect(markdown).toContain('NRR 120 %, GRR 100 %: 60,000 USD on 2025-03-30, 72,000 USD on 2026-03-30.');
  });

  it('begins a term where the last one ended, and counts the invoices that are due in it', () => {
    const renewed = { ...row, startedAt: at('2024-06-01'), renewalDate: day('2025-06-01'), autoRenew: true };
    const invoices = [
      { ...invoice, invoiceId: 'old', issuedAt: at('2025-04-01'), dueAt: day('2025-05-01'), amountMinor: 1 },
      { ...invoice, invoiceId: 'early', issuedAt: at('2025-05-20'), dueAt: day('2025-06-19'), amountMinor: 3_650_000 },
      { ...invoice, invoiceId: 'void', status: 'void' },
      { ...invoice, invoiceId: 'credit', amountMinor: -50_000 },
    ];
    const { result } = run(account([renewed], { invoices }));
    expect(result).toMatchObject({ termFrom: '2025-06-01', renewalDate: '2026-06-01', tcv: 36_500, invoiced: 36_000 });
    expect(result!.recognised).toBe(30_300); // 303 of 365 days
  });

  it('asks for a QBR from 90 days before the renewal, unless one is under way', () => {
    const near = (on: string) => account([{ ...row, startedAt: at('2025-07-01'), renewalDate: day(on) }]);
    const { actions } = run(near('2026-06-29'));
    expect(actions).toMatchObject([
      { ownerRole: 'csm', owner: 'Dana', dueDate: '2026-04-07', channel: 'task', evidence: ['s'] },
      { ownerRole: 'finance' }, // 363 days are no whole months
    ]);
    expect(actions[0]!.title).toBe('Schedule the QBR: the renewal of 36,500 USD a year is 90 days away');
    expect(run(near('2026-07-01')).actions).toEqual([]);
    const qbr = (state: 'proposed' | 'dismissed', madeOn: number) => ({
      id: 'q',
      skill: 'customer_success/quarterly_business_review',
      ruleId: 'renewal.qbr_due',
      state,
      madeOn,
      doneAt: undefined,
      dismissedFor: undefined,
      result: undefined,
    });
    const roles = (past: ReturnType<typeof qbr>) =>
      run(near('2026-06-29'), 'neutral', { past: [past] }).actions.map(({ ownerRole }) => ownerRole);
    expect(roles(qbr('proposed', day('2026-03-01')))).toEqual(['finance']);
    expect(roles(qbr('dismissed', day('2026-03-01')))).toEqual(['csm', 'finance']);
    expect(roles(qbr('proposed', day('2025-12-01')))).toEqual(['csm', 'finance']);
  });

  it('shows the CS manager an at-risk account of more than 50,000 a year', () => {
    const worth = (amountMinor: number, band: HealthBand) =>
      run(account([{ ...row, amountMinor }]), band).actions.map(({ ownerRole, dueDate }) => [ownerRole, dueDate]);
    expect(worth(5_000_100, 'at_risk')).toEqual([['csManager', '2026-04-01']]);
    expect(worth(5_000_100, 'critical')).toEqual([['csManager', '2026-04-01']]);
    expect(worth(5_000_000, 'at_risk')).toEqual([]);
    expect(worth(5_000_100, 'neutral')).toEqual([]);
  });

  it('has finance check unusual terms', () => {
    const terms = (extra: Partial<Rows[number]>, records = {}) =>
      run(account([{ ...row, ...extra }], records)).result!.unusualTerms;
    expect(terms({ renewalDate: day('2027-01-10') })).toEqual(['odd_term']);
    expect(terms({ renewalDate: day('2029-02-01') })).toEqual(['long_term']);
    expect(terms({ amountMinor: 0 }, { invoices: [] })).toEqual(['free_of_charge']);
    expect(terms({ status: 'paused' })).toEqual(['paused']);
    expect(terms({}, { invoices: [{ ...invoice, amountMinor: 3_650_001 }] })).toEqual(['over_invoiced']);
    const overdue = run(
      account([{ ...row, startedAt: at('2025-01-01'), renewalDate: day('2026-01-01') }], { invoices: [] }),
    );
    expect(overdue.result).toMatchObject({ unusualTerms: ['renewal_overdue'], daysToRenewal: -89, rpo: 0 });
    expect(overdue.actions.at(-1)).toMatchObject({
      ownerRole: 'finance',
      dueDate: '2026-04-07',
      title: 'Check unusual terms: renewal 89 days overdue',
    });
    expect(overdue.markdown).toContain('Renewal on 2026-01-01, 89 days ago and not signed.');
  });

  it('reads services from the subscription, and does not guess at those it cannot read', () => {
    const services = (list: unknown) => run(account([{ ...row, properties: { services: list as never } }]));
    const read = services([
      { name: 'Onboarding', amount: 5000, deliveredAt: '2026-02-01' },
      { name: 'Training', amount: '1000.50' },
    ]);
    expect(read.result).toMatchObject({ tcv: 42_500.5, recognised: 13_900, acv: 36_500 });
    for (const bad of ['x', [{ amount: 'many' }], [null], [{ amount: 1, deliveredAt: 'soon' }]]) {
      const { status, dataGaps, result } = services(bad);
      expect([status, dataGaps]).toEqual([
        'partial',
        [{ fact: 'services', reason: 'services of subscription s cannot be read' }],
      ]);
      expect(result).toMatchObject({ tcv: null, recognised: null, deferred: null, acv: 36_500 });
    }
  });

  it('prefers our own renewals once 30 came due', () => {
    const extra = { portfolio: { trials: { ended: 0, converted: 0 }, renewals: { due: 40, signed: 30 } } };
    const { result, markdown } = run(account(), 'critical', extra);
    expect(result).toMatchObject({ renewalRate: 0.75, renewalRateSource: 'own_history', weightedRenewal: 27_375 });
    expect(markdown).toContain('(ACV at 75 %, the rate of our own renewals so far)');
  });

  it('names what is missing, and keeps what is known', () => {
    const gaps = (subject: TestAccount) => {
      const { status, dataGaps } = runOn(contractValueTracker, subject);
      return [status, dataGaps[0]];
    };
    expect(gaps(account([]))).toEqual([
      'insufficient_data',
      { fact: 'contract components', reason: 'no paid subscription in force' },
    ]);
    const { amountMinor: _, ...silent } = row;
    expect(gaps(account([silent]))[1]).toEqual({
      fact: 'contract components',
      reason: 'subscription s names no amount',
    });
    const kinds: NonNullable<TestAccount['kinds']> = ['accounts', 'subscriptions'];
    const uninvoiced = run({ ...account([row], { invoices: [] }), kinds });
    expect([uninvoiced.status, uninvoiced.dataGaps]).toEqual([
      'insufficient_data',
      [{ fact: 'invoices', reason: 'no invoices imported' }],
    ]);
    expect(uninvoiced.result).toMatchObject({ acv: 36_500, recognised: 8900, deferred: null });
    const unhealthy = runOn(contractValueTracker, account());
    expect([unhealthy.status, unhealthy.result!.weightedRenewal]).toEqual(['partial', null]);
    expect(unhealthy.dataGaps[0]!.fact).toBe('renewal rate');
    const foreign = run(account([row], { invoices: [{ ...invoice, currency: 'EUR' }] }));
    expect(foreign.dataGaps).toEqual([
      { fact: 'invoices', reason: 'invoice i1 is in another currency than the contract' },
    ]);
  });
});
