import type { EpochMs } from '../time.ts';

/** The item `rt` without its keys, as a store holds it. */
export interface StoredProfile {
  /** What the next write's condition names; never goes back while the item lives. */
  readonly version: number;
  /** Epoch seconds. */
  readonly ttl: number;
  /** The arrival that made the item. */
  readonly since: EpochMs;
  readonly newestArrivedAt: EpochMs;
  /** The user has had a `userId`. */
  readonly known: boolean;
  /** Copies that were not counted, redeliveries aside, since the item was made. */
  readonly duplicates: number;
  readonly memory: Uint8Array;
  readonly facets: string;
  readonly fx: string;
}

/** An item that no bundle of ours wrote, or that was damaged. */
export interface UnreadableItem {
  readonly unreadable: string;
}

/** Readers and writers alike treat an item past its time as absent. */
export const isExpired = (ttlSeconds: number, now: EpochMs): boolean => ttlSeconds * 1_000 <= now;
