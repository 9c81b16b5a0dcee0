/** Signals that are not there yet, by how near they are, and what would complete each. */
import { countIn } from '../history/history.ts';
import { ratio4 } from '../scores/number.ts';
import type { OrganicKind } from '../scores/organic.ts';
import { latestAnswers } from '../scores/relationship.ts';
import { type PlanSubject, percent, plural, words } from './subject.ts';

export interface NearSignal {
  kind: OrganicKind;
  /** Share 0-1 of what is needed. */
  share: number;
  text: string;
}

/** Nearest first; kinds already seen are left out. */
export function nearestSignals(subject: PlanSubject): NearSignal[] {
  const seen = new Set(subject.m.organic.signals.map((signal) => signal.kind));
  const all = [limit(subject), attempts(subject), growth(subject), advocacy(subject), executives(subject)];
  return all
    .filter((each): each is NearSignal => each !== undefined && !seen.has(each.kind))
    .sort((a, b) => b.share - a.share || (a.kind < b.kind ? -1 : 1));
}

function limit({ m, workspace }: PlanSubject): NearSignal | undefined {
  const at = workspace.measures.limits.approachingShare;
  const fullest = m.limits.meters.filter((use) => use.share !== undefined).sort((a, b) => b.share! - a.share!)[0];
  const seats = typeof m.seats.licensed === 'number' ? m.seats.utilisation.value : undefined;
  const useSeats = (seats ?? 0) >= (fullest?.share ?? 0);
  const share = useSeats ? seats : fullest?.share;
  if (share === undefined) return undefined;
  const what = useSeats ? 'seats' : words(fullest!.meterId);
  return {
    kind: 'limit_pressure',
    share: Math.min(1, share / at),
    text: `${what} ${percent(share)} used, complete at ${percent(at)}`,
  };
}

function attempts({ m, workspace }: PlanSubject): NearSignal | undefined {
  const { gatedAttempts, signalDays } = workspace.measures.readiness;
  let most = 0;
  for (const use of m.view.history.gatedAttempts.values()) {
    most = Math.max(most, countIn(use, m.view.lastDay - signalDays + 1, m.view.lastDay));
  }
  if (most === 0)
    return {
      kind: 'higher_tier_request',
      share: 0,
      text: 'no request for a higher tier, complete with one from the customer',
    };
  return {
    kind: 'higher_tier_request',
    share: Math.min(1, most / gatedAttempts),
    text: `${plural(most, 'attempt')} at a gated feature, complete at ${gatedAttempts}`,
  };
}

function growth({ m, workspace }: PlanSubject): NearSignal | undefined {
  const { teamGrowth, teamGrowthDays } = workspace.measures.readiness;
  const { history, lastDay, usageGap } = m.view;
  const now = lastDay - history.start;
  const before = history.activeUsers30[now - teamGrowthDays];
  const active = history.activeUsers30[now];
  if (usageGap !== undefined || before === undefined || active === undefined || before === 0) return undefined;
  const share = ratio4((active - before) / before);
  return {
    kind: 'team_growth',
    share: Math.max(0, Math.min(1, share / teamGrowth)),
    text: `active users ${before} to ${active} in ${teamGrowthDays} days (${percent(share)}), complete at ${percent(teamGrowth)} more`,
  };
}

function advocacy({ m, workspace }: PlanSubject): NearSignal | undefined {
  const { advocacyScore } = workspace.measures.readiness;
  const best = latestAnswers(m.view, workspace, 'nps').reduce((most, answer) => Math.max(most, answer.score), -1);
  if (best < 0) return undefined;
  return {
    kind: 'advocacy',
    share: Math.min(0.99, best / advocacyScore),
    text: `best recent NPS ${best}, complete with a new ${advocacyScore} or a referral`,
  };
}

function executives({ m, workspace }: PlanSubject): NearSignal | undefined {
  const { executiveContacts, executiveDays } = workspace.measures.readiness;
  const seniors = m.people.persons.filter(
    (each) => !each.departed && (each.roles.includes('executive_sponsor') || each.roles.includes('decision_maker')),
  );
  if (seniors.length === 0) return undefined;
  const recent = seniors.filter(
    (each) => each.lastContactOn !== undefined && m.view.today - each.lastContactOn <= executiveDays,
  );
  return {
    kind: 'executive_engagement',
    share: Math.min(0.99, recent.length / executiveContacts),
    text: `${plural(recent.length, 'executive')} in touch within ${executiveDays} days, complete with ${executiveContacts} contacts and more than in the ${executiveDays} days before`,
  };
}
