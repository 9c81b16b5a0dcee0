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

/** Given to a thread at its start. */
export interface ThreadSetup extends ThreadSource {
  policyHash: string;
  runHour: number;
  parts: WorkspaceParts;
  contextKey: string;
  asOf: Instant;
}

/** A batch under a number of its own, or the end. */
export type ThreadRequest = { id: number; batch: EvaluationBatch } | 'end';

/** `ready` once; then one answer a batch. Without a result the batch failed, and is evaluated anew where its error can be seen. */
export type ThreadAnswer = 'ready' | { id: number; result: EvaluatedBatch | undefined };
