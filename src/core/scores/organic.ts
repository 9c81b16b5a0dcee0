/** Organic expansion signals: what the customer did, not what a rep prompted (skills.md A8). */
import type { Catalogue, Feature } from '../catalogue/catalogue.ts';
import type { AccountView, Workspace } from '../facts/view.ts';
import { daysIn, type FeatureHistory, KeptInHistory, upperBound } from '../history/history.ts';
import type { Truth } from '../policy/policy.ts';
import type { NoteRecord } from '../records/record.ts';
import { type Day, formatDay } from '../time/calendar.ts';
import { type Adoption, featureIndex } from './adoption.ts';
import type { Limits } from './limits.ts';
import { percent2, ratio4 } from './number.ts';
import { isTwoWay, type People } from './people.ts';
import type { Seats } from './seats.ts';

export const ORGANIC_KINDS = [
  'limit_pressure',
  'higher_tier_request',
  'team_growth',
  'new_use_case',
  'executive_engagement',
  'advocacy',
] as const;
export type OrganicKind = (typeof ORGANIC_KINDS)[number];

export interface OrganicSignal {
  kind: OrganicKind;
  /** What exactly was seen, e.g. `approaching_seat_limit`; listed in the decision's `expansion.signals`. */
  id: string;
  day: Day;
  detail: string;
  evidence: string[];
  /** The feature asked for, where there is one. */
  featureId?: string;
}

export interface Organic {
  signals: OrganicSignal[];
  /** Distinct kinds seen. */
  count: number;
  newUseCase: Truth;
  newUseCaseReason?: string;
}

export interface OrganicInputs {
  view: AccountView;
  workspace: Workspace;
  adoption: Adoption;
  limits: Limits;
  seats: Seats;
  records: OrganicRecords;
}

/** What records alone show, in the order in which it is listed. */
export interface OrganicRecords {
  requests: readonly OrganicSignal[];
  newUseCases: readonly OrganicSignal[];
  executives: readonly OrganicSignal[];
  advocates: readonly OrganicSignal[];
}

export function organicSignals(inputs: OrganicInputs): Organic {
  const signals: OrganicSignal[] = [];
  const { requests, newUseCases, executives, advocates } = inputs.records;
  limitPressure(inputs, signals);
  signals.push(...requests);
  gatedAttempts(inputs, signals);
  teamGrowth(inputs, signals);
  signals.push(...newUseCases);
  const newUse = newUseCase(inputs, signals);
  signals.push(...executives, ...advocates);
  const isNew = signals.some((signal) => signal.kind === 'new_use_case');
  const organic: Organic = { signals, count: countKinds(signals), newUseCase: isNew ? true : newUse.truth };
  if (newUse.reason !== undefined) organic.newUseCaseReason = newUse.reason;
  return organic;
}

function countKinds(signals: readonly OrganicSignal[]): number {
  let count = 0;
  for (let i = 0; i < signals.length; i++) {
    let first = 0;
    while (signals[first]!.kind !== signals[i]!.kind) first++;
    if (first === i) count++;
  }
  return count;
}

function limitPressure({ view, workspace, limits, seats }: OrganicInputs, signals: OrganicSignal[]): void {
  for (const use of limits.meters) {
    if (use.approaching !== true || use.share === undefined) continue;
    const when = typeof use.daysToLimit === 'number' ? `, reached in ${use.daysToLimit} days at this pace` : '';
    const detail = `${use.used} of ${use.limit} ${use.meterId} used (${percent2(use.share * 100)} %)${when}`;
    signals.push({
      kind: 'limit_pressure',
      id: `approaching_${use.meterId}_limit`,
      day: view.lastDay,
      detail,
      evidence: [],
    });
  }
  const share = seats.utilisation.value;
  if (
    typeof seats.licensed === 'number' &&
    share !== undefined &&
    share >= workspace.measures.limits.approachingShare
  ) {
    const detail = `${seats.active.value} of ${seats.licensed} seats active (${percent2(share * 100)} %)`;
    signals.push({ kind: 'limit_pressure', id: 'approaching_seat_limit', day: view.lastDay, detail, evidence: [] });
  }
}

/** A note by or with the customer; what sales wrote is taken as prompted. */
export function isOrganic(note: NoteRecord): boolean {
  return (
    note.author === 'customer' || (note.contactId !== undefined && note.author !== 'sales' && note.author !== 'system')
  );
}

function teamGrowth({ view, workspace }: OrganicInputs, signals: OrganicSignal[]): void {
  const m = workspace.measures.readiness;
  if (view.usageGap !== undefined || view.daysOfData < 2 * m.teamGrowthDays) return;
  const { history } = view;
  const now = view.lastDay - history.start;
  const then = now - m.teamGrowthDays;
  if (then < 0 || now >= history.length) return;
  const before = history.activeUsers30[then]!;
  const active = history.activeUsers30[now]!;
  // A team of a few is not growing because one colleague looked in.
  if (before < m.teamGrowthBase || ratio4((active - before) / before) < m.teamGrowth) return;
  const detail = `active users ${before} to ${active} in ${m.teamGrowthDays} days`;
  signals.push({ kind: 'team_growth', id: 'new_team_onboarded', day: view.lastDay, detail, evidence: [] });
}

