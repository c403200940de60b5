import type { FeedEvent } from '../core/analytics/live-feed.ts';
import type { RowKey, TallyRow } from '../core/analytics/tally-rows.ts';
import type { EpochMs } from '../core/time.ts';

/** A lost race names the winner, whose `last` says what of the work is new to it. */
export type RowSaved =
  | { readonly kind: 'saved' }
  | { readonly kind: 'conflict'; readonly winner: TallyRow | undefined };

export interface FeedRow {
  readonly tenant: string;
  readonly shardId: string;
  readonly asOf: EpochMs;
  /** Epoch seconds. */
  readonly ttl: number;
  readonly events: readonly FeedEvent[];
}

/**
 * Rows under compare-and-set: a write names the `last` that was read (undefined: the row must not
 * exist), which is older than everything that it adds, and happens wholly or not at all.
 */
export interface TallyStore {
  readonly load: (key: RowKey) => Promise<TallyRow | undefined>;
  readonly save: (key: RowKey, row: TallyRow, readLast: string | undefined) => Promise<RowSaved>;
  readonly loadFeed: (tenant: string, shardId: string) => Promise<readonly FeedEvent[]>;
  /** Refused, in silence, where a newer feed lies there. */
  readonly saveFeed: (row: FeedRow) => Promise<void>;
}
