/** Calc of plg/milestone_celebration (skills.md B): which milestone is recognised, how, and whether now. Pure. */
import type { Milestone } from '../../catalogue/catalogue.ts';
import type { Day, Instant } from '../../time/calendar.ts';

export type Significance = Milestone['significance'];
export type CelebrationType = 'toast' | 'modal' | 'full_email' | 'full_email_sharing';
export type Suppression = 'incident' | 'escalation' | 'quiet' | 'dismissed_last' | 'queued' | 'session_limit';

export const SIGNIFICANCES: readonly Significance[] = ['minor', 'moderate', 'major', 'exceptional'];

const TYPES: Record<Significance, CelebrationType> = {
  minor: 'toast',
  moderate: 'modal',
  major: 'full_email',
  exceptional: 'full_email_sharing',
};

export interface MilestoneState {
  id: string;
  significance: Significance;
  /** Milestones of one category lead to each other. */
  category: string;
  reachedOn: Day | undefined;
  current: number;
  threshold: number;
}

/** A celebration of before. */
export interface Celebrated {
  milestoneId: string;
  /** Undefined: it was never shown. */
  doneAt: Instant | undefined;
  dismissed: boolean;
}

export interface CelebrationCase {
  milestones: readonly MilestoneState[];
  /** Oldest first. */
  log: readonly Celebrated[];
  preference: 'full' | 'minimal';
  now: Instant;
  today: Day;
  /** Celebrations shown today. */
  shownToday: number;
  openIncidents: number;
  openEscalations: number;
  quiet: boolean;
}

export interface CelebrationBounds {
  newDays: number;
  queueMinutes: number;
  perSession: number;
}

export interface Celebration {
  milestone: MilestoneState;
  celebrationType: CelebrationType;
  delivered: boolean;
  suppressedBy: Suppression[];
  /** Moment from which a queued one may be shown. */
  queuedUntil: Instant | undefined;
  next: { id: string; progressPct: number; current: number; threshold: number } | undefined;
}

const MS_PER_MINUTE = 60_000;

/**
 * The most significant milestone reached within `newDays` that was neither shown nor dismissed before (then the latest,
 * then by id); undefined: none.
 */
export function celebrate(input: CelebrationCase, bounds: CelebrationBounds): Celebration | undefined {
  const settled = new Set(
    input.log.filter((each) => each.doneAt !== undefined || each.dismissed).map((each) => each.milestoneId),
  );
  const isNew = ({ id, reachedOn }: MilestoneState) =>
    reachedOn !== undefined && input.today - reachedOn <= bounds.newDays && !settled.has(id);
  const [milestone] = input.milestones.filter(isNew).sort(byWeight);
  if (milestone === undefined) return undefined;
  const last = lastShown(input.log);
  const queuedUntil = last === undefined ? undefined : last + bounds.queueMinutes * MS_PER_MINUTE;
  const isQueued = queuedUntil !== undefined && input.now < queuedUntil;
  const suppressedBy: Suppression[] = [];
  const add = (suppression: Suppression, applies: boolean) => {
    if (applies) suppressedBy.push(suppression);
  };
  add('incident', input.openIncidents > 0);
  add('escalation', input.openEscalations > 0);
  add('quiet', input.quiet);
  add('dismissed_last', input.log.at(-1)?.dismissed === true);
  add('session_limit', input.shownToday >= bounds.perSession);
  add('queued', isQueued);
  return {
    milestone,
    celebrationType: input.preference === 'minimal' ? 'toast' : TYPES[milestone.significance],
    delivered: suppressedBy.length === 0,
    suppressedBy,
    queuedUntil: isQueued ? queuedUntil : undefined,
    next: nextMilestone(milestone, input.milestones),
  };
}

function byWeight(a: MilestoneState, b: MilestoneState): number {
  const rank = (each: MilestoneState) => SIGNIFICANCES.indexOf(each.significance);
  return rank(b) - rank(a) || b.reachedOn! - a.reachedOn! || (a.id < b.id ? -1 : 1);
}

function lastShown(log: readonly Celebrated[]): Instant | undefined {
  const shown = log.flatMap(({ doneAt }) => (doneAt === undefined ? [] : [doneAt]));
  return shown.length === 0 ? undefined : Math.max(...shown);
}

/** The unreached one of the same category that is nearest: highest floor(100 current / threshold) below 100, then the lower
 * threshold (our choice). */
function nextMilestone({ id, category }: MilestoneState, milestones: readonly MilestoneState[]): Celebration['next'] {
  const [next] = milestones
    .filter((each) => each.category === category && each.id !== id && each.reachedOn === undefined)
    .map((each) => ({
      id: each.id,
      progressPct: Math.floor((100 * each.current) / each.threshold),
      current: each.current,
      threshold: each.threshold,
    }))
    .filter((each) => each.progressPct < 100)
    .sort((a, b) => b.progressPct - a.progressPct || a.threshold - b.threshold || (a.id < b.id ? -1 : 1));
  return next;
}
