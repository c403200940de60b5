import type { Origin } from '../core/event/event.ts';
import type { EntryName, ProfileEntries, ProfileEntry } from './profile-entries.ts';

/** Without an entry: the item was removed, and so is its copy. */
export interface CacheChange {
  readonly origin: Origin;
  readonly name: EntryName;
  readonly entry?: ProfileEntry;
}

/**
 * Copies of entries, which may be gone at any time and are after at most `ENTRY_MS_MAX`. A change
 * is made only over an older entry: (since, version) of one that is held never goes back, whoever
 * writes last. Nothing is told of what was refused so.
 */
export interface ProfileCache extends ProfileEntries {
  /** Rejects where a change may not have been made; others of the same call may have. */
  readonly write: (changes: readonly CacheChange[]) => Promise<void>;
}

/** The bound of staleness where a change could not be written. */
export const ENTRY_MS_MAX = 600_000;
const JITTER = 0.2;

/** Entries that were written together do not end together. */
export const entryLifeMs = (random: () => number): number =>
  Math.round(ENTRY_MS_MAX * (1 - JITTER * random()));
