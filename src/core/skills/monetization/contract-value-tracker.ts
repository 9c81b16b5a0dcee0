/** monetization/contract_value_tracker (skills.md B): the contract's position. It informs, and never alters accounting. */
import { z } from 'zod';
import { countText, moneyText, words } from '../../document/figures.ts';
import { known, unknown } from '../../facts/view.ts';
import { majorUnits } from '../../records/money.ts';
import type { OwnerRole } from '../../records/record.ts';
import { addBusinessDays, formatDay } from '../../time/calendar.ts';
import { defineSkill, type SkillContext, type SkillOutput } from '../skill.ts';
import type { ActionDraft } from '../skill-result.ts';
import {
  accountRetention,
  amendmentsSince,
  type ContractFacts,
  expansionOf,
  invoicedSince,
  isFree,
  recurringOf,
  servicesOf,
  type UnusualTerm,
} from './contract-components.ts';
import { contractSections, termText } from './contract-document.ts';
import { contractPosition, renewalRate, termMonths } from './contract-position.ts';

/** Money in major units of `currency`. */
export interface ContractValue {
  currency: string;
  tcv: number | null;
  acv: number;
  recognised: number | null;
  invoiced: number | null;
  deferred: number | null;
  rpo: number | null;
  expansionAcv: number | null;
  termFrom: string;
  renewalDate: string | null;
  daysToRenewal: number | null;
  renewalRate: number | null;
  renewalRateSource: 'own_history' | 'health_band' | null;
  weightedRenewal: number | null;
  /** A9 of this account over the twelve months to D; rates are null where it had no ARR then. */
  retention: {
    from: string;
    to: string;
    startArr: number;
    endArr: number;
    currency: string;
    nrr: number | null;
    grr: number | null;
  } | null;
  unusualTerms: UnusualTerm[];
}

const parameters = z.strictObject({
  riskAcv: z
    .number()
    .min(0)
    .default(50_000)
    .describe('ACV above which the CS manager looks at an at-risk account, major units'),
  ownHistoryRenewals: z.number().int().min(1).max(10_000).default(30).describe('renewals due before own rates hold'),
  longTermMonths: z.number().min(12).max(600).default(36).describe('longest usual term, in months'),
});
type Parameters = z.infer<typeof parameters>;
type Context = SkillContext<Parameters>;
type Gap = { fact: string; reason: string };

export const contractValueTracker = defineSkill<Parameters, ContractValue>({
  name: 'monetization/contract_value_tracker',
  domain: 'monetization',
  purpose: 'States contract value, recognition and the renewal position',
  customerFacing: false,
  conversation: 'none',
  serviceMessage: false,
  celebration: false,
  inputs: {
    required: ['subscriptions with amount, interval and renewal date', 'invoices'],
    optional: ['earlier versions of subscriptions', 'health'],
  },
  sections: ['Value', 'Recognition', 'Amendments', 'Renewal'],
  parameters,
  outcome: {
    measure: 'arr',
    unit: 'major currency units a year',
    better: 'higher',
    horizonDays: 120, // a renewal is approaching from here on (A10), so it is signed or lost by then
    noise: 0,
    read: ({ arrMajor, contract }) =>
      arrMajor === undefined ? unknown(contract.arrReason ?? 'not known') : known(arrMajor),
  },
  run: runContract,
});

function runContract(context: Context): SkillOutput<ContractValue | null> {
  const { measured, workspace, spans, portfolio, parameters: p } = context;
  const { contract, view, health } = measured;
  const currency = contract.currency ?? workspace.contractOptions.currency;
  const gap =
    measured.subscriptionGap ??
    (contract.arrMinor === undefined ? (contract.arrReason ?? 'no amount') : undefined) ??
    (currency === undefined ? 'no currency in the subscription or in stagecraft.yaml' : undefined);
  if (gap !== undefined || currency === undefined) return insufficient({ fact: 'contract components', reason: gap! });
  const recurring = recurringOf(contract.paid, spans, view.today, workspace);
  const termFrom = Math.min(...recurring.map(({ from }) => from));
  const services = servicesOf(contract.paid, currency);
  const invoiced = invoicedSince(termFrom, currency, measured, workspace);
  const amendments = amendmentsSince(termFrom, view.today, spans);
  const kept = accountRetention(spans, view.lastDay, currency);
  const rate = renewalRate(
    portfolio.renewals,
    p.ownHistoryRenewals,
    workspace.measures.renewal.rates,
    health.band.value,
  );
  const position = contractPosition({
    recurring,
    services: services.value,
    invoicedMinor: invoiced.value?.minor,
    lastDay: view.lastDay,
    renewalRate: rate?.rate,
  });
  const gaps = gapsOf({
    services,
    invoices: invoiced,
    'renewal date': recurring.every(({ isTerm }) => isTerm)
      ? {}
      : { reason: contract.renewalReason ?? 'a subscription names no renewal date' },
    amendments,
    'renewal rate': rate === undefined ? { reason: `health band: ${health.band.reason ?? 'not known'}` } : {},
    'NRR and GRR': kept,
  });
  const facts: ContractFacts = {
    currency,
    recurring,
    termFrom,
    position,
    invoicedMinor: invoiced.value?.minor,
    amendments: amendments.value,
    rate,
    retention: kept.value,
    renewalDate: contract.renewalDate,
    daysToRenewal: contract.renewalDate === undefined ? undefined : contract.renewalDate - view.today,
  };
  const unusual = unusualTerms(facts, context);
  return {
    status: invoiced.value === undefined ? 'insufficient_data' : gaps.length > 0 ? 'partial' : 'ok',
    reasons: [],
    dataGaps: gaps,
    result: resultOf(facts, unusual),
    actions: actionsOf(facts, unusual, invoiced.value?.ids ?? [], context),
    sections: contractSections(facts, unusual, health.band.value),
  };
}

