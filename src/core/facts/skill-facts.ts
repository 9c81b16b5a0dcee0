/**
 * What an account's records say to the four skill calculations that conditions stand on (skills.md part B). The
 * calculations themselves are in `../scores/`.
 */
import type { Activation } from '../scores/activation.ts';
import { overdueDays } from '../scores/commercial.ts';
import type { CompetitorSignal } from '../scores/competitors.ts';
import { worstLevel } from '../scores/competitors.ts';
import type { Health } from '../scores/health.ts';
import { mean, ratio4 } from '../scores/number.ts';
import { type OnboardingStatus, onboardingScore } from '../scores/onboarding-health.ts';
import { onboardingHorizon, onboardingInput } from '../scores/onboarding-input.ts';
import type { People } from '../scores/people.ts';
import { latestAnswers } from '../scores/relationship.ts';
import { type RiskInput, type RiskSeverity, riskSeverity, type SeverityInput } from '../scores/risk-mitigation.ts';
import type { ChurnSignal } from '../scores/signals.ts';
import { impactTarget } from '../scores/time-to-impact.ts';
import type { Trend } from '../scores/trend.ts';
import { type Day, firstDayOfMonth, monthOf } from '../time/calendar.ts';
import type { Contract } from './contract.ts';
import type { ContractSpan } from './plan-timeline.ts';
import type { Horizon } from './standing.ts';
import { type AccountView, type Known, kindGap, known, unknown, type Workspace } from './view.ts';

export interface OnboardingFacts {
  score: Known<number>;
  status: Known<OnboardingStatus>;
}

export function onboardingFacts(view: AccountView, workspace: Workspace, activation: Activation): OnboardingFacts {
  const input = onboardingInput(view, workspace, startDay(view, workspace), activation);
  const { score, status } = onboardingScore(input, workspace.measures.onboarding);
  return { score, status };
}

/** What may change `onboardingFacts` of the same activation though no record does. */
export function onboardingFactsHorizon(
  view: AccountView,
  workspace: Workspace,
  { score }: OnboardingFacts,
  horizon: Horizon,
): void {
  onboardingHorizon(view, workspace, startDay(view, workspace), horizon);
  if (score.value === undefined) horizon.daily(); // the reason counts the days without a meeting
}

/** Day 0 is sign-up (A10: day = today - createdAt); records from before it move the first day of data, not the start. */
function startDay({ account }: AccountView, { clock }: Workspace): Day {
  return clock.dayOf(account.createdAt);
}

export interface ImpactFacts {
  timeToValue: Known<number>;
  benchmark: Known<number>;
}

/** Days to the first win, or so far while there is none, and the day it was due. */
export function impactFacts(
  view: AccountView,
  workspace: Workspace,
  activation: Activation,
  contract: Contract,
): ImpactFacts {
  const { segment } = view.account;
  const median = workspace.peerMedian(view.today, segment, contract.planId, 'first_value');
  const target = impactTarget('firstWin', { segment, peerMedianDays: { firstWin: median } }, workspace.measures.impact);
  const { reached, day, reason } = activation.milestone;
  const timeToValue: Known<number> =
    reached === undefined
      ? unknown(reason ?? 'not known')
      : known(Math.max(0, (reached && day !== undefined ? day : view.today) - startDay(view, workspace)));
  return { timeToValue, benchmark: known(target.days) };
}

/** What may change `impactFacts` of the same activation though no record does: a day more to wait, and peers of a new month. */
export function impactHorizon(view: AccountView, { milestone }: Activation, horizon: Horizon): void {
  if (milestone.reached === false) horizon.daily();
  horizon.at(firstDayOfMonth(monthOf(view.today) + 1));
}

export interface RiskFacts {
  severity: Known<RiskSeverity>;
  renewalRisk: Known<boolean>;
}

