/** What holds for every account: coverage, imported kinds, and what accounts must know of each other. */
import { hash } from 'node:crypto';
import type { Catalogue } from '../core/catalogue/catalogue.ts';
import { completeCatalogue } from '../core/catalogue/default-catalogue.ts';
import { type AccountProfile, profileOf } from '../core/facts/profile.ts';
import type { Coverage, Workspace } from '../core/facts/view.ts';
import { buildWorkspaceContext, type WorkspaceContext } from '../core/facts/workspace.ts';
import type { CompiledPolicy } from '../core/policy/compiled-policy.ts';
import { addBusinessDays, type Day, firstDayOfMonth, type Instant, monthOf, type ZoneClock } from '../core/time/calendar.ts';
import { sourceOf } from './evaluate-account.ts';
import type { AccountStatus, CoverageDay, ProfileRow, Store } from './ports.ts';

/** Events count as covered so many business days beyond the latest one (contract.md section 1). */
const COVERAGE_GRACE_BUSINESS_DAYS = 2;
const PROFILE_BATCH = 500;

export interface LoadedWorkspace {
  workspace: Workspace;
  /** Changes whenever something outside an account's own records could change its decision of today. */
  contextKey: string;
}

export interface LoadWorkspaceRequest {
  store: Store;
  catalogue: Catalogue;
  policy: CompiledPolicy;
  clock: ZoneClock;
  currency: string;
  asOf: Instant;
  /** False: profiles that are missing are computed and used, but not kept (a store opened for reading). */
  keepProfiles: boolean;
}

export async function loadWorkspace(request: LoadWorkspaceRequest): Promise<LoadedWorkspace> {
  const { store, policy, clock, asOf } = request;
  const catalogue = completeCatalogue(request.catalogue, request.catalogue.featuresDefaulted ? await store.eventNames() : []);
  const kinds = new Set(await store.importedKinds());
  const coverageAt = coverageReader(await store.readCoverage(), catalogue.holidays, clock);
  const planLimits = new Map(catalogue.plans.map((plan) => [plan.id, plan.limits]));
  const today = clock.dayOf(asOf);
  const context: { current: WorkspaceContext | undefined } = { current: undefined };
  const workspace: Workspace = {
    clock,
    catalogue,
    measures: policy.measures,
    guardrails: policy.guardrails,
    kinds,
    contractOptions: { currency: request.currency, planLimits: (plan) => planLimits.get(plan) },
    coverageAt,
    relevantFeatures: (day) => context.current!.relevantFeatures(day),
    peerMedian: (day, segment, plan, milestone) => context.current!.peerMedian(day, segment, plan, milestone),
    peerAttach: (day, segment, plan, product) => context.current!.peerAttach(day, segment, plan, product),
  };
  const profiles = await freshProfiles(request, workspace, today);
  context.current = buildWorkspaceContext(profiles, catalogue, policy.measures);
  const coverage = coverageAt(asOf);
  const contextKey = hash(
    'sha256',
    JSON.stringify([
      policy.hash,
      catalogue.hash,
      today,
      [...kinds].sort(),
      coverage.eventsFrom ?? null,
      Math.min(coverage.eventsThrough ?? 0, today - 1),
      coverage.recordsFrom ?? null,
      Math.min(coverage.recordsThrough ?? 0, today - 1),
      context.current.fingerprint(today),
    ]),
  );
  return { workspace, contextKey };
}

/** Coverage as of any instant: from the first day that was known then to the last one, plus two business days. */
function coverageReader(days: readonly CoverageDay[], holidays: ReadonlySet<Day>, clock: ZoneClock): (instant: Instant) => Coverage {
  const events = days.filter((day) => day.eventsKnownAt !== null).map((day) => ({ day: day.day, knownAt: day.eventsKnownAt! }));
  const records = days.map((day) => ({ day: day.day, knownAt: day.recordsKnownAt }));
  const through = new Map<Day, Day>();
  const extended = (day: Day): Day => {
    let to = through.get(day);
    if (to === undefined) {
      to = addBusinessDays(day, COVERAGE_GRACE_BUSINESS_DAYS, holidays);
      through.set(day, to);
    }
    return to;
  };
  const span = (list: readonly { day: Day; knownAt: Instant }[], instant: Instant): { from: Day; to: Day } | undefined => {
    const last = lastKnown(list, instant, clock);
    if (last === undefined) return undefined;
    const first = list.find((each) => each.knownAt <= instant)!;
    return { from: first.day, to: extended(last) };
  };
  return (instant) => {
    const ofEvents = span(events, instant);
    const ofRecords = span(records, instant);
    return {
      eventsFrom: ofEvents?.from,
      eventsThrough: ofEvents?.to,
      recordsFrom: ofRecords?.from,
      recordsThrough: ofRecords?.to,
    };
  };
}

/** The latest day of a list sorted by day that was known at `instant`. */
function lastKnown(list: readonly { day: Day; knownAt: Instant }[], instant: Instant, clock: ZoneClock): Day | undefined {
  const today = clock.dayOf(instant);
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]!.day <= today) low = middle + 1;
    else high = middle;
  }
  for (let i = low - 1; i >= 0; i--) if (list[i]!.knownAt <= instant) return list[i]!.day;
  return undefined;
}

/**
 * Profiles of all accounts. Peers are compared as of the first of the month, so a profile serves the month in which it was
 * made, unless something late arrived; the default catalogue looks at the last 90 days and needs the latest.
 */
async function freshProfiles(request: LoadWorkspaceRequest, workspace: Workspace, today: Day): Promise<AccountProfile[]> {
  const { store } = request;
  const month = firstDayOfMonth(monthOf(today));
  const key = `${workspace.catalogue.hash}:${workspace.catalogue.featuresDefaulted ? today : month}`;
  const kept = new Map((await store.readProfiles()).map((row) => [row.accountId, row]));
  const statuses = (await store.listStatuses()).filter((status) => status.hasAccount);
  const stale = statuses.filter((status) => isStale(status, kept.get(status.accountId), key, workspace.catalogue.featuresDefaulted));
  const profiles = new Map<string, AccountProfile>();
  for (let from = 0; from < stale.length; from += PROFILE_BATCH) {
    const batch = stale.slice(from, from + PROFILE_BATCH);
    const bundles = await store.readBundles(batch.map((status) => status.accountId), today);
    const rows: ProfileRow[] = [];
    for (const bundle of bundles) {
      const profile = profileOf(sourceOf(bundle, workspace, today).profileInput(request.asOf));
      profiles.set(bundle.status.accountId, profile);
      rows.push({ accountId: bundle.status.accountId, revision: bundle.status.revision, catalogueHash: key, data: JSON.stringify(profile) });
    }
    if (request.keepProfiles) await store.write((session) => session.writeProfiles(rows));
  }
  return statuses.map((status) => profiles.get(status.accountId) ?? (JSON.parse(kept.get(status.accountId)!.data) as AccountProfile));
}

function isStale(status: AccountStatus, row: ProfileRow | undefined, key: string, daily: boolean): boolean {
  if (row === undefined || row.catalogueHash !== key) return true;
  return row.revision !== status.revision && (daily || status.lateSince !== null);
}