function insufficient(gap: Gap): SkillOutput<null> {
  return { status: 'insufficient_data', reasons: [], dataGaps: [gap], result: null, actions: [], sections: [] };
}

function gapsOf(facts: Readonly<Record<string, { reason?: string | undefined }>>): Gap[] {
  return Object.entries(facts).flatMap(([fact, { reason }]) => (reason === undefined ? [] : [{ fact, reason }]));
}

function resultOf(facts: ContractFacts, unusual: UnusualTerm[]): ContractValue {
  const { currency, position, amendments, rate, retention } = facts;
  const major = (minor: number | undefined): number | null =>
    minor === undefined ? null : majorUnits(minor, currency);
  return {
    currency,
    tcv: major(position.tcvMinor),
    acv: majorUnits(position.acvMinor, currency),
    recognised: major(position.recognisedMinor),
    invoiced: major(facts.invoicedMinor),
    deferred: major(position.deferredMinor),
    rpo: major(position.rpoMinor),
    expansionAcv: amendments === undefined ? null : major(expansionOf(amendments)),
    termFrom: formatDay(facts.termFrom),
    renewalDate: facts.renewalDate === undefined ? null : formatDay(facts.renewalDate),
    daysToRenewal: facts.daysToRenewal ?? null,
    renewalRate: rate?.rate ?? null,
    renewalRateSource: rate?.source ?? null,
    weightedRenewal: major(position.weightedRenewalMinor),
    retention:
      retention === undefined
        ? null
        : {
            from: formatDay(retention.from),
            to: formatDay(retention.to),
            startArr: majorUnits(retention.startMinor, currency),
            endArr: majorUnits(retention.endMinor, currency),
            currency,
            nrr: retention.nrr,
            grr: retention.grr,
          },
    unusualTerms: unusual,
  };
}

/** Which terms finance should look at is our choice; the entry names none. */
function unusualTerms(facts: ContractFacts, { measured, parameters: p }: Context): UnusualTerm[] {
  const { recurring, position, invoicedMinor, daysToRenewal } = facts;
  const { paid } = measured.contract;
  const terms = recurring.filter(({ isTerm }) => isTerm).map(termMonths);
  const found: [UnusualTerm, boolean][] = [
    ['odd_term', terms.some(({ isWhole }) => !isWhole)],
    ['long_term', terms.some(({ months }) => months > p.longTermMonths)],
    ['free_of_charge', paid.some(isFree)],
    ['paused', paid.some(({ status }) => status === 'paused')],
    [
      'over_invoiced',
      position.tcvMinor !== undefined && invoicedMinor !== undefined && invoicedMinor > position.tcvMinor,
    ],
    ['renewal_overdue', daysToRenewal !== undefined && daysToRenewal < 0],
  ];
  return found.flatMap(([term, isSo]) => (isSo ? [term] : []));
}

const OPEN_OR_DONE = new Set(['proposed', 'approved', 'dispatched', 'delivered', 'completed']);

/** A review that was let through within the same days needs no second call for one. */
function hasReview({ past, measured, workspace }: Context): boolean {
  const since = measured.view.today - workspace.measures.renewal.qbrDays;
  return past.some(
    ({ skill, state, madeOn }) =>
      skill === 'customer_success/quarterly_business_review' &&
      OPEN_OR_DONE.has(state) &&
      (madeOn ?? Number.NEGATIVE_INFINITY) >= since,
  );
}

function actionsOf(
  facts: ContractFacts,
  unusual: readonly UnusualTerm[],
  invoiceIds: readonly string[],
  context: Context,
): ActionDraft[] {
  const { measured, workspace, parameters: p } = context;
  const { contract, health, view } = measured;
  const { position, currency, daysToRenewal } = facts;
  const evidence = contract.paid.map(({ subscriptionId }) => subscriptionId);
  const task = (key: string, role: OwnerRole, days: number, title: string, ids = evidence): ActionDraft => ({
    key,
    title,
    role,
    due: addBusinessDays(view.today, days, workspace.catalogue.holidays),
    channel: 'task',
    evidence: ids,
  });
  const actions: ActionDraft[] = [];
  const acv = moneyText(position.acvMinor, currency);
  const isNear = daysToRenewal !== undefined && daysToRenewal <= workspace.measures.renewal.qbrDays;
  if (isNear && !hasReview(context)) {
    const when =
      daysToRenewal < 0
        ? `was due ${countText(-daysToRenewal, 'day')} ago`
        : `is ${countText(daysToRenewal, 'day')} away`;
    actions.push(task('qbr', 'csm', 5, `Schedule the QBR: the renewal of ${acv} a year ${when}`));
  }
  const band = health.band.value;
  const isAtRisk = band === 'at_risk' || band === 'critical';
  if (isAtRisk && majorUnits(position.acvMinor, currency) > p.riskAcv)
    actions.push(task('risk', 'csManager', 1, `Look at ${acv} a year at risk: health is ${words(band)}`));
  if (unusual.length > 0) {
    const terms = unusual.map((term) => termText(term, facts)).join('; ');
    actions.push(task('terms', 'finance', 5, `Check unusual terms: ${terms}`, [...evidence, ...invoiceIds]));
  }
  return actions;
}
