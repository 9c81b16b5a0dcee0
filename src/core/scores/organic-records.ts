/** The organic expansion signals that records show, without a look at the use (skills.md A8). */
import type { Horizon } from '../facts/standing.ts';
import type { AccountView, Workspace } from '../facts/view.ts';
import type { NoteRecord } from '../records/record.ts';
import { type Day, formatDay } from '../time/calendar.ts';
import { isEntitled } from './adoption.ts';
import { executiveContacts, isOrganic, type OrganicRecords, type OrganicSignal } from './organic.ts';
import type { People } from './people.ts';

export function organicRecords(
  view: AccountView,
  workspace: Workspace,
  plans: ReadonlySet<string>,
  people: People,
): OrganicRecords {
  const notes = recentNotes(view, workspace);
  return {
    requests: requestsIn(notes, workspace, plans),
    newUseCases: newUseCasesIn(notes),
    executives: engagementOf(view, workspace, people),
    advocates: advocacyIn(notes, view, workspace),
  };
}

/** What may change `organicRecords` of the same plans and people though no record does: a note or an answer that grows old. */
export function organicHorizon(view: AccountView, { clock, measures }: Workspace, horizon: Horizon): void {
  const { signalDays, executiveDays } = measures.readiness;
  for (const note of view.notes) {
    if (!isOrganic(note)) continue;
    const day = clock.dayOf(note.at);
    horizon.after(day, signalDays);
    horizon.after(day, executiveDays);
    horizon.after(day, 2 * executiveDays);
  }
  for (const survey of view.surveys) horizon.after(clock.dayOf(survey.answeredAt), signalDays);
}

interface RecentNote {
  note: NoteRecord;
  day: Day;
}

/** Organic notes with tags that are not too old to count. */
function recentNotes(view: AccountView, workspace: Workspace): RecentNote[] {
  const since = view.today - workspace.measures.readiness.signalDays;
  const recent: RecentNote[] = [];
  for (const note of view.notes) {
    if (note.tags === undefined || !isOrganic(note)) continue;
    const day = workspace.clock.dayOf(note.at);
    if (day >= since) recent.push({ note, day });
  }
  return recent;
}

function requestsIn(
  notes: readonly RecentNote[],
  { catalogue }: Workspace,
  plans: ReadonlySet<string>,
): OrganicSignal[] {
  const signals: OrganicSignal[] = [];
  /** Not included today: in no plan in force, or in no feature list at all while a plan in the price book names it. */
  const isHigher = (featureId: string): boolean => {
    const feature = catalogue.features.find((each) => each.id === featureId);
    if (feature !== undefined) return !isEntitled(feature, plans);
    return (
      catalogue.featuresDefaulted ||
      catalogue.plans.some((plan) => plan.features.includes(featureId) && !plans.has(plan.id))
    );
  };
  for (const { note, day } of notes) {
    for (const tag of note.tags!) {
      if (!tag.startsWith('feature_request:')) continue;
      const featureId = tag.slice('feature_request:'.length);
      if (!isHigher(featureId)) continue;
      const detail = `${featureId} asked for on ${formatDay(day)}`;
      signals.push({
        kind: 'higher_tier_request',
        id: `requested_${featureId}`,
        day,
        detail,
        evidence: [note.noteId],
        featureId,
      });
    }
  }
  return signals;
}

/** Notes of the customer about a new use. */
function newUseCasesIn(notes: readonly RecentNote[]): OrganicSignal[] {
  const signals: OrganicSignal[] = [];
  for (const { note, day } of notes) {
    const tag = note.tags!.find((each) => each === 'new_use_case' || each.startsWith('new_use_case:'));
    if (tag === undefined) continue;
    const name = tag.includes(':') ? tag.slice(tag.indexOf(':') + 1) : 'a new use case';
    signals.push({
      kind: 'new_use_case',
      id: 'new_use_case',
      day,
      detail: `${name} raised on ${formatDay(day)}`,
      evidence: [note.noteId],
    });
  }
  return signals;
}

function engagementOf(view: AccountView, workspace: Workspace, people: People): OrganicSignal[] {
  const m = workspace.measures.readiness;
  const contacts = executiveContacts(view, workspace, people);
  if (contacts === undefined) return [];
  const { recent, prior } = contacts;
  if (recent.length < m.executiveContacts || recent.length <= prior.length) return [];
  const day = Math.max(...recent.map((note) => workspace.clock.dayOf(note.at)));
  const detail = `${recent.length} contacts with sponsor or decision maker in ${m.executiveDays} days, ${prior.length} in the ${m.executiveDays} before`;
  const evidence = recent.map((note) => note.noteId);
  return [{ kind: 'executive_engagement', id: 'executive_engagement', day, detail, evidence }];
}

function advocacyIn(notes: readonly RecentNote[], view: AccountView, workspace: Workspace): OrganicSignal[] {
  const signals: OrganicSignal[] = [];
  const m = workspace.measures.readiness;
  const since = view.today - m.signalDays;
  for (const survey of view.surveys) {
    const day = workspace.clock.dayOf(survey.answeredAt);
    if (survey.kind !== 'nps' || survey.score < m.advocacyScore || day < since) continue;
    signals.push({
      kind: 'advocacy',
      id: 'advocacy',
      day,
      detail: `NPS ${survey.score} on ${formatDay(day)}`,
      evidence: [survey.surveyId],
    });
  }
  for (const { note, day } of notes) {
    const tag = note.tags!.find((each) => each === 'referral' || each === 'case_study');
    if (tag === undefined) continue;
    signals.push({
      kind: 'advocacy',
      id: 'advocacy',
      day,
      detail: `${tag.replace('_', ' ')} on ${formatDay(day)}`,
      evidence: [note.noteId],
    });
  }
  return signals;
}
