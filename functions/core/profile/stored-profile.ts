import { days, type EpochMs } from '../time.ts';

/** After the newest arrival. */
export const ANONYMOUS_KEPT = days(90);
export const KNOWN_KEPT = days(400);

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

/** An item's time says whether its user has had a `userId`; it is told to the second. */
export const isKeptAsKnown = ({
  ttl,
  at,
}: {
  readonly ttl: number;
  readonly at: EpochMs;
}): boolean => ttl * 1_000 - at > ANONYMOUS_KEPT + 1_000;