export interface RiskSources {
  contract: Contract;
  spans: readonly ContractSpan[];
  people: People;
  trend: Trend;
  health: Health;
  signals: readonly ChurnSignal[];
  competitors: readonly CompetitorSignal[];
}

/** Renewal risk: severity of medium or worse within the policy's days of the renewal (A10). */
export function riskFacts(
  view: AccountView,
  workspace: Workspace,
  sources: Pick<RiskSources, 'contract' | 'health' | 'signals'>,
): RiskFacts {
  const input = severityInput(view, sources);
  const severity = riskSeverity(input, workspace.measures.risk);
  const near =
    input.daysToRenewal === undefined ? undefined : input.daysToRenewal <= workspace.measures.renewal.riskDays;
  const serious = severity.value === undefined ? undefined : severity.value !== 'none' && severity.value !== 'low';
  if (near === false || serious === false) return { severity, renewalRisk: known(false) };
  if (near === undefined)
    return { severity, renewalRisk: unknown(sources.contract.renewalReason ?? 'no renewal date') };
  return { severity, renewalRisk: serious === undefined ? unknown(severity.reason ?? 'not known') : known(true) };
}

function severityInput(
  view: AccountView,
  { contract, health, signals }: Pick<RiskSources, 'contract' | 'health' | 'signals'>,
): SeverityInput {
  return {
    healthScore: health.score.value,
    worstSignal: signals[0]?.severity,
    daysToRenewal: contract.renewalDate === undefined ? undefined : contract.renewalDate - view.today,
  };
}

export function riskInput(view: AccountView, workspace: Workspace, sources: RiskSources): RiskInput {
  const { contract, people, trend, health, signals, competitors } = sources;
  const invoiceGap = kindGap('invoices', view, workspace);
  const talkGap = kindGap('notes', view, workspace) ?? kindGap('tickets', view, workspace);
  const downgrade = signals.some((signal) => signal.id === 'downgrade_request');
  return {
    today: view.today,
    trendPercent: trend.kind.value === 'dormant' ? -100 : trend.percent.value,
    sentiment: sentimentOf(view, workspace),
    champion: people.roles.champion.state,
    sponsor: people.roles.executive_sponsor.state,
    competition: competitors.length > 0 ? worstLevel(competitors) : talkGap === undefined ? 'none' : undefined,
    cutShare:
      kindGap('subscriptions', view, workspace) === undefined ? recentCut(view, sources.spans, workspace) : undefined,
    overdueDays:
      invoiceGap === undefined
        ? view.invoices.reduce((days, invoice) => Math.max(days, overdueDays(invoice, view.today)), 0)
        : undefined,
    downgradeQuery: downgrade ? true : talkGap === undefined ? false : undefined,
    engagement: health.dimensions.engagement.score,
    outcomes: health.dimensions.outcomes.score,
    ...severityInput(view, sources),
    arrMinor: contract.arrMinor,
  };
}

/** Class of the mean of the latest NPS answers (our choice). */
function sentimentOf(view: AccountView, workspace: Workspace): RiskInput['sentiment'] {
  const score = mean(latestAnswers(view, workspace, 'nps').map((answer) => answer.score));
  if (score === undefined) return undefined;
  return score >= 9 ? 'promoter' : score >= 7 ? 'passive' : 'detractor';
}

/** Largest fall of the ARR from one contract to the next within the signal window, as a share. */
function recentCut(view: AccountView, spans: readonly ContractSpan[], workspace: Workspace): number {
  const since = view.today - workspace.measures.health.signalDays;
  let cut = 0;
  for (let i = 1; i < spans.length; i++) {
    const span = spans[i]!;
    if (span.from > view.today) break;
    const before = spans[i - 1]!.contract.arrMinor;
    const now = span.contract.arrMinor;
    if (span.from < since || before === undefined || now === undefined || before <= 0) continue;
    cut = Math.max(cut, ratio4((before - now) / before));
  }
  return cut;
}
