/** What holds for every account: coverage, imported kinds, and what accounts must know of each other. */
import { hash } from 'node:crypto';
import type { Catalogue } from '../core/catalogue/catalogue.ts';
import { completeCatalogue } from '../core/catalogue/default-catalogue.ts';
import { type ProfileTable, packProfiles } from '../core/facts/profile-table.ts';
import type { Coverage, PortfolioHistory, Workspace } from '../core/facts/view.ts';
import { type WorkspaceContext, workspaceContext } from '../core/facts/workspace.ts';
import type { CompiledPolicy } from '../core/policy/compiled-policy.ts';
import type { RecordKind } from '../core/records/record.ts';
import { NO_HISTORY } from '../core/revenue/own-history.ts';
import { addBusinessDays, type Day, type Instant, type ZoneClock } from '../core/time/calendar.ts';
import { type OwnerHours, USUAL_HOURS } from '../core/time/working-hours.ts';
import { freshProfiles } from './fresh-profiles.ts';
import type { CoverageDay, Store } from './ports.ts';

/** Events count as covered so many business days beyond the latest one (contract.md section 1). */
const COVERAGE_GRACE_BUSINESS_DAYS = 2;

/** What a workspace is made of besides its policy, as plain data: it can be handed to another thread. */
export interface WorkspaceParts {
  timeZone: string;
  currency: string;
  catalogue: Catalogue;
  kinds: ReadonlySet<RecordKind>;
  coverage: Coverage;
  profiles: ProfileTable;
  ownerHours: OwnerHours;
  portfolio: PortfolioHistory;
}

export interface LoadedWorkspace {
  workspace: Workspace;
  parts: WorkspaceParts;
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
  /** Default: the usual hours. */
  ownerHours?: OwnerHours;
  /** False: profiles that are missing are computed and used, but not kept (a store opened for reading). */
  keepProfiles: boolean;
}

export async function loadWorkspace(request: LoadWorkspaceRequest): Promise<LoadedWorkspace> {
  const { store, policy, clock, asOf } = request;
  const catalogue = completeCatalogue(
    request.catalogue,
    request.catalogue.featuresDefaulted ? await store.eventNames() : [],
  );
  const kinds = new Set(await store.importedKinds());
  const coverage = coverageOf(await store.readCoverage(), catalogue.holidays);
  const today = clock.dayOf(asOf);
  const { currency, ownerHours = USUAL_HOURS } = request;
  const parts = { timeZone: clock.timeZone, currency, catalogue, kinds, coverage, ownerHours };
  // No profile needs to know of other accounts.
  const nobody = { profiles: packProfiles([], catalogue.featuresDefaulted), portfolio: NO_HISTORY };
  const alone = workspaceOf({ ...parts, ...nobody }, clock, policy);
  const complete = { ...parts, ...(await freshProfiles({ ...request, workspace: alone, today })) };
  const context = workspaceContext(complete.profiles, policy.measures);
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
      context.fingerprint(today),
    ]),
  );
  const { portfolio } = complete;
  return { workspace: { ...alone, portfolio, ...answersOf(context) }, parts: complete, contextKey };
}

/** The workspace that these parts make: the same parts and policy give the same answers. */
export function workspaceOf(parts: WorkspaceParts, clock: ZoneClock, policy: CompiledPolicy): Workspace {
  const { catalogue, kinds, coverage, currency, ownerHours, portfolio } = parts;
  const planLimits = new Map(catalogue.plans.map((plan) => [plan.id, plan.limits]));
  return {
    clock,
    catalogue,
    measures: policy.measures,
    guardrails: policy.guardrails,
    kinds,
    contractOptions: { currency, planLimits: (plan) => planLimits.get(plan) },
    coverage,
    ownerHours,
    portfolio,
    ...answersOf(workspaceContext(parts.profiles, policy.measures)),
  };
}

function answersOf({ relevantFeatures, peerMedian, peerAttach }: WorkspaceContext) {
  return { relevantFeatures, peerMedian, peerAttach };
}

/** A lone day further than this from all earlier ones is a wrong date, not a feed that was quiet. */
const LONGEST_QUIET_DAYS = 366;

/**
 * Coverage is a matter of the source as a whole (contract.md section 1): a gap between two events is a quiet time, also
 * when it is looked at from within. Only beyond the latest record, and two business days, does silence mean not known.
 */
export function coverageOf(days: readonly CoverageDay[], holidays: ReadonlySet<Day>): Coverage {
  const span = (list: readonly Day[]): { from: Day; to: Day } | undefined => {
    let last = list.length - 1;
    while (last > 0 && list[last]! - list[last - 1]! > LONGEST_QUIET_DAYS) last--;
    if (last < 0) return undefined;
    return { from: list[0]!, to: addBusinessDays(list[last]!, COVERAGE_GRACE_BUSINESS_DAYS, holidays) };
  };
  const events = span(days.filter((each) => each.eventsKnownAt !== null).map((each) => each.day));
  const records = span(days.map((each) => each.day));
  return {
    eventsFrom: events?.from,
    eventsThrough: events?.to,
    recordsFrom: records?.from,
    recordsThrough: records?.to,
  };
}
