import type { RawPosition } from '../core/event/event.ts';

export type FailedStage = 'collect' | 'enrich' | 'aggregate' | 'state';

/** What could not be used, with its bytes, so that a person can look at it and send it on again. */
export interface FailedEvent {
  readonly stage: FailedStage;
  /** A machine's word, such as `not_json`; the detail is a sentence. */
  readonly reason: string;
  readonly detail: string;
  /** The stack of a bug; absent for a reject. */
  readonly trace?: string;
  readonly partitionKey?: string;
  /** Absent for what `collect` rejected, which never had a position. */
  readonly at?: RawPosition;
  readonly arrivedAt?: string;
  readonly requestId?: string;
  /** Exactly what arrived; not necessarily text. */
  readonly bytes: Uint8Array;
}

/**
 * One object per parked event under `failed/<stage>/<stream>/<shard>/<sequence>/<index>`, so that a
 * redelivery overwrites it; one object per request under `failed/collect/<date>/<requestId>`.
 */
export interface FailedStore {
  readonly park: (events: readonly FailedEvent[]) => Promise<void>;
}
