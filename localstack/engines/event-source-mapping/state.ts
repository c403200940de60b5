import type { SourceRecord, SourceShard } from '../../cloud.ts';
import type { MappingConfig, MappingOutput, ShardCheckpoint, TumblingWindow } from './types.ts';

/** A record between its read and the checkpoint that covers it. */
export interface Entry {
  readonly record: SourceRecord;
  done: boolean;
}

export interface Batch {
  readonly entries: readonly Entry[];
  /** Failed invocations that count against MaximumRetryAttempts. */
  attempts: number;
  invocations: number;
  /** Failures and throttles in a row, for the backoff. */
  failuresInRow: number;
  notBeforeMs: number;
  /** `final` closes a tumbling window. */
  readonly final: boolean;
  discard: Discard | null;
}

export interface Discard {
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  tries: number;
}

/** Records of a lane run strictly one batch after the other: that keeps the order of a key. */
export interface Lane {
  queue: Entry[];
  /** Parts of a failed batch, to be finished before anything queued. */
  retries: Batch[];
  active: Batch | null;
  /** The id under which the active batch is out; null while it waits. */
  pending: number | null;
  windowOpenedAtMs: number;
}

export interface ShardState {
  readonly shardId: string;
  shard: SourceShard;
  readonly lanes: readonly Lane[];
  /** Read and not yet covered by a checkpoint, in the order of the shard. */
  buffer: Entry[];
  /** The last sequence number read. */
  readTo: string | null;
  /** Something may be there that was not read. */
  dirty: boolean;
  reading: { readonly closed: boolean } | null;
  /** Closed, and read to its end. */
  exhausted: boolean;
  checkpoint: ShardCheckpoint;
  window: TumblingWindow | null;
  written: ShardCheckpoint;
}

export interface MappingState {
  readonly config: MappingConfig;
  readonly shards: Map<string, ShardState>;
  readonly checkpoints: Map<string, ShardCheckpoint>;
  readonly pending: Map<number, { readonly shard: ShardState; readonly lane: Lane }>;
  nextId: number;
}

/** One step's surroundings. */
export interface Turn {
  readonly state: MappingState;
  readonly nowMs: number;
  readonly random: () => number;
  readonly emit: (output: MappingOutput) => void;
  readonly wakeAt: (atMs: number) => void;
}

export const NOTHING_DONE: ShardCheckpoint = { sequence: null, drained: false, window: null };

export const newBatch = (
  entries: readonly Entry[],
  from: { readonly attempts: number; readonly invocations: number } = {
    attempts: 0,
    invocations: 0,
  },
): Batch => ({
  entries,
  attempts: from.attempts,
  invocations: from.invocations,
  failuresInRow: 0,
  notBeforeMs: 0,
  final: false,
  discard: null,
});

export const finalCall = (): Batch => ({ ...newBatch([]), final: true });
