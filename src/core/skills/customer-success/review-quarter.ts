/** The quarter a business review looks at: its dates, goals, use, support and recorded value. */
import type { AccountMeasures } from '../../facts/measure-account.ts';
import type { ContractSpan } from '../../facts/plan-timeline.ts';
import { type AccountView, type Known, kindGap, known, unknown, type Workspace } from '../../facts/view.ts';
import { activeDaysIn, activeUsersIn, volumeIn } from '../../history/windows.ts';
import type { GoalRecord } from '../../records/record.ts';
import { mean, median, percent2, publish } from '../../scores/number.ts';
import { goalProgress, goalState } from '../../scores/outcomes.ts';
import { type Day, firstDayOfMonth, formatDay, monthOf } from '../../time/calendar.ts';

export interface Quarter {
  /** `2025-Q4`, or `FY2026-Q3` where the account's fiscal year does not begin in January (named by the year it ends in). */
  label: string;
  from: Day;
  to: Day;
}

const EPOCH_YEAR = 1970;

/** The last quarter that ended before `today`, of the fiscal year that begins in `fiscalStart` (1-12). */
export function lastCompleteQuarter(today: Day, fiscalStart = 1): Quarter {
  const month = monthOf(today);
  const intoQuarter = (month - (fiscalStart - 1) + 12) % 3; // a year is whole quarters, so months since 1970 will do
  return quarterFrom(month - intoQuarter - 3, fiscalStart);
}

/** The quarter before. */
export function quarterBefore({ from }: Quarter, fiscalStart = 1): Quarter {
  return quarterFrom(monthOf(from) - 3, fiscalStart);
}

function quarterFrom(startMonth: number, fiscalStart: number): Quarter {
  const intoYear = (((startMonth - (fiscalStart - 1)) % 12) + 12) % 12;
  const lastMonth = startMonth - intoYear + 11;
  const year = EPOCH_YEAR + Math.floor(lastMonth / 12);
  const label = `${fiscalStart === 1 ? '' : 'FY'}${year}-Q${intoYear / 3 + 1}`;
  return { label, from: firstDayOfMonth(startMonth), to: firstDayOfMonth(startMonth + 3) - 1 };
}

export type GoalOutcome = 'met' | 'partial' | 'missed' | 'unknown';

export interface ReviewedGoal {
  goalId: string;
  title: string;
  /** null: not dated */
  dueDate: string | null;
  /** Two decimals; null: baseline, target or present figure is missing. */
  progressPct: number | null;
  outcome: GoalOutcome;
}

/** At 100 % met, from 50 % partial, else missed; a goal recorded as achieved is met whatever its figure says. */
export function goalOutcome(progressPct: number | undefined, achieved: boolean, partialFrom: number): GoalOutcome {
  if (achieved) return 'met';
  if (progressPct === undefined) return 'unknown';
  if (progressPct >= 100) return 'met';
  return progressPct >= partialFrom ? 'partial' : 'missed';
}

/** Goals as they stood when the quarter closed, without those dropped or achieved before it. */
export function reviewedGoals(view: AccountView, quarter: Quarter, partialFrom: number): ReviewedGoal[] {
  const dayAfter = quarter.to + 1;
  return view.goals
    .filter((goal) => goalState(goal, dayAfter) !== 'dropped')
    .filter((goal) => goal.achievedAt === undefined || goal.achievedAt >= quarter.from)
    .map((goal) => {
      const progressPct = progressOf(goal);
      return {
        goalId: goal.goalId,
        title: goal.title,
        dueDate: goal.targetDate === undefined ? null : formatDay(goal.targetDate),
        progressPct: progressPct ?? null,
        outcome: goalOutcome(progressPct, goalState(goal, dayAfter) === 'achieved', partialFrom),
      };
    })
    .sort((a, b) => (b.progressPct ?? -1) - (a.progressPct ?? -1) || (a.goalId < b.goalId ? -1 : 1));
}

function progressOf(goal: GoalRecord): number | undefined {
  const progress = goalProgress(goal);
  return progress === undefined ? undefined : percent2(progress * 100);
}

export interface UsageRow {
  measure: 'active_users' | 'value_events' | 'active_days';
  now: number | null;
  prior: number | null;
  /** Two decimals; null where either is unknown or the quarter before had none. */
  changePct: number | null;
}

/** 100 (now - prior) / prior; unknown where there is nothing to compare with. */
export function changePct(now: number | null, prior: number | null): number | null {
  return now === null || prior === null || prior === 0 ? null : percent2((100 * (now - prior)) / prior);
}

export function usageRows(view: AccountView, quarter: Quarter, before: Quarter): UsageRow[] {
  const { history, coverage } = view;
  const isCovered = ({ from, to }: Quarter) =>
    coverage.eventsFrom !== undefined && coverage.eventsFrom <= from && (coverage.eventsThrough ?? from) >= to;
  const row = (measure: UsageRow['measure'], count: (quarter: Quarter) => number, isKnown = true): UsageRow => {
    const [now, prior] = [quarter, before].map((each) => (isKnown && isCovered(each) ? count(each) : null));
    return { measure, now: now!, prior: prior!, changePct: changePct(now!, prior!) };
  };
  const named = history.hasUserIds || history.firstEventDay === undefined;
  return [
    row('active_users', ({ from, to }) => activeUsersIn(history, from, to), named),
    row('value_events', ({ from, to }) => volumeIn(history, from, to)),
    row('active_days', ({ from, to }) => activeDaysIn(history, from, to)),
  ];
}

