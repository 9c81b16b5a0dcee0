/**
 * One account's records and ledger, ready to be looked at from any instant. Views taken in rising order of time are cheap:
 * what has not changed since the last one is used again.
 */
import type { LedgerColumns } from '../history/columns.ts';
import type { AccountHistory } from '../history/history.ts';
import { interpretHistory, latePoints } from '../history/interpret.ts';
import { kindInForce, type RecordsInForce, Stretch, stretchAround } from '../records/as-of.ts';
import type { AccountRecords, EntityKind } from '../records/record.ts';
import { type Day, formatDay, type Instant } from '../time/calendar.ts';
import { type FirstDayKnown, firstDaysKnown } from './first-day.ts';
import { type ContractSpan, planTimeline, timelineStretch } from './plan-timeline.ts';
import type { ProfileInput } from './profile.ts';
import { StandingMeasures } from './standing-measures.ts';
import type { AccountView, Coverage, Workspace } from './view.ts';

/** What an account's view is made from, besides the instant. */
export interface AccountSourceInput {
  records: AccountRecords;
  months: readonly LedgerColumns[];
  workspace: Workspace;
  /** Last day any view will be taken on. */
  throughDay: Day;
}

/** Something made once for a stretch of time. */
interface Kept<T> {
  stretch: Stretch;
  made: T;
}

export class AccountSource {
  readonly accountId: string;
  /** The earlier of creation and first record. */
  readonly firstDay: Day;
  readonly #input: AccountSourceInput;
  readonly #firstDays: readonly FirstDayKnown[];
  readonly #latePoints: Instant[];
  #resolved: Kept<RecordsInForce> | undefined;
  readonly #kinds: Partial<Record<EntityKind, Kept<RecordsInForce[EntityKind]>>> = {};
  #history:
    | {
        contacts: RecordsInForce['contacts'];
        key: string;
        lateFrom: Instant;
        lateUntil: Instant;
        history: AccountHistory;
      }
    | undefined;
  #standing: StandingMeasures | undefined;
  #contracts: Kept<ContractSpan[]> | undefined;

  constructor(input: AccountSourceInput) {
    this.#input = input;
    const { records, months, workspace } = input;
    this.accountId = records.accountId;
    this.#firstDays = firstDaysKnown(records, months, workspace.clock);
    this.firstDay = this.#firstDays.at(-1)?.day ?? Number.POSITIVE_INFINITY;
    const end = workspace.clock.instantOf(input.throughDay + 1);
    this.#latePoints = latePoints(months, workspace.clock, Number.NEGATIVE_INFINITY, end);
  }

  /**
   * Day of the account's first tick. An account that another system placed in a stage is followed from the day it entered
   * it. Else it is the first day, or the day after where the account was created or bought after that day's run hour:
   * before it there was nothing to see.
   */
  firstTick(runInstantOf: (day: Day) => Instant): Day {
    const { records, throughDay } = this.#input;
    const given = records.accounts.find((version) => version.data.stage !== undefined)?.data.stageEnteredAt;
    if (given !== undefined && given > this.firstDay && given <= throughDay) return given;
    const runHour = runInstantOf(this.firstDay);
    return this.#beginnings().some((instant) => instant > runHour) ? this.firstDay + 1 : this.firstDay;
  }

  /** Is there an account at `instant`? On its first day, from the moment it was created or bought. */
  hasBegun(instant: Instant): boolean {
    const today = this.#input.workspace.clock.dayOf(instant);
    if (today !== this.firstDay) return today > this.firstDay;
    const begins = this.#beginnings();
    return begins.length === 0 || begins.some((each) => each <= instant);
  }

