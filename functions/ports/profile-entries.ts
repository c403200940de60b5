import type { Origin } from '../core/event/event.ts';
import { invariant } from '../core/invariant.ts';
import type { StoredOff } from '../core/profile/stored-off.ts';
import { type EpochMs, epochMs, startOfUtcDay, utcDayOf } from '../core/time.ts';

/** Items of a user that a profile is answered from: what events add up to, traits, the nightly's. */
export const ENTRY_NAMES = ['rt', 'tr', 'off'] as const;
export type EntryName = (typeof ENTRY_NAMES)[number];

/** An item as far as readers need it, still as text. */
export interface ProfileEntry {
  /** The arrival that made the item, which tells it from one that was removed; 0: not told. */
  readonly since: EpochMs;
  readonly version: number;
  /** Epoch seconds; past it the item is absent. */
  readonly ttl: number;
  /** The newest arrival in it; 0: not told. */
  readonly at: EpochMs;
  readonly stored: string;
}

export type UserEntries = { readonly [name in EntryName]?: ProfileEntry };

/** An item that no bundle of ours wrote, or that was damaged: a fault, never an absent user. */
export class UnreadableEntry extends Error {
  override readonly name = 'UnreadableEntry';
}

/** The entries of each origin, in order; eventually consistent. */
export interface ProfileEntries {
  readonly read: (origins: readonly Origin[]) => Promise<readonly UserEntries[]>;
}

/** Traits tell neither an arrival nor when their item was made. */
export const traitsEntry = (version: number, ttl: number, stored: string): ProfileEntry => ({
  since: epochMs(0),
  version,
  ttl,
  at: epochMs(0),
  stored,
});

const RUN_ID = /^(\d{13})-([0-9a-f]{4})$/;

/**
 * What the nightly job wrote. A run's id is an instant and a suffix: those are what tells its entry
 * from an older run's, as they are what the item's own condition compares.
 */
export const offEntry = ({ runId, cut, ttl, tags }: StoredOff): ProfileEntry => {
  const [, instant, suffix = ''] = RUN_ID.exec(runId) ?? [];
  invariant(instant !== undefined, 'a run is called by its instant and four hex digits');
  return {
    since: epochMs(Number(instant)),
    version: Number.parseInt(suffix, 16),
    ttl,
    at: startOfUtcDay(cut),
    stored: tags,
  };
};

export const storedOffOf = ({ since, version, ttl, at, stored }: ProfileEntry): StoredOff => ({
  runId: `${String(since).padStart(13, '0')}-${version.toString(16).padStart(4, '0')}`,
  cut: utcDayOf(at),
  ttl,
  tags: stored,
});
