import type { DeltaRange } from '../core/recommend/deltas.ts';
import type { LearntDay } from '../core/recommend/learning.ts';
import type { ItemDelta } from '../core/recommend/ranking.ts';

/**
 * What the stream adds to the nightly lists of items, by the day of arrival. It may be gone at any
 * time, and forgets the lightest neighbours of a day and days that have long been in a list: the
 * nightly lists say it all again.
 */
export interface PairDeltas {
  /** Adds, however often it is called. Rejects where some of it may not have been added. */
  readonly add: (tenant: string, days: readonly LearntDay[]) => Promise<void>;
  /** Of those of the items that anything is known of. */
  readonly read: (
    tenant: string,
    items: readonly string[],
    range: DeltaRange,
  ) => Promise<ReadonlyMap<string, ItemDelta>>;
}
