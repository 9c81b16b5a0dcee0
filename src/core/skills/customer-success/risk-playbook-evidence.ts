/** What each risk factor stands on, in clauses with figures, and what would make an unknown one known. */
import { countText, words } from '../../document/figures.ts';
import type { AccountMeasures } from '../../facts/measure-account.ts';
import { kindGap, type Workspace } from '../../facts/view.ts';
import { overdueDays } from '../../scores/commercial.ts';
import type { CompetitorSignal } from '../../scores/competitors.ts';
import { percent2 } from '../../scores/number.ts';
import { latestAnswers } from '../../scores/relationship.ts';
import { RISK_FACTORS, type RiskFactor, type RiskInput } from '../../scores/risk-mitigation.ts';
import type { ChurnSignal } from '../../scores/signals.ts';
import { formatDay } from '../../time/calendar.ts';
import { roleClause } from '../health-evidence.ts';
import { subjectOf } from '../health-signals.ts';
import { trendClause } from './risk-playbook-steps.ts';

export interface FactorEvidence {
  factor: RiskFactor;
  /** 0-100; null: unknown. */
  value: number | null;
  /** Plain text. */
  detail: string;
  /** Ids of records. */
  evidence: string[];
}

export interface RiskFacts {
  m: AccountMeasures;
  workspace: Workspace;
  input: RiskInput;
  competitors: readonly CompetitorSignal[];
}

export function factorEvidence(
  facts: RiskFacts,
  factors: Readonly<Record<RiskFactor, number | undefined>>,
): FactorEvidence[] {
  const gaps = factorGaps(facts);
  return RISK_FACTORS.map((factor) => {
    const value = factors[factor] ?? null;
    const { detail, evidence } =
      value === null ? { detail: `unknown: ${gaps[factor]}`, evidence: [] } : DETAILS[factor](facts);
    return { factor, value, detail, evidence };
  });
}

type Detail = Pick<FactorEvidence, 'detail' | 'evidence'>;

const DETAILS: Record<RiskFactor, (facts: RiskFacts) => Detail> = {
  usage: ({ m }) => ({ detail: trendClause(m), evidence: [] }),
  sentiment: ({ m, workspace, input }) => {
    const answers = latestAnswers(m.view, workspace, 'nps');
    const scores = answers.map((answer) => answer.score).join(', ');
    return { detail: `NPS ${scores}: ${input.sentiment}`, evidence: answers.map((answer) => answer.surveyId) };
  },
  relationship: ({ m }) => {
    const roles = ['champion', 'executive_sponsor'] as const;
    const evidence = roles.flatMap((role) => m.people.roles[role].contactId ?? []);
    return { detail: roles.map((role) => roleClause(m, role)).join('; '), evidence: [...new Set(evidence)] };
  },
  competitive: ({ competitors }) => {
    if (competitors.length === 0) return { detail: 'no competitor named', evidence: [] };
    const said = competitors.map(({ competitor, level, day }) => `${competitor} (${level}, ${formatDay(day)})`);
    return { detail: said.join('; '), evidence: competitors.map((signal) => signal.sourceId) };
  },
  financial: ({ m, input }) => {
    const unpaid = m.view.invoices.filter((invoice) => overdueDays(invoice, m.view.today) > 0);
    const clauses: string[] = [];
    const evidence = unpaid.map((each) => each.invoiceId);
    if (unpaid.length > 0) clauses.push(overdueClause(evidence, input.overdueDays ?? 0));
    if ((input.cutShare ?? 0) > 0) clauses.push(`contract cut by ${percent2(input.cutShare! * 100)} %`);
    const query = m.signals.find((signal) => signal.id === 'downgrade_request');
    if (query !== undefined) {
      clauses.push(query.detail);
      evidence.push(...query.evidence);
    }
    return {
      detail: clauses.length === 0 ? 'nothing overdue, no cut, no downgrade asked for' : clauses.join('; '),
      evidence,
    };
  },
};

function overdueClause(invoiceIds: readonly string[], days: number): string {
  return invoiceIds.length === 1
    ? `invoice ${invoiceIds[0]} ${countText(days, 'day')} overdue`
    : `invoices ${invoiceIds.join(', ')} overdue, the longest ${countText(days, 'day')}`;
}

/** Why a factor is unknown, and the record that would tell; only read for factors that are. */
function factorGaps({ m, workspace, input }: RiskFacts): Record<RiskFactor, string> {
  const gap = (kind: Parameters<typeof kindGap>[0]) => kindGap(kind, m.view, workspace);
  const role = m.people.roles.champion.reason ?? m.people.roles.executive_sponsor.reason;
  const money =
    input.cutShare === undefined ? gap('subscriptions') : input.overdueDays === undefined ? gap('invoices') : undefined;
  const talk = gap('notes') ?? gap('tickets');
  return {
    usage: `${m.trend.percent.reason ?? 'not known'} (events)`,
    sentiment: `${gap('surveys') ?? `no NPS answer in ${m.measures.health.relationship.surveyDays} days`} (surveys)`,
    relationship: `${role ?? 'not known'} (contacts)`,
    competitive: `${talk ?? 'not known'} (notes, tickets)`,
    financial: `${money ?? talk ?? 'not known'} (subscriptions, invoices, notes)`,
  };
}