  /** The moments of the first day at which the account was created or bought. */
  #beginnings(): Instant[] {
    const { records, workspace } = this.#input;
    const begins = [
      ...records.accounts.map(({ data }) => data.createdAt),
      ...records.subscriptions.map(({ data }) => data.startedAt),
    ];
    return begins.filter((instant) => workspace.clock.dayOf(instant) === this.firstDay);
  }

  /** The account as known at `instant`, on `today` (its calendar day). */
  viewAt(instant: Instant, today: Day): AccountView {
    const { workspace } = this.#input;
    const records = this.#inForceAt(instant).made;
    const lastDay = today - 1;
    const { coverage } = workspace;
    const firstDay = this.#firstDayAt(instant);
    const dataFrom = Math.max(firstDay, coverage.eventsFrom ?? firstDay);
    const usageGap = usageGapOf(coverage, lastDay, workspace);
    return {
      accountId: this.accountId,
      instant,
      today,
      lastDay,
      firstDay,
      coverage,
      dataFrom,
      daysOfData: Math.max(0, Math.min(lastDay, coverage.eventsThrough ?? dataFrom - 1) - dataFrom + 1),
      usageGap,
      account: records.accounts[0] ?? this.#input.records.accounts[0]!.data,
      contacts: records.contacts,
      subscriptions: records.subscriptions,
      tickets: records.tickets,
      incidents: records.incidents,
      surveys: records.surveys,
      goals: records.goals,
      notes: records.notes,
      invoices: records.invoices,
      history: this.#historyAt(instant, records.contacts),
    };
  }

  /** What stands from view to view of this account. */
  standingIn(workspace: Workspace): StandingMeasures {
    if (this.#standing?.workspace !== workspace) this.#standing = new StandingMeasures(workspace);
    return this.#standing;
  }

  /** The contract's spans as known at `instant`, from the account's first day to the last day asked for. */
  contractsAt(instant: Instant): ContractSpan[] {
    const { records, workspace, throughDay } = this.#input;
    if (!standsAt(this.#contracts, instant)) {
      const made = planTimeline(
        records.subscriptions,
        this.firstDay,
        throughDay,
        instant,
        workspace.clock,
        workspace.contractOptions,
      );
      const stretch = timelineStretch(records.subscriptions, instant) ?? this.#inForceAt(instant).stretch;
      this.#contracts = { stretch, made };
    }
    return this.#contracts.made;
  }

  /** What `profileOf` needs, as known at `instant`. */
  profileInput(instant: Instant): ProfileInput {
    const { workspace } = this.#input;
    const view = this.viewAt(instant, workspace.clock.dayOf(instant));
    return {
      account: view.account,
      startDay: workspace.clock.dayOf(view.account.createdAt),
      lastDay: view.lastDay,
      contracts: this.contractsAt(instant),
      history: view.history,
      catalogue: workspace.catalogue,
      measures: workspace.measures,
    };
  }

  /** The first instant after `instant` at which something already known takes effect; undefined: none. */
  nextChange(instant: Instant): Instant | undefined {
    const next = Math.min(this.#inForceAt(instant).stretch.until, stretchOf(this.#latePoints, instant).until);
    return Number.isFinite(next) ? next : undefined;
  }

  /** As known at `instant`; before anything was known, as it turned out to be. */
  #firstDayAt(instant: Instant): Day {
    for (let i = this.#firstDays.length - 1; i >= 0; i--) {
      const known = this.#firstDays[i]!;
      if (known.knownAt <= instant) return known.day;
    }
    return this.firstDay;
  }

  /** A kind's list stays the same object as long as nothing but the passing of days changes what it says. */
  #inForceAt(instant: Instant): Kept<RecordsInForce> {
    if (!standsAt(this.#resolved, instant)) {
      const stretch = new Stretch(instant);
      const find = <K extends EntityKind>(kind: K): RecordsInForce[K] => {
        const found = this.#kindAt(kind, instant);
        stretch.note(found.stretch.from);
        stretch.note(found.stretch.until);
        return found.made;
      };
      const made: RecordsInForce = {
        accounts: find('accounts'),
        contacts: find('contacts'),
        subscriptions: find('subscriptions'),
        tickets: find('tickets'),
        incidents: find('incidents'),
        surveys: find('surveys'),
        goals: find('goals'),
        notes: find('notes'),
        invoices: find('invoices'),
      };
      this.#resolved = { stretch, made };
    }
    return this.#resolved;
  }

  #kindAt<K extends EntityKind>(kind: K, instant: Instant): Kept<RecordsInForce[K]> {
    let found = this.#kinds[kind] as Kept<RecordsInForce[K]> | undefined;
    if (!standsAt(found, instant)) {
      const { records, workspace } = this.#input;
      const made = kindInForce(kind, records, instant, workspace.clock);
      found = { stretch: stretchAround(kind, records, instant, workspace.clock), made };
      this.#kinds[kind] = found;
    }
    return found;
  }

  #historyAt(instant: Instant, contacts: RecordsInForce['contacts']): AccountHistory {
    const { months, workspace, throughDay } = this.#input;
    const kept = this.#history;
    const inTime = kept !== undefined && instant >= kept.lateFrom && instant < kept.lateUntil;
    if (inTime && kept.contacts === contacts) return kept.history;
    const userEnds = new Map<string, Day>();
    const internalUsers = new Set<string>();
    for (const contact of contacts) {
      if (contact.leftAt !== undefined) userEnds.set(contact.contactId, contact.leftAt);
      if (contact.properties?.internal === true) internalUsers.add(contact.contactId);
    }
    const key = userEnds.size + internalUsers.size === 0 ? '' : JSON.stringify([[...userEnds], [...internalUsers]]);
    if (inTime && kept.key === key) {
      kept.contacts = contacts;
      return kept.history;
    }
    const { from, until } = stretchOf(this.#latePoints, instant);
    const history = interpretHistory({
      months,
      catalogue: workspace.catalogue,
      knownAt: instant,
      clock: workspace.clock,
      start: this.firstDay,
      end: throughDay,
      userEnds,
      internalUsers,
      eventsPerUserDay: workspace.measures.use.eventsPerUserDay,
      ahead: true,
    });
    this.#history = { contacts, key, lateFrom: from, lateUntil: until, history };
    return history;
  }
}

function standsAt<T>(kept: Kept<T> | undefined, instant: Instant): kept is Kept<T> {
  return kept !== undefined && instant >= kept.stretch.from && instant < kept.stretch.until;
}

/** The stretch around `instant` in which none of the sorted `points` lies. */
function stretchOf(points: readonly Instant[], instant: Instant): Stretch {
  const stretch = new Stretch(instant);
  for (const point of points) stretch.note(point);
  return stretch;
}

function usageGapOf(coverage: Coverage, lastDay: Day, workspace: Workspace): string | undefined {
  if (coverage.eventsThrough === undefined)
    return workspace.kinds.has('events') ? 'no events yet' : 'no events imported';
  if (coverage.eventsThrough < lastDay) return `events are covered up to ${formatDay(coverage.eventsThrough)} only`;
  return undefined;
}
