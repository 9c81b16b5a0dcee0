/** What success looks like after the expansion (expansion seed, step 8): baseline, target, date; checked again later. */
import { featureDaysIn } from '../history/windows.ts';
import { type Day, formatDay, isBusinessDay, parseDay } from '../time/calendar.ts';
import type { Execution } from './execution.ts';
import { counterpart } from './framing.ts';
import type { Proposal } from './proposal.ts';
import { npsNow } from './signals.ts';
import {
  activeUsersEvidence,
  businessDayOnOrAfter,
  type Evidence,
  grouped,
  healthEvidence,
  noteDay,
  type PlanSubject,
  percent,
  plural,
  quoteOf,
  records,
  usageEvidence,
  words,
} from './subject.ts';

/** How a criterion is measured, again and again. */
export type CriterionMeasure =
  | { kind: 'active_users' }
  | { kind: 'feature_days'; featureIds: string[] }
  | { kind: 'meter_share'; meterId: string; limit: number }
  | { kind: 'health' }
  | { kind: 'confirmation' }
  | { kind: 'nps' };

export interface Criterion {
  id: 'adoption' | 'health' | 'value' | 'nps';
  name: string;
  measurement: string;
  measure: CriterionMeasure;
  baseline: number | null;
  /** The value from which on it is met; null: a confirmation. */
  target: number | null;
  targetDate: string;
  evidence: Evidence[];
}

export function criteriaOf(subject: PlanSubject, proposal: Proposal, execution: Execution): Criterion[] {
  const adoptionDate = businessDayOnOrAfter(subject, execution.rolloutOn + subject.knobs.adoptionDays);
  const review = execution.reviewOn; // never before the adoption is due
  return [
    adoption(subject, proposal, formatDay(adoptionDate)),
    healthStable(subject, formatDay(review)),
    valueConfirmed(subject, proposal, formatDay(review)),
    npsHeld(subject, formatDay(review)),
  ];
}

function adoption(subject: PlanSubject, proposal: Proposal, targetDate: string): Criterion {
  const { m, knobs } = subject;
  const { adoptionDays, adoptionShare } = knobs;
  const base = { id: 'adoption' as const, name: 'Adoption', targetDate };
  const within = `within ${adoptionDays} days of rollout`;
  if (proposal.type === 'seats' && m.seats.active.value !== undefined) {
    const added = proposal.addedSeats ?? 0;
    const more = Math.floor(adoptionShare * added) + 1;
    const active = m.seats.active.value;
    return {
      ...base,
      measure: { kind: 'active_users' },
      baseline: active,
      target: active + more,
      measurement: `${added === 1 ? 'the new seat' : `more than ${percent(adoptionShare)} of the ${plural(added, 'new seat')}`} in use ${within}: active users from ${grouped(active)} to ${grouped(active + more)} or more`,
      evidence: [activeUsersEvidence(subject)],
    };
  }
  const limit = proposal.meterId === undefined ? undefined : proposal.plan?.limits[proposal.meterId];
  const use = m.limits.meters.find((each) => each.meterId === proposal.meterId);
  if (typeof limit === 'number' && use?.limit !== undefined) {
    const target = Math.ceil(use.limit);
    return {
      ...base,
      measure: { kind: 'meter_share', meterId: use.meterId, limit },
      baseline: Math.round(use.used ?? 0),
      target,
      measurement: `new room in use ${within}: more than today's limit of ${grouped(target)} ${words(use.meterId)} in a period (now ${grouped(Math.round(use.used ?? 0))})`,
      evidence: [usageEvidence(subject, 30)],
    };
  }
  const featureIds = featuresOf(subject, proposal);
  if (featureIds.length > 0) {
    const baseline = featureShare(subject, featureIds) ?? null;
    const target = Math.floor(100 * adoptionShare) + 1;
    const now = baseline === null ? 'unknown now' : `${baseline} % now`;
    return {
      ...base,
      measure: { kind: 'feature_days', featureIds },
      baseline,
      target,
      measurement: `${proposal.what} used on more than ${percent(adoptionShare)} of the business days ${within} (${now})`,
      evidence: [usageEvidence(subject, adoptionDays)],
    };
  }
  const active = m.seats.active.value ?? null;
  return {
    ...base,
    measure: { kind: 'active_users' },
    baseline: active,
    target: active,
    measurement:
      active === null
        ? `active users not below today's, once today's are known`
        : `active users not below today's ${grouped(active)} ${within}`,
    evidence: [activeUsersEvidence(subject)],
  };
}

