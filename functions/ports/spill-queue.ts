import type { StreamRecord } from './event-stream.ts';

/**
 * Where envelopes wait while the stream is away. One outcome per record, in order; those of one
 * user stay in order within a message. A record that is told `failed` may be in the queue all the
 * same, which is no worse than a second copy.
 */
export interface SpillQueue {
  readonly spill: (records: readonly StreamRecord[]) => Promise<SpillResult>;
}

export interface SpillResult {
  readonly outcomes: readonly ('spilled' | 'failed')[];
  /** What the last call that failed as a whole threw. */
  readonly fault?: unknown;
}
