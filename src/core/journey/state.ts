/** Journey state: what one tick leaves for the next (journey.md sections 1, 2). JSON throughout. */
import type { ExitState, Truth } from '../policy/policy.ts';
import type { Stage } from '../records/record.ts';
import type { Day } from '../time/calendar.ts';

export type AccountStatus = 'active' | 'churned' | 'paused';

/** Scores of one tick, kept for trends: [tick day, health, adoption, engagement, relationship, outcomes, commercial]. */
export type HealthReading = [Day, ...(number | null)[]];

export interface JourneyState {
  /** Day of the last tick. */
  day: Day;
  stage: Stage;
  stageEnteredOn: Day;
  status: AccountStatus;
  /** Edge id -> consecutive ticks, up to `day`, on which its condition was true; only edges of the present stage. */
  runs: Record<string, number>;
  /** Renewal date as it was when the renewal stage was entered; signed means later than this. */
  renewalAnchor: Day | null;
  /** Last tick on which the band was neutral or better. */
  goodBandOn: Day | null;
  /** Readings of the last days, oldest first. */
  readings: HealthReading[];
  /** True: decided before the first tick; that tick begins anew. */
  provisional?: true;
  /** First day that was evaluated when it was asked for, not replayed. */
  liveSince: Day | null;
}

/** What is kept of a recorded tick. */
export interface TickRecord {
  day: Day;
  stage: Stage;
  entered: Day;
  status: AccountStatus;
  health: number | null;
  band: string | null;
  readiness: number | null;
  adoption: number | null;
  exit: ExitState;
  /** Rules that fired. */
  fired: string[];
  /** Edge taken on this tick. */
  moved: string | null;
}

/** Where one edge stands. */
export interface EdgeProgress {
  edgeId: string;
  to: Stage;
  condition: Truth;
  consistentDays: number;
  requiredDays: number;
  daysInStage: number;
  minimumDays: number;
  /** First day on which the stage can change; undefined while the condition is not true. */
  earliest: Day | undefined;
}