function featuresOf(subject: PlanSubject, { plan, featureId, type }: Proposal): string[] {
  const { catalogue } = subject.workspace;
  if (featureId !== undefined) return [featureId];
  if (type !== 'cross_sell' || plan === undefined) return [];
  return catalogue.features.filter((each) => each.product === plan.product).map((each) => each.id);
}

/** % of the business days of the last 30 with use of one of the features. */
function featureShare({ m, knobs, workspace }: PlanSubject, featureIds: readonly string[]): number | undefined {
  if (m.view.usageGap !== undefined) return undefined;
  const histories = m.view.history.features.filter((each) => featureIds.includes(each.featureId));
  let days = 0;
  let used = 0;
  for (let day = m.view.lastDay - knobs.adoptionDays + 1; day <= m.view.lastDay; day++) {
    if (!isBusinessDay(day, workspace.catalogue.holidays)) continue;
    days++;
    if (histories.some((each) => featureDaysIn(each, day, day) > 0)) used++;
  }
  return days === 0 ? undefined : Math.round((100 * used) / days);
}

function healthStable(subject: PlanSubject, targetDate: string): Criterion {
  const score = subject.m.health.score.value!;
  return {
    id: 'health',
    name: 'Health stable',
    measure: { kind: 'health' },
    baseline: score,
    target: score,
    targetDate,
    measurement: `health score of at least ${score}, today's`,
    evidence: healthEvidence(subject),
  };
}

function valueConfirmed(subject: PlanSubject, proposal: Proposal, targetDate: string): Criterion {
  const who = counterpart(subject, proposal);
  return {
    id: 'value',
    name: 'Value confirmed',
    measure: { kind: 'confirmation' },
    baseline: null,
    target: null,
    targetDate,
    measurement: `${who} confirms in the review that ${confirmed(proposal)}`,
    evidence: [],
  };
}

function confirmed({ anchor, type, what }: Proposal): string {
  if (anchor.askedIn !== null) return `${what} solved what was asked for`;
  switch (type) {
    case 'advocacy':
      return 'telling it was worth the effort';
    case 'contract':
      return 'the new terms fit their plans';
    case 'seats':
      return 'everybody who needed access has it';
    case 'upgrade':
      return 'the new room is enough for their work';
    default:
      return `${what} serves their work`;
  }
}

function npsHeld(subject: PlanSubject, targetDate: string): Criterion {
  const nps = npsNow(subject);
  const measurement =
    nps === undefined
      ? 'no NPS on record: one answer before the rollout, then held'
      : `NPS of at least ${nps.mean}, ${nps.answers === 1 ? 'the one answer on record' : `the mean of the ${nps.answers} answers on record`}`;
  return {
    id: 'nps',
    name: 'NPS held',
    measure: { kind: 'nps' },
    baseline: nps?.mean ?? null,
    target: nps?.mean ?? null,
    targetDate,
    measurement,
    evidence: records('surveys', nps?.ids ?? []),
  };
}

/** A plan as it was kept. */
export interface KeptPlan {
  planId: string;
  today: string;
  what: string;
  criteria: Criterion[];
}

export type Outcome = 'met' | 'missed' | 'open' | 'unknown';

export interface TrackedCriterion {
  planId: string;
  plannedOn: string;
  what: string;
  id: Criterion['id'];
  name: string;
  measurement: string;
  targetDate: string;
  baseline: number | null;
  target: number | null;
  now: number | null;
  outcome: Outcome;
  text: string;
  evidence: Evidence[];
}

/** What came true of an earlier plan's criteria, as of today. */
export function trackPlan(subject: PlanSubject, kept: KeptPlan): TrackedCriterion[] {
  return kept.criteria.map((criterion) => track(subject, kept, criterion));
}

interface Reading {
  now: number | null;
  reason?: string;
  shown: string;
  evidence: Evidence[];
  confirmed?: boolean;
}

function track(subject: PlanSubject, kept: KeptPlan, criterion: Criterion): TrackedCriterion {
  const reading = read(subject, kept, criterion);
  const due = parseDay(criterion.targetDate) ?? subject.today;
  const outcome = outcomeOf(criterion, reading, subject.today >= due);
  const { planId, today: plannedOn, what } = kept;
  const { id, name, measurement, targetDate, baseline, target } = criterion;
  const text = `${name}: ${reading.shown}; ${OUTCOME_WORDS[outcome]} (due ${targetDate})`;
  return {
    planId,
    plannedOn,
    what,
    id,
    name,
    measurement,
    targetDate,
    baseline,
    target,
    now: reading.now,
    outcome,
    text,
    evidence: reading.evidence,
  };
}