export interface SupportReview {
  opened: number;
  resolved: number;
  /** Hours from opening to resolution, one decimal; null: none was resolved. */
  medianHours: number | null;
  /** P1 and P2 tickets opened in the quarter. */
  urgent: string[];
  /** Themes of three tickets or more, most first. */
  themes: { theme: string; ticketIds: string[] }[];
}

export function supportReview(
  view: AccountView,
  workspace: Workspace,
  { from, to }: Quarter,
  themeFrom: number,
): SupportReview | null {
  if (kindGap('tickets', view, workspace) !== undefined) return null;
  const { clock } = workspace;
  const isWithin = (instant: number | undefined): instant is number =>
    instant !== undefined && clock.dayOf(instant) >= from && clock.dayOf(instant) <= to;
  const opened = view.tickets.filter((ticket) => isWithin(ticket.openedAt));
  const resolved = view.tickets.filter((ticket) => isWithin(ticket.resolvedAt));
  const hours = median(resolved.map((ticket) => (ticket.resolvedAt! - ticket.openedAt) / 3_600_000));
  const byTheme = Map.groupBy(
    opened.filter((ticket) => ticket.theme !== undefined),
    (ticket) => ticket.theme!,
  );
  const themes = [...byTheme]
    .filter(([, tickets]) => tickets.length >= themeFrom)
    .map(([theme, tickets]) => ({ theme, ticketIds: tickets.map((ticket) => ticket.ticketId) }))
    .sort((a, b) => b.ticketIds.length - a.ticketIds.length || (a.theme < b.theme ? -1 : 1));
  return {
    opened: opened.length,
    resolved: resolved.length,
    medianHours: hours === undefined ? null : publish(hours * 10) / 10,
    urgent: opened.filter(({ priority }) => priority === 'P1' || priority === 'P2').map(({ ticketId }) => ticketId),
    themes,
  };
}

/** P1 and P2 incidents that began in the quarter. */
export function urgentIncidents(view: AccountView, { clock }: Workspace, { from, to }: Quarter): string[] {
  return view.incidents
    .filter(({ severity, startedAt }) => {
      const day = clock.dayOf(startedAt);
      return (severity === 'P1' || severity === 'P2') && day >= from && day <= to;
    })
    .map(({ incidentId }) => incidentId);
}

/** Mean NPS answer of the quarter; undefined where nobody answered. */
export function npsOf(view: AccountView, { clock }: Workspace, { from, to }: Quarter) {
  const answers = view.surveys.filter(
    ({ kind, answeredAt }) => kind === 'nps' && clock.dayOf(answeredAt) >= from && clock.dayOf(answeredAt) <= to,
  );
  const score = mean(answers.map((answer) => answer.score));
  return score === undefined ? undefined : { mean: publish(score * 10) / 10, answers: answers.length };
}

export interface RecordedValue {
  valueMinor: number;
  goalIds: string[];
  /** Of them, those that reached their target with no date on record. */
  undatedIds: string[];
}

/**
 * Value recorded for goals that were met in the quarter; unknown where no such goal carries a value. When a goal was met
 * is told by `achievedAt`, else by a status that was not yet `achieved` at the quarter's beginning. An open goal at 100 %
 * without a date counts while it stays open, and is listed as undated (our choice).
 */
export function recordedValue(
  then: AccountMeasures,
  before: AccountMeasures | undefined,
  goals: readonly ReviewedGoal[],
  quarter: Quarter,
): Known<RecordedValue> {
  const closedBefore = new Set(
    (before?.view.goals ?? [])
      .filter((goal) => goalState(goal, quarter.from) === 'achieved')
      .map((goal) => goal.goalId),
  );
  const met = new Set(goals.filter((goal) => goal.outcome === 'met').map((goal) => goal.goalId));
  const valued = then.view.goals.filter(
    ({ goalId, achievedAt, valueAmountMinor }) =>
      valueAmountMinor !== undefined && met.has(goalId) && (achievedAt !== undefined || !closedBefore.has(goalId)),
  );
  if (valued.length === 0) return unknown(`no goal met in ${quarter.label} has a valueAmount (goals)`);
  return known({
    valueMinor: valued.reduce((sum, goal) => sum + goal.valueAmountMinor!, 0),
    goalIds: valued.map((goal) => goal.goalId),
    undatedIds: valued.filter((goal) => goalState(goal, quarter.to + 1) !== 'achieved').map((goal) => goal.goalId),
  });
}

/** Fees of the quarter: a quarter of the yearly amount, day by day where the contract changed within it. */
export function quarterFees(
  spans: readonly ContractSpan[],
  { from, to }: Quarter,
): Known<{ minor: number; currency: string | undefined }> {
  let sum = 0;
  const currencies = new Set<string | undefined>();
  for (const span of spans) {
    const days = Math.min(span.to, to) - Math.max(span.from, from) + 1;
    if (days <= 0 || span.contract.paid.length === 0) continue;
    if (span.contract.arrMinor === undefined) return unknown(`${span.contract.arrReason} (subscriptions)`);
    currencies.add(span.contract.currency);
    sum += span.contract.arrMinor * days;
  }
  if (currencies.size > 1) return unknown('fees in several currencies (subscriptions)');
  if (sum === 0) return unknown(`no fees between ${formatDay(from)} and ${formatDay(to)} (subscriptions)`);
  return known({ minor: publish(sum / (4 * (to - from + 1))), currency: [...currencies][0] });
}
