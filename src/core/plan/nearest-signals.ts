/** Signals that are not there yet, by how near they are, and what would complete each. */
import { countIn } from '../history/history.ts';
import { ratio4 } from '../scores/number.ts';
import { executiveContacts, newUses, type OrganicKind } from '../scores/organic.ts';
import { latestAnswers } from '../scores/relationship.ts';
import { formatDay } from '../time/calendar.ts';
import { type PlanSubject, percent, plural, words } from './subject.ts';

export interface NearSignal {
  kind: OrganicKind;
  /** Share 0-1 of what is needed. */
  share: number;
  text: string;
}

/** Less than a quarter of the way is no beginning. */
const WORTH_NAMING = 0.25;

/** The nearest of the six kinds, nearest first; without any beginning, the one that a single sentence completes. */
export function nearestSignals(subject: PlanSubject): NearSignal[] {
  const seen = new Set(subject.m.organic.signals.map((signal) => signal.kind));
  const begun = [limit, attempts, growth, newUse, executives, advocacy]
    .map((near) => near(subject))
    .filter((each) => each !== undefined)
    .filter((each) => !seen.has(each.kind) && each.share >= WORTH_NAMING)
    .sort((a, b) => b.share - a.share || (a.kind < b.kind ? -1 : 1));
  if (begun.length > 0) return begun;
  const text = 'none has begun; a request for a higher tier or for a new use, by the customer, would be one';
  return [{ kind: 'higher_tier_request', share: 0, text }];
}

function limit({ m, workspace }: PlanSubject): NearSignal | undefined {
  const at = workspace.measures.limits.approachingShare;
  const fullest = m.limits.meters.filter((use) => use.share !== undefined).sort((a, b) => b.share! - a.share!)[0];
  const seats = typeof m.seats.licensed === 'number' ? m.seats.utilisation.value : undefined;
  const useSeats = (seats ?? 0) >= (fullest?.share ?? 0);
  const share = useSeats ? seats : fullest?.share;
  if (share === undefined) return undefined;
  const text = useSeats
    ? `${percent(share)} of the seats active, complete at ${percent(at)}`
    : `${percent(share)} of the ${words(fullest!.meterId)} used, complete at ${percent(at)}`;
  return { kind: 'limit_pressure', share: Math.min(1, share / at), text };
}

function attempts({ m, workspace }: PlanSubject): NearSignal | undefined {
  const { gatedAttempts, signalDays } = workspace.measures.readiness;
  let most = 0;
  for (const use of m.view.history.gatedAttempts.values()) {
    most = Math.max(most, countIn(use, m.view.lastDay - signalDays + 1, m.view.lastDay));
  }
  if (most === 0) return undefined;
  const text = `${plural(most, 'attempt')} at a gated feature in ${signalDays} days, complete with ${gatedAttempts}`;
  return { kind: 'higher_tier_request', share: Math.min(1, most / gatedAttempts), text };
}

function growth({ m, workspace }: PlanSubject): NearSignal | undefined {
  const { teamGrowth, teamGrowthDays, teamGrowthBase } = workspace.measures.readiness;
  const { history, lastDay, usageGap } = m.view;
  const now = lastDay - history.start;
  const before = history.activeUsers30[now - teamGrowthDays];
  const active = history.activeUsers30[now];
  // A team of a few is not growing because one colleague looked in: see the signal itself.
  if (usageGap !== undefined || before === undefined || active === undefined || before < teamGrowthBase)
    return undefined;
  const share = ratio4((active - before) / before);
  if (share <= 0) return undefined;
  const needed = Math.ceil(Number((before * (1 + teamGrowth)).toFixed(9)));
  const text = `active users ${before} to ${active} in ${teamGrowthDays} days, complete with ${needed}`;
  return { kind: 'team_growth', share: Math.min(1, share / teamGrowth), text };
}

/** A new kind of feature that fewer users than needed have tried. */
function newUse({ m, workspace }: PlanSubject): NearSignal | undefined {
  const { newUseCaseUsers, newUseCaseDays } = workspace.measures.readiness;
  if (m.view.usageGap !== undefined || m.view.daysOfData < 2 * newUseCaseDays) return undefined;
  const [first] = newUses(m.view, workspace).sort((a, b) => b.users - a.users || a.since - b.since);
  if (first === undefined || first.users === 0) return undefined;
  const { feature, tag, users, since } = first;
  const text = `${plural(users, 'user')} began to use ${words(feature.id)} (${words(tag)}) on ${formatDay(since)}, complete with ${newUseCaseUsers}, or with a word of the customer on the new use`;
  return { kind: 'new_use_case', share: Math.min(0.99, users / newUseCaseUsers), text };
}

function advocacy({ m, workspace, clock }: PlanSubject): NearSignal | undefined {
  const { advocacyScore, signalDays } = workspace.measures.readiness;
  const ids = latestAnswers(m.view, workspace, 'nps').map((answer) => answer.surveyId);
  const best = m.view.surveys
    .filter((survey) => ids.includes(survey.surveyId))
    .sort((a, b) => b.score - a.score || b.answeredAt - a.answeredAt)[0];
  if (best === undefined) return undefined;
  const on = formatDay(clock.dayOf(best.answeredAt));
  const what =
    best.score >= advocacyScore
      ? `NPS ${best.score} of ${on} is older than ${signalDays} days`
      : `NPS ${best.score} on ${on}`;
  return {
    kind: 'advocacy',
    share: Math.min(0.99, best.score / advocacyScore),
    text: `${what}, complete with a new answer of ${advocacyScore} or a referral`,
  };
}

function executives({ m, workspace }: PlanSubject): NearSignal | undefined {
  const { executiveContacts: wanted, executiveDays } = workspace.measures.readiness;
  const contacts = executiveContacts(m.view, workspace, m.people);
  if (contacts === undefined || contacts.recent.length === 0) return undefined;
  const { recent, prior } = contacts;
  const needed = Math.max(wanted, prior.length + 1);
  return {
    kind: 'executive_engagement',
    share: Math.min(0.99, recent.length / needed),
    text: `${plural(recent.length, 'contact')} with sponsor or decision maker in ${executiveDays} days and ${prior.length} in the ${executiveDays} before, complete with ${needed}`,
  };
}
