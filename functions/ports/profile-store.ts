import type { Origin } from '../core/event/event.ts';
import type { StoredProfile, UnreadableItem } from '../core/profile/stored-profile.ts';

/** The item `tr` without its keys. */
export interface StoredTraits {
  readonly version: number;
  /** Epoch seconds. */
  readonly ttl: number;
  readonly traits: string;
}

export type Found<T> = T | UnreadableItem | undefined;

/** A lost race names the winner, so that the loser folds again without another read. */
export type Saved<T> =
  | { readonly kind: 'saved' }
  | { readonly kind: 'conflict'; readonly winner: Found<T> };

/**
 * Profiles under compare-and-set: a write names the version that was read (undefined: the item must
 * not exist) and happens wholly or not at all. A load may be stale; a save finds out. An item past
 * its `ttl` is still an item here.
 */
export interface ProfileStore {
  readonly load: (origin: Origin) => Promise<Found<StoredProfile>>;
  readonly save: (
    origin: Origin,
    profile: StoredProfile,
    readVersion: number | undefined,
  ) => Promise<Saved<StoredProfile>>;
  readonly loadTraits: (origin: Origin) => Promise<Found<StoredTraits>>;
  readonly saveTraits: (
    origin: Origin,
    traits: StoredTraits,
    readVersion: number | undefined,
  ) => Promise<Saved<StoredTraits>>;
}
