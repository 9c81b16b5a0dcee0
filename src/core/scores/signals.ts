/** Churn signals: facts that cap the health band whatever the score (skills.md A7). */
import type { AccountView, Workspace } from '../facts/view.ts';
import { type Day, formatDay } from '../time/calendar.ts';
import { type Adoption, featureIndex } from './adoption.ts';
import type { RecordSignals } from './record-signals.ts';
import { type AddSignal, type ChurnSignal, type SignalSeverity, signalList } from './signal-list.ts';
import type { StandingCliff } from './standing-cliff.ts';
import type { Cliff, Trend } from './trend.ts';

export type { ChurnSignal, SignalSeverity } from './signal-list.ts';

export interface UseSignalInputs {
  view: AccountView;
  workspace: Workspace;
  adoption: Adoption;
  trend: Trend;
  cliff: Cliff;
  /** A fall of the past weeks that still stands. */
  standingCliff?: StandingCliff | undefined;
}

const SEVERITY_ORDER: readonly SignalSeverity[] = ['critical', 'high', 'medium'];

/** All open signals, critical first: those of use among those of the records. */
export function churnSignals(inputs: UseSignalInputs, records: RecordSignals): ChurnSignal[] {
  const { found, add } = signalList();
  usageSignals(inputs, add);
  const { beforeUse } = records;
  const afterUse = useFalls(inputs.trend) ? records.afterFallingUse : records.afterUse;
  if (beforeUse.length + afterUse.length === 0) return inSeverityOrder(found);
  return inSeverityOrder([...beforeUse, ...found, ...afterUse]);
}

function inSeverityOrder(signals: ChurnSignal[]): ChurnSignal[] {
  for (let i = 1; i < signals.length; i++)
    if (bySeverity(signals[i - 1]!, signals[i]!) > 0) return signals.sort(bySeverity);
  return signals;
}

function bySeverity(a: ChurnSignal, b: ChurnSignal): number {
  return SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity);
}

/** Use falls or is gone. */
function useFalls(trend: Trend): boolean {
  return trend.kind.value === 'dormant' || (trend.percent.value !== undefined && trend.percent.value < 0);
}

function usageSignals(inputs: UseSignalInputs, add: AddSignal): void {
  const { view, workspace, adoption, trend, cliff, standingCliff } = inputs;
  if (view.usageGap !== undefined) return;
  const m = workspace.measures;
  if (standingCliff !== undefined) add('critical', 'usage_cliff', standingDetail(standingCliff), standingCliff.since);
  else if (cliff.cliff) add('critical', 'usage_cliff', fallDetail(cliff));
  else if (cliff.dip) add('medium', 'usage_dip', fallDetail(cliff));
  const percent = trend.percent.value;
  if (percent !== undefined && percent < m.trend.declining) {
    add('medium', 'usage_declining', `usage ${percent} % against the ${trend.windowDays} days before`);
  }
  const lastUse = lastUseDay(view);
  if (lastUse !== undefined && view.lastDay - lastUse >= m.trend.silentDays) {
    add('high', 'silent', `no use since ${formatDay(lastUse)}`, lastUse);
  }
  if (workspace.catalogue.featuresDefaulted) return;
  const index = featureIndex(view);
  for (const use of adoption.relevant) {
    if (!use.feature.core || use.seen || use.firstUse === undefined) continue;
    if (view.daysOfData <= m.health.coreUnusedDays) continue;
    const days = index.get(use.feature.id)!.use.days;
    let last: Day | undefined;
    for (const day of days) if (day <= view.lastDay) last = day;
    add(
      'high',
      'core_feature_unused',
      `${use.feature.id} unused since ${last === undefined ? 'long' : formatDay(last)}`,
      last,
    );
  }
}

function fallDetail(cliff: Cliff): string {
  return `weekly use ${cliff.recentWeekly} against a base of ${cliff.baseWeekly} (${cliff.dropPercent} %)`;
}

function standingDetail({
  since,
  usersBefore,
  usersNow,
  recentWeekly,
  baseWeekly,
  dropPercent,
}: StandingCliff): string {
  // The 30 days of the users may still hold days before the fall: as many as ever says nothing.
  const users = usersNow < usersBefore ? ` from ${usersBefore} active users to ${usersNow}` : '';
  return `use fell on ${formatDay(since)}${users} and has not come back: weekly use ${recentWeekly} against a base of ${baseWeekly} (${dropPercent} %)`;
}

/** Last day up to D with use; undefined when there never was any. */
export function lastUseDay(view: AccountView): Day | undefined {
  const { history } = view;
  const index = Math.min(view.lastDay - history.start, history.length - 1);
  for (let i = index; i >= 0; i--) {
    if (history.volume[i]! > 0) return history.start + i;
    if (history.cumulativeActiveDays[i]! === 0) return undefined;
  }
  return undefined;
}
