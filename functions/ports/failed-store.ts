import type { FailedEvent, FailedStage } from '../core/failed/failed-event.ts';
import type { RedriveOutcome } from '../core/failed/outcome.ts';

export type { FailedEvent, FailedStage };

/**
 * One object per parked event under `failed/<stage>/<stream>/<shard>/<sequence>/<index>`, so that a
 * redelivery overwrites it; one object per request under `failed/collect/<date>/<requestId>`.
 */
export interface FailedStore {
  readonly park: (events: readonly FailedEvent[]) => Promise<void>;
}

/** One object per redrive under `failed/outcome/<the old position>/`: telling again overwrites. */
export interface RedriveOutcomes {
  readonly tell: (outcomes: readonly RedriveOutcome[]) => Promise<void>;
}