const OUTCOME_WORDS: Record<Outcome, string> = {
  met: 'came true',
  missed: 'did not come true',
  open: 'still open',
  unknown: 'unknown',
};

function outcomeOf(criterion: Criterion, reading: Reading, isDue: boolean): Outcome {
  if (criterion.measure.kind === 'confirmation') return reading.confirmed === true ? 'met' : isDue ? 'missed' : 'open';
  if (reading.now === null || criterion.target === null) return 'unknown';
  const isReached =
    criterion.measure.kind === 'meter_share' ? reading.now > criterion.target : reading.now >= criterion.target;
  // A level that must be held is only kept at its date; one that must be reached is kept as soon as it is.
  if (criterion.measure.kind === 'health' || criterion.measure.kind === 'nps')
    return isDue ? (isReached ? 'met' : 'missed') : 'open';
  return isReached ? 'met' : isDue ? 'missed' : 'open';
}

function read(subject: PlanSubject, kept: KeptPlan, { measure, target, baseline }: Criterion): Reading {
  const { m } = subject;
  const of = target === null ? '' : `, target ${grouped(target)}`;
  const from = baseline === null ? '' : `from ${grouped(baseline)} `;
  const unknown = (reason: string): Reading => ({ now: null, reason, shown: `unknown, ${reason}`, evidence: [] });
  switch (measure.kind) {
    case 'active_users': {
      const { value, reason } = m.seats.active;
      if (value === undefined) return unknown(reason);
      return {
        now: value,
        shown: `${from}to ${grouped(value)} active users${of}`,
        evidence: [activeUsersEvidence(subject)],
      };
    }
    case 'feature_days': {
      const now = featureShare(subject, measure.featureIds);
      if (now === undefined) return unknown(m.view.usageGap ?? 'no business day in the window');
      return {
        now,
        shown: `used on ${now} % of the business days of ${subject.knobs.adoptionDays}, target ${target} %`,
        evidence: [usageEvidence(subject, subject.knobs.adoptionDays)],
      };
    }
    case 'meter_share': {
      const use = m.limits.meters.find((each) => each.meterId === measure.meterId);
      if (use?.used === undefined) return unknown(use?.reason ?? 'the limit is gone');
      return {
        now: Math.round(use.used),
        shown: `${grouped(Math.round(use.used))} ${words(measure.meterId)} in this period${of}`,
        evidence: [usageEvidence(subject, 30)],
      };
    }
    case 'health': {
      const { value, reason } = m.health.score;
      return value === undefined
        ? unknown(reason)
        : { now: value, shown: `health ${from}to ${value}${of}`, evidence: healthEvidence(subject) };
    }
    case 'nps': {
      const nps = npsNow(subject);
      return nps === undefined
        ? unknown('no NPS answer')
        : { now: nps.mean, shown: `NPS ${from}to ${nps.mean}${of}`, evidence: records('surveys', nps.ids) };
    }
    case 'confirmation':
      return confirmation(subject, kept);
  }
}

const CONFIRMING = ['case_study', 'referral'];

/** A referral, a case study, a goal reached or a promoter's answer since the plan was made. */
function confirmation(subject: PlanSubject, kept: KeptPlan): Reading {
  const { m, workspace } = subject;
  const since: Day = parseDay(kept.today) ?? subject.today;
  const note = m.view.notes.find(
    (each) =>
      noteDay(subject, each) > since &&
      each.author === 'customer' &&
      each.tags?.some((tag) => CONFIRMING.includes(tag)) === true,
  );
  if (note !== undefined)
    return { now: null, confirmed: true, shown: quoteOf(subject, note), evidence: records('notes', [note.noteId]) };
  const goal = m.view.goals.find(
    (each) => each.achievedAt !== undefined && each.achievedAt > since && each.achievedAt <= m.view.today,
  );
  if (goal !== undefined)
    return {
      now: null,
      confirmed: true,
      shown: `goal "${goal.title}" reached on ${formatDay(goal.achievedAt!)}`,
      evidence: records('goals', [goal.goalId]),
    };
  const survey = m.view.surveys.find(
    (each) =>
      each.kind === 'nps' &&
      each.score >= workspace.measures.readiness.advocacyScore &&
      subject.clock.dayOf(each.answeredAt) > since,
  );
  if (survey !== undefined)
    return {
      now: null,
      confirmed: true,
      shown: `NPS ${survey.score} on ${formatDay(subject.clock.dayOf(survey.answeredAt))}`,
      evidence: records('surveys', [survey.surveyId]),
    };
  return { now: null, confirmed: false, shown: 'no confirmation on record', evidence: [] };
}