/** Attempts to use what the plan does not include. */
function gatedAttempts({ view, workspace: { measures } }: OrganicInputs, signals: OrganicSignal[]): void {
  const since = view.lastDay - measures.readiness.signalDays + 1;
  for (const [featureId, use] of view.history.gatedAttempts) {
    let attempts = 0;
    let last = 0;
    for (let i = upperBound(use.days, since - 1); i < use.days.length && use.days[i]! <= view.lastDay; i++) {
      attempts += use.counts[i]!;
      last = use.days[i]!;
    }
    if (attempts < measures.readiness.gatedAttempts) continue;
    const name = featureId === '' ? 'gated features' : featureId;
    const detail = `${attempts} attempts to use ${name}, last on ${formatDay(last)}`;
    signals.push({
      kind: 'higher_tier_request',
      id: `attempted_${featureId === '' ? 'gated_feature' : featureId}`,
      day: last,
      detail,
      evidence: [],
      ...(featureId !== '' && { featureId }),
    });
  }
}

/** A feature with tags that the account used at some time. */
interface TaggedFeature {
  feature: Feature;
  history: FeatureHistory;
  /** By tag of the feature: first day on which any feature with that tag was used. */
  tagsSeenOn: Day[];
  /** The latest of them. */
  latest: Day;
}
const taggedOf = new KeptInHistory<{ catalogue: Catalogue; features: TaggedFeature[] }>();

function taggedFeatures(view: AccountView, catalogue: Catalogue): TaggedFeature[] {
  const kept = taggedOf.get(view.history);
  if (kept?.catalogue === catalogue) return kept.features;
  const index = featureIndex(view);
  const used = catalogue.features.filter((feature) => feature.tags.length > 0 && index.has(feature.id));
  const seenOn = new Map<string, Day>();
  for (const feature of used) {
    const first = index.get(feature.id)!.use.days[0]!;
    for (const tag of feature.tags) seenOn.set(tag, Math.min(first, seenOn.get(tag) ?? first));
  }
  const features = used.map((feature) => {
    const tagsSeenOn = feature.tags.map((tag) => seenOn.get(tag)!);
    return { feature, history: index.get(feature.id)!, tagsSeenOn, latest: Math.max(...tagsSeenOn) };
  });
  taggedOf.set(view.history, { catalogue, features });
  return features;
}

/** A feature with an unseen tag used by two or more users. */
function newUseCase({ view, workspace }: OrganicInputs, signals: OrganicSignal[]): { truth: Truth; reason?: string } {
  if (view.usageGap !== undefined) return { truth: undefined, reason: view.usageGap };
  const m = workspace.measures.readiness;
  if (view.daysOfData < 2 * m.newUseCaseDays) {
    return {
      truth: undefined,
      reason: `${view.daysOfData} of ${2 * m.newUseCaseDays} days of data to tell new from first`,
    };
  }
  for (const { feature, tag, users } of newUses(view, workspace)) {
    if (users < m.newUseCaseUsers) continue;
    signals.push({
      kind: 'new_use_case',
      id: 'new_use_case',
      day: view.lastDay,
      detail: `${users} users began to use ${feature.id} (${tag})`,
      evidence: [],
      featureId: feature.id,
    });
  }
  return { truth: false };
}

/** A feature in use in the last so many days, one of whose tags was never seen before them. */
export interface NewUse {
  feature: Feature;
  tag: string;
  users: number;
  /** Day on which the tag was first seen. */
  since: Day;
}

/** By default within the days of the policy's `newUseCaseDays`. */
export function newUses(
  view: AccountView,
  { catalogue, measures }: Workspace,
  days = measures.readiness.newUseCaseDays,
): NewUse[] {
  const from = view.lastDay - days + 1;
  const found: NewUse[] = [];
  for (const { feature, history, tagsSeenOn, latest } of taggedFeatures(view, catalogue)) {
    if (latest < from || daysIn(history.use.days, from, view.lastDay) === 0) continue;
    const unseen = tagsSeenOn.findIndex((day) => day >= from);
    const users = new Set<number>();
    for (let i = 0; i < history.useDay.length; i++) {
      const day = history.useDay[i]!;
      if (day >= from && day <= view.lastDay && history.useUser[i]! >= 0) users.add(history.useUser[i]!);
    }
    found.push({ feature, tag: feature.tags[unseen]!, users: users.size, since: tagsSeenOn[unseen]! });
  }
  return found;
}

/** Organic two-way contacts with sponsor or decision maker in the last `executiveDays`, and in as many days before. */
export interface ExecutiveContacts {
  recent: NoteRecord[];
  prior: NoteRecord[];
}

/** Undefined: no such person is recorded. */
export function executiveContacts(
  view: AccountView,
  { clock, measures }: Workspace,
  people: People,
): ExecutiveContacts | undefined {
  const { executiveDays } = measures.readiness;
  const seniors: string[] = [];
  for (const { contactId, roles, departed } of people.persons) {
    if (!departed && (roles.includes('executive_sponsor') || roles.includes('decision_maker'))) seniors.push(contactId);
  }
  if (seniors.length === 0) return undefined;
  const contacts: ExecutiveContacts = { recent: [], prior: [] };
  for (const note of view.notes) {
    const age = view.today - clock.dayOf(note.at);
    if (age > 2 * executiveDays || age < 0 || !isOrganic(note)) continue;
    const attended = note.tags?.includes('sponsor_attended') === true;
    // A message that nobody answered is ours, not theirs.
    if (!isTwoWay(note) && !attended) continue;
    if (!attended && (note.contactId === undefined || !seniors.includes(note.contactId))) continue;
    (age <= executiveDays ? contacts.recent : contacts.prior).push(note);
  }
  return contacts;
}
