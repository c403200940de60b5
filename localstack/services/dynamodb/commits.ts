/**
 * One level batch at a time, each with everything that waited meanwhile.
 *
 * A change and all that follows from it (index rows, stream record, expiry row) are in one batch, so
 * a crash keeps all of it or nothing. Sequence numbers are drawn while a batch is put together; as
 * batches never overlap, a reader who has seen a number has seen every smaller one.
 */
import type { Level, LevelOperation } from './dynalite.ts';

/** Called when the batch is put together, in the order in which commits were asked for. */
export type Stage = () => readonly LevelOperation[];

export interface Commits {
  readonly commit: (stage: Stage) => Promise<void>;
  readonly idle: () => Promise<void>;
}

/** A bound on the memory that one batch takes. */
const COMMITS_PER_BATCH_MAX = 256;

interface Waiting {
  readonly stage: Stage;
  readonly resolve: () => void;
  readonly reject: (fault: unknown) => void;
}

const stageAll = (group: readonly Waiting[]) => {
  const staged: Waiting[] = [];
  const operations: LevelOperation[] = [];
  for (const waiting of group) {
    try {
      operations.push(...waiting.stage());
      staged.push(waiting);
    } catch (fault) {
      waiting.reject(fault);
    }
  }
  return { staged, operations };
};

export const createCommits = (db: Level, afterBatch: () => void): Commits => {
  const queue: Waiting[] = [];
  let running: Promise<void> | undefined;

  const drain = async (): Promise<void> => {
    while (queue.length > 0) {
      const { staged, operations } = stageAll(queue.splice(0, COMMITS_PER_BATCH_MAX));
      try {
        if (operations.length > 0) await db.batch(operations);
        for (const { resolve } of staged) resolve();
        afterBatch();
      } catch (fault) {
        for (const { reject } of staged) reject(fault);
      }
    }
    running = undefined;
  };

  return {
    commit: (stage) =>
      new Promise((resolve, reject) => {
        queue.push({ stage, resolve, reject });
        running ??= Promise.resolve().then(drain);
      }),
    idle: () => running ?? Promise.resolve(),
  };
};
