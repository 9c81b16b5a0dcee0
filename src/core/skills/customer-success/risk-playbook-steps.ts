/** What each rescue playbook consists of, step by step. No step offers anything: concessions need an approval first. */

import { countText, words } from '../../document/figures.ts';
import type { AccountMeasures } from '../../facts/measure-account.ts';
import type { OwnerRole } from '../../records/record.ts';
import { overdueDays } from '../../scores/commercial.ts';
import type { CompetitorSignal } from '../../scores/competitors.ts';
import { publish } from '../../scores/number.ts';
import { goalState } from '../../scores/outcomes.ts';
import type { RiskFactor } from '../../scores/risk-mitigation.ts';
import { roleClause, signed, someOf, unusedFeatures } from '../health-evidence.ts';
import { contactName } from '../health-plays.ts';

export interface StepText {
  title: string;
  role: OwnerRole;
}

export interface PlaybookFacts {
  m: AccountMeasures;
  competitors: readonly CompetitorSignal[];
  /** Share of the base that use should be back at. */
  recoveredShare: number;
}

/** As many steps as the playbook has dates (`../../scores/risk-mitigation.ts`). */
export const PLAYBOOK_STEPS: Record<RiskFactor, (facts: PlaybookFacts) => StepText[]> = {
  usage: usageSteps,
  relationship: championSteps,
  competitive: competitiveSteps,
  sentiment: sentimentSteps,
  financial: financialSteps,
};

/** `-30 % against the 28 days before` */
export function trendClause({ trend }: AccountMeasures): string {
  if (trend.kind.value === 'dormant') return `no use in ${trend.windowDays} days`;
  if (trend.percent.value === undefined) return `trend unknown: ${trend.percent.reason}`;
  return `use ${signed(Math.sign(trend.percent.value) * publish(Math.abs(trend.percent.value)))} % against the ${trend.windowDays} days before`;
}

function usageSteps({ m, recoveredShare }: PlaybookFacts): StepText[] {
  const { recent, prior, windowDays } = m.trend;
  const unused = unusedFeatures(m);
  const session =
    unused.length > 0
      ? `Working session on ${someOf(unused.map(words))}, which the team does not use`
      : 'Working session on the workflow that brings the most users back';
  const target = publish(recoveredShare * prior);
  const halfway = publish((recent + target) / 2);
  return [
    { title: `Call ${contactName(m)}: ${trendClause(m)}; find out what changed`, role: 'csm' },
    { title: session, role: 'csm' },
    {
      title: `Check that use is on its way back: ${halfway} events in ${windowDays} days, ${recent} today`,
      role: 'csm',
    },
    {
      title: `Use back at ${target} events in ${windowDays} days, ${publish(recoveredShare * 100)} % of the ${prior} before`,
      role: 'csm',
    },
  ];
}

function championSteps({ m }: PlaybookFacts): StepText[] {
  return [
    { title: `Ask ${contactName(m)} who speaks for the product now (${roleClause(m, 'champion')})`, role: 'csm' },
    {
      title: `Write to the sponsor, or to whoever decides, peer to peer (${roleClause(m, 'executive_sponsor')})`,
      role: 'exec',
    },
    { title: 'Meet the new champion and agree the goals anew', role: 'csm' },
  ];
}

function competitiveSteps({ m, competitors }: PlaybookFacts): StepText[] {
  const names = [...new Set(competitors.map((signal) => signal.competitor))];
  const rival = names.length === 0 ? 'the alternative' : someOf(names);
  const reached = m.view.goals.filter((goal) => goalState(goal, m.view.today) === 'achieved').length;
  return [
    { title: `Call ${contactName(m)} about ${rival}: what is it to do that is missing here?`, role: 'csm' },
    {
      title: `Value brief against ${rival}, from recorded results only (${countText(reached, 'goal')} achieved)`,
      role: 'ae',
    },
    { title: 'Meet the sponsor or decision maker before the choice is made', role: 'exec' },
  ];
}

function sentimentSteps({ m }: PlaybookFacts): StepText[] {
  const survey = m.health.dimensions.relationship.parts.survey?.value;
  const now = survey === undefined ? 'answers not known' : `answers stand at ${publish(survey)} of 100`;
  return [
    { title: `Call everyone who answered and ask for the reason (${now})`, role: 'csm' },
    { title: 'Answer each reason in writing: what is done, what is not, and why', role: 'csm' },
    { title: 'Ask the same people again', role: 'csm' },
  ];
}

function financialSteps({ m }: PlaybookFacts): StepText[] {
  const unpaid = m.view.invoices
    .filter((invoice) => overdueDays(invoice, m.view.today) > 0)
    .map((each) => each.invoiceId);
  const first =
    unpaid.length > 0
      ? { title: `Clear up with the customer's accounts team: ${someOf(unpaid)}`, role: 'finance' as const }
      : { title: `Ask ${contactName(m)} what the budget is and what it has to pay for`, role: 'csm' as const };
  const { active, licensed } = m.seats;
  const need =
    active.value === undefined || typeof licensed !== 'number' ? '' : ` (${active.value} of ${licensed} seats in use)`;
  return [
    first,
    { title: `Lay out the contract that fits the present use${need}; no concession without approval`, role: 'ae' },
    { title: 'Settle it in writing, or take what is asked for to approval', role: 'csManager' },
  ];
}
