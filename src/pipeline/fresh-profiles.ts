/** What accounts must know of each other: a profile of each, kept in the store and made anew where it no longer holds. */
import { type AccountProfile, profileOf } from '../core/facts/profile.ts';
import { ProfilePacker, type ProfileTable } from '../core/facts/profile-table.ts';
import type { PortfolioHistory, Workspace } from '../core/facts/view.ts';
import { addHistory, NO_HISTORY, ownHistory } from '../core/revenue/own-history.ts';
import { type Day, firstDayOfMonth, type Instant, monthOf } from '../core/time/calendar.ts';
import { sourceOf } from './evaluate-account.ts';
import type { ProfileRow, ProfileState, Store } from './ports.ts';

/** Accounts read, and profiles written, at once. */
const PROFILE_BATCH = 500;

export interface ProfilesRequest {
  store: Store;
  /** Without other accounts: no profile needs to know of them. */
  workspace: Workspace;
  asOf: Instant;
  today: Day;
  keepProfiles: boolean;
}

/** A profile as kept; `own` is missing in those of an earlier version until they are made anew. */
type KeptProfile = AccountProfile & { own?: PortfolioHistory };

/**
 * Profiles of all accounts. Peers are compared as of the first of the month, so a profile serves the month in which it was
 * made, unless something late arrived; the default catalogue looks at the last 90 days and needs the latest.
 */
export async function freshProfiles(
  request: ProfilesRequest,
): Promise<{ profiles: ProfileTable; portfolio: PortfolioHistory }> {
  const { store, keepProfiles, today } = request;
  const { hash, featuresDefaulted } = request.workspace.catalogue;
  const key = `${hash}:${featuresDefaulted ? today : firstDayOfMonth(monthOf(today))}`;
  const packer = new ProfilePacker(featuresDefaulted);
  const made: ProfileRow[] = [];
  const keep = async (): Promise<void> => {
    const rows = made.splice(0);
    if (keepProfiles && rows.length > 0) await store.write((session) => session.writeProfiles(rows));
  };
  let portfolio = NO_HISTORY;
  let after = '';
  for (;;) {
    const page = await store.readProfiles({ after, limit: PROFILE_BATCH });
    const stale = page.filter((state) => isStale(state, key, featuresDefaulted));
    const fresh = new Map((await profilesOf(stale, key, request)).map((row) => [row.accountId, row]));
    for (const { accountId, profile } of page) {
      const { data } = fresh.get(accountId) ?? profile!;
      const kept = JSON.parse(data) as KeptProfile;
      if (kept.own !== undefined && !kept.isTest) portfolio = addHistory(portfolio, kept.own);
      packer.add(kept);
    }
    made.push(...fresh.values());
    if (made.length >= PROFILE_BATCH) await keep();
    if (page.length < PROFILE_BATCH) break;
    after = page.at(-1)!.accountId;
  }
  await keep();
  return { profiles: packer.finish(), portfolio };
}

async function profilesOf(
  stale: readonly ProfileState[],
  catalogueHash: string,
  { store, workspace, asOf, today }: ProfilesRequest,
): Promise<ProfileRow[]> {
  if (stale.length === 0) return [];
  const bundles = await store.readBundles(
    stale.map((state) => state.accountId),
    today,
  );
  return bundles.map((bundle) => {
    const { accountId, revision } = bundle.status;
    const source = sourceOf(bundle, workspace, today);
    const own = ownHistory(source.contractsAt(asOf), today);
    const profile: KeptProfile = { ...profileOf(source.profileInput(asOf)), own };
    return { accountId, revision, catalogueHash, data: JSON.stringify(profile) };
  });
}

function isStale({ revision, lateSince, profile }: ProfileState, key: string, daily: boolean): boolean {
  if (profile === null || profile.catalogueHash !== key) return true;
  return profile.revision !== revision && (daily || lateSince !== null);
}