/** Facts the severity, the churn score or the ARR lack, beside the factors. */
export function otherGaps({ m, input }: RiskFacts): { fact: string; reason: string }[] {
  const gaps: { fact: string; reason: string }[] = [];
  const add = (fact: string, isMissing: boolean, reason: string | undefined, source: string) => {
    if (isMissing) gaps.push({ fact, reason: `${reason ?? 'not known'} (${source})` });
  };
  const { dimensions, score } = m.health;
  add('health_score', input.healthScore === undefined, score.reason, 'events');
  add('health_engagement', input.engagement === undefined, dimensions.engagement.reason, 'events, notes, tickets');
  add('health_outcomes', input.outcomes === undefined, dimensions.outcomes.reason, 'goals');
  add(
    'days_to_renewal',
    input.daysToRenewal === undefined,
    m.subscriptionGap ?? m.contract.renewalReason,
    'subscriptions',
  );
  add('arr', input.arrMinor === undefined, m.subscriptionGap ?? m.contract.arrReason, 'subscriptions');
  return gaps;
}

/** What the severity stands on, in clauses; plain text. */
export function severityBasis({ m, workspace, input }: RiskFacts): string[] {
  const { healthScore, worstSignal, daysToRenewal } = input;
  const worst = m.signals.filter(({ severity }) => severity === worstSignal).map(({ id }) => words(id));
  const isNear = daysToRenewal !== undefined && daysToRenewal < workspace.measures.risk.renewalSoonDays;
  return [
    ...(healthScore === undefined ? [] : [`health ${healthScore} of 100`]),
    ...(worst.length === 0 ? [] : [`open ${worstSignal} signal${worst.length === 1 ? '' : 's'} ${worst.join(', ')}`]),
    ...(isNear ? [`${countText(Math.max(0, daysToRenewal), 'day')} to the renewal`] : []),
  ];
}

/** What explains the primary risk; plain text. */
export interface RiskCause {
  /** Clauses of ours. */
  text: string;
  /** What the customer said, as it was written. */
  quotes: string[];
  evidence: string[];
}

/**
 * What is on record that explains the primary risk: what the customer said of the competitor or in its survey answers,
 * the departure, the unpaid invoice; for falling use, another trouble that is open beside it. Undefined: unclear.
 */
export function causeOf(primary: RiskFactor | undefined, facts: RiskFacts): RiskCause | undefined {
  return primary === undefined ? undefined : CAUSES[primary](facts);
}

const CAUSES: Record<RiskFactor, (facts: RiskFacts) => RiskCause | undefined> = {
  competitive: ({ competitors }) => {
    const worst = competitors.find((signal) => signal.level === 'evaluation') ?? competitors.at(-1);
    if (worst === undefined) return undefined;
    const text = `${worst.competitor} on ${formatDay(worst.day)}`;
    return { text, quotes: [worst.quote], evidence: [worst.sourceId] };
  },
  relationship: ({ m }) =>
    fromSignals(m, ({ id }) => /_departed$|_on_leave$|^no_champion_or_sponsor$|^sponsor_absent$/.test(id)),
  financial: ({ m }) => fromSignals(m, ({ id }) => MONEY_SIGNALS.has(id)),
  sentiment: ({ m, workspace }) => {
    const ids = new Set(latestAnswers(m.view, workspace, 'nps').map((answer) => answer.surveyId));
    const said = m.view.surveys.filter((survey) => ids.has(survey.surveyId) && (survey.comment ?? '').trim() !== '');
    if (said.length === 0) return undefined;
    const quotes = said.map((survey) => survey.comment!);
    return { text: 'what the answers say', quotes, evidence: said.map((each) => each.surveyId) };
  },
  usage: ({ m }) =>
    fromSignals(m, (signal) => signal.id === 'support_escalation' || subjectOf(signal) === 'relationship'),
};

const MONEY_SIGNALS = new Set(['failed_payment', 'downgrade_request', 'cancellation_request']);

function fromSignals({ signals }: AccountMeasures, test: (signal: ChurnSignal) => boolean): RiskCause | undefined {
  const found = signals.filter(test);
  if (found.length === 0) return undefined;
  const text = found.map((signal) => signal.detail).join('; ');
  return { text, quotes: [], evidence: [...new Set(found.flatMap((signal) => signal.evidence))] };
}
