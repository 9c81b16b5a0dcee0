/** Who may be a champion nobody recorded yet: a proposal to confirm, never a fact (skills.md A2). */
import { type AccountView, kindGap, type Workspace } from '../facts/view.ts';
import { userActiveDaysIn } from '../history/windows.ts';
import type { Measures } from '../policy/measures.ts';
import { type PartScore, part, weightedMean } from './number.ts';
import type { People } from './people.ts';
import { replyShare } from './replies.ts';

export type CandidatePart = 'activeDays' | 'replyRate' | 'advocacy';

/** What a candidate is judged by; undefined: unknown. */
export interface CandidateEvidence {
  activeDays30: number | undefined;
  /** share 0-1 */
  replyRate90: number | undefined;
  advocacyActs90: number | undefined;
}

export interface ChampionCandidate extends PartScore<CandidatePart> {
  contactId: string;
}

const USE_DAYS = 30;
const CONVERSATION_DAYS = 90;
const ADVOCACY_TAGS = ['referral', 'case_study'];

/** mean* of 40 x active days of 12, 30 x reply rate, 30 x advocacy acts of 3 (weights and caps of the policy); 0-100. */
export function candidateScore(
  evidence: CandidateEvidence,
  m: Measures['people']['candidate'],
  knownShare: number,
): PartScore<CandidatePart> {
  const { activeDays30, replyRate90, advocacyActs90 } = evidence;
  const capped = (value: number | undefined, full: number) => value && Math.min(1, value / full);
  const { score, ...rest } = weightedMean<CandidatePart>(
    {
      activeDays: part(capped(activeDays30, m.fullActiveDays), m.activeDays, 'use not known'),
      replyRate: part(replyRate90, m.replyRate, 'replies not known'),
      advocacy: part(capped(advocacyActs90, m.fullAdvocacyActs), m.advocacy, 'advocacy not known'),
    },
    knownShare,
  );
  return { score: score === undefined ? undefined : 100 * score, ...rest };
}

/**
 * Present contacts who hold none of the roles of champion and sponsor, best first, those at or above `confirmAt` only.
 * Advocacy acts are notes tagged `referral` or `case_study` and promoter answers (NPS 9-10) of the contact (our choice).
 */
export function championCandidates(view: AccountView, workspace: Workspace, people: People): ChampionCandidate[] {
  const { people: m, health, onboarding } = workspace.measures;
  const since = view.lastDay - CONVERSATION_DAYS + 1;
  const users = new Map(view.history.users.map((user) => [user.userId, user]));
  const candidates = people.persons.flatMap(({ contactId, departed, roles }) => {
    if (departed || roles.includes('champion') || roles.includes('executive_sponsor')) return [];
    const user = users.get(contactId);
    const used = user ? userActiveDaysIn(user, view.lastDay - USE_DAYS + 1, view.lastDay) : 0;
    const evidence = {
      activeDays30: view.usageGap === undefined && view.history.hasUserIds ? used : undefined,
      replyRate90: replyShare(view, workspace, since, onboarding.replyDays, contactId).value,
      advocacyActs90: advocacyActs(view, workspace, contactId, since),
    };
    return [{ contactId, ...candidateScore(evidence, m.candidate, health.knownShare) }];
  });
  return candidates
    .filter(({ score }) => score !== undefined && score >= m.candidate.confirmAt)
    .sort((a, b) => b.score! - a.score! || (a.contactId < b.contactId ? -1 : 1));
}

function advocacyActs(view: AccountView, workspace: Workspace, contactId: string, since: number): number | undefined {
  const { clock, measures } = workspace;
  const notesKnown = kindGap('notes', view, workspace) === undefined;
  const surveysKnown = kindGap('surveys', view, workspace) === undefined;
  if (!notesKnown && !surveysKnown) return undefined;
  const isRecent = (at: number) => clock.dayOf(at) >= since && clock.dayOf(at) <= view.lastDay;
  const notes = view.notes.filter(
    (note) =>
      note.contactId === contactId && isRecent(note.at) && ADVOCACY_TAGS.some((tag) => note.tags?.includes(tag)),
  );
  const surveys = view.surveys.filter(
    (survey) =>
      survey.kind === 'nps' &&
      survey.contactId === contactId &&
      survey.score >= measures.readiness.advocacyScore &&
      isRecent(survey.answeredAt),
  );
  return notes.length + surveys.length;
}
