/** What an evaluation's threads are told and answer: plain data. */
import type { Instant } from '../core/time/calendar.ts';
import type { EvaluatedBatch, EvaluationBatch } from '../pipeline/evaluate-batch.ts';
import type { WorkspaceParts } from '../pipeline/load-workspace.ts';

/** Where a thread finds what cannot be handed to it: the database, and the policy, which it compiles itself. */
export interface ThreadSource {
  databasePath: string;
  /** The whole policy as text, defaults filled in (`LoadedPolicy.document`). */
  policyDocument: string;
}

/** What the batches to come have in common. */
export interface ThreadSetup {
  policyHash: string;
  runHour: number;
  parts: WorkspaceParts;
  contextKey: string;
  asOf: Instant;
}

/** First the setup, then batches, each under a number of its own, then the end. */
export type ThreadRequest = { setup: ThreadSetup } | { id: number; batch: EvaluationBatch } | 'end';

/** `ready` once; then one answer a batch. Without a result the batch failed, and is evaluated anew where its error can be seen. */
export type ThreadAnswer = 'ready' | { id: number; result: EvaluatedBatch | undefined };
